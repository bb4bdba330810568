"""The pages of an invoice as rows of cells, and which cell stands beside, below or above which.

Leaves out what a browser prints around a page: the day of printing there is no date of the invoice. Knows no label.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from robot.layout import Line, Page, Word, joined
from robot.printed import dates, plain
from robot.reading import Where

# Of all pages; a hundred pages of invoice have fewer.
MOST_LETTERS = 300_000
# Of one cell, and of one word.
_MOST_WORDS = 100
_MOST_LETTERS = 500


@dataclass(frozen=True, eq=False)
class Cell:
    """A run of words without a wide gap."""

    words: tuple[Word, ...]
    page: int
    line: int
    # Place among the rows of the sheet, and in its row.
    row: int
    index: int

    @cached_property
    def text(self) -> str:
        return joined(self.words)

    @cached_property
    def plain(self) -> str:
        return plain(self.text)

    @property
    def where(self) -> Where:
        return Where(self.page, self.line)

    @property
    def left(self) -> float:
        return self.words[0].left

    @cached_property
    def right(self) -> float:
        return max(word.right for word in self.words)

    @cached_property
    def top(self) -> float:
        return min(word.top for word in self.words)

    @cached_property
    def bottom(self) -> float:
        return max(word.bottom for word in self.words)

    @property
    def height(self) -> float:
        return self.bottom - self.top

    def is_over(self, other: Cell) -> bool:
        """Whether both stand in one column."""
        return min(self.right, other.right) - max(self.left, other.left) > -2


@dataclass(frozen=True)
class Sheet:
    """All rows of all pages, from top to bottom; a row is never empty."""

    rows: tuple[tuple[Cell, ...], ...]
    # By page number.
    heights: dict[int, float] = field(default_factory=dict)
    widths: dict[int, float] = field(default_factory=dict)

    @property
    def cells(self) -> Iterator[Cell]:
        for row in self.rows:
            yield from row

    @cached_property
    def plain(self) -> str:
        """Everything, one row to a line."""
        return "\n".join(" ".join(cell.plain for cell in row) for row in self.rows)

    def next_to(self, cell: Cell) -> Cell | None:
        """The cell at its right."""
        row = self.rows[cell.row]
        return row[cell.index + 1] if cell.index + 1 < len(row) else None

    def below(self, cell: Cell, *, reach: float = 3.0) -> Cell | None:
        """The first cell under it in its column, within that many times its height."""
        for row in self.rows[cell.row + 1 : cell.row + 9]:
            for other in row:
                if other.page != cell.page or other.top - cell.bottom > reach * cell.height:
                    return None
                if other.is_over(cell):
                    return other
        return None

    def above(self, cell: Cell, *, reach: float = 1.0) -> Iterator[Cell]:
        """Its block, upwards: cells over it in its column, without a wider gap than that many heights."""
        lowest = cell
        for row in reversed(self.rows[max(0, cell.row - 20) : cell.row]):
            for other in row:
                if other.page != cell.page or lowest.top - other.bottom > reach * max(lowest.height, other.height):
                    return
                if other.is_over(cell) and (abs(other.left - cell.left) < 40 or other.is_over(lowest)):
                    yield other
                    lowest = other
                    break


def sheet_of(pages: Iterable[Page]) -> Sheet:
    """The sheet of a document's pages."""
    rows: list[tuple[Cell, ...]] = []
    pages = tuple(pages)
    letters = 0
    for page in pages:
        for place, line in enumerate(page.lines):
            letters += len(line.text)
            edge = place < 2 or place >= len(page.lines) - 2
            if letters > MOST_LETTERS or not line.words or (edge and _is_printed_around(line)):
                continue
            rows.append(
                tuple(
                    Cell(words, page.number, line.number, len(rows), index)
                    for index, words in enumerate(_bounded(line.cells))
                )
            )
    return Sheet(
        tuple(rows),
        {page.number: page.height for page in pages},
        {page.number: page.width for page in pages},
    )


def _bounded(cells: Iterable[tuple[Word, ...]]) -> Iterator[tuple[Word, ...]]:
    """Cells cut where no cell of an invoice goes on: what is looked for in one costs its length squared."""
    for words in cells:
        for start in range(0, len(words), _MOST_WORDS):
            yield tuple(
                word if len(word.text) <= _MOST_LETTERS else replace(word, text=word.text[:_MOST_LETTERS])
                for word in words[start : start + _MOST_WORDS]
            )


_CLOCK = re.compile(r"[ ,a]*\d{1,2}(?:[:h]\d{2}){1,2}")
_ADDRESS = re.compile(r"(?:\b(?:https?|file)://\S*|about:blank)")
_PAGE_NUMBER = re.compile(r"(?<!\S)(?:page )?\d{1,3} ?(?:/|sur|of) ?\d{1,3}(?!\S)")


def _is_printed_around(line: Line) -> bool:
    """Whether a browser printed it at the edge of the page: day and hour, title, address, page number."""
    text = plain(line.text)
    rest = _PAGE_NUMBER.sub("", _ADDRESS.sub("", text))
    clocked = False
    for date in reversed(dates(rest)):
        if clock := _CLOCK.match(rest, date.end):
            rest = rest[: date.start] + rest[clock.end() :]
            clocked = True
    if any(sign.isdigit() for sign in rest):
        # A line of the table that begins with a day and an hour, too.
        return False
    return clocked or bool(_ADDRESS.match(text)) or not rest.strip()
