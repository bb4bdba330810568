"""Checks a deposit dossier years later, without the portal, the journal or the robot that made it.

Knows not how a dossier is written: it reads the manifest, the files that it lists, the certificate's text.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from pydantic import BaseModel, ValidationError

from robot import certificate, manifest
from robot.certificate import CertificateInvalid
from robot.failures import Problem
from robot.manifest import File, Log, Manifest, ReadBack

# A dossier that was looked at with a file manager keeps its marks.
_LEFT_BY_SYSTEMS = {".DS_Store", "Thumbs.db", "desktop.ini"}
_MAX_JSON = 20_000_000


def verify(folder: Path, *, manifest_sha256: str | None = None) -> list[Problem]:
    """All that is wrong with a dossier. `manifest_sha256`: the one noted in the journal, if there is one."""
    path = folder / manifest.MANIFEST
    try:
        data = _read(path)
        facts = Manifest.model_validate_json(data)
    except FileNotFoundError:
        return [
            Problem(
                path, 0, "le manifeste manque", cure="donnez le dossier d'un dépôt", code="MANIFESTE_ABSENT"
            )
        ]
    except (OSError, ValidationError) as error:
        return [Problem(path, 0, f"le manifeste est illisible : {_first(error)}", code="MANIFESTE_ILLISIBLE")]
    problems = []
    if manifest_sha256 and manifest_sha256 != hashlib.sha256(data).hexdigest():
        what = "le manifeste n'est plus celui que le journal du robot a noté"
        problems.append(Problem(path, 0, what, code="MANIFESTE_CHANGE"))
    if facts.ended is None:
        problems.append(
            Problem(path, 0, "l'exécution a été interrompue : dossier inachevé", code="INTERROMPU")
        )
    for file in facts.files:
        problems += _check_file(folder, file)
    problems += _check_extra(folder, facts)
    problems += _check_record(folder / manifest.LOG, Log, facts)
    problems += _check_record(folder / manifest.READ_BACK, ReadBack, facts)
    return problems + _check_certificate(folder, facts)


def _check_file(folder: Path, file: File) -> list[Problem]:
    path = folder / file.path
    if not path.is_file():
        return [Problem(path, 0, "ce fichier manque", code="FICHIER_ABSENT")]
    if path.is_symlink() or not path.resolve().is_relative_to(folder.resolve()):
        return [Problem(path, 0, "ce fichier est un lien vers un autre endroit", code="LIEN")]
    if path.stat().st_size != file.size:
        what = f"ce fichier fait {path.stat().st_size} octets"
        return [Problem(path, 0, what, f"{file.size} octets", code="FICHIER_CHANGE")]
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != file.sha256:
        what = "ce fichier a changé depuis le dépôt"
        return [Problem(path, 0, what, f"SHA-256 {file.sha256}", code="FICHIER_CHANGE")]
    return []


def _check_extra(folder: Path, facts: Manifest) -> list[Problem]:
    known = {file.path for file in facts.files} | {manifest.MANIFEST, manifest.REPORT}
    found = (path for path in sorted(folder.rglob("*")) if path.is_symlink() or not path.is_dir())
    return [
        Problem(path, 0, "ce fichier n'est pas dans le manifeste", code="FICHIER_EN_TROP")
        for path in found
        if path.relative_to(folder).as_posix() not in known and path.name not in _LEFT_BY_SYSTEMS
    ]


def _check_record(path: Path, record: type[BaseModel], facts: Manifest) -> list[Problem]:
    if not path.is_file():
        return []
    try:
        read = record.model_validate_json(_read(path))
    except (OSError, ValidationError) as error:
        return [Problem(path, 0, f"ce fichier est illisible : {_first(error)}", code="FICHIER_ILLISIBLE")]
    if getattr(read, "run", facts.run) != facts.run:
        return [Problem(path, 0, "ce fichier vient d'une autre exécution", facts.run, code="AUTRE_EXECUTION")]
    return []


def _check_certificate(folder: Path, facts: Manifest) -> list[Problem]:
    kept, invoice = facts.certificate, facts.invoice
    if kept is None:
        if facts.outcome != "deposited":
            return []
        what = "la facture est dite déposée, mais aucun certificat n'est gardé"
        return [Problem(folder / manifest.MANIFEST, 0, what, code="CERTIFICAT_ABSENT")]
    path = folder / kept.path
    listed = {file.path: file.sha256 for file in facts.files}
    if listed.get(kept.path) != kept.sha256:
        return [Problem(path, 0, "le manifeste se contredit sur le certificat", code="CERTIFICAT_INVALIDE")]
    if facts.sending and facts.sending.digest and facts.sending.digest != kept.digest:
        what = "l'empreinte du certificat n'est pas celle que le portail a affichée"
        return [Problem(path, 0, what, facts.sending.digest, code="CERTIFICAT_INVALIDE")]
    if invoice is None or not path.is_file():
        return []
    try:
        certificate.check(
            _read(path),
            number=invoice.number,
            supplier=invoice.supplier.siret,
            recipient=invoice.recipient.siret,
            amount=invoice.amounts.ttc,
            digest=kept.digest,
        )
    except (OSError, CertificateInvalid) as error:
        return [Problem(path, 0, str(getattr(error, "what", error)), code="CERTIFICAT_INVALIDE")]
    return []


def _read(path: Path) -> bytes:
    if path.stat().st_size > _MAX_JSON:
        raise OSError("fichier trop gros")
    return path.read_bytes()


def _first(error: OSError | ValidationError) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    details = error.errors(include_url=False)[0]
    return f"« {'.'.join(map(str, details['loc'])) or 'le fichier'} » ({details['msg']})"
