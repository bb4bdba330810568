"""A journey that deposits nothing: create the account, join the structure, sign in. Run, journalled, and told in one line.

Knows runner and journal; what each journey is about is in `enrolment.py`, `membership.py` and `commands/login.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from playwright.sync_api import Error as PlaywrightError

from robot import events
from robot.account import Account
from robot.failures import Failure
from robot.handover import Person
from robot.journal import Journal
from robot.manifest import robot_version
from robot.pages import Portal
from robot.parties import Supplier
from robot.recorder import Recorder
from robot.runner import Runner
from robot.session import Session, portal_key
from robot.signins import SignIns
from robot.steps import Goal
from robot.tabs import failure_of_browser


@dataclass(frozen=True)
class Ending:
    """How an errand ended: one line of the JSON contract."""

    journey: str
    # What it was about: an e-mail address or a SIRET.
    subject: str
    outcome: str
    exit_code: int
    message: str
    run: str = ""

    def to_json(self) -> dict[str, object]:
        return {
            "journey": self.journey,
            "subject": self.subject,
            "outcome": self.outcome,
            "run": self.run or None,
            "message": self.message,
            "exit_code": self.exit_code,
        }


class Errand:
    """One errand on an open portal. `work` decides what is done, and says outcome, exit code and French sentence."""

    def __init__(
        self,
        session: Session,
        journal: Journal,
        *,
        journey: str,
        subject: str,
        supplier: Supplier,
        account: Account | None = None,
        listeners: Iterable[events.Listener] = (),
    ) -> None:
        self.session = session
        self.portal = session.portal
        self.flows = session.flows
        self.journey = journey
        self.subject = subject
        self.run = events.new_run()
        self.account = account or session.account
        sign_ins = SignIns(journal, portal_key(session.place, session.world), self.account.email)
        recorder = Recorder(journal, self.run, robot=robot_version())
        self.announce = events.Announcer(sign_ins.listener(self.run), *listeners, recorder)
        self.portal.notice = lambda screen, message: self.announce(events.Noticed(screen=screen, message=message))
        self.supplier = supplier

    def runner(self, account: Account | None = None, portal: Portal | None = None) -> Runner:
        """A runner of this errand; nobody stands in front of another portal's window than the session's own."""
        attended = self.session.is_attended and portal is None
        return Runner(
            portal or self.portal,
            self.flows,
            goal=Goal.SEND,
            values={"account": account or self.account, "supplier": self.supplier},
            subject=self.subject,
            announce=self.announce,
            person=Person(self.portal, self.announce) if attended else None,
            pictures=False,
        )

    def say(self, message: str) -> None:
        self.announce(events.Noticed(screen="", message=message))

    def end(self, work: Callable[[], tuple[str, int, str]]) -> Ending:
        """Does the work. Never raises a Failure: the ending says how it went, the journal why."""
        self.announce(
            events.RunStarted(
                run=self.run,
                journey=self.journey,
                goal=Goal.SEND.value,
                portal=self.session.place.name,
                invoice="",
                steps=0,
                title=f"{self.flows.journeys[self.journey].title} ({self.subject})",
                browser=self.session.browser,
            )
        )
        for note in self.session.notes:
            self.say(note)
        try:
            outcome, exit_code, message = self._done(work)
        except Failure as failure:
            outcome, exit_code, message = failure.outcome, failure.exit_code, str(failure)
        self.announce(events.RunEnded(outcome=outcome, exit_code=exit_code, message=message))
        return Ending(self.journey, self.subject, outcome, exit_code, message, self.run)

    def _done(self, work: Callable[[], tuple[str, int, str]]) -> tuple[str, int, str]:
        try:
            return work()
        except PlaywrightError as error:
            self.say(f"Détail technique : {error.message.splitlines()[0]}")
            raise failure_of_browser(error) from None
