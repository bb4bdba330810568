"""Writes rows as spreadsheets, whole or not at all: CSV for French Excel, and XLSX. `spreadsheet.py` reads them back.

No text of somebody else becomes a formula. Knows no column.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import Workbook  # type: ignore[import-untyped,unused-ignore]
from openpyxl.cell import WriteOnlyCell  # type: ignore[import-untyped,unused-ignore]
from openpyxl.styles import Alignment, Font  # type: ignore[import-untyped,unused-ignore]
from openpyxl.utils import get_column_letter  # type: ignore[import-untyped,unused-ignore]

from robot.plain import clean
from robot.spreadsheet import FORMULA_SIGNS
from robot.wholefile import write_atomically

Value = str | int | Decimal | dt.date | None

# Excel's longest cell.
MAX_TEXT = 32_767
# Excel makes 1,23E+13 of the first, 12 of 0012, a day of 2026-10-07 or oct-26, and saves that.
_TAKEN_FOR_ANOTHER = re.compile(r"\d{12,}|0\d+|\d+[-./:,][\d./:,-]*|\d+E\d+|[a-zéû]{3,9}-\d{1,4}", re.IGNORECASE)
# In Excel's own unit, about one sign.
_WIDTHS = (10, 60)
# Formats of Excel, which shows them in the words of the reader's country.
_TEXT, _DAY, _MOMENT, _AMOUNT = "@", "dd/mm/yyyy", "dd/mm/yyyy hh:mm", "#,##0.00"
_FORMATS = {"text": _TEXT, "day": _DAY, "amount": _AMOUNT}


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook."""

    title: str
    headings: tuple[str, ...]
    rows: Iterable[Sequence[Value]]
    # What cells that are still empty are for, column by column: "text", "day", "amount", or "" for anything.
    kinds: tuple[str, ...] = ()


def write_csv(path: Path, headings: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    """Semicolons, decimal commas, and the mark by which Excel knows UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows([_csv_cell(value) for value in row] for row in rows)
    write_atomically(path, text.getvalue().encode("utf-8-sig", "replace"))


def _csv_cell(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return str(value).replace(".", ",")
    if isinstance(value, dt.datetime):
        return f"{_local(value):%d/%m/%Y %H:%M}"
    if isinstance(value, dt.date):
        return f"{value:%d/%m/%Y}"
    text = clean(value)
    if text.startswith(FORMULA_SIGNS):
        return f"'{text}"
    return f'="{text}"' if _TAKEN_FOR_ANOTHER.fullmatch(text) else text


def write_xlsx(path: Path, sheets: Iterable[Sheet]) -> None:
    """Headings that stay in sight, filters, real dates and numbers."""
    book = Workbook(write_only=True)
    for sheet in sheets:
        _fill(book.create_sheet(clean(sheet.title)[:31]), sheet)
    data = io.BytesIO()
    book.save(data)
    write_atomically(path, data.getvalue())


def _fill(page: Any, sheet: Sheet) -> None:
    rows = [tuple(map(_xlsx_value, row)) for row in sheet.rows]
    for index, heading in enumerate(sheet.headings):
        column = page.column_dimensions[get_column_letter(index + 1)]
        texts = [heading, *(str(row[index]) for row in rows if index < len(row) and row[index] is not None)]
        column.width = min(max(_WIDTHS[0], *(len(text) + 2 for text in texts)), _WIDTHS[1])
        if kind := sheet.kinds[index] if index < len(sheet.kinds) else "":
            column.number_format = _FORMATS[kind]
    page.freeze_panes = "A2"
    page.append([_cell(page, heading, Font(bold=True)) for heading in sheet.headings])
    for row in rows:
        page.append([_cell(page, value) for value in row])
    page.auto_filter.ref = f"A1:{get_column_letter(len(sheet.headings))}{len(rows) + 1}"


def _xlsx_value(value: Value) -> Value:
    if isinstance(value, dt.datetime):
        # A workbook knows no time zones.
        return _local(value).replace(tzinfo=None, microsecond=0)
    return clean(value)[:MAX_TEXT] if isinstance(value, str) else value


def _cell(page: Any, value: Value, font: Font | None = None) -> Any:
    cell = WriteOnlyCell(page, value)
    if isinstance(value, str):
        # Otherwise « =1+1 » would be a formula.
        cell.data_type, cell.number_format = "s", _TEXT
        cell.alignment = Alignment(vertical="top", wrap_text=len(value) > _WIDTHS[1])
    elif isinstance(value, dt.datetime):
        cell.number_format = _MOMENT
    elif isinstance(value, dt.date):
        cell.number_format = _DAY
    elif isinstance(value, Decimal):
        cell.number_format = _AMOUNT
    if font:
        cell.font = font
    return cell


def _local(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone()
