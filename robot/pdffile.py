"""Looks inside a PDF before any browser opens, and reads its text.

The reading is done by a process of its own (`pdfworker.py`), with little time and memory: a damaged or hostile file can
keep a parser busy for hours, and nothing stops a thread. Whatever happens there becomes a sentence here. Knows nothing of
what an invoice says.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from robot.layout import Page, from_json
from robot.plain import clean
from robot.uploads import MAX_FILE, Finding, Level, has_safe_name, is_file, read_whole, shown_size, upload_name
from robot.worker import Worker, WorkerLost

SECONDS = 20.0
# Embedded files that are named, one sentence each.
MAX_TOLD = 20
# A page of image with a printed header or a stamp has some letters; the shortest real invoice has hundreds.
MIN_LETTERS = 20

# Findings of a file of which nothing more can be said.
UNREADABLE = frozenset(
    {"FICHIER_ABSENT", "FICHIER_VIDE", "FICHIER_TROP_GROS", "PAS_UN_PDF", "PDF_ILLISIBLE", "PDF_MOT_DE_PASSE"}
)

_E_INVOICE_NAME = re.compile(r"(factur-?x|zugferd|xrechnung|order-?x)[^/]*\.xml", re.IGNORECASE)


@dataclass(frozen=True)
class EmbeddedFile:
    """A file inside a PDF."""

    # As a person may read it, 80 signs at most.
    name: str
    # By its root element, whatever its name.
    is_invoice: bool = False
    # Of an electronic invoice of 2 Mo at most; empty for anything else.
    content: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Inside:
    """What was seen inside a PDF."""

    # Why nothing could be read: "damaged", "password"; empty when it could.
    error: str = ""
    encrypted: bool = False
    # It could be read only by rebuilding what its structure lacks.
    repaired: bool = False
    javascript: bool = False
    pdf_a3: bool = False
    # Wherever they hang: catalogue, page, annotation.
    files: tuple[EmbeddedFile, ...] = ()
    # Of the whole document; `text` and `pages` stop at 100.
    page_count: int = 0
    # In the order in which it was written; `pages` have it as it is seen.
    text: str = field(default="", repr=False)
    pages: tuple[Page, ...] = field(default=(), repr=False)

    @property
    def invoices(self) -> list[bytes]:
        """The electronic invoices inside, each once."""
        return list(dict.fromkeys(file.content for file in self.files if file.content))


def text_of(path: Path) -> str:
    """The text of every page; empty where there is none or where it cannot be read."""
    try:
        return look(data).text if is_file(path) and 0 < len(data := read_whole(path)) <= MAX_FILE else ""
    except OSError:
        return ""


def inspect(path: Path) -> list[Finding]:
    """Everything worth saying about an invoice's file, the blocking things first."""
    return sorted(_findings(path), key=lambda finding: list(Level).index(finding.level))


# What can be found, in the words of somebody who prints invoices. Codes are relied on by reports and tests.
_SENTENCES = {
    "FICHIER_ABSENT": (Level.BLOCKS, "{file} est introuvable. Vérifiez son nom et son dossier."),
    "FICHIER_VIDE": (
        Level.BLOCKS,
        "{file} est vide (0 octet). Réimprimez la facture en PDF puis recommencez.",
    ),
    "FICHIER_TROP_GROS": (
        Level.BLOCKS,
        "{file} pèse {size} ; le portail accepte 10 Mo. Réduisez-le (scan en noir et blanc, 150 points par pouce).",
    ),
    "NOM_FICHIER": (
        Level.TELLS,
        "Le nom {file} est trop long ou contient des signes que le portail peut refuser. "
        "Nous déposons une copie nommée {new}.",
    ),
    "EXTENSION": (Level.BLOCKS, "Le nom {file} ne finit pas par .pdf : renommez le fichier."),
    "PAS_UN_PDF": (
        Level.BLOCKS,
        "{file} n'est pas un PDF{despite} : c'est {nature}. Enregistrez la facture au format PDF.",
    ),
    "PDF_ILLISIBLE": (
        Level.BLOCKS,
        "{file} est abîmé ou incomplet. Téléchargez-le ou imprimez-le de nouveau.",
    ),
    "PDF_REPARE": (
        Level.ASKS,
        "{file} contient une erreur de structure. Nous arrivons à le lire, le portail peut-être pas : "
        "réimprimez-le en PDF, ou confirmez.",
    ),
    "PDF_MOT_DE_PASSE": (
        Level.BLOCKS,
        "{file} s'ouvre avec un mot de passe. Le portail le refuserait : enregistrez-le sans mot de passe.",
    ),
    "PDF_PROTEGE": (
        Level.ASKS,
        "{file} est protégé contre la copie. Le portail risque de ne pas le lire : réimprimez-le en PDF, ou confirmez.",
    ),
    "PDF_SANS_TEXTE": (
        Level.ASKS,
        "{file} est une image (scan ou photo) : ni nous ni le portail ne pouvons y lire le texte. "
        "Préférez le PDF d'origine, ou saisissez les champs vous-même.",
    ),
    "PDF_FACTURX": (
        Level.BLOCKS,
        "{file} est une facture Factur-X (un fichier XML est caché dedans). Le portail la traiterait "
        "comme un lot, sans vous montrer le formulaire, et pourrait la rejeter plus tard. "
        "Imprimez-la en PDF simple, ou : chorus-robot check {file} --plain-copy.",
    ),
    "PDF_FICHIER_JOINT": (
        Level.ASKS,
        "{file} contient un autre fichier : {embedded}. Est-ce voulu ? Une pièce jointe se dépose à part.",
    ),
    "PDF_JAVASCRIPT": (
        Level.ASKS,
        "{file} contient un programme (JavaScript). Le portail ou l'université peuvent le refuser : "
        "réimprimez-le en PDF.",
    ),
}


