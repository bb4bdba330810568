"""Finds a browser on this machine, installs one where there is none, and opens it behind the gate.

Looked for in the order of least surprise: the one the user named, Chrome, Edge, Chromium, Playwright's own. Says which
was taken. The browser is visibly automated: nothing is disguised. Knows nothing of screens.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Playwright, StorageState, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from robot.failures import CommandInvalid
from robot.gate import Gate

ENV_BROWSER = "CHORUS_ROBOT_BROWSER"

VIEWPORT = {"width": 1280, "height": 900}


@dataclass(frozen=True)
class Found:
    """A browser of this machine."""

    # chrome, edge, chromium, headless-shell, playwright or choice (named by the user).
    kind: str
    path: Path

    def __str__(self) -> str:
        names = {
            "chrome": "Google Chrome",
            "edge": "Microsoft Edge",
            "chromium": "Chromium",
            "headless-shell": "Chromium sans fenêtre",
            "playwright": "Chromium de Playwright",
            "choice": "navigateur choisi",
        }
        return f"{names[self.kind]} ({self.path})"


def _programs(*parts: str) -> list[Path]:
    roots = [os.environ.get(name) for name in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")]
    return [Path(root, *parts) for root in roots if root]


def _candidates() -> Iterator[tuple[str, Path | str]]:
    """Kind and place of every browser worth a look, best first; a bare name is looked for on the PATH."""
    if sys.platform == "win32":
        yield from (("chrome", path) for path in _programs("Google", "Chrome", "Application", "chrome.exe"))
        yield from (("edge", path) for path in _programs("Microsoft", "Edge", "Application", "msedge.exe"))
        yield from (("chromium", path) for path in _programs("Chromium", "Application", "chrome.exe"))
    elif sys.platform == "darwin":
        for folder in (Path("/Applications"), Path.home() / "Applications"):
            yield "chrome", folder / "Google Chrome.app/Contents/MacOS/Google Chrome"
            yield "edge", folder / "Microsoft Edge.app/Contents/MacOS/Microsoft Edge"
            yield "chromium", folder / "Chromium.app/Contents/MacOS/Chromium"
    yield from (("chrome", name) for name in ("google-chrome", "google-chrome-stable", "chrome"))
    yield from (("edge", name) for name in ("microsoft-edge", "microsoft-edge-stable"))
    yield from (("chromium", name) for name in ("chromium", "chromium-browser"))


def find_browsers(playwright: Playwright | None = None) -> list[Found]:
    """Every browser found, best first; Playwright's own only where its driver is given."""
    found: list[Found] = []
    if choice := os.environ.get(ENV_BROWSER):
        found.append(Found("choice", Path(choice)))
    for kind, place in _candidates():
        path = shutil.which(place) if isinstance(place, str) else (str(place) if place.is_file() else None)
        if path and all(Path(path) != other.path for other in found):
            found.append(Found(kind, Path(path)))
    if playwright and Path(playwright.chromium.executable_path).is_file():
        found.append(Found("playwright", Path(playwright.chromium.executable_path)))
    # Debian's package of the windowless Chromium: good for scheduled runs, useless for a demonstration.
    if shell := shutil.which("chromium-headless-shell"):
        found.append(Found("headless-shell", Path(shell)))
    return found


def choose_browser(found: list[Found], *, headless: bool, path: Path | None = None) -> Found:
    """The browser to take. Raises CommandInvalid, with the cure, where there is none that fits."""
    if path:
        if not path.is_file():
            raise CommandInvalid(
                f"Le navigateur {path} n'existe pas.",
                cure="corrigez « browser: path: » dans la configuration.",
            )
        return Found("choice", path)
    for browser in found:
        if headless or browser.kind != "headless-shell":
            return browser
    raise CommandInvalid(
        "Aucun navigateur n'a été trouvé (Chrome, Edge, Chromium ou celui de Playwright).",
        cure="installez-en un par « chorus-robot browser install ».",
    )


# Each system's own way to a Chromium, tried in turn where Playwright's download does not come through.
_PACKAGE_MANAGERS: tuple[tuple[str, ...], ...] = (
    ("apt-get", "install", "-y", "chromium"),
    ("dnf", "install", "-y", "chromium"),
    ("zypper", "--non-interactive", "install", "chromium"),
    ("pacman", "-S", "--noconfirm", "chromium"),
    ("apk", "add", "chromium"),
    ("brew", "install", "--cask", "chromium"),
    ("winget", "install", "-e", "--id", "Google.Chrome"),
)


def installation_commands() -> list[list[str]]:
    """Commands that bring a browser to this machine, best first."""
    commands = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    is_admin = not hasattr(os, "geteuid") or os.geteuid() == 0
    for manager in _PACKAGE_MANAGERS:
        if not shutil.which(manager[0]):
            continue
        if is_admin or manager[0] in ("brew", "winget"):
            if manager[0] == "apt-get":
                commands.append(["apt-get", "update"])
            commands.append(list(manager))
        elif shutil.which("sudo"):
            commands.append(["sudo", *manager])
    return commands


def install_browser() -> bool:
    """Runs the installation commands until a browser is found; output goes to stderr. False where none worked."""
    for command in installation_commands():
        print(f"  $ {' '.join(command)}", file=sys.stderr)
        try:
            subprocess.run(command, check=False, stdout=sys.stderr, stdin=subprocess.DEVNULL)
        except OSError as error:
            print(f"    {error}", file=sys.stderr)
        with sync_playwright() as playwright:
            if find_browsers(playwright):
                return True
    return False


# Nothing but the portal is talked to, and nothing of the portal's is kept by the browser's own services.
_QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
)


@contextmanager
def open_browser(
    playwright: Playwright,
    found: Found,
    gate: Gate,
    *,
    headless: bool,
    slow_ms: float = 0,
    launch: Callable[..., Browser] | None = None,
) -> Iterator[Browser]:
    """One browser for one run, all of whose traffic passes the gate; `launch` stands for Playwright's own."""
    # Chromium refuses to start its sandbox as root; everybody else keeps it.
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    try:
        browser = (launch or playwright.chromium.launch)(
            executable_path=found.path,
            headless=headless,
            slow_mo=slow_ms,
            args=list(_QUIET),
            chromium_sandbox=not is_root,
            proxy={"server": gate.server},
        )
    except PlaywrightError as error:
        raise CommandInvalid(
            f"{found} ne démarre pas : {error.message.splitlines()[0]}",
            cure="lancez « chorus-robot doctor », ou choisissez un autre navigateur par la variable "
            f"{ENV_BROWSER}.",
        ) from None
    try:
        yield browser
    finally:
        browser.close()


def has_display() -> bool:
    """Whether a window opened here is seen by somebody."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def open_context(
    browser: Browser, state: StorageState | None = None, wishes: Mapping[str, Any] | None = None
) -> BrowserContext:
    """A fresh context, or one that holds a saved session; French, since the portal answers in the browser's language.

    `wishes`: arguments of `new_context`; the robot's own needs win.
    """
    given = dict(wishes or {})
    if not given.get("no_viewport"):
        given = {"viewport": {"width": VIEWPORT["width"], "height": VIEWPORT["height"]}} | given
    given |= {
        "storage_state": state,
        "locale": "fr-FR",
        "timezone_id": "Europe/Paris",
        "accept_downloads": True,
        "service_workers": "block",
    }
    return browser.new_context(**given)
