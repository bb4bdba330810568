"""Everything that a person could use on a page, named or not by the flows: what is compared when something is lost.

Values are left out on purpose: an inventory may be kept and shared. Knows nothing of tutorials.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Frame

from robot.locators import survey


@dataclass(frozen=True)
class Control:
    """One thing to type into, choose from, tick, press, or a table."""

    # Place in the document, from 0, among all that is listed.
    place: int
    # text, select, picker, radio, checkbox, file, button or table.
    nature: str
    # Its words as printed: label, accessible name, or the text beside it; empty where none is found.
    words: str
    # The nearest heading above it; empty where none.
    bloc: str = ""
    # Attributes of the markup.
    id: str = ""
    name: str = ""
    # The type attribute of a field: text, date, password, …
    type: str = ""
    # Whether it must be filled; None where the page does not show that.
    required: bool | None = None
    locked: bool = False
    # Whether something stands in it; what, is not told.
    filled: bool = False
    # Words of the answers offered, for a select or a group of radio buttons.
    options: tuple[str, ...] = ()
    # x, y, width, height in CSS pixels, from the page's top left corner.
    box: tuple[float, float, float, float] = (0, 0, 0, 0)
    # Elements of the flows that the eyes find here, as « screen.element ».
    claimed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Inventory:
    """What one page shows."""

    url: str
    title: str
    # A window stands over the page: only what is in it is listed.
    window: bool
    headings: tuple[str, ...]
    controls: tuple[Control, ...]
    # What the page says in coloured boxes or in red.
    messages: tuple[str, ...]
    # Whole visible text.
    text: str


def take(frame: Frame, specs: Mapping[str, dict[str, Any]]) -> Inventory | None:
    """One look; `specs` are the elements that claim controls, by « screen.element » (`locators.spec_of`).

    None while the document is being loaded or has just gone.
    """
    facts = survey(frame, {"inventory": True, "claims": dict(specs), "text": True, "messages": True})
    if facts is None:
        return None
    return Inventory(
        url=facts.url,
        title=facts.title,
        window=facts.window,
        headings=facts.headings,
        controls=tuple(_control(raw) for raw in facts.inventory),
        messages=facts.messages,
        text=facts.text,
    )


def _control(raw: Mapping[str, Any]) -> Control:
    lists = {name: tuple(raw[name]) for name in ("options", "box", "claimed")}
    return Control(**{**raw, **lists})
