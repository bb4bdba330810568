"""The robot dies at the worst moments; the invoice is sent once, and its certificate comes back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

# Kills its own process, as kill -9 does, when the journal is told of an event.
KILLED = """
import os, signal, sys
from robot import events, recorder
told = recorder.Recorder.__call__
def die(self, event):
    told(self, event)
    if type(event).__name__ == os.environ["DIE_AT"]:
        os.kill(os.getpid(), signal.SIGKILL)
recorder.Recorder.__call__ = die
from robot.cli import main
sys.exit(main(sys.argv[1:]))
"""


def killed_at(portal, facture, moment: str) -> None:
    config, out = portal.folder / "config.yaml", portal.folder / "depots"
    command = [sys.executable, "-c", KILLED, "deposit", facture, "--config", config, "--send", "--out", out]
    env = {**os.environ, **portal.secrets, "DIE_AT": moment}
    ended = subprocess.run(command, env=env, cwd=portal.folder, capture_output=True, timeout=120)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()[-2000:]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
@pytest.mark.parametrize("moment", ["ReadBackDone", "Confirming", "DepositConfirmed", "CertificateSaved"])
def test_whatever_dies_when_the_invoice_is_sent_once(bench, moment):
    """Before, at and after the send: the same command again ends with one deposit, its certificate, and no draft."""
    portal = bench()
    portal.config()
    facture = portal.facture("s03")
    killed_at(portal, facture, moment)
    again = portal.deposit([facture], "--send").only
    assert again["outcome"] in ("deposited", "already-deposited"), again
    assert again["certificate"]
    assert [invoice["status"] for invoice in portal.replica.invoices()] == ["DEPOSEE"]
