"""The papers on a trainee's desk: the bill, the university's letter, what is to be joined, and what must not be taken.

Made anew for each exercise, all invented, marked so. The key of the exercise is the invoice that they stand for.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from robot.invoice import Attachment, Invoice
from robot.parties import Supplier
from robot.sample import TOTAL, annex_pdf, invoice_pdf, line, page
from robot.training.exercises import Decoy, Exercise, Returned
from robot.wholefile import make_private

BILL = "facture.pdf"
LETTER = "lettre-de-l-universite.pdf"

# Enough of an invoice in XML for a portal to take the PDF for a Factur-X.
_XML = b"""<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"/>
"""


@dataclass(frozen=True)
class Desk:
    """What lies there, and what must come of it."""

    folder: Path
    # What the trainee shall deposit.
    invoice: Invoice
    # The invoice as it was deposited before it came back; None where it did not.
    before: Invoice | None = None
    # Last month's invoice, deposited already; None where it is not on the desk.
    earlier: Invoice | None = None

    @property
    def files(self) -> tuple[str, ...]:
        return tuple(sorted(path.name for path in self.folder.glob("*.pdf")))


def lay(exercise: Exercise, folder: Path, *, supplier: Supplier, moment: dt.datetime) -> Desk:
    """Writes the papers of an exercise into a folder. `moment`: now; a number is taken once, so it bears the second."""
    make_private(folder)
    wanted, date, number = exercise.invoice, moment.date(), f"EX-{moment:%y%m%d-%H%M%S}"
    printed = {"engagement": wanted.engagement or "", "university": wanted.university}
    invoice_pdf(number, date, **printed).output(str(folder / BILL))
    attachments = []
    for designation in wanted.attachments:
        path = folder / f"{_file_name(designation)}.pdf"
        annex_pdf(number, date).output(str(path))
        attachments.append({"file": path, "designation": designation})
    _letter(exercise, date, folder / LETTER)
    invoice = Invoice.model_validate(
        {
            "file": folder / BILL,
            "number": number,
            "date": date,
            "supplier": supplier,
            "recipient": {"siret": wanted.recipient, "service": wanted.service},
            "engagement": wanted.engagement,
            "vat": {"type": wanted.vat, "reason": wanted.reason},
            "amounts": {"ht": TOTAL, "tva": 0, "ttc": TOTAL},
            "attachments": [Attachment.model_validate(one) for one in attachments],
        },
        context={"folder": folder, "today": date, "supplier": supplier.siret},
    )
    earlier = _decoys(exercise, invoice, folder, printed)
    return Desk(folder, invoice, _before(invoice, exercise.returned), earlier)


def _before(invoice: Invoice, returned: Returned | None) -> Invoice | None:
    if returned is None:
        return None
    recipient = invoice.recipient.model_copy(update={"siret": returned.recipient, "service": returned.service})
    return invoice.model_copy(update={"recipient": recipient, "engagement": returned.engagement, "attachments": ()})


def _decoys(exercise: Exercise, invoice: Invoice, folder: Path, printed: dict[str, str]) -> Invoice | None:
    """Writes what must not be taken; last month's invoice, where it lies there."""
    earlier = None
    for decoy in exercise.desk:
        path = folder / f"{decoy.value}.pdf"
        if decoy is Decoy.LAST_MONTH:
            month = (invoice.date.replace(day=1) - dt.timedelta(days=1)).replace(day=25)
            number = f"{invoice.number}-A"
            earlier = invoice.model_copy(update={"file": path, "number": number, "date": month, "attachments": ()})
            invoice_pdf(number, month, **printed).output(str(path))
        elif decoy is Decoy.FACTURX:
            pdf = invoice_pdf(invoice.number, invoice.date, **printed)
            pdf.embed_file(bytes=_XML, basename="factur-x.xml", mime_type="text/xml", desc="Factur-X")
            pdf.output(str(path))
        else:
            pdf = page("Bilan nominatif")
            line(pdf, "Étudiante : Prénom Nom (inventée), 3 séances. Étudiant : Nom Prénom (inventé), 2 séances.")
            line(pdf, "Ce document nomme des étudiants : il ne doit jamais être joint à une facture.")
            pdf.output(str(path))
    return earlier


def _letter(exercise: Exercise, date: dt.date, path: Path) -> None:
    """What no bill prints: to whom it goes, and under which numbers."""
    wanted = exercise.invoice
    pdf = page("Pour déposer vos factures")
    for text in (
        f"De : {wanted.university}",
        f"Le {date:%d/%m/%Y}",
        "Madame, Monsieur, vos factures nous sont adressées sur Chorus Pro avec les indications suivantes.",
        f"SIRET de l'université (destinataire) : {wanted.recipient}",
        f"Code service : {wanted.service or 'aucun'}",
        f"Numéro de bon de commande (engagement) : {wanted.engagement or 'aucun'}",
        "Numéro de marché : aucun",
    ):
        line(pdf, text, height=8)
    pdf.output(str(path))


def _file_name(designation: str) -> str:
    plain = unicodedata.normalize("NFKD", designation).encode("ascii", "ignore").decode()
    return "-".join(plain.split())
