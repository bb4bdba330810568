"""What a person sees while a run goes on: a moving line on a terminal, plain lines elsewhere. Writes to stderr."""

from __future__ import annotations

import shutil
import sys
from functools import singledispatchmethod
from typing import TextIO

from robot import events
from robot.plain import brief


class Console:
    """A listener that tells progress; stdout is never touched, so that `--json` stays clean."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._moves = self._stream.isatty()
        self._total = 0
        self._shown = 0

    def __call__(self, event: events.Event) -> None:
        self._tell(event)

    @singledispatchmethod
    def _tell(self, event: events.Event) -> None:
        """Other events are for other listeners."""

    @_tell.register
    def _started(self, event: events.RunStarted) -> None:
        self._total = event.steps
        ends = {"send": "dépôt", "draft": "brouillon", "dry-run": "essai sans rien garder"}
        what = f"Facture {event.invoice} — {ends.get(event.goal, event.goal)}" if event.invoice else event.title
        self._line(f"{what} sur « {event.portal} » ({event.browser})")

    @_tell.register
    def _step(self, event: events.StepStarted) -> None:
        line = "    " if event.line == "new" else f"{event.line:<4}"
        # A run that tries again goes beyond what was foreseen.
        total = f"/{self._total}" if event.number <= self._total else ""
        text = f"  [{event.number:>2}{total}] {line} {brief(event.say)}"
        if self._moves:
            width = shutil.get_terminal_size().columns - 1
            self._stream.write("\r\x1b[K" + text[:width])
            self._stream.flush()
            self._shown = 1
        else:
            self._line(text)

    @_tell.register
    def _noticed(self, event: events.Noticed) -> None:
        self._line(f"  ! {brief(event.message)}")

    @_tell.register
    def _ended(self, event: events.RunEnded) -> None:
        mark = "✓" if event.exit_code == 0 else "✗"
        self._line(f"{mark} {event.message}")

    def _line(self, text: str) -> None:
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._shown = 0
        self._stream.write(text + "\n")
        self._stream.flush()
