"""How the robot's gestures are made. This hand makes them at once; one that is to be seen makes them slowly.

Knows nothing of what is typed where: whatever the hand, the control ends with the same content.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from playwright.sync_api import Locator


class Hand:
    """Gestures on one portal."""

    def reach(self, target: Locator) -> None:
        """Called before a control is pressed, chosen or typed into; presses nothing, and never fails for a control."""

    def write(self, box: Locator, text: str, *, kind: str, timeout: float) -> None:
        """Replaces what a field holds. `kind` is its type attribute, `timeout` in milliseconds."""
        box.fill(text, timeout=timeout)

    def was_reloaded(self) -> bool:
        """Whether the page came anew, before people's eyes, since this was asked last."""
        return False

    def aside(self) -> AbstractContextManager[object]:
        """The page meanwhile shows nothing of the robot's, for a picture."""
        return nullcontext()
