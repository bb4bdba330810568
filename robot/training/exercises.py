"""Exercises of the training, as data: what lies on the trainee's desk, where the portal stands, what must come of it.

Read from `flows/exercices/`. Knows nothing of browsers, of replicas, of how somebody is watched.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from robot.amounts import VatType
from robot.failures import CommandInvalid, FlowInvalid, Problem
from robot.sample import ENGAGEMENT, RECIPIENT_SIRET
from robot.screens import FLOWS_DIR, Flows, ScreenName
from robot.steps import Goal
from robot.yamlfile import parse, read

FOLDER = "exercices"

Sentence = Annotated[str, Field(min_length=5)]


class Decoy(StrEnum):
    """A paper on the desk that must not be taken."""

    LAST_MONTH = "facture-du-mois-dernier"  # same look, another number, deposited already
    FACTURX = "facture-factur-x"  # an XML file is hidden in it
    NAMED = "bilan-nominatif"  # names students


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _nothing(value: object) -> object:
    """« aucun » is an answer: nothing is given."""
    return None if value == "aucun" else value


Given = Annotated[str | None, BeforeValidator(_nothing)]


class Wanted(_Frozen):
    """The invoice that the trainee deposits; what is not said is the sample's."""

    recipient: str = Field(default=RECIPIENT_SIRET, description="SIRET of the recipient, which no bill prints")
    university: str = Field(
        default="Poitiers, 15 rue de l'Hôtel Dieu, 86073 Poitiers Cedex 9", description="As the bill prints it"
    )
    engagement: Given = Field(default=ENGAGEMENT, description="« aucun » where the recipient gives none")
    service: Given = Field(default=None, description="Service code that the recipient demands")
    vat: VatType = "EXONERATION"
    reason: Given = Field(default=None, description="Words of the portal's list « Motif d'exonération »")
    attachments: tuple[Sentence, ...] = Field(default=(), description="What is sent beside: the « Désignation » of each")


class Returned(_Frozen):
    """What was wrong on an invoice that the university has sent back to be recycled."""

    recipient: str = RECIPIENT_SIRET
    engagement: Given = ENGAGEMENT
    service: Given = None
    why: Sentence = Field(description="The university's reason, as the portal shows it")


class Exercise(_Frozen):
    """One exercise."""

    exercise: ScreenName
    title: Sentence
    aim: Sentence = Field(description="What one learns, in one French sentence")
    brief: Sentence = Field(description="What the trainee is told before, in French")
    journey: ScreenName = "depot"
    goal: Literal[Goal.DRAFT, Goal.SEND] = Goal.SEND
    invoice: Wanted = Wanted()
    returned: Returned | None = Field(default=None, description="Deposited with this, it came back « à recycler »")
    desk: tuple[Decoy, ...] = Field(default=(), description="Papers that lie there and must not be taken")
    faults: tuple[str, ...] = Field(default=(), description="Faults of the replica, armed from the start")


def load_exercises(flows: Flows) -> list[Exercise]:
    """All exercises, in the order of their files. Raises FlowInvalid with every problem of every file."""
    found: list[Exercise] = []
    problems: list[Problem] = []
    for path in sorted((flows.root / FOLDER).glob("*.yaml")):
        try:
            document = read(path, FlowInvalid)
            exercise = parse(document, Exercise, FlowInvalid)
        except FlowInvalid as failure:
            problems += failure.problems
            continue
        problems += [document.problem((key,), what, expected) for key, what, expected in _wrong(exercise, flows, found)]
        found.append(exercise)
    if problems:
        raise FlowInvalid(problems)
    return found


def _wrong(exercise: Exercise, flows: Flows, before: list[Exercise]) -> Iterator[tuple[str, str, str]]:
    """Key, what is wrong, what was expected."""
    if exercise.journey not in flows.journeys:
        yield "journey", f"parcours inconnu « {exercise.journey} »", ", ".join(flows.journeys)
    elif exercise.goal not in flows.journeys[exercise.journey].ends:
        ends = ", ".join(goal.value for goal in flows.journeys[exercise.journey].ends)
        yield "goal", f"« {exercise.journey} » ne finit pas par « {exercise.goal.value} »", ends
    if exercise.exercise in [one.exercise for one in before]:
        yield "exercise", f"le nom « {exercise.exercise} » est déjà pris", "un nom par exercice"


def chosen_exercise(exercises: list[Exercise], name: str) -> Exercise:
    """By name or by number from 1. Raises CommandInvalid."""
    if name.isdecimal() and 0 < int(name) <= len(exercises):
        return exercises[int(name) - 1]
    known = {one.exercise: one for one in exercises}
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"vouliez-vous dire « {near[0]} » ?" if near else "« chorus-robot practise --list » les montre tous."
    raise CommandInvalid(f"Aucun exercice ne s'appelle « {name} ».", cure=hint)


def exercises_folder(root: Path = FLOWS_DIR) -> Path:
    return root / FOLDER
