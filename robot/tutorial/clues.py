"""What speaks for a control being what an element of a flow became: one clue after the other, each with its weight.

Pure: compares what was there with what is there. Weighs only; who is taken in the end is decided in `suspects.py`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache

from robot.fields import plain
from robot.screens import Element, Screen
from robot.tutorial.contract import Kept, KeptScreen
from robot.tutorial.inventory import Control, Inventory

_FIELDS = frozenset({"text", "picker", "select", "radio", "checkbox"})
# Natures that an element of each kind, or a thing of each nature, may have today.
FIT = {
    "button": frozenset({"button"}),
    "file": frozenset({"file"}),
    "table": frozenset({"table"}),
    "field": _FIELDS,
    "select": _FIELDS,
} | dict.fromkeys(_FIELDS - {"select"}, _FIELDS)

_FILLING = re.compile(r"a|aux?|de?|des|du|en|et|la?|les?|n|no|o|par|pour|s|sur|une?|vos|votre")
# From here on two words are one word with another ending, or mistyped.
_SPELLING = 0.8
_LIKE = 0.5
# Parts of ids that say nothing about the thing, and how much any other part says against an agreement.
_TECHNICAL = re.compile(r"bloc|bouton|btn|button|champ|event|field|form|formfield|id|input|label|select|txt|zone")
_OTHERWISE = 0.35
# Between the right neighbours, among several.
_DOUBTFUL = 0.1


@dataclass(frozen=True)
class Past:
    """One thing that stood on the page, or that a flow expects there."""

    # Name in the screen; empty for what no flow names.
    name: str
    fitting: frozenset[str]
    kept: Kept | None
    element: Element | None = None
    # Its place today; None where it is not found.
    place: int | None = None

    @property
    def words(self) -> list[str]:
        labels = list(self.element.labels) if self.element else []
        return [self.kept.words, *labels] if self.kept else labels


class Page:
    """One page today beside what it was: what is still there, what is lost, what nobody knows."""

    def __init__(
        self, screen: Screen, inventory: Inventory, kept: KeptScreen | None, taken: Collection[str] | None
    ) -> None:
        mine = f"{screen.screen}."
        self.places = {
            claim.removeprefix(mine): control.place
            for control in inventory.controls
            for claim in control.claimed
            if claim.startswith(mine)
        }
        others = _still_there(kept.others if kept else (), inventory, set(self.places.values()))
        self.order = list(_order(screen, kept, self.places, others))
        known = {*self.places.values(), *others.values()}
        self.free = [one for one in inventory.controls if one.place not in known and not _is_claimed(one, taken)]
        self.known = sorted(known)
        self.controls = {control.place: control for control in inventory.controls}
        seen = Counter(
            stem
            for control in inventory.controls
            for stem in {stem for mark in _marks(control) for stem in _mark_stems(mark)}
        )
        # Parts of ids that say nothing about their control.
        self.usual = {stem for stem, times in seen.items() if times > max(2, len(inventory.controls) / 3)}
        self.telling = self._telling()

    def lasting(self, past: Past) -> float:
        """How much the ids and names of this page are what they were, from 0 to 1, by what is still there.

        Things with an id tell about things with an id, the others about those without.
        """
        pairs = [(one.kept, self.controls[one.place]) for one in self.order if one.kept and one.place is not None]
        same = [_marks(kept) == _marks(now) for kept, now in pairs if any(_marks(kept)) == any(_marks(past.kept))]
        return sum(same) / len(same) if same else 0.0

    def _telling(self) -> float:
        """How much the ids and names of this page say what stands there, from 0 to 1, by what is found."""
        found = [(past, self.controls[past.place]) for past in self.order if past.element and past.place is not None]
        told = [_told_by_id(self, past, control) > 0 for past, control in found if any(_marks(control))]
        return sum(told) / len(told) if told else 0.0

    def gap(self, before: int | None, after: int | None, place: int) -> tuple[int, int]:
        """The two places between which a thing of these neighbours is looked for.

        Neighbours that were moved apart have each a gap of their own, the one in which the control at `place` stands.
        """
        low, high = -1 if before is None else before, len(self.controls) if after is None else after
        if low < high:
            return low, high
        behind = low, next((one for one in self.known if one > low), len(self.controls))
        ahead = next((one for one in reversed(self.known) if one < high), -1), high
        return behind if behind[0] < place < behind[1] else ahead


def _marks(thing: Kept | Control | None) -> tuple[str, str]:
    return (thing.id, thing.name) if thing else ("", "")


def _is_foreign(past: Past, control: Control) -> bool:
    """Whether a control bears none of the marks that the thing bore: another thing, where ids last."""
    before, now = _marks(past.kept), _marks(control)
    return before != now and not any(mark and mark == other for mark, other in zip(before, now, strict=True))


def _still_there(others: Collection[Kept], inventory: Inventory, named: set[int]) -> dict[int, int]:
    """Place today of each thing that no flow names, by its index; each control is one thing, the closest match first."""
    found: dict[int, int] = {}
    left = [control for control in inventory.controls if control.place not in named]
    for marks in (_all_of, _bloc_of, _words_of):
        for index, kept in enumerate(others):
            if index in found or not kept.words:
                continue
            control = next((one for one in left if marks(one) == marks(kept)), None)
            if control is not None:
                found[index] = control.place
                left.remove(control)
    return found


def _words_of(thing: Kept | Control) -> tuple[str, ...]:
    return thing.nature, plain(thing.words)


def _bloc_of(thing: Kept | Control) -> tuple[str, ...]:
    return *_words_of(thing), plain(thing.bloc)


def _all_of(thing: Kept | Control) -> tuple[str, ...]:
    return *_bloc_of(thing), *_marks(thing)


def _order(
    screen: Screen, kept: KeptScreen | None, places: Mapping[str, int], others: Mapping[int, int]
) -> Iterator[Past]:
    """What stood on the page, in its order; without a contract, what the flow names, in the flow's."""
    if kept is None:
        for name, expected in screen.elements.items():
            if expected.kind in FIT:
                yield Past(name, FIT[expected.kind], None, expected, places.get(name))
        return
    named = {name: one for name, one in kept.elements.items() if one.nature in FIT}
    things = [(one.place, 0, name, one) for name, one in named.items()]
    things += [(one.place, 1 + index, "", one) for index, one in enumerate(kept.others)]
    for _, index, name, one in sorted(things, key=lambda thing: thing[:3]):
        element = screen.elements.get(name)
        fitting = FIT[element.kind] if element and element.kind in FIT else FIT.get(one.nature, frozenset())
        place = places.get(name) if name else others.get(index - 1)
        yield Past(name, fitting, one, element, place)


