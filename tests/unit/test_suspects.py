"""Who took the place of what is lost: found when it is likely, nobody when it is not."""

from __future__ import annotations

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


def page(*, ids: bool = True, bloc: str = "Références", **renamed: str) -> Inventory:
    """The same bloc today; an element renamed to nothing is gone, « plus » is put before the order number."""
    controls = []
    for name, nature, words, id in BLOC:
        if name == "engagement" and "plus" in renamed:
            controls.append(Control(0, "text", renamed["plus"], bloc, "GDP_Plus", required=True))
        words = renamed.get(name, words)
        if words:
            known = name and any(plain(words) == plain(label) for label in REFERENCES.elements[name].labels)
            claimed = (f"bloc-references.{name}",) if known else ()
            controls.append(Control(0, nature, words, bloc, id if ids else "", claimed=claimed))
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
    assert found("engagement", page(engagement="Référence interne", ids=False), kept()) == "Référence interne"


def test_words_that_are_alike_are_enough_without_a_contract():
    """A plural, on the first visit."""
    assert found("engagement", page(engagement="Numéros des bons de commande"), None) == "Numéros des bons de commande"


def test_a_field_that_is_gone_is_nobody():
    """The one that no flow names was there before."""
    assert found("marche", page(marche=""), kept()) == ""


def test_a_new_field_is_not_the_one_that_went():
    """It stands in another place, under another id."""
    assert found("marche", page(marche="", plus="Code interne"), kept()) == ""


def test_two_that_were_renamed_at_once_are_told_apart():
    """By their order."""
    today = page(numero="Référence", date="Jour")
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
    assert {"même identifiant", "même bloc"} <= set(suspect.reasons)


def test_a_screen_is_known_although_one_of_its_marks_changed():
    """And another screen is not."""
    today = page(numero="Référence de la pièce")
    assert likeness(REFERENCES, today, kept()) >= SURE > likeness(FLOWS.screens["pieces-jointes"], today, None)
