"""The journal as it is told: fits a terminal, stays itself in a spreadsheet, obeys no hostile word."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path

import pytest
from test_journal import KEY, ROADS, bring

from robot.deposits import State
from robot.journal import Journal
from robot.ledger import Entry, entries
from robot.listing import attention, cell, near, spreadsheet, table
from robot.plain import clean


@pytest.fixture
def listed(tmp_path: Path) -> list[Entry]:
    """One invoice in each state."""
    found = []
    for state in ROADS:
        with Journal(tmp_path / state / "journal.sqlite3") as journal:
            bring(journal, state)
            found += entries(journal)
    return found


def test_the_first_line_counts_what_needs_somebody(listed: list[Entry]) -> None:
    """Prepared, refused and certified invoices ask for nothing."""
    assert attention(listed) == (
        "4 factures demandent votre attention (brouillon : 1, envoi en cours — à vérifier : 1, sort inconnu : 1, "
        "déposée sans certificat : 1)."
    )
    assert attention([]) == "Rien ne demande votre attention."


@pytest.mark.parametrize("width", [60, 80, 132])
def test_no_line_is_wider_than_the_terminal(listed: list[Entry], width: int) -> None:
    """A narrow terminal gets two lines for each invoice instead of torn ones."""
    lines = table(listed, width)
    assert max(map(len, lines)) <= width
    assert sum(KEY.number in line for line in lines) == len(State)


def test_a_pipe_gets_one_aligned_line_for_each_invoice(listed: list[Entry]) -> None:
    """Whatever the width, so that `grep` and `sort` work."""
    heading, *lines = table(listed, None)
    assert len(lines) == len(State)
    assert {line.index(KEY.number) for line in lines} == {heading.index("NUMÉRO")}


def test_a_path_is_shown_as_it_can_be_typed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """From the current folder, from home, or whole."""
    monkeypatch.chdir(tmp_path)
    assert near(tmp_path / "depots" / "c.pdf") == "depots/c.pdf"
    assert near(Path.home() / "c.pdf") == "~/c.pdf"
    assert near(Path("/ailleurs/c.pdf")) == "/ailleurs/c.pdf"


def test_a_portals_words_move_no_cursor() -> None:
    """Escape sequences, line ends and changes of direction are spaces."""
    assert clean("a\x1b[31mb\r\nc\u202ed\ud800") == "a [31mb  c d "


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+33 6", "'+33 6"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1+1", "'=1+1"),
        ("＝1+1", "'＝1+1"),
        ("2026-10-07", "'2026-10-07"),
        ("007", "'007"),
        ("12E5", "'12E5"),
        ("1234567890123456789", "'1234567890123456789"),
        ("-600,00", "-600,00"),
        ("0,00", "0,00"),
        (3, "3"),
        ("FA 12 ; « deux »", "FA 12 ; « deux »"),
        (dt.date(2026, 10, 31), "31/10/2026"),
    ],
)
def test_a_cell_stays_what_it_is(value: object, shown: str) -> None:
    """Never a formula; an invoice number is no date, and keeps its zeros."""
    assert cell(value) == shown


def test_a_french_spreadsheet_opens_it(listed: list[Entry]) -> None:
    """UTF-8 with its mark, semicolons, French headings, one line for each invoice."""
    data = spreadsheet([(entry, ()) for entry in listed])
    assert data.startswith(b"\xef\xbb\xbfNum\xc3\xa9ro;")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))
    assert len(rows) == len(State)
    assert (rows[0]["Montant TTC"], rows[0]["Date de facture"]) == ("5600,00", "31/10/2026")
    assert rows[0]["Fournisseur (SIRET)"] == "732 829 320 00074"
