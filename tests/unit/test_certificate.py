"""The certificate is believed only when it is whole and names this very invoice."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from dossiers import DIGEST, SUPPLIER, UNIVERSITY, make_certificate, make_pdf
from fpdf import FPDF
from fpdf.enums import AccessPermission

from robot.certificate import (
    Certificate,
    CertificateInvalid,
    amounts_in,
    check,
    contains_whole,
    file_name,
    normalize,
)

FACTS = {
    "number": "2026-10-07",
    "supplier": SUPPLIER,
    "recipient": UNIVERSITY,
    "amount": Decimal("5600.00"),
    "digest": DIGEST,
}


def checked(pdf: bytes, **changes: object) -> Certificate:
    return check(pdf, **(FACTS | changes))  # type: ignore[arg-type]


def test_the_certificate_of_the_invoice_is_accepted() -> None:
    """A whole certificate that names everything is believed, and its day is read."""
    found = checked(make_certificate(), engagement="4500012345")
    assert found.date == dt.date(2026, 10, 31)
    assert found.digest == DIGEST


def test_typography_does_not_matter() -> None:
    """A digest over two lines, a SIRET in groups, a no-break space, another case: the same certificate."""
    pdf = make_certificate(
        digest=DIGEST[:20] + "\n" + DIGEST[20:],
        supplier="732 829 320 00074",
        amount="5\N{NO-BREAK SPACE}600,00 eur",
    )
    checked(pdf)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"number": "2026-10-08"}, "numéro de facture 2026-10-07"),
        ({"number": "2026-10-070"}, "numéro de facture 2026-10-07"),
        ({"supplier": "41816609600069"}, "SIRET du fournisseur"),
        ({"recipient": "13001533200013"}, "SIRET du destinataire"),
        ({"amount": "600,00 EUR"}, "montant 5600,00"),
        ({"amount": "15 600,00 EUR"}, "montant 5600,00"),
        ({"digest": DIGEST[::-1]}, "empreinte"),
        ({"digest": ""}, "empreinte"),
        ({"engagement": "4500099999"}, "numéro d'engagement"),
    ],
)
def test_another_invoice_is_refused(changes: dict[str, str], told: str) -> None:
    """One wrong fact is enough, and it is named."""
    with pytest.raises(CertificateInvalid, match=told):
        checked(make_certificate(**changes), engagement="4500012345")


def test_every_wrong_fact_is_told_at_once() -> None:
    """The person sees the whole difference in one sentence."""
    with pytest.raises(CertificateInvalid) as caught:
        checked(make_pdf("Un autre document"))
    for word in ("numéro", "fournisseur", "destinataire", "montant", "empreinte"):
        assert word in str(caught.value)


def locked_pdf() -> bytes:
    pdf = FPDF()
    pdf.set_encryption(owner_password="a", user_password="b", permissions=AccessPermission.none())
    pdf.add_page()
    return bytes(pdf.output())


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "vide"),
        (b"<!DOCTYPE html><html><body>Session perdue</body></html>", "page web"),
        (b"PK\x03\x04", "pas un PDF"),
        (make_certificate()[:-200], "incomplet"),
        (b"%PDF-1.7\nrien\n%%EOF", "illisible"),
        (make_pdf(), "pas de texte"),
        (b"%PDF-1.7" + b"0" * 10_000_001 + b"%%EOF", "10 Mo"),
        (locked_pdf(), "illisible|pas de texte"),
    ],
)
def test_what_is_no_whole_pdf_is_refused(content: bytes, told: str) -> None:
    """A web page, a half download, an empty file: refused, and said so."""
    with pytest.raises(CertificateInvalid, match=told):
        checked(content)


def test_a_wrong_certificate_does_not_undo_the_deposit() -> None:
    """The failure tells that the invoice is deposited, and what to do."""
    with pytest.raises(CertificateInvalid) as caught:
        checked(b"")
    assert caught.value.exit_code == 76
    assert caught.value.outcome == "unknown"
    assert "est déposée" in str(caught.value)
    assert "sans rien renvoyer" in str(caught.value)


@pytest.mark.parametrize(
    ("number", "text", "is_found"),
    [
        ("2026-1", "la Facture n°2026-1 émise", True),
        ("2026-1", "la Facture n°2026-10 émise", False),
        ("2026-1", "facture nº2026-1.", True),
        ("2026-1", "facture F-2026-1", False),
        ("2026-10-07", "facture 2026-\n10-07,", True),
        ("10-07", "facture 2026-\n10-07", False),
        ("2026", "facture 2026-\n10-07", False),
        ("2026-10", "facture 2026-10-\n07", False),
        ("FA/12+3", "facture fa/12+3 émise", True),
        ("12", "d'un montant de 12,00 EUR", False),
        ("A\N{NON-BREAKING HYPHEN}1", "facture a-1", True),
    ],
)
def test_a_number_is_found_whole(number: str, text: str, is_found: bool) -> None:
    """A number inside another number is another number; the end of a line is none of it."""
    assert contains_whole(normalize(text), number) is is_found


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("5 600,00 EUR", {"5600"}),
        ("5\N{NARROW NO-BREAK SPACE}600,00 €", {"5600"}),
        ("5600.00", {"5600"}),
        ("1 234 567,890000", {"1234567.89"}),
        ("5 600 EUR", {"5600"}),
        ("le 11/03/2020, 600,00 EUR", {"600"}),
        ("19440984300019 600,00", {"600"}),
        ("2026-10-07", set()),
    ],
)
def test_amounts_are_read_whole(text: str, amounts: set[str]) -> None:
    """Thousands belong to their amount: 600,00 is not in 5 600,00."""
    assert amounts_in(normalize(text)) == {Decimal(amount) for amount in amounts}


@pytest.mark.parametrize(
    ("number", "name"),
    [
        ("2026-10-07", "certificat_2026-10-07_20261031.pdf"),
        ("FA/12+é", "certificat_FA-12-e_20261031.pdf"),
        ("../..", "certificat_sans-numero_20261031.pdf"),
        ('a"\n:*?', "certificat_a_20261031.pdf"),
    ],
)
def test_the_file_name_is_safe_everywhere(number: str, name: str) -> None:
    """No number leads out of the folder or upsets a file system."""
    assert file_name(number, dt.date(2026, 10, 31)) == name
