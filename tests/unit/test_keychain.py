"""Secrets stay where only their owner reads them, and are never shown."""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path
from typing import Any

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from pydantic import SecretStr

from robot import cli
from robot.account import Secret
from robot.failures import ConfigInvalid
from robot.keychain import Keychain, KeychainUnusable
from robot.sealed import SavedSessions

STATE: Any = {
    "cookies": [
        {"name": "JSESSIONID", "value": "canari", "domain": "cpro.exemple.test", "path": "/"},
        {"name": "autre", "value": "x", "domain": "ailleurs.example", "path": "/"},
    ],
    "origins": [{"origin": "https://cpro.exemple.test", "localStorage": []}],
}


class InMemory(KeyringBackend):
    """A keyring of this test only."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture(params=[InMemory, NoKeyring], ids=["trousseau", "fichier"])
def keychain(request, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """This machine with a keyring, and without one."""
    monkeypatch.setenv("CHORUS_ROBOT_HOME", str(tmp_path / "home"))
    before = keyring.get_keyring()
    keyring.set_keyring(request.param())
    yield Keychain()
    keyring.set_keyring(before)


def test_a_secret_is_kept_and_removed(keychain):
    """By its name."""
    keychain.put("chorus", SecretStr("canari"))
    assert Keychain().get("chorus") == SecretStr("canari")
    assert keychain.remove("chorus")
    assert not keychain.remove("chorus")


def test_the_command_never_shows_the_secret(keychain, capsys, monkeypatch):
    """Neither when it is set, nor afterwards."""
    monkeypatch.setattr("sys.stdin", io.StringIO("canari-7\n"))
    assert cli.main(["secret", "set", "chorus"]) == 0
    assert cli.main(["secret", "where"]) == 0
    said = capsys.readouterr()
    assert "canari-7" not in said.out + said.err
    assert Keychain().get("chorus") == SecretStr("canari-7")


def test_a_configuration_names_the_secret(keychain):
    """`{keyring: chorus}`; where it is missing, the command that puts it there is told."""
    secret = Secret.model_validate({"keyring": "chorus"})
    with pytest.raises(ConfigInvalid, match="secret set chorus"):
        secret.reveal()
    keychain.put("chorus", SecretStr("canari"))
    assert secret.reveal() == SecretStr("canari")


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such modes")
def test_the_file_is_its_owners_alone(tmp_path, monkeypatch):
    """Mode 600, and refused once others may read it."""
    monkeypatch.setenv("CHORUS_ROBOT_HOME", str(tmp_path))
    keyring.set_keyring(NoKeyring())
    Keychain().put("chorus", SecretStr("canari"))
    file = tmp_path / "secrets.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o644)
    with pytest.raises(KeychainUnusable, match="peuvent lire"):
        Keychain().get("chorus")


def test_a_session_is_sealed_on_the_disk(keychain, tmp_path):
    """No cookie, no address, no host can be read there; only the portal's own are kept."""
    shelf = SavedSessions()
    shelf.save("cpro.exemple.test", "zoe@exemple.test", STATE, ["cpro.exemple.test"])
    (file,) = (tmp_path / "home" / "sessions").iterdir()
    assert not any(word in file.read_bytes() for word in (b"canari", b"zoe", b"cpro"))
    assert os.name != "posix" or stat.S_IMODE(file.stat().st_mode) == 0o600
    kept = shelf.load("cpro.exemple.test", "Zoe@exemple.test")
    assert kept and [cookie["value"] for cookie in kept.state["cookies"]] == ["canari"]


def test_a_broken_seal_is_no_session(keychain, tmp_path):
    """Cut, tampered with, or sealed by another key: as good as lost."""
    shelf = SavedSessions()
    shelf.save("p", "e", STATE, ["cpro.exemple.test"])
    (file,) = (tmp_path / "home" / "sessions").iterdir()
    sealed = file.read_bytes()
    file.write_bytes(sealed[:-20])
    assert shelf.load("p", "e") is None
    file.write_bytes(sealed)
    assert shelf.load("p", "e")
    keychain.remove("sessions")
    assert shelf.load("p", "e") is None


def test_a_session_is_forgotten(keychain):
    """One account's, or all of them."""
    shelf = SavedSessions()
    shelf.save("p", "e", STATE, ["p"])
    assert shelf.forget("p", "e")
    assert not shelf.forget("p", "e")
    shelf.save("p", "e", STATE, ["p"])
    assert shelf.forget_all() == 1
