"""From the files on the desk to the certificate: what the portal stores is what the invoice says."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from benches import READY, Bench, facts_of

from robot.verification import verify


def expected_fields(facts: dict[str, Any]) -> dict[str, Any]:
    """What a portal must have stored for an invoice."""
    return {
        "number": facts["number"],
        "date": facts["date"],
        "supplier_siret": facts["supplier"]["siret"],
        "recipient_siret": facts["recipient"]["siret"],
        "service": facts["recipient"].get("service"),
        "engagement": facts.get("engagement"),
        "market": facts.get("market"),
        "cadre": "A1_FACTURE_FOURNISSEUR",
        "type": "FACTURE",
        "vat_type": facts.get("vat", {}).get("type", "EXONERATION"),
        "payment_mode": "VIREMENT",
        "currency": "EUR",
        "amounts": facts["amounts"],
        "comment": facts.get("comment"),
        "attachments": [(Path(a["file"]).name, a["designation"], a["type"]) for a in facts["attachments"]],
    }


def stored_fields(invoice: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    attachments = [(a["name"], a["designation"], a["type"]) for a in invoice["attachments"]]
    return {name: invoice[name] for name in names} | {"attachments": attachments}


def assert_stored(portal: Bench, facts: dict[str, Any], status: str) -> None:
    """One invoice of that number, in that state, every field as in the file."""
    (invoice,) = portal.stored(facts["number"])
    expected = expected_fields(facts)
    assert stored_fields(invoice, expected) == expected
    assert invoice["status"] == status
    assert invoice["state_question"] in ("NON", None)


# A draft goes the same way as a sent invoice, and today's portal is the one that matters: else one of each will do.
FEW = ((2024, "send", 0), (2024, "send", 1), (2024, "send", 3), (2021, "send", 3), (2021, "draft", 0), (2024, "draft", 1))
ALL = tuple(product((2024, 2021), ("send", "draft"), (0, 1, 3)))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every combination under --campaign-count."""
    if "attachments" in metafunc.fixturenames:
        some = ALL if metafunc.config.getoption("campaign_count") else FEW
        metafunc.parametrize(("generation", "goal", "attachments"), some)


def test_every_ready_invoice_is_stored_field_by_field(bench, request, generation, goal, attachments):
    """In both generations, sent or drafted; with 0, 1 or 3 attachments by turns, or with each under --campaign-count."""
    portal = bench(generation)
    turn = (0, 1, 3).index(attachments)
    few = READY[turn :: 3 if (goal, generation) == ("send", 2024) else 9]
    names = READY if request.config.getoption("campaign_count") else few
    ended = portal.deposit([portal.facture(name, attachments) for name in names], f"--{goal}")
    assert ended.outcomes == [{"send": "deposited", "draft": "draft"}[goal]] * len(names), ended.lines
    for name in names:
        assert_stored(portal, facts_of(name, attachments), {"send": "DEPOSEE", "draft": "BROUILLON"}[goal])
    assert ended.code == 0


@pytest.mark.parametrize("generation", [2024, 2021])
def test_a_portal_by_another_hand_needs_no_change_to_the_flows(bench, generation):
    """Other ids, other order of blocs, other labels of the dossier, labels beside their controls."""
    portal = bench(generation, look="autre")
    names = ("s01", "s03", "s06")
    ended = portal.deposit([portal.facture(name, 1, comment="Séances d’août") for name in names], "--send")
    assert ended.outcomes == ["deposited"] * 3, ended.lines
    for name in names:
        assert_stored(portal, facts_of(name, 1) | {"comment": "Séances d’août"}, "DEPOSEE")


def test_the_certificate_and_the_dossier_stand_without_the_portal(bench):
    """Named after number and day, holding what it proves, sealed by its manifest."""
    portal = bench()
    line = portal.deposit([portal.facture("s05", 1)], "--send").only
    certificate = Path(line["certificate"])
    assert certificate.name.startswith("certificat_FA2026-0031_")
    assert certificate.read_bytes().startswith(b"%PDF")
    assert line["digest"] == portal.stored("FA2026-0031")[0]["digest"]
    portal.replica.stop()
    assert verify(Path(line["folder"])) == []


