"""`chorus-robot structure`: joins one's own structure on the portal, or creates it there."""

from __future__ import annotations

import argparse

from robot.commands.account import add_errand_arguments, holder_missing, prepare, tell
from robot.membership import JOURNEY, Membership

HELP = (
    "Rattache votre compte à votre structure (votre SIRET) ; la crée sur le portail si elle n'y est pas.\n"
    "Relancée, la commande dit où en est la demande, sans la répéter."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_errand_arguments(parser)


def run(options: argparse.Namespace) -> int:
    errand = prepare(options)
    if errand.config.account.holder is None and not errand.destination.embedded:
        raise holder_missing(options.config)
    with errand.signed_in() as (session, journal):
        work = errand.of(session, journal, JOURNEY, errand.config.supplier.siret)
        ending = work.end(Membership(work).join)
    return tell(ending, as_json=options.json)
