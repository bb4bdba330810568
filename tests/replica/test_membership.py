"""« Rattachements » on both portals: the list, the request, a missing structure, and what one may then do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect
from test_drawn_pages import sign_in
from visitor import Visitor

from robot.replica.looks import look_of
from robot.replica.register import NOT_DISCLOSED, TO_CREATE, TO_JOIN, WITH_COMPLEMENT
from robot.replica.server import Replica

ADDRESS = {"street": "12 RUE DE L'EXEMPLE", "postcode": "00000", "town": "EXEMPLEVILLE"}
RIGHT = {"identifier": TO_CREATE, "company": "EXEMPLE CLAIRE", "active": "OUI", **ADDRESS}


@pytest.fixture
def old() -> Iterator[Replica]:
    """The portal of 2021, for an account without a structure."""
    with Replica(generation=2021, suppliers=None) as running:
        yield running


@pytest.fixture
def newcomer(old: Replica) -> Visitor:
    visitor = Visitor(old, generation=2021)
    visitor.sign_in()
    return visitor


@pytest.fixture
def portal() -> Iterator[Replica]:
    """Today's portal, for an account without a structure."""
    with Replica(suppliers=None) as running:
        yield running


@pytest.fixture
def somebody(portal: Replica) -> Visitor:
    visitor = Visitor(portal)
    visitor.open("/aife_csm/connexion")
    visitor.give_password()
    visitor.give_code()
    return visitor


def search(visitor: Visitor, identifier: str, kind: str = "PRIVEE") -> str:
    """The words of the page after « Rechercher » (2021)."""
    visitor.open("/cpp/demandeRattachement")
    return visitor.press("rechercher", join_kind=kind, join_identifier=identifier).text


def create(visitor: Visitor, **changes: str) -> str:
    """The words of the page after « Valider » in « Créer une structure » (2021)."""
    visitor.open("/cpp/creationStructure")
    return visitor.press("valider", **{f"sheet_{name}": value for name, value in (RIGHT | changes).items()}).text


def press(visitor: Visitor, page: str, event: str, **values: str) -> Any:
    """What the portal home answers to a button of a drawn page."""
    form = {visitor.look.name(key): value for key, value in values.items()} | {visitor.look.event(event): ""}
    here = visitor.page
    answer = visitor.open(
        f"{visitor.replica.url}aife_csm/api/page?id={page}",
        urlencode(form).encode(),
        "application/x-www-form-urlencoded",
    )
    visitor.page = here
    return json.loads(answer.content)


def described(visitor: Visitor, page: str) -> Any:
    return visitor.json(f"{visitor.replica.url}aife_csm/api/page?id={page}")


# --- 2021 ---------------------------------------------------------------------------------------------------


def test_lines_2_1_to_2_3_the_account(newcomer):
    """« Mon compte », its three blocks, and the button."""
    words = newcomer.open("/cpp/monCompte").text
    for word in (
        "Mes informations personnelles",
        "Mes rattachements aux structures",
        "Mes abonnements aux espaces",
        "Demande de rattachement",
    ):
        assert word in words


def test_lines_2_4_and_2_5_the_request(newcomer):
    """Private or public, « Rechercher », the choice, « Valider »; then it waits."""
    assert "Privée Publique" in newcomer.open("/cpp/demandeRattachement").text
    assert "CENTRE DE PSYCHOLOGIE D'EXEMPLEVILLE" in search(newcomer, "0004011")
    words = newcomer.press("valider", join_kind="PRIVEE", join_choice=TO_JOIN).text
    assert f"{TO_JOIN} - CENTRE DE PSYCHOLOGIE D'EXEMPLEVILLE est en cours de validation" in words
    assert "Utilisateur" in words


def test_a_request_that_waits_is_not_made_twice(newcomer):
    """The second one is refused, with a sentence."""
    for _ in range(2):
        search(newcomer, TO_JOIN)
        words = newcomer.press("valider", join_choice=TO_JOIN).text
    assert "est déjà en cours de validation" in words


def test_a_choice_must_be_made(newcomer):
    """« Valider » alone says so; the results stay."""
    search(newcomer, TO_JOIN)
    words = newcomer.press("valider").text
    assert "Sélectionnez une structure." in words
    assert "CENTRE DE PSYCHOLOGIE" in words


def test_lines_2_6_to_2_10_a_missing_structure_is_created(newcomer):
    """No result, the way to create it, its SIRET, « Actif », « Valider »; the creator is manager at once."""
    words = search(newcomer, TO_CREATE)
    assert "La recherche n'a retourné aucun résultat" in words
    assert "Créer une structure" in words
    assert "href=\"/cpp/creationStructure\"" in newcomer.page.html
    words = create(newcomer)
    assert "a été créée. Vous en êtes le gestionnaire principal." in words
    assert f"{TO_CREATE} EXEMPLE CLAIRE Gestionnaire principal" in words


