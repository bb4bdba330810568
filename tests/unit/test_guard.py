"""The guard of `tests/conftest.py` holds: no test reaches the outside, or the developer's files."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import platformdirs
import pytest


@pytest.mark.parametrize(
    "reach",
    [
        lambda: socket.create_connection(("192.0.2.1", 443), timeout=1),  # an address
        lambda: socket.create_connection(("portail.chorus-pro.gouv.fr", 443), timeout=1),  # a name
        lambda: socket.getaddrinfo("chorus-pro.gouv.fr", 443),  # a look-up alone
        lambda: socket.gethostbyname("localhost.chorus-pro.gouv.fr"),  # a name made to look local
        lambda: socket.getaddrinfo("127.0.0.1.example.org", 80),  # an address made to look local
    ],
)
def test_no_test_reaches_outside(reach):
    """Connections and look-ups outside loopback stop with a sentence, which is no network error."""
    with pytest.raises(Exception, match=r"tests/conftest\.py") as caught:
        reach()
    assert not isinstance(caught.value, OSError)


def test_datagrams_stay_too():
    """A datagram needs no connection; it is stopped all the same."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
        pytest.raises(Exception, match=r"192\.0\.2\.1"),
    ):
        sender.sendto(b"x", ("192.0.2.1", 53))


def test_loopback_is_open():
    """Servers started by tests can be reached, by address and by name."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(("localhost", server.getsockname()[1]), timeout=5).close()


def test_home_is_a_temporary_folder(home_of_nobody):
    """Home and data folders are those of the test session."""
    assert Path.home() == home_of_nobody
    assert platformdirs.user_data_path("chorus-robot").is_relative_to(home_of_nobody)


def test_home_is_temporary_for_subprocesses(home_of_nobody):
    """A program started by a test sees the same empty home."""
    command = [sys.executable, "-c", "from pathlib import Path; print(Path.home())"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == str(
        home_of_nobody
    )


def test_no_password_of_the_developer_is_left():
    """A real password in the developer's environment is out of reach."""
    assert "CHORUS_ROBOT_PASSWORD" not in os.environ
