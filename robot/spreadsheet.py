"""Spreadsheets as rows of text: CSV, as French Excel and others save it, and XLSX.

What a spreadsheet has spoilt (`1,23E+13`, `#REF!`) is marked, never mended. Workbooks are opened by a process of their
own (`workbook.py`), with little time and memory. Knows no column; `sheetwriter.py` writes.
"""

from __future__ import annotations

import csv
import io
import json
import re
import stat
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import ascii_uppercase
from typing import Any

from robot.failures import FileInvalid, Problem
from robot.plain import why
from robot.worker import Worker, WorkerLost
from robot.yamlfile import IMPOSSIBLE

MAX_BYTES = 5_000_000
# A workbook of that many bytes unpacks to ten times as much; a bomb, to a thousand times.
MAX_UNPACKED = 60_000_000
MAX_ROWS = 5_000
MAX_COLUMNS = 60
# For the process that opens a workbook.
SECONDS = 30.0
WORKER = Worker("robot.workbook")

_CURE = "enregistrez le tableau au format .xlsx, ou au format « CSV UTF-8 »"
_EMPTY = ("le tableau est vide", "remplissez-le (la première feuille, dans un classeur), ou vérifiez que c'est le bon")
_LOCKED = ("le classeur est protégé par un mot de passe", "enregistrez-le sans mot de passe")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

# How Excel saves to CSV a number of more than eleven digits.
_ABRIDGED = re.compile(r"\d(?:[.,]\d+)?E[+-]?\d{2,3}", re.IGNORECASE)
_BROKEN_FORMULA = re.compile(r"#(?:[A-Z]{2,}[!?]?|N/A|DIV/0!|VALEUR!|NOM\?|NULL?!)")
# What makes Excel leave digits alone: ="00012".
_LITERAL = re.compile(r'="(.*)"', re.DOTALL)
# Signs that make Excel take a text for a formula.
FORMULA_SIGNS = ("=", "+", "-", "@")


@dataclass(frozen=True)
class Row:
    """One line of a table that is not empty."""

    # As the spreadsheet counts, from 1.
    number: int
    # Text of each cell, "" for an empty one; trailing empty cells may be absent.
    cells: tuple[str, ...]
    # Index of a cell -> why what it holds cannot be believed, in French.
    faults: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """The rows of a CSV, or of the first sheet of a workbook that can be seen."""

    path: Path
    rows: tuple[Row, ...]
    # Name and first row of the other sheets that hold something.
    others: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def problem(self, row: int, what: str, expected: str = "", cure: str = "", code: str = "") -> Problem:
        return Problem(self.path, row, what, expected, cure, code)


def column_letter(index: int) -> str:
    """Name of a column as spreadsheets show it; 0 is A."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = ascii_uppercase[rest] + letters
    return letters


# --- reading --------------------------------------------------------------------------------------------------------


def read_table(path: Path, failure: type[FileInvalid]) -> Table:
    """Reads one file, whatever its name says it is. Raises `failure`, with one sentence, for what is no table."""
    data = _bytes_of(path, failure)
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise _refused(path, failure, *_LOCKED)
        raise _refused(path, failure, "c'est un classeur de l'ancien format .xls", _CURE)
    if data.startswith(b"PK"):
        table = _workbook(path, data, failure)
    else:
        table = Table(path, tuple(_csv_rows(path, _text_of(path, data, failure), failure)))
    if not table.rows:
        raise _refused(path, failure, *_EMPTY)
    return table


def _refused(path: Path, failure: type[FileInvalid], what: str, cure: str, line: int = 0) -> FileInvalid:
    return failure([Problem(path, line, what, cure=cure)])


def _bytes_of(path: Path, failure: type[FileInvalid]) -> bytes:
    try:
        # A pipe or a device would be read for ever.
        if not stat.S_ISREG(path.stat().st_mode):
            raise _refused(path, failure, "ce n'est pas un fichier ordinaire", "donnez un fichier .csv ou .xlsx")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise _refused(path, failure, "fichier introuvable", "vérifiez le chemin") from None
    except (OSError, ValueError) as error:
        reason = why(error) if isinstance(error, OSError) else "son nom est impossible"
        raise _refused(path, failure, f"fichier illisible : {reason}", "vérifiez le chemin") from None
    if len(data) > MAX_BYTES:
        raise _refused(path, failure, f"le tableau pèse plus de {MAX_BYTES // 1_000_000} Mo", "partagez-le en plusieurs")
    if not data.strip():
        raise _refused(path, failure, *_EMPTY)
    return data


def _text_of(path: Path, data: bytes, failure: type[FileInvalid]) -> str:
    """UTF-8 or UTF-16 where the file says so or can be nothing else; otherwise what French Windows writes."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    elif data[1:2] == b"\0" or data[:1] == b"\0":
        encodings = ("utf-16-le",) if data[1:2] == b"\0" else ("utf-16-be",)
    else:
        encodings = ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text and not text.startswith("%PDF-"):
            return text
        break
    raise _refused(path, failure, "ce fichier n'est pas un tableau", _CURE)


