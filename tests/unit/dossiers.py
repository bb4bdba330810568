"""A deposit played by hand: invoice, certificate, events of a run; for the tests of what remembers it."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from decimal import Decimal
from pathlib import Path

from fpdf import FPDF

from robot import events
from robot.certificate import check, file_name
from robot.events import Kept, Listener
from robot.evidence import Dossier
from robot.invoice import Invoice
from robot.manifest import Portal

SUPPLIER = "73282932000074"
UNIVERSITY = "19440984300019"
DIGEST = base64.b64encode(hashlib.sha256(b"facture").digest()).decode()
RUN = "20261031-180402-a1b2"
START = dt.datetime(2026, 10, 31, 17, 4, 2, tzinfo=dt.UTC)
REPLICA = Portal(
    name="replica",
    title="Réplique d'entraînement",
    url="http://127.0.0.1:8800/",
    generation="2024",
    training=True,
)
# The smallest JPEG there is: one grey point.
JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////"
    "////////////wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAA//EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AN//Z"
)


def make_pdf(*lines: str) -> bytes:
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("Helvetica", size=11)
    for line in lines:
        pdf.multi_cell(0, 8, line, new_x="LMARGIN", new_y="NEXT")
    return bytes(pdf.output())


def certificate_text(**changes: str) -> list[str]:
    """The lines of a certificate, as the portal words them."""
    say = {
        "number": "2026-10-07",
        "supplier": SUPPLIER,
        "recipient": UNIVERSITY,
        "amount": "5 600,00 EUR",
        "digest": DIGEST,
        "engagement": "4500012345",
    } | changes
    return [
        "Certificat de dépôt du 31/10/2026",
        f"Empreinte : {say['digest']}",
        f"Conformément à votre validation, la Facture n°{say['number']} émise par {say['supplier']} - "
        f"MADAME EXEMPLE à destination de {say['recipient']} - UNIVERSITE DE NANTES, d'un montant de "
        f"{say['amount']} est en cours de transfert.",
        f"L'engagement {say['engagement']} est associé à votre demande de paiement.",
        "Nous vous invitons à conserver ce certificat comme preuve de dépôt.",
        "Chorus Pro",
    ]


def make_certificate(**changes: str) -> bytes:
    return make_pdf(*certificate_text(**changes))


def make_invoice(folder: Path, **changes: object) -> Invoice:
    """An invoice of a psychologist to a university, with one attachment; its files are in `folder`."""
    (folder / "Santé Psy Étudiant (3).pdf").write_bytes(make_pdf("Facture 2026-10-07", "Total 5600 euros"))
    (folder / "bilan d'octobre.pdf").write_bytes(make_pdf("Bilan"))
    values = {
        "file": str(folder / "Santé Psy Étudiant (3).pdf"),
        "number": "2026-10-07",
        "date": "2026-10-31",
        "supplier": {"siret": SUPPLIER},
        "recipient": {"siret": UNIVERSITY},
        "engagement": "4500012345",
        "amounts": {"ht": "5600.00", "tva": "0.00", "ttc": "5600.00", "due": "5600.00"},
        "vat": {"type": "EXONERATION"},
        "attachments": [
            {
                "file": str(folder / "bilan d'octobre.pdf"),
                "designation": "document annexe",
                "type": "Document annexe",
            }
        ],
    }
    return Invoice.model_validate(values | changes, context={"today": dt.date(2026, 12, 1)})


def at(seconds: float) -> dt.datetime:
    return START + dt.timedelta(seconds=seconds)


STEPS = (
    # screen, title, line, sentence, effect, element, way, label, value, skipped
    ("connexion", "Connexion", "new", "Saisissez votre adresse électronique et votre mot de passe.", "edit",
     "mot_de_passe", "label", "Mot de passe", "••••••", ""),
    ("accueil", "Factures émises", "3.2", "Ouvrez l'application « Factures émises ».", "read",
     "factures_emises", "role", "Factures émises", "", ""),
    ("onglets", "Factures émises", "3.3", "Ouvrez l'onglet du dépôt.", "read",
     "deposer", "role", "Déposer facture", "", ""),
    ("cadre-de-facturation", "Dépôt d'une nouvelle facture", "3.4", "Choisissez le PDF de votre facture.",
     "edit", "fichier", "label", "Choix du fichier à importer", "Santé Psy Étudiant (3).pdf", ""),
    ("cadre-de-facturation", "Dépôt d'une nouvelle facture", "3.5", "Choisissez le cadre de facturation A1.",
     "edit", "cadre", "label", "Cadre de facturation", "A1 : Dépôt par un fournisseur d'une facture", ""),
    ("cadre-de-facturation", "Dépôt d'une nouvelle facture", "3.7", "Laissez votre service vide.",
     "edit", "service", "", "", "", "le portail ne montre pas ce champ"),
    ("formulaire", "Saisie de la facture", "3.9", "Donnez le SIRET de l'université, puis cherchez-la.",
     "edit", "siret", "beside", "Identifiant", UNIVERSITY, ""),
    ("formulaire", "Saisie de la facture", "3.11", "Écrivez le numéro de votre facture.", "edit",
     "numero", "id", "Numéro", "2026-10-07", ""),
    ("formulaire", "Saisie de la facture", "3.15", "Vérifiez les montants, corrigez ce qui est mal lu.",
     "edit", "ht", "label", "Montant HT", "5600,00", ""),
    ("formulaire", "Saisie de la facture", "3.18", "Enregistrez, puis validez et envoyez.", "draft",
     "enregistrer", "role", "Enregistrer", "", ""),
    ("confirmation", "Confirmation d'envoi", "3.19", "Confirmez : la facture part vers l'université.", "send",
     "confirmer", "role", "Confirmer et envoyer", "", ""),
    ("recapitulatif", "Récapitulatif", "3.20", "Enregistrez le certificat de dépôt.", "read",
     "certificat", "role", "Exporter le certificat de dépôt", "", ""),
)  # fmt: skip

ROWS = (
    Kept("formulaire", "siret", "SIRET du destinataire", SUPPLIER, UNIVERSITY, UNIVERSITY),
    Kept("formulaire", "numero", "Numéro de facture", "2026-10-07", "2026-10-07", "2026-10-07"),
    Kept("formulaire", "date", "Date de facture", "", "31/10/2026", "31/10/2026"),
    Kept("formulaire", "engagement", "Numéro du bon de commande", "4500012345", "4500012345", "4500012345"),
    Kept("formulaire", "ht", "Montant HT", "", "5600,00", "5 600,00"),
    Kept("formulaire", "ttc", "Montant TTC", "560,00", "5600,00", "5 600,00"),
)


def play(tell: Listener, *, until: str = "end", goal: str = "send", jpeg: bytes | None = JPEG) -> None:
    """A run, event by event; `until` a step's line, or « confirming », « confirmed », « end »."""
    started = events.RunStarted(
        at=at(0), run=RUN, journey="depot", goal=goal, portal="replica", invoice="2026-10-07",
        steps=len(STEPS), browser="Chromium 131 (/usr/bin/chromium)",
    )  # fmt: skip
    tell(started)
    seen = ""
    for number, (screen, title, line, say, effect, element, way, label, value, skipped) in enumerate(
        STEPS, start=1
    ):
        clock = 0.7 * number
        if screen != seen:
            url = f"http://127.0.0.1:8800/{screen}?execution=e1s{number}&ticket=secret"
            tell(events.ScreenSeen(at=at(clock), screen=screen, title=title, url=url))
            seen = screen
        source = f"flows/3-depot/{number}0-{screen}.yaml:{number + 20}"
        step = {
            "screen": screen,
            "number": number,
            "line": line,
            "say": say,
            "effect": effect,
            "source": source,
        }
        if line == "3.19":
            tell(events.ReadBackDone(at=at(clock), rows=ROWS))
            tell(events.DraftSaved(at=at(clock), message="La facture est enregistrée."))
            tell(events.Confirming(at=at(clock), subject="2026-10-07", dialog=_dialog()))
        tell(events.StepStarted(at=at(clock + 0.1), **step))
        if until == line or (until == "confirming" and line == "3.19"):
            return
        done = {
            "element": element,
            "way": way,
            "label": label,
            "value": value,
            "skipped": skipped,
            "seconds": 0.4,
        }
        tell(events.StepDone(at=at(clock + 0.5), **step, **done))
        if jpeg and not skipped:
            tell(events.PictureTaken(at=at(clock + 0.6), number=number, screen=screen, jpeg=jpeg))
        if line == "3.19":
            tell(events.DepositConfirmed(at=at(clock + 0.6), digest=DIGEST, summary=_summary()))
        if until == "confirmed" and line == "3.19":
            return


