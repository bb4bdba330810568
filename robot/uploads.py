"""What the portal accepts as files: names, kinds, sizes; and what is found about one before it goes.

Looks at a file from outside only; `pdffile.py` looks inside.
"""

from __future__ import annotations

import os
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from robot.plain import clean, why

# A « Mo » of the portal's rules, read in the way that can only refuse too early: 1 000 000 bytes.
MO = 1_000_000
MAX_FILE = 10 * MO
MAX_TOTAL = 120 * MO
MAX_NAME = 50

# fmt: off
EXTENSIONS = frozenset({
    "bmp", "bz2", "csv", "doc", "docx", "fax", "gif", "gz", "gzip", "htm", "html", "jpeg", "jpg", "odp",
    "ods", "odt", "p7s", "pdf", "png", "pps", "ppt", "pptx", "rtf", "svg", "tgz", "tif", "tiff", "txt",
    "xhtml", "xlc", "xlm", "xls", "xlsx", "xml", "zip",
})
# fmt: on

_SAFE_NAME = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9]+")


class Level(StrEnum):
    """What a finding does to a deposit."""

    BLOCKS = "bloque"  # no deposit
    ASKS = "demande"  # a person answers
    TELLS = "signale"  # shown, the deposit goes on


@dataclass(frozen=True)
class Finding:
    """Something seen in an invoice or its file, in French, with the machine name of the check."""

    code: str
    level: Level
    message: str
    # Where it was seen, after the file's name: « page 1, ligne 7 »; empty for the file as a whole.
    place: str = ""
    # The field of the invoice that an answer fills (`recipient.siret`); empty where the answer is yes or no.
    field: str = ""
    # Answers to choose from, each with its words.
    options: tuple[tuple[str, str], ...] = ()

    @property
    def subject(self) -> str:
        """What an answer is kept under."""
        return self.field or self.code


def path_of(text: str, folder: Path | str = "") -> Path:
    """A path as somebody wrote it, from a folder on; « ~ » of a person whom this system does not know stays as it is."""
    try:
        return Path(folder) / Path(text).expanduser()
    except RuntimeError:
        return Path(folder) / text


def is_file(path: Path) -> bool:
    """Whether an ordinary file is there; what no system would take for a path is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def read_whole(path: Path) -> bytes:
    """The file, up to one byte more than the portal accepts: a file of /proc has no size, and may have no end."""
    with path.open("rb") as file:
        return file.read(MAX_FILE + 1)


def link_finding(path: Path, folder: Path) -> Finding | None:
    """A word about a file that seems to be in a folder and is elsewhere: who prepared the link may be somebody else."""
    real = path.resolve()
    named = os.path.normpath(path.absolute())
    if real.is_relative_to(folder.resolve()) or not Path(named).is_relative_to(os.path.normpath(folder.absolute())):
        return None
    message = f"{clean(path.name)} est un lien vers {clean(real)}, hors du dossier de la facture : c'est ce fichier qui part."
    return Finding("LIEN", Level.TELLS, message)


def has_safe_name(path: Path) -> bool:
    """Whether the portal can only like this name."""
    return len(path.name) <= MAX_NAME and _SAFE_NAME.fullmatch(path.name) is not None


def upload_name(path: Path) -> str:
    """The name that a file is uploaded under: its own where that is safe, else the nearest safe one."""
    if has_safe_name(path):
        return path.name
    extension = re.sub(r"[^A-Za-z0-9]", "", path.suffix)[:10] or "pdf"
    letters = unicodedata.normalize("NFKD", path.stem.replace("œ", "oe").replace("Œ", "Oe"))
    letters = "".join(letter for letter in letters if not unicodedata.combining(letter))
    stem = re.sub(r"[^A-Za-z0-9_]+", "-", letters).strip("-")[: MAX_NAME - len(extension) - 1].strip("-")
    return f"{stem or 'facture'}.{extension}"


def shown_size(size: int) -> str:
    """A size as a person reads it, never rounded below a limit that it passes."""
    for unit, name in ((MO, "Mo"), (1_000, "Ko")):
        if size >= unit:
            tenths = -(-size * 10 // unit)
            return f"{tenths // 10},{tenths % 10} {name}".replace(",0 ", " ")
    return f"{size} octets"


def attachment_refusal(path: Path) -> str:
    """Why the portal would refuse this attachment; empty when it would not."""
    if not is_file(path):
        return "fichier introuvable"
    if len(path.name) > MAX_NAME:
        return f"nom de plus de {MAX_NAME} caractères"
    if path.suffix.lower().lstrip(".") not in EXTENSIONS:
        return f"type « {clean(path.suffix)} » refusé" if path.suffix else "nom sans extension, comme .pdf"
    try:
        size = len(read_whole(path))
    except OSError as error:
        return f"fichier illisible, {why(error)}"
    if size > MAX_FILE:
        return "plus de 10 Mo"
    return "" if size else "fichier vide"
