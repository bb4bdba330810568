"""Portals for the campaigns, how many trials there are, and the table of what was tried and held."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from benches import suppliers
from trials import Door

from robot.replica.server import Replica


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`seed`: as many as `@pytest.mark.trials(n)` says, or as --campaign-count asks for."""
    if "seed" in metafunc.fixturenames:
        marker = metafunc.definition.get_closest_marker("trials")
        assert marker
        count = metafunc.config.getoption("campaign_count") or marker.args[0]
        first = metafunc.config.getoption("campaign_seed")
        metafunc.parametrize("seed", [f"{first}-{index}" for index in range(count)])


@pytest.fixture(scope="module")
def replica() -> Iterator[Replica]:
    """One portal for many trials; each has its own invoice."""
    with Replica(generation=2024, suppliers=suppliers()) as running:
        yield running


@pytest.fixture
def door(replica: Replica) -> Door:
    return Door(replica.url, replica.hosts, replica.sign_in_hosts, 2024)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """What was tried goes with the report, so that it reaches the table from any worker."""
    outcome: Any = yield
    report = outcome.get_result()
    marker = item.get_closest_marker("campaign")
    if marker and report.when == "call":
        report.user_properties.append(("campaign", marker.args[0]))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """One line for each campaign: tried, held."""
    counts: Counter[tuple[str, str]] = Counter()
    for result in ("passed", "failed"):
        for report in terminalreporter.stats.get(result, []):
            for name, value in report.user_properties:
                if name == "campaign":
                    counts[value, result] += 1
    names = sorted({name for name, _ in counts})
    if names:
        terminalreporter.section("campaigns")
    for name in names:
        held, lost = counts[name, "passed"], counts[name, "failed"]
        terminalreporter.write_line(f"| {name} | {held + lost} | {held} |")
