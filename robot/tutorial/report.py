"""The report of one check: a page for people, Markdown for an issue, a patch, and JSON for programs.

Knows what was found and how the flows would be mended; nothing of browsers. Words of the portal are hostile text.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import TypeAdapter

from robot.locators import WAYS
from robot.manifest import robot_version
from robot.plain import brief, clean
from robot.screens import Flows
from robot.tutorial.coverage import Coverage, coverage
from robot.tutorial.lines import Tutorial, load_tutorial, rank
from robot.tutorial.mending import patch
from robot.tutorial.portalcheck import Checked
from robot.tutorial.telling import REACHES
from robot.tutorial.verdicts import CAUSES, HOLDINGS, Check, Finding, Holding, Verdict
from robot.tutorial.wording import proposed
from robot.wholefile import write_atomically

PAGE, MARKDOWN, DATA, PATCH = "rapport.html", "rapport.md", "rapport.json", "correctif.patch"

@dataclass(frozen=True)
class Told:
    """All that the report says."""

    check: Check
    tutorial: Tutorial
    wordings: dict[str, str]
    coverage: Coverage
    patch: str

    def having(self, *holdings: Holding) -> list[Verdict]:
        return [verdict for verdict in self.check.verdicts if verdict.holding in holdings]

    @property
    def changed(self) -> list[Verdict]:
        """What changed since the last check first, then by line."""
        is_fresh = {verdict.line: verdict.since == self.check.at.astimezone().date() for verdict in self.check.changed}
        return sorted(self.check.changed, key=lambda one: (not (is_fresh[one.line] and one.before), rank(one.line)))


def write_report(checked: Checked, flows: Flows, folder: Path) -> Path:
    """Writes the files into the folder that holds the pictures; the page to open."""
    check = checked.check
    day = check.at.astimezone().date()
    told = Told(
        check=check,
        tutorial=load_tutorial(flows),
        wordings=proposed(check, flows),
        coverage=coverage(flows, load_tutorial(flows), checked.contract),
        patch=patch(flows, check.mends, day=day, portal=check.portal) if check.mends else "",
    )
    write_atomically(folder / PAGE, _page(told).encode())
    write_atomically(folder / MARKDOWN, markdown(told).encode())
    write_atomically(folder / DATA, TypeAdapter(Any).dump_json(_data(told), indent=1))
    if told.patch:
        write_atomically(folder / PATCH, told.patch.encode())
    return folder / PAGE


def _data(told: Told) -> dict[str, Any]:
    check: dict[str, Any] = TypeAdapter(Check).dump_python(told.check, mode="json")
    return check | {"wordings": told.wordings, "coverage": asdict(told.coverage), "patch": told.patch}


def _page(told: Told) -> str:
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
        worst=worst,
        robot=robot_version(),
    )


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
        lines += ["", "| ligne | constat | le tutoriel dit | le portail affiche | cause | depuis |"]
        lines.append("|---|---|---|---|---|---|")
        for verdict in told.changed:
            for finding in worst(verdict)[:3]:
                since = f"{verdict.since:%d/%m/%Y}" if verdict.since else ""
                cause = CAUSES[verdict.cause] if verdict.cause else ""
                cells = (verdict.line, HOLDINGS[finding.holding], finding.said, finding.shown, cause, since)
                lines.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
    if check.news:
        lines += ["", "Nouveau sur le portail :", ""]
        lines += [f"- {_cell(finding.what)} ({_cell(finding.detail)})" for finding in check.news]
    for journey, why in check.stops.items():
        lines += ["", f"« {journey} » s'est arrêté : {_cell(why)}"]
    if check.cause:
        lines += ["", f"Cause de l'arrêt : {CAUSES[check.cause]}."]
    if told.patch:
        lines += ["", "Correctif des parcours :", "", "```diff", told.patch.rstrip().replace("```", "'''"), "```"]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return brief(clean(" ".join(text.split()))).replace("|", "\\|").replace("<", "&lt;").replace("`", "'")
