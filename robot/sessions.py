"""The rows of a bill's table of sessions: day, number of sessions, amount.

All rows or none: with one of them unread, their sum would say that a right total is wrong. What the sum should be
is for `checks.py` to say.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from robot.printed import PrintedAmount, amounts, dates
from robot.reading import Session, Where
from robot.sheet import Cell, Sheet

_HEADER = re.compile(r"\bdates?\b|designation|description|libelle|prestation|nombre|quantite|\bqte\b|seances?")
_TOTAL = re.compile(r"(?:sous-?[ -]?)?tota(?:l|ux)\b|montant total|net a payer|reste a payer")
_SESSIONS = re.compile(r"seance|consultation|entretien|rendez-vous|psy")
_COUNT = re.compile(r"(\d{1,3}) ?(?:x ?)?seances?\b")


@dataclass(frozen=True)
class Table:
    """What was read of the table."""

    sessions: tuple[Session, ...]
    # Middles of the amounts, from the left of the page.
    columns: tuple[float, ...] = ()
    # Number of sessions of the line « Total », where printed.
    count: int | None = None
    count_where: Where | None = None


@dataclass(frozen=True)
class _Number:
    amount: PrintedAmount
    cell: Cell


def table_of(sheet: Sheet) -> Table:
    """The table of a document that bills sessions; empty where there is none, or where a row cannot be read."""
    rows: list[Session] = []
    complete = True
    counted: tuple[int, Where] | None = None
    inside = False
    columns: list[float] = []
    counts: list[float] = []
    for row in sheet.rows:
        first = row[0].plain
        if _TOTAL.match(first) and rows:
            counted = counted or _counted(row, counts)
            inside = False
            continue
        session = _session(row)
        if session:
            inside = True
            rows.append(session)
            columns.append((row[-1].left + row[-1].right) / 2)
            if len(row) > 2:
                counts.append((row[1].left + row[1].right) / 2)
        elif _is_header(row):
            inside = True
        elif inside and _looks_like_a_row(row):
            complete = False
    if not complete or not rows:
        rows = []
    return Table(tuple(rows), tuple(columns), *(counted or (None, None)))


def _session(row: tuple[Cell, ...]) -> Session | None:
    """A row that begins with a day, or with « Séance du … », and ends with an amount."""
    first = row[0].plain
    day = next(iter(dates(first)), None)
    if not day or day.value is None or re.search(r"[:%]", first[: day.start]):
        return None
    before = first[: day.start].strip(" -•*")
    if before and not (_SESSIONS.search(before) and len(before) < 60):
        return None
    numbers = _numbers(row, day.end)
    if not numbers:
        return None
    *rest, last = numbers
    count = _count(before, row, day.end, rest, last)
    if count is None:
        return None
    return Session(day.value, count, last.amount.value, row[0].where)


def _numbers(row: tuple[Cell, ...], start: int) -> list[_Number]:
    """Numbers after the day, but for those in the words of what was done."""
    found = [_Number(one, row[0]) for one in amounts(row[0].plain) if one.start >= start]
    for cell in row[1:]:
        inside = amounts(cell.plain)
        words = re.sub(r"\b(?:eur|euros?|x|seances?)\b", "", cell.plain)
        if inside and (not re.search(r"[a-z]", words) or inside[-1].is_money):
            found += [_Number(one, cell) for one in inside]
    return found


def _count(before: str, row: tuple[Cell, ...], start: int, rest: list[_Number], last: _Number) -> int | None:
    text = " ".join(cell.plain for cell in row)
    if written := _COUNT.search(text):
        return int(written[1])
    whole = [one.amount for one in rest if one.amount.value == int(one.amount.value) and not one.amount.is_money]
    if whole:
        return int(whole[0].value)
    # « Séance du 3 juin … 50,00 € »: one row, one session; without that word a row may be anything.
    if re.match(r"(?:une |1 )?seance (?:du|le|individuelle)", before) and last.amount.is_money:
        return 1
    return None


def _looks_like_a_row(row: tuple[Cell, ...]) -> bool:
    """Whether a row without a readable day has an amount in it, and so belongs to the sum."""
    last = row[-1].plain
    if len(row) == 1:
        return bool(re.match(r"\d{1,2}/\d{1,2} .*\d", last))
    found = amounts(last)
    return len(found) == 1 and not (last[: found[0].start] + last[found[0].end :]).strip(" *")


def _is_header(row: tuple[Cell, ...]) -> bool:
    return sum(bool(_HEADER.search(cell.plain)) and not amounts(cell.plain) for cell in row) >= 2


def _counted(row: tuple[Cell, ...], counts: Sequence[float]) -> tuple[int, Where] | None:
    """The number of sessions of the line « Total »: the number under those of the rows."""
    if written := _COUNT.search(" ".join(cell.plain for cell in row)):
        return int(written[1]), row[0].where
    for cell in row:
        for one in amounts(cell.plain):
            if counts and not one.is_money and one.value == int(one.value) and is_in_column(cell, counts):
                return int(one.value), cell.where
    return None


def is_in_column(cell: Cell, middles: Sequence[float]) -> bool:
    """Whether a cell stands in a column, by the middles of its other cells."""
    middle = sum(middles) / len(middles)
    return cell.left - 25 <= middle <= cell.right + 25
