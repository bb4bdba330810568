"""Asks a person on a terminal what an invoice leaves open, one question after the other, and keeps the answers.

What is answered is judged at once: an answer that the form would refuse is asked again. Knows no rule.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from typing import TextIO

from robot.answers import Answer, Answers
from robot.checks import Judged, problem_of
from robot.events import now
from robot.failures import InvoiceInvalid
from robot.invoice import NONE
from robot.plain import brief
from robot.uploads import Finding

_DAY = re.compile(r"(\d{1,2})[/. -](\d{1,2})[/. -](\d{4})")
_YES, _NO = ("o", "oui", "y", "yes"), ("n", "non", "no")

Judging = Callable[[Mapping[str, Answer]], Judged]


def is_attended(stdin: TextIO | None = None, stderr: TextIO | None = None) -> bool:
    """Whether somebody can be asked: a terminal to read from, and one to be read on."""
    return (stdin or sys.stdin).isatty() and (stderr or sys.stderr).isatty()


class Desk:
    """Where the questions are put: stdout is never touched, so that `--json` stays clean."""

    def __init__(self, answers: Answers, *, stdin: TextIO | None = None, stderr: TextIO | None = None) -> None:
        self._answers = answers
        self._in = stdin or sys.stdin
        self._out = stderr or sys.stderr

    def settle(self, place: str, judge: Judging) -> Judged:
        """Asks until nothing is open. Raises InvoiceInvalid where the person says no, or leaves.

        An invoice that cannot go whatever is answered is not asked about.
        """
        kept: dict[str, Answer] = {}
        judged = judge(kept)
        while judged.questions and not judged.problems:
            question = judged.questions[0]
            self._say(f"\n{place}{f', {question.place}' if question.place else ''}\n  {brief(question.message, 1500)}")
            judged = self._answered(judged, question, kept, judge)
        return judged

    def confirm(self, place: str, question: str) -> bool:
        """A question that no answer is kept of; no answer is a no."""
        self._say(f"\n{place}\n  {brief(question, 1500)}")
        self._out.write("  Réponse (oui / non) : ")
        self._out.flush()
        return self._in.readline().strip().lower() in _YES

    def _answered(self, judged: Judged, question: Finding, kept: dict[str, Answer], judge: Judging) -> Judged:
        while True:
            value = self._choice(question, judged) if question.field else self._yes(question, judged)
            tried = kept | {question.subject: Answer(value, now())}
            after = judge(tried)
            known = {problem.what for problem in judged.problems}
            wrong = [problem for problem in after.problems if problem.what not in known]
            if not wrong or not question.field:
                kept[question.subject] = self._answers.keep(judged.digest, question.subject, value)
                return judge(kept)
            for problem in wrong:
                self._say(f"  ✗ {brief(problem.what)}{f' Attendu : {problem.expected}.' if problem.expected else ''}")

    def _yes(self, question: Finding, judged: Judged) -> str:
        while True:
            word = self._line("  Réponse (oui / non) : ", question, judged).lower()
            if word in _YES:
                return "oui"
            if word in _NO:
                raise _stopped(judged, question)

    def _choice(self, question: Finding, judged: Judged) -> str:
        for number, (value, words) in enumerate(question.options, 1):
            self._say(f"    {number}. {brief(words if value in words or value == NONE else f'{value} : {words}')}")
        ways = "le numéro d'une réponse, ou la vôtre" if question.options else "votre réponse"
        while True:
            word = self._line(f"  Tapez {ways} (Entrée seule : laisser cette facture) : ", question, judged)
            if not word:
                raise _stopped(judged, question)
            if word.isascii() and word.isdigit() and 1 <= int(word) <= len(question.options):
                return question.options[int(word) - 1][0]
            if day := _DAY.fullmatch(word) if question.field == "date" else None:
                return f"{day[3]}-{int(day[2]):02}-{int(day[1]):02}"
            if len(word) > 2 or not question.options:
                return word

    def _line(self, prompt: str, question: Finding, judged: Judged) -> str:
        self._out.write(prompt)
        self._out.flush()
        line = self._in.readline()
        if not line:
            raise _stopped(judged, question)
        return line.strip()

    def _say(self, text: str) -> None:
        self._out.write(text + "\n")
        self._out.flush()


def _stopped(judged: Judged, question: Finding) -> InvoiceInvalid:
    return InvoiceInvalid([problem_of(judged.entry, question)])
