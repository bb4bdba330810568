"""How a value is written into a field, and how what a field shows is compared with a value.

The portal redraws what it is given: amounts read « 1 400,00 », dates JJ/MM/AAAA or « 9 févr. 2021 », SIRET with
spaces. Comparison is by meaning, never by letters. Pure functions; knows nothing of browsers.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import Enum
from pathlib import Path

from pydantic import SecretStr

_APOSTROPHES = str.maketrans("’‘`´", "''''")
_MONTHS = ("janv", "fevr", "mars", "avr", "mai", "juin", "juil", "aout", "sept", "oct", "nov", "dec")
# Thousands in groups of three behind one separator, then decimals; or plain digits.
_AMOUNT = re.compile(r"[-−]?(?:\d{1,3}(?:[ .,']\d{3})+(?!\d)(?: ?[.,]\d{1,6})?|\d+(?: ?[.,]\d{1,6})?)(?!\d)")
_SIRET = re.compile(r"\d(?:[ .\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]?\d){13}(?!\d)")
_LONG_DATE = re.compile(r"(\d{1,2})(?:er)?\s+([a-z]+)\.?\s+(\d{4})")


def plain(text: str) -> str:
    """Words as compared: no accents, no case, one space between words (the twin of `norm` in locators.js)."""
    letters = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES))
    letters = "".join(c for c in letters if not unicodedata.combining(c)).lower()
    letters = letters.replace("œ", "oe").replace("æ", "ae")
    return re.sub(r"\s+", " ", re.sub(r"[«»\"“”]", " ", letters)).strip(" *:•·–—-\n\t")


def written(value: object, input_type: str = "text") -> str:
    """A value as a French form takes it. `input_type` is the type attribute of the field (date, number, …)."""
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        raise TypeError("un secret n'est jamais écrit en clair")
    if isinstance(value, Decimal):
        return f"{value:.2f}" if input_type == "number" else f"{value:.2f}".replace(".", ",")
    if isinstance(value, date):
        return value.isoformat() if input_type == "date" else value.strftime("%d/%m/%Y")
    if isinstance(value, bool):
        return "OUI" if value else "NON"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Path):
        return value.name
    return str(value)


def parse_amount(text: str) -> Decimal | None:
    """The amount that a text begins with, whatever separates its thousands; None where there is none."""
    match = _AMOUNT.match(
        text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ").strip()
    )
    if not match:
        return None
    digits = match.group().replace("−", "-").replace("'", "").replace(" ", "")
    last = max(digits.rfind(","), digits.rfind("."))
    # A group of exactly three after a lone separator is thousands in « 1.400 », decimals never have three digits here.
    if last >= 0 and len(digits) - last - 1 != 3:
        digits = re.sub(r"[.,]", "", digits[:last]) + "." + digits[last + 1 :]
    else:
        digits = re.sub(r"[.,]", "", digits)
    try:
        return Decimal(digits)
    except InvalidOperation:
        return None


def parse_date(text: str) -> date | None:
    """The date that a text begins with: JJ/MM/AAAA, AAAA-MM-JJ, « 9 févr. 2021 »; None where there is none."""
    text = plain(text)
    try:
        if match := re.match(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", text):
            return date(int(match[3]), int(match[2]), int(match[1]))
        if match := re.match(r"(\d{4})-(\d{2})-(\d{2})", text):
            return date(int(match[1]), int(match[2]), int(match[3]))
        if match := _LONG_DATE.match(text):
            month = next((n for n, name in enumerate(_MONTHS, 1) if match[2].startswith(name)), 0)
            return date(int(match[3]), month, int(match[1]))
    except ValueError:
        return None
    return None


def _is_siret(value: str) -> bool:
    return len(value) == 14 and value.isdigit()


def same(value: object, shown: str) -> bool:
    """Whether a field that shows `shown` holds `value`."""
    shown = shown.strip()
    if value is None:
        return shown == ""
    if isinstance(value, Decimal):
        return parse_amount(shown) == value
    if isinstance(value, date):
        return parse_date(shown) == value
    wanted = written(value)
    if _is_siret(wanted):
        return re.sub(r"[\s.]", "", shown) == wanted
    return " ".join(shown.split()) == " ".join(wanted.split())


def begins_with(value: object, text: str) -> bool:
    """Whether a text begins with this value, whole: « 2026-1 » does not begin « 2026-10 »."""
    text = text.lstrip(" \n\t:\N{NO-BREAK SPACE}")
    if isinstance(value, Decimal):
        return parse_amount(text) == value
    if isinstance(value, date):
        return parse_date(text) == value
    wanted = written(value)
    if _is_siret(wanted):
        digits = _SIRET.match(text)
        return digits is not None and re.sub(r"[\s.]", "", digits.group()) == wanted
    rest = text[len(wanted) :]
    return text.startswith(wanted) and not re.match(r"[\w/+-]", rest)


def after(text: str, labels: Iterable[str]) -> list[str]:
    """What follows each occurrence of the labels in a text, up to 300 characters, best label first."""
    folded, places = _folded(text)
    found = []
    for label in labels:
        words = re.escape(plain(label)).replace(r"\ ", r"\s+")
        for match in re.finditer(words + r"[\s:*]*", folded):
            end = places[match.end()] if match.end() < len(places) else len(text)
            found.append(text[end : end + 300])
    return found


def _folded(text: str) -> tuple[str, list[int]]:
    """A text letter by letter as `plain` compares it, with each letter's place in the original."""
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        kept = unicodedata.normalize("NFKD", letter.translate(_APOSTROPHES)).lower()
        kept = kept.replace("œ", "oe").replace("æ", "ae")
        for part in (c for c in kept if not unicodedata.combining(c)):
            letters.append(part)
            places.append(place)
    return "".join(letters), places


@dataclass(frozen=True)
class Option:
    """An answer that a list or a group of buttons offers."""

    value: str
    text: str
    chosen: bool = False
    off: bool = False


def matching_option(
    value: object, known: Mapping[str, Iterable[str]], options: Sequence[Option]
) -> int | None:
    """Index of the one answer that means `value`; None where no answer does, or more than one.

    `known` maps a value to the words seen for its answer. Ways, best first: those words; the portal's own code as the
    option's value; the code's words; a code before a colon (« A1 : … », never A10); a SIRET anywhere in the answer.
    """
    wanted = str(value).lower() if isinstance(value, bool) else written(value)
    words = {plain(label) for label in known.get(wanted, ())}
    codes = {match.group() for word in words if (match := re.match(r"[a-z]+\d+(?=\s*:)", word))}
    ways = (
        lambda o: plain(o.text) in words,
        lambda o: o.value == wanted,
        lambda o: plain(o.text.replace("_", " ")) == plain(wanted.replace("_", " ")),
        lambda o: any(re.match(rf"{code}\b", plain(o.text)) for code in codes),
        lambda o: _is_siret(wanted) and wanted in re.sub(r"[\s.]", "", o.text),
        lambda o: (
            not _is_siret(wanted) and plain(o.text).startswith((plain(wanted) + " ", plain(wanted) + "-"))
        ),
    )
    for way in ways:
        found = [index for index, option in enumerate(options) if not option.off and way(option)]
        if len(found) == 1:
            return found[0]
        if found:
            return None
    return None
