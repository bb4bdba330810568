"""The journal's file: older shapes are kept up, no crash or disk tears it, nobody but its owner reads it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_journal import CONTENT, KEY, ROADS, bring

from robot.deposits import State
from robot.enrolments import AccountState, Enrolments
from robot.journal import Journal, JournalUnusable
from robot.ledger import entries, passages
from robot.store import QUERIES

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX rights and signals")

INVOICE = (
    "INSERT INTO deposit (portal, supplier, number, state, recipient, service, content, why, run, created, updated,"
    " confirming_at, deposited_at, certified_at) VALUES (?, ?, ?, ?, ?, '', ?, 'parce que', 'r1',"
    " '2026-10-01T08:00:00.000000+00:00', '2026-10-04T08:00:00.000000+00:00', ?, ?, ?)"
)
TIMES = {
    State.PREPARED: (None, None, None),
    State.DRAFT: (None, None, None),
    State.UNKNOWN: ("2026-10-02T08:00:00.000000+00:00", None, None),
    State.CERTIFIED: (
        "2026-10-02T08:00:00.000000+00:00",
        "2026-10-03T08:00:00.000000+00:00",
        "2026-10-04T08:00:00.000000+00:00",
    ),
}


def journal_of(version: int, path: Path) -> Path:
    """A journal as the robot of that version left it, with an invoice in each of some states."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as database:
        for name in ("create-version", *(f"migration-{number}" for number in range(1, version + 1))):
            for statement in QUERIES[name]:
                database.execute(statement)
        for number in range(1, version + 1):
            database.execute("INSERT INTO migration VALUES (?, '')", (number,))
        for state, times in TIMES.items():
            facts = (KEY.portal, KEY.supplier, state, state, CONTENT.recipient, CONTENT.to_json())
            database.execute(INVOICE, (*facts, *times))
        if version > 1:
            account = ("p", "psy@exemple.test", "requested", None, "r1", "2026-10-01T08:00:00+00:00")
            database.execute("INSERT INTO account VALUES (?, ?, ?, ?, ?, ?)", account)
    return path


# --- older journals -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [1, 2])
def test_an_older_journal_keeps_what_it_knows(tmp_path: Path, version: int) -> None:
    """Every invoice is where it was, and what may be done with it is what might be done before."""
    with Journal(journal_of(version, tmp_path / "journal.sqlite3")) as journal:
        assert {entry.number: entry.state for entry in entries(journal)} == {state.value: state for state in TIMES}
        assert {entry.asked for entry in entries(journal)} == {None}
        bring(journal, State.CERTIFIED)
        account = Enrolments(journal).account("p", "psy@exemple.test")
        assert (account and account.state) == (AccountState.REQUESTED if version > 1 else None)


def test_the_past_of_an_older_journal_is_told_as_far_as_it_is_known(tmp_path: Path) -> None:
    """States and instants that it had noted; no run is made up."""
    with Journal(journal_of(2, tmp_path / "journal.sqlite3")) as journal:
        told = {
            state: [(passage.state, passage.at.day, passage.run) for passage in passages(journal, entry.deposit.key)]
            for entry in entries(journal)
            for state in (entry.state,)
        }
    assert told == {
        State.PREPARED: [(State.PREPARED, 1, "")],
        State.DRAFT: [(State.PREPARED, 1, ""), (State.DRAFT, 4, "r1")],
        State.UNKNOWN: [(State.PREPARED, 1, ""), (State.CONFIRMING, 2, ""), (State.UNKNOWN, 4, "r1")],
        State.CERTIFIED: [
            (State.PREPARED, 1, ""),
            (State.CONFIRMING, 2, ""),
            (State.DEPOSITED, 3, ""),
            (State.CERTIFIED, 4, "r1"),
        ],
    }


MIGRATE_AND_DIE = """
import os, signal, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
from robot.journal import Journal
left = int(sys.argv[2])

@event.listens_for(Engine, "after_cursor_execute")
def _(connection, cursor, statement, *_):
    global left
    if not statement.startswith(("PRAGMA", "SELECT", "BEGIN")):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

Journal(sys.argv[1])
"""


@posix
@pytest.mark.parametrize("statements", [1, 2, 4, 6, 8, 10])
def test_a_migration_is_whole_or_not_at_all(tmp_path: Path, statements: int) -> None:
    """kill -9 between two of its statements: the next robot finds the older journal, and brings it up."""
    path = journal_of(2, tmp_path / "journal.sqlite3")
    done = subprocess.run([sys.executable, "-c", MIGRATE_AND_DIE, str(path), str(statements)], check=False)
    assert done.returncode == -signal.SIGKILL
    with contextlib.closing(sqlite3.connect(path)) as database:
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
        assert not tables & {"passage", "mandate", "notice_run"}
    with Journal(path) as journal:
        assert len(entries(journal)) == len(TIMES)


# --- disks ----------------------------------------------------------------------------------------------------

FILL = """
import resource, sys
sys.path.insert(0, {tests!r})
import test_journal as t
with t.Journal(sys.argv[1]) as journal, journal.claim(t.KEY, t.CONTENT, run="full") as claim:
    tell = t.Recorder(journal, "full", claim=claim)
    t.play(tell, until=sys.argv[2])
    size = sum(file.stat().st_size for file in t.Path(sys.argv[1]).parent.glob("journal*"))
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    try:
        for _ in range(10_000):
            tell(t.events.Noticed(screen="", message="x" * 1000))
        claim.advance(t.State.CONFIRMING)
    except t.Failure as failure:
        print(failure)
    print("missed" if tell.missed else "")
"""


