"""The invoicing application beside the deposit: tabs, documents, directory, and what does not exist."""

from __future__ import annotations

import json

import pytest
from visitor import SANTE_PSY, Visitor

from robot.replica.server import Replica

SAMPLE = SANTE_PSY / "s01-espace-psy-bon-de-commande.pdf"


@pytest.fixture(scope="module")
def visitor(somebody: Visitor) -> Visitor:
    """Somebody who has sent an invoice, number 1, and left the form of another, number 2."""
    somebody.deposit("2026-1")
    somebody.open_form()
    return somebody


def test_the_invoice_can_be_seen_as_it_was_handed_in(visitor):
    """« Visualiser la facture »: the very bytes, shown by the browser."""
    page = visitor.open("/cpp/facture/1/fichier")
    assert page.content == SAMPLE.read_bytes()
    assert page.headers["content-disposition"].startswith("inline")


def test_the_certificate_is_a_download(visitor):
    """A PDF of its own, never shown in place of the page."""
    page = visitor.open("/cpp/facture/1/certificat")
    assert page.content.startswith(b"%PDF-")
    assert page.headers["content-disposition"].startswith("attachment")


def test_a_draft_has_no_certificate(visitor):
    """Nor has an invoice that does not exist."""
    for number in (2, 999):
        page = visitor.open(f"/cpp/facture/{number}/certificat")
        assert (page.status, "n'a pas de certificat" in page.text) == (404, True)


@pytest.mark.parametrize("address", ["/cpp/facture/999", "/cpp/facture/999/fichier"])
def test_an_unknown_invoice_is_told(visitor, address):
    """In the words of the portal."""
    page = visitor.open(address)
    assert (page.status, "La demande de paiement n'existe pas." in page.text) == (404, True)


def test_an_invoice_that_was_sent_is_not_taken_up_again(visitor):
    """« Modifier » is for drafts."""
    assert visitor.open("/cpp/facture/1/modification").status == 410


def test_an_address_that_does_not_exist_is_refused_as_the_portal_does(visitor):
    """Old addresses meet the security page."""
    page = visitor.open("/cpp/ancienneAdresse")
    assert page.status == 403
    assert "Des contraintes de sécurité empêchent d'accéder à la page demandée" in page.text


def test_the_dashboard_counts_by_state(visitor):
    """One sent, one draft."""
    assert "Brouillon 1" in visitor.open("/cpp/tableauDeBord").text
    assert "Déposée 1" in visitor.page.text


@pytest.mark.parametrize("tab", ["nonReproduit/saisie", "nonReproduit/fiscale", "archives"])
def test_each_tab_opens_something(visitor, tab):
    """What is not reproduced says so and leads on."""
    assert visitor.open(f"/cpp/{tab}").status == 200


@pytest.mark.parametrize(
    ("asked", "found"),
    [("130015332 00013", ["13001533200013"]), ("13", []), ("99999999999999", []), ("00030070700015", [])],
)
def test_the_directory_answers_by_the_beginning_of_a_siret(visitor, asked, found):
    """Three digits at least; neither unknown nor closed structures."""
    rows = visitor.json(f"/cpp/rechercheStructure?identifiant={asked.replace(' ', '%20')}")
    assert [row["siret"] for row in rows] == found


@pytest.mark.parametrize("number", ["0", "7", "abc", ""])
def test_a_page_of_results_that_does_not_exist_is_the_nearest(visitor, number):
    """Never an error."""
    visitor.open("/cpp/rechercheFactures")
    form = visitor.page.form_with(visitor.look.event("rechercher"))
    assert "page 1 sur 1" in visitor.post(form, {"listeResultats.page": number}).text


def test_what_is_stored_can_be_asked_for(visitor):
    """`/_entrainement/etat`, without signing in: the same list as `Replica.invoices()`."""
    stranger = Visitor(visitor.replica)
    told = json.loads(stranger.open(f"{stranger.office}/_entrainement/etat").content)
    assert told == visitor.replica.invoices()
    assert [invoice["status"] for invoice in told] == ["DEPOSEE", "BROUILLON"]


def test_signing_out_closes_the_application():
    """Its pages ask for a sign-in again."""
    with Replica() as replica:
        leaver = Visitor(replica)
        assert "Synthèse" in leaver.sign_in().text
        leaver.open("/cpp/deconnexion")
        assert "Mot de passe" in leaver.open(f"{leaver.office}/cpp/syntheseFactures").text
