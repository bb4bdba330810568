"""The browser's only door to the network: a local SOCKS5 proxy that connects to the allowed hosts and to no other.

Request routing inside a browser does not see redirects, new tabs before their first request, or the browser's own
background traffic; a door does. Knows hosts and ports, nothing of what passes (TLS stays between browser and portal).
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import struct
import threading
from collections.abc import Iterable
from urllib.parse import urlsplit

_REFUSED = 2  # RFC 1928, « connection not allowed by ruleset »
_UNREACHABLE = 4
_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


def host_of(url: str) -> str:
    """`host:port` of an address, the port left out where it is the scheme's own; empty where there is no host."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        return ""
    name = (parts.hostname or "").rstrip(".")
    return name if port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f"{name}:{port}"


def _doors(host: str) -> set[tuple[str, int]]:
    """Every (name, port) that a host of the list stands for: both web ports where it names none."""
    name, colon, port = host.rpartition(":")
    if colon and port.isdigit():
        return {(name.strip("[]").lower(), int(port))}
    return {(host.lower(), 80), (host.lower(), 443)}


class Gate:
    """A SOCKS5 door on loopback. Use as a context manager; `server` goes into the browser's proxy setting."""

    def __init__(self, hosts: Iterable[str]) -> None:
        self._allowed = {door for host in hosts for door in _doors(host)}
        # Hosts that something in the browser asked for and did not get.
        self.refused: list[str] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="gate", daemon=True)
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()
        self.server = ""

    def __enter__(self) -> Gate:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.server = f"socks5://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _close(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            await self._greet(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._open.discard(task)
            writer.close()

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        methods = (await reader.readexactly(2))[1]
        await reader.readexactly(methods)
        writer.write(b"\x05\x00")
        _, command, _, kind = await reader.readexactly(4)
        if kind == 1:
            name = str(ipaddress.IPv4Address(await reader.readexactly(4)))
        elif kind == 4:
            name = str(ipaddress.IPv6Address(await reader.readexactly(16)))
        else:
            name = (await reader.readexactly((await reader.readexactly(1))[0])).decode("ascii", "replace")
        port = struct.unpack(">H", await reader.readexactly(2))[0]
        if command != 1 or (name.lower().rstrip("."), port) not in self._allowed:
            self.refused.append(f"{name}:{port}")
            await self._answer(writer, _REFUSED)
            return
        try:
            far_reader, far_writer = await asyncio.open_connection(name, port)
        except OSError:
            await self._answer(writer, _UNREACHABLE)
            return
        await self._answer(writer, 0)
        try:
            await asyncio.gather(_pour(reader, far_writer), _pour(far_reader, writer))
        finally:
            far_writer.close()

    async def _answer(self, writer: asyncio.StreamWriter, code: int) -> None:
        writer.write(bytes([5, code, 0, 1]) + bytes(6))
        await writer.drain()


async def _pour(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while chunk := await source.read(65536):
            target.write(chunk)
            await target.drain()
    with contextlib.suppress(OSError, RuntimeError):
        target.write_eof()
