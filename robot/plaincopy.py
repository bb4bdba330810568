"""The plain copy of a PDF: the same pages beside the original, without hidden files, programs, or the claim to be an e-invoice.

Never touches the original, and never writes over anything. Knows nothing of portals, nor of what an invoice says.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from robot import pdffile
from robot.failures import FileInvalid, Problem
from robot.pdffile import Inside, inspect, look
from robot.plain import why
from robot.uploads import MAX_FILE, MAX_NAME, is_file, read_whole, upload_name
from robot.wholefile import write_atomically
from robot.worker import WorkerLost

# What makes a copy impossible, or a thing that nobody should trust.
_OBSTACLES = {
    "FICHIER_ABSENT",
    "FICHIER_VIDE",
    "FICHIER_TROP_GROS",
    "PAS_UN_PDF",
    "PDF_ILLISIBLE",
    "PDF_REPARE",
    "PDF_MOT_DE_PASSE",
    "PDF_PROTEGE",
}
_SUFFIX = "-simple"


def plain_copy(path: Path) -> Path:
    """Writes `<name>-simple.pdf` in the same folder and gives its path; the same copy that is there already is given again.

    Raises FileInvalid where the original cannot be copied, where the copy would not show the same pages, and where it
    cannot be written.
    """
    problems = [
        Problem(path, 0, finding.message, code=finding.code) for finding in inspect(path) if finding.code in _OBSTACLES
    ]
    if problems:
        raise FileInvalid(problems)
    try:
        data = read_whole(path)
        copy = _stripped_elsewhere(path, data)
        _compare(path, look(data), look(copy))
        return _write(path, copy)
    except OSError as error:
        raise _refused(path, f"la copie simple ne peut pas être écrite, {why(error)}") from None


def _stripped_elsewhere(path: Path, data: bytes) -> bytes:
    """The copy, made by the process that may die of it."""
    try:
        kind, _, copy = pdffile.WORKER.ask(b"plain\n" + data, seconds=pdffile.SECONDS).partition(b"\n")
    except WorkerLost:
        kind, copy = b"", b""
    if kind != b"pdf":
        raise _refused(path, "la copie simple n'a pas pu être faite")
    if len(copy) > MAX_FILE:
        raise _refused(path, "la copie simple pèserait plus de 10 Mo")
    return copy


def _compare(path: Path, original: Inside, copy: Inside) -> None:
    """Refuses a copy that is not the same pages, or not plain."""
    if copy.error or copy.repaired or copy.files or copy.pdf_a3 or copy.javascript:
        raise _refused(path, "ce qui est caché dedans n'a pas pu être enlevé")
    if (copy.page_count, copy.text, copy.pages) != (original.page_count, original.text, original.pages):
        raise _refused(path, "la copie simple n'aurait pas le même texte")


def _refused(path: Path, what: str) -> FileInvalid:
    cure = "ouvrez le fichier, puis « Imprimer », « Enregistrer au format PDF », sous un autre nom"
    return FileInvalid([Problem(path, 0, what, cure=cure, code="COPIE_SIMPLE")])


def _write(path: Path, copy: bytes) -> Path:
    names = _names(path)
    while True:
        target = next(names)
        try:
            # Claims the name: between a look and a write, another program may take it.
            os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            if is_file(target) and read_whole(target) == copy:
                return target
            continue
        try:
            write_atomically(target, copy)
        except BaseException:
            target.unlink()
            raise
        return target


def _names(path: Path) -> Iterator[Path]:
    """Names that the portal takes, one after the other."""
    stem = Path(upload_name(path.with_suffix(".pdf"))).stem.removesuffix(_SUFFIX)
    for number in count(1):
        end = f"{_SUFFIX}{'' if number == 1 else f'-{number}'}.pdf"
        yield path.with_name(stem[: MAX_NAME - len(end)].rstrip("-") + end)
