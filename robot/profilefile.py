"""Writes what a calibration found into a portal's profile: selectors, the day, who vouches for it.

In `flows/portals/` where the portal is described there; beside the saved walk where the configuration describes it, or
where the flows cannot be written.
"""

from __future__ import annotations

import os
from pathlib import Path

import yaml

from robot.screens import Flows, Profile
from robot.tabs import Place
from robot.walkfolder import SavedWalk
from robot.wholefile import write_atomically
from robot.yamledit import CannotEdit, with_value


def write_profile(walk: SavedWalk, flows: Flows, place: Place, out: Path, *, is_described_here: bool) -> Path:
    """The file that was written. `is_described_here`: the flows, and not the configuration, say where the portal is."""
    loaded = flows.files.get(place.name) if place.name in flows.profiles else None
    if loaded and is_described_here and os.access(loaded.path, os.W_OK):
        try:
            text = _edited(loaded.path.read_text(encoding="utf-8"), walk)
            write_atomically(loaded.path, text.encode())
            return loaded.path
        except (CannotEdit, OSError):
            # Its text is written in a way that cannot be added to, or its folder takes no file: it stays as it is.
            pass
    path = out / f"profil-{place.name}.yaml"
    write_atomically(path, _whole(walk, place, flows.profiles.get(place.name)).encode())
    return path


def _edited(text: str, walk: SavedWalk) -> str:
    text = with_value(text, ("calibrated",), vouched(walk))
    for screen, ids in walk.ids.items():
        for element, selector in ids.items():
            text = with_value(text, ("ids", screen, element), selector)
    return text


def _whole(walk: SavedWalk, place: Place, known: Profile | None) -> str:
    profile = Profile(
        portal=place.name,
        title=known.title if known else place.name,
        url=place.url,
        hosts=place.hosts,
        sign_in_hosts=place.sign_in_hosts,
        generation=walk.generation,
        calibrated=vouched(walk),
        note=known.note if known else "",
        settling_seconds=int(place.settling_seconds),
        ids=walk.ids,
    )
    return yaml.safe_dump(profile.model_dump(mode="json"), allow_unicode=True, sort_keys=False, width=120)


def vouched(walk: SavedWalk) -> str:
    """« 2026-11-23, Camille »."""
    return f"{walk.day}, {walk.who}"
