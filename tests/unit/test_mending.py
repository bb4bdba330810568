"""Flow files made true again: what was found is added where it belongs, the rest stays sign for sign."""

from __future__ import annotations

import shutil
from datetime import date

import pytest

from robot.failures import FlowInvalid
from robot.review import reviewed_flows
from robot.screens import FLOWS_DIR, Flows, load_flows
from robot.tutorial.mending import FlowsUnwritable, mend, patch
from robot.tutorial.verdicts import Mend

DAY = date(2026, 11, 23)
TAB = Mend(
    "flows/3-depot/12-factures-emises.yaml",
    "factures-emises",
    ("elements", "deposer", "button"),
    "Transmettre une pièce",
    "3.3",
)
SENTENCE = Mend("flows/3-depot/90-recapitulatif.yaml", "recapitulatif", ("here", 0, "text"), "a bien été transmise", "3.20")
ANSWER = Mend(
    "flows/3-depot/20-cadre-de-facturation.yaml",
    "cadre-de-facturation",
    ("elements", "cadre", "options", "A1_FACTURE_FOURNISSEUR"),
    "A1 : facture simple",
    "3.5",
)


@pytest.fixture
def flows(tmp_path) -> Flows:
    shutil.copytree(FLOWS_DIR, tmp_path / "flows")
    return load_flows(tmp_path / "flows")


def test_the_new_words_come_first_and_the_rest_stays(flows):
    """One line more, nothing else."""
    before = (flows.root / "3-depot/12-factures-emises.yaml").read_text(encoding="utf-8")
    mend(flows, [TAB], day=DAY, portal="essai")
    after = (flows.root / "3-depot/12-factures-emises.yaml").read_text(encoding="utf-8")
    assert after.replace('      "Transmettre une pièce": releve-essai-2026-11-23\n', "") == before
    assert load_flows(flows.root).screens["factures-emises"].elements["deposer"].name == "Transmettre une pièce"


@pytest.mark.parametrize("one", [TAB, SENTENCE, ANSWER], ids=["label", "sentence", "answer"])
def test_the_flows_are_right_afterwards(flows, one):
    """With a source that says where and when the words were seen."""
    mend(flows, [one], day=DAY, portal="essai")
    assert reviewed_flows(flows.root).sources["releve-essai-2026-11-23"].date == "2026-11"


def test_the_patch_is_what_would_be_written(flows, tmp_path):
    """`git apply` takes it; nothing is written yet."""
    shown = patch(flows, [TAB, SENTENCE], day=DAY, portal="essai")
    assert "+++ b/flows/3-depot/12-factures-emises.yaml" in shown
    assert '+      "Transmettre une pièce": releve-essai-2026-11-23' in shown
    assert load_flows(flows.root).screens["factures-emises"].elements["deposer"].name == "Déposer facture"


def test_done_twice_it_changes_nothing_more(flows):
    """There is nothing left to show."""
    mend(flows, [TAB], day=DAY, portal="essai")
    assert patch(load_flows(flows.root), [TAB], day=DAY, portal="essai") == ""


def test_flows_that_would_not_be_right_are_left_as_they_are(flows):
    """All or nothing."""
    wrong = Mend(TAB.file, TAB.screen, ("elements", "inconnu", "button"), "Envoyer", "3.3")
    before = (flows.root / "3-depot/12-factures-emises.yaml").read_text(encoding="utf-8")
    with pytest.raises(FlowInvalid):
        mend(flows, [wrong], day=DAY, portal="essai")
    assert (flows.root / "3-depot/12-factures-emises.yaml").read_text(encoding="utf-8") == before


def test_flows_that_cannot_be_written_are_told_with_the_cure(flows, monkeypatch):
    """An installed program's files may belong to somebody else."""

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("robot.tutorial.mending.write_atomically", refused)
    with pytest.raises(FlowsUnwritable, match=r"correctif\.patch"):
        mend(flows, [TAB], day=DAY, portal="essai")
