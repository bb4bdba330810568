"""Files written whole or not at all, readable by their owner alone. Knows nothing of what is in them."""

from __future__ import annotations

import os
from pathlib import Path


def write_atomically(target: Path, data: bytes, *, durable: bool = True) -> None:
    """Writes a file whole or not at all, readable by its owner alone."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "wb") as file:  # noqa: PTH123 (a descriptor, to create it with its rights)
        file.write(data)
        if durable:
            file.flush()
            os.fsync(descriptor)
    part.replace(target)
