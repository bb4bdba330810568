"""The table of outcomes and the progress of one command that deposits a batch. Knows no portal."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from robot.checks import LoadedInvoice
from robot.deposit import Result
from robot.invoice import Invoice
from robot.outcomes import Outcomes, line_of, shown
from robot.progress import Progress


class Tally:
    """Notes every invoice of a batch as it ends; `total` are those that are tried."""

    def __init__(self, batch: Path, out: Path, portal: str, total: int) -> None:
        name = batch.absolute().name if batch.is_dir() else batch.stem
        self._outcomes = Outcomes(out, name)
        self._progress = Progress(total)
        self._portal = portal

    def add(
        self, result: Result, place: str, *, invoice: Invoice | None = None, given: Mapping[str, Any] | None = None
    ) -> None:
        """On disk when it returns, as far as the disk allows."""
        self._outcomes.add(line_of(result, place, portal=self._portal, invoice=invoice, given=given))
        if self._outcomes.missed:
            print(f"  ! {self._outcomes.missed}", file=sys.stderr)

    def advance(self, result: Result, loaded: LoadedInvoice) -> None:
        """One of the invoices tried has ended."""
        self.add(result, loaded.place or str(loaded.path), invoice=loaded.invoice)
        print(f"  {self._progress.advance()}", file=sys.stderr, flush=True)

    def show(self, *, as_json: bool) -> None:
        """The table of this command, and where the whole of it is kept."""
        if not as_json:
            print(f"\n{shown(self._outcomes.added)}")
        print(f"Résultats : {self._outcomes.csv} et {self._outcomes.xlsx}", file=sys.stderr)
