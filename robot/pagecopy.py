"""A page as one HTML file that shows the same without network, scripts or anybody's data: for pictures and for replay.

Styles are written out, so that what is seen and where stays true; `masking.py` says what becomes of each word. What is
not known to be harmless is left out.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Frame

from robot.locators import eyes, is_passing
from robot.masking import Kind, Masker

# A page of an application is rarely longer; what is longer is cut, and told.
MAX_CHARACTERS = 8_000_000

_VOID = frozenset({"area", "br", "col", "embed", "hr", "img", "input", "wbr"})
# Values of these stay when they look like words of the markup.
_PLAIN = frozenset(
    {"type", "role", "tabindex", "disabled", "readonly", "required", "checked", "selected", "multiple", "hidden", "open"}
    | {"colspan", "rowspan", "span", "scope", "lang", "dir", "size", "rows", "cols", "wrap", "slot", "contenteditable"}
    | {"data-toggle", "data-bs-toggle", "data-copy-modal", "data-copy-scroll"}
)
_IDENTIFIERS = frozenset({"id", "name", "class", "for", "form", "list", "headers"})
_REFERENCES = frozenset(
    f"aria-{name}" for name in ("labelledby", "describedby", "controls", "owns", "activedescendant", "details", "errormessage")
)
_TARGETS = frozenset({"data-target", "data-bs-target", "href"})
_WORDS = frozenset(
    {"title", "placeholder", "alt", "label", "summary", "aria-label", "aria-placeholder", "aria-roledescription"}
)
# What the other aria- attributes may say; their words may be anybody's.
_ARIA = re.compile(
    "true|false|mixed|undefined|menu|listbox|tree|grid|dialog|polite|assertive|off|page|step|location|date|time|both|inline|list|"
    r"none|other|ascending|descending|horizontal|vertical|grammar|spelling|additions|removals|text|all|-?\d{1,5}"
)
_HARMLESS = re.compile(r"[a-zA-Z-]{0,30}|-?\d{1,5}(,\d{1,5})?")
_TAG = re.compile(r"[a-z][a-z0-9-]{0,60}")
# The picture of nothing.
_NO_PICTURE = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
# Nothing is loaded but pages of the same folder.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'"


@cache
def _taker() -> str:
    copier = Path(__file__).with_suffix(".js").read_text(encoding="utf-8").strip()
    # A comment may not stand before an expression that is called.
    copier = "\n".join(line for line in copier.splitlines() if not line.startswith("//"))
    return f"() => ({copier})({eyes()})"


@dataclass
class Taken:
    """One frame as it stood, still with everybody's data: it never leaves memory."""

    raw: Mapping[str, Any]
    # Address as it was.
    url: str
    # Frames within it, by their order in the document.
    frames: dict[int, Taken] = field(default_factory=dict)

    @property
    def values(self) -> list[str]:
        """What was typed there and in its frames."""
        inner = [value for frame in self.frames.values() for value in frame.values]
        return [*map(str, self.raw["values"]), *inner]

    @property
    def viewport(self) -> tuple[int, int]:
        width, height = self.raw["viewport"]
        return int(width), int(height)


def take_copy(frame: Frame, allows: Callable[[str], bool]) -> Taken | None:
    """A frame and those within it whose address is allowed; None where the page has gone."""
    try:
        raw = frame.evaluate(_taker())
        if raw is None:
            return None
        taken = Taken(raw, frame.url)
        if frame.child_frames:
            for number, handle in enumerate(frame.query_selector_all("iframe, frame")):
                inner = handle.content_frame()
                if inner and allows(inner.url) and (copy := take_copy(inner, allows)):
                    taken.frames[number] = copy
        return taken
    except PlaywrightError as error:
        if is_passing(error):
            return None
        raise


def copies_of(taken: Taken, masker: Masker, name: str = "page") -> dict[str, str]:
    """Files of a copy: `page.html`, and `page-1.html`, … for the frames within it."""
    files: dict[str, str] = {}
    inner = {}
    for number, frame in taken.frames.items():
        inner[number] = f"{name}-{number + 1}"
        files |= copies_of(frame, masker, inner[number])
    writer = _Writer(taken.raw["styles"], masker, {number: f"{file}.html" for number, file in inner.items()})
    return {f"{name}.html": writer.document(taken.raw), **files}


