"""The changes of the mutation campaign are what a person would see: on forms drawn by the portal, and by scripts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from mutations import SCRIPT
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright
from visitor import Visitor

from robot.browser import choose_browser, find_browsers, open_browser, open_context
from robot.gate import Gate
from robot.replica.looks import STYLES
from robot.replica.server import Replica

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def portals() -> Iterator[tuple[Browser, dict[str, Visitor]]]:
    """Two portals, each with somebody in front of the form of a new invoice, and a browser that may go to both."""
    with ExitStack() as stack:
        visitors = {look: Visitor(stack.enter_context(Replica(2024, look=look)), look=look) for look in STYLES}
        for visitor in visitors.values():
            visitor.sign_in()
            visitor.open_form()
        driver = stack.enter_context(sync_playwright())
        gate = stack.enter_context(Gate(host for one in visitors.values() for host in one.replica.hosts))
        found = choose_browser(find_browsers(driver), headless=True)
        yield stack.enter_context(open_browser(driver, found, gate, headless=True)), visitors


@pytest.fixture
def opened(portals: tuple[Browser, dict[str, Visitor]]) -> Iterator[Open]:
    """The form, or the public home, after changes of these kinds."""
    browser, visitors = portals
    with ExitStack() as stack:

        def open_it(*kinds: str, look: str = "dossier", home: bool = False, **change: Any) -> Page:
            visitor, context = visitors[look], open_context(browser)
            stack.callback(context.close)
            context.add_cookies(visitor.cookies)  # type: ignore[arg-type]
            given = {"path": "", "nature": "field", "bloc": "", "words": "", "now": "", "other": "", "keep": []} | change
            changes = [given | {"kind": kind} for kind in kinds]
            for one in changes:
                one["now"] = one["now"][one["kind"]] if isinstance(one["now"], dict) else one["now"]
            context.add_init_script(f"({SCRIPT})({json.dumps(changes)})")
            page = context.new_page()
            page.goto(visitor.replica.url if home else visitor.page.url)
            return page

        yield open_it


def labels(page: Page) -> list[str]:
    return [" ".join(text.split()) for text in page.locator("label, td.lb").all_inner_texts()]


def posted(page: Page) -> list[str]:
    """Names that the form would post."""
    return page.evaluate("() => [...new FormData([...document.forms].at(-1)).keys()]")  # type: ignore[no-any-return]


def is_before(one: Locator, other: Locator) -> bool:
    """Read before, on a page that is read by lines."""
    mine, others = one.bounding_box(), other.bounding_box()
    assert mine and others
    return (mine["y"], mine["x"]) < (others["y"], others["x"])


def test_a_field_has_other_words(opened: Open):
    page = opened("rename", words="Numéro de facture", now="NUMERO DE FACTURE")
    expect(page.get_by_role("textbox", name="NUMERO DE FACTURE", exact=True)).to_be_visible()
    expect(page.get_by_role("textbox", name="Numéro de facture", exact=True)).to_have_count(0)


def test_words_beside_a_field_are_others(opened: Open):
    """The other hand has cells of tables instead of labels, and draws lists by script."""
    page = opened("rename", look="autre", words="Montant TVA", now="Montant de la taxe")
    assert "* Montant de la taxe" in labels(page)
    assert "* Montant TVA" not in labels(page)


def test_a_page_drawn_by_scripts_has_other_words(opened: Open):
    page = opened("rename", home=True, nature="button", words="Se connecter", now="Entrer")
    expect(page.get_by_role("link", name="Entrer")).to_be_visible()
    expect(page.get_by_text("Se connecter", exact=True)).to_have_count(0)


def test_an_answer_has_other_words(opened: Open):
    page = opened("rename", nature="option", words="Exonération", now="Sans taxe")
    assert "Sans taxe" in page.get_by_label("Type de TVA").locator("option").all_inner_texts()


def test_a_bloc_is_moved(opened: Open):
    page = opened("moved", nature="title", words="Références", other="Montants totaux")
    assert is_before(page.get_by_role("heading", name="Montants totaux"), page.get_by_role("heading", name="Références"))


def test_two_fields_change_places_with_their_labels(opened: Open):
    page = opened("swapped", words="Date de facture", other="Numéro de marché")
    assert is_before(page.get_by_label("Numéro de marché"), page.get_by_label("Date de facture"))
    assert posted(page) != posted(opened())
    assert sorted(posted(page)) == sorted(posted(opened()))


def test_two_amounts_of_a_table_change_places(opened: Open):
    page = opened("swapped", look="autre", words="Montant HT après remise globale", other="Montant TVA")
    assert is_before(page.get_by_text("* Montant TVA"), page.get_by_text("* Montant HT après remise globale"))
    assert is_before(page.locator("[data-montant=tva]"), page.locator("[data-montant=ht]"))


def test_two_labels_change_places_alone(opened: Open):
    number, date = (opened().get_by_label(words).get_attribute("name") for words in ("Numéro de facture", "Date de facture"))
    page = opened("exchanged", words="Date de facture", other="Numéro de facture")
    expect(page.get_by_label("Date de facture")).to_have_attribute("name", str(number))
    expect(page.get_by_label("Numéro de facture")).to_have_attribute("name", str(date))


@pytest.mark.parametrize("look", STYLES)
def test_a_field_is_gone_with_its_label(opened: Open, look: str):
    page = opened("removed", look=look, words="Numéro de marché")
    assert "Numéro de marché" not in labels(page)
    assert len(posted(page)) == len(posted(opened(look=look))) - 1


def test_a_button_is_gone(opened: Open):
    page = opened("removed", nature="button", words="Enregistrer")
    expect(page.get_by_role("button", name="Enregistrer", exact=True)).to_have_count(0)
    expect(page.get_by_role("button", name="Valider et envoyer")).to_be_visible()


@pytest.mark.parametrize("look", STYLES)
def test_a_new_field_must_be_filled(opened: Open, look: str):
    page = opened("required", look=look, words="Mode de règlement", now="Centre de coût")
    if look == "autre":
        page.locator("[data-toggle=collapse]").click()
    page.get_by_role("button", name="Annuler").click()
    expect(page.get_by_text("Ce champ est obligatoire.")).to_be_visible()
    page.locator("#essai-centre-de-co-t").fill("C12")
    page.reload()
    expect(page.locator("#essai-centre-de-co-t")).to_have_value("C12")


def test_a_window_stands_over_the_page_until_it_is_left(opened: Open):
    page = opened("window", words="Date de facture", now="Charte d'utilisation", other="Les conditions ont changé.")
    number = page.get_by_label("Numéro de facture")
    on_top = "el => { const { x, y } = el.getBoundingClientRect(); return document.elementFromPoint(x + 5, y + 5) === el; }"
    number.scroll_into_view_if_needed()
    assert not number.evaluate(on_top)
    page.get_by_role("button", name="Continuer").click()
    assert number.evaluate(on_top)
    page.reload()
    expect(page.get_by_role("button", name="Continuer")).to_have_count(0)


@pytest.mark.parametrize("look", STYLES)
def test_a_new_look_leaves_words_and_form_as_they_are(opened: Open, look: str):
    kinds = {"style": "* { font-family: serif }", "attributes": "", "ids": "v2", "images": "", "wrapped": ""}
    plain, page = opened(look=look), opened(*kinds, look=look, now=kinds)
    assert page.locator("[data-suivi], [id^=v2_], .enveloppe, img[alt='']").count() > 4
    assert page.locator("body").aria_snapshot() == plain.locator("body").aria_snapshot()
    assert posted(page) == posted(plain)


def test_help_has_other_words(opened: Open):
    page = opened("help", now="Une question ? Consultez la rubrique d'assistance du service.")
    assert page.get_by_text("Consultez la rubrique d'assistance").count() > 1
    assert labels(page) == labels(opened())