def finish(
    tell: Listener, outcome: str = "deposited", exit_code: int = 0, message: str = "Facture déposée."
) -> None:
    tell(events.RunEnded(at=at(12), outcome=outcome, exit_code=exit_code, message=message))


def make_dossier(folder: Path, *, jpeg: bytes | None = JPEG) -> Dossier:
    """A whole dossier of a deposit that went well."""
    dossier = Dossier(folder / "depots", RUN, portal=REPLICA, invoice=make_invoice(folder))
    play(dossier, jpeg=jpeg)
    keep_certificate(dossier, dossier, make_certificate())
    finish(dossier)
    return dossier


def keep_certificate(dossier: Dossier, tell: Listener, pdf: bytes) -> Path:
    """What a runner does with the file that the portal gives."""
    checked = check(
        pdf,
        number="2026-10-07",
        supplier=SUPPLIER,
        recipient=UNIVERSITY,
        amount=Decimal("5600"),
        digest=DIGEST,
    )
    path = dossier.keep(file_name("2026-10-07", dt.date(2026, 10, 31)), pdf, "certificate")
    tell(events.CertificateSaved(at=at(11), path=path, sha256=checked.sha256, digest=checked.digest))
    return path


def _dialog() -> str:
    return (
        f"Confirmation d'envoi\nVous allez envoyer la facture n° 2026-10-07 à {UNIVERSITY} UNIVERSITE DE "
        "NANTES\nMontant HT : 5 600,00\nMontant TVA : 0,00\nMontant TTC après remise : 5 600,00\n"
        "Net à payer : 5 600,00"
    )


def _summary() -> str:
    return (
        "La facture n°2026-10-07 est validée, elle est en cours de transmission au service concerné.\n"
        f"Certificat de dépôt n° : {DIGEST}\nMontant à payer : 5 600,00 EUR"
    )
