"""From an element of a flow to the thing on the page: specs for the eyes (`locators.js`), Playwright locators, surveys.

The order of ways is the eyes': accessible name, label, words beside, hint, alone of its kind, calibrated id. Knows how
to find and to look; what is done with what is found is in `pages.py`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Frame, Locator, Playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from robot.fields import Option
from robot.screens import Mark, Screen

ENGINE = "chorus"
# How long a page may take to answer one look.
_LOOK_MS = 3_000
# What the driver may add to that.
_DRIVER_SECONDS = 2

# How a person reads each way, in reports.
WAYS = {
    "role": "nom du contrôle",
    "label": "étiquette",
    "beside": "texte à côté",
    "hint": "indication dans le champ",
    "answers": "réponses proposées",
    "sole": "seul de son genre",
    "id": "identifiant relevé",
}
# Ways that mean the screen is no longer (or not yet) as the flows say.
FALLBACKS = frozenset({"hint", "sole", "id"})


@cache
def eyes() -> str:
    """Source of the eyes, an expression whose value is their interface."""
    return Path(__file__).with_suffix(".js").read_text(encoding="utf-8").strip()


def register(playwright: Playwright) -> None:
    """Makes `chorus=…` selectors known; must come before any page is opened. May be called again."""
    try:
        playwright.selectors.register(ENGINE, eyes(), content_script=True)
    except PlaywrightError as error:
        if "already registered" not in error.message:
            raise


def spec_of(screen: Screen, name: str, calibrated: Mapping[str, str]) -> dict[str, Any]:
    """An element as the eyes take it; `calibrated` are the portal's known ids on this screen."""
    element = screen.elements[name]
    return {
        "kind": element.kind,
        "labels": list(element.labels),
        "within": list(element.within or {}),
        "outside": list(element.outside or {}),
        "answers": [list(labels) for labels in element.options.values()],
        "sole": element.sole,
        "near": spec_of(screen, element.near, calibrated) if element.near else None,
        "id": calibrated.get(name),
    }


def locate(frame: Frame, spec: dict[str, Any], **part: Any) -> Locator:
    """The element as a Playwright locator, found anew at each use; `part` leads to something near it."""
    return frame.locator(f"{ENGINE}={json.dumps({**spec, **part}, ensure_ascii=True)}")


@dataclass(frozen=True)
class Sight:
    """One element as it stands on the page."""

    # found, absent, ambiguous, collapsed (in a closed panel) or disagreement (words and calibrated id differ).
    state: str
    way: str = ""
    label: str = ""
    # The words as the page prints them; empty where it was not found by words.
    printed: str = ""
    # text, select, picker, radio, checkbox, file, button or table.
    nature: str = ""
    value: str = ""
    # The type attribute of a field: text, date, number, password, …
    type: str = ""
    locked: bool = False
    # Whether it must be filled; None where the page does not show that.
    required: bool | None = None
    count: int = 0
    # Absent, and yet its words are on the page: not drawn yet, or shown as plain text.
    words: bool = False
    # « id » where a calibrated id no longer leads anywhere.
    drift: str = ""
    # Rank in the document among all controls and pressables in front, hidden ones too; -1 where it is none of them.
    place: int = -1
    options: tuple[Option, ...] = ()

    @property
    def usable(self) -> bool:
        return self.state == "found"


@dataclass(frozen=True)
class Facts:
    """What the eyes saw of a page in one look."""

    # Names of the recognised screens, in the order asked.
    seen: tuple[str, ...]
    # Changes with each document: tells a page drawn anew from the same page.
    document: float
    url: str
    title: str
    # Whether a window stands over the page.
    window: bool
    # Sentences shown as messages, and those of them that complain.
    messages: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    elements: dict[str, Sight] = field(default_factory=dict)
    text: str = ""
    counts: tuple[int, ...] = ()
    tables: tuple[tuple[tuple[str, ...], ...], ...] = ()
    # Everything that a person could use, and the headings, where the inventory was asked for (as the eyes list them).
    inventory: tuple[Mapping[str, Any], ...] = ()
    headings: tuple[str, ...] = ()


def _facts(raw: Mapping[str, Any]) -> Facts:
    return Facts(
        seen=tuple(raw["seen"]),
        document=raw["document"],
        url=raw["url"],
        title=raw["title"],
        window=raw["window"],
        messages=tuple(raw["messages"]),
        errors=tuple(raw["errors"]),
        elements={name: _sight(state) for name, state in raw.get("elements", {}).items()},
        text=raw.get("text", ""),
        counts=tuple(raw.get("counts", ())),
        tables=tuple(tuple(tuple(row) for row in table) for table in raw.get("tables", ())),
        inventory=tuple(raw.get("inventory", ())),
        headings=tuple(raw.get("headings", ())),
    )


