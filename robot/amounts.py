"""What an invoice adds up to: totals and VAT, to the cent.

Knows nothing of who pays.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from robot.rules import Record, broken, one_line

VatType = Literal["EXONERATION", "SANS_TVA", "TVA_SUR_DEBIT", "TVA_SUR_ENCAISSEMENT"]
WITHOUT_VAT = ("EXONERATION", "SANS_TVA")

_AMOUNT = re.compile(r"-?[0-9]{1,13}([.,][0-9]{1,2})?")
# Stands for an amount due that the file leaves out.
_SAME_AS_TTC = Decimal("NaN")


class Amounts(Record):
    """The totals, in the invoice's currency."""

    ht: Decimal
    tva: Decimal
    ttc: Decimal
    # What is left to pay: the total, unless a part was paid before.
    due: Decimal = Field(default=_SAME_AS_TTC, validate_default=True)

    @field_validator("ht", "tva", "ttc", "due", mode="before")
    @classmethod
    def _amount(cls, value: Any, info: ValidationInfo) -> Any:
        if value is _SAME_AS_TTC:
            return info.data.get("ttc", Decimal(0))
        return _amount_of(value, info.field_name or "")

    @field_validator("ttc")
    @classmethod
    def _sum(cls, ttc: Decimal, info: ValidationInfo) -> Decimal:
        ht, tva = info.data.get("ht"), info.data.get("tva")
        if ht is not None and tva is not None and ht + tva != ttc:
            raise broken("HT_TVA_TTC", f"{euros(ht)} + {euros(tva)} ne fait pas {euros(ttc)}.")
        return ttc

    @field_validator("due")
    @classmethod
    def _not_more(cls, due: Decimal, info: ValidationInfo) -> Decimal:
        ttc = info.data.get("ttc")
        if ttc is not None and due > ttc:
            sentence = f"Le net à payer, {euros(due)}, dépasse le total TTC, {euros(ttc)}."
            raise broken("NET_A_PAYER", sentence, cure="laissez due de côté si rien n'a été payé d'avance")
        return due


def _amount_of(value: Any, name: str) -> Decimal:
    label = {"ht": "HT", "tva": "TVA", "ttc": "TTC", "due": "net à payer"}[name]
    if value is None:
        raise broken(
            "TOTAL_ABSENT", f"Nous ne trouvons pas le montant {label}. Saisissez-le : amounts.{name}."
        )
    # « 1 200,00 € » is how invoices print it; a stop and three digits could be thousands or thousandths.
    digits = re.sub(r"\s|€|EUR$", "", str(value))
    if isinstance(value, float) or not _AMOUNT.fullmatch(digits):
        sentence = f"Le montant {label} « {value} » n'est pas un montant."
        raise broken("MONTANT_INVALIDE", sentence, expected="deux décimales au plus, comme 600.00")
    amount = Decimal(digits.replace(",", ".")).quantize(Decimal("0.01"))
    if amount < 0:
        raise credit_note("MONTANT_NEGATIF")
    return amount


def credit_note(code: str) -> PydanticCustomError:
    return broken(
        code,
        "C'est un avoir ou un montant négatif. Ce parcours ne dépose que des factures ; "
        "un avoir se rattache à la facture d'origine.",
    )


class Vat(Record):
    """How the invoice stands with VAT; which type a university expects is the psychologist's to know."""

    type: VatType = "EXONERATION"
    # Words of the portal's list « Motif d'exonération », where it asks.
    reason: Annotated[str | None, BeforeValidator(one_line)] = None


def euros(amount: Decimal) -> str:
    """An amount as an invoice prints it."""
    return f"{amount:,.2f} €".replace(",", "\N{NO-BREAK SPACE}").replace(".", ",")
