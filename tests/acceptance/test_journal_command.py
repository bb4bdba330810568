"""What hangs is seen, and taken up by one command from anywhere, on the journal that the configuration names."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from benches import Bench, Ended, run_robot
from postgresql import Server, why_none
from test_crash import killed_at


@pytest.fixture(params=["file", "server"])
def journal(request: pytest.FixtureRequest) -> Iterator[str]:
    """What `journal:` of a configuration says: a path, or a server that several machines share."""
    if request.param == "file":
        yield "memoire/journal.sqlite3"
        return
    if reason := why_none():
        pytest.skip(reason)
    with Server() as server:
        url = f"postgresql://robot@127.0.0.1:{server.port}/{server.fresh().database}"
        request.getfixturevalue("monkeypatch").setenv("JOURNAL_SECRET", server.password)
        yield f"{{url: '{url}', password: {{env: JOURNAL_SECRET}}}}"


def ask(portal: Bench, *words: str) -> Ended:
    """`chorus-robot journal`, from a folder that has nothing to do with the deposit."""
    elsewhere = portal.folder / "ailleurs"
    elsewhere.mkdir(exist_ok=True)
    config = portal.folder / "config.yaml"
    return run_robot("journal", *words, "--config", config, "--json", env=portal.secrets, cwd=elsewhere)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
def test_a_deposit_that_was_killed_is_taken_up_from_anywhere(bench, journal):
    """Sent, but its certificate was lost with the robot: seen in the list, fetched, and nothing hangs any more."""
    portal = bench()
    config = portal.config()
    config.write_text(f"{config.read_text()}journal: {journal}\n")
    killed_at(portal, portal.facture("s03"), "DepositConfirmed")
    listed = ask(portal, "list", "--state", "attention").only
    assert (listed["state"], listed["portal_name"], listed["goal"]) == ("deposited", "essai", "send")
    taken = ask(portal, "resume").only
    assert (taken["outcome"], Path(taken["certificate"]).is_file()) == ("deposited", True), taken
    assert Path(taken["folder"]).parent == portal.folder / "depots"
    assert ask(portal, "list").only["state"] == "certified"
    assert ask(portal, "resume").lines == []
    shown = ask(portal, "show", listed["invoice"]).only
    assert [run["outcome"] for run in shown["runs"]] == [None, "deposited"]
    assert len(portal.stored(listed["invoice"])) == 1


def test_a_draft_that_is_taken_up_stays_a_draft(bench):
    """The goal is the one that was asked for: `resume` sends nothing that was never to be sent."""
    portal = bench()
    made = portal.deposit([portal.facture("s03")], "--draft").only
    assert ask(portal, "resume").lines == []
    again = ask(portal, "resume", made["invoice"])
    assert (again.only["outcome"], again.code) == ("draft", 0)
    assert "brouillon (--draft)" in again.stderr
    assert [invoice["status"] for invoice in portal.stored(made["invoice"])] == ["BROUILLON"]
