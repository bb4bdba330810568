"""How often the portal is asked about an invoice that may have been sent, and when the asking stops."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from robot import inquiry
from robot.events import now
from robot.failures import OutcomeUnknown
from robot.inquiry import Inquiry
from robot.lookup import Listed
from robot.tabs import Place

SENT = Listed(("F-1", "Déposée"), "Déposée")


class Portal:
    """A portal that lists the invoice from the nth look on."""

    def __init__(self, settling_seconds: float, shows_at: int) -> None:
        self.place = Place("essai", "http://127.0.0.1/", (), (), "2024", settling_seconds=settling_seconds)
        self.looks = 0
        self._shows_at = shows_at

    def find(self) -> Listed | None:
        self.looks += 1
        return SENT if self.looks >= self._shows_at else None


def asking(portal: Any, said: list[str]) -> Inquiry:
    nobody: Any = SimpleNamespace(run=lambda *_, **__: None)
    look_up: Any = SimpleNamespace(find=portal.find)
    journey: Any = None
    return Inquiry(portal, journey, journey, new_runner=lambda: nobody, look_up=lambda _: look_up, say=said.append)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inquiry, "_LOOK_AGAIN_SECONDS", 0.01)


def test_what_was_never_confirmed_is_looked_for_once():
    portal = Portal(20, shows_at=9)
    assert asking(portal, []).find_sent(None) is None
    assert portal.looks == 1


def test_what_was_just_confirmed_is_looked_for_until_it_shows():
    """Each new look is told."""
    portal, said = Portal(20, shows_at=3), list[str]()
    assert asking(portal, said).find_sent(now()) is SENT
    assert (portal.looks, len(said)) == (3, 2)


def test_what_was_confirmed_long_ago_is_believed_at_once():
    portal = Portal(20, shows_at=9)
    assert asking(portal, []).find_sent(now() - timedelta(minutes=1)) is None
    assert portal.looks == 1


def test_a_slow_portal_is_asked_again_later(monkeypatch: pytest.MonkeyPatch):
    """Nothing is sent again before an invoice that was sent would show; the person is told when that is."""
    monkeypatch.setattr(inquiry, "_LONGEST_WAIT", timedelta(0))
    with pytest.raises(OutcomeUnknown, match="tarder") as raised:
        asking(Portal(600, shows_at=9), []).find_sent(now())
    assert "relancez la même commande après" in raised.value.cure
