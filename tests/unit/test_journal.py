"""The journal remembers through crashes, and lets one run at a time touch an invoice."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from dossiers import DIGEST, RUN, SUPPLIER, UNIVERSITY, at, finish, make_invoice, play
from sqlalchemy.engine import URL

from robot import events
from robot.deposits import (
    EDITABLE,
    NEXT,
    Content,
    Deposited,
    Doubt,
    Fresh,
    Key,
    OtherContent,
    Resume,
    State,
    Verdict,
    content_of,
)
from robot.failures import Failure
from robot.journal import InvoiceBusy, Journal, JournalUnusable, TransitionRefused, home
from robot.ledger import passages, tale
from robot.recorder import Recorder

KEY = Key("cpro.chorus-pro.gouv.fr", SUPPLIER, "2026-10-07")
CONTENT = Content(
    recipient=UNIVERSITY,
    date=dt.date(2026, 10, 31),
    ht=Decimal("5600.00"),
    tva=Decimal("0.00"),
    ttc=Decimal("5600.00"),
    due=Decimal("5600.00"),
)
# A way to each state, for a run that holds the invoice.
ROADS = {
    State.PREPARED: (),
    State.FILLING: (State.FILLING,),
    State.DRAFT: (State.FILLING, State.DRAFT),
    State.CONFIRMING: (State.FILLING, State.CONFIRMING),
    State.UNKNOWN: (State.FILLING, State.CONFIRMING, State.UNKNOWN),
    State.DEPOSITED: (State.FILLING, State.CONFIRMING, State.DEPOSITED),
    State.CERTIFIED: (State.FILLING, State.CONFIRMING, State.DEPOSITED, State.CERTIFIED),
    State.REFUSED: (State.REFUSED,),
}


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """A journal in a file."""
    with Journal(tmp_path / "home" / "journal.sqlite3") as journal:
        yield journal


@pytest.fixture
def anywhere(place: Path | URL) -> Iterator[Journal]:
    """A journal in a file, then one on a server."""
    with Journal(place) as journal:
        yield journal


def bring(journal: Journal, state: State, *, content: Content = CONTENT) -> None:
    """An earlier run left the invoice in this state."""
    with journal.claim(KEY, content, run="before") as claim:
        for step in ROADS[state]:
            claim.advance(step)


# --- what may be done with an invoice -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        (State.PREPARED, Fresh),
        (State.FILLING, Resume),
        (State.DRAFT, Resume),
        (State.REFUSED, Resume),
        (State.CONFIRMING, Doubt),
        (State.UNKNOWN, Doubt),
        (State.DEPOSITED, Deposited),
        (State.CERTIFIED, Deposited),
    ],
)
def test_the_state_decides(anywhere: Journal, state: State, verdict: type[Verdict]) -> None:
    """Each state allows one thing only to the next deposit of the same invoice."""
    bring(anywhere, state)
    assert isinstance(anywhere.verdict(KEY, CONTENT), verdict)
    with anywhere.claim(KEY, CONTENT, run="now") as claim:
        assert isinstance(claim.verdict, verdict)


def test_an_unknown_invoice_is_fresh(journal: Journal) -> None:
    """What the journal never saw may go."""
    assert journal.verdict(KEY, CONTENT) == Fresh()


def test_a_reprint_is_the_same_invoice(tmp_path: Path, journal: Journal) -> None:
    """Other bytes, same content: deposited already. 5600 and 5600.00 are the same amount."""
    invoice = make_invoice(tmp_path)
    bring(journal, State.CERTIFIED, content=content_of(invoice))
    invoice.file.write_bytes(b"%PDF printed again")
    again = make_invoice(tmp_path, amounts={"ht": "5600", "tva": "0", "ttc": "5600", "due": "5600"})
    assert isinstance(journal.verdict(KEY, content_of(again)), Deposited)


def test_the_same_number_with_other_content_is_a_question(anywhere: Journal) -> None:
    """The differences are told, so that a person can decide."""
    bring(anywhere, State.DEPOSITED)
    changed = Content(**(vars(CONTENT) | {"ttc": Decimal("560.00"), "date": dt.date(2026, 11, 2)}))
    verdict = anywhere.verdict(KEY, changed)
    assert isinstance(verdict, OtherContent)
    assert verdict.differences == (
        "date de facture : « 2026-11-02 » au lieu de « 2026-10-31 »",
        "montant TTC : « 560.00 » au lieu de « 5600.00 »",
    )


def test_an_invoice_may_be_corrected_before_it_is_sent(anywhere: Journal) -> None:
    """Only what was sent keeps its content."""
    bring(anywhere, State.DRAFT)
    changed = Content(**(vars(CONTENT) | {"engagement": "45"}))
    anywhere.claim(KEY, changed, run="now").release()
    bring(anywhere, State.CONFIRMING, content=changed)
    anywhere.claim(KEY, CONTENT, run="later").release()
    deposit = anywhere.deposit(KEY)
    assert deposit and deposit.content == changed


def test_portals_do_not_mix(journal: Journal) -> None:
    """What was deposited on the training replica may still be deposited on the portal."""
    bring(journal, State.CERTIFIED)
    assert journal.verdict(Key("replica", SUPPLIER, "2026-10-07"), CONTENT) == Fresh()


# --- transitions --------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", State)
@pytest.mark.parametrize("before", State)
def test_only_legal_transitions_are_accepted(journal: Journal, before: State, after: State) -> None:
    """Whatever the table does not say is refused, and changes nothing."""
    bring(journal, before)
    with journal.claim(KEY, CONTENT, run="now") as claim:
        if after in NEXT[before]:
            assert claim.advance(after).state is after
            return
        with pytest.raises(TransitionRefused):
            claim.advance(after)
        deposit = journal.deposit(KEY)
        assert deposit and deposit.state is before


def test_no_road_leads_from_a_doubt_to_a_form() -> None:
    """A run neither fills nor confirms again while it is not known whether the invoice was sent."""
    for doubtful in (State.CONFIRMING, State.UNKNOWN):
        assert not NEXT[doubtful] & (EDITABLE - {State.REFUSED})
        assert State.CONFIRMING not in NEXT[doubtful]


@pytest.mark.parametrize("doubt", [State.CONFIRMING, State.UNKNOWN])
def test_a_look_up_ends_a_doubt(anywhere: Journal, doubt: State) -> None:
    """Not on the portal: it may be prepared again. On the portal: deposited, with its digest."""
    bring(anywhere, doubt)
    with anywhere.claim(KEY, CONTENT, run="now") as claim:
        assert claim.not_found("absente de « Rechercher »").state is State.PREPARED
    bring(anywhere, doubt)
    with anywhere.claim(KEY, CONTENT, run="now") as claim:
        deposit = claim.found("état « Déposée »", digest=DIGEST)
    assert (deposit.state, deposit.digest, deposit.why) == (State.DEPOSITED, DIGEST, "état « Déposée »")
    assert deposit.deposited_at


def test_not_found_is_refused_without_a_doubt(anywhere: Journal) -> None:
    """A deposited invoice never becomes new again, whatever a search says."""
    bring(anywhere, State.CERTIFIED)
    with anywhere.claim(KEY, CONTENT, run="now") as claim:
        with pytest.raises(TransitionRefused):
            claim.not_found("absente")
        assert claim.found("présente").state is State.CERTIFIED


def test_who_does_not_hold_the_invoice_changes_nothing(anywhere: Journal) -> None:
    """A released claim is a spent claim."""
    claim = anywhere.claim(KEY, CONTENT, run="now")
    claim.release()
    with pytest.raises(TransitionRefused, match="ne tient pas"):
        claim.advance(State.FILLING)


# --- a run, recorded ----------------------------------------------------------------------------------


def test_a_run_is_recorded(tmp_path: Path, anywhere: Journal) -> None:
    """Run, steps, times, ways, state, certificate: all is there afterwards, and the invoice is free."""
    with anywhere.claim(KEY, CONTENT, run=RUN) as claim:
        tell = Recorder(anywhere, RUN, claim=claim, folder=tmp_path / "dossier", robot="0.1.0")
        play(tell)
        path = tmp_path / "certificat.pdf"
        tell(events.CertificateSaved(at=at(11), path=path, sha256="0" * 64, digest=DIGEST))
        finish(tell)
    (run,) = anywhere.runs("20261031")
    assert (run.run, run.outcome, run.exit_code, run.folder) == (RUN, "deposited", 0, tmp_path / "dossier")
    assert run.ended == at(12)
    steps = anywhere.steps(RUN)
    assert [step["line"] for step in steps][:3] == ["new", "3.2", "3.3"]
    assert (steps[7]["way"], steps[7]["seconds"], steps[5]["skipped"]) == (
        "id",
        0.4,
        "le portail ne montre pas ce champ",
    )
    deposit = anywhere.deposit(KEY)
    assert deposit and deposit.state is State.CERTIFIED
    assert (deposit.digest, deposit.certificate, deposit.owner) == (DIGEST, path, None)


def end_with(journal: Journal, until: str, outcome: str, exit_code: int) -> State:
    with journal.claim(KEY, CONTENT, run=RUN) as claim:
        tell = Recorder(journal, RUN, claim=claim)
        play(tell, until=until)
        finish(tell, outcome, exit_code, "…")
    deposit = journal.deposit(KEY)
    assert deposit
    return deposit.state


@pytest.mark.parametrize(
    ("until", "outcome", "exit_code", "state"),
    [
        ("new", "needs-person", 77, State.PREPARED),
        ("3.9", "screen-changed", 70, State.FILLING),
        ("3.9", "refused", 1, State.REFUSED),
        ("3.9", "filled", 0, State.PREPARED),
        ("confirming", "unknown", 76, State.UNKNOWN),
        ("confirming", "refused", 1, State.UNKNOWN),
        ("confirming", "screen-changed", 70, State.UNKNOWN),
        ("confirmed", "unknown", 76, State.DEPOSITED),
    ],
)
def test_how_a_run_ends_decides_the_state(
    anywhere: Journal, until: str, outcome: str, exit_code: int, state: State
) -> None:
    """Signing in leaves nothing, a form may leave a draft, a confirmation leaves a doubt."""
    assert end_with(anywhere, until, outcome, exit_code) is state


def test_a_dry_run_leaves_an_earlier_draft_known(journal: Journal) -> None:
    """The draft of an earlier run is still on the portal."""
    bring(journal, State.DRAFT)
    assert end_with(journal, "3.9", "filled", 0) is State.DRAFT


# --- crashes and company ------------------------------------------------------------------------------

CHILD = """
import os, signal, sys
sys.path.insert(0, {tests!r})
import test_journal as t
journal = t.Journal({place!r})
claim = journal.claim(t.KEY, t.CONTENT, run="killed")
t.play(t.Recorder(journal, "killed", claim=claim), until="confirming")
os.kill(os.getpid(), signal.SIGKILL)
"""


def address(place: Path | URL) -> str:
    """A place as another process is told."""
    return str(place) if isinstance(place, Path) else place.render_as_string(hide_password=False)


def kill_while_confirming(place: Path | URL) -> None:
    code = CHILD.format(tests=str(Path(__file__).parent), place=address(place))
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == -signal.SIGKILL


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_kill_just_after_confirming_leaves_the_doubt_on_disk(place: Path | URL) -> None:
    """kill -9 at the worst instant: the next run knows, takes the invoice over, and must look it up first."""
    kill_while_confirming(place)
    with Journal(place) as journal, journal.claim(KEY, CONTENT, run="next") as claim:
        assert isinstance(claim.verdict, Doubt)
        assert claim.dead and claim.dead.run == "killed"
        with pytest.raises(TransitionRefused):
            claim.advance(State.FILLING)
        assert journal.runs("killed")[0].ended is None


def test_one_of_two_runs_wins(place: Path | URL) -> None:
    """The other is told who holds the invoice: process, run, since when."""
    with Journal(place) as journal, Journal(place) as other:
        claim = journal.claim(KEY, CONTENT, run="first")
        with pytest.raises(InvoiceBusy, match=rf"processus {os.getpid()} .*exécution first, depuis le \d"):
            other.claim(KEY, CONTENT, run="second")
        claim.release()
        assert other.claim(KEY, CONTENT, run="second").dead is None


def at_once(work: Callable[..., None], place: Path | URL, count: int) -> list[str]:
    """What so many processes answer that work at the same time."""
    spawn = multiprocessing.get_context("spawn")
    barrier, results = spawn.Barrier(count), spawn.Queue()
    children = [spawn.Process(target=work, args=(address(place), f"run{n}", barrier, results)) for n in range(count)]
    for child in children:
        child.start()
    answers = sorted(results.get(timeout=60) for _ in children)
    for child in children:
        child.join(60)
    results.close()
    results.join_thread()
    return answers


def claim_once(place: str, name: str, barrier: Any, results: Any) -> None:
    barrier.wait()
    with Journal(place) as journal:
        try:
            journal.claim(KEY, CONTENT, run=name)
            results.put("won")
        except InvoiceBusy:
            results.put("told")
        barrier.wait()


def test_processes_that_race_for_an_invoice(place: Path | URL) -> None:
    """Four processes make a new journal at once and claim the same invoice: one wins, three are told."""
    assert at_once(claim_once, place, 4) == ["told", "told", "told", "won"]


def write_many(place: str, name: str, barrier: Any, results: Any) -> None:
    key = replace(KEY, number=name)
    with Journal(place) as journal:
        barrier.wait()
        with journal.claim(key, CONTENT, run=name) as claim:
            tell = Recorder(journal, name, claim=claim)
            tell(events.RunStarted(run=name, journey="depot", goal="send", portal="essai", invoice=name, steps=0))
            for number in range(50):
                tell(events.Noticed(screen="", message=str(number)))
                claim.advance(State.PREPARED, why=str(number))
        results.put(name)


def test_processes_that_write_at_once_lose_nothing(place: Path | URL) -> None:
    """Neither is told that the journal is locked, and every line of both is there, in order."""
    assert at_once(write_many, place, 2) == ["run0", "run1"]
    with Journal(place) as journal:
        for name in ("run0", "run1"):
            (run,) = journal.runs(name)
            assert [notice for _, notice in tale(journal, run).notices] == [str(number) for number in range(50)]
            assert [p.why for p in passages(journal, replace(KEY, number=name))][1:] == [str(n) for n in range(50)]


# --- the file -----------------------------------------------------------------------------------------


def test_the_journal_lives_where_the_user_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """CHORUS_ROBOT_HOME moves it; nothing is created elsewhere."""
    monkeypatch.setenv("CHORUS_ROBOT_HOME", str(tmp_path / "ailleurs"))
    assert home() == tmp_path / "ailleurs"
    Journal().close()
    assert (tmp_path / "ailleurs" / "journal.sqlite3").is_file()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX rights")
def test_only_the_owner_reads_it(tmp_path: Path, journal: Journal) -> None:
    """Amounts and SIRET are nobody else's business: also in the files that SQLite adds while it works."""
    journal.claim(KEY, CONTENT, run="now")
    for path in (tmp_path / "home").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_it_is_as_durable_as_sqlite_can(journal: Journal) -> None:
    """What must survive a power cut waits for the disk."""
    with journal.engine.connect().execution_options(mode="durable") as connection, connection.begin():
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2


