"""The deposit, step by step, on today's portal."""

from __future__ import annotations

import base64
import hashlib
import io

import pytest
from pypdf import PdfReader
from visitor import SANTE_PSY, Page, Visitor, right_values

from robot.replica.server import Replica


@pytest.fixture
def visitor(replica: Replica, somebody: Visitor) -> Visitor:
    return somebody


def stored(visitor: Visitor, number: str) -> dict:
    return next(bill for bill in visitor.replica.invoices() if bill["number"] == number)


def words_of(page: Page) -> str:
    return " ".join(PdfReader(io.BytesIO(page.content)).pages[0].extract_text().split())


# --- the dialog ---------------------------------------------------------------------------------------------


def test_the_dialog_offers_four_cadres_and_ones_own_structures(visitor):
    """An empty first answer; codes of the portal's API as values."""
    html = visitor.open(f"{visitor.office}/cpp/depotFacture").html
    assert "Dépôt d'une nouvelle facture" in visitor.page.text
    for code in ("A1_FACTURE_FOURNISSEUR", "A2_FACTURE_FOURNISSEUR_DEJA_PAYEE", "A9_FACTURE_SOUSTRAITANT"):
        assert f'value="{code}"' in html
    assert "00010101400017 - Lefèvre Éléonore" in visitor.page.text
    assert visitor.page.forms[0].values[visitor.look.name("cadre")] == ""


def test_file_and_cadre_are_compulsory(visitor):
    """Each has its sentence; the file that was chosen is kept."""
    visitor.open(f"{visitor.office}/cpp/depotFacture")
    assert "Le choix du fichier à importer est obligatoire." in visitor.press("valider", {}).text
    page = visitor.submit(cadre="")
    assert "Le cadre de facturation est obligatoire." in page.text
    assert "s01-espace-psy-bon-de-commande.pdf" in page.html
    assert "n'est pas signé" in visitor.press("valider", {}, cadre="A1_FACTURE_FOURNISSEUR").text


def test_an_unsigned_pdf_asks_for_a_confirmation(visitor):
    """One may go back, or continue to the form."""
    visitor.submit()
    assert "n'est pas signé" in visitor.page.text
    assert "n'est pas signé" not in visitor.press("annuler").text
    visitor.press("valider", {}, cadre="A1_FACTURE_FOURNISSEUR")
    assert "Saisie facture" in visitor.press("continuer").text


@pytest.mark.parametrize("name", ["s08-mot-de-passe.pdf", "s09-tronque.pdf", "s91-page-web-renommee.pdf"])
def test_an_unfit_file_opens_no_form(visitor, name):
    """The dialog stays, with its sentence."""
    assert "Le fichier" in visitor.submit(name).forms[0].action or "alerte" in visitor.page.html
    assert "Saisie facture" not in visitor.page.text


def test_a_factur_x_takes_the_way_of_lots(visitor):
    """No form, and a sentence that looks like a success."""
    before = visitor.replica.invoices()
    page = visitor.submit("s12-factur-x.pdf", cadre="")
    assert "Le lot de facture a été importé correctement sous le n°" in page.text
    assert visitor.replica.invoices() == before


def test_the_form_opens_with_what_was_recognised(visitor):
    """The supplier's own SIRET is wrongly proposed as the recipient's; what was not read stays empty."""
    values = visitor.open_form().form_with("_eventId_enregistrer").values
    shown = {key: values[visitor.look.name(key)] for key in ("siret", "number", "date", "engagement", "ttc", "ht")}
    assert shown == {
        "siret": "00010101400017",
        "number": "2026-08-01",
        "date": "31/08/2026",
        "engagement": "4500871236",
        "ttc": "1\N{NO-BREAK SPACE}200,00",
        "ht": "",
    }
    assert visitor.look.name("state") not in values


# --- the form -----------------------------------------------------------------------------------------------


def test_searching_the_recipient_shows_it_and_keeps_the_rest(visitor):
    """A round trip to the server; amounts come back redrawn."""
    visitor.open_form()
    page = visitor.press("rechercherDestinataire", siret="194 409 843 00019", ht="600", state="NON")
    assert "19440984300019 – UNIVERSITE DE NANTES" in page.text
    values = page.form_with("_eventId_enregistrer").values
    assert values[visitor.look.name("ht")] == "600,00"
    assert values[visitor.look.name("state")] == "NON"