class _Writer:
    """Writes one document."""

    def __init__(self, styles: list[str], masker: Masker, frames: Mapping[int, str]) -> None:
        self.styles = [_harmless_style(style) for style in styles]
        self.masker = masker
        self.frames = frames
        self._used: set[int] = set()
        self._drawn: list[str] = []

    def document(self, raw: Mapping[str, Any]) -> str:
        body = "".join(self._node(raw["body"], in_shadow=False))[:MAX_CHARACTERS]
        sheet = "\n".join(f'[data-copy-style="{n}"]{{{self.styles[n]}}}' for n in sorted(self._used))
        root, scroll = raw["root"], raw["scroll"]
        kind = "<!doctype html>\n" if raw["standard"] else ""
        opening = self._attributes({"lang": root["lang"] or "fr", "class": root["class"]})
        x, y = (int(one) for one in scroll)
        return (
            f'{kind}<html{opening} data-copy-scroll="{x},{y}" style="{_quoted(_harmless_style(root["style"]))}">\n'
            f'<head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{_quoted(_POLICY)}">\n'
            f"<title>{html.escape(self.masker.text(raw['title'], Kind.LABEL))}</title>\n"
            f"<style>*,*::before,*::after{{animation:none!important;transition:none!important}}\n{sheet}\n"
            f"{chr(10).join(self._drawn)}</style></head>\n{body}\n</html>\n"
        )

    def _node(self, node: Mapping[str, Any], *, in_shadow: bool) -> Iterator[str]:
        if "x" in node:
            yield html.escape(self.masker.text(node["x"], Kind(node["c"])), quote=False)
            return
        tag = node["t"]
        if not _TAG.fullmatch(tag):
            return
        attributes = dict(node["a"])
        shown = self._attributes(attributes) + self._styled(node, in_shadow=in_shadow) + self._valued(node)
        if tag in ("iframe", "frame"):
            file = self.frames.get(node["f"])
            yield f"<iframe{shown}" + (f' src="{file}"' if file else "") + "></iframe>"
            return
        if tag == "img":
            shown += f' src="{_NO_PICTURE}"'
        yield f"<{tag}{shown}>"
        if tag in _VOID:
            return
        if tag == "textarea":
            # A parser drops the first line end.
            yield "\n" + html.escape(self.masker.value(node["v"]), quote=False)
        if "r" in node:
            yield '<template shadowrootmode="open">'
            for inner in node["r"]:
                yield from self._node(inner, in_shadow=True)
            yield "</template>"
        for inner in node["k"]:
            yield from self._node(inner, in_shadow=in_shadow)
        yield f"</{tag}>"

    # --- attributes -----------------------------------------------------------------------------------------------

    def _attributes(self, attributes: Mapping[str, str]) -> str:
        kept = {name: self._attribute(name, value) for name, value in attributes.items()}
        return "".join(f' {name}="{_quoted(value)}"' for name, value in kept.items() if value is not None)

    def _attribute(self, name: str, value: str) -> str | None:
        if name == "onclick":
            return ""
        if name in _IDENTIFIERS | _REFERENCES:
            return " ".join(map(self.masker.name, value.split()))
        if name in _TARGETS:
            if value.startswith("#"):
                return "#" + self.masker.name(value[1:])
            return "#" if name == "href" else None
        if name in _WORDS:
            return self.masker.text(value, Kind.LABEL)
        if name in _PLAIN:
            return value if _HARMLESS.fullmatch(value) else None
        return value if name.startswith("aria-") and _ARIA.fullmatch(value) else None

    def _valued(self, node: Mapping[str, Any]) -> str:
        value = node.get("v")
        if value is None or node["t"] == "textarea":
            return ""
        match node["vt"]:
            case "submit" | "button" | "reset":
                shown = self.masker.text(value, Kind.LABEL)
            case "checkbox" | "radio" | "option":
                shown = self._code(value)
            case kind:
                shown = self.masker.value(value, kind)
        return f' value="{_quoted(shown)}"'

    def _code(self, value: str) -> str:
        """The portal's own code of an answer: a word of its markup, or a number of somebody's."""
        if re.fullmatch(r"[A-Za-z0-9_.:/-]{0,60}", value) and not self.masker.finds(value):
            return self.masker.name(value)
        return self.masker.text(value, Kind.OPTION)

    def _styled(self, node: Mapping[str, Any], *, in_shadow: bool) -> str:
        size = node.get("z")
        own = f"width:{size[0]};height:{size[1]}" if size and all(re.fullmatch(r"[\d.]+px", one) for one in size) else ""
        if in_shadow:
            # The sheet of the document does not reach there.
            return f' style="{_quoted(self.styles[node["s"]] + (";" + own if own else ""))}"'
        self._used.add(node["s"])
        marks = f' data-copy-style="{node["s"]}"' + (f' style="{own}"' if own else "")
        if node.get("p"):
            marks += f' data-copy-drawn="{len(self._drawn)}"'
            self._drawn.append("\n".join(self._beside(len(self._drawn), node["p"])))
        return marks

    def _beside(self, number: int, drawn: Mapping[str, Any]) -> Iterator[str]:
        """What a style sheet draws before and after an element: an asterisk, an icon."""
        for side, one in drawn.items():
            words = self.masker.text(one["words"], Kind.LABEL)
            content = "".join(f"\\{ord(sign):x} " for sign in words)
            yield f'[data-copy-drawn="{number}"]::{side}{{content:"{content}";{self.styles[one["style"]]}}}'


def _harmless_style(style: str) -> str:
    """Without anything that could end the sheet, load something or hold a sentence."""
    pairs = [pair for pair in style.split(";") if re.fullmatch(r"[a-z-]+:[\w .,#%()/+*'\"-]*", pair)]
    return ";".join(pair for pair in pairs if "url(" not in pair.lower() and len(pair) < 600)


def _quoted(text: str) -> str:
    return html.escape(text, quote=True)
