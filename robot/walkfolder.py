"""The saved walk: one folder that holds what calibration saw of each page, masked; to be replayed offline, and shared.

`calibrage.yaml` says what was recognised and found; beside it one folder for each page: `page.html` (and its frames),
`page.jpg`, `arbre.txt`. Knows nothing of browsers.
"""

from __future__ import annotations

import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from robot.failures import ConfigInvalid
from robot.masking import Masker
from robot.tutorial.contract import KeptScreen
from robot.wholefile import make_private, write_atomically
from robot.yamlfile import load

FILE = "calibrage.yaml"
PAGE, PICTURE, TREE = "page.html", "page.jpg", "arbre.txt"

# The last word of a person about an element.
ANSWERS = {"absent": "il n'y en a pas", "shown": "montré", "later": "plus tard"}


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Found(_Frozen):
    """How an element of the flows was found on the masked copy of a page."""

    # As `locators.Sight.state`; « read » for words that stand before something to read.
    state: str
    # As `locators.WAYS`.
    way: str = ""
    # Words of the flow that were there.
    label: str = ""
    # Words as printed.
    printed: str = ""


class Correction(_Frozen):
    """New words for an element, as the person showed them (`verdicts.Mend`)."""

    file: str
    screen: str
    path: tuple[str | int, ...]
    words: str
    line: str
    instead_of: str = ""


class SavedPage(_Frozen):
    """One page of the walk."""

    # Folder beside the manifest.
    folder: str
    title: str
    # Without query; segments that a machine made are masked.
    url: str
    # Screens of the flows that stand on the copy, and on the page itself where these are others.
    screens: tuple[str, ...]
    stood: tuple[str, ...] = ()
    viewport: tuple[int, int]
    # By « screen.element ».
    elements: dict[str, Found] = {}
    # Where the masked copy does not show what the page showed, in French.
    losses: tuple[str, ...] = ()

    @property
    def live(self) -> tuple[str, ...]:
        """Screens that stood on the page itself."""
        return self.stood or self.screens


class SavedWalk(_Frozen):
    """Everything that one calibration saw."""

    format: Literal[1] = 1
    portal: str
    generation: Literal["2021", "2024"]
    # chorus-robot and its version.
    robot: str
    # ISO 8601.
    day: str
    # Who vouches for it.
    who: str
    # Whether the flows knew the account's holder by name, and what kind of structure it is.
    named: bool = False
    structure: Literal["privee", "publique"] = "privee"
    pages: tuple[SavedPage, ...] = ()
    # CSS selectors, by screen and element.
    ids: dict[str, dict[str, str]] = {}
    # What the person said of elements, by « screen.element »: keys of ANSWERS.
    answers: dict[str, str] = {}
    corrections: tuple[Correction, ...] = ()
    hosts: tuple[str, ...] = ()
    # Hosts outside the profile's list that something on the portal asked for.
    refused_hosts: tuple[str, ...] = ()
    # What becomes the portal's contract.
    screens: dict[str, KeptScreen] = {}


class WalkFolder:
    """The folder on the disk. What is in it at any moment is whole."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def exists(self) -> bool:
        return (self.path / FILE).is_file()

    def load(self) -> SavedWalk:
        """Raises ConfigInvalid."""
        return load(self.path / FILE, SavedWalk, ConfigInvalid)

    def save(self, walk: SavedWalk) -> None:
        data = walk.model_dump(mode="json", exclude_defaults=True)
        text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=120)
        write_atomically(self.path / FILE, text.encode())

    def put(self, page: str, files: dict[str, bytes]) -> None:
        """Writes the files of a page; those that were there before and are no more are removed."""
        folder = self.path / page
        make_private(folder)
        for name, data in files.items():
            write_atomically(folder / name, data, durable=False)
        for other in folder.iterdir():
            if other.name not in files:
                other.unlink()

    def remove(self, page: str) -> None:
        shutil.rmtree(self.path / page, ignore_errors=True)

    def html(self, page: str) -> list[str]:
        """Copies of a page and of its frames."""
        return [file.read_text(encoding="utf-8") for file in sorted((self.path / page).glob("*.html"))]

    def tells(self, page: str, masker: Masker) -> bool:
        """Whether a page that was saved earlier says something that is known now to be personal."""
        return any(masker.finds(text) for html in self.html(page) for text in _texts(html))


class _Texts(HTMLParser):
    """Words of a copy: texts, and attributes that people read."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._in_sheet = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._in_sheet = tag == "style"
        read = ("title", "placeholder", "alt", "aria-label", "value", "label")
        self.texts += [value for name, value in attributes if value and name in read]

    def handle_endtag(self, _tag: str) -> None:
        self._in_sheet = False

    def handle_data(self, data: str) -> None:
        if not self._in_sheet and data.strip():
            self.texts.append(data)


def _texts(html: str) -> list[str]:
    parser = _Texts()
    parser.feed(html)
    return parser.texts
