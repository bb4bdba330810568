"""Leads somebody through an exercise in a window: says the step, watches, explains, shows the place when asked.

Presses and types nothing itself. What is right is judged in `lesson.py`; which portal it is, in `classroom.py`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import FloatRect

from robot.caption import Answer, Caption, Control, await_answer, draw, erase, veil_ahead
from robot.fields import written
from robot.locators import is_passing
from robot.pages import Portal, ScreenPage
from robot.steps import Effect, LookUp
from robot.training.controls import control, keys_only, without_keys
from robot.training.exercises import Exercise
from robot.training.lesson import Lesson
from robot.training.observed import Slip, View
from robot.training.pace import Pace
from robot.training.remote import Remote, Wish
from robot.training.tasks import Task
from robot.training.watch import Watch

BEGIN, SHOW, GO_ON, RESUME, LEAVE = "Commencer", "Montrer où", "Compris", "Reprendre", "Terminer"
_WISHES = {SHOW: Wish.SHOW, BEGIN: Wish.NEXT, RESUME: Wish.PAUSE, LEAVE: Wish.END}
_RETOLD = "Seulement expliqué : rien n'est à faire ici pour l'instant."
# How long one moment lasts when nothing happens.
_MOMENT_MS = 300
# How long an element that is pointed at may take to be found.
_BOX_MS = 200


@dataclass
class Practice:
    """One exercise in one window. `folder`: where the papers are. `tell` says a French sentence on the terminal."""

    portal: Portal
    lesson: Lesson
    exercise: Exercise
    folder: Path
    remote: Remote
    is_exam: bool = False
    tell: Callable[[str], None] = lambda _sentence: None
    clock: Callable[[], float] = time.monotonic
    # The trainee has begun: from now on time counts.
    has_begun: bool = False
    is_paused: bool = False
    _slip: Slip | None = None
    _shown: Task | None = None
    _has_to_scroll: bool = False
    # Number of the step that is explained though another one is to do; 0: none. And until when, where a screen is replayed.
    _again: int = 0
    _replays_until: float = 0.0
    _shows_steps: bool = False
    _good: str = ""
    _then: float = 0.0
    _boxes: tuple[FloatRect, ...] = ()
    watch: Watch = field(init=False)

    def __post_init__(self) -> None:
        tasks = self.lesson.tasks
        words = [words for task in tasks for words in task.shows]
        words += [value.name for task in tasks for value in task.values.values() if isinstance(value, Path)]
        words += [str(v) for task in tasks if isinstance(task.step, LookUp) for v in task.values.values()]
        self.watch = Watch(self.portal, self.lesson.screens.values(), words)

    # --- going on -----------------------------------------------------------------------------------------------------

    def run(self) -> bool:
        """Until the exercise is done (true), or the trainee leaves it: « Terminer », or the window is closed."""
        self.remote.tell(title=self._title, total=len(self.lesson.tasks), steps=self._steps())
        self._then = self.clock()
        while not self.lesson.is_over:
            if not self.portal.context.pages or not self.moment():
                break
        self.remote.tell(is_over=True)
        if self.portal.context.pages:
            erase(self.portal.page)
        return self.lesson.is_over

    def moment(self) -> bool:
        """One moment; false where the trainee or the trainer has had enough."""
        view = self.watch.look()
        if view.presses:
            self.has_begun = True
        self._judge(view)
        if self.lesson.is_over:
            return True
        answer = self._draw()
        if answer.button == GO_ON:
            self._settle()
        for told in (_WISHES.get(answer.button), *answer.told):
            if told:
                self.remote.ask(Wish(told))
        was_asked = False
        while wish := self.remote.take():
            if wish is Wish.END:
                return False
            self._obey(wish)
            was_asked = True
        self._play_on()
        # A page that comes meanwhile is looked at before anything is said on it.
        if not (answer.button or was_asked) and self.portal.context.pages:
            await_answer(self.portal.page, _MOMENT_MS)
        return True

    def _judge(self, view: View) -> None:
        now = self.clock()
        seconds = now - self._then if self.has_begun and not self.is_paused else 0.0
        self._then = now
        before = self.lesson.current
        slips = self.lesson.look(view, seconds)
        after = self.lesson.current
        if slips:
            self._settle()
            self._slip, self._good = slips[0], ""
            self.remote.tell(message=f"{slips[0].what} : {slips[0].why}")
        elif before is not after or (self._shown and self.lesson.done(self._shown)):
            if before and self.lesson.done(before):
                self._good = before.screen.elements[before.elements[0]].name
                self.has_begun = True
            self._settle()
        self._standing(self._retold or after)

    def _standing(self, task: Task | None) -> None:
        self.remote.tell(
            screen=task.screen.title if task else "",
            line=task.step.line if task else "",
            say=task.say if task else "",
            number=task.number if task else 0,
            is_paused=self.is_paused,
        )

    def _obey(self, wish: Wish) -> None:
        task = self.lesson.current
        if wish is Wish.PAUSE:
            self.is_paused = not self.is_paused
        elif wish is Wish.NEXT and not self.has_begun:
            self.has_begun = True
        elif wish is Wish.NEXT and (self._slip or self._shown):
            self._settle()
        elif wish in (Wish.NEXT, Wish.BACK) and task and not self.is_exam:
            self._retell((self._again or task.number) + (1 if wish is Wish.NEXT else -1))
        elif wish is Wish.SHOW and task and not self.is_exam:
            # What was just called wrong, or else what comes next.
            self._shown = self._slipped or self._shown or task
            self.lesson.marks[self._shown.number].shown += 1
            self._slip, self._again, self._has_to_scroll = None, 0, True
        elif wish is Wish.REPLAY and task and not self.is_exam:
            self._replay(next(one.number for one in self.lesson.tasks if one.screen is task.screen))
        elif wish is Wish.STEPS and not self.is_exam:
            self._shows_steps = not self._shows_steps
        elif wish is Wish.HIDE:
            self.remote.tell(hides_amounts=not self.remote.standing.hides_amounts)
            veil_ahead(self.portal.context)

    # --- said again ---------------------------------------------------------------------------------------------------

    def _settle(self) -> None:
        """What is to do is said again, and nothing else."""
        self._slip, self._shown, self._again, self._replays_until = None, None, 0, 0.0

    @property
    def _retold(self) -> Task | None:
        return self.lesson.tasks[self._again - 1] if self._again else None

    def _retell(self, number: int) -> None:
        """Explains a step, before or after what is to do; nothing is done, and nothing counts."""
        self._settle()
        is_current = self.lesson.current and self.lesson.current.number == number
        self._again = 0 if is_current else min(max(number, 1), len(self.lesson.tasks))

    def _replay(self, number: int) -> None:
        """Explains the step of that number, and in their time those after it on the same screen."""
        self._settle()
        self._again = number
        self._replays_until = self.clock() + Pace().reading(self.lesson.tasks[number - 1].say)

    def _play_on(self) -> None:
        told = self._retold
        if not told or self.is_paused or not self._replays_until or self.clock() < self._replays_until:
            return
        after = next((one.number for one in self.lesson.tasks[told.number :] if one.screen is told.screen), 0)
        self._replay(after) if after else self._settle()

    # --- what is said -------------------------------------------------------------------------------------------------

    @property
    def _title(self) -> str:
        return f"{'Examen' if self.is_exam else 'Exercice'} : {self.exercise.title}"

    def _steps(self) -> tuple[tuple[str, str], ...]:
        return tuple(("" if task.step.line == "new" else task.step.line, task.say) for task in self.lesson.tasks)

    def _draw(self) -> Answer:
        if not self.portal.context.pages:
            return Answer()
        hides = self.remote.standing.hides_amounts
        is_silent = self.is_exam and self.has_begun and not self.is_paused
        if is_silent and not hides:
            erase(self.portal.page, keeps_veils=False)
            return Answer()
        self._boxes = self._places()
        caption = Caption(who="", say="") if is_silent else self.caption()
        return draw(self.portal.page, replace(caption, hides_amounts=hides)) or Answer()

    def caption(self) -> Caption:
        """What stands in the window at this moment."""
        said = self._said()
        if not self.has_begun or self.is_exam:
            return replace(said, controls=keys_only(Wish.PAUSE, Wish.HIDE))
        task = self._retold or self._shown or self.lesson.current
        return replace(
            said,
            controls=self._controls(),
            number=task.number if task else 0,
            total=len(self.lesson.tasks),
            steps=self._steps() if self._shows_steps else (),
        )

    def _controls(self) -> tuple[Control, ...]:
        return (
            without_keys(Wish.BACK, "Explique l'étape d'avant ; rien n'est à refaire"),
            control(Wish.PAUSE, is_on=self.is_paused),
            without_keys(Wish.NEXT, "Explique l'étape d'après ; rien n'est fait"),
            control(Wish.STEPS, is_on=self._shows_steps),
            control(Wish.HIDE),
        )

    def _said(self) -> Caption:
        if not self.has_begun:
            more = "Aucune légende pendant l'examen : fermez la fenêtre si vous abandonnez." if self.is_exam else ""
            papers = f"Vos papiers : {self.folder}"
            return Caption(who=self._title, say=self.exercise.brief, wait=f"{papers}\n{more}".strip(), buttons=(BEGIN,))
        if told := self._retold:
            return Caption(who=self._where(told), say=told.say, wait=_RETOLD, buttons=(GO_ON,))
        if self.is_paused and not self._shown:
            return Caption(who=self._title, say="En pause.", buttons=(RESUME, LEAVE))
        if self._slip:
            return Caption(who=self._slip.what, say=self._slip.why, wait=self._where(self._slipped), buttons=(GO_ON, SHOW))
        if back := self._to_correct():
            return Caption(who="Avant de confirmer", say=back, buttons=(LEAVE,))
        if screen := self.watch.interruption:
            steps = " ".join(step.say for step in screen.all_steps())
            say = steps or (screen.anywhere.say if screen.anywhere else "")
            return Caption(who=f"Une fenêtre est passée devant : {screen.title}", say=say, buttons=(LEAVE,))
        task = self._shown or self.lesson.current
        if task is None:
            return Caption(who=self._title, say=self._lost(), buttons=(LEAVE,))
        good = f"Bien : « {self._good} »." if self._good else ""
        return Caption(
            who=self._where(task),
            say=task.say,
            wait=self._hint(task) if self._shown else good,
            buttons=(SHOW, LEAVE),
            boxes=self._boxes,
        )

    @property
    def _slipped(self) -> Task | None:
        return self.lesson.tasks[self._slip.number - 1] if self._slip else None

    def _where(self, task: Task | None) -> str:
        if task is None:
            return ""
        line = f" · ligne {task.step.line} du tutoriel" if task.step.line != "new" else ""
        return f"Étape {task.number} sur {len(self.lesson.tasks)}{line}"

    def _lost(self) -> str:
        if not self.lesson.view.document:
            return "Le portail charge sa page."
        return "Cette page n'est pas sur le chemin de l'exercice ; revenez à « Factures émises »."

    def _to_correct(self) -> str:
        """What must be put right before what cannot be undone."""
        task = self.lesson.current
        held = self.lesson.held_back() if task and task.step.effect is Effect.SEND else []
        if not task or not held:
            return ""
        names = ", ".join(f"« {one.screen.elements[name].name} »" for one in held for name in one.values)
        leave = task.screen.elements[task.screen.leave].name if task.screen.leave else "Annuler"
        return f"Ne confirmez pas : cliquez sur « {leave} », et corrigez {names}."

    def _hint(self, task: Task) -> str:
        """The place is framed; the second time the value is told too."""
        if self.lesson.marks[task.number].shown < 2:
            return "L'endroit est encadré ; demandez encore pour lire la valeur."
        values = ", ".join(_shown(value) for value in task.values.values())
        return f"À mettre : {values}." if values else "C'est ce bouton."

    def _places(self) -> tuple[FloatRect, ...]:
        """Where the task is, for somebody who asked."""
        task = self._shown
        if task is None or self.watch.frame is None or task.screen.screen not in self.lesson.view.standing:
            return ()
        page = ScreenPage(self.portal, task.screen, self.watch.frame)
        found = [box for name in task.elements if (box := self._place(page, name))]
        # Once: where the trainee scrolls to afterwards is theirs.
        self._has_to_scroll = False
        return tuple(found)

    def _place(self, page: ScreenPage, name: str) -> FloatRect | None:
        """Where an element is in the window; a group of answers is framed as a whole."""
        sight = self.lesson.view.sights.get(f"{page.screen.screen}.{name}")
        answers = len(sight.options) if sight and sight.nature == "radio" else 0
        parts = [page.element(name, part="radio", index=index) for index in range(answers)] or [page.element(name)]
        boxes = []
        try:
            for part in parts:
                if self._has_to_scroll:
                    part.scroll_into_view_if_needed(timeout=_BOX_MS)
                boxes.append(part.bounding_box(timeout=_BOX_MS))
        except PlaywrightError as error:
            if not is_passing(error):
                raise
        return _around([box for box in boxes if box])


def _around(boxes: list[FloatRect]) -> FloatRect | None:
    if not boxes:
        return None
    x, y = min(box["x"] for box in boxes), min(box["y"] for box in boxes)
    right, bottom = max(box["x"] + box["width"] for box in boxes), max(box["y"] + box["height"] for box in boxes)
    return FloatRect(x=x, y=y, width=right - x, height=bottom - y)


def _shown(value: object) -> str:
    if value is None:
        return "rien"
    return f"« {value.name if isinstance(value, Path) else written(value)} »"
