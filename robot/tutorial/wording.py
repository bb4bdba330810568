"""A new wording of a tutorial line that is no longer true: proposed in French, for whoever keeps the tutorial.

The flows' own sentences are today's; the words that the portal shows take their place in them, and what they do not
speak of is told beside. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from robot.fields import plain
from robot.plain import brief
from robot.screens import Element, Flows
from robot.steps import Effect, Goal, LookUp, Step
from robot.tutorial.verdicts import Check, Finding, Holding, Verdict

# What the flows' sentences say of former days.
_FORMERLY = re.compile(r" *\([^()]*(?:ancien portail|le tutoriel dit)[^()]*\)")
_QUOTED = re.compile(r"« ([^»]*) »")
_VALIDATE = re.compile(r"^Validez\b[^.;]*?(?= *[.;])")
# A label longer than this is told in part.
_MOST = 200
# Kinds of elements that a sentence can be said « dans ».
_INPUTS = ("field", "select", "file")


@dataclass
class _Sentence:
    """What one step says, and where."""

    text: str
    screen: str
    step: Step


def proposed(check: Check, flows: Flows) -> dict[str, str]:
    """A wording for each changed line, by its number."""
    return {verdict.line: proposal(verdict, flows, check.generation) for verdict in check.changed}


def proposal(verdict: Verdict, flows: Flows, generation: str) -> str:
    """What the line could say today."""
    changed = [finding for finding in verdict.findings if finding.holding is not Holding.HOLDS]
    gone = [finding for finding in changed if finding.holding is Holding.GONE]
    if gone and len(gone) == len([one for one in verdict.findings if one.holding is not Holding.NEW]):
        verb = "n'existent" if len({one.what for one in gone}) > 1 else "n'existe"
        news = [_added(one) for one in changed if one.holding is Holding.NEW]
        return " ".join(dict.fromkeys([f"À retirer : {_listed(gone)} {verb} plus sur le portail.", *news]))
    sentences = list(_said(verdict, flows, generation, changed))
    besides = [told for finding in changed if (told := _told(finding, sentences, flows))]
    if gone and sentences:
        besides.append(f"À retirer : {_listed(gone)}.")
    elif gone:
        besides.append(f"Le portail ne montre plus {_listed(gone)}.")
    return " ".join(dict.fromkeys([*(one.text for one in sentences), *besides])) or verdict.asks


def addition(finding: Finding, flows: Flows) -> str:
    """What the tutorial could say of something that it does not know."""
    place = finding.evidence
    screen = flows.screens.get(place.screen) if place else None
    steps = [step for step in screen.all_steps() if place and place.element in step.elements()] if screen else []
    after = f" après la ligne {finding.line}" if finding.line[:1].isdigit() else ""
    told = _today(steps[0].say) if steps else f"{_named(finding)}."
    return f"Étape à ajouter{after} : {_lower(told)}"


# --- the flows' own sentences ---------------------------------------------------------------------------------------


def _said(verdict: Verdict, flows: Flows, generation: str, changed: list[Finding]) -> Iterator[_Sentence]:
    """Sentences of the line's steps on the screens of this portal, in order; what only reads is left out."""
    spots = {(one.evidence.screen, one.evidence.element): one for one in changed if one.evidence}
    told = set()
    for name, screen in flows.screens.items():
        if generation not in screen.generation or flows.files[name].folder == "4-recherche":
            continue
        steps = [step for step in screen.all_steps() if step.line == verdict.line and _is_done(step)]
        steps.sort(key=lambda step: step.goal == (Goal.DRAFT,))
        for step in steps:
            mine = [spots[name, element] for element in step.elements() if (name, element) in spots]
            if not mine and (_is_by_the_way(step, steps) or step.goal == (Goal.DRAFT,)):
                continue
            if mine and all(one.holding is Holding.GONE for one in mine) and len(mine) == len(step.elements()):
                continue
            text = _today(step.say)
            if step.goal == (Goal.DRAFT,) and len(steps) > 1:
                text = f"Pour un envoi ultérieur, {_lower(text)}"
            if text not in told:
                told.add(text)
                yield _Sentence(text, name, step)


def _is_done(step: Step) -> bool:
    """Something that the person does where the journey goes to an end."""
    is_met = step.goal is None or Goal.SEND in step.goal or Goal.DRAFT in step.goal
    return is_met and (step.effect is not Effect.READ or step.word in ("press", "download"))


def _is_by_the_way(step: Step, steps: list[Step]) -> bool:
    """Done on some portals only, where the line asks for something else on the same screen anyway."""
    return step.when is not None and any(other.when is None for other in steps)


