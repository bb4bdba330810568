"""The mail is read over real IMAP: only what came after the request, only what leads where it is allowed."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from postoffice import PostOffice
from pydantic import ValidationError

from robot.codes import code_of
from robot.failures import DecisionNeeded
from robot.gate import host_of
from robot.letters import read_letter
from robot.mailbox import (
    Mailbox,
    MailboxRefused,
    MailboxSettings,
    MailboxUnreachable,
    MailMissing,
    Mark,
)
from robot.replica.server import Replica

PORTAL = "https://portail.exemple.test"
TO = "zoe@exemple.test"


@pytest.fixture(scope="module")
def post() -> Iterator[PostOffice]:
    with PostOffice() as office:
        yield office


def mailbox(post: PostOffice, tmp_path: Path, **changes: Any) -> Mailbox:
    secret = tmp_path / "courrier"
    secret.write_text(changes.pop("password", post.password))
    secret.chmod(0o600)
    facts = {"host": post.host, "port": post.port, "user": post.user, "security": "none"} | changes
    return Mailbox(MailboxSettings.model_validate({**facts, "password": {"file": secret}}))


def mail(text: str, html: str = "", subject: str = "Activez votre compte Chorus Pro") -> bytes:
    sent = EmailMessage()
    sent["From"], sent["To"], sent["Subject"] = "portail@exemple.test", TO, subject
    sent.set_content(text)
    if html:
        sent.add_alternative(html, subtype="html")
    return bytes(sent)


def allowed(address: str) -> bool:
    return host_of(address) in ("portail.exemple.test", "idp.exemple.test")


def link(box: Mailbox, since: Mark, seconds: float = 0.2) -> str:
    return box.wait_for_link(since, allowed=allowed, to=TO, wait_seconds=seconds).get_secret_value()


def test_the_link_of_a_mail_that_comes_after_the_mark(post, tmp_path):
    """Not that of an older one; and the mail stays unread."""
    box = mailbox(post, tmp_path)
    post.deliver(mail(f"Activez : {PORTAL}/activation?jeton=vieux-jeton-1234567890"))
    since = Mark.parse(str(box.mark()))
    with pytest.raises(MailMissing):
        link(box, since)
    unread = post.unread()
    post.deliver(mail(f"Activez votre compte : {PORTAL}/activation?jeton=neuf-jeton-1234567890"))
    assert link(box, since) == f"{PORTAL}/activation?jeton=neuf-jeton-1234567890"
    assert post.unread() == unread + 1


@pytest.mark.parametrize(
    "address",
    [
        "https://portail.exemple.test.pirate.example/activation?jeton=abcdefghijklmnopqrst",
        "https://portail.exemple.test@pirate.example/activation?jeton=abcdefghijklmnopqrst",
        "https://portail.exemple.test:8443/activation?jeton=abcdefghijklmnopqrst",
        "http://portail.exemple.test/activation?jeton=abcdefghijklmnopqrst",
    ],
)
def test_a_link_that_leads_elsewhere_is_not_followed(post, tmp_path, address):
    """Whatever is written over it."""
    box = mailbox(post, tmp_path)
    since = box.mark()
    post.deliver(mail("Activez votre compte", f'<p>Activez : <a href="{address}">{PORTAL}/activation</a></p>'))
    with pytest.raises(MailMissing):
        link(box, since)


def test_two_links_that_may_be_it_are_a_persons(post, tmp_path):
    """The robot does not draw lots."""
    box = mailbox(post, tmp_path)
    since = box.mark()
    two = "\n".join(f"Activez votre compte : {PORTAL}/activation?jeton={letter * 20}" for letter in "ab")
    post.deliver(mail(two))
    with pytest.raises(DecisionNeeded) as caught:
        link(box, since)
    assert "aaaa" not in str(caught.value)


def test_the_code_of_the_newest_mail(post, tmp_path):
    """Six digits, not those of an older mail."""
    box = mailbox(post, tmp_path)
    post.deliver(mail("Votre code de connexion est 111111.", subject="Code"))
    since = box.mark()
    post.deliver(mail("Votre code de connexion est 222222.", subject="Code"))
    assert box.wait_for_code(since, to=TO, wait_seconds=1).get_secret_value() == "222222"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Votre code : 482913.", "482913"),
        ("Code de vérification 482 913 (valable 10 minutes)", "482913"),
        ("Le 23/11/2026 votre code est 0042.", "0042"),
        ("Facture 2026-10, montant 120,50", None),
        ("Appelez le 06 12 34 56 78", None),
    ],
)
def test_codes_are_told_from_other_numbers(text, code):
    """A date, a telephone number and an amount are no codes."""
    found = code_of(read_letter(mail(text, subject="Connexion")))
    assert (found.get_secret_value() if found else None) == code


def test_two_codes_are_a_persons():
    """The robot does not draw lots."""
    with pytest.raises(DecisionNeeded):
        code_of(read_letter(mail("Votre code est 111111, ou votre code est 222222.", subject="Connexion")))


def test_a_wrong_password_is_told(post, tmp_path):
    """With the mailbox's name."""
    with pytest.raises(MailboxRefused, match=post.user):
        mailbox(post, tmp_path, password="faux").mark()


def test_a_server_that_does_not_answer_is_told(post, tmp_path):
    """With its address."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(MailboxUnreachable, match=r"127\.0\.0\.1"):
        mailbox(post, tmp_path, port=port).mark()


def test_a_password_is_not_sent_in_the_open():
    """Without encryption only on this machine."""
    facts = {"host": "imap.exemple.test", "user": "u", "password": {"env": "X"}, "security": "none"}
    with pytest.raises(ValidationError, match="en clair"):
        MailboxSettings.model_validate(facts)


def test_the_replicas_mail_arrives(post, tmp_path):
    """Sent over SMTP, read over IMAP."""
    box = mailbox(post, tmp_path)
    since = box.mark()
    with Replica(2024, smtp=post.smtp) as replica:
        replica._state.identity.mail(TO, "Votre code de connexion", "Votre code de connexion est 135790.")
        assert box.wait_for_code(since, to=TO, wait_seconds=10).get_secret_value() == "135790"