def _is_claimed(control: Control, taken: Collection[str] | None) -> bool:
    return any(taken is None or claim.partition(".")[0] in taken for claim in control.claimed)


# --- one clue each --------------------------------------------------------------------------------------------------


def clues(page: Page, past: Past, lost: list[Past], control: Control) -> dict[str, float]:
    """Reasons, in French, with their weights; `lost` are all that may be somewhere else on the page, in their order."""
    found = dict(_own(page, past, control))
    standing = dict(_standing(page, past, lost, control))
    if past.kept and _is_foreign(past, control):
        # Where all other ids are what they were, another id in the same place is another thing.
        lasting = page.lasting(past)
        standing = {reason: weight * (1 - lasting) for reason, weight in standing.items()}
    elif past.kept is None and any(_marks(control)) and not _told_by_id(page, past, control):
        standing = {reason: weight * (1 - page.telling) for reason, weight in standing.items()}
    return {reason: weight for reason, weight in (found | standing).items() if weight}


def _own(page: Page, past: Past, control: Control) -> Iterator[tuple[str, float]]:
    """What the control itself says."""
    kept, reasons = past.kept, {}
    alike = max((likeness_of(words, control.words) for words in past.words), default=0.0)
    if alike:
        reasons = {
            "mêmes mots, aux accents et au pluriel près" if alike == 1.0 else "mots voisins": _weight(alike, 0.65)
        }
    if kept is None and (told := _told_by_id(page, past, control)):
        reasons["identifiant parlant"] = _weight(told, 0.62)
    # Words and ids that say the same are one witness.
    for reason, weight in sorted(reasons.items(), key=lambda item: -item[1])[:1]:
        yield reason, weight / 2 if kept is None and _was_passed_over(past.element, control) else weight
    if kept is None:
        return
    if kept.id and kept.id == control.id:
        yield "même identifiant", 0.45
    if kept.name and kept.name == control.name:
        yield "même nom dans la page", 0.3
    if kept.nature == control.nature:
        yield "même nature", 0.05
    if kept.required and control.required:
        yield "obligatoire comme avant", 0.05
    if len(kept.options) > 1 and control.options:
        shared = len({*kept.options} & {*control.options}) / len({*kept.options} | {*control.options})
        yield "mêmes réponses proposées", 0.35 * shared if shared > _LIKE else -0.2


def _weight(share: float, whole: float) -> float:
    return whole if share == 1.0 else 0.5 * share


def _was_passed_over(element: Element | None, control: Control) -> bool:
    """Whether the eyes knew these words and yet did not take the control: it stands where another thing is meant."""
    if element is None:
        return False
    is_elsewhere = bool(element.within) and plain(control.bloc) not in {plain(words) for words in element.within or {}}
    return is_elsewhere or any(plain(label) == plain(control.words) for label in element.labels)


