"""What the replica makes of a file: its format, or a French refusal."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from pypdf import PdfReader, PdfWriter
from visitor import DATA, SANTE_PSY

from robot.replica.intake import MAX_FILE, FileRefused, Format, check_attachment, take_invoice

PLAIN = (SANTE_PSY / "s01-espace-psy-bon-de-commande.pdf").read_bytes()


def rewritten(content: bytes, change: Callable[[PdfWriter], object]) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(content)))
    change(writer)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


SIGNED = rewritten(PLAIN, lambda writer: writer.add_metadata({"/ByteRange": "the mark of a signature"}))
LOCKED = rewritten(PLAIN, lambda writer: writer.encrypt("secret", algorithm="RC4-128"))


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (PLAIN, Format.UNSIGNED),
        (SIGNED, Format.SIGNED),
        ((SANTE_PSY / "s12-factur-x.pdf").read_bytes(), Format.FACTUR_X),
        ((DATA / "tiers" / "fnfe-fr-en16931.pdf").read_bytes(), Format.FACTUR_X),
        ((SANTE_PSY / "s11-fichier-joint-csv.pdf").read_bytes(), Format.UNSIGNED),
    ],
    ids=["plain", "signed", "factur-x", "factur-x of others", "an attached csv is no invoice"],
)
def test_the_format_is_detected(content, found):
    """From the file itself, as the portal does."""
    assert take_invoice("facture.pdf", content) is found


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("facture.docx", PLAIN, "doit être un PDF"),
        ("facture", PLAIN, "extension"),
        ("facture.pdf", b"", "est vide"),
        ("facture.pdf", b"<!doctype html>" * 100, "n'est pas un PDF"),
        ("facture.pdf", LOCKED, "mot de passe"),
        ("facture.pdf", (SANTE_PSY / "s09-tronque.pdf").read_bytes(), "illisible"),
        ("facture.pdf", PLAIN + bytes(MAX_FILE), "10 Mo"),
        ("f" * 200 + ".pdf", PLAIN, "200 caractères"),
    ],
)
def test_unfit_invoices_are_refused_with_a_sentence(name, content, sentence):
    """Encrypted, too large, damaged, empty, or no PDF at all."""
    with pytest.raises(FileRefused, match=sentence):
        take_invoice(name, content)


@pytest.mark.parametrize(
    ("name", "size", "others", "sentence"),
    [
        ("a" * 47 + ".pdf", 1, [], "50 caractères"),
        ("bilan", 1, [], "extension"),
        ("bilan.exe", 1, [], "« .exe » n'est pas acceptée"),
        ("bilan.pdf", 0, [], "vide"),
        ("bilan.pdf", MAX_FILE + 1, [], "10 Mo"),
        ("bilan.pdf", MAX_FILE, [MAX_FILE] * 12, "120 Mo"),
    ],
)
def test_unfit_attachments_are_refused_with_a_sentence(name, size, others, sentence):
    """Name, extension, size, total."""
    with pytest.raises(FileRefused, match=sentence):
        check_attachment(name, bytes(size), others)


def test_attachments_at_the_limits_are_taken():
    """Fifty characters, ten megabytes, a hundred and twenty in all, any case."""
    check_attachment("a" * 46 + ".PDF", bytes(MAX_FILE), [MAX_FILE] * 11)
