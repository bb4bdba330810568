"""What became of an exercise: kept as JSON, shown as a page of what went well and of what to look at again.

Also counts, over all that is kept, which sentences of the flows cost most mistakes. Knows nothing of browsers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import BaseModel, ConfigDict, ValidationError

from robot.training.exercises import Exercise
from robot.training.lesson import Lesson
from robot.training.observed import Kind, Mark
from robot.wholefile import write_atomically

FOLDER = "resultats"
# Somebody who reads a sentence and looks for a field needs some seconds; a minute is a hesitation.
HESITATION_SECONDS = 45
# How many sentences a page names.
_COSTLY = 8


class Verdict(StrEnum):
    """How a step went."""

    GOOD = "bien"
    MENDED = "corrigé"  # wrong first, then right
    SHOWN = "montré"  # right, once the place was shown
    WRONG = "à revoir"  # left wrong
    MISSING = "pas fait"


_POINTS = {Verdict.GOOD: 1.0, Verdict.MENDED: 0.5, Verdict.SHOWN: 0.5, Verdict.WRONG: 0.0, Verdict.MISSING: 0.0}


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Fault(_Frozen):
    """One mistake."""

    kind: Kind
    what: str
    why: str


class StepResult(_Frozen):
    """One step of the exercise that was the trainee's to do."""

    # Tutorial line, « new » where there is none.
    line: str
    say: str
    screen: str
    verdict: Verdict
    # How long it was the next thing to do.
    seconds: float
    shown: int = 0
    faults: tuple[Fault, ...] = ()

    @property
    def hesitated(self) -> bool:
        return self.seconds >= HESITATION_SECONDS


class Result(_Frozen):
    """One exercise, done or left."""

    exercise: str
    title: str
    aim: str
    is_exam: bool
    is_finished: bool
    at: dt.datetime
    seconds: float
    # « 2021 » or « 2024 »: the portal that was practised on.
    generation: str
    steps: tuple[StepResult, ...]

    @property
    def good(self) -> list[StepResult]:
        return [step for step in self.steps if step.verdict is Verdict.GOOD]

    @property
    def again(self) -> list[StepResult]:
        """What to look at again: mistakes first, then what had to be shown, then what took long."""
        order = [Verdict.WRONG, Verdict.MENDED, Verdict.SHOWN, Verdict.GOOD]
        found = [one for one in self.steps if one.verdict in order and (one.verdict is not Verdict.GOOD or one.hesitated)]
        return sorted(found, key=lambda step: order.index(step.verdict))

    @property
    def missing(self) -> list[StepResult]:
        return [step for step in self.steps if step.verdict is Verdict.MISSING]

    @property
    def grade(self) -> float:
        """Out of 20, to the half point."""
        points = sum(_POINTS[step.verdict] for step in self.steps)
        return round(points / len(self.steps) * 40) / 2 if self.steps else 0.0


class Costly(_Frozen):
    """A sentence of the flows, and what it cost over all the exercises that are kept."""

    line: str
    say: str
    faults: int
    # In how many exercises it was to be done.
    met: int


def result_of(
    exercise: Exercise,
    lesson: Lesson,
    *,
    is_exam: bool,
    at: dt.datetime,
    seconds: float,
    generation: str,
) -> Result:
    """What an exercise came to, from the marks of its lesson."""
    steps = [step for mark in lesson.marks.values() if (step := _step(mark, lesson))]
    return Result(
        exercise=exercise.exercise,
        title=exercise.title,
        aim=exercise.aim,
        is_exam=is_exam,
        is_finished=lesson.is_over,
        at=at,
        seconds=round(seconds, 1),
        generation=generation,
        steps=tuple(steps),
    )


def _step(mark: Mark, lesson: Lesson) -> StepResult | None:
    """None where there was nothing to do: the portal held the right value from the start, or did not ask."""
    task = mark.task
    is_done = lesson.done(task)
    if not mark.was_open and not mark.slips and (is_done or lesson.is_over):
        return None
    if not mark.was_open and not mark.slips:
        verdict = Verdict.MISSING
    elif not is_done:
        verdict = Verdict.WRONG if mark.slips else Verdict.MISSING
    elif mark.slips:
        verdict = Verdict.MENDED
    else:
        verdict = Verdict.SHOWN if mark.shown else Verdict.GOOD
    return StepResult(
        line=task.step.line,
        say=task.step.say,
        screen=task.screen.title,
        verdict=verdict,
        seconds=round(mark.seconds, 1),
        shown=mark.shown,
        faults=tuple(Fault(kind=slip.kind, what=slip.what, why=slip.why) for slip in mark.slips),
    )


def kept(folder: Path) -> list[Result]:
    """All results that were kept, oldest first; a file that is none is passed over."""
    found = []
    for path in sorted(folder.glob("*.json")):
        try:
            found.append(Result.model_validate_json(path.read_bytes()))
        except (OSError, ValidationError):
            continue
    return sorted(found, key=lambda result: result.at)


def costly(results: Iterable[Result]) -> list[Costly]:
    """Sentences with mistakes, those that cost most first."""
    met: dict[tuple[str, str], int] = {}
    faults: dict[tuple[str, str], int] = {}
    for result in results:
        for step in result.steps:
            key = (step.line, step.say)
            met[key] = met.get(key, 0) + (step.verdict is not Verdict.MISSING)
            faults[key] = faults.get(key, 0) + len(step.faults)
    found = [Costly(line=key[0], say=key[1], faults=count, met=met[key]) for key, count in faults.items() if count]
    return sorted(found, key=lambda one: (-one.faults, -one.faults / max(one.met, 1), one.line))


def keep(result: Result, folder: Path) -> Path:
    """Keeps the result and writes its page, with what all kept ones tell; where the page is."""
    name = f"{result.at:%Y%m%d-%H%M%S}-{result.exercise}"
    write_atomically(folder / f"{name}.json", result.model_dump_json(indent=2).encode())
    page = folder / f"{name}.html"
    write_atomically(page, page_of(result, kept(folder)).encode())
    return page


def page_of(result: Result, all_kept: Iterable[Result]) -> str:
    """The page that the trainee reads."""
    everything = list(all_kept)
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    templates.filters["duration"] = duration
    templates.filters["grade"] = grade
    return templates.get_template("results.html").render(
        result=result,
        own=costly([result]),
        costly=costly(everything)[:_COSTLY],
        count=len(everything),
        day=f"{result.at.astimezone():%d/%m/%Y à %H:%M}",
        Verdict=Verdict,
    )


def duration(seconds: float) -> str:
    """As a person says it: « 45 s », « 2 min 05 s »."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def grade(value: float) -> str:
    """« 17 » or « 17,5 »."""
    return f"{value:g}".replace(".", ",")
