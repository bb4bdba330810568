"""Searches for secrets wherever a run may have left one: every file, raw and unpacked, in every form a program may write."""

from __future__ import annotations

import base64
import contextlib
import gzip
import html
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

from pypdf import PdfReader
from pypdf.errors import PyPdfError

# Streams of a PDF, and whatever else was packed without a container.
_PDF_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
# A picture or a file within a page.
_DATA_ADDRESS = re.compile(rb";base64,([A-Za-z0-9+/]{16,})")
_MAX_DEPTH = 4


def forms(secret: str) -> dict[str, bytes]:
    """A secret as it may be written, by the name of the form."""
    raw = secret.encode()
    found = {
        "as it is": raw,
        "of an address": quote(secret, safe="").encode(),
        "of a form": quote_plus(secret).encode(),
        "of an address, small letters": re.sub("%..", lambda match: match.group().lower(), quote(secret, safe="")).encode(),
        "of JSON": json.dumps(secret)[1:-1].encode(),
        "of JSON in JSON": json.dumps(json.dumps(secret)[1:-1])[1:-1].encode(),
        "of HTML": html.escape(secret).encode(),
        "hexadecimal": raw.hex().encode(),
        "UTF-16 LE": secret.encode("utf-16-le"),
        "UTF-16 BE": secret.encode("utf-16-be"),
        "Latin-1": secret.encode("latin-1", "replace"),
        "backwards": raw[::-1],
    }
    for shift in range(3):
        # What base64 makes of a text depends on where it begins among three bytes; the ends depend on what stands beside.
        packed = base64.b64encode(b"\0" * shift + raw).rstrip(b"=")
        inner = packed[(0, 2, 3)[shift] :][: -2 if len(raw) > 6 else None]
        found[f"base64, {shift}"] = inner
        found[f"base64 of addresses, {shift}"] = inner.replace(b"+", b"-").replace(b"/", b"_")
    return found


def unpacked(content: bytes, depth: int = 0) -> Iterator[bytes]:
    """A file's bytes, and those of all that is packed in it: zips, gzips, streams and text of PDFs, texts of pictures.

    What a JPEG says beside its picture (EXIF, comments) stands there as it is.
    """
    yield content
    if depth >= _MAX_DEPTH:
        return
    if content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield from unpacked(archive.read(name), depth + 1)
    elif content[:2] == b"\x1f\x8b":
        yield from unpacked(gzip.decompress(content), depth + 1)
    elif content[:8] == b"\x89PNG\r\n\x1a\n":
        for kind, chunk in _chunks(content):
            if kind in (b"zTXt", b"iTXt", b"iCCP"):
                yield from _inflated(chunk, depth)
    elif b";base64," in content:
        for packed in _DATA_ADDRESS.findall(content):
            yield from unpacked(base64.b64decode(packed + b"=="), depth + 1)
    elif content[:5] == b"%PDF-":
        for stream in _PDF_STREAM.findall(content):
            with contextlib.suppress(zlib.error):
                yield from unpacked(zlib.decompressobj().decompress(stream), depth + 1)
        try:
            yield "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).encode()
        except (PyPdfError, ValueError):
            return


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while at + 8 <= len(png):
        size = int.from_bytes(png[at : at + 4], "big")
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        at += size + 12


def _inflated(chunk: bytes, depth: int) -> Iterator[bytes]:
    """What is packed at the end of a chunk, after words that end in zeros."""
    for match in re.finditer(b"\x78[\x01\x5e\x9c\xda]", chunk):
        with contextlib.suppress(zlib.error):
            yield from unpacked(zlib.decompressobj().decompress(chunk[match.start() :]), depth + 1)


def hits(secrets: Iterable[str], content: bytes) -> list[str]:
    """The forms in which a secret stands in some bytes, in words."""
    wanted = [(f"{secret!r} {name}", form) for secret in secrets for name, form in forms(secret).items()]
    return [
        name
        for part in unpacked(content)
        for name, form in wanted
        if form in part or (name.endswith("hexadecimal") and form.upper() in part)
    ]


def hits_under(secrets: Iterable[str], *folders: Path) -> list[str]:
    """Where a secret stands, in names and contents of all files under these folders."""
    secrets = list(secrets)
    found: list[str] = []
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            found += [f"{path}: {hit}" for hit in hits(secrets, str(path.name).encode())]
            # A browser whose robot was killed is still putting its files away: what is gone is not left.
            with contextlib.suppress(FileNotFoundError):
                if path.is_file() and not path.is_symlink():
                    found += [f"{path}: {hit}" for hit in hits(secrets, path.read_bytes())]
    return found
