"""What the portal reads in the text of a PDF to fill the form beforehand: often a part, sometimes wrong.

It takes the first SIRET it meets for the recipient's, unless « client » or « destinataire » stands beside
one. Never raises: what is not recognised stays empty.
"""

from __future__ import annotations

import re
import threading
from datetime import date

import pypdfium2

from robot.replica.french import amount_text, date_text, read_amount, read_date

MAX_PAGES = 20

# PDFium is not made for threads, and a process may have several replicas.
_ONE_READER = threading.Lock()
# Its own signs for a hyphen at the end of a line.
_HYPHENS = {0x02: "-", 0xFFFE: "-"}

_SPACE = "[ \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]"
_SIRET = rf"\d{{3}}{_SPACE}?\d{{3}}{_SPACE}?\d{{3}}{_SPACE}?\d{{5}}(?!\d)"
_AMOUNT = rf"(\d{{1,3}}(?:{_SPACE}\d{{3}})+(?:[.,]\d{{2}})?|\d+(?:{_SPACE}?[.,]\d{{2}})?){_SPACE}?(?:€|EUR)?"
_REFERENCE = r"([A-Za-z0-9_/+-]+)"
_MONTHS = {
    "janvier": 1, "février": 2, "mars": 3, "avril": 4, "mai": 5, "juin": 6, "juillet": 7, "août": 8,
    "septembre": 9, "octobre": 10, "novembre": 11, "décembre": 12,
}  # fmt: skip
_LONG_DATE = re.compile(rf"(\d{{1,2}})(?:er)?\s+({'|'.join(_MONTHS)})\s+(\d{{4}})", re.IGNORECASE)


def recognise(content: bytes) -> dict[str, str]:
    """Fields of the form that the text gives, written as the form writes them."""
    text = _text_of(content)
    found = {
        "siret": _siret(text),
        "number": _first(
            text,
            rf"num[ée]ro de (?:la )?facture\s*:\s*{_REFERENCE}",
            rf"facture\s+n[°º]\s*{_REFERENCE}",
        ),
        "date": _date(text),
        "engagement": _first(text, rf"(?:engagement|commande|\bEJ\b)[^:\n]*:\s*{_REFERENCE}"),
        "ht": _amount(text, "total ht", "montant ht"),
        "tva": _amount(text, "total tva", "montant tva", r"tva \d+(?:,\d+)? ?%"),
        "ttc": _amount(text, "total ttc", "montant ttc", r"^total\b[^\n]*?"),
        "due": _amount(text, "net à payer", "total ttc", r"^total\b[^\n]*?"),
    }  # fmt: skip
    return {name: value for name, value in found.items() if value}


def _text_of(content: bytes) -> str:
    try:
        with _ONE_READER:
            document = pypdfium2.PdfDocument(content)
            try:
                pages = (document[index] for index in range(min(len(document), MAX_PAGES)))
                texts = [page.get_textpage().get_text_range() for page in pages]
            finally:
                document.close()
    except Exception:  # a broken PDF makes its reader raise nearly anything
        return ""
    return "\n".join(texts).replace("\r\n", "\n").translate(_HYPHENS)


def _first(text: str, *patterns: str) -> str:
    """What the first pattern that matches finds; a line left to fill (underscores) is nothing."""
    for pattern in patterns:
        match = re.search(pattern, text, re.IGNORECASE)
        if match and match[1].strip("_"):
            return match[1]
    return ""


def _siret(text: str) -> str:
    labelled = re.search(rf"SIRET\s+(?:client|dest\w*)\D{{0,12}}({_SIRET})", text, re.IGNORECASE)
    match = labelled[1] if labelled else _first(text, rf"(?<!\d)({_SIRET})")
    return re.sub(r"\D", "", match)


def _date(text: str) -> str:
    """The date beside the word, else the first one anywhere."""
    labelled = re.search(r"\bdate\b[^:\n]*factur[^:\n]*:([^\n]*)", text, re.IGNORECASE)
    for place in (labelled[1] if labelled else "", text):
        if match := re.search(r"\b\d{2}/\d{2}/\d{4}\b", place):
            try:
                return date_text(read_date(match[0]))
            except ValueError:
                continue
        if match := _LONG_DATE.search(place):
            try:
                return date_text(date(int(match[3]), _MONTHS[match[2].lower()], int(match[1])))
            except ValueError:
                continue
    return ""


def _amount(text: str, *labels: str) -> str:
    for label in labels:
        if match := re.search(rf"{label}\s*:?\s*{_AMOUNT}\s*$", text, re.IGNORECASE | re.MULTILINE):
            return amount_text(read_amount(match[1].replace(" ,", ",")))
    return ""
