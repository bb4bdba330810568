"""What is said of an invoice before any browser opens: all that is wrong, nothing that is not, and where."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from factures import DATA

from robot.answers import Answer
from robot.checks import Judged, judge
from robot.entries import paper, written
from robot.failures import InvoiceInvalid
from robot.known import Known

TODAY = date(2026, 11, 2)
TRUTHS = json.loads((DATA / "sante-psy/truth.json").read_text(encoding="utf-8"))


def judged(name: str, **known: object) -> Judged:
    (file,) = (DATA / "sante-psy").glob(f"{name}-*.pdf")
    return judge(paper(file), Known(today=TODAY, **known))  # type: ignore[arg-type]


def codes(one: Judged) -> set[str]:
    return {found.code for found in one.findings} | {problem.code for problem in one.problems}


def answered(**answers: str) -> dict[str, Answer]:
    at = datetime(2026, 11, 1, tzinfo=UTC)
    return {subject.replace("__", "."): Answer(value, at) for subject, value in answers.items()}


@pytest.mark.parametrize("truth", TRUTHS, ids=lambda truth: truth["file"][:3])
def test_every_defect_is_reported_and_nothing_else_blocks(truth: dict[str, object]):
    one = judge(paper(DATA / "sante-psy" / str(truth["file"])), Known(today=TODAY))
    expected = truth["findings"]
    assert isinstance(expected, list)
    assert set(expected) <= codes(one)
    assert {problem.code for problem in one.problems} <= set(expected)


def test_a_bill_with_everything_on_it_needs_nobody():
    invoice = judged("s05").loaded().invoice
    assert (invoice.number, invoice.engagement, str(invoice.amounts.ttc)) == ("FA2026-0031", "BC26-00871", "950.00")
    assert invoice.recipient.siret == "19170032700015"


def test_what_is_open_refuses_without_a_person():
    with pytest.raises(InvoiceInvalid) as caught:
        judged("s01").loaded()
    assert [problem.code for problem in caught.value.problems] == ["SIRET_DESTINATAIRE_ABSENT"]
    assert "page 1, ligne" in str(caught.value)


def test_an_answer_fills_what_was_missing():
    file = next((DATA / "sante-psy").glob("s01-*.pdf"))
    one = judge(paper(file), Known(today=TODAY), answered(recipient__siret="13001533200013", recipient__service="aucun"))
    assert one.loaded().invoice.recipient.siret == "13001533200013"
    assert one.draft.origin("recipient.siret") == "saisi par vous le 01/11/2026"


def test_a_confirmation_is_told_with_its_date():
    file = next((DATA / "sante-psy").glob("s10-*.pdf"))
    answers = answered(PDF_JAVASCRIPT="oui")
    one = judge(paper(file), Known(today=TODAY), answers)
    (found,) = (found for found in one.findings if found.code == "PDF_JAVASCRIPT")
    assert found.level == "signale"
    assert "01/11/2026" in found.message


def test_the_siret_of_somebody_else_is_not_deposited():
    assert "SIRET_FOURNISSEUR_AUTRE" in {problem.code for problem in judged("s01", supplier="00020260600018").problems}


def test_a_written_invoice_is_its_owners_word():
    """The paper of s10 has a program in it and no SIRET of the university: its owner decided."""
    one = judge(written(DATA / "sante-psy/s10.yaml"), Known(today=TODAY))
    assert "PDF_JAVASCRIPT" in codes(one)
    assert one.loaded().invoice.number


def test_a_scan_is_typed_field_by_field():
    asked = [found.field for found in judged("s07").questions if found.field]
    assert asked[:5] == ["number", "date", "amounts.ht", "amounts.tva", "amounts.ttc"]


def test_students_are_never_named(tmp_path: Path):
    (problem,) = (problem for problem in judged("s13").problems if problem.code == "NOM_ETUDIANT")
    assert "page" in problem.place
    assert "étudiant (page" in problem.what


def test_a_vat_type_against_the_printed_words_is_told(tmp_path: Path):
    """s05 says « TVA non applicable », its owner asks for VAT."""
    told = (DATA / "sante-psy/s05.yaml").read_text(encoding="utf-8").replace("file: s05", f"file: {DATA}/sante-psy/s05")
    facture = tmp_path / "facture.yaml"
    facture.write_text(f"{told}vat: {{type: TVA_SUR_DEBIT}}\n", encoding="utf-8")
    assert "TVA_MENTION_AUTRE" in codes(judge(written(facture), Known(today=TODAY)))
