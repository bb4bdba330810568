"""The report of one check: a page for people, Markdown for an issue, a patch, and JSON for programs.

Knows what was found and how the flows would be mended; nothing of browsers. Words of the portal are hostile text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from PIL import Image, UnidentifiedImageError
from pydantic import TypeAdapter

from robot.failures import CommandInvalid
from robot.locators import WAYS
from robot.manifest import robot_version
from robot.plain import brief, clean
from robot.screens import Flows
from robot.tutorial.coverage import Coverage, coverage
from robot.tutorial.lines import Tutorial, load_tutorial, rank
from robot.tutorial.mending import patch
from robot.tutorial.portalcheck import Checked
from robot.tutorial.telling import REACHES, TITLES
from robot.tutorial.verdicts import CAUSES, HOLDINGS, Cause, Check, Evidence, Finding, Holding, Mend, Verdict
from robot.tutorial.wording import addition, proposed
from robot.wholefile import write_atomically

PAGE, MARKDOWN, DATA, PATCH = "rapport.html", "rapport.md", "rapport.json", "correctif.patch"

# Signs that Markdown would obey.
_MARKS = re.compile(r"[\\`*_{}\[\]<>#!|~&]")


@dataclass(frozen=True)
class Told:
    """All that the report says."""

    check: Check
    tutorial: Tutorial
    wordings: dict[str, str]
    # One for each of the check's news, in their order.
    additions: tuple[str, ...]
    coverage: Coverage
    patch: str
    # Why there is no patch, where there should be one.
    unpatched: str = ""

    def having(self, *holdings: Holding) -> list[Verdict]:
        return [verdict for verdict in self.check.verdicts if verdict.holding in holdings]

    def mends_of(self, verdict: Verdict) -> list[Mend]:
        return [mend for mend in self.check.mends if mend.line == verdict.line]

    @property
    def changed(self) -> list[Verdict]:
        """What changed since the last check first, then what the portal changed, then by line."""
        is_fresh = {verdict.line: verdict.since == self.check.at.astimezone().date() for verdict in self.check.changed}

        def place(one: Verdict) -> tuple[object, ...]:
            return not (is_fresh[one.line] and one.before), one.cause is not Cause.PORTAL, rank(one.line)

        return sorted(self.check.changed, key=place)


def write_report(checked: Checked, flows: Flows, folder: Path) -> Path:
    """Writes the files into the folder that holds the pictures; the page to open."""
    check = checked.check
    tutorial = load_tutorial(flows)
    shown, unpatched = _patch(check, flows)
    told = Told(
        check=check,
        tutorial=tutorial,
        wordings=proposed(check, flows),
        additions=tuple(addition(finding, flows) for finding in check.news),
        coverage=coverage(flows, tutorial, checked.contract),
        patch=shown,
        unpatched=unpatched,
    )
    write_atomically(folder / PAGE, _page(told, folder).encode())
    write_atomically(folder / MARKDOWN, markdown(told).encode())
    write_atomically(folder / DATA, TypeAdapter(Any).dump_json(_data(told), indent=1))
    if told.patch:
        write_atomically(folder / PATCH, told.patch.encode())
    return folder / PAGE


def _patch(check: Check, flows: Flows) -> tuple[str, str]:
    """The patch, or why there is none: what was found is worth reading without it."""
    try:
        return patch(flows, check.mends, day=check.at.astimezone().date(), portal=check.portal), ""
    except CommandInvalid as failure:
        return "", str(failure)


def _data(told: Told) -> dict[str, Any]:
    check: dict[str, Any] = TypeAdapter(Check).dump_python(told.check, mode="json")
    more = {"wordings": told.wordings, "additions": list(told.additions), "coverage": asdict(told.coverage)}
    return check | more | {"patch": told.patch}


def _page(told: Told, folder: Path) -> str:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["clean"] = _bound
    return environment.get_template("report.html").render(
        told=told,
        check=told.check,
        at=told.check.at.astimezone(),
        reach=REACHES.get(told.check.reach, told.check.reach),
        holdings=HOLDINGS,
        causes=CAUSES,
        ways=WAYS | {"suspect": "à la place de ce qui a disparu", "": ""},
        Holding=Holding,
        titles=TITLES,
        worst=worst,
        place=_places(folder),
        robot=robot_version(),
    )


def _places(folder: Path) -> Callable[[Evidence], int]:
    """Which part of a long picture is shown: how far down the control stands in it, in hundredths."""

    def place(evidence: Evidence) -> int:
        try:
            with Image.open(folder / evidence.picture) as picture:
                return min(100, round(100 * evidence.middle / picture.height))
        except (OSError, UnidentifiedImageError):
            return 0

    return place


def _bound(text: object) -> str:
    """Fit to be shown; a quotation mark stays with its words."""
    return clean(str(text)).replace("« ", "«\N{NO-BREAK SPACE}").replace(" »", "\N{NO-BREAK SPACE}»")


def worst(verdict: Verdict) -> list[Finding]:
    """Findings to show for a line: what changed; else all."""
    told = [finding for finding in verdict.findings if finding.holding is not Holding.HOLDS]
    return told or list(verdict.findings)


def markdown(told: Told) -> str:
    """Short, for an issue."""
    check = told.check
    lines = [
        f"# Tutoriel et portail « {check.portal} », {check.at.astimezone():%d/%m/%Y}",
        "",
        f"{len(told.having(Holding.HOLDS))} lignes sur {len(check.verdicts)} sont toujours vraies ({REACHES[check.reach]}).",
    ]
    if told.changed:
        lines += ["", "| ligne | quoi | constat | attendu | le portail affiche | cause | depuis |"]
        lines.append("|---|---|---|---|---|---|---|")
        for verdict in told.changed:
            since = f"{verdict.since:%d/%m/%Y}" if verdict.since else ""
            cause = CAUSES[verdict.cause] if verdict.cause else ""
            for finding in worst(verdict):
                words = (_text(finding.said), _text(finding.shown))
                cells = (verdict.line, _text(finding.what), HOLDINGS[finding.holding], *words, cause, since)
                lines.append(f"| {' | '.join(cells)} |")
    if check.news:
        lines += ["", "Nouveau sur le portail :", ""]
        lines += [f"- {_text(finding.what)} ({_text(finding.detail)})" for finding in check.news]
    for journey, why in check.stops.items():
        lines += ["", f"« {TITLES.get(journey, journey)} » s'est arrêté : {_text(why)}"]
    if check.cause:
        lines += ["", f"Cause de l'arrêt : {CAUSES[check.cause]}."]
    if told.unpatched:
        lines += ["", _text(told.unpatched)]
    if told.patch:
        lines += ["", "Correctif des parcours :", "", "```diff", told.patch.rstrip().replace("```", "'''"), "```"]
    return "\n".join(lines) + "\n"


def _text(text: str) -> str:
    """Words as they are: nothing that an issue would show as a link, a picture, a table or somebody's name."""
    words = _MARKS.sub(r"\\\g<0>", brief(" ".join(text.split())))
    return words.replace("@", "\N{FULLWIDTH COMMERCIAL AT}").replace("://", ":&#47;&#47;")
