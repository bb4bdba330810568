"""Counts the passwords that a portal refused, for all runs of this user: the portal's fifth, which locks, never comes.

A password that never got an answer (a killed run) counts as refused. Knows nothing of browsers; no password comes here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from robot import events
from robot.failures import SignInNeeded
from robot.journal import Do, Journal, stamp

# The portal locks an account for an hour after five (AIFE, March 2022).
WINDOW = timedelta(hours=1)
ALLOWED = 2


class TooManyPasswords(SignInNeeded):
    """Trop de mots de passe refusés : le robot n'essaie plus avant une heure."""

    at_the_window = False


class SignIns:
    """The passwords of one account on one portal. `clock` gives the current instant."""

    def __init__(
        self, journal: Journal, portal: str, email: str, *, clock: Callable[[], datetime] = events.now
    ) -> None:
        self._journal = journal
        self._account = {"portal": portal, "email": email.lower()}
        self._clock = clock

    def check(self) -> None:
        """Raises TooManyPasswords where the next one would be a third within the hour."""
        with self._journal.reading() as do:
            self._check(do)

    def begin(self, run: str) -> None:
        """A password is about to be typed: counted, durably, before that. Raises TooManyPasswords."""
        with self._journal.writing() as do:
            self._check(do)
            do("add-password", **self._account, run=run, at=stamp(self._clock()))

    def answer(self, run: str, *, accepted: bool) -> None:
        with self._journal.writing() as do:
            do("answer-password", run=run, answer="accepted" if accepted else "refused")

    def listener(self, run: str) -> events.Listener:
        """Hears of the passwords of a run."""

        def listen(event: events.Event) -> None:
            if isinstance(event, events.PasswordGoing):
                self.begin(run)
            elif isinstance(event, events.PasswordAnswered):
                self.answer(run, accepted=event.accepted)

        return listen

    def _check(self, do: Do) -> None:
        since = stamp(self._clock() - WINDOW)
        refused = [str(at) for at in do("count-passwords", **self._account, since=since).scalars()]
        if len(refused) < ALLOWED:
            return
        again = datetime.fromisoformat(refused[-ALLOWED]) + WINDOW
        raise TooManyPasswords(
            f"{len(refused)} mots de passe sans succès en une heure pour {self._account['email']} : le robot n'en essaie pas "
            "un troisième, car le portail bloque le compte au cinquième.",
            cure="connectez-vous vous-même sur le portail pour vérifier le mot de passe, corrigez-le, puis relancez après "
            f"{again.astimezone():%H:%M}.",
        )
