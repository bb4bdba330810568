"""What goes wrong on the replica when a trainer says so, and nothing else."""

from __future__ import annotations

import http.client
import urllib.error
from collections.abc import Iterator

import pytest
from visitor import Visitor, right_values

from robot.replica.faults import KINDS, Faults, FaultUnknown
from robot.replica.server import Replica

TRAINING = "/_entrainement/pannes"


@pytest.fixture(scope="module", params=[2024, 2021])
def replica(request: pytest.FixtureRequest) -> Iterator[Replica]:
    with Replica(request.param, suppliers=[("00010101400017", "Lefèvre Éléonore")]) as running:
        yield running


@pytest.fixture
def visitor(replica: Replica) -> Iterator[Visitor]:
    replica.disarm()
    visitor = Visitor(replica, generation=2021 if len(replica.hosts) == 1 else 2024)
    visitor.sign_in()
    yield visitor
    replica.disarm()


def up_to_confirmation(visitor: Visitor, number: str) -> None:
    visitor.open_form()
    visitor.press("validerEtEnvoyer", **right_values(number=number))


def statuses(replica: Replica, number: str) -> list[str]:
    return [invoice["status"] for invoice in replica.invoices() if invoice["number"] == number]


@pytest.mark.parametrize("text", ["unheard-of", "slow@nowhere", "cut-after-commit@depot", "slow*"])
def test_an_unknown_fault_is_refused_with_the_known_ones(text: str):
    with pytest.raises(FaultUnknown, match=r"connues|étapes"):
        Faults().arm(text)


def test_a_fault_strikes_so_many_times_and_where_it_was_armed():
    faults = Faults()
    faults.arm("error-once@formulaire*2")
    assert not faults.strikes("error-once", "depot")
    assert [faults.strikes("error-once", "formulaire") for _ in range(3)] == [True, True, False]
    assert faults.struck == ["error-once@formulaire"] * 2


@pytest.mark.parametrize("name", KINDS)
def test_each_fault_says_in_french_what_it_does(name: str):
    assert KINDS[name].says.endswith(".")


def test_an_error_comes_once(visitor: Visitor, replica: Replica):
    replica.arm("error-once@recherche")
    assert visitor.open(f"{visitor.office}/cpp/rechercheFactures").status == 500
    assert "Rechercher des factures" in visitor.open(f"{visitor.office}/cpp/rechercheFactures").text


def test_maintenance_lasts_until_it_is_over(visitor: Visitor, replica: Replica):
    replica.arm("maintenance")
    for _ in range(2):
        page = visitor.open(f"{visitor.office}/cpp/syntheseFactures")
        assert (page.status, "Le portail est en maintenance." in page.text) == (503, True)
    replica.disarm()
    assert visitor.open(f"{visitor.office}/cpp/syntheseFactures").status == 200


@pytest.mark.parametrize(("fault", "expected"), [("cut-before-commit", []), ("cut-after-commit", ["DEPOSEE"])])
def test_the_line_is_cut_before_or_after_the_invoice_is_kept(
    visitor: Visitor, replica: Replica, fault: str, expected: list[str]
):
    up_to_confirmation(visitor, f"CUT-{len(expected)}")
    replica.arm(fault)
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError, urllib.error.URLError)):
        visitor.press("confirmer")
    sent = [status for status in statuses(replica, f"CUT-{len(expected)}") if status != "BROUILLON"]
    assert sent == expected


def test_the_session_is_forgotten(visitor: Visitor, replica: Replica):
    replica.arm("session-lost@depot")
    visitor.open(f"{visitor.office}/cpp/depotFacture")
    assert "Dépôt d'une nouvelle facture" not in visitor.page.text


def test_a_step_is_no_longer_valid(visitor: Visitor, replica: Replica):
    visitor.open_form()
    replica.arm("stale-execution@formulaire")
    assert visitor.press("validerEtEnvoyer", **right_values(number="ST-1")).status == 403


@pytest.mark.parametrize(
    ("fault", "words"),
    [("label-renamed@formulaire", "Transmettre la facture"), ("new-required-field", "Numéro de chantier"),
     ("acknowledgement@formulaire", "Tout acquitter et fermer")],
)  # fmt: skip
def test_the_form_is_drawn_otherwise(visitor: Visitor, replica: Replica, fault: str, words: str):
    replica.arm(fault)
    assert words in visitor.open_form().text


@pytest.mark.parametrize(
    ("fault", "words"),
    [("duplicate-number", "a déjà été utilisé"), ("new-required-field", "Le numéro de chantier est obligatoire")],
)
def test_the_form_is_refused(visitor: Visitor, replica: Replica, fault: str, words: str):
    replica.arm(fault)
    up_to_confirmation(visitor, "REF-1")
    assert words in visitor.page.text


def test_a_draft_counts_as_a_used_number(visitor: Visitor, replica: Replica):
    visitor.open_form()
    visitor.press("enregistrer", **right_values(number="DR-1"))
    replica.arm("drafts-count")
    up_to_confirmation(visitor, "DR-1")
    assert "a déjà été utilisé" in visitor.page.text


def test_the_recognition_is_wrong(visitor: Visitor, replica: Replica):
    replica.arm("wrong-recognition")
    assert "2019-999" in visitor.open_form().html


def test_any_file_is_taken_for_a_batch(visitor: Visitor, replica: Replica):
    replica.arm("facturx-as-batch")
    assert "Le lot de facture a été importé" in visitor.submit().text


def test_the_list_is_late(visitor: Visitor, replica: Replica):
    visitor.deposit("LATE-1")
    replica.arm("late-list")
    visitor.open(f"{visitor.office}/cpp/rechercheFactures")
    visitor.press("rechercher", search_number="LATE-1")
    assert "aucun résultat" in visitor.page.text


@pytest.mark.parametrize("fault", ["certificate-truncated", "certificate-of-another", "certificate-missing"])
def test_the_certificate_is_wrong_once(visitor: Visitor, replica: Replica, fault: str):
    number = f"CERT-{fault[12:]}"
    visitor.deposit(number)
    identity = next(invoice["id"] for invoice in replica.invoices() if invoice["number"] == number)
    address = f"{visitor.office}/cpp/facture/{identity}/certificat"
    right = visitor.read(address).content
    replica.arm(fault)
    assert visitor.read(address).content != right
    assert len(visitor.read(address).content) == len(right)


def test_the_trainer_arms_and_disarms_on_a_page(visitor: Visitor, replica: Replica):
    """While the replica runs; each fault is there with its sentence."""
    page = visitor.open(f"{visitor.office}{TRAINING}")
    assert all(kind.says in page.text for kind in KINDS.values())
    armed = visitor.post(visitor.page.forms[0], {"panne": "slow", "etape": "depot"})
    assert "Où : la fenêtre de dépôt" in armed.text
    assert [str(fault) for fault in replica.faults.armed] == ["slow@depot"]
    visitor.post(visitor.page.forms[0], {"desarmer": ""})
    assert replica.faults.armed == ()


def test_a_page_that_never_loads_does_not_keep_the_replica_alive():
    """Whoever trains can stop at once."""
    with Replica(faults=["page-never-loads"]) as replica:
        host = replica.url.removeprefix("http://").rstrip("/")
        connection = http.client.HTTPConnection(host, timeout=30)
        connection.request("GET", "/")
    connection.close()
