"""The durable memory, one per user: what happened to every invoice on every portal.

"Confirming" is on the disk before « Confirmer et envoyer » is pressed; after a crash the next run
reads it and looks the invoice up before it touches anything. Knows nothing of browsers; values come masked.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import platformdirs
from sqlalchemy import Connection, CursorResult, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError

from robot.deposits import (
    EDITABLE,
    FOUND,
    NEXT,
    NOT_FOUND,
    Content,
    Deposit,
    Key,
    Owner,
    State,
    Transitions,
    Verdict,
    judge,
    to_deposit,
)
from robot.events import now
from robot.failures import Failure
from robot.presence import Presence

# Long enough for another process to end a short write, short enough for a person to wait.
BUSY_SECONDS = 10


class JournalUnusable(Failure):
    """Le journal du robot ne peut être ni lu ni écrit."""

    exit_code = 2
    outcome = "refused"


class InvoiceBusy(Failure):
    """Cette facture est entre les mains d'une autre exécution du robot."""

    exit_code = 75
    outcome = "portal-unavailable"


class TransitionRefused(Failure):
    """Le journal refuse ce changement d'état : il pourrait conduire à un second envoi."""


@dataclass(frozen=True)
class Run:
    """One run, as the journal tells it. `ended` is None for a run that lives, or that was killed."""

    run: str
    journey: str
    # dry-run, draft or send.
    goal: str
    portal: str
    invoice: str
    # The deposit dossier, where there is one.
    folder: Path | None
    started: datetime
    ended: datetime | None
    outcome: str | None
    exit_code: int | None
    message: str | None


class Do(Protocol):
    """Executes a named request of journal.sql within a transaction."""

    def __call__(self, name: str, /, **values: Any) -> CursorResult[Any]: ...


def home() -> Path:
    """Folder of the user's journal: CHORUS_ROBOT_HOME, or where this system keeps a user's data."""
    override = os.environ.get("CHORUS_ROBOT_HOME")
    return Path(override) if override else platformdirs.user_data_path("chorus-robot", appauthor=False)


