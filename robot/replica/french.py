"""How the portal writes and reads amounts and dates. Pure functions."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

_MONTHS = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")
_SPACES = re.compile(r"[\s\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]+")
_AMOUNT = re.compile(r"-?\d{1,13}([.,]\d{1,2})?", re.ASCII)
_DATE = re.compile(r"(\d{2})/(\d{2})/(\d{4})", re.ASCII)


def amount_text(amount: Decimal) -> str:
    """`1 400,00`, with no-break spaces between thousands, as Java's French locale does."""
    return f"{amount:,.2f}".replace(",", "\N{NO-BREAK SPACE}").replace(".", ",")


def read_amount(text: str) -> Decimal:
    """`1 400,00`, `1400.00` or `1400` as an amount to the cent. Raises ValueError."""
    digits = _SPACES.sub("", text)
    if not _AMOUNT.fullmatch(digits):
        raise ValueError(text)
    return Decimal(digits.replace(",", ".")).quantize(Decimal("0.01"))


def redrawn_amount(text: str) -> str:
    """What the server makes of a typed amount; what is no amount stays as it was typed."""
    try:
        return amount_text(read_amount(text))
    except ValueError:
        return text.strip()


def date_text(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def short_date(day: date) -> str:
    """`9 févr. 2021`."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def read_date(text: str) -> date:
    """`31/08/2026` as a date. Raises ValueError."""
    match = _DATE.fullmatch(text.strip())
    if not match:
        raise ValueError(text)
    day, month, year = map(int, match.groups())
    return date(year, month, day)
