"""What is seen inside a PDF, and that no PDF can harm the one who looks."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest
from factures import DATA
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from robot import pdffile
from robot.pdffile import inspect, text_of
from robot.uploads import MAX_FILE, Level

RIGHT = (DATA / "bilan.pdf").read_bytes()
INVOICE_XML = b'<?xml version="1.0"?><rsm:CrossIndustryInvoice xmlns:rsm="urn:x"/>'


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


@pytest.fixture
def changed(tmp_path: Path):
    """A right PDF, changed by pypdf."""

    def change(work: Callable[[pypdf.PdfWriter], object]) -> Path:
        writer = pypdf.PdfWriter(clone_from=DATA / "bilan.pdf")
        work(writer)
        writer.write(tmp_path / "facture.pdf")
        return tmp_path / "facture.pdf"

    return change


def raw_pdf(*objects: bytes) -> bytes:
    """A PDF of these objects, numbered from 1; the first is the catalogue."""
    body, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(body))
    return body + b"xref\n0 %d\n0000000000 65535 f \n%s%s" % (len(objects) + 1, table, trailer)


def one_page(content: bytes, more: bytes = b"") -> tuple[bytes, ...]:
    """Catalogue, page tree and page for a content stream."""
    return (
        b"<< /Type /Catalog /Pages 2 0 R %s >>" % more,
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>",
        content,
    )


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


@pytest.mark.parametrize(
    "name", ["s07-scan-image", "s08-mot-de-passe", "s09-tronque", "s90-zero-octet", "absent"]
)
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
    assert (
        codes_of(tmp_path / "pipe.pdf")
        == codes_of(tmp_path)
        == codes_of(tmp_path / "a.pdf")
        == ["FICHIER_ABSENT"]
    )


# --- the file from inside -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("user_password", "code"),
    [
        ("", "PDF_PROTEGE"),  # opens, but may not be copied
        ("secret", "PDF_MOT_DE_PASSE"),
    ],
)
def test_two_kinds_of_protection(changed, user_password, code):
    """One asks, the other blocks."""
    path = changed(lambda pdf: pdf.encrypt(user_password, owner_password="owner", algorithm="RC4-128"))
    assert codes_of(path) == [code]


@pytest.mark.parametrize(
    ("user_password", "code"),
    [("", "PDF_PROTEGE"), ("secret", "PDF_MOT_DE_PASSE")],
)
def test_two_kinds_of_protection_of_today(changed, user_password, code):
    """The same with AES, which most programs use now."""
    pytest.importorskip("cryptography")
    path = changed(lambda pdf: pdf.encrypt(user_password, owner_password="owner", algorithm="AES-256"))
    assert codes_of(path) == [code]


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
def test_embedded_files(changed, name, codes):
    """An electronic invoice blocks, any other file is asked about."""
    assert codes_of(changed(lambda pdf: pdf.add_attachment(name, INVOICE_XML))) == codes


def test_an_embedded_file_is_named(changed):
    """The sentence names the file, without the signs that could spoil a terminal."""
    (finding,) = inspect(changed(lambda pdf: pdf.add_attachment("no\x1b[2Jtes.txt", b"x")))
    assert finding.level is Level.ASKS
    assert "contient un autre fichier : no[2Jtes.txt." in finding.message


def add_javascript(pdf: pypdf.PdfWriter) -> None:
    action = {
        NameObject("/S"): NameObject("/JavaScript"),
        NameObject("/JS"): TextStringObject("app.alert(1)"),
    }
    pdf.root_object[NameObject("/OpenAction")] = DictionaryObject(action)


def test_javascript(changed):
    """A program in the invoice is asked about."""
    assert codes_of(changed(add_javascript)) == ["PDF_JAVASCRIPT"]


def test_the_blocking_things_come_first(changed):
    """Who reads one sentence reads the most important one."""

    def spoil(pdf: pypdf.PdfWriter) -> None:
        add_javascript(pdf)
        pdf.add_attachment("factur-x.xml", INVOICE_XML)

    assert codes_of(changed(spoil)) == ["PDF_FACTURX", "PDF_JAVASCRIPT"]


# --- broken and hostile files -------------------------------------------------------------------------------

BOMB = zlib.compress(b"\0" * 200_000_000)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(RIGHT[: len(RIGHT) // 2], id="cut"),
        pytest.param(b"%PDF-1.7\n%%EOF", id="nothing between head and tail"),
        pytest.param(raw_pdf(b"<< /Type /Catalog >>"), id="no page"),
        pytest.param(
            raw_pdf(b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>"),
            id="a page tree that contains itself",
        ),
        pytest.param(
            raw_pdf(
                *one_page(b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(BOMB), BOMB))
            ),
            id="a page that unpacks to 200 Mo",
        ),
        pytest.param(raw_pdf(b"[" * 50_000), id="deep nesting"),
        pytest.param(b"%PDF-1.7\nstartxref\n99999999\n%%EOF", id="a table beyond the end"),
    ],
)
def test_a_broken_or_hostile_file_ends_in_a_sentence(made, content):
    """Whatever the parser meets, the owner reads one blocking sentence."""
    (finding,) = inspect(made(content))
    assert (finding.code, finding.level) == ("PDF_ILLISIBLE", Level.BLOCKS)
    assert finding.message == "facture.pdf est abîmé ou incomplet. Téléchargez-le ou imprimez-le de nouveau."


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


def test_the_reader_is_stopped_in_time(made, monkeypatch):
    """A file that keeps the parser busy is a file that cannot be read."""
    monkeypatch.setattr(pdffile, "SECONDS", 0.001)
    assert codes_of(made(RIGHT + b"\n \n")) == ["PDF_ILLISIBLE"]


def test_a_folder_named_robot_is_not_run(made, tmp_path, monkeypatch):
    """The reading process takes this package, whatever lies in the user's folder."""
    (tmp_path / "robot").mkdir()
    (tmp_path / "robot/__init__.py").write_text("raise SystemExit('hijacked')")
    monkeypatch.chdir(tmp_path)
    assert codes_of(made(RIGHT + b" \n\n")) == []
