"""The sample is an invoice that can be deposited, on any day."""

from __future__ import annotations

import datetime as dt

import pytest

from robot.checks import load_invoice
from robot.config import load_config
from robot.pdffile import text_of
from robot.sample import ENGAGEMENT, EXAMPLE_CONFIG, SUPPLIER_SIRET, write_sample


@pytest.mark.parametrize(
    ("date", "month"),
    [
        (dt.date(2026, 10, 31), "Octobre 2026"),
        (dt.date(2026, 10, 24), "Septembre 2026"),  # the last sessions of October are not over
        (dt.date(2026, 1, 1), "Décembre 2025"),
        (dt.date(2028, 2, 29), "Février 2028"),
    ],
)
def test_the_sample_is_ready_on_any_day(tmp_path, date, month):
    """Nothing to correct, nothing to ask; the PDF says what the file says."""
    path = write_sample(tmp_path / "new", number="DEMO-1", date=date)
    loaded = load_invoice(path, supplier=load_config(EXAMPLE_CONFIG).supplier.siret, today=date)
    text = text_of(loaded.invoice.file)
    assert loaded.findings == ()
    assert (loaded.invoice.number, loaded.invoice.date) == ("DEMO-1", date)
    assert [word for word in ("DEMO-1", month, SUPPLIER_SIRET, ENGAGEMENT, "600€") if word not in text] == []


def test_the_sample_has_an_attachment(tmp_path):
    """The tutorial's example: a « bilan »."""
    path = write_sample(tmp_path, number="DEMO-1", date=dt.date(2026, 10, 31))
    (attachment,) = load_invoice(path, supplier=SUPPLIER_SIRET).invoice.attachments
    assert (attachment.file.name, attachment.designation) == ("bilan.pdf", "document annexe")
    assert "secret professionnel" in text_of(attachment.file)
