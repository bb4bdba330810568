"""Hands the window over to a person, and takes it back: for a captcha, a code, « Actif », any unexpected question.

One mechanism for all: the window comes forward with a caption that says what to do, the robot watches the screen, and
goes on by itself once it is done. It solves nothing and hides nothing. Knows nothing of journeys.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import FloatRect, Page

from robot import events
from robot.caption import Caption, draw, erase
from robot.failures import NotOnScreen
from robot.locators import Sight, is_passing
from robot.pages import ScreenPage
from robot.screens import Screen
from robot.steps import HandOver
from robot.tabs import Arrival, Tabs

# A captcha, a mail to find, a colleague to ask: long enough for these, and the command can be run again.
PATIENCE_SECONDS = 15 * 60
# How long an element that is pointed at may take to be found.
_BOX_MS = 200


class Person:
    """Somebody in front of the window. `announce` is told when the window is theirs, and when it is taken back."""

    def __init__(
        self,
        portal: Tabs,
        announce: Callable[[events.Event], None],
        *,
        patience_seconds: float | None = None,
    ) -> None:
        self.portal = portal
        self.announce = announce
        self.patience_seconds = patience_seconds or PATIENCE_SECONDS

    def do(self, page: ScreenPage, step: HandOver, wanted: Iterable[Screen]) -> Arrival | None:
        """Has a step done; the following screen where the person went on by themselves. Raises PersonLeft."""
        shown = [name for name in step.hand_over if page.shows(name)]
        before = _sights(page, shown)

        def is_done() -> bool:
            if step.until == "told":
                return False
            now = _sights(page, shown)
            if now is None or not self.portal.is_in_front(page.screen):
                return False
            if step.until == "gone":
                return not any(sight.usable and not sight.locked for sight in now.values())
            return now != before

        return self._watch(step.say, page.screen.screen, wanted, page=page, names=shown, done=is_done, button="C'est fait")

    def answer(self, say: str, screen: str, wanted: Iterable[Screen]) -> Arrival:
        """Has a whole screen answered, until one of the wanted ones comes. Raises PersonLeft."""
        arrival = self._watch(say, screen, wanted)
        assert arrival
        return arrival

    def _watch(
        self,
        say: str,
        screen: str,
        wanted: Iterable[Screen],
        *,
        page: ScreenPage | None = None,
        names: Iterable[str] = (),
        done: Callable[[], bool] = lambda: False,
        button: str = "",
    ) -> Arrival | None:
        self.announce(events.HandedOver(screen=screen, message=f"À vous, dans la fenêtre du navigateur : {say}"))
        started = time.monotonic()
        self._come_forward()
        told = False

        def meanwhile() -> None:
            nonlocal told
            told = self._show(say, _boxes(page, names) if page else [], button) or told

        try:
            return self.portal.await_person(
                wanted, seconds=self.patience_seconds, done=lambda: told or done(), meanwhile=meanwhile
            )
        finally:
            self._hide()
            seconds = time.monotonic() - started
            self.announce(events.TakenBack(screen=screen, message=f"La fenêtre est rendue au robot ({seconds:.0f} s)."))

    def _come_forward(self) -> None:
        try:
            self.portal.page.bring_to_front()
        except PlaywrightError:
            # A window manager may refuse; the terminal says it too.
            return

    def _show(self, say: str, boxes: list[FloatRect], button: str) -> bool:
        """Draws the caption anew on every page of the portal, since each new page comes without; whether it was told."""
        told = False
        caption = Caption(
            who="À vous — le robot attend",
            say=say,
            wait="Il continue tout seul dès que c'est fait." + (f" Sinon, cliquez sur « {button} »." if button else ""),
            buttons=(button,) if button else (),
            boxes=tuple(boxes),
        )
        for page in self._pages():
            answer = draw(page, caption)
            told = bool(answer and answer.button) or told
        return told

    def _hide(self) -> None:
        for page in self._pages():
            erase(page)

    def _pages(self) -> list[Page]:
        return [page for page in self.portal.context.pages if self.portal.allows(page.url)]


def _sights(page: ScreenPage, names: Iterable[str]) -> dict[str, Sight] | None:
    """The elements as they stand; None while the page is being loaded."""
    names = list(names)
    try:
        return page.look(*names).elements if names else {}
    except NotOnScreen:
        return None


def _boxes(page: ScreenPage, names: Iterable[str]) -> list[FloatRect]:
    """Where the elements are in the window."""
    found = []
    for name in names:
        if page.screen.elements[name].kind == "value":
            continue
        try:
            box = page.element(name).bounding_box(timeout=_BOX_MS)
        except PlaywrightError as error:
            if not is_passing(error):
                raise
            continue
        if box:
            found.append(box)
    return found
