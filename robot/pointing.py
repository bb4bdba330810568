"""From the place where a person pointed to the control that is there, and to the selector that finds it again.

Looks only: the click itself was caught by the caption. Knows nothing of what was asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import FloatRect, Frame

from robot.locators import is_passing
from robot.masking import Masker, is_made_up
from robot.tutorial.inventory import Control, take

# Kinds of elements -> natures of controls that a person may show for them.
_FITTING = {
    "button": frozenset({"button", "checkbox", "radio"}),
    "field": frozenset({"text", "picker", "select", "radio"}),
    "select": frozenset({"select", "picker", "radio", "checkbox", "text"}),
    "file": frozenset({"file"}),
}
_PIXEL = 1.5

# What lies at a point, the innermost first: itself, what it is the label of, what is around it, what is in it.
_THERE = """([x, y]) => {
  const under = (root) => root.elementsFromPoint(x, y).find((el) => !el.hasAttribute("data-chorus-robot"));
  let at = under(document);
  while (at?.shadowRoot) {
    const inner = under(at.shadowRoot);
    if (!inner || inner === at) break;
    at = inner;
  }
  if (!at) return null;
  if (at.tagName === "IFRAME" || at.tagName === "FRAME") {
    const box = at.getBoundingClientRect();
    const index = [...document.querySelectorAll("iframe, frame")].indexOf(at);
    return { frame: index, x: box.x + at.clientLeft, y: box.y + at.clientTop };
  }
  const found = [];
  const add = (el) => {
    if (!el || found.some((one) => one.el === el)) return;
    const box = el.getBoundingClientRect();
    found.push({ el, id: el.id || "", name: el.getAttribute("name") || "", type: el.type || "",
      box: [box.x + scrollX, box.y + scrollY, box.width, box.height] });
  };
  const up = (el) => el.parentElement || (el.getRootNode() instanceof ShadowRoot ? el.getRootNode().host : null);
  for (let el = at, depth = 0; el && depth < 6; el = up(el), depth++) {
    add(el);
    add(el.tagName === "LABEL" ? el.control : null);
    if (depth < 4) for (const file of el.querySelectorAll("input[type=file]")) add(file);
  }
  for (const inner of at.querySelectorAll("input,select,textarea,button,a")) add(inner);
  return { found: found.map(({ el, ...facts }) => facts), scroll: [scrollX, scrollY] };
}"""


@dataclass(frozen=True)
class Pointed:
    """A control that somebody showed."""

    frame: Frame
    control: Control
    # Where it is in the window.
    box: FloatRect


def pointed(
    frame: Frame, point: tuple[float, float], kind: str, claims: Mapping[str, dict[str, Any]]
) -> Pointed | None:
    """The control of that kind at a point of a frame, in CSS pixels of its window; None where there is none."""
    return _pointed(frame, point, kind, claims, (0.0, 0.0))


def _pointed(
    frame: Frame,
    point: tuple[float, float],
    kind: str,
    claims: Mapping[str, dict[str, Any]],
    offset: tuple[float, float],
) -> Pointed | None:
    try:
        there = frame.evaluate(_THERE, list(point))
        if there is None:
            return None
        if "frame" in there:
            handle = frame.query_selector_all("iframe, frame")[there["frame"]]
            inner = handle.content_frame()
            x, y = float(there["x"]), float(there["y"])
            if inner is None:
                return None
            return _pointed(inner, (point[0] - x, point[1] - y), kind, claims, (offset[0] + x, offset[1] + y))
    except PlaywrightError as error:
        if is_passing(error):
            return None
        raise
    inventory = take(frame, claims)
    controls = [control for control in inventory.controls if control.nature in _FITTING[kind]] if inventory else []
    control = next(_matching(there["found"], controls), None)
    if control is None:
        return None
    x, y, width, height = control.box
    left, top = x - there["scroll"][0] + offset[0], y - there["scroll"][1] + offset[1]
    return Pointed(frame, control, FloatRect(x=left, y=top, width=width, height=height))


def _matching(found: list[Mapping[str, Any]], controls: list[Control]) -> Iterator[Control]:
    for one in found:
        for control in controls:
            is_group = control.nature in ("radio", "checkbox") and one["type"] == control.type
            same = [one["id"] and one["id"] == control.id, is_group and one["name"] and one["name"] == control.name]
            if any(same) or all(abs(a - b) < _PIXEL for a, b in zip(one["box"], control.box, strict=True)):
                yield control


def selector_of(control: Control, masker: Masker) -> str:
    """A CSS selector by which a control may be found again; empty where its id and name are made up, or somebody's."""
    if control.id and _may_last(control.id, masker):
        return f"#{control.id}" if re.fullmatch(r"[A-Za-z_][\w-]*", control.id) else f'[id="{control.id}"]'
    if control.name and _may_last(control.name, masker):
        return f'[name="{control.name}"]'
    return ""


def _may_last(name: str, masker: Masker) -> bool:
    return not is_made_up(name) and masker.name(name) == name and not re.search(r'["\\\]\n]', name)
