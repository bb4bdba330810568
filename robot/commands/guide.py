"""`chorus-robot guide`: the illustrated tutorial, made from one run: HTML, PDF, and a film."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import nullcontext
from pathlib import Path

from robot.config import REPLICA
from robot.console import Console
from robot.events import now
from robot.review import reviewed_flows
from robot.sample import EXAMPLE_CONFIG
from robot.training.film import FILM, filming
from robot.training.guidebook import TITLE, banner_of, write_guide
from robot.training.visit import Visit, masks, portal_title, visited
from robot.tutorial.checkup import chosen, exit_code_of
from robot.tutorial.portalcheck import JOURNEYS

HELP = (
    "Fait les parcours du tutoriel et en tire le guide illustré, en HTML et en PDF. Ailleurs que sur la réplique\n"
    "d'entraînement, le dépôt seulement, jusqu'au brouillon, et les données sont masquées sur les images."
)

_EXIT_CODES = """codes de sortie :
  0 le guide est complet      2 configuration ou commande à corriger      70 un parcours s'est arrêté : écran changé
  75 portail indisponible     77 une personne est nécessaire
Un parcours qui s'arrête laisse un guide incomplet, et le dit.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EXIT_CODES
    parser.add_argument("--config", type=Path, metavar="C", help="configuration (config.yaml), pour un vrai portail")
    parser.add_argument(
        "--portal", metavar="NOM", default="replica", help="portail à photographier (réplique d'entraînement par défaut)"
    )
    parser.add_argument(
        "--generation", choices=["2021", "2024"], help="réplique intégrée : portail du tutoriel, ou actuel"
    )
    parser.add_argument("--facture", type=Path, metavar="FACTURE", help="facture à prendre, au lieu de celle d'exemple")
    parser.add_argument(
        "--journey", nargs="+", choices=JOURNEYS, default=JOURNEYS, help="parcours à faire (tous par défaut)"
    )
    parser.add_argument("--film", action="store_true", help="filme aussi la visite, avec les phrases (film.webm)")
    parser.add_argument("--out", type=Path, metavar="DOSSIER", help="où ranger le guide (guide/PORTAIL-DATE)")
    parser.add_argument("--headed", action="store_true", help="montre le navigateur")
    parser.add_argument("--json", action="store_true", help="un objet JSON sur la sortie standard")


def run(options: argparse.Namespace) -> int:
    """0: all was pictured; else what stopped a journey, as its failure says."""
    flows = reviewed_flows()
    # On the replica nothing is the user's own, unless they give an invoice.
    is_sample = options.config is None and options.portal == REPLICA and options.facture is None
    config, destination = chosen(
        flows,
        config=EXAMPLE_CONFIG if is_sample else options.config,
        portal=options.portal,
        generation=options.generation,
    )
    moment = now().astimezone()
    out = options.out or Path("guide") / f"{destination.place.name}-{moment:%Y-%m-%d-%H%M%S}"
    banner = banner_of(portal_title(destination, flows), moment.date())
    is_masked = masks(destination, options.facture)
    filmed = filming(out / FILM, TITLE, banner, casts=not is_masked) if options.film else nullcontext()
    with filmed as film:
        visit = visited(
            config,
            flows,
            destination,
            journeys=options.journey,
            facture=options.facture,
            headless=not options.headed,
            listeners=(Console(),),
            film=film,
        )
        page, pdf = write_guide(visit.guide, out, browser=config.browser.path)
    files = {"guide": page, "pdf": pdf, **({"film": out / FILM} if film else {})}
    code = exit_code_of(visit.check) if visit.check.stops else 0
    if options.json:
        print(json.dumps(summary(visit, files, code), ensure_ascii=False), flush=True)
    else:
        tell(visit, files)
    return code


def summary(visit: Visit, files: dict[str, Path], code: int) -> dict[str, object]:
    """What was made, for programs."""
    guide = visit.guide
    return {
        "portal": guide.portal,
        "generation": guide.generation,
        "training": guide.is_training,
        "steps": len(guide.entries),
        "left_out": {line: say for chapter in guide.chapters for line, say in chapter.left_out},
        "stops": visit.check.stops,
        "remarks": list(visit.check.remarks),
        "files": {name: str(path) for name, path in files.items()},
        "exit_code": code,
    }


def tell(visit: Visit, files: dict[str, Path]) -> None:
    """What was made, for a person."""
    for journey, why in visit.check.stops.items():
        print(f"  ! parcours « {journey} » arrêté, le guide est incomplet : {why}", file=sys.stderr)
    for remark in visit.check.remarks:
        print(f"  ! {remark}", file=sys.stderr)
    pictures = sum(entry.picture is not None for entry in visit.guide.entries)
    print(f"Guide de {len(visit.guide.entries)} étapes, {pictures} images ({visit.guide.portal}).")
    for path in files.values():
        print(f"  {path}", flush=True)
