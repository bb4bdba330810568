"""Tables as people save them: every usual CSV and XLSX reads, what was spoilt is told, nothing explodes."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from robot import spreadsheet
from robot.failures import FileInvalid
from robot.sheetwriter import Sheet, write_csv, write_xlsx
from robot.spreadsheet import Row, column_letter, read_table


@pytest.fixture
def table(tmp_path: Path):
    """Reads what a file holds."""

    def read(content: bytes, name: str = "lot.csv") -> list[tuple[str, ...]]:
        return [row.cells for row in rows(tmp_path, content, name)]

    return read


def rows(folder: Path, content: bytes, name: str = "lot.csv") -> tuple[Row, ...]:
    path = folder / name
    path.write_bytes(content)
    return read_table(path, FileInvalid).rows


def workbook(*cells: object, change=None) -> bytes:
    """A workbook with one row."""
    book = openpyxl.Workbook()
    book.active.append(cells)
    if change:
        change(book)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def sentence_of(folder: Path, content: bytes, name: str = "lot.xlsx") -> str:
    with pytest.raises(FileInvalid) as caught:
        rows(folder, content, name)
    (problem,) = caught.value.problems
    return problem.what


TEXT = "N° de facture;Montant TTC\r\n2026-10;1 200,00 €\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_every_usual_way_to_save_a_csv_reads(table, encoding, separator):
    text = TEXT.replace("1 200,00", '"1 200,00"' if separator == "," else "1 200,00").replace(";", separator)
    text = text.replace('"1 200,00" €', '"1 200,00 €"')
    assert table(text.encode(encoding)) == [("N° de facture", "Montant TTC"), ("2026-10", "1 200,00 €")]


def test_quoted_cells_hold_separators_quotes_and_line_ends(table):
    assert table(b'a;b\n"x;y";"dit ""oui""\nencore"\n')[1] == ("x;y", 'dit "oui"\nencore')


def test_rows_are_numbered_as_the_spreadsheet_shows_them(tmp_path):
    """An empty line counts, the second line of a cell does not, nor does Excel's own first line."""
    assert [row.number for row in rows(tmp_path, b'sep=;\na;b\n\n"x\ny";\n;;\nz;\n')] == [1, 3, 5]


def test_what_excel_was_made_to_leave_alone_is_text(table):
    assert table(b'a;b\n="00012";"=""00013"""\n')[1] == ("00012", "00013")


@pytest.mark.parametrize("cell", ["1,23E+13", "1.94410E+13", "2E+15", "#REF!", "#N/A", "#NOM?", "#VALEUR!", "a\x00b\x01"])
def test_what_a_spreadsheet_spoilt_is_told(tmp_path, cell):
    """Digits that are gone are never made up."""
    row = rows(tmp_path, f"a;b\nx;{cell}\n".replace("\x00", "").encode())[1]
    assert 1 in row.faults


def test_a_quote_that_is_never_closed_swallows_no_line(tmp_path):
    assert "guillemet" in sentence_of(tmp_path, b'a;b\n"x;y\n1;2\n3;4\n', "lot.csv")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "vide"),
        (b" \n\n", "vide"),
        (b"%PDF-1.7\n%\xe2\xe3", "pas un tableau"),
        (b"ab\0\0\0\0cd", "pas un tableau"),
        (b"\x81\x8d\xff", "pas un tableau"),
        (b"a;" * 3_000_000, "5 Mo"),
        (b"a;b\n" + b"x;y\n" * 6_000, "5000 lignes"),
        (b"PK\x03\x04 nothing", "abîmé"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "ancien format .xls"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "mot de passe"),
    ],
)
def test_what_is_no_table_ends_in_a_sentence(tmp_path, content, said):
    assert said in sentence_of(tmp_path, content)


def test_no_file_is_no_table(tmp_path):
    with pytest.raises(FileInvalid, match="introuvable"):
        read_table(tmp_path / "absent.csv", FileInvalid)
    with pytest.raises(FileInvalid, match="ordinaire"):
        read_table(tmp_path, FileInvalid)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace"))))
@example(b'"')
@example(b'sep="\n"')
@example(b"sep=\n\n")
@example(b"\xff\xfe\x00")
def test_whatever_a_csv_holds_it_reads_or_ends_in_a_sentence(tmp_path, content):
    try:
        for row in rows(tmp_path, content):
            assert any(row.cells) or row.faults
    except FileInvalid as failure:
        assert failure.problems[0].what


# --- workbooks ------------------------------------------------------------------------------------------------------


def test_cells_read_as_a_person_would_type_them(table):
    cells = ("2026-10", 19440984300019, 600, 612.5, 0.1 + 0.2, dt.datetime(2026, 10, 31), True, None, "  x ")
    read = ("2026-10", "19440984300019", "600", "612.5", "0.3", "2026-10-31", "oui", "", "x")
    assert table(workbook(*cells), "lot.xlsx") == [read]


def test_zeros_that_are_shown_are_read(table):
    def as_shown(book):
        book.active["A1"].number_format = "00000"

    assert table(workbook(12, change=as_shown), "lot.xlsx") == [("00012",)]


