"""Judges one invoice before any browser opens: reads its file, puts together what is known, and says all that is wrong.

Whatever the user names (a PDF, a `facture.yaml`, a line of a batch) comes through here. A `facture.yaml` is complete: it
is its owner's written answer, nothing is added to it, and where the paper says otherwise that is told. To a PDF alone,
or to a line, the paper, the address book and earlier answers add what is missing. Asks nothing itself (`questions.py`).
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from robot.addressbook import Candidate, candidates
from robot.answers import Answer
from robot.checklist import RULES, Case, month_of
from robot.draft import Draft, Value, drafted, given_value
from robot.entries import Entry, written
from robot.failures import InvoiceInvalid, Problem
from robot.history import NO_PAPER, Paper, iban_ends
from robot.invoice import Invoice
from robot.known import Known
from robot.pdffile import MIN_LETTERS, UNREADABLE, inspect, look
from robot.plain import clean
from robot.reader import read
from robot.reading import Reading
from robot.recipients import Entry as Recipient
from robot.uploads import MAX_FILE, MAX_TOTAL, Finding, Level, attachment_refusal, is_file, link_finding, path_of
from robot.yamlfile import Document, parse

# Of the form: whoever is asked for the value need not be told that it is missing as well.
_MISSING = {
    "NUMERO_ABSENT": "number",
    "DATE_ABSENTE": "date",
    "SIRET_FOURNISSEUR_ABSENT": "supplier.siret",
    "SIRET_DESTINATAIRE_ABSENT": "recipient.siret",
    "TOTAL_ABSENT": "amounts",
}
# What the paper or the address book says of values that a `facture.yaml` gives, or leaves out: its owner has decided.
_DECIDED = frozenset(
    {
        "SIRET_FOURNISSEUR_ABSENT", "SIRET_FOURNISSEUR_INVALIDE", "SIRET_FOURNISSEUR_AUTRE",
        "SIRET_DESTINATAIRE_INVALIDE", "ENGAGEMENT_ABSENT", "CODE_SERVICE_ABSENT",
    }
)  # fmt: skip
# What the journal settles by itself when the invoice is deposited: the certificate is given again, or the run stops.
SETTLED = frozenset({"NUMERO_DEJA_DEPOSE", "NUMERO_APRES_REJET", "NUMERO_AUTRE_CONTENU"})


@dataclass(frozen=True)
class LoadedInvoice:
    """An invoice that breaks no rule, and what a person should still know about it."""

    # The file it was read from: `facture.yaml`, the PDF, a batch.
    path: Path
    invoice: Invoice
    findings: tuple[Finding, ...] = ()
    paper: Paper = NO_PAPER
    # What messages call it: the path, or the line of a batch (`lot.csv:7`).
    place: str = ""


@dataclass(frozen=True)
class Judged:
    """What was found out about one invoice."""

    entry: Entry
    # None while it breaks a rule of the form.
    invoice: Invoice | None
    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]
    reading: Reading
    # Every value with its origin.
    draft: Draft
    # SHA-256 of the file; empty where there is none.
    digest: str

    @property
    def questions(self) -> tuple[Finding, ...]:
        """What a person must answer first."""
        return tuple(one for one in self.findings if one.level is Level.ASKS)

    @property
    def values(self) -> Mapping[str, Value]:
        """Values that its owner did not write."""
        return self.draft.values

    @property
    def file(self) -> Path | None:
        """The file that would be deposited, where one is named."""
        return _file(self.entry.document, self.entry.document.data)

    def without(self, codes: Collection[str]) -> Judged:
        """The same, but for findings that somebody else answers for."""
        problems = tuple(one for one in self.problems if one.code not in codes)
        return replace(self, problems=problems, findings=tuple(one for one in self.findings if one.code not in codes))

    def loaded(self) -> LoadedInvoice:
        """The invoice, ready to go. Raises InvoiceInvalid with all that is wrong, open questions included."""
        open_questions = () if self.entry.is_written else self.questions
        asked = [problem_of(self.entry, one) for one in open_questions]
        if self.problems or asked or self.invoice is None:
            raise InvoiceInvalid(sorted([*self.problems, *asked], key=lambda problem: problem.line))
        iban = iban_ends(self.reading.iban.value) if self.reading.iban else ""
        paper = Paper(month_of(self.reading, self.invoice), iban)
        return LoadedInvoice(self.entry.document.path, self.invoice, self.findings, paper, self.entry.place)


def judge(entry: Entry, known: Known, answers: Mapping[str, Answer] | None = None) -> Judged:
    """Everything that can be known of one invoice without a portal; `answers` add to those that are kept."""
    document, is_written = entry.document, entry.is_written
    data = document.data if isinstance(document.data, dict) else {}
    file = _file(document, data)
    digest, reading, has_text = _paper(file) if file and is_file(file) else ("", Reading(), False)
    answers = {**(known.answers(digest) if digest else {}), **(answers or {})}
    recipient = _recipient(document, reading, answers, known)
    if is_written or not isinstance(document.data, dict):
        is_needed = known.supplier and isinstance(document.data, dict) and not data.get("supplier")
        draft = Draft(document, {"supplier.siret": Value(known.supplier, "configuration")} if is_needed else {})
    else:
        draft = drafted(document, reading, supplier=known.supplier, answers=answers, recipient=recipient)
    invoice, problems = _typed(draft, known, is_written=is_written)
    supplier = str(draft["supplier.siret"] or "")
    case = Case(
        draft=draft,
        reading=reading,
        has_text=has_text,
        invoice=invoice,
        answers=answers,
        recipient=recipient,
        candidates=_candidates(reading, known),
        earlier=known.history(supplier) if supplier else (),
        supplier=known.supplier,
        today=known.today,
    )
    seen = list(_of_files(document, data))
    is_closed = any(one.level is Level.BLOCKS and one.code in UNREADABLE for one in seen) and not any(reading.values())
    if is_closed and not is_written:
        # Nothing of it is known: what is missing on it is not said besides.
        problems = []
    found = [*seen, *(one for rule in RULES for one in (rule(case) if digest and not is_closed else ()))]
    findings = [_settled(one, draft, answers, is_written=is_written) for one in found]
    asked = {one.field for one in findings if one.level is Level.ASKS and one.field}
    problems = [one for one in problems if not _is_asked(one, asked)]
    codes = {one.code for one in problems}
    for one in findings:
        if one.level is Level.BLOCKS and (one.code not in codes or one.code == "PIECE_JOINTE"):
            problems.append(problem_of(entry, one))
    told = tuple(one for one in findings if one.level is not Level.BLOCKS)
    problems = sorted({(one.code, one.what): one for one in problems}.values(), key=lambda one: one.line)
    return Judged(entry, invoice, told, tuple(problems), reading, draft, digest)


def load_invoice(path: Path, *, supplier: str | None, today: dt.date | None = None) -> LoadedInvoice:
    """Reads and checks one `facture.yaml` by itself; `supplier` is the SIRET of the config. Raises InvoiceInvalid."""
    return judge(written(path), Known(supplier, today=today or dt.date.today())).loaded()


def _is_asked(problem: Problem, asked: set[str]) -> bool:
    path = _MISSING.get(problem.code, "")
    return bool(path) and any(one == path or one.startswith(f"{path}.") for one in asked)


def _typed(draft: Draft, known: Known, *, is_written: bool) -> tuple[Invoice | None, list[Problem]]:
    tva = given_value(draft, "amounts.tva")
    if not is_written and tva not in (None, "0.00") and given_value(draft, "vat.type") is None:
        # Asked by a rule of the checklist; until then the form's own rule needs a type that allows for VAT.
        draft = Draft(draft, {"vat.type": Value("TVA_SUR_ENCAISSEMENT", "")})
    try:
        context = {"folder": draft.path.parent, "today": known.today, "supplier": known.supplier}
        return parse(draft, Invoice, InvoiceInvalid, context), []
    except InvoiceInvalid as failure:
        return None, list(failure.problems)


def _settled(found: Finding, draft: Draft, answers: Mapping[str, Answer], *, is_written: bool) -> Finding:
    """A finding that somebody has answered, by writing the value or by saying yes, is only told."""
    if found.level is Level.ASKS and not found.field and found.code in answers:
        return replace(found, level=Level.TELLS, message=f"{found.message} (confirmé : {answers[found.code]})")
    is_given = bool(found.field) and (is_written or given_value(draft.given, found.field) is not None)
    if (found.level is Level.ASKS and is_given) or (is_written and found.code in _DECIDED):
        return replace(found, level=Level.TELLS)
    return found


def problem_of(entry: Entry, found: Finding) -> Problem:
    """A finding as a problem of the file that it is about."""
    at = tuple(int(part) if part.isdigit() else part for part in found.field.split(".")) if found.field else ("file",)
    problem = entry.document.problem(at, found.message, code=found.code)
    return replace(problem, spot=found.place) if found.place else problem


# --- files ------------------------------------------------------------------------------------------------------


def _paper(file: Path) -> tuple[str, Reading, bool]:
    """SHA-256 of a file, what it says, and whether words were found on its pages."""
    try:
        data = file.read_bytes() if file.stat().st_size <= MAX_FILE else b""
    except OSError:
        return "", Reading(), False
    return hashlib.sha256(data).hexdigest(), *_read(data)


@lru_cache(maxsize=4)
def _read(data: bytes) -> tuple[Reading, bool]:
    if data.lstrip(b"\xef\xbb\xbf\r\n\t ").startswith(b"<?xml"):
        return read((), [data]), True
    inside = look(data)
    has_text = sum(letter.isalnum() for letter in inside.text) >= MIN_LETTERS
    return read(inside.pages, inside.invoices), has_text


def _of_files(document: Document, data: Mapping[str, object]) -> Iterator[Finding]:
    """What is seen in the invoice's file and its attachments."""
    total = 0
    if file := _file(document, data):
        total += _size(file)
        yield from _links(document, file)
        yield from inspect(file)
    attachments = data.get("attachments")
    for index, item in enumerate(attachments if isinstance(attachments, list) else []):
        if file := _file(document, item):
            total += _size(file)
            yield from _links(document, file)
            if refusal := attachment_refusal(file):
                sentence = f"La pièce {clean(file.name)} ne peut pas être jointe : {refusal}."
                yield Finding("PIECE_JOINTE", Level.BLOCKS, sentence, field=f"attachments.{index}.file")
    if total > MAX_TOTAL:
        sentence = "Les pièces ne peuvent pas être jointes : total de plus de 120 Mo avec la facture."
        yield Finding("PIECE_JOINTE", Level.BLOCKS, sentence, field="attachments")


