"""Attachments have a page of their own; the form is found again as it was left."""

from __future__ import annotations

import pytest
from visitor import DATA, Page, Visitor, right_values

BILAN = ("bilan.pdf", (DATA / "bilan.pdf").read_bytes())


@pytest.fixture
def visitor(somebody: Visitor) -> Visitor:
    """Somebody on the page of attachments, with a form half filled."""
    somebody.open_form()
    somebody.press("gererPiecesJointes", **right_values(number="P-1"))
    return somebody


def add(visitor: Visitor, file: tuple[str, bytes] = BILAN, **values: str) -> Page:
    given = {"attachment_type": "Document annexe", "attachment_designation": "document annexe"} | values
    return visitor.press("ajouter", {"attachment_file": file}, **given)


def test_an_added_file_is_listed_and_the_form_kept(visitor):
    """Added, listed, and listed again on the form, beside what was typed there."""
    assert "La pièce jointe bilan.pdf a été ajoutée." in add(visitor).text
    page = visitor.press("retour", {})
    assert "bilan.pdf document annexe Document annexe" in page.text
    assert page.form_with("_eventId_enregistrer").values[visitor.look.name("number")] == "P-1"


@pytest.mark.parametrize(
    ("file", "values", "sentence"),
    [
        (("bilan.exe", b"x"), {}, "n'est pas acceptée"),
        (("b" * 47 + ".pdf", b"x"), {}, "50 caractères"),
        (("bilan.pdf", b""), {}, "est vide"),
        (BILAN, {"attachment_designation": "  "}, "La désignation est obligatoire."),
        (BILAN, {"attachment_designation": "d" * 101}, "100 caractères"),
        (BILAN, {"attachment_type": ""}, "Le type est obligatoire."),
    ],
)
def test_an_unfit_file_is_refused_with_its_sentence(visitor, file, values, sentence):
    """Nothing is added."""
    page = add(visitor, file, **values)
    assert sentence in page.text
    assert "Aucun document joint." in page.text


def test_a_file_must_be_chosen(visitor):
    """No file, no attachment."""
    page = visitor.press("ajouter", {}, attachment_type="Document annexe", attachment_designation="bilan")
    assert "Le fichier est obligatoire." in page.text


def test_a_file_can_be_taken_away(visitor):
    """The one of its row."""
    add(visitor, attachment_designation="premier")
    add(visitor, attachment_designation="second")
    page = visitor.press("supprimer-0", {})
    assert "second" in page.text
    assert "premier" not in page.text


def test_attachments_are_sent_with_the_invoice(visitor):
    """Name, designation, type and size."""
    add(visitor, attachment_designation="Bilan d'août", attachment_type="Pièce jointe standard")
    visitor.press("retour", {})
    visitor.press("validerEtEnvoyer", **right_values(number="P-2"))
    visitor.press("confirmer")
    bill = next(bill for bill in visitor.replica.invoices() if bill["number"] == "P-2")
    (attachment,) = bill["attachments"]
    del attachment["sha256"]
    assert attachment == {
        "name": "bilan.pdf",
        "designation": "Bilan d'août",
        "type": "Pièce jointe standard",
        "size": len(BILAN[1]),
    }
