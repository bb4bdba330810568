"""Everything that a person could use on a page, named by the flows or not; never what stands in it."""

from __future__ import annotations

import pytest

from robot.locators import spec_of
from robot.tutorial.inventory import Control, Inventory, take

from .drawing import Eyes, field, screen

FORM = """
<h2>Références</h2>
<p><label for=n><span style="color:red">*</span> Numéro de facture</label>
<input id=n name=facture.numero value="F-2026-11"></p>
<table><tr><td>Date de facture :</td><td><input name=facture.date required></td></tr></table>
<fieldset><legend>Nature</legend><label><input type=radio name=k value=a> Privée</label>
<label><input type=radio name=k value=b> Publique</label></fieldset>
<p><label for=c>Cadre</label> <select id=c><option>A1</option><option>A2</option></select></p>
<input type=hidden name=jeton value=secret><div style="display:none"><input name=cache></div>
<div><h3>Facturation</h3><a href="#">Accéder au domaine</a></div><button>Valider</button>
"""


@pytest.fixture
def page(eyes_page: Eyes) -> Inventory:
    eyes_page.draw(FORM)
    described = screen(elements={"numero": field("Numéro de facture")})
    inventory = take(eyes_page.page.main_frame, {"essai.numero": spec_of(described, "numero", {})})
    assert inventory
    return inventory


def named(page: Inventory, words: str) -> Control:
    (control,) = [control for control in page.controls if control.words == words]
    return control


def test_all_that_can_be_used_is_listed_in_order(page):
    """What is hidden is not there; two radio buttons are one question."""
    words = [control.words for control in page.controls if control.nature != "table"]
    assert words == [
        "* Numéro de facture", "Date de facture :", "Nature", "Cadre", "Accéder au domaine", "Valider",
    ]  # fmt: skip


def test_each_is_told_with_its_bloc_and_attributes(page):
    """As the page has them."""
    number = named(page, "* Numéro de facture")
    assert (number.nature, number.bloc, number.id, number.name) == ("text", "Références", "n", "facture.numero")


def test_a_card_is_a_bloc_too(page):
    """Though there is nothing to fill in."""
    assert named(page, "Accéder au domaine").bloc == "Facturation"


def test_what_must_be_filled_is_told(page):
    """By an asterisk, or by the markup."""
    asked = [named(page, words).required for words in ("* Numéro de facture", "Date de facture :", "Cadre")]
    assert asked == [True, True, None]


def test_answers_are_listed(page):
    """Of a list, and of a question."""
    assert (named(page, "Cadre").options, named(page, "Nature").options) == (("A1", "A2"), ("Privée", "Publique"))


def test_what_the_flows_name_is_marked(page):
    """With every name that finds it."""
    assert [control.words for control in page.controls if control.claimed] == ["* Numéro de facture"]


def test_no_value_is_told(page):
    """Only whether there is one."""
    assert named(page, "* Numéro de facture").filled and not named(page, "Date de facture :").filled
    assert not any("F-2026-11" in str(control) or "secret" in str(control) for control in page.controls)
