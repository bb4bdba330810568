"""A run shows as alive exactly as long as its process lives, on one machine and on several."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from postgresql import Server
from sqlalchemy import create_engine

from robot.presence import FilePresence, Presence, ServerPresence

# Another process that holds a run until it is killed.
HOLDER = """
import sys
from pathlib import Path
from sqlalchemy import create_engine
from robot.presence import FilePresence, ServerPresence
place = sys.argv[1]
presence = ServerPresence(create_engine(place)) if "://" in place else FilePresence(Path(place))
presence.hold("held")
print("holding", flush=True)
sys.stdin.read()
"""


@pytest.fixture(params=["file", "server"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A folder, or the address of a server, that processes share."""
    if request.param == "file":
        return str(tmp_path / "running")
    server: Server = request.getfixturevalue("postgresql")
    return server.url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


@pytest.fixture
def join(where: str) -> Iterator[Callable[[], Presence]]:
    """Presences as processes would have them."""
    engines, presences = [], []

    def make() -> Presence:
        if "://" in where:
            engines.append(create_engine(where))
            presence: Presence = ServerPresence(engines[-1])
        else:
            presence = FilePresence(Path(where))
        presences.append(presence)
        return presence

    yield make
    for presence in presences:
        presence.close()
    for engine in engines:
        engine.dispose()


def test_a_run_shows_until_it_is_dropped(join: Callable[[], Presence]) -> None:
    """To itself and to others; other runs do not show."""
    mine, other = join(), join()
    mine.hold("a")
    mine.hold("a")
    assert (mine.is_alive("a"), other.is_alive("a"), other.is_alive("b")) == (True, True, False)
    mine.keep("a")
    mine.drop("a")
    assert not (mine.is_alive("a") or other.is_alive("a"))
    mine.drop("a")


def test_two_processes_do_not_hold_one_run(join: Callable[[], Presence]) -> None:
    """A run's name is its own."""
    mine, other = join(), join()
    mine.hold("a")
    with pytest.raises(OSError):
        other.hold("a")
    assert mine.is_alive("a")


def test_looking_is_not_holding(join: Callable[[], Presence]) -> None:
    """Who asks whether a dead run lives leaves nothing that the next one takes for life."""
    presences = [join() for _ in range(3)]
    assert [presence.is_alive("dead") for presence in presences * 2] == [False] * 6


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_killed_process_shows_no_more(where: str, join: Callable[[], Presence]) -> None:
    """kill -9 leaves no time to say goodbye: the system, or the server, does."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, where], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout and holder.stdout.readline() == "holding\n"
        presence = join()
        assert presence.is_alive("held")
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        # The server hears of it when its end of the connection closes.
        assert any(not presence.is_alive("held") for _ in range(2000))


def test_a_file_presence_leaves_no_file(tmp_path: Path) -> None:
    """Locks of runs that are over, or dead, do not pile up."""
    presence = FilePresence(tmp_path / "running")
    presence.hold("a")
    presence.drop("a")
    (tmp_path / "running" / "dead.lock").touch()
    assert not presence.is_alive("dead")
    assert list((tmp_path / "running").iterdir()) == []
