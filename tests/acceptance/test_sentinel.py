"""The weekly look at a real portal: with the saved session only, up to the deposit's window, and nothing left behind."""

from __future__ import annotations

from benches import run_robot

from robot.config import load_config
from robot.events import Announcer
from robot.review import reviewed_flows
from robot.runner import Runner
from robot.sealed import SavedSessions
from robot.session import destination_of, open_session, portal_key
from robot.steps import Goal


def save_session(bench) -> None:
    """What `chorus-robot login` leaves, a person having signed in."""
    flows, path = reviewed_flows(), bench.folder / "config.yaml"
    config = load_config(path)
    destination = destination_of(config, None, flows, path)
    with open_session(config, flows, destination, account=config.sign_in()) as session:
        values = {"account": session.account}
        runner = Runner(session.portal, session.flows, goal=Goal.DRY_RUN, values=values, subject="", announce=Announcer())
        runner.run(session.flows.journeys["se-connecter"])
        SavedSessions().save(portal_key(session.place), session.account.email, session.state(), session.place.hosts)


def test_the_sentinel_looks_and_leaves_nothing(bench, monkeypatch):
    """No password is there to be typed; what lies behind the choice of a file is not looked at."""
    here = bench(2024)
    config = here.config()
    with monkeypatch.context() as patch:
        for name, value in here.secrets.items():
            patch.setenv(name, value)
        save_session(here)
    words = ("tutorial", "--read-only", "--journey", "depot", "--config", config, "--json", "--out", here.folder / "out")
    ended = run_robot(*words, cwd=here.folder)
    lines = ended.only["lines"]
    assert (ended.code, ended.only["stops"], ended.only["reach"]) == (1, {}, "read-only")
    assert (lines["3.3"], lines["3.8"], lines["3.9"], lines["3.20"]) == ("drifted", "drifted", "person", "person")
    assert here.replica.invoices() == []