@pytest.mark.parametrize("siret", ["19440984300018", "00030070700015", ""])
def test_an_unknown_or_closed_recipient_is_not_found(visitor, siret):
    """One sentence for both."""
    visitor.open_form()
    page = visitor.press("rechercherDestinataire", siret=siret)
    assert "La recherche n'a retourné aucun résultat" in page.text


def test_faults_are_told_at_the_top_and_beside_the_fields(visitor):
    """Nothing was sent."""
    visitor.open_form()
    page = visitor.press("validerEtEnvoyer", **right_values(number="n° 1", ttc="5"))
    assert 'role="alert"' in page.html
    assert page.html.count("lettres sans accent, chiffres et - _ / +") == 2
    assert f'id="{visitor.look.id("ttc")}_Erreur"' in page.html
    assert not any(bill["number"] == "n° 1" for bill in visitor.replica.invoices())


def test_an_answer_that_is_not_offered_is_none(visitor):
    """Lists take their own values only."""
    visitor.open_form()
    page = visitor.press("enregistrer", **right_values(number="C-1", vat_type="AUTRE_CHOSE", siret=""))
    assert page.form_with("_eventId_enregistrer").values[visitor.look.name("vat_type")] == ""


def test_a_stale_step_gives_an_error_page(visitor):
    """The key of a step that was taken is good for nothing, neither to see nor to press."""
    first = visitor.open_form().url
    form = visitor.page.form_with("_eventId_enregistrer")
    visitor.press("enregistrer", siret="")
    assert visitor.read(first).status == 410
    assert visitor.post(form, {"_eventId_enregistrer": ""}).status == 410
    assert visitor.open(f"{visitor.office}/cpp/depotFacture?execution=e999s1").status == 410


def test_a_reload_shows_the_same_step(visitor):
    """Reading changes nothing."""
    url = visitor.open_form().url
    assert visitor.read(url).html == visitor.read(url).html


# --- the two ends -------------------------------------------------------------------------------------------


def test_saving_keeps_a_draft_that_is_not_sent(visitor):
    """« Enregistrer » stays on the form and says so."""
    visitor.open_form()
    page = visitor.press("enregistrer", **right_values(number="D-1"))
    assert "enregistrée à l'état Brouillon. Elle n'est pas envoyée" in page.text
    assert page.form_with("_eventId_validerEtEnvoyer")
    bill = stored(visitor, "D-1")
    assert (bill["status"], bill["digest"], bill["deposited_at"]) == ("BROUILLON", None, None)


def test_leaving_another_way_keeps_a_provisional_draft(visitor):
    """It waits in « Synthèse » under the number « Provisoire »."""
    before = len(visitor.replica.invoices())
    visitor.open_form()
    page = visitor.open("/cpp/syntheseFactures")
    assert len(visitor.replica.invoices()) == before + 1
    assert "Provisoire" in page.text
    assert "Brouillon" in page.text


def test_cancelling_keeps_nothing(visitor):
    """« Annuler » leaves to « Synthèse »."""
    before = visitor.replica.invoices()
    visitor.open_form()
    page = visitor.press("annuler", **right_values(number="X-1"))
    assert "Synthèse" in page.text
    assert visitor.replica.invoices() == before


def test_the_confirmation_says_what_will_be_sent(visitor):
    """Number, recipient and four amounts; « Annuler » goes back to the form as it was."""
    visitor.open_form()
    page = visitor.press("validerEtEnvoyer", **right_values(number="C-2"))
    assert (
        "Veuillez confirmer l'envoi de votre facture n° C-2 à destination de 19141408500016 UNIVERSITE DE "
        "CAEN NORMANDIE avec les montants suivants : - Montant HT : 1 200,00 - Montant TVA : 0,00 "
        "- Montant TTC après remise : 1 200,00 - Net à payer : 1 200,00"
    ) in page.text
    page = visitor.press("annuler")
    assert page.form_with("_eventId_enregistrer").values[visitor.look.name("number")] == "C-2"


