"""Shows a run to people in front of its window: says each step before it is done, at the pace that they ask for.

Listens, draws and waits; what is done is the runner's alone, and nothing is done twice. « Retour » only explains again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial, singledispatchmethod
from typing import TypeVar

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import FloatRect, Page

from robot import events
from robot.caption import Caption, Control, Pointer, aside, await_answer, draw, erase, veil_ahead
from robot.hand import Hand
from robot.locators import is_passing
from robot.pages import Portal
from robot.screens import Flows
from robot.steps import Download, HandOver, Press, Step
from robot.training.agenda import Agenda
from robot.training.controls import control, keys_only
from robot.training.framing import framed, pointed_at, step_of
from robot.training.gestures import SlowHand
from robot.training.pace import Pace
from robot.training.remote import Remote, Wish

# How long one moment lasts when nothing happens: the trainer's page is heard at its end.
_MOMENT = 0.3
# The end stays, for those who look up late.
_LAST_WORDS = 20.0
# Steps that say their keys.
_TEACHES_KEYS = 2
_KEYS = "Touches : Page ↓ suivant, Page ↑ retour, F8 pause, F7 et F9 moins et plus vite, F10 jusqu'au bout, F2 étapes."
_PAUSED = "En pause. Page ↓ : étape par étape ; F8 : reprendre."
_HIDDEN = "Montants masqués ; F4 les montre."
_AGAIN = "Expliqué à nouveau ; rien n'est refait."
_OVER, _FAILED = "C'est fini", "Le dépôt s'est arrêté ici"
_CLOSE = "Terminer"
_T = TypeVar("_T")
# Words that separate a result from where it was kept.
_KEPT = " ; certificat : "


@dataclass
class Told:
    """One step as it was told."""

    number: int
    line: str
    say: str
    screen: str
    title: str
    step: Step | None
    # Position in the run, by which its picture is known.
    position: int
    picture: bytes = b""


class Coach:
    """One demonstration; a listener of the run, and the hand that makes its gestures.

    `agenda`: what a run will meet, known when it starts.
    """

    def __init__(
        self,
        portal: Portal,
        flows: Flows,
        remote: Remote,
        *,
        agenda: Callable[[events.RunStarted], Agenda] = lambda _started: Agenda(),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.portal = portal
        self.flows = flows
        self.remote = remote
        self.pace = Pace()
        self.hand: Hand = SlowHand(self)
        self._agenda_of = agenda
        self._agenda = Agenda()
        self._clock = clock
        self._told: list[Told] = []
        # Which of them is explained: the last, unless somebody went back.
        self._at = 0
        self._replays = False
        self._goes = False
        self._title = ""
        self._steps = 0
        self._boxes: tuple[FloatRect, ...] = ()
        self._pointer: Pointer | None = None
        self._shows_steps = False
        # The window is a person's: what stands there is asked of them.
        self._is_theirs = False
        self._was_reloaded = False
        self._last_words = self._outcome = ""

    # --- what the run tells -----------------------------------------------------------------------------------------

    def __call__(self, event: events.Event) -> None:
        self._hear(event)

    @singledispatchmethod
    def _hear(self, event: events.Event) -> None:
        """Other events are for other listeners."""

    @_hear.register
    def _started(self, event: events.RunStarted) -> None:
        self._agenda, self._steps, self._told = self._agenda_of(event), event.steps, []
        steps = tuple(("" if item.line == "new" else item.line, item.say) for item in self._agenda.items)
        title = f"Facture {event.invoice}" if event.invoice else event.title
        self.remote.tell(title=f"Démonstration : {title}", total=len(steps) or event.steps, steps=steps, is_over=False)

    @_hear.register
    def _screen(self, event: events.ScreenSeen) -> None:
        self._title, self._was_reloaded = event.title, False
        if self.hides:
            self._draw()

    @_hear.register
    def _step(self, event: events.StepStarted) -> None:
        step = step_of(self.flows, event)
        place = self._agenda.place(event.source)
        told = Told(place or event.number, event.line, event.say, event.screen, self._title, step, event.number)
        self._boxes = self._framed(told)
        is_absent = step and step.when == "shown" and not self._boxes and not self.pace.hurries
        if is_absent or (self._agenda.items and place is None):
            # What is left out is not told.
            return
        self._told.append(told)
        self._at = len(self._told) - 1
        self.remote.tell(
            screen=told.title, line=told.line, say=told.say, number=told.number, message="", is_paused=self.is_paused
        )
        # What is a person's to do is said to them when it is theirs.
        self._hold(0 if isinstance(step, HandOver) else self.pace.reading(event.say))

    @_hear.register
    def _done(self, event: events.StepDone) -> None:
        told = self._told[-1] if self._told else None
        # What a press leads to is another screen, and is not to be waited for here.
        is_told = told is not None and told.position == event.number and not event.skipped
        if told and is_told and not self.is_paused and not isinstance(told.step, Press | Download):
            # What was done may have moved the page.
            self._boxes = self._framed(told) or self._boxes
            self._hold(self.pace.result)

    @_hear.register
    def _pictured(self, event: events.PictureTaken) -> None:
        for told in self._told:
            if told.position == event.number:
                told.picture = event.jpeg

    @_hear.register
    def _noticed(self, event: events.Noticed) -> None:
        self.remote.tell(message=event.message)
        self._is_theirs = isinstance(event, events.HandedOver)

    @_hear.register
    def _ended(self, event: events.RunEnded) -> None:
        self._last_words, self._outcome = event.message, _FAILED if event.exit_code else _OVER

    # --- showing -----------------------------------------------------------------------------------------------------

    @property
    def is_paused(self) -> bool:
        return self.remote.standing.is_paused

    @property
    def hides(self) -> bool:
        """Whether amounts must not be read."""
        return self.remote.standing.hides_amounts

    def close(self) -> None:
        """The last sentence stays until somebody has read it; then the page is as it was."""
        if self._last_words:
            said, _, where = self._last_words.partition(_KEPT)
            wait, keys = where and f"Certificat : {where}", keys_only(Wish.NEXT, Wish.PAUSE)
            self._show_end(Caption(self._outcome, said, wait, buttons=(_CLOSE,), controls=keys, is_large=True))
        self.remote.tell(is_over=True)
        if page := self._page():
            self._try(lambda: erase(page))

    def point(self, box: FloatRect) -> None:
        """The pointer goes to a control, which stands framed alone; nothing is pressed."""
        self._boxes = (box,)
        at = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        since = self._pointer.at if self._pointer else (at[0] - 260, at[1] + 160)
        self._pointer = Pointer(at, since, self.pace.gesture * 1000, presses=True)
        # Whoever goes step by step has asked for this one.
        was_paused = self.is_paused
        self._wait(self.pace.gesture, is_drawn=self._draw())
        # It has pressed: on another page it only stands there.
        self._pointer = Pointer(at)
        self._draw()
        self._takes()
        if self.is_paused and not was_paused:
            self._hold(0)

    @property
    def place(self) -> FloatRect | None:
        """Where the step is done, as it was framed."""
        return self._boxes[0] if self._boxes else None

    def was_reloaded(self) -> bool:
        was, self._was_reloaded = self._was_reloaded, False
        return was

    def aside(self) -> AbstractContextManager[object]:
        page = self._page()
        return aside(page) if page and self._told and not self._is_theirs else nullcontext()

    def _framed(self, told: Told) -> tuple[FloatRect, ...]:
        screen = self.flows.screens.get(told.screen)
        if screen is None or told.step is None or self.pace.hurries or not self._page():
            return ()
        try:
            return tuple(one.box for one in framed(self.portal, screen, pointed_at(told.step)))
        except PlaywrightError as error:
            if not is_passing(error):
                raise
            return ()

    def _caption(self) -> Caption:
        if not self._told:
            return Caption(who="", say="", hides_amounts=self.hides)
        told, standing = self._told[self._at], self.remote.standing
        is_back = self._at < len(self._told) - 1
        is_there = not is_back or told.screen == self._told[-1].screen
        line = f" · ligne {told.line} du tutoriel" if told.line != "new" else ""
        total = max(len(self._agenda.items) or self._steps, told.number)
        return Caption(
            who=f"Étape {told.number} sur {total}{line}",
            say=told.say,
            wait=self._small_print(is_back=is_back),
            boxes=self._boxes if is_there else (),
            controls=self._controls(),
            is_large=True,
            number=told.number,
            total=total,
            steps=standing.steps if self._shows_steps else (),
            pointer=None if is_back else self._pointer,
            hides_amounts=self.hides,
            picture=b"" if is_there else told.picture,
        )

    def _small_print(self, *, is_back: bool) -> str:
        if is_back:
            return _AGAIN
        if self.is_paused:
            return _PAUSED
        if message := self.remote.standing.message:
            return message
        return _KEYS if len(self._told) <= _TEACHES_KEYS else _HIDDEN if self.hides else ""

    def _controls(self) -> tuple[Control, ...]:
        speed = f"{self.pace.speed:g}".replace(".", ",")
        return (
            control(Wish.BACK),
            control(Wish.PAUSE, is_on=self.is_paused),
            control(Wish.NEXT),
            control(Wish.SLOWER, more=f" ; vitesse {speed}"),
            control(Wish.FASTER, more=f" ; vitesse {speed}"),
            control(Wish.END, is_on=self.pace.hurries),
            control(Wish.STEPS, is_on=self._shows_steps),
            control(Wish.HIDE),
        )

    # --- waiting, and what is asked meanwhile ---------------------------------------------------------------------------

    def _hold(self, seconds: float) -> None:
        """Until the sentence is read, or somebody wants to go on; as long as it is paused, or a former one is explained."""
        left, self._goes = seconds, False
        left_again = 0.0
        is_first = True
        while self.portal.context.pages:
            drawn, then = self._draw(is_first=is_first), self._clock()
            is_first = is_first and not drawn
            is_back = self._at < len(self._told) - 1
            if not self._takes():
                rests = self.is_paused or is_back or self._shows_steps
                if not rests and left <= 0:
                    return
                self._wait(_MOMENT if rests else min(_MOMENT, left / self.pace.speed), is_drawn=drawn)
            if self._goes:
                return
            passed = (self._clock() - then) * self.pace.speed
            if self.pace.hurries:
                left = 0
            elif not (self.is_paused or self._shows_steps) and self._at == len(self._told) - 1:
                left -= passed
            elif self._replays and is_back and not self.is_paused:
                left_again = (left_again or self.pace.reading(self._told[self._at].say)) - passed
                if left_again <= 0:
                    self._go_to(self._at + 1)
                    left_again = 0.0

    def _takes(self) -> bool:
        """Does all that was asked; whether there was anything."""
        asked = False
        while wish := self.remote.take():
            asked = True
            self._obey(wish)
        return asked

    def _obey(self, wish: Wish) -> None:
        last = len(self._told) - 1
        match wish:
            case Wish.NEXT if self._at < last:
                self._go_to(self._at + 1)
            case Wish.NEXT:
                self._goes, self._shows_steps = True, False
            case Wish.BACK if self._told:
                self._replays = False
                self._go_to(max(0, self._at - 1))
                self.remote.tell(is_paused=True)
            case Wish.REPLAY if self._told:
                screen = self._told[last].screen
                first = next(i for i in range(last + 1) if all(t.screen == screen for t in self._told[i:]))
                self.remote.tell(is_paused=False)
                self._replays = True
                self._go_to(first)
            case Wish.PAUSE:
                self.pace.hurries = False
                self.remote.tell(is_paused=not self.is_paused)
                self._go_to(last)
                self._boxes = self._boxes or (self._framed(self._told[last]) if self._told else ())
            case Wish.END:
                self.pace.hurries = not self.pace.hurries
                self._shows_steps = False
                self.remote.tell(is_paused=False)
                self._go_to(last)
            case Wish.SLOWER | Wish.FASTER:
                self.pace.change(1 if wish is Wish.FASTER else -1)
            case Wish.STEPS:
                self._shows_steps = not self._shows_steps
            case Wish.HIDE:
                self.remote.tell(hides_amounts=not self.hides)
                self._try(lambda: veil_ahead(self.portal.context))

    def _go_to(self, at: int) -> None:
        if at == self._at or at >= len(self._told):
            return
        self._at = at
        told = self._told[at]
        self.remote.tell(screen=told.title, line=told.line, say=told.say, number=told.number)
        self._boxes = self._framed(told) if told.screen == self._told[-1].screen else ()

    def _show_end(self, caption: Caption) -> None:
        until = self._clock() + _LAST_WORDS
        while (page := self._page()) and (self.is_paused or self._clock() < until):
            answer = self._try(partial(draw, page, caption))
            for told in answer.told if answer else ():
                self.remote.ask(Wish(told))
            self._goes = bool(answer and answer.button)
            self._takes()
            if self._goes:
                return
            self._wait(_MOMENT, is_drawn=answer is not None)

    def _draw(self, *, is_first: bool = True) -> bool:
        """Whether the page took it. A page that has to be drawn into for the `first` time again came anew."""
        page = self._page()
        if page is None or self._is_theirs:
            return False
        answer = self._try(lambda: draw(page, self._caption()))
        for told in answer.told if answer else ():
            self.remote.ask(Wish(told))
        if answer and answer.is_new and not is_first:
            self._was_reloaded = True
            self._boxes = self._framed(self._told[self._at])
        return answer is not None

    def _page(self) -> Page | None:
        """The tab in front, where the robot may draw in it."""
        pages = self.portal.context.pages
        return pages[-1] if pages and self.portal.allows(pages[-1].url) else None

    def _wait(self, seconds: float, *, is_drawn: bool = True) -> None:
        pages = self.portal.context.pages
        if not pages or seconds <= 0:
            return
        if is_drawn:
            self._try(lambda: await_answer(pages[-1], seconds * 1000))
        else:
            # The page is just coming or going.
            self._try(lambda: pages[-1].wait_for_event("framenavigated", timeout=seconds * 1000))

    def _try(self, act: Callable[[], _T]) -> _T | None:
        try:
            return act()
        except PlaywrightError:
            # A caption is never worth a deposit.
            return None
