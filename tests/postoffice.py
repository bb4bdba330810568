"""A real post office on this machine: an SMTP server that delivers into the mailbox of a real IMAP server."""

from __future__ import annotations

import contextlib
import imaplib
import socket
import subprocess
import sys
import threading
from types import TracebackType
from typing import Any

from aiosmtpd.controller import Controller

USER, PASSWORD = "zoe", "courrier-secret"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


class PostOffice:
    """Both servers, from `with` to its end. `smtp` is host:port for senders; `port`, `user`, `password` for readers."""

    user, password, host = USER, PASSWORD, "127.0.0.1"

    def __init__(self) -> None:
        self.port = _free_port()
        self._smtp_port = _free_port()
        self.smtp = f"{self.host}:{self._smtp_port}"
        self._controller = Controller(self, hostname=self.host, port=self._smtp_port, server_hostname="localhost")
        # Set for each mail that has been delivered.
        self.delivered = threading.Semaphore(0)

    def __enter__(self) -> PostOffice:
        command = [
            sys.executable, "-c", "from pymap.main import main; raise SystemExit(main())",
            "--host", self.host, "--port", str(self.port), "--no-tls", "--no-service", "admin", "--no-service",
            "managesieve", "dict", "--demo-data", "--demo-user", USER, "--demo-password", PASSWORD,
        ]  # fmt: skip
        self._imap = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while True:
            with contextlib.suppress(ConnectionError), self._signed_in():
                break
            assert self._imap.poll() is None, "the IMAP server did not start"
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()
        self._imap.terminate()
        self._imap.wait()

    @contextlib.contextmanager
    def _signed_in(self) -> Any:
        box = imaplib.IMAP4(self.host, self.port)
        box.login(USER, PASSWORD)
        yield box
        box.logout()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 (aiosmtpd calls it so)
        self.deliver(envelope.original_content or envelope.content)
        return "250 OK"

    def deliver(self, mail: bytes) -> None:
        """Puts a mail into the mailbox."""
        with self._signed_in() as box:
            box.append("INBOX", None, None, mail)
        self.delivered.release()

    def unread(self) -> int:
        """How many mails nobody has read."""
        with self._signed_in() as box:
            box.select("INBOX", readonly=True)
            return len(box.search(None, "UNSEEN")[1][0].split())
