"""A check as a person asks for it: what it may do, what is kept in the journal, how it is told, with which exit code."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from factures import SUPPLIER, write_facture

from robot.config import Config
from robot.deposits import Key, State
from robot.events import Confirming, DepositConfirmed
from robot.failures import AlreadyDeposited, CommandInvalid, ConfigInvalid, SignInNeeded
from robot.journal import Journal
from robot.review import reviewed_flows
from robot.screens import Flows
from robot.sealed import SavedSessions
from robot.session import Destination
from robot.tutorial.checkup import Order, carry_out, chosen, exit_code_of, load_check, sentinel
from robot.tutorial.contract import Contract
from robot.tutorial.portalcheck import Checked, Reach
from robot.tutorial.report import write_report
from robot.tutorial.sending import held
from robot.tutorial.telling import table
from robot.tutorial.verdicts import Cause, Check, Finding, Holding, Mend, Verdict

CONFIG: dict[str, Any] = {
    "portal": "essai",
    "portals": {"essai": {"url": "https://portail.test/", "hosts": ["portail.test"], "sign_in_hosts": ["portail.test"]}},
    "account": {
        "email": "moi@exemple.test",
        "password": {"env": "CHORUS_ROBOT_PASSWORD"},
        "second_factor": {"totp": {"env": "CHORUS_ROBOT_TOTP"}},
    },
    "supplier": {"siret": SUPPLIER},
}
KEY = Key("portail.test", SUPPLIER, "2026-10-07")


@pytest.fixture(autouse=True)
def own_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHORUS_ROBOT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def flows() -> Flows:
    return reviewed_flows()


@pytest.fixture
def elsewhere(flows: Flows, tmp_path: Path) -> tuple[Config, Destination]:
    """A portal that is not the embedded replica."""
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(CONFIG))
    return chosen(flows, config=path, portal=None)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "journal.sqlite3") as journal:
        yield journal


def verdict(line: str, holding: Holding = Holding.HOLDS, cause: Cause | None = None, detail: str = "") -> Verdict:
    return Verdict(line, "Faire ceci.", (), holding, (Finding("cela", holding, detail=detail),), cause)


def check(*verdicts: Verdict, **facts: Any) -> Check:
    at = dt.datetime(2026, 3, 9, 8, tzinfo=dt.UTC)
    return Check("run", at, "essai", "portail.test", "2024", "draft", verdicts, **facts)


# --- which portal --------------------------------------------------------------------------------------------------


def test_without_any_configuration_the_replica_is_there(flows):
    """Somebody who has just installed the robot can check the tutorial."""
    _, destination = chosen(flows, config=None, portal=None, generation="2021")
    assert destination.embedded == "2021"


def test_the_generation_is_chosen_for_the_embedded_replica_alone(flows, tmp_path):
    """Another portal is what it is."""
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(CONFIG))
    with pytest.raises(CommandInvalid, match="réplique intégrée seulement"):
        chosen(flows, config=None, portal=None, generation="2021")


# --- what it may do ------------------------------------------------------------------------------------------------


def test_the_sentinel_wants_a_saved_session(elsewhere):
    """It types no password, so there is nothing to begin without one."""
    with pytest.raises(SignInNeeded, match="chorus-robot login --portal essai"):
        sentinel(*elsewhere)


def test_the_sentinel_does_not_even_know_the_secrets(elsewhere):
    """A session that turns out to be dead cannot be opened anew by it."""
    config, destination = elsewhere
    state: Any = {"cookies": [], "origins": []}
    SavedSessions().save("portail.test", config.account.email, state, destination.place.hosts)
    account = sentinel(config, destination).account
    assert (account.password, account.second_factor.is_on_this_machine) == (None, False)


def test_nothing_fictitious_is_ever_sent_to_a_portal(elsewhere, flows, journal, tmp_path):
    """--send wants an invoice of one's own, before any browser opens."""
    order = Order(flows, *elsewhere, reach=Reach.SEND, journeys=("depot",))
    with pytest.raises(CommandInvalid, match="--facture"):
        carry_out(order, journal, tmp_path / "out")


def test_a_menu_under_one_s_name_wants_the_name(elsewhere, flows, journal, tmp_path):
    """Told at once, not as a screen that changed."""
    with pytest.raises(ConfigInvalid, match="holder"):
        carry_out(Order(flows, *elsewhere), journal, tmp_path / "out")


