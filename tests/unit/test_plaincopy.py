"""The plain copy: the same pages without what is hidden in them, the original as it was, nothing else overwritten."""

from __future__ import annotations

import io
import os
import shutil
from pathlib import Path

import pikepdf
import pytest
from pdfs import BOMBS, DATA, RIGHT, attach, changed, claim_pdf_a3, described, in_catalogue, note, pin, program
from pikepdf import Array, Dictionary, Name
from test_pdffile import PROGRAMS

from robot import pdffile
from robot.failures import FileInvalid
from robot.pdffile import inspect, look
from robot.plaincopy import plain_copy

ELECTRONIC = [path for path in sorted(DATA.glob("*/*.pdf")) if path.stat().st_size and look(path.read_bytes()).files]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "facture.pdf"


def refusal(path: Path) -> str:
    before = sorted(path.parent.iterdir())
    with pytest.raises(FileInvalid) as caught:
        plain_copy(path)
    assert sorted(path.parent.iterdir()) == before
    return str(caught.value)


@pytest.mark.parametrize("source", ELECTRONIC, ids=lambda path: path.stem)
def test_the_copy_shows_the_same_pages_and_hides_nothing(tmp_path, source):
    """Words and their places; the original stays as it is, byte for byte."""
    original = Path(shutil.copy(source, tmp_path))
    copy = plain_copy(original)
    seen, kept = look(copy.read_bytes()), look(source.read_bytes())
    assert (seen.pages, seen.text, seen.page_count) == (kept.pages, kept.text, kept.page_count)
    assert (seen.files, seen.pdf_a3, seen.repaired, list(inspect(copy))) == ((), False, False, [])
    assert original.read_bytes() == source.read_bytes()


def test_nothing_of_the_hidden_file_is_left(file):
    """Not even out of sight."""
    shutil.copy(DATA / "sante-psy/s12-factur-x.pdf", file)
    with pikepdf.open(plain_copy(file)) as pdf:
        parts = [part.unparse(resolved=True) for part in pdf.objects]
        streams = [part.read_bytes() for part in pdf.objects if isinstance(part, pikepdf.Stream)]
    assert not [
        part for part in parts for word in (b"/AF", b"/EF", b"EmbeddedFile", b"Filespec", b"/XML") if word in part
    ]
    assert not [stream for stream in streams if b"CrossIndustryInvoice" in stream or b"pdfaid" in stream]


@pytest.mark.parametrize("change", PROGRAMS.values(), ids=PROGRAMS)
def test_programs_are_taken_out(file, change):
    """Wherever they are."""
    file.write_bytes(changed(change))
    assert list(inspect(plain_copy(file))) == []


@pytest.mark.parametrize("put", [attach, pin])
@pytest.mark.parametrize("name", ["factur-x.xml", "invoice.xml", "bilan.ods", "no\x1b[2J\0tes.txt"])
def test_files_are_taken_out(file, name, put):
    """An attachment is deposited apart."""
    file.write_bytes(changed(put(name), claim_pdf_a3))
    assert list(inspect(plain_copy(file))) == []


def test_the_note_of_a_file_goes_with_it(file):
    """And the links of the page stay."""

    def change(pdf: pikepdf.Pdf) -> None:
        clip = pdf.make_indirect(note(Subtype=Name.FileAttachment, FS=described(pdf, "a.txt", b"x")))
        link = note(Subtype=Name.Link, A=Dictionary(S=Name.URI, URI="https://example.org"))
        pdf.pages[0].Annots = Array([clip, pdf.make_indirect(note(Subtype=Name.Popup, Parent=clip)), link])

    file.write_bytes(changed(change))
    with pikepdf.open(plain_copy(file)) as pdf:
        assert [mark.Subtype for mark in pdf.pages[0].Annots] == [Name.Link]


def test_names_of_fonts_and_colours_are_free(file):
    """They may be those of hidden things."""

    def rename(pdf: pikepdf.Pdf) -> None:
        fonts = pdf.pages[0].Resources.Font
        (old,) = list(fonts.keys())[:1]
        for new in ("/AF", "/EF", "/AA", "/JS"):
            fonts[new] = fonts[old]

    file.write_bytes(changed(rename))
    with pikepdf.open(plain_copy(file)) as pdf:
        assert {"/AF", "/EF", "/AA", "/JS"} <= set(pdf.pages[0].Resources.Font.keys())


