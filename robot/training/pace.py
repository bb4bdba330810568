"""How fast a demonstration goes: reading times, gestures, and what people ask of them. Knows no page."""

from __future__ import annotations

from dataclasses import dataclass

# A caption is read aloud in a room: some fourteen letters each second, and a moment to find the place.
_LETTERS, _FIND, _LEAST = 14, 1.6, 3.0
# A hand that crosses the window; keys of somebody who types well; the longest text is not watched to its end.
_GESTURE, _KEY, _TYPING = 0.8, 0.07, 3.5
# The result of a gesture, before the next sentence.
_RESULT = 0.9
SPEEDS = (0.5, 0.7, 1.0, 1.5, 2.2, 3.5)


@dataclass
class Pace:
    """Times in seconds at the present speed."""

    step: int = SPEEDS.index(1.0)
    # Without waiting any more.
    hurries: bool = False

    @property
    def speed(self) -> float:
        return SPEEDS[self.step]

    def change(self, by: int) -> None:
        self.hurries = False
        self.step = min(max(self.step + by, 0), len(SPEEDS) - 1)

    def reading(self, sentence: str) -> float:
        """At speed 1: what is left of it is used up faster or slower."""
        return 0 if self.hurries else max(_LEAST, _FIND + len(sentence) / _LETTERS)

    @property
    def result(self) -> float:
        return 0 if self.hurries else _RESULT

    @property
    def gesture(self) -> float:
        return 0 if self.hurries else _GESTURE / self.speed

    def key(self, text: str) -> float:
        """Between two keys."""
        return 0 if self.hurries else min(_KEY, _TYPING / max(1, len(text))) / self.speed
