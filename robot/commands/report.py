"""`chorus-robot report`: shows, makes again or verifies deposit dossiers, without the portal."""

from __future__ import annotations

import argparse
import json
import webbrowser
from pathlib import Path

from robot import manifest
from robot.failures import CommandInvalid, Failure, Problem
from robot.journal import Journal
from robot.journal_place import known_place
from robot.report import judge, write_report
from robot.verification import verify

HELP = "Montre, refait ou vérifie le dossier d'un dépôt, sans le portail."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "dossier",
        nargs="?",
        metavar="EXÉCUTION|DOSSIER",
        help="le nom d'une exécution (ou son début), un dossier de dépôt, ou un dossier qui en contient ; "
        "par défaut, la dernière exécution",
    )
    parser.add_argument(
        "--verify",
        action="store_true",
        help="vérifie chaque fichier et le certificat, sans le portail et sans rien écrire",
    )
    parser.add_argument("--open", action="store_true", help="ouvre la page dans le navigateur")
    parser.add_argument(
        "--json", action="store_true", help="un objet JSON par dossier sur la sortie standard"
    )


def run(args: argparse.Namespace) -> int:
    """0: done; 1: a dossier does not hold what it says; 2: there is no such dossier."""
    exit_code = 0
    for folder in _folders(args.dossier):
        if not (folder / manifest.MANIFEST).is_file():
            raise CommandInvalid(
                f"{folder} n'est pas un dossier de dépôt.", expected="un dossier avec manifest.json"
            )
        page = folder / manifest.REPORT
        problems = verify(folder, manifest_sha256=_noted(folder)) if args.verify else []
        if not args.verify or (args.open and not page.is_file()):
            write_report(folder)
        if args.json:
            print(json.dumps(_to_json(folder, page, problems if args.verify else None), ensure_ascii=False))
        else:
            _tell(folder, page, problems, is_verified=args.verify)
        if args.open:
            webbrowser.open(page.absolute().as_uri())
        exit_code = max(exit_code, 1 if problems else 0)
    return exit_code


def _folders(named: str | None) -> list[Path]:
    if named is not None and Path(named).exists():
        folder = Path(named) if Path(named).is_dir() else Path(named).parent
        inside = sorted(path.parent for path in folder.glob(f"*/{manifest.MANIFEST}"))
        return inside if inside and not (folder / manifest.MANIFEST).is_file() else [folder]
    runs = []
    if place := known_place():
        with Journal(place) as journal:
            runs = [known for known in journal.runs(named or "") if known.folder]
    if named is None and runs:
        runs = runs[:1]
    if not runs:
        what = (
            f"Aucun dossier et aucune exécution ne s'appelle « {named} »."
            if named
            else "Aucun dépôt n'a été fait."
        )
        raise CommandInvalid(what, cure="donnez le dossier d'un dépôt, celui qui contient manifest.json.")
    if len(runs) > 1:
        names = ", ".join(known.run for known in runs[:5])
        raise CommandInvalid(f"Plusieurs exécutions commencent par « {named} » : {names}.")
    return [known.folder for known in runs if known.folder]


def _noted(folder: Path) -> str | None:
    """The manifest's hash as the journal noted it; a dossier that came from elsewhere has none."""
    try:
        place = known_place()
        if place is None:
            return None
        with Journal(place) as journal:
            return journal.evidence_hash((folder / manifest.MANIFEST).absolute())
    except Failure:
        return None


def _to_json(folder: Path, page: Path, problems: list[Problem] | None) -> dict[str, object]:
    line: dict[str, object] = {"folder": str(folder), "report": str(page) if page.is_file() else None}
    facts = _facts(folder)
    if facts:
        line |= {
            "run": facts.run,
            "outcome": facts.outcome,
            "invoice": facts.invoice and facts.invoice.number,
        }
    if problems is not None:
        told = [
            {"file": str(p.path), "code": p.code, "what": p.what, "expected": p.expected} for p in problems
        ]
        line |= {"valid": not problems, "problems": told}
    return line


def _tell(folder: Path, page: Path, problems: list[Problem], *, is_verified: bool) -> None:
    facts = _facts(folder)
    if facts:
        about = f"{facts.invoice.number} : " if facts.invoice else ""
        print(f"{about}{judge(facts).headline}")
    if not is_verified:
        print(f"  {page}")
        return
    for problem in problems:
        print(f"  {problem}")
    files = len(facts.files) if facts else 0
    print(
        f"  {folder} : "
        + ("dossier NON conforme" if problems else f"dossier conforme ({files} fichiers vérifiés)")
    )


def _facts(folder: Path) -> manifest.Manifest | None:
    try:
        return manifest.Manifest.model_validate_json((folder / manifest.MANIFEST).read_bytes())
    except (OSError, ValueError):
        return None
