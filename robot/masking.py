"""Takes what is personal out of a page's words, values, names and addresses, and leaves what the flows know it by.

What looks like a value goes, whatever it is; of free text only known words stay. Pure; what a page is made of is in
`pagecopy.py`. A placeholder has the shape of what it stands for, and is left alone when masked again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from itertools import cycle
from urllib.parse import urlsplit

from robot.account import Account
from robot.fields import plain
from robot.vocabulary import Vocabulary, pieces_of, words_of

# Stand for the person.
FIRST_NAME, LAST_NAME, EMAIL = "Alix", "Exemple", "alix.exemple@exemple.fr"
DAY = "2000-01-01"
# Any number of so many digits.
SIRET = "12345678901234"

# Shorter values are ordinary words and numbers.
_SHORTEST = 3
_DIGITS = "1234567890"


class Kind(StrEnum):
    """What a text is on its page."""

    LABEL = "label"  # words of a control, a button, a heading
    OPTION = "option"  # an answer offered
    CELL = "cell"  # a cell of a table
    TEXT = "text"  # anything else
    VALUE = "value"  # typed or filled in


# --- shapes -----------------------------------------------------------------------------------------------------------


def shaped(text: str) -> str:
    """The same shape: capitals become X, letters x, digits 1 2 3…; signs and spaces stay."""
    digits, shape = cycle(_DIGITS), []
    for sign in text:
        if sign.isdigit():
            shape.append(next(digits))
        elif sign.isalpha():
            shape.append("X" if sign.isupper() else "x")
            digits = cycle(_DIGITS)
        else:
            shape.append(sign)
    return "".join(shape)


def like_case(words: str, model: str) -> str:
    """Words in the capitals of a model."""
    if model.isupper() and len(model) > 1:
        return words.upper()
    return words.lower() if model.islower() else words


def _day(match: re.Match[str]) -> str:
    """The first day of 2000, written the same way."""
    text = match[0]
    if re.match(r"\d{4}-", text):
        return DAY + shaped(text[10:])
    if short := re.match(r"\d{1,2}([/.-])\d{1,2}\1(\d{2,4})", text):
        return f"01{short[1]}01{short[1]}{'2000'[-len(short[2]) :]}"
    return "1 janvier 2000"


def _number(match: re.Match[str]) -> str:
    return shaped(match[0])


_MONTH = r"(?:janv|f[ée]vr|mars|avr|mai|juin|juil|ao[uû]t|sept|oct|nov|d[ée]c)[a-zéû]*\.?"
_GAP = r"[ .\-\u00a0\u202f]?"
_WAY = r"(?:rue|avenue|av\.|bd|boulevard|place|chemin|all[ée]e|impasse|quai|cours|route|square|passage|faubourg|r[ée]sidence)"
# What is a value wherever it stands, most telling first.
_ALWAYS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+"), lambda _: EMAIL),
    (re.compile(r"(?:https?|ftp|file|mailto|tel):(?://)?[^\s<>\"»]+", re.IGNORECASE), lambda _: "https://exemple.fr/"),
    (re.compile(r"\b(?:eyJ[\w.-]{10,}|[0-9a-fA-F]{8}-[0-9a-fA-F-]{20,}|[0-9a-fA-F]{16,})\b"), _number),
    (re.compile(rf"\b[A-Z]{{2}}\d{{2}}(?:{_GAP}[A-Z0-9]{{4}}){{3,7}}(?:{_GAP}[A-Z0-9]{{1,3}})?\b"), _number),
    (re.compile(rf"\bFR{_GAP}[0-9A-Z]{{2}}{_GAP}\d{{3}}{_GAP}\d{{3}}{_GAP}\d{{3}}\b"), _number),
    (re.compile(rf"(?:\+|\b)\d(?:{_GAP}\d){{8,}}\b"), _number),
    (re.compile(r"\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?(?:[.,]\d+)?Z?)?\b"), _day),
    (re.compile(r"\b\d{1,2}([/.-])\d{1,2}\1(?:\d{4}|\d{2})\b"), _day),
    (re.compile(rf"\b\d{{1,2}}(?:er)?\s+{_MONTH}\s+\d{{4}}\b", re.IGNORECASE), _day),
    (
        re.compile(
            rf"\b\d{{1,4}}\s*(?:bis|ter|quater)?,?\s+(?:{_WAY})\s[^\n;|]{{2,80}}|\b\d{{5}}\s+[A-ZÀ-Ö][\w'’ -]{{2,40}}",
            re.IGNORECASE,
        ),
        _number,
    ),
)
# Numbers, unless the flows know them.
_UNLESS_KNOWN: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"\b\d{1,2}(?:h|:)\d{2}(?::\d{2})?\b"), _number),
    (re.compile(r"[-−]?\d[\d  \u00a0\u202f.]*(?:[.,]\d{1,6})?\s?(?:€|EUR\b|euros?\b|%)"), _number),
    (re.compile(r"[-−]?\d[\d \u00a0\u202f]*,\d{1,6}\b"), _number),
    # References: FAC-2026-001, 2026/14, F00012, and any longer number.
    (re.compile(r"\b(?=[\w/.-]*\d)\w+(?:[-/.]\w+)+\b|\b(?=[^\W_]*\d[^\W_]*\d[^\W_]*\d)[^\W_]+(?:_\w+)*\b"), _number),
)
_WORD = re.compile(r"[^\W\d_]+|\d+")
_NAME_LIKE = re.compile(r"\d{4,}|[0-9a-f]*\d[0-9a-f]*[a-f][0-9a-f]*\d[0-9a-f]{4,}|@", re.IGNORECASE)
_LONGEST_NAME = 80
_Span = tuple[int, int, str]


def is_made_up(name: str) -> bool:
    """Whether an id or a name looks drawn by a machine for one page: it is no way to find a control again."""
    return bool(_NAME_LIKE.search(name)) or len(name) > _LONGEST_NAME


def identity_of(account: Account, more: Iterable[str] = ()) -> dict[str, str]:
    """What is known of somebody before any page is seen -> what stands for it; `more`: numbers, names of structures."""
    first, last = account.first_name or "", account.last_name or ""
    known = {account.email: EMAIL, **dict.fromkeys(filter(None, more), "")}
    if first and last:
        known |= {f"{first} {last}": f"{FIRST_NAME} {LAST_NAME}", f"{last} {first}": f"{LAST_NAME} {FIRST_NAME}"}
    return known | {name: placeholder for name, placeholder in ((first, FIRST_NAME), (last, LAST_NAME)) if name}


class Masker:
    """One person's data out of one portal's pages. The same words get the same placeholders throughout."""

    def __init__(self, vocabulary: Vocabulary, known: Mapping[str, str] | None = None) -> None:
        self.vocabulary = vocabulary
        # Folded pieces of what is known to be personal -> what stands for them; empty: the same shape.
        self._known: dict[tuple[str, ...], str] = {}
        # Words beside controls: as telling as labels.
        self.spoken: set[str] = set()
        self._names: dict[str, str] = {}
        for placeholder in (FIRST_NAME, LAST_NAME, EMAIL):
            vocabulary.words.update(words_of(placeholder))
        for words, instead in (known or {}).items():
            self.know(words, instead)

    # --- what is personal -----------------------------------------------------------------------------------------

    def know(self, words: str, instead: str = "") -> None:
        """Words that are personal wherever they stand, and what stands for them."""
        if pieces := pieces_of(words):
            self._known[pieces] = instead

    def learn(self, value: str) -> bool:
        """What somebody typed is personal wherever it is shown afterwards; whether that was new."""
        before = len(self._known)
        pieces = pieces_of(value)
        is_ordinary = all(piece in self.vocabulary.words for piece in pieces)
        if len("".join(pieces)) >= _SHORTEST and not is_ordinary:
            self._known.setdefault(pieces, "")
        for word in words_of(value):
            if len(word) > _SHORTEST and word not in self.vocabulary.words:
                self._known.setdefault((word,), "")
        return len(self._known) > before

    def finds(self, text: str) -> bool:
        """Whether a text says something that is known to be personal, and is no placeholder."""
        return any(instead != text[start:end] for start, end, instead in self._personal(text))

    # --- masking ----------------------------------------------------------------------------------------------------

    def text(self, text: str, kind: Kind = Kind.TEXT) -> str:
        """The words of a page without what is personal."""
        if not text.strip():
            return text
        if kind is Kind.VALUE:
            return self.value(text)
        if kind in (Kind.TEXT, Kind.CELL) and plain(text) in self.spoken:
            kind = Kind.LABEL
        taken = _Taken(text)
        taken.take(_matches(text, _ALWAYS))
        taken.take(self._personal(text))
        is_personal = bool(taken.spans)
        # A sentence with somebody's data in it is no phrase of the portal's own.
        if not is_personal or kind is Kind.LABEL:
            taken.keep(self._phrases(text))
        taken.take(_matches(text, _UNLESS_KNOWN))
        is_strict = kind in (Kind.TEXT, Kind.CELL) or (is_personal and kind is Kind.OPTION)
        has_numbers = kind is Kind.CELL or (is_strict and is_personal)
        taken.take(self._strangers(text, taken, is_strict=is_strict, digits=has_numbers))
        return taken.replaced()

    def value(self, text: str, type: str = "text") -> str:
        """What stands in a field; `type` is its attribute. A password keeps nothing but that it is there."""
        if not text:
            return ""
        match type:
            case "password":
                return "x"
            case "email":
                return EMAIL
            case "date":
                return DAY
            case "datetime-local":
                return f"{DAY}T00:00"
            case "month":
                return DAY[:7]
            case "time":
                return "00:00"
            case "color" | "range" | "week" | "hidden":
                return ""
        if text.strip() in (EMAIL, FIRST_NAME, LAST_NAME):
            return text
        if dated := re.fullmatch(r"\d{4}-\d{2}-\d{2}|\d{1,2}([/.-])\d{1,2}\1\d{4}", text.strip()):
            return _day(dated)
        return EMAIL if "@" in text else shaped(text)

    def name(self, name: str) -> str:
        """An id, a name or a code of the markup: as it is, unless a machine or a person's data made it."""
        if not is_made_up(name) and not self._is_said(name):
            return name
        return self._names.setdefault(name, f"masque-{len(self._names) + 1}")

    def address(self, url: str) -> str:
        """An address without query, fragment or user; path segments that nobody would choose are masked."""
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        path = "/".join(self.name(segment.partition(";")[0]) for segment in parts.path.split("/"))
        return f"{parts.scheme}://{host}{path}" if host else ""

    # --- how --------------------------------------------------------------------------------------------------------

    def _is_said(self, name: str) -> bool:
        """Whether an identifier bears a person's words, run together or not."""
        squeezed = "".join(pieces_of(name))
        words = {"".join(pieces) for pieces in self._known}
        return any(len(word) > _SHORTEST + 1 and word in squeezed for word in words) or (pieces_of(name) in self._known)

    def _personal(self, text: str) -> Iterator[_Span]:
        if not self._known:
            return
        places = [(match.start(), match.end(), _fold(match[0])) for match in _WORD.finditer(text)]
        longest = max(map(len, self._known))
        at = 0
        while at < len(places):
            for size in range(min(longest, len(places) - at), 0, -1):
                pieces = tuple(piece for _, _, piece in places[at : at + size])
                if pieces in self._known:
                    start, end = places[at][0], places[at + size - 1][1]
                    instead = self._known[pieces]
                    yield start, end, like_case(instead, text[start:end]) if instead else shaped(text[start:end])
                    at += size - 1
                    break
            at += 1

    def _phrases(self, text: str) -> list[_Span]:
        """Where the flows' own phrases stand."""
        places = [(match.start(), match.end(), _fold(match[0])) for match in _WORD.finditer(text)]
        found: list[_Span] = []
        for at in range(len(places)):
            for size in range(min(self.vocabulary.longest, len(places) - at), 0, -1):
                pieces = tuple(piece for _, _, piece in places[at : at + size])
                if pieces in self.vocabulary.phrases and (size > 1 or not pieces[0].isdigit()):
                    start, end = places[at][0], places[at + size - 1][1]
                    found.append((start, end, text[start:end]))
                    break
        return found

    def _strangers(self, text: str, taken: _Taken, *, is_strict: bool, digits: bool) -> list[_Span]:
        """Words that nobody vouches for: all of them in free text; in a label those that look like somebody's name."""
        places = [match for match in _WORD.finditer(text) if taken.is_free(match.start(), match.end())]
        unknown = [match for match in places if not match[0].isdigit() and not self.vocabulary.knows(match[0])]
        if not is_strict:
            unknown = _names_among(text, unknown)
        numbers = [match for match in places if digits and match[0].isdigit()]
        return [(match.start(), match.end(), shaped(match[0])) for match in (*unknown, *numbers)]


