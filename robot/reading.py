"""What an invoice says, value by value: each with where it was read and how sure that is.

Data only: `reader.py` reads a page, `einvoice.py` an electronic invoice; `checks.py` judges. "Not found" is an
answer, never a guess.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from decimal import Decimal
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T")


class Sure(StrEnum):
    """How far a value can be believed."""

    # Printed beside the label that says what it is, and nothing contradicts it.
    READ = "lu"
    # Not printed; it follows from what is (no VAT, therefore HT = TTC).
    DERIVED = "calculé"
    # Printed, but its label is missing, or something else on the invoice says otherwise: a person must confirm.
    DOUBTFUL = "douteux"


@dataclass(frozen=True)
class Where:
    """Where a value stands: a page and a line of it (from 1), or the electronic invoice inside the file."""

    page: int = 0
    line: int = 0
    # A path of elements, for a value of the XML: `ExchangedDocument/ID`.
    element: str = ""

    def __str__(self) -> str:
        if self.element:
            return f"XML, {self.element}"
        return f"page {self.page}, ligne {self.line}" if self.page else "d'après les autres valeurs"


@dataclass(frozen=True)
class Found(Generic[T]):
    """A value, as a program takes it and as it is printed."""

    value: T
    # As printed, spaces made single.
    text: str
    where: Where
    sure: Sure = Sure.READ
    # Why it is derived or doubtful, in French; empty where it was simply read.
    why: str = ""
    # Other values that the invoice gives for the same thing, when it contradicts itself.
    others: tuple[Found[T], ...] = ()


@dataclass(frozen=True)
class Session:
    """One line of a bill's table of sessions: day, number of sessions, amount."""

    date: dt.date
    count: int
    amount: Decimal | None
    where: Where


@dataclass(frozen=True)
class Reading:
    """All that was read. None: not printed."""

    # What kind of paper it is: "app", the bill of the programme's own site; "template", its form filled in; "other";
    # "xml", an electronic invoice without a readable page.
    family: str = ""
    # "FACTURE" or "AVOIR", as `Invoice.type`.
    type: Found[str] | None = None
    number: Found[str] | None = None
    # None with a `bad_date`: something is printed there that is no date.
    date: Found[dt.date] | None = None
    bad_date: Found[str] | None = None
    # First day of the month that is billed (« Facture Août 2026 »).
    month: Found[dt.date] | None = None
    supplier_name: Found[str] | None = None
    # Digits as printed, without separators; the key is judged by `checks.py`.
    supplier_siret: Found[str] | None = None
    recipient_name: Found[str] | None = None
    recipient_siret: Found[str] | None = None
    engagement: Found[str] | None = None
    service: Found[str] | None = None
    market: Found[str] | None = None
    currency: Found[str] | None = None
    ht: Found[Decimal] | None = None
    tva: Found[Decimal] | None = None
    ttc: Found[Decimal] | None = None
    due: Found[Decimal] | None = None
    # What the page says of VAT: EXONERATION_261_4_1, FRANCHISE_293B, TVA, SANS_TVA, EXONERATION_AUTRE, INCONNU.
    vat: Found[str] | None = None
    iban: Found[str] | None = None
    sessions: tuple[Session, ...] = ()
    # Number of sessions of the table's « Total » line, where printed.
    sessions_total: Found[int] | None = None
    # Where something stands that looks like a student's name or number. Never its words: they are secret.
    students: tuple[Where, ...] = field(default=())

    def values(self) -> Iterator[tuple[str, Found[object]]]:
        """Name and value of everything that was found."""
        for one in fields(self):
            value = getattr(self, one.name)
            if isinstance(value, Found):
                yield one.name, value
