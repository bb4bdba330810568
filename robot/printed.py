"""Dates, amounts, numbers and references as French invoices print them, found in one line of text.

Knows no label and no invoice: `reader.py` says which text to look in. Everything is found in *plain* text (`plain`),
which has as many letters as the printed one, so that a place in the one is a place in the other.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal


class _Plain(dict[int, str]):
    """Letters without case and accents; one sign for each kind of apostrophe, dash and space."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        if sign in "’‘ʼ`´′":
            plain = "'"
        elif sign in "‐‑‒–—−﹣－":
            plain = "-"
        elif sign in "°º˚":
            plain = "°"
        elif sign in "«»“”„":
            plain = '"'
        elif sign in "œŒ":
            plain = "o"
        elif sign.isspace():
            plain = " "
        else:
            base = [letter for letter in unicodedata.normalize("NFKD", sign) if not unicodedata.combining(letter)]
            plain = base[0].lower()[:1] if len(base) == 1 else sign.lower()[:1]
        self[code] = plain or sign
        return self[code]


_PLAIN = _Plain()


def plain(text: str) -> str:
    """Text as it is compared; as long as the text itself."""
    return text.translate(_PLAIN)


def squeezed(text: str) -> str:
    """Letters and digits only, for names and labels that a font tears apart."""
    return re.sub(r"[^a-z0-9]+", "", plain(text))


# What stands for « nothing »: what is printed of a value that a program did not have, or what a person writes.
_NOTHING = re.compile(
    r"(?:undefined|null|nan|none|neant|aucune?|sans|non|n ?/ ?a|nc|n\.c\.?|non (?:communique|concerne|requis|demande)e?|"
    r"sans objet|pas de .{0,40}|a completer|a venir|en attente|x+|[-_./:… *]*)"
)
_BLANKS = re.compile(r"_{2,}|\.{4,}|…+")


def without_blanks(text: str) -> str:
    """A value without the line that was to be written on; empty where it says that there is nothing."""
    text = " ".join(_BLANKS.sub(" ", text).split()).strip(" :_")
    return "" if _NOTHING.fullmatch(plain(text)) else text


# --- dates ---------------------------------------------------------------------------------------------------------

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "janvier janv jan january",
            "fevrier fevr fev february feb",
            "mars mar march",
            "avril avr april apr",
            "mai may",
            "juin june jun",
            "juillet juil july jul",
            "aout august aug",
            "septembre sept sep september",
            "octobre oct october",
            "novembre nov november",
            "decembre dec december",
        ),
        1,
    )
    for name in names.split()
}
_WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTH = "(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + ")"
_WEEKDAY = "(?:" + "|".join(_WEEKDAYS) + ")"
_DATE = re.compile(
    r"(?<![\w/.-])(?:"
    rf"(?:(?P<weekday>{_WEEKDAY}),? )?(?P<day>\d{{1,2}})(?: ?er)?[ -]?(?P<month>{MONTH})\.?[ -]?(?P<year>\d{{4}}|\d{{2}})"
    rf"|(?P<emonth>{MONTH})\.? (?P<eday>\d{{1,2}}), ?(?P<eyear>\d{{4}})"
    r"|(?P<iyear>\d{4})(?P<isep>[-/.])(?P<imonth>\d{1,2})(?P=isep)(?P<iday>\d{1,2})"
    r"|(?P<nday>\d{1,2}) ?(?P<nsep>[-/.]) ?(?P<nmonth>\d{1,2}) ?(?P=nsep) ?(?P<nyear>\d{4}|\d{2})"
    r"|(?P<compact>\d{8})"
    r")(?![\w/]|[.-]\d)"
)


@dataclass(frozen=True)
class PrintedDate:
    """What is printed as a date, and where in the text; `value` is None for a day that does not exist."""

    value: dt.date | None
    start: int
    end: int
    # Its day of the week is printed, and it is another one.
    wrong_weekday: bool = False


def dates(text: str) -> list[PrintedDate]:
    """Everything in a plain text that is written as a date."""
    return [_date(match) for match in _DATE.finditer(text)]


def _date(match: re.Match[str]) -> PrintedDate:
    part = match.groupdict()
    wrong = False
    if part["compact"]:
        digits = part["compact"]
        value = _day(digits[:4], digits[4:6], digits[6:])
        if not 2000 <= int(digits[:4]) < 2100:
            value = _day(digits[4:], digits[2:4], digits[:2])
    elif part["iyear"]:
        value = _day(part["iyear"], part["imonth"], part["iday"])
    elif part["nday"]:
        value = _day(part["nyear"], part["nmonth"], part["nday"])
    else:
        month = str(_MONTHS[part["month"] or part["emonth"]])
        value = _day(part["year"] or part["eyear"], month, part["day"] or part["eday"])
        wrong = bool(value and part["weekday"] and _WEEKDAYS[value.weekday()] != part["weekday"])
    return PrintedDate(value, match.start(), match.end(), wrong)


def _day(year: str, month: str, day: str) -> dt.date | None:
    try:
        return dt.date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
    except ValueError:
        return None


_MONTH_YEAR = re.compile(rf"(?<!\w)(?P<month>{MONTH})\.? (?P<year>20\d\d)(?!\w)")


def month_of(text: str) -> tuple[dt.date, int, int] | None:
    """First day of the first « août 2026 » of a plain text, and where that stands."""
    match = _MONTH_YEAR.search(text)
    return (dt.date(int(match["year"]), _MONTHS[match["month"]], 1), *match.span()) if match else None


# --- amounts -------------------------------------------------------------------------------------------------------

_AMOUNT = re.compile(
    r"(?<![\w.,/°])(?<!\w-)(?P<before>[€$£] ?|eur )?(?P<sign>- ?)?(?P<before2>€ ?)?"
    r"(?:(?P<grouped>\d{1,3}(?P<sep>[ .,'])\d{3}(?:(?P=sep)\d{3}){0,2})|(?P<whole>\d{1,9}))"
    r"(?: ?[.,](?P<cents>\d{1,2})|(?P<dash>,-))?(?![\d/]|[.,']\d|-\d)"
    r"(?P<after> ?(?:€(?: ?(?P<euro_cents>\d{2})(?!\d))?|euros?\b|eur\b|\$|£|chf\b|usd\b))?(?P<percent> ?%)?(?![a-z_])"
)


@dataclass(frozen=True)
class PrintedAmount:
    """An amount, or another number, and where in the text."""

    value: Decimal
    start: int
    end: int
    # Its currency is printed with it: `€`, `$`…; empty where it is not.
    currency: str = ""
    # It has cents.
    exact: bool = False
    # Its sign stands apart, where it may be a dash: « Total - 950 € ».
    loose_sign: bool = False
    # « 1.245 »: thousands, or thousandths.
    unclear: bool = False

    @property
    def is_money(self) -> bool:
        return self.exact or bool(self.currency)


def amounts(text: str) -> list[PrintedAmount]:
    """Every number of a plain text that may be an amount; rates (20 %), dates and references are none."""
    taken = [(date.start, date.end) for date in dates(text)]
    found = []
    for match in _AMOUNT.finditer(text):
        if match["percent"] or any(start < match.end() and match.start() < end for start, end in taken):
            continue
        found.append(_amount(match))
    return found


def _amount(match: re.Match[str]) -> PrintedAmount:
    whole = re.sub(r"\D", "", match["grouped"] or match["whole"])
    cents = match["cents"] or match["euro_cents"] or ""
    value = Decimal(f"{whole}.{cents or '0'}").quantize(Decimal("0.01"))
    sign = match["sign"] or ""
    currency = re.sub(r"[\d ]", "", match["after"] or match["before"] or match["before2"] or "")
    return PrintedAmount(
        -value if sign else value,
        match.start(),
        match.end(),
        currency="€" if currency in ("€", "eur", "euro", "euros") else currency,
        exact=bool(cents or match["dash"]),
        loose_sign=sign == "- ",
        unclear=bool(match["grouped"]) and match["sep"] in ".," and not cents,
    )


# --- SIRET, IBAN, references -----------------------------------------------------------------------------------------

_DIGITS = re.compile(r"[ :°=]*(\d[\d .\-]*)")


def siret_digits(text: str) -> tuple[str, int] | None:
    """The digits that a plain text begins with, and where they end: 14 of them where groups add up to that."""
    match = _DIGITS.match(text)
    if not match:
        return None
    digits, whole = "", ""
    for group in re.finditer(r"\d+", match[1]):
        whole += group[0]
        if len(whole) == 14:
            digits, end = whole, match.start(1) + group.end()
            break
    else:
        digits, end = whole, match.start(1) + len(match[1].rstrip(" .-"))
    following = text[end : end + 1]
    # `12345678A…` is the beginning of another kind of number.
    return None if following.isalnum() else (digits, end)


_IBAN = re.compile(r"(?<![a-z0-9])([a-z]{2}\d{2})((?: ?[a-z0-9]{2,4}){3,8}(?: ?[a-z0-9])?|[a-z0-9]{11,30})")


def iban_in(text: str) -> tuple[str, int, int] | None:
    """The first IBAN of a plain text: its signs without spaces, and where it stands."""
    for match in _IBAN.finditer(text):
        signs = re.sub(r" ", "", match[0])
        length = 27 if signs[:2] in ("fr", "mc") else 34
        end = match.start()
        for taken, sign in enumerate(text[match.start() :], 1):
            end = match.start() + taken
            if len(re.sub(r" ", "", text[match.start() : end])) == min(length, len(signs)) and sign != " ":
                break
        signs = signs[:length]
        # The country's length is known for ours only; a word may follow any other.
        if len(signs) >= 15 and (length == 34 or len(signs) == 27) and sum(map(str.isdigit, signs)) >= 10:
            return signs.upper(), match.start(), end
    return None


_REFERENCE = re.compile(r"[\w+./\-]*\d[\w+./\-]*")
# `2026-08-01` may well be a reference.
_DAY = re.compile(r"\d{1,2}[/.]\d{1,2}[/.]\d{2,4}")
_PREFIX = re.compile(r"[A-Za-z]{1,5}[.\-/]?")


def reference_in(text: str) -> tuple[str, int] | None:
    """The reference that a printed text begins with (`FA2026-31`, `FA 2026 031`), and where it ends."""
    tokens = [(match[0], match.start(), match.end()) for match in re.finditer(r"\S+", text[:120])]
    taken: list[tuple[str, int, int]] = []
    for token, start, end in tokens:
        bare = token.strip("()[]«»\"';:").rstrip(".,")
        cut = bare != token.lstrip("()[]«»\"'")
        is_reference = _REFERENCE.fullmatch(bare) and not _DAY.fullmatch(bare)
        if not is_reference and (taken or not _PREFIX.fullmatch(bare) or not bare.isupper()):
            break
        taken.append((bare, start, end))
        if cut:
            break
    while taken and not any(sign.isdigit() for sign in taken[-1][0]):
        taken.pop()
    if not taken:
        return None
    return " ".join(token for token, _, _ in taken), taken[-1][2]
