"""Where the words of a page stand: a PDF's text as visual rows of words, whatever order it was written in.

Runs in the child process that looks into a file (`pdffile.py`); the parent only holds the result. Knows nothing
of what an invoice says. Lengths are points (1/72 inch) from the top left of the page as a person sees it.
"""

from __future__ import annotations

import ctypes
import math
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pypdfium2

MAX_PAGES = 100
# Letters of a whole document.
MAX_TEXT = 1_000_000

# A gap wider than this share of the letters' height parts two cells; inside a sentence it is about a fifth.
_CELL_GAP = 0.9
# PDFium's own sign for a hyphen at the end of a line, by version.
_HYPHENS = {"\x02", "\ufffe"}
# Signs that programs make of several letters.
_WRITTEN_OUT = dict(zip("ﬀﬁﬂﬃﬄﬅﬆ№", ("ff", "fi", "fl", "ffi", "ffl", "st", "st", "N°"), strict=True))


@dataclass(frozen=True)
class Word:
    """Letters without a space between them, and the box around them."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


def joined(words: Iterable[Word]) -> str:
    return " ".join(word.text for word in words)


@dataclass(frozen=True)
class Line:
    """A visual row: everything that stands at one height, from left to right."""

    # From 1, from the top of its page.
    number: int
    words: tuple[Word, ...]

    @cached_property
    def text(self) -> str:
        return joined(self.words)

    @cached_property
    def cells(self) -> tuple[tuple[Word, ...], ...]:
        """Runs of words parted by wide gaps: the cells of a table, a label and its value, two columns."""
        cells: list[list[Word]] = []
        for word in self.words:
            if not cells or word.left - cells[-1][-1].right > _CELL_GAP * min(word.height, cells[-1][-1].height):
                cells.append([])
            cells[-1].append(word)
        return tuple(tuple(cell) for cell in cells)


@dataclass(frozen=True)
class Page:
    """One page; `number` from 1."""

    number: int
    width: float
    height: float
    lines: tuple[Line, ...]


def pages(document: pypdfium2.PdfDocument, *, max_pages: int = MAX_PAGES, max_text: int = MAX_TEXT) -> tuple[Page, ...]:
    """All pages of an open document, up to the limits; a page that cannot be read is an empty one.

    Raises PdfiumError where the document has no pages that can be counted.
    """
    from pypdfium2 import PdfiumError

    found: list[Page] = []
    left = max_text
    for index in range(min(len(document), max_pages)):
        try:
            page = document[index]
            try:
                width, height = page.get_size()
                letters = list(_letters(page, left))
            finally:
                page.close()
        except PdfiumError:
            found.append(Page(index + 1, 0.0, 0.0, ()))
            continue
        left -= len(letters)
        found.append(Page(index + 1, round(width, 2), round(height, 2), rows(_words(letters))))
    return tuple(found)


def rows(words: Iterable[Word]) -> tuple[Line, ...]:
    """Words put into rows by where they stand."""
    open_rows: list[_Row] = []
    for word in sorted(words, key=lambda word: (word.top + word.bottom, word.left)):
        middle, height = (word.top + word.bottom) / 2, word.bottom - word.top
        best: _Row | None = None
        # Rows come from top to bottom: only the last few can still take a word.
        for row in open_rows[-6:]:
            distance = abs(row.middle - middle)
            if distance <= 0.5 * min(row.height, height) and (best is None or distance < abs(best.middle - middle)):
                best = row
        if best:
            best.words.append(word)
        else:
            open_rows.append(_Row(middle, height, [word]))
    lines: list[Line] = []
    for row in open_rows:
        row.words.sort(key=lambda word: (word.left, word.right))
        lines.append(Line(len(lines) + 1, tuple(_once(row.words))))
    return tuple(lines)


@dataclass
class _Row:
    middle: float
    height: float
    words: list[Word]


def _once(words: Iterable[Word]) -> Iterator[Word]:
    """Without words printed twice at one place, which is how some programs make bold letters or a shadow."""
    before: list[Word] = []
    for word in words:
        slack = 0.25 * word.height
        if any(
            word.text == other.text
            and abs(word.left - other.left) < slack
            and abs(word.right - other.right) < slack
            and abs(word.top - other.top) < slack
            for other in before[-4:]
        ):
            continue
        before.append(word)
        yield word


# A letter and its box on the page as it is seen: left, top, right, bottom. A space is None. Tuples, as a document has
# many thousands of them.
_Letter = tuple[str, float, float, float, float]


def _letters(page: pypdfium2.PdfPage, most: int) -> Iterator[_Letter | None]:
    """The letters of a page in the order of its text."""
    from pypdfium2 import raw

    turned = page.get_rotation()
    x0, y0, x1, y1 = page.get_bbox()
    textpage = page.get_textpage()
    handle = textpage.raw
    box = raw.FS_RECTF()
    place = ctypes.byref(box)
    unicode_of, box_of = raw.FPDFText_GetUnicode, raw.FPDFText_GetLooseCharBox
    bottom = math.inf
    try:
        for index in range(min(textpage.count_chars(), most)):
            text = _sign(unicode_of(handle, index))
            if not text:
                continue
            if text == " " or not box_of(handle, index, place):
                yield None
                continue
            left, low, right, high = box.left, box.bottom, box.right, box.top
            if left > right:
                left, right = right, left
            if low > high:
                low, high = high, low
            # The page is turned for the reader, not its coordinates.
            if turned == 0:
                box_seen = left - x0, y1 - high, right - x0, y1 - low
            elif turned == 90:
                box_seen = low - y0, left - x0, high - y0, right - x0
            elif turned == 180:
                box_seen = x1 - right, low - y0, x1 - left, high - y0
            else:
                box_seen = y1 - high, x1 - right, y1 - low, x1 - left
            # A letter under another continues its word only along a margin; else it is the next row of a column.
            if box_seen[1] > bottom - 0.6 * (box_seen[3] - box_seen[1]):
                angle = raw.FPDFText_GetCharAngle(handle, index) + math.radians(turned)
                if abs(math.sin(angle)) < 0.1:
                    yield None
            bottom = box_seen[3]
            yield text, *box_seen
    finally:
        textpage.close()


@lru_cache(maxsize=4096)
def _sign(code: int) -> str:
    """A letter as it is compared; empty for what has no shape."""
    if code == 0 or 0xD800 <= code <= 0xDFFF or code > 0x10FFFF:
        return ""
    sign = chr(code)
    if sign in _HYPHENS or code == 0xAD:
        return "-"
    if sign.isspace():
        return " "
    if code < 0x250:
        return sign if sign.isprintable() else ""
    # Zero-width marks, private use and unassigned codes.
    return "" if unicodedata.category(sign) in ("Cf", "Cc", "Cn", "Co") else _WRITTEN_OUT.get(sign, sign)


def _words(letters: Iterable[_Letter | None]) -> list[Word]:
    words: list[Word] = []
    sideways: list[Word] = []
    word: list[_Letter] = []

    def end() -> None:
        if word:
            # Text along the margin would fall into every row it passes.
            (sideways if _is_sideways(word) else words).append(_word(word))
            word.clear()

    for letter in letters:
        if letter is None:
            end()
            continue
        if word and _is_apart(word[-1], letter):
            end()
        word.append(letter)
    end()
    return words + _laid_below(sideways, words)


def _word(letters: list[_Letter]) -> Word:
    texts, lefts, tops, rights, bottoms = zip(*letters, strict=True)
    text = "".join(texts)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return Word(text, round(min(lefts), 2), round(min(tops), 2), round(max(rights), 2), round(max(bottoms), 2))


def _is_apart(before: _Letter, letter: _Letter) -> bool:
    """Whether a letter does not continue the word, though no space was written."""
    height = min(before[4] - before[2], letter[4] - letter[2])
    overlap = min(before[4], letter[4]) - max(before[2], letter[2])
    gap = letter[1] - before[3]
    if overlap >= 0.4 * height:
        return gap > 0.6 * height or gap < -2 * height
    # Letters one above the other are a word along the margin.
    return abs(letter[1] - before[1]) >= 0.5 * max(height, 1.0)


def _is_sideways(letters: list[_Letter]) -> bool:
    first, last = letters[0], letters[-1]
    across = abs(last[1] + last[3] - first[1] - first[3])
    along = abs(last[2] + last[4] - first[2] - first[4])
    return len(letters) > 2 and along > across


def _laid_below(sideways: list[Word], words: list[Word]) -> list[Word]:
    """Sideways words as rows of their own under the page, one word each."""
    bottom = max((word.bottom for word in words), default=0.0)
    laid = []
    for index, word in enumerate(sideways):
        top = bottom + 20 * (index + 1)
        laid.append(Word(word.text, 0.0, top, 10.0 * len(word.text), top + 10))
    return laid


def to_json(found: Iterable[Page]) -> list[Any]:
    """Pages as plain lists, for the way from one process to another."""
    return [
        [
            page.number,
            page.width,
            page.height,
            [[[word.text, word.left, word.top, word.right, word.bottom] for word in line.words] for line in page.lines],
        ]
        for page in found
    ]


def from_json(data: list[Any]) -> tuple[Page, ...]:
    """The pages that `to_json` wrote."""
    return tuple(
        Page(
            number,
            width,
            height,
            tuple(Line(index, tuple(Word(*word) for word in words)) for index, words in enumerate(lines, 1)),
        )
        for number, width, height, lines in data
    )
