"""Gets a walk going again: finds what is lost, mends the flows in memory, deals with what stands in the way.

Works on a walk that was stopped by a failure; presses only in windows that nobody knows, and only on a training portal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import Frame

from robot.failures import Failure, OutcomeUnknown, PersonNeeded, PortalRefused, PortalUnavailable, ScreenChanged
from robot.fields import matching_option, plain, written
from robot.locators import locate, survey
from robot.runner import Runner
from robot.screens import Screen
from robot.steps import Choose, Compare, Effect, Goal, HandOver, Press, Step
from robot.tutorial.inventory import Inventory, take
from robot.tutorial.repairs import with_words, without
from robot.tutorial.sightings import Sighting, blocs_beside, claims_of, sentence_for, words_before
from robot.tutorial.suspects import SURE, is_remnant, likeness, suspects
from robot.tutorial.verdicts import Mend
from robot.values import value_of

if TYPE_CHECKING:
    from robot.tutorial.walk import Walk

# What leaves a window that nobody knows, best first (compared without accents).
_ONWARD = ("continuer", "suivant", "poursuivre", "j'ai compris", "ok", "valider", "fermer", "oui", "accepter")

# A page with more things than this that the flows name is one of theirs, changed.
_KNOWN = 2
_PRESS_MS = 5_000
# A window may come back with each page.
_TIMES = 6


class Repaired(Exception):
    """The flows were mended: what was in front is to be looked at again."""


class Recovery:
    """What can be done for one walk."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        # Fields that were filled, each once, and windows that were left.
        self._filled: set[str] = set()
        self._left: list[str] = []

    def regain_known(self, screen: str) -> None:
        """What the contract knows on a screen and is lost is looked for before anything is done there."""
        kept, sighting = self.walk.kept(screen), self.walk.seen.sightings.get(screen)
        if kept is None or sighting is None or sighting.inventory is None:
            return
        lost = [
            name
            for name in kept.elements
            if name in sighting.screen.elements and not sighting.found(name) and f"{screen}.{name}" not in self.walk.seen.gone
        ]
        if self._regained(sighting, lost):
            raise Repaired

    def is_repaired(self, failure: Failure, runner: Runner) -> bool:
        """Whether the flows were mended, or the way cleared, so that the walk can go on."""
        is_lost = isinstance(failure, ScreenChanged)
        is_unclear = isinstance(failure, OutcomeUnknown) and runner.sent
        if isinstance(failure, PersonNeeded | PortalUnavailable) or not (
            is_lost or is_unclear or isinstance(failure, PortalRefused)
        ):
            return False
        if runner.awaited:
            return self._is_recognised(runner) or (not self._is_bereft(runner) and self._is_passed(runner))
        return self._is_regained() or self._is_uncovered()

    def _is_uncovered(self) -> bool:
        """A window that nobody knows came over the screen while it was being filled."""
        current = self.walk.flows.screens[self.walk.portal.current]
        return not self.walk.portal.is_in_front(current) and self._is_left()

    def _is_regained(self) -> bool:
        """Elements of the screen in front that are lost: found anew, or given up where nothing is risked."""
        screen = self.walk.flows.screens[self.walk.portal.current]
        sighting = self.walk.sightings.look(screen, self.walk.flows, afresh=False)
        if sighting is None:
            return False
        lost = [name for name in _needed(screen, self.walk.goal) if not sighting.found(name)]
        if self._regained(sighting, lost) or self._reworded(sighting):
            return True
        step = self.walk.step
        missing = [name for name in (step.elements() if step else ()) if name in lost]
        if not missing or not (step and step.effect in (Effect.READ, Effect.EDIT) and self._may_give_up(step)):
            return False
        for name in missing:
            self.walk.seen.gone.add(f"{screen.screen}.{name}")
            self.walk.flows = without(self.walk.flows, screen.screen, name)
        return True

    def _may_give_up(self, step: Step) -> bool:
        """A step that the walk can do without: never one that only leads on."""
        return not isinstance(step, Press | HandOver) and (self.walk.trainee is not None or self.walk.goal is not Goal.SEND)

    def _regained(self, sighting: Sighting, lost: list[str]) -> bool:
        """Takes the likeliest control in the place of each lost element; never where a secret is typed in earnest."""
        screen, found = sighting.screen, False
        if screen.sign_in and self.walk.trainee is None:
            return False
        assert sighting.inventory
        kinds = {name: screen.elements[name].kind for name in lost}
        controls = [name for name in lost if kinds[name] != "value"]
        there = blocs_beside(screen, self.walk.flows)
        taken = suspects(screen, controls, sighting.inventory, self.walk.kept(screen.screen), there)
        for name, suspect in taken.items():
            if suspect.sureness >= SURE and suspect.control.words:
                sighting.suspects[name] = suspect
                found = self._mend(screen, ("elements", name, kinds[name]), suspect.control.words) or found
        for name in (name for name in lost if kinds[name] == "value"):
            words = words_before(sighting.inventory.text, self._value_of(screen, name))
            if words:
                found = self._mend(screen, ("elements", name, "value"), words) or found
        return found

    def _value_of(self, screen: Screen, element: str) -> object:
        for step in screen.all_steps():
            if isinstance(step, Compare) and element in step.compare:
                return value_of(self.walk.values, step.compare[element])
        return None

    def _reworded(self, sighting: Sighting) -> bool:
        """An answer that is offered in other words."""
        step, screen = self.walk.step, sighting.screen
        if not isinstance(step, Choose):
            return False
        for name, path in step.choose.items():
            value, sight = value_of(self.walk.values, path), sighting.elements.get(name)
            known = {key: tuple(labels) for key, labels in screen.elements[name].options.items()}
            if sight is None or not sight.options or matching_option(value, known, sight.options) is not None:
                continue
            key = str(value).lower() if isinstance(value, bool) else written(value)
            words = self._answer_of(sighting, name, key)
            if words and self._mend(screen, ("elements", name, "options", key), words):
                return True
        return False

    def _answer_of(self, sighting: Sighting, name: str, key: str) -> str:
        """The one answer that no key of the flows means, at the place where it stood."""
        element, sight = sighting.screen.elements[name], sighting.elements[name]
        texts = [option.text.strip() for option in sight.options]
        meant = {
            matching_option(other, {other: tuple(labels)}, sight.options)
            for other, labels in element.options.items()
            if other != key
        }
        free = [text for index, text in enumerate(texts) if text and index not in meant]
        kept = self.walk.kept(sighting.screen.screen)
        before = kept.elements[name].options if kept and name in kept.elements else ()
        fresh = [text for text in free if text not in before] or free
        return fresh[0] if len(fresh) == 1 else ""

    def _mend(self, screen: Screen, path: tuple[str | int, ...], words: str) -> bool:
        """Adds words to the flows, once."""
        words = " ".join(words.split()).strip(" :*")
        if not words or "{" in words or (screen.screen, path) in self.walk.seen.mends or self._is_personal(words):
            return False
        element = screen.elements.get(str(path[1])) if path[0] == "elements" else None
        if element and path[2] != "options" and words == element.name:
            # Its words are as the flow has them: it was lost with something else.
            return False
        line = next((step.line for step in screen.all_steps() if str(path[1]) in step.elements()), "new")
        mend = Mend(
            file=self.walk.flows.shown(self.walk.flows.files[screen.screen].path),
            screen=screen.screen,
            path=path,
            words=words,
            line=line if element else next((step.line for step in screen.all_steps()), "new"),
            instead_of=element.name if element and path[2] != "options" else "",
        )
        self.walk.seen.mends[screen.screen, path] = mend
        # Seen from another screen of the same page it looked like something new.
        self.walk.seen.news = [one for one in self.walk.seen.news if plain(one.shown) != plain(words)]
        self.walk.flows = with_words(self.walk.flows, mend)
        return True

    def _is_personal(self, words: str) -> bool:
        """Whether words bear the name of the account's holder: nothing that flows should know."""
        account = self.walk.values.get("account")
        names = [getattr(account, name, None) for name in ("full_name", "reversed_name")]
        return any(name and plain(name) in plain(words) for name in names)

    # --- a screen that does not come --------------------------------------------------------------------------------

    def _is_recognised(self, runner: Runner) -> bool:
        """Whether one of the awaited screens stands there with its marks changed."""
        best: tuple[float, Screen, Frame, Inventory] | None = None
        for screen in (self.walk.flows.screens[one.screen] for one in runner.awaited):
            for frame in self.walk.portal.frames():
                inventory = take(frame, claims_of(screen, self.walk.flows, self.walk.portal.place.ids))
                if inventory is None:
                    continue
                there = blocs_beside(screen, self.walk.flows)
                score = likeness(screen, inventory, self.walk.kept(screen.screen), there)
                if score >= SURE and (best is None or score > best[0]):
                    best = score, screen, frame, inventory
        if best is None:
            return self._is_told(runner)
        _, screen, _, _ = best
        sighting = self.walk.sightings.look(screen, self.walk.flows)
        if sighting is None:
            return False
        lost = [name for name in _needed(screen, self.walk.goal) if not sighting.found(name)]
        found = self._regained(sighting, lost)
        marked = {name for mark in screen.here for name in mark.elements}
        for name in lost:
            if name in marked and name not in sighting.suspects:
                self.walk.seen.gone.add(f"{screen.screen}.{name}")
                self.walk.flows = without(self.walk.flows, screen.screen, name)
                found = True
        return self._resaid(self.walk.flows.screens[screen.screen], sighting) or found

    def _is_bereft(self, runner: Runner) -> bool:
        """Whether an awaited screen stands there without that by which it is known; then it is looked at as it is."""
        current = self.walk.flows.screens.get(self.walk.portal.current)
        left = self.walk.kept(current.screen) if current and self.walk.portal.is_in_front(current) else None
        for screen in (self.walk.flows.screens[one.screen] for one in runner.awaited):
            kept = self.walk.kept(screen.screen)
            for frame in self.walk.portal.frames() if kept else []:
                inventory = take(frame, claims_of(screen, self.walk.flows, self.walk.portal.place.ids))
                if kept and inventory and is_remnant(inventory, kept, left):
                    return self.walk.sightings.look(screen, self.walk.flows) is not None
        return False

    def _resaid(self, screen: Screen, sighting: Sighting) -> bool:
        """A sentence or a title by which the screen is known, in other words."""
        assert sighting.inventory
        kept = self.walk.kept(screen.screen)
        found = False
        for index, mark in enumerate(screen.here):
            for kind in ("dialog", "heading", "text"):
                labels = getattr(mark, kind)
                if labels and not any(plain(label) in plain(sighting.inventory.text) for label in labels):
                    words = sentence_for(kind, labels, sighting.inventory, kept)
                    found = (bool(words) and self._mend(screen, ("here", index, kind), words)) or found
        return found

    def _is_told(self, runner: Runner) -> bool:
        """A screen known by nothing but a sentence, which the portal now says in other words."""
        told = [screen for screen in runner.awaited if not screen.elements or not any(m.elements for m in screen.here)]
        left = self.walk.flows.screens[self.walk.portal.current]
        if len(told) != 1 or self.walk.trainee is None or self.walk.portal.is_in_front(left):
            return False
        frames = self.walk.portal.frames()
        facts = survey(frames[0], {"messages": True}) if frames else None
        if facts is None or facts.errors or not facts.messages:
            return False
        screen = self.walk.flows.screens[told[0].screen]
        index = next((i for i, mark in enumerate(screen.here) if mark.text), None)
        return index is not None and self._mend(screen, ("here", index, "text"), facts.messages[0][:120])

    def _is_passed(self, runner: Runner) -> bool:
        """What stands in the way is told; on a training portal it is dealt with, and the walk goes on."""
        current = self.walk.flows.screens.get(self.walk.portal.current)
        if current and self.walk.portal.is_in_front(current):
            return self._is_filled(current, runner)
        return self._is_left()

    def _is_left(self) -> bool:
        """A page or window that no flow knows is told, and on a training portal left by its own button."""
        frames = self.walk.portal.frames()
        awaited = self.walk.flows.screens.get(self.walk.portal.current)
        claims = claims_of(awaited, self.walk.flows, self.walk.portal.place.ids) if awaited else {}
        inventory = take(frames[0], claims) if frames else None
        if inventory is None or sum(bool(control.claimed) for control in inventory.controls) > _KNOWN:
            return False
        lines = (line.strip() for line in (*inventory.headings, *inventory.text.splitlines(), inventory.title))
        title = next((line for line in lines if line), "")
        self.walk.tell_new(f"un écran de plus : « {title} »", title, None, "le portail montre un écran que rien n'annonce")
        onward = _onward(inventory)
        if self.walk.trainee is None or onward is None or self._left.count(title) >= _TIMES:
            return False
        self._left.append(title)
        button = {"kind": "button", "labels": [onward], "within": [], "outside": [], "answers": [], "sole": False}
        locate(frames[0], {**button, "near": None, "id": None}).click(timeout=_PRESS_MS, no_wait_after=True)
        return True

    def _is_filled(self, screen: Screen, runner: Runner) -> bool:
        """Fields that the portal has begun to require are filled with anything, on a training portal."""
        sighting = self.walk.sightings.look(screen, self.walk.flows)
        required = self.walk.unnamed_required(sighting, screen.screen, is_new=False)
        self.walk.note_news(screen.screen, is_full=True)
        fresh = [control for control in required if control.words and control.words not in self._filled]
        if self.walk.trainee is None or sighting is None or not fresh:
            return False
        for control in fresh:
            self._filled.add(control.words)
            self.walk.trainee.fill(sighting.frame, control)
        runner.awaited = []
        return True


def _needed(screen: Screen, goal: Goal) -> list[str]:
    """Elements without which the screen is not known or its steps cannot be done."""
    marked = [name for mark in screen.here for name in mark.elements]
    used = [
        name
        for step in screen.all_steps()
        if step.when is None and (step.goal is None or goal in step.goal)
        for name in step.elements()
        if not screen.elements[name].optional
    ]
    return list(dict.fromkeys([*marked, *used]))


def _onward(inventory: Inventory) -> str | None:
    """Words of the button that leads on from a window that nobody knows."""
    words = [control.words for control in inventory.controls if control.nature == "button"]
    return next((one for wanted in _ONWARD for one in words if plain(one) == wanted), None)
