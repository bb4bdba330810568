"""`chorus-robot journal`: everything that is known can be seen and taken away; what hangs can be taken up."""

from __future__ import annotations

import csv
import io
import json
import socket
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from dossiers import RUN, finish, play
from factures import SUPPLIER, write_facture
from test_cli import chorus_robot, json_lines
from test_journal import CONTENT, KEY, ROADS, bring

from robot import cli
from robot.deposits import Key, State
from robot.journal import Journal, Mandate, own_file
from robot.recorder import Recorder
from robot.store import QUERIES

CONFIG = f"""
portal: essai
portals:
  essai: {{url: "http://127.0.0.1:9/", hosts: ["127.0.0.1:9"], sign_in_hosts: ["127.0.0.1:9"]}}
account: {{email: psy@exemple.test, password: person}}
supplier: {{siret: "{SUPPLIER}"}}
"""
MINE = replace(KEY, portal="127.0.0.1:9", supplier=SUPPLIER)


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user with a journal of their own, in an empty folder."""
    monkeypatch.setenv("CHORUS_ROBOT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def known(state: State, *, number: str = KEY.number, mandate: Mandate | None = None, key: Key = KEY) -> None:
    """An earlier run left an invoice in this state."""
    with Journal() as journal, journal.claim(replace(key, number=number), CONTENT, run=f"r{number}", mandate=mandate) as claim:
        for step in ROADS[state]:
            claim.advance(step)


def asked(folder: Path, **changes: Any) -> Mandate:
    """What a deposit of the folder's invoice was told."""
    (folder / "config.yaml").write_text(CONFIG)
    source = write_facture(folder)
    return replace(Mandate(source, "draft", "essai", folder / "config.yaml", folder / "depots"), **changes)


def told(capsys: pytest.CaptureFixture[str], *words: str | Path) -> list[dict[str, Any]]:
    assert chorus_robot("journal", *words, "--json") == 0
    return json_lines(capsys.readouterr().out)


# --- list -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [(), ("list",), ("list", "--json"), ("resume",)])
def test_an_empty_journal_is_no_error_and_is_not_made(capsys, words):
    """Looking leaves nothing behind."""
    assert chorus_robot("journal", *words) == 0
    assert "Le journal est vide" in capsys.readouterr().err
    assert not own_file().exists()


def test_the_last_to_change_comes_first(capsys):
    """All that is listed is there for programs too."""
    known(State.DRAFT, number="A")
    known(State.UNKNOWN, number="B")
    newest, oldest = told(capsys, "list")
    assert (newest["invoice"], newest["state"], newest["words"], newest["attention"]) == ("B", "unknown", "sort inconnu", True)
    assert (oldest["invoice"], oldest["portal"], oldest["supplier"]) == ("A", KEY.portal, KEY.supplier)


@pytest.mark.parametrize(
    ("state", "numbers"),
    [
        ("brouillon", ["draft"]),
        ("INCONNU", ["unknown"]),
        ("deposee", ["certified", "deposited"]),
        ("sans certificat", ["deposited"]),
        ("attention", ["confirming", "deposited", "draft", "unknown"]),
        ("certified", ["certified"]),
    ],
)
def test_a_state_is_asked_for_as_one_says_it(capsys, state, numbers):
    """With or without accents, whole or in part."""
    for each in State:
        known(each, number=each.value)
    assert sorted(line["invoice"] for line in told(capsys, "list", "--state", state)) == numbers


def test_a_state_that_is_none_is_answered_with_the_list(capsys):
    """The person who typed acts."""
    known(State.DRAFT)
    assert chorus_robot("journal", "list", "--state", "zut") == 2
    assert "sort inconnu" in capsys.readouterr().err


def test_portal_and_day_narrow_the_list(capsys):
    """A portal by its address or its name; a day as French people write it."""
    known(State.DRAFT)
    assert [len(told(capsys, *words)) for words in (
        ("--portal", KEY.portal), ("--portal", "autre"), ("list", "--since", "01/01/2020"), ("list", "--since", "2999-01-01"),
    )] == [1, 0, 1, 0]  # fmt: skip


def test_a_certificate_that_is_gone_is_missed(capsys, tmp_path):
    """The journal says « certified », the disk does not: somebody must know."""
    mandate = asked(tmp_path)
    with Journal() as journal, journal.claim(KEY, CONTENT, run="r", mandate=mandate) as claim:
        for step in ROADS[State.DEPOSITED]:
            claim.advance(step)
        claim.advance(State.CERTIFIED, certificate=tmp_path / "certificat.pdf", certificate_sha256="0" * 64)
    (line,) = told(capsys)
    assert (line["certificate_lost"], line["attention"]) == (True, True)
    assert chorus_robot("journal") == 0
    assert "certificat.pdf (introuvable)" in capsys.readouterr().out


# --- show -----------------------------------------------------------------------------------------------------


