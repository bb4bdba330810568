"""Checks the « certificat de dépôt » that the portal gives: a whole PDF whose text names this very invoice.

Knows nothing of portals and folders. A layout may wrap the digest, put spaces in a SIRET, write an
amount its way: the comparison is loose about typography, and strict about what it says.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from robot.failures import OutcomeUnknown
from robot.pdffile import look

# The portal's own limit for a PDF is 10 Mo; a one-page certificate is some kilobytes.
MAX_BYTES = 10_000_000
# A page holds some thousand letters.
MAX_TEXT = 200_000

_DASHES = dict.fromkeys(
    map(ord, "\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{EN DASH}\N{EM DASH}\N{MINUS SIGN}"), "-"
)
# Groups without end would be read again from each of them.
_AMOUNT = re.compile(r"(?<![\d.,])(\d{1,3}(?: \d{3}){1,5}|\d+)(?:[.,](\d{2,6})(?!\d)|(?= ?(?:eur|€)))")
# SHA-256 in base64: « Certificat de dépôt n° ».
_DIGEST = re.compile(r"[A-Za-z0-9+/]{43}=")
_DATE = re.compile(r"certificat de depot du (\d{2})/(\d{2})/(\d{4})")


class CertificateInvalid(OutcomeUnknown):
    """La facture est déposée, mais le certificat reçu n'est pas le sien."""


@dataclass(frozen=True)
class Certificate:
    """A certificate that was checked."""

    # « Certificat de dépôt du … », where the layout says it.
    date: date | None
    digest: str
    # SHA-256 of the PDF.
    sha256: str
    # Its text, as extracted.
    text: str


def check(
    pdf: bytes,
    *,
    number: str,
    supplier: str,
    recipient: str,
    amount: Decimal,
    digest: str,
    engagement: str | None = None,
) -> Certificate:
    """Compares a certificate with its invoice. Raises CertificateInvalid, which says all that is wrong."""
    text = _text_of(pdf)
    plain = normalize(text)
    missing = []
    if not contains_whole(plain, number):
        missing.append(f"le numéro de facture {number}")
    if not _contains_digits(plain, supplier):
        missing.append(f"le SIRET du fournisseur {supplier}")
    if not _contains_digits(plain, recipient):
        missing.append(f"le SIRET du destinataire {recipient}")
    if abs(amount) not in amounts_in(plain):
        missing.append(f"le montant {amount:.2f}".replace(".", ","))
    joined = "".join(text.split())
    if not digest:
        # Where the screen did not show it, the certificate's own is taken.
        shown = _DIGEST.search(joined)
        digest = shown.group() if shown else ""
    if not digest or "".join(digest.split()) not in joined:
        missing.append(f"l'empreinte {digest}".rstrip())
    if engagement and not contains_whole(plain, engagement):
        missing.append(f"le numéro d'engagement {engagement}")
    if missing:
        raise _invalid("il ne porte pas " + ", ni ".join(missing))
    day = _DATE.search(plain)
    return Certificate(
        date=_date(*map(int, reversed(day.groups()))) if day else None,
        digest=digest,
        sha256=hashlib.sha256(pdf).hexdigest(),
        text=text,
    )


def _text_of(pdf: bytes) -> str:
    if not pdf.strip():
        raise _invalid("il est vide")
    if not pdf.lstrip().startswith(b"%PDF-"):
        raise _invalid("c'est une page web" if b"<html" in pdf[:2000].lower() else "ce n'est pas un PDF")
    if len(pdf) > MAX_BYTES:
        raise _invalid("il dépasse 10 Mo")
    if b"%%EOF" not in pdf[-1024:]:
        raise _invalid("il est incomplet : le téléchargement a été coupé")
    inside = look(pdf)
    if inside.error:
        raise _invalid("il est illisible")
    if not inside.text.strip():
        raise _invalid("il ne contient pas de texte")
    return inside.text[:MAX_TEXT]


def _invalid(why: str) -> CertificateInvalid:
    return CertificateInvalid(
        f"La facture est déposée, mais le certificat téléchargé n'est pas le bon : {why}.",
        cure="relancez la même commande : le robot retrouve la facture sur le portail et redemande son "
        "certificat, sans rien renvoyer.",
    )


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def normalize(text: str) -> str:
    """Lower case, no accents, plain dashes and apostrophes, single spaces: what typography may change."""
    # NFKC would make an « o » of the sign in « nº ».
    text = unicodedata.normalize("NFKC", text.replace("º", "°").replace("\N{SOFT HYPHEN}", ""))
    text = "".join(sign for sign in unicodedata.normalize("NFD", text) if not unicodedata.combining(sign))
    return " ".join(text.translate(_DASHES).replace("’", "'").casefold().split())


def contains_whole(plain: str, reference: str) -> bool:
    """Is a number or reference in a normalised text, whole? `2026-1` is not in `2026-10`, nor in `F-2026-1`.

    A line may end after one of its separators.
    """
    pattern = re.sub(r"(\\?[-_/+])", r"\1 ?", re.escape(normalize(reference))).removesuffix(" ?")
    before = r"(?<![a-z0-9_/+-])(?<![a-z0-9][_/+-] )(?<!\d[.,])"
    after = r"(?![a-z0-9_/+-])(?![.,]\d)"
    return bool(pattern) and re.search(before + pattern + after, plain) is not None


def _contains_digits(plain: str, digits: str) -> bool:
    return re.search(r"(?<!\d)" + " ?".join(digits) + r"(?!\d)", plain) is not None


def amounts_in(plain: str) -> set[Decimal]:
    """The amounts of a normalised text: `5 600,00`, `5600.00`, `5 600 eur`. `600,00` is not in `5 600,00`."""
    return {Decimal(f"{whole.replace(' ', '')}.{cents or 0}") for whole, cents in _AMOUNT.findall(plain)}


def safe_name(text: str) -> str:
    """Text as a part of a file name, on every system: letters, digits, `-` and `_`."""
    plain = unicodedata.normalize("NFD", text)
    return (
        re.sub(r"[^A-Za-z0-9_-]+", "-", plain.encode("ascii", "ignore").decode())[:60].strip("-")
        or "sans-numero"
    )


def file_name(number: str, day: date) -> str:
    """`certificat_<numero>_<AAAAMMJJ>.pdf`, with the date of the invoice."""
    return f"certificat_{safe_name(number)}_{day:%Y%m%d}.pdf"
