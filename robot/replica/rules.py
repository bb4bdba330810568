"""What the portal refuses in a form, in French. Pure functions over the form and the directory.

Two levels: what is typed must be well formed to be saved; all must be there and agree to be sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from robot.replica.directory import PUBLIC_ONLY_SERVICE, STATE_SIRET, Directory, Structure
from robot.replica.french import amount_text, read_amount, read_date
from robot.replica.records import Fault, Form

MAX_NUMBER = 20
MAX_REFERENCE = 50
MAX_SERVICE = 100
MAX_COMMENT = 2000

CADRES = {
    "A1_FACTURE_FOURNISSEUR": "A1 : Dépôt par un fournisseur d'une facture",
    "A2_FACTURE_FOURNISSEUR_DEJA_PAYEE": "A2 : Dépôt d'une facture déjà payée (ex : carte d'achat)",
    "A9_FACTURE_SOUSTRAITANT": "A9 : Dépôt d'une facture par un soustraitant",
    "A12_FACTURE_COTRAITANT": "A12 : Dépôt d'une facture par un cotraitant",
}
# Somebody else has to validate these; the replica knows nobody who could.
VALIDATED_CADRES = ("A9_FACTURE_SOUSTRAITANT", "A12_FACTURE_COTRAITANT")

TYPES = {"FACTURE": "Facture", "AVOIR": "Avoir"}
VAT_TYPES = {
    "TVA_SUR_DEBIT": "TVA sur les débits",
    "TVA_SUR_ENCAISSEMENT": "TVA sur les encaissements",
    "EXONERATION": "Exonération",
    "SANS_TVA": "Sans TVA",
}
VAT_REASONS = {
    "ART_261_4_1": "Article 261-4-1° du CGI",
    "ART_261": "Autre cas de l'article 261 du CGI",
    "ART_293_B": "Article 293 B du CGI",
    "AUTRE": "Autre motif",
}
PAYMENTS = {
    "VIREMENT": "Virement",
    "CHEQUE": "Chèque",
    "PRELEVEMENT": "Prélèvement",
    "ESPECE": "Espèces",
    "AUTRE": "Autre",
    "REPORT": "Report",
}
CURRENCIES = {"EUR": "EUR", "CHF": "CHF", "GBP": "GBP", "USD": "USD"}

AMOUNTS = {"ht": "HT", "tva": "TVA", "ttc": "TTC", "due": "à payer"}

_REFERENCE = re.compile(r"[A-Za-z0-9_/+-]+")
_SERVICE = re.compile(r"[\w \-]+")

UNKNOWN_RECIPIENT = "Le destinataire est inconnu de l'annuaire ou inactif : la facture ne peut pas être enregistrée."
NO_RESULT = "La recherche n'a retourné aucun résultat"


def format_faults(form: Form, directory: Directory) -> Iterator[Fault]:
    """What keeps a draft from being saved: something typed that can never be right."""
    if form.siret and directory.find(form.siret) is None:
        yield _fault("siret", UNKNOWN_RECIPIENT)
    if len(form.number) > MAX_NUMBER:
        yield _fault("number", f"Le numéro de facture ne doit pas dépasser {MAX_NUMBER} caractères.")
    elif form.number and not _REFERENCE.fullmatch(form.number):
        yield _fault("number", "Le numéro de facture n'accepte que lettres sans accent, chiffres et - _ / +.")
    if form.date and not _reads(read_date, form.date):
        yield _fault("date", "La date de facture est incorrecte ; format attendu : JJ/MM/AAAA.")
    for name, words in (("engagement", "numéro d'engagement"), ("market", "numéro de marché")):
        value = str(getattr(form, name))
        if len(value) > MAX_REFERENCE or (value and not _REFERENCE.fullmatch(value)):
            allowed = f"alphanumérique (ou - _ / +), {MAX_REFERENCE} caractères au plus"
            yield _fault(name, f"Le {words} doit être {allowed}.")
    if len(form.service) > MAX_SERVICE or (form.service and not _SERVICE.fullmatch(form.service)):
        allowed = f"alphanumérique, {MAX_SERVICE} caractères au plus"
        yield _fault("service", f"Le code service doit être {allowed}.")
    for name, words in AMOUNTS.items():
        if (value := str(getattr(form, name))) and not _reads(read_amount, value):
            yield _fault(name, f"Le montant {words} est incorrect ; exemple attendu : 600,00.")
    if len(form.comment) + form.comment.count("\n") > MAX_COMMENT:
        yield _fault("comment", f"Le commentaire ne doit pas dépasser {MAX_COMMENT} caractères.")


def sending_faults(
    form: Form, directory: Directory, *, cadre: str, supplier: str, used: set[str], asks_state: bool
) -> list[Fault]:
    """What keeps an invoice from being sent.

    `used`: numbers that this supplier has already sent. `asks_state`: whether the form asks « Le destinataire
    est-il l'État ? ».
    """
    faults = list(format_faults(form, directory))
    bad = {fault.field for fault in faults}
    faults += [_fault(name, words) for name, words in _missing(form, asks_state) if name not in bad]
    if cadre in VALIDATED_CADRES:
        sentence = "Ce cadre de facturation demande un valideur, que la réplique ne propose pas."
        faults.append(_fault("cadre", sentence))
    if form.type == "AVOIR":
        sentence = "Un avoir doit citer la facture d'origine : la réplique n'en dépose pas."
        faults.append(_fault("type", sentence))
    if "number" not in bad and form.number in used:
        sentence = f"Le numéro de facture {form.number} a déjà été utilisé par ce fournisseur."
        faults.append(_fault("number", sentence))
    faults += _recipient_faults(form, directory.find(form.siret), supplier)
    if not bad & set(AMOUNTS) and all(getattr(form, name) for name in AMOUNTS):
        faults += _amount_faults(form)
    return faults


def _missing(form: Form, asks_state: bool) -> Iterator[tuple[str, str]]:
    required = {
        "state": "Indiquez si le destinataire est l'État : cette réponse est obligatoire.",
        "siret": "L'identifiant du destinataire est obligatoire.",
        "number": "Le numéro de facture est obligatoire.",
        "date": "La date de facture est obligatoire.",
        "type": "Le type de facture est obligatoire.",
        "vat_type": "Le type de TVA est obligatoire.",
        "currency": "La devise est obligatoire.",
    } | {name: f"Le montant {words} est obligatoire." for name, words in AMOUNTS.items()}
    for name, words in required.items():
        if not getattr(form, name) and (name != "state" or asks_state):
            yield name, words


def _recipient_faults(form: Form, recipient: Structure | None, supplier: str) -> Iterator[Fault]:
    if form.siret and form.siret == supplier:
        yield _fault("siret", "Le destinataire ne peut pas être le fournisseur de la facture.")
    if recipient is None:
        return
    if form.state and (form.state == "OUI") != (recipient.siret == STATE_SIRET):
        sentence = "La réponse à « Le destinataire est-il l'État ? » ne correspond pas au destinataire."
        yield _fault("state", sentence)
    if form.service == PUBLIC_ONLY_SERVICE:
        sentence = f"Le service {PUBLIC_ONLY_SERVICE} est réservé aux factures entre structures publiques."
        yield _fault("service", sentence)
    elif form.service and recipient.services:
        service = recipient.services.get(form.service)
        if service is None or not service.is_active:
            sentence = f"Le code service {form.service} est inconnu de ce destinataire ou inactif."
            yield _fault("service", sentence)
    if recipient.demands_service() and not form.service:
        yield _fault("service", "Le code service est obligatoire pour ce destinataire.")
    if recipient.demands_engagement(form.service) and not form.engagement:
        either = recipient.needs == "either"
        words = "Le code service ou le numéro d'engagement est" if either else "Le numéro d'engagement est"
        yield _fault("engagement", f"{words} obligatoire pour ce destinataire.")


def _amount_faults(form: Form) -> Iterator[Fault]:
    ht, tva, ttc, due = (read_amount(getattr(form, name)) for name in AMOUNTS)
    if ht + tva != ttc:
        yield _fault(
            "ttc",
            "Le montant TTC doit être la somme du montant HT et de la TVA : "
            f"{amount_text(ht)} + {amount_text(tva)} ne fait pas {amount_text(ttc)}.",
        )
    if due != ttc:
        yield _fault("due", "Le montant à payer doit être égal au montant TTC.")


def _fault(field: str, message: str) -> Fault:
    return Fault(field=field, message=message)


def _reads(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True
