"""The process that opens workbooks: it answers `spreadsheet.py` with the cells of the first sheet, as text.

Formulas are never computed here: what the spreadsheet computed last was saved beside them.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from io import BytesIO
from itertools import islice, zip_longest
from typing import Any

from openpyxl import load_workbook  # type: ignore[import-untyped,unused-ignore]

from robot.confined import serve
from robot.spreadsheet import MAX_COLUMNS, MAX_ROWS

MEMORY = 1_000_000_000
# Excel's own last row: a file may announce another.
_LAST_ROW = 1_048_576
# Where the first row of another sheet is looked for.
_HEAD = 20

_UNCOMPUTED = "une formule sans résultat : ouvrez le classeur dans un tableur, puis enregistrez-le"
_LONG_NUMBER = (
    "un nombre de plus de quinze chiffres, dont le tableur a perdu la fin : mettez la colonne au format Texte, puis "
    "retapez la valeur"
)


def _answer(request: bytes) -> tuple[bytes, bool]:
    try:
        return json.dumps(look(request)).encode("ascii"), False
    except MemoryError:
        return b'{"error": "damaged"}', True
    except Exception:  # whatever a parser meets in a broken file means one thing to its owner
        return b'{"error": "damaged"}', False


def look(data: bytes) -> dict[str, Any]:
    """`rows`: number, texts and faults of each row of the first sheet that can be seen; `others`: name and first row of
    each other one; or `error`.
    """
    values = load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
    seen = [sheet for sheet in values.worksheets if sheet.sheet_state == "visible"]
    if not seen:
        return {"rows": [], "others": []}
    rows: list[tuple[int, list[str], dict[int, str]]] = []
    formulas = load_workbook(BytesIO(data), read_only=True, keep_links=False)[seen[0].title] if _has_formulas(data) else None
    blank: Any = None
    for number, (row, written) in enumerate(zip_longest(_rows(seen[0]), _rows(formulas) if formulas else ()), 1):
        if row is not None and row is blank:
            # Rows that are not in the file are one and the same: a million of them may stand before the next.
            continue
        texts, faults = _texts(row or (), written or ())
        blank = None if texts or faults else row
        if texts or faults:
            rows.append((number, texts, faults))
        if len(rows) > MAX_ROWS + 1:
            return {"error": "rows"}
    others = []
    for sheet in seen[1:]:
        for row in islice(_rows(sheet), _HEAD):
            texts, _ = _texts(row, ())
            if texts:
                others.append((sheet.title, texts))
                break
    return {"rows": rows, "others": others}


def _has_formulas(data: bytes) -> bool:
    """Whether any cell may be computed: only then is everything read twice."""
    with zipfile.ZipFile(BytesIO(data)) as package:
        return any(re.search(rb"<(?:\w+:)?f[ >]", package.read(name)) for name in package.namelist() if "sheet" in name)


def _rows(sheet: Any) -> Iterator[tuple[Any, ...]]:
    # What a sheet says of its own size may be far too much, or too little.
    sheet.reset_dimensions()
    rows: Iterator[tuple[Any, ...]] = sheet.iter_rows(max_row=_LAST_ROW, max_col=MAX_COLUMNS)
    return rows


def _texts(row: tuple[Any, ...], written: tuple[Any, ...]) -> tuple[list[str], dict[int, str]]:
    texts: list[str] = []
    faults: dict[int, str] = {}
    for index, (cell, formula) in enumerate(zip_longest(row, written)):
        value = cell.value if cell is not None else None
        text = "" if value is None else _text(value, cell.number_format)
        if text is None:
            text, faults[index] = "", _LONG_NUMBER
        elif value is None and formula is not None and formula.value is not None:
            faults[index] = _UNCOMPUTED
        texts.append(text)
    while texts and not texts[-1]:
        texts.pop()
    return texts, faults


def _text(value: Any, shown_as: str) -> str | None:
    """A value as a person would type it; None for a number that lost its end."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, int | float):
        return _number(value, shown_as)
    return str(value).strip()


def _number(value: float, shown_as: str) -> str | None:
    # More digits than a spreadsheet keeps.
    if not abs(value) < 1e15:
        return None
    if value == int(value):
        # Zeros of a format like 00000 are what the person sees.
        return str(int(value)).zfill(len(shown_as) if re.fullmatch(r"0+", shown_as or "") else 0)
    # 0.1 + 0.2 is 0.30000000000000004.
    return format(Decimal(repr(round(value, 9))).normalize(), "f")


if __name__ == "__main__":
    serve(_answer, memory=MEMORY)
