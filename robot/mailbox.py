"""The person's mailbox, read over IMAP where they configured one: the activation link, the code of the second factor.

Only mails that came after a mark count; nothing is marked as read, moved or deleted. What a mail says is in `letters.py`.
"""

from __future__ import annotations

import contextlib
import imaplib
import re
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from imap_tools import BaseMailBox, MailBox, MailboxLoginError, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError
from pydantic import SecretStr, ValidationInfo, field_validator

from robot.account import Secret
from robot.codes import code_of
from robot.failures import CommandInvalid, PersonNeeded, PortalUnavailable
from robot.letters import Letter, activation_link, foreign_hosts, is_loopback, preferred, read_letter
from robot.redaction import secret_address
from robot.rules import Record, broken

_CONNECT_SECONDS = 20
# How often a server without IDLE is asked, and how long one with IDLE is listened to at once.
_POLL_SECONDS = 3
# A mail of this size is not the one waited for.
_MAX_BYTES = 1_000_000
_MAX_MAILS = 50
CODE_SECONDS = 120
# A name of at most 63 letters between dots, or an address.
_HOST = re.compile(r"[^\W_](?:[\w-]{0,61}[^\W_])?(?:\.[^\W_](?:[\w-]{0,61}[^\W_])?){0,9}\.?|[0-9A-Fa-f:]{2,45}")

T = TypeVar("T")


class MailboxSettings(Record):
    """Where the person's mail is."""

    host: str
    port: int | None = None
    user: str
    password: Secret
    folder: str = "INBOX"
    # none: only on this machine, for trials.
    security: Literal["tls", "starttls", "none"] = "tls"

    @field_validator("host")
    @classmethod
    def _is_host(cls, host: str) -> str:
        if not _HOST.fullmatch(host):
            raise broken("COURRIER_HOTE", f"« {host} » n'est pas un serveur de courrier.", expected="imap.exemple.fr")
        return host

    @field_validator("port")
    @classmethod
    def _is_port(cls, port: int | None) -> int | None:
        if port is not None and not 0 < port < 65536:
            raise broken("COURRIER_PORT", f"Le port du courrier vaut {port}.", expected="un nombre de 1 à 65535")
        return port

    @field_validator("password", mode="before")
    @classmethod
    def _is_given(cls, password: Any) -> Any:
        return {} if password is None else password

    @field_validator("security")
    @classmethod
    def _is_secret_on_its_way(cls, security: str, info: ValidationInfo) -> str:
        if security == "none" and not is_loopback(str(info.data.get("host", ""))):
            raise broken(
                "COURRIER_EN_CLAIR",
                "security: none enverrait le mot de passe du courrier en clair.",
                expected="tls, ou starttls",
            )
        return security


@dataclass(frozen=True)
class Mark:
    """What the folder held at one moment: a later mail has a number from `following` on (RFC 3501, UIDNEXT)."""

    validity: int
    following: int

    def __str__(self) -> str:
        return f"{self.validity}:{self.following}"

    @classmethod
    def parse(cls, text: str) -> Mark:
        validity, _, following = text.partition(":")
        return cls(int(validity), int(following))


class MailMissing(PersonNeeded):
    """Le courriel attendu n'est pas arrivé."""


class MailboxRefused(CommandInvalid):
    """La boîte aux lettres refuse le mot de passe."""


class MailboxUnreachable(PortalUnavailable):
    """La boîte aux lettres ne répond pas."""


