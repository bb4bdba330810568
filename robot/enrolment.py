"""Creates the account: the form, the mail with its link, the password (tutorial lines 1.1 to 1.10).

The same call continues where an earlier one stopped: a request that was made is not made again, an account that exists
is not created twice. Captcha and mail are a person's, the mail also the robot's where it may read the mailbox.
"""

from __future__ import annotations

from datetime import timedelta

from robot import events
from robot.account import Account
from robot.enrolments import AccountState, Enrolments
from robot.errand import Errand
from robot.failures import HostRefused, PersonNeeded
from robot.gate import host_of
from robot.mailbox import Mailbox, Mark
from robot.redaction import secret_address
from robot.tabs import failure_of

JOURNEY = "compte"

# How long the link of the activation mail is good (portal guide of 2025).
LINK_LIFE = timedelta(minutes=60)
# How long the mail is waited for.
_MAIL_SECONDS = 180


class MailNeeded(PersonNeeded):
    """Le courriel d'activation est à ouvrir."""


class Enrolment:
    """One account on one portal, from nothing to its first sign-in."""

    def __init__(self, errand: Errand, enrolments: Enrolments, portal_key: str, mailbox: Mailbox | None = None) -> None:
        self.errand = errand
        self.enrolments = enrolments
        self.mailbox = mailbox
        self._key = portal_key
        self._email = errand.account.email

    def create(self, *, again: bool = False, link: str | None = None) -> tuple[str, int, str]:
        """Outcome, exit code and French sentence. `again` makes a new request; `link` is the one of the mail."""
        known = self.enrolments.account(self._key, self._email)
        if known and known.state is AccountState.ACTIVATED and not again:
            return self._created("existe déjà : rien n'a été refait")
        if known and not again:
            day = f"{known.at.astimezone():%d/%m/%Y à %H:%M}"
            sure = "a déjà été faite" if known.state is AccountState.REQUESTED else "a peut-être été faite"
            self.errand.say(f"Une demande de compte pour {self._email} {sure} le {day} : elle n'est pas refaite.")
            mark = Mark.parse(known.mark) if known.mark else None
        else:
            mark = self._request()
        self._activate(link, mark)
        self.enrolments.note_account(self._key, self._email, AccountState.ACTIVATED, run=self.errand.run)
        return self._created("est créé")

    def _created(self, how: str) -> tuple[str, int, str]:
        return (
            "created",
            0,
            f"Le compte {self._email} {how}. La suite : « chorus-robot structure » pour le rattacher à votre structure.",
        )

    # --- the request ------------------------------------------------------------------------------------------------

    def _request(self) -> Mark | None:
        """Fills and sends the form. The mailbox is marked first: only a mail that comes later is an answer."""
        mark = self.mailbox.mark() if self.mailbox else None
        runner = self.errand.runner()
        announce = runner.announce

        def noting(event: events.Event) -> None:
            if isinstance(event, events.Confirming):
                self._note(AccountState.CONFIRMING, mark)
            announce(event)

        runner.announce = noting
        runner.run(self.errand.flows.journeys[JOURNEY])
        self._note(AccountState.REQUESTED, mark)
        return mark

    def _note(self, state: AccountState, mark: Mark | None) -> None:
        self.enrolments.note_account(self._key, self._email, state, run=self.errand.run, mark=str(mark) if mark else None)

    # --- the mail and its link --------------------------------------------------------------------------------------

    def _activate(self, link: str | None, mark: Mark | None) -> None:
        link = secret_address(link).get_secret_value() if link else self._mailed_link(mark)
        journey = self.errand.flows.journeys["activation"]
        if link:
            if not self.errand.portal.allows(link):
                raise HostRefused(
                    f"Le lien mène à « {host_of(link) or link[:80]} », qui n'est pas un hôte de ce portail : il n'est pas "
                    "suivi.",
                    expected=", ".join(self.errand.session.place.hosts),
                    cure="reprenez le lien du courriel d'activation ; s'il mène bien là, c'est peut-être une imitation.",
                )
            self.errand.runner(self._account_at(link)).run(journey, address=link)
            return
        runner = self.errand.runner()
        person = runner.person
        if person is None:
            raise MailNeeded(
                f"Un courriel d'activation a été demandé pour {self._email} ; son lien est bon 60 minutes.",
                cure="suivez son lien vous-même et choisissez votre mot de passe ; ou relancez la même commande devant un "
                "écran, ou avec --link et l'adresse du lien.",
            )
        screens = [self.errand.flows.screens[name] for name in (*journey.start, "compte-actif", "lien-expire")]
        arrival = person.answer(
            f"Ouvrez le courriel d'activation envoyé à {self._email}, copiez l'adresse de son lien et collez-la dans la "
            "barre d'adresse de cette fenêtre.",
            self.errand.portal.current,
            screens,
        )
        if arrival.screen.anywhere:
            raise failure_of(arrival.screen, arrival.facts)
        secret_address(arrival.frame.url)
        runner = self.errand.runner(self._account_at(arrival.frame.url))
        runner.follow(journey, arrival)

    def _account_at(self, address: str) -> Account:
        """The account; without its password where the page is not one where a password may be typed by the robot."""
        account = self.errand.account
        if self.errand.portal.allows_sign_in(address):
            return account
        return account.model_copy(update={"password": None, "answer": None})

    def _mailed_link(self, mark: Mark | None) -> str | None:
        if self.mailbox is None or mark is None:
            return None
        self.errand.say(f"Attente du courriel d'activation dans la boîte de {self._email}.")
        allowed = self.errand.portal.allows
        link = self.mailbox.wait_for_link(mark, allowed=allowed, to=self._email, wait_seconds=_MAIL_SECONDS)
        return link.get_secret_value()
