"""What goes wrong on the replica when a trainer says so, and nothing else."""

from __future__ import annotations

import http.client
import socket
import time
import urllib.error
from collections.abc import Iterator

import pytest
from visitor import Visitor, right_values

from robot.replica import breakage
from robot.replica.faults import KINDS, Faults, FaultUnknown
from robot.replica.server import Replica

TRAINING = "/_entrainement/pannes"
CUT = (http.client.RemoteDisconnected, ConnectionResetError, urllib.error.URLError)


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


@pytest.mark.parametrize(
    ("text", "told"),
    [("unheard-of", "connues"), ("slow@nowhere", "étapes"), ("cut-after-commit@depot", "étapes"), ("slow*", "attendu"),
     ("slow*0", "attendu"), ("slow*" + "9" * 5000, "attendu")],
)  # fmt: skip
def test_an_unknown_fault_is_refused_with_the_known_ones(text: str, told: str):
    with pytest.raises(FaultUnknown, match=told):
        Faults().arm(text)


def test_an_unknown_fault_keeps_no_port():
    with socket.create_server(("127.0.0.1", 0)) as place:
        port = place.getsockname()[1]
    with pytest.raises(FaultUnknown) as refused:
        Replica(2021, port=port, faults=["unheard-of"])
    socket.create_server(("127.0.0.1", port)).close()
    assert refused


def test_one_fault_of_several_is_disarmed():
    faults = Faults()
    for text in ("slow@depot", "slow", "maintenance"):
        faults.arm(text)
    faults.disarm("slow")
    assert [str(fault) for fault in faults.armed] == ["slow@depot", "maintenance"]


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