def _sight(raw: Mapping[str, Any]) -> Sight:
    known = {key: raw[key] for key in Sight.__dataclass_fields__ if key in raw and key != "options"}
    return Sight(**known, options=tuple(Option(**option) for option in raw.get("options", ())))


def _mark(mark: Mark) -> dict[str, Any]:
    raw: dict[str, Any] = {
        "elements": list(mark.elements),
        "native": mark.native is not None,
        "fresh": mark.fresh,
    }
    for name in ("dialog", "heading", "text", "without"):
        if labels := getattr(mark, name):
            raw[name] = list(labels)
    return raw


def screen_request(screen: Screen, calibrated: Mapping[str, str]) -> dict[str, Any]:
    """A screen as the eyes take it, to be recognised."""
    used = {name for mark in screen.here for name in mark.elements}
    return {
        "name": screen.screen,
        "here": [_mark(mark) for mark in screen.here],
        "elements": {name: spec_of(screen, name, calibrated) for name in sorted(used)},
    }


def survey(frame: Frame, request: Mapping[str, Any]) -> Facts | None:
    """One look at a frame; None while its document is being loaded or has just gone."""
    look = f"request => [({eyes()}).survey(request)]"
    found = _answer(frame, look, request, _LOOK_MS)
    return _facts(found[0]) if found and found[0] else None


def surveys(frame: Frame, requests: Sequence[Mapping[str, Any]]) -> list[Facts] | None:
    """Several looks at the same moment, in one round trip; None while the document is being loaded or has just gone."""
    look = f"({{requests}}) => {{ const eyes = ({eyes()}); return [requests.map((request) => eyes.survey(request))] }}"
    found = _answer(frame, look, {"requests": [{"screens": [], **request} for request in requests]}, _LOOK_MS)
    return [_facts(raw) for raw in found[0]] if found and all(found[0]) else None


def await_survey(frame: Frame, request: Mapping[str, Any], condition: str, timeout_ms: float) -> Facts | None:
    """Looks until a condition (JavaScript on `facts`) holds, in one round trip; None when the time is over."""
    look = f"request => {{ const facts = ({eyes()}).survey(request); return facts && ({condition}) ? facts : false }}"
    found = _answer(frame, look, request, timeout_ms)
    return _facts(found) if found else None


def ask(frame: Frame, look: str, request: Mapping[str, Any]) -> Any:
    """What a look of one's own (JavaScript, of `request`) gives; None while the document is being loaded or has just gone."""
    return _answer(frame, look, request, _LOOK_MS)


def facts_of(raw: Mapping[str, Any]) -> Facts:
    """What a survey that was made in the page gave."""
    return _facts(raw)


def run(frame: Frame, script: str, arg: object) -> Any:
    """What a script gives, run once; None where the page does not answer in time, or has just gone."""
    return _in_time(frame, frame._impl_obj.evaluate(script, arg), _LOOK_MS)


def await_script(frame: Frame, script: str, arg: object, timeout_ms: float) -> Any:
    """What a script gives, run until that is not false; None where the page does not answer in time, or has just gone."""

    async def answer() -> Any:
        handle = await frame._impl_obj.wait_for_function(script, arg=arg, polling=40, timeout=timeout_ms)
        return await handle.json_value()

    return _in_time(frame, answer(), timeout_ms)


def _answer(frame: Frame, look: str, request: Mapping[str, Any], timeout_ms: float) -> Any:
    return await_script(frame, look, {"screens": [], **request}, timeout_ms)


def _in_time(frame: Frame, answer: Coroutine[Any, Any, Any], timeout_ms: float) -> Any:
    """What is awaited of a page; None where it does not come in time, or the page has just gone.

    A page that waits for the answer to a form may run no script: then `evaluate` never ends, and the driver does not
    keep the limit of `wait_for_function` either. So the limit is kept here, on this side of the driver, by the loop that
    the synchronous interface runs on.
    """
    try:
        return frame._sync(asyncio.wait_for(answer, timeout_ms / 1000 + _DRIVER_SECONDS))
    except TimeoutError:
        return None
    except PlaywrightError as error:
        if is_passing(error):
            return None
        raise


def is_passing(error: PlaywrightError) -> bool:
    """Whether an error only says that a page changed, closed or was not ready in time."""
    return isinstance(error, PlaywrightTimeout) or any(
        words in error.message
        for words in (
            "Execution context was destroyed",
            "Frame was detached",
            "frame was detached",
            "Target page, context or browser has been closed",
            "Target closed",
            "navigat",
        )
    )
