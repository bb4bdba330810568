"""Everything that stands between a command and a portal: replica or address, gate, browser, context.

Opens in that order, closes in the other, whatever happens. Knows nothing of invoices.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Browser, BrowserContext, Playwright, StorageState, sync_playwright

from robot.account import Account
from robot.browser import choose_browser, find_browsers, open_browser, open_context
from robot.config import Config
from robot.failures import ConfigInvalid, Problem
from robot.gate import Gate, host_of
from robot.locators import register
from robot.pages import Portal
from robot.redaction import secret
from robot.screens import Flows
from robot.tabs import Place

if TYPE_CHECKING:
    from robot.replica.server import Replica

# What makes Playwright print all that it types, and a browser write down the keys of its connections.
_TELLTALES = ("DEBUG", "DEBUG_FILE", "SSLKEYLOGFILE")


@dataclass(frozen=True)
class Destination:
    """A portal chosen by name: its place and, for the embedded replica, how to start it."""

    place: Place
    # Generation of the embedded replica; None for a portal that stands elsewhere.
    embedded: str | None = None


def destination_of(config: Config, name: str | None, flows: Flows, path: Path) -> Destination:
    """The portal of that name: of the config, or else of the profiles of `flows/portals/`. Raises ConfigInvalid."""
    name = name or config.portal
    profile = flows.profiles.get(name)
    given = config.portals.get(name)
    if given is not None and given.is_embedded:
        return Destination(Place(name, "", (), (), given.generation, is_replica=True), given.generation)
    if given is not None and given.url:
        ids = profile.ids if profile else {}
        return Destination(Place(name, given.url, given.hosts, given.sign_in_hosts, given.generation, ids))
    if profile:
        if not profile.sign_in_hosts:
            what = f"le profil « {name} » ne dit pas où le mot de passe peut être tapé"
            raise ConfigInvalid(
                [Problem(path, 0, what, "sign_in_hosts", "décrivez ce portail sous « portals: »")]
            )
        return Destination(
            Place(
                name,
                profile.url,
                profile.hosts,
                profile.sign_in_hosts,
                profile.generation,
                profile.ids,
                f"{profile.title} : {profile.note}" if profile.calibrated is None else "",
                profile.settling_seconds,
            )
        )
    known = ", ".join(sorted({*config.portals, *flows.profiles}))
    raise ConfigInvalid(
        [Problem(path, 0, f"portail inconnu « {name} »", known, "décrivez-le sous « portals: »")]
    )


@dataclass
class Session:
    """An open browser on a portal."""

    portal: Portal
    place: Place
    account: Account
    # The flows with this account's and this supplier's values in their words.
    flows: Flows
    # Identity of the embedded replica's state; empty for other portals.
    world: str
    browser: str
    # Somebody is in front of the window.
    is_attended: bool
    # What the person should know before anything is done, in French.
    notes: tuple[str, ...]
    engine: Browser
    # The embedded replica; None for a portal that stands elsewhere.
    replica: Replica | None = None

    def state(self) -> StorageState:
        """Cookies and local storage of all the portal's hosts: what a browser must hold to be known."""
        return self.portal.context.storage_state()

    @contextmanager
    def reopened(self, state: StorageState) -> Iterator[Portal]:
        """The portal in a fresh context that holds nothing but this state."""
        context = open_context(self.engine, state)
        try:
            yield Portal(context, self.flows, self.place, timeout_seconds=self.portal.timeout)
        finally:
            context.close()


@dataclass(frozen=True)
class Lent:
    """A Playwright that somebody else started and will stop, with what they wish of browsers and contexts."""

    playwright: Playwright
    # Arguments of Playwright's `launch`, by name.
    launch: Callable[..., Browser]
    # Arguments of `new_context`.
    context: Mapping[str, Any] = field(default_factory=dict)
    # Called with each context before it is used, and before it is closed.
    opened: Callable[[BrowserContext], None] = lambda _context: None
    closing: Callable[[BrowserContext], None] = lambda _context: None


# Playwright can be started once only in a thread; under pytest it is started already.
_lent: ContextVar[Lent | None] = ContextVar("lent", default=None)


