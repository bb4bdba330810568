"""Every fault at every step: the command ends by itself with a sentence, and the same command again makes it good."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from benches import suppliers
from trials import Door, Trial

from robot.replica.faults import KINDS, STEPS
from robot.replica.server import Replica

# What costs most in life; under --campaign-count, every fault at every step where it makes sense.
FEW = (
    "cut-before-commit", "cut-after-commit", "page-never-loads@envoi*1", "session-lost@formulaire",
    "certificate-of-another",
)  # fmt: skip
ALL = tuple(f"{name}@{step}" for name, kind in KINDS.items() for step in kind.steps or STEPS)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "fault" in metafunc.fixturenames:
        metafunc.parametrize("fault", ALL if metafunc.config.getoption("campaign_count") else FEW)


@pytest.fixture
def replica() -> Iterator[Replica]:
    """One portal for each fault: it may forget its sessions."""
    with Replica(generation=2024, suppliers=suppliers()) as running:
        yield running


@pytest.mark.campaign("every fault of the portal")
def test_a_fault_is_survived(fault: str, replica: Replica, folder: Path):
    trial = Trial(Door(replica.url, replica.hosts, replica.sign_in_hosts, 2024), folder, "PANNE-1", timeout_seconds=6)
    replica.arm(fault)
    ended = trial.run()
    line = ended.only
    assert "Traceback" not in ended.stderr
    # Under --campaign-count faults are armed at steps, too, that a deposit does not visit.
    assert replica.faults.struck or fault not in FEW
    sent = [invoice["status"] for invoice in trial.door.stored("PANNE-1") if invoice["status"] != "BROUILLON"]
    if line["outcome"] == "deposited":
        trial.expect_once(ended)
    else:
        assert line["exit_code"] in (1, 70, 75, 76, 77), line
        assert line["message"]
        # « Refusée » or « rien n'est parti » is never said of an invoice that the portal has.
        assert not sent or line["outcome"] == "unknown", line
    replica.disarm()
    trial.again()