def test_each_answer_is_late(visitor: Visitor, replica: Replica, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(breakage, "SLOW_SECONDS", 0.3)
    replica.arm("slow@recherche")
    start = time.monotonic()
    assert visitor.open(f"{visitor.office}/cpp/rechercheFactures").status == 200
    assert time.monotonic() - start >= 0.3


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
    # A browser sends the request again by itself, and is cut once more.
    for _ in range(2):
        with pytest.raises(CUT):
            visitor.press("confirmer")
    sent = [status for status in statuses(replica, f"CUT-{len(expected)}") if status != "BROUILLON"]
    assert sent == expected
    assert replica.faults.struck.count(f"{fault}@envoi") == 1


def test_a_cut_is_over_once_it_is_disarmed(visitor: Visitor, replica: Replica):
    replica.arm("cut@recherche")
    with pytest.raises(CUT):
        visitor.open(f"{visitor.office}/cpp/rechercheFactures")
    replica.disarm()
    assert visitor.open(f"{visitor.office}/cpp/rechercheFactures").status == 200


def test_leaving_the_window_is_not_the_sending(visitor: Visitor, replica: Replica):
    up_to_confirmation(visitor, "LEFT-1")
    replica.arm("cut-before-commit")
    assert "Saisie facture" in visitor.press("annuler").text
    assert [str(fault) for fault in replica.faults.armed] == ["cut-before-commit*1"]


def test_the_session_is_forgotten(visitor: Visitor, replica: Replica):
    replica.arm("session-lost@depot")
    visitor.open(f"{visitor.office}/cpp/depotFacture")
    assert "Dépôt d'une nouvelle facture" not in visitor.page.text


def test_a_session_is_lost_only_once_somebody_has_one(replica: Replica, visitor: Visitor):
    replica.arm("session-lost")
    Visitor(replica).open(replica.url)
    assert replica.faults.armed
    visitor.open(f"{visitor.office}/cpp/syntheseFactures")
    assert replica.faults.struck[-1] == "session-lost@factures-emises"


def test_a_step_is_no_longer_valid(visitor: Visitor, replica: Replica):
    up_to_confirmation(visitor, "ST-1")
    replica.arm("stale-execution@envoi")
    assert visitor.press("confirmer").status == 410
    assert statuses(replica, "ST-1") in ([], ["BROUILLON"])


@pytest.mark.parametrize("generation", [2024, 2021])
@pytest.mark.parametrize("look", ["dossier", "autre"])
def test_words_are_renamed_in_every_look(generation: int, look: str):
    with Replica(generation, look=look, faults=["label-renamed"]) as replica:
        visitor = Visitor(replica, generation=generation, look=look)
        pages = [visitor.sign_in(), visitor.open(f"{visitor.office}/cpp/rechercheFactures"), visitor.submit()]
        visitor.open(f"{visitor.office}/cpp/depotFacture")
        pages += [visitor.page, visitor.open_form(), visitor.press("gererPiecesJointes")]
        visitor.press("retour")
        pages += [visitor.press("validerEtEnvoyer", **right_values(number="REN-1")), visitor.press("confirmer")]
        shown = " ".join(page.html for page in pages)
        assert [new for _, new in breakage._renamed(visitor.look).values() if new not in shown] == []


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


def test_the_new_field_can_be_filled(visitor: Visitor, replica: Replica):
    replica.arm("new-required-field")
    up_to_confirmation(visitor, "NEW-1")
    visitor.press("validerEtEnvoyer", worksite="CH-7")
    assert "Récapitulatif" in visitor.press("confirmer").text


@pytest.mark.parametrize("step", ["formulaire", "envoi"])
def test_a_draft_counts_as_a_used_number(visitor: Visitor, replica: Replica, step: str):
    visitor.open_form()
    visitor.press("enregistrer", **right_values(number=f"DR-{step}"))
    replica.arm(f"drafts-count@{step}")
    up_to_confirmation(visitor, f"DR-{step}")
    if step == "envoi":
        visitor.press("confirmer")
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


def test_a_download_never_ends(visitor: Visitor, replica: Replica):
    visitor.deposit("END-1")
    identity = next(invoice["id"] for invoice in replica.invoices() if invoice["number"] == "END-1")
    replica.arm("download-never-ends")
    address = f"{visitor.office}/cpp/facture/{identity}/certificat"
    with visitor._opener.open(address, timeout=0.5) as answer, pytest.raises(TimeoutError):
        answer.read()


def test_cookies_of_other_programs_do_no_harm(replica: Replica):
    """Cookies do not know ports: those of everything else on this machine come along."""
    replica.arm("maintenance@connexion")
    connection = http.client.HTTPConnection(replica.hosts[-1], timeout=20)
    connection.request("GET", "/cpp/depotFacture?execution=%E9", headers={"Cookie": "a@b/c=1; JSESSIONID=x"})
    assert connection.getresponse().status == 303
    connection.close()
    replica.disarm()


def test_the_trainer_arms_and_disarms_on_a_page(visitor: Visitor, replica: Replica):
    """While the replica runs; each fault is there with its sentence."""
    page = visitor.open(f"{visitor.office}{TRAINING}")
    assert all(kind.says in page.text for kind in KINDS.values())
    armed = visitor.post(visitor.page.forms[0], {"panne": "slow", "etape": "depot"})
    assert "Où : la fenêtre de dépôt" in armed.text
    assert [str(fault) for fault in replica.faults.armed] == ["slow@depot"]
    visitor.post(visitor.page.forms[0], {"desarmer": "slow@depot"})
    assert replica.faults.armed == ()


def test_a_page_that_never_loads_does_not_keep_the_replica_alive(capfd: pytest.CaptureFixture[str]):
    """Whoever trains can stop at once, and is told of no error."""
    with Replica(faults=["page-never-loads"]) as replica:
        host = replica.url.removeprefix("http://").rstrip("/")
        connection = http.client.HTTPConnection(host, timeout=30)
        connection.request("GET", "/")
        with pytest.raises(TimeoutError):
            connection.sock.settimeout(0.3)
            connection.getresponse()
        start = time.monotonic()
    connection.close()
    assert time.monotonic() - start < 1.5
    assert "Traceback" not in capfd.readouterr().err
