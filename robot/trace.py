"""Playwright's trace of a run, told in the tutorial's sentences.

Knows nothing of what a run does: it listens to screens and groups what happens within a step.
"""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from playwright.sync_api import BrowserContext
from playwright.sync_api import Error as PlaywrightError

from robot.events import Event, ScreenSeen
from robot.redaction import redacted_values
from robot.screens import Flows


class Trace:
    """Playwright's trace of a run, its groups named by the tutorial's sentences. Light: no snapshots, no pictures.

    Not recorded on sign-in screens, since a trace holds what is typed. Without snapshots Playwright records no network,
    thus no cookies, not even in passing. What is kept has passed the redactor besides.
    """

    def __init__(self, context: BrowserContext, flows: Flows) -> None:
        self._context = context
        self._flows = flows
        self._is_on = False

    def __call__(self, event: Event) -> None:
        """A listener: on from the first screen that the tutorial tells, off for good where a secret may be typed."""
        if not isinstance(event, ScreenSeen):
            return
        screen = self._flows.screens[event.screen]
        if screen.sign_in and self._is_on:
            self._is_on = False
            self._context.tracing.stop()
        elif not self._is_on and any(step.line != "new" for step in screen.all_steps()):
            self._context.tracing.start(screenshots=False, snapshots=False, sources=False)
            self._is_on = True

    def group(self, say: str, source: str) -> AbstractContextManager[object]:
        """A group that bears a sentence and points to the flow's file and line."""
        if not self._is_on:
            return nullcontext()
        return self._grouped(say, source)

    @contextmanager
    def _grouped(self, say: str, source: str) -> Iterator[None]:
        file, _, line = source.rpartition(":")
        self._context.tracing.group(say, location={"file": file, "line": int(line)})
        try:
            yield
        finally:
            if self._is_on:
                self._context.tracing.group_end()

    def stop(self, keep: Callable[[bytes], object]) -> None:
        """Ends the trace and hands over what may be kept of it, as a zip."""
        if not self._is_on:
            return
        self._is_on = False
        try:
            # The owner's alone, and never among the evidence, not even for an instant.
            with tempfile.TemporaryDirectory(prefix="chorus-robot-") as private:
                raw = Path(private) / "trace.zip"
                self._context.tracing.stop(path=raw)
                kept = _redacted(raw)
        except (PlaywrightError, OSError, KeyError, ValueError, zipfile.BadZipFile):
            # A trace is never worth a deposit.
            return
        keep(kept)


def _redacted(raw: Path) -> bytes:
    """What Playwright's viewer needs of a raw trace: its lines, redacted, and where they come from in the flows."""
    kept = io.BytesIO()
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as target:
        lines = [redacted_values(json.loads(line)) for line in source.read("trace.trace").splitlines()]
        target.writestr("trace.trace", "\n".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) for line in lines))
        target.writestr("trace.stacks", source.read("trace.stacks"))
        target.writestr("trace.network", b"")
    return kept.getvalue()