def _found(code: str, path: Path, **values: str) -> Finding:
    level, sentence = _SENTENCES[code]
    return Finding(code, level, sentence.format(file=clean(path.name), **values))


def _findings(path: Path) -> Iterator[Finding]:
    if not is_file(path):
        yield _found("FICHIER_ABSENT", path)
        return
    if not has_safe_name(path):
        yield _found("NOM_FICHIER", path, new=upload_name(path))
    try:
        data = read_whole(path)
        size = max(len(data), path.stat().st_size)
    except OSError:
        yield _found("PDF_ILLISIBLE", path)
        return
    is_named_pdf = path.suffix.lower() == ".pdf"
    if size > MAX_FILE:
        yield _found("FICHIER_TROP_GROS", path, size=shown_size(size))
    elif not data:
        yield _found("FICHIER_VIDE", path)
    elif b"%PDF-" not in data[:1024]:
        despite = ", malgré son nom" if is_named_pdf else ""
        yield _found("PAS_UN_PDF", path, despite=despite, nature=_nature(data))
    else:
        if not is_named_pdf:
            yield _found("EXTENSION", path)
        yield from _inside_findings(path, look(data))


def _inside_findings(path: Path, inside: Inside) -> Iterator[Finding]:
    if inside.error:
        yield _found("PDF_MOT_DE_PASSE" if inside.error == "password" else "PDF_ILLISIBLE", path)
        return
    if inside.repaired:
        yield _found("PDF_REPARE", path)
    if inside.encrypted:
        yield _found("PDF_PROTEGE", path)
    if any(_is_e_invoice(file, inside) for file in inside.files):
        yield _found("PDF_FACTURX", path)
    names = dict.fromkeys(file.name for file in inside.files if not _E_INVOICE_NAME.fullmatch(file.name))
    for name in islice(names, MAX_TOLD):
        yield _found("PDF_FICHIER_JOINT", path, embedded=name)
    if inside.javascript:
        yield _found("PDF_JAVASCRIPT", path)
    if sum(letter.isalnum() for letter in inside.text) < MIN_LETTERS:
        yield _found("PDF_SANS_TEXTE", path)


def _is_e_invoice(file: EmbeddedFile, inside: Inside) -> bool:
    """The portal leaves the form for a named Factur-X file, and for any invoice XML within a PDF/A-3."""
    return _E_INVOICE_NAME.fullmatch(file.name) is not None or (file.is_invoice and inside.pdf_a3)


_NATURES = (
    (rb"\s*(<!doctype html|<html)", "une page web"),
    (rb"\s*<\?xml", "un fichier XML"),
    (rb"PK\x03\x04", "un document Word, Excel, LibreOffice ou une archive ZIP"),
    (rb"\xd0\xcf\x11\xe0", "un ancien document Word ou Excel"),
    (rb"\{\\rtf", "un document RTF"),
    (rb"\xff\xd8\xff|\x89PNG|GIF8|II\*\x00|MM\x00\*|.{4}ftyp(hei|mif|avif)", "une photo ou une image"),
    (rb"[\t\n\r\x20-\x7e\x80-\xff]+\Z", "du texte"),
)


def _nature(data: bytes) -> str:
    start = data[:1024].removeprefix(b"\xef\xbb\xbf")
    patterns = (nature for pattern, nature in _NATURES if re.match(pattern, start, re.IGNORECASE | re.DOTALL))
    return next(patterns, "un fichier d'une autre nature")


# --- the other process --------------------------------------------------------------------------------------

WORKER = Worker("robot.pdfworker")


@lru_cache(maxsize=4)
def look(data: bytes) -> Inside:
    """What a process of its own sees inside these bytes, within `SECONDS`; any accident is a value with its `error`."""
    try:
        seen = json.loads(WORKER.ask(b"look\n" + data, seconds=SECONDS))
        return _inside(**seen)
    except (WorkerLost, OSError, ValueError, TypeError):
        return Inside(error="damaged")


def _inside(*, files: Sequence[dict[str, Any]] = (), pages: Sequence[Any] = (), error: str = "", **more: Any) -> Inside:
    known = (EmbeddedFile(**file | {"content": b64decode(file["content"])}) for file in files)
    return Inside(files=tuple(dict.fromkeys(known)), pages=from_json(list(pages)), error=error, **more)