def test_a_dry_run_leaves_nothing_on_the_portal(bench):
    """The form is filled, read back, and left by its own button."""
    portal = bench()
    assert portal.deposit([portal.facture("s03", 1)], "--dry-run").outcomes == ["filled"]
    assert portal.replica.invoices() == []


def test_a_real_portal_gets_a_draft_unless_told_to_send(bench):
    """The default against any portal but the embedded replica is « Enregistrer »."""
    portal = bench()
    assert portal.deposit([portal.facture("s02")]).outcomes == ["draft"]
    assert portal.stored("F2026-014")[0]["status"] == "BROUILLON"


def test_the_same_invoice_is_not_deposited_twice(bench):
    """The second command shows the first one's certificate, without visiting the portal."""
    portal = bench()
    facture = portal.facture("s03")
    first = portal.deposit([facture], "--send").only
    portal.replica.stop()
    second = portal.deposit([facture], "--send")
    assert (second.outcomes, second.code) == (["already-deposited"], 1)
    assert second.only["certificate"] == str(Path(first["certificate"]).absolute())


def test_the_same_number_with_another_content_asks(bench):
    """A changed total under a number already used is a question for a person."""
    portal = bench()
    portal.deposit([portal.facture("s03")], "--send")
    other = portal.facture("s03", amounts={"ht": "10.00", "tva": "0.00", "ttc": "10.00"})
    ended = portal.deposit([other], "--send")
    assert (ended.outcomes, ended.code) == (["needs-person"], 77)
    assert "4500" in ended.only["message"] or "10.00" in ended.only["message"]


def test_an_invoice_deposited_from_elsewhere_is_found(bench):
    """Another machine sent it: its number is taken, the portal is asked, the certificate kept; the next one goes."""
    portal = bench()
    portal.deposit([portal.facture("s03")], "--send", "--out", "ailleurs")
    (portal.folder / "home").rename(portal.folder / "old-home")
    ended = portal.deposit([portal.facture("s03"), portal.facture("s05")], "--send")
    assert ended.outcomes == ["already-deposited", "deposited"]
    assert Path(ended.lines[0]["certificate"]).read_bytes().startswith(b"%PDF")
    assert ended.code == 1
    assert len(portal.stored("SPE/2026/05")) == 1


def test_one_refused_invoice_does_not_stop_the_others(bench):
    """A service that the university does not know is refused in the portal's words; the next one goes."""
    portal = bench()
    wrong = portal.facture("s01", recipient={"siret": "13001533200013", "service": "INCONNU"})
    ended = portal.deposit([wrong, portal.facture("s05")], "--send")
    assert ended.outcomes == ["refused", "deposited"]
    assert ended.code == 1


@pytest.mark.parametrize("goal", ["--draft", "--send"])
def test_a_draft_of_an_earlier_run_is_replaced(bench, goal):
    """The same command, or the one that sends it: the portal holds the invoice once."""
    portal = bench()
    facture = portal.facture("s03", 1)
    portal.deposit([facture], "--draft")
    again = portal.deposit([facture], goal)
    assert again.outcomes == [{"--draft": "draft", "--send": "deposited"}[goal]], again.lines
    assert len(portal.stored("SPE/2026/05")) == 1


def test_a_draft_made_by_hand_is_left(bench):
    """The robot removes no draft that it did not make: it deposits beside it, and says so."""
    portal = bench()
    portal.deposit([portal.facture("s03")], "--draft")
    (portal.folder / "home").rename(portal.folder / "old-home")
    ended = portal.deposit([portal.facture("s03")], "--send")
    assert ended.outcomes == ["deposited"]
    assert "que le robot n'a pas fait" in ended.stderr
    assert sorted(stored["status"] for stored in portal.stored("SPE/2026/05")) == ["BROUILLON", "DEPOSEE"]


def test_a_lost_certificate_is_fetched_again(bench):
    """Deleted or damaged on this machine: the same command brings it back, without sending anything."""
    portal = bench()
    facture = portal.facture("s03")
    first = portal.deposit([facture], "--send").only
    Path(first["certificate"]).write_bytes(b"%PDF-1.4 damaged")
    again = portal.deposit([facture], "--send").only
    assert (again["outcome"], again["exit_code"]) == ("deposited", 0)
    assert again["digest"] == first["digest"]
    assert len(portal.stored("SPE/2026/05")) == 1
