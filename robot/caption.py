"""The overlay that the robot lays over a page: what it says, what it frames, and what the person answers in it.

Touches nothing of the page, and lets every click through but those on its own buttons. Knows nothing of what is told.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from weakref import WeakSet

from playwright.sync_api import BrowserContext, FloatRect, Page

from robot.locators import await_script, run

_KEY = "chorus-robot.caption"
_ANSWERED = """key => {
  const parts = document[Symbol.for(key)];
  return Boolean(parts && (parts.told || parts.point || parts.asked.length));
}"""
# The root of a page may not be there yet when its first script runs.
_VEIL = """(() => {
  if (window !== window.top) return;
  const draw = %s;
  const begin = () => document.documentElement && !document[Symbol.for(%s)] && (draw(%s), true);
  if (!begin()) {
    const watch = new MutationObserver(() => begin() && watch.disconnect());
    watch.observe(document, { childList: true });
  }
})()"""
_veiled: WeakSet[BrowserContext] = WeakSet()
_ASIDE = "([key, away]) => document[Symbol.for(key)]?.host.toggleAttribute('data-aside', away)"


@dataclass(frozen=True)
class Control:
    """Something that may be asked at any time: a small button, keys, or both."""

    # What the answer says where it was asked.
    tells: str
    # Words on the button; without any there are only the keys.
    words: str = ""
    # What it does, for a tooltip and for screen readers.
    label: str = ""
    # Keys as browsers name them (KeyboardEvent.key); the page does not get them.
    keys: tuple[str, ...] = ()
    # For what is on or off; None for what is done once.
    is_on: bool | None = None


@dataclass(frozen=True)
class Pointer:
    """A pointer seen moving. Points are CSS pixels of the window."""

    at: tuple[float, float]
    # Where it comes from on a page that has not seen it yet.
    since: tuple[float, float] | None = None
    milliseconds: float = 0
    presses: bool = False


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
    controls: tuple[Control, ...] = ()
    # To be read from the last row of a room.
    is_large: bool = False
    # How far one is: position from 1, out of how many; nothing is shown without a total.
    number: int = 0
    total: int = 0
    # The list of steps beside: (line, sentence); the one at `number` stands out. Empty: no list.
    steps: tuple[tuple[str, str], ...] = ()
    pointer: Pointer | None = None
    # Amounts of money on the page are made unreadable; None leaves them as they are.
    hides_amounts: bool | None = None
    # A picture of another page (JPEG), shown large.
    picture: bytes = b""


@dataclass(frozen=True)
class Answer:
    """What the person did in a caption since it was last drawn."""

    # Words of the button that was pressed; empty where none was.
    button: str = ""
    # Where they pointed, in CSS pixels of the window.
    point: tuple[float, float] | None = None
    # What controls were asked for, in order.
    told: tuple[str, ...] = ()
    # The page had no caption yet: it is another one, or the same loaded anew.
    is_new: bool = False


@cache
def _source() -> str:
    return Path(__file__).with_suffix(".js").read_text(encoding="utf-8")


@cache
def _style() -> str:
    return Path(__file__).with_suffix(".css").read_text(encoding="utf-8")


def draw(page: Page, caption: Caption) -> Answer | None:
    """Draws the caption, or what changed in it; None where the page is just coming or going."""
    answer = run(page.main_frame, _source(), _request(caption))
    if not isinstance(answer, dict):
        return None
    point = answer["point"]
    return Answer(
        button=str(answer["told"]),
        point=(float(point[0]), float(point[1])) if point else None,
        told=tuple(map(str, answer["asked"])),
        is_new=bool(answer["isNew"]),
    )


def _request(caption: Caption) -> dict[str, object]:
    pointer = caption.pointer
    return {
        "style": _style(),
        "who": caption.who,
        "say": caption.say,
        "wait": caption.wait,
        "buttons": list(caption.buttons),
        "boxes": list(caption.boxes),
        "pick": caption.pick,
        "controls": [
            {"tells": one.tells, "words": one.words, "label": one.label, "keys": list(one.keys), "isOn": one.is_on}
            for one in caption.controls
        ],
        "isLarge": caption.is_large,
        "number": caption.number,
        "total": caption.total,
        "steps": [list(step) for step in caption.steps],
        "pointer": pointer
        and {
            "at": list(pointer.at),
            "since": list(pointer.since or pointer.at),
            "ms": pointer.milliseconds,
            "presses": pointer.presses,
        },
        "hidesAmounts": caption.hides_amounts,
        "picture": base64.b64encode(caption.picture).decode(),
    }


def veil_ahead(context: BrowserContext) -> None:
    """Amounts of pages to come are hidden from their first painting on, until a caption says otherwise."""
    if context.pages and context not in _veiled:
        _veiled.add(context)
        request = {**_request(Caption("", "", hides_amounts=True)), "isVeilOnly": True}
        context.add_init_script(_VEIL % (_source(), json.dumps(_KEY), json.dumps(request)))


def await_answer(page: Page, milliseconds: float) -> None:
    """Waits until the person answers in the caption, or the time is over."""
    await_script(page.main_frame, _ANSWERED, _KEY, milliseconds)


def erase(page: Page, *, keeps_veils: bool = True) -> None:
    """Takes the caption away; amounts that are hidden stay hidden, unless they are not to."""
    run(page.main_frame, _source(), {**_request(Caption("", "")), "isErased": True} if keeps_veils else None)


@contextmanager
def aside(page: Page) -> Iterator[None]:
    """The page meanwhile as it is without the overlay, for a picture; amounts that are hidden stay hidden."""
    run(page.main_frame, _ASIDE, [_KEY, True])
    try:
        yield
    finally:
        run(page.main_frame, _ASIDE, [_KEY, False])
