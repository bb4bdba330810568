"""Pictures of a portal's window with the things of a step framed and numbered, masked where the data are somebody's.

A masked picture is taken of a copy of the page (`pagecopy.py`), which holds nothing else to show. Knows nothing of guides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import pairwise
from typing import Protocol

from PIL import Image, ImageChops, ImageDraw, ImageFont
from playwright.sync_api import Browser, BrowserContext, FloatRect, Page, Route
from playwright.sync_api import Error as PlaywrightError

from robot.browser import open_context
from robot.fields import plain
from robot.gate import host_of
from robot.locators import is_passing
from robot.masking import Masker
from robot.pagecopy import copies_of, take_copy
from robot.pages import Portal
from robot.screens import Flows, Screen
from robot.training.framing import Framed, framed, room
from robot.tutorial.inventory import take
from robot.walkreplay import ORIGIN, REOPEN

# Sharp in print: pixels of a picture for each CSS pixel of the window.
SCALE = 2.0
# A page that cannot be pictured at once (it may be leaving) goes without.
_PICTURE_MS = 4_000

_INK = (200, 30, 30)
_HALO = (255, 255, 255)
# CSS pixels.
_AROUND, _WIDTH, _RADIUS, _BADGE = 5, 3, 6, 16
_ABOVE, _BELOW, _LOWEST, _NARROWEST, _MARGIN = 90, 56, 240, 860, 28
# Rows of a picture: how far a better place to cut is looked for, and how many must be alike there on either side.
_SEARCH, _CALM = 90, 5


@dataclass(frozen=True)
class Picture:
    """A PNG, and its size in pixels."""

    png: bytes
    width: int
    height: int


@dataclass(frozen=True)
class Look:
    """The window as a picture (PNG), and where the things of a step stand in it."""

    png: bytes
    framed: tuple[Framed, ...]
    # The window over the page, where one stands there.
    room: FloatRect | None


class Camera(Protocol):
    """Pictures the window in front, the elements `names` of a screen brought into view; None where the page has gone."""

    def __call__(self, portal: Portal, screen: Screen, names: tuple[str, ...]) -> Look | None: ...


def plain_camera(portal: Portal, screen: Screen, names: tuple[str, ...]) -> Look | None:
    """The window as it is."""
    found, window = tuple(framed(portal, screen, names)), room(portal, screen, names)
    png = _taken(portal.page)
    return Look(png, found, window) if png else None


def masked_camera(browser: Browser, masker: Masker, flows: Flows) -> Camera:
    """A camera that shows nobody's data; copies are opened in `browser`, and can reach nothing.

    `flows` say the words of masked pages.
    """

    def picture(portal: Portal, screen: Screen, names: tuple[str, ...]) -> Look | None:
        # Not every element of the copy stands where it did, so that they are looked for there; only those shown here.
        here = tuple(one.element for one in framed(portal, screen, names))
        taken = take_copy(portal.page.main_frame, portal.allows)
        if taken is None:
            return None
        for value in taken.values:
            masker.learn(value)
        inventories = [take(frame, {}) for frame in portal.frames()]
        for inventory in filter(None, inventories):
            # Words beside controls are the portal's own.
            fields = (control for control in inventory.controls if control.nature not in ("button", "table"))
            masker.spoken.update(plain(control.words) for control in fields)
        place = replace(portal.place, url=ORIGIN, hosts=(host_of(ORIGIN),), sign_in_hosts=())
        with _opened(browser, copies_of(taken, masker), taken.viewport) as context:
            return plain_camera(Portal(context, flows, place), flows.screens[screen.screen], here)

    return picture


def _taken(page: Page) -> bytes | None:
    try:
        return page.screenshot(timeout=_PICTURE_MS, animations="disabled", caret="hide")
    except PlaywrightError as error:
        if is_passing(error):
            return None
        raise


@contextmanager
def _opened(browser: Browser, files: dict[str, str], viewport: tuple[int, int]) -> Iterator[BrowserContext]:
    width, height = viewport
    wishes = {"viewport": {"width": width, "height": height}, "device_scale_factor": SCALE}
    context = open_context(browser, wishes=wishes)

    def hand_over(route: Route) -> None:
        file = files.get(route.request.url.removeprefix(f"{ORIGIN}/"))
        if file is None:
            route.abort()
        else:
            route.fulfill(body=file, content_type="text/html; charset=utf-8")

    try:
        context.route("**/*", hand_over)
        page = context.new_page()
        page.goto(f"{ORIGIN}/page.html")
        for frame in page.frames:
            frame.evaluate(REOPEN)
        yield context
    finally:
        context.close()


def drawn(
    png: bytes, boxes: Sequence[FloatRect], badge: str, *, room: FloatRect | None = None, scale: float = SCALE
) -> Picture:
    """The part of a window around `boxes` (CSS pixels), each framed and the first one numbered; all of it without any.

    `room`: the window that stands over the page, where there is one.
    """
    with Image.open(BytesIO(png)) as opened:
        picture = opened.convert("RGB")
    inside = [box for box in boxes if _is_inside(box, picture, scale)]
    if inside:
        place = _badge_place(picture, inside, scale)
        part = _part(picture, inside, place, room, scale)
        for box in inside:
            _frame(picture, box, scale)
        _number(picture, place, badge, scale)
        picture = picture.crop(part)
    small = picture.quantize(128, dither=Image.Dither.NONE)
    target = BytesIO()
    small.save(target, "PNG", optimize=True)
    return Picture(target.getvalue(), picture.width, picture.height)


def _is_inside(box: FloatRect, picture: Image.Image, scale: float) -> bool:
    right, bottom = box["x"] + box["width"], box["y"] + box["height"]
    return right > 4 and bottom > 4 and box["x"] * scale < picture.width - 4 and box["y"] * scale < picture.height - 4


# --- the frame and its number -----------------------------------------------------------------------------------------


def _frame(picture: Image.Image, box: FloatRect, scale: float) -> None:
    place = (
        max(_WIDTH, box["x"] - _AROUND) * scale,
        max(_WIDTH, box["y"] - _AROUND) * scale,
        min(picture.width / scale - _WIDTH, box["x"] + box["width"] + _AROUND) * scale,
        min(picture.height / scale - _WIDTH, box["y"] + box["height"] + _AROUND) * scale,
    )
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle(place, _RADIUS * scale, outline=_INK, width=round(_WIDTH * scale))


def _number(picture: Image.Image, place: tuple[int, int], badge: str, scale: float) -> None:
    """A disc, drawn larger and brought down: its edge is smooth."""
    large, size = 4, round(2 * _BADGE * scale)
    disc = Image.new("RGBA", (size * large, size * large))
    draw = ImageDraw.Draw(disc)
    draw.ellipse((0, 0, size * large - 1, size * large - 1), fill=_HALO)
    edge = 2 * scale * large
    draw.ellipse((edge, edge, size * large - 1 - edge, size * large - 1 - edge), fill=_INK)
    font = ImageFont.load_default((1.15 if len(badge) < 3 else 0.9) * _BADGE * scale * large)
    middle = size * large / 2
    draw.text((middle, middle), badge, fill=_HALO, font=font, anchor="mm", stroke_width=large, stroke_fill=_HALO)
    disc = disc.resize((size, size), Image.Resampling.LANCZOS)
    picture.paste(disc, place, disc)


def _badge_place(picture: Image.Image, boxes: Sequence[FloatRect], scale: float) -> tuple[int, int]:
    """Where a disc hides nothing: beside the first frame, above or below it; else on its corner. Pixels of the picture."""
    box, size = boxes[0], 2 * _BADGE
    left, right = box["x"] - _AROUND - size - 2, box["x"] + box["width"] + _AROUND + 2
    above, below = box["y"] - _AROUND - size - 2, box["y"] + box["height"] + _AROUND + 2
    across, down = box["x"] + box["width"] / 2 - size / 2, box["y"] + box["height"] / 2 - size / 2
    wanted = [(left, down), (right, down), (left, above), (right, above), (across, above), (across, below), (left, below)]
    for x, y in wanted:
        place = (round(x * scale), round(y * scale), round((x + size) * scale), round((y + size) * scale))
        fits = x >= 0 and y >= 0 and place[2] <= picture.width and place[3] <= picture.height
        if fits and _is_plain(picture.crop(place)) and not any(_touches(x, y, size, other) for other in boxes[1:]):
            return place[:2]
    x, y = max(0, box["x"] - _AROUND - _BADGE), max(0, box["y"] - _AROUND - _BADGE)
    return round(x * scale), round(y * scale)


def _touches(x: float, y: float, size: float, box: FloatRect) -> bool:
    across = x < box["x"] + box["width"] + _AROUND and box["x"] - _AROUND < x + size
    return across and y < box["y"] + box["height"] + _AROUND and box["y"] - _AROUND < y + size


def _is_plain(part: Image.Image) -> bool:
    """Whether nothing is written there; a straight line, the edge of a card, may pass."""
    gray = part.convert("L")
    turned = gray.transpose(Image.Transpose.ROTATE_90)
    return any(len(set(_rows(one))) == 1 for one in (gray, turned))


def _rows(gray: Image.Image) -> list[bytes]:
    pixels = gray.tobytes()
    return [pixels[at : at + gray.width] for at in range(0, len(pixels), gray.width)]


# --- what is cut off --------------------------------------------------------------------------------------------------


def _part(
    picture: Image.Image, boxes: Sequence[FloatRect], badge: tuple[int, int], room: FloatRect | None, scale: float
) -> tuple[int, int, int, int]:
    """As high as the boxes need, with what stands above and below; as wide as what is written there."""
    first, last = min(box["y"] for box in boxes), max(box["y"] + box["height"] for box in boxes)
    top, bottom = first - _ABOVE, last + _BELOW
    lack = _LOWEST - (bottom - top)
    if lack > 0:
        top, bottom = top - lack / 2, bottom + lack / 2
    height = picture.height / scale
    # What is missing on one side is taken from the other.
    top, bottom = (0, bottom - top) if top < 0 else (top, bottom)
    top, bottom = (max(0, top - (bottom - height)), height) if bottom > height else (top, bottom)
    above = min(first - 2 * _AROUND, badge[1] / scale)
    below = max(last + 2 * _AROUND, badge[1] / scale + 2 * _BADGE)
    # What lies under a window may be cut through.
    left, right = (room["x"], room["x"] + room["width"]) if room else (0, picture.width / scale)
    column = picture.crop((max(0, round(left * scale)), 0, min(picture.width, round(right * scale)), picture.height))
    upper = _quiet(column, round(top * scale), 0, round(max(0, above) * scale))
    lower = _quiet(column, round(bottom * scale), round(min(height, below) * scale), picture.height)
    return _sides(picture, upper, lower, boxes, room, scale)


def _sides(
    picture: Image.Image, upper: int, lower: int, boxes: Sequence[FloatRect], room: FloatRect | None, scale: float
) -> tuple[int, int, int, int]:
    """Without the empty margins of the page, or what lies under a window."""
    width = picture.width / scale
    if room:
        left, right = room["x"], room["x"] + room["width"]
    else:
        strip = picture.crop((0, upper, picture.width, lower))
        empty = Image.new("RGB", strip.size, strip.getpixel((2, strip.height // 2)))
        written = ImageChops.difference(strip, empty).getbbox()
        left, right = (written[0] / scale, written[2] / scale) if written else (0, width)
    left = min([left, *(box["x"] - 2 * _BADGE for box in boxes)]) - _MARGIN
    right = max([right, *(box["x"] + box["width"] + 2 * _BADGE for box in boxes)]) + _MARGIN
    lack = max(0, _NARROWEST - (right - left)) / 2
    left, right = max(0, left - lack), min(width, right + lack)
    return round(left * scale), upper, round(right * scale), lower


def _quiet(picture: Image.Image, wanted: int, lowest: int, highest: int) -> int:
    """The row nearest to the one wanted where nothing written is cut: rows around it are alike."""
    if wanted in (0, picture.height):
        return wanted
    first, last = max(lowest, wanted - _SEARCH), min(highest, wanted + _SEARCH)
    if first >= last:
        return wanted
    gray = picture.crop((0, first, picture.width, last)).convert("L")
    lines = _rows(gray)
    alike = [row for row in range(_CALM, len(lines) - _CALM) if len(set(lines[row - _CALM : row + _CALM + 1])) == 1]
    # Between two fields rather than through one.
    return first + min(alike, key=lambda row: (_edges(lines[row]), abs(first + row - wanted)), default=wanted - first)


def _edges(line: bytes) -> int:
    """How often a row changes its tone: each thing that it goes through does so twice."""
    return sum(before != after for before, after in pairwise(line))
