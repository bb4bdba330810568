"""`chorus-robot deposit`: puts invoices on the portal, or prepares their drafts, and brings back the certificates."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import URL

from robot.addressbook import AddressBook
from robot.answers import Answers
from robot.checks import SETTLED, Judged, LoadedInvoice, judge
from robot.commands.check import INVOICES
from robot.config import Config, load_config
from robot.console import Console
from robot.deposit import Depositor, Result, refused_before, settled
from robot.entrance import entered
from robot.entries import entries_of, is_batch, paper
from robot.events import Listener
from robot.failures import Failure, InvoiceInvalid, worst_exit_code
from robot.journal import Journal
from robot.known import Known, known_of
from robot.learner import Learner
from robot.plaincopy import plain_copy
from robot.questions import Desk, is_attended
from robot.recipients import Entry as Recipient
from robot.review import reviewed_flows
from robot.screens import Flows
from robot.session import Destination, destination_of, portal_key
from robot.steps import Goal
from robot.tally import Tally
from robot.training.remote import Remote

if TYPE_CHECKING:
    from robot.training.film import Film

HELP = "Dépose des factures sur le portail choisi et rapporte leurs certificats de dépôt."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("invoices", nargs="+", type=Path, metavar="FACTURE", help=INVOICES)
    add_portal_arguments(parser)
    goal = parser.add_mutually_exclusive_group()
    goal.add_argument(
        "--dry-run",
        action="store_const",
        const=Goal.DRY_RUN,
        dest="goal",
        help="remplit, relit, puis quitte sans rien garder",
    )
    goal.add_argument(
        "--draft",
        action="store_const",
        const=Goal.DRAFT,
        dest="goal",
        help="s'arrête au brouillon (par défaut, sauf sur la réplique)",
    )
    goal.add_argument(
        "--send",
        action="store_const",
        const=Goal.SEND,
        dest="goal",
        help="envoie la facture (par défaut sur la réplique seulement)",
    )
    parser.add_argument(
        "--ask-again", action="store_true", help="repose les questions auxquelles vous avez déjà répondu pour ces fichiers"
    )
    parser.add_argument(
        "--show",
        action="store_true",
        help="montre chaque étape dans une fenêtre, au rythme de qui regarde : légendes, pointeur, touches",
    )
    parser.add_argument(
        "--out", type=Path, metavar="DOSSIER", help="où ranger certificats et dossiers de preuve"
    )


def add_portal_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of every verb that opens a portal."""
    parser.add_argument(
        "--config", type=Path, default=Path("config.yaml"), metavar="C", help="configuration (config.yaml)"
    )
    parser.add_argument(
        "--portal", metavar="NOM", help="portail à utiliser, au lieu de celui de la configuration"
    )
    parser.add_argument("--headed", action="store_true", help="montre le navigateur")
    parser.add_argument("--json", action="store_true", help="un objet JSON par ligne sur la sortie standard")


def run(options: argparse.Namespace) -> int:
    if options.show:
        from robot.training.show import needs_window

        needs_window()
    flows = reviewed_flows()
    config = load_config(options.config, profiles=tuple(flows.profiles))
    destination = destination_of(config, options.portal, flows, options.config)
    goal = options.goal or (Goal.SEND if destination.embedded else Goal.DRAFT)
    with Journal(config.journal_place()) as journal:
        desk = Desk(Answers(journal)) if is_attended() else None
        known = known_at(destination, config, journal)
        if options.ask_again:
            known = replace(known, answers=lambda _file: {})
        turned, ready = load_all(options.invoices, known, desk)
    out = options.out or config.out
    batches = [path for path in options.invoices if is_batch(path)]
    tally = Tally(batches[0], out, destination.place.name, len(ready)) if batches else None
    for one in turned:
        show(one.result, as_json=options.json)
        if tally:
            tally.add(one.result, one.result.invoice, given=one.given)
    results = [one.result for one in turned]
    if ready:
        results += deposit_all(
            ready,
            flows,
            config,
            destination,
            goal=goal,
            out=out,
            headed=options.headed,
            as_json=options.json,
            tally=tally,
            remote=Remote() if options.show else None,
        )
    if tally:
        tally.show(as_json=options.json)
    return worst_exit_code([result.exit_code for result in results])


def known_at(destination: Destination, config: Config, journal: Journal) -> Known:
    """What invoices for this portal are judged with."""
    if destination.embedded:
        return known_of(config, journal, is_training=True)
    return known_of(config, journal, portal=portal_key(destination.place))


@dataclass(frozen=True)
class Turned:
    """An invoice that cannot go."""

    result: Result
    # What is known of it, as in `facture.yaml`.
    given: Mapping[str, Any]


