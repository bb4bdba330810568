"""One journal for several machines, on a PostgreSQL server; what test_journal.py promises holds there too."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dossiers import RUN, play
from postgresql import Server, why_none
from sqlalchemy.engine import URL
from test_journal import CONTENT, KEY, at_once, bring

from robot.config import load_config
from robot.deposits import Deposit, Doubt, State
from robot.failures import ConfigInvalid, Failure
from robot.journal import InvoiceBusy, Journal, JournalUnusable, TransitionRefused
from robot.recorder import Recorder
from robot.signins import SignIns, TooManyPasswords


@pytest.fixture
def url(postgresql: Server) -> URL:
    return postgresql.fresh()


@pytest.fixture
def own_server() -> Iterator[Server]:
    """A server that a test may stop."""
    if reason := why_none():
        pytest.skip(reason)
    with Server() as server:
        yield server


def known(journal: Journal) -> Deposit:
    deposit = journal.deposit(KEY)
    assert deposit
    return deposit


def on_machine(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: name)


# --- several machines -----------------------------------------------------------------------------------------


def test_another_machines_run_keeps_its_invoice(url: URL, monkeypatch: pytest.MonkeyPatch) -> None:
    """It shows as alive through the server, whatever files are here."""
    on_machine("cabinet-1", monkeypatch)
    with Journal(url) as first, Journal(url) as second:
        first.claim(KEY, CONTENT, run="first")
        on_machine("cabinet-2", monkeypatch)
        with pytest.raises(InvoiceBusy, match="sur cabinet-1, exécution first"):
            second.claim(KEY, CONTENT, run="second")


def test_a_machine_that_died_gives_its_invoice_up(postgresql: Server, url: URL) -> None:
    """Its connection ends, and with it its hold; what it left is a doubt."""
    with Journal(url) as first, Journal(url) as second:
        claim = first.claim(KEY, CONTENT, run="first")
        claim.advance(State.FILLING)
        claim.advance(State.CONFIRMING)
        cut(postgresql, url)
        taken = second.claim(KEY, CONTENT, run="second")
        assert isinstance(taken.verdict, Doubt)
        assert taken.dead and taken.dead.run == "first"


def cut(server: Server, url: URL) -> None:
    """Every connection to a journal is lost, as when a network goes away."""
    server.execute(
        f"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{url.database}'"
    )


def test_a_run_that_lost_the_server_shows_again(postgresql: Server, url: URL) -> None:
    """The next thing it writes makes its presence again, before it counts on it."""
    with Journal(url) as first, Journal(url) as second:
        claim = first.claim(KEY, CONTENT, run="first")
        cut(postgresql, url)
        claim.advance(State.FILLING)
        with pytest.raises(InvoiceBusy):
            second.claim(KEY, CONTENT, run="second")


def test_a_run_that_was_taken_for_dead_cannot_confirm(postgresql: Server, url: URL) -> None:
    """Another machine took its invoice over meanwhile: « confirming » is refused, so nothing is pressed."""
    with Journal(url) as first, Journal(url) as second:
        claim = first.claim(KEY, CONTENT, run="first")
        claim.advance(State.FILLING)
        cut(postgresql, url)
        taken = second.claim(KEY, CONTENT, run="second")
        with pytest.raises(TransitionRefused):
            claim.advance(State.CONFIRMING)
        assert taken.advance(State.FILLING).state is State.FILLING


def test_machines_write_one_after_the_other(url: URL, monkeypatch: pytest.MonkeyPatch) -> None:
    """What one read stays true until it is written, as on a file; who waits too long is told."""
    monkeypatch.setattr("robot.store.BUSY_SECONDS", 1)
    with Journal(url) as first, Journal(url) as second, first.writing():
        assert second.deposit(KEY) is None
        with pytest.raises(JournalUnusable, match="un autre programme le tient"):
            second.claim(KEY, CONTENT, run="second")


def count_and_try(place: str, name: str, barrier: Any, results: Any) -> None:
    with Journal(place) as journal:
        barrier.wait()
        try:
            SignIns(journal, "portal", "psy@exemple.test").begin(name)
            results.put("tried")
        except TooManyPasswords:
            results.put("told")


def test_machines_together_try_no_third_password(url: URL) -> None:
    """Four at the same instant: the portal's lock is one account's, whatever the machine."""
    assert at_once(count_and_try, url, 4) == ["told", "told", "tried", "tried"]


# --- a server that fails --------------------------------------------------------------------------------------


def test_a_server_that_restarts_between_two_steps_is_no_failure(own_server: Server) -> None:
    """The run goes on, still shown as alive, with nothing lost that was said to be kept."""
    with Journal(own_server.url) as journal:
        claim = journal.claim(KEY, CONTENT, run=RUN)
        claim.advance(State.FILLING)
        own_server.stop()
        own_server.start()
        assert claim.advance(State.CONFIRMING).state is State.CONFIRMING
        assert journal.is_held(known(journal))


def test_a_server_that_is_gone_stops_the_run_before_it_sends(own_server: Server) -> None:
    """« Confirming » that cannot be written is never followed by the click, and the person is told in French."""
    with Journal(own_server.url) as journal:
        claim = journal.claim(KEY, CONTENT, run=RUN)
        tell = Recorder(journal, RUN, claim=claim)
        play(tell, until="3.18")
        own_server.stop()
        with pytest.raises(Failure, match="Le journal du robot ne peut être ni lu ni écrit : le serveur"):
            claim.advance(State.CONFIRMING)
        claim.release()
    with pytest.raises(JournalUnusable, match="vérifiez l'adresse et le réseau"):
        Journal(own_server.url)


# --- passwords ------------------------------------------------------------------------------------------------


def test_no_message_holds_the_password(postgresql: Server, url: URL) -> None:
    """Refused, unknown base, wrong address: each is told, none tells the secret."""
    wrong = url.set(password="mot-de-passe-très-secret")
    for place, said in (
        (wrong, "refuse cet utilisateur ou son mot de passe"),
        (url.set(database="absente"), "n'a pas cette base"),
        (url.set(port=9), "ne répond pas"),
    ):
        with pytest.raises(JournalUnusable, match=said) as caught:
            Journal(place)
        told = str(caught.value) + repr(caught.value) + str(caught.value.__cause__)
        assert "très-secret" not in told and postgresql.password not in told
    with Journal(url) as journal:
        assert postgresql.password not in journal.where + str(journal.url) + repr(journal.engine)


def write(folder: Path, journal: str) -> Path:
    path = folder / "config.yaml"
    path.write_text(
        "account: {email: psy@exemple.test, password: person}\n"
        f'supplier: {{siret: "00020260600018"}}\njournal: {journal}\n',
        encoding="utf-8",
    )
    return path


def test_a_configuration_leads_to_the_server(
    tmp_path: Path, postgresql: Server, url: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The password comes from the environment; an invoice is known to whoever shares the address."""
    monkeypatch.setenv("JOURNAL_DE_TEST", postgresql.password)
    address = f"postgresql://robot@127.0.0.1:{url.port}/{url.database}"
    config = load_config(write(tmp_path, f"{{url: '{address}', password: {{env: JOURNAL_DE_TEST}}}}"))
    with Journal(config.journal_place()) as journal:
        bring(journal, State.DRAFT)
    with Journal(url) as journal:
        assert known(journal).state is State.DRAFT


