"""The illustrated tutorial, made from one run: every step that was done, with its sentence, its picture and its traps.

All words are the flows' own: nothing that a page says is taken over. How it is laid out and printed is in `guidebook.py`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, groupby

from robot import events
from robot.events import Listener
from robot.pages import Portal
from robot.screens import Element, Flows, Screen
from robot.steps import Compare, Download, Goal, HandOver, Press, Read, ReadBack, Step
from robot.training.framing import pointed_at, shown, step_of
from robot.training.pictures import Camera, Look, Picture, drawn, plain_camera
from robot.tutorial.lines import Tutorial, rank

# What each journey of the tutorial leads through, in order.
CHAPTERS = {
    "compte": ("compte", "activation"),
    "rattachement": ("se-connecter", "rattachement", "creation"),
    "depot": ("se-connecter", "depot"),
}
_ORDER = list(dict.fromkeys(name for names in CHAPTERS.values() for name in names))
_NOT_SHOWN = "La visite n'est pas passée par là ; ce portail ne le montre pas, ou ce n'était pas à faire."
# What a press leads to is another screen's picture.
_BEFORE = (Press, Download, HandOver)


@dataclass(frozen=True)
class Entry:
    """One step, as the guide tells it."""

    # From 1, through the whole guide: the number on the picture.
    number: int
    # Tutorial line; empty where the tutorial says nothing.
    line: str
    say: str
    # What a wrong value here, or a wrong button beside it, costs.
    traps: tuple[str, ...] = ()
    picture: Picture | None = None
    # What the picture shows, for who cannot see it.
    alt: str = ""


@dataclass(frozen=True)
class Part:
    """One screen; empty `title`: nothing of a screen, one's own desk."""

    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Chapter:
    """One journey."""

    title: str
    # First and last tutorial line; empty where the tutorial says nothing of it.
    lines: tuple[str, ...]
    parts: tuple[Part, ...]
    # Sentences of the lines that this run left out: (line, sentence).
    left_out: tuple[tuple[str, str], ...] = ()
    # Why, in French; empty where nothing was left out.
    why: str = ""


@dataclass(frozen=True)
class Guide:
    """All of it."""

    portal: str
    generation: str
    is_training: bool
    # Whether what is typed and shown was made unreadable.
    is_masked: bool
    at: dt.datetime
    browser: str
    chapters: tuple[Chapter, ...]

    @property
    def entries(self) -> list[Entry]:
        return [entry for chapter in self.chapters for part in chapter.parts for entry in part.entries]


@dataclass(frozen=True)
class Shot:
    """A step that was done, as it was seen."""

    screen: str
    step: Step
    look: Look | None = None
    # Elements that are shown and bear a trap.
    traps: tuple[str, ...] = ()


@dataclass
class Illustrator:
    """Looks over the robot's shoulder through one run and pictures every step, once."""

    flows: Flows
    camera: Camera = plain_camera
    # Chapter -> the steps done in it, in order.
    shots: dict[str, list[Shot]] = field(default_factory=dict)

    def watch(self, portal: Portal, section: str) -> Listener:
        """What listens to one journey (a key of `CHAPTERS`) on an open portal."""

        def heard(event: events.Event) -> None:
            if isinstance(event, events.StepStarted | events.StepDone) and (chapter := self._chapter(section, event.screen)):
                self._heard(portal, self.shots.setdefault(chapter, []), event)

        return heard

    def wants(self, section: str, event: events.StepEvent) -> bool:
        """Whether a step is the guide's, and not yet in it."""
        chapter = self._chapter(section, event.screen)
        return bool(chapter) and not _is_among(self.shots.get(chapter, ()), event)

    def _chapter(self, section: str, screen: str) -> str:
        told = (name for name in CHAPTERS[section] if screen in {one.screen for one in self.flows.of_journey(name)})
        return next(told, "")

    def _heard(self, portal: Portal, shots: list[Shot], event: events.StepStarted | events.StepDone) -> None:
        step = step_of(portal.flows, event)
        if step is None or _is_among(shots, event):
            return
        is_before = isinstance(event, events.StepStarted)
        if is_before != isinstance(step, _BEFORE):
            return
        screen, names = portal.flows.screens[event.screen], pointed_at(step)
        if isinstance(step, ReadBack):
            shots.append(Shot(event.screen, step))
        # What the screen does not show, nobody has to do.
        elif not names or isinstance(step, Compare | Read) or shown(portal, screen, names):
            trapped = [name for name, element in screen.elements.items() if element.trap]
            look = self.camera(portal, screen, names)
            shots.append(Shot(event.screen, step, look, tuple(shown(portal, screen, trapped))))


