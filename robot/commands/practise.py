"""`chorus-robot practise`: an exercise on the training replica, done by a person, watched and explained by the robot."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import nullcontext
from pathlib import Path

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page

from robot.browser import has_display
from robot.config import Config, load_config
from robot.events import now
from robot.failures import CommandInvalid
from robot.locators import is_passing
from robot.review import reviewed_flows
from robot.sample import EXAMPLE_CONFIG
from robot.screens import Flows
from robot.training.classroom import opened
from robot.training.exercises import Exercise, chosen_exercise, load_exercises
from robot.training.lesson import Lesson
from robot.training.papers import lay
from robot.training.practise import Practice
from robot.training.remote import Remote, Wish
from robot.training.results import FOLDER, Result, grade, keep, result_of
from robot.training.show import fitted
from robot.training.trainerpage import EXAMINING, PRACTISING, open_beside

HELP = (
    "Vous fait faire un exercice sur la réplique d'entraînement : le robot dit l'étape, regarde, explique ce qui ne va pas,\n"
    "et montre à la fin ce qui s'est bien passé et ce qu'il vaut mieux regarder à nouveau. Rien ne part chez l'État."
)

# How often somebody who may be gone from the trainer's page is looked for, while the results are read.
_READING_MS = 500


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("exercise", nargs="?", metavar="EXERCICE", help="nom ou numéro de l'exercice (le premier)")
    parser.add_argument("--list", action="store_true", help="montre les exercices")
    parser.add_argument("--exam", action="store_true", help="sans légende, avec une note à la fin")
    parser.add_argument("--generation", choices=["2021", "2024"], default="2024", help="portail du tutoriel, ou actuel")
    parser.add_argument(
        "--out", type=Path, default=Path("entrainement"), metavar="DOSSIER", help="où ranger papiers et résultats"
    )
    parser.add_argument("--json", action="store_true", help="un objet JSON par ligne sur la sortie standard")


def run(options: argparse.Namespace) -> int:
    flows = reviewed_flows()
    exercises = load_exercises(flows)
    if options.list:
        _list(exercises, as_json=options.json)
        return 0
    exercise = chosen_exercise(exercises, options.exercise or "1")
    if not has_display():
        raise CommandInvalid(
            "Un exercice se fait dans une fenêtre, et cette machine n'en montre pas.",
            cure="lancez la commande devant un écran ; « chorus-robot practise --list » montre les exercices.",
        )
    result, page = practise(
        exercise,
        flows,
        load_config(EXAMPLE_CONFIG),
        out=options.out.absolute(),
        generation=options.generation,
        is_exam=options.exam,
        remote=Remote(),
    )
    _tell(result, page, as_json=options.json)
    return 0 if result.is_finished else 77


def practise(
    exercise: Exercise,
    flows: Flows,
    config: Config,
    *,
    out: Path,
    generation: str,
    is_exam: bool,
    remote: Remote,
    headless: bool = False,
) -> tuple[Result, Path]:
    """One exercise from its papers to the page of its results; the page is shown in the window until that is closed."""
    started = now()
    moment = started.astimezone()
    desk = lay(exercise, out / f"{moment:%Y%m%d-%H%M%S}-{exercise.exercise}", supplier=config.supplier, moment=moment)
    print(f"{exercise.title}\n  {exercise.brief}\n  vos papiers : {desk.folder}", file=sys.stderr)
    for name in desk.files:
        print(f"    {name}", file=sys.stderr)
    with (
        nullcontext() if headless else fitted(),
        opened(exercise, desk, flows, config, generation=generation, headless=headless) as room,
    ):
        lesson = Lesson(room.session.flows, exercise.journey, exercise.goal, room.values, generation=generation)
        practice = Practice(room.session.portal, lesson, exercise, desk.folder, remote, is_exam=is_exam)
        with open_beside(remote, room.replica, EXAMINING if is_exam else PRACTISING):
            practice.run()
            seconds = sum(mark.seconds for mark in lesson.marks.values())
            result = result_of(exercise, lesson, is_exam=is_exam, at=started, seconds=seconds, generation=generation)
            page = keep(result, out / FOLDER)
            if room.session.portal.context.pages and not headless:
                _show(room.session.portal.page, page, remote)
    return result, page


def _show(window: Page, results: Path, remote: Remote) -> None:
    """The results, in the window that the trainee has in front, until they or the trainer close it."""
    try:
        window.goto(results.as_uri())
        while not window.is_closed() and remote.take() is not Wish.END:
            try:
                window.wait_for_event("close", timeout=_READING_MS)
            except PlaywrightError as error:
                if window.is_closed() or not is_passing(error):
                    return
    except PlaywrightError as error:
        # The page stands on the disk all the same.
        if not is_passing(error):
            raise


def _tell(result: Result, page: Path, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({**result.model_dump(mode="json"), "grade": result.grade, "page": str(page)}, ensure_ascii=False))
        return
    if result.is_exam:
        print(f"{result.title} : {grade(result.grade)} / 20")
    else:
        print(f"{result.title} : {len(result.good)} étapes justes du premier coup sur {len(result.steps)}")
    print(f"  résultats : {page}")


def _list(exercises: list[Exercise], *, as_json: bool) -> None:
    for number, exercise in enumerate(exercises, 1):
        if as_json:
            row = {"number": number, "exercise": exercise.exercise, "title": exercise.title, "aim": exercise.aim}
            print(json.dumps(row, ensure_ascii=False))
        else:
            print(f"{number}. {exercise.title} ({exercise.exercise})\n     {exercise.aim}")
