"""`chorus-robot tutorial --fix`: shown first, written on a yes, and the portal's new state is then what is true."""

from __future__ import annotations

import datetime as dt
import io
import shutil
import sys
from pathlib import Path

import pytest

from robot.cli import main
from robot.commands.tutorial import fix
from robot.config import load_config
from robot.review import reviewed_flows
from robot.sample import EXAMPLE_CONFIG
from robot.screens import FLOWS_DIR
from robot.session import Destination
from robot.tabs import Place
from robot.tutorial.checkup import Order
from robot.tutorial.contract import Contract, KeptScreen, load_contract
from robot.tutorial.portalcheck import Checked
from robot.tutorial.verdicts import Cause, Check, Finding, Holding, Mend, Verdict

SCREEN = "3-depot/20-cadre-de-facturation.yaml"
MEND = Mend(f"flows/{SCREEN}", "cadre-de-facturation", ("elements", "continuer", "button"), "Poursuivre", "3.8")
SEEN = KeptScreen(seen="2026-03-09", by="essai")


@pytest.fixture
def order(tmp_path: Path) -> Order:
    shutil.copytree(FLOWS_DIR, tmp_path / "flows")
    place = Place("essai", "https://portail.test/", ("portail.test",), ("portail.test",), "2024")
    config = load_config(EXAMPLE_CONFIG)
    return Order(reviewed_flows(tmp_path / "flows"), config, Destination(place), contract=tmp_path / "contrat.yaml")


def checked(folder: Path, *mends: Mend, cause: Cause = Cause.PORTAL) -> Checked:
    finding = Finding("le bouton", Holding.DRIFTED, against="contract")
    verdict = Verdict("3.8", "Faire valider.", (), Holding.DRIFTED, (finding,), cause)
    at = dt.datetime(2026, 3, 9, 8, tzinfo=dt.UTC)
    check = Check("run", at, "essai", "portail.test", "2024", "draft", (verdict,), mends=mends)
    return Checked(check, Contract(portal="essai", generation="2024"), contract(), folder)


def contract() -> Contract:
    return Contract(portal="essai", generation="2024", screens={"accueil": SEEN})


def answer(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{said}\n"))


def test_the_patch_is_shown_and_written_on_a_yes(order, tmp_path, monkeypatch, capsys):
    """The portal's words come first in the flow; standard output stays a program's."""
    answer(monkeypatch, "oui")
    fix(order, checked(tmp_path, MEND), ask=True)
    seen = capsys.readouterr()
    assert any(line.startswith("+") and "Poursuivre" in line for line in seen.err.splitlines())
    assert seen.out == ""
    screen = reviewed_flows(tmp_path / "flows").screens["cadre-de-facturation"]
    assert screen.elements["continuer"].name == "Poursuivre"
    assert load_contract(tmp_path / "contrat.yaml") == contract()


@pytest.mark.parametrize("mends", [(MEND,), ()])
def test_nothing_is_written_without_a_yes(order, tmp_path, monkeypatch, mends):
    """Neither flows nor contract: the next check tells it again."""
    answer(monkeypatch, "")
    fix(order, checked(tmp_path, *mends), ask=True)
    assert (tmp_path / "flows" / SCREEN).read_bytes() == (FLOWS_DIR / SCREEN).read_bytes()
    assert not (tmp_path / "contrat.yaml").exists()


def test_a_portal_that_changed_while_the_robot_passes_is_accepted(order, tmp_path):
    """No flow is touched; what the portal shows now is what later checks compare with."""
    fix(order, checked(tmp_path), ask=False)
    assert (tmp_path / "flows" / SCREEN).read_bytes() == (FLOWS_DIR / SCREEN).read_bytes()
    assert load_contract(tmp_path / "contrat.yaml") == contract()


def test_a_tutorial_that_is_wrong_by_itself_mends_nothing(order, tmp_path, capsys):
    """Only its sentence is to be written anew."""
    fix(order, checked(tmp_path, cause=Cause.TUTORIAL), ask=False)
    assert "Aucun flow à corriger" in capsys.readouterr().err
    assert not (tmp_path / "contrat.yaml").exists()


def test_fix_wants_somebody_or_yes(tmp_path, monkeypatch, capsys):
    """Told before any browser opens."""
    monkeypatch.chdir(tmp_path)
    answer(monkeypatch, "")
    assert main(["tutorial", "--fix"]) == 2
    assert "--yes" in capsys.readouterr().err
