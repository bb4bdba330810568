"""Accounts without HTTP: passwords, a lock after five failures, a second factor, activation links.

One sign-in serves all origins: an origin sends the person here with an `Attempt` and gets back a grant, good
once. How accounts come to be is in `enrolment.py`.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from robot.replica import totp
from robot.replica.records import Account, Activation, Attempt, Doors, Mail, Visit

MAX_FAILURES = 5
# Sign-ins begun and left; older ones are forgotten.
MAX_ATTEMPTS = 50
_MAX_MAILS = 20

# Rules of a password; those of the portal are shown on its page and not known here.
PASSWORD_RULES = (
    ("12 caractères au moins", re.compile(r".{12,}", re.DOTALL)),
    ("une majuscule", re.compile(r"[A-ZÀ-Þ]")),
    ("une minuscule", re.compile(r"[a-zß-ÿ]")),
    ("un chiffre", re.compile(r"[0-9]")),
    ("un caractère spécial", re.compile(r"[^A-Za-zÀ-ÿ0-9]")),
)


@dataclass(frozen=True)
class TrainingAccount:
    """The account that every replica has. Public on purpose: it opens nothing but the replica."""

    email: str
    password: str
    # Base 32 secret of the authenticator app.
    totp: str
    first_name: str
    last_name: str

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


ACCOUNT = TrainingAccount(
    email="entrainement@replique.example",
    password="entrainement-2024",
    totp="JBSWY3DPEHPK3PXP",
    first_name="Camille",
    last_name="Entraînement",
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
    """The doors and their keys.

    `doors` is what is remembered; `clock` gives seconds since 1970; `post` sends a mail.
    """

    def __init__(
        self,
        doors: Doors,
        clock: Callable[[], float],
        *,
        lock_seconds: float,
        code_seconds: float,
        link_seconds: float,
        session_seconds: float,
        post: Callable[[Mail], None] = lambda _mail: None,
    ) -> None:
        self._doors = doors
        self._clock = clock
        self._lock_seconds = lock_seconds
        self._code_seconds = code_seconds
        self._link_seconds = link_seconds
        self._session_seconds = session_seconds
        self._post = post
        training = Account(
            email=ACCOUNT.email,
            first_name=ACCOUNT.first_name,
            last_name=ACCOUNT.last_name,
            password=_hash(ACCOUNT.email, ACCOUNT.password),
            totp=ACCOUNT.totp,
        )
        doors.accounts.setdefault(_key(ACCOUNT.email), training)

    # --- accounts ------------------------------------------------------------------------------------------

    @property
    def accounts(self) -> list[Account]:
        return list(self._doors.accounts.values())

    def account(self, email: str) -> Account | None:
        return self._doors.accounts.get(_key(email))

    def add(self, account: Account) -> None:
        """Keeps a new account, without a password yet. Raises ValueError where the address has one."""
        if self.account(account.email):
            raise ValueError(account.email)
        self._doors.accounts[_key(account.email)] = account

    @property
    def link_minutes(self) -> int:
        """How long the link of an activation mail is good, as mails and pages say it."""
        return max(1, round(self._link_seconds / 60))

    def invite(self, account: Account, address: Callable[[str], str]) -> None:
        """Mails the activation link; `address` makes it of a token."""
        token = secrets.token_urlsafe(24)
        self._doors.activations[token] = Activation(email=account.email, expires=self._clock() + self._link_seconds)
        self.mail(
            account.email,
            "Activez votre compte",
            f"Bonjour {account.name}, pour activer votre compte et choisir votre mot de passe, suivez ce lien dans les "
            f"{self.link_minutes} minutes :",
            link=address(token),
        )

    def invited(self, token: str) -> Account | None:
        """Whose link it is, if it is still good. A second mail's link is worth nothing once the first one served."""
        activation = self._doors.activations.get(token)
        if activation is None or self._clock() >= activation.expires:
            return None
        return self.latecomer(token)

    def latecomer(self, token: str) -> Account | None:
        """Whose link it is, early or late, where the account still waits for a password."""
        activation = self._doors.activations.get(token)
        account = self.account(activation.email) if activation else None
        return account if account and not account.is_active else None

    def has_served(self, token: str) -> bool:
        """Whether it is a link of an account that has its password already."""
        activation = self._doors.activations.get(token)
        account = self.account(activation.email) if activation else None
        return account is not None and account.is_active

    def activate(self, token: str, password: str, *, question: str = "", answer: str = "") -> None:
        """The password is chosen: the account is open, and its links are used up."""
        account = self.invited(token)
        assert account
        account.password = _hash(account.email, password)
        account.question, account.answer = question, _hash(account.email, answer) if answer else ""

    # --- mails ---------------------------------------------------------------------------------------------

    @property
    def mails(self) -> list[Mail]:
        """Messages sent, newest first."""
        return self._doors.mails[::-1]

    def mail(self, to: str, subject: str, body: str, *, link: str = "") -> None:
        at = datetime.fromtimestamp(self._clock()).astimezone()
        mail = Mail(at=at, to=to, subject=subject, body=body, link=link)
        self._doors.mails.append(mail)
        # Only the last ones matter, and the file stays small.
        del self._doors.mails[:-_MAX_MAILS]
        self._post(mail)

    # --- signing in ----------------------------------------------------------------------------------------

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
        answer = self.is_password(email, password)
        if answer is PasswordAnswer.RIGHT:
            account = self.account(email)
            assert account
            attempt.email = account.email
            self._mail_code(attempt)
        return answer

    def is_password(self, email: str, password: str) -> PasswordAnswer:
        """Judges a password and counts failures."""
        account = self.account(email)
        if account is None or not account.is_active:
            return PasswordAnswer.WRONG
        if self._is_locked(account):
            return PasswordAnswer.LOCKED
        if secrets.compare_digest(_hash(account.email, password), account.password):
            account.failures = 0
            return PasswordAnswer.RIGHT
        account.failures += 1
        if account.failures >= MAX_FAILURES:
            account.failures = 0
            account.locked_until = self._clock() + self._lock_seconds
        return PasswordAnswer.LOCKED if self._is_locked(account) else PasswordAnswer.WRONG

    def _is_locked(self, account: Account) -> bool:
        return self._clock() < account.locked_until

    def _mail_code(self, attempt: Attempt) -> None:
        attempt.mailed_code = f"{secrets.randbelow(10**6):06d}"
        attempt.code_expires = self._clock() + self._code_seconds
        minutes = max(1, round(self._code_seconds / 60))
        self.mail(
            attempt.email,
            "Votre code de connexion",
            f"Votre code de connexion est {attempt.mailed_code}. Il est valable {minutes} minute(s).",
        )

    def give_code(self, attempt: Attempt, code: str) -> CodeAnswer:
        """Judges the second factor: the mailed code, or the one that an authenticator app shows."""
        code = "".join(code.split())
        now = self._clock()
        account = self.account(attempt.email)
        if account and account.totp and totp.is_code(account.totp, code, now):
            return CodeAnswer.RIGHT
        if not secrets.compare_digest(code.encode(), attempt.mailed_code.encode()):
            return CodeAnswer.WRONG
        return CodeAnswer.RIGHT if now < attempt.code_expires else CodeAnswer.EXPIRED

    def finish(self, name: str) -> tuple[str, str]:
        """Ends a sign-in that succeeded: a session here, and a grant for the origin that asked."""
        email = self._doors.attempts.pop(name).email
        session = secrets.token_urlsafe(16)
        self._doors.sso[session] = email
        return session, self.grant(email)

    def grant(self, email: str) -> str:
        code = secrets.token_urlsafe(16)
        self._doors.grants[code] = email
        return code

    def redeem(self, code: str) -> str | None:
        """Takes a grant back, with its account; each serves once."""
        return self._doors.grants.pop(code, None)

    def who_is_known(self, session: str) -> str | None:
        """Account of a session of the sign-in origin."""
        return self._doors.sso.get(session)

    def open_home(self, email: str) -> str:
        """A session of the portal home."""
        session = secrets.token_urlsafe(16)
        self._doors.homes[session] = Visit(email=email, seen=self._clock())
        return session

    def who_is_at_home(self, session: str) -> Account | None:
        """Account of a session of the portal home; one that was idle too long is forgotten."""
        visit = self._doors.homes.get(session)
        if visit is None:
            return None
        if self._clock() - visit.seen > self._session_seconds:
            self.sign_out(visit.email)
            return None
        visit.seen = self._clock()
        return self.account(visit.email)

    def sign_out(self, email: str | None = None) -> None:
        """Everywhere at once: one person, or everybody."""
        doors = self._doors
        for sessions in (doors.sso, doors.grants):
            for session in [key for key, whose in sessions.items() if email in (None, whose)]:
                del sessions[session]
        doors.homes = {key: visit for key, visit in doors.homes.items() if email not in (None, visit.email)}
        doors.attempts = {key: one for key, one in doors.attempts.items() if email not in (None, one.email)}


def weaknesses(password: str) -> list[str]:
    """Rules that a password breaks, in French; none where it is good."""
    return [rule for rule, pattern in PASSWORD_RULES if not pattern.search(password)]


def _key(email: str) -> str:
    return email.strip().lower()


def _hash(email: str, secret: str) -> str:
    return hashlib.pbkdf2_hmac("sha256", secret.encode(), _key(email).encode(), 1000).hex()
