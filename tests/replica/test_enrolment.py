"""The request for an account: forms, image, refusals, on both portals."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from newcomer import EMAIL, Newcomer
from PIL import Image
from playwright.sync_api import Browser

from robot.replica import captcha
from robot.replica.looks import look_of
from robot.replica.register import CLOSED, NOT_DISCLOSED, TO_JOIN
from robot.replica.server import Replica

UNKNOWN = "00040199000015"


@pytest.fixture
def portal() -> Iterator[Replica]:
    with Replica(suppliers=None) as running:
        yield running


@pytest.fixture
def old() -> Iterator[Replica]:
    """The tutorial's portal."""
    with Replica(generation=2021, suppliers=None) as running:
        yield running


@pytest.fixture
def newcomer(portal: Replica) -> Newcomer:
    """Somebody before the form of today."""
    newcomer = Newcomer(portal)
    newcomer.open_form()
    return newcomer


@pytest.fixture
def visitor(old: Replica) -> Newcomer:
    """Somebody on the home page of 2021."""
    return Newcomer(old, generation=2021)


# --- both portals -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("generation", [2021, 2024])
@pytest.mark.parametrize("look", ["dossier", "autre"])
def test_a_request_ends_with_a_mail(generation, look):
    """Whatever the look; the account waits for its password."""
    with Replica(generation=generation, look=look, suppliers=None) as replica:
        page = Newcomer(replica, generation=generation, look=look).ask()
        account = {"email": EMAIL, "name": "Zoé Martin", "state": "à activer"}
        assert f"Un courriel vous a été envoyé à l'adresse {EMAIL}" in page.text
        assert account in replica.accounts()
        assert [mail.to for mail in replica.mails()] == [EMAIL]


@pytest.mark.parametrize("generation", [2021, 2024])
def test_an_address_has_one_account(generation):
    """However it is written; nothing more is mailed."""
    with Replica(generation=generation, suppliers=None) as replica:
        newcomer = Newcomer(replica, generation=generation)
        newcomer.ask()
        newcomer.open_form(email=EMAIL.upper())
        page = newcomer.page if generation == 2021 else newcomer.send_form(sign_email=EMAIL.upper())
        assert "Un compte existe déjà pour cette adresse." in page.text
        assert len(replica.mails()) == 1


def test_the_answer_of_the_image_is_not_in_the_page(newcomer, portal):
    """It is a picture, and only that."""
    answer = portal.captcha_answer()
    address = newcomer.page.html.partition('src="/captcha/')[2].partition('"')[0]
    picture = newcomer.read(f"/captcha/{address}")
    assert answer not in newcomer.page.html
    assert answer not in address
    assert picture.headers["content-type"] == "image/png"
    assert Image.open(io.BytesIO(picture.content)).size == (240, 76)


def test_two_images_of_one_answer_differ():
    """Letters turn and lines move."""
    assert captcha.draw("K7PXM") != captcha.draw("K7PXM")


def test_answers_are_drawn_by_lot():
    """Five characters, another set for each form."""
    answers = {captcha.new_answer() for _ in range(50)}
    assert len(answers) > 45
    assert {len(answer) for answer in answers} == {5}


@pytest.mark.parametrize("generation", [2021, 2024])
def test_another_image_keeps_what_was_typed(browser: Browser, generation):
    """The link beside it changes the picture only."""
    with Replica(generation=generation, suppliers=None) as replica:
        look, page = look_of(generation, "dossier"), browser.new_page()
        page.goto(replica.url)
        if generation == 2024:
            page.get_by_role("link", name="Créer un compte").click()
        else:
            page.get_by_label(look.words["sign_email"]).fill(EMAIL)
            page.get_by_label(look.words["sign_siret"]).fill(NOT_DISCLOSED)
            page.get_by_role("button", name="Valider").click()
        page.get_by_label("Prénom").fill("Zoé")
        first = replica.captcha_answer()
        with page.expect_response(lambda answer: answer.request.method == "GET" and "/captcha/" in answer.url):
            page.get_by_role("link", name="Afficher une autre image").click()
        assert replica.captcha_answer() != first
        assert page.get_by_label("Prénom").input_value() == "Zoé"
        page.close()


# --- today --------------------------------------------------------------------------------------------------


def test_the_home_leads_to_the_form(portal, browser: Browser):
    """« Créer un compte », for whoever is not signed in."""
    page = browser.new_page()
    page.goto(portal.url)
    page.get_by_role("link", name="Créer un compte").click()
    page.get_by_role("heading", name="Informations personnelles").wait_for()
    page.close()


def test_the_image_is_validated_before_the_form(newcomer, portal):
    """« Créer mon compte » is refused until then, even with the right characters."""
    page = newcomer.send_form(sign_captcha=portal.captcha_answer())
    assert "Validez d'abord le Captcha." in page.text
    assert portal.mails() == []


