"""New wordings: today's sentence, with the words that the portal shows."""

from __future__ import annotations

import pytest

from robot.screens import load_flows
from robot.tutorial.verdicts import Evidence, Finding, Holding, Verdict
from robot.tutorial.wording import addition, proposal

FLOWS = load_flows()
GONE = Finding("la question secrète", Holding.GONE)


def seen(place: str) -> Evidence | None:
    screen, _, element = place.partition(".")
    return Evidence(screen, FLOWS.screens[screen].title, "", element) if place else None


def drifted(place: str, shown: str, what: str = "le libellé", said: str = "") -> Finding:
    return Finding(what, Holding.DRIFTED, said, shown, evidence=seen(place))


def wording(line: str, *findings: Finding, asks: str = "Valider.") -> str:
    return proposal(Verdict(line, asks, (), Holding.DRIFTED, findings), FLOWS, "2024")


@pytest.mark.parametrize(
    ("line", "place", "shown", "sentence"),
    [
        ("3.3", "factures-emises.deposer", "Déposer facture", "Cliquez sur l'onglet « Déposer facture »."),
        ("3.3", "factures-emises.deposer", "Transmettre", "Cliquez sur l'onglet « Transmettre »."),
        ("1.10", "mot-de-passe.soumettre", "Soumettre", "Cliquez sur « Soumettre »."),
        ("2.1", "accueil-connecte.mon_compte", "votre nom", "Cliquez sur votre nom, en haut à droite."),
        ("2.7", "fiche-structure.identifiant", "Identifiant", "Dans « Identifiant », tapez le SIRET de votre structure."),
        (
            "3.8",
            "cadre-de-facturation.continuer",
            "Continuer",
            "Cliquez sur « Continuer » ; le portail lit votre PDF et prépare le formulaire.",
        ),
        (
            "3.5",
            "cadre-de-facturation.cadre",
            "A1 : Dépôt par un fournisseur d'une facture",
            "Choisissez le cadre A1, celui d'une facture déposée par son fournisseur : "
            "« A1 : Dépôt par un fournisseur d'une facture ».",
        ),
        (
            "3.20",
            "recapitulatif.exporter",
            "Exporter",
            "Exportez le certificat de dépôt et gardez-le ; c'est votre preuve. Cliquez pour cela sur « Exporter ».",
        ),
        ("1.5", "informations-personnelles.creer", "Créer mon compte", "Cliquez sur « Créer mon compte »."),
    ],
)
def test_the_portal_s_words_take_their_place_in_today_s_sentence(line, place, shown, sentence):
    """Whatever kind of thing they name; what the flows tell of former days is left out."""
    assert wording(line, drifted(place, shown)) == sentence


def test_one_of_several_fields_has_a_sentence_of_its_own():
    """The step's sentence speaks of all of them."""
    told = wording("3.15", drifted("bloc-montants.ht", "Total HT", "le montant HT"))
    assert told.endswith("Le montant HT s'appelle maintenant « Total HT ».")


def test_a_line_with_two_ends_tells_both():
    """Sent at once, or kept for later."""
    told = wording("3.18", drifted("envoi.envoyer", "Envoyer"), drifted("envoi.enregistrer", "Garder"))
    assert "Cliquez sur « Envoyer » ;" in told and "Pour un envoi ultérieur, cliquez sur « Garder »" in told


def test_what_is_gone_is_to_be_taken_out():
    """One thing, or several."""
    assert wording("1.9", GONE) == "À retirer : la question secrète n'existe plus sur le portail."
    both = wording("1.9", GONE, Finding("la réponse secrète", Holding.GONE))
    assert both.startswith("À retirer : la question secrète et la réponse secrète n'existent plus")


def test_what_moved_is_told_with_its_way():
    """Where no sentence of ours tells it already."""
    moved = Finding("l'adresse e-mail", Holding.MOVED, detail="on y arrive maintenant par « Créer un compte »")
    assert wording("1.1", moved, Finding("le SIRET", Holding.GONE)) == (
        "Pour l'adresse e-mail, passez par « Créer un compte ». Le portail ne montre plus le SIRET."
    )


def test_what_is_new_in_a_line_is_to_be_added():
    """Unless its sentence speaks of it."""
    new = Finding("un champ obligatoire : « Chantier »", Holding.NEW, shown="Chantier", evidence=seen("bloc-references."))
    assert wording("3.12", new).endswith("Étape à ajouter : un champ obligatoire « Chantier ».")
    shown = "Le destinataire est-il l'État ?"
    state = Finding("la question", Holding.NEW, shown=shown, evidence=seen("bloc-destinataire.etat"))
    assert "ajouter" not in wording("3.9", state)


def test_a_step_that_the_tutorial_does_not_know_is_told_with_its_place():
    """In the flow's own words, or with what the portal shows."""
    code = Finding("le second facteur", Holding.NEW, evidence=seen("second-facteur.code"), line="1.10")
    assert addition(code, FLOWS).startswith("Étape à ajouter après la ligne 1.10 : tapez le code de votre application")
    screen = Finding("un écran de plus : « Enquête »", Holding.NEW, line="new")
    assert addition(screen, FLOWS) == "Étape à ajouter : un écran de plus « Enquête »."
