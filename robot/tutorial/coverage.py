"""Coverage both ways, from the model that runs: lines with no step, steps with no line, fields with no sentence.

Pure: flows, tutorial, contract.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from robot.fields import plain
from robot.screens import Flows
from robot.steps import AnyStep, Each, Step, flatten
from robot.tutorial.contract import Contract, Kept
from robot.tutorial.lines import Tutorial
from robot.tutorial.sightings import blocs_beside

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
    screens = {name: one for name, one in flows.screens.items() if flows.files[name].folder not in _ASIDE}
    told = {step.line for screen in screens.values() for step in screen.all_steps()}
    told |= {step.line for journey in flows.journeys.values() for step in flatten(journey.before)}
    steps = tuple(
        Unsaid(step.say, screen.title, flows.source_of(name, *place))
        for name, screen in screens.items()
        for place, step in _placed(screen.steps)
        if step.line == "new"
    )
    lines = tuple(line for line in tutorial.numbers() if line not in told)
    return Coverage(lines, steps, tuple(_fields(flows, contract)) if contract else ())


def _placed(steps: Sequence[AnyStep], *above: str | int) -> Iterator[tuple[tuple[str | int, ...], Step]]:
    """Each step with its place in the file; what is repeated, where it is told first."""
    for index, step in enumerate(steps):
        place = (*above, "steps", index)
        yield place, step
        if isinstance(step, Each):
            yield from _placed(step.steps, *place)


def _fields(flows: Flows, contract: Contract) -> list[Unnamed]:
    """Each once: blocs of one form are screens that show the same page."""
    known = {name: screen for name, screen in contract.screens.items() if name in flows.screens}
    named = {
        kept.words
        for name, screen in known.items()
        for element, kept in screen.elements.items()
        if _is_used(flows, name, element)
    }
    found: dict[str, Unnamed] = {}
    for name, screen in contract.screens.items():
        title = flows.screens[name].title if name in known else screen.title
        spoken = _spoken(flows, name) if name in known else set()
        for other in _left_out(flows, name, screen.elements, screen.others):
            words = other.words.strip(" *:")
            is_told = other.words in named or plain(words) in spoken
            if words and other.nature not in _NO_FIELD and not is_told and words not in found:
                found[words] = Unnamed(words, title, bool(other.required))
    return list(found.values())


def _left_out(flows: Flows, name: str, elements: dict[str, Kept], others: Iterable[Kept]) -> Iterator[Kept]:
    """What a page shows besides, and what the flows name there without doing anything with it."""
    yield from others
    yield from (kept for element, kept in elements.items() if not _is_used(flows, name, element))


def _is_used(flows: Flows, screen: str, element: str) -> bool:
    return screen in flows.screens and any(element in step.elements() for step in flows.screens[screen].all_steps())


def _spoken(flows: Flows, name: str) -> set[str]:
    """Words of all that is done on a page: a bloc that nobody had to fill was seen as part of another."""
    page = [flows.screens[beside] for beside in blocs_beside(flows.screens[name], flows)]
    return {
        plain(words)
        for screen in page
        for step in screen.all_steps()
        for element in step.elements()
        if element in screen.elements
        for words in screen.elements[element].labels
    }
