"""Who took the place of what is lost: the control of a page that an element of a flow most likely became.

Pure: works on inventories, contracts and flows. Sureness goes from 0 to 1; below `SURE` nobody may act on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from robot.screens import Screen
from robot.tutorial.contract import KeptScreen
from robot.tutorial.inventory import Control, Inventory

# From here on a check goes on with a suspect in the place of what is lost.
SURE = 0.6


@dataclass(frozen=True)
class Suspect:
    """A control that an element most likely became."""

    control: Control
    sureness: float
    # Why, in French, for the report: « même identifiant », « même place dans le bloc », « mots voisins ».
    reasons: tuple[str, ...]


def suspects(
    screen: Screen, lost: Iterable[str], inventory: Inventory, kept: KeptScreen | None
) -> dict[str, Suspect]:
    """For each lost element of a screen the one control that it became; nothing where none is likely, or two are alike.

    A control that an element claims, or that the contract knows as something else, is nobody's suspect.
    """
    raise NotImplementedError


def likeness(screen: Screen, inventory: Inventory, kept: KeptScreen | None) -> float:
    """How much of a screen a page shows (0 to 1) although its marks are not there: found elements, suspects, title."""
    raise NotImplementedError
