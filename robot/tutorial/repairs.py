"""Flows changed in memory, so that a check can go on after something was renamed or removed.

Pure: the files under `flows/` are changed by `mending.py`, and only when somebody asks for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from robot.screens import Flows, Labels, Mark, Screen
from robot.steps import Each, Step, _Pairs
from robot.tutorial.verdicts import Mend

# Stands for the key of `sources.yaml` that a real mend gives these words.
OBSERVED = "observed"


def with_words(flows: Flows, mend: Mend) -> Flows:
    """The flows with the mend's words as the newest of an element, an answer or a mark."""
    screen = flows.screens[mend.screen]
    kind, *rest = mend.path
    if kind == "here":
        index, mark = int(rest[0]), str(rest[1])
        here = tuple(_mark(one, mark, mend.words) if i == index else one for i, one in enumerate(screen.here))
        return _put(flows, screen.model_copy(update={"here": here}))
    element = screen.elements[str(rest[0])]
    if rest[1] == "options":
        key = str(rest[2])
        options = element.options | {key: _first(element.options.get(key, {}), mend.words)}
        changed = element.model_copy(update={"options": options})
    else:
        changed = element.model_copy(update={element.kind: _first(element.labels, mend.words)})
    return _put(flows, screen.model_copy(update={"elements": screen.elements | {str(rest[0]): changed}}))


def without(flows: Flows, name: str, element: str) -> Flows:
    """The flows without any step on an element, and with no mark that needs it."""
    screen = flows.screens[name]
    steps = tuple(left for step in screen.steps if (left := _left(step, element)))
    here = tuple(
        mark.model_copy(update={"elements": tuple(one for one in mark.elements if one != element)})
        for mark in screen.here
    )
    here = tuple(mark for mark in here if mark.elements or mark.text or mark.dialog or mark.heading or mark.native)
    return _put(flows, screen.model_copy(update={"steps": steps, "here": here or screen.here}))


def _left(step: Step, element: str) -> Step | None:
    """What is left of a step without the element; None where nothing is."""
    if isinstance(step, Each):
        inner = tuple(left for one in step.steps if (left := _left(one, element)))
        return step.model_copy(update={"steps": inner}) if inner else None
    if element not in step.elements():
        return step
    others = {key: path for key, path in step.pairs().items() if key != element} if isinstance(step, _Pairs) else {}
    return step.model_copy(update={step.word: others}) if others else None


def _put(flows: Flows, screen: Screen) -> Flows:
    return replace(flows, screens=flows.screens | {screen.screen: screen})


def _mark(mark: Mark, kind: str, words: str) -> Mark:
    return mark.model_copy(update={kind: _first(getattr(mark, kind) or {}, words)})


def _first(labels: Labels, words: str) -> Labels:
    seen: Sequence[str] = labels.get(words, (OBSERVED,))
    return {words: tuple(seen)} | {label: sources for label, sources in labels.items() if label != words}
