"""What a journey asks of somebody who does it by hand: values to put, buttons to press, in the flows' order.

Made from the flows and the invoice; knows nothing of browsers, of mistakes, of how anything is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel

from robot.fields import written
from robot.plan import met
from robot.screens import Flows, Screen
from robot.steps import Choose, Clear, Download, Goal, LookUp, Pick, Press, Step, Tick, Type, Upload
from robot.values import value_of


@dataclass(frozen=True)
class Task:
    """One step that leaves a trace on the screen."""

    # Position from 1 among the tasks of the journey.
    number: int
    screen: Screen
    step: Step
    # Element -> what it must hold; empty for a press.
    values: Mapping[str, object] = field(default_factory=dict)
    # Element that is pressed; empty for values. Of a row that is taken, its table.
    pressed: str = ""
    # What the row says.
    row: str = ""
    # Words of which the screen shows one more once it is done.
    shows: tuple[str, ...] = ()
    # Position of the item of a list that it belongs to, from 1; 0 outside a list.
    item: int = 0
    # Sentences of steps before it that leave no trace: « Relisez… ».
    told: tuple[str, ...] = ()

    @property
    def is_press(self) -> bool:
        return bool(self.pressed)

    @property
    def elements(self) -> tuple[str, ...]:
        return (self.pressed,) if self.pressed else tuple(self.values)

    @property
    def say(self) -> str:
        return " ".join((*self.told, self.step.say))


def tasks_of(
    flows: Flows, journey: str, goal: Goal, values: Mapping[str, BaseModel], *, generation: str
) -> list[Task]:
    """Everything to do, in the flows' order, on a portal of a generation; screens that know nobody yet are left out."""
    tasks: list[Task] = []
    told: list[str] = []
    screen = ""
    items: list[object] = []
    places = {name: place for place, name in enumerate(_in_order(flows, journey, goal, values))}
    steps = sorted(met(flows, journey, goal, values), key=lambda one: places[one[0].screen])
    for at, step, _, inputs in steps:
        if at.signed_out or at.sign_in or generation not in at.generation:
            continue
        if at.screen != screen:
            told, screen, items = [], at.screen, []
        extra = next((value for name, value in inputs.items() if name not in values), None)
        if extra is not None and not any(extra is one for one in items):
            items.append(extra)
        item = len(items) if extra is not None else 0
        wanted = _wanted(step, inputs)
        pressed = _pressed(step, at)
        if not wanted and not pressed:
            told.append(step.say)
            continue
        shows = _words(inputs, step.shows) if isinstance(step, Press) else ()
        row = written(value_of(inputs, step.pick)) if isinstance(step, Pick) else ""
        tasks.append(Task(len(tasks) + 1, at, step, wanted, pressed, row, shows, item, tuple(told)))
        told = []
    return tasks


def _in_order(flows: Flows, journey: str, goal: Goal, values: Mapping[str, object]) -> list[str]:
    """Names of the screens, each before those that it leads to, whatever files they are in."""
    left: list[str] = []
    seen: set[str] = set()

    def walk(name: str) -> None:
        if name not in seen:
            seen.add(name)
            for one in reversed(following(flows, flows.screens[name], goal, values)):
                walk(one)
            left.append(name)

    for start in reversed(flows.journeys[journey].start):
        walk(start)
    for screen in flows.of_journey(journey):
        walk(screen.screen)
    return left[::-1]


def _wanted(step: Step, inputs: Mapping[str, object]) -> dict[str, object]:
    if isinstance(step, Upload | Choose | Type | LookUp):
        return {name: value_of(inputs, path) for name, path in step.pairs().items()}
    if isinstance(step, Clear):
        return {step.clear: None}
    if isinstance(step, Tick):
        return {step.tick: True}
    return {}


def _pressed(step: Step, screen: Screen) -> str:
    match step:
        case Press():
            return step.press
        case Download():
            return step.download
        case Pick():
            return next((name for name, element in screen.elements.items() if element.kind == "table"), "")
    return ""


def _words(inputs: Mapping[str, object], paths: Iterable[str]) -> tuple[str, ...]:
    found = (value_of(inputs, path) for path in paths)
    return tuple(getattr(value, "name", str(value)) for value in found if value is not None)


def following(flows: Flows, screen: Screen, goal: Goal, values: Mapping[str, object]) -> tuple[str, ...]:
    """Screens that may follow one, for this goal and these inputs."""
    for one in screen.then:
        if (one.given and value_of(values, one.given)) or (one.goal and goal in one.goal):
            return (one.screen,)
    return tuple(one.screen for one in screen.then if not one.given and not one.goal)
