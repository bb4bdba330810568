"""The trainer's page: what it asks, what it shows, and who may use it."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, expect
from visitor import Visitor

from robot.replica.server import Replica
from robot.training.remote import Remote, Wish
from robot.training.trainerpage import PRACTISING, SHOWING, TrainerPage


@pytest.fixture
def remote() -> Remote:
    return Remote()


@pytest.fixture
def replica() -> Iterator[Replica]:
    with Replica(2024) as replica:
        visitor = Visitor(replica)
        visitor.sign_in()
        visitor.deposit("2026-11")
        yield replica


@pytest.fixture
def trainer(remote: Remote, replica: Replica) -> Iterator[TrainerPage]:
    with TrainerPage(remote, replica, SHOWING) as page:
        yield page


@pytest.fixture
def elsewhere(remote: Remote) -> Iterator[TrainerPage]:
    """Beside a portal that is no replica."""
    with TrainerPage(remote, None, SHOWING) as page:
        yield page


def post(page: TrainerPage, to: str, **facts: str) -> dict[str, Any]:
    """What the page answers: how things stand, with the refusal where there is one."""
    place = urlsplit(page.url)
    request = urllib.request.Request(
        page.url + to, urlencode(facts).encode(), {"Origin": f"{place.scheme}://{place.netloc}"}
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)
    except HTTPError as refused:
        return json.load(refused)


def status_of(page: TrainerPage, method: str, path: str, **headers: str) -> int:
    place = urlsplit(page.url)
    asked = HTTPConnection(place.hostname or "", place.port or 0)
    try:
        asked.request(method, path, headers=headers)
        return asked.getresponse().status
    finally:
        asked.close()


def test_a_wish_arrives(elsewhere, remote):
    post(elsewhere, "souhait", souhait="retour")
    assert remote.take() is Wish.BACK


def test_only_what_makes_sense_is_offered(remote):
    """An exercise goes at the pace of whoever does it."""
    with TrainerPage(remote, None, PRACTISING) as page:
        assert "inconnu" in post(page, "souhait", souhait="plus-vite")["refusal"]
    assert remote.take() is None


def test_a_fault_is_armed_and_disarmed(trainer, replica):
    post(trainer, "panne", armer="error-once", etape="envoi")
    assert [str(one) for one in replica.faults.armed] == ["error-once@envoi*1"]
    post(trainer, "panne", desarmer="error-once@envoi*1")
    assert not replica.faults.armed


def test_an_invoice_is_moved_on(trainer, replica):
    post(trainer, "facture", numero="2026-11", etat="A_RECYCLER", motif="Destinataire erroné.")
    assert [(one["status"], one["status_reason"]) for one in replica.invoices()] == [("A_RECYCLER", "Destinataire erroné.")]


def test_other_portals_are_left_alone(elsewhere):
    assert "réplique" in post(elsewhere, "facture", numero="2026-11", etat="REJETEE", motif="Refus.")["refusal"]
    assert "réplique" in post(elsewhere, "panne", armer="slow")["refusal"]


def test_what_cannot_be_is_told(trainer):
    """In the portal's words, and nothing changes."""
    answer = post(trainer, "facture", numero="2026-11", etat="A_RECYCLER")
    assert "demande un motif" in answer["refusal"]
    assert answer["invoices"][0]["label"] == "Déposée"


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/anything/", {}),
        ("GET", "", {"Host": "robot.example"}),
        ("POST", "souhait", {"Origin": "http://robot.example"}),
        ("POST", "souhait", {}),
    ],
    ids=["another token", "another host", "another page", "no page"],
)
def test_nobody_else_is_heard(elsewhere, remote, method, path, headers):
    own = urlsplit(elsewhere.url).path
    assert status_of(elsewhere, method, path if path.startswith("/") else own + path, **headers) == 403
    assert remote.take() is None


def test_the_page_follows_and_drives(trainer, remote, replica, browser: Browser):
    """As a trainer sees it: the step as it comes, a wish, a reason asked for only where it is needed; what is typed stays."""
    complaints: list[str] = []
    page = browser.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(trainer.url)
    remote.tell(title="Démonstration", number=2, total=3, line="3.5", say="Choisissez le PDF.", is_paused=True)
    expect(page.get_by_role("heading", level=1)).to_have_text("Choisissez le PDF.")
    expect(page.get_by_text("Étape 2 sur 3 · ligne 3.5 du tutoriel")).to_be_visible()
    expect(page.get_by_role("button", name="Pause")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_label("Motif")).to_be_hidden()
    page.get_by_label("Nouvel état").select_option("Suspendue")
    page.get_by_label("Motif").fill("RIB différent.")
    visitor = Visitor(replica)
    visitor.sign_in()
    visitor.deposit("2026-12")
    expect(page.get_by_text("2026-12")).to_be_visible()
    page.locator(".invoice", has_text="2026-11").get_by_role("button", name="Changer").click()
    expect(page.get_by_text("Facture n° 2026-11 : Suspendue")).to_be_visible()
    with page.expect_response("**/souhait"):
        page.get_by_role("button", name="Suivant").click()
    expect(page.get_by_role("alert")).to_be_hidden()
    assert (remote.take(), complaints) == (Wish.NEXT, [])
