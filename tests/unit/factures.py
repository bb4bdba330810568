"""Writes `facture.yaml` files for tests: a right one, with some keys changed."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from robot.checks import load_invoice
from robot.failures import InvoiceInvalid
from robot.invoice import Invoice

DATA = Path(__file__).parent.parent / "data"
SUPPLIER = "00020260600018"
UNIVERSITY = "19860856400375"
TODAY = dt.date(2026, 11, 2)

RIGHT = {
    "file": "facture.pdf",
    "number": '"2026-10-07"',
    "date": "2026-10-31",
    "recipient": f'{{siret: "{UNIVERSITY}"}}',
    "amounts": '{ht: "600.00", tva: "0.00", ttc: "600.00"}',
}


def write_facture(folder: Path, **changes: str | None) -> Path:
    """Writes a right `facture.yaml`, one key a line, with some keys changed; None takes a key away."""
    shutil.copy(DATA / "bilan.pdf", folder / "facture.pdf")
    shutil.copy(DATA / "bilan.pdf", folder / "bilan.pdf")
    path = folder / "facture.yaml"
    lines = [f"{key}: {value}\n" for key, value in (RIGHT | changes).items() if value is not None]
    path.write_text("".join(lines), encoding="utf-8")
    return path


def load(path: Path) -> Invoice:
    return load_invoice(path, supplier=SUPPLIER, today=TODAY).invoice


def problems_of(path: Path, supplier: str | None = SUPPLIER) -> list[tuple[str, int, str]]:
    """Code, line and sentence of each problem."""
    with pytest.raises(InvoiceInvalid) as caught:
        load_invoice(path, supplier=supplier, today=TODAY)
    return [(problem.code, problem.line, problem.what) for problem in caught.value.problems]
