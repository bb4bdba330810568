"""Files written whole or not at all, readable by their owner alone. Knows nothing of what is in them."""

from __future__ import annotations

import os
from pathlib import Path


def make_private(folder: Path) -> None:
    """Makes a folder, and those above it that are missing, for their owner alone; what is there stays as it is."""
    # `mkdir(parents=True)` gives the mode to the last one only.
    for missing in reversed([one for one in (folder, *folder.parents) if not one.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)


def write_atomically(target: Path, data: bytes, *, durable: bool = True) -> None:
    """Writes a file whole or not at all, readable by its owner alone."""
    make_private(target.parent)
    part = target.with_name(f".{target.name}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "wb") as file:  # noqa: PTH123 (a descriptor, to create it with its rights)
        file.write(data)
        if durable:
            file.flush()
            os.fsync(descriptor)
    part.replace(target)
