"""What only a browser sees: pages drawn by script, windows, lists and panels of both hands."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from conftest import SUPPLIERS
from playwright.sync_api import Browser, Page, expect
from visitor import SANTE_PSY

from robot.replica import totp
from robot.replica.looks import Look, look_of
from robot.replica.server import Replica

INVOICE = SANTE_PSY / "s06-tva-20.pdf"
GRENOBLE = "13002608100013"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page with nothing of the others; a script error fails the test."""
    context = browser.new_context(locale="fr-FR")
    errors: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()
    assert errors == []


@pytest.fixture(scope="module")
def other() -> Iterator[Replica]:
    """The same portal by another hand."""
    with Replica(look="autre", suppliers=SUPPLIERS) as running:
        yield running


def sign_in(page: Page, replica: Replica, look: Look) -> None:
    """From the home to the domains."""
    page.goto(replica.url)
    page.get_by_role("link", name="Se connecter").click()
    page.locator(f"#{look.credential('username')}").fill(replica.account.email)
    page.locator(f"#{look.credential('password')}").fill(replica.account.password)
    page.keyboard.press("Enter")
    code = page.locator(f"#{look.credential('otp')}")
    code.fill(totp.code_at(replica.account.totp, time.time()))
    code.press("Enter")
    page.get_by_text("choisissez un domaine").wait_for()


def open_application(page: Page) -> None:
    """« Facturation », then « Factures émises »."""
    page.locator("section", has_text="Facturation").get_by_role("link", name="Accéder au domaine").click()
    tile = page.locator("section", has_text="Factures émises")
    tile.get_by_role("link", name="Accéder", exact=True).click()


# --- today's portal -----------------------------------------------------------------------------------------


def test_a_person_deposits_from_home_to_summary(page, replica):
    """Each control is found by its label or its name, as assistive tools find it."""
    sign_in(page, replica, look_of(2024, "dossier"))
    open_application(page)
    page.get_by_role("link", name="Déposer facture").click()
    dialog = page.get_by_role("dialog", name="Dépôt d'une nouvelle facture")
    dialog.locator("input[type=file]").set_input_files(INVOICE)
    dialog.get_by_text("PDF non signé").wait_for()
    dialog.get_by_role("combobox", name="Cadre de facturation").select_option(
        "A1 : Dépôt par un fournisseur d'une facture"
    )
    dialog.get_by_role("button", name="Valider et continuer").click()
    page.get_by_role("dialog", name="Signature").get_by_role("button", name="Continuer").click()
    page.get_by_role("group", name="Le destinataire est-il l'État ?").get_by_label("NON").check()
    page.get_by_role("textbox", name="Identifiant").fill(GRENOBLE)
    page.get_by_role("button", name="Rechercher").click()
    page.get_by_text("UNIVERSITE GRENOBLE ALPES").wait_for()
    page.get_by_role("combobox", name="Type de TVA").select_option("TVA sur les encaissements")
    expect(page.get_by_role("textbox", name="Montant HT")).to_have_value("2\N{NO-BREAK SPACE}198,25")
    page.get_by_role("button", name="Valider et envoyer").click()
    page.get_by_role("dialog", name="Confirmation d'envoi").get_by_role("button", name="Confirmer").click()
    page.get_by_text("La facture n°2026/0107 est validée").wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="Exporter le certificat de dépôt").click()
    assert download.value.suggested_filename.endswith(".pdf")


def test_a_window_stands_over_the_page(page, replica):
    """It cannot be passed by a key, nor what is under it pressed; × closes it."""
    sign_in(page, replica, look_of(2024, "dossier"))
    open_application(page)
    page.get_by_role("link", name="Déposer facture").click()
    page.get_by_role("dialog").wait_for()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_role("link", name="Fermer").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("heading", name="Synthèse")).to_be_visible()


def test_a_file_that_will_be_refused_is_told_at_once(page, replica):
    """Beside the file, before anything is sent."""
    sign_in(page, replica, look_of(2024, "dossier"))
    open_application(page)
    page.get_by_role("link", name="Déposer facture").click()
    page.locator("input[type=file]").set_input_files(SANTE_PSY / "s08-mot-de-passe.pdf")
    expect(page.get_by_text("protégé par un mot de passe")).to_be_visible()
    page.locator("input[type=file]").set_input_files(SANTE_PSY / "s12-factur-x.pdf")
    expect(page.get_by_text("PDF/A-3 (Factur-X)")).to_be_visible()


