"""The invoice to deposit, typed, and every rule of the portal's form that can be checked at home.

Knows nothing of browsers, screens, portals or files: an `Invoice` is pure data, right by construction.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ValidationInfo, field_validator

from robot.amounts import WITHOUT_VAT, Amounts, Vat, credit_note, euros
from robot.parties import Recipient, Supplier
from robot.rules import Record, broken, context_of, one_line, text
from robot.uploads import path_of

__all__ = [
    "Amounts",
    "Attachment",
    "Invoice",
    "Recipient",
    "Supplier",
    "Vat",
]

Cadre = Literal[
    "A1_FACTURE_FOURNISSEUR",
    "A2_FACTURE_FOURNISSEUR_DEJA_PAYEE",
    "A9_FACTURE_SOUSTRAITANT",
    "A12_FACTURE_COTRAITANT",
]

# Said instead of an order number, a market or a service that the recipient does not give.
NONE = "aucun"
MAX_NUMBER = 20
MAX_REFERENCE = 50
MAX_DESIGNATION = 100
MAX_TYPE = 30
MAX_COMMENT = 2000

_REFERENCE = re.compile(r"[A-Za-z0-9_/+-]+")
# Numbers that the portal itself makes: year and 16 digits; provisional ones.
_PORTAL_NUMBER = re.compile(r"(19|20)\d{18}|TMP[-_/]?(19|20)\d{2}[-_/]?\d+", re.IGNORECASE | re.ASCII)


def _reference(code: str, what: str) -> BeforeValidator:
    """The format shared by the purchase order and the market."""

    def check(value: Any) -> Any:
        value = text(value)
        if isinstance(value, str) and (len(value) > MAX_REFERENCE or not _REFERENCE.fullmatch(value)):
            allowed = f"{MAX_REFERENCE} signes au plus, lettres, chiffres et - _ / +"
            raise broken(code, f"{what} {value} ne convient pas au portail : {allowed}.")
        return value

    return BeforeValidator(check)


OneLine = Annotated[str, BeforeValidator(one_line)]
Engagement = Annotated[str | None, _reference("ENGAGEMENT_FORMAT", "Le numéro de commande")]
Market = Annotated[str | None, _reference("MARCHE_FORMAT", "Le numéro de marché")]


class Attachment(Record):
    """A file sent beside the invoice."""

    file: Path
    # What the portal lists it under.
    designation: OneLine
    # An answer of the portal's list of types.
    type: OneLine = "Document annexe"

    @field_validator("file", mode="before")
    @classmethod
    def _in_folder(cls, value: Any, info: ValidationInfo) -> Path:
        if not text(value):
            raise broken("PIECE_JOINTE", "Une pièce jointe n'a pas de fichier.", expected="file: bilan.pdf")
        return _path(value, info)

    @field_validator("designation", mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        value = one_line(value)
        if value is None or (isinstance(value, str) and len(value) > MAX_DESIGNATION):
            what = "est vide" if value is None else f"a plus de {MAX_DESIGNATION} signes"
            cure = "dites en quelques mots ce qu'est la pièce, par exemple « document annexe »"
            raise broken("DESIGNATION", f"La désignation d'une pièce jointe {what}.", cure=cure)
        return value

    @field_validator("type")
    @classmethod
    def _short(cls, value: str) -> str:
        if len(value) > MAX_TYPE:
            sentence = f"Le type de pièce jointe « {value} » a plus de {MAX_TYPE} signes."
            raise broken(
                "TYPE_DE_PIECE", sentence, cure="laissez type de côté : « Document annexe » convient"
            )
        return value


class Invoice(Record):
    """One invoice, as the portal shall hold it."""

    # The PDF to deposit.
    file: Path
    # Printed on the invoice; unique for ever for this supplier.
    number: str
    # Printed on the invoice; not the day of the deposit.
    date: dt.date
    type: Literal["FACTURE"] = "FACTURE"
    # Who deposits what: A1 is a supplier's own invoice.
    cadre: Cadre = "A1_FACTURE_FOURNISSEUR"
    supplier: Supplier
    recipient: Recipient
    # Purchase order of the recipient.
    engagement: Engagement = None
    market: Market = None
    vat: Vat = Vat()
    amounts: Amounts
    currency: str = "EUR"
    # How one is paid; the bill asks for a transfer (« à régler sur le compte bancaire »).
    payment: Literal["VIREMENT", "CHEQUE", "PRELEVEMENT", "ESPECE", "AUTRE", "REPORT"] = "VIREMENT"
    attachments: tuple[Attachment, ...] = ()
    # Words for the recipient.
    comment: Annotated[str | None, BeforeValidator(text)] = None

    @field_validator("supplier", "recipient", "amounts", mode="before")
    @classmethod
    def _say_what_is_absent(cls, value: Any) -> Any:
        return {} if value is None else value

    @field_validator("file", mode="before")
    @classmethod
    def _in_folder(cls, value: Any, info: ValidationInfo) -> Path:
        if not text(value):
            raise broken(
                "FICHIER_ABSENT", "Le fichier PDF de la facture manque.", expected="file: facture.pdf"
            )
        return _path(value, info)

    @field_validator("number", mode="before")
    @classmethod
    def _number(cls, value: Any) -> Any:
        value = text(value)
        if value is None:
            raise broken(
                "NUMERO_ABSENT", "Le numéro de la facture manque.", cure="recopiez celui de la facture"
            )
        if not isinstance(value, str):
            return value
        if len(value) > MAX_NUMBER or not _REFERENCE.fullmatch(value):
            better = suggest_number(value)
            proposal = f" Proposition : {better}." if better else ""
            raise broken(
                "NUMERO_INVALIDE",
                f"Le numéro {value} ne convient pas au portail : 20 signes au plus, lettres, chiffres "
                f"et - _ / +.{proposal} Changez-le aussi sur la facture.",
            )
        if _PORTAL_NUMBER.fullmatch(value):
            raise broken(
                "NUMERO_DU_PORTAIL",
                f"Le numéro {value} ressemble à ceux que le portail fabrique lui-même.",
                cure="donnez à la facture un numéro à vous, par exemple 2026-10-01",
            )
        return value

    @field_validator("date", mode="before")
    @classmethod
    def _date(cls, value: Any, info: ValidationInfo) -> dt.date:
        value = text(value)
        if value is None:
            raise broken("DATE_ABSENTE", "La date de la facture est absente.", expected="date: AAAA-MM-JJ")
        date = value if isinstance(value, dt.date) else _date_of(str(value))
        if date > (context_of(info, "today") or dt.date.today()):
            raise broken("DATE_FUTURE", f"La facture est datée du {date:%d/%m/%Y}, dans le futur.")
        return date

    @field_validator("type", mode="before")
    @classmethod
    def _no_credit_note(cls, value: Any) -> Any:
        if str(value).upper() == "AVOIR":
            raise credit_note("AVOIR")
        return value

    @field_validator("recipient")
    @classmethod
    def _somebody_else(cls, recipient: Recipient, info: ValidationInfo) -> Recipient:
        supplier: Supplier | None = info.data.get("supplier")
        if supplier and supplier.siret == recipient.siret:
            raise broken(
                "SIRET_IDENTIQUES",
                "Le SIRET de l'université est le vôtre. Sur la facture pré-remplie, le seul SIRET imprimé "
                "est celui du psychologue.",
            )
        return recipient

    @field_validator("amounts")
    @classmethod
    def _no_vat_means_none(cls, amounts: Amounts, info: ValidationInfo) -> Amounts:
        vat: Vat | None = info.data.get("vat")
        if vat and amounts.tva and vat.type in WITHOUT_VAT:
            raise broken(
                "TVA_NON_NULLE",
                f"La facture porte {euros(amounts.tva)} de TVA, et vat.type dit le contraire ({vat.type}).",
                cure="mettez amounts.tva à 0.00, ou vat.type à TVA_SUR_DEBIT ou TVA_SUR_ENCAISSEMENT",
            )
        return amounts

    @field_validator("currency")
    @classmethod
    def _is_currency(cls, currency: str) -> str:
        if not re.fullmatch(r"[A-Z]{3}", currency):
            raise broken("DEVISE", f"« {currency} » n'est pas une devise.", expected="trois lettres, comme EUR")
        return currency

    @field_validator("comment")
    @classmethod
    def _not_too_long(cls, comment: str | None) -> str | None:
        # A form sends each line end as two characters.
        length = len(comment) + comment.count("\n") if comment else 0
        if length > MAX_COMMENT:
            sentence = f"Le commentaire a {length} signes ; le portail en accepte {MAX_COMMENT}."
            raise broken("COMMENTAIRE_TROP_LONG", sentence)
        return comment


def suggest_number(number: str) -> str:
    """The nearest number that the portal accepts; empty where nothing is left of it."""
    letters = unicodedata.normalize("NFKD", number)
    letters = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return re.sub(r"[^A-Za-z0-9_/+-]+", "-", letters).strip("-")[:MAX_NUMBER].strip("-")


def _date_of(day: str) -> dt.date:
    try:
        # fromisoformat also reads 20261031 and week numbers, which are more often a slip than a date.
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", day):
            return dt.date.fromisoformat(day)
    except ValueError:
        pass
    sentence = f"La date de la facture est impossible ({day})."
    raise broken("DATE_INVALIDE", sentence, expected="une date AAAA-MM-JJ, comme 2026-10-31")


def _path(value: Any, info: ValidationInfo) -> Path:
    return path_of(str(value), context_of(info, "folder") or "")
