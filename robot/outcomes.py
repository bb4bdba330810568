"""The table of outcomes of a batch: on screen, and as CSV and XLSX beside the certificates.

Written whole after each invoice, so that a run that is killed leaves the truth so far; a new run goes on with the same
table. The journal alone decides what is deposited again: this is for people.
"""

from __future__ import annotations

import datetime as dt
import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from robot.amounts import euros
from robot.certificate import safe_name
from robot.deposit import Result
from robot.events import now
from robot.failures import FileInvalid
from robot.invoice import Invoice
from robot.plain import clean, why
from robot.sheetwriter import Sheet, Value, write_csv, write_xlsx
from robot.spreadsheet import read_table

# Outcome -> in French, for one and for several.
_ISSUES = {
    "deposited": ("déposée", "déposées"),
    "already-deposited": ("déjà déposée", "déjà déposées"),
    "draft": ("brouillon", "brouillons"),
    "filled": ("essai réussi", "essais réussis"),
    "ready": ("prête", "prêtes"),
    "to-correct": ("à corriger", "à corriger"),
    "refused": ("refusée", "refusées"),
    "needs-person": ("personne nécessaire", "personne nécessaire"),
    "portal-unavailable": ("portail indisponible", "portail indisponible"),
    "screen-changed": ("écran changé", "écran changé"),
    "unknown": ("issue inconnue", "issue inconnue"),
}
# With nothing more to say about them than where the certificate is.
_GOOD = ("deposited", "already-deposited", "draft", "filled", "ready")
# Something is on the portal: only what is surely the same invoice takes the place of such a line.
_LASTING = ("deposited", "already-deposited", "draft", "unknown")
# What a line before knows, and one that stopped early does not.
_FACTS = ("file", "number", "supplier", "recipient", "siret", "ttc", "certificate", "deposited_at", "folder")
WIDTH = 80


@dataclass(frozen=True)
class Line:
    """How one invoice of a batch ended."""

    # The line of the batch, or the file: `lot.csv:7`.
    place: str
    outcome: str
    message: str = ""
    file: str = ""
    number: str = ""
    supplier: str = ""
    # Name and SIRET of the recipient; empty where not known.
    recipient: str = ""
    siret: str = ""
    ttc: Decimal | None = None
    certificate: str = ""
    deposited_at: dt.datetime | None = None
    # The deposit dossier.
    folder: str = ""
    portal: str = ""

    @property
    def issue(self) -> str:
        """The outcome in French."""
        return _ISSUES.get(self.outcome, (self.outcome, self.outcome))[0]

    @property
    def payee(self) -> str:
        return self.recipient or self.siret


def line_of(
    result: Result,
    place: str,
    *,
    portal: str,
    invoice: Invoice | None = None,
    given: Mapping[str, Any] | None = None,
    recipient: str = "",
    deposited_at: dt.datetime | None = None,
) -> Line:
    """The line of a result. Where no invoice could be made of the entry, `given` is what is known of it
    (as in `facture.yaml`); `recipient` is a name, `deposited_at` when it was deposited, where the journal says so.
    """
    outcome = "to-correct" if result.outcome == "refused" and result.exit_code == 2 else result.outcome
    if outcome == "deposited":
        deposited_at = deposited_at or now()
    line = Line(
        place=clean(place),
        outcome=outcome,
        message="\n".join(_sentences(result.message))[:4_000],
        recipient=recipient,
        certificate=str(result.certificate or ""),
        deposited_at=deposited_at,
        folder=str(result.folder or ""),
        portal=portal,
    )
    if invoice is not None:
        return replace(
            line,
            file=invoice.file.name,
            number=invoice.number,
            supplier=invoice.supplier.siret,
            siret=invoice.recipient.siret,
            ttc=invoice.amounts.ttc,
        )
    known = {path: _known(given or {}, path) for path in ("file", "number", "supplier.siret", "recipient.siret")}
    return replace(
        line,
        file=known["file"].replace("\\", "/").rpartition("/")[2],
        number=known["number"],
        supplier=known["supplier.siret"],
        siret=known["recipient.siret"],
        ttc=_amount(_known(given or {}, "amounts.ttc")),
    )


