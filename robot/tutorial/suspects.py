"""Who took the place of what is lost: the control of a page that an element of a flow most likely became.

Pure: works on inventories, contracts and flows. Sureness goes from 0 to 1; below `SURE` nobody may act on it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from robot.fields import plain
from robot.screens import Element, Screen
from robot.tutorial.contract import Kept, KeptScreen
from robot.tutorial.inventory import Control, Inventory

# From here on a check goes on with a suspect in the place of what is lost.
SURE = 0.6
# Two candidates closer than this are alike: neither is taken.
_MARGIN = 0.08
# Natures that an element of each kind may have.
_FIT = {
    "button": {"button"},
    "field": {"text", "picker", "select", "radio", "checkbox"},
    "select": {"select", "picker", "radio", "checkbox", "text"},
    "file": {"file"},
    "table": {"table"},
}


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
    names = [name for name in lost if name in screen.elements]
    taken = None if there is None else {screen.screen, *there}
    free = [one for one in inventory.controls if not _is_claimed(one, taken) and not _is_known(one, kept)]
    scored = []
    for name in names:
        offers = sorted(_offers(screen, name, names, free, inventory, kept), key=lambda offer: -offer.sureness)
        if offers and (len(offers) == 1 or offers[0].sureness - offers[1].sureness >= _MARGIN):
            scored.append((offers[0].sureness, name, offers[0]))
    found: dict[str, Suspect] = {}
    for _, name, offer in sorted(scored, key=lambda item: -item[0]):
        if offer.control not in [one.control for one in found.values()]:
            found[name] = offer
    return found


def _offers(
    screen: Screen, name: str, lost: list[str], free: list[Control], inventory: Inventory, kept: KeptScreen | None
) -> Iterator[Suspect]:
    element, before = screen.elements[name], kept.elements.get(name) if kept else None
    fitting = [control for control in free if control.nature in _FIT.get(element.kind, set())]
    for control in fitting:
        evidence = dict(_evidence(element, before, control))
        place = _place(screen, name, lost, control, fitting, inventory, kept)
        if place:
            evidence["même place entre ses voisins"] = place
        if _is_alone(element, before, control, fitting):
            # What stands elsewhere than it did may be something new.
            evidence["seul de son genre dans son bloc"] = 0.45 if place or before is None else 0.15
        yield Suspect(control, min(1.0, sum(evidence.values())), tuple(evidence))


def _is_alone(element: Element, before: Kept | None, control: Control, fitting: list[Control]) -> bool:
    """Whether a control is the only one that it could be in the bloc that the element belongs to."""
    blocs = {plain(words) for words in element.within or {}} | ({plain(before.bloc)} if before and before.bloc else set())
    inside = [one for one in fitting if one.bloc and plain(one.bloc) in blocs]
    return inside == [control]


def _evidence(element: Element, before: Kept | None, control: Control) -> Iterator[tuple[str, float]]:
    known = [before.words, *element.labels] if before else list(element.labels)
    if alike := max((_alike(words, control.words) for words in known), default=0.0):
        yield "mots voisins", 0.5 * alike
    if before is None:
        if any(plain(words) == plain(control.bloc) for words in element.within or {}):
            yield "même bloc", 0.2
        return
    if before.id and before.id == control.id:
        yield "même identifiant", 0.45
    if before.name and before.name == control.name:
        yield "même nom dans la page", 0.3
    if before.bloc and plain(before.bloc) == plain(control.bloc):
        yield "même bloc", 0.15
    if before.nature == control.nature:
        yield "même nature", 0.05
    if before.options and len(before.options) > 1 and set(before.options) == set(control.options):
        yield "mêmes réponses proposées", 0.35


def _alike(words: str, other: str) -> float:
    """How much two labels say the same: 0 for unrelated ones, 1 for the same but for accents, case and plurals."""
    one, two = (" ".join(part.rstrip("s") for part in plain(text).split()) for text in (words, other))
    if not one or not two:
        return 0.0
    ratio = SequenceMatcher(None, one, two).ratio()
    return ratio if ratio > 0.5 else 0.0


def _place(
    screen: Screen,
    name: str,
    lost: list[str],
    control: Control,
    fitting: list[Control],
    inventory: Inventory,
    kept: KeptScreen | None,
) -> float:
    """Whether a control stands between the neighbours that the element stood between, alone there of its kind."""
    order = _order(screen, kept)
    mine = f"{screen.screen}.{name}"
    if mine not in order:
        return 0.0
    places = _places(inventory)
    index = order.index(mine)
    before = next((places[one] for one in reversed(order[:index]) if one in places), None)
    after = next((places[one] for one in order[index + 1 :] if one in places), None)
    if before is None and after is None:
        return 0.0
    low, high = before if before is not None else -1, after if after is not None else 10**6
    if not low < control.place < high:
        return 0.0
    rivals = [one for one in fitting if low < one.place < high]
    fellows = [
        other
        for other in lost
        if f"{screen.screen}.{other}" in order
        and low < _rank_hint(order, f"{screen.screen}.{other}", places) < high
        and screen.elements[other].kind == screen.elements[name].kind
    ]
    fellows.sort(key=lambda other: order.index(f"{screen.screen}.{other}"))
    # The page's own ends are neighbours too.
    beside = [order[near] for near in (index - 1, index + 1) if 0 <= near < len(order)]
    is_between = len(order) > 2 and all(near in places for near in beside)
    weight = 0.62 if kept and is_between else 0.5 if kept and before is not None and after is not None else 0.4
    if len(rivals) == len(fellows) and rivals.index(control) == fellows.index(name):
        return weight
    return 0.1 if len(rivals) != len(fellows) else 0.0


def _order(screen: Screen, kept: KeptScreen | None) -> list[str]:
    """What stood on the page, in order: elements by their name, the rest by nature and words."""
    if kept is None:
        return [f"{screen.screen}.{name}" for name in screen.elements]
    named = [(one.place, f"{screen.screen}.{name}") for name, one in kept.elements.items() if one.nature != "value"]
    others = [(one.place, f"{one.nature} {plain(one.words)}") for one in kept.others if one.words]
    return [key for _, key in sorted([*named, *others])]


def _places(inventory: Inventory) -> dict[str, int]:
    """Where each of them stands now."""
    places = {f"{one.nature} {plain(one.words)}": one.place for one in inventory.controls}
    return places | {claim: one.place for one in inventory.controls for claim in one.claimed}


def _rank_hint(order: list[str], name: str, places: dict[str, int]) -> float:
    """Just behind the last neighbour that is still there."""
    index = order.index(name)
    before = next((places[one] for one in reversed(order[:index]) if one in places), -1)
    return before + 0.5


def _is_claimed(control: Control, taken: Collection[str] | None) -> bool:
    return any(taken is None or claim.partition(".")[0] in taken for claim in control.claimed)


def _is_known(control: Control, kept: KeptScreen | None) -> bool:
    """Whether the contract knows a control as something that no flow names."""
    if kept is None:
        return False
    return any(
        other.nature == control.nature and plain(other.words) == plain(control.words) and other.words
        for other in kept.others
    )


def likeness(
    screen: Screen, inventory: Inventory, kept: KeptScreen | None, there: Collection[str] | None = None
) -> float:
    """How much of a screen a page shows (0 to 1) although its marks are not there: found elements, suspects, title."""
    marked = [name for mark in screen.here for name in mark.elements]
    used = [
        name
        for step in screen.all_steps()
        if step.when is None
        for name in step.elements()
        if screen.elements[name].kind != "value" and not screen.elements[name].optional
    ]
    wanted = list(dict.fromkeys([*marked, *used])) or [
        name for name, element in screen.elements.items() if element.kind != "value"
    ]
    if not wanted:
        return _told(screen, inventory)
    claimed = {claim for control in inventory.controls for claim in control.claimed}
    lost = [name for name in wanted if f"{screen.screen}.{name}" not in claimed]
    taken = {name: one for name, one in suspects(screen, lost, inventory, kept, there).items() if one.sureness >= SURE}
    share = (len(wanted) - len(lost) + 0.9 * len(taken)) / len(wanted)
    if len(lost) == len(wanted):
        # Nothing at all of it was found by its words: suspects alone must be many, or the title must say it.
        share *= 0.8 if len(taken) > 1 or _told(screen, inventory) else 0.7
    return min(1.0, share + 0.15 * _told(screen, inventory))


def _told(screen: Screen, inventory: Inventory) -> float:
    """Whether a title or a sentence of the page is the screen's own."""
    words = [plain(label) for mark in screen.here for part in (mark.dialog, mark.heading, mark.text) for label in part or {}]
    text = plain(inventory.text)
    return 1.0 if any(word in text for word in words) else 0.0
