"""Judges the flows: references resolve, inputs exist, effects are honest, the tutorial is covered. Opens no browser.

Each rule is a small function that yields problems `path:line: what, expected, cure`; `RULES` lists them all.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal, get_args, get_origin

from pydantic import BaseModel, SecretStr

from robot.account import Account
from robot.failures import FlowInvalid, Problem
from robot.invoice import Invoice, Supplier
from robot.screens import INPUT_IN_WORDS, UNKNOWN, Flows, Journey, Labels, Screen, load_flows
from robot.steps import (
    Choose,
    Clear,
    Compare,
    Download,
    Each,
    Effect,
    Goal,
    LookUp,
    Pick,
    Press,
    Read,
    ReadBack,
    Step,
    Tick,
    Type,
    Upload,
    flatten,
)
from robot.values import UnknownPath, item_type_of, type_of

# What a flow may type: the declared, typed inputs.
INPUTS: dict[str, type[BaseModel]] = {"invoice": Invoice, "supplier": Supplier, "account": Account}

# Kinds of element that each word can work on.
_KINDS: dict[type[Step], tuple[str, ...]] = {
    Upload: ("file",),
    Choose: ("select", "field"),
    Type: ("field", "select"),
    Clear: ("field", "select"),
    Tick: ("field", "select"),
    Press: ("button",),
    Compare: ("value", "field"),
    Read: ("value", "field"),
    Download: ("button",),
}

Location = tuple[str | int, ...]


def review(flows: Flows) -> list[Problem]:
    """Every problem of every flow, in file order."""
    found = [problem for rule in RULES for problem in rule(flows)]
    return sorted(found, key=lambda problem: (str(problem.path), problem.line))


def reviewed_flows(root: Path | None = None) -> Flows:
    """The flows, if they are right. Raises FlowInvalid."""
    flows = load_flows(root) if root else load_flows()
    if problems := review(flows):
        raise FlowInvalid(problems)
    return flows


def _problem(flows: Flows, name: str, at: Location, what: str, expected: str = "", cure: str = "") -> Problem:
    return flows.files[name].document.problem(at, what, expected, cure)


def _steps(
    flows: Flows,
) -> Iterator[tuple[str, Screen | None, Step, Location, Mapping[str, type[BaseModel]]]]:
    """Every step with its file's name, its screen, its place, and the inputs it may use."""
    for name, journey in flows.journeys.items():
        for index, step in enumerate(journey.before):
            yield name, None, step, ("before", index), INPUTS
    for name, screen in flows.screens.items():
        yield from ((name, screen, *rest) for rest in _nested(screen.steps, ("steps",), INPUTS))


def _nested(
    steps: Iterable[Step], at: Location, inputs: Mapping[str, type[BaseModel]]
) -> Iterator[tuple[Step, Location, Mapping[str, type[BaseModel]]]]:
    for index, step in enumerate(steps):
        yield step, (*at, index), inputs
        if isinstance(step, Each):
            try:
                inner = {**inputs, step.item: item_type_of(inputs, step.each)}
            except UnknownPath:
                continue
            yield from _nested(step.steps, (*at, index, "steps"), inner)


# --- references ---------------------------------------------------------------------------------------------------


def elements_exist(flows: Flows) -> Iterator[Problem]:
    for name, screen, step, at, _ in _steps(flows):
        if screen is None:
            continue
        for element in step.elements():
            if element not in screen.elements:
                yield _problem(flows, name, (*at, step.word), *_unknown("élément", element, screen.elements))
            elif (kinds := _KINDS.get(type(step))) and screen.elements[element].kind not in kinds:
                kind = screen.elements[element].kind
                yield _problem(
                    flows,
                    name,
                    (*at, step.word),
                    f"« {step.word} » ne va pas avec {kind}",
                    " ou ".join(kinds),
                )
    for name, screen in flows.screens.items():
        for element, described in screen.elements.items():
            if described.near and described.near not in screen.elements:
                yield _problem(
                    flows, name, ("elements", element), *_unknown("élément", described.near, screen.elements)
                )
        if screen.leave and screen.leave not in screen.elements:
            yield _problem(flows, name, ("leave",), *_unknown("élément", screen.leave, screen.elements))
        for index, mark in enumerate(screen.here):
            for element in mark.elements:
                if element not in screen.elements:
                    yield _problem(
                        flows, name, ("here", index), *_unknown("élément", element, screen.elements)
                    )


