"""The tutorial's own lines, read from `flows/tutorial.yaml`: what each asks, the things it names, where these stand.

Knows the flow language; nothing of browsers, of what a portal shows today, or of verdicts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from robot.failures import FlowInvalid, Problem
from robot.screens import FLOWS_DIR, Element, Flows
from robot.steps import flatten
from robot.yamlfile import load

FILE = "tutorial.yaml"

# Journeys of the tutorial by the first number of their lines.
SECTIONS = {"1": "compte", "2": "rattachement", "3": "depot"}

_PLACE = r"^[a-z0-9]+(-[a-z0-9]+)*\.[a-z][a-z0-9_]*(=.+)?$"
PlaceText = Annotated[str, Field(pattern=_PLACE, description="screen.element, or screen.element=answer")]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True)
class Place:
    """An element of a screen, or one of the answers it offers."""

    screen: str
    element: str
    # Key of the element's `options`; empty where the element itself is meant.
    answer: str = ""

    @classmethod
    def parse(cls, text: str) -> Place:
        where, _, answer = text.partition("=")
        screen, _, element = where.partition(".")
        return cls(screen, element, answer)

    def __str__(self) -> str:
        return f"{self.screen}.{self.element}" + (f"={self.answer}" if self.answer else "")


class Named(_Frozen):
    """One thing that a line names."""

    what: str = Field(min_length=3, description="The thing, in French, with its article")
    said: tuple[str, ...] = Field((), description="The tutorial's own words; none where it tells it in prose")
    at: tuple[PlaceText, ...] = Field((), description="Where it stands")
    moved: tuple[PlaceText, ...] = Field((), description="What leads to it where it is no longer in its place")
    added: tuple[PlaceText, ...] = Field((), description="What the tutorial does not know")
    read: tuple[str, ...] = Field((), description="Screens where the words may stand as a title or as plain text")

    def places(self) -> list[Place]:
        return [Place.parse(text) for text in self.at]

    def led_by(self) -> list[Place]:
        return [Place.parse(text) for text in self.moved]

    def unknown(self) -> list[Place]:
        return [Place.parse(text) for text in self.added]


class Line(_Frozen):
    """One line of the tutorial."""

    asks: str = Field(min_length=5, description="What it asks, in our own words")
    names: tuple[Named, ...] = ()
    note: str = Field("", description="What is not known about it")


class Added(_Frozen):
    """A step of today that the tutorial does not tell at all."""

    what: str
    after: str = Field(description="The line that it comes after")
    at: tuple[PlaceText, ...] = Field(min_length=1)

    def places(self) -> list[Place]:
        return [Place.parse(text) for text in self.at]


class Tutorial(_Frozen):
    """All of it."""

    tutorial: str
    date: str
    generation: str = Field(description="The portal that it was written for")
    words: tuple[str, ...] = Field(description="Sources whose words are that portal's own")
    lines: dict[str, Line]
    added: tuple[Added, ...] = ()

    def numbers(self) -> list[str]:
        """Lines in their order: « 1.2 » before « 1.10 »."""
        return sorted(self.lines, key=rank)


def rank(line: str) -> tuple[int, ...]:
    """What sorts lines; « new » comes last."""
    return tuple(int(part) for part in line.split(".")) if line[0].isdigit() else (9,)


def load_tutorial(flows: Flows | Path = FLOWS_DIR) -> Tutorial:
    """Raises FlowInvalid, also for a place that the flows do not have."""
    root = flows.root if isinstance(flows, Flows) else flows
    path = root / FILE
    tutorial = load(path, Tutorial, FlowInvalid)
    if isinstance(flows, Flows) and (problems := list(_unknown_places(tutorial, flows, path))):
        raise FlowInvalid(problems)
    return tutorial


def _unknown_places(tutorial: Tutorial, flows: Flows, path: Path) -> list[Problem]:
    told = [named for line in tutorial.lines.values() for named in line.names]
    texts = [text for named in told for text in (*named.at, *named.moved, *named.added)]
    texts += [text for added in tutorial.added for text in added.at]
    sources = [name for name in tutorial.words if name not in flows.sources]
    problems = [Problem(path, 0, f"source inconnue « {name} »", ", ".join(flows.sources)) for name in sources]
    for text in texts:
        place = Place.parse(text)
        element = _element(flows, place)
        if element is None or (place.answer and place.answer not in element.options):
            problems.append(Problem(path, _line_of(path, text), f"« {text} » n'existe pas dans flows/", "écran.élément"))
    return problems


def _element(flows: Flows, place: Place) -> Element | None:
    screen = flows.screens.get(place.screen)
    return screen.elements.get(place.element) if screen else None


def _line_of(path: Path, text: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    found = re.compile(rf"(?<![\w.-]){re.escape(text)}(?![\w.=-])")
    return next((number for number, line in enumerate(lines, 1) if found.search(line)), 0)


def files_of(flows: Flows, line: str, generation: str) -> tuple[str, ...]:
    """Flow files that tell a line, those of a portal of this generation first."""
    found = [
        (generation not in screen.generation, flows.shown(flows.files[name].path))
        for name, screen in flows.screens.items()
        if any(step.line == line for step in screen.all_steps()) and flows.files[name].folder != "4-recherche"
    ]
    found += [
        (False, flows.shown(flows.files[name].path))
        for name, journey in flows.journeys.items()
        if any(step.line == line for step in flatten(journey.before))
    ]
    return tuple(path for _, path in sorted(found))
