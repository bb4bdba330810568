"""What can change on a portal, drawn by a seed: one change is a row for `mutations.js` and what a check must say of it.

What is changed is taken from the contract of the unchanged portal, what must be told from the flows and the tutorial's
lines. Opens no browser.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any
from urllib.parse import urlsplit

from robot.fields import plain
from robot.screens import Flows
from robot.steps import Effect
from robot.tutorial.contract import Contract, Kept
from robot.tutorial.lines import SECTIONS, Tutorial, rank
from robot.tutorial.verdicts import Holding

# Classes, with what a check must say of each; None: nothing at all.
CLASSES: dict[str, Holding | None] = {
    "accents": Holding.DRIFTED,
    "case": Holding.DRIFTED,
    "plural": Holding.DRIFTED,
    "other word": Holding.DRIFTED,
    "option": Holding.DRIFTED,
    "sentence": Holding.DRIFTED,
    "certificate": Holding.DRIFTED,
    "moved bloc": Holding.MOVED,
    "swapped controls": Holding.MOVED,
    "exchanged labels": Holding.MOVED,
    "field removed": Holding.GONE,
    "button removed": Holding.GONE,
    "required field": Holding.NEW,
    "step between": Holding.NEW,
    "style": None,
    "attributes": None,
    "ids": None,
    "help text": None,
    "images": None,
    "wrapped": None,
}
RENAMES = ("accents", "case", "plural", "other word")

# In the portal's manner; none of them is a word of the flows.
OTHER_WORDS = {
    "button": ("Poursuivre la saisie", "Transmettre", "Étape suivante", "Accéder à la suite", "Traiter"),
    "field": ("Rubrique annexe", "Zone complémentaire", "Intitulé interne", "Donnée de gestion", "Mention libre"),
    "title": ("Rubrique complémentaire", "Volet annexe"),
}
NEW_FIELDS = ("Code de gestion interne", "Centre de coût", "Numéro de dossier fiscal", "Qualité du déclarant")
NEW_WINDOWS = (
    ("Charte d'utilisation", "Les conditions d'utilisation de ce service ont changé. Prenez-en connaissance."),
    ("Évolution de votre espace", "De nouvelles rubriques sont disponibles depuis cette semaine."),
)
_SENTENCES = {
    "est validée, elle est en cours de transmission": "a bien été prise en compte et sera transmise prochainement",
    "Votre compte est désormais créé": "Votre compte vient d'être ouvert",
    "a été créée": "vient d'être enregistrée",
    "Un courriel vous a été envoyé": "Un message électronique vous a été adressé",
}
CERTIFICATES = ("certificate-of-another*9", "certificate-truncated*9")
_STYLES = (
    "* { font-family: serif !important; letter-spacing: .02em } label { color: #24508a !important }",
    "body { background: #fdf6e3 !important } button, .btn { border-radius: 2em !important; padding: .6em 1.4em !important }",
    "input, select { border: 3px double #778 !important; padding: .5em !important } table { border-spacing: 6px !important }",
)
_HELP = "Une question sur cette page ? Consultez la rubrique d'assistance du service, mise à jour chaque mois."
_SCRIPTED = ("code_service", "engagement", "ht", "tva", "ttc", "siret")


@dataclass(frozen=True)
class Scene:
    """One of the replica's portals."""

    generation: str = "2024"
    look: str = "dossier"

    def __str__(self) -> str:
        return f"{self.generation} {self.look}"


SCENES = tuple(Scene(generation, look) for look in ("dossier", "autre") for generation in ("2024", "2021"))


@dataclass(frozen=True)
class Change:
    """One thing that changes on a portal."""

    name: str
    scene: Scene
    # The one that comes by it.
    journey: str
    # For mutations.js; empty where the replica itself does it.
    script: Mapping[str, Any] = field(default_factory=dict)
    # Lines of the tutorial that may tell it: at least one must, and no other may.
    lines: frozenset[str] = frozenset()
    fault: str = ""

    def __str__(self) -> str:
        told = {key: value for key, value in self.script.items() if value and key not in ("keep", "path")}
        return f"{self.name}, {self.scene}, {self.journey}: {told or self.fault} {sorted(self.lines, key=rank)}"


