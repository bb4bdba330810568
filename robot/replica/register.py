"""The register of businesses, in the manner of INSEE's: who exists, where, and whether still in business.

All invented. Being listed here says nothing of the portal: what it knows is in `structures.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_SIRET = re.compile(r"[0-9]{14}")


@dataclass(frozen=True)
class Business:
    """An establishment of the register."""

    siret: str
    # « Raison sociale », in capitals and without accents as the register writes it.
    name: str
    # Number and street.
    street: str
    postcode: str
    town: str
    complement: str = ""
    # Whether it is still in business.
    is_active: bool = True
    # False for a holder who asked that the address be told to nobody (« non diffusible »).
    is_disclosed: bool = True

    @property
    def address(self) -> str:
        """In one line; empty where it may not be told."""
        parts = (self.complement, self.street, self.postcode, self.town)
        return " ".join(part for part in parts if part) if self.is_disclosed else ""


class Register:
    """Businesses by SIRET; of two with the same number, the last one counts."""

    def __init__(self, businesses: Iterable[Business]) -> None:
        self._businesses = {business.siret: business for business in businesses}

    def find(self, siret: str) -> Business | None:
        """The business of that SIRET, closed ones included."""
        return self._businesses.get(siret)


def is_siret(text: str) -> bool:
    """Whether 14 digits bear the key (Luhn) that every SIRET has."""
    if not _SIRET.fullmatch(text):
        return False
    doubled = (int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(text)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def practice(siret: str, name: str, *, number: int = 1) -> Business:
    """A business of which only number and name are told, at an invented address."""
    return Business(siret, name.upper(), f"{number} RUE DE L'EXEMPLE", "00000", "EXEMPLEVILLE")


# Numbers that nobody bears, with a right key.
TO_CREATE = "00040100000013"
WITH_COMPLEMENT = "00040101800015"
NOT_DISCLOSED = "00040102600018"
CLOSED = "00040103400012"
TO_JOIN = "00040110900012"

INVENTED = (
    practice(TO_CREATE, "EXEMPLE CLAIRE", number=12),
    Business(WITH_COMPLEMENT, "DU MODELE YANN", "3 BIS PLACE DE LA REPLIQUE", "00000", "EXEMPLEVILLE",
             complement="BATIMENT B"),
    Business(NOT_DISCLOSED, "SECRET AGATHE", "8 IMPASSE DU SILENCE", "00000", "EXEMPLEVILLE", is_disclosed=False),
    Business(CLOSED, "ANCIEN HENRI", "5 RUE DE L'EXEMPLE", "00000", "EXEMPLEVILLE", is_active=False),
    Business(TO_JOIN, "CENTRE DE PSYCHOLOGIE D'EXEMPLEVILLE", "20 AVENUE DE L'EXEMPLE", "00000", "EXEMPLEVILLE"),
    Business("00040111700015", "MAISON DE SANTE DES EXEMPLES", "1 COURS DU MODELE", "00000", "EXEMPLEVILLE"),
    Business("00040112500018", "PSYCHOLOGUES ASSOCIES DE LA REPLIQUE", "44 QUAI DE LA COPIE", "00000", "COPIEVILLE"),
)  # fmt: skip

# Those that the portal knows already, and who runs them there.
KNOWN = {TO_JOIN: "Dominique Exemple", "00040111700015": "Sacha Modèle", "00040112500018": "Alix Copie"}
