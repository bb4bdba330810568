"""A film of a run: the window as the browser itself casts it, encoded by the browser itself. Nothing has to be installed.

The sentences stand under the picture, or in the page where the robot's overlay draws them already (`is_told`). Knows
nothing of journeys.
"""

from __future__ import annotations

import base64
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import BrowserContext, CDPSession, FloatRect, Page, Route
from playwright.sync_api import Error as PlaywrightError

from robot import events
from robot.browser import VIEWPORT, choose_browser, find_browsers, open_browser
from robot.failures import CommandInvalid
from robot.gate import Gate
from robot.pages import Portal
from robot.session import Lent, borrowing, started
from robot.steps import Compare, Download, HandOver, Press, Read
from robot.training.framing import pointed_at, shown, step_of
from robot.training.pictures import Camera
from robot.training.webm import Chunk, webm
from robot.wholefile import write_atomically

FILM = "film.webm"

# Pictures that follow faster than this are not seen apart.
_APART = 0.08
# How long the window may stand still in the film, in seconds: where the robot waits, and where a person paused it.
_STILL, _STILL_TOLD = 0.4, 10.0
# A caption is read at some fifteen letters each second.
_READ, _LETTERS, _LEAST, _MOST = 1.6, 15, 3.0, 9.0
_SHOWN = 1.6
_TITLE = 3.0
_BAND, _BAND_TOLD = 132, 32
# Encoding needs a secure address; this one exists nowhere (RFC 6761) and is never fetched.
_ADDRESS = "https://film.invalid/"


@dataclass(frozen=True)
class Caption:
    """What is said of a step."""

    # From 1, through the whole film.
    number: int
    line: str
    say: str


@dataclass(frozen=True)
class Shot:
    """One picture of the window."""

    # Seconds, of the machine's clock.
    at: float
    picture: Path
    caption: Caption | None = None
    boxes: tuple[FloatRect, ...] = ()
    # Seconds that it must stay; 0: until the next one.
    stays: float = 0


@dataclass(frozen=True)
class Scene:
    """A shot in the film: when it comes and how long it lasts, in milliseconds."""

    shot: Shot
    at: int
    lasts: int


@dataclass
class Film:
    """A run while it is filmed; pictures wait in `folder` until it is over."""

    folder: Path
    # What is filmed, where and when, in French.
    title: str
    banner: str
    # The overlay draws the captions in the page: the film runs as the run did.
    is_told: bool = False
    shots: list[Shot] = field(default_factory=list)
    _caption: Caption | None = None
    _steps: int = 0

    # --- filming --------------------------------------------------------------------------------------------------

    def attach(self, context: BrowserContext) -> None:
        """Films every tab of a context, from now on."""
        context.on("page", self._cast)
        for page in context.pages:
            self._cast(page)

    def _cast(self, page: Page) -> None:
        size = {"maxWidth": VIEWPORT["width"], "maxHeight": VIEWPORT["height"]}
        # A film is never worth a run.
        with suppress(PlaywrightError):
            session = page.context.new_cdp_session(page)
            session.on("Page.screencastFrame", lambda event: self._seen(session, event))
            session.send("Page.startScreencast", {"format": "jpeg", "quality": 85, **size})

    def _seen(self, session: CDPSession, event: dict[str, Any]) -> None:
        at = float(event["metadata"].get("timestamp") or time.time())
        self._keep(Shot(at, self._written(base64.b64decode(event["data"])), self._caption))
        with suppress(PlaywrightError):
            session.send("Page.screencastFrameAck", {"sessionId": event["sessionId"]})

    def watch(
        self, portal: Portal, camera: Camera, wants: Callable[[events.StepEvent], bool] = lambda _event: True
    ) -> events.Listener:
        """What listens to a run whose captions stand under the picture: each step is shown long enough to be read.

        Steps that are not wanted pass without a word.
        """

        def heard(event: events.Event) -> None:
            if isinstance(event, events.StepStarted):
                self._caption = None
            if isinstance(event, events.StepStarted | events.StepDone) and wants(event):
                self._hold(portal, camera, event)

        return heard

    def _hold(self, portal: Portal, camera: Camera, event: events.StepStarted | events.StepDone) -> None:
        step = step_of(portal.flows, event)
        is_before = isinstance(event, events.StepStarted)
        if step is None or (isinstance(event, events.StepDone) and (event.skipped or isinstance(step, _LEAVING))):
            return
        screen, names = portal.flows.screens[event.screen], pointed_at(step)
        if names and not shown(portal, screen, names) and not isinstance(step, Compare | Read):
            # What the screen does not show is not done.
            return
        if is_before:
            self._steps += 1
            self._caption = Caption(self._steps, "" if event.line == "new" else event.line, event.say)
        if look := camera(portal, screen, names):
            stays = _reading(event.say) if is_before else _SHOWN
            boxes = tuple(one.box for one in look.framed)
            self._keep(Shot(time.time(), self._written(look.png), self._caption, boxes, stays))

    def _written(self, picture: bytes) -> Path:
        path = self.folder / f"{len(self.shots):06d}-{time.monotonic_ns()}"
        write_atomically(path, picture, durable=False)
        return path

    def _keep(self, shot: Shot) -> None:
        last = self.shots[-1] if self.shots else None
        if last and not last.stays and not shot.stays and shot.at - last.at < _APART and len(self.shots) > 1:
            last.picture.unlink(missing_ok=True)
            shot = replace(shot, at=last.at)
            self.shots.pop()
        self.shots.append(shot)

    # --- the file -------------------------------------------------------------------------------------------------

    def write(self, path: Path, lent: Lent, *, browser: Path | None = None) -> Path:
        """Encodes what was filmed. Raises CommandInvalid where there is nothing, or the browser cannot."""
        if not self.shots:
            raise CommandInvalid("Rien n'a été filmé : ce navigateur ne transmet pas ce que montre sa fenêtre.")
        found = choose_browser(find_browsers(lent.playwright), headless=True, path=browser)
        with Gate(()) as gate, open_browser(lent.playwright, found, gate, headless=True, launch=lent.launch) as encoder:
            context = encoder.new_context()
            try:
                context.route("**/*", _blank)
                page = context.new_page()
                page.goto(_ADDRESS)
                content = self._encoded(page, str(found))
            finally:
                context.close()
        write_atomically(path, content)
        return path

    @property
    def _height(self) -> int:
        """As high as the first window is for the film's width; encoders want an even number."""
        with Image.open(self.shots[0].picture) as first:
            return round(VIEWPORT["width"] * first.height / first.width / 2) * 2

    def _encoded(self, page: Page, browser: str) -> bytes:
        band = _BAND_TOLD if self.is_told else _BAND
        width, height = VIEWPORT["width"], self._height + band
        page.evaluate(_encoder(), {"width": width, "height": height, "band": band, "banner": self.banner})
        codec = str(page.evaluate("film.begin()"))
        if not codec:
            raise CommandInvalid(
                f"{browser} n'encode pas de vidéo (il n'a pas WebCodecs, ou ni VP9 ni VP8) : il n'y a pas de film.",
                cure="prenez un Chrome, un Edge ou un Chromium récent, ou filmez l'écran par un logiciel de votre système.",
            )
        title = {"title": {"title": self.title, "under": self.banner}, "at": 0, "lasts": round(_TITLE * 1000)}
        found: list[dict[str, Any]] = page.evaluate("scene => film.add(scene)", title)
        last = 0
        for scene in scenes(self.shots, is_told=self.is_told, begin=title["lasts"]):  # type: ignore[arg-type]
            found += page.evaluate("scene => film.add(scene)", _asked(scene, is_told=self.is_told))
            last = scene.at + scene.lasts
        found += page.evaluate("film.end()")
        chunks = [Chunk(base64.b64decode(one["data"]), int(one["at"]), bool(one["key"])) for one in found]
        return webm(chunks, codec=codec, width=width, height=height, milliseconds=last)


