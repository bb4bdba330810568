"""What the replica remembers and lists, without HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest

from robot.replica.identity import ACCOUNT
from robot.replica.journey import MAX_EXECUTIONS, Journey, begin, present, reopen
from robot.replica.records import Bill, Session
from robot.replica.state import Criteria, State
from robot.replica.statuses import Status
from robot.replica.store import Store

SUPPLIER = "00010101400017"
PDF = Path(__file__).parent.parent / "data/sante-psy/s02-espace-psy-sans-bon-de-commande.pdf"
RIGHT = {
    "state": "NON",
    "siret": "19141408500016",
    "number": "2026-1",
    "date": "31/08/2026",
    "engagement": "EJ-7",
    "vat_type": "EXONERATION",
    "ht": "1400",
    "tva": "0",
    "ttc": "1400",
    "due": "1400",
}


@pytest.fixture
def state() -> State:
    return State(
        Store(),
        suppliers={SUPPLIER: "Lefèvre Éléonore"},
        asks_state=True,
        clock=lambda: 1_790_000_000,
        lock_seconds=1,
        code_seconds=1,
    )


def at_the_form(state: State, *, computes_total: bool = False) -> Journey:
    """A deposit whose form is open."""
    journey = Journey(state, begin(state, Session(email=ACCOUNT.email)), computes_total=computes_total)
    choices = {"cadre": "A1_FACTURE_FOURNISSEUR", "supplier": SUPPLIER, "supplier_service": ""}
    journey.submit_file(PDF.name, PDF.read_bytes(), **choices)
    journey.open_form()
    return journey


def sent(state: State, **changes: str) -> Bill:
    journey = at_the_form(state)
    journey.type(RIGHT | changes)
    journey.ask_confirmation()
    journey.send()
    assert journey.bill.status is Status.DEPOSITED
    return journey.bill


def test_a_draft_reserves_no_number(state):
    """Only what was sent counts as used, and for its own supplier only."""
    journey = at_the_form(state)
    journey.type(RIGHT)
    journey.save()
    assert state.used_numbers(SUPPLIER) == set()
    journey.ask_confirmation()
    journey.send()
    assert state.used_numbers(SUPPLIER) == {"2026-1"}
    assert state.used_numbers("00010102200010") == set()


def test_a_second_save_of_a_form_is_the_same_draft(state):
    """Saving again adds no invoice."""
    journey = at_the_form(state)
    for number in ("2026-1", "2026-2"):
        journey.type(RIGHT | {"number": number})
        journey.save()
    assert [invoice["number"] for invoice in state.invoices()] == ["2026-2"]


def test_cancelling_a_draft_taken_up_again_gives_back_what_was_saved(state):
    """What was typed since is forgotten; the draft stays."""
    journey = at_the_form(state)
    journey.type(RIGHT)
    journey.save()
    again = Journey(state, reopen(state, Session(email=ACCOUNT.email), journey.bill))
    again.type({"number": "2026-9"})
    again.cancel()
    assert [invoice["number"] for invoice in state.invoices()] == ["2026-1"]


def test_amounts_are_redrawn_as_the_portal_writes_them(state):
    """`1400` becomes « 1 400,00 »; what is no amount stays as it was typed."""
    journey = at_the_form(state)
    journey.type({"ht": "1400", "tva": "douze"})
    assert (journey.bill.form.ht, journey.bill.form.tva) == ("1\N{NO-BREAK SPACE}400,00", "douze")


def test_a_portal_that_adds_up_ignores_a_typed_total(state):
    """HT + TVA, whatever the page held."""
    journey = at_the_form(state, computes_total=True)
    journey.type({"ht": "100", "tva": "20,50", "ttc": "7"})
    assert journey.bill.form.ttc == "120,50"


def test_what_nobody_typed_is_told_as_nothing(state):
    """An empty field is no empty text for who compares; an unreadable amount is none."""
    at_the_form(state).type({"number": "", "market": "", "ht": "douze"})
    (invoice,) = state.invoices()
    assert (invoice["number"], invoice["market"], invoice["digest"]) == ("Provisoire", None, None)
    assert invoice["amounts"]["ht"] is None


@pytest.mark.parametrize(
    ("criteria", "found"),
    [
        (Criteria(), 2),
        (Criteria(number="2026-a"), 1),
        (Criteria(order="ej-7"), 2),
        (Criteria(status="BROUILLON"), 0),
        (Criteria(first="01/01/2100"), 0),
        (Criteria(first="le mois dernier"), 2),
    ],
)
def test_a_search_narrows_by_what_is_filled_in(state, criteria, found):
    """Parts of numbers, in any case; a date that is none is not asked for."""
    sent(state, number="2026-A")
    sent(state, number="2026-B")
    assert len(state.search(criteria, Session(email=ACCOUNT.email))) == found


def test_a_sent_invoice_cannot_be_removed(state):
    """Only drafts can."""
    bill = sent(state)
    state.remove_draft(bill)
    assert state.bills == [bill]


def test_old_deposits_are_forgotten(state):
    """A session holds so many at once; the key of one that is forgotten is stale."""
    session = Session(email=ACCOUNT.email)
    keys = [begin(state, session).key for _ in range(MAX_EXECUTIONS + 1)]
    assert present(session, keys[0]) is None
    assert present(session, keys[1])


@pytest.mark.parametrize("key", ["", "e1", "s1", "e1s1 ", "e2s1", "e1s2", "e١s1"])
def test_any_other_key_is_stale(state, key):
    """Only the one of the present step is good."""
    session = Session(email=ACCOUNT.email)
    assert begin(state, session).key == "e1s1"
    assert present(session, key) is None