def load_all(
    paths: Iterable[Path], known: Known, desk: Desk | None = None
) -> tuple[list[Turned], list[LoadedInvoice]]:
    """Invoices that can go, and the results of those that cannot; all are judged before any browser opens.

    What is open is asked at the desk, where somebody is; otherwise it is a reason not to go.
    """
    refused: list[Turned] = []
    ready: dict[tuple[str, str], LoadedInvoice] = {}
    for path in paths:
        for entry in entries_of(path):
            given = getattr(entry, "given", {})
            try:
                if isinstance(entry, InvoiceInvalid):
                    raise entry
                judged = judge(entry, known)
                given = judged.draft.data
                loaded = _settled(judged, known, desk)
                number, siret = loaded.invoice.number, loaded.invoice.supplier.siret
                if twin := ready.get((siret, number)):
                    same = f"le numéro {number} est aussi celui de {twin.place}"
                    raise InvoiceInvalid([entry.document.problem(("number",), same, code="NUMERO_EN_DOUBLE")])
                ready[siret, number] = loaded
            except Failure as failure:
                result = refused_before(getattr(entry, "place", str(path)), failure)
                refused.append(Turned(result, given if isinstance(given, dict) else {}))
    return refused, list(ready.values())


def _settled(judged: Judged, known: Known, desk: Desk | None) -> LoadedInvoice:
    """One invoice, its questions answered. Raises InvoiceInvalid."""
    entry = judged.entry
    if desk and [problem.code for problem in judged.problems] == ["PDF_FACTURX"] and judged.file and desk.confirm(
        entry.place,
        f"{judged.problems[0].what} Écrire à côté une copie en PDF simple, et déposer cette copie ?",
    ):
        return _settled(judge(paper(plain_copy(judged.file)), known), known, desk)
    if desk and not judged.problems:
        judged = desk.settle(entry.place, lambda answers: judge(entry, known, answers))
        _remember(judged, known)
    # The journal answers for numbers that are known, with the certificate or with a question of its own: as soon as
    # nothing else is open.
    rest = judged.without(SETTLED)
    return (judged if rest.questions and not entry.is_written else rest).loaded()


def _remember(judged: Judged, known: Known) -> None:
    """Who a printed name is, once a person has said so."""
    said, name = judged.values.get("recipient.siret"), judged.reading.recipient_name
    if not (known.book and said and name and said.is_said):
        return
    try:
        known.book.remember(Recipient(siret=said.value, names=(name.value,), confirmed=known.today))
    except Failure as failure:
        # The answer itself is in the journal: only the next bill will ask again.
        print(f"  ! {failure}", file=sys.stderr)


def deposit_all(
    ready: list[LoadedInvoice],
    flows: Flows,
    config: Config,
    destination: Destination,
    *,
    goal: Goal,
    out: Path,
    headed: bool,
    as_json: bool,
    journal_at: Path | URL | None = None,
    tally: Tally | None = None,
    remote: Remote | None = None,
    film: Film | None = None,
) -> list[Result]:
    """Deposits in the order given, signed in once.

    `remote`: shown to people in a window, as they ask by it, with the trainer's page beside. `film`: tells the steps, where no
    window does.
    """
    results: list[Result] = []
    waiting: list[LoadedInvoice] = []

    def tell(result: Result, loaded: LoadedInvoice) -> None:
        results.append(result)
        show(result, as_json=as_json)
        if tally:
            tally.advance(result, loaded)

    with Journal(journal_at or config.journal_place()) as journal:
        for loaded in ready:
            known = None if destination.embedded else settled(journal, destination.place, loaded.invoice)
            tell(known, loaded) if known else waiting.append(loaded)
        if not waiting:
            return results
        suppliers = [loaded.invoice.supplier.siret for loaded in waiting]
        headless = not (headed or remote) and config.browser.headless
        with ExitStack() as stack:
            if remote:
                from robot.training.show import fitted, shown

                stack.enter_context(fitted())
            session = stack.enter_context(
                entered(config, flows, destination, journal, suppliers=suppliers, headless=headless)
            )
            book = AddressBook.open(config.address_book_place(), training=bool(destination.embedded))
            invoices = [loaded.invoice for loaded in waiting]
            listeners: list[Listener] = [Console(), Learner(book, invoices)]
            if remote:
                # A server, for whoever shows: others do without.
                from robot.training.trainerpage import SHOWING, open_beside

                stack.enter_context(open_beside(remote, session.replica, SHOWING))
                listeners.append(stack.enter_context(shown(session, invoices, goal, remote)))
            elif film:
                from robot.training.pictures import plain_camera

                listeners.append(film.watch(session.portal, plain_camera))
            office = Depositor(flows, journal, session, goal=goal, out=out, config=config.file, listeners=listeners)
            for loaded in waiting:
                tell(office.deposit(loaded), loaded)
    return results


def show(result: Result, *, as_json: bool) -> None:
    """The outcome of one invoice: JSON on stdout, or a few French lines."""
    if as_json:
        print(json.dumps(result.to_json(), ensure_ascii=False), flush=True)
        return
    if result.folder is None:
        # Problems of a file begin with its name.
        text = result.message if result.invoice in result.message else f"{result.invoice} : {result.message}"
        print(f"✗ {text}", file=sys.stderr)
        return
    print(f"{result.invoice} : {result.outcome}")
    if result.certificate:
        print(f"  certificat : {result.certificate}")
    print(f"  rapport    : {result.folder / 'rapport.html'}", flush=True)