def _known(given: Any, path: str) -> str:
    for name in path.split("."):
        given = given.get(name) if isinstance(given, Mapping) else None
    return "" if given is None or isinstance(given, Mapping | list) else str(given).strip()


def _amount(text: str) -> Decimal | None:
    digits = re.sub(r"\s|€", "", text).replace(",", ".")
    with suppress(InvalidOperation):
        return Decimal(digits) if re.fullmatch(r"-?[0-9]{1,13}(\.[0-9]+)?", digits) else None
    return None


# --- the table kept beside the certificates -------------------------------------------------------------------------

_HEADINGS = {
    "place": "Ligne",
    "file": "Fichier",
    "number": "N° de facture",
    "recipient": "Destinataire",
    "siret": "SIRET destinataire",
    "ttc": "Montant TTC",
    "issue": "Issue",
    "message": "Message",
    "certificate": "Certificat",
    "deposited_at": "Déposée le",
    "folder": "Dossier",
    "portal": "Portail",
    "supplier": "SIRET fournisseur",
    "outcome": "Code",
}


class Outcomes:
    """`resultats-<lot>.csv` and `.xlsx` of a folder."""

    def __init__(self, folder: Path, lot: str) -> None:
        stem = f"resultats-{safe_name(lot)}"
        self.csv = folder / f"{stem}.csv"
        self.xlsx = folder / f"{stem}.xlsx"
        # Why a file could not be written the last time; empty where all is well.
        self.missed = ""
        # Those of this run, in their order.
        self.added: list[Line] = []
        self._lines = self._earlier()

    @property
    def lines(self) -> tuple[Line, ...]:
        """Everything known of the batch, runs before included."""
        return tuple(self._lines)

    def add(self, line: Line) -> None:
        """Takes one more outcome, in the place of what was known of that invoice; both files are on disk when it returns.

        Never raises: what happened on the portal is a fact, only its presentation would be missing (`missed`).
        """
        self.added.append(line)
        before = [known for known in self._lines if _is_same(known, line)]
        for known in before:
            if known.number == line.number or not line.number:
                line = replace(line, **{name: getattr(line, name) or getattr(known, name) for name in _FACTS})
        self._lines = sorted([*(known for known in self._lines if known not in before), line], key=_order)
        self._write()

    def _write(self) -> None:
        rows = [tuple(_value(line, name) for name in _HEADINGS) for line in self._lines]
        headings = tuple(_HEADINGS.values())
        self.missed = ""
        try:
            write_csv(self.csv, headings, rows)
            write_xlsx(self.xlsx, [Sheet("Résultats", headings, rows)])
        except OSError as error:
            # Windows lends a file to one program at a time.
            path = error.filename2 or error.filename or self.csv
            self.missed = f"{clean(path)} n'a pas pu être écrit, {why(error)} : fermez-le s'il est ouvert"

    def _earlier(self) -> list[Line]:
        if not self.csv.exists():
            return []
        try:
            header, *rows = read_table(self.csv, FileInvalid).rows
        except FileInvalid:
            # Something else under our name: it is kept.
            with suppress(OSError):
                self.csv.replace(self.csv.with_name(f"{self.csv.stem}-ancien.csv"))
            return []
        names = {heading: name for name, heading in _HEADINGS.items()}
        at = {names[cell]: index for index, cell in enumerate(header.cells) if cell in names}
        return [line for row in rows if (line := _read_back(row.cells, at))]


def _value(line: Line, name: str) -> Value:
    value: Value = getattr(line, name)
    return value or None


def _read_back(cells: Sequence[str], at: Mapping[str, int]) -> Line | None:
    values: dict[str, Any] = {
        one.name: cells[at[one.name]] for one in fields(Line) if one.name in at and at[one.name] < len(cells)
    }
    if not values.get("place") or not values.get("outcome"):
        return None
    values["ttc"] = _amount(values.get("ttc", ""))
    moment = values.pop("deposited_at", "")
    with suppress(ValueError):
        values["deposited_at"] = dt.datetime.strptime(moment, "%d/%m/%Y %H:%M").astimezone()
    return Line(**values)


