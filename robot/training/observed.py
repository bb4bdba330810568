"""What is seen of a trainee's window at one moment, and what is noted of each task. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from robot.locators import Sight
from robot.training.tasks import Task


class Kind(StrEnum):
    """What went wrong."""

    VALUE = "valeur"  # something wrong was put into a field
    LEFT = "oubli"  # the screen was left before all was right
    BUTTON = "bouton"  # a button that is not the one
    REFUSED = "refus"  # the portal complained


@dataclass(frozen=True)
class Slip:
    """One mistake, as it is told."""

    kind: Kind
    # What was seen: « Numéro de facture » : « 12 » ne convient pas.
    what: str
    # Why it matters, in one French sentence.
    why: str
    # Number of the task that it belongs to.
    number: int = 0


@dataclass(frozen=True)
class Press:
    """Something that the trainee pressed, by mouse or keyboard."""

    # As it is written on the thing.
    words: str
    # What stood there at that very moment; None where nobody looked.
    at: View | None = None


@dataclass(frozen=True)
class View:
    """What a look at the window tells."""

    # Screens in front, by name.
    standing: tuple[str, ...] = ()
    # By « screen.element ».
    sights: Mapping[str, Sight] = field(default_factory=dict)
    # How often the screen shows each word that was asked for.
    counts: Mapping[str, int] = field(default_factory=dict)
    # Changes with each document.
    document: str = ""
    # What stands in the field that is being typed into; None where nobody types.
    typing: str | None = None
    # What was pressed since the last look, in order.
    presses: tuple[Press, ...] = ()
    complaints: tuple[str, ...] = ()
    # Files that have arrived so far.
    files: int = 0


@dataclass
class Mark:
    """How one task went."""

    task: Task
    # All its values are as they should be, or its button has led on.
    is_right: bool = False
    # The trainee had something to do here: it was not right, or not there, from the start.
    was_open: bool = False
    # How long it was the next thing to do, in seconds.
    seconds: float = 0.0
    shown: int = 0
    slips: list[Slip] = field(default_factory=list)
