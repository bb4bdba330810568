"""`chorus-robot calibrate`: a person walks a portal in a visible window; the robot beside notes where everything is."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from robot.account import Account
from robot.browser import choose_browser, find_browsers, has_display, open_browser, open_context
from robot.calibration import Calibration
from robot.commands.deposit import add_portal_arguments
from robot.config import Config, load_config
from robot.failures import CommandInvalid, Failure, PersonNeeded
from robot.gate import Gate
from robot.locators import register
from robot.manifest import robot_version
from robot.masking import Masker, identity_of
from robot.plain import clean
from robot.profilefile import write_profile
from robot.review import reviewed_flows
from robot.screens import Flows
from robot.session import Destination, Lent, borrowing, destination_of, open_session
from robot.tabs import Place
from robot.tutorial.contract import Contract, contract_file, load_contract, merged, save_contract
from robot.tutorial.mending import patch
from robot.tutorial.verdicts import Mend
from robot.vocabulary import vocabulary_of
from robot.walkfolder import SavedWalk, WalkFolder
from robot.walkreplay import replay
from robot.walkwriter import WalkWriter
from robot.wholefile import write_atomically

HELP = (
    "Ouvre une fenêtre où vous parcourez le portail comme d'habitude. Le robot, à côté, n'appuie sur rien : il reconnaît\n"
    "les écrans, en garde une copie sans données personnelles, et vous demande de montrer ce qu'il ne trouve pas.\n"
    "À la fin il écrit le profil du portail. Relancée avec le même dossier, la commande continue."
)

_REPLAYED = 70


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_portal_arguments(parser)
    add = parser.add_argument
    add("--headless", action="store_true", help="refusé ici : c'est à une personne de parcourir le portail")
    add("--out", type=Path, metavar="DOSSIER", help="où garder le parcours (calibrage/NOM) ; le même pour continuer")
    add("--by", default="non signé", metavar="NOM", help="qui répond de ce relevé ; écrit dans le profil")
    add("--mask", action="append", default=[], metavar="MOTS", help="mots à masquer partout (raison sociale…) ; répétable")
    add("--no-questions", action="store_true", help="regarde et garde, sans rien demander")
    add("--replay", type=Path, metavar="DOSSIER", help="rejoue hors ligne un parcours gardé, et dit ce qui diffère")


def run(options: argparse.Namespace) -> int:
    if options.replay:
        return _replay(options.replay, as_json=options.json)
    if options.headless or not has_display():
        why = "sans fenêtre" if options.headless else "sur une machine sans écran"
        raise PersonNeeded(
            f"Calibrer ne se fait pas {why} : c'est une personne qui parcourt le portail.",
            cure="lancez « chorus-robot calibrate » sans --headless, là où une fenêtre s'ouvre.",
        )
    flows = reviewed_flows()
    config = load_config(options.config, profiles=tuple(flows.profiles))
    destination = _destination(config, options.portal or config.portal, flows, options.config)
    if destination.embedded:
        raise CommandInvalid(
            "La réplique intégrée naît et meurt avec chaque commande : il n'y a rien à calibrer.",
            cure="lancez « chorus-robot replica » et décrivez-la sous « portals: », ou choisissez un portail par --portal.",
        )
    return _calibrate(options, config, flows, destination)


# --- replay -----------------------------------------------------------------------------------------------------------


def _replay(folder: Path, *, as_json: bool) -> int:
    flows = reviewed_flows()
    if not WalkFolder(folder).exists:
        raise CommandInvalid(f"{folder} n'est pas un parcours gardé par « chorus-robot calibrate ».")
    found = replay(folder, flows)
    for one in found:
        if as_json:
            print(json.dumps({"page": one.page, "message": one.says, "loss": one.is_loss}, ensure_ascii=False))
        else:
            print(("✗ " if one.is_loss else "  ") + clean(str(one)))
    losses = [one for one in found if one.is_loss]
    if not as_json:
        count = len(WalkFolder(folder).load().pages)
        print(f"✗ {len(losses)} différences sur {count} pages." if losses else f"✓ {count} pages : tout est retrouvé.")
    return _REPLAYED if losses else 0


# --- calibration ------------------------------------------------------------------------------------------------------


def _destination(config: Config, name: str, flows: Flows, path: Path) -> Destination:
    """As for any command; but a profile need not say where a password may be typed: here a person types it."""
    profile = flows.profiles.get(name)
    if profile and name not in config.portals and not profile.sign_in_hosts:
        place = Place(name, profile.url, profile.hosts, (), profile.generation, profile.ids, profile.note)
        return Destination(replace(place, settling_seconds=profile.settling_seconds))
    return destination_of(config, name, flows, path)


def _calibrate(options: argparse.Namespace, config: Config, flows: Flows, destination: Destination) -> int:
    place = destination.place
    folder = WalkFolder(options.out or Path("calibrage") / place.name)
    walk = _walk(folder, options, config, place)
    account = _account(config)
    masker = _masker(options, config, flows, account)
    with _browsers(config, flows, destination, account) as (browser, copies):
        writer = WalkWriter(folder, walk, flows, masker, copies, _say)
        folder.save(walk)
        # What was kept before is masked with what is known now.
        writer.forget()
        spoken = flows.named({"account": account, "supplier": config.supplier})
        calibration = Calibration(open_context(browser), spoken, place, writer, _say, asks=not options.no_questions)
        _say(f"À vous, dans la fenêtre : connectez-vous et parcourez le portail. Tout est gardé, masqué, dans {folder.path}.")
        try:
            calibration.run()
        except KeyboardInterrupt:
            _say("Interrompu : ce qui est gardé reste.")
        finally:
            _conclude(options, config, flows, destination, writer)
    return 0


def _account(config: Config) -> Account:
    """Whose account it is; no secret is read, since a person signs in."""
    holder = config.account.holder
    names = holder.model_dump(include={"first_name", "last_name"}) if holder else {}
    return Account.of(config.account.email, None, **names)


def _masker(options: argparse.Namespace, config: Config, flows: Flows, account: Account) -> Masker:
    holder = config.account.holder
    if not holder:
        _say("Votre nom n'est pas dans la configuration (account: holder:) : donnez-le par --mask, qu'il soit masqué partout.")
    phone = holder.phone if holder and holder.phone else ""
    return Masker(vocabulary_of(flows), identity_of(account, (config.supplier.siret, phone, *options.mask)))


def _walk(folder: WalkFolder, options: argparse.Namespace, config: Config, place: Place) -> SavedWalk:
    """The walk that is gone on with, or a new one. Raises CommandInvalid where the folder is another portal's."""
    if folder.exists:
        walk = folder.load()
        if (walk.portal, walk.generation) != (place.name, place.generation):
            said = f"{folder.path} garde le parcours du portail « {walk.portal} »."
            raise CommandInvalid(said, cure="choisissez un autre dossier par --out.")
    else:
        walk = SavedWalk(
            portal=place.name,
            generation="2021" if place.generation == "2021" else "2024",
            robot="",
            day="",
            who="",
            ids={screen: dict(selectors) for screen, selectors in place.ids.items()},
        )
    now = {
        "day": dt.date.today().isoformat(),
        "who": options.by,
        "robot": f"chorus-robot {robot_version()}",
        "named": config.account.holder is not None,
        "structure": config.supplier.kind,
    }
    return walk.model_copy(update=now)


