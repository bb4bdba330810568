"""The portal locks at five wrong passwords: the robot stops at two in an hour, whatever dies meanwhile."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from robot.enrolments import AccountState, Enrolments
from robot.journal import Journal
from robot.signins import SignIns, TooManyPasswords

PORTAL, EMAIL = "127.0.0.1:8800", "zoe@exemple.test"


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "journal.sqlite3") as journal:
        yield journal


def test_a_third_wrong_password_within_the_hour_is_not_tried(journal, clock):
    """Two are refused by the portal; the third never leaves."""
    doors = SignIns(journal, PORTAL, EMAIL, clock=clock)
    for run in ("a", "b"):
        doors.begin(run)
        doors.answer(run, accepted=False)
    with pytest.raises(TooManyPasswords) as caught:
        doors.begin("c")
    assert "après" in caught.value.cure
    clock.now += timedelta(hours=1)
    doors.begin("c")


def test_a_password_that_got_no_answer_counts(journal, clock):
    """A killed run may have been refused."""
    doors = SignIns(journal, PORTAL, EMAIL, clock=clock)
    doors.begin("a")
    doors.begin("b")
    with pytest.raises(TooManyPasswords):
        doors.check()


def test_a_right_password_clears_what_was_before(journal, clock):
    """As the portal's own count does."""
    doors = SignIns(journal, PORTAL, EMAIL, clock=clock)
    doors.begin("a")
    doors.answer("a", accepted=False)
    doors.begin("b")
    doors.answer("b", accepted=True)
    doors.begin("c")
    doors.begin("d")


def test_each_account_of_each_portal_has_its_own_count(journal, clock):
    """Another address, another portal: other doors."""
    for run in ("a", "b"):
        SignIns(journal, PORTAL, EMAIL, clock=clock).begin(run)
    SignIns(journal, PORTAL, "autre@exemple.test", clock=clock).check()
    SignIns(journal, "autre.example", EMAIL, clock=clock).check()
    with pytest.raises(TooManyPasswords):
        SignIns(journal, PORTAL, EMAIL.upper(), clock=clock).check()


def test_processes_share_the_count(tmp_path, journal):
    """Six programs at once get two tries between them."""
    script = (
        "import sys\nfrom robot.journal import Journal\nfrom robot.signins import SignIns, TooManyPasswords\n"
        "with Journal(sys.argv[1]) as journal:\n"
        "    try: SignIns(journal, 'p', 'e').begin(sys.argv[2])\n"
        "    except TooManyPasswords: sys.exit(7)\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "journal.sqlite3")]
    running = [subprocess.Popen([*command, str(number)]) for number in range(6)]
    assert sorted(one.wait() for one in running) == [0, 0, 7, 7, 7, 7]


def test_a_request_of_an_account_is_remembered(journal):
    """With the mark of the mailbox, which a later note without one keeps."""
    requests = Enrolments(journal)
    assert requests.account(PORTAL, EMAIL) is None
    requests.note_account(PORTAL, EMAIL, AccountState.CONFIRMING, run="a", mark="7:12")
    requests.note_account(PORTAL, EMAIL.upper(), AccountState.REQUESTED, run="b")
    known = requests.account(PORTAL, EMAIL)
    assert known and (known.state, known.mark, known.run) == (AccountState.REQUESTED, "7:12", "b")
