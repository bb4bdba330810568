"""`chorus-robot check`: judges invoices without opening a browser."""

from __future__ import annotations

import argparse
import json
import re
import sys
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path

from robot.amounts import euros
from robot.checks import Judged, judge, problem_of
from robot.config import Config, load_config
from robot.entries import Entry, entries_of
from robot.failures import Failure, InvoiceInvalid, Problem, worst_exit_code
from robot.journal import Journal
from robot.journal_place import known_place
from robot.known import Known, known_of
from robot.plain import brief, clean
from robot.plaincopy import plain_copy
from robot.screens import load_flows
from robot.uploads import Level

HELP = (
    "Vérifie des factures : ce qu'on y lit, fichiers, numéros, SIRET, montants, règles du portail. "
    "Aucun navigateur n'est ouvert, rien n'est déposé."
)
INVOICES = "factures : PDF, facture.yaml, dossier, ou liste CSV ou XLSX"

# What is shown of an invoice, and its words.
_SHOWN = {
    "number": "numéro",
    "date": "date",
    "supplier.siret": "votre SIRET",
    "recipient.siret": "SIRET du destinataire",
    "recipient.service": "code service",
    "engagement": "bon de commande",
    "market": "marché",
    "amounts.ht": "total HT",
    "amounts.tva": "TVA",
    "amounts.ttc": "total TTC",
    "amounts.due": "à payer",
    "vat.type": "type de TVA",
    "currency": "devise",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("invoices", nargs="+", type=Path, metavar="FACTURE", help=INVOICES)
    parser.add_argument("--config", type=Path, metavar="C", help="configuration, pour votre SIRET et votre carnet")
    parser.add_argument("--json", action="store_true", help="un objet JSON par ligne sur la sortie standard")
    parser.add_argument(
        "--plain-copy",
        action="store_true",
        help="d'une facture Factur-X, écrit à côté une copie en PDF simple, que le portail accepte",
    )


def run(options: argparse.Namespace) -> int:
    config = found_config(options.config)
    with ExitStack() as stack:
        known = known_of(config, _known_journal(config, stack))
        codes = [
            _check(entry, known, as_json=options.json, copying=options.plain_copy)
            for path in options.invoices
            for entry in entries_of(path)
        ]
    return worst_exit_code(codes)


def found_config(path: Path | None) -> Config | None:
    """The configuration named, or config.yaml where there is one: it holds the supplier's SIRET."""
    path = path or (Path("config.yaml") if Path("config.yaml").is_file() else None)
    return load_config(path, profiles=tuple(load_flows().profiles)) if path else None


def _known_journal(config: Config | None, stack: ExitStack) -> Journal | None:
    """The journal, where there is one already: a check leaves nothing behind."""
    place = config.journal_place() if config else None
    place = place or known_place()
    if place is None or (isinstance(place, Path) and not place.is_file()):
        return None
    return stack.enter_context(Journal(place))


def _check(entry: Entry | InvoiceInvalid, known: Known, *, as_json: bool, copying: bool) -> int:
    """Exit code of one invoice; its findings are shown."""
    if isinstance(entry, InvoiceInvalid):
        for problem in entry.problems:
            _show(problem.code or "FICHIER", Level.BLOCKS, problem, as_json=as_json)
        return entry.exit_code
    judged = judge(entry, known)
    if not as_json:
        _show_values(judged)
    for problem in judged.problems:
        _show(problem.code or "FICHIER", Level.BLOCKS, problem, as_json=as_json)
    for finding in judged.findings:
        _show(finding.code, finding.level, problem_of(entry, finding), as_json=as_json)
    if copying and any(problem.code == "PDF_FACTURX" for problem in judged.problems):
        _copy(judged)
    if not as_json:
        print(_verdict(judged))
    return InvoiceInvalid.exit_code if judged.problems else 0


def _copy(judged: Judged) -> None:
    file = judged.file
    try:
        assert file
        print(f"  copie simple : {plain_copy(file)} (l'original n'a pas changé)", file=sys.stderr)
    except Failure as failure:
        print(f"  {failure}", file=sys.stderr)


def _show_values(judged: Judged) -> None:
    """What will be deposited, and where each value comes from."""
    if judged.entry.is_written or not any(judged.reading.values()):
        return
    print(clean(judged.entry.place))
    for path, words in _SHOWN.items():
        if value := judged.draft[path]:
            # A number may look like a day.
            shown = _in_french(str(value)) if path == "date" or path.startswith("amounts.") else brief(str(value), 60)
            print(f"  {words:<22} {shown:<24} {judged.draft.origin(path)}")


def _in_french(value: str) -> str:
    """A day and an amount as the invoice prints them."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return "/".join(reversed(value.split("-")))
    return euros(Decimal(value)) if re.fullmatch(r"-?\d{1,13}\.\d\d", value) else brief(value, 60)


def _verdict(judged: Judged) -> str:
    place = clean(judged.entry.place)
    if judged.problems:
        return f"✗ {place} : cette facture ne peut pas partir ainsi."
    if not judged.entry.is_written and (count := len(judged.questions)):
        return f"? {place} : {count} question{'s' if count > 1 else ''} avant de partir ; chorus-robot deposit les pose."
    assert judged.invoice
    return f"✓ {place} : la facture {judged.invoice.number} peut être déposée."


def _show(code: str, level: Level, problem: Problem, *, as_json: bool) -> None:
    if as_json:
        message = " ".join(part for part in (problem.what, problem.expected, problem.cure) if part)
        line = {"code": code, "level": level.value, "message": message, "place": problem.place}
        print(json.dumps(line, ensure_ascii=False), flush=True)
    else:
        print(f"{problem} [{level.value}]", file=sys.stderr)
