"""One real browser for all tests of this folder, behind the robot's own gate; three sites of this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from robot.browser import choose_browser, find_browsers, open_browser, open_context
from robot.gate import Gate
from robot.locators import register
from robot.pages import Portal, ScreenPage
from robot.screens import Screen
from robot.tabs import Place

from .drawing import Eyes, Site, flows_of, serving


@pytest.fixture(scope="package")
def sites() -> Iterator[tuple[Site, Site, Site]]:
    """The portal, its sign-in, and a stranger that the lists do not name."""
    with ExitStack() as stack:
        yield stack.enter_context(serving()), stack.enter_context(serving()), stack.enter_context(serving())


@pytest.fixture(scope="package")
def driver() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        register(playwright)
        yield playwright


@pytest.fixture(scope="package")
def chromium(driver: Playwright, sites: tuple[Site, Site, Site]) -> Iterator[Browser]:
    """The gate lets all three sites through: what keeps the robot from a stranger here is the robot."""
    found = choose_browser(find_browsers(driver), headless=True)
    with Gate(site.host for site in sites) as gate, open_browser(driver, found, gate, headless=True) as browser:
        yield browser


@pytest.fixture(scope="package")
def shared_page(chromium: Browser) -> Iterator[Eyes]:
    context = open_context(chromium)
    yield Eyes(context.new_page())
    context.close()


@pytest.fixture
def eyes_page(shared_page: Eyes) -> Eyes:
    """A page drawn anew by each test, and what the eyes see of it."""
    shared_page.page.goto("about:blank")
    return shared_page


@pytest.fixture
def portal_site(sites: tuple[Site, Site, Site]) -> Site:
    return sites[0]


@pytest.fixture
def sign_in_site(sites: tuple[Site, Site, Site]) -> Site:
    return sites[1]


@pytest.fixture
def stranger(sites: tuple[Site, Site, Site]) -> Site:
    return sites[2]


@pytest.fixture
def open_portal(chromium: Browser, sites: tuple[Site, Site, Site]) -> Iterator[Callable[..., Portal]]:
    """Opens a portal whose flows are these screens, at its address."""
    portal_site, sign_in_site, _ = sites
    with ExitStack() as stack:

        def open_at(address: str, *screens: Screen, timeout_seconds: float = 3) -> Portal:
            context = open_context(chromium)
            stack.callback(context.close)
            hosts = (portal_site.host, sign_in_site.host)
            place = Place("essai", address, hosts, (sign_in_site.host,), "2024")
            portal = Portal(context, flows_of(*screens), place, timeout_seconds=timeout_seconds)
            portal.page.goto(address)
            return portal

        yield open_at


@pytest.fixture
def open_screen(open_portal: Callable[..., Portal], portal_site: Site) -> Callable[..., ScreenPage]:
    """Serves a page from the portal's site and opens it as a screen."""

    def open_it(html: str, described: Screen) -> ScreenPage:
        return open_portal(portal_site.show(html), described).screen(described.screen)

    return open_it


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """For what never comes: the robot waits for it as always, less long."""
    for name in ("pages.ACTION_MS", "pages._EFFECT_MS", "pages._DOWNLOAD_MS", "sights.ACTION_MS", "sights.DRAWN_MS"):
        monkeypatch.setattr(f"robot.{name}", 1500)
