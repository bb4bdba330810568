"""The caption that the robot lays over a page, and what the person answers in it: a button, or a place they point at.

Knows nothing of what is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import FloatRect, Page

from robot.locators import is_passing

_KEY = "chorus-robot.caption"


@dataclass(frozen=True)
class Caption:
    """What stands over the page. `boxes` are framed, in CSS pixels of the window."""

    who: str
    say: str
    wait: str = ""
    buttons: tuple[str, ...] = ()
    boxes: tuple[FloatRect, ...] = ()
    # The next click is the person's answer, and does not reach the page.
    pick: bool = False


@dataclass(frozen=True)
class Answer:
    """What the person did in a caption since it was last drawn."""

    # Words of the button that was pressed; empty where none was.
    button: str = ""
    # Where they pointed, in CSS pixels of the window.
    point: tuple[float, float] | None = None


@cache
def _source() -> str:
    return Path(__file__).with_suffix(".js").read_text(encoding="utf-8")


def draw(page: Page, caption: Caption) -> Answer | None:
    """Draws the caption, or what changed in it; None where the page is just coming or going."""
    request = {
        "who": caption.who,
        "say": caption.say,
        "wait": caption.wait,
        "buttons": list(caption.buttons),
        "boxes": list(caption.boxes),
        "pick": caption.pick,
    }
    answer = _evaluate(page, request)
    if not isinstance(answer, dict):
        return None
    point = answer["point"]
    return Answer(str(answer["told"]), (float(point[0]), float(point[1])) if point else None)


def await_answer(page: Page, milliseconds: float) -> None:
    """Waits until the person answers in the caption, or the time is over."""
    answered = "key => { const parts = document[Symbol.for(key)]; return Boolean(parts && (parts.told || parts.point)) }"
    try:
        page.wait_for_function(answered, arg=_KEY, timeout=milliseconds, polling=40)
    except PlaywrightError as error:
        if not is_passing(error):
            raise


def erase(page: Page) -> None:
    """Takes the caption away."""
    _evaluate(page, None)


def _evaluate(page: Page, request: object) -> object:
    try:
        return page.evaluate(_source(), request)
    except PlaywrightError as error:
        if is_passing(error):
            return None
        raise