def elements_are_used(flows: Flows) -> Iterator[Problem]:
    for name, screen in flows.screens.items():
        if flows.files[name].folder == "4-recherche":
            # These are used from Python, to reconcile (lookup.py).
            continue
        used = {element for step in screen.all_steps() for element in step.elements()}
        used |= {element for mark in screen.here for element in mark.elements}
        used |= {screen.leave} if screen.leave else set()
        for element, described in screen.elements.items():
            # A trap is there to be told of, whoever presses it.
            if element not in used and not described.trap:
                yield _problem(
                    flows,
                    name,
                    ("elements", element),
                    f"élément « {element} » jamais utilisé",
                    cure="supprimez-le",
                )


def screens_exist(flows: Flows) -> Iterator[Problem]:
    for name, screen in flows.screens.items():
        for index, following in enumerate(screen.then):
            if following.screen not in flows.screens:
                yield _problem(
                    flows, name, ("then", index), *_unknown("écran", following.screen, flows.screens)
                )
            if following.given:
                yield from _path(flows, name, ("then", index), following.given, INPUTS)
        for step in screen.steps:
            for back in step.read_back if isinstance(step, ReadBack) else ():
                if back not in flows.screens:
                    yield _problem(flows, name, ("steps",), *_unknown("écran", back, flows.screens))
    for name, journey in flows.journeys.items():
        for index, start in enumerate(journey.start):
            if start not in flows.screens:
                yield _problem(flows, name, ("start", index), *_unknown("écran", start, flows.screens))
        for goal, end in journey.ends.items():
            if end not in flows.screens:
                yield _problem(flows, name, ("ends", goal), *_unknown("écran", end, flows.screens))
        for index, end in enumerate(journey.until):
            if end not in flows.screens:
                yield _problem(flows, name, ("until", index), *_unknown("écran", end, flows.screens))


def screens_are_reached(flows: Flows) -> Iterator[Problem]:
    reached = {name for journey in flows.journeys.values() for name in flows.reached(journey.start)}
    for name, screen in flows.screens.items():
        if name not in reached and not screen.anywhere:
            yield _problem(
                flows,
                name,
                ("screen",),
                f"aucun parcours ne mène à « {name} »",
                cure="ajoutez-le à un « then »",
            )


def sources_exist(flows: Flows) -> Iterator[Problem]:
    for name, at, labels in _labels(flows):
        dates = []
        for label, seen in labels.items():
            for source in seen:
                if source != UNKNOWN and source not in flows.sources:
                    yield _problem(
                        flows, name, (*at, label), *_unknown("source", source, [*flows.sources, UNKNOWN])
                    )
            dates.append(max((flows.sources[s].date for s in seen if s in flows.sources), default=""))
        for earlier, later, label in zip(dates, dates[1:], list(labels)[1:], strict=False):
            if later[:4] > earlier[:4]:
                yield _problem(
                    flows,
                    name,
                    (*at, label),
                    f"« {label} » est plus récent que celui d'avant",
                    "le plus récent d'abord",
                )


def _labels(flows: Flows) -> Iterator[tuple[str, Location, Labels]]:
    for name, screen in flows.screens.items():
        for index, refusal in enumerate(screen.refusals):
            yield name, ("refusals", index, "text"), refusal.text
        for index, mark in enumerate(screen.here):
            for key in ("dialog", "heading", "text", "native", "without"):
                if labels := getattr(mark, key):
                    yield name, ("here", index, key), labels
        for element_name, element in screen.elements.items():
            at = ("elements", element_name)
            yield name, (*at, element.kind), element.labels
            if element.within:
                yield name, (*at, "in"), element.within
            if element.outside:
                yield name, (*at, "out"), element.outside
            for value, labels in element.options.items():
                yield name, (*at, "options", value), labels


