"""What becomes of an invoice once it was sent: moved on, sent back, corrected and sent again. Both portals, both looks."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from conftest import Clock
from visitor import SANTE_PSY, Visitor, right_values

from robot.replica.server import Replica
from robot.replica.treatment import MoveRefused

ROUEN = "19761904200017"
WHY = "Destinataire erroné : les séances relèvent d'une autre université."
# What a supplier may correct; the rest of an invoice « à recycler » stays as it was sent.
CORRECTION = {"siret": ROUEN, "service": "FAC-SCIENCES", "engagement": "4500099"}

PORTALS = [(2021, "dossier"), (2021, "autre"), (2024, "dossier"), (2024, "autre")]


@pytest.fixture(scope="module", params=PORTALS, ids=lambda one: f"{one[0]}-{one[1]}")
def someone(request: pytest.FixtureRequest) -> Iterator[Visitor]:
    """Signed in, on each portal."""
    generation, look = request.param
    with Replica(generation=generation, look=look, suppliers=[("00010101400017", "Lefèvre Éléonore")]) as running:
        visitor = Visitor(running, generation=generation, look=look)
        visitor.sign_in()
        yield visitor


@pytest.fixture
def visitor(somebody: Visitor) -> Visitor:
    """Signed in on today's portal."""
    return somebody


def told(visitor: Visitor, number: str) -> dict[str, Any]:
    return next(one for one in visitor.replica.invoices() if one["number"] == number)


def open_bill(visitor: Visitor, number: str) -> int:
    """From « Synthèse », by its number. Returns its id on the portal."""
    visitor.open(f"{visitor.office}/cpp/syntheseFactures")
    link = re.search(rf'href="/cpp/facture/(\d+)">{number}<', visitor.page.html)
    assert link, visitor.page.text
    visitor.open(f"/cpp/facture/{link[1]}")
    return int(link[1])


def returned(visitor: Visitor, number: str, status: str, reason: str = WHY) -> int:
    """A deposit that came back, opened."""
    visitor.deposit(number)
    visitor.replica.move(number, status, reason=reason)
    return open_bill(visitor, number)


def reopen(visitor: Visitor, bill: int) -> None:
    address = f"/cpp/facture/{bill}/modification"
    assert f'href="{address}"' in visitor.page.html
    visitor.open(address)


# --- « à recycler » ------------------------------------------------------------------------------------


def test_what_came_back_is_seen_wherever_one_looks(someone):
    """« Synthèse », « Rechercher », the invoice: its state; there also why, and what was done with it so far."""
    returned(someone, "T-1", "A_RECYCLER")
    assert re.search(
        rf"État courant : [AÀ] recycler Date état courant : \S+ Commentaire de l'état : {WHY}", someone.page.text
    )
    for event in ("Facture déposée", "« En cours d'acheminement »", "« Mise à disposition du destinataire »", WHY):
        assert event in someone.page.text
    assert re.search("T-1 [AÀ] recycler", someone.open("/cpp/syntheseFactures").text)
    someone.open("/cpp/rechercheFactures")
    assert re.search(r"T-1 [AÀ] recycler (\d\d/\d\d/\d{4}) \1", someone.press("rechercher", search_number="T-1").text)


def test_it_goes_back_to_its_recipient_under_the_same_number(someone):
    """Corrected, confirmed, sent; with a certificate again, and nothing left to do."""
    bill = returned(someone, "T-2", "A_RECYCLER")
    before = told(someone, "T-2")
    reopen(someone, bill)
    someone.press("validerEtEnvoyer", **CORRECTION)
    assert f"n° T-2 à destination de {ROUEN}" in someone.page.text
    assert "La facture n°T-2 est validée" in someone.press("confirmer").text
    after = told(someone, "T-2")
    changed = {name for name in after if after[name] != before[name]}
    moved = {"status", "status_reason", "status_at", "deposited_at"}
    assert changed == {"recipient_siret", "service", "engagement"} | moved
    assert (after["status"], after["engagement"]) == ("MISE_A_DISPOSITION", "4500099")
    assert "T-2" not in someone.open("/cpp/syntheseFactures").text
    assert someone.open(f"/cpp/facture/{bill}/certificat").content.startswith(b"%PDF-")


