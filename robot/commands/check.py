"""`chorus-robot check`: judges invoices without opening a browser."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from robot.config import Config, load_config
from robot.failures import InvoiceInvalid, Problem, worst_exit_code
from robot.invoice import load_invoice
from robot.screens import load_flows
from robot.uploads import Level

HELP = "Vérifie des factures : fichiers, numéros, SIRET, montants, règles du portail. Aucun navigateur n'est ouvert."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("invoices", nargs="+", type=Path, metavar="FACTURE.yaml", help="factures à vérifier")
    parser.add_argument(
        "--config", type=Path, metavar="C", help="configuration, pour le SIRET du fournisseur"
    )
    parser.add_argument("--json", action="store_true", help="un objet JSON par ligne sur la sortie standard")


def run(options: argparse.Namespace) -> int:
    config = found_config(options.config)
    supplier = config.supplier.siret if config else None
    return worst_exit_code([check_one(path, supplier, as_json=options.json) for path in options.invoices])


def found_config(path: Path | None) -> Config | None:
    """The configuration named, or config.yaml where there is one: it holds the supplier's SIRET."""
    path = path or (Path("config.yaml") if Path("config.yaml").is_file() else None)
    return load_config(path, profiles=tuple(load_flows().profiles)) if path else None


def check_one(path: Path, supplier: str | None, *, as_json: bool) -> int:
    """Exit code of one invoice; its findings are shown."""
    try:
        loaded = load_invoice(path, supplier=supplier)
    except InvoiceInvalid as failure:
        for problem in failure.problems:
            _show(problem.code or "FICHIER", Level.BLOCKS, problem, as_json=as_json)
        return failure.exit_code
    for finding in loaded.findings:
        _show(finding.code, finding.level, Problem(path, 0, finding.message), as_json=as_json)
    if not as_json:
        print(f"✓ {path} : la facture {loaded.invoice.number} peut être déposée.")
    return 0


def _show(code: str, level: Level, problem: Problem, *, as_json: bool) -> None:
    if as_json:
        message = " ".join(part for part in (problem.what, problem.expected, problem.cure) if part)
        line = {"code": code, "level": level.value, "message": message, "place": problem.place}
        print(json.dumps(line, ensure_ascii=False))
    else:
        print(f"{problem} [{level.value}]", file=sys.stderr)