def test_a_wrong_copy_gets_a_new_image_and_keeps_the_rest(newcomer, portal):
    """Nothing has to be typed again."""
    first = portal.captcha_answer()
    page = newcomer.press("validerCaptcha", sign_captcha="?????", sign_last_name="Martin")
    assert "Les caractères ne sont pas ceux de l'image" in page.text
    assert portal.captcha_answer() != first
    assert newcomer.page.forms[0].values[newcomer.look.name("sign_last_name")] == "Martin"


def test_small_letters_are_as_good(newcomer, portal):
    assert "Captcha validé." in newcomer.copy_image(portal.captcha_answer().lower()).text


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("sign_email", "", "L'adresse de connexion est obligatoire, et doit être une adresse e-mail."),
        ("sign_email", "zoe.martin", "L'adresse de connexion est obligatoire, et doit être une adresse e-mail."),
        ("sign_last_name", " ", "Le nom est obligatoire."),
        ("sign_first_name", "", "Le prénom est obligatoire."),
        ("sign_contact", "zoe", "L'adresse de contact doit être une adresse e-mail."),
        ("sign_phone", "douze", "Le numéro de téléphone est incorrect."),
        ("sign_conditions", "", "Acceptez les conditions pour créer votre compte."),
    ],
)
def test_each_field_has_its_refusal(newcomer, portal, field, value, sentence):
    """Beside the field; no account is made."""
    newcomer.copy_image()
    page = newcomer.send_form(**{field: value})
    assert sentence in page.text
    assert f'id="{newcomer.look.id(field)}_Erreur"' in page.html
    assert len(portal.accounts()) == 1


def test_the_contact_address_is_the_other_one_unless_told(newcomer):
    """And the summary says which."""
    newcomer.copy_image()
    assert f"Adresse de contact {EMAIL}" in newcomer.send_form().text


def test_another_contact_address_may_be_given(newcomer):
    newcomer.copy_image()
    assert "Adresse de contact cabinet@exemple.test" in newcomer.send_form(sign_contact="cabinet@exemple.test").text


def test_two_people_do_not_share_a_form(newcomer, portal):
    """Each browser has its own image, and its own words."""
    second = Newcomer(portal)
    second.open_form()
    second.copy_image()
    assert "Validez d'abord le Captcha." in newcomer.send_form().text


# --- the tutorial's portal ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("siret", "sentence"),
    [
        (UNKNOWN, "Ce SIRET est inconnu de la base INSEE."),
        (CLOSED, "Cet établissement est inactif dans la base INSEE."),
        ("12345678900000", "n'est pas un SIRET valide"),
        ("", "L'identifiant est obligatoire."),
    ],
)
def test_a_siret_that_cannot_be_one_s_own_is_refused(visitor, siret, sentence):
    """Each with its own sentence, on the home page."""
    page = visitor.open_form(siret=siret)
    assert sentence in page.text
    assert "Vous êtes nouveau sur Chorus Pro ?" in page.text


def test_a_known_structure_does_not_keep_from_an_account(visitor):
    """It is joined afterwards, in « Mon compte »: whoever works in a group practice needs an account too."""
    assert "Informations personnelles" in visitor.open_form(siret=TO_JOIN).text


def test_the_register_fills_the_structure(visitor):
    """Name and address, once the SIRET is typed."""
    page = visitor.open_form(siret="000 401 000 00013")
    assert "Raison sociale EXEMPLE CLAIRE" in page.text
    assert "12 RUE DE L'EXEMPLE 00000 EXEMPLEVILLE" in page.text


def test_an_address_that_may_not_be_told_is_not(visitor):
    page = visitor.open_form(siret=NOT_DISCLOSED)
    assert "Non diffusible" in page.text
    assert "IMPASSE" not in page.text


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("sign_again", "zoe@exemple.test", "Les deux adresses ne sont pas identiques."),
        ("sign_last_name", "", "Le nom est obligatoire."),
        ("sign_deposits", "", "Cochez « Déposer des demandes de paiement »"),
        ("sign_captcha", "?????", "Les caractères ne sont pas ceux de l'image"),
    ],
)
def test_each_field_of_2021_has_its_refusal(visitor, field, value, sentence):
    visitor.open_form()
    assert sentence in visitor.send_form(**{field: value}).text


def test_at_least_one_space_is_chosen(visitor, old):
    """Names of the dossier; no account without one."""
    visitor.open_form()
    assert "Demande de remboursement TIC" in visitor.send_form().text
    assert "Choisissez au moins un espace." in visitor.choose_spaces().text
    assert len(old.accounts()) == 1


def test_spaces_are_kept(visitor, old):
    visitor.open_form()
    visitor.send_form()
    visitor.choose_spaces("Factures émises", "Mon compte")
    assert old._state.identity.account(EMAIL).spaces == ("Factures émises", "Mon compte")


def test_an_address_taken_meanwhile_is_refused_at_the_last_page(visitor, old):
    """Two windows, one address: the second one is told."""
    second = Newcomer(old, generation=2021)
    for one in (visitor, second):
        one.open_form()
        one.send_form()
    visitor.choose_spaces("Factures émises")
    assert "Un compte existe déjà pour cette adresse." in second.choose_spaces("Factures émises").text
