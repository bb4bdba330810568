"""Sign-in without HTTP: one training account, a password, a lock after five failures, a second factor.

One sign-in serves all origins: an origin sends the person here with an `Attempt` and gets back a grant, good
once.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from robot.replica import totp
from robot.replica.records import Attempt, Doors, Mail

MAX_FAILURES = 5
# Sign-ins begun and left; older ones are forgotten.
MAX_ATTEMPTS = 50


@dataclass(frozen=True)
class Account:
    """Who can sign in. Public on purpose: it opens nothing but the replica."""

    email: str
    password: str
    # Base 32 secret of the authenticator app.
    totp: str
    # As the portal greets the person.
    name: str


ACCOUNT = Account(
    email="entrainement@replique.example",
    password="entrainement-2024",
    totp="JBSWY3DPEHPK3PXP",
    name="Camille Entraînement",
)


class PasswordAnswer(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"
    LOCKED = "locked"


class CodeAnswer(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"
    EXPIRED = "expired"


class Identity:
    """The doors and their keys. `doors` is what is remembered; `clock` gives seconds since 1970."""

    def __init__(self, doors: Doors, clock: Callable[[], float], *, lock_seconds: float, code_seconds: float) -> None:
        self.account = ACCOUNT
        self._doors = doors
        self._clock = clock
        self._lock_seconds = lock_seconds
        self._code_seconds = code_seconds

    @property
    def mails(self) -> list[Mail]:
        """Messages sent, newest first."""
        return self._doors.mails[::-1]

    def begin(self, redirect_uri: str, state: str) -> str:
        """Starts a sign-in on behalf of an origin; gives its name."""
        name = secrets.token_urlsafe(16)
        attempts = self._doors.attempts
        attempts[name] = Attempt(redirect_uri=redirect_uri, state=state)
        for old in list(attempts)[:-MAX_ATTEMPTS]:
            del attempts[old]
        return name

    def attempt(self, name: str) -> Attempt | None:
        return self._doors.attempts.get(name)

    def give_password(self, attempt: Attempt, email: str, password: str) -> PasswordAnswer:
        """Judges a password; where it is right, mails a code."""
        if self.is_password(email, password) is not PasswordAnswer.RIGHT:
            return PasswordAnswer.LOCKED if self.is_locked() else PasswordAnswer.WRONG
        attempt.password_given = True
        self._mail_code(attempt)
        return PasswordAnswer.RIGHT

    def is_password(self, email: str, password: str) -> PasswordAnswer:
        """Judges a password and counts failures."""
        if self.is_locked():
            return PasswordAnswer.LOCKED
        right_email = secrets.compare_digest(email.strip().lower().encode(), self.account.email.encode())
        if right_email and secrets.compare_digest(password.encode(), self.account.password.encode()):
            self._doors.failures = 0
            return PasswordAnswer.RIGHT
        if right_email:
            self._count_failure()
        return PasswordAnswer.LOCKED if self.is_locked() else PasswordAnswer.WRONG

    def is_locked(self) -> bool:
        return self._clock() < self._doors.locked_until

    def _count_failure(self) -> None:
        self._doors.failures += 1
        if self._doors.failures >= MAX_FAILURES:
            self._doors.failures = 0
            self._doors.locked_until = self._clock() + self._lock_seconds

    def _mail_code(self, attempt: Attempt) -> None:
        now = self._clock()
        attempt.mailed_code = f"{secrets.randbelow(10**6):06d}"
        attempt.code_expires = now + self._code_seconds
        minutes = max(1, round(self._code_seconds / 60))
        mail = Mail(
            at=datetime.fromtimestamp(now).astimezone(),
            to=self.account.email,
            subject="Votre code de connexion",
            body=f"Votre code de connexion est {attempt.mailed_code}. Il est valable {minutes} minute(s).",
        )
        self._doors.mails.append(mail)
        # Only the last ones matter, and the file stays small.
        del self._doors.mails[:-20]

    def give_code(self, attempt: Attempt, code: str) -> CodeAnswer:
        """Judges the second factor: the mailed code, or the one that an authenticator app shows."""
        code = "".join(code.split())
        now = self._clock()
        if totp.is_code(self.account.totp, code, now):
            return CodeAnswer.RIGHT
        if not secrets.compare_digest(code.encode(), attempt.mailed_code.encode()):
            return CodeAnswer.WRONG
        return CodeAnswer.RIGHT if now < attempt.code_expires else CodeAnswer.EXPIRED

    def finish(self, name: str) -> tuple[str, str]:
        """Ends a sign-in that succeeded: a session here, and a grant for the origin that asked."""
        self._doors.attempts.pop(name, None)
        session = secrets.token_urlsafe(16)
        self._doors.sso.add(session)
        return session, self.grant()

    def grant(self) -> str:
        code = secrets.token_urlsafe(16)
        self._doors.grants.add(code)
        return code

    def redeem(self, code: str) -> bool:
        """Takes a grant back; each serves once."""
        if code not in self._doors.grants:
            return False
        self._doors.grants.remove(code)
        return True

    def is_known(self, session: str) -> bool:
        return session in self._doors.sso

    def open_home(self) -> str:
        """A session of the portal home."""
        session = secrets.token_urlsafe(16)
        self._doors.homes.add(session)
        return session

    def is_at_home(self, session: str) -> bool:
        return session in self._doors.homes

    def sign_out(self) -> None:
        """Everywhere at once: there is one person."""
        self._doors.sso.clear()
        self._doors.homes.clear()
        self._doors.grants.clear()
        self._doors.attempts.clear()
