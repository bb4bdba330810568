"""The portal of 2021 makes each line of the tutorial's third part literally true."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from visitor import DATA, Visitor, right_values

from robot.replica.server import Replica


@pytest.fixture(scope="module")
def replica() -> Iterator[Replica]:
    with Replica(generation=2021, suppliers=[("00010101400017", "Lefèvre Éléonore")]) as running:
        yield running


@pytest.fixture(scope="module")
def visitor(replica: Replica) -> Visitor:
    visitor = Visitor(replica, generation=2021)
    visitor.sign_in()
    return visitor


def test_there_is_one_origin_and_no_second_factor(replica):
    """The password opens « Accueil connecté » at once."""
    assert (len(replica.hosts), replica.sign_in_hosts) == (1, replica.hosts)
    visitor = Visitor(replica, generation=2021)
    visitor.open(replica.url)
    assert "Accueil connecté" in visitor.give_password().text


def test_a_wrong_password_is_told(replica):
    """On the same page."""
    visitor = Visitor(replica, generation=2021)
    visitor.open(replica.url)
    assert "mot de passe incorrect" in visitor.give_password(password="faux").text


def test_lines_3_2_and_3_3_the_bar_and_the_tab(visitor):
    """« FACTURES EMISES » in the bar of espaces, « dépôt factures » among the tabs."""
    words = visitor.open(f"{visitor.office}/cpp/syntheseFactures").text
    for word in (
        "Accueil connecté Activités du gestionnaire Factures de travaux",
        "Factures émises Sollicitations émises Mon compte",
        "Synthèse Rechercher Tableau de bord Saisir facture Dépôt factures Liste fiscale Archives",
    ):
        assert word in words


def test_lines_3_4_to_3_8_the_dialog(visitor):
    """« Télécharger en .pdf », cadre, A1, « notre structure », « service », « valider »."""
    page = visitor.open(f"{visitor.office}/cpp/depotFacture")
    assert "Télécharger en .pdf" in page.html
    for word in (
        "Cadre de facturation",
        "A1 : Dépôt par un fournisseur",
        "Notre structure",
        "Service",
        "Valider",
    ):
        assert word in page.text


def test_lines_3_9_to_3_16_and_3_18_the_form(visitor):
    """Its blocs, its fields, its buttons; no question about the State."""
    words = visitor.open_form().text
    for word in (
        "Bloc destinataire",
        "Numéro SIRET",
        "Code service",
        "Référence",
        "Numéro de facture",
        "Date de facture",
        "Numéro d'engagement",
        "Numéro de marché",
        "Montants totaux",
        "Montant TVA",
        "Bloc pièces jointes",
        "Ajouter une pièce jointe",
        "Enregistrer",
        "Valider et envoyer",
    ):
        assert word in words
    assert "l'État ?" not in words


def test_line_3_17_the_attachments(visitor):
    """« désignation », « ajouter », « retour »."""
    visitor.open_form()
    words = visitor.press("gererPiecesJointes", siret="").text
    for word in ("Désignation", "Ajouter", "Retour"):
        assert word in words


def test_lines_3_18_to_3_20_from_the_button_to_the_certificate(visitor):
    """« confirmer », then « certificat de dépôt »; no answer about the State is stored."""
    visitor.open_form()
    visitor.press("gererPiecesJointes", **{k: v for k, v in right_values(number="T-1").items() if k != "state"})
    file = ("bilan.pdf", (DATA / "bilan.pdf").read_bytes())
    given = {"attachment_type": "Document annexe", "attachment_designation": "document annexe"}
    visitor.press("ajouter", {"attachment_file": file}, **given)
    visitor.press("retour", {})
    assert "Confirmer et envoyer" in visitor.press("validerEtEnvoyer").html
    assert "Exporter le certificat de dépôt" in visitor.press("confirmer").html
    bill = visitor.replica.invoices()[-1]
    assert (bill["number"], bill["state_question"], len(bill["attachments"])) == ("T-1", None, 1)
