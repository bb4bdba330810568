"""`chorus-robot doctor`: whether everything is ready on this machine, and the cure where it is not."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.metadata import packages_distributions
from pathlib import Path

from fpdf import FPDF

from robot.browser import choose_browser, open_browser, open_context
from robot.commands.browser import found_browsers
from robot.config import load_config
from robot.failures import CommandInvalid, ConfigInvalid, Failure
from robot.gate import Gate
from robot.journal import Journal
from robot.pdffile import look
from robot.review import reviewed_flows

HELP = "Vérifie le navigateur, les parcours, le journal et la configuration ; dit comment réparer."


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    name: str
    ok: bool
    seen: str
    cure: str = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, metavar="C", help="configuration à vérifier aussi")
    parser.add_argument("--json", action="store_true", help="un objet JSON par ligne sur la sortie standard")


def run(options: argparse.Namespace) -> int:
    findings = list(_look(options.config))
    for finding in findings:
        if options.json:
            print(json.dumps(asdict(finding), ensure_ascii=False))
        else:
            print(f"{'✓' if finding.ok else '✗'} {finding.name:<16} {finding.seen}")
            if finding.cure and not finding.ok:
                print(f"  que faire : {finding.cure}")
    return 0 if all(finding.ok for finding in findings) else 2


def _look(config: Path | None) -> Iterator[Finding]:
    yield Finding(
        "Python", sys.version_info >= (3, 11), sys.version.split()[0], "installez Python 3.11 ou plus récent"
    )
    yield _owners()
    yield _try("Parcours", lambda: f"{len(reviewed_flows().screens)} écrans, sans erreur")
    yield _try("Journal", lambda: _journal(config))
    yield _try("Lecture de PDF", _reader)
    yield _try("Navigateur", _browser)
    if config:
        yield _try("Configuration", lambda: f"{config} : portail « {_portal(config)} »")


def _owners() -> Finding:
    """Robot Framework installs a package of the same name: whichever comes last breaks the other."""
    owners = sorted(set(packages_distributions().get("robot", [])) | {"chorus-robot"})
    return Finding(
        "Paquet robot",
        len(owners) == 1,
        ", ".join(owners),
        "installez chorus-robot dans un environnement virtuel à lui : python -m venv chorus",
    )


def _try(name: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(name, True, look())
    except Failure as failure:
        return Finding(name, False, failure.what, failure.cure)


def _journal(config: Path | None) -> str:
    known = None
    # A configuration that is wrong has a line of its own.
    with suppress(ConfigInvalid):
        known = load_config(config, profiles=tuple(reviewed_flows().profiles)) if config else None
    with Journal(known.journal_place() if known else None) as journal:
        return journal.where


def _portal(config: Path) -> str:
    return load_config(config, profiles=tuple(reviewed_flows().profiles)).portal


def _reader() -> str:
    """Reads a PDF that is certainly right: a library that is missing would make every invoice look damaged."""
    page = FPDF()
    page.add_page()
    page.set_font("helvetica")
    page.cell(text="Facture")
    if "Facture" in look(bytes(page.output())).text:
        return "les factures PDF peuvent être lues"
    raise CommandInvalid(
        "Le lecteur de PDF ne démarre pas : toute facture paraîtrait abîmée.",
        cure="réinstallez chorus-robot dans un environnement virtuel neuf",
    )


def _browser() -> str:
    """Starts the browser for good, behind a gate that lets nothing through."""
    from playwright.sync_api import sync_playwright

    found = choose_browser(found_browsers(), headless=True)
    with Gate(()) as gate, sync_playwright() as playwright:  # noqa: SIM117
        with open_browser(playwright, found, gate, headless=True) as browser:
            open_context(browser).new_page().goto("about:blank")
            return f"{found}, version {browser.version}"
