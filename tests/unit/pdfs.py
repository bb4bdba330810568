"""PDFs made for one test: a right one with a part more, or one written by hand. Knows nothing of what is made of them."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

DATA = Path(__file__).parents[1] / "data"
RIGHT = (DATA / "bilan.pdf").read_bytes()
INVOICE_XML = b'<?xml version="1.0"?><rsm:CrossIndustryInvoice xmlns:rsm="urn:x"/>'

Change = Callable[[pikepdf.Pdf], object]


def changed(*changes: Change, encryption: pikepdf.Encryption | None = None) -> bytes:
    """A right PDF after these changes."""
    with pikepdf.open(io.BytesIO(RIGHT)) as pdf:
        for change in changes:
            change(pdf)
        written = io.BytesIO()
        pdf.save(written, encryption=encryption, fix_metadata_version=False)
        return written.getvalue()


def program() -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS="app.alert(1)")


def described(pdf: pikepdf.Pdf, name: str, content: bytes) -> Dictionary:
    """A file inside, and its description."""
    return Dictionary(Type=Name.Filespec, F=name, UF=name, EF=Dictionary(F=Stream(pdf, content)))


def note(**more: object) -> Dictionary:
    """An annotation somewhere on the page."""
    return Dictionary(Type=Name.Annot, Rect=[0, 0, 9, 9], **more)


def pin(name: str, content: bytes = INVOICE_XML) -> Change:
    """A file behind a paper clip on the page."""

    def change(pdf: pikepdf.Pdf) -> None:
        clip = note(Subtype=Name.FileAttachment, FS=described(pdf, name, content))
        pdf.pages[0].Annots = Array([pdf.make_indirect(clip)])

    return change


def attach(name: str, content: bytes = INVOICE_XML) -> Change:
    """A file in the list of the document's files."""

    def change(pdf: pikepdf.Pdf) -> None:
        pdf.attachments[name] = pikepdf.AttachedFileSpec(pdf, content, filename=name)

    return change


def claim_pdf_a3(pdf: pikepdf.Pdf) -> None:
    text = b'<x xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"><pdfaid:part>3</pdfaid:part></x>'
    pdf.Root.Metadata = Stream(pdf, text, Type=Name.Metadata, Subtype=Name.XML)


def in_catalogue(name: str, value: object) -> Change:
    return lambda pdf: pdf.Root.__setitem__(name, value)


# --- by hand ------------------------------------------------------------------------------------------------


def raw_pdf(*objects: bytes) -> bytes:
    """A PDF of these objects, numbered from 1; the first is the catalogue."""
    body, places = bytearray(b"%PDF-1.7\n"), []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(body))
    return bytes(body) + b"xref\n0 %d\n0000000000 65535 f \n%s%s" % (len(objects) + 1, table, trailer)


def stream(content: bytes, keys: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), keys, content)


def one_page(content: bytes, more: bytes = b"", resources: bytes = b"") -> tuple[bytes, ...]:
    """Catalogue, page tree and page for a content stream; the next object is number 5."""
    return (
        b"<< /Type /Catalog /Pages 2 0 R %s >>" % more,
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R /Resources << %s >> >>" % resources,
        content,
    )


def packed(megabytes: int) -> bytes:
    """So many zeros, as small as they get; made of one block again and again, as packing gigabytes takes long."""
    press = zlib.compressobj(9, wbits=-15)
    block = press.compress(bytes(1_000_000)) + press.flush(zlib.Z_FULL_FLUSH)
    checksum = (megabytes * 1_000_000 % 65521 << 16) | 1
    return b"\x78\xda" + block * megabytes + b"\x03\x00" + checksum.to_bytes(4, "big")


def form(content: bytes, keys: bytes = b"") -> bytes:
    """A drawing that can be put on a page many times."""
    return stream(content, b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] " + keys)


def nested_forms(depth: int, width: int) -> bytes:
    """A drawing of drawings of drawings: `width` to the power of `depth` of them."""
    calls = b" ".join([b"/F Do"] * width)
    levels = [form(calls, b"/Resources << /XObject << /F %d 0 R >> >>" % (6 + level)) for level in range(depth)]
    page = one_page(stream(b"/F Do"), resources=b"/XObject << /F 5 0 R >>")
    return raw_pdf(*page, *levels, form(b"0 0 1 1 re f"))


_FLATE = b"/Filter /FlateDecode"
_DRAWN = one_page(stream(b"/F Do"), resources=b"/XObject << /F 5 0 R >>")

# Small files that unpack to gigabytes, or never end, each in another part; made when they are needed.
BOMBS: dict[str, Callable[[], bytes]] = {
    "page": lambda: raw_pdf(*one_page(stream(packed(200), _FLATE))),
    "page, packed twice": lambda: raw_pdf(
        *one_page(stream(zlib.compress(packed(1000), 9), b"/Filter [/FlateDecode /FlateDecode]"))
    ),
    "drawing": lambda: raw_pdf(*_DRAWN, form(packed(4000), _FLATE)),
    "drawings of drawings": lambda: nested_forms(8, 10),
    "metadata": lambda: raw_pdf(
        *one_page(stream(b"BT ET"), more=b"/Metadata 5 0 R"), stream(packed(200), b"/Type /Metadata " + _FLATE)
    ),
    "objects": lambda: raw_pdf(*one_page(stream(b"BT ET")), *[b"null"] * 200_001),
}
