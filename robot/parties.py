"""Who sends an invoice and who receives it, and the SIRET that names them: 14 digits with a key.

Checks what can be checked without the portal's directory; knows nothing of the rest of the invoice.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, field_validator
from pydantic_core import PydanticCustomError
from stdnum.exceptions import ValidationError
from stdnum.fr import siret as siret_key

from robot.rules import Record, broken, one_line

# The one recipient that stands for the whole State.
STATE_SIRET = "11000201100044"
MAX_SERVICE = 100

_SERVICE = re.compile(r"[A-Za-z0-9À-ÖØ-öø-ÿŒœŸ _-]+")
# Spaces (no-break and narrow ones too, which word processors put), dots and hyphens of a printed SIRET.
_SEPARATORS = re.compile(r"[\s.\-\u200b\u2011\ufeff]+")


def siret_of(text: str) -> str:
    """The 14 digits of a SIRET. Raises ValueError when the count or the key is wrong."""
    digits = _SEPARATORS.sub("", text)
    # `\d` and str.isdigit() also take the digits of other scripts, which the portal would not.
    if not re.fullmatch(r"[0-9]{14}", digits):
        raise ValueError(f"{len(digits)} signes au lieu de 14 chiffres")
    try:
        # Knows La Poste too, whose post offices have a key of their own.
        return siret_key.validate(digits)
    except ValidationError:
        raise ValueError("14 chiffres, clé de contrôle fausse") from None


class Supplier(Record):
    """Who sends the invoice: one's own structure."""

    siret: str
    # Tutorial line 2.4. A practice, a company and an association are private.
    kind: Literal["privee", "publique"] = "privee"
    # What the portal calls the kind of its identifier; other kinds are for those who have no SIRET.
    identifier_type: Literal["SIRET"] = "SIRET"

    @field_validator("kind", mode="before")
    @classmethod
    def _is_kind(cls, kind: Any) -> Any:
        word = str(kind).strip().lower().replace("é", "e")
        if word not in ("privee", "publique"):
            raise broken(
                "NATURE_STRUCTURE",
                f"« {kind} » n'est pas une nature de structure.",
                expected="privée (un cabinet, une entreprise, une association) ou publique",
            )
        return word

    @field_validator("siret", mode="before")
    @classmethod
    def _right(cls, value: Any) -> str:
        if value is None:
            raise broken(
                "SIRET_FOURNISSEUR_ABSENT",
                "Votre SIRET n'est pas indiqué.",
                cure="écrivez-le dans la configuration, supplier: {siret: …}",
            )
        try:
            siret = siret_of(str(value))
        except ValueError as error:
            sentence = f"Le SIRET {value} comporte une erreur de frappe ({error})."
            raise broken("SIRET_FOURNISSEUR_INVALIDE", sentence) from None
        return siret


class Recipient(Record):
    """Who receives and pays it."""

    siret: str
    # Code of the recipient's service; some universities demand one.
    service: Annotated[str | None, BeforeValidator(one_line)] = None
    # « Le destinataire est-il l'État ? »: never, for a university.
    state: bool = False

    @field_validator("siret", mode="before")
    @classmethod
    def _right(cls, value: Any) -> str:
        if value is None:
            raise broken(
                "SIRET_DESTINATAIRE_ABSENT",
                "La facture n'indique pas le SIRET de l'université.",
                expected="recipient: {siret: …}",
                cure="il figure sur le bon de commande ou la convention",
            )
        try:
            siret = siret_of(str(value))
        except ValueError as error:
            sentence = f"Le SIRET de l'université, {value}, comporte une erreur de frappe ({error})."
            raise broken("SIRET_DESTINATAIRE_INVALIDE", sentence) from None
        if siret == STATE_SIRET:
            raise _to_the_state(f"Le SIRET {siret} est celui de l'État, pas d'une université.")
        return siret

    @field_validator("state")
    @classmethod
    def _no_state(cls, value: bool) -> bool:
        if value:
            raise _to_the_state("La facture est adressée à l'État (state: true).")
        return value

    @field_validator("service")
    @classmethod
    def _service(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if value.upper() == "FACTURES_PUBLIQUES":
            raise broken(
                "SERVICE_FACTURES_PUBLIQUES",
                "Le service FACTURES_PUBLIQUES ne reçoit que les factures entre organismes publics.",
                cure="demandez son code service à l'université, ou laissez service vide",
            )
        if len(value) > MAX_SERVICE or not _SERVICE.fullmatch(value):
            allowed = f"{MAX_SERVICE} signes au plus, lettres, chiffres et - _"
            raise broken("SERVICE_FORMAT", f"Le code service {value} ne convient pas au portail : {allowed}.")
        return value


def _to_the_state(sentence: str) -> PydanticCustomError:
    cure = "écrivez le SIRET de l'université de votre convention et state: false"
    return broken("DESTINATAIRE_ETAT", f"{sentence} Ce parcours dépose pour une université.", cure=cure)
