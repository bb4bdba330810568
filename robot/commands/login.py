"""`chorus-robot login`: a person signs in once in a visible window; the session is kept for later runs."""

from __future__ import annotations

import argparse

from playwright.sync_api import StorageState

from robot.attempt import JOURNEY as DEPOSIT
from robot.browser import has_display
from robot.commands.account import prepare, tell
from robot.commands.deposit import add_portal_arguments
from robot.errand import Errand
from robot.failures import CommandInvalid, NotOnScreen, PersonNeeded, PortalUnavailable, SignInNeeded
from robot.journal import Journal
from robot.sealed import SavedSessions
from robot.session import Session, open_session, portal_key

HELP = (
    "Ouvre une fenêtre où vous vous connectez au portail, code compris, puis garde la session, chiffrée, pour les dépôts\n"
    "sans fenêtre. « chorus-robot logout » l'efface."
)

JOURNEY = "se-connecter"

# How long the home page may take to draw the way to the invoices.
_HOME_SECONDS = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_portal_arguments(parser)


def run(options: argparse.Namespace) -> int:
    prepared = prepare(options)
    config, destination = prepared.config, prepared.destination
    if destination.embedded:
        raise CommandInvalid(
            "La réplique intégrée naît et meurt avec chaque commande : sa session ne se garde pas.",
            cure="lancez « chorus-robot replica » et décrivez-la sous « portals: », ou choisissez un portail par --portal.",
        )
    if not has_display():
        raise SignInNeeded(
            "Cette machine n'a pas d'écran, et c'est à une personne de se connecter.",
            cure="lancez « chorus-robot login » sur une machine où une fenêtre s'ouvre.",
        )
    account = config.sign_in_if_known()
    with (
        Journal(config.journal_place()) as journal,
        open_session(
            config, prepared.flows, destination, account=account, suppliers=(), headless=False
        ) as session,
    ):
        errand = prepared.of(session, journal, JOURNEY, account.email)
        ending = errand.end(lambda: _sign_in(errand, session))
    return tell(ending, as_json=options.json)


def _sign_in(errand: Errand, session: Session) -> tuple[str, int, str]:
    errand.runner().run(session.flows.journeys[JOURNEY])
    _visit_invoicing(errand)
    state = session.state()
    _prove(errand, state)
    SavedSessions().save(portal_key(session.place), errand.account.email, state, session.place.hosts)
    return (
        "signed-in",
        0,
        f"Session de {errand.account.email} gardée, chiffrée, pour les prochaines commandes sur « {session.place.name} ». "
        "Combien de temps elle vaut, seul le portail le sait ; « chorus-robot logout » l'efface.",
    )


def _visit_invoicing(errand: Errand) -> None:
    """Goes on to « Factures émises », since each host of the portal gives its own cookie when it is first entered."""
    depot = errand.flows.journeys[DEPOSIT]
    runner = errand.runner()
    runner.person = None
    try:
        ahead = [errand.flows.screens[name] for name in ("factures-emises", "applications", "domaines")]
        runner.follow(depot, errand.portal.wait_for(ahead, timeout=_HOME_SECONDS), until=("factures-emises",))
    except (NotOnScreen, PortalUnavailable):
        errand.say("« Factures émises » ne s'ouvre pas encore pour ce compte ; la session est gardée sans elle.")


def _prove(errand: Errand, state: StorageState) -> None:
    """A session is worth saving only if a browser that holds nothing else is known by it. Raises SignInNeeded."""
    nobody = errand.account.model_copy(update={"password": None})
    with errand.session.reopened(state) as portal:
        runner = errand.runner(nobody, portal)
        try:
            runner.run(errand.flows.journeys[JOURNEY])
        except PersonNeeded:
            raise SignInNeeded(
                "Le portail ne reconnaît pas la session dans un navigateur neuf : elle n'est pas gardée.",
                cure="recommencez ; si cela se répète, ce portail ne permet pas de garder une session.",
            ) from None
