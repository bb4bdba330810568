"""A portal opened for somebody who is known there: with the saved session where there is one, else with the secrets.

Knows what must be asked before a browser opens: the secrets, and the count of refused passwords.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from robot.config import Config
from robot.journal import Journal
from robot.screens import Flows
from robot.sealed import SavedSessions
from robot.session import Destination, Session, open_session, portal_key
from robot.signins import SignIns


@contextmanager
def entered(
    config: Config,
    flows: Flows,
    destination: Destination,
    journal: Journal,
    *,
    suppliers: Iterable[str] | None,
    headless: bool,
) -> Iterator[Session]:
    """A session on a portal. A saved one that still lives is kept fresh; one that was found dead is marked so.

    Raises ConfigInvalid for a secret that is missing and needed, SignInNeeded when too many passwords were refused.
    """
    if destination.embedded:
        with open_session(config, flows, destination, account=None, suppliers=suppliers, headless=headless) as session:
            yield session
        return
    key, email = portal_key(destination.place), config.account.email
    shelf = SavedSessions()
    kept = shelf.load(key, email)
    # With a saved session the password may be absent: it is asked for where the session turns out to be dead.
    account = config.sign_in_if_known() if kept else config.sign_in()
    if not kept:
        SignIns(journal, key, email).check()
    with open_session(
        config,
        flows,
        destination,
        account=account,
        suppliers=suppliers,
        headless=headless,
        state=kept.state if kept else None,
    ) as session:
        yield session
        if kept and session.portal.is_signed_in:
            shelf.save(key, email, session.state(), destination.place.hosts)