def test_a_seal_is_not_left_broken(file):
    """A copy has no signature of its own."""
    seal = Dictionary(Type=Name.Sig, Filter=Name("/Adobe.PPKLite"), ByteRange=[0, 1, 2, 3])
    field = Dictionary(FT=Name.Sig, T="signature", V=seal)
    file.write_bytes(changed(in_catalogue("/AcroForm", Dictionary(Fields=[field], SigFlags=3))))
    assert b"/ByteRange" not in plain_copy(file).read_bytes()


# --- names --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "copy"),
    [
        ("facture.pdf", "facture-simple.pdf"),
        ("Santé Psy Étudiant (3).pdf", "Sante-Psy-Etudiant-3-simple.pdf"),
        ("facture-simple.pdf", "facture-simple-2.pdf"),
        ("f" * 60 + ".PDF", "f" * 39 + "-simple.pdf"),
        ("\x1b[2J\n.pdf", "2J-simple.pdf"),
        ("facture.txt", "facture-simple.pdf"),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="some of these names cannot be on Windows")
def test_its_name_is_one_that_the_portal_takes(tmp_path, name, copy):
    """Beside the original."""
    (tmp_path / name).write_bytes(changed(attach("factur-x.xml")))
    assert plain_copy(tmp_path / name) == tmp_path / copy


def test_nothing_is_overwritten(file):
    """A file of that name, whatever it is, stays as it is."""
    file.write_bytes(changed(attach("factur-x.xml")))
    mine = file.with_name("facture-simple.pdf")
    mine.write_text("la mienne")
    file.with_name("facture-simple-2.pdf").mkdir()
    assert plain_copy(file).name == "facture-simple-3.pdf"
    assert mine.read_text() == "la mienne"


def test_the_same_copy_twice_is_one_file(file):
    """Who asks again finds the first one."""
    file.write_bytes(changed(attach("factur-x.xml")))
    assert plain_copy(file) == plain_copy(file)
    assert len(list(file.parent.iterdir())) == 2


# --- refusals -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("s08-mot-de-passe", "s'ouvre avec un mot de passe"),
        ("s09-tronque", "est abîmé ou incomplet"),
        ("s90-zero-octet", "est vide"),
        ("s91-page-web-renommee", "n'est pas un PDF"),
    ],
)
def test_what_cannot_be_read_cannot_be_copied(tmp_path, name, sentence):
    """The sentence is that of the check."""
    assert sentence in refusal(Path(shutil.copy(DATA / f"sante-psy/{name}.pdf", tmp_path)))


def test_a_protected_file_is_not_copied(file):
    """Its owner did not want it."""
    file.write_bytes(changed(encryption=pikepdf.Encryption(owner="owner", user="")))
    assert "protégé contre la copie" in refusal(file)


def test_a_rebuilt_file_is_not_copied(file):
    """Nobody knows what it has lost."""
    file.write_bytes(RIGHT.replace(b"startxref", b"startxref 7 "))
    assert "erreur de structure" in refusal(file)


def test_a_bomb_is_not_copied(file):
    """It ends in a sentence, soon."""
    file.write_bytes(BOMBS["page"]())
    assert "est abîmé ou incomplet" in refusal(file)


def test_the_making_takes_too_long(file, monkeypatch):
    """The cure is a printer."""
    file.write_bytes(changed(attach("factur-x.xml"), in_catalogue("/OpenAction", program())))
    assert not look(file.read_bytes()).error
    monkeypatch.setattr(pdffile, "SECONDS", 0)
    assert "remède : ouvrez le fichier, puis « Imprimer »" in refusal(file)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="a folder that is closed to its owner")
def test_a_folder_that_is_closed(file):
    """The reason is the system's."""
    file.write_bytes(io.BytesIO(RIGHT).getvalue())
    file.parent.chmod(0o500)
    assert "ne peut pas être écrite, vous n'avez pas le droit" in refusal(file)


def test_a_file_that_is_not_there(file):
    assert "est introuvable" in refusal(file)
