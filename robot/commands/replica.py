"""`chorus-robot replica`: runs the training replica until it is stopped."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from robot.failures import CommandInvalid

HELP = "Lance la réplique d'entraînement du portail, sur cette machine seulement. Ctrl+C l'arrête."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--port", type=int, default=8800, metavar="N", help="premier port (8800 ; les deux suivants aussi)"
    )
    parser.add_argument(
        "--generation", type=int, choices=[2021, 2024], default=2024, help="portail du tutoriel, ou actuel"
    )
    parser.add_argument(
        "--delay-ms", type=int, default=0, metavar="MS", help="retard ajouté à chaque réponse"
    )
    parser.add_argument(
        "--file", type=Path, metavar="FICHIER", help="garde l'état dans ce fichier d'un lancement à l'autre"
    )
    parser.add_argument(
        "--look", choices=["dossier", "autre"], default="dossier", help="apparence : courante, ou autre"
    )
    parser.add_argument("--smtp", metavar="HOTE:PORT", help="serveur qui reçoit les courriels de la réplique")
    parser.add_argument(
        "--fault", action="append", default=[], metavar="PANNE", help="panne à armer : NOM[@ETAPE][*FOIS]"
    )
    parser.add_argument(
        "--supplier", action="append", default=[], metavar="SIRET", help="structure rattachée au compte"
    )


def run(options: argparse.Namespace) -> int:
    from robot.replica.faults import FaultUnknown
    from robot.replica.hosting import PortTaken
    from robot.replica.server import Replica

    attached = [(siret, f"Cabinet d'entraînement {siret[-5:]}") for siret in options.supplier]
    try:
        replica = Replica(
            generation=options.generation,
            port=options.port,
            delay_ms=options.delay_ms,
            look=options.look,
            file=options.file,
            suppliers=attached,
            smtp=options.smtp,
            faults=options.fault,
        )
    except FaultUnknown as unknown:
        raise CommandInvalid(str(unknown), cure="corrigez --fault.") from None
    except PortTaken as taken:
        raise CommandInvalid(str(taken), cure="choisissez un autre port avec --port.") from None
    with replica:
        account = replica.account
        print(f"Réplique d'entraînement : {replica.url}", file=sys.stderr)
        print(
            f"  hôtes : {', '.join(replica.hosts)} ; connexion : {', '.join(replica.sign_in_hosts)}",
            file=sys.stderr,
        )
        for name, address in replica.workshop.items():
            print(f"  {name} : {address}", file=sys.stderr)
        print(f"  compte : {account.email}, mot de passe : {account.password}", file=sys.stderr)
        print(f"  secret de l'application d'authentification : {account.totp}", file=sys.stderr)
        try:
            replica.wait()
        except KeyboardInterrupt:
            print("Réplique arrêtée.", file=sys.stderr)
    return 0
