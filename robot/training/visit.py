"""One visit of a portal for the guide: the journeys walked, every step pictured.

Everything is done on the embedded replica, with its own people and a sample invoice; on any other portal the deposit only,
to the draft, which is removed, and nobody's data is on a picture.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from robot import events
from robot.account import Account
from robot.browser import choose_browser, find_browsers, open_browser
from robot.config import Config
from robot.events import Listener
from robot.failures import CommandInvalid
from robot.gate import Gate
from robot.journal import Journal
from robot.masking import EMAIL, FIRST_NAME, LAST_NAME, SIRET, Masker, identity_of
from robot.pages import Portal
from robot.screens import Flows
from robot.session import Destination, Lent, borrowing, started
from robot.training.film import Film
from robot.training.guide import CHAPTERS, Guide, Illustrator, composed
from robot.training.pictures import SCALE, Camera, masked_camera, plain_camera
from robot.tutorial.lines import load_tutorial
from robot.tutorial.portalcheck import JOURNEYS, check_portal
from robot.tutorial.verdicts import Check
from robot.vocabulary import vocabulary_of

_STOPPED = "La visite s'est arrêtée avant la fin ; ces étapes n'ont pas pu être photographiées."
_DRAFT = "Sur un vrai portail la visite s'arrête au brouillon, et n'envoie rien ; ces étapes n'ont pas été photographiées."


@dataclass(frozen=True)
class Visit:
    """What a visit brought back."""

    guide: Guide
    # What stopped a journey, and what a person should know besides.
    check: Check


def journeys_on(destination: Destination, wanted: Collection[str]) -> tuple[str, ...]:
    """The journeys that a visit may walk there. Raises CommandInvalid where that is none of those wanted."""
    found = tuple(name for name in JOURNEYS if name in wanted and (destination.embedded or name == "depot"))
    if not found:
        what = f"Sur « {destination.place.name} » le guide ne peut montrer que le dépôt, jusqu'au brouillon."
        raise CommandInvalid(what, cure="retirez --journey, ou prenez la réplique d'entraînement (sans --portal).")
    return found


def masks(destination: Destination, facture: Path | None) -> bool:
    """Whether what is shown there is somebody's, and is made unreadable."""
    return destination.embedded is None or facture is not None


def portal_title(destination: Destination, flows: Flows) -> str:
    """What a person calls the portal."""
    if destination.embedded:
        return "réplique d'entraînement de Chorus Pro"
    profile = flows.profiles.get(destination.place.name)
    return profile.title if profile else destination.place.name


def visited(
    config: Config,
    flows: Flows,
    destination: Destination,
    *,
    journeys: Collection[str] = JOURNEYS,
    facture: Path | None = None,
    headless: bool = True,
    listeners: Collection[Listener] = (),
    film: Film | None = None,
) -> Visit:
    """Walks the journeys once. Raises ConfigInvalid where secrets are missing; what stops a journey is in the result."""
    done = journeys_on(destination, journeys)
    is_masked = masks(destination, facture)
    with tempfile.TemporaryDirectory(prefix="chorus-robot-") as folder, _sharply() as lent, ExitStack() as stack:
        # A visit of the replica leaves nothing in the user's own files.
        place = Path(folder) / "journal.sqlite3" if destination.embedded else config.journal_place()
        journal = stack.enter_context(Journal(place))
        camera = stack.enter_context(_masking(config, flows, lent)) if is_masked else plain_camera
        illustrator = Illustrator(flows, camera)

        def watch(portal: Portal, section: str) -> Listener:
            illustrated = illustrator.watch(portal, section)
            if film is None:
                return illustrated
            # First the film: what the guide has already is not told again.
            filmed = film.watch(portal, camera, lambda event: illustrator.wants(section, event))
            return events.Announcer(filmed, illustrated)

        check = check_portal(
            config,
            flows,
            destination,
            journal=journal,
            folder=Path(folder),
            journeys=done,
            facture=facture,
            headless=headless,
            listeners=listeners,
            watch=watch,
        ).check
    for name in done:
        for chapter in CHAPTERS[name]:
            if chapter != "se-connecter":
                illustrator.shots.setdefault(chapter, [])
    whys = {chapter: _STOPPED for name in check.stops for chapter in CHAPTERS.get(name, ())}
    if destination.embedded is None:
        whys = {"depot": _DRAFT, **whys}
    generation = destination.place.generation
    guide = Guide(
        portal=portal_title(destination, flows),
        generation=generation,
        is_training=destination.embedded is not None,
        is_masked=is_masked,
        at=check.at.astimezone(),
        browser=check.browser,
        chapters=composed(illustrator, load_tutorial(flows), generation, whys),
    )
    return Visit(guide, check)


@contextmanager
def _sharply() -> Iterator[Lent]:
    """Sessions opened meanwhile have more pixels than the window has."""
    with started() as lent:
        sharp = replace(lent, context={**lent.context, "device_scale_factor": SCALE})
        with borrowing(sharp):
            yield sharp


@contextmanager
def _masking(config: Config, flows: Flows, lent: Lent) -> Iterator[Camera]:
    """A camera that knows whose data must not be seen, with a browser of its own that reaches nothing."""
    account = config.sign_in_if_known()
    masker = Masker(vocabulary_of(flows), identity_of(account, (config.supplier.siret,)))
    found = choose_browser(find_browsers(lent.playwright), headless=True, path=config.browser.path)
    with Gate(()) as gate, open_browser(lent.playwright, found, gate, headless=True, launch=lent.launch) as browser:
        # As masked pages say the person's name, or without one.
        named = (FIRST_NAME, LAST_NAME) if account.full_name else (None, None)
        stand_in = Account.of(EMAIL, None, first_name=named[0], last_name=named[1])
        supplier = config.supplier.model_copy(update={"siret": SIRET})
        yield masked_camera(browser, masker, flows.named({"account": stand_in, "supplier": supplier}))
