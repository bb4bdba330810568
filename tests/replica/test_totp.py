"""Codes of an authenticator app are those of RFC 6238."""

from __future__ import annotations

import base64

import pytest

from robot.replica.totp import code_at, is_code

# The key of the RFC's own examples.
SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_codes_are_those_of_the_rfc(seconds, code):
    """Appendix B, cut to six digits."""
    assert code_at(SECRET, seconds) == code


@pytest.mark.parametrize(("late", "taken"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_clock_may_be_one_step_off(late, taken):
    """One step either way, no more."""
    assert is_code(SECRET, code_at(SECRET, 1_000_000_000), 1_000_000_000 + late) is taken