def _standing(page: Page, past: Past, lost: list[Past], control: Control) -> Iterator[tuple[str, float]]:
    """What its surroundings say."""
    blocs = {plain(words) for words in (past.element.within if past.element else None) or {}}
    if past.kept and past.kept.bloc:
        blocs.add(plain(past.kept.bloc))
    if plain(control.bloc) in blocs:
        yield "même bloc", 0.15 if past.kept else 0.2
    place = _place(page, past, lost, control)
    if place:
        yield "même place entre ses voisins", place
    fellows = [one for one in page.free if one.nature in past.fitting and plain(one.bloc) in blocs]
    if fellows == [control]:
        # What stands elsewhere than it did may be something new.
        yield "seul de son genre dans son bloc", 0.45 if place or past.kept is None else 0.15
    elif not blocs and place > _DOUBTFUL and [one for one in page.free if one.nature in past.fitting] == [control]:
        yield "seul de son genre sur la page", 0.25


def _place(page: Page, past: Past, lost: list[Past], control: Control) -> float:
    """Whether a control stands between the neighbours that the thing stood between, and is the one of them that it was."""
    if past not in page.order:
        return 0.0
    index = page.order.index(past)
    before, after = _neighbours(page, index)
    if before is None and after is None:
        return 0.0
    low, high = page.gap(before, after, control.place)
    if not low < control.place < high:
        return 0.0
    rivals = [one for one in page.free if low < one.place < high and one.nature in past.fitting]
    fellows = [
        one
        for one in lost
        if one.fitting & past.fitting
        and one in page.order
        and _neighbours(page, page.order.index(one)) == (before, after)
    ]
    if len(rivals) != len(fellows):
        return _DOUBTFUL
    if rivals.index(control) != fellows.index(past):
        return 0.0
    # The page's own ends are neighbours too.
    beside = [page.order[near] for near in (index - 1, index + 1) if 0 <= near < len(page.order)]
    is_apart = before is not None and after is not None and before > after
    if past.kept and not is_apart and len(page.order) > 2 and all(one.place is not None for one in beside):
        return 0.62
    return 0.5 if past.kept and not is_apart and before is not None and after is not None else 0.4


def _neighbours(page: Page, index: int) -> tuple[int | None, int | None]:
    """Places of the nearest things before and after one of them that are still there."""
    before = next((one.place for one in reversed(page.order[:index]) if one.place is not None), None)
    after = next((one.place for one in page.order[index + 1 :] if one.place is not None), None)
    return before, after


# --- words ----------------------------------------------------------------------------------------------------------


def likeness_of(words: str, other: str) -> float:
    """How much two labels say the same: 0 for unrelated ones, 1 for the same but for accents, case and plurals."""
    one, two = _stems(words), _stems(other)
    if not one or not two:
        return 0.0
    if one == two:
        return 1.0
    shared = sum(any(_is_same(stem, near) for near in two) for stem in one)
    ratio = max(2 * shared / (len(one) + len(two)), SequenceMatcher(None, "".join(one), "".join(two)).ratio() - 0.1)
    return min(0.95, ratio) if ratio > _LIKE else 0.0


@cache
def _stems(text: str) -> tuple[str, ...]:
    words = re.findall(r"[a-z0-9]+", plain(text))
    return tuple(word.rstrip("sx") or word for word in words if not _FILLING.fullmatch(word))


@cache
def _is_same(word: str, other: str) -> bool:
    return word == other or (len(word) > 3 and SequenceMatcher(None, word, other).ratio() >= _SPELLING)


def _told_by_id(page: Page, past: Past, control: Control) -> float:
    """How much the id or the name that the page's makers gave to a control says what an element's words say."""
    marks = [stems - page.usual for mark in _marks(control) if (stems := _mark_stems(mark))]
    words = [_stems(words) for words in (*past.words, past.name.replace("_", " "))]
    return max((_agreement(said, mark) for said in words for mark in marks), default=0.0)


def _agreement(stems: Iterable[str], mark: Collection[str]) -> float:
    said = [stem for stem in stems if len(stem) > 1]
    shared = sum(any(_is_same(stem, part) for part in mark) for stem in said)
    ratio = shared / (len(said) + _OTHERWISE * (len(mark) - shared)) if shared else 0.0
    return ratio if ratio > _LIKE else 0.0


@cache
def _mark_stems(mark: str) -> frozenset[str]:
    """An id or a name in words: « GDP_BonDeCommande » says « gdp », « bon », « commande »."""
    parts = re.sub(r"[_\W\d]+", " ", re.sub(r"([a-z])([A-Z])", r"\1 \2", mark))
    return frozenset(stem for stem in _stems(parts) if len(stem) > 1 and not _TECHNICAL.fullmatch(stem))
