"""The process that opens files which may be damaged or hostile: it answers `pdffile.py` and `plaincopy.py`, and nothing else.

Little time, little memory, no output of its own. Whatever happens in here is an answer, or the end of the process.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import Any

import pypdfium2
from pypdfium2 import PdfiumError

from robot import layout, pdfstructure
from robot.confined import serve
from robot.pdfstripping import stripped

MEMORY = 1_500_000_000
MAX_PAGES = 100
MAX_TEXT = 1_000_000

# PDFium's own signs for a hyphen at the end of a line.
_HYPHENS = {0x02: "-", 0xFFFE: "-"}
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def _answer(request: bytes) -> tuple[bytes, bool]:
    """The answer, and whether this process should take no other request."""
    kind, _, data = request.partition(b"\n")
    try:
        if kind == b"plain":
            return b"pdf\n" + stripped(data), False
        return json.dumps(look(data)).encode("ascii"), False
    except MemoryError:
        return _error("damaged"), True
    except Exception:  # whatever a parser meets in a broken file means one thing to its owner
        return _error("damaged"), False


def _error(why: str) -> bytes:
    return json.dumps({"error": why}).encode("ascii")


def look(data: bytes) -> dict[str, Any]:
    """What `pdffile.Inside` holds, as JSON."""
    data = data.rstrip(b"\0\r\n\t ")
    # A cut file can often be rebuilt, but not its missing pages.
    if b"%%EOF" not in data[-1024:]:
        return {"error": "damaged"}
    try:
        structure = pdfstructure.read(data)
    except pdfstructure.Locked:
        return {"error": "password"}
    return structure | _words(data)


def _words(data: bytes) -> dict[str, Any]:
    document = pypdfium2.PdfDocument(data)
    try:
        return {"text": _text(document), "pages": layout.to_json(layout.pages(document))}
    finally:
        document.close()


def _text(document: Any) -> str:
    """The text in the order in which it was written, which keeps a reference together that a column breaks."""
    texts: list[str] = []
    for index in range(min(len(document), MAX_PAGES)):
        # What one page has wrong does not spoil the others.
        with suppress(PdfiumError):
            page = document[index]
            textpage = page.get_textpage()
            texts.append(textpage.get_text_range(count=min(textpage.count_chars(), MAX_TEXT)))
            textpage.close()
            page.close()
        if sum(map(len, texts)) > MAX_TEXT:
            break
    text = "\n".join(texts)[:MAX_TEXT].translate(_HYPHENS).replace("\r\n", "\n")
    return _CONTROLS.sub("", text).encode("utf-8", "replace").decode()


if __name__ == "__main__":
    pdfstructure.limit()
    serve(_answer, memory=MEMORY)