class _Taken:
    """Parts of one text that are decided: what stands for them, or that they stay."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._decided = bytearray(len(text))
        self.spans: list[_Span] = []

    def is_free(self, start: int, end: int) -> bool:
        return not any(self._decided[start:end])

    def take(self, spans: Iterable[_Span]) -> None:
        for start, end, instead in list(spans):
            if self.is_free(start, end):
                self._decided[start:end] = b"\1" * (end - start)
                self.spans.append((start, end, instead))

    def keep(self, spans: Iterable[_Span]) -> None:
        for start, end, _ in spans:
            self._decided[start:end] = b"\1" * (end - start)

    def replaced(self) -> str:
        pieces, at = [], 0
        for start, end, instead in sorted(self.spans):
            pieces += [self._text[at:start], instead]
            at = end
        return "".join([*pieces, self._text[at:]])


def _names_among(text: str, unknown: list[re.Match[str]]) -> list[re.Match[str]]:
    """Capitals in mid-sentence, words all in capitals; and what stands right before these."""

    def opens(match: re.Match[str]) -> bool:
        before = text[max(0, match.start() - 20) : match.start()].rstrip(" «\"“'’(\u00a0")
        return not before or before[-1] in ".!?:;\n•–—|/*"

    def is_name(match: re.Match[str]) -> bool:
        word = match[0]
        # Two capitals are an acronym.
        return len(word) > 1 and word[0].isupper() and (len(word) > 2 if word.isupper() else not opens(match))

    named: list[re.Match[str]] = []
    following: re.Match[str] | None = None
    for match in reversed(unknown):
        is_before = following is not None and not text[match.end() : following.start()].strip(" -'’")
        if is_name(match) or (is_before and match[0][0].isupper()):
            named.append(match)
            following = match
    return named


def _matches(
    text: str, patterns: Iterable[tuple[re.Pattern[str], Callable[[re.Match[str]], str]]]
) -> Iterator[_Span]:
    for pattern, instead in patterns:
        for match in pattern.finditer(text):
            yield match.start(), match.end(), instead(match)


def _fold(word: str) -> str:
    letters = unicodedata.normalize("NFKD", word).lower().replace("œ", "oe").replace("æ", "ae")
    return "".join(c for c in letters if not unicodedata.combining(c))