class Journal:
    """The store. Each method is one short transaction; several processes may use it at once."""

    def __init__(self, where: str | Path | None = None) -> None:
        """Opens, or creates, the journal of a path or of a database URL; the user's own by default."""
        place = str(where or home() / "journal.sqlite3")
        self.url = make_url(place) if "://" in place else URL.create("sqlite", database=place)
        self._queries = read_queries((Path(__file__).parent / "journal.sql").read_text(encoding="utf-8"))
        is_file = self.url.get_backend_name() == "sqlite"
        self._presence = Presence((Path(self.url.database or "").parent if is_file else home()) / "running")
        if is_file:
            self._prepare_file(Path(self.url.database or ""))
        self._engine = _create_engine(self.url)
        try:
            self._migrate()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._presence.close()
        self._engine.dispose()

    # --- deposits -----------------------------------------------------------------------------------------

    def deposit(self, key: Key) -> Deposit | None:
        with self.reading() as do:
            return _get_deposit(do, key)

    def verdict(self, key: Key, content: Content) -> Verdict:
        """What a deposit of this content may do now. Holds nothing: a run that acts asks `claim`."""
        return judge(self.deposit(key), content)

    def claim(self, key: Key, content: Content, *, run: str) -> Claim:
        """Takes the invoice for a run, and judges it. Raises InvoiceBusy where a living run holds it."""
        try:
            self._presence.hold(run)
        except OSError as error:
            raise self._unusable(error.strerror or str(error)) from error
        try:
            with self.writing() as do:
                return self._claim(do, key, content, run)
        except BaseException:
            self._presence.drop(run)
            raise

    def _claim(self, do: Do, key: Key, content: Content, run: str) -> Claim:
        facts = asdict(key) | {"run": run, "at": stamp(now()), "content": content.to_json()}
        facts |= {"recipient": content.recipient, "service": content.service}
        do("add-deposit", **facts)
        deposit = _known_deposit(do, key)
        owner = deposit.owner
        if owner and self._presence.is_alive(owner.run):
            raise _busy(key, owner)
        seen = owner.run if owner else ""
        taken = do("take-deposit", **facts, seen=seen, pid=os.getpid(), host=socket.gethostname())
        if taken.rowcount != 1:
            raise _busy(key, _known_deposit(do, key).owner)
        if deposit.state in EDITABLE:
            do("change-content", **facts)
        return Claim(self, deposit, run, judge(deposit, content))

    def move(self, key: Key, state: State, legal: Transitions, *, run: str, **facts: Any) -> Deposit:
        """Moves an invoice held by this run, durably and only along `legal`; called through `Claim`."""
        values = {"why": "", "digest": None, "certificate": None, "certificate_sha256": None} | facts
        values |= asdict(key) | {"run": run, "state": state, "at": stamp(now())}
        values["certificate"] = values["certificate"] and str(values["certificate"])
        with self.writing() as do:
            before = _known_deposit(do, key)
            if before.owner is None or before.owner.run != run:
                raise TransitionRefused(f"L'exécution {run} ne tient pas la facture {key.number}.")
            if state not in legal.get(before.state, ()):
                refused = f"Le journal refuse de passer de « {before.state} » à « {state} »."
                raise TransitionRefused(refused, where=f"facture {key.number}")
            do("advance-deposit", **values, before=before.state)
            return _known_deposit(do, key)

    def release(self, key: Key, *, run: str) -> None:
        """Gives an invoice back; nothing happens where the run does not hold it."""
        try:
            with self.writing() as do:
                do("leave-deposit", **asdict(key), run=run)
        except JournalUnusable:
            # Without its presence the run counts as dead, and the next one takes the invoice over.
            pass
        finally:
            self._presence.drop(run)

    # --- runs ---------------------------------------------------------------------------------------------

    def runs(self, start: str = "") -> list[Run]:
        """Runs whose name begins so, newest first."""
        with self.reading() as do:
            return [_to_run(dict(row)) for row in do("find-runs", start=start).mappings()]

    def steps(self, run: str) -> list[dict[str, Any]]:
        """The steps of a run, in order; `ended` is None for one that did not end well."""
        with self.reading() as do:
            return [dict(row) for row in do("get-steps", run=run).mappings()]

    def keep_evidence(self, run: str, files: Iterable[tuple[Path, str, str]]) -> None:
        """Records files that prove something: path, SHA-256, kind."""
        with self.writing() as do:
            for path, sha256, kind in files:
                do("keep-evidence", run=run, path=str(path), sha256=sha256, kind=kind)

    def evidence_hash(self, path: Path) -> str | None:
        """SHA-256 of a file as it was when its run kept it; None for a file that no run kept."""
        with self.reading() as do:
            noted = do("get-evidence", path=str(path)).scalar_one_or_none()
            return str(noted) if noted else None

    # --- transactions -------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def writing(self, *, durable: bool = True) -> Iterator[Do]:
        """A transaction that writes: it survives the death of the program and, if durable, of the machine."""
        with self._transaction("durable" if durable else "fast") as do:
            yield do

    @contextlib.contextmanager
    def reading(self) -> Iterator[Do]:
        with self._transaction("read") as do:
            yield do

    @contextlib.contextmanager
    def _transaction(self, mode: str) -> Iterator[Do]:
        try:
            with self._engine.connect().execution_options(mode=mode) as connection, connection.begin():
                yield _Doer(connection, self._queries)
        except DBAPIError as error:
            raise self._unusable(str(error.orig)) from error

    def _unusable(self, why: str) -> JournalUnusable:
        return JournalUnusable(
            f"Le journal du robot ne peut être ni lu ni écrit : {why}.",
            where=self.url.render_as_string(),
            cure="vérifiez la place libre et les droits de ce fichier, ou donnez un autre dossier par la "
            "variable CHORUS_ROBOT_HOME.",
        )

    # --- making it ----------------------------------------------------------------------------------------

    def _prepare_file(self, path: Path) -> None:
        """Creates the file, readable by its owner alone; SQLite gives its rights to the files beside it."""
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode=0o600)
        except OSError as error:
            raise self._unusable(error.strerror or str(error)) from error

    def _migrate(self) -> None:
        numbers = sorted(int(name.split("-")[1]) for name in self._queries if name.startswith("migration-"))
        with self.writing() as do:
            do("create-version")
            done = int(do("get-version").scalar_one())
            if done > numbers[-1]:
                raise JournalUnusable(
                    "Le journal a été écrit par une version plus récente du robot.",
                    where=self.url.render_as_string(),
                    cure="mettez le robot à jour.",
                )
            for number in numbers[numbers.index(done) + 1 if done else 0 :]:
                do(f"migration-{number}")
                do("add-version", number=number, at=stamp(now()))


