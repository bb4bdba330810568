"""What a check saw of each screen: its elements, everything else on the page, a masked picture, the accessible tree.

Looks and writes files into the report's folder; changes nothing on the page. Knows nothing of the tutorial's lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Frame

from robot.fields import begins_with, plain
from robot.locators import Sight, is_passing, screen_request, spec_of, survey
from robot.pages import Portal
from robot.redaction import redacted
from robot.screens import Flows, Screen
from robot.steps import Download, HandOver, Press
from robot.tutorial.contract import Kept, KeptScreen
from robot.tutorial.inventory import Control, Inventory, take
from robot.tutorial.suspects import Suspect
from robot.wholefile import write_atomically

# A page that cannot be pictured at once (it may be leaving) goes without.
_PICTURE_MS = 2_000
_FRAME = (200, 30, 30)
_FRAME_WIDTH = 4
_DOORS = {"0-connexion", "1-compte"}
# From here on two sentences are the same one in other words.
_ALIKE = 0.45


@dataclass
class Sighting:
    """One screen, as it was seen in one walk."""

    screen: Screen
    # Address without its query, and title, of the page.
    url: str
    title: str
    frame: Frame
    # Best state seen of each element.
    elements: dict[str, Sight] = field(default_factory=dict)
    # Words that stand before each thing to read.
    values: dict[str, str] = field(default_factory=dict)
    inventory: Inventory | None = None
    # Elements that a step was done on.
    used: set[str] = field(default_factory=set)
    # What took the place of elements that are not found.
    suspects: dict[str, Suspect] = field(default_factory=dict)
    # Sentences by which the screen was known.
    sentences: tuple[str, ...] = ()
    # Files in the report's folder; empty where there is none.
    picture: str = ""
    tree: str = ""

    def found(self, element: str) -> bool:
        sight = self.elements.get(element)
        return element in self.values or (sight is not None and sight.state in ("found", "collapsed"))

    def words(self, element: str) -> str:
        """The words of an element as printed; empty where it has none or is not there."""
        if element in self.values:
            return self.values[element]
        sight, control = self.elements.get(element), self.control(element)
        if sight is None or not self.found(element):
            return ""
        return sight.printed or (control.words if control else "") or sight.label

    def control(self, element: str) -> Control | None:
        """Where an element stands on the page, or what took its place."""
        name = f"{self.screen.screen}.{element}"
        if element in self.suspects:
            return self.suspects[element].control
        controls = self.inventory.controls if self.inventory else ()
        return next((control for control in controls if name in control.claimed), None)

    def order(self) -> tuple[str, ...]:
        """What the flows name on the page, as « screen.element », in the order of the document."""
        controls = self.inventory.controls if self.inventory else ()
        return tuple(name for control in controls for name in control.claimed)

    def kept(self, by: str, day: str) -> KeptScreen:
        """This screen as the contract keeps it."""
        mine = f"{self.screen.screen}."
        elements = {name: self._kept(name) for name in self.screen.elements if self.found(name)}
        controls = self.inventory.controls if self.inventory else ()
        others = tuple(
            _kept(control) for control in controls if not any(name.startswith(mine) for name in control.claimed)
        )
        return KeptScreen(
            title=self.title,
            url=self.url,
            seen=day,
            by=by,
            elements=elements,
            others=others,
            sentences=self.sentences,
            order=self.order(),
        )

    def _kept(self, element: str) -> Kept:
        if element in self.values:
            return Kept(nature="value", words=self.values[element], label=self.values[element])
        sight = self.elements[element]
        control = self.control(element)
        kept = _kept(control) if control else Kept(nature=sight.nature, words=sight.printed)
        return kept.model_copy(
            update={
                "words": sight.printed or kept.words,
                "label": sight.label,
                "way": sight.way,
                "options": tuple(option.text for option in sight.options) or kept.options,
            }
        )


def _kept(control: Control) -> Kept:
    return Kept(
        nature=control.nature,
        words=control.words,
        bloc=control.bloc,
        id=control.id,
        name=control.name,
        required=control.required,
        options=control.options,
        place=control.place,
    )


class Sightings:
    """All screens of one walk, by name, in the order met."""

    def __init__(self, portal: Portal, folder: Path) -> None:
        self.portal = portal
        self.folder = folder
        self.seen: dict[str, Sighting] = {}

    def look(self, screen: Screen, flows: Flows, *, afresh: bool = True) -> Sighting | None:
        """One look at a screen in front; what was seen before of it is completed. None where the page has gone."""
        frame = self._frame_of(screen)
        if frame is None:
            return None
        claims = claims_of(screen, flows, self.portal.place.ids)
        inventory = take(frame, claims)
        ids = self.portal.place.ids.get(screen.screen, {})
        # Two names for one control are a confusion to the eyes; what only some portals show may share it.
        wanted = [name for name, element in screen.elements.items() if not element.optional]
        others = [name for name in screen.elements if name not in wanted]
        facts = survey(frame, {"elements": {name: spec_of(screen, name, ids) for name in wanted}, "text": True})
        more = survey(frame, {"elements": {name: spec_of(screen, name, ids) for name in others}})
        if facts is None or more is None or inventory is None:
            return None
        sighting = self.seen.get(screen.screen)
        if sighting is None or afresh:
            before = sighting
            sighting = Sighting(screen, facts.url.split("?")[0], facts.title, frame)
            if before:
                sighting.used, sighting.picture, sighting.tree = before.used, before.picture, before.tree
                sighting.elements, sighting.values = before.elements, before.values
                sighting.suspects = before.suspects
            self.seen[screen.screen] = sighting
        sighting.screen = screen
        for name, sight in (facts.elements | more.elements).items():
            if sight.state in ("found", "collapsed") or name not in sighting.elements:
                sighting.elements[name] = sight
        if sighting.inventory is None or len(inventory.controls) >= len(sighting.inventory.controls):
            sighting.inventory = inventory
        sighting.values |= values_on(screen, facts.text)
        sighting.sentences = tuple(sentences_on(screen, facts.text)) or sighting.sentences
        if not sighting.picture:
            self._picture(sighting)
        return sighting

    def _frame_of(self, screen: Screen) -> Frame | None:
        request = {"screens": [screen_request(_unfresh(screen), self.portal.place.ids.get(screen.screen, {}))]}
        for frame in self.portal.frames():
            facts = survey(frame, request)
            if facts and facts.seen:
                return frame
        frames = self.portal.frames()
        return frames[0] if frames else None

    # --- files --------------------------------------------------------------------------------------------------

    def _picture(self, sighting: Sighting) -> None:
        name = f"{len(self.seen):02d}-{sighting.screen.screen}"
        front = self.portal.page
        masks = [frame.locator("input, textarea, [contenteditable]") for frame in front.frames]
        try:
            tree = sighting.frame.locator("body").aria_snapshot(timeout=_PICTURE_MS)
            jpeg = front.screenshot(
                type="jpeg",
                quality=60,
                full_page=not (sighting.inventory and sighting.inventory.window),
                mask=masks if sighting.screen.sign_in else [],
                mask_color="#3a3f4b",
                timeout=_PICTURE_MS,
            )
        except PlaywrightError as error:
            if is_passing(error):
                return
            raise
        write_atomically(self.folder / f"{name}.jpg", jpeg, durable=False)
        write_atomically(self.folder / f"{name}.txt", redacted(tree).encode(), durable=False)
        sighting.picture, sighting.tree = f"{name}.jpg", f"{name}.txt"

    def framed(self, sighting: Sighting, element: str) -> str:
        """The picture of a screen with one control framed; the plain picture where its place is not known."""
        control = sighting.control(element)
        path = self.folder / sighting.picture
        if not sighting.picture or control is None or not path.is_file() or control.box[2] < 1:
            return sighting.picture
        name = f"{path.stem}-{element}.jpg"
        x, y, width, height = control.box
        with Image.open(BytesIO(path.read_bytes())) as picture:
            right, low = min(picture.width - 1, x + width + 6), min(picture.height - 1, y + height + 6)
            left, top = max(0, x - 6), max(0, y - 6)
            if left >= right or top >= low:
                # It stands outside of what the picture shows.
                return sighting.picture
            ImageDraw.Draw(picture).rectangle((left, top, right, low), outline=_FRAME, width=_FRAME_WIDTH)
            picture.save(self.folder / name, quality=70)
        return name


def _unfresh(screen: Screen) -> Screen:
    """The same screen, to be known without anything having been pressed."""
    here = tuple(mark.model_copy(update={"fresh": False}) for mark in screen.here)
    return screen.model_copy(update={"here": here})


def blocs_beside(screen: Screen, flows: Flows) -> set[str]:
    """Screens that stand on the same page: those that one comes to, or comes from, without pressing anything."""
    links = [
        {name, following.screen}
        for name, one in flows.screens.items()
        if one.steps and not isinstance(one.steps[-1], Press | Download | HandOver)
        for following in one.then
    ]
    beside = {screen.screen}
    for _ in links:
        beside |= {name for link in links if link & beside for name in link}
    return beside


def _mates(screen: Screen, flows: Flows) -> list[Screen]:
    folders = {flows.files[screen.screen].folder}
    if folders & _DOORS:
        # Whoever is not known yet may sign in or sign up on one and the same page.
        folders = _DOORS
    return [one for name, one in flows.screens.items() if flows.files[name].folder in folders and one is not screen]


def claims_of(
    screen: Screen, flows: Flows, ids: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, Any]]:
    """Everything that the flows of the same journey can name on this page; the screen's own elements last."""
    return {
        f"{one.screen}.{name}": spec_of(one, name, ids.get(one.screen, {}))
        for one in (*_mates(screen, flows), screen)
        for name, element in one.elements.items()
        if element.kind != "value"
    }


