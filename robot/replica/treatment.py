"""What becomes of an invoice once it was sent: its recipient moves it on or sends it back, its supplier takes note.

No HTTP. Which state follows which is in `statuses.py`; sending an invoice again is part of the deposit, `journey.py`.
"""

from __future__ import annotations

from datetime import datetime

from robot.replica.records import Bill, Event, Session
from robot.replica.state import State
from robot.replica.statuses import (
    ACKNOWLEDGEMENT_TIME,
    RETURNED,
    STATUS_LABELS,
    TO_ACKNOWLEDGE,
    Status,
    mover_of,
    reachable,
    way,
)

MAX_REASON = 255


class MoveRefused(ValueError):
    """An invoice that cannot be moved so; the argument is a French sentence for whoever asked."""


def sent_bill(state: State, number: str, supplier: str = "") -> Bill:
    """The sent invoice of that number. Raises MoveRefused where there is none, or one of each of several suppliers."""
    found = [
        bill
        for bill in state.bills
        if bill.status is not Status.DRAFT and bill.form.number == number and supplier in ("", bill.supplier)
    ]
    if not found:
        sent = ", ".join(bill.form.number for bill in state.bills if bill.status is not Status.DRAFT) or "aucune"
        raise MoveRefused(f"Aucune facture envoyée ne porte le numéro « {number} » ; envoyées : {sent}.")
    if len(found) > 1:
        raise MoveRefused(f"Plusieurs fournisseurs ont une facture n° {number} : dites aussi le SIRET du fournisseur.")
    return found[0]


def move(state: State, bill: Bill, status: str, *, reason: str = "", at: datetime | None = None) -> None:
    """Brings a sent invoice to a state (API code), through those that lie between. Raises MoveRefused.

    `at`: when its recipient did so, local time where it names no zone; now where nothing is said.
    """
    if status not in list(Status):
        raise MoveRefused(f"État inconnu « {status} » ; connus : {', '.join(Status)}.")
    there, reason, at = Status(status), reason.strip(), at.astimezone() if at else state.now()
    steps = way(bill.status, there)
    here = STATUS_LABELS[bill.status]
    if not steps:
        possible = ", ".join(STATUS_LABELS[one] for one in reachable(bill.status)) or "aucun, sans son fournisseur"
        raise MoveRefused(
            f"La facture n° {bill.form.number} est à l'état « {here} » : elle ne peut pas passer à "
            f"« {STATUS_LABELS[there]} » ; états possibles : {possible}."
        )
    if there in RETURNED and not reason:
        raise MoveRefused(f"L'état « {STATUS_LABELS[there]} » demande un motif.")
    if len(reason) > MAX_REASON:
        raise MoveRefused(f"Le motif ne doit pas dépasser {MAX_REASON} caractères.")
    if (bill.since and at < bill.since) or at > state.now():
        raise MoveRefused(f"La date doit être comprise entre celle de l'état « {here} » et maintenant.")
    for step in steps:
        enter(state, bill, step, at=at, who=mover_of(step), reason=reason if step is there else "")
    state.store.keep()


def enter(state: State, bill: Bill, status: Status, *, at: datetime, who: str, reason: str = "") -> None:
    """One state, its line in the history and its mail."""
    bill.status, bill.status_at, bill.reason = status, at, reason
    bill.is_acknowledged = bill.is_treated = False
    what = f"Passage à l'état « {STATUS_LABELS[status]} »" + (f" : {reason}" if reason else "")
    bill.history += (Event(at=at, who=who, what=what),)
    _tell(state, bill)


def _tell(state: State, bill: Bill) -> None:
    """To everybody who invoices for this supplier; how the portal words its mails is not known."""
    label = STATUS_LABELS[bill.status]
    for account in state.identity.accounts:
        if account.is_active and bill.supplier in state.structures.suppliers_of(account.email):
            state.identity.mail(
                account.email,
                f"Votre facture est passée à l'état « {label} »",
                f"La facture n° {bill.form.number} est passée à l'état « {label} »."
                + (f" Motif : {bill.reason}" if bill.reason else ""),
            )


# --- the supplier takes note ---------------------------------------------------------------------------


def to_acknowledge(state: State, session: Session) -> list[Bill]:
    """Rejected and suspended invoices that their supplier has not acknowledged, newest first."""
    return [bill for bill in state.bills_of(session) if bill.status in TO_ACKNOWLEDGE and not bill.is_acknowledged]


def may_wait(state: State, bill: Bill) -> bool:
    """Whether the acknowledgement may be put off."""
    return bill.since is None or state.now() - bill.since <= ACKNOWLEDGEMENT_TIME


def acknowledge(state: State, bill: Bill) -> None:
    """« Acquitter »."""
    if bill.status in TO_ACKNOWLEDGE and not bill.is_acknowledged:
        bill.is_acknowledged = True
        state.record(bill, "Rejet acquitté" if bill.status is Status.REJECTED else "Suspension acquittée")


def treat_rejection(state: State, bill: Bill) -> None:
    """« Traiter le rejet »: the invoice leaves « Synthèse »; it was acknowledged before."""
    if bill.status is Status.REJECTED and bill.is_acknowledged and not bill.is_treated:
        bill.is_treated = True
        state.record(bill, "Rejet traité")
