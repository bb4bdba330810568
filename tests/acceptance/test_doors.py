"""The portal's doors: each refusal has its own sentence, and says who must act."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import yaml
from benches import Bench
from postoffice import PostOffice

from robot.replica.server import Replica


def test_a_wrong_code_is_told(bench: Callable[..., Bench]):
    """The secret is another account's; it is tried once."""
    essai = bench(2024)
    ended = essai.deposit([essai.facture("s01")], "--dry-run", env={"CHORUS_ROBOT_TOTP": "KRSXG5CTMVRXEZLU"})
    assert (ended.code, ended.outcomes) == (77, ["needs-person"])
    assert "refuse ce code" in ended.only["message"]


def test_a_locked_account_is_told(bench: Callable[..., Bench]):
    """After five wrong passwords, whoever typed them."""
    essai = bench(2024)
    for _ in range(5):
        essai.replica._state.identity.is_password(essai.replica.account.email, "faux")
    ended = essai.deposit([essai.facture("s01")], "--dry-run")
    assert ended.code == 77
    assert "débloque au bout d'une heure" in ended.only["message"]


def test_a_third_password_is_not_tried(bench: Callable[..., Bench]):
    """Two runs with a wrong one; the third stops before a browser opens, and the account is not locked."""
    essai = bench(2024)
    for _ in range(2):
        essai.deposit([essai.facture("s01")], "--dry-run", env={"CHORUS_ROBOT_PASSWORD": "faux"})
    third = essai.deposit([essai.facture("s01")], "--dry-run")
    assert third.code == 77
    assert "troisième" in third.only["message"]


def test_the_code_comes_by_mail(tmp_path: Path, monkeypatch):
    """Sent by the portal over SMTP, read by the robot over IMAP."""
    monkeypatch.setenv("CHORUS_ROBOT_HOME", str(tmp_path / "home"))
    with PostOffice() as post, Replica(2024, suppliers=[("00010101400017", "EXEMPLE")], smtp=post.smtp) as replica:
        essai = Bench(replica, 2024, tmp_path)
        config = essai.config()
        facts = yaml.safe_load(config.read_text())
        facts["account"]["second_factor"] = "mail"
        facts["account"]["mailbox"] = {
            "host": post.host, "port": post.port, "user": post.user, "security": "none",
            "password": {"env": "COURRIER"},
        }  # fmt: skip
        config.write_text(yaml.safe_dump(facts, allow_unicode=True))
        ended = essai.deposit([essai.facture("s01")], "--dry-run", env={"COURRIER": post.password})
    assert (ended.code, ended.outcomes) == (0, ["filled"])
    assert "contre l'avis de l'AIFE" in ended.stderr


def test_a_session_lost_in_the_middle_is_told(tmp_path: Path, monkeypatch):
    """Nothing is typed on the sign-in page that comes instead of the next screen."""
    monkeypatch.setenv("CHORUS_ROBOT_HOME", str(tmp_path / "home"))
    with Replica(2024, suppliers=[("00010101400017", "EXEMPLE")], delay_ms=100) as replica:
        over = threading.Event()

        def forget() -> None:
            """Once the form is open."""
            while not replica.invoices() and not over.wait(0.02):
                pass
            replica.end_sessions()

        forgetting = threading.Thread(target=forget)
        forgetting.start()
        essai = Bench(replica, 2024, tmp_path)
        ended = essai.deposit([essai.facture("s01", attachments=1)], "--send")
        over.set()
        forgetting.join()
    assert (ended.code, ended.outcomes) == (77, ["needs-person"])
    assert "session est perdue" in ended.only["message"]
    assert [stored["status"] for stored in replica.invoices()] == ["BROUILLON"]
