"""Somebody deposited by hand: what the robot finds in « Rechercher » before it fills anything."""

from __future__ import annotations

from pathlib import Path

from benches import Bench, facts_of
from visitor import Visitor, right_values


def deposit_by_hand(portal: Bench, number: str, *, ttc: str = "4500", supplier: str = "") -> None:
    facts = facts_of("s03")
    visitor = Visitor(portal.replica, generation=portal.generation)
    visitor.sign_in()
    visitor.submit(supplier=supplier or facts["supplier"]["siret"])
    visitor.press("continuer")
    amounts = {"ht": ttc, "ttc": ttc, "due": ttc, "engagement": facts["engagement"] or ""}
    visitor.press("validerEtEnvoyer", **right_values(number=number, siret=facts["recipient"]["siret"], **amounts))
    visitor.press("confirmer")
    assert portal.stored(number)[-1]["status"] == "DEPOSEE"


def test_what_was_deposited_by_hand_is_not_deposited_again(bench):
    """Found on the second page of the list, among numbers that begin alike; its date is told, its certificate kept."""
    portal = bench()
    for number in ("F-1", *(f"F-1{index}" for index in range(12))):
        deposit_by_hand(portal, number)
    line = portal.deposit([portal.facture("s03", number="F-1")], "--send").only
    assert (line["outcome"], line["exit_code"]) == ("already-deposited", 1)
    assert "depuis le" in line["message"]
    assert Path(line["certificate"]).read_bytes().startswith(b"%PDF")
    assert len(portal.stored("F-1")) == 1


def test_a_number_used_for_another_invoice_asks(bench):
    """The same number with another total may be a mistake of either side."""
    portal = bench()
    deposit_by_hand(portal, "F-1", ttc="10")
    line = portal.deposit([portal.facture("s03", number="F-1")], "--send").only
    assert (line["outcome"], line["exit_code"]) == ("needs-person", 77)
    assert "un autre montant" in line["message"]
    assert len(portal.stored("F-1")) == 1


def test_a_number_of_another_supplier_is_free(bench):
    """An account may invoice for two structures, each with its own numbers."""
    portal = bench()
    deposit_by_hand(portal, "F-1", ttc="10", supplier="00010101400017")
    assert portal.deposit([portal.facture("s03", number="F-1")], "--send").outcomes == ["deposited"]
    assert len(portal.stored("F-1")) == 2


def test_the_old_portal_is_asked_too(bench):
    portal = bench(2021)
    deposit_by_hand(portal, "F-1")
    assert portal.deposit([portal.facture("s03", number="F-1")], "--send").outcomes == ["already-deposited"]
