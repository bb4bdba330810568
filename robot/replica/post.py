"""Sends the replica's mails over SMTP, where it was told of a server; else they stay in its own mailbox page."""

from __future__ import annotations

import html
import logging
import smtplib
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage

from robot.replica.records import Mail

SENDER = "ne-pas-repondre@replique.example"
_SECONDS = 10
_LOG = logging.getLogger(__name__)


class Post:
    """One sender of mails; a portal does not wait for its mails to leave."""

    def __init__(self, smtp: str | None) -> None:
        """`smtp`: host:port, or None."""
        self._smtp = smtp
        self._sender = ThreadPoolExecutor(1, thread_name_prefix="replica-post")

    def __call__(self, mail: Mail) -> None:
        if self._smtp:
            self._sender.submit(self._send, mail)

    def close(self) -> None:
        self._sender.shutdown()

    def _send(self, mail: Mail) -> None:
        host, _, port = (self._smtp or "").rpartition(":")
        try:
            # With a name of its own, it does not ask the network for this machine's.
            with smtplib.SMTP(host, int(port), local_hostname="localhost", timeout=_SECONDS) as server:
                server.send_message(message(mail))
        except (OSError, smtplib.SMTPException, ValueError) as error:
            _LOG.warning(
                "Le courriel « %s » n'est pas parti par %s (%s) ; il reste dans la boîte aux lettres d'entraînement.",
                mail.subject,
                self._smtp,
                error,
            )


def message(mail: Mail) -> EmailMessage:
    """The mail as it travels: text and HTML."""
    note = "Courriel d'entraînement, envoyé par une réplique : ce n'est pas Chorus Pro."
    sent = EmailMessage()
    sent["From"], sent["To"], sent["Subject"], sent["Date"] = SENDER, mail.to, mail.subject, mail.at
    sent.set_content(f"{mail.body}\n{mail.link}\n\n{note}\n")
    link = f'<p><a href="{html.escape(mail.link)}">{html.escape(mail.subject)}</a></p>' if mail.link else ""
    sent.add_alternative(f"<p>{html.escape(mail.body)}</p>{link}<p><small>{note}</small></p>", subtype="html")
    return sent
