"""What a deposit will do, sentence by sentence, before any browser opens: pure, from flows and invoice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import BaseModel, SecretStr

from robot.fields import written
from robot.screens import Flows, Screen
from robot.steps import Each, Effect, Goal, Step
from robot.values import value_of


@dataclass(frozen=True)
class Sentence:
    """One step of the plan."""

    number: int
    # Tutorial line, « new » where the tutorial says nothing.
    line: str
    say: str
    screen: str
    effect: Effect
    # Values that will be typed or chosen, as typed; secrets masked.
    values: tuple[str, ...]
    source: str


def plan(flows: Flows, journey: str, goal: Goal, values: Mapping[str, BaseModel]) -> list[Sentence]:
    """The numbered sentences of a journey for these inputs, in the order of the screens' files."""
    sentences: list[Sentence] = []
    described = flows.journeys[journey]
    for index, step in enumerate(described.before):
        sentences.append(
            _sentence(flows, journey, described.title, step, ("before", index), dict(values), 1 + index)
        )
    for screen, step, at, inputs in met(flows, journey, goal, values):
        number = len(sentences) + 1
        sentences.append(_sentence(flows, screen.screen, screen.title, step, at, inputs, number))
    return sentences


def met(
    flows: Flows, journey: str, goal: Goal, values: Mapping[str, BaseModel]
) -> Iterator[tuple[Screen, Step, tuple[str | int, ...], dict[str, object]]]:
    """Every step that a journey can meet on screens: screen, step, place in its file, inputs (items of `each` among them)."""
    visited = _visited(flows, journey, goal, values)
    for screen in flows.of_journey(journey):
        if screen.screen in visited:
            for step, at, inputs in _met(screen.steps, ("steps",), goal, dict(values)):
                yield screen, step, at, inputs


def _visited(flows: Flows, journey: str, goal: Goal, values: Mapping[str, BaseModel]) -> set[str]:
    """Screens that some way leads to, for this goal and these inputs."""
    visited: set[str] = set()
    ahead = list(flows.journeys[journey].start)
    while ahead:
        name = ahead.pop()
        if name in visited:
            continue
        visited.add(name)
        ahead += [
            following.screen
            for following in flows.screens[name].then
            if (following.goal is None or goal in following.goal)
            and (following.given is None or bool(value_of(values, following.given)))
        ]
    return visited


def _met(
    steps: tuple[Step, ...], at: tuple[str | int, ...], goal: Goal, inputs: dict[str, object]
) -> Iterator[tuple[Step, tuple[str | int, ...], dict[str, object]]]:
    for index, step in enumerate(steps):
        if step.goal is not None and goal not in step.goal:
            continue
        if step.when == "given" and all(value_of(inputs, path) is None for path in step.values()):
            continue
        if isinstance(step, Each):
            items = value_of(inputs, step.each)
            for item in items if isinstance(items, tuple | list) else ():
                yield from _met(step.steps, (*at, index, "steps"), goal, {**inputs, step.item: item})
        else:
            yield step, (*at, index), inputs


def _sentence(
    flows: Flows,
    name: str,
    title: str,
    step: Step,
    at: tuple[str | int, ...],
    inputs: dict[str, object],
    number: int,
) -> Sentence:
    values = [value_of(inputs, path) for path in step.values()]
    shown = tuple(
        "••••••" if isinstance(value, SecretStr) else written(value) for value in values if value is not None
    )
    return Sentence(number, step.line, step.say, title, step.effect, shown, flows.source_of(name, *at))


def count_steps(flows: Flows, journey: str, goal: Goal, values: Mapping[str, BaseModel]) -> int:
    """How many steps a run can meet: the total of « étape 3 sur 20 »."""

    def weight(step: Step) -> int:
        if step.goal is not None and goal not in step.goal:
            return 0
        if not isinstance(step, Each):
            return 1
        items = value_of(values, step.each)
        return (len(items) if isinstance(items, tuple | list) else 0) * sum(map(weight, step.steps))

    visited = _visited(flows, journey, goal, values)
    return sum(weight(step) for name in visited for step in flows.screens[name].steps)
