"""Writes into the address book what a portal showed of a recipient, and that an invoice was deposited there.

A listener of runs. Never stops one: what could not be written is told, and the next deposit learns it again.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

from robot import events
from robot.addressbook import AddressBook, Entry
from robot.failures import Failure
from robot.invoice import Invoice


class Learner:
    """Learns from the runs of one command, whose invoices it is given."""

    def __init__(self, book: AddressBook, invoices: Iterable[Invoice]) -> None:
        self._book = book
        self._invoices = {invoice.number: invoice for invoice in invoices}
        self._run: events.RunStarted | None = None

    def __call__(self, event: events.Event) -> None:
        try:
            self._learn(event)
        except Failure as failure:
            print(f"  ! {failure}", file=sys.stderr)

    def _learn(self, event: events.Event) -> None:
        if isinstance(event, events.RunStarted):
            self._run = event
            return
        invoice = self._invoices.get(self._run.invoice) if self._run else None
        if invoice is None or self._run is None:
            return
        siret = invoice.recipient.siret
        if isinstance(event, events.RecipientSeen) and event.siret == siret:
            if event.name and self._book.find_siret(siret) is None:
                self._book.remember(Entry(siret=siret, names=(event.name,)))
            self._book.note_required(siret, event.required, events.now().date(), self._run.portal)
        elif isinstance(event, events.RunEnded) and event.outcome == "deposited":
            self._book.note_use(siret, invoice.engagement, events.now().date(), invoice.number)
