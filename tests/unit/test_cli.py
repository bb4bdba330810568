"""The command line speaks French, keeps its exit codes, and gives machines only JSON on standard output."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from factures import write_facture

from robot import cli
from robot.failures import FlowInvalid, InvoiceInvalid, Maintenance, OutcomeUnknown, Problem, SignInNeeded
from robot.journal import home
from robot.sample import EXAMPLE_CONFIG
from robot.screens import FLOWS_DIR

ENGLISH = (
    "usage:",
    "show this help",
    "positional arguments",
    "required:",
    "unrecognized",
    "invalid choice",
    "expected ",
)


def chorus_robot(*words: str | Path) -> int:
    """Exit code of one command, run in this process."""
    try:
        return cli.main([str(word) for word in words])
    except SystemExit as stopped:
        return int(stopped.code or 0)


def json_lines(text: str) -> list[dict[str, Any]]:
    """Every line of standard output; anything but JSON fails here."""
    return [json.loads(line) for line in text.splitlines()]


def verb_that(raises: BaseException | None = None, **options: object) -> int:
    """Exit code of a verb that ends in this way."""
    command = ModuleType("essai")

    def run(_: argparse.Namespace) -> int:
        if raises:
            raise raises
        return 0

    command.run = run  # type: ignore[attr-defined]
    return cli.run("essai", command, argparse.Namespace(**options))


@pytest.fixture
def facture(tmp_path: Path) -> Path:
    return write_facture(tmp_path)


@pytest.fixture
def wrong_facture(tmp_path: Path) -> Path:
    folder = tmp_path / "fausse"
    folder.mkdir()
    return write_facture(folder, number='"un numéro bien trop long pour le portail"')


# --- help ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [(), ("-h",), ("--help",)])
def test_the_overview_lists_every_verb(capsys, words):
    """Without anything, one is told where to begin and what exit codes mean."""
    assert chorus_robot(*words) == 0
    said = capsys.readouterr().out
    assert [verb for verb in cli.COMMANDS if f"\n  {verb} " not in said] == []
    assert "Pour commencer : chorus-robot demo" in said
    assert "77 une personne est nécessaire" in said


@pytest.mark.parametrize("verb", cli.COMMANDS)
def test_each_verb_helps_in_french(capsys, verb):
    """No word of argparse's English is left."""
    assert chorus_robot(verb, "--help") == 0
    said = capsys.readouterr().out
    assert said.startswith(f"utilisation : chorus-robot {verb}")
    assert "affiche cette aide" in said
    assert [word for word in ENGLISH if word in said] == []


@pytest.mark.parametrize("verb", cli.COMMANDS)
def test_each_verb_is_a_file(verb):
    """One can guess the file from the terminal."""
    assert (Path(cli.__file__).parent / "commands" / f"{verb}.py").is_file()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["deposit"], "il manque : FACTURE"),
        (["check"], "il manque : FACTURE"),
        (["deposit", "a.yaml", "--snd"], "argument inconnu : --snd"),
        (["deposit", "a.yaml", "--send", "--draft"], "ne va pas avec"),
        (["deposit", "a.yaml", "--out"], "une valeur est attendue"),
        (["flows", "chek"], "« chek » n'existe pas (au choix : "),
        (["replica", "--port", "abc"], "« abc » ne convient pas"),
        (["replica", "--generation", "2020"], "« 2020 » n'existe pas"),
    ],
)
def test_a_mistyped_command_is_told_in_french(capsys, words, said):
    """The same exit code as for a file to correct: the person who typed acts."""
    assert chorus_robot(*words) == 2
    seen = capsys.readouterr()
    assert said in seen.err
    assert seen.out == ""
    assert [word for word in ENGLISH if word in seen.err] == []


@pytest.mark.parametrize(
    ("verb", "hint"),
    [("depost", "Vouliez-vous dire « deposit » ?"), ("chek", "Vouliez-vous dire « check » ?"), ("zzz", "")],
)
def test_an_unknown_verb_names_the_nearest(capsys, verb, hint):
    """A slip is answered with what was probably meant, and the list."""
    assert chorus_robot(verb) == 2
    seen = capsys.readouterr()
    assert f"commande inconnue « {verb} ».{' ' + hint if hint else ''}\n" in seen.err
    assert seen.out == ""


