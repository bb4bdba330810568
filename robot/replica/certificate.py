"""Draws the replica's « certificat de dépôt »: one page, no emblem, and a mention that it proves nothing.

Its text can be extracted. Knows nothing of invoices beyond what it prints.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date

from fpdf import FPDF

from robot.replica.french import date_text

# The standard fonts of every PDF reader know the letters of this encoding, « € » and « œ » among them.
_ENCODING = "cp1252"


@dataclass(frozen=True)
class Certificate:
    """What is printed."""

    day: date
    digest: str
    number: str
    # SIRET - name.
    supplier: str
    recipient: str
    # With its currency.
    amount: str
    engagement: str = ""


def draw(certificate: Certificate) -> bytes:
    pdf = FPDF()
    pdf.core_fonts_encoding = _ENCODING
    pdf.set_title("Certificat de dépôt (réplique d'entraînement)")
    pdf.set_lang("fr-FR")
    pdf.set_margin(25)
    pdf.add_page()
    pdf.set_font("Helvetica", "B", 13)
    pdf.set_text_color(160, 50, 0)
    pdf.set_draw_color(160, 50, 0)
    pdf.cell(0, 14, printable("RÉPLIQUE D'ENTRAÎNEMENT — sans valeur"), border=1, align="C")
    pdf.set_text_color(0)
    pdf.ln(38)
    pdf.set_font("Helvetica", "", 11)
    _line(pdf, f"Certificat de dépôt du {date_text(certificate.day)}", align="C")
    pdf.ln(14)
    _line(pdf, f"Empreinte : {certificate.digest}")
    pdf.ln(10)
    _line(
        pdf,
        f"Conformément à votre validation, la Facture n°{certificate.number} émise par "
        f"{certificate.supplier} à destination de {certificate.recipient}, d'un montant de "
        f"{certificate.amount} est en cours de transfert.",
    )
    if certificate.engagement:
        _line(pdf, f"L'engagement {certificate.engagement} est associé à votre demande de paiement.")
    pdf.ln(8)
    _line(pdf, "Nous vous invitons à télécharger et à conserver ce certificat comme preuve de dépôt.")
    pdf.ln(16)
    _line(pdf, "Chorus Pro", align="R")
    pdf.ln(30)
    pdf.set_font("Helvetica", "I", 9)
    pdf.set_text_color(90)
    _line(
        pdf,
        "Document fictif, produit par la réplique d'entraînement de chorus-robot. Aucune facture n'a été "
        "déposée auprès de l'État.",
    )
    return bytes(pdf.output())


def _line(pdf: FPDF, text: str, *, align: str = "L") -> None:
    pdf.multi_cell(0, 6, printable(text), align=align, new_x="LMARGIN", new_y="NEXT")


def printable(text: str) -> str:
    """Text with its letters outside the fonts' alphabet brought back to their plain form, or to « ? »."""
    return "".join(_letter(letter) for letter in unicodedata.normalize("NFC", text))


def _letter(letter: str) -> str:
    if _has(letter):
        return letter
    # « ễ » keeps at least its « e ».
    plain = "".join(part for part in unicodedata.normalize("NFKD", letter) if _has(part))
    return plain or "?"


def _has(letter: str) -> bool:
    return bool(letter.encode(_ENCODING, "ignore"))
