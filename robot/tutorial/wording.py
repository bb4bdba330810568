"""A new wording of a tutorial line that is no longer true: proposed in French, for whoever keeps the tutorial.

The flows' own sentences are today's; what the tutorial said is told beside them. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator

from robot.screens import Flows
from robot.steps import Effect, Goal, flatten
from robot.tutorial.verdicts import Check, Finding, Holding, Verdict


def proposed(check: Check, flows: Flows) -> dict[str, str]:
    """A sentence for each changed line, by its number."""
    return {verdict.line: proposal(verdict, flows, check.generation) for verdict in check.changed}


def proposal(verdict: Verdict, flows: Flows, generation: str) -> str:
    """What the line could say today."""
    changed = [finding for finding in verdict.findings if finding.holding is not Holding.HOLDS]
    gone = [finding for finding in changed if finding.holding is Holding.GONE]
    if changed and len(gone) == len([one for one in verdict.findings if one.holding is not Holding.NEW]):
        verb = "n'existent" if len({one.what for one in gone}) > 1 else "n'existe"
        return f"À retirer : {_listed(gone)} {verb} plus sur le portail."
    sentences = list(dict.fromkeys(_said(verdict, flows, generation)))
    said = " ".join(sentences) or verdict.asks
    renamed = [_renamed(finding) for finding in changed if finding.holding is Holding.DRIFTED and finding.shown]
    missing = [one for one in renamed if one.partition("« ")[2].partition(" »")[0] not in said]
    parts = [said, *(f"({one})" for one in dict.fromkeys(missing))]
    if gone:
        parts.append(f"({_listed(gone)} : à retirer)")
    return " ".join(parts)


def _said(verdict: Verdict, flows: Flows, generation: str) -> Iterator[str]:
    """The sentences of the line's steps on the screens of this portal, in order; what only reads is left out."""
    for name, screen in flows.screens.items():
        if generation not in screen.generation or flows.files[name].folder == "4-recherche":
            continue
        for step in flatten(screen.steps):
            is_met = step.line == verdict.line and (step.goal is None or Goal.SEND in step.goal)
            if is_met and (step.effect is not Effect.READ or step.word in ("press", "download")):
                yield step.say


def _renamed(finding: Finding) -> str:
    return f"aujourd'hui « {finding.shown} »" + (f", autrefois « {finding.said} »" if finding.said else "")


def _listed(findings: list[Finding]) -> str:
    names = list(dict.fromkeys(finding.what for finding in findings))
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} et {names[-1]}"
