"""A folder, a CSV or an XLSX taken apart into invoices: each line stands for itself, nothing is dropped without a word."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as given_by
from hypothesis import strategies as st

from robot.batch import Batch, LineInvalid, load_batch
from robot.cli import main
from robot.columns import COLUMNS, find_column
from robot.entries import Entry
from robot.failures import InvoiceInvalid
from robot.invoice import Invoice
from robot.yamlfile import parse

DATA = Path(__file__).parent.parent / "data"
SUPPLIER = "00020260600018"
UNIVERSITY = "19860856400375"


@pytest.fixture
def lot(tmp_path: Path):
    """Loads a CSV of these lines."""

    def load(*lines: str) -> Batch:
        path = tmp_path / "lot.csv"
        path.write_text("\n".join(lines), encoding="utf-8")
        return load_batch(path)

    return load


def given(batch: Batch) -> list[dict[str, object]]:
    return [entry.document.data for entry in batch if isinstance(entry, Entry)]


def problems_of(entry: Entry | InvoiceInvalid) -> list[str]:
    """« row, spot: what » of each problem."""
    assert isinstance(entry, LineInvalid)
    return [f"{one.line}, {one.spot}: {one.what}" for one in entry.problems]


FULL = "Fichier;N° de facture;Date;SIRET université;N° engagement;HT;TVA;Montant TTC;Pièces jointes"


def test_a_line_is_nested_like_a_facture_yaml(lot):
    batch = lot(FULL, f'f.pdf;2026-10;31/10/2026;{UNIVERSITY};45/1;600;0;600,00;"a.pdf; b/bilan_annuel.pdf"')
    assert given(batch) == [
        {
            "file": "f.pdf",
            "number": "2026-10",
            "date": "2026-10-31",
            "recipient": {"siret": UNIVERSITY},
            "engagement": "45/1",
            "amounts": {"ht": "600", "tva": "0", "ttc": "600,00"},
            "attachments": [
                {"file": "a.pdf", "designation": "a"},
                {"file": "b/bilan_annuel.pdf", "designation": "bilan annuel"},
            ],
        }
    ]


def test_a_line_becomes_an_invoice(lot, tmp_path):
    """The form takes what the table gives, and paths begin at the table."""
    line = f"f.pdf;1;31/10/2026;{UNIVERSITY};;1 200,00;0;1 200,00 €;;{SUPPLIER}"
    (entry,) = lot(f"{FULL};SIRET fournisseur", line)
    assert isinstance(entry, Entry)
    context = {"folder": entry.document.path.parent, "today": dt.date(2026, 11, 2)}
    assert parse(entry.document, Invoice, InvoiceInvalid, context).file == tmp_path / "f.pdf"


def test_only_filled_cells_are_given(lot):
    assert given(lot(FULL, "f.pdf;;;;;;;;")) == [{"file": "f.pdf"}]


def test_an_order_number_that_says_none_is_none(lot):
    """It answers the question whether there is one; a cell left empty does not."""
    assert given(lot("Fichier;Bon de commande", "a.pdf;aucun", "b.pdf;néant", "c.pdf;-")) == [
        {"file": name, "engagement": "aucun"} for name in ("a.pdf", "b.pdf", "c.pdf")
    ]


@pytest.mark.parametrize(
    ("heading", "path"),
    [
        ("N° de facture", "number"),
        ("Numéro facture", "number"),
        ("NUMÉRO DE LA FACTURE", "number"),
        ("n°facture", "number"),
        ("SIRET destinataire", "recipient.siret"),
        ("Siret de l’université", "recipient.siret"),
        ("N° SIRET de l'université", "recipient.siret"),
        ("N° engagement", "engagement"),
        ("Bon de commande", "engagement"),
        ("N° du bon de commande", "engagement"),
        ("Montant TTC (€)", "amounts.ttc"),
        ("Montant T.T.C.", "amounts.ttc"),
        ("TOTAL TTC en euros", "amounts.ttc"),
        ("PDF", "file"),
        ("Fichier", "file"),
        ("Pièces jointes (séparées par ;)", "attachments"),
        ("N°", None),
        ("SIRET", None),
        ("Montant", None),
    ],
)
def test_columns_go_by_their_usual_names(heading, path):
    """What may mean two things is nobody's name."""
    column = find_column(heading)
    assert (column.path if column else None) == path


def test_every_column_is_a_field_of_the_invoice_and_no_name_is_of_two():
    fields = {column.path.split(".")[0] for column in COLUMNS}
    assert fields <= Invoice.model_fields.keys()
    assert all(find_column(name) is column for column in COLUMNS for name in (column.heading, *column.aliases))