# --- failures -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failure", "exit_code", "outcome"),
    [
        (Maintenance(), 75, "portal-unavailable"),
        (OutcomeUnknown(), 76, "unknown"),
        (SignInNeeded(cure="connectez-vous."), 77, "needs-person"),
        (FlowInvalid([Problem(Path("a.yaml"), 3, "clé inconnue")]), 2, "refused"),
    ],
)
def test_a_failure_is_a_sentence_and_an_exit_code(capsys, failure, exit_code, outcome):
    """People read stderr; machines, with --json, one object on stdout."""
    assert verb_that(failure, json=True) == exit_code
    seen = capsys.readouterr()
    (line,) = json_lines(seen.out)
    assert (line["outcome"], line["message"], line["exit_code"]) == (outcome, str(failure), exit_code)
    assert seen.err == f"chorus-robot essai : {failure}\n"


def test_a_failure_without_json_leaves_standard_output_alone(capsys):
    """A verb without --json says it once."""
    assert verb_that(Maintenance()) == 75
    assert capsys.readouterr().out == ""


def test_an_interruption_is_no_defect(capsys):
    """Ctrl+C is answered with how to go on."""
    assert verb_that(KeyboardInterrupt()) == 130
    assert "relancez la même commande" in capsys.readouterr().err


def test_a_defect_leaves_a_file_to_send(capsys):
    """One file says what happened and where; nobody reads a raw traceback."""
    assert verb_that(ZeroDivisionError("division by zero")) == 3
    said = capsys.readouterr().err
    path = Path(said.rstrip().rpartition(" : ")[2])
    assert path.is_relative_to(home())
    assert "ZeroDivisionError: division by zero" in path.read_text(encoding="utf-8")
    assert "Traceback" not in said


def test_a_defect_is_told_to_machines_too(capsys):
    """With --json, a batch that stops on a defect still says so on its last line."""
    assert verb_that(ZeroDivisionError("division by zero"), json=True) == 3
    assert [line["exit_code"] for line in json_lines(capsys.readouterr().out)] == [3]


# --- verbs without a browser --------------------------------------------------------------------------------


def test_a_right_invoice_is_checked(capsys, facture):
    """What can be deposited is said so, by its number."""
    assert chorus_robot("check", facture, "--config", EXAMPLE_CONFIG) == 0
    assert capsys.readouterr().out == f"✓ {facture} : la facture 2026-10-07 peut être déposée.\n"


def test_the_worst_of_several_invoices_decides(capsys, facture, wrong_facture):
    """All are checked, whatever comes first."""
    assert chorus_robot("check", wrong_facture, facture, "--config", EXAMPLE_CONFIG) == 2
    seen = capsys.readouterr()
    assert "2026-10-07 peut être déposée" in seen.out
    assert f"{wrong_facture}:2: " in seen.err


def test_check_gives_machines_only_json(capsys, facture, wrong_facture):
    """One object for each finding."""
    assert chorus_robot("check", "--json", facture, wrong_facture, "--config", EXAMPLE_CONFIG) == 2
    lines = json_lines(capsys.readouterr().out)
    (line,) = (line for line in lines if line["level"] == "bloque")
    assert line["place"] == f"{wrong_facture}:2"
    assert set(line) == {"code", "level", "message", "place"}


def test_the_plan_is_read_sentence_by_sentence(capsys, facture):
    """The one gesture that cannot be undone is marked, once."""
    assert chorus_robot("plan", facture, "--config", EXAMPLE_CONFIG) == 0
    said = capsys.readouterr().out
    assert said.count("◀ ne peut pas être défait") == 1
    assert "→ 600,00, 0,00, 600,00, 600,00" in said


def test_the_plan_gives_machines_only_json(capsys, facture):
    """The same sentences, with their place in the flows."""
    assert chorus_robot("plan", "--json", "--draft", facture, "--config", EXAMPLE_CONFIG) == 0
    lines = json_lines(capsys.readouterr().out)
    assert [line["number"] for line in lines] == list(range(1, len(lines) + 1))
    assert {line["effect"] for line in lines} == {"read", "edit", "draft"}


def test_the_shipped_flows_are_right(capsys):
    """As CI asks at each change."""
    assert chorus_robot("flows", "check") == 0
    assert "40 lignes du tutoriel couvertes" in capsys.readouterr().out


def test_broken_flows_are_told(capsys, tmp_path):
    """To people by lines, to machines by objects."""
    flows = Path(shutil.copytree(FLOWS_DIR, tmp_path / "flows"))
    path = flows / "3-depot/70-envoi.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("leave: annuler", "leave: anuler"), encoding="utf-8")
    assert chorus_robot("flows", "check", "--flows", flows) == 2
    assert f"{path}:" in capsys.readouterr().err
    assert chorus_robot("flows", "check", "--json", "--flows", flows) == 2
    (line,) = json_lines(capsys.readouterr().out)
    assert (line["path"], line["cure"]) == (str(path), "vouliez-vous dire « annuler » ?")


