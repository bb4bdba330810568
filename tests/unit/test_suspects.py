"""Who took the place of what is lost: found when it is likely, nobody when it is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from robot.fields import plain
from robot.screens import load_flows
from robot.tutorial.contract import Kept, KeptScreen
from robot.tutorial.inventory import Control, Inventory
from robot.tutorial.suspects import SURE, likeness, suspects

FLOWS = load_flows()
REFERENCES = FLOWS.screens["bloc-references"]

# The bloc « Références » as it was, in its order; the fourth is named by no flow.
BLOC = (
    ("numero", "text", "* Numéro de facture", "GDP_Numero"),
    ("date", "text", "* Date de facture", "GDP_Date"),
    ("engagement", "text", "Numéro du bon de commande", "GDP_BonDeCommande"),
    ("", "text", "Numéro de chantier", "GDP_Chantier"),
    ("marche", "text", "Numéro de marché", "GDP_Marche"),
)


def kept() -> KeptScreen:
    of = {
        name or words: Kept(nature=nature, words=words, bloc="Références", id=id, place=place)
        for place, (name, nature, words, id) in enumerate(BLOC)
    }
    others = (of.pop("Numéro de chantier"),)
    return KeptScreen(seen="2026-11-01", by="Claire", elements=of, others=others)


def page(*, ids: str = "", bloc: str = "Références", plus_id: str = "GDP_Plus", **renamed: str) -> Inventory:
    """The same bloc today; an element renamed to nothing is gone, « plus » is put before the order number.

    `ids`: what stands before each id since.
    """
    controls = []
    for name, nature, words, id in BLOC:
        if name == "engagement" and "plus" in renamed:
            controls.append(Control(0, "text", renamed["plus"], bloc, plus_id, required=True))
        words = renamed.get(name, words)
        if words:
            known = name and any(plain(words) == plain(label) for label in REFERENCES.elements[name].labels)
            claimed = (f"bloc-references.{name}",) if known else ()
            controls.append(Control(0, nature, words, bloc, ids + id, claimed=claimed))
    placed = tuple(
        Control(place, one.nature, one.words, one.bloc, one.id, required=one.required, claimed=one.claimed)
        for place, one in enumerate(controls)
    )
    return Inventory("http://127.0.0.1/", "Saisie", False, ("Références",), placed, (), "Références")


def found(lost: str, inventory: Inventory, before: KeptScreen | None) -> str:
    """Words of the control that is taken; empty where none is sure enough."""
    suspect = suspects(REFERENCES, [lost], inventory, before).get(lost)
    return suspect.control.words if suspect and suspect.sureness >= SURE else ""


@pytest.mark.parametrize("words", ["Référence de la pièce", "NUMÉROS DES FACTURES", "Zone A"])
def test_a_renamed_field_is_found_by_where_it_stands(words):
    """Whatever it is called now."""
    assert found("numero", page(numero=words), kept()) == words


def test_ids_may_all_have_changed_too():
    """A new layout of the same form."""
    assert found("engagement", page(engagement="Référence interne", ids="v2-"), kept()) == "Référence interne"


def test_the_title_of_the_bloc_may_have_changed_too():
    """Its neighbours are who they were."""
    assert found("date", page(date="Jour", bloc="Votre facture"), kept()) == "Jour"


def test_labels_may_have_become_cells_of_a_table():
    """No bloc, no id, no asterisk: the neighbours are left."""
    redrawn = page(numero="Référence de la pièce")
    controls = tuple(replace(one, bloc="", id="", words=one.words.strip("* ")) for one in redrawn.controls)
    assert found("numero", replace(redrawn, controls=controls), kept()) == "Référence de la pièce"


def test_words_that_are_alike_are_enough_without_a_contract():
    """A plural, on the first visit."""
    assert found("engagement", page(engagement="Numéros des bons de commande"), None) == "Numéros des bons de commande"


def test_a_field_that_is_gone_is_nobody():
    """The one that no flow names was there before."""
    assert found("marche", page(marche=""), kept()) == ""


def test_a_new_field_is_not_the_one_that_went():
    """It stands in another place, under another id."""
    assert found("marche", page(marche="", plus="Code interne"), kept()) == ""


def test_a_new_field_in_the_very_place_is_another_one_where_ids_last():
    """All others kept their ids: it is new, and says nothing of the one that went."""
    assert found("engagement", page(engagement="", plus="Code interne"), kept()) == ""


def test_a_new_field_in_the_place_may_be_the_same_one():
    """It says the same, or bears its id."""
    assert (
        found("engagement", page(engagement="", plus="N° des bons de commandes"), kept()) == "N° des bons de commandes"
    )
    same = page(engagement="", plus="Code interne", plus_id="GDP_BonDeCommande")
    assert found("engagement", same, kept()) == "Code interne"


def test_a_new_field_beside_a_renamed_one_is_left_out():
    """The id tells which of the two it was."""
    assert (
        found("engagement", page(engagement="Commande nationale", plus="Code interne"), kept()) == "Commande nationale"
    )


def test_what_was_there_under_other_words_is_nobody():
    """The field that no flow names was renamed; the one after it went."""
    today = page(marche="")
    controls = tuple(replace(one, words="Site") if "chantier" in one.words else one for one in today.controls)
    assert found("marche", replace(today, controls=controls), kept()) == ""


def test_of_two_that_are_lost_the_one_that_is_left_is_told_by_its_id():
    """The other is gone."""
    suspects_of = suspects(REFERENCES, ["numero", "date"], page(numero="", date="Jour"), kept())
    assert {name: one.control.words for name, one in suspects_of.items() if one.sureness >= SURE} == {"date": "Jour"}


def test_of_two_that_are_lost_and_one_that_is_left_nothing_is_guessed():
    """Nobody can tell which, once the ids changed too."""
    today = page(numero="", date="Jour", ids="v2-")
    assert not any(one.sureness >= SURE for one in suspects(REFERENCES, ["numero", "date"], today, kept()).values())


def test_without_a_contract_ids_that_speak_are_believed():
    """« GDP_BonDeCommande » says what the flow says."""
    assert found("engagement", page(engagement="Zone A"), None) == "Zone A"


def test_without_a_contract_words_that_another_bloc_bears_are_not_enough():
    """« Accéder » stands on every card of the page, and the card of this one is not there."""
    structures = FLOWS.screens["application-structures"]
    cards = (Control(0, "button", "Accéder", "Utilisateurs"), Control(1, "button", "Retour à l'accueil"))
    inventory = Inventory("http://127.0.0.1/", "Domaine", False, (), cards, (), "Utilisateurs")
    suspect = suspects(structures, ["structures"], inventory, None).get("structures")
    assert suspect is None or suspect.sureness < SURE


def test_two_that_were_renamed_at_once_are_told_apart():
    """By their order, if their ids changed too."""
    today = page(numero="Référence", date="Jour", ids="v2-")
    taken = suspects(REFERENCES, ["numero", "date"], today, kept())
    assert {name: one.control.words for name, one in taken.items()} == {"numero": "Référence", "date": "Jour"}


def test_a_field_is_never_taken_for_a_button():
    """What is typed into cannot become what is pressed."""
    envoi = FLOWS.screens["envoi"]
    inventory = page(numero="Valider et envoyer la facture")
    assert suspects(envoi, ["envoyer"], inventory, None) == {}


def test_the_reasons_are_told():
    """For the report."""
    (suspect,) = suspects(REFERENCES, ["numero"], page(numero="Référence"), kept()).values()
    assert {"même identifiant", "même bloc", "même place entre ses voisins"} <= set(suspect.reasons)


def test_a_screen_is_known_although_one_of_its_marks_changed():
    """And another screen is not."""
    today = page(numero="Référence de la pièce")
    assert likeness(REFERENCES, today, kept()) >= SURE > likeness(FLOWS.screens["pieces-jointes"], today, None)


def test_a_screen_is_less_like_when_its_sentence_is_not_there():
    """The form has the field and the button; « aucun résultat » is said by the screen before it."""
    missing = FLOWS.screens["structure-trouvee"]
    button = Control(0, "button", "Valider", claimed=("structure-trouvee.valider",))
    inventory = Inventory("http://127.0.0.1/", "Fiche", False, (), (button,), (), "Fiche structure Valider")
    assert likeness(missing, inventory, None) < 0.7
    assert likeness(missing, replace(inventory, text="Aucun résultat Valider"), None) == 0.0