def test_an_invoice_that_is_sent_is_in_the_journal(elsewhere, journal, tmp_path):
    """So that no deposit sends it again."""
    with held(write_facture(tmp_path), *elsewhere, journal) as hear:
        hear(Confirming(subject="", dialog=""))
        doubtful = journal.deposit(KEY)
        hear(DepositConfirmed(digest="abc", summary=""))
    kept = journal.deposit(KEY)
    assert doubtful and kept
    assert (doubtful.state, kept.state, kept.digest) == (State.CONFIRMING, State.DEPOSITED, "abc")


def test_a_check_that_dies_while_sending_leaves_a_doubt(elsewhere, journal, tmp_path):
    """The next deposit of that invoice asks the portal first."""
    with pytest.raises(ZeroDivisionError), held(write_facture(tmp_path), *elsewhere, journal) as hear:
        hear(Confirming(subject="", dialog=""))
        raise ZeroDivisionError
    kept = journal.deposit(KEY)
    assert kept and kept.state is State.UNKNOWN


def test_an_invoice_that_the_journal_knows_is_not_taken(elsewhere, journal, tmp_path):
    """A check has no business with a deposit under way."""
    facture = write_facture(tmp_path)
    with held(facture, *elsewhere, journal) as hear:
        hear(Confirming(subject="", dialog=""))
    with pytest.raises(AlreadyDeposited), held(facture, *elsewhere, journal):
        pass


# --- how it ended ----------------------------------------------------------------------------------------------------

GONE = verdict("3.5", Holding.GONE, Cause.PORTAL)
OLD = verdict("3.5", Holding.DRIFTED, Cause.TUTORIAL)
CADRE = "flows/3-depot/20-cadre-de-facturation.yaml"
MEND = Mend(CADRE, "cadre-de-facturation", ("elements", "continuer", "button"), "Poursuivre", "3.8")


@pytest.mark.parametrize(
    ("ended", "code"),
    [
        (check(verdict("3.5")), 0),
        (check(verdict("3.5", Holding.PERSON)), 0),
        (check(OLD), 1),
        (check(news=(Finding("un champ", Holding.NEW),)), 1),
        (check(GONE), 70),
        (check(OLD, mends=(MEND,)), 70),
        (check(stops={"depot": "…"}, cause=Cause.ROBOT), 70),
        (check(OLD, stops={"depot": "…"}, cause=Cause.DOWN), 75),
        (check(OLD, stops={"depot": "…"}), 77),
        (check(stops={"depot": "…"}, cause=Cause.DOWN, mends=(MEND,)), 70),
    ],
)
def test_the_exit_code_says_who_must_act(ended, code):
    """Nobody, who keeps the tutorial, who keeps the flows, time, or a person at the portal; the worst of all."""
    assert exit_code_of(ended) == code


def test_the_table_begins_with_what_changed(tmp_path):
    """Then what could not be checked, the same reason once; what holds is counted."""
    shown = table(
        check(
            verdict("3.1"),
            verdict("3.2", Holding.PERSON, detail="à vous"),
            verdict("3.3", Holding.PERSON, detail="à vous"),
            verdict("3.4", Holding.DRIFTED, detail="autres mots"),
            verdict("3.5", Holding.GONE, detail="plus là"),
            verdict("3.6", Holding.PERSON, detail="à vous"),
        )
    )
    assert [" ".join(line.split()) for line in shown.splitlines()][1:] == [
        "3.5 disparu plus là",
        "3.4 libellé changé autres mots",
        "3.2 à 3.3 non vérifiable sans une personne à vous",
        "3.6 non vérifiable sans une personne à vous",
        "1 ligne sur 6 toujours vraie.",
    ]


def test_a_portal_s_words_do_nothing_to_the_terminal():
    """An escape sequence in a label is shown as a space."""
    assert "\x1b" not in table(check(verdict("3.5", Holding.DRIFTED, detail="\x1b[2Jperdu")))


def test_a_check_is_read_again_as_its_report_keeps_it(flows, tmp_path):
    """`--chorus-from` tells of it what the check itself told."""
    told = check(GONE, OLD, mends=(MEND,), stops={"depot": "…"}, cause=Cause.DOWN)
    contract = Contract(portal="essai", generation="2024")
    write_report(Checked(told, contract, contract, tmp_path), flows, tmp_path)
    assert load_check(tmp_path / "rapport.json") == told
