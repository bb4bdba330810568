"""Which screens of the flows stand on the pages of a portal, and how each of their elements is found there.

The same look for the real portal and for a masked copy of it. Changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from playwright.sync_api import Frame

from robot.locators import screen_request, spec_of, survey, surveys
from robot.pages import Portal
from robot.screens import Flows, Screen
from robot.tutorial.inventory import Inventory, take
from robot.tutorial.sightings import Sighting, claims_of, sentences_on, values_on
from robot.walkfolder import Found


def standing(portal: Portal, flows: Flows) -> dict[str, Sighting]:
    """What stands in front, by screen, in the order of the flows' files."""
    ours = {name: _told_by_looking(screen) for name, screen in flows.screens.items()}
    asked = [
        screen_request(screen, portal.place.ids.get(name, {}))
        for name, screen in ours.items()
        if portal.place.generation in screen.generation and screen.here
    ]
    found: dict[str, Sighting] = {}
    for frame in portal.frames():
        if frame.page != portal.page:
            continue
        facts = survey(frame, {"screens": asked, "all": True})
        new = [flows.screens[name] for name in (facts.seen if facts else ()) if name not in found]
        found |= {sighting.screen.screen: sighting for sighting in _sightings(frame, new, flows, portal)}
    return {name: found[name] for name in flows.screens if name in found}


def _sightings(frame: Frame, screens: list[Screen], flows: Flows, portal: Portal) -> Iterator[Sighting]:
    ids = portal.place.ids
    requests: list[dict[str, Any]] = [{"text": True}]
    for screen in screens:
        specs = {name: spec_of(screen, name, ids.get(screen.screen, {})) for name in screen.elements}
        # Two names for one control are a confusion to the eyes; what only some portals show may share it.
        for optional in (False, True):
            wanted = {name: spec for name, spec in specs.items() if screen.elements[name].optional is optional}
            requests.append({"elements": wanted})
    looks = surveys(frame, requests) if screens else None
    if looks is None:
        return
    page, inventories = looks[0], _inventories(frame, screens, flows, ids)
    for screen, needed, optional_ones in zip(screens, looks[1::2], looks[2::2], strict=True):
        yield Sighting(
            screen,
            page.url.split("?")[0],
            page.title,
            frame,
            elements=needed.elements | optional_ones.elements,
            values=values_on(screen, page.text),
            inventory=inventories[flows.files[screen.screen].folder],
            sentences=tuple(sentences_on(screen, page.text)),
        )


def _inventories(
    frame: Frame, screens: list[Screen], flows: Flows, ids: Mapping[str, Mapping[str, str]]
) -> dict[str, Inventory | None]:
    """Everything that could be used on the page, once for each folder of flows: those that may claim it."""
    first = {flows.files[screen.screen].folder: screen for screen in reversed(screens)}
    return {folder: take(frame, claims_of(screen, flows, ids)) for folder, screen in first.items()}


def findings(sightings: dict[str, Sighting]) -> dict[str, Found]:
    """How every element of these screens is found, by « screen.element »; those that are not there are left out."""
    found = {}
    for name, sighting in sightings.items():
        for element in sighting.screen.elements:
            if element in sighting.values:
                found[f"{name}.{element}"] = Found(state="read", printed=sighting.values[element])
            elif (sight := sighting.elements.get(element)) and sight.state != "absent":
                found[f"{name}.{element}"] = Found(
                    state=sight.state, way=sight.way, label=sight.label, printed=sight.printed
                )
    return found


def _told_by_looking(screen: Screen) -> Screen:
    """The screen with the marks that somebody who pressed nothing can judge: some only tell that a press was answered."""
    here = tuple(mark for mark in screen.here if not mark.fresh or mark.text or mark.heading or mark.dialog)
    return screen.model_copy(update={"here": here})