def _is_same(known: Line, line: Line) -> bool:
    """Whether both are about one invoice: its number decides, then its file, then its line."""
    if known.portal != line.portal or (known.supplier and line.supplier and known.supplier != line.supplier):
        return False
    if known.number and line.number and known.number == line.number:
        return True
    if known.outcome in _LASTING and (line.number or not line.file):
        # Lines move, and a file may be another one by now.
        return False
    return known.file == line.file if known.file and line.file else known.place == line.place


def _order(line: Line) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isascii() and part.isdigit() else (0, part) for part in re.split(r"(\d{1,18})", line.place)]


# --- on screen ------------------------------------------------------------------------------------------------------

_GAP = 2
# Narrower, a column says nothing any more.
_LEAST = {"place": 8, "number": 8, "payee": 8}
_MOST = {"place": 24, "number": 20, "payee": 26}
_TITLES = {"place": "Ligne", "number": "N° de facture", "payee": "Destinataire", "ttc": "TTC", "issue": "Issue"}


def shown(lines: Iterable[Line], width: int = WIDTH) -> str:
    """The table as lines of plain text, in columns; what is not well has its message below; totals at the end."""
    lines = sorted(lines, key=_order)
    rows = [
        {
            "place": clean(Path(line.place).name),
            "number": clean(line.number) or "–",
            "payee": clean(line.payee) or "–",
            "ttc": euros(line.ttc) if line.ttc is not None else "–",
            "issue": line.issue,
        }
        for line in lines
    ]
    widths = _widths([_TITLES, *rows], width)
    text = [_aligned(_TITLES, widths)]
    for line, row in zip(lines, rows, strict=True):
        text.append(_aligned(row, widths))
        if line.outcome not in _GOOD and line.message:
            for part in _sentences(line.message):
                part = part.removeprefix(f"{line.place}, ").removeprefix(f"{line.place}: ")
                # French signs stay with their word.
                part = re.sub(r"(?<=«) | (?=[»:;?!€])", "\N{NO-BREAK SPACE}", part)
                text += textwrap.wrap(part, width, initial_indent="    ", subsequent_indent="    ")
    return "\n".join([*text, "", totals(lines)])


def _sentences(message: str) -> list[str]:
    return [clean(part) for part in message.splitlines() if part.strip()]


def _widths(rows: Sequence[Mapping[str, str]], width: int) -> dict[str, int]:
    widths = {name: max(len(row[name]) for row in rows) for name in _TITLES}
    for name, most in _MOST.items():
        widths[name] = min(widths[name], most)
    for name in ("payee", "place", "number"):
        beyond = sum(widths.values()) + _GAP * (len(widths) - 1) - width
        widths[name] = max(min(widths[name], _LEAST[name]), widths[name] - max(0, beyond))
    return widths


def _aligned(row: Mapping[str, str], widths: Mapping[str, int]) -> str:
    cells = []
    for name, size in widths.items():
        cell = row[name]
        if len(cell) > size:
            # The end of a place is its line number.
            cell = f"…{cell[1 - size :]}" if name == "place" else f"{cell[: size - 1]}…"
        cells.append(cell.rjust(size) if name == "ttc" else cell.ljust(size))
    return (" " * _GAP).join(cells).rstrip()


def totals(lines: Sequence[Line]) -> str:
    """« 12 factures : 9 déposées (4 500,00 €), 2 refusées, 1 issue inconnue. »"""
    counts = Counter(line.outcome for line in lines)
    parts = []
    for outcome in sorted(counts, key=lambda one: list(_ISSUES).index(one) if one in _ISSUES else len(_ISSUES)):
        one, several = _ISSUES.get(outcome, (outcome, outcome))
        part = f"{counts[outcome]} {one if counts[outcome] == 1 else several}"
        if outcome == "deposited" and (paid := [line.ttc for line in lines if line.outcome == outcome and line.ttc]):
            part += f" ({euros(sum(paid, Decimal(0)))})"
        parts.append(part)
    return f"{len(lines)} facture{'s' if len(lines) > 1 else ''} : {', '.join(parts)}." if parts else "Aucune facture."
