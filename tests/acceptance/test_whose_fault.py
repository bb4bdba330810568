"""A walk that stops somewhere: the same flow on the training replica tells whether the portal changed or the robot is wrong."""

from __future__ import annotations

import shutil

from robot.config import load_config
from robot.journal import Journal
from robot.review import reviewed_flows
from robot.screens import FLOWS_DIR, Flows
from robot.session import destination_of
from robot.tutorial.portalcheck import Reach, check_portal
from robot.tutorial.verdicts import Cause, Check

# The deposit's tab leads nowhere any more.
_DEAD_TAB = """addEventListener("click", (event) => {
  if (/^Dépos/.test(event.target.closest("a, button")?.textContent.trim() || "")) event.preventDefault();
}, true)"""


def checked(here, flows: Flows, script: str = "") -> Check:
    """What a read-only check says of a portal that a profile names."""
    path = here.folder / "config.yaml"
    here.config()
    config = load_config(path)
    config = config.model_copy(update={"browser": config.browser.model_copy(update={"timeout_seconds": 4.0})})
    with Journal(here.folder / "journal.sqlite3") as journal:
        return check_portal(
            config,
            flows,
            destination_of(config, None, flows, path),
            journal=journal,
            folder=here.folder / "check",
            reach=Reach.READ_ONLY,
            journeys=("depot",),
            prepare=lambda context: context.add_init_script(script),
        ).check


def test_what_goes_on_the_replica_and_not_on_the_portal_is_the_portals(bench, monkeypatch):
    here = bench(2024)
    for name, value in here.secrets.items():
        monkeypatch.setenv(name, value)
    check = checked(here, reviewed_flows(), _DEAD_TAB)
    assert check.stops
    assert check.cause is Cause.PORTAL


def test_what_goes_nowhere_is_the_robots(bench, monkeypatch):
    """A flow that presses another tab."""
    here = bench(2024)
    for name, value in here.secrets.items():
        monkeypatch.setenv(name, value)
    root = here.folder / "flows"
    shutil.copytree(FLOWS_DIR, root)
    tabs = next(root.glob("*/*factures-emises.yaml"))
    text = tabs.read_text("utf-8")
    tabs.write_text(text.replace('"Déposer facture": avis-2026-08', '"Rechercher": avis-2026-08'), "utf-8")
    check = checked(here, reviewed_flows(root))
    assert check.stops
    assert check.cause is Cause.ROBOT
