"""The recipients that a user deposits for, and what each one really required last time: `carnet.yaml`, edited by hand too.

The program adds to the text and changes values where they stand (`yamledit.py`); what a person wrote stays. Knows nothing
of invoices' files nor of browsers: who learns what a portal showed is `learner.py`.
"""

from __future__ import annotations

import codecs
import datetime as dt
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from robot.failures import FileInvalid, Problem
from robot.plain import clean, why
from robot.presence import alone_at
from robot.recipients import REQUIREMENTS, Entry, Requirement
from robot.rules import Record
from robot.universities import University, by_siret, suggestions
from robot.wholefile import write_atomically
from robot.yamledit import CannotEdit, Value, with_item, with_value
from robot.yamledit import Path as At
from robot.yamlfile import MAX_BYTES, parse, read_text, text_of

__all__ = ["AddressBook", "BookInvalid", "Candidate", "Entry", "candidates", "own_book"]

Changes = Mapping[At, Value]

# More than anybody chooses from.
MAX_CANDIDATES = 9
# Times that a file which a person saves meanwhile is read again.
_TRIES = 5

_HEADER = """\
# Carnet d'adresses de chorus-robot : à qui vous envoyez vos factures, et ce que chacun exige.
# Le robot le complète après un dépôt. Vous pouvez le modifier : vos lignes et vos commentaires restent.
"""


class BookInvalid(FileInvalid):
    """Le carnet d'adresses est à corriger."""


class _Book(Record):
    """The file."""

    recipients: tuple[Entry, ...] = ()


def own_book() -> Path:
    """The user's own book, unless the configuration names another."""
    override = os.environ.get("CHORUS_ROBOT_HOME")
    folder = Path(override) if override else platformdirs.user_config_path("chorus-robot", appauthor=False)
    return folder / "carnet.yaml"