@contextmanager
def borrowing(lent: Lent) -> Iterator[None]:
    """Sessions opened meanwhile use this Playwright."""
    token = _lent.set(lent)
    try:
        yield
    finally:
        _lent.reset(token)


@contextmanager
def started() -> Iterator[Lent]:
    """The Playwright that somebody lends, or one started for this occasion."""
    if lent := _lent.get():
        yield lent
        return
    with sync_playwright() as playwright:
        yield Lent(playwright, playwright.chromium.launch)


def portal_key(place: Place, world: str = "") -> str:
    """What stands for a portal in journal and saved sessions: the host of its address; an embedded replica's own world."""
    return f"replica:{world}" if world else host_of(place.url)


@contextmanager
def open_session(
    config: Config,
    flows: Flows,
    destination: Destination,
    *,
    account: Account | None,
    suppliers: Iterable[str] | None = (),
    headless: bool = True,
    slow_ms: float = 0,
    state: StorageState | None = None,
) -> Iterator[Session]:
    """Opens a portal in a browser, with a saved session where one is given.

    The embedded replica has an account of its own, used where none is given, and attached to `suppliers` (SIRET); with
    None to no structure, and the register of companies then knows the configuration's.
    """
    for name in _TELLTALES:
        os.environ.pop(name, None)
    with _reached(config, destination, account, suppliers) as (place, account, replica), Gate(place.hosts) as gate:  # noqa: SIM117
        with started() as lent:
            register(lent.playwright)
            found = choose_browser(find_browsers(lent.playwright), headless=headless, path=config.browser.path)
            with (
                open_browser(
                    lent.playwright, found, gate, headless=headless, slow_ms=slow_ms, launch=lent.launch
                ) as browser,
                _context(lent, browser, state) as context,
            ):
                spoken = flows.named({"account": account, "supplier": config.supplier})
                portal = Portal(context, spoken, place, timeout_seconds=config.browser.timeout_seconds)
                yield Session(
                    portal=portal,
                    place=place,
                    account=account,
                    flows=spoken,
                    world=replica.world if replica else "",
                    browser=f"{found}, version {browser.version}",
                    is_attended=not headless,
                    notes=tuple(_notes(config, place)),
                    engine=browser,
                    replica=replica,
                )


@contextmanager
def _context(lent: Lent, browser: Browser, state: StorageState | None) -> Iterator[BrowserContext]:
    context = open_context(browser, state, lent.context)
    lent.opened(context)
    try:
        yield context
    finally:
        lent.closing(context)


def _notes(config: Config, place: Place) -> Iterator[str]:
    if place.note:
        yield place.note
    if config.account.second_factor.is_on_this_machine and not place.is_replica:
        yield (
            "Le mot de passe et le second facteur sont tous deux sur cette machine, contre l'avis de l'AIFE : qui s'en "
            "empare se connecte à votre place. second_factor: person est plus sûr."
        )


@contextmanager
def _reached(
    config: Config, destination: Destination, account: Account | None, suppliers: Iterable[str] | None
) -> Iterator[tuple[Place, Account, Replica | None]]:
    if destination.embedded is None:
        assert account is not None
        yield destination.place, account, None
        return
    from robot.replica.register import practice
    from robot.replica.server import Replica

    attached = None
    if suppliers is not None:
        attached = [(siret, f"Cabinet d'entraînement {siret[-5:]}") for siret in dict.fromkeys(suppliers)]
    own = practice(config.supplier.siret, f"Cabinet d'entraînement {config.supplier.siret[-5:]}")
    with Replica(generation=int(destination.embedded), suppliers=attached, businesses=[own]) as replica:
        place = Place(
            destination.place.name,
            replica.url,
            tuple(replica.hosts),
            tuple(replica.sign_in_hosts),
            destination.embedded,
            is_replica=True,
        )
        # The replica's own account: nobody's real secret is ever typed there.
        yield place, account or training_account(replica.account), replica


def training_account(account: object) -> Account:
    """The replica's public account, as flows use it."""
    return Account.of(
        str(getattr(account, "email", "")),
        secret(str(getattr(account, "password", ""))),
        secret(str(getattr(account, "totp", ""))),
        first_name=str(getattr(account, "first_name", "")),
        last_name=str(getattr(account, "last_name", "")),
    )
