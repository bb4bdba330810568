"""Practising on the replica, in a real window: the robot watches, explains, and ends with a page of results."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page
from somebody import Somebody, wait_for_words, window

from robot.cli import main
from robot.config import load_config
from robot.pages import ScreenPage
from robot.review import reviewed_flows
from robot.sample import EXAMPLE_CONFIG
from robot.steps import Download, LookUp
from robot.training.classroom import opened
from robot.training.exercises import chosen_exercise, load_exercises
from robot.training.lesson import Lesson
from robot.training.papers import lay
from robot.training.practise import Practice
from robot.training.remote import Remote, Wish
from robot.training.results import result_of
from robot.training.tasks import Task

MOMENTS = 8


class Trainee:
    """Somebody in front of the window, who acts between two looks of the robot."""

    def __init__(self, practice: Practice) -> None:
        self.practice = practice
        self.lesson = practice.lesson

    @property
    def page(self) -> Page:
        return self.practice.portal.page

    def wait_until(self, condition: Callable[[], object]) -> None:
        for _ in range(MOMENTS):
            if condition():
                return
            self.practice.moment()
        raise AssertionError(self.practice.caption())

    def do(self, *elements: str) -> None:
        """One task, the right way."""
        task = next(one for one in self.lesson.tasks if one.elements == elements and not self.lesson.done(one))
        self._act(task)
        self.practice.moment()

    def go_on(self, until: str) -> None:
        """What the robot says, step by step, until a screen is in front and rests."""
        for _ in range(60):
            if self.lesson.is_over or until in self.lesson.view.standing:
                return
            if stop := self.practice.watch.interruption:
                ScreenPage(self.practice.portal, stop, self.practice.watch.frame).press(stop.steps[0].press)
            elif task := self.lesson.current:
                self._act(task)
                self.practice.moment()
                if self.lesson.current is task:
                    self.wait_until(lambda task=task: self.lesson.current is not task)
            self.practice.moment()
        raise AssertionError(self.practice.caption())

    def _act(self, task: Task) -> None:
        page = ScreenPage(self.practice.portal, task.screen, self.practice.watch.frame)
        if isinstance(task.step, Download):
            page.download(task.pressed)
        elif task.row:
            page.pick_row(task.row)
        elif task.is_press:
            page.press(task.pressed)
        for name, value in task.values.items():
            if isinstance(task.step, LookUp):
                page.look_up(name, str(value), search=task.step.search, box=task.step.box, pick=task.step.pick)
            elif isinstance(value, Path):
                page.upload(name, value, file_name=value.name)
            else:
                page.put(name, value)

    def put(self, screen: str, element: str, value: object) -> None:
        self.practice.portal.screen(screen, self.practice.watch.frame).put(element, value)
        self.practice.moment()
        self.practice.moment()

    def press(self, screen: str, element: str) -> None:
        self.practice.portal.screen(screen, self.practice.watch.frame).press(element)
        self.practice.moment()


@contextmanager
def exercise(name: str, generation: str, folder: Path, *, headless: bool = True, is_exam: bool = False) -> Iterator[Trainee]:
    flows, config = reviewed_flows(), load_config(EXAMPLE_CONFIG)
    chosen = chosen_exercise(load_exercises(flows), name)
    desk = lay(chosen, folder, supplier=config.supplier, moment=dt.datetime.now())
    with opened(chosen, desk, flows, config, generation=generation, headless=headless) as room:
        lesson = Lesson(room.session.flows, chosen.journey, chosen.goal, room.values, generation=generation)
        practice = Practice(room.session.portal, lesson, chosen, folder, Remote(), is_exam=is_exam)
        practice.remote.ask(Wish.NEXT)
        practice.moment()
        yield Trainee(practice)


def test_the_right_way_in_another_order(tmp_path):
    """The form from its foot to its head, no caption, no mistake: everything is right."""
    with exercise("sans-engagement", "2024", tmp_path, is_exam=True) as trainee:
        trainee.go_on("envoi")
        trainee.do("ht", "tva", "ttc", "due")
        trainee.do("type_tva")
        trainee.do("siret")
        trainee.go_on("recapitulatif")
        trainee.go_on("nowhere")
        practice = trainee.practice
        assert practice.run()
        result = result_of(practice.exercise, practice.lesson, is_exam=True, at=dt.datetime.now(dt.UTC), seconds=1,
                           generation="2024")  # fmt: skip
        assert (result.again, result.missing, result.grade) == ([], [], 20)


def test_an_invoice_that_came_back_is_sent_again(tmp_path):
    """Opened from « Synthèse », another recipient, the same number and amounts; nothing else was wrong."""
    with exercise("a-recycler", "2024", tmp_path) as trainee:
        trainee.go_on("recapitulatif")
        trainee.go_on("nowhere")
        assert trainee.practice.run()
        assert [mark.slips for mark in trainee.lesson.marks.values() if mark.slips] == []


def test_wrong_ways_are_explained(tmp_path, monkeypatch):
    """A value, a button, a reload in the middle, the place shown; then the person closes the window."""
    with window(monkeypatch), exercise("avec-engagement", "2021", tmp_path, headless=False) as trainee:
        practice = trainee.practice
        trainee.go_on("envoi")
        trainee.put("bloc-references", "numero", "2025-12")
        assert "« 2025-12 » ne convient pas" in practice.caption().who
        assert "espace psychologue" in practice.caption().say
        trainee.press("envoi", "enregistrer")
        trainee.wait_until(lambda: "« Enregistrer »" in practice.caption().who)
        assert "n'envoie rien" in practice.caption().say
        trainee.page.reload()
        trainee.wait_until(lambda: "envoi" in practice.lesson.view.standing)
        practice.remote.ask(Wish.NEXT)
        practice.remote.ask(Wish.SHOW)
        practice.moment()
        practice.moment()
        assert practice.caption().boxes
        trainee.page.close()
        assert not practice.run()


def test_what_is_only_explained_does_not_count(tmp_path):
    """The trainer explains ahead, again, pauses, shows the list: the step that is to do stays the same."""
    with exercise("sans-engagement", "2024", tmp_path) as trainee:
        practice, lesson = trainee.practice, trainee.lesson
        trainee.wait_until(lambda: lesson.current)
        first, second = lesson.tasks[:2]

        def ask(*wishes: Wish) -> str:
            for wish in wishes:
                practice.remote.ask(wish)
            practice.moment()
            return practice.caption().say

        assert ask(Wish.NEXT) == second.say
        assert ask(Wish.BACK) == first.say
        assert ask(Wish.PAUSE) == "En pause."
        assert ask(Wish.NEXT, Wish.PAUSE, Wish.REPLAY) == first.say
        practice.clock = lambda: float("inf")
        assert ask(Wish.STEPS, Wish.HIDE) == first.say
        standing = practice.remote.standing
        assert (len(practice.caption().steps), standing.hides_amounts, standing.number) == (len(lesson.tasks), True, 1)
        assert lesson.current is first
        assert not any(mark.slips or mark.shown for mark in lesson.marks.values())


def test_somebody_who_closes_the_window_still_has_results(tmp_path, monkeypatch, capsys):
    """The verb itself, in front of somebody with a mouse of their own: begins, opens one page, leaves."""

    def act(page: Page) -> None:
        page.get_by_role("link", name="FACTURES ÉMISES").or_(page.get_by_role("link", name="Factures émises")).first.click()
        page.get_by_role("link", name="Dépôt factures").wait_for()
        wait_for_words(page, "Étape 2 sur")
        page.close()

    with window(monkeypatch) as port, Somebody(port, act):
        code = main(["practise", "sans-engagement", "--generation", "2021", "--out", str(tmp_path), "--json"])
    told = json.loads(capsys.readouterr().out)
    assert (code, told["is_finished"]) == (77, False)
    assert told["steps"][0]["verdict"] == "bien"
    assert "n'est pas allé jusqu'au bout" in Path(told["page"]).read_text(encoding="utf-8")
