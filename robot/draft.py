"""An invoice in the making: what its owner gave, what was read, what is remembered, each value with its origin.

Merges, in this order of belief: what somebody wrote or answered, the paper, the address book. Judges nothing
(`checks.py`), asks nothing (`questions.py`). A value that is doubtful is left out: a person says what it is.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from robot.answers import Answer
from robot.failures import Problem
from robot.invoice import NONE
from robot.reading import Found, Reading, Sure
from robot.recipients import Entry as Recipient
from robot.yamlfile import Document, Location

# What the paper says of VAT, as the portal's form takes it. « Art. 293 B » is for a person to say.
_VAT = {"EXONERATION_261_4_1": "EXONERATION", "EXONERATION_AUTRE": "EXONERATION", "SANS_TVA": "SANS_TVA"}
# The name in a `Reading` of each value of the invoice that a paper can give.
READ = {
    "number": "number",
    "date": "date",
    "type": "type",
    "supplier.siret": "supplier_siret",
    "recipient.siret": "recipient_siret",
    "recipient.service": "service",
    "engagement": "engagement",
    "market": "market",
    "currency": "currency",
    "amounts.ht": "ht",
    "amounts.tva": "tva",
    "amounts.ttc": "ttc",
    "amounts.due": "due",
}


@dataclass(frozen=True)
class Value:
    """A value as `facture.yaml` would hold it, and where it comes from, in French."""

    value: Any
    origin: str
    # Where on the paper, where it was read there.
    spot: str = ""
    # A person answered it.
    is_said: bool = False


class Draft(Document):
    """A document whose values come from several places: a problem says which."""

    def __init__(self, given: Document, values: Mapping[str, Value]) -> None:
        super().__init__(given.path, copy.deepcopy(given.data), {})
        self.given = given
        self.values = dict(values)
        for path, value in values.items():
            _put(self.data, path, value.value)
        for path in ("engagement", "market", "recipient.service"):
            if self[path] == NONE:
                _put(self.data, path, None)

    def problem(
        self, location: Location, what: str, expected: str = "", cure: str = "", code: str = ""
    ) -> Problem:
        value = self.values.get(".".join(map(str, location)))
        problem = self.given.problem(location, what, expected, cure, code)
        return replace(problem, spot=value.spot) if value and value.spot else problem

    def known(self, location: Location) -> Location:
        return location

    def __getitem__(self, path: str) -> Any:
        """A value of the invoice as it stands now (`recipient.siret`); None where there is none."""
        return given_value(self, path)

    def origin(self, path: str) -> str:
        """Where a value comes from; empty for one that its owner wrote."""
        return self.values[path].origin if path in self.values else ""


def given_value(document: Document, path: str) -> Any:
    """What a document holds at a path; None where it holds nothing."""
    value = document.data
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def drafted(
    given: Document,
    reading: Reading,
    *,
    supplier: str | None,
    answers: Mapping[str, Answer],
    recipient: Recipient | None,
) -> Draft:
    """What is known of an invoice that its owner did not write out in full.

    `supplier` is the SIRET of the configuration, `recipient` what the address book knows of who pays.
    """
    values: dict[str, Value] = {}
    for path, name in READ.items():
        if path in answers:
            answer = answers[path]
            values[path] = Value(None if answer.value == NONE else answer.value, str(answer), is_said=True)
        elif (found := getattr(reading, name)) is not None and found.sure is not Sure.DOUBTFUL:
            values[path] = _read(found)
    if reading.date is None and reading.bad_date:
        values.setdefault("date", _read(reading.bad_date))
    if supplier:
        values["supplier.siret"] = Value(supplier, "configuration")
    if recipient:
        values |= {path: value for path, value in _remembered(recipient).items() if path not in values}
    if reading.vat and reading.vat.value in _VAT:
        values["vat.type"] = Value(
            _VAT[reading.vat.value], f"d'après la mention, {reading.vat.where}", str(reading.vat.where)
        )
    if "vat.type" in answers:
        values["vat.type"] = Value(answers["vat.type"].value, str(answers["vat.type"]))
    return Draft(given, {path: value for path, value in values.items() if given_value(given, path) is None})


def _read(found: Found[Any]) -> Value:
    value = f"{found.value:.2f}" if isinstance(found.value, Decimal) else str(found.value)
    origin = f"lu {found.where}" if found.sure is Sure.READ else f"calculé ({found.why})"
    return Value(value, origin, str(found.where))


def _remembered(entry: Recipient) -> dict[str, Value]:
    """What the address book says of a recipient; an order number is printed each time, so never taken from there."""
    origin = f"carnet, comme le {entry.used:%d/%m/%Y}" if entry.used else "carnet"
    kept = {
        "recipient.siret": entry.siret,
        "recipient.service": entry.service,
        "market": entry.market,
        "vat.type": entry.vat_type,
        "vat.reason": entry.vat_reason,
    }
    return {path: Value(value, origin) for path, value in kept.items() if value}


def _put(data: Any, path: str, value: Any) -> None:
    *names, last = path.split(".")
    for name in names:
        if not isinstance(data.get(name), dict):
            data[name] = {}
        data = data[name]
    data[last] = value
