"""The invoice: what is read from `facture.yaml`, from its files, and from Python."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from decimal import Decimal
from pathlib import Path

import pytest
from factures import DATA, SUPPLIER, TODAY, UNIVERSITY, load, problems_of, write_facture
from pydantic import ValidationError

from robot.checks import load_invoice
from robot.invoice import Amounts, Invoice, Recipient, Supplier, suggest_number
from robot.uploads import MAX_FILE

# --- what is read -------------------------------------------------------------------------------------------


def test_the_smallest_invoice_has_the_right_defaults(tmp_path):
    """Keys left out take the values that suit a psychologist."""
    invoice = load(write_facture(tmp_path))
    assert (invoice.type, invoice.cadre, invoice.currency) == ("FACTURE", "A1_FACTURE_FOURNISSEUR", "EUR")
    assert (invoice.vat.type, invoice.vat.reason) == ("EXONERATION", None)
    assert (invoice.recipient.service, invoice.recipient.state) == (None, False)
    assert (invoice.engagement, invoice.market, invoice.comment, invoice.attachments) == (
        None,
        None,
        None,
        (),
    )
    assert invoice.amounts.due == invoice.amounts.ttc


def test_the_whole_contract_is_read(tmp_path):
    """Every key of the contract, as in the documentation."""
    invoice = load(
        write_facture(
            tmp_path,
            recipient=f'{{siret: "{UNIVERSITY}", service: 03HORSRECHERCHE, state: false}}',
            engagement='"4500012345"',
            market="null",
            amounts='{ht: "600.00", tva: "0.00", ttc: "600.00", due: "600.00"}',
            vat="{type: SANS_TVA, reason: null}",
            attachments="[{file: bilan.pdf, designation: document annexe, type: Document annexe}]",
            comment="Merci",
        )
    )
    assert invoice.file == tmp_path / "facture.pdf"
    assert invoice.date == dt.date(2026, 10, 31)
    assert invoice.supplier.siret == SUPPLIER
    assert (invoice.attachments[0].file, invoice.attachments[0].type) == (
        tmp_path / "bilan.pdf",
        "Document annexe",
    )
    assert (invoice.engagement, invoice.market, invoice.comment) == ("4500012345", None, "Merci")


@pytest.mark.parametrize(
    ("key", "value", "read"),
    [
        ("number", "0012", "0012"),  # zeros at the front stay
        ("number", "2026-10-07", "2026-10-07"),  # no date
        ("number", " F1 ", "F1"),
        ("engagement", "EJ/2026-1+a_b", "EJ/2026-1+a_b"),
        ("comment", "'  '", None),  # nothing is nothing
        ("comment", "e\N{COMBINING ACUTE ACCENT}", "é"),  # how a Mac may write it
    ],
)
def test_text_is_kept_as_typed(tmp_path, key, value, read):
    """Numbers that come from YAML are text; only spaces at the ends go."""
    assert getattr(load(write_facture(tmp_path, **{key: value})), key) == read


@pytest.mark.parametrize(
    "siret",
    [
        "19860856400375",
        "198 608 564 00375",  # as it is printed
        "198.608.564.00375",
        "198\N{NO-BREAK SPACE}608\N{NARROW NO-BREAK SPACE}564 00375",  # as word processors space it
    ],
)
def test_a_siret_is_read_however_it_is_spaced(tmp_path, siret):
    """The portal takes 14 digits."""
    assert load(write_facture(tmp_path, recipient=f'{{siret: "{siret}"}}')).recipient.siret == UNIVERSITY


def test_la_poste_has_a_key_of_its_own():
    """The digits of a post office add up to a multiple of five instead."""
    assert Recipient(siret="35600000000001").siret == "35600000000001"
    with pytest.raises(ValidationError, match="erreur de frappe"):
        Recipient(siret="35600000000002")


@pytest.mark.parametrize(
    ("amount", "read"),
    [
        ("600", "600.00"),
        ("600.5", "600.50"),
        ("600,00", "600.00"),  # as the portal shows it
        ("1\N{NARROW NO-BREAK SPACE}200,00 €", "1200.00"),  # as the invoice prints it
        ("0", "0.00"),
    ],
)
def test_an_amount_has_two_decimals(amount, read):
    """Amounts are decimals to the cent, never floats."""
    assert str(Amounts(ht=amount, tva=0, ttc=amount).ht) == read


def test_a_part_paid_before_leaves_less_to_pay(tmp_path):
    """The amount due may be less than the total."""
    assert load(
        write_facture(tmp_path, amounts="{ht: 600, tva: 0, ttc: 600, due: 400}")
    ).amounts.due == Decimal(400)


def test_an_invoice_cannot_be_changed(tmp_path):
    """What was checked is what is sent."""
    with pytest.raises(ValidationError):
        load(write_facture(tmp_path)).number = "2"


# --- files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("x" * 47 + ".pdf", b"x", "nom de plus de 50 caractères"),
        ("bilan.exe", b"x", "type « .exe » refusé"),
        ("vide.pdf", b"", "fichier vide"),
        ("gros.pdf", b"x" * (MAX_FILE + 1), "plus de 10 Mo"),
    ],
)
def test_an_attachment_that_the_portal_refuses(tmp_path, name, content, reason):
    """The name of the piece and the reason, at its line."""
    (tmp_path / name).write_bytes(content)
    path = write_facture(
        tmp_path,
        attachments=f"\n  - {{file: bilan.pdf, designation: x}}\n  - {{file: {name}, designation: y}}",
    )
    assert problems_of(path) == [("PIECE_JOINTE", 8, f"La pièce {name} ne peut pas être jointe : {reason}.")]


def test_all_files_together_have_a_limit(tmp_path):
    """Invoice and attachments: 120 Mo at most."""
    (tmp_path / "gros.pdf").write_bytes(b"x" * MAX_FILE)
    path = write_facture(tmp_path, attachments="[" + "{file: gros.pdf, designation: x}, " * 12 + "]")
    ((code, _, what),) = problems_of(path)
    assert (code, "total de plus de 120 Mo" in what) == ("PIECE_JOINTE", True)


@pytest.mark.parametrize(
    ("pdf", "code"),
    [
        ("s08-mot-de-passe", "PDF_MOT_DE_PASSE"),
        ("s09-tronque", "PDF_ILLISIBLE"),
        ("s12-factur-x", "PDF_FACTURX"),
        ("s90-zero-octet", "FICHIER_VIDE"),
        ("s91-page-web-renommee", "PAS_UN_PDF"),
    ],
)
def test_a_pdf_that_cannot_be_deposited(tmp_path, pdf, code):
    """What is seen in the PDF points at the line that names it."""
    shutil.copy(DATA / "sante-psy" / f"{pdf}.pdf", tmp_path / "autre.pdf")
    assert [problem[:2] for problem in problems_of(write_facture(tmp_path, file="autre.pdf"))] == [(code, 1)]


TRUTH = {
    item["file"]: item for item in json.loads((DATA / "sante-psy/truth.json").read_text(encoding="utf-8"))
}
READY = sorted((DATA / "sante-psy").glob("*.yaml"))


@pytest.mark.parametrize("path", READY, ids=lambda path: path.stem)
def test_a_ready_invoice_says_what_its_pdf_says(path):
    """Every invoice of the test data that is ready loads, with the values read in its PDF by hand."""
    invoice = load_invoice(path, supplier=None, today=TODAY).invoice
    truth = TRUTH[invoice.file.name]
    assert (invoice.number, str(invoice.date)) == (truth["invoice_number"], truth["invoice_date"])
    assert invoice.supplier.siret == truth["supplier"]["siret_printed"]
    assert invoice.recipient.siret == truth["buyer"]["siret_expected"]
    assert invoice.engagement == truth["engagement_number"]
    amounts = invoice.amounts
    printed = (truth["amount_ht"], truth["amount_tva"], truth["amount_ttc"], truth["amount_due"])
    assert tuple(map(str, (amounts.ht, amounts.tva, amounts.ttc, amounts.due))) == printed


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("s01", []),
        ("s07", ["PDF_SANS_TEXTE"]),
        ("s10", ["PDF_JAVASCRIPT"]),
        ("s11", ["PDF_FICHIER_JOINT"]),
    ],
)
def test_what_does_not_block_is_kept_to_be_shown(name, codes):
    """Findings that ask or tell go with the invoice."""
    loaded = load_invoice(DATA / f"sante-psy/{name}.yaml", supplier=None, today=TODAY)
    assert {finding.code for finding in loaded.findings} - {"DATE_ANCIENNE"} == set(codes)


# --- built in Python ----------------------------------------------------------------------------------------


def test_an_invoice_built_in_python_obeys_the_same_rules():
    """The rules are in the record, not in the reading of the file."""
    facts = {
        "file": Path("a.pdf"),
        "number": "1",
        "date": dt.date(2026, 1, 31),
        "supplier": Supplier(siret=SUPPLIER),
        "recipient": Recipient(siret=UNIVERSITY),
        "amounts": Amounts(ht=Decimal(50), tva=Decimal(0), ttc=Decimal(50)),
    }
    assert Invoice(**facts).amounts.due == Decimal(50)
    with pytest.raises(ValidationError, match="le vôtre"):
        Invoice(**facts | {"recipient": Recipient(siret=SUPPLIER)})


@pytest.mark.parametrize(
    ("number", "better"),
    [
        ("Santé Psy n°2026-juillet/Caen", "Sante-Psy-n-2026-jui"),
        ("n° 12", "n-12"),
        ("Facture #7", "Facture-7"),
        ("§§§", ""),  # nothing to propose
    ],
)
def test_a_wrong_number_gets_a_proposal(number, better):
    """The nearest number that the portal accepts."""
    assert suggest_number(number) == better
