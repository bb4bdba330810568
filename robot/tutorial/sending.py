"""A check that really sends, elsewhere than on the training replica: the invoice is held in the journal, as in a deposit.

So that a later deposit of the same invoice finds it sent, and none is ever sent twice. Knows nothing of browsers.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from robot.checks import load_invoice
from robot.config import Config
from robot.deposits import DOUBTFUL, Key, State, content_of
from robot.events import Confirming, DepositConfirmed, Event, Listener, new_run
from robot.failures import AlreadyDeposited
from robot.journal import Claim, Journal
from robot.session import Destination, portal_key


@contextmanager
def held(facture: Path, config: Config, destination: Destination, journal: Journal) -> Iterator[Listener]:
    """Takes the invoice; gives the listener that writes its states. Raises InvoiceInvalid, AlreadyDeposited, InvoiceBusy."""
    invoice = load_invoice(facture, supplier=config.supplier.siret).invoice
    key = Key(portal_key(destination.place), invoice.supplier.siret, invoice.number)
    with journal.claim(key, content_of(invoice), run=new_run()) as claim:
        if claim.before is not State.PREPARED:
            raise AlreadyDeposited(
                f"La facture {invoice.number} est déjà connue du journal : une vérification n'y touche pas.",
                cure="prenez une facture qui n'a jamais été déposée.",
            )
        try:
            yield lambda event: _write(claim, event)
        finally:
            if claim.state in DOUBTFUL:
                claim.advance(State.UNKNOWN, why="la vérification du tutoriel s'est arrêtée à la confirmation")


def _write(claim: Claim, event: Event) -> None:
    match event:
        case Confirming():
            claim.advance(State.FILLING)
            claim.advance(State.CONFIRMING)
        case DepositConfirmed():
            claim.advance(State.DEPOSITED, digest=event.digest)
