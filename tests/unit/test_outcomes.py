"""The table of outcomes: true after each invoice, whatever ends the run, and one line for each invoice after the next one."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from robot.deposit import Result
from robot.failures import FileInvalid
from robot.outcomes import WIDTH, Line, Outcomes, line_of, shown, totals
from robot.spreadsheet import read_table

AT = dt.datetime(2026, 11, 2, 14, 5, tzinfo=dt.UTC)
DEPOSITED = Line(
    place="lot.csv:2",
    outcome="deposited",
    file="a.pdf",
    number="2026-10-07",
    supplier="00020260600018",
    recipient="Université d'Évry",
    siret="19911975100014",
    ttc=Decimal("1200.50"),
    certificate="depots/x/certificat.pdf",
    deposited_at=AT,
    folder="depots/x",
    portal="chorus-pro",
)
BROKEN = Line("lot.csv:3", "to-correct", "lot.csv:3: la date est impossible", file="b.pdf", portal="chorus-pro")


def rerun(folder: Path, *lines: Line) -> Outcomes:
    """Another run of the same batch."""
    outcomes = Outcomes(folder, "lot")
    for line in lines:
        outcomes.add(line)
    return outcomes


def test_both_files_are_whole_after_each_invoice(tmp_path):
    outcomes = Outcomes(tmp_path, "lot")
    for count, line in enumerate((DEPOSITED, BROKEN), 1):
        outcomes.add(line)
        assert len(read_table(tmp_path / "resultats-lot.csv", FileInvalid).rows) == count + 1
        assert openpyxl.load_workbook(tmp_path / "resultats-lot.xlsx").active.max_row == count + 1


def test_the_next_run_knows_what_this_one_wrote(tmp_path):
    rerun(tmp_path, DEPOSITED, BROKEN)
    assert Outcomes(tmp_path, "lot").lines == (DEPOSITED, BROKEN)


def test_a_workbook_of_outcomes_has_days_and_amounts(tmp_path):
    rerun(tmp_path, DEPOSITED)
    cells = {cell.value for cell in openpyxl.load_workbook(tmp_path / "resultats-lot.xlsx").active[2]}
    assert {1200.5, AT.astimezone().replace(tzinfo=None), "2026-10-07", "déposée"} <= cells


def test_a_deposited_invoice_keeps_its_certificate(tmp_path):
    rerun(tmp_path, DEPOSITED)
    again = replace(DEPOSITED, outcome="already-deposited", certificate="", deposited_at=None, folder="")
    assert rerun(tmp_path, again).lines == (replace(DEPOSITED, outcome="already-deposited"),)


def test_a_corrected_line_takes_the_place_of_the_broken_one(tmp_path):
    """Also where its number is only known now."""
    rerun(tmp_path, BROKEN)
    mended = replace(DEPOSITED, place="lot.csv:3", file="b.pdf", number="2026-10-08")
    assert rerun(tmp_path, mended).lines == (mended,)


def test_lines_that_moved_replace_nothing_that_is_deposited(tmp_path):
    rerun(tmp_path, DEPOSITED)
    other = Line("lot.csv:2", "to-correct", "fichier introuvable", file="c.pdf", portal="chorus-pro")
    assert len(rerun(tmp_path, other).lines) == 2


def test_one_number_of_two_suppliers_is_two_invoices(tmp_path):
    assert len(rerun(tmp_path, DEPOSITED, replace(DEPOSITED, supplier="19860856400375", file="z.pdf")).lines) == 2


def test_training_is_no_deposit(tmp_path):
    """What went to the replica says nothing of the portal."""
    assert len(rerun(tmp_path, DEPOSITED, replace(DEPOSITED, portal="replica")).lines) == 2


def test_lines_stand_in_the_order_of_the_batch(tmp_path):
    lines = [replace(BROKEN, place=f"lot.csv:{row}", file=f"{row}.pdf") for row in (10, 9, 2)]
    assert [line.file for line in rerun(tmp_path, *lines).lines] == ["2.pdf", "9.pdf", "10.pdf"]


def test_a_table_that_cannot_be_written_is_told_and_stops_nothing(tmp_path):
    (tmp_path / "resultats-lot.xlsx").mkdir()
    outcomes = rerun(tmp_path, DEPOSITED)
    assert "resultats-lot.xlsx" in outcomes.missed
    assert len(read_table(outcomes.csv, FileInvalid).rows) == 2


def test_a_file_of_somebody_else_under_this_name_is_kept(tmp_path):
    (tmp_path / "resultats-lot.csv").write_bytes(b"\x81\x8d")
    rerun(tmp_path, DEPOSITED)
    assert (tmp_path / "resultats-lot-ancien.csv").read_bytes() == b"\x81\x8d"


def test_the_line_of_a_result_without_an_invoice_holds_what_was_given():
    """A refusal is found again by its file."""
    result = Result("lot.csv:3", "refused", 2, None, "", "", "lot.csv:3: faux\nlot.csv:3: encore", None)
    given = {"file": "d\\b.pdf", "recipient": {"siret": "19911975100014"}, "amounts": {"ttc": "1 200,50 €"}}
    line = line_of(result, "lot.csv:3", portal="chorus-pro", given=given)
    assert (line.issue, line.file, line.siret, line.ttc) == ("à corriger", "b.pdf", "19911975100014", Decimal("1200.50"))


# --- on screen ------------------------------------------------------------------------------------------------------


def test_the_screen_shows_columns_then_totals():
    assert shown([BROKEN, DEPOSITED]).replace("\N{NO-BREAK SPACE}", " ").splitlines() == [
        "Ligne      N° de facture  Destinataire              TTC  Issue",
        "lot.csv:2  2026-10-07     Université d'Évry  1 200,50 €  déposée",
        "lot.csv:3  –              –                           –  à corriger",
        "    la date est impossible",
        "",
        "2 factures : 1 déposée (1 200,50 €), 1 à corriger.",
    ]


@pytest.mark.parametrize("outcome", ["deposited", "portal-unavailable", "needs-person"])
def test_the_screen_is_never_wider_than_a_terminal(outcome):
    line = replace(
        DEPOSITED,
        place="/a/very/long/folder/psychologues-du-cabinet-octobre.xlsx:1234",
        number="12345678901234567890",
        recipient="Université de Versailles Saint-Quentin-en-Yvelines",
        ttc=Decimal("1234567.89"),
        outcome=outcome,
        message="Un message très long, " * 12,
    )
    text = shown([line])
    assert max(map(len, text.splitlines())) <= WIDTH
    assert ":1234" in text and "1\N{NO-BREAK SPACE}234\N{NO-BREAK SPACE}567,89" in text


def test_words_of_others_command_no_terminal():
    assert "\x1b" not in shown([replace(BROKEN, message="\x1b[2Jfaux", recipient="\x1b]0;x\x07")])


def test_totals_count_by_outcome():
    lines = [DEPOSITED, DEPOSITED, replace(DEPOSITED, outcome="unknown")]
    assert totals(lines).replace("\N{NO-BREAK SPACE}", " ") == "3 factures : 2 déposées (2 401,00 €), 1 issue inconnue."