def test_a_forged_post_changes_nothing_else(someone):
    """Whatever a page sends: number, date, amounts, comment and attachments stay."""
    bill = returned(someone, "T-3", "A_RECYCLER")
    before = told(someone, "T-3")
    reopen(someone, bill)
    assert re.search(rf'name="{re.escape(someone.look.name("number"))}" [^>]*readonly', someone.page.html)
    forged = {"number": "T-99", "date": "01/01/2026", "ht": "1", "ttc": "1", "comment": "autre", "type": "AVOIR"}
    someone.press("enregistrer", **forged)
    form = someone.page.form_with(someone.look.event("enregistrer"))
    someone.post(form, {someone.look.event("gererPiecesJointes"): ""})
    assert told(someone, "T-3") == before


def test_until_it_is_sent_again_its_certificate_proves_what_was_sent(visitor):
    """A correction that is only kept is no deposit."""
    bill = returned(visitor, "T-4", "A_RECYCLER")
    proof = f"/cpp/facture/{bill}/certificat"
    before = visitor.read(proof).content
    reopen(visitor, bill)
    assert "reste à recycler" in visitor.press("enregistrer", siret=ROUEN).text
    assert told(visitor, "T-4")["status"] == "A_RECYCLER"
    assert visitor.read(proof).content == before


def test_only_what_came_back_can_be_opened_again(visitor):
    """An invoice that its recipient has got is not its supplier's any more."""
    visitor.deposit("T-5")
    bill = told(visitor, "T-5")["id"]
    assert visitor.open(f"{visitor.office}/cpp/facture/{bill}/modification").status == 410


# --- « suspendue », « rejetée » ------------------------------------------------------------------------


def test_a_suspended_invoice_is_completed_with_what_it_lacked(someone):
    """Acknowledged, the piece added beside those that were sent, completed; its recipient may go on."""
    bill = returned(someone, "T-6", "SUSPENDUE", "Relevé des séances manquant.")
    someone.press("acquitter")
    reopen(someone, bill)
    assert "Relevé des séances manquant." in someone.page.text
    assert "Ajoutez d'abord la pièce" in someone.press("completer", {}).text
    piece = {"attachment_file": ("releve.pdf", (SANTE_PSY / "s01-espace-psy-bon-de-commande.pdf").read_bytes())}
    someone.press(
        "ajouter", piece, attachment_type="Document annexe", attachment_designation="Relevé", completion="Voici."
    )
    someone.press("completer", {})
    after = told(someone, "T-6")
    assert (after["status"], after["status_reason"]) == ("COMPLETEE", "Voici.")
    assert [one["name"] for one in after["attachments"]] == ["releve.pdf"]
    someone.replica.move("T-6", "MISE_EN_PAIEMENT")
    assert "Suspension acquittée" in someone.open(f"/cpp/facture/{bill}").text


def test_a_suspended_invoice_may_be_answered_in_words(visitor):
    """A comment is enough; leaving by « Retour » is no answer."""
    bill = returned(visitor, "T-7", "SUSPENDUE")
    reopen(visitor, bill)
    visitor.press("retour", {}, completion="Oubliée")
    assert told(visitor, "T-7")["status"] == "SUSPENDUE"
    visitor.open(f"/cpp/facture/{bill}/modification")
    visitor.press("completer", {}, completion="Le RIB est le bon.")
    assert told(visitor, "T-7")["status"] == "COMPLETEE"


def test_a_rejected_invoice_is_acknowledged_then_treated(someone):
    """It leaves « Synthèse », stays rejected, and its number stays taken."""
    bill = returned(someone, "T-8", "REJETEE", "TVA appliquée à des séances exonérées.")
    assert "Motif de rejet : TVA appliquée à des séances exonérées." in someone.page.text
    someone.open(f"/cpp/facture/{bill}/traitement", b"")
    assert "Rejet traité" not in someone.page.text
    someone.press("acquitter")
    someone.press("traiterRejet")
    assert told(someone, "T-8")["status"] == "REJETEE"
    assert "T-8" not in someone.open("/cpp/syntheseFactures").text
    someone.open_form()
    assert "déjà" in someone.press("validerEtEnvoyer", **right_values(number="T-8")).text