# --- inputs -------------------------------------------------------------------------------------------------------


def inputs_exist(flows: Flows) -> Iterator[Problem]:
    for name, screen, step, at, inputs in _steps(flows):
        for path in step.values():
            yield from _path(flows, name, (*at, step.word), path, inputs)
        if screen:
            yield from _secrets(flows, name, screen, step, at, inputs)
        if isinstance(step, Choose) and screen:
            yield from _answers(flows, name, screen, step, at, inputs)


def words_name_inputs(flows: Flows) -> Iterator[Problem]:
    for name, at, labels in _labels(flows):
        for words in labels:
            for path in INPUT_IN_WORDS.findall(words):
                yield from _path(flows, name, (*at, words), path, INPUTS)


def _path(
    flows: Flows, name: str, at: Location, path: str, inputs: Mapping[str, type[BaseModel]]
) -> Iterator[Problem]:
    try:
        type_of(inputs, path)
    except UnknownPath as error:
        cure = f"vouliez-vous dire « {error.near[0]} » ?" if error.near else "corrigez le chemin"
        yield _problem(flows, name, at, f"valeur inconnue « {path} »", "une entrée déclarée", cure)


def _secrets(
    flows: Flows,
    name: str,
    screen: Screen | None,
    step: Step,
    at: Location,
    inputs: Mapping[str, type[BaseModel]],
) -> Iterator[Problem]:
    for path in step.values():
        try:
            secret = issubclass(type_of(inputs, path), SecretStr)
        except UnknownPath:
            continue
        if secret and not (isinstance(step, Type) and screen and screen.sign_in):
            yield _problem(
                flows,
                name,
                (*at, step.word),
                f"« {path} » est un secret",
                "le mot « type », sur un écran marqué sign_in: true",
            )


def _answers(
    flows: Flows, name: str, screen: Screen, step: Choose, at: Location, inputs: Mapping[str, type[BaseModel]]
) -> Iterator[Problem]:
    """Where the answers are declared, each value that the input can take has one."""
    for element_name, path in step.choose.items():
        element = screen.elements.get(element_name)
        if element is None or not element.options:
            continue
        for value in _possible(path, inputs):
            if value not in element.options:
                yield _problem(
                    flows,
                    name,
                    ("elements", element_name, "options"),
                    f"la valeur « {value} » n'a pas de réponse",
                    cure="ajoutez-la aux options",
                )


def _possible(path: str, inputs: Mapping[str, type[BaseModel]]) -> list[str]:
    """Values of an input that takes only some: those of a Literal, true and false."""
    *names, last = path.split(".")
    try:
        owner = inputs[names[0]] if len(names) == 1 else type_of(inputs, ".".join(names))
    except UnknownPath:
        return []
    info = getattr(owner, "model_fields", {}).get(last)
    annotation = info.annotation if info else None
    if annotation is bool:
        return ["true", "false"]
    return [str(value) for value in get_args(annotation)] if get_origin(annotation) is Literal else []


# --- effects ------------------------------------------------------------------------------------------------------


def effects_are_honest(flows: Flows) -> Iterator[Problem]:
    for name, _, step, at, _ in _steps(flows):
        if step.effect not in step.allowed_effects:
            allowed = " ou ".join(effect.value for effect in step.allowed_effects)
            yield _problem(
                flows,
                name,
                (*at, "effect"),
                f"« {step.word} » ne peut pas avoir l'effet {step.effect}",
                allowed,
            )
        if step.effect is Effect.DRAFT and step.goal != (Goal.DRAFT,):
            yield _problem(
                flows, name, (*at, "effect"), "un brouillon sans « goal: draft »", cure="ajoutez goal: draft"
            )
        if step.effect is Effect.SEND and (step.goal != (Goal.SEND,) or step.when):
            yield _problem(
                flows,
                name,
                (*at, "effect"),
                "un envoi se fait toujours, et seulement pour envoyer",
                "goal: send, sans when",
            )


