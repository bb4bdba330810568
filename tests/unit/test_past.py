"""What earlier deposits and the address book tell of a bill: s05 of the test data, a month later."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from factures import DATA

from robot.addressbook import AddressBook
from robot.checks import Judged, judge
from robot.deposits import Content, Deposit, Key, State
from robot.entries import paper
from robot.history import Earlier, Paper
from robot.known import Known
from robot.uploads import Level

SUPPLIER, UNIVERSITY = "00010105500010", "19170032700015"
BILL = next((DATA / "sante-psy").glob("s05-*.pdf"))
SAME = Content(
    recipient=UNIVERSITY, engagement="BC26-00871", date=date(2026, 6, 30),
    ht=Decimal(950), tva=Decimal(0), ttc=Decimal(950), due=Decimal(950),
)  # fmt: skip


def earlier(number: str, content: Content = SAME, *, paper: Paper | None = None, seen: str = "") -> Earlier:
    at = datetime(2026, 7, 1, tzinfo=UTC)
    deposit = Deposit(
        key=Key("portail.example", SUPPLIER, number), state=State.CERTIFIED, content=content, digest=None, certificate=None,
        certificate_sha256=None, why="", run="r", created=at, updated=at, confirming_at=at, deposited_at=at,
        certified_at=at, owner=None,
    )  # fmt: skip
    return Earlier(deposit, paper or Paper(), seen)


def judged(*before: Earlier, book: AddressBook | None = None) -> Judged:
    return judge(paper(BILL), Known(history=lambda _supplier: before, book=book, today=date(2026, 7, 2)))


def level(one: Judged, code: str) -> Level | None:
    """How it is told; None where it is not."""
    if any(problem.code == code for problem in one.problems):
        return Level.BLOCKS
    return next((found.level for found in one.findings if found.code == code), None)


def test_nothing_before_says_nothing():
    assert judged().findings == ()


@pytest.mark.parametrize(
    ("before", "code", "expected"),
    [
        (earlier("FA2026-0031"), "NUMERO_DEJA_DEPOSE", Level.BLOCKS),
        (earlier("FA2026-0031", seen="état « Rejetée »"), "NUMERO_APRES_REJET", Level.BLOCKS),
        (earlier("FA2026-0031", replace(SAME, ttc=Decimal(900))), "NUMERO_AUTRE_CONTENU", Level.ASKS),
        (earlier("FA2026-0030"), "DOUBLON_CONTENU", Level.ASKS),
        (earlier("FA2026-0030", seen="état « Suspendue »"), "TRAVAIL_EN_ATTENTE", Level.TELLS),
        (earlier("FA2026-0032", replace(SAME, date=date(2026, 7, 1))), "DATE_AVANT_DERNIER_DEPOT", Level.TELLS),
        (earlier("FA2026-0030", paper=Paper(date(2026, 5, 1), "FR76…9999")), "IBAN_CHANGE", Level.ASKS),
    ],
)
def test_what_was_deposited_before_is_told(before: Earlier, code: str, expected: Level):
    assert level(judged(before), code) is expected


def test_a_number_used_twice_is_told_before_anything_is_asked():
    """The service proposes last month's number again; who receives the bill is not known yet."""
    bill = next((DATA / "sante-psy").glob("s01-*.pdf"))
    same = replace(SAME, date=date(2026, 8, 31), ttc=Decimal(1200))
    one = judge(paper(bill), Known(history=lambda _supplier: (earlier("2026-08-01", same),), today=date(2026, 9, 2)))
    assert one.invoice is None
    assert level(one, "NUMERO_DEJA_DEPOSE") is Level.BLOCKS


def test_another_month_is_no_duplicate():
    assert level(judged(earlier("FA2026-0030", paper=Paper(date(2026, 5, 1)))), "DOUBLON_CONTENU") is None


def test_the_same_account_number_is_no_news():
    ends = judged().loaded().paper.iban
    assert level(judged(earlier("FA2026-0030", paper=Paper(date(2026, 5, 1), ends))), "IBAN_CHANGE") is None


def book(folder: Path, entry: str) -> AddressBook:
    file = folder / "carnet.yaml"
    file.write_text(f'recipients:\n  - siret: "{UNIVERSITY}"\n    names: [La Rochelle]\n{entry}', encoding="utf-8")
    return AddressBook.open(file)


@pytest.mark.parametrize(
    ("entry", "code", "expected"),
    [
        ('    engagement: "4500000001"\n', "ENGAGEMENT_AUTRE", Level.ASKS),
        ("    engagement: BC26-00871\n    since: 2025-09-01\n", "ENGAGEMENT_ANCIEN", Level.TELLS),
        ("    required: {service: {answer: oui, date: 2026-05-31, portal: chorus-pro}}\n", "CODE_SERVICE_ABSENT", Level.BLOCKS),
    ],
)
def test_the_address_book_is_compared_with_the_paper(tmp_path: Path, entry: str, code: str, expected: Level):
    assert level(judged(book=book(tmp_path, entry)), code) is expected


def test_a_number_that_the_portal_required_is_not_done_without(tmp_path: Path):
    """s02 has none; Caen was seen to demand it."""
    file = tmp_path / "carnet.yaml"
    required = "required: {engagement: {answer: oui, date: 2026-05-31, portal: chorus-pro}}"
    entry = f'recipients:\n  - siret: "19141408500016"\n    names: [Caen Normandie]\n    {required}\n'
    file.write_text(entry, encoding="utf-8")
    bill = next((DATA / "sante-psy").glob("s02-*.pdf"))
    one = judge(paper(bill), Known(book=AddressBook.open(file), today=date(2026, 7, 2)))
    assert level(one, "ENGAGEMENT_ABSENT") is Level.BLOCKS
    assert level(one, "SIRET_DESTINATAIRE_ABSENT") is Level.TELLS


def test_who_gives_no_order_number_is_not_asked_for_one(tmp_path: Path):
    file = tmp_path / "carnet.yaml"
    entry = 'recipients:\n  - siret: "19141408500016"\n    names: [Caen Normandie]\n    engagement: aucun\n'
    file.write_text(entry, encoding="utf-8")
    bill = next((DATA / "sante-psy").glob("s02-*.pdf"))
    one = judge(paper(bill), Known(book=AddressBook.open(file), today=date(2026, 7, 2)))
    assert one.loaded().invoice.engagement is None