def _csv_rows(path: Path, text: str, failure: type[FileInvalid]) -> Iterable[Row]:
    first, _, rest = text.partition("\n")
    delimiter = _delimiter(text)
    # Excel's own first line, which it does not show.
    if told := re.fullmatch(r'"?sep=(.)"?\s*', first, re.IGNORECASE):
        delimiter, text = told[1], rest
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[Row] = []
    try:
        for number, cells in enumerate(reader, 1):
            if len(rows) > MAX_ROWS:
                raise _too_many_rows(path, failure)
            if row := _row(number, [cell.strip() for cell in cells]):
                rows.append(row)
    except csv.Error:
        cure = "fermez les guillemets, ou enregistrez de nouveau le tableau depuis le tableur"
        raise _refused(path, failure, "un guillemet mal placé, ou jamais fermé", cure, reader.line_num) from None
    return rows


def _delimiter(text: str) -> str:
    """What parts the cells of the first line that holds something; a semicolon where nothing tells."""
    line = next((line for line in text.splitlines() if line.strip()), "")
    outside = re.sub(r'"[^"]*"', "", line)
    return max(";\t,", key=outside.count)


def _row(number: int, cells: list[str], faults: Mapping[int, str] | None = None) -> Row | None:
    faults = dict(faults or {})
    for index, cell in enumerate(cells):
        if literal := _LITERAL.fullmatch(cell):
            cells[index] = cell = literal[1].replace('""', '"').strip()
        elif cell.startswith("'") and cell[1:].startswith(FORMULA_SIGNS):
            # Our own mark on a text that is no formula.
            cells[index] = cell = cell[1:]
        if IMPOSSIBLE.search(cell):
            faults.setdefault(index, "un signe impossible dans la cellule : effacez-la et retapez-la")
        elif _ABRIDGED.fullmatch(cell):
            faults.setdefault(index, _abridged(cell))
        elif _BROKEN_FORMULA.fullmatch(cell):
            faults.setdefault(index, f"une formule qui ne donne rien ({cell})")
    if not any(cells) and not faults:
        return None
    while cells and not cells[-1] and len(cells) - 1 not in faults:
        cells.pop()
    return Row(number, tuple(cells), faults)


def _abridged(cell: str) -> str:
    return (
        f"le tableur a remplacé les chiffres par « {cell} » : mettez la colonne au format Texte, puis retapez la valeur"
    )


def _too_many_rows(path: Path, failure: type[FileInvalid]) -> FileInvalid:
    return _refused(path, failure, f"le tableau a plus de {MAX_ROWS} lignes remplies", "partagez-le en plusieurs")


# What the process says -> what a person reads, and the cure.
_WORKBOOK_ERRORS = {
    "rows": (f"le tableau a plus de {MAX_ROWS} lignes remplies", "partagez-le en plusieurs"),
    "damaged": ("le classeur est abîmé ou ne se lit pas", "ouvrez-le dans un tableur, puis enregistrez-le de nouveau"),
}


def _workbook(path: Path, data: bytes, failure: type[FileInvalid]) -> Table:
    _check_package(path, data, failure)
    try:
        answer: dict[str, Any] = json.loads(WORKER.ask(data, seconds=SECONDS))
    except (WorkerLost, ValueError):
        answer = {"error": "damaged"}
    except OSError as error:
        raise _refused(path, failure, f"le classeur n'a pas pu être ouvert, {why(error)}", "recommencez") from None
    if error_name := answer.get("error"):
        raise _refused(path, failure, *_WORKBOOK_ERRORS[error_name])
    rows = [
        row
        for number, cells, faults in answer["rows"]
        if (row := _row(number, cells, {int(index): fault for index, fault in faults.items()}))
    ]
    others = tuple((str(name), tuple(cells)) for name, cells in answer["others"])
    return Table(path, tuple(rows), others)


def _check_package(path: Path, data: bytes, failure: type[FileInvalid]) -> None:
    """Refuses what is no workbook, or would unpack to too much. `zipfile` never unpacks more than is announced."""
    damaged = _refused(path, failure, *_WORKBOOK_ERRORS["damaged"])
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            members = package.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, OSError, RuntimeError):
        raise damaged from None
    names = {member.filename for member in members}
    if len(members) > 1_000 or sum(member.file_size for member in members) > MAX_UNPACKED:
        raise _refused(path, failure, "le classeur est beaucoup trop gros une fois ouvert", "vérifiez que c'est le bon")
    if any(member.flag_bits & 1 for member in members):
        raise _refused(path, failure, *_LOCKED)
    if "[Content_Types].xml" not in names or not any(name.endswith("workbook.xml") for name in names):
        raise _refused(path, failure, "ce n'est pas un classeur .xlsx", _CURE)
