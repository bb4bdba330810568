"""What a trainer, or a person at the window, asks of a demonstration or an exercise; and what they are shown of it.

Filled by keys and buttons of the caption and by the trainer's page, read by whoever leads the window. Safe for threads.
Knows nothing of browsers.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any


class Wish(StrEnum):
    """What may be asked at any time."""

    PAUSE = "pause"  # stops, and goes on when asked again
    NEXT = "suivant"
    BACK = "retour"  # explains what was done again; nothing is redone
    REPLAY = "rejouer"  # the whole screen's explanations once more
    SLOWER = "moins-vite"
    FASTER = "plus-vite"
    END = "jusqu-au-bout"  # without waiting any more
    STEPS = "etapes"  # shows or hides the list of steps
    SHOW = "montrer"  # shows the place (practising)
    HIDE = "masquer"  # hides or shows the amounts


@dataclass(frozen=True)
class Standing:
    """Where a demonstration or an exercise stands."""

    # What is going on, in French: « Démonstration », « Exercice : sans numéro d'engagement ».
    title: str = ""
    # Screen, as its flow calls it.
    screen: str = ""
    # Tutorial line, « new » where there is none.
    line: str = ""
    say: str = ""
    # Position from 1, out of how many.
    number: int = 0
    total: int = 0
    # Every step: (line, sentence).
    steps: tuple[tuple[str, str], ...] = ()
    is_paused: bool = False
    hides_amounts: bool = False
    is_over: bool = False
    # Last thing said to the trainee, in French.
    message: str = ""


class Remote:
    """One demonstration or exercise, seen from two sides."""

    def __init__(self) -> None:
        self._wishes: deque[Wish] = deque()
        self._lock = threading.Lock()
        self._standing = Standing()

    def ask(self, wish: Wish) -> None:
        with self._lock:
            self._wishes.append(wish)

    def take(self) -> Wish | None:
        """The oldest wish that nobody took."""
        with self._lock:
            return self._wishes.popleft() if self._wishes else None

    def tell(self, **changed: Any) -> Standing:
        """Brings what is shown up to date: fields of `Standing`."""
        with self._lock:
            self._standing = replace(self._standing, **changed)
            return self._standing

    @property
    def standing(self) -> Standing:
        with self._lock:
            return self._standing
