"""The durable memory, one per user or one for several machines: what happened to every invoice on every portal.

"Confirming" is on the disk before « Confirmer et envoyer » is pressed; after a crash the next run
reads it and looks the invoice up before it touches anything. Knows nothing of browsers; values come masked.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL

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
from robot.presence import FilePresence, Presence, ServerPresence
from robot.store import Do, JournalUnusable, Store, home, own_file, stamp

__all__ = [
    "Claim",
    "Do",
    "InvoiceBusy",
    "Journal",
    "JournalUnusable",
    "Mandate",
    "Run",
    "TransitionRefused",
    "home",
    "own_file",
    "stamp",
]


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
    # Browser and machine it ran on.
    browser: str
    host: str


@dataclass(frozen=True)
class Mandate:
    """What a person asked for when a run took an invoice: enough to ask for it again."""

    # The `facture.yaml`, absolute.
    source: Path
    # dry-run, draft or send.
    goal: str
    # Name of the portal in the configuration.
    place: str
    # The configuration, absolute.
    config: Path
    # Where the deposit dossiers go, absolute.
    dossiers: Path


class Journal(Store):
    """The store of invoices and runs. Each method is one short transaction; several processes may use it at once."""

    def __init__(self, where: str | Path | URL | None = None) -> None:
        """Opens, or creates, the journal of a path or of a database URL; the user's own by default."""
        super().__init__(where)
        self._presence: Presence = (
            FilePresence(self.file.parent / "running") if self.file else ServerPresence(self.engine)
        )

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._presence.close()
        super().close()

    # --- deposits -----------------------------------------------------------------------------------------

    def deposit(self, key: Key) -> Deposit | None:
        with self.reading() as do:
            return self._get_deposit(do, key)

    def verdict(self, key: Key, content: Content) -> Verdict:
        """What a deposit of this content may do now. Holds nothing: a run that acts asks `claim`."""
        return judge(self.deposit(key), content)

    def claim(self, key: Key, content: Content, *, run: str, mandate: Mandate | None = None) -> Claim:
        """Takes the invoice for a run, and judges it. Raises InvoiceBusy where a living run holds it."""
        with self._telling_presence():
            self._presence.hold(run)
        try:
            with self._telling_presence(), self.writing() as do:
                return self._claim(do, key, content, run, mandate)
        except BaseException:
            self._presence.drop(run)
            raise

    def _claim(self, do: Do, key: Key, content: Content, run: str, mandate: Mandate | None) -> Claim:
        facts = asdict(key) | {"run": run, "at": stamp(now()), "content": content.to_json(), "host": socket.gethostname()}
        facts |= {"recipient": content.recipient, "service": content.service}
        if do("add-deposit", **facts).rowcount == 1:
            do("add-passage", **facts, state=State.PREPARED, why="")
        dead = self._known_deposit(do, key).owner
        if dead and self._presence.is_alive(dead.run):
            raise _busy(key, dead)
        taken = do("take-deposit", **facts, seen=dead.run if dead else "", pid=os.getpid())
        if taken.rowcount != 1:
            raise _busy(key, self._known_deposit(do, key).owner)
        deposit = self._known_deposit(do, key)
        if deposit.state in EDITABLE:
            do("change-content", **facts)
        if mandate:
            do("add-mandate", **facts, **{name: str(value) for name, value in asdict(mandate).items()})
        return Claim(self, deposit, run, judge(deposit, content), dead)

    def is_held(self, deposit: Deposit) -> bool:
        """Whether a run that lives holds the invoice."""
        with self._telling_presence():
            return deposit.owner is not None and self._presence.is_alive(deposit.owner.run)

    def move(self, key: Key, state: State, legal: Transitions, *, run: str, **facts: Any) -> Deposit:
        """Moves an invoice held by this run, durably and only along `legal`; called through `Claim`."""
        values = {"why": "", "digest": None, "certificate": None, "certificate_sha256": None} | facts
        values |= asdict(key) | {"run": run, "state": state, "at": stamp(now())}
        values["certificate"] = values["certificate"] and str(values["certificate"])
        with self._telling_presence():
            self._presence.keep(run)
        with self.writing() as do:
            before = self._known_deposit(do, key)
            if before.owner is None or before.owner.run != run:
                raise _not_held(key, run)
            if state not in legal.get(before.state, ()):
                refused = f"Le journal refuse de passer de « {before.state} » à « {state} »."
                raise TransitionRefused(refused, where=f"facture {key.number}")
            if do("advance-deposit", **values, before=before.state).rowcount != 1:
                # Taken over from another machine since it was read.
                raise _not_held(key, run)
            do("add-passage", **values)
            return self._known_deposit(do, key)

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

    def _known_deposit(self, do: Do, key: Key) -> Deposit:
        deposit = self._get_deposit(do, key)
        if deposit is None:
            raise TransitionRefused(f"Le journal ne connaît pas la facture {key.number}.")
        return deposit

    def _get_deposit(self, do: Do, key: Key) -> Deposit | None:
        row = do("get-deposit", **asdict(key)).mappings().one_or_none()
        return self.as_deposit(dict(row)) if row else None

    def as_deposit(self, row: dict[str, Any]) -> Deposit:
        """A row of the table of deposits, with its types. Raises JournalUnusable."""
        try:
            return to_deposit(row)
        except (ValueError, TypeError, KeyError, ArithmeticError) as error:
            raise self.damaged(f"facture {row.get('number')}") from error

    @contextlib.contextmanager
    def _telling_presence(self) -> Iterator[None]:
        try:
            with self.telling():
                yield
        except OSError as error:
            raise self._unusable(error) from error


class Claim:
    """An invoice in the hands of one run, until `release` or the death of its process."""

    def __init__(
        self, journal: Journal, deposit: Deposit, run: str, verdict: Verdict, dead: Owner | None = None
    ) -> None:
        self.key = deposit.key
        self.run = run
        # State in which the run found it, and where it stands now.
        self.before = self.state = deposit.state
        self.verdict = verdict
        # A run that died while it held the invoice, if any.
        self.dead = dead
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


def _not_held(key: Key, run: str) -> TransitionRefused:
    return TransitionRefused(f"L'exécution {run} ne tient pas la facture {key.number}.")


def _to_run(row: dict[str, Any]) -> Run:
    names = ("run", "journey", "goal", "portal", "invoice", "outcome", "exit_code", "message", "browser", "host")
    return Run(
        **{name: row[name] for name in names},
        folder=Path(row["folder"]) if row["folder"] else None,
        started=datetime.fromisoformat(row["started"]),
        ended=datetime.fromisoformat(row["ended"]) if row["ended"] else None,
    )
