"""What the portal makes of a file that is handed to it: its format, or a refusal. Never keeps anything.

Knows nothing of forms and HTTP.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator
from enum import StrEnum
from pathlib import PurePosixPath, PureWindowsPath

import pikepdf

# « Mo » read strictly: what passes here passes wherever the limit is larger.
MO = 1_000_000
MAX_FILE = 10 * MO
MAX_TOTAL = 120 * MO
MAX_INVOICE_NAME = 200
MAX_ATTACHMENT_NAME = 50
MAX_DESIGNATION = 100

# fmt: off
EXTENSIONS = frozenset({
    "bmp", "bz2", "csv", "doc", "docx", "fax", "gif", "gz", "gzip", "htm", "html", "jpeg", "jpg", "odp",
    "ods", "odt", "p7s", "pdf", "png", "pps", "ppt", "pptx", "rtf", "svg", "tgz", "tif", "tiff", "txt",
    "xhtml", "xlc", "xlm", "xls", "xlsx", "xml", "zip",
})
# fmt: on

ATTACHMENT_TYPES = (
    "Bon de commande",
    "Bon de livraison",
    "Bordereau de suivi",
    "Document annexe",
    "Pièce jointe standard",
)

_LOCKED = "Le fichier PDF est protégé par un mot de passe."
_EMBEDDED_INVOICES = {"factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml", "order-x.xml"}


class Format(StrEnum):
    """Formats that the portal detects; the values are those of its API."""

    UNSIGNED = "PDF_NON_SIGNE"
    SIGNED = "PDF_SIGNE_PADES"
    FACTUR_X = "PDF_A3_FACTURX"


FORMAT_LABELS = {
    Format.UNSIGNED: "PDF non signé",
    Format.SIGNED: "PDF signé (PAdES)",
    Format.FACTUR_X: "PDF/A-3 (Factur-X)",
}


class FileRefused(Exception):
    """The portal does not take this file; the argument is its French sentence."""


def plain_name(name: str) -> str:
    """A file name without the folders that some browsers send with it."""
    return PureWindowsPath(PurePosixPath(name).name).name


def take_invoice(name: str, content: bytes) -> Format:
    """The format of an invoice file. Raises FileRefused."""
    if not name.lower().endswith(".pdf"):
        raise FileRefused("Le fichier doit être un PDF et porter l'extension « .pdf ».")
    if len(name) > MAX_INVOICE_NAME:
        raise FileRefused(f"Le nom du fichier ne doit pas dépasser {MAX_INVOICE_NAME} caractères.")
    if not content:
        raise FileRefused("Le fichier est vide.")
    if len(content) > MAX_FILE:
        raise FileRefused("La taille du fichier ne doit pas dépasser 10 Mo.")
    if b"%PDF-" not in content[:1024]:
        raise FileRefused("Le fichier n'est pas un PDF, malgré son extension.")
    try:
        return _format_of(content)
    except FileRefused:
        raise
    except Exception:  # a broken PDF makes its reader raise nearly anything
        raise FileRefused("Le fichier PDF est illisible : il est abîmé ou incomplet.") from None


def _format_of(content: bytes) -> Format:
    try:
        # A file that is cut would be rebuilt, without its last pages.
        with pikepdf.open(io.BytesIO(content.rstrip(b"\0\r\n\t ")), attempt_recovery=False) as pdf:
            if pdf.is_encrypted:
                raise FileRefused(_LOCKED)
            if not len(pdf.pages):
                raise FileRefused("Le fichier PDF ne contient aucune page.")
            if any(name.lower() in _EMBEDDED_INVOICES for name in _attached(pdf)):
                return Format.FACTUR_X
    except pikepdf.PasswordError:
        raise FileRefused(_LOCKED) from None
    return Format.SIGNED if b"/ByteRange" in content else Format.UNSIGNED


def _attached(pdf: pikepdf.Pdf) -> Iterator[str]:
    for key, file in pdf.attachments.items():
        yield from (key, file.filename)


def check_attachment(name: str, content: bytes, others: Collection[int]) -> None:
    """Raises FileRefused for an attachment that the portal does not take.

    `others`: sizes of the invoice and of what is joined to it already.
    """
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if not extension:
        raise FileRefused("Le nom du fichier doit porter une extension.")
    if extension not in EXTENSIONS:
        raise FileRefused(f"L'extension « .{extension} » n'est pas acceptée.")
    if len(name) > MAX_ATTACHMENT_NAME:
        raise FileRefused(
            f"Le nom du fichier ne doit pas dépasser {MAX_ATTACHMENT_NAME} caractères, extension comprise."
        )
    if not content:
        raise FileRefused("Le fichier est vide.")
    if len(content) > MAX_FILE:
        raise FileRefused("La taille du fichier ne doit pas dépasser 10 Mo.")
    if len(content) + sum(others) > MAX_TOTAL:
        raise FileRefused("La facture et ses pièces jointes ne doivent pas dépasser 120 Mo au total.")