def recorded(folder: Path) -> Path:
    """A whole run in the journal; the file that it kept."""
    kept = folder / "certificat.pdf"
    kept.write_bytes(b"%PDF")
    with Journal() as journal, journal.claim(KEY, CONTENT, run=RUN, mandate=asked(folder)) as claim:
        tell = Recorder(journal, RUN, claim=claim, folder=folder)
        play(tell)
        finish(tell)
        sha256 = "3df79d34abbca99308e79cb94461c1893582604d68329a41fd4bec1885e6adb4"
        journal.keep_evidence(RUN, [(kept, sha256, "certificate"), (folder / "perdu.png", "0" * 64, "picture")])
    return kept


def test_an_invoice_is_shown_with_all_its_past(capsys, tmp_path):
    """States with their instants, the run with its steps, each file with what became of it."""
    kept = recorded(tmp_path)
    kept.write_bytes(b"autre")
    (invoice,) = told(capsys, "show", KEY.number)
    assert [state["state"] for state in invoice["states"]] == ["prepared", "filling", "draft", "confirming", "deposited"]
    assert all(state["at"] and state["run"] == RUN for state in invoice["states"])
    (run,) = invoice["runs"]
    assert (run["outcome"], run["host"], len(run["steps"])) == ("deposited", socket.gethostname(), 12)
    assert [proof["file"] for proof in run["evidence"]] == ["changed", "absent"]
    assert chorus_robot("journal", "show", KEY.number) == 0
    said = capsys.readouterr().out
    assert f"MODIFIÉ   {kept}" in said and "envoi en cours — à vérifier" in said


def test_a_run_is_shown_by_the_beginning_of_its_name(capsys, tmp_path):
    """As `report` does."""
    recorded(tmp_path)
    (run,) = told(capsys, "show", RUN[:8])
    assert (run["run"], run["invoice"]) == (RUN, KEY.number)


def test_what_nobody_knows_is_said(capsys):
    """A sentence, and where to look."""
    known(State.DRAFT)
    assert chorus_robot("journal", "show", "inconnue") == 2
    assert "journal list" in capsys.readouterr().err


# --- export ---------------------------------------------------------------------------------------------------


def test_a_spreadsheet_is_written_for_its_owner_alone(capsys, tmp_path):
    """CSV by default; the file holds amounts and SIRET."""
    recorded(tmp_path)
    out = tmp_path / "journal.csv"
    assert chorus_robot("journal", "export", "--out", out) == 0
    (row,) = csv.DictReader(io.StringIO(out.read_text(encoding="utf-8-sig")), delimiter=";")
    assert (row["État"], row["Issue"], row["Nombre d'exécutions"]) == ("déposée sans certificat", "deposited", "1")
    assert out.stat().st_mode & 0o077 == 0


def test_a_program_gets_everything(capsys, tmp_path):
    """Invoices, states, runs, steps, files, in one JSON document."""
    recorded(tmp_path)
    capsys.readouterr()
    out = tmp_path / "journal.json"
    assert chorus_robot("journal", "export", "--format", "json", "--out", out, "--json") == 0
    assert json_lines(capsys.readouterr().out) == [{"file": str(out), "format": "json", "invoices": 1}]
    whole = json.loads(out.read_text())
    assert whole["invoices"][0]["runs"] == [whole["runs"][0]["run"]] == [RUN]
    assert whole["invoices"][0]["content"]["ttc"] == "5600.00"
    assert len(whole["runs"][0]["evidence"]) == 2


def test_a_file_that_cannot_be_written_is_told(capsys, tmp_path):
    """No traceback for a folder that is a file."""
    known(State.DRAFT)
    (tmp_path / "fichier").touch()
    assert chorus_robot("journal", "export", "--out", tmp_path / "fichier" / "a.csv") == 2
    assert "ne peut pas être écrit" in capsys.readouterr().err


# --- resume ---------------------------------------------------------------------------------------------------


def test_nothing_hangs(capsys):
    """Drafts and forms wait for a person who names them."""
    for state in (State.DRAFT, State.FILLING, State.CERTIFIED, State.PREPARED, State.REFUSED):
        known(state, number=state.value)
    assert chorus_robot("journal", "resume") == 0
    assert "Rien n'est en suspens" in capsys.readouterr().err


def test_an_invoice_of_an_older_journal_says_how_to_go_on(capsys):
    """The journal was not told then which file it came from."""
    known(State.UNKNOWN)
    assert chorus_robot("journal", "resume") == 2
    assert "chorus-robot deposit <fichier>" in capsys.readouterr().err


