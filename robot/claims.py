"""What several places of an invoice claim for one thing, and which of them is believed.

Knows neither labels nor what the thing is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from robot.reading import Found, Sure, Where

T = TypeVar("T")

# Its label says exactly what it is.
CLEAR = 3
# Its label says it in a word that could mean more, or its place says it.
USUAL = 2
# Nothing printed says what it is.
BARE = 1

NO_LABEL = "rien n'est imprimé à côté qui dise ce que c'est"
CONTRADICTION = "la facture en donne plusieurs"


@dataclass(frozen=True)
class Claim(Generic[T]):
    """A value that one place of the page gives."""

    value: T
    # As printed.
    text: str
    where: Where
    strength: int = CLEAR
    # Why it must be confirmed, whatever else is printed.
    doubt: str = ""

    def found(self) -> Found[T]:
        doubt = self.doubt or (NO_LABEL if self.strength <= BARE else "")
        return Found(self.value, self.text, self.where, Sure.DOUBTFUL if doubt else Sure.READ, doubt)


def settle(claims: Iterable[Claim[T]]) -> Found[T] | None:
    """What the strongest claims agree on; what they disagree on is doubtful, and none of it is lost."""
    claims = list(claims)
    if not claims:
        return None
    strongest = max(claim.strength for claim in claims)
    kept: dict[T, Claim[T]] = {}
    for claim in claims:
        if claim.strength == strongest and (claim.value not in kept or kept[claim.value].doubt):
            kept[claim.value] = claim
    first, *others = [claim.found() for claim in kept.values()]
    if not others:
        return first
    return Found(first.value, first.text, first.where, Sure.DOUBTFUL, CONTRADICTION, tuple(others))
