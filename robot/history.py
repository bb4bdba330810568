"""What was deposited before for a supplier, as far as it tells something about the next invoice. Reads the journal."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from robot.deposits import SENT, Deposit, Key
from robot.events import now
from robot.journal import Journal, stamp

# Keys of replicas that ended with their command: nothing of them is true any more.
_TRAINING = "replica:"


@dataclass(frozen=True)
class Paper:
    """What the file of an invoice says beyond the invoice."""

    # First day of the month that is billed; None where the paper does not say.
    month: dt.date | None = None
    # First and last four signs of the IBAN, which hold its check digits: enough to see that it changed; or empty.
    iban: str = ""


NO_PAPER = Paper()


@dataclass(frozen=True)
class Earlier:
    """An invoice of the same supplier that the journal knows."""

    deposit: Deposit
    paper: Paper
    # The last thing that was told of its state, in French; the portal's word for it where it was found there.
    seen: str = ""

    @property
    def number(self) -> str:
        return self.deposit.key.number

    @property
    def is_sent(self) -> bool:
        return self.deposit.state in SENT

    @property
    def day(self) -> str:
        """When it was deposited, as a person writes it; empty where that is not known."""
        at = self.deposit.deposited_at
        return f"{at.astimezone():%d/%m/%Y}" if at else ""


def iban_ends(iban: str) -> str:
    """What is remembered of an IBAN."""
    signs = "".join(iban.split()).upper()
    return f"{signs[:4]}…{signs[-4:]}" if len(signs) >= 8 else ""


class History:
    """The supplier's invoices on one portal, or on all that are not a passing replica."""

    def __init__(self, journal: Journal, portal: str | None = None) -> None:
        self._journal = journal
        self._portal = portal

    def of(self, supplier: str) -> tuple[Earlier, ...]:
        """Oldest first."""
        with self._journal.reading() as do:
            rows = [dict(row) for row in do("find-history", supplier=supplier).mappings()]
        return tuple(self._earlier(row) for row in rows if self._counts(row["portal"]))

    def _counts(self, portal: str) -> bool:
        return portal == self._portal if self._portal else not portal.startswith(_TRAINING)

    def _earlier(self, row: dict[str, str]) -> Earlier:
        month, iban, seen = row.pop("month"), row.pop("iban"), row.pop("seen")
        paper = Paper(dt.date.fromisoformat(month) if month else None, iban)
        return Earlier(self._journal.as_deposit(row), paper, seen)

    def keep(self, key: Key, paper: Paper) -> None:
        """What the next invoice will be compared with; on disk when it returns."""
        with self._journal.writing() as do:
            do(
                "keep-paper",
                portal=key.portal,
                supplier=key.supplier,
                number=key.number,
                month=paper.month.isoformat() if paper.month else "",
                iban=paper.iban,
                at=stamp(now()),
            )
