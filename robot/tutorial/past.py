"""Verdicts of earlier checks, in the journal: so that a change has a date.

Knows journal and verdicts; nothing of portals.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from robot.journal import Journal, stamp
from robot.tutorial.verdicts import CHANGES, Check, Holding, Verdict


class Past:
    """What was said of each line before."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def dated(self, check: Check) -> Check:
        """The check with, for each changed line, the first day of that change and the verdict before; then kept.

        Lines that could not be checked say nothing, and are passed over.
        """
        with self._journal.reading() as do:
            rows = [dict(row) for row in do("find-verdicts", portal=check.place).mappings()]
        before: dict[str, list[dict[str, str]]] = {}
        for row in rows:
            before.setdefault(row["line"], []).append(row)
        verdicts = tuple(_dated(verdict, before.get(verdict.line, []), check.at) for verdict in check.verdicts)
        with self._journal.writing() as do:
            for verdict in verdicts:
                if verdict.holding not in (Holding.PERSON, Holding.UNREACHED):
                    do(
                        "keep-verdict",
                        portal=check.place,
                        line=verdict.line,
                        run=check.run,
                        holding=verdict.holding.value,
                        shown=_shown(verdict),
                        at=stamp(check.at),
                    )
        return replace(check, verdicts=verdicts)


def _dated(verdict: Verdict, earlier: list[dict[str, str]], at: datetime) -> Verdict:
    """`earlier`: newest first."""
    mine = (verdict.holding.value, _shown(verdict))
    since = at
    for row in earlier:
        if (row["holding"], row["shown"]) != mine:
            return replace(
                verdict, since=_day(since) if verdict.holding in CHANGES else None, before=Holding(row["holding"])
            )
        since = datetime.fromisoformat(row["at"])
    return replace(verdict, since=_day(since) if verdict.holding in CHANGES else None)


def _shown(verdict: Verdict) -> str:
    """What the portal shows instead: the same change said twice is one change."""
    return " ; ".join(finding.shown for finding in verdict.findings if finding.holding is verdict.holding)


def _day(at: datetime) -> date:
    return at.astimezone().date()
