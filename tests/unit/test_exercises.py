"""Exercises are data that anybody can write: what is wrong in one is told with its file and line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from robot.failures import CommandInvalid, FlowInvalid
from robot.screens import FLOWS_DIR, Flows, load_flows
from robot.steps import Goal
from robot.training.exercises import chosen_exercise, load_exercises
from robot.training.tasks import tasks_of


@pytest.fixture(scope="module")
def shipped() -> Flows:
    return load_flows()


def with_exercise(tmp_path: Path, text: str) -> Flows:
    shutil.copytree(FLOWS_DIR, tmp_path / "flows", ignore=shutil.ignore_patterns("exercices"))
    folder = tmp_path / "flows" / "exercices"
    folder.mkdir()
    (folder / "01-essai.yaml").write_text(text, encoding="utf-8")
    return load_flows(tmp_path / "flows")


GOOD = "exercise: essai\ntitle: Un essai\naim: Essayer une fois.\nbrief: Faites un essai.\n"


@pytest.mark.parametrize(
    ("more", "line", "said"),
    [
        ("desque: []\n", 5, "desque"),
        ("journey: depots\n", 5, "parcours inconnu « depots »"),
        ("journey: recyclage\ngoal: draft\n", 6, "ne finit pas par « draft »"),
        ("desk: [facture-d-hier]\n", 5, "facture-d-hier"),
    ],
)
def test_a_wrong_exercise_is_refused_with_its_line(tmp_path, more, line, said):
    with pytest.raises(FlowInvalid) as refused:
        load_exercises(with_exercise(tmp_path, GOOD + more))
    assert f"01-essai.yaml:{line}" in str(refused.value) and said in str(refused.value)


def test_an_exercise_is_chosen_by_name_or_number(shipped):
    exercises = load_exercises(shipped)
    assert chosen_exercise(exercises, "2") is chosen_exercise(exercises, exercises[1].exercise)
    with pytest.raises(CommandInvalid, match="vouliez-vous dire « pieges »"):
        chosen_exercise(exercises, "pièges")


def test_there_is_an_exercise_for_each_thing_that_goes_wrong(shipped):
    """With an engagement number, without, VAT, attachments, an invoice to recycle, a draft, traps on the desk."""
    wanted = {one.exercise: one for one in load_exercises(shipped)}
    assert any(one.invoice.engagement for one in wanted.values())
    assert any(one.invoice.engagement is None for one in wanted.values())
    assert any(one.invoice.reason for one in wanted.values())
    assert any(len(one.invoice.attachments) > 1 for one in wanted.values())
    assert any(one.returned for one in wanted.values())
    assert any(one.goal is Goal.DRAFT for one in wanted.values())
    assert {decoy for one in wanted.values() for decoy in one.desk} == set(wanted["pieges"].desk) | {"bilan-nominatif"}


def test_the_tasks_of_a_journey_come_in_the_order_that_one_meets_them(shipped):
    """Whatever folder the screens are in: those of the deposit follow the invoice that came back."""
    screens = [task.screen.screen for task in tasks_of(shipped, "recyclage", Goal.SEND, {"invoice": None}, generation="2024")]
    assert screens[0] == "factures-a-traiter" and screens[-1] == "recapitulatif"
    assert screens.index("bloc-destinataire") < screens.index("envoi") < screens.index("confirmation")
