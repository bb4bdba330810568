"""One check as a person or a test run asks for it: which portal, how far, compared with what, and how it ended.

Knows configuration and contract; nothing of terminals or of pytest.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter

from robot.config import REPLICA, Config, SecondFactor, load_config
from robot.events import Listener
from robot.failures import CommandInvalid, ConfigInvalid, FileInvalid, Problem, SignInNeeded, worst_exit_code
from robot.journal import Journal
from robot.plain import why
from robot.sample import EXAMPLE_CONFIG
from robot.screens import Flows
from robot.sealed import SavedSessions
from robot.session import Destination, destination_of, portal_key
from robot.tutorial.contract import contract_file, load_contract, merged, save_contract
from robot.tutorial.portalcheck import JOURNEYS, Checked, Reach, check_portal
from robot.tutorial.report import write_report
from robot.tutorial.sending import held
from robot.tutorial.verdicts import Cause, Check, Holding

# What a person writes in the current folder.
CONFIG = Path("config.yaml")

_CODES = {None: 77, Cause.DOWN: 75, Cause.PORTAL: 70, Cause.ROBOT: 70, Cause.TUTORIAL: 70}


@dataclass(frozen=True)
class Order:
    """What is to be checked, and where."""

    flows: Flows
    config: Config
    destination: Destination
    # None: everything on the embedded replica, a draft elsewhere.
    reach: Reach | None = None
    journeys: tuple[str, ...] = JOURNEYS
    facture: Path | None = None
    headless: bool = True
    slow_ms: float = 0
    # The file of what was last seen true; None: the portal's own.
    contract: Path | None = None
    listeners: tuple[Listener, ...] = field(default=())

    @property
    def is_training(self) -> bool:
        return self.destination.embedded is not None

    @property
    def contract_path(self) -> Path | None:
        """None where there is nothing to compare with: the embedded replica is as this version of the robot made it."""
        if self.contract or self.is_training:
            return self.contract
        return contract_file(self.destination.place.name)


def chosen(
    flows: Flows, *, config: Path | None, portal: str | None, generation: str | None = None
) -> tuple[Config, Destination]:
    """Configuration and portal. Without a configuration file the embedded replica is still there. Raises ConfigInvalid."""
    if config is None:
        needs_none = portal in (None, REPLICA) and not CONFIG.is_file()
        config = EXAMPLE_CONFIG if needs_none else CONFIG
    settings = load_config(config, profiles=tuple(flows.profiles))
    if generation:
        replica = settings.portals[REPLICA].model_copy(update={"generation": generation})
        settings = settings.model_copy(update={"portals": {**settings.portals, REPLICA: replica}})
    destination = destination_of(settings, portal, flows, config)
    if generation and destination.embedded is None:
        raise CommandInvalid(
            f"La génération se choisit pour la réplique intégrée seulement, pas pour « {destination.place.name} »."
        )
    return settings, destination


def carry_out(order: Order, journal: Journal, folder: Path) -> Checked:
    """Makes the check, and adds to the contract what was seen for the first time.

    Raises ConfigInvalid for what is missing in the configuration, SignInNeeded for a sentinel without a saved session,
    CommandInvalid for something to send without an invoice.
    """
    _check_holder(order)
    path = order.contract_path
    with _held(order, journal) as listeners:
        checked = check_portal(
            sentinel(order.config, order.destination) if order.reach is Reach.READ_ONLY else order.config,
            order.flows,
            order.destination,
            journal=journal,
            folder=folder,
            contract=load_contract(path) if path else None,
            reach=order.reach,
            journeys=order.journeys,
            facture=order.facture,
            headless=order.headless,
            slow_ms=order.slow_ms,
            listeners=(*order.listeners, *listeners),
        )
    if path:
        # Another check of the same portal may have ended meanwhile.
        save_contract(merged(load_contract(path), checked.contract, accept=False), path)
    return checked


def _check_holder(order: Order) -> None:
    """The portal shows a person's menu under that person's name."""
    if order.config.account.holder is None and not order.is_training and {"compte", "rattachement"} & set(order.journeys):
        what = "le titulaire du compte n'est pas indiqué"
        expected = "account: {holder: {first_name: …, last_name: …}}"
        raise ConfigInvalid([Problem(order.config.file, 0, what, expected, code="TITULAIRE")])


@contextmanager
def _held(order: Order, journal: Journal) -> Iterator[tuple[Listener, ...]]:
    """What listens to an invoice that is really sent. Raises CommandInvalid without one."""
    if order.reach is not Reach.SEND or order.is_training or "depot" not in order.journeys:
        yield ()
        return
    if order.facture is None:
        raise CommandInvalid(
            f"Envoyer sur « {order.destination.place.name} » ne se défait pas, et la facture d'exemple est fictive.",
            cure="donnez une vraie facture par --facture, ou retirez --send : la vérification s'arrête au brouillon.",
        )
    with held(order.facture, order.config, order.destination, journal) as listener:
        yield (listener,)


def sentinel(config: Config, destination: Destination) -> Config:
    """The configuration of a check that may sign in with the saved session only. Raises SignInNeeded."""
    if destination.embedded:
        return config
    if SavedSessions().load(portal_key(destination.place), config.account.email) is None:
        raise SignInNeeded(
            f"Aucune session n'est gardée pour « {destination.place.name} », et --read-only ne tape aucun mot de passe.",
            cure=f"lancez « chorus-robot login --portal {destination.place.name} », puis recommencez.",
        )
    account = config.account.model_copy(update={"password": None, "second_factor": SecondFactor()})
    return config.model_copy(update={"account": account})


def exit_code_of(check: Check) -> int:
    """0: every line holds; 1: some do not, and the robot passes all the same; 70: the flows are to be mended;
    75: the portal is down or refuses; 77: a person is needed. Of several, the worst as in `failures.WORST_FIRST`."""
    codes = [0]
    if check.changed or check.news:
        codes.append(1)
    if check.mends or any(one.cause is Cause.PORTAL and one.holding is Holding.GONE for one in check.changed):
        codes.append(70)
    if check.stops:
        codes.append(_CODES[check.cause])
    return worst_exit_code(codes)


def accept(order: Order, checked: Checked) -> None:
    """From now on the portal is compared with what it showed in this check."""
    if path := order.contract_path:
        save_contract(merged(load_contract(path), checked.accepted, accept=True), path)


def publish(checked: Checked, flows: Flows, out: Path) -> Path:
    """Puts a check's files into a folder for people, made anew if it is another one; gives the page to open."""
    if checked.folder != out:
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(checked.folder, out, ignore=shutil.ignore_patterns("journal.sqlite3*", "running"))
    return write_report(checked, flows, out)


def load_check(path: Path) -> Check:
    """A check as its report keeps it. Raises FileInvalid."""
    try:
        return TypeAdapter(Check).validate_json(path.read_bytes())
    except (OSError, ValueError) as error:
        what = why(error) if isinstance(error, OSError) else "ce n'est pas le rapport d'une vérification"
        raise FileInvalid([Problem(path, 0, what, "rapport.json")]) from None
