"""What is seen inside a PDF, and that no PDF can harm the one who looks."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from pdfs import (
    BOMBS,
    DATA,
    INVOICE_XML,
    RIGHT,
    attach,
    changed,
    claim_pdf_a3,
    described,
    in_catalogue,
    note,
    one_page,
    pin,
    program,
    raw_pdf,
    stream,
)
from pikepdf import Array, Dictionary, Name, Stream

from robot import pdffile
from robot.pdffile import inspect, look, text_of
from robot.uploads import MAX_FILE, Level


def codes_of(path: Path) -> list[str]:
    return [finding.code for finding in inspect(path)]


@pytest.fixture
def made(tmp_path: Path):
    """Writes bytes under a name and gives the path."""

    def make(content: bytes, name: str = "facture.pdf") -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return make


# --- real files ---------------------------------------------------------------------------------------------

TRUTH = json.loads((DATA / "sante-psy/truth.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("truth", TRUTH, ids=lambda truth: truth["file"][:3])
def test_each_invoice_has_the_findings_read_by_hand(truth):
    """Of the findings written down for each PDF, those about the file itself; no other."""
    about_the_file = [code for code in truth["findings"] if code.startswith(("PDF_", "FICHIER_", "PAS_"))]
    assert codes_of(DATA / "sante-psy" / truth["file"]) == about_the_file


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("fnfe-fr-en16931", ["PDF_FACTURX"]),  # factur-x.xml, by its name
        ("cas-PDF-001", []),  # its metadata claim an XML that is not there: a plain PDF
        ("cas-PDF-002", ["PDF_FACTURX", "PDF_FICHIER_JOINT"]),  # PDF/A-3, invoice XML under another name
    ],
)
def test_electronic_invoices_of_others(name, codes):
    """The portal would take these as a batch, without its form."""
    assert codes_of(DATA / "tiers" / f"{name}.pdf") == codes


@pytest.mark.parametrize("name", ["s01-espace-psy-bon-de-commande", "s04-modele-libreoffice", "s06-tva-20"])
def test_the_text_of_a_pdf_is_read(name):
    """The number printed on the invoice is found in its text."""
    printed = {truth["file"]: truth["invoice_number"] for truth in TRUTH if "invoice_number" in truth}
    assert printed[f"{name}.pdf"] in text_of(DATA / f"sante-psy/{name}.pdf")


@pytest.mark.parametrize("name", ["s07-scan-image", "s08-mot-de-passe", "s09-tronque", "s90-zero-octet", "absent"])
def test_no_text_is_an_answer(name):
    """A scan, a locked, a broken, an empty and a missing file have no text."""
    assert text_of(DATA / f"sante-psy/{name}.pdf").strip() == ""


# --- the file from outside ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "nature"),
    [
        (b"<!DOCTYPE html><html>", "une page web"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><a/>", "un fichier XML"),
        (b"PK\x03\x04....", "un document Word, Excel, LibreOffice ou une archive ZIP"),
        (b"\xd0\xcf\x11\xe0....", "un ancien document Word ou Excel"),
        (b"{\\rtf1", "un document RTF"),
        (b"\xff\xd8\xff\xe0", "une photo ou une image"),
        (b"\x00\x00\x00\x20ftypheic", "une photo ou une image"),  # a telephone's
        (b"Facture 12", "du texte"),
        (b"\x00\x01\x02", "un fichier d'une autre nature"),
    ],
)
def test_a_file_that_is_no_pdf_is_named(made, content, nature):
    """The sentence says what the file is instead."""
    (finding,) = inspect(made(content))
    assert (finding.code, finding.level) == ("PAS_UN_PDF", Level.BLOCKS)
    assert f"n'est pas un PDF, malgré son nom : c'est {nature}." in finding.message


def test_a_pdf_under_another_extension(made):
    """The portal reads the extension."""
    assert codes_of(made(RIGHT, "facture.txt")) == ["EXTENSION"]


def test_a_name_that_the_portal_may_refuse(made):
    """The deposit goes on, under a name that is told."""
    (finding,) = inspect(made(RIGHT, "Santé Psy Étudiant (3).pdf"))
    assert (finding.code, finding.level) == ("NOM_FICHIER", Level.TELLS)
    assert "Nous déposons une copie nommée Sante-Psy-Etudiant-3.pdf." in finding.message


def test_ten_mo_and_no_more(made):
    """The size is told, and how to reduce it."""
    (finding,) = inspect(made(RIGHT + b"\n" * MAX_FILE))
    assert finding.code == "FICHIER_TROP_GROS"
    assert "pèse 10,1 Mo ; le portail accepte 10 Mo." in finding.message


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are of Unix")
def test_what_is_no_file_is_not_read(tmp_path):
    """A folder, a missing file, and a pipe that would make the reader wait for ever."""
    os.mkfifo(tmp_path / "pipe.pdf")
    assert codes_of(tmp_path / "pipe.pdf") == codes_of(tmp_path) == codes_of(tmp_path / "a.pdf") == ["FICHIER_ABSENT"]


# --- the file from inside -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("user_password", "code"),
    [
        ("", "PDF_PROTEGE"),  # opens, but may not be copied
        ("secret", "PDF_MOT_DE_PASSE"),
    ],
)
@pytest.mark.parametrize("strength", [{"R": 3, "aes": False, "metadata": False}, {"R": 4}, {"R": 6}], ids=str)
def test_two_kinds_of_protection(made, user_password, code, strength):
    """One asks, the other blocks; the old way of locking and those of today."""
    lock = pikepdf.Encryption(user=user_password, owner="owner", allow=pikepdf.Permissions(extract=False), **strength)
    assert codes_of(made(changed(encryption=lock))) == [code]


def test_a_lock_without_a_password(made):
    """A certificate opens it, which nobody at the portal has."""
    locked = changed().replace(
        b"/Root", b"/Encrypt << /Filter /Adobe.PubSec /V 4 /SubFilter /adbe.pkcs7.s5 >> /Root", 1
    )
    assert codes_of(made(locked)) == ["PDF_MOT_DE_PASSE"]


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("factur-x.xml", ["PDF_FACTURX"]),
        ("ZUGFeRD-invoice.xml", ["PDF_FACTURX"]),
        ("zugferd-invoice.xml", ["PDF_FACTURX"]),
        ("xrechnung.xml", ["PDF_FACTURX"]),
        ("invoice.xml", ["PDF_FICHIER_JOINT"]),  # not a PDF/A-3: the portal shows its form
        ("bilan.ods", ["PDF_FICHIER_JOINT"]),
    ],
)
@pytest.mark.parametrize("put", [attach, pin], ids=["in the list of files", "pinned to the page"])
def test_embedded_files(made, name, codes, put):
    """An electronic invoice blocks, any other file is asked about; wherever it hangs."""
    assert codes_of(made(changed(put(name)))) == codes


def test_an_invoice_in_a_pdf_a3_under_any_name(made):
    """The portal leaves its form for the content."""
    assert "PDF_FACTURX" in codes_of(made(changed(attach("invoice.xml"), claim_pdf_a3)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    ("xml", "is_invoice"),
    [
        ("<ubl:Invoice xmlns:ubl='urn:x'/>", True),
        ("<!-- from a program --><?x y?>\n<CreditNote/>", True),
        ("<!-- a licence" + " " * 9000 + "--><Invoice>", True),
        ("<Invoices/>", False),
        ("<order><Invoice/></order>", False),
        ("<?a?>" * 5000 + "x", False),  # slow to read for who tries every way
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else "",
)
def test_an_electronic_invoice_is_known_by_its_root(xml, is_invoice, encoding):
    """Its content is kept for who reads it; that of any other file is not."""
    content = xml.encode(encoding)
    seen = look(changed(attach("a.xml", content)))
    assert (seen.files[0].is_invoice, seen.invoices) == (is_invoice, [content] if is_invoice else [])


def test_an_invoice_of_more_than_two_megabytes_is_not_kept():
    """It is told all the same."""
    (file,) = look(changed(attach("a.xml", INVOICE_XML + b" " * 2_000_000))).files
    assert (file.is_invoice, file.content) == (True, b"")


def test_an_embedded_file_is_named(made):
    """The sentence names the file, without the signs that could spoil a terminal."""
    (finding,) = inspect(made(changed(attach("no\x1b[2Jtes\u202e.txt", b"x"))))
    assert finding.level is Level.ASKS
    assert "contient un autre fichier : no[2Jtes.txt." in finding.message


def on_the_page(**more: object) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].Annots = Array([pdf.make_indirect(note(**more))])

    return change


def in_a_form(pdf: pikepdf.Pdf) -> None:
    script = Stream(pdf, b'<script contentType="application/x-javascript">1</script>')
    pdf.Root.AcroForm = Dictionary(Fields=Array(), XFA=Array([pikepdf.String("template"), script]))


PROGRAMS = {
    "at opening": in_catalogue("/OpenAction", program()),
    "at closing": in_catalogue("/AA", Dictionary(WC=program())),
    "by name": in_catalogue("/Names", Dictionary(JavaScript=Dictionary(Names=Array(["a", program()])))),
    "on a page": lambda pdf: pdf.pages[0].obj.__setitem__("/AA", Dictionary(O=program())),
    "in a link": on_the_page(Subtype=Name.Link, A=program()),
    "in a field": in_catalogue(
        "/AcroForm", Dictionary(Fields=[Dictionary(FT=Name.Tx, T="a", AA=Dictionary(K=program()))])
    ),
    "after another action": on_the_page(Subtype=Name.Link, A=Dictionary(S=Name.URI, URI="x", Next=Array([program()]))),
    "of a film": on_the_page(Subtype=Name.Screen, A=Dictionary(S=Name.Rendition, JS="app.alert(1)")),
    "in a bookmark": in_catalogue("/Outlines", Dictionary(First=Dictionary(Title="a", A=program()))),
    "in a form": in_a_form,
}


@pytest.mark.parametrize("change", PROGRAMS.values(), ids=PROGRAMS)
def test_javascript(made, change):
    """A program in the invoice is asked about, wherever it is."""
    assert codes_of(made(changed(change))) == ["PDF_JAVASCRIPT"]


def test_a_program_under_a_disguised_name(made):
    """Any letter of a name may be written as a number."""
    hidden = raw_pdf(
        *one_page(stream(b"BT ET"), b"/OpenAction << /#53 /Java#53cript /J#53 (1) >>"),
    )
    assert "PDF_JAVASCRIPT" in codes_of(made(hidden))


@pytest.mark.parametrize(
    "change",
    [
        in_catalogue("/Lang", "/JS /JavaScript /EF"),
        lambda pdf: pdf.docinfo.__setitem__("/Title", "<</S/JavaScript/JS(1)>>"),
        lambda pdf: pdf.pages[0].Resources.__setitem__(
            "/ColorSpace", Dictionary(JS=Name.DeviceRGB, EF=Name.DeviceGray)
        ),
    ],
    ids=["a text", "a title", "names of colours"],
)
def test_words_alone_are_no_program(made, change):
    """An invoice may speak of JavaScript."""
    assert codes_of(made(changed(change))) == []


def test_the_blocking_things_come_first(made):
    """Who reads one sentence reads the most important one."""
    spoilt = changed(in_catalogue("/OpenAction", program()), attach("factur-x.xml"))
    assert codes_of(made(spoilt)) == ["PDF_FACTURX", "PDF_JAVASCRIPT"]


def test_a_file_that_had_to_be_rebuilt(made):
    """Its table points elsewhere: we can read it, the portal perhaps not."""
    (finding,) = inspect(made(re.sub(rb"startxref\s+\d+", b"startxref\n7", RIGHT)))
    assert (finding.code, finding.level) == ("PDF_REPARE", Level.ASKS)
    assert finding.message.startswith("facture.pdf contient une erreur de structure.")


def test_a_file_is_described_twice():
    """Once in the list and once on its page: it is one file."""

    def change(pdf: pikepdf.Pdf) -> None:
        pdf.Root.AF = Array([described(pdf, "factur-x.xml", INVOICE_XML) for _ in range(2)])

    assert [file.name for file in look(changed(change)).files] == ["factur-x.xml"]


def test_the_pages_come_with_their_words():
    """For who reads what the invoice says."""
    seen = look((DATA / "sante-psy/s03-espace-psy-plusieurs-pages.pdf").read_bytes())
    assert (seen.page_count, [page.number for page in seen.pages]) == (3, [1, 2, 3])
    assert "Santé" in [word.text for line in seen.pages[0].lines for word in line.words]


# --- broken and hostile files -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(RIGHT[: len(RIGHT) // 2], id="cut"),
        pytest.param(RIGHT[:-200] + b"%%EOF", id="cut, and closed again"),
        pytest.param(b"%PDF-1.7\n%%EOF", id="nothing between head and tail"),
        pytest.param(raw_pdf(b"<< /Type /Catalog >>"), id="no page"),
        pytest.param(
            raw_pdf(b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>"),
            id="a page tree that contains itself",
        ),
        pytest.param(raw_pdf(b"[" * 50_000), id="deep nesting"),
        pytest.param(b"%PDF-1.7\nstartxref\n99999999\n%%EOF", id="a table beyond the end"),
    ],
)
def test_a_broken_file_ends_in_a_sentence(made, content):
    """Whatever the parser meets, the owner reads one blocking sentence."""
    (finding,) = inspect(made(content))
    assert (finding.code, finding.level) == ("PDF_ILLISIBLE", Level.BLOCKS)
    assert finding.message == "facture.pdf est abîmé ou incomplet. Téléchargez-le ou imprimez-le de nouveau."


@pytest.mark.parametrize("make", BOMBS.values(), ids=BOMBS)
def test_a_bomb_ends_in_a_sentence(made, make, monkeypatch):
    """Little time, little memory; and the next file is read."""
    with monkeypatch.context() as patch:
        patch.setattr(pdffile, "SECONDS", 1.5)
        assert codes_of(made(make())) == ["PDF_ILLISIBLE"]
    assert codes_of(made(RIGHT)) == []


def test_deep_nesting_beside_the_page_is_read(made):
    """A part that nobody needs spoils nothing."""
    deep = raw_pdf(*one_page(stream(b"BT ET"), b"/Deep 5 0 R"), b"[" * 400 + b"<< /JS (1) >>" + b"]" * 400)
    assert "PDF_JAVASCRIPT" in codes_of(made(deep))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(RIGHT + b"\0" * 4096, id="zeros that a mail gateway added"),
        pytest.param(b"\r\n" * 20 + RIGHT, id="lines before the head"),
    ],
)
def test_small_dirt_is_no_damage(made, content):
    """What every reader accepts is accepted."""
    assert codes_of(made(content)) == []
