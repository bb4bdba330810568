"""`chorus-robot journal`: what the robot knows of every invoice; takes up what hangs, by the same way as `deposit`."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy.engine import URL

from robot.checks import LoadedInvoice
from robot.commands.deposit import deposit_all, known_at, load_all, show
from robot.config import load_config
from robot.deposit import Result, refused_before
from robot.entries import is_batch
from robot.events import now
from robot.failures import CommandInvalid, Failure, worst_exit_code
from robot.fields import parse_date, plain
from robot.journal import Journal, Run
from robot.journal_place import place_of
from robot.ledger import WORDS, Entry, accounts, entries, passages, runs_of, tale
from robot.listing import (
    GOALS,
    attention,
    entry_json,
    invoice_json,
    invoice_lines,
    moment,
    run_json,
    run_lines,
    spreadsheet,
    table,
)
from robot.plain import clean
from robot.review import reviewed_flows
from robot.screens import Flows
from robot.session import destination_of, portal_key
from robot.steps import Goal
from robot.wholefile import write_atomically

HELP = (
    "Montre ce que le robot sait de chaque facture, et reprend ce qui est en suspens.\n"
    "« list » (par défaut) les liste, « show » dit tout de l'une d'elles, « resume » va voir sur le portail,\n"
    "« export » écrit tout dans un fichier pour un tableur ou un programme."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(
        action="list", config=None, json=False, state=[], portal=None, since=None, names=[], headed=False,
        format=None, out=None,
    )  # fmt: skip
    _add_common(parser)
    _add_filters(parser)
    actions = parser.add_subparsers(dest="action", metavar="ACTION", title="actions")

    def add(name: str, help: str) -> argparse.ArgumentParser:
        one = actions.add_parser(
            name,
            help=help,
            description=f"{help[0].upper()}{help[1:]}.",
            formatter_class=parser.formatter_class,
            argument_default=argparse.SUPPRESS,
        )
        _add_common(one)
        return one

    _add_filters(add("list", "liste les factures connues, et compte celles à ne pas oublier"))
    one = add("show", "dit tout d'une facture, ou d'une exécution")
    one.add_argument("names", nargs=1, metavar="NUMÉRO|EXÉCUTION", help="le numéro d'une facture, ou le nom d'une exécution")
    one.add_argument("--portal", metavar="NOM", help="celle de ce portail seulement")
    one = add("resume", "relance le dépôt des factures en suspens, avec ce qui avait été demandé")
    one.add_argument(
        "names", nargs="*", metavar="NUMÉRO", help="ces factures seulement, brouillons et saisies interrompues comprises"
    )
    one.add_argument("--portal", metavar="NOM", help="celles de ce portail seulement")
    one.add_argument("--headed", action="store_true", help="montre le navigateur")
    one = add("export", "écrit tout le journal, pour un tableur (csv) ou un programme (json)")
    one.add_argument("--format", choices=["csv", "json"], help="csv (par défaut) ou json")
    one.add_argument("--out", type=Path, metavar="FICHIER", help="fichier à écrire ; sinon, la sortie standard")
    _add_filters(one)


def _add_common(parser: argparse.ArgumentParser) -> None:
    hidden = argparse.SUPPRESS
    parser.add_argument(
        "--config", type=Path, default=hidden, metavar="C", help="configuration qui dit où est le journal (config.yaml)"
    )
    parser.add_argument(
        "--json", action="store_true", default=hidden, help="un objet JSON par ligne sur la sortie standard"
    )


def _add_filters(parser: argparse.ArgumentParser) -> None:
    hidden = argparse.SUPPRESS
    parser.add_argument(
        "--state",
        action="append",
        default=hidden,
        metavar="ÉTAT",
        help="factures dans cet état : brouillon, inconnu, attention…",
    )
    parser.add_argument("--portal", default=hidden, metavar="NOM", help="factures de ce portail (nom, ou adresse)")
    parser.add_argument("--since", type=_day, default=hidden, metavar="JOUR", help="changées depuis ce jour (JJ/MM/AAAA)")


def _day(text: str) -> date:
    day = parse_date(text)
    if day is None:
        raise ValueError(text)
    return day


def run(options: argparse.Namespace) -> int:
    action = options.action or "list"
    place = place_of(options.config)
    if isinstance(place, Path) and not place.is_file():
        if options.names:
            raise CommandInvalid(f"Le journal est vide : il n'y a rien sur {options.names[0]}.", where=str(place))
        if action != "export":
            print(f"Le journal est vide : aucune facture n'a été déposée ({place}).", file=sys.stderr)
            return 0
    return {"list": _list, "show": _show, "resume": _resume, "export": _export}[action](options, place)


# --- list, show, export ---------------------------------------------------------------------------------------


def _list(options: argparse.Namespace, place: Path | URL) -> int:
    with Journal(place) as journal:
        listed = _filtered(entries(journal), options)
    if options.json:
        for entry in listed:
            print(json.dumps(entry_json(entry), ensure_ascii=False))
        return 0
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    print(textwrap.fill(attention(listed), width or 1000))
    if any(entry.is_pending for entry in listed):
        print("chorus-robot journal resume : va d'abord les chercher sur le portail.")
    print()
    for line in table(listed, width) if listed else ["Aucune facture."]:
        print(line)
    return 0


def _filtered(listed: Iterable[Entry], options: argparse.Namespace) -> list[Entry]:
    """Those of the options `--state`, `--portal` and `--since`."""
    asked = [_states(text) for text in options.state]
    return [
        entry
        for entry in listed
        if (not asked or any(entry.needs_attention if one is None else entry.words in one for one in asked))
        and (options.portal is None or options.portal in (entry.place, entry.deposit.key.portal))
        and (options.since is None or entry.deposit.updated.astimezone().date() >= options.since)
    ]


def _states(text: str) -> set[str] | None:
    """The states that a person means, in French words; None for « attention »."""
    wanted = plain(text)
    if wanted and "attention".startswith(wanted):
        return None
    exact = {words for state, words in WORDS.items() if wanted in (state.value, plain(words))}
    found = exact or {words for words in WORDS.values() if wanted and wanted in plain(words)}
    if not found:
        raise CommandInvalid(f"L'état « {text} » n'existe pas.", expected=", ".join((*WORDS.values(), "attention")))
    return found


def _show(options: argparse.Namespace, place: Path | URL) -> int:
    (name,) = options.names
    with Journal(place) as journal:
        invoices = [entry for entry in entries(journal) if entry.number == name and _is_on(entry, options.portal)]
        known = {entry.deposit.key: runs_of(journal, entry.deposit.key) for entry in invoices}
        runs = [] if invoices else _runs_named(journal, name)
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 100
        for entry in invoices:
            own = [tale(journal, run) for run in known[entry.deposit.key]]
            passed = passages(journal, entry.deposit.key)
            if options.json:
                told = invoice_json(entry, passed, ()) | {"runs": [run_json(one) for one in own]}
                print(json.dumps(told, ensure_ascii=False))
                continue
            print("\n".join(invoice_lines(entry, passed, width)), end="\n\n")
            for one in own:
                print("\n".join(run_lines(one, width)), end="\n\n")
        for run in runs:
            one = tale(journal, run)
            print(json.dumps(run_json(one), ensure_ascii=False) if options.json else "\n".join(run_lines(one, width)))
    return 0


def _runs_named(journal: Journal, name: str) -> list[Run]:
    runs = journal.runs(name) if name else []
    if not runs:
        raise CommandInvalid(
            f"Le journal n'a ni facture ni exécution « {name} ».", cure="chorus-robot journal list les montre toutes."
        )
    exact = [run for run in runs if run.run == name]
    if len(runs) > 1 and not exact:
        names = ", ".join(run.run for run in runs[:5])
        raise CommandInvalid(f"{len(runs)} exécutions commencent par « {name} » : {names}{'…' if len(runs) > 5 else ''}")
    return exact or runs


def _is_on(entry: Entry, portal: str | None) -> bool:
    return portal is None or portal in (entry.place, entry.deposit.key.portal)


def _export(options: argparse.Namespace, place: Path | URL) -> int:
    kind = options.format or ("json" if options.json and not options.out else "csv")
    with Journal(place) as journal:
        chosen = _filtered(entries(journal), options)
        owned = {entry.deposit.key: runs_of(journal, entry.deposit.key) for entry in chosen}
        if kind == "csv":
            data = spreadsheet([(entry, owned[entry.deposit.key]) for entry in chosen])
        else:
            whole = {
                "exported": now().isoformat(),
                "invoices": [
                    invoice_json(
                        entry,
                        passages(journal, entry.deposit.key),
                        [run.run for run in owned[entry.deposit.key]],
                    )
                    for entry in chosen
                ],
                "runs": [run_json(tale(journal, run, look=False)) for run in journal.runs()],
                "accounts": accounts(journal),
            }
            data = json.dumps(whole, ensure_ascii=False, indent=2 if options.out else None).encode() + b"\n"
    if options.out is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return 0
    try:
        write_atomically(options.out, data)
    except OSError as error:
        raise CommandInvalid(
            f"Le fichier {options.out} ne peut pas être écrit ({error.strerror}).", cure="choisissez un autre --out."
        ) from None
    line = {"file": str(options.out.absolute()), "format": kind, "invoices": len(chosen)}
    print(json.dumps(line, ensure_ascii=False) if options.json else f"{len(chosen)} facture(s) : {options.out}")
    return 0


# --- resume ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Order:
    """What one deposit command was told beside its invoices."""

    config: Path
    place: str
    goal: str
    dossiers: Path


def _resume(options: argparse.Namespace, place: Path | URL) -> int:
    with Journal(place) as journal:
        known = [entry for entry in entries(journal) if _is_on(entry, options.portal)]
    chosen = _named(known, options.names) if options.names else [entry for entry in known if entry.is_pending]
    if not chosen:
        print("Rien n'est en suspens : aucune facture à reprendre.", file=sys.stderr)
        return 0
    results: list[Result] = []
    orders: dict[_Order, list[Entry]] = {}
    for entry in reversed(chosen):
        try:
            orders.setdefault(_order(entry), []).append(entry)
        except Failure as failure:
            results.append(refused_before(entry.number, failure))
            show(results[-1], as_json=options.json)
    flows = reviewed_flows()
    for order, group in orders.items():
        results += _repeat(order, group, flows, options, place)
    return worst_exit_code([result.exit_code for result in results])


def _named(known: list[Entry], numbers: list[str]) -> list[Entry]:
    chosen = []
    for number in dict.fromkeys(numbers):
        those = [entry for entry in known if entry.number == number]
        if not those:
            raise CommandInvalid(
                f"Le journal n'a pas de facture « {number} ».", cure="chorus-robot journal list les montre toutes."
            )
        real = [entry for entry in those if not entry.is_training] or those[:1]
        if len(real) > 1:
            where = ", ".join(f"{entry.deposit.key.supplier} sur {entry.deposit.key.portal}" for entry in real)
            raise CommandInvalid(
                f"Plusieurs factures ont le numéro {number} : {where}.",
                cure="précisez --portal, ou relancez chorus-robot deposit <fichier>.",
            )
        chosen += real
    return chosen


def _order(entry: Entry) -> _Order:
    """What was asked for this invoice, where it can be asked again from here. Raises CommandInvalid."""
    if entry.is_training:
        raise CommandInvalid(
            f"La facture {entry.number} était sur une réplique d'entraînement, qui a disparu avec sa commande : il n'y a "
            "rien à reprendre.",
        )
    again = "relancez vous-même : chorus-robot deposit <fichier>, comme la première fois ; rien ne sera envoyé deux fois."
    if entry.asked is None:
        raise CommandInvalid(f"Le journal ne sait pas de quel fichier vient la facture {entry.number}.", cure=again)
    mandate = entry.asked.mandate
    if not entry.asked.is_here:
        raise CommandInvalid(
            f"La facture {entry.number} a été demandée sur la machine {entry.asked.host} : son fichier n'est pas ici.",
            cure=f"relancez là-bas, ou ici avec une copie du fichier : chorus-robot deposit {mandate.source.name}",
        )
    for path, what in ((mandate.source, "son fichier"), (mandate.config, "sa configuration")):
        if not path.is_file():
            raise CommandInvalid(
                f"La facture {entry.number} ne peut pas être reprise : {what} n'est plus là.", where=str(path), cure=again
            )
    return _Order(mandate.config, mandate.place, mandate.goal, mandate.dossiers)


def _repeat(
    order: _Order, group: list[Entry], flows: Flows, options: argparse.Namespace, place: Path | URL
) -> list[Result]:
    """Runs the same deposit again. What the files say now must still be these invoices, on this portal."""
    wanted: dict[Path, dict[str, Entry]] = {}
    for entry in group:
        if entry.asked:
            wanted.setdefault(entry.asked.mandate.source, {})[entry.number] = entry
    batches = {source for source in wanted if is_batch(source)}
    try:
        config = load_config(order.config, profiles=tuple(flows.profiles))
        destination = destination_of(config, order.place, flows, order.config)
        with Journal(place) as journal:
            known = known_at(destination, config, journal)
            turned, loaded = load_all(wanted.keys() - batches, known)
            results = [one.result for one in turned]
            # The other lines of a batch are none of ours; a line of ours that is not right any more is missing below.
            loaded += load_all(batches, known)[1]
    except Failure as failure:
        results, loaded = [refused_before(entry.number, failure) for entry in group], []
    there = {(one.path, one.invoice.number) for one in loaded}
    for source in batches:
        results += [refused_before(number, _gone(number, source)) for number in wanted[source] if (source, number) not in there]
    for result in results:
        show(result, as_json=options.json)
    ready = []
    for one in loaded:
        those = wanted[one.path]
        if one.path in batches and one.invoice.number not in those:
            continue
        entry = those.get(one.invoice.number) or next(iter(those.values()))
        host = "" if destination.embedded else portal_key(destination.place)
        if other := _other(one, entry, host, order.place):
            results.append(refused_before(entry.number, other))
            show(results[-1], as_json=options.json)
            continue
        assert entry.asked
        said = f"{clean(entry.number)} ({entry.words}) : reprise comme demandé le {moment(entry.asked.at)}, "
        print(f"{said}{GOALS.get(order.goal, order.goal)} sur « {order.place} ».", file=sys.stderr)
        ready.append(one)
    if not ready:
        return results
    return results + deposit_all(
        ready,
        flows,
        config,
        destination,
        goal=Goal(order.goal),
        out=order.dossiers,
        headed=options.headed,
        as_json=options.json,
        journal_at=place,
    )


def _gone(number: str, source: Path) -> Failure:
    return CommandInvalid(
        f"La facture {number} n'est plus, ou n'est plus correcte, dans sa liste.",
        where=str(source),
        cure=f"vérifiez la liste : chorus-robot check {source.name}",
    )


def _other(loaded: LoadedInvoice, entry: Entry, host: str, name: str) -> Failure | None:
    """Why this is not the invoice that hangs: its file was used for another one, or the portal's name for another."""
    key = entry.deposit.key
    if (loaded.invoice.number, loaded.invoice.supplier.siret) != (key.number, key.supplier):
        return CommandInvalid(
            f"Le fichier de la facture {entry.number} décrit maintenant la facture {loaded.invoice.number}.",
            where=str(loaded.path),
            cure=f"remettez-le tel qu'il était, ou écrivez-le sous un autre nom : chorus-robot deposit {loaded.path.name}",
        )
    if host != key.portal:
        return CommandInvalid(
            f"Le portail « {name} » n'est plus à la même adresse : {host or 'réplique'} au lieu de {key.portal}.",
            cure="corrigez la configuration, ou relancez chorus-robot deposit <fichier> --portal <nom>.",
        )
    return None