class _Doer:
    def __init__(self, connection: Connection, queries: dict[str, tuple[str, ...]]) -> None:
        self._connection = connection
        self._queries = queries

    def __call__(self, name: str, /, **values: Any) -> CursorResult[Any]:
        results = [self._connection.execute(text(statement), values) for statement in self._queries[name]]
        return results[-1]


def read_queries(sql: str) -> dict[str, tuple[str, ...]]:
    """`-- name: …` blocks -> their statements, without comments."""
    blocks = re.split(r"^-- name: *(\S+) *$", sql, flags=re.MULTILINE)[1:]
    bodies = [re.sub(r"^--.*$", "", body, flags=re.MULTILINE) for body in blocks[1::2]]
    parts = [re.split(r";$", body, flags=re.MULTILINE) for body in bodies]
    statements = [tuple(part.strip() for part in some if part.strip()) for some in parts]
    return dict(zip(blocks[::2], statements, strict=True))


def _create_engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url)
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def _(connection: Any, _record: Any) -> None:
        # Python's own handling of transactions begins them too late for two processes: switched off.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        mode = connection.get_execution_options().get("mode")
        connection.exec_driver_sql(f"PRAGMA synchronous = {'FULL' if mode == 'durable' else 'NORMAL'}")
        connection.exec_driver_sql("BEGIN" if mode == "read" else "BEGIN IMMEDIATE")

    return engine


class Claim:
    """An invoice in the hands of one run, until `release` or the death of its process."""

    def __init__(self, journal: Journal, deposit: Deposit, run: str, verdict: Verdict) -> None:
        self.key = deposit.key
        self.run = run
        # State in which the run found it, and where it stands now.
        self.before = self.state = deposit.state
        self.verdict = verdict
        # A run that died while it held the invoice, if any.
        self.dead = deposit.owner
        self._journal = journal

    def __enter__(self) -> Claim:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def advance(self, state: State, **facts: Any) -> Deposit:
        """To the next state, durably. Raises TransitionRefused.

        Facts: why, digest, certificate, certificate_sha256.
        """
        return self._move(state, NEXT, facts)

    def found(self, why: str, *, digest: str | None = None) -> Deposit:
        """The portal's own list shows it as sent: deposited, whoever did it. Certified stays certified."""
        if self.state is State.CERTIFIED:
            return self._move(State.CERTIFIED, NEXT, {"why": why})
        return self._move(State.DEPOSITED, FOUND, {"why": why, "digest": digest})

    def not_found(self, why: str) -> Deposit:
        """The portal's own list does not show it: the doubt is over, it may be prepared again."""
        return self._move(State.PREPARED, NOT_FOUND, {"why": why})

    def _move(self, state: State, legal: Transitions, facts: dict[str, Any]) -> Deposit:
        deposit = self._journal.move(self.key, state, legal, run=self.run, **facts)
        self.state = deposit.state
        return deposit

    def release(self) -> None:
        """Gives the invoice back, so that another run may take it."""
        self._journal.release(self.key, run=self.run)


def _busy(key: Key, owner: Owner | None) -> InvoiceBusy:
    who = owner or "inconnue"
    return InvoiceBusy(
        f"La facture {key.number} est entre les mains d'une autre exécution du robot ({who}).",
        cure="attendez qu'elle finisse, puis relancez si besoin : rien ne sera envoyé deux fois.",
    )


def _known_deposit(do: Do, key: Key) -> Deposit:
    deposit = _get_deposit(do, key)
    if deposit is None:
        raise TransitionRefused(f"Le journal ne connaît pas la facture {key.number}.")
    return deposit


def _get_deposit(do: Do, key: Key) -> Deposit | None:
    row = do("get-deposit", **asdict(key)).mappings().one_or_none()
    return to_deposit(dict(row)) if row else None


def _to_run(row: dict[str, Any]) -> Run:
    names = ("run", "journey", "goal", "portal", "invoice", "outcome", "exit_code", "message")
    return Run(
        **{name: row[name] for name in names},
        folder=Path(row["folder"]) if row["folder"] else None,
        started=datetime.fromisoformat(row["started"]),
        ended=datetime.fromisoformat(row["ended"]) if row["ended"] else None,
    )


def stamp(at: datetime) -> str:
    """An instant as the journal writes it: comparable as text."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
