"""Small buttons and keys of the overlay: a wish is asked in the same way, whoever leads the window.

Keys are those that no robot types; Page ↓ and Page ↑ are those of presenters.
"""

from __future__ import annotations

from dataclasses import replace

from robot.caption import Control
from robot.training.remote import Wish

_CONTROLS = {
    Wish.BACK: Control(Wish.BACK, "Retour", "Explique à nouveau l'étape d'avant (Page ↑)", ("PageUp",)),
    Wish.PAUSE: Control(Wish.PAUSE, "Pause", "Arrête ou reprend (F8)", ("F8", "Pause")),
    Wish.NEXT: Control(Wish.NEXT, "Suivant", "Passe à la suite (Page ↓)", ("PageDown",)),
    Wish.SLOWER: Control(Wish.SLOWER, "−", "Moins vite (F7)", ("F7",)),
    Wish.FASTER: Control(Wish.FASTER, "+", "Plus vite (F9)", ("F9",)),
    Wish.END: Control(Wish.END, "Au bout", "Jusqu'au bout sans attendre (F10)", ("F10",)),
    Wish.STEPS: Control(Wish.STEPS, "Étapes", "Montre ou cache la liste des étapes (F2)", ("F2",)),
    Wish.HIDE: Control(Wish.HIDE, "", "Masque ou montre les montants (F4)", ("F4",)),
}


def control(wish: Wish, *, more: str = "", is_on: bool | None = None) -> Control:
    """`more`: said after what it does. `is_on`: for what is on or off."""
    known = _CONTROLS[wish]
    return replace(known, label=known.label + more, is_on=is_on)


def keys_only(*wishes: Wish) -> tuple[Control, ...]:
    return tuple(replace(_CONTROLS[wish], words="") for wish in wishes)


def without_keys(wish: Wish, label: str) -> Control:
    """A button whose keys are somebody else's: a person who fills in a form turns its pages with them."""
    return replace(_CONTROLS[wish], label=label, keys=())
