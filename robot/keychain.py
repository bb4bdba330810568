"""Where this machine keeps secrets: the system's keyring, or where there is none, a file that only its owner can read.

Knows nothing of what the secrets open.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

from pydantic import SecretStr

from robot.failures import CommandInvalid
from robot.journal import home
from robot.redaction import secret
from robot.wholefile import write_atomically

SERVICE = "chorus-robot"

T = TypeVar("T")


class KeychainUnusable(CommandInvalid):
    """Le trousseau de cette machine ne répond pas."""


class _Backend(Protocol):
    """What the library `keyring` calls a backend."""

    def get_password(self, service: str, username: str) -> str | None: ...

    def set_password(self, service: str, username: str, password: str) -> None: ...

    def delete_password(self, service: str, username: str) -> None: ...


def _system() -> _Backend | None:
    """The system's keyring; None where there is none to talk to, as on a server without a desktop."""
    import keyring
    from keyring.backends import fail, null

    backend: _Backend = keyring.get_keyring()
    return None if isinstance(backend, fail.Keyring | null.Keyring) else backend


class _File:
    """The same, in one JSON file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def get_password(self, service: str, username: str) -> str | None:
        return self._read().get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        write_atomically(self.path, json.dumps(self._read() | {username: password}).encode())

    def delete_password(self, service: str, username: str) -> None:
        kept = self._read()
        kept.pop(username, None)
        write_atomically(self.path, json.dumps(kept).encode())

    def _read(self) -> dict[str, str]:
        try:
            mode = stat.S_IMODE(self.path.stat().st_mode)
            if os.name == "posix" and mode & 0o077:
                raise KeychainUnusable(
                    f"D'autres que vous peuvent lire {self.path}.", cure=f"chmod 600 {self.path}"
                )
            kept = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError):
            raise KeychainUnusable(
                f"{self.path} est illisible.", cure="supprimez-le, puis rangez de nouveau vos secrets"
            ) from None
        return {str(name): str(value) for name, value in kept.items()} if isinstance(kept, dict) else {}


class Keychain:
    """Secrets by name."""

    def __init__(self) -> None:
        system = _system()
        self._file = _File(home() / "secrets.json")
        self._backend: _Backend = system or self._file

    @property
    def where(self) -> str:
        """As a person calls the place."""
        return str(self._file.path) if self._backend is self._file else "le trousseau de cette session"

    def get(self, name: str) -> SecretStr | None:
        value = self._try(lambda: self._backend.get_password(SERVICE, name))
        return secret(value) if value else None

    def put(self, name: str, secret: SecretStr) -> None:
        self._try(lambda: self._backend.set_password(SERVICE, name, secret.get_secret_value()))

    def remove(self, name: str) -> bool:
        """Whether there was one."""
        if self.get(name) is None:
            return False
        self._try(lambda: self._backend.delete_password(SERVICE, name))
        return True

    def _try(self, act: Callable[[], T]) -> T:
        from keyring.errors import KeyringError

        try:
            return act()
        except KeyringError as error:
            raise KeychainUnusable(
                f"Le trousseau de cette machine refuse ({type(error).__name__}).",
                cure="déverrouillez votre session, ou mettez le secret dans un fichier : {file: chemin}.",
            ) from None
