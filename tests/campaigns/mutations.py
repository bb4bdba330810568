"""A portal that changes one thing, and whether a check of the tutorial sees it: which line, which class, and what mends it.

    python tests/campaigns/mutations.py --count 120 --seed 1

writes the table of docs/mutations.md. Run by itself; a few trials run with the tests (`test_mutations.py`).
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, partial
from pathlib import Path
from unittest.mock import patch

from changes import CLASSES, RENAMES, Change, Ground, Scene, drawn
from playwright.sync_api import BrowserContext

from robot.config import load_config
from robot.journal import Journal
from robot.replica import server
from robot.review import reviewed_flows
from robot.sample import EXAMPLE_CONFIG
from robot.screens import FLOWS_DIR, Flows
from robot.session import destination_of
from robot.tutorial.contract import Contract
from robot.tutorial.lines import load_tutorial, rank
from robot.tutorial.mending import mend
from robot.tutorial.portalcheck import Checked, check_portal
from robot.tutorial.verdicts import CHANGES, Check, Holding, Verdict

SCRIPT = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Result:
    """What the check said of a change."""

    change: Change
    # The browser came to a page where something changed.
    is_met: bool
    # What differs from the check of the unchanged portal: (line, class).
    told: tuple[tuple[str, str], ...]
    check: Check
    # With the mends in the flows the journey goes to its end on the changed portal, and nothing more is to be mended;
    # None where that was not tried.
    passes: bool | None = None
    why: str = ""

    @property
    def expected(self) -> Holding | None:
        return CLASSES[self.change.name]

    @property
    def detected(self) -> bool:
        return bool(self.told)

    @property
    def right_line(self) -> bool:
        return any(line in self.change.lines for line, _ in self.told)

    @property
    def right_class(self) -> bool:
        """Said on one of its lines."""
        return any(line in self.change.lines and holding == self.expected for line, holding in self.told)

    @property
    def no_other(self) -> bool:
        """No line that has nothing to do with it is said to have changed."""
        return self.detected and all(line in self.change.lines for line, _ in self.told)

    @property
    def is_right(self) -> bool:
        if self.expected is None:
            return not self.detected and not self.check.stops
        return self.right_line and self.right_class and self.passes is not False


def check(
    scene: Scene, journey: str, *, contract: Contract | None = None, changes: Sequence[Change] = (), flows: Flows | None = None
) -> tuple[Checked, set[int]]:
    """One check of a portal, changed or not; also which of the changes were met."""
    flows, config = flows or reviewed_flows(), load_config(EXAMPLE_CONFIG)
    place = config.portals["replica"].model_copy(update={"generation": scene.generation})
    config = config.model_copy(update={"portals": {"replica": place}})
    folder = Path(tempfile.mkdtemp(prefix="mutation-"))
    scripts = [dict(change.script) for change in changes if change.script]
    met: set[int] = set()

    def prepare(context: BrowserContext) -> None:
        context.on("console", lambda message: met.add(int(message.text[6:])) if message.text.startswith("essai ") else None)
        context.add_init_script(f"({SCRIPT})({json.dumps(scripts)})")

    try:
        # The embedded replica has today's markup; another hand's is to be had by its own name only.
        with (
            patch.object(server, "Replica", partial(server.Replica, look=scene.look)),
            Journal(folder / "journal.sqlite3") as journal,
        ):
            checked = check_portal(
                config,
                flows,
                destination_of(config, "replica", flows, EXAMPLE_CONFIG),
                journal=journal,
                folder=folder,
                contract=contract,
                journeys=(journey,),
                prepare=prepare if scripts else lambda _context: None,
                faults=tuple(change.fault for change in changes if change.fault),
            )
            return checked, met
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@cache
def unchanged(scene: Scene, journey: str) -> Checked:
    """What the portal is without any change."""
    return check(scene, journey)[0]


@cache
def ground(scene: Scene, journey: str) -> Ground:
    flows = reviewed_flows()
    return Ground(scene, journey, flows, load_tutorial(flows), unchanged(scene, journey).accepted)


def told(after: Check, before: Check) -> tuple[tuple[str, str], ...]:
    """What a check says that the one before did not: (line, class), of lines and of what is new."""

    def said(verdict: Verdict) -> set[tuple[str, str]]:
        return {(finding.what, finding.holding.value) for finding in verdict.findings}

    earlier = {verdict.line: said(verdict) for verdict in before.verdicts}
    found = [
        (verdict.line, finding.holding.value)
        for verdict in after.verdicts
        for finding in verdict.findings
        if finding.holding in CHANGES and (finding.what, finding.holding.value) not in earlier[verdict.line]
    ]
    known = {finding.what for finding in before.news}
    found += [(finding.line or "?", "new") for finding in after.news if finding.what not in known]
    return tuple(dict.fromkeys(found))


def tried(change: Change, *, is_mended: bool = True) -> Result:
    """One trial."""
    before = unchanged(change.scene, change.journey)
    checked, met = check(change.scene, change.journey, contract=before.accepted, changes=[change])
    result = Result(change, bool(met) or bool(change.fault), told(checked.check, before.check), checked.check)
    if is_mended and change.name in RENAMES and result.is_met:
        passes, why = passes_when_mended(change, checked.check)
        result = replace(result, passes=passes, why=why)
    return result


def passes_when_mended(change: Change, after: Check) -> tuple[bool, str]:
    """Whether flows with the mends written into them go to the end of the changed portal; why not."""
    if after.stops:
        return False, next(iter(after.stops.values()))
    if not after.mends:
        return True, ""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "flows"
        shutil.copytree(FLOWS_DIR, root)
        mend(reviewed_flows(root), after.mends, day=date.today(), portal="essai")
        again = check(change.scene, change.journey, changes=[change], flows=reviewed_flows(root))[0].check
    if again.stops:
        return False, next(iter(again.stops.values()))
    return not again.mends, ", ".join(f"{one.screen}.{one.path[1]} « {one.words} »" for one in again.mends)


# --- the table ------------------------------------------------------------------------------------------------------


def table(results: Sequence[Result]) -> str:
    """One row for each class. Trials that never came to their page are not counted."""
    rows = [
        "| class | tried | detected | right line | right class | no other line | passes once mended |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, expected in CLASSES.items():
        mine = [one for one in results if one.change.name == name and one.is_met]
        if not mine:
            continue
        counts: Counter[str] = Counter()
        for one in mine:
            for fact in ("detected", "right_line", "right_class", "no_other", "passes"):
                counts[fact] += bool(getattr(one, fact))
        if expected is None:
            alarms = sum(not one.is_right for one in mine)
            rows.append(f"| {name} (cosmetic) | {len(mine)} | {alarms} false alarms | | | | |")
            continue
        passes = str(counts["passes"]) if name in RENAMES else ""
        told_so = " | ".join(str(counts[fact]) for fact in ("detected", "right_line", "right_class", "no_other"))
        rows.append(f"| {name} | {len(mine)} | {told_so} | {passes} |")
    return "\n".join(rows)


def line_of(result: Result, seconds: float) -> str:
    """One trial in one line."""
    mark = "----" if not result.is_met else "ok  " if result.is_right else "MISS"
    if mark == "ok  " and result.expected and not result.no_other:
        mark = "more"
    said = ", ".join(f"{line} {holding}" for line, holding in sorted(result.told, key=lambda one: rank(one[0])))
    stops = "".join(f"\n       stopped: {why[:300]}" for why in result.check.stops.values())
    why = f"\n       not mended: {result.why[:300]}" if result.passes is False else ""
    return f"{mark} {seconds:5.1f}s {result.change} -> {said or 'nothing'}{stops}{why}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=len(CLASSES) * 2)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", choices=list(CLASSES), nargs="+", default=list(CLASSES), help="some classes")
    options = parser.parse_args()
    results = []
    for change in drawn(options.seed, options.count, ground, tuple(options.only)):
        began = time.monotonic()
        results.append(tried(change))
        print(line_of(results[-1], time.monotonic() - began), file=sys.stderr, flush=True)
    print(table(results))
    return 0 if all(one.is_right for one in results if one.is_met) else 1


if __name__ == "__main__":
    sys.exit(main())