@dataclass(frozen=True)
class Thing:
    """Something that a flow names, as the unchanged portal shows it."""

    screen: str
    element: str
    journey: str
    # Of its page's address.
    path: str
    kept: Kept
    words: str

    @property
    def nature(self) -> str:
        return "button" if self.kept.nature == "button" else "value" if self.kept.nature == "value" else "field"

    def script(self, kind: str, **more: str) -> dict[str, Any]:
        return {"kind": kind, "path": self.path, "nature": self.nature, "bloc": self.kept.bloc, "words": self.words, **more}


class Ground:
    """What can change in one journey of one portal."""

    def __init__(self, scene: Scene, journey: str, flows: Flows, tutorial: Tutorial, contract: Contract) -> None:
        self.scene, self.journey, self.flows, self.tutorial, self.contract = scene, journey, flows, tutorial, contract
        self.things = list(self._things())

    def _things(self) -> Iterator[Thing]:
        for screen, kept_screen in self.contract.screens.items():
            path = urlsplit(kept_screen.url).path
            for element, kept in kept_screen.elements.items():
                words = _bare(kept.words)
                is_person = "{" in next(iter(self.flows.screens[screen].elements[element].labels), "")
                if words and not is_person:
                    yield Thing(screen, element, self.journey, path, kept, words)

    # --- what must be told ------------------------------------------------------------------------------------------

    def told_by(self, *things: Thing) -> frozenset[str]:
        """Lines that speak of these things, and of whatever has the same words on their pages."""
        same = [
            other
            for other in self.things
            for thing in things
            if (other.path, other.words, other.nature) == (thing.path, thing.words, thing.nature)
        ]
        return frozenset(line for thing in same for line in self._lines(thing))

    def _lines(self, thing: Thing) -> set[str]:
        steps = self.flows.screens[thing.screen].all_steps()
        mine = {step.line for step in steps if thing.element in step.elements()} - {"new"}
        place = f"{thing.screen}.{thing.element}"
        for number, line in self.tutorial.lines.items():
            if any(text.partition("=")[0] == place for named in line.names for text in (*named.at, *named.moved, *named.added)):
                mine.add(number)
        return mine or self.lines_of(thing.screen)

    def lines_of(self, screen: str) -> set[str]:
        """Lines of a screen; of the nearest ones before and behind it where the tutorial does not know it."""
        told = {name: {step.line for step in one.all_steps()} - {"new"} for name, one in self.flows.screens.items()}
        if told[screen]:
            return told[screen]
        ways = [(name, following.screen) for name, one in self.flows.screens.items() for following in one.then]
        found = {added.after for added in self.tutorial.added if any(place.screen == screen for place in added.places())}
        for source, target in ((0, 1), (1, 0)):
            at = {screen}
            for _ in told:
                at = {way[target] for way in ways if way[source] in at}
                if lines := {line for name in at for line in told[name]}:
                    found |= lines
                    break
        return found

    def _around(self, thing: Thing) -> frozenset[str]:
        """Lines of a thing and of those beside it on the page."""
        near = [one for one in self._beside(thing.screen) if abs(one.kept.place - thing.kept.place) <= 2]
        return self.told_by(thing, *near)

    def _beside(self, screen: str) -> list[Thing]:
        """What stands on the page of a screen, in its order; the same address may show several pages."""
        kept = self.contract.screens[screen]
        here = [one for one in self.things if one.path == urlsplit(kept.url).path and one.nature != "value"]
        here = [one for one in here if f"{one.screen}.{one.element}" in kept.order]
        # Two screens may know a control of the same words on different pages.
        pages = {name for name, other in self.contract.screens.items() if set(other.order) == set(kept.order)} | {screen}
        return sorted((one for one in here if one.screen in pages), key=lambda one: one.kept.place)

    # --- what can change --------------------------------------------------------------------------------------------

    def changes(self, name: str) -> list[Change]:
        """All changes of one class, in a fixed order."""
        if CLASSES[name] is None:
            return list(self._cosmetic(name))
        makers: dict[str, Callable[[], Iterator[Change]]] = {
            "option": self._options,
            "sentence": self._sentences,
            "certificate": self._certificates,
            "moved bloc": self._blocs,
            "swapped controls": lambda: self._pairs("swapped controls", "swapped"),
            "exchanged labels": lambda: self._pairs("exchanged labels", "exchanged"),
            "field removed": lambda: self._removed("field"),
            "button removed": lambda: self._removed("button"),
            "required field": self._required,
            "step between": self._windows,
        }
        return list(makers[name]() if name in makers else self._renamed(name))

    def _made(self, name: str, script: Mapping[str, Any], lines: frozenset[str]) -> Change:
        return Change(name, self.scene, self.journey, script, lines)

    def _unique(self) -> list[Thing]:
        """Things with words of their own on their page."""
        seen: dict[tuple[str, str, str, str], Thing] = {}
        for thing in self.things:
            seen.setdefault((thing.path, thing.words, thing.nature, thing.kept.bloc), thing)
        return list(seen.values())

    def _renamed(self, name: str) -> Iterator[Change]:
        for thing in self._unique():
            for now in _worded(name, thing):
                if now != thing.words:
                    kind = "sentence" if thing.nature == "value" else "rename"
                    yield self._made(name, thing.script(kind, now=now), self.told_by(thing))

    def _options(self) -> Iterator[Change]:
        for thing in self.things:
            element = self.flows.screens[thing.screen].elements[thing.element]
            known = {plain(label) for labels in element.options.values() for label in labels}
            for option in map(_bare, thing.kept.options):
                if plain(option) in known:
                    script = {"kind": "rename", "path": thing.path, "nature": "option", "bloc": "", "words": option}
                    yield self._made("option", {**script, "now": _reworded(option)}, self.told_by(thing))

    def _sentences(self) -> Iterator[Change]:
        for screen, kept in self.contract.screens.items():
            for words, now in _SENTENCES.items():
                if any(words in sentence for sentence in kept.sentences):
                    script = {"kind": "sentence", "path": urlsplit(kept.url).path, "nature": "", "words": words, "now": now}
                    yield self._made("sentence", script, frozenset(self.lines_of(screen)))

    def _certificates(self) -> Iterator[Change]:
        if self.journey == "depot":
            for fault in CERTIFICATES:
                yield Change("certificate", self.scene, self.journey, {}, frozenset({"3.20"}), fault)

    def _blocs(self) -> Iterator[Change]:
        for screen, kept in self.contract.screens.items():
            blocs: dict[str, list[Thing]] = {}
            for thing in self._beside(screen):
                if thing.kept.bloc and thing.nature == "field" and thing.kept.bloc != thing.words:
                    blocs.setdefault(thing.kept.bloc, []).append(thing)
            for (one, mine), (other, others) in zip(blocs.items(), list(blocs.items())[1:], strict=False):
                script = {"kind": "moved", "path": urlsplit(kept.url).path, "nature": "title", "words": one, "other": other}
                yield self._made("moved bloc", script, self.told_by(*mine, *others))

    def _pairs(self, name: str, kind: str) -> Iterator[Change]:
        fields = [thing for thing in self._unique() if thing.kept.nature in ("text", "select", "picker")]
        for one, other in combinations(fields, 2):
            if (one.path, one.kept.bloc, one.screen) == (other.path, other.kept.bloc, other.screen):
                yield self._made(name, one.script(kind, other=other.words), self.told_by(one, other))

    def _removed(self, nature: str) -> Iterator[Change]:
        for thing in self._unique():
            # The other hand's scripts need what they write into.
            is_scripted = self.scene.look == "autre" and thing.element in _SCRIPTED
            if thing.nature == nature and not is_scripted:
                yield self._made(f"{nature} removed", thing.script("removed"), self.told_by(thing))

    def _required(self) -> Iterator[Change]:
        for thing in self._unique():
            if thing.kept.nature in ("text", "select") and thing.screen not in ("connexion", "second-facteur"):
                for now in NEW_FIELDS:
                    yield self._made("required field", thing.script("required", now=now), self._around(thing))

    def _windows(self) -> Iterator[Change]:
        for thing in self._unique():
            if thing.nature != "value":
                for title, text in NEW_WINDOWS:
                    # It stands there as soon as the page does: behind the last line of whatever leads to that page.
                    page = {one.screen for one in self.things if one.path == thing.path}
                    leading = {
                        name
                        for name, one in self.flows.screens.items()
                        if {following.screen for following in one.then} & page
                    }
                    # Only a mail leads there: it is sent for what cannot be undone.
                    leading = leading or {
                        name
                        for name in self.contract.screens
                        if any(step.effect is Effect.SEND for step in self.flows.screens[name].all_steps())
                    }
                    # Before anything of this journey it is told of its first line.
                    is_door = self.flows.screens[thing.screen].sign_in
                    first = {number for number in self.tutorial.numbers() if SECTIONS[number[0]] == self.journey and is_door}
                    lines = self.told_by(thing).union(sorted(first, key=rank)[:1])
                    lines = lines.union(*(self.lines_of(name) for name in page | leading))
                    yield self._made("step between", thing.script("window", now=title, other=text), frozenset(lines))

    def _cosmetic(self, name: str) -> Iterator[Change]:
        marks = [mark for screen in self.flows.screens.values() for mark in screen.here]
        keep = [label for mark in marks for part in (mark.text, mark.heading, mark.dialog) for label in part or {}]
        for element in (one for screen in self.flows.screens.values() for one in screen.elements.values()):
            keep += [label for labels in element.options.values() for label in labels]
        for style in _STYLES if name == "style" else ("",):
            now = {"style": style, "help text": _HELP, "ids": "v2"}.get(name, "")
            kind = {"help text": "help"}.get(name, name)
            yield self._made(name, {"kind": kind, "path": "", "words": "", "now": now, "keep": keep}, frozenset())


