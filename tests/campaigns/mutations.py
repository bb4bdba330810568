"""A portal that changes one thing, and whether the tutorial's check sees it: which line, which class, and what mends it.

    python tests/campaigns/mutations.py --count 200 --seed 1

writes the table of docs/mutations.md. Run by itself; a few trials run with the tests (`test_mutations.py`).
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

from robot.config import load_config
from robot.journal import Journal
from robot.review import reviewed_flows
from robot.sample import EXAMPLE_CONFIG
from robot.screens import FLOWS_DIR, Flows
from robot.session import destination_of
from robot.tutorial.contract import Contract
from robot.tutorial.mending import mend
from robot.tutorial.portalcheck import JOURNEYS, Checked, check_portal
from robot.tutorial.verdicts import CHANGES, Check, Holding, Verdict

SCRIPT = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")

SECTIONS = {"1-compte": "compte", "2-rattachement": "rattachement", "3-depot": "depot"}
# Words that stand for none of the portal's own.
OTHER_WORDS = ("Zone complémentaire", "Intitulé interne", "Transmettre", "Rubrique annexe", "Suite du dossier", "Mention")
SENTENCE = "est validée, elle est en cours de transmission"

# Classes, with what a check must say of each; None: nothing at all.
CLASSES: dict[str, Holding | None] = {
    "accents": Holding.DRIFTED,
    "case": Holding.DRIFTED,
    "plural": Holding.DRIFTED,
    "other word": Holding.DRIFTED,
    "option": Holding.DRIFTED,
    "sentence": Holding.DRIFTED,
    "certificate": Holding.DRIFTED,
    "moved bloc": Holding.MOVED,
    "swapped controls": Holding.MOVED,
    "exchanged labels": Holding.MOVED,
    "removed": Holding.GONE,
    "required field": Holding.NEW,
    "step between": Holding.NEW,
    "style": None,
    "attributes": None,
    "help text": None,
    "wrapped": None,
}
RENAMES = ("accents", "case", "plural", "other word")


@dataclass(frozen=True)
class Mutation:
    """One thing that changes."""

    name: str
    generation: str
    journey: str
    # What mutations.js takes; empty for what the replica does itself.
    script: dict[str, str]
    # Lines of the tutorial that it concerns: one of them must tell it.
    lines: frozenset[str]
    fault: str = ""

    def __str__(self) -> str:
        return f"{self.name} of {self.generation}/{self.journey}: {self.script or self.fault} (lines {sorted(self.lines)})"


@dataclass(frozen=True)
class Result:
    """What the check said of it."""

    mutation: Mutation
    # What differs from the check of the unchanged portal: « 3.11 drifted ».
    told: tuple[str, ...]
    check: Check
    # After the mends, the flow goes on the changed portal; None where that was not tried.
    passes: bool | None = None

    @property
    def detected(self) -> bool:
        return bool(self.told)

    @property
    def right_line(self) -> bool:
        return any(one.split()[0] in self.mutation.lines for one in self.told)

    @property
    def right_class(self) -> bool:
        expected = CLASSES[self.mutation.name]
        return expected is not None and any(one.split()[1] == expected.value for one in self.told)

    @property
    def is_right(self) -> bool:
        if CLASSES[self.mutation.name] is None:
            return not self.detected
        return self.detected and self.right_line and self.right_class and self.passes is not False


def check(generation: str, journeys: tuple[str, ...], *, contract: Contract | None = None, mutation: Mutation | None = None,
          flows: Flows | None = None) -> Checked:  # fmt: skip
    """One check of the embedded replica, changed or not."""
    flows, config = flows or reviewed_flows(), load_config(EXAMPLE_CONFIG)
    place = config.portals["replica"].model_copy(update={"generation": generation})
    config = config.model_copy(update={"portals": {"replica": place}})
    folder = Path(tempfile.mkdtemp(prefix="mutation-"))
    script = f"({SCRIPT})({json.dumps(mutation.script)})" if mutation and mutation.script else ""
    try:
        with Journal(folder / "journal.sqlite3") as journal:
            return check_portal(
                config,
                flows,
                destination_of(config, "replica", flows, EXAMPLE_CONFIG),
                journal=journal,
                folder=folder,
                contract=contract,
                journeys=journeys,
                prepare=lambda context: context.add_init_script(script) if script else None,
                faults=(mutation.fault,) if mutation and mutation.fault else (),
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@cache
def unchanged(generation: str, journeys: tuple[str, ...] = JOURNEYS) -> Checked:
    """What the portal is without any change."""
    return check(generation, journeys)


def told(mutated: Check, before: Check) -> tuple[str, ...]:
    """What a check says that the one before did not: « line class », for lines and for what is new."""
    def known(verdict: Verdict) -> set[tuple[str, str]]:
        return {(finding.what, finding.holding.value) for finding in verdict.findings}

    earlier = {verdict.line: known(verdict) for verdict in before.verdicts}
    found = [
        f"{verdict.line} {finding.holding.value}"
        for verdict in mutated.verdicts
        for finding in verdict.findings
        if finding.holding in CHANGES and (finding.what, finding.holding.value) not in earlier[verdict.line]
    ]
    words = {finding.shown for finding in before.news}
    found += [f"{finding.line} new" for finding in mutated.news if finding.shown not in words]
    return tuple(dict.fromkeys(found))


def tried(mutation: Mutation, *, mended: bool = True, is_quick: bool = False) -> Result:
    """One trial; a quick one learns the unchanged portal on the journey concerned only."""
    journeys = (mutation.journey,)
    before = unchanged(mutation.generation, journeys) if is_quick else unchanged(mutation.generation)
    after = check(mutation.generation, journeys, contract=before.accepted, mutation=mutation).check
    result = Result(mutation, told(after, before.check), after)
    if mended and mutation.name in RENAMES:
        result = replace(result, passes=passes_when_mended(mutation, after))
    return result


def passes_when_mended(mutation: Mutation, after: Check) -> bool:
    """Whether flows that were mended go to the end of the changed portal without a mend of their own."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "flows"
        shutil.copytree(FLOWS_DIR, root)
        flows = reviewed_flows(root)
        if after.mends:
            mend(flows, after.mends, day=date.today(), portal="essai")
            flows = reviewed_flows(root)
        again = check(mutation.generation, (mutation.journey,), mutation=mutation, flows=flows).check
    return not again.stops and not again.mends