def _file(document: Document, item: object) -> Path | None:
    name = item.get("file") if isinstance(item, dict) else None
    return path_of(name, document.path.parent) if isinstance(name, str) and name.strip() else None


def _links(document: Document, file: Path) -> Iterator[Finding]:
    if is_file(file) and (found := link_finding(file, document.path.parent)):
        yield found


def _size(file: Path) -> int:
    return file.stat().st_size if is_file(file) else 0


# --- the address book -----------------------------------------------------------------------------------------------


def _recipient(
    document: Document, reading: Reading, answers: Mapping[str, Answer], known: Known
) -> Recipient | None:
    """Who the address book knows as the recipient: by the SIRET given, answered or printed, else by the printed name."""
    if known.book is None:
        return None
    printed = reading.recipient_siret
    given = given_value(document, "recipient.siret")
    answered = answers.get("recipient.siret")
    siret = str(given or (answered and answered.value) or (printed and printed.value) or "")
    if siret:
        return known.book.find_siret(siret)
    named = known.book.find(reading.recipient_name.value) if reading.recipient_name else []
    return named[0] if len(named) == 1 else None


def _candidates(reading: Reading, known: Known) -> tuple[Candidate, ...]:
    return tuple(candidates(reading.recipient_name.value if reading.recipient_name else "", known.book))
