"""Tells whether the process behind a run still lives: it locks a file, which the system unlocks at its death.

A process id would not do: systems give it again to another program. Knows nothing of journals or invoices.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


def _try_lock(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


class Presence:
    """The runs of this process, seen by the other processes that share the folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[str, int] = {}

    def hold(self, run: str) -> None:
        """Shows a run as alive until `drop`, or until this process dies, whatever kills it."""
        if run in self._held:
            return
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._path(run), os.O_RDWR | os.O_CREAT, 0o600)
        if not _try_lock(descriptor):
            os.close(descriptor)
            raise FileExistsError(f"run {run} belongs to another process")
        self._held[run] = descriptor

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
            descriptor = os.open(self._path(run), os.O_RDWR)
        except FileNotFoundError:
            return False
        if not _try_lock(descriptor):
            os.close(descriptor)
            return True
        self._remove(run, descriptor)
        return False

    def _remove(self, run: str, descriptor: int) -> None:
        # Windows removes no open file, other systems may: closed first, it works on both.
        os.close(descriptor)
        with contextlib.suppress(OSError):
            self._path(run).unlink()

    def _path(self, run: str) -> Path:
        return self._folder / f"{run}.lock"
