"""Saves the pages of a walk, masked: a copy without scripts, its picture, its accessible tree, and what the flows find on it.

Picture and tree are taken of the copy: nothing that the copy does not hold can be on them. What is learnt to be personal
later on is taken out of the pages that were saved before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from playwright.sync_api import Browser

from robot.fields import plain
from robot.masking import Masker
from robot.pagecopy import Taken, copies_of, take_copy
from robot.pages import Portal
from robot.screens import Flows
from robot.standing import findings, standing
from robot.tutorial.contract import KeptScreen
from robot.tutorial.inventory import take
from robot.tutorial.sightings import Sighting
from robot.walkfolder import PICTURE, TREE, SavedPage, SavedWalk, WalkFolder
from robot.walkreplay import compared, opened, spoken_flows

_PICTURE_MS = 5_000


class WalkWriter:
    """One walk while it is saved. `walk` is what was saved so far, and on the disk."""

    def __init__(
        self,
        folder: WalkFolder,
        walk: SavedWalk,
        flows: Flows,
        masker: Masker,
        browser: Browser,
        tell: Callable[[str], None] = lambda _sentence: None,
    ) -> None:
        self.folder = folder
        self.walk = walk
        self.flows = flows
        self.masker = masker
        # Opens copies: headless, and it can reach nothing.
        self.browser = browser
        self.tell = tell
        # What pages were before they were masked, with what stood there; in memory only.
        self._taken: dict[str, tuple[Taken, SavedPage]] = {}

    def note(self, **changes: object) -> None:
        """Changes what is known of the walk, on the disk too."""
        self.walk = self.walk.model_copy(update=changes)
        self.folder.save(self.walk)

    def save(self, portal: Portal, sightings: dict[str, Sighting]) -> SavedPage | None:
        """The page in front; saved anew where it was saved before. None where it has gone meanwhile."""
        taken = take_copy(portal.page.main_frame, portal.allows)
        if taken is None:
            return None
        self.masker.spoken.update(self._spoken(portal, sightings))
        for value in taken.values:
            self.masker.learn(value)
        screens = tuple(sightings)
        url = self.masker.address(taken.url)
        before = self.saved(screens, url)
        name = before.folder if before else f"{self._next():02d}-{screens[0] if screens else 'inconnu'}"
        page = SavedPage(
            folder=name, title="", url=url, screens=screens, viewport=taken.viewport, elements=findings(sightings)
        )
        self._taken[name] = (taken, page)
        page = self._written(name)
        self.forget()
        return page

    def saved(self, screens: tuple[str, ...], url: str) -> SavedPage | None:
        """The page that shows these screens at this address, if it is saved."""
        return next((page for page in self.walk.pages if (page.live, page.url) == (screens, url)), None)

    def forget(self) -> None:
        """Takes what is known now to be personal out of all pages; throws those away that are in memory no more."""
        for page in self.walk.pages:
            if not self.folder.tells(page.folder, self.masker):
                continue
            if page.folder in self._taken:
                self._written(page.folder)
            else:
                self.folder.remove(page.folder)
                kept = tuple(one for one in self.walk.pages if one is not page)
                screens = {name: kept for name, kept in self.walk.screens.items() if name not in page.screens}
                self.note(pages=kept, screens=screens)
                self.tell(f"La page {page.folder} montrait une donnée personnelle : elle est jetée, repassez-y.")

    def _next(self) -> int:
        return max((int(page.folder.partition("-")[0]) for page in self.walk.pages), default=0) + 1

    def _spoken(self, portal: Portal, sightings: dict[str, Sighting]) -> Iterator[str]:
        """Words beside controls: as telling as labels, wherever they stand."""
        frames = {sighting.frame for sighting in sightings.values()} or {portal.page.main_frame}
        inventories = [take(frame, {}) for frame in frames]
        for inventory in inventories:
            for control in inventory.controls if inventory else ():
                if control.nature not in ("button", "table"):
                    yield plain(control.words)

    def _written(self, name: str) -> SavedPage:
        """Writes a page from memory, opens its copy, and notes what the flows find there."""
        taken, live = self._taken[name]
        files = {file: text.encode() for file, text in copies_of(taken, self.masker).items()}
        self.folder.put(name, files)
        spoken = spoken_flows(self.flows, self.walk)
        with opened(self.browser, self.folder, live, self.walk, spoken) as copy:
            seen = standing(copy, spoken)
            window = any(sighting.inventory and sighting.inventory.window for sighting in seen.values())
            picture = copy.page.screenshot(type="jpeg", quality=70, full_page=not window, timeout=_PICTURE_MS)
            trees = [frame.locator("body").aria_snapshot(timeout=_PICTURE_MS) for frame in copy.page.frames]
            title = copy.page.title()
        self.folder.put(name, {**files, PICTURE: picture, TREE: "\n\n".join(trees).encode() + b"\n"})
        both = tuple(screen for screen in live.screens if screen in seen)
        page = live.model_copy(
            update={
                "title": title,
                "screens": both,
                "stood": () if both == live.screens else live.screens,
                "elements": findings({screen: seen[screen] for screen in both}),
                "losses": tuple(one.says for one in compared(live, seen, self.flows) if one.is_loss),
            }
        )
        others = [one for one in self.walk.pages if one.folder != name]
        kept = {screen: kept for screen in both if (kept := self._kept(seen[screen], page.url))}
        pages = tuple(sorted([*others, page], key=lambda one: one.folder))
        self.note(pages=pages, screens=self.walk.screens | kept)
        return page

    def _kept(self, sighting: Sighting, url: str) -> KeptScreen | None:
        """The screen for the contract; None where another page showed as much of it before."""
        kept = sighting.kept(self.walk.who, self.walk.day).model_copy(update={"url": url})
        before = self.walk.screens.get(sighting.screen.screen)
        is_poorer = before is not None and before.url != url and len(before.elements) >= len(kept.elements)
        return None if is_poorer else kept
