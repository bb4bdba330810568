"""Amounts and dates as the portal writes and reads them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from robot.replica.french import amount_text, read_amount, read_date, redrawn_amount, short_date


@pytest.mark.parametrize("typed", ["1400", "1400,00", "1400.0", "1 400,00", "1\N{NO-BREAK SPACE}400,00"])
def test_an_amount_is_read_however_it_is_typed(typed):
    """Comma or point, spaces or none."""
    assert read_amount(typed) == Decimal("1400.00")


@pytest.mark.parametrize("typed", ["", "abc", "1,2,3", "12,345", "1.400,00", "٣"])
def test_what_is_no_amount_stays_as_typed(typed):
    """Three decimals and two separators are no amounts."""
    assert redrawn_amount(typed) == typed


def test_amounts_are_redrawn_with_two_decimals():
    """Thousands are set apart by a no-break space."""
    assert redrawn_amount("600") == "600,00"
    assert amount_text(Decimal("5600")) == "5\N{NO-BREAK SPACE}600,00"


@pytest.mark.parametrize("typed", ["31/02/2026", "2026-08-31", "1/8/2026", "31/08/26", "hier"])
def test_an_impossible_date_is_refused(typed):
    """Only JJ/MM/AAAA, and only days that exist."""
    with pytest.raises(ValueError):
        read_date(typed)


def test_the_summary_writes_short_months():
    """As in the pictures of the portal."""
    assert short_date(date(2021, 2, 9)) == "9 févr. 2021"