def _is_among(shots: Sequence[Shot], event: events.StepEvent) -> bool:
    return any((shot.screen, shot.step.say) == (event.screen, event.say) for shot in shots)


def composed(illustrator: Illustrator, tutorial: Tutorial, generation: str, whys: Mapping[str, str]) -> tuple[Chapter, ...]:
    """The chapters of what was seen. `whys`: chapter -> why its last lines are left out, in French."""
    numbers = count(1)
    return tuple(
        _chapter(illustrator.flows, name, shots, tutorial, generation, whys.get(name, ""), numbers)
        for name, shots in sorted(illustrator.shots.items(), key=lambda one: _ORDER.index(one[0]))
    )


def _chapter(
    flows: Flows, name: str, shots: Sequence[Shot], tutorial: Tutorial, generation: str, why: str, numbers: Iterator[int]
) -> Chapter:
    journey = flows.journeys[name]
    first = tuple(Entry(next(numbers), _line(step), step.say, _traps(step)) for step in journey.before)
    parts = [Part("", first)] if first else []
    for screen, group in groupby(shots, key=lambda shot: shot.screen):
        parts.append(_part(flows.screens[screen], list(group), numbers))
    told = [entry for part in parts for entry in part.entries]
    left_out = tuple(_left_out(flows, name, told, tutorial, generation))
    return Chapter(journey.title, journey.lines or (), tuple(parts), left_out, (why or _NOT_SHOWN) if left_out else "")


def _part(screen: Screen, shots: Sequence[Shot], numbers: Iterator[int]) -> Part:
    entries = []
    untold = dict.fromkeys(name for shot in shots for name in shot.traps)
    for shot in shots:
        mine = [name for name in pointed_at(shot.step) if untold.pop(name, "") is None]
        if shot is shots[-1]:
            # Buttons beside the right one.
            mine += untold
        number = next(numbers)
        look = shot.look
        picture = drawn(look.png, [one.box for one in look.framed], str(number), room=look.room) if look else None
        names = list(filter(None, (name_of(screen.elements[one.element]) for one in look.framed))) if look else []
        alt = _alt(screen.title, number, names) if picture else ""
        entries.append(Entry(number, _line(shot.step), shot.step.say, _traps(shot.step, screen, mine), picture, alt))
    return Part(screen.title, tuple(entries))


def _line(step: Step) -> str:
    return "" if step.line == "new" else step.line


def _traps(step: Step, screen: Screen | None = None, elements: Collection[str] = ()) -> tuple[str, ...]:
    beside = [screen.elements[name].trap for name in elements] if screen else []
    return tuple(dict.fromkeys(filter(None, (step.trap, *beside))))


def name_of(element: Element) -> str:
    """What the flows call a thing; empty where they only know it by a person's own name."""
    return next((label for label in element.labels if "{" not in label), "")


def _alt(title: str, number: int, names: Sequence[str]) -> str:
    shown = f"Écran « {title} »"
    return f"{shown} ; encadré, numéro {number} : {', '.join(f'« {name} »' for name in names)}." if names else f"{shown}."


def _left_out(
    flows: Flows, name: str, told: Collection[Entry], tutorial: Tutorial, generation: str
) -> Iterator[tuple[str, str]]:
    """What the flows say of lines that were not done, and of what really sends; else what the tutorial asks."""
    ends = flows.journeys[name].lines
    lines, sentences = {entry.line for entry in told}, {entry.say for entry in told}
    steps = [step for screen in flows.of_journey(name) if generation in screen.generation for step in screen.all_steps()]
    for line in tutorial.numbers():
        if ends is None or not rank(ends[0]) <= rank(line) <= rank(ends[1]):
            continue
        mine = [step for step in steps if step.line == line and (step.goal is None or Goal.SEND in step.goal)]
        if line in lines:
            mine = [step for step in mine if step.goal and step.say not in sentences]
            yield from ((line, step.say) for step in mine)
        else:
            yield from ((line, say) for say in dict.fromkeys([step.say for step in mine] or [tutorial.lines[line].asks]))