def test_criteria_of_the_search_unfold(page, replica):
    """Hidden at first; the button tells its state."""
    sign_in(page, replica, look_of(2024, "dossier"))
    open_application(page)
    page.get_by_role("link", name="Rechercher").click()
    toggle = page.get_by_role("button", name="Critères de recherche")
    expect(page.get_by_role("textbox", name="Numéro de facture")).to_be_hidden()
    expect(toggle).to_have_attribute("aria-expanded", "false")
    toggle.click()
    expect(page.get_by_role("textbox", name="Numéro de facture")).to_be_visible()
    expect(toggle).to_have_attribute("aria-expanded", "true")


def test_the_account_menu_opens_under_the_name(page, replica):
    """Account, attachments, rights."""
    sign_in(page, replica, look_of(2024, "dossier"))
    page.get_by_role("button", name=replica.account.name).click()
    page.get_by_role("link", name="Mes rattachements").click()
    expect(page.get_by_role("row", name="00010101400017 Lefèvre Éléonore Validé")).to_be_visible()


# --- the other hand -----------------------------------------------------------------------------------------


def pick(page: Page, look: Look, key: str, words: str) -> None:
    """Opens a drawn list, searches, picks."""
    page.locator(f"#{look.id(key)} + .select2").click()
    page.locator(".select2-search__field").fill(words)
    page.locator(".select2-results__option", has_text=words).click()


def test_the_other_hand_shares_no_name_with_the_first():
    """Ids, names and buttons: nothing that a robot learnt on one portal holds on the other."""
    first, second = look_of(2024, "dossier"), look_of(2024, "autre")
    for key in ("file", "cadre", "siret", "number", "ht", "attachment_file", "search_number"):
        assert first.id(key) != second.id(key)
        assert first.name(key) != second.name(key)
    assert first.blocs != second.blocs
    assert first.words["deposit_tab"] != second.words["deposit_tab"]


def test_a_person_deposits_on_the_other_hands_pages(page, other):
    """New tab, full page, drawn lists, folded panel, search window, total added up by the page."""
    look = look_of(2024, "autre")
    sign_in(page, other, look)
    with page.expect_popup() as popup:
        open_application(page)
    page = popup.value
    page.get_by_role("link", name="Déposer une facture").click()
    expect(page.locator(f"#{look.id('file')}")).to_be_hidden()
    page.locator("input[type=file]").set_input_files(INVOICE)
    page.get_by_text("PDF non signé").wait_for()
    pick(page, look, "cadre", "A1 :")
    page.get_by_role("button", name="Continuer").click()
    page.locator(".boite").get_by_role("button", name="Continuer").click()

    expect(page.locator(f"#{look.id('number')}")).to_be_hidden()
    page.get_by_role("link", name="Référence").click()
    expect(page.locator(f"#{look.id('number')}")).to_have_value("2026/0107")
    pick(page, look, "vat_type", "TVA sur les encaissements")
    page.locator(f"#{look.id('state')}").select_option("NON")

    expect(page.locator(f"#{look.id('siret')}")).not_to_be_editable()
    page.get_by_role("button", name="Rechercher").click()
    window = page.locator(".boite")
    window.get_by_role("textbox").fill(GRENOBLE)
    window.get_by_role("button", name="Rechercher").click()
    window.get_by_role("row", name=GRENOBLE).get_by_role("radio").check()
    window.get_by_role("button", name="Sélectionner").click()

    page.locator(f"#{look.id('ht')}").fill("1000")
    page.locator(f"#{look.id('tva')}").fill("200,50")
    expect(page.locator(f"#{look.id('ttc')}")).to_have_value("1\N{NARROW NO-BREAK SPACE}200,50")
    page.locator(f"#{look.id('due')}").fill("1200,50")
    page.get_by_role("button", name="Valider et envoyer").click()
    page.get_by_role("button", name="Confirmer et envoyer").click()
    page.get_by_text("La facture n°2026/0107 est validée").wait_for()
    bill = other.invoices()[-1]
    assert bill["amounts"] == {"ht": "1000.00", "tva": "200.50", "ttc": "1200.50", "due": "1200.50"}
    assert (bill["recipient_siret"], bill["vat_type"]) == (GRENOBLE, "TVA_SUR_ENCAISSEMENT")


def test_the_other_hands_labels_belong_to_no_control(page, other):
    """Words stand beside the controls; no label is tied to one."""
    sign_in(page, other, look_of(2024, "autre"))
    with page.expect_popup() as popup:
        open_application(page)
    page = popup.value
    page.get_by_role("link", name="Déposer une facture").click()
    page.get_by_role("button", name="Continuer").wait_for()
    assert page.locator("main").locator("label, [aria-label], [aria-labelledby]").count() == 0
