"""Who took the place of what is lost: the control of a page that an element of a flow most likely became.

Pure: works on inventories, contracts and flows. Sureness goes from 0 to 1; below `SURE` nobody may act on it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from robot.fields import plain
from robot.screens import Labels, Mark, Screen
from robot.tutorial.assignment import clear_pairs
from robot.tutorial.clues import FIT, Page, Past, clues
from robot.tutorial.contract import KeptScreen
from robot.tutorial.inventory import Control, Inventory

# From here on a check goes on with a suspect in the place of what is lost.
SURE = 0.6
# Two solutions closer than this are alike: neither is taken.
_MARGIN = 0.08
# Weight of a suspect, and of a title or sentence, where something found by its words weighs 1.
_TAKEN, _SAID = 0.9, 0.5
# What is left of a page that is still that page.
_REMNANT = 0.5


@dataclass(frozen=True)
class Suspect:
    """A control that an element most likely became."""

    control: Control
    sureness: float
    # Why, in French, for the report: « même identifiant », « même place dans le bloc », « mots voisins ».
    reasons: tuple[str, ...]


def suspects(
    screen: Screen,
    lost: Iterable[str],
    inventory: Inventory,
    kept: KeptScreen | None,
    there: Collection[str] | None = None,
) -> dict[str, Suspect]:
    """For each lost element of a screen the one control that it became; nothing where none is likely, or two are alike.

    A control that an element claims, or that the contract knows as something else, is nobody's suspect. `there` are the
    screens that stand on the same page: an element of another one claims nothing. None: all of them may stand there.
    """
    page = Page(screen, inventory, kept, None if there is None else {screen.screen, *there})
    names = [name for name in dict.fromkeys(lost) if name in screen.elements and screen.elements[name].kind in FIT]
    rows = _rows(screen, names, page)
    weighed = [
        {
            index: clues(page, past, rows, control)
            for index, control in enumerate(page.free)
            if control.nature in past.fitting and not _is_another(control, past, page)
        }
        for past in rows
    ]
    scores = [{index: sum(reasons.values()) for index, reasons in one.items()} for one in weighed]
    pairs = clear_pairs(scores, _MARGIN)
    return {
        past.name: Suspect(page.free[pairs[row]], min(1.0, scores[row][pairs[row]]), _told(weighed[row][pairs[row]]))
        for row, past in enumerate(rows)
        if row in pairs and past.name in names
    }


def _rows(screen: Screen, names: list[str], page: Page) -> list[Past]:
    """All that is not in its place: what is asked for, and what else was there, which may have become something too."""
    in_order = [
        past for past in page.order if past.name in names or (past.kept and past.place is None and _counts(past))
    ]
    unknown = [name for name in names if name not in {past.name for past in in_order}]
    return in_order + [Past(name, FIT[screen.elements[name].kind], None, screen.elements[name]) for name in unknown]


def _counts(past: Past) -> bool:
    """What only some pages show is not missed."""
    return not (past.element and past.element.optional)


def _is_another(control: Control, past: Past, page: Page) -> bool:
    """Whether a control bears the very words of something else that stood there, or that the flow expects there."""
    words = plain(control.words)
    if not words or any(plain(label) == words for label in past.words):
        return False
    others = [one for one in page.order if one is not past and (one.kept or one.place is None)]
    return any(plain(label) == words for one in others for label in ([one.kept.words] if one.kept else one.words))


def _told(reasons: dict[str, float]) -> tuple[str, ...]:
    return tuple(reason for reason, weight in reasons.items() if weight > 0)


def likeness(
    screen: Screen, inventory: Inventory, kept: KeptScreen | None, there: Collection[str] | None = None
) -> float:
    """How much of a screen a page shows (0 to 1) although its marks are not there: found elements, suspects, titles."""
    text = plain(inventory.text)
    told = [_told_by(mark, text) for mark in screen.here if not _says(text, mark.without)]
    if screen.here and not told:
        return 0.0
    wanted = _wanted(screen)
    seen, parts = max(told, key=lambda one: (one[0] - one[1], one[0]), default=(0, 0))
    if not wanted:
        return seen / parts if parts else 0.0
    if kept and kept.title:
        seen, parts = seen + (plain(kept.title) == plain(inventory.title)), parts + 1
    claimed = {claim for control in inventory.controls for claim in control.claimed}
    lost = [name for name in wanted if f"{screen.screen}.{name}" not in claimed]
    taken = [one for one in suspects(screen, lost, inventory, kept, there).values() if one.sureness >= SURE]
    found = len(wanted) - len(lost)
    share = (found + _TAKEN * len(taken) + _SAID * seen) / (len(wanted) + _SAID * parts)
    if not found:
        # Nothing of it was found by its words: suspects alone must be many, or the title must say it.
        share *= 0.8 if len(taken) > 1 or seen else 0.7
    return share


def is_remnant(inventory: Inventory, kept: KeptScreen, left: KeptScreen | None = None) -> bool:
    """Whether a page is the one that was kept, short of something: the same address, and most of what it showed.

    `left` is a screen that still stands there too (a menu opens over it): then something of it must be new.
    """
    if not kept.url or urlsplit(inventory.url).path != urlsplit(kept.url).path:
        return False
    then, now = _things(kept), Counter((one.nature, plain(one.words)) for one in inventory.controls)
    if left and not (then - _things(left)) & now:
        return False
    return (then & now).total() >= _REMNANT * then.total() > 0


def _things(kept: KeptScreen) -> Counter[tuple[str, str]]:
    return Counter((one.nature, plain(one.words)) for one in (*kept.elements.values(), *kept.others) if one.nature in FIT)


def _wanted(screen: Screen) -> list[str]:
    """Elements by which a screen is known, or which its steps need."""
    marked = [name for mark in screen.here for name in mark.elements]
    used = [
        name
        for step in screen.all_steps()
        if step.when is None
        for name in step.elements()
        if not screen.elements[name].optional
    ]
    known = [name for name in dict.fromkeys([*marked, *used]) if screen.elements[name].kind in FIT]
    return known or [name for name, element in screen.elements.items() if element.kind in FIT]


def _told_by(mark: Mark, text: str) -> tuple[int, int]:
    """How many of the words of a mark the page says, and how many there are."""
    parts = [labels for labels in (mark.dialog, mark.heading, mark.text) if labels]
    return sum(_says(text, labels) for labels in parts), len(parts)


def _says(text: str, labels: Labels | None) -> bool:
    return any(plain(label) in text for label in labels or {})
