"""What earlier deposits tell of the next one; what a person answered is not asked again."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from robot.answers import Answers
from robot.deposits import Content, Key, State
from robot.history import History, Paper, iban_ends
from robot.journal import Journal

KEY = Key("portail.example", "00010101400017", "2026-07")
CONTENT = Content(
    recipient="13001533200013", date=date(2026, 7, 31), ht=Decimal(50), tva=Decimal(0), ttc=Decimal(50), due=Decimal(50)
)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal.sqlite3")


def test_an_answer_is_kept_for_these_very_bytes(journal: Journal):
    Answers(journal).keep("aa", "PDF_JAVASCRIPT", "oui")
    assert Answers(journal).about("aa")["PDF_JAVASCRIPT"].value == "oui"
    assert Answers(journal).about("bb") == {}


def test_a_second_answer_replaces_the_first(journal: Journal):
    for value in ("4500", "4501"):
        Answers(journal).keep("aa", "engagement", value)
    assert Answers(journal).about("aa")["engagement"].value == "4501"


def test_a_deposit_is_remembered_with_its_paper(journal: Journal):
    with journal.claim(KEY, CONTENT, run="r1") as claim:
        History(journal).keep(KEY, Paper(date(2026, 7, 1), "FR76…0106"))
        claim.found("retrouvée sur le portail")
    (before,) = History(journal, KEY.portal).of(KEY.supplier)
    assert (before.number, before.is_sent, before.paper.iban) == ("2026-07", True, "FR76…0106")
    assert before.deposit.state is State.DEPOSITED


def test_other_portals_and_passing_replicas_do_not_count(journal: Journal):
    for portal in ("replica:1", "autre.example"):
        with journal.claim(Key(portal, KEY.supplier, "1"), CONTENT, run="r1"):
            pass
    assert History(journal, KEY.portal).of(KEY.supplier) == ()
    assert [before.deposit.key.portal for before in History(journal).of(KEY.supplier)] == ["autre.example"]


def test_an_account_number_is_not_kept_whole():
    assert iban_ends("FR76 9999 9000 0100 0000 0010 106") == "FR76…0106"