def drawn(
    seed: str,
    count: int,
    ground: Callable[[Scene, str], Ground],
    names: Sequence[str] = tuple(CLASSES),
    scenes: Sequence[Scene] = SCENES,
) -> Iterator[Change]:
    """So many changes, class after class, portal after portal, in a journey and at a place that the seed says; none twice.

    Fewer where the classes have no more.
    """
    chance, seen = random.Random(seed), set()
    for turn in range(20 * count):
        if len(seen) == count:
            return
        scene = scenes[turn // len(names) % len(scenes)]
        for journey in chance.sample(tuple(SECTIONS.values()), len(SECTIONS)):
            fresh = [one for one in ground(scene, journey).changes(names[turn % len(names)]) if str(one) not in seen]
            if fresh:
                change = chance.choice(fresh)
                seen.add(str(change))
                yield change
                break


def _bare(words: str) -> str:
    """Words as a person would say them: without what decorates them (as mutations.js compares)."""
    return " ".join(words.split()).lstrip(" *–-").rstrip(" *:▾▼")


def _worded(name: str, thing: Thing) -> Iterator[str]:
    words = thing.words
    if name == "accents":
        yield words.translate(str.maketrans("éèêëàâôîïûùçÉÈÀÊ", "eeeeaaoiiuucEEAE"))
    elif name == "case":
        yield words.upper() if words.upper() != words else words.capitalize()
    elif name == "plural":
        yield " ".join(f"{part}s" if len(part) > 3 and part[-1] not in "sx?…" else part for part in words.split())
    else:
        yield from OTHER_WORDS["button" if thing.nature == "button" else "field"]


def _reworded(option: str) -> str:
    code, colon, rest = option.partition(" : ")
    if colon:
        return f"{code} : Autre libellé de {rest[:1].lower()}{rest[1:]}"
    return f"{option} (choix n° 1)" if len(option) > 3 else f"{option}, c'est bien cela"
