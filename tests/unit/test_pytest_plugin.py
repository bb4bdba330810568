"""The tutorial's lines as tests: which there are, in which order, and how each verdict is told."""

from __future__ import annotations

import datetime as dt
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest
from pydantic import TypeAdapter

from robot.review import reviewed_flows
from robot.sample import EXAMPLE_CONFIG
from robot.screens import FLOWS_DIR
from robot.tutorial.lines import files_of, load_tutorial
from robot.tutorial.verdicts import Cause, Check, Evidence, Finding, Holding, Verdict

pytest_plugins = ["pytester"]

QUIET = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest")

SEEN = Evidence("cadre-de-facturation", "Dépôt", "https://portail.test/", "cadre", "label", picture="04-cadre.jpg")
OTHER_WORDS = Finding("la réponse A1", Holding.DRIFTED, "A1, dépôt facture", "A1 : Dépôt", "autres mots", SEEN)
CHANGED = {
    "2.6": (Holding.MOVED, Finding("la création", Holding.MOVED, detail="on y arrive autrement"), Cause.TUTORIAL),
    "3.5": (Holding.DRIFTED, OTHER_WORDS, Cause.PORTAL),
    "3.6": (Holding.PERSON, Finding("la structure", Holding.PERSON, detail="une personne choisit"), None),
    "3.8": (Holding.UNREACHED, Finding("le bouton", Holding.UNREACHED, detail="arrêt avant"), None),
}


@pytest.fixture(scope="module")
def check() -> Check:
    """A check of today's portal on which four lines do not simply hold."""
    flows = reviewed_flows()
    tutorial = load_tutorial(flows)
    verdicts = []
    for number in tutorial.numbers():
        holding, finding, cause = CHANGED.get(number, (Holding.HOLDS, Finding("tout", Holding.HOLDS), None))
        verdicts.append(
            Verdict(
                number,
                tutorial.lines[number].asks,
                files_of(flows, number, "2024"),
                holding,
                (finding,),
                cause,
                dt.date(2026, 3, 2) if cause else None,
                Holding.HOLDS if cause else None,
            )
        )
    at = dt.datetime(2026, 3, 9, 8, tzinfo=dt.UTC)
    field = Finding("un champ obligatoire : « Code »", Holding.NEW, shown="Code", line="3.9")
    return Check(
        "run",
        at,
        "chorus-pro",
        "portail.test",
        "2024",
        "draft",
        tuple(verdicts),
        news=(field,),
        stops={"compte": "Le portail ne répond pas."},
        cause=Cause.DOWN,
    )


def pytest_on_flows(folder: Path, *options: str | Path) -> subprocess.CompletedProcess[str]:
    """What a person types, from the folder that holds `flows/`."""
    command = [sys.executable, "-m", "pytest", *map(str, options), *QUIET, "--output", str(folder / "out")]
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")} | {"COLUMNS": "200"}
    root = FLOWS_DIR.parent
    return subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, timeout=120, check=False)


@dataclass(frozen=True)
class Judged:
    """The lines of that check as pytest told them."""

    text: str
    cases: list[ElementTree.Element]

    def outcome(self, node: str) -> str:
        """passed, failed or skipped."""
        (case,) = [case for case in self.cases if self.name(case) == node]
        return next((part.tag.replace("failure", "failed") for part in case if part.tag != "properties"), "passed")

    def name(self, case: ElementTree.Element) -> str:
        return f"{case.get('classname', '').removeprefix('flows.')}::{case.get('name')}"

    def facts(self, node: str) -> dict[str | None, str | None]:
        (case,) = [case for case in self.cases if self.name(case) == node]
        return {one.get("name"): one.get("value") for one in case.iter("property")}


@pytest.fixture(scope="module")
def judged(check: Check, tmp_path_factory: pytest.TempPathFactory) -> Judged:
    folder = tmp_path_factory.mktemp("verdicts")
    given, xml = folder / "rapport.json", folder / "junit.xml"
    given.write_bytes(TypeAdapter(Check).dump_json(check))
    ended = pytest_on_flows(folder, "flows", "--chorus-from", given, "--junitxml", xml, "-rfs")
    return Judged(ended.stdout, list(ElementTree.parse(xml).iter("testcase")))


CADRE = "3-depot.20-cadre-de-facturation.yaml"


def test_each_line_is_a_test_of_its_screen(judged):
    """All forty, where they are told; no other file is taken for a test."""
    names = [judged.name(case) for case in judged.cases]
    assert f"{CADRE}::3.5" in names
    assert len({name.split("::")[1] for name in names}) == 41  # and « new »
    assert {name[0] for name in names} == {"1", "2", "3"}


def test_lines_come_in_the_tutorial_s_order(judged):
    """2.9 before 2.10, whatever the names of the files; what is new, after its journey."""
    names = [judged.name(case) for case in judged.cases if judged.name(case).startswith("2-")]
    numbers = [tuple(map(int, name.split("::")[1].split("."))) for name in names[:-1]]
    assert numbers == sorted(numbers)
    assert names[-1] == "2-rattachement.journey.yaml::new"


