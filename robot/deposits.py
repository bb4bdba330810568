"""Where an invoice stands on a portal, and what a new deposit of it may do: pure data and two tables.

Knows nothing of files, databases and browsers; `journal.py` keeps it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from robot.invoice import Invoice


class State(StrEnum):
    """Where an invoice stands on one portal."""

    PREPARED = "prepared"  # nothing of it is on the portal
    FILLING = "filling"  # a form is being filled: the portal may keep a draft of it
    DRAFT = "draft"  # a draft is on the portal, nobody was sent anything
    CONFIRMING = "confirming"  # « Confirmer et envoyer » is about to be pressed, or was
    DEPOSITED = "deposited"  # the portal said so; no checked certificate yet
    CERTIFIED = "certified"  # deposited, and its certificate was checked
    REFUSED = "refused"  # the portal refused it: nothing was sent
    UNKNOWN = "unknown"  # the run ended while confirming: nobody knows


DOUBTFUL = frozenset({State.CONFIRMING, State.UNKNOWN})
SENT = frozenset({State.DEPOSITED, State.CERTIFIED})
EDITABLE = frozenset(State) - DOUBTFUL - SENT

Transitions = Mapping[State, frozenset[State]]

# What a run may do by itself. Out of a doubt, the way goes through a look-up on the portal: FOUND, NOT_FOUND.
NEXT: Transitions = {
    State.PREPARED: frozenset({State.PREPARED, State.FILLING, State.REFUSED}),
    State.FILLING: EDITABLE | {State.CONFIRMING},
    State.DRAFT: EDITABLE | {State.CONFIRMING},
    State.CONFIRMING: frozenset({State.DEPOSITED, State.REFUSED, State.UNKNOWN}),
    State.UNKNOWN: frozenset({State.UNKNOWN}),
    State.REFUSED: frozenset({State.REFUSED, State.PREPARED, State.FILLING}),
    State.DEPOSITED: SENT,
    State.CERTIFIED: frozenset({State.CERTIFIED}),
}
FOUND: Transitions = {state: frozenset({State.DEPOSITED}) for state in State if state is not State.CERTIFIED}
NOT_FOUND: Transitions = {state: frozenset({State.PREPARED}) for state in DOUBTFUL}


@dataclass(frozen=True)
class Key:
    """Which invoice, on which portal: an invoice number is unique per supplier."""

    # Stands for one portal for ever: its address, not its name in a config that may be edited.
    portal: str
    # SIRET of the supplier.
    supplier: str
    number: str


@dataclass(frozen=True, kw_only=True)
class Content:
    """What the invoice says: same content = same invoice. Printing it again changes its bytes, not this."""

    recipient: str = field(metadata={"fr": "SIRET du destinataire"})
    service: str = field(default="", metadata={"fr": "code service"})
    engagement: str = field(default="", metadata={"fr": "numéro d'engagement"})
    market: str = field(default="", metadata={"fr": "numéro de marché"})
    date: date = field(metadata={"fr": "date de facture"})
    ht: Decimal = field(metadata={"fr": "montant HT"})
    tva: Decimal = field(metadata={"fr": "montant de TVA"})
    ttc: Decimal = field(metadata={"fr": "montant TTC"})
    due: Decimal = field(metadata={"fr": "montant à payer"})
    currency: str = field(default="EUR", metadata={"fr": "devise"})

    def to_json(self) -> str:
        return json.dumps(asdict(self), default=str, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Content:
        values = json.loads(text)
        amounts = {name: Decimal(values[name]) for name in ("ht", "tva", "ttc", "due")}
        return cls(**values | amounts | {"date": date.fromisoformat(values["date"])})

    def differences(self, other: Content) -> tuple[str, ...]:
        """What `other` says differently, in French, a line each. `600` and `600.00` are the same amount."""
        return tuple(
            f"{item.metadata['fr']} : « {now} » au lieu de « {before} »"
            for item in fields(self)
            if (now := getattr(other, item.name)) != (before := getattr(self, item.name))
        )


def content_of(invoice: Invoice) -> Content:
    return Content(
        recipient=invoice.recipient.siret,
        service=invoice.recipient.service or "",
        engagement=invoice.engagement or "",
        market=invoice.market or "",
        date=invoice.date,
        ht=invoice.amounts.ht,
        tva=invoice.amounts.tva,
        ttc=invoice.amounts.ttc,
        due=invoice.amounts.due,
        currency=invoice.currency,
    )


@dataclass(frozen=True)
class Owner:
    """The run that holds an invoice."""

    run: str
    pid: int
    host: str
    since: datetime

    def __str__(self) -> str:
        since = self.since.astimezone().strftime("%d/%m/%Y à %H:%M:%S")
        return f"processus {self.pid} sur {self.host}, exécution {self.run}, depuis le {since}"


@dataclass(frozen=True)
class Deposit:
    """What is known of one invoice on one portal."""

    key: Key
    state: State
    content: Content
    # « Certificat de dépôt n° », once the portal gave it.
    digest: str | None
    certificate: Path | None
    certificate_sha256: str | None
    # Why it is in this state, in French, where there is something to say.
    why: str
    # The last run that changed it.
    run: str
    created: datetime
    updated: datetime
    confirming_at: datetime | None
    deposited_at: datetime | None
    certified_at: datetime | None
    owner: Owner | None


def to_deposit(row: dict[str, Any]) -> Deposit:
    """A row of the journal's table, with its types."""

    def instant(name: str) -> datetime | None:
        return datetime.fromisoformat(row[name]) if row[name] else None

    owner = None
    if row["owner_run"]:
        since = datetime.fromisoformat(row["owner_since"])
        owner = Owner(row["owner_run"], row["owner_pid"], row["owner_host"], since)
    return Deposit(
        key=Key(row["portal"], row["supplier"], row["number"]),
        state=State(row["state"]),
        content=Content.from_json(row["content"]),
        digest=row["digest"],
        certificate=Path(row["certificate"]) if row["certificate"] else None,
        certificate_sha256=row["certificate_sha256"],
        why=row["why"],
        run=row["run"],
        created=datetime.fromisoformat(row["created"]),
        updated=datetime.fromisoformat(row["updated"]),
        confirming_at=instant("confirming_at"),
        deposited_at=instant("deposited_at"),
        certified_at=instant("certified_at"),
        owner=owner,
    )


@dataclass(frozen=True)
class Fresh:
    """Nothing of it is on the portal: go."""


@dataclass(frozen=True)
class Resume:
    """An earlier run stopped before sending: the portal may keep a draft."""

    deposit: Deposit


@dataclass(frozen=True)
class Doubt:
    """It may have been sent: look it up on the portal before touching anything."""

    deposit: Deposit


@dataclass(frozen=True)
class Deposited:
    """It was sent with this content: show the certificate; fetch it where the state is not « certified »."""

    deposit: Deposit


@dataclass(frozen=True)
class OtherContent:
    """This number was sent with another content: stop and ask."""

    deposit: Deposit
    # What the new invoice says differently, in French, a line each.
    differences: tuple[str, ...]


Verdict = Fresh | Resume | Doubt | Deposited | OtherContent


def judge(deposit: Deposit | None, content: Content) -> Verdict:
    """What a new deposit of this content may do, given what is known: the whole decision."""
    if deposit is None or deposit.state is State.PREPARED:
        return Fresh()
    if deposit.state in DOUBTFUL:
        return Doubt(deposit)
    if deposit.state in SENT:
        differences = deposit.content.differences(content)
        return OtherContent(deposit, differences) if differences else Deposited(deposit)
    return Resume(deposit)