def one_send_in_a_journey(flows: Flows) -> Iterator[Problem]:
    """On whatever way through a journey, at most one gesture that cannot be undone; a deposit has it."""
    for name, journey in flows.journeys.items():
        screens = flows.of_journey(name)
        ends = {*journey.ends.values(), *journey.until}
        sends = [
            (screen, at, step)
            for screen in screens
            for step, at, _ in _nested(screen.steps, ("steps",), INPUTS)
            if step.effect is Effect.SEND
        ]
        if not sends and Goal.DRAFT in journey.ends:
            what = "aucun envoi dans le parcours"
            yield _problem(flows, name, ("journey",), what, "exactement une étape « effect: send »")
        for index, (screen, at, step) in enumerate(sends):
            beyond = flows.reached([f.screen for f in screen.then], ends) if screen.screen not in ends else set()
            if again := [s for s, _, _ in sends[:index] if s is screen or screen.screen in flows.reached(
                [f.screen for f in s.then], ends)]:
                what = "un second envoi dans le parcours"
                yield _problem(flows, screen.screen, at, what, f"un seul, dans « {again[0].screen} »")
            elif screen.screen in beyond:
                yield _problem(flows, screen.screen, at, "un envoi que le parcours peut refaire", "un chemin sans retour")
            yield from _is_guarded(flows, screens, screen, at, step)


def _is_guarded(
    flows: Flows, screens: list[Screen], screen: Screen, at: Location, send: Step
) -> Iterator[Problem]:
    """Before the one gesture that cannot be undone: everything read back, and the confirmation compared."""
    before = list(screen.all_steps())
    before = before[: before.index(send)]
    if not any(isinstance(step, Compare | ReadBack | Pick) and _always_met(step) for step in before):
        yield _problem(
            flows, screen.screen, at, "un envoi sans comparaison", cure="ajoutez une étape « compare » avant"
        )
    read = {
        name
        for other in screens
        for step in other.steps
        if isinstance(step, ReadBack) and _always_met(step)
        for name in step.read_back
    }
    for other in screens:
        typed = any(isinstance(step, Type | Choose | LookUp) for step in other.steps)
        if typed and not other.sign_in and other.screen not in read:
            what = f"un envoi sans relecture de « {other.screen} »"
            yield _problem(flows, screen.screen, at, what, cure="nommez cet écran dans une étape « read_back » avant")


def _always_met(step: Step) -> bool:
    """Whether a run that sends cannot pass over the step."""
    return step.when is None and (step.goal is None or Goal.SEND in step.goal)


# --- the tutorial ---------------------------------------------------------------------------------------------------


def lines_are_covered(flows: Flows) -> Iterator[Problem]:
    for name, journey in flows.journeys.items():
        wanted = lines_of(journey)
        if not wanted:
            continue
        steps = [*journey.before, *(step for screen in flows.of_journey(name) for step in screen.all_steps())]
        covered = {step.line for step in flatten(steps)}
        for line in wanted:
            if line not in covered:
                yield _problem(
                    flows, name, ("lines",), f"la ligne {line} du tutoriel n'a pas d'étape", cure="ajoutez-la"
                )
        for line in sorted(covered - set(wanted) - {"new"}):
            yield _problem(
                flows, name, ("lines",), f"une étape porte la ligne {line}", f"de {wanted[0]} à {wanted[-1]}"
            )


def lines_of(journey: Journey) -> list[str]:
    """Tutorial lines of a journey, first to last."""
    if journey.lines is None:
        return []
    (section, first), (_, last) = (line.split(".") for line in journey.lines)
    return [f"{section}.{number}" for number in range(int(first), int(last) + 1)]


def _unknown(kind: str, name: str, known: Iterable[str]) -> tuple[str, str, str]:
    known = list(known)
    near = difflib.get_close_matches(name, known, n=1)
    cure = f"vouliez-vous dire « {near[0]} » ?" if near else "corrigez le nom"
    return f"{kind} inconnu(e) « {name} »", ", ".join(known[:8]) or "aucun n'est déclaré", cure


RULES = (
    elements_exist,
    elements_are_used,
    screens_exist,
    screens_are_reached,
    sources_exist,
    inputs_exist,
    words_name_inputs,
    effects_are_honest,
    one_send_in_a_journey,
    lines_are_covered,
)
