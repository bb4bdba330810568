"""A batch: a folder, a CSV or an XLSX, taken apart into invoices. A broken line is a problem of that line only.

Opens no PDF and judges no invoice (`checks.py`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from robot.columns import EXAMPLE, Column, Unreadable, find_column, heading_of, in_columns, is_aside, nearest_heading
from robot.entries import Entry, is_written, paper, written
from robot.failures import InvoiceInvalid, Problem
from robot.plain import why
from robot.rules import text
from robot.spreadsheet import Row, Table, column_letter, read_table
from robot.uploads import is_file, path_of, upload_name
from robot.yamlfile import Document, Location

# Of a folder: more is another folder than the one that was meant.
MAX_FILES = 5_000


class LineInvalid(InvoiceInvalid):
    """Une ligne du lot est à corriger."""

    def __init__(self, place: str, problems: list[Problem], given: dict[str, Any] | None = None) -> None:
        # What messages call it: the file, or `lot.csv:7`.
        self.place = place
        # What could be read of it, as in `facture.yaml`.
        self.given = given or {}
        super().__init__(problems)


@dataclass(frozen=True)
class Batch:
    """The invoices of a batch, in its order; what cannot be one stands in its place as a failure."""

    path: Path
    entries: tuple[Entry | InvoiceInvalid, ...]
    # Files of a folder that are none of its invoices, and why.
    left_out: tuple[Problem, ...] = ()

    def __iter__(self) -> Iterator[Entry | InvoiceInvalid]:
        return iter(self.entries)

    @property
    def name(self) -> str:
        """What its results are named after."""
        return (self.path if self.path.is_dir() else self.path.with_suffix("")).absolute().name or "lot"


def load_batch(path: Path) -> Batch:
    """Reads a batch. Never raises: a table that cannot be read at all is a batch of one failure."""
    try:
        return _folder(path) if path.is_dir() else _lines(read_table(path, InvoiceInvalid))
    except InvoiceInvalid as failure:
        return Batch(path, (LineInvalid(str(path), failure.problems),))


# --- a table --------------------------------------------------------------------------------------------------------


class LineDocument(Document):
    """One line of a table, in the shape of a `facture.yaml`; its problems point at line and column."""

    def __init__(self, path: Path, number: int, data: dict[str, Any], spots: Mapping[str, str]) -> None:
        super().__init__(path, data, dict.fromkeys(_locations(data), number))
        # Field of the invoice -> « colonne F (Montant TTC) ».
        self._spots = spots

    def problem(
        self, location: Location, what: str, expected: str = "", cure: str = "", code: str = ""
    ) -> Problem:
        field = ".".join(str(part) for part in location if isinstance(part, str))
        spot = self._spots.get(field) or self._spots.get(field.split(".")[0], "")
        # The form's own examples are written as in `facture.yaml`.
        if re.match(r"[a-z]+: ", expected) and (heading := heading_of(field)):
            expected = f"la colonne « {heading} » remplie"
        line = self.line(location)
        return Problem(self.path, line, in_columns(what), in_columns(expected), in_columns(cure), code, spot)


def _locations(data: Any, at: Location = ()) -> Iterator[Location]:
    yield at
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield from _locations(value, (*at, key))


def _lines(table: Table) -> Batch:
    header, *rows = table.rows
    columns = _columns(table, header)
    seen = _Seen()
    entries: list[Entry | InvoiceInvalid] = []
    for row in rows:
        if all(not cell or is_aside(cell) for cell in row.cells) and not row.faults:
            # The template's explanations.
            continue
        given, problems = _given(table, row, columns)
        if (given.get("file"), given.get("number")) == EXAMPLE:
            continue
        spots = {column.path: _spot(index, column) for index, column in columns.items()}
        document = LineDocument(table.path, row.number, given, spots)
        problems += _of_example(document)
        problems += seen.again(document, f"la ligne {row.number}")
        place = f"{table.path}:{row.number}"
        entries.append(LineInvalid(place, problems, given) if problems else Entry(place, document))
    if not entries:
        cure = "écrivez une facture par ligne, sous les titres"
        raise InvoiceInvalid([table.problem(header.number, "le tableau n'a aucune facture", cure=cure)])
    return Batch(table.path, tuple(entries))


def _spot(index: int, column: Column) -> str:
    return f"colonne {column_letter(index)} ({column.heading})"


def _columns(table: Table, header: Row) -> dict[int, Column]:
    """Index -> column, of those that are read. Raises InvoiceInvalid with every heading that is wrong."""
    columns: dict[int, Column] = {}
    problems: list[Problem] = []
    for index, heading in enumerate(header.cells):
        if not heading or is_aside(heading):
            continue
        where = f"colonne {column_letter(index)}"
        column = find_column(heading)
        if column is None:
            near = nearest_heading(heading)
            meant = f"vouliez-vous dire « {near} » ? Sinon, mettez" if near else "mettez"
            cure = f"{meant} ce titre entre parenthèses : le robot ne lira pas la colonne"
            what = f"titre de colonne inconnu « {heading} »"
            problems.append(Problem(table.path, header.number, what, cure=cure, code="COLONNE_INCONNUE", spot=where))
            continue
        twin = next((other for other, known in columns.items() if known is column), None)
        if twin is not None:
            what = f"« {header.cells[twin]} » (colonne {column_letter(twin)}) et « {heading} » disent la même chose"
            cure = "gardez-en une, ou mettez le titre de l'autre entre parenthèses"
            problems.append(Problem(table.path, header.number, what, cure=cure, code="COLONNE_EN_DOUBLE", spot=where))
            continue
        columns[index] = column
    if not columns:
        what = "la première ligne ne porte pas les titres des colonnes"
        cure = "chorus-robot batch template donne un modèle"
        raise InvoiceInvalid([table.problem(header.number, what, "« Fichier PDF », « N° de facture »…", cure)])
    if "file" not in {column.path for column in columns.values()}:
        what, cure = "la colonne « Fichier PDF » manque", "ajoutez-la : le nom du PDF de chaque facture"
        problems.append(table.problem(header.number, what, cure=cure))
    problems += _of_other_sheets(table, header)
    if problems:
        raise InvoiceInvalid(problems)
    return columns


def _of_other_sheets(table: Table, header: Row) -> list[Problem]:
    """A second sheet of invoices would stay on the desk without a word."""
    cure = "un fichier par feuille, ou masquez cette feuille"
    return [
        table.problem(header.number, f"la feuille « {name} » a aussi des colonnes de factures", cure=cure)
        for name, cells in table.others
        if sum(find_column(cell) is not None for cell in cells) > 1
    ]


def _given(table: Table, row: Row, columns: Mapping[int, Column]) -> tuple[dict[str, Any], list[Problem]]:
    given: dict[str, Any] = {}
    problems: list[Problem] = []

    def refuse(spot: str, what: str, expected: str = "", cure: str = "", code: str = "") -> None:
        problems.append(Problem(table.path, row.number, what, expected, cure, code, spot))

    for index, cell in enumerate(row.cells):
        column = columns.get(index)
        if column is None:
            if (cell or index in row.faults) and _is_untitled(table, index):
                cure = "donnez-lui un titre, ou videz-la ; dans un CSV, mettez entre guillemets ce qui contient le séparateur"
                what = f"une cellule remplie (« {cell[:40]} ») dans une colonne sans titre"
                refuse(f"colonne {column_letter(index)}", what, cure=cure)
            continue
        if index in row.faults:
            refuse(_spot(index, column), row.faults[index], code="CELLULE")
            continue
        try:
            value = column.read(cell) if cell else None
        except Unreadable as reason:
            refuse(_spot(index, column), reason.what, reason.expected, reason.cure, reason.code or "CELLULE")
            continue
        if value not in (None, "", []):
            _put(given, column.path, value)
    return given, problems


def _is_untitled(table: Table, index: int) -> bool:
    header = table.rows[0].cells
    return index >= len(header) or not header[index]


def _put(given: dict[str, Any], path: str, value: Any) -> None:
    *parents, last = path.split(".")
    for name in parents:
        given = given.setdefault(name, {})
    given[last] = value


def _of_example(document: LineDocument) -> list[Problem]:
    """What is left of the template's example, on a line that somebody has begun to fill."""
    return [
        document.problem((field,), f"« {example} » vient de la ligne d'exemple", cure="remplacez-le, ou effacez la ligne")
        for field, example in zip(("file", "number"), EXAMPLE, strict=True)
        if document.data.get(field) == example
    ]