def test_a_changed_line_fails_with_all_that_is_known(judged):
    """What it said, what the portal shows, who must act, since when, the picture."""
    told = judged.text.partition(" ligne 3.5 ___")[2].partition("\n___")[0].partition("\n")[2].splitlines()
    assert [line.strip() for line in told if "image" not in line] == [
        "Ligne 3.5 du tutoriel : Dans « cadre de facturation », choisir « A1, dépôt facture ».",
        "libellé changé : la réponse A1",
        "le tutoriel dit « A1, dépôt facture »",
        "le portail montre « A1 : Dépôt »",
        "cause : le portail a changé",
        "depuis le 02/03/2026 (avant : toujours vrai)",
        "nouvelle phrase à proposer : Choisissez le cadre A1, celui d'une facture déposée par son fournisseur : "
        "« A1 : Dépôt ».",
    ]
    assert any(line.strip().startswith("image : ") and line.endswith("04-cadre.jpg") for line in told)


def test_a_failure_has_no_traceback_and_a_summary(judged):
    """A reader of flows is shown no Python."""
    assert "pytest_plugin.py" not in judged.text
    assert "FAILED flows/3-depot/20-cadre-de-facturation.yaml::3.5 - libellé changé : autres mots" in judged.text


def test_what_was_not_checked_is_skipped_with_its_reason(judged):
    """Neither true nor false; at its place in the flow file."""
    assert (judged.outcome(f"{CADRE}::3.6"), judged.outcome(f"{CADRE}::3.8")) == ("skipped", "skipped")
    place = re.escape("flows/3-depot/20-cadre-de-facturation.yaml")
    assert re.search(place + r":\d+: non vérifiable sans une personne : une personne choisit", judged.text)
    assert re.search(place + r":\d+: non atteint : arrêt avant", judged.text)


def test_a_line_of_several_screens_fails_once(judged):
    """The other screens say which."""
    screens = ["51-structure-absente", "60-organisation", "61-structures", "62-creer-une-structure"]
    outcomes = [judged.outcome(f"2-rattachement.{screen}.yaml::2.6") for screen in screens]
    assert sorted(outcomes) == ["failed", "skipped", "skipped", "skipped"]
    assert "verdict donné par flows/2-rattachement/" in judged.text


def test_a_screen_of_another_generation_says_nothing(judged):
    """Today's portal does not have it; the line is true elsewhere."""
    assert judged.outcome("1-compte.21-informations-2021.yaml::1.3") == "skipped"
    assert judged.outcome("1-compte.20-informations-personnelles.yaml::1.3") == "passed"
    assert "cet écran n'est pas de ce portail" in judged.text


def test_what_the_tutorial_does_not_know_fails_its_journey(judged):
    """A new required field, in the journey of the line that it comes after; so does a journey that was stopped."""
    assert [judged.outcome(f"{folder}.journey.yaml::new") for folder in ("1-compte", "2-rattachement", "3-depot")] == [
        "failed", "passed", "failed"
    ]  # fmt: skip
    assert "un champ obligatoire : « Code »" in judged.text
    assert "« Créer le compte » s'est arrêté avant la fin : Le portail ne répond pas." in judged.text


def test_junit_xml_says_line_screen_verdict_cause_and_picture(judged):
    """What a continuous integration shows."""
    facts = judged.facts(f"{CADRE}::3.5")
    assert [facts[f"chorus_{name}"] for name in ("portal", "line", "screen", "verdict", "cause", "since")] == [
        "chorus-pro", "3.5", "cadre-de-facturation", "drifted", "portal", "2026-03-02"
    ]  # fmt: skip
    assert (facts["chorus_picture"] or "").endswith("04-cadre.jpg")


def test_a_wrong_option_is_told_once_before_anything_runs(tmp_path):
    """In French, with the cure; no browser opens."""
    ended = pytest_on_flows(tmp_path, "flows/3-depot", "--chorus-config", EXAMPLE_CONFIG, "--chorus-portal", "chorus-por")
    assert ended.returncode == pytest.ExitCode.USAGE_ERROR
    assert "portail inconnu « chorus-por »" in ended.stderr
    assert "failed" not in ended.stdout


def test_other_people_s_tests_do_not_notice(pytester):
    """Nothing of the robot but the plugin's own two files is imported, and YAML files beside are left alone."""
    pytester.makefile(".yaml", **{"01-essai": "a: 1"})
    pytester.makepyfile(
        """
        import sys

        def test_theirs():
            assert sorted(name for name in sys.modules if name.startswith("robot.")) == [
                "robot.pytest_fixtures", "robot.pytest_plugin"
            ]
        """
    )
    pytester.runpytest_subprocess("-p", "no:cacheprovider", "-W", "error").assert_outcomes(passed=1)
