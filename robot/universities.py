"""The partner universities by the nicknames that bills print, with the SIRET that each had in 2021: to suggest, never to fill.

Open data (`universites.json`: licence, source, caveats). Knows nothing of invoices, of the user or of the portal's directory.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from robot.printed import plain

_DATA = Path(__file__).with_name("universites.json")

# Words that tell no university from another; most bills leave them out.
_IDLE = frozenset({"universite", "universites", "univ", "u", "l", "la", "le", "les", "d", "de", "du", "des", "et", "en", "a"})
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4"}


@dataclass(frozen=True)
class Published:
    """What a university itself says that it requires. None: it does not say."""

    engagement: bool | None
    service: bool | None
    state: bool | None
    # Codes of its services.
    services: tuple[str, ...]
    note: str
    # Where it says so, and when that was seen, in French.
    source: str
    date: str


@dataclass(frozen=True)
class University:
    """One line of the list."""

    # As the programme calls it and as its bills print it; not the legal name.
    label: str
    siret: str
    postal_code: str
    city: str
    # Other names of the same.
    also: tuple[str, ...]
    # What a person must know before taking this SIRET, in French; never empty.
    warning: str
    published: Published | None

    @property
    def names(self) -> tuple[str, ...]:
        return (self.label, *self.also)

    def is_named(self, name: str) -> bool:
        """Whether a printed name is one of its names, and no more than near to one."""
        return any(same_name(name_key(name), key) for key in _keys(self))


def name_key(name: str) -> str:
    """A printed name as it is compared: no case, accents, dashes, nor « Université de »; empty for no name at all."""
    # What is typed on a Mac, or printed by one, has accents as signs of their own.
    bare = re.sub(r"[œŒ]", "oe", unicodedata.normalize("NFC", name))
    words = [_ROMAN.get(word, word) for word in re.findall(r"[a-z0-9]+", plain(bare))]
    return " ".join([word for word in words if word not in _IDLE] or words)


def same_name(key: str, other: str) -> bool:
    """Whether two keys are of one name. A font may tear a letter out of its word."""
    return bool(key) and key.replace(" ", "") == other.replace(" ", "")


@cache
def universities() -> tuple[University, ...]:
    """The whole list, in the order of the file."""
    data = json.loads(_DATA.read_text("utf-8"))
    return tuple(_university(one, data["warning"]) for one in data["universities"])


def _university(facts: dict[str, Any], warning: str) -> University:
    published = facts.get("published")
    return University(
        label=facts["label"],
        siret=facts["siret"],
        postal_code=facts["postal_code"],
        city=facts["city"],
        also=tuple(facts.get("also", ())),
        warning=" ; ".join(filter(None, (facts.get("warning"), warning))),
        published=Published(**{**published, "services": tuple(published["services"])}) if published else None,
    )


def by_siret(siret: str) -> University | None:
    return next((one for one in universities() if one.siret == siret), None)


def suggestions(name: str) -> list[University]:
    """The universities that a printed name may mean: those of that very name, else those it says a part of, or more of.

    Several for a name that several share (« Lyon »). The nearest may still be another one (« Bordeaux Montaigne »):
    `University.is_named` tells.
    """
    wanted = name_key(name)
    if not wanted:
        return []
    if named := [one for one in universities() if one.is_named(name)]:
        return named
    shared = {one: max(_shared(wanted, key) for key in _keys(one)) for one in universities()}
    # « Université Claude Bernard Lyon 1 » says more of Lyon 1 than of Lyon.
    most = max(shared.values())
    return [one for one, words in shared.items() if words == most] if most else []


@cache
def _keys(one: University) -> tuple[str, ...]:
    """The keys of all its names, with and without what stands in brackets, and of that alone."""
    parts = [part for name in one.names for part in (name, *re.split(r"[()]", name))]
    return tuple(dict.fromkeys(key for key in map(name_key, parts) if key))


def _shared(wanted: str, key: str) -> int:
    """How many words two names share, where one of them says all that the other does; else 0."""
    words, others = set(wanted.split()), set(key.split())
    # A number tells the universities of one town apart: « Rennes 2 » is not « Rennes ».
    is_another = any(word.isdigit() for word in words - others)
    return len(words & others) if words <= others or (others <= words and not is_another) else 0
