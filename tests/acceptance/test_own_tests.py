"""The robot under pytest: the tutorial's lines on a real browser, and tests that other people write with its fixtures."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path

from robot.sample import write_sample
from robot.screens import FLOWS_DIR

OWN_TESTS = '''
import pytest
from pathlib import Path

FACTURE = Path(__file__).parent / "facture" / "facture.yaml"


def test_somebody_is_signed_in(playwright, portal):
    """On the Playwright that pytest-playwright has started."""
    assert portal.screen("domaines").shows("facturation")


@pytest.mark.chorus_portal(generation=2021, signed_in=False)
def test_the_tutorial_s_portal(portal, replica):
    assert portal.page.url.startswith(replica.url)
    assert not portal.screen("applications").shows("factures_emises")


def test_a_deposit(deposit_run, replica, tmp_path):
    result = deposit_run(FACTURE)
    assert result.outcome == "deposited"
    assert result.certificate.is_relative_to(tmp_path)
    assert [one["number"] for one in replica.invoices()] == [result.invoice]
'''


def pytest_run(folder: Path, *options: str | Path) -> str:
    """What pytest says, in a process of its own."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    quiet = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest", "--output", str(folder / "out"))
    command = [sys.executable, "-m", "pytest", *map(str, options), *quiet]
    return subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True, timeout=180, check=False).stdout


def test_the_tutorial_s_deposit_passes_on_its_own_portal(tmp_path):
    """Every line from 3.1 to 3.20, walked once in a browser; the screen of another generation is left out."""
    told = pytest_run(tmp_path, FLOWS_DIR / "3-depot", "--chorus-portal", "replica", "--chorus-generation", "2021")
    assert "22 passed, 1 skipped" in told
    assert (tmp_path / "out" / "tutoriel-depot" / "rapport.html").is_file()


def test_own_tests_have_a_portal_a_replica_and_deposits(tmp_path):
    """On pytest-playwright's Playwright, with its options; a deposit has its own dossier instead."""
    (tmp_path / "test_own.py").write_text(OWN_TESTS)
    write_sample(tmp_path / "facture", number="ESSAI-1", date=dt.date.today())
    told = pytest_run(tmp_path, "test_own.py", "--screenshot", "on", "--tracing", "on")
    assert "3 passed" in told, told
    kept = sorted(f"{path.parent.name}/{path.name}" for path in (tmp_path / "out").rglob("t*.*"))
    assert kept == [
        "test-own-py-test-somebody-is-signed-in/test-finished-1.png",
        "test-own-py-test-somebody-is-signed-in/trace.zip",
        "test-own-py-test-the-tutorial-s-portal/test-finished-1.png",
        "test-own-py-test-the-tutorial-s-portal/trace.zip",
    ]
