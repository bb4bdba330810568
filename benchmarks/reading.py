"""How well, and how fast, invoices are read: `python benchmarks/reading.py [--speed] [FOLDER…]`.

A folder holds invoices and a `truth.json`, what each one says, read by hand (see tests/data/README.md). For each field:

    right   claimed (read or calculated), and so it is; or nothing claimed where nothing is printed
    wrong   claimed, and not so: this would fill a form wrongly
    asked   doubtful, or not found where a deposit needs it: a person answers
    missed  not found, and nobody will be asked

precision = right / (right + wrong), of what is claimed; recall = right / all that is printed. Exit code 1 when a goal
is not met.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import shutil
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from robot import checks
from robot.entries import entries_of
from robot.failures import InvoiceInvalid
from robot.known import Known
from robot.pdffile import look
from robot.printed import squeezed
from robot.reader import read
from robot.reading import Reading, Sure

DATA = Path(__file__).parents[1] / "tests" / "data"
# On bills of the programme nothing may be wrong; elsewhere so much of what is claimed must be right.
PRECISION = 0.98
ROUNDS = 7

# Field of `truth.json` and of a Reading; `!`: a deposit needs it, so that a person is asked when it is not found.
FIELDS = {
    "invoice_number": "number!",
    "invoice_date": "date!",
    "document_type": "type",
    "supplier.name": "supplier_name",
    "supplier.siret_printed": "supplier_siret!",
    "buyer.name": "recipient_name",
    "buyer.siret_printed": "recipient_siret!",
    "engagement_number": "engagement!",
    "service_code": "service",
    "market_number": "market",
    "currency": "currency",
    "amount_ht": "ht!",
    "amount_tva": "tva!",
    "amount_ttc": "ttc!",
    "amount_due": "due",
    "vat.regime": "vat",
    "sessions": "sessions",
}
OUTCOMES = ("right", "silent", "wrong", "asked", "missed")


@dataclass
class Score:
    """Outcomes of one kind of invoice, by field; and what went wrong, to be read."""

    title: str
    files: int = 0
    fields: dict[str, Counter[str]] = field(default_factory=lambda: {name: Counter() for name in FIELDS})
    findings: Counter[str] = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)

    @property
    def total(self) -> Counter[str]:
        return sum(self.fields.values(), Counter())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, default=[DATA / "sante-psy", DATA / "tiers"])
    parser.add_argument("--speed", action="store_true", help="also how many invoices a second, beside pdftotext")
    options = parser.parse_args()
    own, foreign = Score("Santé Psy Étudiant"), Score("autres factures")
    for folder in options.folders:
        for truth in json.loads((folder / "truth.json").read_text(encoding="utf-8")):
            score = own if truth.get("family") in ("app", "template", "word", "extra") else foreign
            _compare(folder / truth["file"], truth, score)
    met = [_report(score) for score in (own, foreign) if score.files]
    if options.speed:
        _speed([file for folder in options.folders for file in sorted(folder.glob("*.pdf"))])
    return 0 if all(met) else 1


# --- right or wrong --------------------------------------------------------------------------------------------------


def _compare(file: Path, truth: dict[str, Any], score: Score) -> None:
    score.files += 1
    if truth["text_extractable"]:
        reading = _reading(file)
        for name, target in FIELDS.items():
            outcome, remark = _outcome(reading, truth, name, target)
            if outcome:
                score.fields[name][outcome] += 1
            if outcome in ("wrong", "missed"):
                score.remarks.append(f"{outcome:6} {file.name}: {name}: {remark}")
    expected = set(truth["findings"])
    codes = _findings(file)
    for code in sorted(expected - codes.keys()):
        score.findings["missed"] += 1
        score.remarks.append(f"missed {file.name}: finding {code}")
    score.findings["right"] += len(expected & codes.keys())
    blocking = {code for code, blocks in codes.items() if blocks} - expected
    if "PAS_UN_PDF" in expected:
        # Whatever else is said of what is no PDF, it is not deposited.
        blocking = set()
    for code in sorted(code for code in blocking if not _is_absent(truth, code)):
        score.findings["wrong"] += 1
        score.remarks.append(f"wrong  {file.name}: finding {code} blocks")


# Findings that something is not printed, and what that is.
_ABSENT = {
    "NUMERO_ABSENT": "invoice_number",
    "DATE_ABSENTE": "invoice_date",
    "SIRET_FOURNISSEUR_ABSENT": "supplier.siret_printed",
    "TOTAL_ABSENT": "amount_ttc",
}


def _is_absent(truth: dict[str, Any], code: str) -> bool:
    """Whether a finding says what the truth says too: nothing is printed there."""
    return code in _ABSENT and _known(truth, _ABSENT[code]) == (True, None)


def _reading(file: Path) -> Reading:
    data = file.read_bytes()
    if data.lstrip().startswith(b"<"):
        return read((), [data])
    inside = look(data)
    return read(inside.pages, inside.invoices)


def _outcome(reading: Reading, truth: dict[str, Any], name: str, target: str) -> tuple[str, str]:
    """What became of one field; empty where the truth is silent about it."""
    known, expected = _known(truth, name)
    if not known:
        return "", ""
    if name == "sessions":
        count = sum(session.count for session in reading.sessions) or None
        if count is None or expected is None:
            return ("silent" if count == expected else "missed" if count is None else ""), f"expected {expected}"
        return ("right" if count == expected else "wrong"), f"{count}, expected {expected}"
    found = getattr(reading, target.rstrip("!"))
    if name == "vat.regime" and expected == "INCONNU":
        expected = None if found is None else expected
    remark = f"{found.value if found else None}, expected {expected}"
    if found is None:
        if expected is None:
            return "silent", ""
        return ("asked" if target.endswith("!") else "missed"), remark
    if found.sure is Sure.DOUBTFUL:
        return "asked", remark
    return ("right" if expected is not None and _same(found.value, str(expected), name) else "wrong"), remark


def _known(truth: dict[str, Any], name: str) -> tuple[bool, Any]:
    if name == "buyer.name" and "label_printed" in truth.get("buyer", {}):
        return True, truth["buyer"]["label_printed"]
    value: Any = truth
    for part in name.split("."):
        if not isinstance(value, dict) or part not in value:
            return False, None
        value = value[part]
    return True, value


def _same(value: object, expected: str, name: str) -> bool:
    if isinstance(value, Decimal):
        return value == Decimal(expected)
    if isinstance(value, dt.date):
        return value.isoformat() == expected
    if name.endswith(".name"):
        # « Université Tours » for « Tours »; a font may tear a name apart.
        one, other = squeezed(str(value)), squeezed(expected)
        return one in other or other in one
    return str(value).casefold() == expected.casefold()


def _findings(file: Path) -> dict[str, bool]:
    """Codes that the checks report, and whether they block."""
    codes: dict[str, bool] = {}
    for entry in entries_of(file):
        if isinstance(entry, InvoiceInvalid):
            return {problem.code: True for problem in entry.problems}
        # The day is that of no invoice: no date is in the future, whenever this is run.
        judged = checks.judge(entry, Known(today=dt.date(2099, 12, 31)))
        codes |= {finding.code: False for finding in judged.findings}
        codes |= {problem.code: True for problem in judged.problems}
    return codes


def _report(score: Score) -> bool:
    """Prints a table; whether the goals are met."""
    print(f"\n{score.title}: {score.files} files\n")
    print(f"{'field':24}{'right':>7}{'silent':>8}{'wrong':>7}{'asked':>7}{'missed':>8}{'precision':>11}{'recall':>8}")
    for name, counts in [*score.fields.items(), ("all", score.total)]:
        print(f"{name:24}" + _numbers(counts))
    print(f"{'findings':24}" + _numbers(score.findings))
    for remark in score.remarks:
        print(f"  {remark}")
    total, findings = score.total, score.findings
    if score.title.startswith("Santé"):
        goals = {
            "no field wrong or missed": not (total["wrong"] or total["missed"]),
            "every finding reported, none blocks wrongly": not (findings["wrong"] or findings["missed"]),
        }
    else:
        goals = {f"precision at least {PRECISION}": (_ratio(total["right"], total["wrong"]) or 1) >= PRECISION}
    for goal, met in goals.items():
        print(f"  goal: {goal}: {'met' if met else 'NOT MET'}")
    return all(goals.values())


def _numbers(counts: Counter[str]) -> str:
    right, silent, wrong, asked, missed = (counts[outcome] for outcome in OUTCOMES)
    precision, recall = _ratio(right, wrong), _ratio(right, wrong + asked + missed)
    shown = [f"{ratio:.3f}" if ratio is not None else "-" for ratio in (precision, recall)]
    return f"{right:7}{silent:8}{wrong:7}{asked:7}{missed:8}{shown[0]:>11}{shown[1]:>8}"


def _ratio(right: int, others: int) -> float | None:
    return right / (right + others) if right + others else None


# --- fast or slow ----------------------------------------------------------------------------------------------------


def _speed(files: list[Path]) -> None:
    """Invoices a second, in turns so that a busy machine slows each of them alike."""
    runs: dict[str, Callable[[Path], object]] = {"read": _reading, "check": _findings}
    if shutil.which("pdftotext"):
        runs["pdftotext"] = _pdftotext
    times: dict[str, list[float]] = {name: [] for name in runs}
    _reading(files[0])
    for _ in range(ROUNDS):
        for name, run in runs.items():
            start = time.perf_counter()
            for file in files:
                _forget()
                run(file)
            times[name].append(len(files) / (time.perf_counter() - start))
    print(f"\ninvoices a second, {len(files)} PDF, {ROUNDS} rounds in turns: median (lowest to highest)")
    for name, rates in times.items():
        print(f"  {name:10}{statistics.median(rates):8.1f}  ({min(rates):.1f} to {max(rates):.1f})")
    if "pdftotext" not in times:
        print("  pdftotext is not installed: nothing to compare with")
        return
    for name in ("read", "check"):
        ratios = [ours / theirs for ours, theirs in zip(times[name], times["pdftotext"], strict=True)]
        print(f"  {name} / pdftotext: {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")
    print(f"  1,000 invoices checked in {1000 / statistics.median(times['check']):.0f} s")


def _pdftotext(file: Path) -> None:
    subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, check=False)


def _forget() -> None:
    """Nothing is remembered of a file that was read before."""
    for cached in _cached():
        cached.cache_clear()


def _cached() -> Iterator[Any]:
    yield look
    yield from (one for one in vars(checks).values() if hasattr(one, "cache_clear"))


if __name__ == "__main__":
    sys.exit(main())
