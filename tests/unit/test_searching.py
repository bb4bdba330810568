"""The search for secrets finds them wherever they are planted: otherwise finding none would prove nothing."""

from __future__ import annotations

import base64
import gzip
import io
import zipfile
from pathlib import Path

import pytest
from fpdf import FPDF
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from searching import forms, hits, hits_under

SECRET = "Ze-Sécret/+2026!"


@pytest.mark.parametrize("name", forms(SECRET))
def test_every_form_is_found(name: str):
    assert hits([SECRET], b"before " + forms(SECRET)[name] + b" after")


@pytest.mark.parametrize("before", [b"", b"a", b"ab", b"abc", b"Basic user:"])
def test_base64_is_found_wherever_it_begins(before: bytes):
    assert hits([SECRET], base64.b64encode(before + SECRET.encode() + b"\n more"))
    assert hits([SECRET], base64.urlsafe_b64encode(before + SECRET.encode()))


def zipped(content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("trace.trace", content)
    return packed.getvalue()


def printed(text: str) -> bytes:
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("Helvetica")
    pdf.cell(text=text)
    return bytes(pdf.output())


def drawn(kind: str) -> bytes:
    """A small picture that says the secret beside its colours."""
    picture = io.BytesIO()
    if kind == "png":
        beside = PngInfo()
        beside.add_text("note", SECRET, zip=True)
        Image.new("RGB", (4, 4)).save(picture, "PNG", pnginfo=beside)
    else:
        exif = Image.Exif()
        exif[0x010E] = "Ze-Secret/+2026!"
        Image.new("RGB", (4, 4)).save(picture, "JPEG", exif=exif, comment=SECRET.encode())
    return picture.getvalue()


def shown(content: bytes) -> bytes:
    """A page that holds a file."""
    return b'<img src="data:image/png;base64,' + base64.b64encode(content) + b'">'


@pytest.mark.parametrize(
    "packed",
    [
        zipped(SECRET.encode()),
        zipped(zipped(SECRET.encode())),
        gzip.compress(SECRET.encode()),
        printed(SECRET),
        drawn("png"),
        drawn("jpeg"),
        shown(drawn("png")),
        zipped(shown(printed(SECRET))),
    ],
    ids=["zip", "zip in a zip", "gzip", "pdf", "png", "jpeg", "picture in a page", "pdf in a page in a zip"],
)
def test_what_is_packed_is_found(packed: bytes, tmp_path: Path):
    (tmp_path / "file").write_bytes(packed)
    assert hits_under([SECRET], tmp_path)


def test_words_beside_the_colours_are_found():
    assert hits(["Ze-Secret/+2026!"], drawn("jpeg"))


def test_a_file_name_is_searched_too(tmp_path: Path):
    (tmp_path / "Ze-Secret").touch()
    assert hits_under(["Ze-Secret"], tmp_path)


def test_nothing_is_found_where_nothing_is(tmp_path: Path):
    (tmp_path / "file").write_bytes(zipped(b"Ze-Secre") + b"t")
    assert hits_under(["Ze-Secret"], tmp_path) == []
