"""Opens the masked pages of a saved walk without any network, and tells whether the flows still find on them what they found.

Knows nothing of how the pages came there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Route, sync_playwright

from robot.account import Account
from robot.browser import choose_browser, find_browsers, open_browser, open_context
from robot.gate import Gate
from robot.locators import WAYS, register
from robot.masking import EMAIL, FIRST_NAME, LAST_NAME, SIRET
from robot.pages import Portal
from robot.parties import Supplier
from robot.screens import Flows
from robot.standing import findings, standing
from robot.tabs import Place
from robot.tutorial.sightings import Sighting
from robot.walkfolder import PAGE, Found, SavedPage, SavedWalk, WalkFolder

# An address that exists nowhere (RFC 6761): copies are handed to the browser, never fetched.
ORIGIN = "http://copie.invalid"
_KINDS = {".html": "text/html; charset=utf-8"}

# What a copy cannot say in markup: windows of the top layer, and how far things were scrolled.
REOPEN = """() => {
  const all = function* (root) {
    for (const el of root.querySelectorAll("*")) { yield el; if (el.shadowRoot) yield* all(el.shadowRoot); }
  };
  for (const el of [...all(document)]) {
    if (el.hasAttribute("data-copy-modal") && !el.matches(":modal")) { el.close(); el.showModal(); }
    const [x, y] = (el.getAttribute("data-copy-scroll") || "").split(",").map(Number);
    if (y !== undefined) el.scrollTo({ left: x, top: y, behavior: "instant" });
  }
  document.activeElement?.blur?.();
}"""


@dataclass(frozen=True)
class Difference:
    """One thing that is not found on a saved page as it was."""

    # Folder of the page.
    page: str
    # One French sentence.
    says: str
    # Whether it is a loss; what is found now and was not before is none.
    is_loss: bool = True

    def __str__(self) -> str:
        return f"{self.page} : {self.says}"


def replay(path: Path, flows: Flows) -> list[Difference]:
    """Opens a browser of its own, that can reach nothing. Raises ConfigInvalid, CommandInvalid where there is no browser."""
    with Gate(()) as gate, sync_playwright() as playwright:
        register(playwright)
        found = choose_browser(find_browsers(playwright), headless=True)
        with open_browser(playwright, found, gate, headless=True) as browser:
            return differences(browser, path, flows)


def differences(browser: Browser, path: Path, flows: Flows) -> list[Difference]:
    """What the flows no longer find (or find now) on the pages of a saved walk. Raises ConfigInvalid."""
    folder = WalkFolder(path)
    walk = folder.load()
    spoken = spoken_flows(flows, walk)
    found: list[Difference] = []
    for page in walk.pages:
        if not (folder.path / page.folder / PAGE).is_file():
            found.append(Difference(page.folder, "la page enregistrée manque"))
            continue
        with opened(browser, folder, page, walk, spoken) as portal:
            found += compared(page, standing(portal, spoken), flows)
    return found


def spoken_flows(flows: Flows, walk: SavedWalk) -> Flows:
    """The flows with the words that stand for the person's on masked pages."""
    first, last = (FIRST_NAME, LAST_NAME) if walk.named else (None, None)
    account = Account.of(EMAIL, None, first_name=first, last_name=last)
    return flows.named({"account": account, "supplier": Supplier.model_construct(siret=SIRET, kind=walk.structure)})


@contextmanager
def opened(browser: Browser, folder: WalkFolder, page: SavedPage, walk: SavedWalk, flows: Flows) -> Iterator[Portal]:
    """A saved page in a context of its own, as a portal that the eyes can look at."""
    width, height = page.viewport
    context = open_context(browser, wishes={"viewport": {"width": width, "height": height}})
    try:
        context.route("**/*", lambda route: _hand_over(route, folder.path))
        host = ORIGIN.partition("//")[2]
        place = Place(walk.portal, ORIGIN, (host,), (), walk.generation, walk.ids)
        portal = Portal(context, flows, place)
        portal.page.goto(f"{ORIGIN}/{page.folder}/{PAGE}")
        for frame in portal.page.frames:
            frame.evaluate(REOPEN)
        yield portal
    finally:
        context.close()


def _hand_over(route: Route, root: Path) -> None:
    """Gives a file of the folder; nothing else is answered."""
    address, _, _ = route.request.url.partition("?")
    file = (root / address.removeprefix(f"{ORIGIN}/")).resolve()
    is_ours = address.startswith(f"{ORIGIN}/") and root.resolve() in file.parents
    if not is_ours or file.suffix not in _KINDS or not file.is_file():
        route.abort()
        return
    route.fulfill(body=file.read_bytes(), content_type=_KINDS[file.suffix])


def compared(page: SavedPage, now: dict[str, Sighting], flows: Flows) -> list[Difference]:
    """A page as it was saved, and as the flows see it now."""
    told = []
    for name in page.screens:
        if name not in now:
            title = flows.screens[name].title if name in flows.screens else name
            told.append(Difference(page.folder, f"l'écran « {title} » n'est plus reconnu"))
    for name in now:
        if name not in page.screens:
            title = flows.screens[name].title
            # An unexpected screen in front would send a run astray; on a page that nobody knew it is progress.
            told.append(Difference(page.folder, f"l'écran « {title} » est reconnu maintenant", bool(page.screens)))
    found = findings(now)
    for name in dict.fromkeys([*page.elements, *found]):
        screen = name.split(".")[0]
        if screen not in now or screen not in page.screens:
            continue
        before, after = page.elements.get(name), found.get(name)
        if before != after and (sentence := _sentence(name, before, after, flows)):
            told.append(Difference(page.folder, sentence, not _is_better(before, after)))
    return told


def _is_better(before: Found | None, after: Found | None) -> bool:
    """Found where it was not; or by words where only the calibrated id led to it."""
    right = ("found", "collapsed", "read")
    if after is None or after.state not in right:
        return before is not None and before.state not in right and after is not None and after.state == before.state
    return before is None or before.state not in right or before.way in ("id", "sole", "hint")


def _sentence(name: str, before: Found | None, after: Found | None, flows: Flows) -> str:
    screen, element = name.split(".")
    known = flows.screens[screen].elements.get(element)
    what = f"« {known.name} » ({name})" if known else name
    if after is None:
        return f"{what} n'est plus trouvé"
    if before is None:
        return f"{what} est trouvé maintenant, {_how(after)}"
    if (before.state, before.way) != (after.state, after.way):
        return f"{what} : {_how(before)} auparavant, {_how(after)} maintenant"
    return ""


_STATES = {
    "ambiguous": "plusieurs contrôles lui ressemblent",
    "collapsed": "dans un panneau fermé",
    "disagreement": "les mots et l'identifiant relevé mènent à deux endroits",
    "read": "lu dans le texte",
}


def _how(found: Found) -> str:
    way = f"trouvé par « {WAYS.get(found.way, found.way)} »"
    return way if found.state == "found" else _STATES.get(found.state, found.state)
