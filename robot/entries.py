"""What a user may name for an invoice: its PDF, a `facture.yaml`, a folder, a CSV or an XLSX; each becomes documents.

Opens no PDF and judges nothing (`checks.py`).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from robot.failures import InvoiceInvalid
from robot.yamlfile import Document, read

_WRITTEN = (".yaml", ".yml")
_BATCHES = (".csv", ".tsv", ".xlsx", ".xlsm", ".xls", ".ods")


@dataclass(frozen=True)
class Entry:
    """One invoice as its owner gave it."""

    # What messages call it: the path, or `lot.csv:7`.
    place: str
    document: Document
    # A `facture.yaml`: written out in full.
    is_written: bool = False


def is_batch(path: Path) -> bool:
    """Whether a path may stand for several invoices."""
    return path.is_dir() or path.suffix.lower() in _BATCHES


def is_written(path: Path) -> bool:
    """Whether a path is that of a `facture.yaml`."""
    return path.suffix.lower() in _WRITTEN


def entries_of(path: Path) -> Iterator[Entry | InvoiceInvalid]:
    """The invoices of a path; what cannot be read stands in its place as a failure, and stops nothing else.

    Files of a folder that are none of its invoices are told on stderr.
    """
    if is_batch(path):
        from robot.batch import load_batch

        batch = load_batch(path)
        for problem in batch.left_out:
            print(f"  ! {problem}", file=sys.stderr)
        yield from batch
    elif is_written(path):
        try:
            yield written(path)
        except InvoiceInvalid as failure:
            yield failure
    else:
        yield paper(path)


def written(path: Path) -> Entry:
    """The entry of a `facture.yaml`. Raises InvoiceInvalid for one that is no YAML."""
    return Entry(str(path), read(path, InvoiceInvalid), is_written=True)


def paper(path: Path) -> Entry:
    """The entry of a PDF alone, which has no lines of text to point at."""
    return Entry(str(path), Document(path, {"file": path.name}, {(): 0}))
