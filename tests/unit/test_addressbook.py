"""The address book is its owner's: what a person wrote stays, what the program learns is added."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from robot.addressbook import AddressBook, BookInvalid, Entry, candidates

SIRET, OTHER = "13001533200013", "13000545700010"
MINE = f"""# Mes universités
recipients:
  # celle de la convention
  - siret: "{SIRET}"
    names: [Aix-Marseille]   # comme sur la facture
    contact: desk@univ.example
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "carnet.yaml"
    path.write_text(MINE, encoding="utf-8")
    return path


def test_a_missing_book_is_an_empty_one(tmp_path: Path):
    assert AddressBook.open(tmp_path / "carnet.yaml").entries == ()
    assert list(tmp_path.iterdir()) == []


def test_what_is_learnt_is_added_and_every_word_of_a_person_stays(file: Path):
    book = AddressBook.open(file)
    book.note_required(SIRET, {"engagement": True}, date(2026, 10, 31), "chorus-pro")
    book.note_use(SIRET, "4500871236", date(2026, 10, 31), "2026-10-07")
    text = file.read_text(encoding="utf-8")
    for line in MINE.splitlines():
        assert line in text
    (entry,) = AddressBook.open(file).entries
    assert (entry.engagement, entry.since, entry.demands("engagement"), entry.demands("service")) == (
        "4500871236", date(2026, 10, 31), True, None,
    )  # fmt: skip


def test_a_new_recipient_is_found_by_its_printed_name(file: Path):
    AddressBook.open(file).remember(Entry(siret=OTHER, names=("Strasbourg (UNISTRA)",)))
    (found,) = AddressBook.open(file).find("strasbourg (unistra)")
    assert found.siret == OTHER


def test_two_with_one_name_are_both_told(file: Path):
    book = AddressBook.open(file)
    book.remember(Entry(siret=OTHER, names=("Aix-Marseille",)))
    assert {entry.siret for entry in book.find("Aix Marseille")} == {SIRET, OTHER}


@pytest.mark.parametrize(
    "text", ["recipients: 12\n", "recipients:\n  - sire: 1\n", "recipients: [\n", f'recipients:\n  - siret: "{SIRET[:-1]}4"\n']
)
def test_a_broken_book_is_told_with_its_line_and_never_written(file: Path, text: str):
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BookInvalid, match=r"carnet\.yaml:\d"):
        AddressBook.open(file)
    assert file.read_text(encoding="utf-8") == text


def test_what_is_learnt_in_training_is_kept_apart(file: Path):
    AddressBook.open(file, training=True).note_use(SIRET, "T-1", date(2026, 10, 31), "1")
    assert file.read_text(encoding="utf-8") == MINE
    assert AddressBook.open(file, training=True).find_siret(SIRET).engagement == "T-1"


def test_the_own_book_is_proposed_before_the_public_list(file: Path):
    first, *_ = candidates("Aix-Marseille", AddressBook.open(file))
    assert (first.siret, first.asks_service) == (SIRET, True)
    assert "carnet" in first.words


def test_a_name_of_the_public_list_comes_with_its_warning():
    (one,) = candidates("Strasbourg (UNISTRA)", None)
    assert one.siret == OTHER
    assert "2021" in one.words


def test_an_unknown_name_proposes_nobody():
    assert candidates("Université de Nulle-Part", None) == []