def fill(path: Path, until: str) -> str:
    """What a run says whose files can grow no more."""
    code = FILL.format(tests=str(Path(__file__).parent))
    done = subprocess.run([sys.executable, "-c", code, str(path), until], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@posix
@pytest.mark.parametrize(
    ("until", "state", "said"),
    [("3.9", State.FILLING, "Le journal du robot"), ("confirming", State.CONFIRMING, "missed")],
)
def test_a_disk_that_is_full_tears_nothing(tmp_path: Path, until: str, state: State, said: str) -> None:
    """Before the confirmation the run stops, after it goes on; the file is sound once there is room again."""
    path = tmp_path / "journal.sqlite3"
    assert said in fill(path, until)
    with contextlib.closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    with Journal(path) as journal:
        deposit = journal.deposit(KEY)
        assert deposit and deposit.state is state
        # An invoice that could not be given back is taken over.
        assert journal.claim(KEY, CONTENT, run="next").run == "next"


READ = """
import os, sys
sys.path.insert(0, {tests!r})
{drop}
from robot.failures import Failure
from robot.journal import Journal
from robot.ledger import entries
import test_journal as t
try:
    with Journal(sys.argv[1]) as journal:
        print(*(entry.state for entry in entries(journal)))
        journal.claim(t.KEY, t.CONTENT, run="now")
except Failure as failure:
    print(failure)
"""
# Root writes wherever it wants; libraries are loaded before it steps down.
DROP = "import test_journal; test_journal.Journal(sys.argv[2]).close(); os.setgid(65534); os.setuid(65534)"


@pytest.fixture
def public(tmp_path: Path) -> Iterator[Path]:
    """A folder that another user can enter; pytest's own are closed."""
    folder = Path(tempfile.mkdtemp(prefix="chorus-journal-"))
    yield folder
    folder.chmod(0o700)
    shutil.rmtree(folder)


def as_user(path: Path, spare: Path) -> list[str]:
    """What an ordinary user is told who looks, then claims; a line each."""
    is_root = os.geteuid() == 0
    for file in (path, path.parent):
        if is_root and file.exists():
            os.chown(file, 65534, 65534)
    code = READ.format(tests=str(Path(__file__).parent), drop=DROP if is_root else "")
    words = [sys.executable, "-c", code, str(path), str(spare / "spare.sqlite3")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def change_rights(path: Path, file: int, folder: int) -> None:
    path.chmod(file)
    path.parent.chmod(folder)


@posix
@pytest.mark.parametrize(("file", "folder"), [(0o400, 0o500), (0o600, 0o500), (0o400, 0o700)])
def test_a_journal_that_cannot_be_written_can_be_read(tmp_path: Path, public: Path, file: int, folder: int) -> None:
    """A backup on a medium that is read-only is shown; a deposit is refused, in French, before anything is pressed."""
    path = public / "journal.sqlite3"
    with Journal(path) as journal:
        bring(journal, State.DRAFT)
    shutil.rmtree(public / "running", ignore_errors=True)
    change_rights(path, file, folder)
    shown, refused = as_user(path, tmp_path)
    assert shown == "draft"
    assert refused.startswith("Le journal du robot ne peut être ni lu ni écrit : ")
    assert str(path.parent) in refused and "Que faire : " in refused


@posix
def test_a_folder_that_is_closed_is_told(tmp_path: Path, public: Path) -> None:
    """No journal can be made there."""
    public.chmod(0o500)
    (said,) = as_user(public / "journal.sqlite3", tmp_path)
    assert "ne peut être ni lu ni écrit" in said and str(public) in said


def test_a_folder_in_its_place_is_told(tmp_path: Path) -> None:
    """A sentence, not a traceback."""
    (tmp_path / "journal.sqlite3").mkdir()
    with pytest.raises(JournalUnusable, match="ne peut être ni lu ni écrit"):
        Journal(tmp_path / "journal.sqlite3")


# --- who reads it ---------------------------------------------------------------------------------------------


@posix
def test_a_journal_that_was_restored_is_closed_again(tmp_path: Path) -> None:
    """A copy came back with the rights of any file."""
    path = tmp_path / "home" / "journal.sqlite3"
    Journal(path).close()
    path.chmod(0o644)
    with Journal(path) as journal:
        journal.claim(KEY, CONTENT, run="now")
        rights = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    assert rights == {name: 0o700 if name == "running" else 0o600 for name in rights}
    assert "journal.sqlite3-wal" in rights


# --- what is kept ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["\udce9t\udce9.pdf", "a\0b", "\ud83d", "'; DROP TABLE deposit; --", ":number %(x)s"])
def test_any_text_can_be_kept(place: Any, text: str) -> None:
    """Names of files that are not UTF-8, NUL, half a pair, and what looks like SQL."""
    with Journal(place) as journal, journal.claim(KEY, CONTENT, run="now") as claim:
        kept = claim.advance(State.PREPARED, why=text).why
        assert kept == text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def test_each_state_on_the_way_is_remembered(place: Any) -> None:
    """With its instant, its run, and why."""
    with Journal(place) as journal:
        bring(journal, State.UNKNOWN)
        with journal.claim(KEY, CONTENT, run="now") as claim:
            claim.not_found("absente")
        told = [(passage.state, passage.run) for passage in passages(journal, KEY)]
        assert told == [
            (State.PREPARED, "before"),
            *((state, "before") for state in ROADS[State.UNKNOWN]),
            (State.PREPARED, "now"),
        ]
        times = [passage.at for passage in passages(journal, KEY)]
        assert times == sorted(times)
