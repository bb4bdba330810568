"""A real PostgreSQL server for tests: made in a folder of its own, on a socket of loopback, and gone afterwards."""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL, make_url

_FOLDERS = ("/usr/local/bin", *(str(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)))


def _program(name: str) -> str | None:
    # Beside the server itself: wrappers elsewhere may be of another version.
    return shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", ""), *_FOLDERS)))


def _nobody() -> dict[str, Any]:
    """The server refuses to run as root: another user then."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return {}
    import pwd

    known = {user.pw_name: user for user in pwd.getpwall()}
    user = known.get("postgres") or known["nobody"]
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def why_none() -> str:
    """Why there can be no server here; empty where there can."""
    if sys.platform == "win32":
        return "the server is started with POSIX means"
    if not (_program("postgres") and _program("initdb")):
        return "no PostgreSQL server on this machine (postgres, initdb)"
    if importlib.util.find_spec("psycopg") is None:
        return "psycopg is missing: pip install 'chorus-robot[postgresql]'"
    return ""


class Server:
    """A server with one user, whose password it asks for."""

    def __init__(self) -> None:
        self.password = f"pg/{secrets.token_hex(8)}"
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Server:
        # Not under pytest's own folder, which only this user may enter.
        self._folder = Path(tempfile.mkdtemp(prefix="chorus-pg-"))
        owner = _nobody()
        if owner:
            os.chown(self._folder, owner["user"], owner["group"])
        secret = self._folder / "password"
        secret.write_text(self.password)
        data = self._folder / "data"
        options = ["-U", "robot", "-A", "scram-sha-256", f"--pwfile={secret}", "--no-sync", "-E", "UTF8", "--locale=C"]
        secret.chmod(0o644)
        done = subprocess.run(
            [_program("initdb") or "", "-D", data, *options], capture_output=True, text=True, cwd=self._folder, **owner
        )
        assert done.returncode == 0, done.stderr
        secret.unlink()
        self.port = _free_port()
        self.start()
        return self

    def start(self) -> None:
        """Returns when the server takes connections."""
        settings = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": self._folder,
            "fsync": "off",
            "shared_buffers": "16MB",
            "max_connections": 40,
            # Nobody reads on once it is ready: what it says must not fill the pipe.
            "log_min_messages": "log",
            "log_checkpoints": "off",
        }
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        self._process = subprocess.Popen(
            [_program("postgres") or "", "-D", self._folder / "data", *words],
            stderr=subprocess.PIPE, text=True, cwd=self._folder, **_nobody(),
        )  # fmt: skip
        assert self._process.stderr
        told = []
        for line in self._process.stderr:
            told.append(line)
            if "ready to accept connections" in line:
                return
        raise AssertionError("".join(told))

    def stop(self) -> None:
        """As when its machine loses power: nobody is told, nothing is finished."""
        if self._process:
            self._process.send_signal(signal.SIGQUIT)
            self._process.communicate(timeout=30)
            self._process = None

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def url(self) -> URL:
        return make_url(f"postgresql://robot@127.0.0.1:{self.port}/postgres").set(password=self.password)

    def fresh(self) -> URL:
        """The address of a new, empty database."""
        name = f"journal_{secrets.token_hex(6)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        return self.url.set(database=name)

    def execute(self, statement: str, *, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Runs a statement beside the journals; its rows."""
        import psycopg

        with psycopg.connect(
            host="127.0.0.1", port=self.port, user="robot", password=self.password, dbname=database, autocommit=True
        ) as connection:
            done = connection.execute(statement)
            return done.fetchall() if done.description else []


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
