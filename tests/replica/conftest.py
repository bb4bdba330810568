"""Replicas to visit, on loopback; a clock that tests move; a browser where pages draw themselves."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, sync_playwright
from visitor import Visitor

from robot.replica.server import Replica

# What the sample invoices of tests/data name, and a second structure.
SUPPLIERS = (("00010101400017", "Lefèvre Éléonore"), ("00010102200010", "D'Hérouville-L'Évêque Anne-Sophie"))

BROWSERS = ("google-chrome", "google-chrome-stable", "chromium", "chromium-browser")


@dataclass
class Clock:
    """Seconds since 1970, moved by hand."""

    now: float = 1_790_000_000

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def replica() -> Iterator[Replica]:
    """Today's portal, shared by the tests of a file."""
    with Replica(suppliers=SUPPLIERS) as running:
        yield running


@pytest.fixture(scope="module")
def somebody(replica: Replica) -> Visitor:
    """Somebody signed in."""
    visitor = Visitor(replica)
    visitor.sign_in()
    return visitor


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium of this machine, or the one that Playwright installed."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    # Chromium's sandbox refuses to run for root.
    arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=arguments)
        yield running
        running.close()
