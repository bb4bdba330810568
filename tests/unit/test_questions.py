"""What a person is asked on a terminal: once, in words, and no answer that the form would refuse."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pytest
from factures import DATA

from robot.answers import Answers
from robot.checks import Judged, judge
from robot.entries import paper
from robot.failures import InvoiceInvalid
from robot.journal import Journal
from robot.known import Known
from robot.questions import Desk

TODAY = date(2026, 11, 2)
UNIVERSITY = "13000545700010"


class Terminal:
    """Somebody who types these lines, and what they were shown."""

    def __init__(self, home: Path) -> None:
        self.answers = Answers(Journal(home / "journal.sqlite3"))
        self.shown = ""

    def asks(self, name: str, *typed: str) -> Judged:
        (file,) = (DATA / "sante-psy").glob(f"{name}-*.pdf")
        entry, known = paper(file), Known(answers=self.answers.about, today=TODAY)
        stderr = io.StringIO()
        desk = Desk(self.answers, stdin=io.StringIO("".join(f"{line}\n" for line in typed)), stderr=stderr)
        try:
            return desk.settle(entry.place, lambda answers: judge(entry, known, answers))
        finally:
            self.shown = stderr.getvalue()


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


def test_a_typed_siret_makes_the_invoice_ready(terminal: Terminal):
    assert terminal.asks("s03", UNIVERSITY).loaded().invoice.recipient.siret == UNIVERSITY


def test_what_was_answered_is_not_asked_again(terminal: Terminal):
    terminal.asks("s03", UNIVERSITY)
    assert terminal.asks("s03").loaded().invoice.recipient.siret == UNIVERSITY
    assert terminal.shown == ""


def test_an_answer_that_cannot_be_is_asked_again_and_not_kept(terminal: Terminal):
    terminal.asks("s03", "13000545700011", UNIVERSITY)
    assert "✗" in terminal.shown
    assert terminal.asks("s03").loaded().invoice.recipient.siret == UNIVERSITY


def test_an_answer_may_be_chosen_by_its_number(terminal: Terminal):
    """The first is what the public list has under the printed name."""
    assert terminal.asks("s03", "1").loaded().invoice.recipient.siret == UNIVERSITY


def test_no_is_an_answer(terminal: Terminal):
    with pytest.raises(InvoiceInvalid, match="JavaScript"):
        terminal.asks("s10", "non")
    with pytest.raises(InvoiceInvalid, match="JavaScript"):
        terminal.asks("s10", "")


def test_who_leaves_sends_nothing(terminal: Terminal):
    with pytest.raises(InvoiceInvalid):
        terminal.asks("s03")


def test_a_scan_is_typed_with_its_day_as_a_person_writes_it(terminal: Terminal):
    typed = ("oui", "2026-17", "31/03/2026", "400,00", "0", "400", "00010107100017", "19170032700015", "4500999001")
    invoice = terminal.asks("s07", *typed).loaded().invoice
    assert (invoice.number, invoice.date, str(invoice.amounts.ttc)) == ("2026-17", date(2026, 3, 31), "400.00")
    assert invoice.engagement == "4500999001"


def test_an_invoice_that_cannot_go_is_not_asked_about(terminal: Terminal):
    assert terminal.asks("s13").problems
    assert terminal.shown == ""