class AddressBook:
    """The book as it was when opened or last written. A file that is missing is an empty book; a broken one is never written.

    One for training reads the user's own too, but writes a book beside it: what a replica requires is true of nobody.
    """

    def __init__(self, file: Path, *, own: Path | None = None) -> None:
        """Raises BookInvalid."""
        self.file = file
        self._own = _entries(own) if own else ()
        self._entries = _entries(file)

    @classmethod
    def open(cls, place: Path | None = None, *, training: bool = False) -> AddressBook:
        """The book of a place, by default the user's own. Raises BookInvalid."""
        file = place or own_book()
        return cls(file.with_name(f"{file.stem}-entrainement{file.suffix}"), own=file) if training else cls(file)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """In the order of the file."""
        learnt = {one.siret: one for one in self._entries}
        own = [_over(one, learnt.pop(one.siret)) if one.siret in learnt else one for one in self._own]
        return (*own, *learnt.values())

    def find(self, name: str) -> list[Entry]:
        """Those with this printed name, exactly but for its spelling; several where it is ambiguous."""
        return [one for one in self.entries if one.is_named(name)]

    def find_siret(self, siret: str) -> Entry | None:
        return next((one for one in self.entries if one.siret == siret), None)

    # --- writing ------------------------------------------------------------------------------------------------

    def remember(self, entry: Entry) -> None:
        """Adds a recipient, or what is given of it to the one that is there; its names are added. Raises BookInvalid."""
        given = {name: getattr(entry, name) for name in entry.model_fields_set - {"siret", "names", "required"}}
        changes: dict[At, Value] = {(name,): _written(value) for name, value in given.items() if value is not None}
        for what in REQUIREMENTS:
            changes |= _requirement(what, entry.requirement(what))
        self._write(entry.siret, lambda _before: changes, entry.names)

    def note_use(self, siret: str, engagement: str | None, date: dt.date, number: str) -> None:
        """A deposit of that day: its order number counts from there if it is another one. Raises BookInvalid."""
        used: Changes = {("used",): _written(date), ("number",): _written(number)}
        order: Changes = {("engagement",): engagement, ("since",): _written(date)} if engagement else {}
        self._write(siret, lambda before: used if before and before.engagement == engagement else {**order, **used})

    def note_required(self, siret: str, required: Mapping[str, bool], date: dt.date, portal: str) -> None:
        """What a portal required, by « engagement » and « service »; what it did not show stays. Raises BookInvalid."""
        changes: dict[At, Value] = {}
        for what, answer in required.items():
            changes |= _requirement(what, Requirement(answer=answer, date=date, portal=portal))
        if changes:
            self._write(siret, lambda _before: changes)

    def _write(
        self, siret: str, decide: Callable[[Entry | None], Changes], names: Sequence[str] = ()
    ) -> None:
        """Changes one entry, decided on as the file has it at that moment; the file is there whole, before and after."""
        # A link stays a link.
        file = self.file.resolve()
        try:
            with alone_at(file):
                for _ in range(_TRIES):
                    stamp, text = _stamp(file), _text(file)
                    new = self._edited(text, siret, decide, names)
                    # An editor knows nothing of our lock.
                    if _stamp(file) == stamp:
                        break
                else:
                    raise _refused(self.file, "il change sans cesse", "fermez le programme qui l'écrit")
                if new != text:
                    write_atomically(file, _mark(file) + new.encode())
                self._entries = _parsed(new, file)
        except OSError as error:
            raise _refused(self.file, why(error), "vérifiez le chemin et l'espace libre") from None

    def _edited(
        self, text: str, siret: str, decide: Callable[[Entry | None], Changes], names: Sequence[str]
    ) -> str:
        """The text with the changes in it, which can be read again. Raises BookInvalid."""
        entries = _parsed(text, self.file)
        index = next((i for i, one in enumerate(entries) if one.siret == siret), None)
        before = entries[index] if index is not None else None
        changes, printed = decide(before), [clean(name) for name in names if not before or not before.is_named(name)]
        try:
            if index is None:
                text = with_item(text or _HEADER, ("recipients",), _new(siret, printed, changes))
            else:
                for name in printed:
                    text = with_item(text, ("recipients", index, "names"), name)
                for at, value in changes.items():
                    text = with_value(text, ("recipients", index, *at), value)
        except CannotEdit:
            wanted = ", ".join(f"{'.'.join(map(str, at))}: {value}" for at, value in changes.items())
            what = f"le robot ne sait pas compléter l'entrée {siret} sans la réécrire"
            raise _refused(self.file, what, f"ajoutez-y vous-même {wanted}") from None
        if len(text.encode()) > MAX_BYTES:
            raise _refused(self.file, "il serait trop gros", "retirez les destinataires qui ne servent plus")
        _parsed(text, self.file)
        return text


def _refused(file: Path, what: str, cure: str) -> BookInvalid:
    return BookInvalid([Problem(file, 0, f"le carnet n'est pas complété : {what}", cure=cure)])


def _entries(file: Path) -> tuple[Entry, ...]:
    """What a file holds; nothing where it is missing. Raises BookInvalid."""
    return _parsed(_text(file), file)


def _text(file: Path) -> str:
    return text_of(file, BookInvalid) if os.path.lexists(file) else ""


def _parsed(text: str, file: Path) -> tuple[Entry, ...]:
    document = read_text(text, file, BookInvalid)
    entries = parse(document, _Book, BookInvalid).recipients
    lines = [document.line(("recipients", index, "siret")) for index in range(len(entries))]
    first = {one.siret: line for one, line in reversed([*zip(entries, lines, strict=True)])}
    twice = [(one.siret, line) for one, line in zip(entries, lines, strict=True) if first[one.siret] != line]
    if twice:
        cure = "réunissez les deux entrées en une"
        what = "le SIRET {} a déjà une entrée, ligne {}"
        raise BookInvalid([Problem(file, line, what.format(siret, first[siret]), cure=cure) for siret, line in twice])
    return entries


def _mark(file: Path) -> bytes:
    """The three bytes that some editors of Windows begin a text with."""
    return codecs.BOM_UTF8 if file.exists() and file.read_bytes().startswith(codecs.BOM_UTF8) else b""


