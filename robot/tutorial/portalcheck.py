"""One check of the tutorial against one portal: the three journeys walked, each line judged, what was seen kept.

On the training replica everything is done, account and deposit included. Anywhere else nothing is done that cannot be
undone, unless it is asked for: the account and the structure are looked at, the deposit ends as a draft, which is removed.
"""

from __future__ import annotations

import datetime as dt
import getpass
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from playwright.sync_api import BrowserContext
from playwright.sync_api import Error as PlaywrightError
from pydantic import BaseModel

from robot import certificate, events
from robot.account import Account
from robot.certificate import CertificateInvalid
from robot.checks import load_invoice
from robot.config import Config
from robot.entrance import entered
from robot.failures import Failure, ScreenChanged
from robot.fields import plain
from robot.invoice import Invoice
from robot.journal import Journal
from robot.lookup import LookUp
from robot.manifest import robot_version
from robot.pages import Portal
from robot.parties import Supplier
from robot.redaction import secret
from robot.sample import write_sample
from robot.screens import Flows
from robot.session import Destination, Session, open_session, portal_key, training_account
from robot.signins import SignIns
from robot.steps import Goal
from robot.tabs import Place, failure_of_browser
from robot.tutorial.contract import Contract, merged
from robot.tutorial.judgement import Bench, additions, judge
from robot.tutorial.lines import load_tutorial
from robot.tutorial.past import Past
from robot.tutorial.reasons import reason_of
from robot.tutorial.sightings import Sightings
from robot.tutorial.trainee import Trainee
from robot.tutorial.verdicts import Check
from robot.tutorial.walk import Seen, Walk
from robot.wholefile import write_atomically

JOURNEYS = ("compte", "rattachement", "depot")

# The robot's own account and structure on the training replica; nobody bears these.
_NEWCOMER = "nouvelle.personne@exemple.test"
_PASSWORD = "Entrainement-2024!"
_STRUCTURE = "00020260600026"
# The sentinel goes as far as the deposit dialog, and touches nothing there.
_DIALOG = "cadre-de-facturation"
# A training portal answers at once.
_TRAINING_SECONDS = 4.0


# Looks on while a journey is walked: given the open portal and the journey's name, it gives who listens.
Watch = Callable[[Portal, str], events.Listener]


class Reach(StrEnum):
    """How far a check goes."""

    READ_ONLY = "read-only"  # looks at each screen up to the deposit dialog
    DRAFT = "draft"  # fills the form, leaves a draft and removes it
    SEND = "send"  # everything


@dataclass(frozen=True)
class Checked:
    """What a check found."""

    check: Check
    # The contract with what was seen for the first time; and all as it was seen now, for who accepts the changes.
    contract: Contract
    accepted: Contract
    folder: Path


def check_portal(
    config: Config,
    flows: Flows,
    destination: Destination,
    *,
    journal: Journal,
    folder: Path,
    contract: Contract | None = None,
    reach: Reach | None = None,
    journeys: Collection[str] = JOURNEYS,
    facture: Path | None = None,
    headless: bool = True,
    slow_ms: float = 0,
    prepare: Callable[[BrowserContext], None] = lambda _context: None,
    faults: Collection[str] = (),
    listeners: Collection[events.Listener] = (),
    watch: Watch | None = None,
) -> Checked:
    """Walks the journeys and judges every line. Pictures and trees go into `folder`.

    `reach` is everything on the embedded replica and a draft elsewhere, unless given. `prepare` is given each browser
    context before it is used, `faults` are armed on the embedded replica. What stops a journey is in the result; raises
    ConfigInvalid where secrets are missing.
    """
    is_training = destination.embedded is not None
    reach = reach or (Reach.SEND if is_training else Reach.DRAFT)
    work = _Work(config, flows, journal, folder, contract, reach, facture, headless, slow_ms, prepare, tuple(listeners))
    work.faults, work.watch = tuple(faults), watch
    with work.destined(destination):
        for journey in JOURNEYS:
            if journey in journeys:
                work.do(journey)
        return work.judged()


