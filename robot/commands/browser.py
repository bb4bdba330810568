"""`chorus-robot browser`: which browsers this machine has, which one is taken; installs one."""

from __future__ import annotations

import argparse
import json

from playwright.sync_api import sync_playwright

from robot.browser import Found, find_browsers, install_browser, installation_commands

HELP = "Montre les navigateurs trouvés, dans l'ordre où ils sont pris. « install » en installe un s'il n'y en a pas."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action", nargs="?", choices=["list", "install"], default="list", help="lister, ou installer"
    )
    parser.add_argument("--json", action="store_true", help="un objet JSON par ligne sur la sortie standard")


def found_browsers() -> list[Found]:
    with sync_playwright() as playwright:
        return find_browsers(playwright)


def run(options: argparse.Namespace) -> int:
    found = found_browsers()
    if options.action == "install" and not found:
        install_browser()
        found = found_browsers()
    for rank, browser in enumerate(found):
        if options.json:
            line = {"kind": browser.kind, "path": str(browser.path), "taken": rank == 0}
            print(json.dumps(line, ensure_ascii=False))
        else:
            print(f"{'→' if rank == 0 else ' '} {browser}{'  (pris)' if rank == 0 else ''}")
    if not found and not options.json:
        print("Aucun navigateur trouvé. À essayer, dans cet ordre :")
        for command in installation_commands():
            print(f"  {' '.join(command)}")
    return 0 if found else 2
