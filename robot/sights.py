"""Looking at one screen: which elements are there, what they show, what the screen says. Changes nothing but panels.

Acting is in `pages.py`. Knows nothing of what should be there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from playwright.sync_api import Frame, Locator

from robot.failures import ElementNotFound, NotOnScreen
from robot.fields import Option, after, begins_with, matching_option, plain
from robot.locators import Facts, Sight, await_survey, locate, spec_of, survey
from robot.screens import Screen
from robot.tabs import Tabs

# How long one gesture may take.
ACTION_MS = 10_000
# How long a page may take to draw an element after the screen was recognised.
DRAWN_MS = 5_000


class ScreenSight:
    """One screen in one frame, as it stands."""

    def __init__(self, portal: Tabs, screen: Screen, frame: Frame) -> None:
        self.portal = portal
        self.screen = screen
        self.frame = frame
        self._ids: Mapping[str, str] = portal.place.ids.get(screen.screen, {})

    # --- looking ------------------------------------------------------------------------------------------------

    def spec(self, name: str) -> dict[str, Any]:
        """An element as the eyes take it."""
        return spec_of(self.screen, name, self._ids)

    def element(self, name: str, **part: Any) -> Locator:
        """An element as a Playwright locator."""
        return locate(self.frame, self.spec(name), **part)

    def look(self, *names: str, **more: Any) -> Facts:
        """One look at the screen: state and value of its elements (all of them by default)."""
        wanted = names or tuple(self.screen.elements)
        request = {"elements": {name: self.spec(name) for name in wanted}, "messages": True, **more}
        facts = survey(self.frame, request) or await_survey(self.frame, request, "true", self._timeout_ms)
        if facts is None:
            raise NotOnScreen(f"L'écran « {self.screen.title} » a disparu.", where=self.screen.title)
        return facts

    @property
    def _timeout_ms(self) -> float:
        return self.portal.timeout * 1000

    def sight(self, name: str, *, expected: bool = True) -> Sight:
        """One element, its panel opened where it is in a closed one, waited for where the page still draws it."""
        found = self.look(name).elements[name]
        if found.state == "absent" and expected:
            drawn = f"facts.elements[{name!r}].state !== 'absent'"
            facts = await_survey(self.frame, {"elements": {name: self.spec(name)}}, drawn, DRAWN_MS)
            found = facts.elements[name] if facts else found
        opened = f"['found', 'ambiguous'].includes(facts.elements[{name!r}].state)"
        for patience in (ACTION_MS / 2, ACTION_MS):
            # A page that is just there may not listen yet: what was pressed then is pressed once more.
            if found.state == "collapsed":
                self.element(name, part="toggle").click(timeout=ACTION_MS)
                facts = await_survey(self.frame, {"elements": {name: self.spec(name)}}, opened, patience)
                found = facts.elements[name] if facts else found
        return found

    def shows(self, name: str) -> bool:
        """Whether the screen has the element, now or once it is drawn."""
        element = self.screen.elements[name]
        if element.kind == "value":
            return bool(after(self.look(name, text=True).text, element.labels))
        found = self.look(name).elements[name]
        if found.state == "absent" and found.words:
            found = self.sight(name)
        return found.state != "absent"

    def says_otherwise(self, name: str, value: object) -> str:
        """What plain text stands in the place of an element, where it does not mean this value; empty where it does."""
        element = self.screen.elements[name]
        known = {key: tuple(labels) for key, labels in element.options.items()}
        texts = [
            text.strip().split("\n")[0].strip() for text in after(self.look(text=True).text, element.labels)
        ]
        texts = [text for text in texts if text]
        if not texts or any(begins_with(value, text) or self.answers(value, known, text) for text in texts):
            return ""
        return texts[0]

    def need(self, name: str, found: Sight) -> Sight:
        """The element, or the failure that says why it cannot be used."""
        if found.usable:
            return found
        element = self.screen.elements[name]
        reasons = {
            "absent": "est introuvable",
            "ambiguous": f"désigne {found.count} contrôles à la fois",
            "collapsed": "reste dans un panneau fermé",
            "disagreement": "n'est pas au même endroit que l'identifiant relevé",
        }
        raise ElementNotFound(
            f"« {element.name} » {reasons[found.state]}.",
            where=f"écran « {self.screen.title} », élément {name}",
            expected=" ou ".join(f"« {label} »" for label in element.labels),
            cure="rien n'a été envoyé ; regardez l'écran (--headed) et signalez le libellé d'aujourd'hui au support.",
        )

    # --- reading ------------------------------------------------------------------------------------------------

    def read(self, name: str) -> str:
        """What the screen shows for an element: the content of a control, or what follows words in the text."""
        element = self.screen.elements[name]
        if element.kind != "value":
            return self.need(name, self.sight(name)).value
        texts = after(self.look(name, text=True).text, element.labels)
        if not texts:
            self.need(name, Sight("absent"))
        return texts[0].strip().split("\n")[0].split("\t")[0].strip()

    def says(self, name: str, value: object) -> tuple[bool, str]:
        """Whether the screen says this value after the element's words; and what it says instead."""
        element = self.screen.elements[name]
        texts = after(self.look(name, text=True).text, element.labels)
        if not texts:
            self.need(name, Sight("absent"))
        found = any(begins_with(value, text) for text in texts)
        return found, texts[0].strip().split("\n")[0][:80]

    def rows(self, name: str) -> list[list[str]]:
        """Cells of a table, row by row, its heading row included; no rows where the table is not shown."""
        facts = self.look(name, tables=True)
        if not facts.elements[name].usable:
            return []
        wanted = [plain(label) for label in self.screen.elements[name].labels]
        for table in facts.tables:
            words = [plain(cell) for row in table[:1] for cell in row]
            if any(label in words for label in wanted) or len(facts.tables) == 1:
                return [list(row) for row in table]
        return [list(row) for row in facts.tables[0]] if facts.tables else []

    def answers(self, value: object, known: Mapping[str, Iterable[str]], shown: str) -> bool:
        """Whether the answer that a drawn list shows means this value."""
        return bool(shown) and matching_option(value, known, [Option(value="", text=shown)]) == 0


def has_window(frame: Frame) -> bool:
    """Whether a window stands over the page."""
    facts = survey(frame, {})
    return bool(facts and facts.window)