def values_on(screen: Screen, text: str) -> dict[str, str]:
    """Words that stand before each thing to read, as printed."""
    folded = plain(text)
    found = {}
    for name, element in screen.elements.items():
        if element.kind == "value":
            label = next((label for label in element.labels if plain(label) in folded), None)
            if label:
                found[name] = _as_printed(text, label)
    return found


def sentences_on(screen: Screen, text: str) -> list[str]:
    """Lines of the page that bear the words by which the screen is known."""
    words = [plain(label) for mark in screen.here for label in (mark.text or {})]
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    return [line[:300] for line in lines if any(word in plain(line) for word in words)][:3]


def _as_printed(text: str, label: str) -> str:
    """The words of the page that mean a label, with the page's own capitals and accents."""
    wanted = plain(label)
    size = len(label)
    for line in text.splitlines():
        line = " ".join(line.split())
        for start in range(len(line)):
            for width in (size, size - 1, size + 1, size + 2):
                if width > 0 and plain(line[start : start + width]) == wanted:
                    return line[start : start + width].strip(" :*")
    return label




def words_before(text: str, value: object) -> str:
    """The words that stand just before a value, on its line or on the line above; empty where it is nowhere."""
    if value is None:
        return ""
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    for index, line in enumerate(lines):
        for start in range(len(line)):
            starts_here = start == 0 or not line[start - 1].isalnum()
            if starts_here and begins_with(value, line[start:]):
                before = line[:start].strip(" :*-–") or (lines[index - 1].strip(" :*") if index else "")
                return before[-60:].strip()
    return ""


def sentence_for(kind: str, labels: Iterable[str], inventory: Inventory, kept: KeptScreen | None) -> str:
    """The title or sentence of the page that most resembles the words by which a screen was known."""
    known = [*labels, *(kept.sentences if kept and kind == "text" else ())]
    if kind == "text":
        lines = [" ".join(line.split()) for line in inventory.text.splitlines()]
        offered = [line for line in (*inventory.messages, *lines) if 8 < len(line) < 300]
    else:
        offered = [*inventory.headings, inventory.title]
    best, like = "", 0.0
    for line in offered:
        for words in known:
            ratio = SequenceMatcher(None, plain(words), plain(line)).ratio()
            if ratio > like:
                best, like = line, ratio
    return best[:120] if like > _ALIKE else ""