def test_sending_gives_the_summary_and_the_certificate(visitor):
    """The digest is the SHA-256 of the PDF in base 64; the certificate names number, parties and amount."""
    page = visitor.deposit("S-1", engagement="BC-7")
    digest = base64.b64encode(
        hashlib.sha256((SANTE_PSY / "s01-espace-psy-bon-de-commande.pdf").read_bytes()).digest()
    ).decode()
    assert "La facture n°S-1 est validée, elle est en cours de transmission au service concerné." in page.text
    assert f"Certificat de dépôt n° : {digest}" in page.text
    assert "Montant HT après remise globale : 1 200,00 EUR" in page.text
    certificate = visitor.press("exporterCertificat")
    assert certificate.headers["content-type"] == "application/pdf"
    words = words_of(certificate)
    for expected in ("n°S-1", "00010101400017", "19141408500016", "1 200,00 EUR", digest, "BC-7"):
        assert expected in words


def test_what_was_sent_is_stored_field_by_field(visitor):
    """The list that tests compare with an invoice."""
    visitor.deposit("S-2", comment="Deux\r\nlignes", market="M1", vat_reason="ART_261_4_1", payment="VIREMENT")
    bill = stored(visitor, "S-2")
    expected = {
        "status": "DEPOSEE",
        "number": "S-2",
        "date": "2026-08-31",
        "supplier_siret": "00010101400017",
        "recipient_siret": "19141408500016",
        "service": None,
        "state_question": "NON",
        "engagement": "4500871236",
        "market": "M1",
        "cadre": "A1_FACTURE_FOURNISSEUR",
        "type": "FACTURE",
        "vat_type": "EXONERATION",
        "vat_reason": "ART_261_4_1",
        "payment_mode": "VIREMENT",
        "currency": "EUR",
        "amounts": {"ht": "1200.00", "tva": "0.00", "ttc": "1200.00", "due": "1200.00"},
        "comment": "Deux\nlignes",
        "attachments": [],
        "file_name": "s01-espace-psy-bon-de-commande.pdf",
        "deposit_mode": "DEPOT_PDF_PORTAIL",
    }
    assert {name: bill[name] for name in expected} == expected
    assert visitor.json(f"{visitor.office}/_entrainement/etat") == visitor.replica.invoices()


def test_a_number_is_taken_once_per_supplier(visitor):
    """Refused when one wants to send it again, for this supplier only; a draft of it does no harm."""
    visitor.deposit("U-1")
    visitor.open_form()
    page = visitor.press("validerEtEnvoyer", **right_values(number="U-1"))
    assert "Le numéro de facture U-1 a déjà été utilisé par ce fournisseur." in page.text
    visitor.submit(supplier="00010102200010")
    visitor.press("continuer")
    assert "Confirmation d'envoi" in visitor.press("validerEtEnvoyer", **right_values(number="U-1")).text


def test_a_number_sent_meanwhile_is_refused_at_the_last_moment(visitor, replica):
    """Two forms with the same number, both confirmed: one is sent."""
    other = Visitor(replica)
    other.sign_in()
    for person in (visitor, other):
        person.open_form()
        person.press("validerEtEnvoyer", **right_values(number="U-2"))
    assert "est validée" in visitor.press("confirmer").text
    assert "déjà été utilisé" in other.press("confirmer").text
    sent = [bill for bill in replica.invoices() if (bill["number"], bill["status"]) == ("U-2", "DEPOSEE")]
    assert len(sent) == 1


def test_confirming_twice_sends_once(visitor):
    """The second press meets a stale step."""
    visitor.open_form()
    form = visitor.press("validerEtEnvoyer", **right_values(number="U-3")).form_with("_eventId_confirmer")
    visitor.post(form, {"_eventId_confirmer": ""})
    assert visitor.post(form, {"_eventId_confirmer": ""}).status == 410
    assert sum(bill["number"] == "U-3" for bill in visitor.replica.invoices()) == 1


def test_a_stranger_is_sent_to_sign_in_whatever_he_asks(replica):
    """Pages and posts alike: no password, no invoice."""
    stranger = Visitor(replica)
    for address in (
        "/cpp/depotFacture",
        "/cpp/syntheseFactures",
        "/cpp/facture/1",
        "/cpp/facture/1/certificat",
    ):
        assert "Entrez votre identifiant" in stranger.open(f"{stranger.office}{address}").text
