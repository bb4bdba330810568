"""Watches a trainee's window: one look is one `View`. Presses and types nothing, and leaves the page as it is.

Knows which screens to look for; what is right is in `lesson.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Frame

from robot.locators import ask, eyes, facts_of, screen_request, spec_of
from robot.pages import Portal
from robot.screens import Screen
from robot.training.observed import Press, View

# A name of the page's window: what is pressed is told before the page that was pressed on is gone.
_HEARD = "chorusRobotHeard"


@cache
def _source() -> str:
    return Path(__file__).with_suffix(".js").read_text(encoding="utf-8").replace("EYES_SOURCE", f"({eyes()})")


class Watch:
    """One portal, watched. `words`: those whose number on the screen is to be told."""

    def __init__(self, portal: Portal, screens: Iterable[Screen], words: Iterable[str]) -> None:
        self.portal = portal
        self.screens = {screen.screen: screen for screen in screens}
        self._words = tuple(dict.fromkeys(words))
        self._interruptions = {screen.screen: screen for screen in portal.flows.interruptions() if screen.here}
        self._presses: list[Press] = []
        # The frame that shows the screens, and what may have interrupted them.
        self.frame: Frame | None = None
        self.interruption: Screen | None = None
        portal.context.expose_binding(_HEARD, self._hear)

    def look(self) -> View:
        """What stands in front now, with what was pressed since the last look."""
        presses, self._presses = tuple(self._presses), []
        files = sum(1 for one in self.portal.downloads if one.is_over and not one.problem)
        best = View()
        self.interruption = None
        pages = self.portal.context.pages
        front = pages[-1] if pages else None
        for frame in self.portal.frames():
            if frame.page != front:
                continue
            answer = ask(frame, _source(), self._request())
            if not answer:
                continue
            view = self._view(answer["seen"])
            seen = answer["seen"]["facts"]["seen"]
            self.interruption = next((self._interruptions[n] for n in seen if n in self._interruptions), self.interruption)
            if view.standing or not best.document:
                best, self.frame = view, frame
            if view.standing:
                break
        return replace(best, presses=presses, files=files)

    def _hear(self, _source: object, told: Mapping[str, Any]) -> None:
        at = self._view(told["seen"]) if told.get("seen") else None
        self._presses.append(Press(str(told["words"]), at))

    def _request(self) -> dict[str, Any]:
        ids = self.portal.place.ids
        asked = {**self._interruptions, **self.screens}
        return {
            "heard": _HEARD,
            "recognise": {
                "screens": [screen_request(screen, ids.get(name, {})) for name, screen in asked.items()],
                "all": True,
                "messages": True,
                "counts": list(self._words),
            },
            "screens": {name: self._elements(screen, ids.get(name, {})) for name, screen in self.screens.items()},
        }

    def _elements(self, screen: Screen, ids: Mapping[str, str]) -> list[dict[str, Any]]:
        """Two looks: what only some portals show may be, to the eyes, the same control as something else."""
        specs = {name: spec_of(screen, name, ids) for name in screen.elements if screen.elements[name].kind != "value"}
        split = ({n: s for n, s in specs.items() if screen.elements[n].optional is optional} for optional in (False, True))
        return [one for one in split if one]

    def _view(self, seen: Mapping[str, Any]) -> View:
        facts = facts_of({**seen["facts"], "elements": seen["elements"]})
        return View(
            standing=tuple(name for name in self.screens if name in facts.seen),
            sights=facts.elements,
            counts=dict(zip(self._words, facts.counts, strict=False)),
            document=f"{facts.document} {facts.url}",
            typing=seen["typing"],
            complaints=facts.errors,
        )
