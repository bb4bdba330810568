"""What a PDF is made of, its words apart: locks, programs, other files, what it says of itself.

Runs in `pdfworker.py` only. Knows nothing of what an invoice says, nor of what is forbidden.
"""

from __future__ import annotations

import base64
import re
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from itertools import islice
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream, String

MAX_PAGES = 100
MAX_OBJECTS = 200_000
# What one stream may unpack to: a page drawn by hand has some hundreds of kilobytes.
MAX_UNPACKED = 75_000_000
# An electronic invoice that is kept to be read; those of the trade have some ten kilobytes.
MAX_INVOICE = 2_000_000
MAX_FILES = 1_000
# An XML may open with a licence.
MAX_HEAD = 65_536
# Of the usual ones, those of drawing programs are the longest.
MAX_METADATA = 20_000_000
MAX_WARNINGS = 1_000

_E_INVOICE_ROOT = re.compile(
    r"\ufeff?\s*(?>(?:<\?.*?\?>|<!--.*?-->)\s*)*+"
    r"<(?:[\w.-]+:)?(CrossIndustry(Invoice|Document)|Invoice|CreditNote)[\s>/]",
    re.DOTALL,
)
_PDF_A_PREFIX = re.compile(r"xmlns:([\w.-]{1,40})\s*=\s*[\"']http://www\.aiim\.org/pdfa/ns/id/")
_PDF_A_PART = r":part\s*(?:>\s*|=\s*[\"']\s*)3"
# Nothing of these in any object: no need to go from one to the next.
_SUSPECTS = re.compile(rb"/(?:JS|JavaScript|EF|XFA)\b")
_REBUILT = re.compile(
    r"file is damaged|reconstruct|recover|parse error|xref not found|expected (?:endobj|endstream|n n obj)"
)
_LOST = re.compile(r"unable to find trailer|unable to recover stream data|unexpected EOF")


class Locked(Exception):
    """It does not open without a password."""


class Broken(Exception):
    """A part of it is missing, or is no invoice of this world."""


def limit() -> None:
    """Bounds for whatever is opened in this process from now on."""
    pikepdf.settings.set_qpdf_limits(flate_max_memory=MAX_UNPACKED, doc_max_warnings=MAX_WARNINGS)


def opened(data: bytes) -> pikepdf.Pdf:
    """An open document that has pages. Raises Locked; Broken or PdfError for what cannot be used."""
    try:
        pdf = pikepdf.open(BytesIO(data))
    except pikepdf.PasswordError:
        raise Locked from None
    except pikepdf.PdfError as error:
        # A lock of another kind than a password: a certificate, a rights server.
        if "encrypt" in str(error).lower():
            raise Locked from None
        raise
    if not len(pdf.pages):
        raise Broken
    return pdf


def read(data: bytes) -> dict[str, Any]:
    """The fields of `pdffile.Inside` that do not depend on words. Raises as `opened` does."""
    with opened(data) as pdf:
        for page in islice(pdf.pages, MAX_PAGES):
            for content in _streams(page.obj.get("/Contents")):
                content.read_bytes()
        seen: dict[str, Any] = {
            "encrypted": pdf.is_encrypted,
            "pdf_a3": _is_pdf_a3(pdf.Root.get("/Metadata")),
            "page_count": len(pdf.pages),
            "javascript": False,
            "files": [],
        }
        if _is_suspect(pdf):
            for node in nodes(pdf):
                seen["javascript"] = seen["javascript"] or is_program(node)
                if is_file(node) and len(seen["files"]) < MAX_FILES:
                    seen["files"].append(_embedded(node))
        warnings = " ".join(map(str, pdf.get_warnings()))
        if _LOST.search(warnings):
            raise Broken
        return seen | {"repaired": _REBUILT.search(warnings) is not None}


def _streams(contents: Any) -> Iterator[Stream]:
    for one in contents if isinstance(contents, Array) else [contents]:
        if isinstance(one, Stream):
            yield one