def test_a_number_that_lost_its_end_is_told(tmp_path):
    assert 0 in rows(tmp_path, workbook(12345678901234567890), "lot.xlsx")[0].faults


def test_a_formula_without_its_result_is_told(tmp_path):
    """Only a spreadsheet computes: none did since this file was written."""
    row = rows(tmp_path, workbook("a", "=1+1"), "lot.xlsx")[0]
    assert "formule" in row.faults[1]


def test_a_formula_reads_as_its_result(table):
    data = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(5))) as old, zipfile.ZipFile(data, "w") as new:
        for member in old.infolist():
            content = old.read(member).replace(b"<v>5</v>", b"<f>2+3</f><v>5</v>")
            new.writestr(member, content)
    assert table(data.getvalue(), "lot.xlsx") == [("5",)]


def test_the_first_sheet_that_can_be_seen_is_read_and_others_are_named(tmp_path):
    def more(book):
        book.create_sheet("Devant", 0).sheet_state = "hidden"
        book.create_sheet("Autre").append(["N° de facture"])

    path = tmp_path / "lot.xlsx"
    path.write_bytes(workbook("a", change=more))
    read = read_table(path, FileInvalid)
    assert (read.rows[0].cells, read.others) == (("a",), (("Autre", ("N° de facture",)),))


def packed(**members: bytes) -> bytes:
    """A workbook with some members replaced."""
    data = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook("a"))) as old, zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            name = member.rpartition("/")[2].partition(".")[0]
            new.writestr(member, members.get(name, old.read(member)))
    return data.getvalue()


_SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%b</sheetData></worksheet>'


@pytest.mark.parametrize(
    "sheet",
    [
        b"no xml",
        _SHEET % b'<row r="99999999999"><c r="A99999999999"><v>1</v></c></row>',
        _SHEET % b'<row r="1"><c r="ZZZZZZ1"><v>1</v></c></row>',
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>' + _SHEET % b"<row><c><v>&b;</v></c></row>",
    ],
)
def test_a_hostile_sheet_is_a_sentence_or_nothing(tmp_path, sheet):
    try:
        assert len(rows(tmp_path, packed(sheet1=sheet), "lot.xlsx")) < 2
    except FileInvalid as failure:
        assert failure.problems[0].what


def test_a_bomb_is_refused_before_it_unpacks(tmp_path):
    bomb = packed(sheet1=_SHEET % (b" " * (spreadsheet.MAX_UNPACKED + 1)))
    assert len(bomb) < 200_000
    assert "trop gros" in sentence_of(tmp_path, bomb)


def test_a_workbook_cut_short_is_a_sentence(tmp_path):
    assert sentence_of(tmp_path, workbook("a")[:-40])


def test_another_package_is_no_workbook(tmp_path):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    assert sentence_of(tmp_path, data.getvalue()) == "ce n'est pas un classeur .xlsx"


# --- writing --------------------------------------------------------------------------------------------------------

HOSTILE = ("=1+1", "+33 1", "-2", "@SUM(A1)", "=cmd|' /C calc'!A0")
SPOILT = ("0012", "19440984300019", "2026-10-07", "10-11", "12E4", "oct-26")


@pytest.mark.parametrize("name", ["lot.csv", "lot.xlsx"])
def test_what_is_written_reads_back(tmp_path, name):
    """And no text of somebody else is a formula for who opens it."""
    path, cells = tmp_path / name, (*HOSTILE, *SPOILT, "Université d'Évry ; « où »")
    headings = tuple(f"c{index}" for index in range(len(cells)))
    write_csv(path, headings, [cells]) if name == "lot.csv" else write_xlsx(path, [Sheet("Lot", headings, [cells])])
    assert read_table(path, FileInvalid).rows[1].cells == cells
    assert b"\n=1+1" not in path.read_bytes()


def test_a_written_workbook_has_real_days_and_numbers_and_keeps_its_headings_in_sight(tmp_path):
    path = tmp_path / "lot.xlsx"
    write_xlsx(path, [Sheet("Lot", ("Jour", "Montant", "Texte"), [(dt.date(2026, 10, 31), Decimal("600.50"), "=1+1")])])
    sheet = openpyxl.load_workbook(path).active
    assert [cell.value for cell in sheet[2]] == [dt.datetime(2026, 10, 31), 600.5, "=1+1"]
    assert [cell.data_type for cell in sheet[2]] == ["d", "n", "s"]
    assert sheet["A1"].font.bold and sheet.freeze_panes == "A2" and sheet.auto_filter.ref == "A1:C2"


def test_a_written_csv_opens_in_french_excel(tmp_path):
    write_csv(tmp_path / "a.csv", ("Montant", "Jour"), [(Decimal("600.50"), dt.date(2026, 10, 31))])
    assert (tmp_path / "a.csv").read_bytes() == b"\xef\xbb\xbfMontant;Jour\r\n600,50;31/10/2026\r\n"


@pytest.mark.parametrize(("index", "letter"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
def test_columns_are_named_as_spreadsheets_show_them(index, letter):
    assert column_letter(index) == letter
