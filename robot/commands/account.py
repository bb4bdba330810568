"""`chorus-robot account`: creates the account on the portal, with the person where a person is needed."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from robot.account import Account
from robot.browser import has_display
from robot.commands.deposit import add_portal_arguments
from robot.config import Config, load_config
from robot.console import Console
from robot.enrolment import JOURNEY, Enrolment
from robot.enrolments import Enrolments
from robot.entrance import entered
from robot.errand import Ending, Errand
from robot.failures import ConfigInvalid, Problem
from robot.journal import Journal
from robot.mailbox import Mailbox
from robot.redaction import secret
from robot.review import reviewed_flows
from robot.screens import Flows
from robot.session import Destination, Session, destination_of, open_session, portal_key

HELP = (
    "Crée votre compte sur le portail : formulaire, courriel d'activation, mot de passe. L'image à recopier est pour vous.\n"
    "Relancée, la commande continue où elle en était."
)

# The training replica asks for a password of its own rules; it opens nothing else.
_TRAINING_PASSWORD = "Entrainement-2024!"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_errand_arguments(parser)
    parser.add_argument("--link", metavar="ADRESSE", help="lien du courriel d'activation (- pour le lire sur l'entrée)")
    parser.add_argument("--again", action="store_true", help="refait la demande, quand le lien a expiré")


def add_errand_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the verbs that work with a person at the window."""
    add_portal_arguments(parser)
    parser.add_argument("--headless", action="store_true", help="sans fenêtre : s'arrête où il faut une personne")


def run(options: argparse.Namespace) -> int:
    errand = prepare(options)
    if errand.config.account.holder is None:
        raise holder_missing(options.config)
    account = errand.account()
    link = sys.stdin.readline().strip() if options.link == "-" else options.link
    with errand.opened(account) as (session, journal):
        mailbox = None
        if errand.config.account.mailbox and not session.place.is_replica:
            mailbox = Mailbox(errand.config.account.mailbox)
        work = errand.of(session, journal, JOURNEY, account.email)
        enrolment = Enrolment(work, Enrolments(journal), portal_key(session.place, session.world), mailbox)
        ending = work.end(lambda: enrolment.create(again=options.again, link=link))
    return tell(ending, as_json=options.json)


def holder_missing(path: Path) -> ConfigInvalid:
    what = "le titulaire du compte n'est pas indiqué"
    return ConfigInvalid([Problem(path, 0, what, "account: {holder: {first_name: …, last_name: …}}", code="TITULAIRE")])


@dataclass
class Prepared:
    """All that is known before a browser opens."""

    flows: Flows
    config: Config
    destination: Destination
    options: argparse.Namespace

    def account(self) -> Account:
        """The account with its secrets; a training password on the embedded replica."""
        if self.destination.embedded:
            return self.config.holder_of(secret(_TRAINING_PASSWORD))
        return self.config.sign_in()

    @property
    def headless(self) -> bool:
        return bool(self.options.headless) or not has_display()

    @contextmanager
    def opened(self, account: Account) -> Iterator[tuple[Session, Journal]]:
        """Journal and browser, for somebody the portal may not know yet."""
        with (
            Journal(self.config.journal_place()) as journal,
            open_session(
                self.config,
                self.flows,
                self.destination,
                account=account,
                suppliers=None,
                headless=self.headless,
            ) as session,
        ):
            yield session, journal

    @contextmanager
    def signed_in(self) -> Iterator[tuple[Session, Journal]]:
        """Journal and browser, for somebody the portal knows."""
        with Journal(self.config.journal_place()) as journal, entered(
            self.config,
            self.flows,
            self.destination,
            journal,
            suppliers=None,
            headless=self.headless,
        ) as session:
            yield session, journal

    def of(self, session: Session, journal: Journal, journey: str, subject: str) -> Errand:
        return Errand(
            session,
            journal,
            journey=journey,
            subject=subject,
            supplier=self.config.supplier,
            listeners=[Console()],
        )


def prepare(options: argparse.Namespace) -> Prepared:
    flows = reviewed_flows()
    config = load_config(options.config, profiles=tuple(flows.profiles))
    return Prepared(flows, config, destination_of(config, options.portal, flows, options.config), options)


def tell(ending: Ending, *, as_json: bool) -> int:
    """The last line: JSON on stdout; the console has said it in French already."""
    if as_json:
        print(json.dumps(ending.to_json(), ensure_ascii=False), flush=True)
    return ending.exit_code
