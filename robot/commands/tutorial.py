"""`chorus-robot tutorial`: which lines of the tutorial are still true on a portal; mends the flows."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from robot.console import Console
from robot.events import now
from robot.failures import CommandInvalid
from robot.journal import Journal
from robot.questions import is_attended
from robot.review import reviewed_flows
from robot.tutorial import telling
from robot.tutorial.checkup import Order, accept, carry_out, chosen, exit_code_of, publish
from robot.tutorial.mending import mend, patch
from robot.tutorial.portalcheck import JOURNEYS, Checked, Reach
from robot.tutorial.verdicts import Cause, Check

HELP = (
    "Fait les parcours du tutoriel sur un portail et dit quelles lignes sont encore vraies. Ailleurs que sur la réplique\n"
    "d'entraînement, rien d'irréversible : le dépôt s'arrête au brouillon, supprimé ensuite."
)

_EXIT_CODES = """codes de sortie :
  0 tout est vrai        1 des lignes ne sont plus vraies, le robot passe       70 des flows sont à corriger
  75 portail indisponible ou qui refuse                                         77 une personne est nécessaire
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EXIT_CODES
    parser.add_argument("--config", type=Path, metavar="C", help="configuration (config.yaml)")
    parser.add_argument("--portal", metavar="NOM", help="portail à vérifier, au lieu de celui de la configuration")
    parser.add_argument(
        "--generation", choices=["2021", "2024"], help="réplique intégrée : portail du tutoriel, ou actuel"
    )
    reach = parser.add_mutually_exclusive_group()
    reach.add_argument(
        "--read-only",
        action="store_const",
        const=Reach.READ_ONLY,
        dest="reach",
        help="surveillance : session gardée, aucun fichier choisi, aucun brouillon",
    )
    reach.add_argument(
        "--send", action="store_const", const=Reach.SEND, dest="reach", help="va jusqu'à l'envoi de --facture"
    )
    parser.add_argument("--facture", type=Path, metavar="FACTURE", help="facture à prendre, au lieu de celle d'exemple")
    parser.add_argument(
        "--journey", nargs="+", choices=JOURNEYS, default=JOURNEYS, help="parcours à faire (tous par défaut)"
    )
    parser.add_argument("--fix", action="store_true", help="montre la correction des flows et, sur un oui, l'écrit")
    parser.add_argument("--yes", action="store_true", help="avec --fix : écrit sans demander")
    parser.add_argument("--out", type=Path, metavar="DOSSIER", help="où ranger le rapport (tutoriel/PORTAIL-DATE)")
    parser.add_argument("--headed", action="store_true", help="montre le navigateur")
    parser.add_argument("--json", action="store_true", help="un objet JSON sur la sortie standard")


def run(options: argparse.Namespace) -> int:
    order = ordered(options)
    if options.fix and not options.yes and not is_attended():
        raise CommandInvalid("--fix pose une question, et personne n'est devant ce terminal.", cure="ajoutez --yes.")
    moment = now().astimezone()
    name = order.destination.place.name
    out = options.out or Path("tutoriel") / f"{name}-{moment:%Y-%m-%d-%H%M%S}"
    with Journal(order.config.journal_place()) as journal:
        checked = carry_out(order, journal, out)
    page = publish(checked, order.flows, out)
    code = exit_code_of(checked.check)
    if options.json:
        print(json.dumps(summary(checked.check, page, code), ensure_ascii=False), flush=True)
    else:
        print(telling.table(checked.check))
        print(f"Rapport : {page}", flush=True)
    if options.fix:
        fix(order, checked, ask=not options.yes)
    return code


def ordered(options: argparse.Namespace) -> Order:
    """What the options ask for. Raises ConfigInvalid, CommandInvalid."""
    flows = reviewed_flows()
    config, destination = chosen(
        flows, config=options.config, portal=options.portal, generation=options.generation
    )
    return Order(
        flows,
        config,
        destination,
        reach=options.reach,
        journeys=tuple(options.journey),
        facture=options.facture,
        headless=not options.headed and config.browser.headless,
        listeners=(Console(),),
    )


def summary(check: Check, page: Path, code: int) -> dict[str, object]:
    """The check in short, for programs; all of it is in `rapport.json`."""
    return {
        "run": check.run,
        "portal": check.portal,
        "place": check.place,
        "generation": check.generation,
        "reach": check.reach,
        "lines": {verdict.line: verdict.holding.value for verdict in check.verdicts},
        "changed": [
            {
                "line": verdict.line,
                "verdict": verdict.holding.value,
                "cause": verdict.cause.value if verdict.cause else None,
                "since": verdict.since.isoformat() if verdict.since else None,
                "message": telling.sentence(verdict),
            }
            for verdict in check.changed
        ],
        "new": [finding.what for finding in check.news],
        "mends": len(check.mends),
        "stops": check.stops,
        "cause": check.cause.value if check.cause else None,
        "remarks": list(check.remarks),
        "report": str(page),
        "exit_code": code,
    }


def fix(order: Order, checked: Checked, *, ask: bool) -> None:
    """Shows what makes the flows true again, and writes it where the person agrees. On stderr: `--json` stays clean.

    Raises FlowInvalid, FlowsUnwritable, CommandInvalid where the files cannot be changed.
    """
    check = checked.check
    day = check.at.astimezone().date()
    text = patch(order.flows, check.mends, day=day, portal=check.portal)
    is_other = any(verdict.cause is Cause.PORTAL for verdict in check.changed)
    if not text and not is_other:
        _say("Aucun flow à corriger.")
        return
    if text:
        _say(f"Correction des flows :\n\n{text}")
        if ask and not _agreed("L'écrire ?"):
            _say("Rien n'est écrit.")
            return
        files = mend(order.flows, check.mends, day=day, portal=check.portal)
        _say(f"Corrigé : {', '.join(map(str, files))}. Relancez la commande pour vérifier.")
    elif ask and not _agreed("Le portail a changé, et le robot passe. Le retenir tel qu'il est maintenant ?"):
        _say("Rien n'est retenu : la prochaine vérification le dira encore.")
        return
    accept(order, checked)


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _agreed(question: str) -> bool:
    """No answer is a no."""
    sys.stderr.write(f"{question} (oui / non) : ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("o", "oui", "y", "yes")
