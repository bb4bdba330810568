"""Applications in a thread with its own event loop, each on a socket of this machine. Knows nothing of what they answer."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import uvicorn
from starlette.types import ASGIApp

HOST = "127.0.0.1"

_START_SECONDS = 30
_LAST_PORT = 65535


class PortTaken(OSError):
    """A port that cannot be had; the argument is a French sentence for the person who chose it."""


def listening(port: int = 0, count: int = 1) -> list[socket.socket]:
    """So many sockets that listen; with a port, that one and the next ones. Raises PortTaken."""
    if not 0 <= port <= _LAST_PORT + 1 - count:
        raise PortTaken(f"Le port {port} n'existe pas : choisissez-en un entre 1 et {_LAST_PORT + 1 - count}.")
    places: list[socket.socket] = []
    try:
        for index in range(count):
            places.append(socket.create_server((HOST, port + index if port else 0)))
    except OSError as error:
        for place in places:
            place.close()
        raise PortTaken(
            f"Le port {port + len(places)} de cette machine n'est pas libre ({error.strerror}) : arrêtez ce qui "
            "l'occupe, ou choisissez un autre port."
        ) from error
    return places


def host_of(place: socket.socket) -> str:
    return f"{HOST}:{place.getsockname()[1]}"


class Hosting:
    """Applications by the socket that they answer on; closes the sockets at its end."""

    def __init__(self, applications: Mapping[socket.socket, ASGIApp], *, name: str) -> None:
        self._servers = {place: uvicorn.Server(_settings(app)) for place, app in applications.items()}
        self._name = name
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Returns once all applications answer."""
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name=self._name, daemon=True)
        self._thread.start()
        limit = time.monotonic() + _START_SECONDS
        while not all(server.started for server in self._servers.values()):
            self._thread.join(0.01)
            if not self._thread.is_alive() or time.monotonic() > limit:
                raise RuntimeError(f"{self._name} did not start on {', '.join(map(host_of, self._servers))}")

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        await asyncio.gather(*(server.serve([place]) for place, server in self._servers.items()))

    @property
    def is_running(self) -> bool:
        return bool(self._thread and self._loop and self._loop.is_running())

    def call(self, act: Callable[[], object]) -> None:
        """Soon, in the thread of the applications; not at all where none runs."""
        if self._loop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(act)

    def run(self, work: Coroutine[Any, Any, object]) -> None:
        """In the thread of the applications, which must run; raises what the work raises."""
        assert self._loop
        asyncio.run_coroutine_threadsafe(work, self._loop).result(_START_SECONDS)

    def wait(self) -> None:
        """Until somebody stops it."""
        while self._thread and self._thread.is_alive():
            # Short waits, so that Ctrl+C is heard on every system.
            self._thread.join(0.5)

    def stop(self) -> None:
        for server in self._servers.values():
            server.should_exit = True
        if self._thread:
            self._thread.join()
            self._thread = None
        for place in self._servers:
            place.close()


def _settings(app: ASGIApp) -> uvicorn.Config:
    # A browser may keep its connections for ever: they are not waited for.
    return uvicorn.Config(app, lifespan="off", log_level="error", access_log=False, timeout_graceful_shutdown=2)
