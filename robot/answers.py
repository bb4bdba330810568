"""What a person answered about a file, kept in the journal with its date: the same question is not asked twice.

A file is known by its bytes: printed again, it is another one, and the questions are asked again. Knows no question.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from robot.events import now
from robot.journal import Journal, stamp


@dataclass(frozen=True)
class Answer:
    """What was answered, as text, and when; « oui » confirms."""

    value: str
    at: datetime

    def __str__(self) -> str:
        return f"saisi par vous le {self.at.astimezone():%d/%m/%Y}"


class Answers:
    """Answers about files, by SHA-256 of the file and by subject: a finding's code, or a field of the invoice."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def about(self, file: str) -> Mapping[str, Answer]:
        with self._journal.reading() as do:
            rows = do("find-answers", file=file).mappings().all()
        return {row["subject"]: Answer(row["value"], datetime.fromisoformat(row["at"])) for row in rows}

    def keep(self, file: str, subject: str, value: str) -> Answer:
        """On disk when it returns."""
        answer = Answer(value, now())
        with self._journal.writing() as do:
            do("keep-answer", file=file, subject=subject, value=value, at=stamp(answer.at))
        return answer
