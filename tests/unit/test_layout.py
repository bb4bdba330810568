"""Words put into visual rows, whatever order a PDF was written in."""

from __future__ import annotations

from collections.abc import Callable

import pypdfium2
import pytest
from fpdf import FPDF

from robot.layout import Page, Word, from_json, joined, pages, rows, to_json


def laid_out(write: Callable[[FPDF], object], *, turned: int = 0) -> tuple[Page, ...]:
    """The pages of a PDF that `write` writes on."""
    pdf = FPDF(unit="pt", format=(400, 600))
    pdf.set_font("Helvetica", size=10)
    pdf.add_page()
    write(pdf)
    document = pypdfium2.PdfDocument(bytes(pdf.output()))
    if turned:
        document[0].set_rotation(turned)
        document = pypdfium2.PdfDocument(_saved(document))
    return pages(document)


def _saved(document: pypdfium2.PdfDocument) -> bytes:
    from io import BytesIO

    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def texts(found: tuple[Page, ...]) -> list[str]:
    return [line.text for page in found for line in page.lines]


def two_columns(pdf: FPDF) -> None:
    """The right column is written first."""
    for left, words in ((250, ("Université", "SIRET client")), (40, ("Cabinet", "SIRET"))):
        for row, word in enumerate(words):
            pdf.text(left, 50 + 14 * row, word)


def test_rows_follow_the_eye_and_not_the_file() -> None:
    assert texts(laid_out(two_columns)) == ["Cabinet Université", "SIRET SIRET client"]


def test_a_wide_gap_parts_two_cells_and_a_space_does_not() -> None:
    line = laid_out(two_columns)[0].lines[1]
    assert [joined(cell) for cell in line.cells] == ["SIRET", "SIRET client"]


@pytest.mark.parametrize("turned", [90, 180, 270])
def test_a_turned_page_is_read_as_it_is_seen(turned: int) -> None:
    """The page itself is turned back: what was at the left of the sheet may be at its top."""
    found = laid_out(lambda pdf: pdf.text(40, 50, "Facture n° 12"), turned=turned)[0]
    words = [word for line in found.lines for word in line.words]
    assert (found.width, found.height) == ((600, 400) if turned != 180 else (400, 600))
    assert sorted(word.text for word in words) == ["12", "Facture", "n°"]
    assert all(0 <= word.left <= word.right <= found.width and word.bottom <= found.height for word in words)


def test_a_shadow_is_no_second_word() -> None:
    def bold(pdf: FPDF) -> None:
        pdf.text(40, 50, "Total 500 EUR")
        pdf.text(40.3, 50.2, "Total 500 EUR")

    assert texts(laid_out(bold)) == ["Total 500 EUR"]


def test_no_break_spaces_part_words_like_any_space() -> None:
    assert texts(laid_out(lambda pdf: pdf.text(40, 50, "1\xa0400,00\xa0EUR"))) == ["1 400,00 EUR"]


def test_small_raised_letters_stay_in_their_row() -> None:
    def raised(pdf: FPDF) -> None:
        pdf.text(40, 50, "1")
        pdf.set_font("Helvetica", size=6)
        pdf.text(45.6, 47, "er")
        pdf.set_font("Helvetica", size=10)
        pdf.text(56, 50, "juin")

    assert texts(laid_out(raised)) == ["1 er juin"]


def test_words_along_the_margin_fall_into_no_row() -> None:
    def margin(pdf: FPDF) -> None:
        pdf.text(60, 100, "Total")
        with pdf.rotation(90, 20, 300):
            pdf.text(20, 300, "Modele-12345")

    found = texts(laid_out(margin))
    assert found[0] == "Total" and found[1:] == ["Modele-12345"]


def test_lines_and_pages_are_counted_from_one() -> None:
    found = laid_out(lambda pdf: (pdf.text(40, 50, "a"), pdf.text(40, 90, "b"), pdf.add_page(), pdf.text(40, 50, "c")))
    assert [(page.number, line.number, line.text) for page in found for line in page.lines] == [
        (1, 1, "a"),
        (1, 2, "b"),
        (2, 1, "c"),
    ]


def test_pages_and_letters_are_bounded() -> None:
    document = FPDF(unit="pt", format=(400, 600))
    document.set_font("Helvetica", size=10)
    for _ in range(5):
        document.add_page()
        document.text(40, 50, "abcdefghij")
    found = pages(pypdfium2.PdfDocument(bytes(document.output())), max_pages=3, max_text=15)
    assert texts(found) == ["abcdefghij", "abcde"] and len(found) == 3


def test_pages_travel_between_processes_unchanged() -> None:
    found = laid_out(two_columns)
    assert from_json(to_json(found)) == found


def test_two_small_rows_beside_a_large_title_stay_two_rows() -> None:
    words = [Word("FACTURE", 10, 10, 150, 40), Word("n°", 200, 12, 210, 22), Word("Date", 200, 28, 220, 38)]
    assert [line.text for line in rows(words)] == ["n°", "FACTURE", "Date"]


def test_a_column_of_single_digits_is_no_word() -> None:
    def column(pdf: FPDF) -> None:
        for row, count in enumerate("214"):
            pdf.text(200, 50 + 11 * row, count)

    assert texts(laid_out(column)) == ["2", "1", "4"]
