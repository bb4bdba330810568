"""Looks inside a PDF before any browser opens, and reads its text.

The reading is done by a process of its own, with little time and memory: a damaged or hostile file can keep a
parser busy for hours, and nothing stops a thread. Whatever happens there becomes a sentence here. Knows
nothing of what an invoice says.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

from robot.plain import clean
from robot.uploads import MAX_FILE, Finding, Level, has_safe_name, is_file, read_whole, shown_size, upload_name

SECONDS = 20
MEMORY = 1_500_000_000
MAX_PAGES = 100
MAX_TEXT = 1_000_000
MAX_OBJECTS = 200_000
# Embedded files that are named, one sentence each.
MAX_TOLD = 20
# A page of image with a printed header or a stamp has some letters; the shortest real invoice has hundreds.
MIN_LETTERS = 20

_E_INVOICE_NAME = re.compile(r"(factur-?x|zugferd|xrechnung|order-?x)[^/]*\.xml", re.IGNORECASE)
_E_INVOICE_ROOT = re.compile(rb"<(?:\w+:)?(CrossIndustry(Invoice|Document)|Invoice|CreditNote)[\s>]")
_PDF_A3 = re.compile(rb"pdfaid:part\s*(?:>|=\s*[\"'])\s*3")


@dataclass
class Inside:
    """What was seen inside a PDF."""

    # Why nothing could be read: "damaged", "password"; empty when it could.
    error: str = ""
    encrypted: bool = False
    javascript: bool = False
    pdf_a3: bool = False
    # Name and "is an electronic invoice by its content" of each embedded file.
    files: list[tuple[str, bool]] = field(default_factory=list)
    text: str = ""


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
        "{file} pèse {size} ; le portail accepte 10 Mo. "
        "Réduisez-le (scan en noir et blanc, 150 points par pouce).",
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
    "PDF_MOT_DE_PASSE": (
        Level.BLOCKS,
        "{file} s'ouvre avec un mot de passe. Le portail le refuserait : enregistrez-le sans mot de passe.",
    ),
    "PDF_PROTEGE": (
        Level.ASKS,
        "{file} est protégé contre la copie. Le portail risque de ne pas le lire : "
        "réimprimez-le en PDF, ou confirmez.",
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
        "Imprimez-la en PDF simple.",
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
    if inside.encrypted:
        yield _found("PDF_PROTEGE", path)
    if any(_is_e_invoice(file, inside) for file in inside.files):
        yield _found("PDF_FACTURX", path)
    names = dict.fromkeys(name for name, _ in inside.files if not _E_INVOICE_NAME.fullmatch(name))
    for name in islice(names, MAX_TOLD):
        yield _found("PDF_FICHIER_JOINT", path, embedded=name)
    if inside.javascript:
        yield _found("PDF_JAVASCRIPT", path)
    if sum(letter.isalnum() for letter in inside.text) < MIN_LETTERS:
        yield _found("PDF_SANS_TEXTE", path)


def _is_e_invoice(file: tuple[str, bool], inside: Inside) -> bool:
    """The portal leaves the form for a named Factur-X file, and for any invoice XML within a PDF/A-3."""
    name, by_content = file
    return _E_INVOICE_NAME.fullmatch(name) is not None or (by_content and inside.pdf_a3)


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


@lru_cache(maxsize=4)
def look(data: bytes) -> Inside:
    """What a process of its own sees inside these bytes."""
    here = str(Path(__file__).parent.parent)
    path = os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH", ""))))
    # -P: a folder named « robot » beside the user's invoices must not be taken for this package.
    command = [sys.executable, "-P", "-m", "robot.pdffile"]
    try:
        done = subprocess.run(
            command,
            input=data,
            stdout=subprocess.PIPE,
            # A parser warns of each broken object, and a hostile file has millions.
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            env=os.environ | {"PYTHONPATH": path},
        )
        seen = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        return Inside(error="damaged")
    return Inside(**seen | {"files": [(name, by_content) for name, by_content in seen["files"]]})


def _main() -> None:
    with suppress(ImportError, ValueError, OSError):
        import resource  # not on Windows

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        inside = _read(sys.stdin.buffer.read())
    except Exception:  # whatever a parser meets in a broken file means one thing to its owner
        inside = Inside(error="damaged")
    json.dump(asdict(inside), sys.stdout)


def _read(data: bytes) -> Inside:
    import pypdf
    from pypdf.errors import DependencyError, FileNotDecryptedError

    # A cut file can often be rebuilt, but not its missing pages.
    if b"%%EOF" not in data.rstrip(b"\0\r\n\t ")[-1024:]:
        return Inside(error="damaged")
    try:
        reader = pypdf.PdfReader(BytesIO(data))
        if not len(reader.pages):
            return Inside(error="damaged")
    except (DependencyError, FileNotDecryptedError):
        return Inside(error="password")
    inside = Inside(encrypted=reader.is_encrypted)
    for node in _nodes(reader):
        inside.javascript |= "/JS" in node or node.get("/S") == "/JavaScript"
        if "/EF" in node:
            inside.files.append(_embedded(node))
    inside.pdf_a3 = _PDF_A3.search(_data(reader.root_object.get("/Metadata"))) is not None
    inside.text = _text(reader)
    return inside


def _data(stream: Any) -> bytes:
    """The content of a stream that the document can do without; empty where it cannot be read."""
    with suppress(Exception):
        return bytes(stream.get_object().get_data())
    return b""


def _nodes(reader: Any) -> Iterator[Any]:
    """Every dictionary reachable from the catalogue, nearest first, each once."""
    ahead = deque([reader.root_object])
    known: set[tuple[int, int]] = set()
    for _ in range(MAX_OBJECTS):
        if not ahead:
            return
        node = ahead.popleft()
        if (place := getattr(node, "idnum", None)) is not None:
            if (place, node.generation) in known:
                continue
            known.add((place, node.generation))
            with suppress(Exception):  # an object that only damaged annotations need does not spoil the page
                node = node.get_object()
        if isinstance(node, dict):
            yield node
            ahead.extend(dict.values(node))
        elif isinstance(node, list):
            ahead.extend(list.__iter__(node))


def _embedded(specification: Any) -> tuple[str, bool]:
    name = str(specification.get("/UF") or specification.get("/F") or "sans nom")
    shown = "".join(letter for letter in name if letter.isprintable())[:80]
    files = specification["/EF"].get_object()
    content = _data(files.get("/UF") or files.get("/F"))
    return shown, _E_INVOICE_ROOT.search(content[:4096]) is not None


def _text(reader: Any) -> str:
    texts: list[str] = []
    for page in reader.pages[:MAX_PAGES]:
        if (content := page.get_contents()) is not None:
            content.get_data()
        # A font that the reader does not know spoils one page's text, not the document.
        with suppress(Exception):
            texts.append(page.extract_text())
        if sum(map(len, texts)) > MAX_TEXT:
            break
    return "\n".join(texts)[:MAX_TEXT].encode("utf-8", "replace").decode()


if __name__ == "__main__":
    _main()
