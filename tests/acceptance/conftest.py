"""Starts the portals of the acceptance tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from benches import Bench, suppliers

from robot.replica.server import Replica


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Bench]]:
    """Starts replicas on demand, each in a world of its own with a journal of its own."""
    monkeypatch.setenv("CHORUS_ROBOT_HOME", str(tmp_path / "home"))
    running: list[Replica] = []

    def start(generation: int = 2024, look: str = "dossier") -> Bench:
        replica = Replica(generation=generation, look=look, suppliers=suppliers())
        replica.start()
        running.append(replica)
        return Bench(replica, generation, tmp_path)

    yield start
    for replica in running:
        replica.stop()
