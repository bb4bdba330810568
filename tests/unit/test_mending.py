"""Flow files made true again: what was found is added where it belongs, the rest stays sign for sign."""

from __future__ import annotations

import shutil
import subprocess
from datetime import date

import pytest

from robot.failures import FlowInvalid
from robot.screens import FLOWS_DIR, Flows, load_flows
from robot.tutorial import mending
from robot.tutorial.mending import FlowsUnwritable, mend, patch
from robot.tutorial.verdicts import Mend
from robot.wholefile import write_atomically

DAY = date(2026, 11, 23)
SOURCE = "releve-essai-2026-11-23"
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
LOADED = load_flows()


@pytest.fixture
def flows(tmp_path) -> Flows:
    shutil.copytree(FLOWS_DIR, tmp_path / "flows")
    return Flows(tmp_path / "flows")


def named(words: str) -> Mend:
    return Mend(TAB.file, TAB.screen, TAB.path, words, "3.3")


def changes(words: str) -> list[str]:
    """Lines of the patch that change the screen's file."""
    shown = patch(LOADED, [named(words)], day=DAY, portal="essai").partition("--- a/flows/sources.yaml")[0]
    return [line for line in shown.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]


def test_new_words_sentences_and_answers_come_first(flows):
    """One line more each, with a source that says where and when; the flows are right, and nothing is left to do."""
    before = (flows.root / "3-depot/12-factures-emises.yaml").read_text(encoding="utf-8")
    mend(flows, [TAB, SENTENCE, ANSWER], day=DAY, portal="essai")
    after = (flows.root / "3-depot/12-factures-emises.yaml").read_text(encoding="utf-8")
    assert after.replace(f'      "Transmettre une pièce": {SOURCE}\n', "") == before
    mended = load_flows(flows.root)
    assert mended.sources[SOURCE].date == "2026-11"
    assert next(iter(mended.screens["recapitulatif"].here[0].text or {})) == "a bien été transmise"
    answers = mended.screens["cadre-de-facturation"].elements["cadre"].options["A1_FACTURE_FOURNISSEUR"]
    assert next(iter(answers)) == "A1 : facture simple"
    assert patch(mended, [TAB, SENTENCE, ANSWER], day=DAY, portal="essai") == ""


@pytest.mark.skipif(not shutil.which("git"), reason="git is not here")
def test_git_applies_the_patch_and_nothing_is_written_by_it(flows):
    """What it gives is what `--fix` writes."""
    shown = patch(flows, [TAB, SENTENCE], day=DAY, portal="essai")
    assert SOURCE not in (flows.root / "sources.yaml").read_text(encoding="utf-8")
    subprocess.run(["git", "apply", "-"], cwd=flows.root.parent, input=shown.encode(), check=True)
    assert patch(flows, [TAB, SENTENCE], day=DAY, portal="essai") == ""


def test_words_known_from_before_move_to_the_front():
    """Where else they were seen stays."""
    assert changes("Déposer une facture") == [
        f'+      "Déposer une facture": [{SOURCE}, guide-depot-2023]',
        '-      "Déposer une facture": guide-depot-2023',
    ]


def test_words_that_were_guessed_are_known_now():
    """`unknown` is no source any more."""
    assert changes("Dépôt de facture") == [f'+      "Dépôt de facture": {SOURCE}', '-      "Dépôt de facture": unknown']


def test_signs_that_nobody_sees_are_seen_in_the_patch():
    """A portal's words may turn the direction of writing round."""
    assert changes("Déposer\u202e une facture") == [f'+      "Déposer\\u202e une facture": {SOURCE}']


def test_flows_that_would_not_be_right_are_left_as_they_are(flows):
    """All or nothing."""
    wrong = Mend(TAB.file, TAB.screen, ("elements", "inconnu", "button"), "Envoyer", "3.3")
    before = (flows.root / "3-depot/12-factures-emises.yaml").read_bytes()
    with pytest.raises(FlowInvalid):
        mend(flows, [wrong], day=DAY, portal="essai")
    assert (flows.root / "3-depot/12-factures-emises.yaml").read_bytes() == before


def test_flows_that_cannot_be_written_are_left_and_told_with_the_cure(flows, monkeypatch):
    """An installed program's files may belong to somebody else: what was written before that is taken back."""
    monkeypatch.setattr(mending, "_try_out", lambda *_: None)

    def refused(target, data):
        if target.name == "90-recapitulatif.yaml":
            raise PermissionError(13, "Permission denied")
        write_atomically(target, data)

    monkeypatch.setattr(mending, "write_atomically", refused)
    with pytest.raises(FlowsUnwritable, match=r"correctif\.patch"):
        mend(flows, [TAB, SENTENCE], day=DAY, portal="essai")
    for path in FLOWS_DIR.rglob("*.yaml"):
        assert (flows.root / path.relative_to(FLOWS_DIR)).read_bytes() == path.read_bytes()