@pytest.mark.parametrize(
    ("journal", "said"),
    [
        ("postgresql://robot:ouvert@serveur/base", "Un mot de passe ne s'écrit pas dans ce fichier"),
        ("postgresql://robot@serveur/base?password=ouvert", "Un mot de passe ne s'écrit pas dans ce fichier"),
        ("{url: mysql://serveur/base}", "L'adresse du journal ne convient pas"),
        ("{path: a, url: postgresql://serveur/base}", "ne dit pas où est le journal"),
        ("{}", "ne dit pas où est le journal"),
        ("{url: postgresql://serveur/base, password: ouvert}", "Un secret ne s'écrit pas dans ce fichier"),
    ],
)
def test_a_journal_that_is_no_place_is_refused(tmp_path: Path, journal: str, said: str) -> None:
    """With its line, and without what may be a secret."""
    with pytest.raises(ConfigInvalid) as caught:
        load_config(write(tmp_path, journal))
    assert said in str(caught.value) and ":3: " in str(caught.value)
    assert "ouvert" not in str(caught.value)


def test_a_path_is_beside_the_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever folder the command is typed in, it is the same journal."""
    config = load_config(write(tmp_path, "memoire/journal.sqlite3"))
    monkeypatch.chdir("/")
    assert config.journal_place() == tmp_path / "memoire" / "journal.sqlite3"


@pytest.mark.parametrize("address", ["mysql://u:secret@h/b", "postgresql://u:secret@h:port/b", "sqlite://", "://secret"])
def test_an_address_that_is_none_is_told_without_it(address: str) -> None:
    """Neither a path nor a server."""
    with pytest.raises(JournalUnusable, match="ni un fichier ni un serveur") as caught:
        Journal(address)
    assert "secret" not in str(caught.value)