def _stamp(file: Path) -> tuple[int, int, int] | None:
    """Tells a file from what it was before."""
    try:
        facts = file.stat()
    except FileNotFoundError:
        return None
    return facts.st_ino, facts.st_size, facts.st_mtime_ns


def _over(own: Entry, learnt: Entry) -> Entry:
    """What was learnt besides, over what the user's own book says."""
    changes = {name: getattr(learnt, name) for name in learnt.model_fields_set - {"siret", "names"}}
    return own.model_copy(update={**changes, "names": tuple(dict.fromkeys((*own.names, *learnt.names)))})


# --- as the file has it ---------------------------------------------------------------------------------------------


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    return value.isoformat() if isinstance(value, dt.date) else clean(value)


def _requirement(what: str, seen: Requirement | None) -> Changes:
    facts = {"answer": seen.answer, "date": seen.date, "portal": seen.portal} if seen else {}
    return {("required", what, name): _written(value) for name, value in facts.items() if value is not None}


def _new(siret: str, names: Sequence[str], changes: Changes) -> Value:
    """A new entry; its keys in the order of `Entry`."""
    entry: dict[str, Any] = {"siret": siret} | ({"names": names} if names else {})
    order = list(Entry.model_fields)
    for at, value in sorted(changes.items(), key=lambda change: order.index(str(change[0][0]))):
        inner = entry
        for part in at[:-1]:
            inner = inner.setdefault(str(part), {})
        inner[str(at[-1])] = value
    return entry


# --- who it may be --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Candidate:
    """Somebody whom an invoice may be for: a person says whether it is."""

    siret: str
    name: str
    # What to know before saying yes, in French: where it comes from, and the warnings.
    words: str
    # It was seen to require a service code or an order number, or says so itself.
    asks_service: bool = False
    asks_engagement: bool = False


def candidates(
    name: str, book: AddressBook | None, listed: Callable[[str], Sequence[University]] = suggestions
) -> list[Candidate]:
    """Who a printed name may mean: the address book's first, then the universities of the public list.

    Where nobody has that name, or none is printed: all of the book, the last used first.
    """
    entries = list(book.entries) if book else []
    found = [_of_book(one) for one in entries if name and one.is_named(name)]
    for one in listed(name) if name else ():
        known = next((entry for entry in entries if entry.siret == one.siret), None)
        found.append(_of_book(known) if known else _of_list(one, name))
    if not found:
        found = [_of_book(one) for one in sorted(entries, key=lambda one: one.used or dt.date.min, reverse=True)]
    return list({one.siret: one for one in reversed(found)}.values())[::-1][:MAX_CANDIDATES]


def _of_book(entry: Entry) -> Candidate:
    last = f", comme la dernière fois, le {entry.used:%d/%m/%Y}" if entry.used else ""
    published = _published(entry.siret)
    return Candidate(
        entry.siret,
        entry.name,
        f"{entry.name} (carnet{last})",
        asks_service=entry.demands("service") is True or published[1],
        asks_engagement=entry.demands("engagement") is True or published[0],
    )


def _of_list(university: University, name: str) -> Candidate:
    near = "" if university.is_named(name) else f"nom approchant : la facture dit « {clean(name)} » ; "
    engagement, service = _published(university.siret)
    asks = [words for words, is_asked in (("un numéro de commande", engagement), ("un code service", service)) if is_asked]
    also = f" ; elle demande {' et '.join(asks)}" if asks else ""
    place = f"{university.postal_code} {university.city}"
    words = f"{university.label}, {place} ({near}{university.warning}{also})"
    return Candidate(university.siret, university.label, words, asks_service=service, asks_engagement=engagement)


def _published(siret: str) -> tuple[bool, bool]:
    """Whether a university itself says that it requires an order number, and a service code."""
    university = by_siret(siret)
    published = university.published if university else None
    return bool(published and published.engagement), bool(published and published.service)
