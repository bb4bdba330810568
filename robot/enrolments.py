"""What the journal remembers of accounts asked for: a request that was made is not made twice.

Structures are not kept here: the portal's own list of memberships tells where they stand. Knows nothing of browsers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from robot.events import now
from robot.journal import Journal, stamp


class AccountState(StrEnum):
    """Where the request of an account stands."""

    # On disk before the portal is asked; whether it heard is not known.
    CONFIRMING = "confirming"
    # The portal said that a mail was sent.
    REQUESTED = "requested"
    ACTIVATED = "activated"


@dataclass(frozen=True)
class AccountRequest:
    """A request of an account, as the journal tells it."""

    state: AccountState
    at: datetime
    # What the mailbox held when the request was made, as `Mark` writes it; None without a mailbox.
    mark: str | None
    run: str


class Enrolments:
    """Requests of accounts, by portal and e-mail address."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def account(self, portal: str, email: str) -> AccountRequest | None:
        with self._journal.reading() as do:
            row = do("get-account", portal=portal, email=email.lower()).mappings().one_or_none()
        if row is None:
            return None
        return AccountRequest(AccountState(row["state"]), datetime.fromisoformat(row["at"]), row["mark"], row["run"])

    def note_account(
        self, portal: str, email: str, state: AccountState, *, run: str, mark: str | None = None
    ) -> None:
        """On disk when it returns."""
        with self._journal.writing() as do:
            do(
                "note-account",
                portal=portal,
                email=email.lower(),
                state=state.value,
                mark=mark,
                run=run,
                at=stamp(now()),
            )
