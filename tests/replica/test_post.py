"""Mails that leave over SMTP, to a real server of this machine."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from queue import Queue

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from newcomer import EMAIL, Newcomer

from robot.replica.server import Replica


class Mailbox:
    """What the server received."""

    def __init__(self) -> None:
        self.received: Queue[EmailMessage] = Queue()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.received.put(message)
        return "250 OK"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as place:
        return int(place.getsockname()[1])


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, str]]:
    """A mailbox, and host:port of its server."""
    mailbox, port = Mailbox(), free_port()
    server = Controller(mailbox, hostname="127.0.0.1", port=port, server_hostname="localhost")
    server.start()
    yield mailbox, f"127.0.0.1:{port}"
    server.stop()


def test_the_activation_mail_leaves_with_its_link(mailbox):
    """As text and as HTML, to the person, from a sender that is nobody's."""
    received, address = mailbox
    with Replica(smtp=address, suppliers=None) as replica:
        Newcomer(replica).ask()
        link = replica.mails()[0].link
    mail = received.received.get(timeout=10)
    assert (mail["To"], mail["From"]) == (EMAIL, "ne-pas-repondre@replique.example")
    for kind in ("plain", "html"):
        body = mail.get_body((kind,)).get_content()
        assert link in body
        assert "Courriel d'entraînement" in body


def test_codes_leave_the_same_way(mailbox):
    """To whoever signs in."""
    received, address = mailbox
    with Replica(smtp=address) as replica:
        newcomer = Newcomer(replica)
        newcomer.open("/aife_csm/connexion")
        newcomer.give_password()
    mail = received.received.get(timeout=10)
    assert mail["To"] == replica.account.email
    assert "code de connexion" in mail.get_body(("plain",)).get_content()


def test_without_a_server_the_mail_is_shown_and_said_to_be_stuck(caplog):
    """The journey goes on: the mail is in the training mailbox."""
    with caplog.at_level(logging.WARNING), Replica(smtp=f"127.0.0.1:{free_port()}", suppliers=None) as replica:
        Newcomer(replica).ask()
        assert len(replica.mails()) == 1
    assert "n'est pas parti par 127.0.0.1" in caplog.text