@contextmanager
def _browsers(
    config: Config, flows: Flows, destination: Destination, account: Account
) -> Iterator[tuple[Browser, Browser]]:
    """The person's browser, behind the portal's gate; and one without a window for the copies, that can reach nothing."""
    with Gate(()) as nowhere, sync_playwright() as playwright:
        register(playwright)
        hidden = choose_browser(find_browsers(playwright), headless=True, path=config.browser.path)
        lent = Lent(playwright, playwright.chromium.launch)
        with (
            borrowing(lent),
            open_session(config, flows, destination, account=account, headless=False) as session,
            open_browser(playwright, hidden, nowhere, headless=True) as copies,
        ):
            for note in session.notes:
                _say(note)
            yield session.engine, copies


def _conclude(
    options: argparse.Namespace, config: Config, flows: Flows, destination: Destination, writer: WalkWriter
) -> None:
    """Writes profile and contract from what was kept, however the walk ended. Needs no browser."""
    walk, place = writer.walk, destination.place
    if not walk.pages:
        _say("Aucune page n'a été gardée : rien n'est écrit.")
        return
    profile = write_profile(walk, flows, place, writer.folder.path, is_described_here=place.name not in config.portals)
    kept = contract_file(place.name)
    now = Contract(portal=place.name, generation=place.generation, screens=walk.screens)
    save_contract(merged(load_contract(kept), now, accept=True), kept)
    facts: Mapping[str, object] = {
        "folder": str(writer.folder.path),
        "profile": str(profile),
        "contract": str(kept),
        "pages": len(walk.pages),
        "screens": sorted(walk.screens),
        "ids": sum(map(len, walk.ids.values())),
        "corrections": len(walk.corrections),
        "exit_code": 0,
    }
    _say(f"{facts['pages']} pages gardées dans {writer.folder.path} ; {facts['ids']} identifiants relevés dans {profile}.")
    _propose(walk, flows, writer.folder.path)
    _say(f"Pour vérifier hors ligne : chorus-robot calibrate --replay {writer.folder.path}")
    if options.json:
        print(json.dumps(facts, ensure_ascii=False))


def _propose(walk: SavedWalk, flows: Flows, folder: Path) -> None:
    """Writes the new words as a patch of the flows, and tells them; the flows themselves stay."""
    for one in walk.corrections:
        _say(f"{one.file} : à la place de « {one.instead_of} », le portail écrit « {one.words} ».")
    mends = [Mend(**correction.model_dump()) for correction in walk.corrections]
    try:
        text = patch(flows, mends, day=dt.date.today(), portal=walk.portal)
    except Failure as failure:
        _say(str(failure))
        return
    if text:
        write_atomically(folder / "correctif.patch", text.encode())
        _say(f"La correction des parcours est dans {folder / 'correctif.patch'} (git apply).")


def _say(sentence: str) -> None:
    print(clean(sentence), file=sys.stderr, flush=True)