_LEAVING = (Press, Download, HandOver)


@cache
def _encoder() -> str:
    return Path(__file__).with_suffix(".js").read_text(encoding="utf-8")


def _blank(route: Route) -> None:
    route.fulfill(body="<!doctype html><title>film</title>", content_type="text/html")


def _reading(say: str) -> float:
    return min(max(_LEAST, _READ + len(say) / _LETTERS), _MOST)


def _asked(scene: Scene, *, is_told: bool) -> dict[str, Any]:
    shot, caption = scene.shot, None
    if shot.caption and not is_told:
        where = f"ligne {shot.caption.line} du tutoriel" if shot.caption.line else ""
        caption = {"number": str(shot.caption.number), "say": shot.caption.say, "where": where}
    return {
        "picture": base64.b64encode(shot.picture.read_bytes()).decode(),
        "boxes": [dict(box) for box in shot.boxes],
        "wide": VIEWPORT["width"],
        "caption": caption,
        "at": scene.at,
        "lasts": scene.lasts,
    }


def scenes(shots: Sequence[Shot], *, is_told: bool, begin: int = 0) -> Iterator[Scene]:
    """When each shot comes: as it was, but for the time in which nothing moves, and for what has to be read."""
    still = _STILL_TOLD if is_told else _STILL
    ordered = sorted(shots, key=lambda shot: shot.at)
    at = begin
    for shot, following in zip(ordered, [*ordered[1:], None], strict=True):
        until = min(following.at - shot.at, still) if following else _SHOWN
        lasts = round(1000 * max(shot.stays, until))
        if lasts > 0:
            yield Scene(shot, at, lasts)
            at += lasts


@contextmanager
def filming(path: Path, title: str, banner: str, *, is_told: bool = False, casts: bool = True) -> Iterator[Film]:
    """Films the sessions that are opened meanwhile, and writes the film at the end.

    `casts`: whether the window itself is filmed; without, the film is made of the pictures that `watch` takes. Raises
    CommandInvalid where the browser cannot encode.
    """
    with tempfile.TemporaryDirectory(prefix="chorus-robot-") as folder, started() as lent:
        film = Film(Path(folder), title, banner, is_told)
        with borrowing(replace(lent, opened=_both(lent.opened, film.attach)) if casts else lent):
            yield film
        film.write(path, lent)


def _both(*doing: Callable[[BrowserContext], None]) -> Callable[[BrowserContext], None]:
    def do(context: BrowserContext) -> None:
        for one in doing:
            one(context)

    return do
