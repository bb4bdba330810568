"""`chorus-robot logout`: erases the saved session of an account, or all of them."""

from __future__ import annotations

import argparse
from pathlib import Path

from robot.config import load_config
from robot.failures import CommandInvalid
from robot.review import reviewed_flows
from robot.sealed import SavedSessions
from robot.session import destination_of, portal_key

HELP = "Efface la session gardée par « chorus-robot login ». Sur le portail elle finit d'elle-même."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--config", type=Path, default=Path("config.yaml"), metavar="C", help="configuration (config.yaml)"
    )
    parser.add_argument("--portal", metavar="NOM", help="portail, au lieu de celui de la configuration")
    parser.add_argument("--all", action="store_true", help="toutes les sessions de tous les portails, et leur clé")


def run(options: argparse.Namespace) -> int:
    shelf = SavedSessions()
    if options.all:
        count = shelf.forget_all()
        print(f"{count} session{'s' if count > 1 else ''} effacée{'s' if count > 1 else ''}.")
        return 0
    flows = reviewed_flows()
    config = load_config(options.config, profiles=tuple(flows.profiles))
    destination = destination_of(config, options.portal, flows, options.config)
    if destination.embedded:
        raise CommandInvalid("La réplique intégrée ne garde pas de session.", cure="nommez un autre portail par --portal.")
    email, name = config.account.email, destination.place.name
    erased = shelf.forget(portal_key(destination.place), email)
    print(
        f"La session de {email} sur « {name} » est effacée."
        if erased
        else f"Aucune session de {email} n'était gardée pour « {name} »."
    )
    return 0
