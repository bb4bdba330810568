"""Deposits shown to people: the coach in front of one session, with what its runs will meet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from playwright.sync_api import Browser

from robot.attempt import JOURNEY
from robot.browser import has_display
from robot.events import RunStarted
from robot.failures import CommandInvalid
from robot.hand import Hand
from robot.invoice import Invoice
from robot.session import Session, borrowing, started
from robot.steps import Goal
from robot.training.agenda import Agenda, agenda_of
from robot.training.coach import Coach
from robot.training.remote import Remote

# Before a deposit the robot looks whether the portal has the invoice already: from its tabs.
_LOOK_UP, _TABS = "recherche", "factures-emises"


def needs_window() -> None:
    """Raises CommandInvalid on a machine that shows no window."""
    if not has_display():
        raise CommandInvalid(
            "Une démonstration se montre dans une fenêtre, et cette machine n'en montre pas.",
            cure="lancez la commande devant un écran, ou sans --show ni --headed.",
        )


@contextmanager
def fitted() -> Iterator[None]:
    """Sessions opened meanwhile fill the screen, be it a projector's, instead of having the robot's own measures."""
    with started() as lent:

        def launch(**wishes: Any) -> Browser:
            return lent.launch(**{**wishes, "args": [*wishes.get("args", ()), "--start-maximized"]})

        with borrowing(replace(lent, launch=launch, context={**lent.context, "no_viewport": True})):
            yield


@contextmanager
def shown(session: Session, invoices: Iterable[Invoice], goal: Goal, remote: Remote) -> Iterator[Coach]:
    """A listener that shows the session's deposits, and makes their gestures meanwhile; its end stays to be read."""
    known = {invoice.number: invoice for invoice in invoices}

    def agenda(started: RunStarted) -> Agenda:
        invoice = known.get(started.invoice)
        if invoice is None:
            return Agenda()
        first = "" if goal is Goal.DRY_RUN else _LOOK_UP
        values = {"invoice": invoice, "supplier": invoice.supplier, "account": session.account}
        return agenda_of(session.flows, JOURNEY, goal, values, first=first, before=_TABS if first else "")

    coach = Coach(session.portal, session.flows, remote, agenda=agenda)
    session.portal.hand = coach.hand
    try:
        yield coach
        coach.close()
    finally:
        session.portal.hand = Hand()
