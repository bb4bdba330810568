"""Tells whether the process behind a run still lives: it holds a lock, which is freed at its death, whatever kills it.

On one machine the lock is on a file; for several machines it is on their database server, held by a connection. A process
id would not do: systems give it again to another program. Knows nothing of journals or invoices.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from robot.wholefile import make_private

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class PresenceLost(OSError):
    """A run cannot be shown as alive: another run may take over what it holds."""


class Presence(Protocol):
    """The runs of this process, seen by the others. Raises OSError, or the database's own errors."""

    def hold(self, run: str) -> None:
        """Shows a run as alive until `drop`, or until this process dies, whatever kills it."""

    def keep(self, run: str) -> None:
        """Makes sure that a run that is held still shows as alive. Raises PresenceLost."""

    def drop(self, run: str) -> None: ...

    def close(self) -> None: ...

    def is_alive(self, run: str) -> bool: ...


# --- one machine ----------------------------------------------------------------------------------------------


def _try_lock(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextlib.contextmanager
def alone_at(path: Path) -> Iterator[None]:
    """Waits until nobody else is at a file, on this machine, and keeps others waiting meanwhile. Raises OSError.

    Its lock stands beside it and stays there: whoever removed it would let two in.
    """
    make_private(path.parent)
    descriptor = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if sys.platform == "win32":
            # Tries for ten seconds.
            msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        # The system unlocks what is closed, by us or by a death.
        os.close(descriptor)


class FilePresence:
    """Locks on files of a folder, which the system unlocks at the death of a process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[str, int] = {}

    def hold(self, run: str) -> None:
        if run in self._held:
            return
        make_private(self._folder)
        descriptor = os.open(self._path(run), os.O_RDWR | os.O_CREAT, 0o600)
        if not _try_lock(descriptor):
            os.close(descriptor)
            raise FileExistsError(f"run {run} belongs to another process")
        self._held[run] = descriptor

    def keep(self, run: str) -> None:
        """Nothing takes a file's lock from a process that lives."""

    def drop(self, run: str) -> None:
        descriptor = self._held.pop(run, None)
        if descriptor is not None:
            self._remove(run, descriptor)

    def close(self) -> None:
        for run in list(self._held):
            self.drop(run)

    def is_alive(self, run: str) -> bool:
        if run in self._held:
            return True
        try:
            descriptor = self._open(run)
        except FileNotFoundError:
            return False
        if not _try_lock(descriptor):
            os.close(descriptor)
            return True
        self._remove(run, descriptor)
        return False

    def _open(self, run: str) -> int:
        try:
            return os.open(self._path(run), os.O_RDWR)
        except FileNotFoundError:
            raise
        except OSError:
            # A folder that is read-only still tells who lives.
            return os.open(self._path(run), os.O_RDONLY)

    def _remove(self, run: str, descriptor: int) -> None:
        # Windows removes no open file, other systems may: closed first, it works on both.
        os.close(descriptor)
        with contextlib.suppress(OSError):
            self._path(run).unlink()

    def _path(self, run: str) -> Path:
        return self._folder / f"{run}.lock"


# --- several machines -----------------------------------------------------------------------------------------

# A machine that lost its power says no goodbye: the server finds out by itself, within a minute.
_WATCHED = (
    "SET tcp_keepalives_idle = 30",
    "SET tcp_keepalives_interval = 10",
    "SET tcp_keepalives_count = 3",
    "SET idle_session_timeout = 0",
)
_LOCK = "SELECT pg_try_advisory_lock(:key)"
_UNLOCK = "SELECT pg_advisory_unlock(:key)"
# The two halves of a key, as the server lists them. Looking takes no lock, so that two who look do not see each other.
_HOLDERS = """SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND CAST(classid AS BIGINT) = :high AND CAST(objid AS BIGINT) = :low"""


class ServerPresence:
    """Advisory locks of a PostgreSQL server, held by one connection for the life of the runs.

    A connection that was lost is made again by `keep`. A pooler that shares connections between transactions breaks this.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None
        self._held: set[str] = set()

    def hold(self, run: str) -> None:
        if run not in self._held:
            self._ensure()
            self._lock(run)
            self._held.add(run)

    def keep(self, run: str) -> None:
        if run in self._held:
            self._ensure()

    def drop(self, run: str) -> None:
        if run in self._held:
            self._held.discard(run)
            # A connection that is lost has freed its locks.
            if self._connection is not None:
                with contextlib.suppress(DBAPIError):
                    self._ask(_UNLOCK, key=_key(run))

    def close(self) -> None:
        self._held.clear()
        self._disconnect()

    def is_alive(self, run: str) -> bool:
        if run in self._held:
            return True
        with self._engine.connect() as connection:
            low, high = _key(run) & 0xFFFFFFFF, (_key(run) >> 32) & 0xFFFFFFFF
            return bool(connection.execute(text(_HOLDERS), {"low": low, "high": high}).scalar_one())

    def _ensure(self) -> None:
        """A connection that lives, with the locks of all runs held."""
        if self._connection is not None:
            try:
                self._ask("SELECT 1")
                return
            except DBAPIError:
                self._disconnect()
        self._connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        for setting in _WATCHED:
            self._connection.exec_driver_sql(setting)
        for run in self._held:
            self._lock(run)

    def _lock(self, run: str) -> None:
        if not self._ask(_LOCK, key=_key(run)):
            raise PresenceLost(f"run {run} belongs to another connection")

    def _ask(self, request: str, **values: Any) -> Any:
        assert self._connection is not None
        return self._connection.execute(text(request), values).scalar_one()

    def _disconnect(self) -> None:
        if self._connection is not None:
            # Not given back to the pool: its locks end with it.
            self._connection.invalidate()
            self._connection.close()
            self._connection = None


def _key(run: str) -> int:
    """A run's name as the server's 64 bits."""
    digest = hashlib.sha256(f"chorus-robot/{run}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