class _Seen:
    """Files and numbers of the invoices so far."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, ...], str] = {}

    def again(self, document: Document, place: str) -> list[Problem]:
        """A problem for each of file and number that an invoice before had; notes those of this one."""
        data = document.data if isinstance(document.data, dict) else {}
        problems: list[Problem] = []
        if isinstance(file := data.get("file"), str) and file.strip():
            real = os.path.normcase(os.path.realpath(path_of(file, document.path.parent)))
            if before := self._before(("file", real), place):
                what = f"le fichier {file} est aussi celui de {before}"
                problems.append(document.problem(("file",), what, cure="gardez une des deux", code="FICHIER_EN_DOUBLE"))
        if isinstance(number := text(data.get("number")), str):
            supplier = data.get("supplier")
            siret = str(supplier.get("siret", "")) if isinstance(supplier, dict) else ""
            if before := self._before(("number", siret, number), place):
                what = f"le numéro {number} est aussi celui de {before}"
                cure = "une facture n'a qu'un numéro, qui ne sert qu'une fois"
                problems.append(document.problem(("number",), what, cure=cure, code="NUMERO_EN_DOUBLE"))
        return problems

    def _before(self, key: tuple[str, ...], place: str) -> str:
        before = self._places.get(key, "")
        self._places.setdefault(key, place)
        return before


# --- a folder -------------------------------------------------------------------------------------------------------

# Ours or the user's, and no invoice.
_NO_INVOICES = re.compile(r"(?:config(?:\.example)?|carnet)\.ya?ml")
# Of `plaincopy.py`.
_COPY = re.compile(r"(.+)-simple(?:-\d+)?\.pdf")
_CERTIFICATE = re.compile(r"certificat_.+_\d{8}\.pdf")
# Of `facture.yaml`; a configuration has none of them.
_KEYS = {"file", "number", "date", "recipient", "amounts"}


def _folder(folder: Path) -> Batch:
    """Every PDF and `facture.yaml` of a folder, in the order of their names. Raises InvoiceInvalid where it has none."""
    try:
        files = sorted((file for file in folder.iterdir() if not file.name.startswith((".", "~"))), key=_natural)
    except OSError as error:
        raise InvoiceInvalid([Problem(folder, 0, f"dossier illisible, {why(error)}", cure="vérifiez le chemin")]) from None
    files = [file for file in files if is_file(file)]
    pdfs = [file for file in files if file.suffix.lower() == ".pdf"]
    yamls = [file for file in files if is_written(file)]
    if len(pdfs) + len(yamls) > MAX_FILES:
        raise InvoiceInvalid([Problem(folder, 0, f"plus de {MAX_FILES} fichiers", cure="partagez-les en plusieurs dossiers")])
    sheets = [one for file in yamls if (one := _sheet(file))]
    left_out = dict(_no_invoices(files, pdfs, [one for one in sheets if isinstance(one, Entry)]))
    seen = _Seen()
    found: list[tuple[Path, Entry | InvoiceInvalid]] = [(_place(one), one) for one in sheets]
    found += [(file, paper(file)) for file in pdfs if file not in left_out]
    entries: list[Entry | InvoiceInvalid] = []
    for file, entry in sorted(found, key=lambda pair: _natural(pair[0])):
        problems = seen.again(entry.document, file.name) if isinstance(entry, Entry) else []
        if isinstance(entry, Entry) and problems:
            entries.append(LineInvalid(entry.place, problems, entry.document.data))
        else:
            entries.append(entry)
    if not entries:
        raise InvoiceInvalid([Problem(folder, 0, "aucune facture dans ce dossier", "des PDF, ou des fichiers facture.yaml")])
    return Batch(folder, tuple(entries), tuple(left_out.values()))


def _natural(path: Path) -> tuple[list[tuple[int, str]], str]:
    """facture-2 before facture-10."""
    parts = re.findall(r"\d+|\D+", path.name.casefold())
    return [(int(part[:18]), "") if part.isascii() and part.isdigit() else (0, part) for part in parts], path.name


def _sheet(file: Path) -> Entry | LineInvalid | None:
    """The entry of a YAML file; None for one that is about something else."""
    if _NO_INVOICES.fullmatch(file.name.lower()):
        return None
    try:
        entry = written(file)
    except InvoiceInvalid as failure:
        return LineInvalid(str(file), failure.problems)
    return entry if isinstance(entry.document.data, dict) and _KEYS & entry.document.data.keys() else None


def _place(one: Entry | LineInvalid) -> Path:
    return Path(one.place)


def _no_invoices(files: Sequence[Path], pdfs: Sequence[Path], sheets: Sequence[Entry]) -> Iterator[tuple[Path, Problem]]:
    """Files that are not taken, each with the reason."""
    invoices, attachments = _named(sheets)
    copies_of: dict[str, list[Path]] = {}
    for file in pdfs:
        if copy := _COPY.fullmatch(file.name):
            copies_of.setdefault(copy[1], []).append(file)
    # Copies of what a YAML file describes are the same invoice.
    spare = {copy for file in pdfs if _real(file) in invoices for copy in copies_of.get(_stem(file), ())}
    for file in pdfs:
        copies = copies_of.get(_stem(file))
        if _real(file) in invoices:
            yield file, Problem(file, 0, "décrit par un fichier YAML, qui est pris à sa place")
        elif _real(file) in attachments:
            yield file, Problem(file, 0, "pièce jointe d'une autre facture")
        elif _CERTIFICATE.fullmatch(file.name):
            yield file, Problem(file, 0, "certificat de dépôt, pas une facture")
        elif copies:
            yield file, Problem(file, 0, f"sa copie simple, {copies[-1].name}, est prise à sa place")
        elif file in spare:
            yield file, Problem(file, 0, "copie simple d'une facture décrite par un fichier YAML")
    for file in files:
        if file.suffix.lower() in (".csv", ".tsv", ".xlsx", ".xlsm") and not file.name.startswith("resultats-"):
            cure = "pour déposer ses lignes, donnez ce fichier à la place du dossier"
            yield file, Problem(file, 0, "tableau laissé de côté", cure=cure)


def _named(sheets: Sequence[Entry]) -> tuple[set[str], set[str]]:
    """The files that YAML files name: invoices, attachments."""
    invoices: set[str] = set()
    attachments: set[str] = set()
    for entry in sheets:
        data, folder = entry.document.data, entry.document.path.parent
        listed = data.get("attachments")
        for item, names in ((data, invoices), *((item, attachments) for item in (listed if isinstance(listed, list) else []))):
            if isinstance(item, dict) and isinstance(name := item.get("file"), str):
                names.add(_real(path_of(name, folder)))
    return invoices, attachments


def _stem(file: Path) -> str:
    """What the names of its plain copies begin with."""
    return Path(upload_name(file)).stem


def _real(path: Path) -> str:
    return os.path.normcase(os.path.realpath(path))
