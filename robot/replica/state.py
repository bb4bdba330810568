"""The replica without HTTP: who is known, which invoices there are, what may be looked up, what is kept.

The deposit itself, step by step, is in `journey.py`; what is refused, in `rules.py`.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from robot.replica.certificate import Certificate, draw
from robot.replica.directory import training_directory
from robot.replica.faults import Faults
from robot.replica.french import amount_text, read_amount, read_date
from robot.replica.identity import ACCOUNT, Identity
from robot.replica.records import Account, Bill, Event, Form, Mail, Session
from robot.replica.register import Business
from robot.replica.statuses import RETURNED, Status
from robot.replica.store import Store
from robot.replica.structures import Structures

# Deposit modes, as the portal's API calls them.
_MODES = {"PDF_NON_SIGNE": "DEPOT_PDF_PORTAIL", "PDF_SIGNE_PADES": "DEPOT_PDF_SIGNE_PORTAIL"}

# How long a deposited invoice stays out of the list, under the fault of that name.
LATE = timedelta(seconds=6)

# Whom the present request is for, where its sender is known.
PERSON: ContextVar[Account | None] = ContextVar("person", default=None)


@dataclass(frozen=True)
class Criteria:
    """What « Rechercher » is asked; empty means whatever."""

    number: str = ""
    order: str = ""
    status: str = ""
    # Dates of deposit, JJ/MM/AAAA.
    first: str = ""
    last: str = ""


class State:
    """The state of one replica.

    `suppliers`: SIRET and name of structures that the training account is attached to. `businesses` are added to
    the register. `asks_state`: whether the form asks « Le destinataire est-il l'État ? ».
    """

    def __init__(
        self,
        store: Store,
        *,
        suppliers: Mapping[str, str],
        businesses: Iterable[Business] = (),
        asks_state: bool,
        clock: Callable[[], float],
        lock_seconds: float,
        code_seconds: float,
        link_seconds: float = 3600,
        session_seconds: float = 3600,
        post: Callable[[Mail], None] = lambda _mail: None,
    ) -> None:
        self.store = store
        self.faults = Faults()
        self.asks_state = asks_state
        self.directory = training_directory()
        self.identity = Identity(
            store.world.doors,
            clock,
            lock_seconds=lock_seconds,
            code_seconds=code_seconds,
            link_seconds=link_seconds,
            session_seconds=session_seconds,
            post=post,
        )
        self._clock = clock
        self._session_seconds = session_seconds
        self.structures = Structures(
            store.world,
            self.directory,
            given=suppliers,
            holder=ACCOUNT.email,
            businesses=businesses,
            now=self.now,
        )

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._clock()).astimezone()

    # --- sessions of the invoicing application ---------------------------------------------------------

    def open_session(self, email: str) -> str:
        name = secrets.token_hex(16).upper()
        self.store.world.sessions[name] = Session(email=email, seen=self._clock())
        return name

    def session(self, name: str) -> Session | None:
        """The session of this name; one that was idle too long is forgotten."""
        session = self.store.world.sessions.get(name)
        if session and self._clock() - session.seen > self._session_seconds:
            del self.store.world.sessions[name]
            self.identity.sign_out(session.email)
            return None
        if session:
            session.seen = self._clock()
        return session

    def suppliers_of(self, session: Session) -> dict[str, str]:
        """SIRET and name of the structures in whose name this person may invoice."""
        return self.structures.suppliers_of(session.email)

    def decide_membership(self, email: str, siret: str, *, accepted: bool) -> None:
        """The answer of a « gestionnaire principal » to a request. Raises KeyError where nobody asked."""
        self.structures.decide(email, siret, accepted=accepted)
        answer = "acceptée" if accepted else "refusée"
        self.identity.mail(
            email,
            "Votre demande de rattachement",
            f"Votre demande de rattachement à la structure {siret} - {self.structures.name_of(siret)} a été {answer}.",
        )
        self.store.keep()

    def sign_out(self, email: str | None = None) -> None:
        """One person, or everybody."""
        self.identity.sign_out(email)
        sessions = self.store.world.sessions
        for name in [name for name, session in sessions.items() if email in (None, session.email)]:
            del sessions[name]
        self.store.keep()

    # --- invoices --------------------------------------------------------------------------------------

    @property
    def bills(self) -> list[Bill]:
        """Drafts and sent invoices, newest first."""
        return list(self.store.world.bills.values())[::-1]

    def bill(self, number: int | None) -> Bill | None:
        return self.store.world.bills.get(number) if number is not None else None

    def bills_of(self, session: Session) -> list[Bill]:
        """Those of the structures that this person may invoice for, newest first."""
        suppliers = self.suppliers_of(session)
        return [bill for bill in self.bills if bill.supplier in suppliers]

    def bill_of(self, session: Session, number: int) -> Bill | None:
        """One of them."""
        return next((bill for bill in self.bills_of(session) if bill.id == number), None)

    def add(self, bill: Bill) -> None:
        self.store.world.bills[bill.id] = bill
        self.store.world.next_bill = bill.id + 1

    def remove_draft(self, bill: Bill) -> None:
        if bill.status is Status.DRAFT:
            self.store.world.bills.pop(bill.id, None)

    def record(self, bill: Bill, what: str) -> None:
        """Adds a line to « Historique des actions utilisateurs »."""
        person = PERSON.get()
        bill.history += (Event(at=self.now(), who=person.name if person else "", what=what),)

    def used_numbers(self, supplier: str, *, but: Bill | None = None, drafts: bool = False) -> set[str]:
        """Numbers that a supplier has sent, one invoice left out; those of saved drafts only under a fault."""
        return {
            bill.form.number
            for bill in self.bills
            if bill is not but and bill.supplier == supplier and (bill.status is not Status.DRAFT or (drafts and bill.saved))
        }

    def send(self, bill: Bill) -> None:
        """Deposits a draft, or what came back: with a new certificate then, which is a guess."""
        self.record(bill, "Facture recyclée et renvoyée" if bill.status is Status.TO_RECYCLE else "Facture déposée")
        bill.status, bill.reason = Status.DEPOSITED, ""
        bill.deposited_at = bill.status_at = self.now()
        bill.saved = bill.sent = bill.form

    def to_do(self, session: Session) -> list[Bill]:
        """What « Synthèse » lists: invoices that wait for their supplier."""
        waiting = (Status.DRAFT, *RETURNED)
        return [bill for bill in self.bills_of(session) if bill.status in waiting and not bill.is_treated]

    def search(self, criteria: Criteria, session: Session) -> list[Bill]:
        first, last = (_day(text) for text in (criteria.first, criteria.last))
        limit = self.now() - LATE if self.faults.strikes("late-list", "recherche") else self.now()
        return [
            bill
            for bill in self.bills_of(session)
            if (bill.deposited_at is None or bill.deposited_at <= limit)
            and criteria.number.strip().lower() in bill.shown_number().lower()
            and criteria.order.strip().lower() in bill.form.engagement.lower()
            and criteria.status in ("", bill.status)
            and (first is None or (bill.deposited_at is not None and bill.deposited_at.date() >= first))
            and (last is None or (bill.deposited_at is not None and bill.deposited_at.date() <= last))
        ]

    # --- proof -----------------------------------------------------------------------------------------

    def supplier_line(self, bill: Bill) -> str:
        return f"{bill.supplier} - {self.structures.name_of(bill.supplier)}"

    def recipient_line(self, bill: Bill) -> str:
        return self._structure_line(bill.form.siret)

    def _structure_line(self, siret: str) -> str:
        structure = self.directory.find(siret)
        return str(structure) if structure else siret

    def certificate(self, bill: Bill) -> bytes:
        """The « certificat de dépôt » of a sent invoice."""
        assert bill.deposited_at
        form = bill.sent or bill.form
        return draw(
            Certificate(
                day=bill.deposited_at.date(),
                digest=digest(bill),
                number=form.number,
                supplier=self.supplier_line(bill),
                recipient=self._structure_line(form.siret),
                amount=f"{amount_text(read_amount(form.ttc))} {form.currency}",
                engagement=form.engagement,
            )
        )

    def invoices(self) -> list[dict[str, Any]]:
        """All invoices, oldest first, as JSON takes them."""
        return [self._as_json(bill) for bill in self.bills[::-1]]

    def _as_json(self, bill: Bill) -> dict[str, Any]:
        form = bill.form
        day = _day(form.date)
        return {
            "id": bill.id,
            "status": str(bill.status),
            "status_at": bill.since.isoformat() if bill.since else None,
            "status_reason": bill.reason or None,
            "number": bill.shown_number(),
            "date": day.isoformat() if day else None,
            "supplier_siret": bill.supplier,
            "supplier_service": bill.supplier_service or None,
            "recipient_siret": form.siret or None,
            "service": form.service or None,
            "state_question": form.state or None,
            "engagement": form.engagement or None,
            "market": form.market or None,
            "cadre": bill.cadre,
            "type": form.type or None,
            "vat_type": form.vat_type or None,
            "vat_reason": form.vat_reason or None,
            "payment_mode": form.payment or None,
            "currency": form.currency or None,
            "amounts": {name: _cents(getattr(form, name)) for name in ("ht", "tva", "ttc", "due")},
            "comment": form.comment or None,
            "attachments": [
                {
                    "name": attachment.file.name,
                    "designation": attachment.designation,
                    "type": attachment.type,
                    "size": attachment.file.size,
                    "sha256": attachment.file.sha256,
                }
                for attachment in form.attachments
            ],
            "file_name": bill.file.name,
            "file_sha256": bill.file.sha256,
            "deposit_mode": _MODES.get(bill.format),
            "digest": digest(bill) if bill.deposited_at else None,
            "deposited_at": bill.deposited_at.isoformat() if bill.deposited_at else None,
        }


def digest(bill: Bill) -> str:
    """« Certificat de dépôt n° »: the SHA-256 of the PDF in base 64."""
    return base64.b64encode(bytes.fromhex(bill.file.sha256)).decode()


def with_total(form: Form) -> Form:
    """The form of a portal that adds up the total itself."""
    with suppress(ValueError):
        total = read_amount(form.ht) + read_amount(form.tva)
        return form.model_copy(update={"ttc": amount_text(total)})
    return form


def _day(text: str) -> date | None:
    with suppress(ValueError):
        return read_date(text)
    return None


def _cents(text: str) -> str | None:
    with suppress(ValueError):
        return f"{read_amount(text):.2f}"
    return None