def test_criteria_that_are_wrong_offer_nothing(newcomer):
    """Neither results nor the creation."""
    words = search(newcomer, "00")
    assert "3 caractères au moins" in words
    assert "aucun résultat" not in words
    assert "Créer une structure" not in words


def test_refusals_of_a_new_structure_are_told_and_nothing_is_lost(newcomer):
    """« Actif » was not touched: all that was typed stays."""
    words = create(newcomer, active="")
    assert "Le champ « Actif » est obligatoire." in words
    assert newcomer.page.forms[0].values[newcomer.look.name("sheet_identifier")] == TO_CREATE
    assert "Une structure existe déjà pour cet identifiant." in create(newcomer, identifier=TO_JOIN)


def test_the_register_answers_the_form(newcomer):
    """By the names of its fields; masked ones are named."""
    look = newcomer.look
    told = newcomer.json(f"/cpp/etablissement?siret={WITH_COMPLEMENT}")
    assert (told["refused"], told["values"][look.name("sheet_street")]) == (False, "3 BIS PLACE DE LA REPLIQUE")
    masked = newcomer.json(f"/cpp/etablissement?siret={NOT_DISCLOSED}")
    assert look.name("sheet_street") in masked["masked"]
    assert masked["values"][look.name("sheet_street")] == ""


def test_without_a_structure_there_is_no_tab(newcomer, old):
    """« Factures émises » appears once a « rattachement » is valid; its address refuses before."""
    assert "Factures émises" not in newcomer.open("/cpp/accueil").text
    search(newcomer, TO_JOIN)
    newcomer.press("valider", join_choice=TO_JOIN)
    page = newcomer.open("/cpp/depotFacture")
    assert (page.status, "n'est pas encore validé" in page.text) == (403, True)
    old.decide_membership(old.account.email, TO_JOIN, accepted=True)
    assert "Factures émises" in newcomer.open("/cpp/accueil").text


def test_the_deposit_offers_valid_structures_only(newcomer):
    """The one that was created, not the one that waits."""
    create(newcomer)
    search(newcomer, TO_JOIN)
    newcomer.press("valider", join_choice=TO_JOIN)
    html = newcomer.open("/cpp/depotFacture").html
    assert f"{TO_CREATE} - EXEMPLE CLAIRE" in html
    assert TO_JOIN not in html


def test_a_trainer_answers_on_a_page(newcomer):
    """In the place of the « gestionnaire principal »."""
    search(newcomer, TO_JOIN)
    newcomer.press("valider", join_choice=TO_JOIN)
    page = newcomer.open("/_entrainement/rattachements")
    assert "Dominique Exemple" in page.text
    newcomer.post(page.forms[0], {"refuser": ""})
    assert "Aucune demande n'attend" in newcomer.page.text
    assert f"{TO_JOIN} CENTRE DE PSYCHOLOGIE D'EXEMPLEVILLE Utilisateur" in newcomer.open("/cpp/monCompte").text
    assert "Refusé" in newcomer.page.text


def test_strangers_are_sent_to_sign_in(old):
    """From each page of the account."""
    for address in ("/cpp/monCompte", "/cpp/demandeRattachement", "/cpp/creationStructure"):
        assert "Vous avez déjà un compte ?" in Visitor(old, generation=2021).open(address).text


def test_another_hand_words_it_otherwise():
    """Other labels, other names; the same rules."""
    with Replica(generation=2021, look="autre", suppliers=None) as other:
        visitor = Visitor(other, generation=2021, look="autre")
        visitor.sign_in()
        assert "Demander un rattachement" in visitor.open("/cpp/monCompte").text
        assert "a été créée" in create(visitor)
    first, second = look_of(2021, "dossier"), look_of(2021, "autre")
    assert first.name("sheet_identifier") != second.name("sheet_identifier")
    assert first.sheet_fields != second.sheet_fields


# --- 2024 ---------------------------------------------------------------------------------------------------


def test_the_list_has_a_row_for_each_structure(somebody):
    """SIRET, name, status, role."""
    assert described(somebody, "aife_rattachements")["table"] is None
    press(somebody, "aife_demande_rattachement", "valider", join_kind="PRIVEE", join_choice=TO_JOIN)
    told = described(somebody, "aife_rattachements")
    assert told["table"]["rows"][0][:4] == [
        TO_JOIN,
        "CENTRE DE PSYCHOLOGIE D'EXEMPLEVILLE",
        "En cours de validation",
        "Utilisateur",
    ]
    assert told["actions"][0]["text"] == "Demander un rattachement"