@dataclass
class _Work:
    """One check while it is made."""

    config: Config
    flows: Flows
    journal: Journal
    folder: Path
    contract: Contract | None
    reach: Reach
    facture: Path | None
    headless: bool
    slow_ms: float
    prepare: Callable[[BrowserContext], None] = lambda _context: None
    listeners: tuple[events.Listener, ...] = ()

    def __post_init__(self) -> None:
        self.seen = Seen()
        self.run = events.new_run()
        self.at = events.now()
        self.browser = ""
        self._sightings: Sightings | None = None
        self._names: dict[str, str] = {}
        self._question = ""
        self.faults: tuple[str, ...] = ()
        self.watch: Watch | None = None

    @contextmanager
    def destined(self, destination: Destination) -> Iterator[None]:
        """The portal; the embedded replica, started for the whole check."""
        self.name = destination.place.name + (f"-{destination.embedded}" if destination.embedded else "")
        self.destination, self.replica = destination, None
        if destination.embedded is None:
            yield
            return
        from robot.replica.enrolment_words import QUESTIONS
        from robot.replica.register import practice
        from robot.replica.server import Replica

        business = practice(_STRUCTURE, "Cabinet de la vérification")
        attached = [(self.config.supplier.siret, "Cabinet d'entraînement")]
        generation = int(destination.embedded)
        with Replica(generation, suppliers=attached, businesses=[business], faults=self.faults) as replica:
            self.replica, self._question = replica, QUESTIONS[0]
            hosts, doors = tuple(replica.hosts), tuple(replica.sign_in_hosts)
            place = Place(self.name, replica.url, hosts, doors, destination.embedded, is_replica=True)
            self.destination = Destination(place)
            yield

    def do(self, journey: str) -> None:
        """One journey; what stops it is noted."""
        try:
            {"compte": self._enrol, "rattachement": self._join, "depot": self._deposit}[journey]()
        except Failure as failure:
            self._note_stop(journey, failure)
        except PlaywrightError as error:
            self._note_stop(journey, failure_of_browser(error))

    def _note_stop(self, journey: str, failure: Failure) -> None:
        self.seen.walked.add(journey)
        self.seen.stops.setdefault(journey, failure)
        self.seen.stopped_at.setdefault(journey, "")

    # --- the three journeys -----------------------------------------------------------------------------------------

    def _enrol(self) -> None:
        """Lines 1.1 to 1.10. A new context each time: somebody whom the portal does not know."""
        if not self.replica:
            account = self.config.sign_in_if_known()
        else:
            account = Account.of(
                _NEWCOMER,
                secret(_PASSWORD),
                None,
                first_name="Nouvelle",
                last_name="Personne",
                question=self._question,
                answer=secret("réponse d'entraînement"),
            )
        supplier = self._structure if self.replica else self.config.supplier
        with self._opened(account) as session:
            walk = self._walk(session, "compte", {"account": account, "supplier": supplier})
            walk.run("compte")
            if self.replica and "compte" not in self.seen.stops and self.reach is Reach.SEND:
                walk.run("activation", address=self.replica.mails()[0].link)
                self.seen.lines.add("1.7")

    def _join(self) -> None:
        """Lines 2.1 to 2.10: the request, and the structure that the portal does not know."""
        with self._signed_in() as session:
            supplier = self._structure if self.replica else self.config.supplier
            walk = self._walk(session, "rattachement", {"account": session.account, "supplier": supplier})
            arrival = walk.run("se-connecter")
            if arrival is None:
                return
            starts = [walk.flows.screens[name] for name in walk.flows.journeys["rattachement"].start]
            arrival = walk.follow("rattachement", session.portal.wait_for(starts))
            if arrival is None or arrival.screen.screen != "structure-absente":
                return
            if session.portal.screen("structure-absente", arrival.frame).shows("creer"):
                walk.follow("creation", arrival)
            else:
                walk.run("creation")

    def _deposit(self) -> None:
        """Lines 3.1 to 3.20, as far as the check reaches."""
        invoice = self._invoice()
        with self._signed_in() as session:
            values = {"account": session.account, "supplier": invoice.supplier, "invoice": invoice}
            walk = self._walk(session, "depot", values, keep=self._keeper(invoice))
            self.seen.lines.add("3.1")
            if self.reach is Reach.READ_ONLY:
                walk.run("depot", until=(_DIALOG,))
                self.seen.limits["depot"] = ("3.4", "la surveillance ne choisit aucun fichier")
                return
            if self.reach is Reach.DRAFT:
                why = "il faudrait envoyer une facture : une personne le fait, ou la commande avec --send"
                self.seen.limits["depot"] = ("3.19", why)
            arrival = walk.run("depot")
            if arrival is None:
                self._leave(session)
            elif self.reach is Reach.DRAFT:
                self._remove_draft(session, walk, invoice)

    def _leave(self, session: Session) -> None:
        """A form left in any other way than by its own button stays on the portal as a draft."""
        for name in ("confirmation", "envoi"):
            screen = self.flows.screens[name]
            page = session.portal.screen(name)
            try:
                if screen.leave and page.look(screen.leave).elements[screen.leave].usable:
                    page.press(screen.leave)
            except (Failure, PlaywrightError) as error:
                said = getattr(error, "what", "le navigateur a calé")
                self.seen.remarks.append(f"Le formulaire n'a pas pu être quitté par « Annuler » ({said}).")

    def _remove_draft(self, session: Session, walk: Walk, invoice: Invoice) -> None:
        """Leaves nothing behind, where the portal lets one."""
        runner = walk.runner(Goal.SEND)
        try:
            runner.run(walk.flows.journeys["depot"], until=("factures-emises",))
            look_up = LookUp(session.portal, runner, walk.flows, invoice)
            listed = look_up.find()
            if listed and listed.is_draft and look_up.remove(listed) is True:
                return
            self.seen.remarks.append(f"Le brouillon {invoice.number} de la vérification reste sur le portail : supprimez-le.")
        except (Failure, PlaywrightError) as error:
            said = getattr(error, "what", "le navigateur a calé")
            self.seen.remarks.append(f"Le brouillon {invoice.number} de la vérification est peut-être resté ({said}).")

    # --- what they need ---------------------------------------------------------------------------------------------

    @property
    def _structure(self) -> Supplier:
        return self.config.supplier.model_copy(update={"siret": _STRUCTURE})

    def _invoice(self) -> Invoice:
        if self.facture:
            return load_invoice(self.facture, supplier=self.config.supplier.siret).invoice
        moment = self.at.astimezone()
        path = write_sample(self.folder / "exemple", number=f"VERIF-{moment:%y%m%d-%H%M%S}", date=moment.date())
        return load_invoice(path, supplier=self.config.supplier.siret).invoice

    @contextmanager
    def _opened(self, account: Account) -> Iterator[Session]:
        config = self._patient()
        with open_session(
            config, self.flows, self.destination, account=account, headless=self.headless, slow_ms=self.slow_ms
        ) as session:
            self._ready(session)
            yield session

    @contextmanager
    def _signed_in(self) -> Iterator[Session]:
        if self.replica:
            with self._opened(training_account(self.replica.account)) as session:
                yield session
            return
        with entered(
            self._patient(), self.flows, self.destination, self.journal, suppliers=(), headless=self.headless
        ) as session:
            self._ready(session)
            yield session

    def _patient(self) -> Config:
        if not self.replica:
            return self.config
        browser = self.config.browser.model_copy(update={"timeout_seconds": _TRAINING_SECONDS})
        return self.config.model_copy(update={"browser": browser})

    def _ready(self, session: Session) -> None:
        self.browser = session.browser
        self.prepare(session.portal.context)
        account = session.account
        for name in (account.full_name, account.reversed_name):
            if name:
                self._names[plain(name)] = "votre nom"

    def _walk(
        self,
        session: Session,
        section: str,
        values: Mapping[str, BaseModel],
        keep: Callable[[bytes, dict[str, str]], Path] | None = None,
    ) -> Walk:
        trainee = Trainee(session.portal, self.replica.captcha_answer) if self.replica else None
        sign_ins = SignIns(self.journal, portal_key(session.place, session.world), session.account.email)
        listeners = self.listeners if self.replica else (sign_ins.listener(self.run), *self.listeners)
        if self.watch:
            listeners = (*listeners, self.watch(session.portal, section))
        goal = {Reach.SEND: Goal.SEND, Reach.DRAFT: Goal.DRAFT, Reach.READ_ONLY: Goal.DRY_RUN}[self.reach]
        if section != "depot" and not self.replica:
            goal = Goal.DRY_RUN
        walk = Walk(
            session.portal,
            session.flows,
            section=section,
            values=values,
            goal=goal,
            folder=self.folder,
            seen=self.seen,
            contract=self.contract,
            trainee=trainee,
            listeners=listeners,
            keep=keep,
        )
        self._sightings = walk.sightings
        return walk

    def _keeper(self, invoice: Invoice) -> Callable[[bytes, dict[str, str]], Path]:
        def keep(content: bytes, notes: dict[str, str]) -> Path:
            path = self.folder / "certificat.pdf"
            write_atomically(path, content)
            try:
                certificate.check(
                    content,
                    number=invoice.number,
                    supplier=invoice.supplier.siret,
                    recipient=invoice.recipient.siret,
                    amount=invoice.amounts.ttc,
                    digest=notes.get("certificat", ""),
                    engagement=invoice.engagement,
                )
            except CertificateInvalid as failure:
                self.seen.certificate = failure.what
            return path

        return keep

    # --- the result -------------------------------------------------------------------------------------------------

    def judged(self) -> Checked:
        tutorial, generation = load_tutorial(self.flows), self.destination.place.generation
        framed = self._sightings.framed if self._sightings else (lambda _sighting, _element: "")
        bench = Bench(tutorial, self.flows, self.seen, generation, self.contract, framed, self._names)
        place = portal_key(self.destination.place) if not self.replica else self.name
        check = Check(
            run=self.run,
            at=self.at,
            portal=self.name,
            place=place,
            generation=generation,
            reach=self.reach.value,
            verdicts=judge(bench),
            news=additions(bench),
            mends=tuple(self.seen.mends.values()),
            stops={journey: str(failure) for journey, failure in self.seen.stops.items()},
            cause=reason_of(self.seen, self.contract, on_replica=self._goes_on_replica()),
            browser=self.browser,
            remarks=tuple(self.seen.remarks),
        )
        check = Past(self.journal).dated(check)
        return Checked(check, *self._contracts(generation), self.folder)

    def _goes_on_replica(self) -> bool | None:
        """Whether the journeys that were stopped go on the training replica; None where there is nothing to compare."""
        stopped = [section for section, failure in self.seen.stops.items() if isinstance(failure, ScreenChanged)]
        if self.replica or not stopped:
            return None
        folder = self.folder / "replique"
        there = _Work(self.config, self.flows, self.journal, folder, None, Reach.SEND, None, self.headless, 0)
        with there.destined(Destination(self.destination.place, self.destination.place.generation)):
            for section in stopped:
                there.do(section)
        return not there.seen.stops

    def _contracts(self, generation: str) -> tuple[Contract, Contract]:
        by = f"{getpass.getuser()}, chorus-robot {robot_version()}"
        day = dt.date.today().isoformat()
        screens = {name: sighting.kept(by, day) for name, sighting in self.seen.sightings.items()}
        now = Contract(portal=self.name, generation=generation, screens=screens)
        return merged(self.contract, now, accept=False), merged(self.contract, now, accept=True)
