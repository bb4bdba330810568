"""What people are given of a check: a page, a short text for an issue, a patch, data for programs."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from PIL import Image

from robot.screens import load_flows
from robot.tutorial import mending
from robot.tutorial.contract import Contract
from robot.tutorial.coverage import Coverage
from robot.tutorial.lines import load_tutorial
from robot.tutorial.portalcheck import Checked
from robot.tutorial.report import Told, write_report
from robot.tutorial.verdicts import Cause, Check, Evidence, Finding, Holding, Mend, Verdict
from robot.yamledit import CannotEdit

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
TOLD = Told(CHECK, TUTORIAL, {}, (), Coverage((), (), ()), "")


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


def test_an_issue_obeys_no_words_of_the_portal(tmp_path):
    """No link, no picture, no name called, no cell more."""
    nasty = "![x](https://evil.example) @personne a|b `c`"
    finding = replace(TAB.findings[0], what=nasty, shown=nasty)
    told = replace(CHECK, verdicts=(replace(TAB, findings=(finding,)),))
    write_report(Checked(told, CONTRACT, CONTRACT, tmp_path), FLOWS, tmp_path)
    (row,) = [line for line in (tmp_path / "rapport.md").read_text(encoding="utf-8").splitlines() if line.startswith("| 3.3")]
    _, _, what, _, _, shown, *_ = re.split(r" ?(?<!\\)\| ?", row)
    assert what == shown == r"\!\[x\](https:&#47;&#47;evil.example) ＠personne a\|b \`c\`"


def test_the_part_of_a_long_picture_that_holds_the_control_is_shown(tmp_path):
    """A form is longer than a page."""
    Image.new("RGB", (128, 400)).save(tmp_path / "01-onglets.jpg")
    evidence = replace(TAB.findings[0].evidence, middle=300)
    told = replace(CHECK, verdicts=(replace(TAB, findings=(replace(TAB.findings[0], evidence=evidence),)),))
    page = write_report(Checked(told, CONTRACT, CONTRACT, tmp_path), FLOWS, tmp_path).read_text(encoding="utf-8")
    assert "object-position: 0 75%" in page and "encadré en rouge : l&#39;onglet du dépôt" in page


def test_what_the_portal_changed_comes_before_what_the_tutorial_never_said():
    """It is today's news."""
    assert [verdict.line for verdict in TOLD.changed] == ["3.3", "1.9"]


def test_a_patch_that_cannot_be_made_does_not_cost_the_report(tmp_path, monkeypatch):
    """Why is told in its place."""

    def refused(*_: object) -> str:
        raise CannotEdit

    monkeypatch.setattr(mending, "with_first", refused)
    write_report(Checked(CHECK, CONTRACT, CONTRACT, tmp_path), FLOWS, tmp_path)
    assert not (tmp_path / "correctif.patch").exists()
    assert "ne peut pas être ajouté" in (tmp_path / "rapport.html").read_text(encoding="utf-8")