def test_a_request_goes_back_to_the_list(somebody):
    """With a sentence, and the address of the list."""
    told = press(somebody, "aife_demande_rattachement", "valider", join_kind="PRIVEE", join_choice=TO_JOIN)
    assert "en cours de validation" in told["notice"]
    assert told["address"].endswith("id=aife_rattachements")


def test_a_search_shows_results_or_the_way_to_create(somebody):
    """Drawn in the same page."""
    page = "aife_demande_rattachement"
    found = press(somebody, page, "rechercher", join_kind="PRIVEE", join_identifier=TO_JOIN)["form"]["blocks"][1]
    assert found["choices"]["rows"][0][0] == TO_JOIN
    absent = press(somebody, page, "rechercher", join_kind="PRIVEE", join_identifier=TO_CREATE)["form"]["blocks"][1]
    assert absent["status"] == "La recherche n'a retourné aucun résultat"
    assert "« Organisation »" in absent["text"]


def test_refusals_stand_beside_their_field(somebody):
    """And above the form."""
    values = {f"sheet_{name}": value for name, value in (RIGHT | {"identifier": TO_JOIN}).items()}
    told = press(somebody, "aife_creation_structure", "valider", sheet_identifier_type="SIRET", **values)
    assert told["faults"] == ["Une structure existe déjà pour cet identifiant."]
    fields = {field["id"]: field for field in told["form"]["blocks"][0]["fields"]}
    assert fields[somebody.look.id("sheet_identifier")]["error"] == told["faults"][0]


def test_the_application_structures_offers_the_creation(somebody):
    """« Organisation », « Structures », « Créer une structure », « Accéder »."""
    organisation = described(somebody, "aife_domaine&domaine=organisation")["cards"][0]
    assert (organisation["title"], organisation["action"]) == ("Structures", "Accéder")
    card = somebody.json(organisation["href"].replace("/aife_csm/fr", "/aife_csm/api/page"))["cards"][0]
    assert (card["title"], card["action"]) == ("Créer une structure", "Accéder")
    assert "aife_creation_structure" in card["href"]


def test_without_a_structure_there_is_no_tile(somebody, portal):
    """« Factures émises » comes with a valid « rattachement », and its address refuses before."""

    def tiles() -> list[str]:
        return [card["title"] for card in described(somebody, "aife_domaine&domaine=facturation")["cards"]]

    assert "Factures émises" not in tiles()
    assert somebody.read(f"{somebody.office}/cpp/").status == 403
    press(somebody, "aife_demande_rattachement", "valider", join_kind="PRIVEE", join_choice=TO_JOIN)
    portal.decide_membership(portal.account.email, TO_JOIN, accepted=True)
    assert "Factures émises" in tiles()
    assert "Synthèse" in somebody.read(f"{somebody.office}/cpp/").text


def test_strangers_get_nothing_of_the_account(portal):
    """No list, no register, nothing created."""
    stranger = Visitor(portal)
    assert described(stranger, "aife_rattachements")["table"] is None
    assert stranger.read(f"{portal.url}aife_csm/api/etablissement?siret={TO_CREATE}").status == 401
    press(stranger, "aife_demande_rattachement", "valider", join_kind="PRIVEE", join_choice=TO_JOIN)
    assert portal._state.structures.pending() == []


# --- in a browser -------------------------------------------------------------------------------------------


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="fr-FR")
    errors: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()
    assert errors == []


def test_the_first_window_is_closed_once(page, portal):
    """It offers both ways, cannot be passed by a key, and does not come back."""
    sign_in(page, portal, look_of(2024, "dossier"))
    window = page.get_by_role("dialog", name="Bienvenue")
    expect(window.get_by_role("link", name="Créer une nouvelle structure")).to_be_visible()
    page.keyboard.press("Escape")
    expect(window).to_be_visible()
    window.get_by_role("button", name="Fermer").click()
    expect(window).to_be_hidden()
    page.reload()
    page.get_by_text("choisissez un domaine").wait_for()
    expect(window).to_have_count(0)