def test_a_journal_opens_again(place: Path | URL) -> None:
    """Migrations are done once, and what was written stays."""
    for _ in range(3):
        with Journal(place) as journal:
            bring(journal, State.PREPARED)


def test_a_journal_of_a_later_robot_is_left_alone(place: Path | URL) -> None:
    """An older robot does not touch what it does not know."""
    with Journal(place) as journal, journal.writing() as do:
        do("add-version", number=999, at="")
    with pytest.raises(JournalUnusable, match="plus récente"):
        Journal(place)


def test_a_file_that_is_no_journal_is_told(tmp_path: Path) -> None:
    """A sentence with the place and the cure, no traceback."""
    path = tmp_path / "journal.sqlite3"
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(JournalUnusable, match="sans l'effacer") as caught:
        Journal(path)
    assert str(path) in str(caught.value)


def fill_disk(journal: Journal) -> None:
    """The next connection can add no page to the file."""
    journal.engine.dispose()
    with journal.engine.connect().execution_options(mode="durable") as connection, connection.begin():
        connection.exec_driver_sql("PRAGMA max_page_count = 1")


def test_a_full_disk_stops_the_run_before_it_sends(journal: Journal) -> None:
    """« Confirming » that cannot be written is never followed by the click."""
    claim = journal.claim(KEY, CONTENT, run=RUN)
    tell = Recorder(journal, RUN, claim=claim)
    play(tell, until="3.18")
    fill_disk(journal)
    with pytest.raises(Failure, match="Le journal"):
        for _ in range(1000):
            tell(events.Noticed(screen="", message="x" * 1000))


def test_a_full_disk_after_sending_does_not_stop_the_run(journal: Journal) -> None:
    """The certificate can still come back; the journal says « confirming », so the next run looks it up."""
    claim = journal.claim(KEY, CONTENT, run=RUN)
    tell = Recorder(journal, RUN, claim=claim)
    play(tell, until="confirming")
    fill_disk(journal)
    for _ in range(100):
        tell(events.Noticed(screen="", message="x" * 1000))
    assert tell.missed
    deposit = journal.deposit(KEY)
    assert deposit and deposit.state is State.CONFIRMING
