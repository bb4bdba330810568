"""Deposits shown in a real window: people pause, reload, take over, close; what the portal stores is the same."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from benches import Bench, facts_of
from playwright.sync_api import Page
from somebody import Somebody, window
from test_deposit import assert_stored

from robot.cli import main
from robot.verification import verify

COMMENT = "Séances d’août,\nen deux lignes"


@pytest.fixture
def shown_portal(bench: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch) -> Bench:
    """Its second factor is a person."""
    portal = bench()
    facts = yaml.safe_load(portal.config().read_text())
    facts["account"]["second_factor"] = "person"
    (portal.folder / "config.yaml").write_text(yaml.safe_dump(facts, allow_unicode=True))
    for name, value in portal.secrets.items():
        monkeypatch.setenv(name, value)
    return portal


def show(portal: Bench, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    """Deposits an invoice in front of people; the exit code and the line of JSON."""
    facture = portal.facture("s03", 1, comment=COMMENT)
    command = ["deposit", str(facture), "--config", str(portal.folder / "config.yaml"), "--json", "--send", "--show"]
    code = main([*command, "--out", str(portal.folder / "depots")])
    said = capsys.readouterr()
    print(said.err)
    return code, json.loads(said.out)


class Onlooker:
    """Somebody in front of a demonstration."""

    def __init__(self, portal: Bench) -> None:
        self.portal = portal
        self.has_left = False

    def act(self, page: Page) -> None:
        """A pause, then to the end without waiting; a code to type; a page reloaded in the middle."""
        page.keyboard.press("F8")
        page.keyboard.press("F10")
        page.locator("#otp").wait_for()
        code = re.search(r"\d{6}", self.portal.replica.mails()[0].body)
        assert code
        page.locator("#otp").fill(code.group())
        page.locator("#otp").press("Enter")
        page.get_by_label("Type de TVA").wait_for()
        page.reload()
        self.has_left = True


def test_a_shown_deposit_is_stored_as_an_unseen_one(shown_portal, monkeypatch, capsys):
    """Field by field, after a pause, a code that a person types, and a page that they reload in the middle."""
    monkeypatch.setattr("robot.training.coach._LAST_WORDS", 0.5)
    onlooker = Onlooker(shown_portal)
    with window(monkeypatch) as port, Somebody(port, onlooker.act):
        code, line = show(shown_portal, capsys)
    assert (code, line["outcome"]) == (0, "deposited"), line
    assert onlooker.has_left
    assert_stored(shown_portal, facts_of("s03", 1) | {"comment": COMMENT}, "DEPOSEE")
    assert verify(Path(line["folder"])) == []


def test_a_window_closed_in_the_middle_sends_nothing(shown_portal, monkeypatch, capsys):
    """It is told in a sentence of its own."""
    with window(monkeypatch) as port, Somebody(port, lambda page: page.close()):
        code, line = show(shown_portal, capsys)
    assert (code, line["outcome"]) == (77, "needs-person")
    assert "fenêtre du navigateur a été fermée" in line["message"]
    assert shown_portal.replica.invoices() == []