def test_flows_are_listed_for_machines(capsys):
    """Each screen of each journey, with its lines and its file."""
    assert chorus_robot("flows", "list", "--json") == 0
    lines = json_lines(capsys.readouterr().out)
    (foot,) = [line for line in lines if (line["journey"], line["screen"]) == ("depot", "envoi")]
    assert (foot["lines"], foot["file"]) == (["3.18"], "flows/3-depot/70-envoi.yaml")


def test_the_schema_is_one_json_document(capsys):
    """Ready to be given to an editor."""
    assert chorus_robot("flows", "schema") == 0
    assert json.loads(capsys.readouterr().out)["$schema"].startswith("https://json-schema.org/")


# --- a deposit that stops before any browser ----------------------------------------------------------------


def test_a_deposit_without_config_is_a_sentence(capsys, facture, tmp_path):
    """What is missing, and the exit code of a file to correct."""
    assert chorus_robot("deposit", facture, "--config", tmp_path / "absent.yaml", "--json") == 2
    seen = capsys.readouterr()
    (line,) = json_lines(seen.out)
    assert (line["exit_code"], line["outcome"]) == (2, "refused")
    assert "fichier introuvable" in seen.err


def test_invoices_that_cannot_go_are_told_before_any_browser(capsys, wrong_facture, tmp_path):
    """Each has its line; the worst decides."""
    config = Path(shutil.copy(EXAMPLE_CONFIG, tmp_path / "config.yaml"))
    assert chorus_robot("deposit", wrong_facture, tmp_path / "absente.yaml", "--config", config, "--json") == 2
    lines = json_lines(capsys.readouterr().out)
    assert [(line["invoice"], line["exit_code"]) for line in lines] == [
        (str(wrong_facture), InvoiceInvalid.exit_code),
        (str(tmp_path / "absente.yaml"), 2),
    ]


def test_an_unknown_portal_is_told(capsys, facture, tmp_path):
    """The portals that could have been meant are listed."""
    config = Path(shutil.copy(EXAMPLE_CONFIG, tmp_path / "config.yaml"))
    assert chorus_robot("deposit", facture, "--config", config, "--portal", "chorus") == 2
    assert "portail inconnu « chorus » ; attendu : chorus-pro, qualification, replica" in capsys.readouterr().err


# --- as a program -------------------------------------------------------------------------------------------


def program(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The robot as its users start it."""
    return subprocess.run(
        [sys.executable, "-m", "robot.cli", *words],
        cwd=FLOWS_DIR.parent, env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
        capture_output=True, text=True, encoding="utf-8", check=False, timeout=60,
    )  # fmt: skip


def test_a_console_that_lacks_letters_is_no_defect():
    """An old Windows console cannot write « ✓ »: the answer comes all the same."""
    done = program("flows", "check", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "40 lignes du tutoriel couvertes" in done.stdout


def test_a_reader_that_leaves_is_no_defect():
    """`chorus-robot flows schema | head` ends quietly."""
    with subprocess.Popen(
        [sys.executable, "-m", "robot.cli", "flows", "schema"],
        cwd=FLOWS_DIR.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as done:  # fmt: skip
        assert done.stdout and done.stderr
        done.stdout.close()
        assert done.stderr.read() == b""
    assert done.returncode == 0


def test_help_answers_at_once():
    """No browser library is loaded to show the list of verbs."""
    script = "import sys, robot.cli; robot.cli.main(['--help']); sys.exit('playwright' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=FLOWS_DIR.parent, capture_output=True, check=False)
    assert done.returncode == 0


def test_a_deposit_that_nobody_watches_loads_nothing_of_a_show():
    """What is laid over the page costs nothing when off."""
    script = (
        "import sys, robot.commands.deposit;"
        "sys.exit(any('robot.training.' + name in sys.modules for name in ('coach', 'show', 'film')))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=FLOWS_DIR.parent, capture_output=True, check=False)
    assert done.returncode == 0


def test_the_doctor_tells_machines_what_is_ready(tmp_path):
    """One object for each thing looked at, the browser really started."""
    config = Path(shutil.copy(EXAMPLE_CONFIG, tmp_path / "config.yaml"))
    lines = {line["name"]: line for line in json_lines(program("doctor", "--json", "--config", str(config)).stdout)}
    assert {"Python", "Parcours", "Journal", "Navigateur", "Configuration"} <= set(lines)
    assert all(lines[name]["ok"] for name in ("Python", "Parcours", "Journal", "Navigateur", "Configuration"))