@pytest.mark.parametrize(
    ("headings", "said"),
    [
        ("Fichier;Montnat TTC", "colonne B: titre de colonne inconnu « Montnat TTC »|« Montant TTC »"),
        ("Fichier;Humeur", "colonne B: titre de colonne inconnu « Humeur »|entre parenthèses"),
        ("Fichier;TTC;Montant TTC", "colonne C: « TTC » (colonne B) et « Montant TTC » disent la même chose|gardez-en une"),
        ("N° de facture;TTC", ": la colonne « Fichier PDF » manque|ajoutez-la"),
        ("facture.pdf", ": la première ligne ne porte pas les titres des colonnes|batch template"),
        ("(a);(b)", ": la première ligne ne porte pas les titres des colonnes|batch template"),
    ],
)
def test_headings_that_are_wrong_stop_the_table(lot, headings, said):
    """A column that is read in part, or not at all, would be a surprise on a hundred lines."""
    (entry,) = lot(headings, "a.pdf;1;2")
    what, cure = said.split("|")
    assert what in problems_of(entry)[0]
    assert cure in entry.problems[0].cure


def test_a_heading_between_parentheses_is_not_read(lot):
    assert given(lot("Fichier;(à relancer)", "a.pdf;oui")) == [{"file": "a.pdf"}]


def test_a_broken_line_stops_only_itself(lot):
    batch = lot("Fichier;Date;SIRET université", "a.pdf;;", "b.pdf;31/02/2026;1,94E+13", ";;", "c.pdf;;")
    first, broken, last = batch
    assert (first.place, last.place) == (f"{batch.path}:2", f"{batch.path}:5")
    assert [words.split(" : ")[0] for words in problems_of(broken)] == [
        "3, colonne B (Date de facture): la date « 31/02/2026 » est impossible",
        "3, colonne C (SIRET destinataire): le tableur a remplacé les chiffres par « 1,94E+13 »",
    ]
    assert broken.given == {"file": "b.pdf"}


@pytest.mark.parametrize(
    "date", ["31/10/2026", "31.10.2026", "31-10-2026", "2026-10-31", "31 octobre 2026", "samedi 31 octobre 2026"]
)
def test_dates_read_as_they_are_written_here(lot, date):
    assert given(lot("Fichier;Date", f"a.pdf;{date}"))[0]["date"] == "2026-10-31"


@pytest.mark.parametrize("date", ["10/31/2026", "31/10/26", "20261031", "46326", "dimanche 31 octobre 2026", "hier"])
def test_a_date_that_may_be_another_is_told(lot, date):
    (entry,) = lot("Fichier;Date", f"a.pdf;{date}")
    assert [one.code for one in entry.problems] == ["DATE_INVALIDE"]


def test_a_siret_that_lost_its_zero_is_told_and_never_mended(lot):
    (entry,) = lot("Fichier;Mon SIRET", f"a.pdf;{SUPPLIER.lstrip('0')}")
    assert "zéro" in entry.problems[0].what and entry.problems[0].code == "SIRET_SANS_ZERO"


def test_words_for_the_type_of_vat_are_french(lot):
    batch = lot("Fichier;Type de TVA", "a.pdf;exonérée", "b.pdf;Sans TVA", "c.pdf;TVA_SUR_DEBIT", "d.pdf;un peu")
    assert [one["vat"]["type"] for one in given(batch)] == ["EXONERATION", "SANS_TVA", "TVA_SUR_DEBIT"]
    assert "« un peu »" in problems_of(batch.entries[3])[0]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("a.pdf;1", "./a.pdf;2"), "le fichier ./a.pdf est aussi celui de la ligne 2"),
        (("a.pdf;1", "b.pdf;1"), "le numéro 1 est aussi celui de la ligne 2"),
    ],
)
def test_what_comes_twice_is_told_on_the_second(lot, lines, said):
    first, second = lot("Fichier;N° de facture", *lines)
    assert isinstance(first, Entry)
    assert said in problems_of(second)[0]


def test_a_cell_beyond_the_headings_is_told(lot):
    """A comma of an amount parts a cell in two, where commas part cells."""
    (entry,) = lot("Fichier,TTC", "a.pdf,600,50")
    assert "colonne C" in problems_of(entry)[0]


def test_problems_of_the_form_speak_of_columns(lot):
    (entry,) = lot("Fichier;SIRET université;TTC", "a.pdf;123;abc")
    with pytest.raises(InvoiceInvalid) as caught:
        parse(entry.document, Invoice, InvoiceInvalid)
    told = {one.code: one for one in caught.value.problems}
    assert told["SIRET_DESTINATAIRE_INVALIDE"].place == f"{entry.document.path}:2, colonne B (SIRET destinataire)"
    assert told["NUMERO_ABSENT"].place == f"{entry.document.path}:2"
    assert told["DATE_ABSENTE"].expected == "la colonne « Date de facture » remplie"
    assert not any("amounts." in str(one) for one in caught.value.problems)


def test_a_workbook_is_a_batch_too(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["Fichier", "Date", "SIRET université", "TTC"])
    book.active.append(["a.pdf", dt.datetime(2026, 10, 31), int(UNIVERSITY), 600.5])
    book.save(tmp_path / "lot.xlsx")
    (entry,) = load_batch(tmp_path / "lot.xlsx")
    assert entry.place == f"{tmp_path / 'lot.xlsx'}:2"
    assert entry.document.data == {
        "file": "a.pdf",
        "date": "2026-10-31",
        "recipient": {"siret": UNIVERSITY},
        "amounts": {"ttc": "600.5"},
    }


