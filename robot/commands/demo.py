"""`chorus-robot demo`: deposits a sample invoice on the training replica, from nothing, and says where the proof is."""

from __future__ import annotations

import argparse
import sys
from contextlib import nullcontext
from pathlib import Path

from robot.checks import load_invoice
from robot.commands.browser import found_browsers
from robot.commands.deposit import deposit_all
from robot.config import load_config
from robot.events import now
from robot.failures import worst_exit_code
from robot.review import reviewed_flows
from robot.sample import EXAMPLE_CONFIG, write_sample
from robot.session import destination_of
from robot.steps import Goal
from robot.training.film import FILM, filming
from robot.training.guidebook import TITLE, banner_of
from robot.training.remote import Remote
from robot.training.show import needs_window
from robot.training.visit import portal_title

HELP = "Dépose une facture d'exemple sur la réplique d'entraînement, et montre où sont le certificat et le rapport."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--headed", action="store_true", help="montre chaque étape dans une fenêtre, à votre rythme")
    parser.add_argument(
        "--out", type=Path, default=Path("depots"), metavar="DOSSIER", help="où ranger le résultat (depots)"
    )
    parser.add_argument(
        "--generation", choices=["2021", "2024"], default="2024", help="portail du tutoriel, ou actuel"
    )
    parser.add_argument("--film", action="store_true", help="filme la démonstration, avec les phrases (film.webm)")
    parser.add_argument("--json", action="store_true", help="un objet JSON par ligne sur la sortie standard")


def run(options: argparse.Namespace) -> int:
    if options.headed:
        needs_window()
    flows = reviewed_flows()
    config = load_config(EXAMPLE_CONFIG)
    place = config.portals["replica"].model_copy(update={"generation": options.generation})
    # A demonstration leaves nothing in the user's own files.
    book = (options.out / "exemple" / "carnet.yaml").absolute()
    config = config.model_copy(update={"portals": {"replica": place}, "address_book": book})
    taken = found_browsers()
    if taken:
        print(f"Navigateur : {taken[0]}", file=sys.stderr)
    # The second is in the number: each demonstration is a new invoice.
    moment = now().astimezone()
    facture = write_sample(options.out / "exemple", number=f"DEMO-{moment:%y%m%d-%H%M%S}", date=moment.date())
    loaded = load_invoice(facture, supplier=config.supplier.siret)
    destination = destination_of(config, "replica", flows, EXAMPLE_CONFIG)
    banner = banner_of(portal_title(destination, flows), moment.date())
    recording = filming(options.out / FILM, TITLE, banner, is_told=options.headed) if options.film else nullcontext()
    with recording as film:
        results = deposit_all(
            [loaded],
            flows,
            config,
            destination,
            goal=Goal.SEND,
            out=options.out,
            headed=options.headed,
            as_json=options.json,
            journal_at=options.out / "exemple" / "journal.sqlite3",
            remote=Remote() if options.headed else None,
            film=film,
        )
    if not options.json and results[0].folder:
        print(f"  facture    : {facture}")
    if not options.json and film:
        print(f"  film       : {options.out / FILM}")
    if not options.json and not options.headed:
        print("Pour regarder le robot travailler : chorus-robot demo --headed")
    return worst_exit_code([result.exit_code for result in results])
