"""Coverage both ways, from the model that runs: lines with no step, steps with no line, fields with no sentence.

Pure: flows, tutorial, contract.
"""

from __future__ import annotations

from dataclasses import dataclass

from robot.screens import Flows
from robot.steps import flatten
from robot.tutorial.contract import Contract
from robot.tutorial.lines import Tutorial

# Folders of screens that no journey of the tutorial tells.
_ASIDE = ("0-partout", "4-recherche")
_NO_FIELD = frozenset({"button", "table", "value"})


@dataclass(frozen=True)
class Unsaid:
    """A step that no line tells."""

    say: str
    title: str
    # « flows/….yaml:31 ».
    source: str


@dataclass(frozen=True)
class Unnamed:
    """A field that the portal shows and no sentence speaks of."""

    words: str
    title: str
    required: bool


@dataclass(frozen=True)
class Coverage:
    """What is told by one side only."""

    lines: tuple[str, ...]
    steps: tuple[Unsaid, ...]
    fields: tuple[Unnamed, ...]


def coverage(flows: Flows, tutorial: Tutorial, contract: Contract | None) -> Coverage:
    """Without a contract no field is known."""
    told = {step.line for screen in flows.screens.values() for step in screen.all_steps()}
    told |= {step.line for journey in flows.journeys.values() for step in flatten(journey.before)}
    steps = tuple(
        Unsaid(step.say, screen.title, flows.source_of(name, "steps", index))
        for name, screen in flows.screens.items()
        if flows.files[name].folder not in _ASIDE
        for index, step in enumerate(screen.steps)
        if step.line == "new"
    )
    lines = tuple(line for line in tutorial.numbers() if line not in told)
    return Coverage(lines, steps, tuple(_fields(flows, contract)) if contract else ())


def _fields(flows: Flows, contract: Contract) -> list[Unnamed]:
    """Each once: blocs of one form are screens that show the same page."""
    named = {
        kept.words
        for name, screen in contract.screens.items()
        if name in flows.screens
        for element, kept in screen.elements.items()
        if any(element in step.elements() for step in flows.screens[name].all_steps())
    }
    found: dict[str, Unnamed] = {}
    for name, screen in contract.screens.items():
        for other in screen.others:
            words = other.words.strip(" *:")
            if words and other.nature not in _NO_FIELD and other.words not in named and words not in found:
                title = flows.screens[name].title if name in flows.screens else screen.title
                found[words] = Unnamed(words, title, bool(other.required))
    return list(found.values())