def test_a_second_sheet_of_invoices_is_not_left_without_a_word(tmp_path):
    book = openpyxl.Workbook()
    for sheet in (book.active, book.create_sheet("Septembre")):
        sheet.append(["Fichier", "N° de facture"])
        sheet.append(["a.pdf", "1"])
    book.save(tmp_path / "lot.xlsx")
    (entry,) = load_batch(tmp_path / "lot.xlsx")
    assert "« Septembre »" in problems_of(entry)[0]


def test_a_table_that_cannot_be_read_is_a_batch_of_one_failure(tmp_path):
    (entry,) = load_batch(tmp_path / "absent.xlsx")
    assert entry.place == str(tmp_path / "absent.xlsx")


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given_by(st.lists(st.lists(st.sampled_from(["Fichier", "TTC", "(x)", "", "a.pdf", "=1", '"', "Date", "é\x00", ";"]))))
def test_whatever_a_table_holds_each_line_is_an_invoice_or_a_sentence(lot, rows):
    for entry in lot(*(";".join(row) for row in rows)):
        assert isinstance(entry, Entry) or entry.problems[0].what


# --- the template ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["lot.csv", "lot.xlsx"])
def test_the_template_is_filled_and_read(tmp_path, name, capsys):
    """Its example and its explanations are no invoices."""
    path = tmp_path / name
    assert main(["batch", "template", str(path)]) == 0
    if name == "lot.csv":
        path.write_bytes(path.read_bytes() + b"mienne.pdf;2026-11\r\n")
    else:
        book = openpyxl.load_workbook(path)
        book.active.append(["mienne.pdf", "2026-11"])
        book.save(path)
    assert given(load_batch(path)) == [{"file": "mienne.pdf", "number": "2026-11"}]


def test_the_template_writes_over_nothing(tmp_path, capsys):
    path = tmp_path / "lot.xlsx"
    path.write_bytes(b"mine")
    assert main(["batch", "template", str(path)]) == 2
    assert path.read_bytes() == b"mine"


def test_what_is_left_of_the_example_is_told(lot):
    (entry,) = lot("Fichier;N° de facture", "mienne.pdf;EXEMPLE-1")
    assert "« EXEMPLE-1 »" in problems_of(entry)[0]


# --- a folder -------------------------------------------------------------------------------------------------------


def names(batch: Batch) -> list[str]:
    return [Path(entry.place).name for entry in batch]


@pytest.fixture
def folder(tmp_path: Path):
    """Loads a folder with these files: PDFs, or YAML where text is given."""

    def load(*pdfs: str, **yamls: str) -> Batch:
        for name in pdfs:
            shutil.copy(DATA / "bilan.pdf", tmp_path / name)
        for name, text in yamls.items():
            (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
        return load_batch(tmp_path)

    return load


def test_a_folder_is_its_pdfs_in_the_order_of_their_names(folder):
    batch = folder("facture-10.pdf", "facture-2.PDF", "a.pdf", ".caché.pdf")
    assert names(batch) == ["a.pdf", "facture-2.PDF", "facture-10.pdf"]


def test_a_yaml_stands_for_its_pdf_and_takes_its_attachments_along(folder):
    batch = folder("facture.pdf", "bilan.pdf", "autre.pdf", octobre="file: facture.pdf\nattachments: [{file: bilan.pdf}]\n")
    assert names(batch) == ["autre.pdf", "octobre.yaml"]
    assert {one.path.name for one in batch.left_out} == {"facture.pdf", "bilan.pdf"}


def test_what_is_no_invoice_is_left_out(folder):
    batch = folder("a.pdf", "certificat_2026-10_20261031.pdf", config="portal: replica\nsupplier: {siret: x}\n", carnet="[]")
    assert names(batch) == ["a.pdf"]


def test_the_plain_copy_stands_for_its_original(folder):
    batch = folder("facture d'été.pdf", "facture-d-ete-simple.pdf", "autre.pdf")
    assert names(batch) == ["autre.pdf", "facture-d-ete-simple.pdf"]
    assert [one.path.name for one in batch.left_out] == ["facture d'été.pdf"]


def test_a_yaml_that_does_not_read_stops_only_itself(folder):
    batch = folder("a.pdf", facture="file: [")
    assert [type(entry) for entry in batch] == [Entry, LineInvalid]


def test_two_yaml_files_of_one_pdf_are_told(folder):
    batch = folder("f.pdf", a="file: f.pdf\nnumber: '1'\n", b="file: f.pdf\nnumber: '2'\n")
    assert "le fichier f.pdf est aussi celui de a.yaml" in problems_of(batch.entries[1])[0]


def test_an_empty_folder_is_told(folder):
    assert "aucune facture" in problems_of(folder().entries[0])[0]


def test_a_batch_names_its_results(lot, folder, tmp_path):
    assert (lot("Fichier", "a.pdf").name, folder().name) == ("lot", tmp_path.name)
