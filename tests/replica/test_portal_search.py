"""« Rechercher », the detail of an invoice, and drafts taken up again."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from visitor import Visitor, right_values

from robot.replica.server import Replica


@pytest.fixture(scope="module")
def replica() -> Iterator[Replica]:
    """Thirteen invoices, F-0 to F-12."""
    with Replica(suppliers=[("00010101400017", "Lefèvre Éléonore")]) as running:
        visitor = Visitor(running)
        visitor.sign_in()
        for index in range(13):
            visitor.deposit(f"F-{index}", engagement="BC-7" if index == 4 else "")
        yield running


@pytest.fixture
def visitor(somebody: Visitor) -> Visitor:
    somebody.open(f"{somebody.office}/cpp/rechercheFactures")
    return somebody


def numbers(visitor: Visitor) -> list[str]:
    return re.findall(r'<a href="/cpp/facture/\d+">([^<]+)</a>', visitor.page.html)


def test_criteria_are_folded_away_at_first(visitor):
    """As a panel of Bootstrap; nothing is listed before one asks."""
    assert 'aria-expanded="false"' in visitor.page.html
    assert "Résultats de la recherche" not in visitor.page.text


def test_results_come_ten_at_a_time(visitor):
    """The next ones by the button that says so, which the last page has greyed out."""
    visitor.press("rechercher")
    assert (len(numbers(visitor)), numbers(visitor)[0]) == (10, "F-12")
    assert "Résultats de la recherche" in visitor.page.text
    visitor.post(visitor.page.forms[0], {"listeResultats.page": "2"})
    assert numbers(visitor) == ["F-2", "F-1", "F-0"]
    assert re.search(r'title="Aller à la page suivante du tableau" disabled', visitor.page.html)


@pytest.mark.parametrize(
    ("criteria", "found"),
    [
        ({"search_number": "F-12"}, ["F-12"]),
        ({"search_number": "f-1"}, ["F-12", "F-11", "F-10", "F-1"]),
        ({"search_order": "BC-7"}, ["F-4"]),
        ({"search_status": "BROUILLON"}, []),
        ({"search_last": "01/01/2020"}, []),
        ({"search_first": "01/01/2020", "search_number": "F-3"}, ["F-3"]),
    ],
)
def test_criteria_narrow_the_list(visitor, criteria, found):
    """Number, order, state, dates of deposit."""
    visitor.press("rechercher", **criteria)
    assert numbers(visitor) == found


def test_no_result_is_a_sentence_and_no_table(visitor):
    """What a robot must not take for a slow page."""
    page = visitor.press("rechercher", search_number="JAMAIS-VU")
    assert "La recherche n'a retourné aucun résultat" in page.text
    assert "<table" not in page.html
    assert "Aller à la page suivante" not in page.html


def test_a_row_tells_state_date_and_amount(visitor):
    """The columns of the portal."""
    page = visitor.press("rechercher", search_number="F-7")
    assert "Destinataires Numéro Etat Courant Date état courant Date de dépôt Montant TTC" in page.text
    assert re.search(r"19141408500016 - UNIVERSITE DE CAEN NORMANDIE F-7 Déposée (\d\d/\d\d/\d{4}) \1 1 200,00", page.text)


def test_the_detail_gives_the_certificate_again(visitor):
    """With its number, the fields and the history of actions."""
    visitor.press("rechercher", search_number="F-4")
    page = visitor.open(re.search(r'href="(/cpp/facture/\d+)"', visitor.page.html)[1])
    assert "Historique des actions utilisateurs" in page.text
    assert "Facture déposée" in page.text
    assert "Numéro du bon de commande : BC-7" in page.text
    assert re.search(r"Certificat de dépôt n° : [A-Za-z0-9+/]{43}=", page.text)
    again = visitor.open(re.search(r'href="(/cpp/facture/\d+/certificat)"', page.html)[1])
    assert again.content.startswith(b"%PDF-")


def test_a_draft_can_be_taken_up_again_and_sent(visitor):
    """« Modifier » opens its form; « Annuler » there gives back what was saved."""
    visitor.open_form()
    visitor.press("enregistrer", **right_values(number="B-1", comment="gardé"))
    visitor.open("/cpp/syntheseFactures")
    detail = visitor.open(re.search(r'href="(/cpp/facture/\d+)">B-1<', visitor.page.html)[1])
    assert "Exporter le certificat" not in detail.text
    reopen = re.search(r'href="(/cpp/facture/\d+/modification)"', detail.html)[1]
    visitor.open(reopen)
    visitor.press("actualiser", comment="perdu")
    visitor.press("annuler")
    page = visitor.open(reopen)
    assert page.form_with("_eventId_enregistrer").values[visitor.look.name("comment")].strip() == "gardé"
    visitor.press("validerEtEnvoyer")
    assert "La facture n°B-1 est validée" in visitor.press("confirmer").text


def test_a_draft_can_be_deleted(visitor):
    """And a sent invoice cannot."""
    visitor.open_form()
    visitor.press("enregistrer", **right_values(number="B-2"))
    before = len(visitor.replica.invoices())
    visitor.open("/cpp/syntheseFactures")
    detail = visitor.open(re.search(r'href="(/cpp/facture/\d+)">B-2<', visitor.page.html)[1])
    visitor.post(next(form for form in detail.forms if "suppression" in form.action), {})
    assert len(visitor.replica.invoices()) == before - 1
    visitor.open(f"{visitor.office}/cpp/facture/1/suppression", b"")
    assert len(visitor.replica.invoices()) == before - 1


def test_a_form_whose_draft_is_gone_is_stale(visitor):
    """Deleted in another tab, it cannot be sent."""
    visitor.open_form()
    bill = visitor.replica.invoices()[-1]["id"]
    form = visitor.page.form_with("_eventId_validerEtEnvoyer")
    visitor.open(f"/cpp/facture/{bill}/suppression", b"")
    assert visitor.post(form, {"_eventId_validerEtEnvoyer": ""}).status == 410
