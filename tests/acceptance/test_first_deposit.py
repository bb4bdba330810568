"""From nothing to a first deposit: account, structure, session, invoice; a person at the window, another program."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from benches import Bench
from playwright.sync_api import Page
from somebody import Somebody, say_done, window

from robot import cli, handover
from robot.replica.register import CLOSED, TO_CREATE, TO_JOIN
from robot.replica.server import Replica

EMAIL = "zoe.martin@exemple.test"
# Its label may bear the star of a required field.
ACTIVE = re.compile(r"^(\* ?)?Actif$")
PASSWORD = "Bonne-Pratique-2026"


@dataclass
class Newcomer:
    """Somebody whom the portal does not know yet, with a configuration and a window."""

    replica: Replica
    generation: int
    folder: Path
    port: int
    capsys: pytest.CaptureFixture[str]
    siret: str = TO_CREATE
    # What was asked of the person, in order.
    asked: list[str] = field(default_factory=list)

    def config(self, **changes: Any) -> Path:
        place = {
            "url": self.replica.url,
            "hosts": self.replica.hosts,
            "sign_in_hosts": self.replica.sign_in_hosts,
            "generation": self.generation,
        }
        account = {
            "email": EMAIL,
            "password": {"env": "CHORUS_ROBOT_PASSWORD"},
            "second_factor": "person",
            "holder": {"first_name": "Zoé", "last_name": "Martin"},
        }
        path = self.folder / "config.yaml"
        facts = {
            "portal": "essai",
            "portals": {"essai": place},
            "account": account | changes,
            "supplier": {"siret": self.siret},
            "browser": {"timeout_seconds": 15},
        }
        path.write_text(yaml.safe_dump(facts, allow_unicode=True), encoding="utf-8")
        return path

    def types(self, *words: str | Path) -> dict[str, Any]:
        """Runs a command in this process; its line of JSON, with the exit code checked against it."""
        self.capsys.readouterr()
        if not (self.folder / "config.yaml").exists():
            self.config()
        with Somebody(self.port, self.do):
            code = cli.main([*map(str, words), "--config", str(self.folder / "config.yaml"), "--json"])
        said = self.capsys.readouterr()
        line: dict[str, Any] = json.loads(said.out.splitlines()[-1])
        assert line["exit_code"] == code
        print(said.err)
        return line

    def do(self, page: Page) -> None:
        """What a person does on each page where the robot waits for one."""
        if page.get_by_alt_text("Image de cinq caractères à recopier").count():
            self.asked.append("captcha")
            conditions = page.get_by_label("J'accepte les conditions")
            if conditions.count():
                conditions.check()
            page.get_by_label("Recopiez les caractères de l'image").fill(self.replica.captcha_answer())
            page.get_by_role("button", name=re.compile("^Valider( le Captcha)?$")).click()
        elif page.title().startswith("Demande enregistrée"):
            self.asked.append("mail")
            page.goto(self.replica.mails()[0].link)
        elif page.title().startswith("Choisir son mot de passe"):
            self.asked.append("question")
            page.get_by_label("Question secrète").select_option(index=1)
            page.get_by_role("textbox", name="Réponse secrète").fill("Médor")
            page.get_by_role("textbox", name="Réponse secrète").press("Enter")
        elif page.title().startswith("Vérification"):
            self.asked.append("code")
            code = re.search(r"\d{6}", self.replica.mails()[0].body)
            assert code
            page.locator("#otp").fill(code.group())
            page.locator("#otp").press("Enter")
        elif page.get_by_label(ACTIVE).count():
            if not page.get_by_label(ACTIVE).is_checked():
                self.asked.append("actif")
                page.get_by_label(ACTIVE).check()
            else:
                self.asked.append("adresse")
                say_done(page)


@pytest.fixture(params=[2024, 2021])
def newcomer(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Newcomer]:
    monkeypatch.setenv("CHORUS_ROBOT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CHORUS_ROBOT_PASSWORD", PASSWORD)
    monkeypatch.setattr(handover, "PATIENCE_SECONDS", 20)
    with Replica(request.param, suppliers=None) as replica, window(monkeypatch) as port:
        yield Newcomer(replica, request.param, tmp_path, port, capsys)


def test_from_nothing_to_a_first_deposit(newcomer: Newcomer):
    """Account, structure, session, deposit without a window; the person does what only a person may."""
    assert newcomer.types("account")["outcome"] == "created"
    assert newcomer.types("structure")["outcome"] == "attached"
    assert newcomer.types("login")["outcome"] == "signed-in"
    bench = Bench(newcomer.replica, newcomer.generation, newcomer.folder)
    asked = list(newcomer.asked)
    facture = bench.facture("s01", supplier={"siret": TO_CREATE})
    deposited = newcomer.types("deposit", facture, "--send", "--out", newcomer.folder / "depots")
    assert deposited["outcome"] == "deposited"
    assert newcomer.asked == asked
    assert [stored["supplier_siret"] for stored in newcomer.replica.invoices()] == [TO_CREATE]
    expected = {2024: ["captcha", "mail", "code", "actif", "adresse", "code"],
                2021: ["captcha", "mail", "question", "actif", "adresse"]}  # fmt: skip
    assert asked == expected[newcomer.generation]


@pytest.mark.parametrize("newcomer", [2024], indirect=True)
def test_a_request_that_waits_is_not_repeated(newcomer: Newcomer):
    """The gestionnaire principal must accept; the same command says where it stands, then that it is done."""
    newcomer.siret = TO_JOIN
    newcomer.types("account")
    assert newcomer.types("structure")["outcome"] == "pending"
    again = newcomer.types("structure")
    assert (again["outcome"], again["exit_code"]) == ("pending", 77)
    assert "gestionnaire principal" in again["message"]
    newcomer.replica.decide_membership(EMAIL, TO_JOIN, accepted=True)
    assert newcomer.types("structure")["outcome"] == "attached"


@pytest.mark.parametrize("newcomer", [2024], indirect=True)
def test_an_account_is_not_created_twice(newcomer: Newcomer):
    """Neither by the same command, nor by a robot that knows nothing of the first time."""
    newcomer.types("account")
    count = len(newcomer.replica.mails())
    assert newcomer.types("account")["outcome"] == "created"
    assert len(newcomer.replica.mails()) == count
    refused = newcomer.types("account", "--again")
    assert refused["outcome"] == "refused"
    assert "a déjà un compte" in refused["message"]


@pytest.mark.parametrize("newcomer", [2024], indirect=True)
def test_without_a_window_it_stops_where_a_person_is_needed(newcomer: Newcomer):
    """At the image; nothing is asked of the portal."""
    stopped = newcomer.types("account", "--headless")
    assert (stopped["outcome"], stopped["exit_code"]) == ("needs-person", 77)
    assert "Recopiez" in stopped["message"] or "recopiez" in stopped["message"]
    assert newcomer.replica.mails() == []


@pytest.mark.parametrize(("siret", "sentence"), [(CLOSED, "n'est plus actif"), ("00020260600018", "ne trouve pas ce SIRET")])
def test_a_siret_that_cannot_be_is_told(newcomer: Newcomer, siret: str, sentence: str):
    """Closed or unknown: at sign-up in 2021, when the structure is created today."""
    newcomer.siret = siret
    ended = newcomer.types("account")
    if newcomer.generation == 2024:
        ended = newcomer.types("structure")
    assert ended["outcome"] == "refused"
    assert sentence in ended["message"]


# In 2021 the secret question leaves that page to the person, who reads the complaint there.
@pytest.mark.parametrize("newcomer", [2024], indirect=True)
def test_a_weak_password_is_told(newcomer: Newcomer, monkeypatch: pytest.MonkeyPatch):
    """Its owner chooses another one; the same command goes on from there, with the same link."""
    monkeypatch.setenv("CHORUS_ROBOT_PASSWORD", "court")
    refused = newcomer.types("account")
    assert (refused["outcome"], refused["exit_code"]) == ("refused", 1)
    assert "trop faible" in refused["message"]
    monkeypatch.setenv("CHORUS_ROBOT_PASSWORD", PASSWORD)
    assert newcomer.types("account", "--link", newcomer.replica.mails()[0].link)["outcome"] == "created"
    assert len(newcomer.replica.mails()) == 1


def test_a_link_followed_too_late_is_told(newcomer: Newcomer):
    """By the person in the window, or given to the command."""
    newcomer.replica._state.identity._link_seconds = -1
    for more in ((), ("--link", "")):
        words = [word or newcomer.replica.mails()[0].link for word in more]
        late = newcomer.types("account", *words)
        assert late["outcome"] == "refused"
        assert "60 minutes" in late["message"]
