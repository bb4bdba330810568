"""The columns of a batch: which field of the invoice each one fills, under which French names, and how its cells read.

One table, for reading, for messages and for the template. Knows no file.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PureWindowsPath
from typing import Any

from robot.invoice import NONE
from robot.parties import siret_of
from robot.printed import dates, plain, without_blanks


class Unreadable(ValueError):
    """A cell that cannot be what its column says: what, what was expected, cure."""

    def __init__(self, what: str, expected: str = "", cure: str = "", code: str = "") -> None:
        super().__init__(what)
        self.what, self.expected, self.cure, self.code = what, expected, cure, code


Reader = Callable[[str], Any]


@dataclass(frozen=True)
class Column:
    """One column."""

    # Field of the invoice, as in `facture.yaml`.
    path: str
    # Its name in the template and in messages.
    heading: str
    # Other names, loosely.
    aliases: tuple[str, ...]
    # From a filled cell to the value; Unreadable where it cannot be one.
    read: Reader
    # What the template says of it; empty where the template leaves it out.
    note: str = ""
    example: str = ""
    # What an empty cell of the template is for (`sheetwriter.Sheet.kinds`).
    kind: str = "text"


# --- cells ----------------------------------------------------------------------------------------------------------


def _text(cell: str) -> str:
    return cell


def _path(cell: str) -> str:
    # Windows copies a path between quotes; one that was written there may be read elsewhere.
    cell = cell.strip('"« »').strip()
    return PureWindowsPath(cell).as_posix() if "\\" in cell else cell


def _reference(cell: str) -> str | None:
    # An answer: the recipient gives none.
    return without_blanks(cell) or NONE


def _siret(cell: str) -> str:
    digits = re.sub(r"[\s.]+", "", cell)
    if re.fullmatch(r"[0-9]{9,13}", digits) and _is_siret(digits.zfill(14)):
        raise Unreadable(
            f"le SIRET {cell} n'a que {len(digits)} chiffres : le tableur a sans doute effacé le zéro du début",
            expected="14 chiffres",
            cure="mettez la colonne au format Texte, puis retapez le SIRET",
            code="SIRET_SANS_ZERO",
        )
    return cell


def _is_siret(digits: str) -> bool:
    try:
        siret_of(digits)
    except ValueError:
        return False
    return True


_DAY = "une date JJ/MM/AAAA, comme 31/10/2026"


def _date(cell: str) -> str:
    text = plain(cell)
    if re.fullmatch(r"[34]\d{4}|\d{5}\.\d+", text):
        cure = "mettez la colonne au format Date"
        raise Unreadable(f"la date est devenue le nombre {cell}", _DAY, cure, "DATE_INVALIDE")
    found = dates(text)
    # Without separators, or with two digits for the year, it is more often a slip than a date.
    if len(found) != 1 or (found[0].start, found[0].end) != (0, len(text)) or not re.search(r"[^\d]", text):
        raise Unreadable(f"la date « {cell} » ne se lit pas", _DAY, code="DATE_INVALIDE")
    if not re.search(r"\d{4}", text):
        cure = "écrivez l'année avec ses quatre chiffres"
        raise Unreadable(f"la date « {cell} » n'est pas complète", _DAY, cure, "DATE_INVALIDE")
    if found[0].value is None or found[0].wrong_weekday:
        raise Unreadable(f"la date « {cell} » est impossible", _DAY, code="DATE_INVALIDE")
    return found[0].value.isoformat()


def _choice(what: str, **names: str) -> Reader:
    """Words for the values of a list; the value itself is one too."""
    known = {key_of(name): value for value, listed in names.items() for name in (value, *listed.split("|"))}
    shown = " ou ".join(f"« {listed.split('|')[0]} »" for listed in names.values())

    def read(cell: str) -> str:
        if value := known.get(key_of(cell)):
            return value
        raise Unreadable(f"{what} « {cell} » n'est pas connu", expected=shown)

    return read


def _files(cell: str) -> list[dict[str, str]]:
    """Attachments, each with the name of its file as designation."""
    names = [_path(name.strip()) for name in re.split(r"[;|\n]", cell) if name.strip()]
    return [{"file": name, "designation": _designation(name)} for name in names]


def _designation(name: str) -> str:
    return re.sub(r"[_\s-]+", " ", PureWindowsPath(name).stem).strip()[:100] or "document annexe"


# --- the table ------------------------------------------------------------------------------------------------------

# Little words and units, without which two headings may be the same.
_NOT_TELLING = frozenset(["a", "au", "aux", "d", "de", "des", "du", "en", "l", "la", "le", "les", "s", "eur", "euro", "euros"])
_SAME = {"no": "n", "num": "n", "nr": "n", "numero": "n", "numeros": "n", "univ": "universite", "ref": "reference"}

# « T.T.C. »
_DOTS = re.compile(r"\b([a-z])\.(?=[a-z]\b)")


def key_of(heading: str) -> str:
    """A heading as headings are compared: « N° de facture » and « Numéro facture » are one."""
    words = re.findall(r"[a-z0-9]+", _DOTS.sub(r"\1", re.sub(r"\(.*?\)", " ", plain(heading))))
    return " ".join(_SAME.get(word, word) for word in words if word not in _NOT_TELLING)


COLUMNS = (
    Column(
        "file",
        "Fichier PDF",
        ("Fichier", "PDF", "Nom du fichier", "Facture PDF", "Fichier facture", "Chemin", "Chemin du fichier"),
        _path,
        "nom du PDF, à côté de ce tableau",
        "EXEMPLE.pdf",
    ),
    Column(
        "number",
        "N° de facture",
        ("Facture n°", "Référence facture"),
        _text,
        "comme imprimé ; vide : lu sur le PDF",
        "EXEMPLE-1",
    ),
    Column(
        "date",
        "Date de facture",
        ("Date", "Date d'émission", "Date de facturation", "Date d'émission de la facture"),
        _date,
        "JJ/MM/AAAA ; vide : lue sur le PDF",
        "31/10/2026",
        "day",
    ),
    Column(
        "recipient.siret",
        "SIRET destinataire",
        (
            "SIRET université", "N° SIRET université", "N° SIRET destinataire", "SIRET client", "SIRET acheteur",
            "SIRET établissement", "SIRET structure destinataire", "Destinataire SIRET", "Université SIRET",
        ),
        _siret,
        "14 chiffres, celui de l'université ; vide : votre carnet",
        "19440984300019",
    ),
    Column(
        "recipient.service",
        "Code service",
        ("Service", "Service destinataire", "Code service destinataire", "Code service université"),
        _reference,
        "si l'université en demande un",
    ),
    Column(
        "engagement",
        "N° d'engagement",
        (
            "Engagement", "N° EJ", "EJ", "Engagement juridique", "N° engagement juridique", "Référence engagement",
            "Bon de commande", "N° bon de commande", "BC", "N° BC", "Commande", "N° commande", "Référence commande",
        ),
        _reference,
        "numéro du bon de commande, s'il y en a un",
        "4500012345",
    ),
    Column(
        "market",
        "N° de marché",
        ("Marché", "N° marché public", "Référence marché", "Contrat", "N° contrat"),
        _reference,
        "s'il y en a un",
    ),
    Column("amounts.ht", "Montant HT", ("HT", "Total HT"), _text, "vide : lu sur le PDF", "600,00", "amount"),
    Column("amounts.tva", "Montant TVA", ("TVA", "Total TVA"), _text, "vide : lu sur le PDF", "0,00", "amount"),
    Column("amounts.ttc", "Montant TTC", ("TTC", "Total TTC"), _text, "vide : lu sur le PDF", "600,00", "amount"),
    Column("amounts.due", "Net à payer", ("Montant à payer", "Reste à payer", "Total à payer"), _text),
    Column(
        "vat.type",
        "Type de TVA",
        ("Régime TVA", "Régime de la TVA"),
        _choice(
            "le type de TVA",
            EXONERATION="Exonération|Exonéré|Exonérée|Exonération de TVA|Exonérée de TVA",
            SANS_TVA="Sans TVA|Pas de TVA|Non applicable|TVA non applicable",
            TVA_SUR_DEBIT="TVA sur les débits|TVA sur débit|TVA sur débits|Sur les débits",
            TVA_SUR_ENCAISSEMENT="TVA sur les encaissements|TVA sur encaissement|Sur les encaissements",
        ),
        "Exonération, Sans TVA…",
        "Exonération",
    ),
    Column("vat.reason", "Motif d'exonération", ("Motif", "Motif exonération TVA"), _text),
    Column("currency", "Devise", ("Monnaie",), _text),
    Column(
        "payment",
        "Mode de paiement",
        ("Moyen de paiement", "Paiement", "Mode de règlement", "Règlement"),
        _choice(
            "le mode de paiement",
            VIREMENT="Virement|Virement bancaire",
            CHEQUE="Chèque",
            PRELEVEMENT="Prélèvement",
            ESPECE="Espèces|Espèce",
            AUTRE="Autre",
            REPORT="Report",
        ),
    ),
    Column(
        "attachments",
        "Pièces jointes",
        ("Pièce jointe", "PJ", "Annexe", "Annexes", "Document annexe", "Documents annexes"),
        _files,
        "noms de fichiers, séparés par ;",
    ),
    Column("comment", "Commentaire", ("Commentaires", "Message"), _text, "lu par l'université"),
    Column(
        "supplier.siret",
        "SIRET fournisseur",
        ("Mon SIRET", "N° SIRET fournisseur", "SIRET psychologue", "SIRET prestataire", "SIRET émetteur", "SIRET cabinet"),
        _siret,
    ),
)  # fmt: skip

_BY_KEY = {key_of(name): column for column in COLUMNS for name in (column.heading, column.path, *column.aliases)}
_BY_PATH = {column.path: column for column in COLUMNS}

# File and number of the template's example: a line that still has both is no invoice.
EXAMPLE = (_BY_PATH["file"].example, _BY_PATH["number"].example)


def find_column(heading: str) -> Column | None:
    """The column of a heading; None for one that nobody knows."""
    # « facture.pdf » is the first invoice of a table without headings.
    return None if heading.lower().endswith(".pdf") else _BY_KEY.get(key_of(heading))


def nearest_heading(heading: str) -> str:
    """The heading that may have been meant; empty where none is near."""
    near = difflib.get_close_matches(key_of(heading), _BY_KEY, n=1, cutoff=0.6)
    return _BY_KEY[near[0]].heading if near else ""


def is_aside(text: str) -> bool:
    """Whether a heading or a note stands between parentheses, which the robot does not read."""
    return text.startswith("(") and text.endswith(")")


def heading_of(path: str) -> str:
    """Name of the column of a field (`recipient.siret`, or a part of it); empty where it has none."""
    column = _BY_PATH.get(path) or _BY_PATH.get(path.split(".")[0])
    return column.heading if column else next((c.heading for c in COLUMNS if c.path.startswith(f"{path}.")), "")


_DOTTED = re.compile(
    r"(?P<open>« )?\b(?P<path>" + "|".join(re.escape(path) for path in _BY_PATH if "." in path) + r")\b(?P<close> »)?"
)


def in_columns(words: str) -> str:
    """A message about `facture.yaml` for somebody who has a table before him: `amounts.ttc` is « Montant TTC »."""
    return _DOTTED.sub(lambda match: f"« {heading_of(match['path'])} »", words)
