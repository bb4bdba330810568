"""Keeps the replica's world: in memory, or in a JSON file that a restart reads again.

Files that were handed in stand beside it, one for each content, named by its hash: they are written once.
"""

from __future__ import annotations

import hashlib
import uuid
from pathlib import Path

from robot.replica.records import File, World


class StateFileInvalid(ValueError):
    """Le fichier d'état de la réplique est illisible."""


class Store:
    """The world and the files handed in."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._contents: dict[str, bytes] = {}
        if path and path.is_file():
            self.world = _read(path)
        else:
            self.world = World(id=str(uuid.uuid4()))
            self.keep()

    def keep(self) -> None:
        """Writes the world, whole or not at all."""
        if self._path:
            _write_whole(self._path, self.world.model_dump_json(indent=1).encode())

    def put(self, name: str, content: bytes) -> File:
        sha256 = hashlib.sha256(content).hexdigest()
        if self._path is None:
            self._contents[sha256] = content
        elif not (place := self._place(sha256)).is_file():
            _write_whole(place, content)
        return File(name=name, sha256=sha256, size=len(content))

    def content(self, file: File) -> bytes:
        return self._contents[file.sha256] if self._path is None else self._place(file.sha256).read_bytes()

    def _place(self, sha256: str) -> Path:
        assert self._path
        return self._path.with_name(self._path.name + ".fichiers") / sha256


def _read(path: Path) -> World:
    try:
        return _of_today(World.model_validate_json(path.read_text("utf-8")))
    except ValueError:
        raise StateFileInvalid(
            f"{path} n'est pas un état de la réplique, ou celui d'une autre version ; attendu : un fichier "
            "écrit par la réplique ; remède : donnez le nom d'un fichier qui n'existe pas encore."
        ) from None


def _of_today(world: World) -> World:
    """A world of a replica that did not yet keep apart what was sent: nothing could be changed afterwards then."""
    for bill in world.bills.values():
        if bill.deposited_at and bill.sent is None:
            bill.sent = bill.saved or bill.form
    return world


def _write_whole(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_bytes(content)
    temporary.replace(path)
