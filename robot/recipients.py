"""One recipient as the address book holds it: who it is, and what it really required last time.

Data and its rules, the same as an invoice's; knows nothing of files.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any

from pydantic import BeforeValidator, field_validator, model_validator

from robot.amounts import VatType
from robot.invoice import Engagement, Market, OneLine
from robot.parties import Recipient
from robot.rules import Record, broken, one_line
from robot.universities import name_key, same_name


def _yes_no(value: Any) -> Any:
    word = str(value).strip().lower()
    if word in ("oui", "yes", "true", "o"):
        return True
    if word in ("non", "no", "false", "n"):
        return False
    raise broken("OUI_NON", f"« {value} » n'est ni oui ni non.", expected="oui ou non")


def _day(value: Any) -> Any:
    """2026-10-31 as the program writes it, or 31/10/2026 as a person does."""
    if isinstance(value, dt.date):
        return value
    day = re.fullmatch(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})", str(value).strip())
    try:
        if day:
            return dt.date(int(day[3]), int(day[2]), int(day[1]))
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", str(value).strip()):
            return dt.date.fromisoformat(str(value).strip())
    except ValueError:
        pass
    raise broken("DATE_INVALIDE", f"« {value} » n'est pas une date.", expected="AAAA-MM-JJ, comme 2026-10-31")


YesNo = Annotated[bool, BeforeValidator(_yes_no)]
Day = Annotated[dt.date, BeforeValidator(_day)]
Text = Annotated[str | None, BeforeValidator(one_line)]


# What a recipient may require on an invoice.
REQUIREMENTS = ("engagement", "service")


class Requirement(Record):
    """Whether something was required; when and on which portal that was seen, where nobody wrote it by hand."""

    answer: YesNo
    date: Day | None = None
    portal: Text = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: Any) -> Any:
        return {"answer": data} if isinstance(data, str) else data

    @field_validator("answer", mode="before")
    @classmethod
    def _is_there(cls, value: Any) -> Any:
        if value is None:
            raise broken("OUI_NON", "La réponse manque.", expected="answer: oui ou answer: non")
        return value


class Required(Record):
    """What an invoice for a recipient must hold. None: nobody has seen it."""

    engagement: Requirement | None = None
    service: Requirement | None = None


class Entry(Recipient):
    """One recipient: SIRET, service and state as in an invoice, and what is remembered of it."""

    state: YesNo = False
    # As printed on bills; the first is what messages call it.
    names: tuple[OneLine, ...] = ()
    # Current order number, and since when it is used; « aucun » where the recipient gives none.
    engagement: Engagement = None
    since: Day | None = None
    market: Market = None
    # What it expects on the form.
    vat_type: VatType | None = None
    vat_reason: Text = None
    # Who is asked for an order number.
    contact: Text = None
    required: Required = Required()
    # Day and number of the last deposit.
    used: Day | None = None
    number: Text = None
    # When a person last said that all this is right.
    confirmed: Day | None = None
    note: Text = None

    @field_validator("siret", mode="before")
    @classmethod
    def _right(cls, value: Any) -> str:
        if value is None:
            raise broken("SIRET_DESTINATAIRE_ABSENT", "Cette entrée n'a pas de SIRET.", cure="ajoutez siret: …")
        return Recipient._right(value)

    @field_validator("names", mode="before")
    @classmethod
    def _one_or_more(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else [name for name in value if name] if isinstance(value, list) else value

    @property
    def name(self) -> str:
        return self.names[0] if self.names else f"le destinataire {self.siret}"

    def is_named(self, name: str) -> bool:
        """Whether a printed name is one of its names, but for accents, case, dashes, « Université de »."""
        return any(same_name(name_key(name), name_key(own)) for own in self.names)

    def demands(self, what: str) -> bool | None:
        """Whether an « engagement » or a « service » was required; None where nobody has seen it."""
        seen = self.requirement(what)
        return seen.answer if seen else None

    def seen_required(self, what: str) -> str:
        """The day on which that was seen, as a person writes it; empty where it is not known."""
        seen = self.requirement(what)
        return f"{seen.date:%d/%m/%Y}" if seen and seen.date else ""

    def requirement(self, what: str) -> Requirement | None:
        """One of REQUIREMENTS; None where nobody has seen it."""
        return {"engagement": self.required.engagement, "service": self.required.service}[what]