def test_a_person_asks_to_join_from_the_menu(page, portal):
    """Each control is found by its label; the list says that the request waits."""
    sign_in(page, portal, look_of(2024, "dossier"))
    page.get_by_role("button", name="Fermer").click()
    page.get_by_role("button", name=portal.account.name).click()
    page.get_by_role("link", name="Mes rattachements").click()
    page.get_by_role("link", name="Demander un rattachement").click()
    page.get_by_role("group", name="Type de structure").get_by_label("Privée").check()
    page.get_by_role("textbox", name="Identifiant").fill("4011")
    page.get_by_role("button", name="Rechercher").click()
    page.get_by_role("row", name=TO_JOIN).get_by_role("radio").check()
    page.get_by_role("button", name="Valider").click()
    expect(page.get_by_role("row", name=f"{TO_JOIN} CENTRE")).to_contain_text("En cours de validation")
    expect(page).to_have_url(f"{portal.url}aife_csm/fr?id=aife_rattachements")


def test_the_address_fills_itself_in(page, portal):
    """From the register, after the SIRET; it can be corrected, and what was typed is what is kept."""
    sign_in(page, portal, look_of(2024, "dossier"))
    page.get_by_role("dialog").get_by_role("link", name="Créer une nouvelle structure").click()
    page.get_by_role("textbox", name="Identifiant").fill(WITH_COMPLEMENT)
    expect(page.get_by_role("textbox", name="Ville")).to_have_value("EXEMPLEVILLE")
    expect(page.get_by_role("textbox", name="Complément d'adresse")).to_have_value("BATIMENT B")
    page.get_by_role("textbox", name="Adresse", exact=True).fill("4 PLACE DE LA REPLIQUE")
    page.get_by_role("checkbox", name="Actif").check()
    page.get_by_role("button", name="Soumettre").click()
    expect(page.get_by_role("row", name=WITH_COMPLEMENT)).to_contain_text("Gestionnaire principal")
    assert portal._state.structures.known(WITH_COMPLEMENT).street == "4 PLACE DE LA REPLIQUE"


def test_an_address_that_is_not_disclosed_stays_masked(page, portal):
    """Shown as such, not to be typed; another SIRET brings the fields back."""
    sign_in(page, portal, look_of(2024, "dossier"))
    page.get_by_role("dialog").get_by_role("link", name="Créer une nouvelle structure").click()
    page.get_by_role("textbox", name="Identifiant").fill(NOT_DISCLOSED)
    street = page.get_by_role("textbox", name="Adresse", exact=True)
    expect(street).to_have_attribute("placeholder", "Non diffusible")
    expect(street).not_to_be_editable()
    page.get_by_role("textbox", name="Identifiant").fill(TO_CREATE)
    expect(street).to_be_editable()
    expect(street).to_have_value("12 RUE DE L'EXEMPLE")


def test_the_form_of_2021_fills_itself_in_too(page, old):
    """The blocks of « Mon compte » unfold; the server keeps what the script filled in."""
    look = look_of(2021, "dossier")
    page.goto(old.url)
    page.locator(f"#{look.credential('username')}").fill(old.account.email)
    page.locator(f"#{look.credential('password')}").fill(old.account.password)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Mon compte").click()
    # Blocks unfold once the page's script listens.
    page.wait_for_url("**/monCompte")
    expect(page.get_by_role("link", name="Demande de rattachement")).to_be_hidden()
    page.get_by_role("button", name="Mes rattachements aux structures").click()
    page.get_by_role("link", name="Demande de rattachement").click()
    page.get_by_role("group", name="Type de structure").get_by_label("Privée").check()
    page.get_by_role("textbox", name="Identifiant").fill(TO_CREATE)
    page.get_by_role("button", name="Rechercher").click()
    page.get_by_role("link", name="Créer une structure").click()
    page.get_by_role("textbox", name="Identifiant").fill(TO_CREATE)
    expect(page.get_by_role("textbox", name="Code postal")).to_have_value("00000")
    page.get_by_role("checkbox", name="Actif").check()
    page.get_by_role("button", name="Valider").click()
    expect(page.get_by_role("row", name=TO_CREATE)).to_contain_text("Validé")


def test_the_other_hand_ties_no_label_and_waits_for_the_field_to_be_left(page):
    """Today's portal: words in one cell, the control in the next."""
    look = look_of(2024, "autre")
    with Replica(look="autre", suppliers=None) as other:
        sign_in(page, other, look)
        page.get_by_role("link", name="Créer une nouvelle structure").click()
        page.locator(f"#{look.id('sheet_identifier')}").fill(TO_CREATE)
        expect(page.locator(f"#{look.id('sheet_town')}")).to_have_value("")
        page.keyboard.press("Tab")
        expect(page.locator(f"#{look.id('sheet_town')}")).to_have_value("EXEMPLEVILLE")
        assert page.locator("main").locator("label, [aria-label]").count() == 0
        page.get_by_role("button", name="Valider").click()
        expect(page.get_by_role("row", name=TO_CREATE)).to_contain_text("Validé")
