"""Saved sessions: what makes a browser known to a portal, sealed with a key of this machine's keychain.

A session opens the account as a password does: encrypted, readable by its owner alone, dated, erased by one command.
Knows nothing of how one signs in.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from cryptography.fernet import Fernet, InvalidToken
from playwright.sync_api import StorageState

from robot.events import now
from robot.gate import host_of
from robot.journal import home
from robot.keychain import Keychain
from robot.redaction import secret
from robot.wholefile import write_atomically

# Name of the key that seals the sessions, in the keychain.
KEY = "sessions"

# What names a session is never shorter (128 bits, in base 64 at most).
_SESSION_LENGTH = 20


@dataclass(frozen=True)
class SavedSession:
    """A session that was proved when it was saved."""

    portal: str
    email: str
    saved_at: datetime
    state: StorageState


class SavedSessions:
    """One sealed file for each account on each portal."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or home() / "sessions"

    def save(self, portal: str, email: str, state: StorageState, hosts: Collection[str]) -> None:
        """Keeps of the state only what belongs to the portal's hosts (`host` or `host:port`)."""
        text = json.dumps(
            {
                "portal": portal,
                "email": email,
                "saved_at": now().isoformat(),
                "state": _of_hosts(state, hosts),
            }
        )
        _hide(state)
        write_atomically(self._path(portal, email), self._seal().encrypt(text.encode()))

    def load(self, portal: str, email: str) -> SavedSession | None:
        """None where there is none, or where its seal does not open: it is then as good as lost."""
        path = self._path(portal, email)
        try:
            kept = json.loads(self._seal().decrypt(path.read_bytes()))
            _hide(kept["state"])
            return SavedSession(
                kept["portal"], kept["email"], datetime.fromisoformat(kept["saved_at"]), kept["state"]
            )
        except (OSError, InvalidToken, ValueError, KeyError):
            return None

    def forget(self, portal: str, email: str) -> bool:
        """Whether there was one."""
        with contextlib.suppress(FileNotFoundError):
            self._path(portal, email).unlink()
            return True
        return False

    def forget_all(self) -> int:
        """How many there were; the key goes too."""
        files = sorted(self._folder.glob("*.session")) if self._folder.is_dir() else []
        for file in files:
            file.unlink(missing_ok=True)
        Keychain().remove(KEY)
        return len(files)

    def _path(self, portal: str, email: str) -> Path:
        # The name of a file is no secret: it tells neither portal nor person.
        name = hashlib.sha256(f"{portal}\n{email.lower()}".encode()).hexdigest()[:32]
        return self._folder / f"{name}.session"

    def _seal(self) -> Fernet:
        keychain = Keychain()
        key = keychain.get(KEY)
        if key is None:
            key = secret(Fernet.generate_key().decode())
            keychain.put(KEY, key)
        return Fernet(key.get_secret_value())


def _hide(state: StorageState) -> None:
    """Makes the names of the sessions known as secrets; shorter values are the portal's own words."""
    for cookie in cast(dict[str, Any], state).get("cookies", ()):
        if len(cookie["value"]) >= _SESSION_LENGTH:
            secret(cookie["value"])


def _of_hosts(state: StorageState, hosts: Collection[str]) -> StorageState:
    names = {host.rpartition(":")[0] if ":" in host else host for host in hosts}
    raw = cast(dict[str, Any], state)

    def belongs(domain: str) -> bool:
        domain = domain.lstrip(".")
        return any(name == domain or name.endswith(f".{domain}") for name in names)

    return cast(
        StorageState,
        {
            "cookies": [cookie for cookie in raw.get("cookies", ()) if belongs(cookie["domain"])],
            "origins": [
                origin
                for origin in raw.get("origins", ())
                if host_of(origin["origin"]) in hosts or urlsplit(origin["origin"]).hostname in hosts
            ],
        },
    )
