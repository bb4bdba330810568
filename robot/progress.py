"""How far a batch has come: what is done, what is left, and about how long that will take. Knows no invoice."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from statistics import median

# Invoices that the time left is judged by: the portal is not as slow all day.
_LAST = 9
# Before that, one sign-in or one slow page would be all there is to judge by.
_ENOUGH = 2


class Progress:
    """Counts invoices; begins when it is made."""

    def __init__(self, total: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.total = total
        self.done = 0
        self._clock = clock
        self._since = clock()
        self._durations: deque[float] = deque(maxlen=_LAST)

    @property
    def left(self) -> int:
        return max(0, self.total - self.done)

    @property
    def seconds_left(self) -> float | None:
        """None while too few are done. A median: an invoice that waited for a person counts as one."""
        return median(self._durations) * self.left if len(self._durations) >= _ENOUGH else None

    def advance(self) -> str:
        """Notes that one more is done: « 3 sur 12 — encore 9, environ 2 min »."""
        now = self._clock()
        self._durations.append(max(0.0, now - self._since))
        self._since = now
        self.done += 1
        return str(self)

    def __str__(self) -> str:
        text = f"{self.done} sur {max(self.total, self.done)}"
        if not self.left:
            return text
        text += f" — encore {self.left}"
        return text if self.seconds_left is None else f"{text}, {_about(self.seconds_left)}"


def _about(seconds: float) -> str:
    """A length of time that is not promised to the second."""
    if seconds < 60:
        return "moins d'une minute"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"environ {minutes} min"
    hours, minutes = divmod(round(minutes / 5) * 5, 60)
    return f"environ {hours} h {minutes:02}" if minutes else f"environ {hours} h"
