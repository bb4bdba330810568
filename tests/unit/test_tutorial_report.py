"""What people are given of a check: a page, a short text for an issue, a patch, data for programs."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from robot.screens import load_flows
from robot.tutorial.contract import Contract, Kept, KeptScreen
from robot.tutorial.coverage import coverage
from robot.tutorial.lines import load_tutorial
from robot.tutorial.portalcheck import Checked
from robot.tutorial.report import write_report
from robot.tutorial.verdicts import Cause, Check, Evidence, Finding, Holding, Mend, Verdict
from robot.tutorial.wording import proposal

FLOWS = load_flows()
TUTORIAL = load_tutorial(FLOWS)
TAB = Verdict(
    "3.3",
    "Aller dans « dépôt factures ».",
    ("flows/3-depot/12-factures-emises.yaml",),
    Holding.DRIFTED,
    (
        Finding(
            "l'onglet du dépôt",
            Holding.DRIFTED,
            "dépôt factures",
            "Déposer <script>alert(1)</script>",
            "le tutoriel dit autre chose",
            Evidence("factures-emises", "Factures émises", "", "deposer", "role", "01-onglets.jpg", "01-onglets.txt"),
        ),
    ),
    Cause.PORTAL,
    date(2026, 11, 20),
    Holding.HOLDS,
)
GONE = Verdict("1.9", "Entrer une question.", (), Holding.GONE, (Finding("la question secrète", Holding.GONE),), Cause.TUTORIAL)
HELD = Verdict("3.5", "Choisir A1.", (), Holding.HOLDS, (Finding("le cadre", Holding.HOLDS, shown="Cadre de facturation"),))
MEND = Mend(TAB.files[0], "factures-emises", ("elements", "deposer", "button"), "Déposer une pièce", "3.3")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
CHECK = Check("run-1", NOON, "essai", "portail.example", "2024", "draft", (GONE, TAB, HELD), mends=(MEND,))
CONTRACT = Contract(portal="essai", generation="2024")


@pytest.fixture
def folder(tmp_path) -> Path:
    write_report(Checked(CHECK, CONTRACT, CONTRACT, tmp_path), FLOWS, tmp_path)
    return tmp_path


def test_the_line_stands_beside_its_picture(folder):
    """With what was said, what is shown, whose fault it is, and since when."""
    page = (folder / "rapport.html").read_text(encoding="utf-8")
    for words in ('src="01-onglets.jpg"', "dépôt factures", "le portail a changé", "20/11/2026", "toujours vrai"):
        assert words in page


def test_words_of_the_portal_are_text(folder):
    """Whatever they are."""
    page = (folder / "rapport.html").read_text(encoding="utf-8")
    assert "<script>" not in page and "&lt;script&gt;" in page
    assert "<script>" not in (folder / "rapport.md").read_text(encoding="utf-8")


def test_the_patch_is_shown_and_kept(folder):
    """For whoever keeps the flows."""
    patch = (folder / "correctif.patch").read_text(encoding="utf-8")
    assert '+      "Déposer une pièce": releve-essai-2026-11-23' in patch
    assert "Déposer une pièce" in (folder / "rapport.html").read_text(encoding="utf-8")
    assert patch.rstrip() in (folder / "rapport.md").read_text(encoding="utf-8")


def test_programs_are_given_all_of_it(folder):
    """Verdicts, wordings, coverage, patch."""
    data = json.loads((folder / "rapport.json").read_text(encoding="utf-8"))
    assert [verdict["holding"] for verdict in data["verdicts"]] == ["gone", "drifted", "holds"]
    assert set(data["wordings"]) == {"1.9", "3.3"} and data["patch"] and data["coverage"]["steps"]


def test_a_new_wording_says_today_s_words():
    """The flow's sentence, and what was said before."""
    assert proposal(TAB, FLOWS, "2024").startswith("Cliquez sur l'onglet « Déposer facture ».")


def test_what_is_gone_is_to_be_taken_out():
    """One thing, or several."""
    assert proposal(GONE, FLOWS, "2024") == "À retirer : la question secrète n'existe plus sur le portail."
    both = replace(GONE, findings=(*GONE.findings, Finding("la réponse secrète", Holding.GONE)))
    assert proposal(both, FLOWS, "2024").startswith("À retirer : la question secrète et la réponse secrète n'existent plus")


def test_every_line_has_a_step_and_some_steps_have_no_line():
    """The second factor is told by no line."""
    found = coverage(FLOWS, TUTORIAL, None)
    assert found.lines == ()
    assert any("code" in step.say and step.source.startswith("flows/0-connexion/03") for step in found.steps)


def test_fields_that_no_sentence_speaks_of_are_listed():
    """Of what the portal showed; buttons are no fields."""
    others = (Kept(nature="text", words="Numéro de chantier"), Kept(nature="button", words="Aide"))
    screens = {"bloc-references": KeptScreen(seen="", by="", others=others)}
    contract = CONTRACT.model_copy(update={"screens": screens})
    assert [field.words for field in coverage(FLOWS, TUTORIAL, contract).fields] == ["Numéro de chantier"]
