"""The guide as one HTML file and as a PDF for A4, whose contents give the pages as they were printed.

Chromium prints; pdfium says on which page each title came. Knows nothing of portals.
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from playwright.sync_api import Browser
from playwright.sync_api import Error as PlaywrightError

from robot.browser import choose_browser, find_browsers, open_browser
from robot.failures import CommandInvalid
from robot.gate import Gate
from robot.manifest import robot_version
from robot.report import day, typeset
from robot.session import started
from robot.training.guide import Chapter, Guide, Part
from robot.wholefile import write_atomically

PAGE, PRINT = "guide.html", "guide.pdf"

TITLE = "Déposer sur Chorus\N{NO-BREAK SPACE}Pro, pas à pas"
# Contents whose numbers take a page more may move what follows once, or twice.
_PRINTS = 4


@dataclass(frozen=True)
class Heading:
    """One title of the contents."""

    anchor: str
    title: str
    # 2 for a chapter, 3 for a screen.
    level: int


def headings(guide: Guide) -> list[Heading]:
    """All titles in the order of the document."""
    found = []
    for chapter in guide.chapters:
        found.append(Heading(anchor_of(guide, chapter), title_of(guide, chapter), 2))
        titled = [part for part in chapter.parts if part.title]
        found += [Heading(anchor_of(guide, chapter, part), part.title, 3) for part in titled]
    return found


def title_of(guide: Guide, chapter: Chapter) -> str:
    return f"{guide.chapters.index(chapter) + 1}. {chapter.title}"


def anchor_of(guide: Guide, chapter: Chapter, part: Part | None = None) -> str:
    whole = f"chapitre-{guide.chapters.index(chapter) + 1}"
    return f"{whole}-{next(n for n, one in enumerate(chapter.parts, 1) if one is part)}" if part else whole


def page_of(guide: Guide, pages: Mapping[str, int] | None = None) -> str:
    """The guide as HTML; `pages`: anchor of a title -> page it is printed on."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"fr": typeset, "day": day, "css": _css, "inline": lambda png: base64.b64encode(png).decode()}
    return environment.get_template("guide.html").render(
        guide=guide,
        title=TITLE,
        banner=banner_of(guide.portal, guide.at.date()),
        headings=headings(guide),
        title_of=lambda chapter: title_of(guide, chapter),
        anchor_of=lambda chapter, part=None: anchor_of(guide, chapter, part),
        pages=pages or {},
        robot=robot_version(),
    )


def printed(guide: Guide, browser: Browser) -> bytes:
    """The guide as a tagged PDF with an outline; `browser` must be headless."""
    pages: dict[str, int] = {}
    context = browser.new_context(offline=True, java_script_enabled=False)
    try:
        page = context.new_page()
        for _ in range(_PRINTS):
            page.set_content(page_of(guide, pages), wait_until="load")
            pdf = page.pdf(
                prefer_css_page_size=True,
                print_background=True,
                tagged=True,
                outline=True,
            )
            found = _pages_of(pdf, headings(guide))
            if found == pages:
                break
            pages = found
    finally:
        context.close()
    return pdf


def banner_of(portal: str, date: dt.date) -> str:
    """Where and when, for every page."""
    return f"{portal[:1].upper()}{portal[1:]} · {day(date)}"


def _css(text: str) -> str:
    """Text within a string of a style sheet."""
    return "".join(sign if sign.isalnum() or sign == " " else f"\\{ord(sign):x} " for sign in text)


def _squeezed(title: str) -> str:
    """A title that takes two lines has lost a space in the outline."""
    return "".join(typeset(title).split())


def _pages_of(pdf: bytes, titles: list[Heading]) -> dict[str, int]:
    """Anchor -> page, from 1; empty where the browser wrote no outline."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        found: dict[str, int] = {}
        ahead = iter(titles)
        wanted = next(ahead, None)
        for bookmark in document.get_toc():
            target = bookmark.get_dest()
            if wanted and target and _squeezed(bookmark.get_title()) == _squeezed(wanted.title):
                found[wanted.anchor] = target.get_index() + 1
                wanted = next(ahead, None)
        return found if wanted is None else {}
    finally:
        document.close()


def write_guide(guide: Guide, folder: Path, *, browser: Path | None = None) -> tuple[Path, Path]:
    """Writes the HTML and the PDF. Raises CommandInvalid where no browser can print; the HTML is written all the same."""
    write_atomically(folder / PAGE, page_of(guide).encode())
    with started() as lent, Gate(()) as gate:
        found = choose_browser(find_browsers(lent.playwright), headless=True, path=browser)
        with open_browser(lent.playwright, found, gate, headless=True, launch=lent.launch) as printer:
            try:
                pdf = printed(guide, printer)
            except PlaywrightError as error:
                raise CommandInvalid(
                    f"{found} n'imprime pas le guide en PDF ({error.message.splitlines()[0]}).",
                    cure=f"ouvrez {folder / PAGE} et imprimez-le vous-même, ou prenez un autre navigateur.",
                ) from None
    write_atomically(folder / PRINT, pdf)
    return folder / PAGE, folder / PRINT
