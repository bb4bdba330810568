"""Judges what a trainee does: what is right in whatever order, what is wrong and why, what comes next.

Told what is seen (`View`), moment by moment; pure, so that it can be tried without a browser. Draws nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel

from robot.fields import plain, written
from robot.locators import Sight
from robot.readback import holds
from robot.screens import Flows, Screen
from robot.steps import Download, Goal, LookUp
from robot.training.observed import Kind, Mark, Slip, View
from robot.training.tasks import Task, following, tasks_of

_ABSENT = Sight("absent")


class Lesson:
    """One exercise, from its flows and its invoice, on a portal of a generation."""

    def __init__(
        self, flows: Flows, journey: str, goal: Goal, values: Mapping[str, BaseModel], *, generation: str
    ) -> None:
        self.flows = flows
        self.goal = goal
        self.values = values
        self.ends = {flows.journeys[journey].ends[goal]}
        self.tasks = tasks_of(flows, journey, goal, values, generation=generation)
        self.marks = {task.number: Mark(task) for task in self.tasks}
        names = dict.fromkeys(task.screen.screen for task in self.tasks)
        self.screens = {name: flows.screens[name] for name in (*names, *(end for end in self.ends if end not in names))}
        self.view = View()
        # The screen that ends the journey was in front, and everything on it is done.
        self.is_over = False
        self.current: Task | None = None
        self._seen: set[str] = set()
        # Since which look each screen in front has stood there without a break.
        self._came: dict[str, int] = {}
        self._looks = 0
        # Tasks whose button has led on.
        self._went: set[int] = set()
        # Items of lists that the portal shows, by screen.
        self._listed: set[tuple[str, int]] = set()
        self._counted: dict[str, int] = {}
        # What stood in a field before the trainee came, and what was last judged there.
        self._found: dict[str, str] = {}
        self._judged: dict[str, str] = {}
        self._searched: set[str] = set()
        self._told: set[tuple[object, ...]] = set()
        # The last button that was tried, and whether what was wrong about it was told.
        self._tried: Task | None = None
        self._has_told = False
        # A press that the flows know nothing of: words, document, task at that time.
        self._stray: tuple[str, str, Task | None] | None = None
        self._files = 0
        self._pressed: set[str] = set()

    # --- one look -----------------------------------------------------------------------------------------------------

    def look(self, view: View, seconds: float = 0.0) -> list[Slip]:
        """Takes in what is seen; what is newly wrong comes back. `seconds`: since the last look."""
        if self.current:
            self.marks[self.current.number].seconds += seconds
        slips: list[Slip] = []
        for press in view.presses:
            if press.at:
                slips += self._see(press.at)
            slips += self._press(press.words)
        slips += self._see(view)
        self.current = self._next()
        if self.current:
            self.marks[self.current.number].was_open = True
        self.is_over = self.is_over or self._ended(self.view)
        return slips

    def _see(self, view: View) -> list[Slip]:
        before, view = self.view, self._counting(view)
        self.view = view
        if self.ends & set(view.standing) and not self.ends & self._seen:
            self._files = view.files
        self._seen |= set(view.standing)
        if view.document:
            self._looks += 1
            self._came = {name: self._came.get(name, self._looks) for name in view.standing}
        self._lists(view)
        return [*self._strayed(view), *self._values(before, view), *self._leave(view), *self._complaints(before, view)]

    def _counting(self, view: View) -> View:
        """The view without screens that only a press can bring, and that were not pressed for."""
        standing = tuple(
            name
            for name in view.standing
            if not all(mark.fresh for mark in self.screens[name].here) or self._was_pressed_for(name)
        )
        return view if standing == view.standing else replace(view, standing=standing)

    def _was_pressed_for(self, name: str) -> bool:
        leading = [task for task in self.tasks if task.is_press and name in self._following(task.screen)]
        labels = (label for task in leading for label in task.screen.elements[task.pressed].labels)
        return any(plain(label) in self._pressed for label in labels)

    def _following(self, screen: Screen) -> tuple[str, ...]:
        names = following(self.flows, screen, self.goal, self.values)
        return tuple(name for name in names if name in self.screens)

    # --- where one is ---------------------------------------------------------------------------------------------------

    def done(self, task: Task) -> bool:
        """Whether nothing is left to do for a task, as far as can be seen now."""
        if not task.is_press:
            return self.marks[task.number].is_right or (task.screen.screen, task.item) in self._listed
        if task.shows:
            return (task.screen.screen, task.item) in self._listed
        if isinstance(task.step, Download):
            return self.view.files > self._files
        return task.number in self._went and all(self._once_done(one) for one in self._beyond(task))

    def _once_done(self, task: Task) -> bool:
        if task.is_press and not task.shows and not isinstance(task.step, Download):
            return task.number in self._went
        return self.done(task)

    def _beyond(self, task: Task) -> list[Task]:
        """Tasks on the screens that a press leads to, up to those in front; of ways that part, those that were taken."""
        reached: set[str] = set()
        ahead = list(self._following(task.screen))
        while ahead:
            names, ahead = ahead, []
            taken = [name for name in names if name in self._seen] or names
            for name in taken:
                if name not in reached and name not in self.view.standing:
                    reached.add(name)
                    ahead += self._following(self.screens[name])
        return [one for one in self.tasks if one.screen.screen in reached]

    def _next(self) -> Task | None:
        """The first thing to do on what is in front."""
        here = [task for task in self.tasks if task.screen.screen in self.view.standing and self._is_asked(task)]
        # Tabs stay in view over the form that they led to: what came last comes first.
        here.sort(key=lambda task: (task.screen.screen not in self.ends, -self._came[task.screen.screen]))
        return next((task for task in here if not self.done(task)), None)

    def _is_asked(self, task: Task) -> bool:
        """Whether the screen asks for it now: it shows the elements, and the item is the one in hand."""
        if task.item and task.item != self._item_in_hand(task.screen.screen):
            return False
        states = [self._sight(task, name).state for name in task.elements]
        return not (task.step.when == "shown" and all(state == "absent" for state in states))

    def _item_in_hand(self, screen: str) -> int:
        """The item of a list whose file is chosen, or else the first that is missing: any order is right."""
        left = [t for t in self.tasks if t.screen.screen == screen and t.item and (screen, t.item) not in self._listed]
        chosen = (
            task.item
            for task in left
            for name, value in task.values.items()
            if isinstance(value, Path) and self._holds(task, name)
        )
        return next(chosen, min((task.item for task in left), default=0))

    def _sight(self, task: Task, name: str) -> Sight:
        return self.view.sights.get(f"{task.screen.screen}.{name}", _ABSENT)

    def _ended(self, view: View) -> bool:
        ends = [name for name in view.standing if name in self.ends]
        return bool(ends) and all(self.done(task) for task in self.tasks if task.screen.screen in ends)

    # --- values ---------------------------------------------------------------------------------------------------------

    def _holds(self, task: Task, name: str) -> bool:
        value, sight = task.values[name], self._sight(task, name)
        if isinstance(value, Path):
            shown = sight.value.replace("\\", "/").split("/")[-1].strip()
            return shown == value.name or (not shown and self.view.counts.get(value.name, 0) > 0)
        if isinstance(task.step, LookUp) and not self._is_found(task.step, task, value):
            return False
        return holds(task.screen.elements[name], value, sight)

    def _is_found(self, step: LookUp, task: Task, value: object) -> bool:
        """Whether an identifier was searched, where the screen wants that."""
        needs = self._sight(task, step.search).usable and not self._sight(task, step.search).locked
        return not needs or step.search in self._searched or self.view.counts.get(written(value), 0) > 0

    def _values(self, before: View, view: View) -> list[Slip]:
        slips = []
        for task in self.tasks:
            if task.is_press or task.screen.screen not in view.standing:
                continue
            if not self._is_asked(task):
                # This portal has no such field.
                self.marks[task.number].is_right |= not task.item
                continue
            right = {name: self._holds(task, name) for name in task.values}
            mark = self.marks[task.number]
            mark.is_right = all(right.values())
            mark.was_open = mark.was_open or not mark.is_right
            for name, holding in right.items():
                key = f"{task.screen.screen}.{name}"
                shown = self._sight(task, name).value
                self._found.setdefault(key, shown)
                was = before.sights.get(key, _ABSENT).value
                if holding or not shown or shown == view.typing or shown != was:
                    continue
                if shown not in (self._judged.get(key), self._found[key]):
                    slips += self._slip(task, Kind.VALUE, [name])
                self._judged[key] = shown
        return slips

    def _lists(self, view: View) -> None:
        """Notes the items that the screen shows once more than when it came."""
        for task in self.tasks:
            if not task.shows or task.screen.screen not in view.standing:
                continue
            key = (task.screen.screen, task.item)
            held = [t for t in self.tasks if t.screen.screen == key[0] and t.item == task.item and not t.is_press]
            is_chosen = any(
                isinstance(value, Path) and self._sight(one, name).value
                for one in held
                for name, value in one.values.items()
            )
            files = {value.name for one in held for value in one.values.values() if isinstance(value, Path)}
            for words in task.shows:
                first = self._counted.setdefault(words, view.counts.get(words, 0))
                # Some pages write the name of a file as soon as it is chosen.
                if view.counts.get(words, 0) > first and not (is_chosen and words in files):
                    self._listed.add(key)

    # --- buttons --------------------------------------------------------------------------------------------------------

    def _press(self, words: str) -> list[Slip]:
        self._pressed.add(plain(words))
        self._has_told = False
        known = list(self._named(words, self.view.standing))
        tasks = [task for task in self.tasks if (task.screen.screen, task.pressed) in known and self._is_asked(task)]
        searches = {task.step.search for task in self.tasks if isinstance(task.step, LookUp)}
        if tasks:
            return [slip for task in tasks for slip in self._attempt(task)]
        if found := searches & {name for _, name in known}:
            self._searched |= found
        elif trapped := next((one for one in known if self.screens[one[0]].elements[one[1]].trap), None):
            return self._trapped(words, *trapped)
        elif not known and not any(plain(task.row) == plain(words) for task in self.tasks if task.row):
            # Told late, it was pressed for what was to do at that time, not for what is to do by now.
            self._stray = (words, self.view.document, self._next())
        return []

    def _named(self, words: str, standing: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Buttons of the screens in front that bear these words."""
        said = plain(words)
        for name in standing:
            for element, described in self.screens[name].elements.items():
                if described.kind == "button" and any(plain(label) == said for label in described.labels):
                    yield name, element

    def _trapped(self, words: str, screen: str, element: str) -> list[Slip]:
        presses = [task for task in self.tasks if task.screen.screen == screen and task.is_press]
        task = presses[-1] if presses else self.current
        if task is None:
            return []
        self._tried = task
        return self._note(task, Kind.BUTTON, _not_that(words), self.screens[screen].elements[element].trap)

    def _strayed(self, view: View) -> list[Slip]:
        """A button that the flows do not know, and that led nowhere on the way."""
        if not self._stray or not view.document or view.document == self._stray[1]:
            return []
        (words, _, task), self._stray = self._stray, None
        if task is None or not task.is_press or task.screen.screen not in view.standing or self.done(task):
            return []
        return self._note(task, Kind.BUTTON, _not_that(words), task.step.trap or task.step.say)

    def _attempt(self, task: Task) -> list[Slip]:
        """The right button, but perhaps too soon."""
        self._tried = task
        if self._comes_back(task):
            return []
        before = [one for one in self.tasks[: task.number - 1] if one.screen.screen in self.view.standing]
        if task.item:
            before = [one for one in before if one.item == task.item and one.screen is task.screen]
        return [slip for one in before if not self.done(one) for slip in self._left(one)]

    def _comes_back(self, task: Task) -> bool:
        """Whether a press leads away only to come back to what is in front: it may be pressed at any time."""
        return any(set(self._following(one.screen)) & set(self.view.standing) for one in self._beyond(task))

    def _left(self, task: Task) -> list[Slip]:
        if task.is_press:
            # A document that was chosen and not added, a page of attachments that was not opened.
            return self._slip(task, Kind.LEFT, [task.pressed]) if task.shows else []
        there = [name for name in task.values if self._sight(task, name).state != "absent"]
        return self._slip(task, Kind.LEFT, [name for name in there if not self._holds(task, name)])

    def _leave(self, view: View) -> list[Slip]:
        """Buttons that have led on; what was left undone behind them is told, where no press was heard."""
        slips = []
        for task in self.tasks:
            if not task.is_press or task.shows or task.screen.screen not in self._seen:
                continue
            ahead = set(self._following(task.screen)) & set(view.standing)
            if ahead and task.number not in self._went:
                self._went.add(task.number)
                self.marks[task.number].is_right = True
                if task.screen.screen not in view.standing:
                    slips += [slip for one in self.tasks[: task.number - 1] if one.screen is task.screen
                              and not self.done(one) for slip in self._left(one)]  # fmt: skip
        return slips

    # --- what is told ---------------------------------------------------------------------------------------------------

    def _complaints(self, before: View, view: View) -> list[Slip]:
        """A refusal of what was tried, unless its reason was told already."""
        new = [text for text in view.complaints if text not in before.complaints]
        task = self._tried or self.current
        if not new or not task:
            return []
        was_told, self._has_told = self._has_told, False
        return [] if was_told else self._note(task, Kind.REFUSED, "Le portail refuse", " ".join(new[0].split())[:200])

    def _slip(self, task: Task, kind: Kind, names: list[str]) -> list[Slip]:
        """A mistake in some elements of a task, told once for the same thing in the same place."""
        shown = {name: "" if task.is_press else self._sight(task, name).value for name in names}
        new = {name: value for name, value in shown.items() if (task.number, name, value) not in self._told}
        self._told |= {(task.number, name, value) for name, value in new.items()}
        if not new:
            return []
        what = ", ".join(self._seen_wrong(task, name, value) for name, value in new.items())
        return self._note(task, kind, what, task.step.trap or task.step.say)

    def _seen_wrong(self, task: Task, name: str, value: str) -> str:
        label = task.screen.elements[name].name
        if task.is_press:
            return f"« {label} » n'a pas été pressé"
        return f"« {label} » : « {value} » ne convient pas" if value else f"« {label} » est resté vide"

    def _note(self, task: Task, kind: Kind, what: str, why: str) -> list[Slip]:
        slip = Slip(kind, what, why, task.number)
        self.marks[task.number].slips.append(slip)
        self._has_told = kind is not Kind.VALUE
        return [slip]

    def held_back(self) -> list[Task]:
        """What was left wrong on screens that are no longer in front: to go back for, before anything is sent."""
        return [
            task
            for task in self.tasks
            if not task.is_press
            and task.screen.screen in self._seen
            and task.screen.screen not in self.view.standing
            and self.marks[task.number].was_open
            and not self.done(task)
        ]


def _not_that(words: str) -> str:
    return f"« {words} » n'est pas le bon bouton"