def _today(say: str) -> str:
    return _FORMERLY.sub("", say)


# --- what was found, in them or beside ------------------------------------------------------------------------------


def _told(finding: Finding, sentences: list[_Sentence], flows: Flows) -> str:
    """Puts what was found into the sentence that speaks of it; gives a sentence of its own where none can hold it."""
    if finding.holding is Holding.NEW:
        return "" if finding.shown and _is_told(finding, sentences) else _added(finding)
    if finding.holding is Holding.MOVED:
        return _way(finding) if not sentences else ""
    if finding.holding is not Holding.DRIFTED or not finding.shown:
        return ""
    element = _element(finding, flows)
    if element is None:
        return f"Le portail affiche maintenant {_quoted(finding)}."
    # What is somebody's name on the page is told in prose.
    is_name = any("{" in words for words in element.labels)
    if _is_told(finding, sentences) if is_name else _is_quoted(finding, sentences):
        return ""
    sentence = next((one for one in sentences if _speaks_of(one, finding)), None)
    if sentence is None:
        return _alone(finding, element)
    return _woven(finding, element, sentence)


def _woven(finding: Finding, element: Element, sentence: _Sentence) -> str:
    """The portal's words in the place of older ones, or where the sentence can hold them; else a sentence more."""
    shown = _quoted(finding)
    known = {plain(words) for words in (finding.said, *_all_words(element))}
    renamed = _QUOTED.sub(lambda one: shown if plain(one[1]) in known else one[0], sentence.text)
    if renamed != sentence.text:
        sentence.text = renamed
    elif _is_answer(finding, element):
        sentence.text = f"{sentence.text.rstrip('.')} : {shown}."
    elif element.kind in _INPUTS and (len(sentence.step.elements()) == 1 or isinstance(sentence.step, LookUp)):
        sentence.text = f"Dans {shown}, {_lower(sentence.text)}"
    elif element.kind == "button" and _VALIDATE.match(sentence.text):
        sentence.text = _VALIDATE.sub(lambda _: f"Cliquez sur {shown}", sentence.text)
    elif element.kind == "button":
        return f"Cliquez pour cela sur {shown}."
    else:
        return f"{_upper(finding.what)} s'appelle maintenant {shown}."
    return ""


def _alone(finding: Finding, element: Element) -> str:
    shown = _quoted(finding)
    if element.kind == "button":
        return f"Cliquez sur {shown}."
    if _is_answer(finding, element):
        return f"Choisissez {shown}."
    if element.kind in _INPUTS:
        verb = {"field": "Remplissez", "select": "Choisissez dans", "file": "Choisissez le fichier dans"}[element.kind]
        return f"{verb} {shown}."
    return f"{_upper(finding.what)} s'appelle maintenant {shown}."


def _way(finding: Finding) -> str:
    """« Pour l'adresse, passez par « A » › « B ». » """
    path = finding.detail.partition(" par ")[2]
    return f"Pour {finding.what}, passez par {path}." if path else ""


def _added(finding: Finding) -> str:
    return f"Étape à ajouter : {_named(finding)}."


def _named(finding: Finding) -> str:
    return brief(finding.what.replace(" : « ", " « ", 1), _MOST)


def _element(finding: Finding, flows: Flows) -> Element | None:
    place = finding.evidence
    screen = flows.screens.get(place.screen) if place else None
    return screen.elements.get(place.element) if screen and place else None


def _speaks_of(sentence: _Sentence, finding: Finding) -> bool:
    place = finding.evidence
    return place is not None and sentence.screen == place.screen and place.element in sentence.step.elements()


def _is_answer(finding: Finding, element: Element) -> bool:
    """Whether one of the answers was found, and not the list of them."""
    answers = {plain(words) for labels in element.options.values() for words in labels}
    return finding.what.startswith("la réponse") or bool(answers & {plain(finding.said), plain(finding.shown)})


def _all_words(element: Element) -> Iterator[str]:
    yield from element.labels
    for labels in element.options.values():
        yield from labels


def _is_told(finding: Finding, sentences: list[_Sentence]) -> bool:
    return any(plain(finding.shown) in plain(one.text) for one in sentences)


def _is_quoted(finding: Finding, sentences: list[_Sentence]) -> bool:
    return any(plain(words) == plain(finding.shown) for one in sentences for words in _QUOTED.findall(one.text))


def _quoted(finding: Finding) -> str:
    return f"« {brief(finding.shown, _MOST)} »"


def _listed(findings: list[Finding]) -> str:
    names = list(dict.fromkeys(finding.what for finding in findings))
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} et {names[-1]}"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