class Mailbox:
    """The folder that mails of the portal arrive in. Each call opens and closes its own connection."""

    def __init__(self, settings: MailboxSettings, *, notice: Callable[[str], None] = lambda _message: None) -> None:
        self._settings = settings
        self._notice = notice
        self._told: set[str] = set()

    def mark(self) -> Mark:
        """What is there now. Raises MailboxRefused, MailboxUnreachable."""
        with self._opened() as box:
            return self._status(box)

    def wait_for_link(
        self, since: Mark, *, allowed: Callable[[str], bool], to: str, wait_seconds: float
    ) -> SecretStr:
        """The activation link of a mail that came after the mark and leads where it is allowed.

        Raises MailMissing when the time is over, DecisionNeeded where two links may be it.
        """

        def find(letter: Letter) -> SecretStr | None:
            if hosts := foreign_hosts(letter, allowed):
                self._tell_foreign(letter, hosts)
            link = activation_link(letter, allowed)
            return secret_address(link.address.get_secret_value()) if link else None

        return self._wait(
            since,
            find,
            to,
            wait_seconds,
            "Le courriel d'activation n'est pas arrivé",
            "regardez vos indésirables, puis relancez la même commande ; elle ne refait pas la demande. Pour en refaire "
            "une : --again.",
        )

    def wait_for_code(self, since: Mark, *, to: str, wait_seconds: float = CODE_SECONDS) -> SecretStr:
        """The code of the newest mail that came after the mark. Raises MailMissing when the time is over."""
        return self._wait(
            since,
            code_of,
            to,
            wait_seconds,
            "Le courriel du code n'est pas arrivé",
            "relancez la même commande ; si les courriels tardent, connectez-vous par « chorus-robot login ».",
        )

    def _tell_foreign(self, letter: Letter, hosts: tuple[str, ...]) -> None:
        if letter.is_of_chorus_pro and letter.is_about_an_account and (shown := ", ".join(hosts)) not in self._told:
            self._told.add(shown)
            self._notice(
                f"Un courriel contient un lien vers {shown}, qui n'est pas un hôte de ce portail : il n'est pas suivi. "
                "C'est peut-être une imitation."
            )

    def _wait(
        self, since: Mark, find: Callable[[Letter], T | None], to: str, seconds: float, missing: str, cure: str
    ) -> T:
        deadline = time.monotonic() + seconds
        with self._opened() as box:
            if self._status(box).validity != since.validity:
                # The server renumbered its mails: none can be told to be newer.
                raise MailMissing(f"{missing} : la boîte a été renumérotée entre-temps.", cure=cure)
            while True:
                for _, letter in preferred(self._letters(box, since), to):
                    found = find(letter)
                    if found is not None:
                        return found
                left = deadline - time.monotonic()
                if left <= 0:
                    raise MailMissing(f"{missing} en {seconds:.0f} secondes.", cure=cure)
                self._listen(box, min(left, _POLL_SECONDS))

    @staticmethod
    def _listen(box: BaseMailBox, seconds: float) -> None:
        """Waits for the server to tell of a mail; one that cannot tell is asked again a little later."""
        if "IDLE" in box.client.capabilities:
            box.idle.wait(timeout=seconds)
        else:
            # Nothing of a server without IDLE can be waited on but the next answer.
            box.client.sock.settimeout(_CONNECT_SECONDS)
            time.sleep(seconds)
            box.client.noop()

    def _letters(self, box: BaseMailBox, since: Mark) -> Iterator[tuple[int, Letter]]:
        # `n:*` gives the last mail even when it is older: numbers are compared again.
        uids = [uid for uid in box.uids(f"UID {since.following}:*") if int(uid) >= since.following]
        for uid in uids[-_MAX_MAILS:]:
            answer = box.client.uid("fetch", uid, "(RFC822.SIZE)")[1][0]
            size = re.search(rb"RFC822\.SIZE (\d+)", answer if isinstance(answer, bytes) else b"")
            if size and int(size[1]) > _MAX_BYTES:
                continue
            body = box.client.uid("fetch", uid, "(BODY.PEEK[])")[1]
            if body and isinstance(body[0], tuple):
                yield int(uid), read_letter(body[0][1])

    def _status(self, box: BaseMailBox) -> Mark:
        status = box.folder.status(self._settings.folder, ["UIDVALIDITY", "UIDNEXT"])
        return Mark(status["UIDVALIDITY"], status["UIDNEXT"])

    @contextlib.contextmanager
    def _opened(self) -> Iterator[BaseMailBox]:
        settings = self._settings
        password = settings.password.reveal()
        try:
            box = self._connect()
            with contextlib.closing(_Leaving(box)):
                self._log_in(box, password)
                box.folder.set(settings.folder, readonly=True)
                yield box
        except (OSError, UnicodeError, ssl.SSLError, imaplib.IMAP4.error, ImapToolsError) as error:
            raise MailboxUnreachable(
                f"La boîte {settings.user} sur {settings.host} ne répond pas comme attendu ({type(error).__name__}).",
                cure="vérifiez host, port, security et folder, et votre connexion ; puis relancez la même commande.",
            ) from None

    def _log_in(self, box: BaseMailBox, password: SecretStr) -> None:
        settings = self._settings
        try:
            box.login(settings.user, password.get_secret_value(), initial_folder=None)
        except MailboxLoginError:
            raise MailboxRefused(
                f"La boîte {settings.user} sur {settings.host} refuse le mot de passe ; il n'a été essayé qu'une fois.",
                cure="corrigez account: mailbox: dans la configuration ; beaucoup de messageries demandent un mot de "
                "passe d'application.",
            ) from None

    def _connect(self) -> BaseMailBox:
        settings = self._settings
        if settings.security == "tls":
            return MailBox(settings.host, settings.port or 993, timeout=_CONNECT_SECONDS)
        kind = MailBoxStartTls if settings.security == "starttls" else MailBoxUnencrypted
        return kind(settings.host, settings.port or 143, timeout=_CONNECT_SECONDS)


class _Leaving:
    """Leaves a mailbox, whatever state the connection is in."""

    def __init__(self, box: BaseMailBox) -> None:
        self._box = box

    def close(self) -> None:
        with contextlib.suppress(OSError, imaplib.IMAP4.error, ImapToolsError):
            self._box.logout()


class MailedCodes:
    """The codes of the second factor, read from the mailbox: a code is asked for after the password was typed."""

    def __init__(self, settings: MailboxSettings, email: str) -> None:
        self._mailbox = Mailbox(settings)
        self._email = email
        self._mark: Mark | None = None

    def expect(self) -> None:
        """From now on a mail with a code is the one."""
        self._mark = self._mailbox.mark()

    def __call__(self) -> SecretStr | None:
        return self._mailbox.wait_for_code(self._mark, to=self._email) if self._mark else None
