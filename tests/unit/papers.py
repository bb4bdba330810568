"""Pages of words from plain text, for tests: two spaces or more part two cells, as a wide gap does on paper."""

from __future__ import annotations

import re

from robot.layout import Line, Page, Word
from robot.reader import read
from robot.reading import Reading

LETTER, HEIGHT, PITCH = 6.0, 10.0, 13.0


def page(text: str, number: int = 1) -> Page:
    """One page; a column of the text is a column of the page, an empty line is a gap."""
    lines: list[Line] = []
    for row, printed in enumerate(text.strip("\n").split("\n")):
        top = 40 + PITCH * row
        words = tuple(
            Word(found[0], LETTER * found.start(), top, LETTER * found.end(), top + HEIGHT)
            for found in re.finditer(r"\S+", printed)
        )
        if words:
            lines.append(Line(len(lines) + 1, words))
    return Page(number, 595.0, 842.0, tuple(lines))


def said(*texts: str) -> Reading:
    """What a paper of these pages says."""
    return read(page(text, number) for number, text in enumerate(texts, 1))
