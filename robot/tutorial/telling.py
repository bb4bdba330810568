"""What a check found, told in a terminal: one line of the tutorial in full, and all of them in a table. In French.

Pure text; words of the portal among it are made fit to be shown.
"""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from robot.plain import brief, clean
from robot.tutorial.lines import SECTIONS
from robot.tutorial.verdicts import CAUSES, HOLDINGS, Check, Finding, Holding, Verdict

# The three journeys, as a person calls them.
TITLES = {"compte": "Créer le compte", "rattachement": "Rattacher la structure", "depot": "Déposer la facture"}
REACHES = {
    "send": "tout est fait, envoi compris",
    "draft": "jusqu'au brouillon, supprimé ensuite",
    "dry-run": "sans rien garder",
    "read-only": "lecture seule : aucun fichier choisi, aucun brouillon",
}

# Changed lines first, then those that could not be checked.
_FIRST = {holding: place for place, holding in enumerate(reversed(Holding))}
_WIDTH = 100


def in_full(check: Check, verdict: Verdict, folder: Path | None, proposal: str = "") -> str:
    """All that is known of one line, several lines of text; `folder` is where its pictures are."""
    lines = [f"Ligne {verdict.line} du tutoriel : {verdict.asks}"]
    for finding in _told(verdict):
        lines.append(f"  {HOLDINGS[finding.holding]} : {clean(finding.what)}")
        lines += [f"    {text}" for text in _facts(finding, folder)]
    if verdict.cause:
        lines.append(f"  cause : {CAUSES[verdict.cause]}")
    if verdict.since and (verdict.before or verdict.since < check.at.astimezone().date()):
        before = f" (avant : {HOLDINGS[verdict.before]})" if verdict.before else ""
        lines.append(f"  depuis le {verdict.since:%d/%m/%Y}{before}")
    if proposal:
        lines.append(f"  nouvelle phrase à proposer : {clean(proposal)}")
    lines += [f"  flow à corriger : {mend.file} : « {brief(mend.words)} »" for mend in check.mends if mend.line == verdict.line]
    return "\n".join(lines)


def sentence(verdict: Verdict) -> str:
    """The same in one sentence: « libellé changé : le tutoriel dit « … », le portail affiche « … » »."""
    return f"{HOLDINGS[verdict.holding]} : {brief(_why(replace(verdict, since=None)))}"


def stop_in_full(check: Check, journey: str) -> str:
    """Why a journey did not come to its end."""
    lines = [f"« {TITLES.get(journey, journey)} » s'est arrêté avant la fin : {brief(check.stops[journey])}"]
    if check.cause:
        lines.append(f"  cause : {CAUSES[check.cause]}")
    return "\n".join(lines)


def journey_of(finding: Finding, check: Check) -> str:
    """The journey that something new belongs to, where the check walked several; empty where any may tell it."""
    walked = {verdict.line[0] for verdict in check.verdicts if verdict.holding is not Holding.UNREACHED}
    return SECTIONS.get(finding.line.split(".")[0], "") if len(walked) > 1 else ""


def news_in_full(findings: Collection[Finding], folder: Path | None) -> str:
    """What the portal has and the tutorial does not tell."""
    lines = ["Sur le portail, et absent du tutoriel :"]
    for finding in findings:
        lines.append(f"  {clean(finding.what)}")
        lines += [f"    {text}" for text in _facts(finding, folder)]
    return "\n".join(lines)


def reason(verdict: Verdict) -> str:
    """Why a line could not be checked, in one line."""
    detail = next((finding.detail for finding in verdict.findings if finding.holding is verdict.holding), "")
    return f"{HOLDINGS[verdict.holding]} : {brief(detail)}" if detail else HOLDINGS[verdict.holding]


def picture_of(verdict: Verdict) -> str:
    """The picture that shows why, relative to the folder of the check; empty where there is none."""
    pictures = [finding.evidence.picture for finding in _told(verdict) if finding.evidence]
    return next((picture for picture in pictures if picture), "")


def table(check: Check) -> str:
    """A short table of the lines that do not simply hold, changed ones first, and the count of the others."""
    place = f"{check.portal} ({clean(check.place)})" if check.place != check.portal else check.portal
    lines = [f"Tutoriel comparé à {place}, {REACHES.get(check.reach, check.reach)}"]
    shown = [verdict for verdict in check.verdicts if verdict.holding is not Holding.HOLDS]
    for numbers, holding, why in _rows(check):
        lines += _row(numbers, HOLDINGS[holding], why)
    for finding in check.news:
        lines += _row("", HOLDINGS[Holding.NEW], finding.what)
    held = len(check.verdicts) - len(shown)
    lines.append(f"{held} ligne{'s' if held > 1 else ''} sur {len(check.verdicts)} toujours vraie{'s' if held > 1 else ''}.")
    for journey, why in check.stops.items():
        lines.append(f"« {TITLES.get(journey, journey)} » s'est arrêté : {brief(why)}")
    if check.cause:
        lines.append(f"Cause : {CAUSES[check.cause]}.")
    lines += [brief(remark) for remark in check.remarks]
    return "\n".join(lines)


def _rows(check: Check) -> Iterator[tuple[str, Holding, str]]:
    """« 3.2 », or « 3.9 à 3.20 » where the same is to be said of lines that follow each other; worst first."""
    numbered = list(enumerate(check.verdicts))
    told = [(place, verdict) for place, verdict in numbered if verdict.holding is not Holding.HOLDS]
    told.sort(key=lambda one: (_FIRST[one[1].holding], one[0]))
    runs = groupby(enumerate(told), key=lambda one: (one[1][1].holding, _why(one[1][1]), one[1][0] - one[0]))
    for (holding, why, _), run in runs:
        lines = [verdict.line for _, (_, verdict) in run]
        yield lines[0] if len(lines) == 1 else f"{lines[0]} à {lines[-1]}", holding, why


def _row(line: str, holding: str, why: str) -> list[str]:
    # A quotation mark stays with its words.
    bound = brief(why).replace("« ", "«\N{NO-BREAK SPACE}").replace(" »", "\N{NO-BREAK SPACE}»")
    first, *rest = textwrap.wrap(bound, _WIDTH - 46) or [""]
    return [f"  {line:<11} {holding:<32} {first}".rstrip(), *(f"{'':<47}{more}" for more in rest)]


def _told(verdict: Verdict) -> list[Finding]:
    """Findings that make the verdict, the worst first; all of them where the line holds."""
    told = [finding for finding in verdict.findings if finding.holding is not Holding.HOLDS]
    return sorted(told or verdict.findings, key=lambda finding: _FIRST[finding.holding])


def _why(verdict: Verdict) -> str:
    finding = next(iter(_told(verdict)), None)
    if finding is None:
        return verdict.asks
    since = f" (depuis le {verdict.since:%d/%m/%Y})" if verdict.since else ""
    return (finding.detail or finding.what) + since


def _facts(finding: Finding, folder: Path | None) -> Iterator[str]:
    if finding.said:
        was = "on lisait      " if finding.against == "contract" else "le tutoriel dit"
        yield f"{was} « {brief(finding.said)} »"
    if finding.shown:
        yield f"le portail montre « {brief(finding.shown)} »"
    if finding.detail and not (finding.said and finding.shown and finding.holding is Holding.DRIFTED):
        yield brief(finding.detail)
    if finding.evidence and finding.evidence.picture:
        yield f"image : {folder / finding.evidence.picture if folder else finding.evidence.picture}"
