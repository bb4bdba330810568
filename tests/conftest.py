"""Keeps every test on this machine and out of the developer's own files."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import platformdirs
import pytest

# Where programs look for a person's files, on the systems we know; subprocesses inherit them.
_HOMES = (
    "APPDATA",
    "HOME",
    "LOCALAPPDATA",
    "USERPROFILE",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
)
_BROWSER = "CHORUS_ROBOT_BROWSER"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("campaigns", "accidents at random moments (tests/campaigns)")
    group.addoption("--campaign-count", type=int, default=0, help="trials of each campaign; few of each by default")
    group.addoption("--campaign-seed", default="1", help="the same seed gives the same accidents")


class TestsStayOnThisMachine(Exception):
    """A test tried to leave this machine. Not an OSError: no code may take it for a lost connection."""

    __test__ = False


def is_local(host: object) -> bool:
    """Whether a host cannot be anything but this machine."""
    name = host.decode() if isinstance(host, bytes) else host
    if not name:
        return True
    try:
        address = ipaddress.ip_address(str(name).partition("%")[0])
    except ValueError:
        # RFC 6761: these names never leave the machine.
        return str(name).rstrip(".").lower().rpartition(".")[2] == "localhost"
    return address.is_loopback or address.is_unspecified


def _guarded(original: Callable[..., Any], host_of: Callable[..., object]) -> Callable[..., Any]:
    def guarded(*args: Any, **kwargs: Any) -> Any:
        host = host_of(*args, **kwargs)
        if not is_local(host):
            raise TestsStayOnThisMachine(
                f"A test tried to reach {host!r}. Tests talk to servers on loopback only; start one, "
                "or use the training replica (tests/conftest.py)."
            )
        return original(*args, **kwargs)

    return guarded


def _address_host(_socket: socket.socket, *args: Any) -> object:
    """Host of connect(address) and sendto(data, [flags,] address); a path of the file system is local."""
    return args[-1][0] if isinstance(args[-1], tuple) else None


def _named_host(host: object, *_: Any, **__: Any) -> object:
    return host


@pytest.fixture(autouse=True, scope="session")
def no_way_out() -> Iterator[None]:
    """No connection and no name look-up leaves this machine (the browser has its own gate)."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex", "sendto"):
            patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name), _address_host))
        for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr"):
            patch.setattr(socket, name, _guarded(getattr(socket, name), _named_host))
        yield


@pytest.fixture(autouse=True, scope="session")
def home_of_nobody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Home and settings folders are empty ones; no password of the developer is in the environment."""
    home = tmp_path_factory.mktemp("home")
    browsers = platformdirs.user_cache_path("ms-playwright")
    with pytest.MonkeyPatch.context() as patch:
        # A browser that Playwright installed stays where it is.
        if browsers.is_dir() and "PLAYWRIGHT_BROWSERS_PATH" not in os.environ:
            patch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(browsers))
        for name in [name for name in os.environ if name.startswith("CHORUS_ROBOT_") and name != _BROWSER]:
            patch.delenv(name)
        for name in _HOMES:
            folder = home if name in ("HOME", "USERPROFILE") else home / name.lower()
            folder.mkdir(exist_ok=True)
            patch.setenv(name, str(folder))
        yield home
