"""Everything that a person could use on a page, named by the flows or not; never what stands in it."""

from __future__ import annotations

import pytest

from robot.locators import spec_of
from robot.tutorial.inventory import Control, Inventory, take

from .drawing import Eyes, button, field, screen

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


ODD = """
<a href="#panel">Demandes</a><div id=panel style="display:none"><button>Demande de rattachement</button></div>
<p>Langue <input type=radio name=l id=a style="display:none"><label for=a>Français</label>
<input type=radio name=l id=b style="display:none"><label for=b>Anglais</label></p>
<p><input type=checkbox name=ok> J'accepte les conditions</p>
<p><span>Pays</span> <select style="display:none"><option>France</option></select>
<span class="select2"><span class="select2-selection" tabindex=0 title="France"><span>France</span></span></span></p>
<span style="cursor:pointer">Retour</span>
"""


@pytest.fixture
def odd(eyes_page: Eyes) -> Inventory:
    """What home-made pages do."""
    eyes_page.draw(ODD)
    described = screen(elements={"demander": button("Demande de rattachement"), "retour": button("Retour")})
    specs = {f"essai.{name}": spec_of(described, name, {}) for name in described.elements}
    inventory = take(eyes_page.page.main_frame, specs)
    assert inventory
    return inventory


def test_what_the_flows_find_in_a_closed_panel_is_listed(odd):
    """A person opens it."""
    assert named(odd, "Demande de rattachement").claimed == ("essai.demander",)


def test_words_that_can_be_pressed_are_listed(odd):
    """Though only their cursor says so."""
    assert (named(odd, "Retour").nature, named(odd, "Retour").claimed) == ("button", ("essai.retour",))


def test_buttons_to_tick_that_are_drawn_by_their_words_are_one_question(odd):
    """The buttons themselves are hidden."""
    (question,) = [control for control in odd.controls if control.nature == "radio"]
    assert question.options == ("Français", "Anglais")


def test_a_box_has_its_words_behind_it(odd):
    """Without any label."""
    assert named(odd, "J'accepte les conditions").nature == "checkbox"


def test_a_drawn_list_is_one_control_and_its_choice_is_not_told(odd):
    """The list behind it is hidden; its title is what was chosen."""
    assert [control.words for control in odd.controls if control.nature in ("select", "picker")] == ["Pays"]


def test_an_element_is_told_as_printed_and_in_its_place(eyes_page: Eyes):
    """With the page's own capitals and asterisk."""
    sight = eyes_page.look(FORM, numero=field("numero de FACTURE"), valider=button("Valider"))
    assert (sight["numero"].printed, sight["numero"].place) == ("* Numéro de facture", 0)
    assert sight["valider"].place > sight["numero"].place
