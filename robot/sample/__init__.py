"""A fictitious invoice to try the robot with: its PDF, an attachment, its `facture.yaml`; the example config.

Made anew each time, so that number and date are fresh: a portal takes a number only once. Nobody in it
exists; the university's SIRET is real, since a directory must know it.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from fpdf import FPDF

from robot.wholefile import make_private

# Same as in config.example.yaml. The key is right, no such establishment exists.
SUPPLIER_SIRET = "00020260600018"
RECIPIENT_SIRET = "19860856400375"
ENGAGEMENT = "4500260117"

# In a checkout the example stands at the root; in an installed wheel it travels beside this file.
_HERE = Path(__file__).parent
_INSTALLED = _HERE / "config.example.yaml"
EXAMPLE_CONFIG = _INSTALLED if _INSTALLED.is_file() else _HERE.parent.parent / "config.example.yaml"

_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
# fmt: off
_MONTHS = ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
           "novembre", "décembre")
# fmt: on
_PRICE = 50
_SESSIONS = ((3, 3, 1), (10, 2, 0), (17, 4, 1), (24, 3, 0))
# In whole euros.
TOTAL = sum(sessions for _, sessions, _ in _SESSIONS) * _PRICE
_UNIVERSITY = "Poitiers\n15 rue de l'Hôtel Dieu, 86073 Poitiers Cedex 9"

_FACTURE = """\
# Facture fictive, pour essayer le robot.
file: facture.pdf                # le PDF à déposer, à côté de ce fichier
number: "{number}"
date: {date}
recipient: {{siret: "{recipient}"}}
engagement: "{engagement}"         # numéro du bon de commande de l'université
amounts: {{ht: "{total}.00", tva: "0.00", ttc: "{total}.00"}}
vat: {{type: EXONERATION}}         # soins d'un psychologue : article 261-4-1° du CGI
attachments:
  - {{file: bilan.pdf, designation: document annexe}}
"""


def write_sample(folder: Path, *, number: str, date: dt.date) -> Path:
    """Writes the three files into a folder; gives the path of the `facture.yaml`."""
    make_private(folder)
    invoice_pdf(number, date).output(str(folder / "facture.pdf"))
    annex_pdf(number, date).output(str(folder / "bilan.pdf"))
    facture = folder / "facture.yaml"
    facture.write_text(
        _FACTURE.format(
            number=number, date=date, recipient=RECIPIENT_SIRET, engagement=ENGAGEMENT, total=TOTAL
        ),
        encoding="utf-8",
    )
    return facture


def _month_billed(date: dt.date) -> dt.date:
    """First day of the last month whose sessions are all over on that date."""
    first = date.replace(day=1)
    return first if date.day > _SESSIONS[-1][0] else (first - dt.timedelta(days=1)).replace(day=1)


def page(title: str) -> FPDF:
    """A sheet of paper with a title, marked as an example, to be written on with `line`."""
    pdf = FPDF()
    # The standard fonts need no file, and this encoding gives them « € » and « œ ».
    pdf.core_fonts_encoding = "cp1252"
    pdf.set_title(title)
    pdf.set_lang("fr-FR")
    pdf.set_margin(18)
    pdf.add_page()
    pdf.set_font("Helvetica", "I", 9)
    pdf.set_text_color(150, 60, 0)
    line(pdf, "Exemple fictif de chorus-robot : aucune de ces personnes n'existe.")
    pdf.set_text_color(0)
    pdf.ln(3)
    pdf.set_font("Helvetica", "B", 15)
    line(pdf, title, height=9)
    pdf.ln(3)
    pdf.set_font("Helvetica", "", 11)
    return pdf


def line(pdf: FPDF, text: str, *, height: int = 6) -> None:
    pdf.multi_cell(0, height, text, new_x="LMARGIN", new_y="NEXT")


def invoice_pdf(number: str, date: dt.date, *, engagement: str = ENGAGEMENT, university: str = _UNIVERSITY) -> FPDF:
    """The bill of ten sessions, as the students' programme prints it: never the university's own SIRET."""
    month = _month_billed(date)
    day_in_words = f"{_DAYS[date.weekday()]} {date.day} {_MONTHS[date.month - 1]} {date.year}"
    pdf = page(f"Santé Psy Étudiant - Facture {_MONTHS[month.month - 1].capitalize()} {month.year}")
    for text in (
        "Nom, prénom du prestataire : Morvan-Cœuret Camille",
        f"Numéro SIRET : {SUPPLIER_SIRET}",
        "Numéro ADELI : 869300000",
        "Adresse du prestataire : 7 rue des Exemples, 86000 Poitiers",
        "Email du prestataire : camille.morvan@exemple.test",
        f"Date de l'émission de la facture : {day_in_words}",
        f"Numéro de la facture : {number}",
        f"Nom et adresse de l'université : {university}",
        f"Numéro du bon de commande de l'université : {engagement or '_' * 19}",
    ):
        line(pdf, text)
    pdf.ln(4)
    with pdf.table(col_widths=(50, 40, 40, 30), text_align=("LEFT", "RIGHT", "RIGHT", "RIGHT")) as table:
        table.row(("Date des séances", "Séances réalisées", "Dont premières", "Total TTC €"))
        for day, sessions, firsts in _SESSIONS:
            shown = f"{day:02d}/{month:%m/%Y}"
            table.row((shown, str(sessions), str(firsts), f"{sessions * _PRICE}€"))
        counted = (sum(column) for column in list(zip(*_SESSIONS, strict=True))[1:])
        table.row(("Total", *map(str, counted), f"{TOTAL}€"))
    pdf.ln(4)
    for text in (
        "IBAN : FR00 0000 0000 0000 0000 0000 000",
        "« TVA non applicable selon l’article 261-4-1 du Code Général des Impôts »",
        "Délai de paiement : 30 jours à réception de facture",
    ):
        line(pdf, text)
    return pdf


def annex_pdf(number: str, date: dt.date) -> FPDF:
    """A document to send beside the bill."""
    month = _month_billed(date)
    pdf = page("Bilan des séances")
    line(pdf, f"Annexe de la facture n° {number}, {_MONTHS[month.month - 1]} {month.year}.")
    line(pdf, "Nombre de séances par journée ; aucun nom, conformément au secret professionnel.")
    for day, sessions, _ in _SESSIONS:
        line(pdf, f"{day:02d}/{month:%m/%Y} : {sessions} séances")
    return pdf
