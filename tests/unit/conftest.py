"""A PostgreSQL server for the tests that want one, and the two places where a journal may be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from postgresql import Server, why_none
from sqlalchemy.engine import URL


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A server of this test run alone; skips, with the reason, where there can be none."""
    if reason := why_none():
        pytest.skip(reason)
    with Server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | URL:
    """Where a new journal may be made: a promise that holds on one database must hold on the other."""
    if request.param == "sqlite":
        return tmp_path / "home" / "journal.sqlite3"
    fresh: Callable[[], URL] = request.getfixturevalue("postgresql").fresh
    return fresh()
