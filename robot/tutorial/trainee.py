"""Does on the training replica what a flow leaves to a person: the image, « Actif », a field that nobody knows.

Works on the project's own replica only, whose captcha it is told; on any other portal a person does these things.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Frame

from robot.failures import NotOnScreen
from robot.handover import Person
from robot.locators import await_survey, is_passing, locate
from robot.pages import ScreenPage
from robot.screens import Screen
from robot.steps import HandOver
from robot.tabs import Arrival, Tabs
from robot.tutorial.inventory import Control, take

_ACTION_MS = 5_000
_IS_TICKED = "el => el.checked || el.getAttribute('aria-checked') === 'true'"


class Trainee(Person):
    """Stands in for the person in front of the replica."""

    def __init__(self, portal: Tabs, captcha: Callable[[], str]) -> None:
        super().__init__(portal, lambda _event: None)
        self._captcha = captcha

    def do(self, page: ScreenPage, step: HandOver, wanted: Iterable[Screen]) -> Arrival | None:
        if step.failure == "captcha":
            self._copy_image(page, step)
        else:
            for name in step.hand_over:
                if page.shows(name) and page.screen.elements[name].kind != "field":
                    self._say_yes(page, name)
        return None

    def answer(self, say: str, screen: str, wanted: Iterable[Screen]) -> Arrival:
        """A whole screen is nothing that a flow leaves to anybody here."""
        raise NotOnScreen(say, where=screen)

    def _copy_image(self, page: ScreenPage, step: HandOver) -> None:
        inventory = take(page.frame, {})
        for control in inventory.controls if inventory else ():
            if control.nature == "checkbox" and control.required:
                self.fill(page.frame, control)
        field, *buttons = step.hand_over
        page.element(field).fill(self._captcha(), timeout=_ACTION_MS)
        for name in buttons:
            if page.look(name).elements[name].usable:
                page.press(name)
                gone = f"facts.elements[{name!r}].state !== 'found' || facts.elements[{name!r}].locked"
                await_survey(page.frame, {"elements": {name: page.spec(name)}}, gone, _ACTION_MS)

    def _say_yes(self, page: ScreenPage, name: str) -> None:
        sight = page.look(name).elements[name]
        if not sight.usable:
            return
        if sight.nature == "button":
            page.press(name)
        elif sight.nature == "checkbox":
            page.put(name, True)
        elif sight.options:
            chosen = next((o for o in sight.options if o.value and "inacti" not in o.text.lower()), None)
            if chosen and not chosen.chosen:
                page.element(name).select_option(label=chosen.text, timeout=_ACTION_MS)

    def fill(self, frame: Frame, control: Control) -> None:
        """Puts anything plausible into a field that the portal requires and no flow knows."""
        spec = {
            "kind": "select" if control.nature in ("select", "radio", "checkbox") else "field",
            "labels": [control.words],
            "within": [],
            "outside": [],
            "answers": [],
            "sole": False,
            "near": None,
            "id": None,
        }
        target = locate(frame, spec)
        try:
            if control.nature == "checkbox":
                if not target.evaluate(_IS_TICKED):
                    locate(frame, {**spec, "part": "box"}).click(timeout=_ACTION_MS)
            elif control.nature == "select":
                target.select_option(index=1, timeout=_ACTION_MS)
            elif control.nature == "radio":
                locate(frame, {**spec, "part": "radio", "index": 0}).click(timeout=_ACTION_MS)
            else:
                target.fill("2026-01-15" if control.type == "date" else "1", timeout=_ACTION_MS)
        except PlaywrightError as error:
            if not is_passing(error):
                raise