def _is_pdf_a3(metadata: Any) -> bool:
    if not isinstance(metadata, Stream):
        return False
    # The reader of the words reads it too, and has no limit of its own.
    content = metadata.read_bytes()
    if len(content) > MAX_METADATA:
        raise Broken
    text = _as_text(content)
    # Mostly « pdfaid », which a careless program does not declare.
    prefixes = {"pdfaid", *islice(_PDF_A_PREFIX.findall(text), 10)}
    return any(re.search(re.escape(prefix) + _PDF_A_PART, text) for prefix in prefixes)


def _as_text(xml: bytes) -> str:
    """An XML document in one of the usual encodings; signs that are none are replaced."""
    return xml.decode("utf-16" if xml[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "replace")


def _is_suspect(pdf: pikepdf.Pdf) -> bool:
    """Whether any object has a word for a program or a file."""
    if len(pdf.objects) > MAX_OBJECTS:
        raise Broken
    # To the last one: reading an object is what tells whether it is damaged.
    hits = [_SUSPECTS.search(one.unparse(resolved=True)) for one in pdf.objects if isinstance(one, Object)]
    return any(hits)


def nodes(pdf: pikepdf.Pdf) -> Iterator[Any]:
    """Every dictionary and stream reachable from the catalogue, nearest first, each once."""
    ahead: deque[Any] = deque([pdf.Root])
    known: set[tuple[int, int]] = set()
    for _ in range(MAX_OBJECTS):
        if not ahead:
            return
        node = ahead.popleft()
        if node.is_indirect:
            if node.objgen in known:
                continue
            known.add(node.objgen)
        children: list[Any] = []
        # An object that only damaged annotations need does not spoil the page.
        with suppress(pikepdf.PdfError, ValueError, TypeError):
            if isinstance(node, (Dictionary, Stream)):
                yield node
                children = [child for _, child in node.items()]
            elif isinstance(node, Array):
                children = list(node)
        ahead.extend(child for child in children if isinstance(child, (Dictionary, Stream, Array)))
    raise Broken


def is_program(node: Any) -> bool:
    """Whether a dictionary is an action that runs JavaScript, or a form with programs of its own."""
    if node.get("/S") == Name.JavaScript or isinstance(node.get("/JS"), (String, Stream)):
        return True
    forms = node.get("/XFA")
    return any(b"javascript" in _content(part).lower() for part in _streams(forms))


def is_file(node: Any) -> bool:
    """Whether a dictionary is the description of a file that is in here."""
    files = node.get("/EF")
    return isinstance(files, Dictionary) and any(isinstance(one, Stream) for _, one in files.items())


def _embedded(description: Any) -> dict[str, Any]:
    """Name without the signs that could spoil a terminal; content where it is an electronic invoice."""
    name = next((text for key in ("/UF", "/F", "/Desc") if (text := _text(description.get(key)))), "sans nom")
    files = description.EF
    stream = next((files[key] for key in ("/UF", "/F") if isinstance(files.get(key), Stream)), None)
    content = _content(stream) if stream is not None else b""
    is_invoice = _has_invoice_root(content)
    kept = base64.b64encode(content).decode() if is_invoice and len(content) <= MAX_INVOICE else ""
    shown = "".join(letter for letter in name if letter.isprintable()).strip()[:80]
    return {"name": shown or "sans nom", "is_invoice": is_invoice, "content": kept}


def _text(value: Any) -> str:
    with suppress(ValueError):
        return str(value) if isinstance(value, String) else ""
    return ""


def _has_invoice_root(content: bytes) -> bool:
    return _E_INVOICE_ROOT.match(_as_text(content[:MAX_HEAD])) is not None


def _content(stream: Any) -> bytes:
    """The content of a stream that the document can do without; empty where it cannot be read."""
    with suppress(pikepdf.PdfError, ValueError, TypeError):
        return bytes(stream.read_bytes())
    return b""
