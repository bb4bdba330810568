"""What is told of a batch on its way: how many are done, how many are left, about how long."""

from __future__ import annotations

import itertools

import pytest

from robot.progress import Progress


def told(total: int, *seconds: float) -> list[str]:
    """The sentence after each invoice, for invoices that took that long."""
    clock = itertools.accumulate((0.0, *seconds)).__next__
    progress = Progress(total, clock=clock)
    return [progress.advance() for _ in seconds]


def test_the_first_invoice_promises_no_time():
    assert told(12, 60) == ["1 sur 12 — encore 11"]


def test_then_the_time_left_is_told():
    assert told(12, 15, 13, 14)[-1] == "3 sur 12 — encore 9, environ 2 min"


def test_an_invoice_that_waited_for_a_person_does_not_spoil_it():
    assert told(12, 15, 3600, 13)[-1] == "3 sur 12 — encore 9, environ 2 min"


@pytest.mark.parametrize(
    ("each", "words"), [(3, "moins d'une minute"), (60, "environ 10 min"), (600, "environ 1 h 40"), (720, "environ 2 h")]
)
def test_no_time_is_promised_to_the_second(each, words):
    assert told(12, each, each)[-1] == f"2 sur 12 — encore 10, {words}"


def test_the_last_one_leaves_nothing():
    assert told(2, 5, 5)[-1] == "2 sur 2"
