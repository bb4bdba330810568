"""A hand that people can follow: the pointer goes there, what is typed is typed key by key. Ends with the same content."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import FloatRect, Locator

from robot.hand import Hand
from robot.training.pace import Pace

# How long a control may take to come into view, and to say where it is.
_VIEW_MS, _BOX_MS = 800, 400
# Smaller than anything that can be pressed: the real control of one that a script draws.
_LEAST = 4
# Fields that take whole values only, and in an order of keys that depends on the system.
_WHOLE = frozenset({"color", "date", "datetime-local", "month", "number", "range", "time", "week"})


class Stage(Protocol):
    """Where gestures are shown."""

    pace: Pace

    @property
    def hides(self) -> bool: ...
    @property
    def place(self) -> FloatRect | None: ...
    def was_reloaded(self) -> bool: ...
    def point(self, box: FloatRect) -> None: ...
    def aside(self) -> AbstractContextManager[object]: ...


class SlowHand(Hand):
    """Gestures on a stage."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def reach(self, target: Locator) -> None:
        if box := _box(target) or self.stage.place:
            self.stage.point(box)

    def write(self, box: Locator, text: str, *, kind: str, timeout: float) -> None:
        # Half an amount would be no amount, and stay to be read.
        if not (self.stage.pace.hurries or self.stage.hides or kind in _WHOLE):
            delay = self.stage.pace.key(text) * 1000
            try:
                box.select_text(timeout=timeout)
                for index, line in enumerate(text.split("\n")):
                    if index:
                        # Without its key, which might send a form.
                        box.page.keyboard.insert_text("\n")
                    box.press_sequentially(line, delay=delay, timeout=timeout + delay * len(line))
                if box.input_value(timeout=_BOX_MS) == text:
                    return
            except PlaywrightError:
                # Keys are not all that a field may take.
                pass
        super().write(box, text, kind=kind, timeout=timeout)

    def was_reloaded(self) -> bool:
        return self.stage.was_reloaded()

    def aside(self) -> AbstractContextManager[object]:
        return self.stage.aside()


def _box(target: Locator) -> FloatRect | None:
    """Where a control is in the window, brought into view; None where it is not to be seen."""
    try:
        target.scroll_into_view_if_needed(timeout=_VIEW_MS)
        box = target.bounding_box(timeout=_BOX_MS)
    except PlaywrightError:
        return None
    return box if box and min(box["width"], box["height"]) >= _LEAST else None
