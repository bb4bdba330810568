"""Where the journal is for a command that deposits nothing: as a configuration says, or the user's own file.

Knows configuration and flows' profiles; opens no journal.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.engine import URL

from robot.config import load_config
from robot.review import reviewed_flows
from robot.store import own_file


def place_of(config: Path | None = None) -> Path | URL:
    """The place that this configuration names, or the one of the current folder. Raises ConfigInvalid."""
    path = config or Path("config.yaml")
    if config is None and not path.is_file():
        return own_file()
    return load_config(path, profiles=tuple(reviewed_flows().profiles)).journal_place() or own_file()


def known_place() -> Path | URL | None:
    """The same, seen from the current folder; None for a file that no run has made yet."""
    place = place_of()
    return None if isinstance(place, Path) and not place.is_file() else place