def test_a_window_asks_to_acknowledge(someone):
    """Put off for this session; then some, then all."""
    for number in ("T-9", "T-10"):
        someone.deposit(number)
        someone.replica.move(number, "REJETEE", reason="Numéro d'engagement soldé.")
    page = someone.open("/cpp/syntheseFactures")
    assert all(words in page.text for words in ("Factures à acquitter", "T-9 Rejetée", "T-10 Rejetée"))
    window = someone.page.form_with(someone.look.event("acquitterSelection"))
    ticked = {"facture": str(told(someone, "T-9")["id"])}
    someone.post(window, {**ticked, someone.look.event("acquitterSelection"): ""})
    assert re.findall(r"T-\d+ Rejetée", someone.page.text.partition("Factures à acquitter")[2]) == ["T-10 Rejetée"]
    someone.press("fermer")
    assert "Factures à acquitter" not in someone.page.text
    someone.open("/cpp/deconnexion")
    someone.sign_in()
    someone.press("toutAcquitter")
    assert "Factures à acquitter" not in someone.page.text


# --- moved by their recipient --------------------------------------------------------------------------

DAY = 24 * 3600


@pytest.fixture
def dated(clock: Clock) -> Iterator[Visitor]:
    """« P-1 », sent on a portal whose days pass by hand."""
    with Replica(generation=2021, clock=clock, session_seconds=90 * DAY) as running:
        visitor = Visitor(running, generation=2021)
        visitor.sign_in()
        visitor.deposit("P-1")
        yield visitor


def days(visitor: Visitor) -> list[str]:
    """Days and states of the history."""
    visitor.open(f"{visitor.office}/cpp/facture/1")
    return re.findall(r"(\d\d/\d\d)/\d{4} à \S+ [^«]+« ([^»]+) »", visitor.page.text)


def test_payment_comes_through_the_states_between(dated, clock):
    """Each with its day, who did it and a mail; those that the portal passes by itself too."""
    clock.now += 2 * DAY
    dated.replica.move("P-1", "SERVICE_FAIT")
    clock.now += 20 * DAY
    paid = datetime.fromtimestamp(clock.now - DAY)
    dated.replica.move("P-1", "MISE_EN_PAIEMENT", at=paid)
    states = ["En cours d'acheminement", "Mise à disposition du destinataire", "Service fait", "Mise en paiement"]
    assert [state for _, state in days(dated)] == states
    assert days(dated)[-1][0] == f"{paid:%d/%m}"
    assert f"{paid:%d/%m/%Y à %H:%M} Comptable du destinataire Passage" in dated.page.text
    mails = [mail.subject for mail in dated.replica.mails()[::-1]]
    assert mails == [f"Votre facture est passée à l'état « {state} »" for state in states]


def test_an_acknowledgement_may_wait_a_week(dated, clock):
    """Then the window has no « Fermer » any more, though it was closed before."""
    dated.replica.move("P-1", "REJETEE", reason=WHY)
    dated.open(f"{dated.office}/cpp/syntheseFactures")
    assert "Factures à acquitter" not in dated.press("fermer").text
    clock.now += 7 * DAY + 1
    page = dated.open("/cpp/syntheseFactures")
    assert "depuis plus de sept jours" in page.text
    assert "Fermer" not in page.text


@pytest.mark.parametrize(
    ("number", "status", "wishes", "said"),
    [
        ("P-1", "A_RECYCLER", {}, "demande un motif"),
        ("P-1", "SUSPENDUE", {"reason": " "}, "demande un motif"),
        ("P-1", "REJETEE", {"reason": "x" * 256}, "255 caractères"),
        ("P-1", "PAYEE", {}, "État inconnu « PAYEE »"),
        ("P-1", "BROUILLON", {}, "ne peut pas passer à « Brouillon »"),
        ("P-1", "SERVICE_FAIT", {"at": datetime(2026, 1, 1)}, "entre celle de l'état « Déposée » et maintenant"),
        ("P-1", "SERVICE_FAIT", {"at": datetime(2036, 1, 1)}, "entre celle de l'état « Déposée » et maintenant"),
        ("P-2", "SERVICE_FAIT", {}, "Aucune facture envoyée ne porte le numéro « P-2 » ; envoyées : P-1"),
    ],
)
def test_what_its_recipient_cannot_do_is_refused_in_french(waiting, number, status, wishes, said):
    """P-2 is a draft. Nothing is changed."""
    before = waiting.invoices()
    with pytest.raises(MoveRefused, match=said):
        waiting.move(number, status, **wishes)
    assert waiting.invoices() == before


