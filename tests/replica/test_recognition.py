"""What the replica reads in a PDF: much of it right, the recipient often wrong."""

from __future__ import annotations

import pytest
from visitor import SANTE_PSY

from robot.replica.recognition import recognise


def read(name: str) -> dict[str, str]:
    return recognise(next(SANTE_PSY.glob(f"{name}-*.pdf")).read_bytes())


def test_the_psychologists_own_siret_is_taken_for_the_recipients():
    """The bill prints no other one: the trap that robots and people must see."""
    assert read("s01")["siret"] == "00010101400017"


def test_a_siret_named_as_the_clients_is_preferred():
    """« SIRET client » is a word that helps."""
    assert read("s05")["siret"] == "19170032700015"


def test_number_date_order_and_total_are_read():
    """From the bill that the service prints; there is no amount before tax on it."""
    found = read("s01")
    del found["siret"]
    assert found == {
        "number": "2026-08-01",
        "date": "31/08/2026",
        "engagement": "4500871236",
        "ttc": "1\N{NO-BREAK SPACE}200,00",
        "due": "1\N{NO-BREAK SPACE}200,00",
    }


def test_a_line_left_to_fill_is_nothing():
    """Underscores are no order number."""
    assert "engagement" not in read("s02")


def test_all_amounts_of_an_accountants_layout_are_read():
    """Values stand on the line below their words."""
    found = read("s06")
    amounts = [found[name].replace("\N{NO-BREAK SPACE}", "") for name in ("ht", "tva", "ttc", "due")]
    assert amounts == ["2198,25", "439,65", "2637,90", "2637,90"]


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 nothing", b"<html>"])
def test_nothing_is_recognised_in_what_cannot_be_read(content):
    """The form opens empty."""
    assert recognise(content) == {}


def test_a_scan_gives_nothing():
    """There is no text in it."""
    assert read("s07") == {}