def test_an_invoice_whose_file_moved_says_how_to_go_on(capsys, tmp_path):
    """The path as it was, and the cure."""
    mandate = asked(tmp_path)
    known(State.UNKNOWN, mandate=mandate, key=MINE)
    mandate.source.rename(tmp_path / "ailleurs.yaml")
    assert chorus_robot("journal", "resume", "--json") == 2
    (line,) = json_lines(capsys.readouterr().out)
    assert line["invoice"] == KEY.number
    assert str(mandate.source) in line["message"] and "chorus-robot deposit" in line["message"]


def test_a_file_used_for_another_invoice_is_not_deposited_instead(capsys, tmp_path):
    """Last month's file was written over: what hangs is not what it says now."""
    known(State.UNKNOWN, mandate=asked(tmp_path), key=MINE)
    write_facture(tmp_path, number='"2026-11-01"')
    assert chorus_robot("journal", "resume") == 2
    assert "décrit maintenant la facture 2026-11-01" in capsys.readouterr().err


def test_a_portal_that_moved_is_not_another_portal(capsys, tmp_path):
    """The name now leads elsewhere: the invoice is not looked up there."""
    known(State.UNKNOWN, mandate=asked(tmp_path), key=replace(MINE, portal="127.0.0.1:10"))
    assert chorus_robot("journal", "resume") == 2
    assert "n'est plus à la même adresse : 127.0.0.1:9 au lieu de 127.0.0.1:10" in capsys.readouterr().err


def test_another_machines_invoice_is_left_to_it(capsys, tmp_path, monkeypatch):
    """Its paths mean nothing here."""
    known(State.UNKNOWN, mandate=asked(tmp_path), key=MINE)
    monkeypatch.setattr(socket, "gethostname", lambda: "autre-machine")
    assert chorus_robot("journal", "resume") == 2
    assert "a été demandée sur la machine" in capsys.readouterr().err


def test_a_replica_that_is_gone_cannot_be_asked(capsys):
    """It is no loss either: it needs nobody's attention."""
    known(State.UNKNOWN, key=replace(KEY, portal="replica:0123"))
    assert [line["attention"] for line in told(capsys)] == [False]
    assert chorus_robot("journal", "resume", KEY.number) == 2
    assert "réplique d'entraînement" in capsys.readouterr().err


# --- a journal that cannot be read ----------------------------------------------------------------------------


def unreadable(capsys: pytest.CaptureFixture[str]) -> str:
    """What the person is told; every action says the same, without a traceback."""
    said = set()
    for words in ((), ("show", "x"), ("resume",), ("export",)):
        assert chorus_robot("journal", *words) == 2
        said.add(capsys.readouterr().err)
    (sentence,) = said
    assert str(own_file()) in sentence
    return sentence


def test_a_damaged_journal_is_set_aside_not_erased(capsys):
    """Bytes in the middle of a file are wrong: where it is, and how to go on."""
    bring_many()
    data = bytearray(own_file().read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    own_file().write_bytes(bytes(data))
    sentence = unreadable(capsys)
    assert "abîmé" in sentence and "mettez-le de côté" in sentence and "sans l'effacer" in sentence


def bring_many() -> None:
    with Journal() as journal:
        bring(journal, State.DRAFT)


def test_a_row_that_no_robot_wrote_is_damage(capsys):
    """Edited by hand, or by a disk."""
    bring_many()
    with Journal() as journal, journal.writing() as do:
        do("change-content", portal=KEY.portal, supplier=KEY.supplier, number=KEY.number, content="{", recipient="",
           service="", at="hier")  # fmt: skip
    assert chorus_robot("journal") == 2
    assert "abîmé" in capsys.readouterr().err


def test_another_programs_file_is_left_alone(capsys):
    """Nothing is added to a database that is not a journal."""
    own_file().parent.mkdir()
    with sqlite3.connect(own_file()) as other:
        other.execute("CREATE TABLE photos (name TEXT)")
    other.close()
    before = own_file().read_bytes()
    assert "n'est pas un journal du robot" in unreadable(capsys)
    assert own_file().read_bytes() == before


def test_a_locked_journal_is_told(capsys, monkeypatch):
    """Somebody else writes and does not end."""
    bring_many()
    monkeypatch.setattr("robot.store.BUSY_SECONDS", 0)
    other = sqlite3.connect(own_file(), isolation_level=None)
    other.execute("PRAGMA journal_mode = DELETE")
    other.execute("BEGIN EXCLUSIVE")
    assert "un autre programme le tient" in unreadable(capsys)
    other.close()


def test_a_later_robots_journal_is_told(capsys):
    """Update, and nothing was changed."""
    bring_many()
    with Journal() as journal, journal.writing() as do:
        do("add-version", number=999, at="")
    assert "mettez le robot à jour" in unreadable(capsys)


def test_every_request_has_a_use():
    """The file of requests holds no dead one."""
    used = "".join(path.read_text(encoding="utf-8") for path in Path(cli.__file__).parent.rglob("*.py"))
    assert [name for name in QUERIES if not name.startswith("migration-") and f'"{name}"' not in used] == []
