"""Where the things of a step stand in the window: what a picture frames, and what a film points at.

Scrolls, and opens closed panels; changes nothing else. Knows nothing of pictures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import FloatRect, Frame

from robot import events
from robot.locators import eyes, is_passing, locate, spec_of, survey
from robot.pages import Portal, ScreenPage
from robot.screens import Flows, Screen
from robot.sights import has_window
from robot.steps import LookUp, Step
from robot.tabs import Tabs

# A control that a style sheet hides (a file chooser, a list that a script draws) stands where its label or its holder does.
_BOX = """(el) => {
  const shown = (one) => {
    const box = one.getBoundingClientRect();
    const style = getComputedStyle(one);
    const is = box.width > 3 && box.height > 3 && style.visibility !== "hidden" && Number(style.opacity) > 0.05;
    return is && style.clipPath === "none" && style.clip === "auto" ? box : null;
  };
  const same = el.type === "radio" && el.name
    ? [...el.getRootNode().querySelectorAll("input[type=radio]")].filter((one) => one.name === el.name && one.form === el.form)
    : [el];
  const bears = (one) => (["radio", "checkbox", "file"].includes(one.type) && [...(one.labels || [])]) || [];
  const boxes = same.flatMap((one) => [one, ...bears(one)]).map(shown).filter(Boolean);
  for (let at = el.parentElement; !boxes.length && at && at !== document.body; at = at.parentElement)
    if (shown(at)) boxes.push(shown(at));
  if (!boxes.length) return null;
  const left = Math.min(...boxes.map((b) => b.left)), top = Math.min(...boxes.map((b) => b.top));
  const right = Math.max(...boxes.map((b) => b.right)), bottom = Math.max(...boxes.map((b) => b.bottom));
  return { x: left, y: top, width: right - left, height: bottom - top };
}"""
_INTO_VIEW = "el => el.scrollIntoView({ block: 'center', inline: 'nearest', behavior: 'instant' })"
_RECTANGLE = "el => { const { x, y, width, height } = el.getBoundingClientRect(); return { x, y, width, height } }"
_LOOK_MS = 2_000
# Words to read within the window in front or the page, with what stands behind them on the same line.
_WORDS = """(root, { labels, moves }) => {
  const norm = (%s).norm;
  for (const label of labels.map(norm)) {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (!norm(node.nodeValue).includes(label)) continue;
      let at = node.parentElement;
      const box = at.getBoundingClientRect();
      if (box.width < 2 || box.height < 2) continue;
      if (moves) at.scrollIntoView({ block: "center", behavior: "instant" });
      const now = at.getBoundingClientRect();
      const top = document.elementFromPoint(now.x + Math.min(8, now.width / 2), now.y + now.height / 2);
      if (!top || !(at.contains(top) || top.contains(at))) continue;
      const fits = (one) => one.innerText.length < node.nodeValue.length + 70 && one.getBoundingClientRect().height < 64;
      while (at.parentElement && at !== root && at.parentElement !== root && fits(at.parentElement)) at = at.parentElement;
      const range = document.createRange();
      range.selectNodeContents(at);
      const { x, y, width, height } = range.getBoundingClientRect();
      return { x, y, width, height };
    }
  }
  return null;
}"""


@dataclass(frozen=True)
class Framed:
    """One element of a step, where it stands: CSS pixels of the window."""

    element: str
    box: FloatRect


def step_of(flows: Flows, event: events.StepEvent) -> Step | None:
    """The step that an event is about; None where the flows no longer have it."""
    screen = flows.screens.get(event.screen)
    steps = screen.all_steps() if screen else iter(())
    return next((step for step in steps if (step.line, step.say) == (event.line, event.say)), None)


def pointed_at(step: Step) -> tuple[str, ...]:
    """Elements that a person looks at in a step."""
    if isinstance(step, LookUp):
        return (*step.look_up, step.search)
    return step.elements()


def frame_of(portal: Portal, screen: Screen, names: tuple[str, ...]) -> Frame | None:
    """The frame that shows most of these elements; None where the page has gone."""
    request = _asked(portal, screen, names)
    seen = []
    for frame in portal.frames():
        facts = survey(frame, request)
        if facts:
            seen.append((sum(sight.state == "found" for sight in facts.elements.values()), frame))
    return max(seen, key=lambda one: one[0], default=(0, None))[1]


def _asked(portal: Tabs, screen: Screen, names: Sequence[str]) -> dict[str, Any]:
    ids = portal.place.ids.get(screen.screen, {})
    return {"elements": {name: spec_of(screen, name, ids) for name in names}}


def shown(portal: Portal, screen: Screen, names: Sequence[str]) -> list[str]:
    """Those of a screen's elements that are there, in a closed panel or not."""
    frame = frame_of(portal, screen, tuple(names)) if names else None
    facts = survey(frame, _asked(portal, screen, names)) if frame else None
    return [name for name, sight in facts.elements.items() if sight.state in ("found", "collapsed")] if facts else []


def framed(portal: Portal, screen: Screen, names: tuple[str, ...]) -> list[Framed]:
    """The elements of a screen that are in the window, brought into view and out of closed panels first.

    Those that are not there are left out.
    """
    frame = frame_of(portal, screen, names)
    try:
        return list(_framed(portal.screen(screen.screen, frame), names)) if frame else []
    except PlaywrightError as error:
        if is_passing(error):
            return []
        raise


def room(portal: Portal, screen: Screen, names: tuple[str, ...]) -> FloatRect | None:
    """The window over the page that holds these elements; None where none stands there."""
    frame = frame_of(portal, screen, names)
    try:
        if frame is None or not has_window(frame):
            return None
        x, y = _offset(frame)
        box = locate(frame, {"part": "front"}).evaluate(_RECTANGLE, timeout=_LOOK_MS)
        return FloatRect(x=box["x"] + x, y=box["y"] + y, width=box["width"], height=box["height"])
    except PlaywrightError as error:
        if is_passing(error):
            return None
        raise


def _framed(page: ScreenPage, names: tuple[str, ...]) -> Iterator[Framed]:
    known = {name: page.screen.elements[name] for name in names if name in page.screen.elements}
    facts = survey(page.frame, _asked(page.portal, page.screen, tuple(known)))
    for name in [name for name, sight in facts.elements.items() if sight.state == "collapsed"] if facts else []:
        page.sight(name)
    # What stands around the middle one comes into view with it.
    for name in list(known)[(len(known) - 1) // 2 :][:1]:
        _box(page, name, _INTO_VIEW)
    x, y = _offset(page.frame)
    for name in known:
        if box := _box(page, name, _BOX):
            yield Framed(name, FloatRect(x=box["x"] + x, y=box["y"] + y, width=box["width"], height=box["height"]))


def _box(page: ScreenPage, name: str, script: str) -> Any:
    element = page.screen.elements[name]
    if element.kind == "value":
        wanted = {"labels": list(element.labels), "moves": script is _INTO_VIEW}
        return locate(page.frame, {"part": "front"}).evaluate(_WORDS % eyes(), wanted, timeout=_LOOK_MS)
    handles = page.element(name).element_handles()
    return handles[0].evaluate(script) if handles else None


def _offset(frame: Frame) -> tuple[float, float]:
    """Where a frame's own corner stands in the window."""
    if frame.parent_frame is None:
        return 0, 0
    element = frame.frame_element()
    box = element.bounding_box()
    edge = element.evaluate("el => [el.clientLeft, el.clientTop]")
    return (box["x"] + edge[0], box["y"] + edge[1]) if box else (0, 0)
