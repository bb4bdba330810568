"""What the journal knows, put together for those who read it: invoices, their states, their runs, the files kept.

Reads only. Knows nothing of browsers, and nothing of how it is shown.
"""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from robot.deposits import DOUBTFUL, Deposit, Key, State
from robot.journal import Do, Journal, Mandate, Run

# A state as a person reads it.
WORDS = {
    State.PREPARED: "préparée",
    State.FILLING: "en cours de saisie",
    State.DRAFT: "brouillon",
    State.CONFIRMING: "envoi en cours — à vérifier",
    State.DEPOSITED: "déposée sans certificat",
    State.CERTIFIED: "déposée avec certificat",
    State.REFUSED: "refusée",
    State.UNKNOWN: "sort inconnu",
}
# What nobody should forget. A draft waits for a person's decision, the others for a look at the portal.
_PENDING = DOUBTFUL | {State.DEPOSITED}


@dataclass(frozen=True)
class Asked:
    """A mandate, with the run that had it, when, and on which machine."""

    mandate: Mandate
    run: str
    at: datetime
    host: str

    @property
    def is_here(self) -> bool:
        """Whether its paths are of this machine."""
        return self.host == socket.gethostname()


@dataclass(frozen=True)
class Entry:
    """One invoice on one portal, with what was asked for last."""

    deposit: Deposit
    # None for an invoice of a journal older than mandates.
    asked: Asked | None
    # A run that lives is working on it.
    is_held: bool

    @property
    def number(self) -> str:
        return self.deposit.key.number

    @property
    def state(self) -> State:
        return self.deposit.state

    @property
    def words(self) -> str:
        return WORDS[self.state]

    @property
    def is_training(self) -> bool:
        """On a replica that ended with its command: nothing is left there to look at."""
        return self.deposit.key.portal.startswith("replica:")

    @property
    def place(self) -> str:
        """Name of the portal in the configuration; empty where it is not known."""
        return self.asked.mandate.place if self.asked else ""

    @property
    def has_lost_certificate(self) -> bool:
        """The certificate was kept on this machine, and is not where it was."""
        path = self.deposit.certificate
        return bool(path and self.asked and self.asked.is_here and _look_at(path, None) is FileState.ABSENT)

    @property
    def is_pending(self) -> bool:
        """The portal knows more than the journal: `resume` looks there."""
        is_open = self.state in _PENDING or self.has_lost_certificate
        return is_open and not self.is_held and not self.is_training

    @property
    def needs_attention(self) -> bool:
        is_draft = self.state is State.DRAFT and not self.is_held and not self.is_training
        return is_draft or self.is_pending


@dataclass(frozen=True)
class Passage:
    """An invoice entered a state. `run` is empty where the journal was not yet told which."""

    state: State
    at: datetime
    run: str
    why: str


class FileState(StrEnum):
    """What became of a file that a run kept."""

    INTACT = "intact"
    CHANGED = "changed"
    ABSENT = "absent"
    UNREADABLE = "unreadable"
    # Kept on another machine: not to be seen from here.
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True)
class Proof:
    """A file that a run kept, with its hash as it was then."""

    path: Path
    kind: str
    sha256: str
    # None where it was not looked at.
    state: FileState | None


@dataclass(frozen=True)
class Tale:
    """One run from beginning to end."""

    run: Run
    steps: tuple[dict[str, Any], ...]
    # Instant and sentence.
    notices: tuple[tuple[datetime, str], ...]
    proofs: tuple[Proof, ...]


def entries(journal: Journal) -> list[Entry]:
    """All invoices, the last to change first."""
    with journal.reading() as do:
        asked: dict[Key, Asked] = {_key(row): _to_asked(row) for row in _rows(do, "find-mandates")}
        deposits = [journal.as_deposit(row) for row in _rows(do, "find-deposits")]
    return [Entry(deposit, asked.get(deposit.key), journal.is_held(deposit)) for deposit in deposits]


def passages(journal: Journal, key: Key) -> list[Passage]:
    """The states of an invoice, in order."""
    with journal.reading() as do:
        return [
            Passage(State(row["state"]), datetime.fromisoformat(row["at"]), row["run"], row["why"])
            for row in _rows(do, "get-passages", **asdict(key))
        ]


def runs_of(journal: Journal, key: Key) -> list[Run]:
    """The runs that had an invoice, oldest first. Runs older than mandates are known by the invoice's number only."""
    with journal.reading() as do:
        owners = {row["run"]: _key(row) for row in _rows(do, "find-mandates")}
    passed = {passage.run for passage in passages(journal, key)}
    known = reversed(journal.runs())
    return [
        run
        for run in known
        if owners.get(run.run) == key
        or run.run in passed
        or (run.run not in owners and run.invoice == key.number)
    ]


def tale(journal: Journal, run: Run, *, look: bool = True) -> Tale:
    """Everything about one run; if `look`, the files that it kept are read, to see whether they changed."""
    is_here = run.host == socket.gethostname()
    with journal.reading() as do:
        notices = [(datetime.fromisoformat(row["noticed"]), row["message"]) for row in _rows(do, "get-notices", run=run.run)]
        kept = _rows(do, "get-run-evidence", run=run.run)
    proofs = (
        Proof(
            Path(row["path"]),
            row["kind"],
            row["sha256"],
            (_look_at(Path(row["path"]), row["sha256"]) if is_here else FileState.ELSEWHERE) if look else None,
        )
        for row in kept
    )
    return Tale(run, tuple(journal.steps(run.run)), tuple(notices), tuple(proofs))


def accounts(journal: Journal) -> list[dict[str, Any]]:
    """The accounts asked for, as the journal has them."""
    with journal.reading() as do:
        return _rows(do, "find-accounts")


def _look_at(path: Path, sha256: str | None) -> FileState:
    """What became of a file; without a hash, only whether it is there."""
    try:
        if sha256 is None:
            path.stat()
            return FileState.INTACT
        with path.open("rb") as file:
            return FileState.INTACT if hashlib.file_digest(file, "sha256").hexdigest() == sha256 else FileState.CHANGED
    except (FileNotFoundError, NotADirectoryError):
        return FileState.ABSENT
    except OSError:
        return FileState.UNREADABLE


def _rows(do: Do, name: str, **values: Any) -> list[dict[str, Any]]:
    rows: Iterable[Any] = do(name, **values).mappings()
    return [dict(row) for row in rows]


def _key(row: dict[str, Any]) -> Key:
    return Key(row["portal"], row["supplier"], row["number"])


def _to_asked(row: dict[str, Any]) -> Asked:
    mandate = Mandate(Path(row["source"]), row["goal"], row["place"], Path(row["config"]), Path(row["dossiers"]))
    return Asked(mandate, row["run"], datetime.fromisoformat(row["at"]), row["host"])
