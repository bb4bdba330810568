"""Earlier verdicts are in the journal, so that a change has a date."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from robot.journal import Journal
from robot.tutorial.past import Past
from robot.tutorial.verdicts import Check, Finding, Holding, Verdict


@pytest.fixture
def past(tmp_path):
    with Journal(tmp_path / "journal.sqlite3") as journal:
        yield Past(journal)


def check(day: int, holding: Holding, shown: str = "") -> Check:
    findings = (Finding("l'onglet", holding, shown=shown),)
    verdict = Verdict("3.3", "Aller dans « dépôt factures ».", ("flows/3-depot/12.yaml",), holding, findings)
    at = datetime(2026, 11, day, 12, tzinfo=UTC)
    return Check(f"run-{day}", at, "essai", "portail.example", "2024", "draft", (verdict,))


def test_a_change_has_the_day_it_was_first_seen(past):
    """And the verdict before it."""
    past.dated(check(1, Holding.HOLDS))
    past.dated(check(8, Holding.DRIFTED, "Déposer"))
    (verdict,) = past.dated(check(15, Holding.DRIFTED, "Déposer")).verdicts
    assert (verdict.since, verdict.before) == (date(2026, 11, 8), Holding.HOLDS)


def test_other_words_are_another_change(past):
    """It begins anew."""
    past.dated(check(1, Holding.DRIFTED, "Déposer"))
    (verdict,) = past.dated(check(8, Holding.DRIFTED, "Transmettre")).verdicts
    assert (verdict.since, verdict.before) == (date(2026, 11, 8), Holding.DRIFTED)


def test_the_first_check_knows_no_before(past):
    """It dates what it sees itself."""
    (verdict,) = past.dated(check(1, Holding.GONE)).verdicts
    assert (verdict.since, verdict.before) == (date(2026, 11, 1), None)


def test_a_line_that_was_not_reached_says_nothing(past):
    """The change before it goes on."""
    past.dated(check(1, Holding.GONE))
    past.dated(check(8, Holding.UNREACHED))
    (verdict,) = past.dated(check(15, Holding.GONE)).verdicts
    assert (verdict.since, verdict.before) == (date(2026, 11, 1), None)


def test_another_portal_has_its_own_past(past):
    """The host tells them apart."""
    past.dated(check(1, Holding.DRIFTED, "Déposer"))
    (verdict,) = past.dated(replace(check(8, Holding.DRIFTED, "Déposer"), place="autre.example")).verdicts
    assert verdict.since == date(2026, 11, 8)
