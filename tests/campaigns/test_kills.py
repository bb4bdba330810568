"""Whatever dies, and whenever: the same command again ends with one deposit and its certificate."""

from __future__ import annotations

import random
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from benches import suppliers
from trials import Door, Trial, kill, kill_browser, moment_of

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no kill -9")

# A run without an accident is over by then, on a slow machine too.
LONGEST_SECONDS = 9


@pytest.mark.campaign("kill -9 of the robot")
@pytest.mark.trials(1)
def test_the_robot_is_killed(seed: str, door: Door, folder: Path):
    trial = Trial(door, folder, f"R-{seed}")
    trial.run_until(moment_of(seed, LONGEST_SECONDS), kill)
    trial.again()


@pytest.mark.campaign("kill -9 of the robot, twice")
@pytest.mark.trials(1)
def test_the_robot_is_killed_again(seed: str, door: Door, folder: Path):
    """The run that resumes is killed too."""
    trial = Trial(door, folder, f"T-{seed}")
    trial.run_until(moment_of(seed, LONGEST_SECONDS), kill)
    trial.run_until(moment_of(f"{seed}-again", LONGEST_SECONDS), kill)
    trial.again()


@pytest.mark.campaign("kill -9 of the browser")
@pytest.mark.trials(1)
def test_the_browser_is_killed(seed: str, door: Door, folder: Path):
    trial = Trial(door, folder, f"B-{seed}")
    trial.run_until(moment_of(seed, LONGEST_SECONDS), kill_browser)
    trial.again()


@pytest.mark.campaign("kill -9 and restart of the portal")
@pytest.mark.trials(1)
def test_the_portal_is_killed_and_comes_back(seed: str, folder: Path):
    """The replica keeps what it has answered; the robot meets a dead portal, then one that forgot nobody's invoice."""
    port = _free_ports(3)
    moment = moment_of(seed, LONGEST_SECONDS)
    with _portal(port, folder / "portal") as portal:
        door = Door(f"http://127.0.0.1:{port}/", [f"127.0.0.1:{port + n}" for n in range(3)], [f"127.0.0.1:{port + 1}"], 2024)
        trial = Trial(door, folder / "user", f"P-{seed}")
        trial.run_until(moment, lambda _: portal.kill())
    with _portal(port, folder / "portal"):
        trial.again()


@pytest.mark.campaign("two robots on one invoice at once")
@pytest.mark.trials(1)
def test_two_robots_at_once(seed: str, door: Door, folder: Path):
    """Same user: one waits its turn, whatever the instant at which it comes."""
    trial = Trial(door, folder, f"D-{seed}")
    _run_together(trial, trial, seed)
    trial.again()


@pytest.mark.campaign("two machines on one invoice at once")
@pytest.mark.trials(1)
def test_two_machines_at_once(seed: str, door: Door, folder: Path):
    """Two users who know nothing of each other: the portal's list and its own rule decide."""
    one, other = (Trial(door, folder / name, f"M-{seed}") for name in ("one", "other"))
    _run_together(one, other, seed)
    one.again()
    other.again()


def _run_together(one: Trial, other: Trial, seed: str) -> None:
    first = one.start()
    with suppress(subprocess.TimeoutExpired):
        first.wait(random.Random(seed).uniform(0, 3))
    second = other.start()
    for running in (first, second):
        running.communicate(timeout=240)


def _free_ports(count: int) -> int:
    """The first of so many free ports in a row, below those that systems give to clients."""
    for first in range(21_000, 32_000, count):
        places: list[socket.socket] = []
        try:
            places += [socket.create_server(("127.0.0.1", first + n)) for n in range(count)]
            return first
        except OSError:
            continue
        finally:
            for place in places:
                place.close()
    raise AssertionError("no free ports")


@contextmanager
def _portal(port: int, file: Path) -> Iterator[subprocess.Popen[str]]:
    """A replica in a process of its own, which keeps its state in a file."""
    attached = [word for siret, _ in suppliers() for word in ("--supplier", siret)]
    words = ["replica", "--port", str(port), "--file", str(file), *attached]
    running = subprocess.Popen([sys.executable, "-m", "robot.cli", *words], stderr=subprocess.PIPE, text=True)
    assert running.stderr
    assert "Réplique" in running.stderr.readline()
    try:
        yield running
    finally:
        running.kill()
        running.wait()
        running.stderr.close()
