"""A process of its own for work that may never end, eat all memory or crash: asked again and again, never waited for too long.

Knows nothing of what it is asked. One process serves a thread at a time; it is replaced when it dies, when it is too
slow, and after some hundreds of requests.
"""

from __future__ import annotations

import atexit
import os
import struct
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

# What a parser leaks grows with what it read.
MAX_REQUESTS = 500
MAX_ANSWER = 200_000_000

# Before each request: the seconds it may take, and its length. Before each answer: its length.
_REQUEST = struct.Struct(">dQ")
_ANSWER = struct.Struct(">Q")


class WorkerLost(Exception):
    """The process died of the request, or took too long."""


class _Died(Exception):
    """The process ended before it answered; `fresh`: nothing but this request can be the cause."""

    def __init__(self, *, fresh: bool) -> None:
        super().__init__()
        self.fresh = fresh


class _Process:
    """One run of the module, until it is closed."""

    def __init__(self, module: str) -> None:
        here = str(Path(__file__).parent.parent)
        path = os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH", ""))))
        self.requests = 0
        # -P: a folder named « robot » beside the user's files must not be taken for this package.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # A parser warns of each broken object, and a hostile file has millions.
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": path},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, request: bytes, seconds: float) -> bytes:
        """Raises WorkerLost when the time is over, _Died when the process ended for any other reason."""
        if seconds <= 0:
            raise WorkerLost
        late = threading.Event()

        def stop() -> None:
            late.set()
            self._process.kill()

        fresh = self.requests == 0
        self.requests += 1
        # A blocked pipe can be left on every system in one way: by ending who is at its other end.
        timer = threading.Timer(seconds, stop)
        timer.daemon = True
        timer.start()
        try:
            return self._exchange(request, seconds)
        except (OSError, EOFError, ValueError):
            if late.is_set():
                raise WorkerLost from None
            raise _Died(fresh=fresh) from None
        finally:
            timer.cancel()

    def _exchange(self, request: bytes, seconds: float) -> bytes:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(_REQUEST.pack(seconds, len(request)))
        self._process.stdin.write(request)
        self._process.stdin.flush()
        (length,) = _ANSWER.unpack(read_exactly(self._process.stdout, _ANSWER.size))
        if length > MAX_ANSWER:
            raise EOFError
        return read_exactly(self._process.stdout, length)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            # A request that was only half written goes nowhere now.
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()


@dataclass
class Worker:
    """Runs a module that calls `serve`, and asks it."""

    module: str
    _process: _Process | None = field(default=None, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def __post_init__(self) -> None:
        atexit.register(self.close)

    @property
    def pid(self) -> int | None:
        """The process that took the last request."""
        return self._process.pid if self._process else None

    def ask(self, request: bytes, *, seconds: float) -> bytes:
        """The answer. Raises WorkerLost, after `seconds` at most; OSError where no process can be started."""
        with self._lock:
            end = time.monotonic() + seconds
            try:
                try:
                    return self._ready().ask(request, seconds)
                except _Died as died:
                    self.close()
                    # What was read before may have harmed it: nobody is blamed for another one's file.
                    if died.fresh:
                        raise WorkerLost from None
                try:
                    return self._ready().ask(request, end - time.monotonic())
                except _Died:
                    raise WorkerLost from None
            except BaseException:
                # Whoever is interrupted here leaves an answer in the pipe that nobody asked for any more.
                self.close()
                raise

    def _ready(self) -> _Process:
        if self._process and (self._process.requests >= MAX_REQUESTS or not self._process.is_alive):
            self.close()
        if not self._process:
            self._process = _Process(self.module)
        return self._process

    def close(self) -> None:
        """Ends the process; the next request starts another."""
        process, self._process = self._process, None
        if process:
            process.close()


def read_exactly(stream: IO[bytes], length: int) -> bytes:
    """Raises EOFError where the stream ends before."""
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return data


def read_request(stream: IO[bytes]) -> tuple[float, bytes]:
    """The other side: the seconds that are given, and the request. Raises EOFError when nobody asks any more."""
    seconds, length = _REQUEST.unpack(read_exactly(stream, _REQUEST.size))
    return seconds, read_exactly(stream, length)


def write_answer(stream: IO[bytes], answer: bytes) -> None:
    """The other side: one answer for each request."""
    stream.write(_ANSWER.pack(len(answer)))
    stream.write(answer)
    stream.flush()
