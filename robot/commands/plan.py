"""`chorus-robot plan`: what a deposit would do, sentence by sentence; no browser is opened."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from robot.account import Account
from robot.attempt import JOURNEY
from robot.checks import judge
from robot.commands.check import found_config
from robot.entries import is_written, paper, written
from robot.known import known_of
from robot.plan import plan
from robot.redaction import secret
from robot.review import reviewed_flows
from robot.steps import Effect, Goal

HELP = "Affiche les étapes numérotées d'un dépôt, avec ce qui sera saisi. Aucun navigateur n'est ouvert."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("invoice", type=Path, metavar="FACTURE", help="une facture : PDF ou facture.yaml")
    parser.add_argument(
        "--config", type=Path, metavar="C", help="configuration (SIRET du fournisseur, compte)"
    )
    parser.add_argument("--draft", action="store_true", help="le parcours qui s'arrête au brouillon")
    parser.add_argument("--json", action="store_true", help="un objet JSON par ligne sur la sortie standard")


def run(options: argparse.Namespace) -> int:
    flows = reviewed_flows()
    config = found_config(options.config)
    entry = written(options.invoice) if is_written(options.invoice) else paper(options.invoice)
    invoice = judge(entry, known_of(config, None)).loaded().invoice
    email = config.account.email if config else "(votre adresse de connexion)"
    account = Account.of(email, secret("•"), None)
    goal = Goal.DRAFT if options.draft else Goal.SEND
    values = {"invoice": invoice, "supplier": invoice.supplier, "account": account}
    screen = ""
    for sentence in plan(flows, JOURNEY, goal, values):
        if options.json:
            line = {
                "number": sentence.number,
                "line": sentence.line,
                "say": sentence.say,
                "screen": sentence.screen,
                "effect": sentence.effect.value,
                "values": list(sentence.values),
                "source": sentence.source,
            }
            print(json.dumps(line, ensure_ascii=False))
            continue
        if sentence.screen != screen:
            screen = sentence.screen
            print(f"\n{screen}")
        line_number = "" if sentence.line == "new" else sentence.line
        mark = "  ◀ ne peut pas être défait" if sentence.effect is Effect.SEND else ""
        print(f"{sentence.number:>4}. {line_number:<5} {sentence.say}{mark}")
        if sentence.values:
            print(f"            → {', '.join(value for value in sentence.values if value)}")
    return 0