@pytest.fixture(scope="module")
def waiting() -> Iterator[Replica]:
    """« P-1 » was sent, « P-2 » is a draft."""
    with Replica(generation=2021) as running:
        visitor = Visitor(running, generation=2021)
        visitor.sign_in()
        visitor.deposit("P-1")
        visitor.open_form()
        visitor.press("enregistrer", **right_values(number="P-2"))
        yield running


def test_what_waits_for_its_supplier_cannot_be_moved(visitor):
    """Neither can what is over."""
    for number, status in (("P-3", "A_RECYCLER"), ("P-4", "REJETEE"), ("P-5", "MISE_EN_PAIEMENT")):
        visitor.deposit(number)
        visitor.replica.move(number, status, reason=WHY)
        with pytest.raises(MoveRefused, match="états possibles : aucun, sans son fournisseur"):
            visitor.replica.move(number, "SERVICE_FAIT")


# --- the trainer's page --------------------------------------------------------------------------------

LIFE = "/_entrainement/factures"


def test_a_trainer_moves_an_invoice_in_the_browser(visitor):
    """What is refused stands beside the invoice, with what was typed."""
    visitor.deposit("A-1")
    bill = str(told(visitor, "A-1")["id"])
    page = visitor.open(LIFE)
    assert "Facture n° A-1" in page.text
    form = next(form for form in page.forms if form.values.get("facture") == bill)
    page = visitor.post(form, {"etat": "REJETEE", "motif": "", "date": "hier"})
    assert (page.status, "La date « hier » est incorrecte" in page.text) == (400, True)
    visitor.post(form, {"etat": "REJETEE", "motif": "TVA"})
    assert told(visitor, "A-1")["status_reason"] == "TVA"


def test_another_site_moves_nothing(visitor):
    """A page of somebody else's may post here from the trainer's browser."""
    visitor.deposit("A-2")
    asked = urllib.request.Request(
        visitor.office + LIFE,
        f"facture={told(visitor, 'A-2')['id']}&etat=SERVICE_FAIT".encode(),
        {"Origin": "http://ailleurs.example"},
    )
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(asked)
    assert told(visitor, "A-2")["status"] == "DEPOSEE"


# --- kept ----------------------------------------------------------------------------------------------


def test_a_restart_keeps_state_reason_and_what_was_acknowledged(tmp_path):
    """All that the pages show."""
    file = tmp_path / "etat.json"
    with Replica(generation=2021, file=file) as first:
        visitor = Visitor(first, generation=2021)
        visitor.sign_in()
        returned(visitor, "K-1", "SUSPENDUE")
        visitor.press("acquitter")
        before = visitor.open("/cpp/facture/1").text
    with Replica(generation=2021, file=file) as second:
        visitor = Visitor(second, generation=2021)
        visitor.sign_in()
        assert visitor.open("/cpp/facture/1").text == before
        assert "Suspension acquittée" in before


def test_a_file_of_before_invoices_came_back_is_read(tmp_path):
    """What was sent then is what its certificate proves, and can be recycled now."""
    file = tmp_path / "etat.json"
    with Replica(generation=2021, file=file) as first:
        visitor = Visitor(first, generation=2021)
        visitor.sign_in()
        visitor.deposit("K-2")
    kept = json.loads(file.read_text("utf-8"))
    for name in ("sent", "status_at", "reason", "is_acknowledged", "is_treated"):
        del kept["bills"]["1"][name]
    for session in kept["sessions"].values():
        del session["is_put_off"]
    file.write_text(json.dumps(kept), "utf-8")
    with Replica(generation=2021, file=file) as second:
        visitor = Visitor(second, generation=2021)
        visitor.sign_in()
        second.move("K-2", "A_RECYCLER", reason=WHY)
        proof = visitor.read(f"{visitor.office}/cpp/facture/1/certificat").content
        visitor.open(f"{visitor.office}/cpp/facture/1/modification")
        visitor.press("enregistrer", siret=ROUEN)
        assert visitor.read("/cpp/facture/1/certificat").content == proof
