"""What invoices are judged with, beside themselves: configuration, address book, earlier deposits, earlier answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from robot.addressbook import AddressBook
from robot.answers import Answer, Answers
from robot.config import Config
from robot.history import Earlier, History
from robot.journal import Journal


@dataclass(frozen=True)
class Known:
    """All of it optional: with nothing, an invoice is judged by itself."""

    # SIRET of the configuration.
    supplier: str | None = None
    book: AddressBook | None = None
    # The earlier invoices of a supplier, oldest first.
    history: Callable[[str], tuple[Earlier, ...]] = lambda _supplier: ()
    # What was answered about a file, by its SHA-256.
    answers: Callable[[str], Mapping[str, Answer]] = lambda _file: {}
    today: dt.date = field(default_factory=dt.date.today)


def known_of(config: Config | None, journal: Journal | None, *, portal: str | None = None, is_training: bool = False) -> Known:
    """What this user's files and journal know.

    `portal` is the key of the one deposited on, or all that are no passing replica; on one of those (`is_training`)
    nothing was deposited before.
    """
    supplier = config.supplier.siret if config else None
    book = AddressBook.open(config.address_book_place() if config else None, training=is_training)
    if journal is None:
        return Known(supplier, book)
    history = History(journal, portal).of if not is_training else lambda _supplier: ()
    return Known(supplier, book, history, Answers(journal).about)