# --- what can change ------------------------------------------------------------------------------------------------


def candidates(generation: str) -> Iterator[tuple[str, str, str, frozenset[str]]]:
    """Journey, nature, words and lines of everything that a step uses, as the portal prints it."""
    flows, contract = reviewed_flows(), unchanged(generation).contract
    seen = set()
    for name, screen in contract.screens.items():
        journey = SECTIONS.get(flows.files[name].folder)
        if journey is None:
            continue
        for element, kept in screen.elements.items():
            lines = _lines(flows, name, element)
            words = kept.words.replace("*", "").strip().rstrip(":").strip()
            is_name = "{" in next(iter(flows.screens[name].elements[element].labels))
            if words and lines and not is_name and (journey, words) not in seen and kept.nature != "value":
                seen.add((journey, words))
                yield journey, kept.nature, words, lines


def _lines(flows: Flows, screen: str, element: str) -> frozenset[str]:
    steps = list(flows.screens[screen].all_steps())
    mine = {step.line for step in steps if element in step.elements()} - {"new"}
    # A thing that no line speaks of belongs to its screen.
    is_used = any(element in step.elements() for step in steps)
    return frozenset(mine or ({step.line for step in steps} - {"new"} if is_used else ()))


def mutations(seed: str, count: int) -> list[Mutation]:
    """So many, class after class, each at a place drawn by the seed."""
    chance = random.Random(seed)
    made = [_drawn(chance, name, ("2021", "2024")[index // len(CLASSES) % 2 if count > len(CLASSES) else index % 2])
            for index, name in zip(range(count), _cycled(), strict=False)]  # fmt: skip
    return [one for one in made if one]


def _cycled() -> Iterator[str]:
    while True:
        yield from CLASSES


def _drawn(chance: random.Random, name: str, generation: str) -> Mutation:
    if name == "certificate":
        return Mutation(name, generation, "depot", {}, frozenset({"3.20"}), "certificate-of-another")
    if name == "sentence":
        script = {"kind": "sentence", "words": SENTENCE, "now": "a bien été prise en compte, sa transmission commence"}
        return Mutation(name, generation, "depot", script, frozenset({"3.20", "3.19"}))
    if CLASSES[name] is None:
        kind = {"help text": "help"}.get(name, name)
        return Mutation(name, generation, chance.choice(JOURNEYS), {"kind": kind, "words": "", "now": ""}, frozenset())
    if name == "option":
        words = "A1 : Dépôt par un fournisseur d'une facture"
        script = {"kind": "rename", "words": words, "now": "A1 : Facture déposée par son émetteur"}
        return Mutation(name, generation, "depot", script, frozenset({"3.5"}))
    if name == "moved bloc":
        title = chance.choice(["Références", "Montants totaux", "Pièces jointes"] if generation == "2024"
                              else ["Référence", "Montants totaux", "Bloc pièces jointes"])  # fmt: skip
        lines = {"R": {"3.11", "3.12", "3.13", "3.14", "3.15"}, "M": {"3.15"}, "P": {"3.16"}, "B": {"3.16"}}[title[0]]
        # The bloc that it passes has moved as much.
        lines = lines | {"3.9", "3.10", "3.15"} | ({"3.11", "3.12", "3.13", "3.14"} if title[0] != "R" else set())
        return Mutation(name, generation, "depot", {"kind": "moved", "words": title, "now": ""}, frozenset(lines))
    if name in ("swapped controls", "exchanged labels"):
        pairs = [
            ("Date de facture", "Numéro de marché", "3.12", "3.14"),
            ("Numéro de facture", "Date de facture", "3.11", "3.12"),
        ]
        one, two, first, second = chance.choice(pairs)
        kind = name.split()[0]
        return Mutation(name, generation, "depot", {"kind": kind, "words": one, "other": two}, frozenset({first, second}))
    return _of_element(chance, name, generation)


def _of_element(chance: random.Random, name: str, generation: str) -> Mutation:
    all_of_them = list(candidates(generation))
    if name == "removed":
        # Nobody can be asked to go on without the only button of a screen.
        fitting = [one for one in all_of_them if one[1] not in ("button", "file")]
    elif name in ("required field", "step between"):
        fitting = [one for one in all_of_them if one[1] in ("text", "select")]
    elif name == "accents":
        fitting = [one for one in all_of_them if any(letter in one[2] for letter in "éèêàôî")]
    else:
        fitting = all_of_them
    journey, _, words, lines = chance.choice(fitting)
    if name in ("required field", "step between"):
        # Beside it, or before the screen that it stands on.
        lines = frozenset(line for line in _all_lines() if line[0] == next(iter(lines))[0])
        kind = {"required field": "required", "step between": "window"}[name]
        return Mutation(name, generation, journey, {"kind": kind, "words": words, "now": "Nouvelle mention"}, lines)
    if name == "removed":
        return Mutation(name, generation, journey, {"kind": "removed", "words": words, "now": ""}, lines)
    now = {
        "accents": words.translate(str.maketrans("éèêàôî", "eeeaoi")),
        "case": words.upper() if words.upper() != words else words.lower(),
        "plural": " ".join(f"{part}s" if len(part) > 3 and not part.endswith("s") else part for part in words.split()),
        "other word": chance.choice(OTHER_WORDS),
    }[name]
    now = now if now != words else f"{words}s"
    return Mutation(name, generation, journey, {"kind": "rename", "words": words, "now": now}, lines)


def _all_lines() -> list[str]:
    return [f"{part}.{n}" for part, last in ((1, 10), (2, 10), (3, 20)) for n in range(1, last + 1)]


# --- the table ------------------------------------------------------------------------------------------------------


def table(results: list[Result]) -> str:
    """One row for each class."""
    rows = ["| class | tried | detected | right line | right class | passes once mended |", "|---|---|---|---|---|---|"]
    for name, expected in CLASSES.items():
        mine = [one for one in results if one.mutation.name == name]
        if not mine:
            continue
        counts: Counter[str] = Counter()
        for one in mine:
            said = {"detected": one.detected, "line": one.right_line, "class": one.right_class, "passes": one.passes is True}
            counts.update(name for name, held in said.items() if held)
        if expected is None:
            rows.append(f"| {name} (cosmetic) | {len(mine)} | {counts['detected']} false alarms | – | – | – |")
            continue
        passes = str(counts["passes"]) if name in RENAMES else "–"
        rows.append(f"| {name} | {len(mine)} | {counts['detected']} | {counts['line']} | {counts['class']} | {passes} |")
    return "\n".join(rows)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=len(CLASSES) * 2)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", help="one class")
    options = parser.parse_args()
    results = []
    for mutation in mutations(options.seed, options.count):
        if options.only and mutation.name != options.only:
            continue
        result = tried(mutation)
        results.append(result)
        mark = "ok  " if result.is_right else "MISS"
        stops = f" stops: {next(iter(result.check.stops.values()))[:160]}" if result.check.stops else ""
        print(f"{mark} {mutation} told {list(result.told)[:6]} passes {result.passes}{stops}", file=sys.stderr, flush=True)
    print(table(results))
    return 0 if all(one.is_right for one in results) else 1


if __name__ == "__main__":
    sys.exit(main())
