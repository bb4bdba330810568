"""The steps that a demonstration will show, in the order in which the robot does them. Pure: from flows and inputs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pydantic import BaseModel

from robot.plan import met
from robot.screens import Flows
from robot.steps import Goal


@dataclass(frozen=True)
class Item:
    """One step. `source`: its flow file and line."""

    line: str
    say: str
    source: str


class Agenda:
    """The steps of one run; knows where the run stands among them. Empty where nobody knows them beforehand."""

    def __init__(self, items: Iterable[Item] = ()) -> None:
        self.items = tuple(items)
        self._last = -1

    def place(self, source: str) -> int | None:
        """Position from 1 of a step that begins now; None where it was not to be met.

        A step that comes again and again (each attachment) is the next one of its kind, or the same anew.
        """
        places = [index for index, item in enumerate(self.items) if item.source == source]
        if not places:
            return None
        self._last = next((index for index in places if index > self._last), places[-1])
        return self._last + 1


def agenda_of(
    flows: Flows, journey: str, goal: Goal, values: Mapping[str, BaseModel], *, first: str = "", before: str = ""
) -> Agenda:
    """What a journey meets; `first` is another one, gone to its end just before the screen `before`."""
    items: list[Item] = []
    for screen, item in _met(flows, journey, goal, values):
        if screen == before:
            names = [one.screen for one in flows.of_journey(first)]
            ahead = names[: names.index(flows.journeys[first].ends[Goal.SEND])]
            items += [item for name, item in _met(flows, first, Goal.SEND, values) if name in ahead]
            before = ""
        items.append(item)
    return Agenda(items)


def _met(flows: Flows, journey: str, goal: Goal, values: Mapping[str, BaseModel]) -> Iterator[tuple[str, Item]]:
    for screen, step, at, _inputs in met(flows, journey, goal, values):
        yield screen.screen, Item(step.line, step.say, flows.source_of(screen.screen, *at))
