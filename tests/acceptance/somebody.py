"""Somebody in front of the robot's window: another program, with mouse and keyboard of its own, in the same browser."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType

import pytest
from playwright.sync_api import Browser, CDPSession, ElementHandle, Page, Playwright, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from robot import browser as robot_browser
from robot.locators import is_passing

# The robot's caption, which stands there as long as the window is the person's.
CAPTION = "[data-chorus-robot=caption]"


@contextmanager
def window(patch: pytest.MonkeyPatch) -> Iterator[int]:
    """Lets the robot's window open on any machine, and somebody else reach it; gives the port for that."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = int(taken.getsockname()[1])
    more = [f"--remote-debugging-port={port}"]
    display: subprocess.Popen[str] | None = None
    if sys.platform.startswith("linux") and not robot_browser.has_display():
        if shutil.which("Xvfb"):
            command = ["Xvfb", "-displayfd", "1", "-screen", "0", "1400x1000x24", "-nolisten", "tcp"]
            display = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            assert display.stdout
            patch.setenv("DISPLAY", f":{display.stdout.readline().strip()}")
        else:
            # A real window, drawn on no screen.
            patch.setattr(robot_browser, "has_display", lambda: True)
            more.append("--ozone-platform=headless")
    patch.setattr(robot_browser, "_QUIET", (*robot_browser._QUIET, *more))
    try:
        yield port
    finally:
        if display:
            display.terminate()
            display.wait()
            assert display.stdout
            display.stdout.close()


class Somebody:
    """A person who does, on each page where the robot asks for it, what `act` does; a context manager.

    `act` is called once for each time the window is handed over.
    """

    def __init__(self, port: int, act: Callable[[Page], None]) -> None:
        self._port = port
        self._act = act
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._live, name="somebody", daemon=True)
        # Addresses of the pages where the person was asked for something.
        self.asked: list[str] = []
        self.trouble: BaseException | None = None

    def __enter__(self) -> Somebody:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leaving.set()
        self._thread.join(30)
        if self.trouble and error is None:
            raise self.trouble

    def _live(self) -> None:
        try:
            with sync_playwright() as playwright:
                while not self._leaving.is_set():
                    if browser := self._reach(playwright):
                        self._sit(browser)
        except BaseException as trouble:
            self.trouble = trouble

    def _reach(self, playwright: Playwright) -> Browser | None:
        try:
            return playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{self._port}", timeout=2000)
        except PlaywrightError:
            # The window is not open yet.
            self._leaving.wait(0.1)
            return None

    def _sit(self, browser: Browser) -> None:
        """In front of one window, until it closes."""
        while not self._leaving.is_set():
            try:
                browser.new_browser_cdp_session().send("Browser.getVersion")
            except PlaywrightError:
                # The window is closed; another may open.
                return
            for page in [page for context in browser.contexts for page in context.pages]:
                try:
                    if caption := page.query_selector(CAPTION):
                        self.asked.append(page.url)
                        self._act(page)
                        _wait_for_end(page, caption)
                except PlaywrightError as error:
                    # The page went, or another one came, while it was looked at.
                    if not is_passing(error):
                        raise
            self._leaving.wait(0.05)


def _wait_for_end(page: Page, caption: ElementHandle) -> None:
    """Until this caption is gone, be it with its page; another one may stand there already."""
    try:
        page.wait_for_function("caption => !caption.isConnected", arg=caption, timeout=10_000)
    except PlaywrightError as error:
        if not is_passing(error):
            raise


def wait_for_words(page: Page, words: str) -> None:
    """Until the caption says them."""
    session = page.context.new_cdp_session(page)
    until = time.monotonic() + 20
    while words not in str(session.send("DOM.getDocument", {"depth": -1, "pierce": True})):
        assert time.monotonic() < until, f"the caption never said « {words} »"


def say_done(page: Page) -> None:
    """Presses « C'est fait » in the caption: with the mouse, where it is seen."""
    session = page.context.new_cdp_session(page)
    box = _button(session)
    page.mouse.click((box[0] + box[4]) / 2, (box[1] + box[5]) / 2)


def _button(session: CDPSession) -> list[float]:
    document = session.send("DOM.getDocument", {"depth": -1, "pierce": True})
    ahead = [document["root"]]
    inside = False
    while ahead:
        node = ahead.pop()
        inside = node.get("nodeName") == "BUTTON" and "C'est fait" in str(node)
        if inside:
            model = session.send("DOM.getBoxModel", {"nodeId": node["nodeId"]})
            content: list[float] = model["model"]["border"]
            return content
        ahead += [*node.get("children", ()), *node.get("shadowRoots", ())]
    raise AssertionError("no « C'est fait » in the caption")
