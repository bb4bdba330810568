"""`chorus-robot deposit`: puts invoices on the portal, or prepares their drafts, and brings back the certificates."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from sqlalchemy.engine import URL

from robot.config import Config, load_config
from robot.console import Console
from robot.deposit import Depositor, Result, refused_before, settled
from robot.entrance import entered
from robot.failures import Failure, InvoiceInvalid, Problem, worst_exit_code
from robot.invoice import LoadedInvoice, load_invoice
from robot.journal import Journal
from robot.review import reviewed_flows
from robot.screens import Flows
from robot.session import Destination, destination_of
from robot.steps import Goal

HELP = "Dépose des factures sur le portail choisi et rapporte leurs certificats de dépôt."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("invoices", nargs="+", type=Path, metavar="FACTURE.yaml", help="factures à déposer")
    add_portal_arguments(parser)
    goal = parser.add_mutually_exclusive_group()
    goal.add_argument(
        "--dry-run",
        action="store_const",
        const=Goal.DRY_RUN,
        dest="goal",
        help="remplit, relit, puis quitte sans rien garder",
    )
    goal.add_argument(
        "--draft",
        action="store_const",
        const=Goal.DRAFT,
        dest="goal",
        help="s'arrête au brouillon (par défaut, sauf sur la réplique)",
    )
    goal.add_argument(
        "--send",
        action="store_const",
        const=Goal.SEND,
        dest="goal",
        help="envoie la facture (par défaut sur la réplique seulement)",
    )
    parser.add_argument(
        "--out", type=Path, metavar="DOSSIER", help="où ranger certificats et dossiers de preuve"
    )


def add_portal_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of every verb that opens a portal."""
    parser.add_argument(
        "--config", type=Path, default=Path("config.yaml"), metavar="C", help="configuration (config.yaml)"
    )
    parser.add_argument(
        "--portal", metavar="NOM", help="portail à utiliser, au lieu de celui de la configuration"
    )
    parser.add_argument("--headed", action="store_true", help="montre le navigateur")
    parser.add_argument("--json", action="store_true", help="un objet JSON par ligne sur la sortie standard")


def run(options: argparse.Namespace) -> int:
    flows = reviewed_flows()
    config = load_config(options.config, profiles=tuple(flows.profiles))
    destination = destination_of(config, options.portal, flows, options.config)
    goal = options.goal or (Goal.SEND if destination.embedded else Goal.DRAFT)
    results, ready = load_all(options.invoices, config)
    for result in results:
        show(result, as_json=options.json)
    if ready:
        results += deposit_all(
            ready,
            flows,
            config,
            destination,
            goal=goal,
            out=options.out or config.out,
            headed=options.headed,
            as_json=options.json,
        )
    return worst_exit_code([result.exit_code for result in results])


def load_all(paths: list[Path], config: Config) -> tuple[list[Result], list[LoadedInvoice]]:
    """Invoices that can go, and the results of those that cannot; all are judged before any browser opens."""
    refused: list[Result] = []
    ready: list[LoadedInvoice] = []
    for path in paths:
        try:
            loaded = load_invoice(path, supplier=config.supplier.siret)
        except Failure as failure:
            refused.append(refused_before(str(path), failure))
            continue
        twin = next(
            (
                r
                for r in ready
                if r.invoice.number == loaded.invoice.number
                and r.invoice.supplier.siret == loaded.invoice.supplier.siret
            ),
            None,
        )
        if twin:
            same = Problem(path, 0, f"le numéro {loaded.invoice.number} est aussi celui de {twin.path}")
            refused.append(refused_before(str(path), InvoiceInvalid([same])))
        else:
            ready.append(loaded)
    return refused, ready


def deposit_all(
    ready: list[LoadedInvoice],
    flows: Flows,
    config: Config,
    destination: Destination,
    *,
    goal: Goal,
    out: Path,
    headed: bool,
    as_json: bool,
    journal_at: Path | URL | None = None,
) -> list[Result]:
    """Deposits in the order given, signed in once."""
    results: list[Result] = []
    waiting: list[LoadedInvoice] = []

    def tell(result: Result) -> None:
        results.append(result)
        show(result, as_json=as_json)

    with Journal(journal_at or config.journal_place()) as journal:
        for loaded in ready:
            known = None if destination.embedded else settled(journal, destination.place, loaded.invoice)
            tell(known) if known else waiting.append(loaded)
        if not waiting:
            return results
        suppliers = [loaded.invoice.supplier.siret for loaded in waiting]
        headless = not headed and config.browser.headless
        with entered(config, flows, destination, journal, suppliers=suppliers, headless=headless) as session:
            office = Depositor(flows, journal, session, goal=goal, out=out, config=config.file, listeners=[Console()])
            for loaded in waiting:
                tell(office.deposit(loaded))
    return results


def show(result: Result, *, as_json: bool) -> None:
    """The outcome of one invoice: JSON on stdout, or a few French lines."""
    if as_json:
        print(json.dumps(result.to_json(), ensure_ascii=False), flush=True)
        return
    if result.folder is None:
        print(f"✗ {result.invoice} : {result.message}", file=sys.stderr)
        return
    print(f"{result.invoice} : {result.outcome}")
    if result.certificate:
        print(f"  certificat : {result.certificate}")
    print(f"  rapport    : {result.folder / 'rapport.html'}", flush=True)
