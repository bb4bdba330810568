"""One check as a person or a test run asks for it: which portal, how far, compared with what, and how it ended.

Knows configuration and contract; nothing of terminals or of pytest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from robot.config import REPLICA, Config, SecondFactor, load_config
from robot.events import Listener
from robot.failures import CommandInvalid, SignInNeeded, worst_exit_code
from robot.journal import Journal
from robot.sample import EXAMPLE_CONFIG
from robot.screens import Flows
from robot.sealed import SavedSessions
from robot.session import Destination, destination_of, portal_key
from robot.tutorial.contract import contract_file, load_contract, merged, save_contract
from robot.tutorial.portalcheck import JOURNEYS, Checked, Reach, check_portal
from robot.tutorial.verdicts import Cause, Check

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

    Raises ConfigInvalid for secrets that are missing, SignInNeeded for a sentinel without a saved session.
    """
    path = order.contract_path
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
        listeners=order.listeners,
    )
    if path:
        # Another check of the same portal may have ended meanwhile.
        save_contract(merged(load_contract(path), checked.contract, accept=False), path)
    return checked


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
    if check.mends:
        codes.append(70)
    if check.stops:
        codes.append(_CODES[check.cause])
    return worst_exit_code(codes)
