"""A deposit from end to end: judge with the journal, look up where there is doubt, run the journey, keep the proof.

The one place that knows journal, dossier and runner together. Opens no browser itself: it is given a portal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from playwright.sync_api import Error as PlaywrightError

from robot import certificate, events
from robot.deposits import DOUBTFUL, Deposited, Doubt, Key, OtherContent, Resume, State, content_of
from robot.evidence import Dossier
from robot.failures import (
    AlreadyDeposited,
    CaptchaNeeded,
    DecisionNeeded,
    Failure,
    OutcomeUnknown,
    PortalRefused,
    PortalUnavailable,
    SecondFactorNeeded,
    SignInNeeded,
)
from robot.fields import plain
from robot.handover import Person
from robot.invoice import Invoice, LoadedInvoice
from robot.journal import Claim, Journal
from robot.lookup import LookUpResult, look_up
from robot.manifest import Portal as PortalFacts
from robot.manifest import robot_version
from robot.pages import Portal
from robot.plan import count_steps
from robot.recorder import Recorder
from robot.report import write_report
from robot.runner import Runner
from robot.screens import Flows, Journey
from robot.session import Session, portal_key
from robot.signins import SignIns
from robot.steps import Goal
from robot.tabs import Place, failure_of_browser
from robot.trace import Trace

JOURNEY = "depot"

# How a portal may say that a number is taken; its own words are unknown (compared without accents).
_DUPLICATE = re.compile(r"existe deja|deja (ete )?(utilise|depose|enregistre|connu|presente?)|doublon")


@dataclass(frozen=True)
class Result:
    """How one invoice ended: one line of the JSON contract."""

    invoice: str
    outcome: str
    exit_code: int
    certificate: Path | None
    # « Certificat de dépôt n° », base64 of 32 bytes; empty where there is none.
    digest: str
    run: str
    message: str
    # The deposit dossier; None where no run was made.
    folder: Path | None

    def to_json(self) -> dict[str, object]:
        return {
            "invoice": self.invoice,
            "outcome": self.outcome,
            "certificate": str(self.certificate) if self.certificate else None,
            "digest": self.digest or None,
            "run": self.run or None,
            "message": self.message,
            "folder": str(self.folder) if self.folder else None,
            "exit_code": self.exit_code,
        }


def refused_before(invoice: str, failure: Failure) -> Result:
    """An invoice that cannot go, known before any browser opens."""
    return Result(invoice, failure.outcome, failure.exit_code, None, "", "", str(failure), None)


def settled(journal: Journal, place: Place, invoice: Invoice) -> Result | None:
    """What the journal settles without a browser: deposited with its certificate, or contradictory; else None."""
    key = Key(portal_key(place), invoice.supplier.siret, invoice.number)
    verdict = journal.verdict(key, content_of(invoice))
    if isinstance(verdict, OtherContent):
        return refused_before(invoice.number, _other_content(invoice, verdict))
    if (
        isinstance(verdict, Deposited)
        and verdict.deposit.certificate
        and verdict.deposit.certificate.is_file()
    ):
        deposit = verdict.deposit
        day = f" (le {deposit.deposited_at.astimezone():%d/%m/%Y})" if deposit.deposited_at else ""
        failure = AlreadyDeposited(
            f"La facture {invoice.number} est déjà déposée{day} ; son certificat : {deposit.certificate}."
        )
        return replace(
            refused_before(invoice.number, failure),
            certificate=deposit.certificate,
            digest=deposit.digest or "",
            run=deposit.run,
        )
    return None


class Depositor:
    """Deposits invoices one after the other on one portal, signed in once."""

    def __init__(
        self,
        flows: Flows,
        journal: Journal,
        session: Session,
        *,
        goal: Goal,
        out: Path,
        listeners: Iterable[events.Listener] = (),
    ) -> None:
        self.flows = flows
        self.journal = journal
        self.session = session
        self.place = session.place
        self.goal = goal
        self.out = out
        self.listeners = tuple(listeners)
        self._portal_key = portal_key(session.place, session.world)
        # What stops every further invoice too: one password is tried for all of them.
        self._closed: Failure | None = None

    def _key(self, invoice: Invoice) -> Key:
        return Key(self._portal_key, invoice.supplier.siret, invoice.number)

    def deposit(self, loaded: LoadedInvoice) -> Result:
        """One invoice. Never raises a Failure: the result says how it ended, the dossier why."""
        invoice, run = loaded.invoice, events.new_run()
        if self._closed:
            return refused_before(invoice.number, self._closed)
        try:
            with self.journal.claim(self._key(invoice), content_of(invoice), run=run) as claim:
                return self._deposit(loaded, claim, run)
        except Failure as failure:
            # Journal or dossier cannot be written: nothing was pressed.
            return refused_before(invoice.number, failure)

    def note(self, failure: Failure) -> None:
        """Keeps a failure that the next invoice would only meet again, at the price of another password."""
        if isinstance(failure, SignInNeeded | SecondFactorNeeded | CaptchaNeeded | PortalUnavailable):
            self._closed = failure

    def _deposit(self, loaded: LoadedInvoice, claim: Claim, run: str) -> Result:
        invoice, portal = loaded.invoice, self.session.portal
        facts = PortalFacts(
            name=self.place.name,
            title="Réplique d'entraînement" if self.place.is_replica else self.place.name,
            url=self.place.url,
            generation=self.place.generation,
            training=self.place.is_replica,
        )
        dossier = Dossier(self.out, run, portal=facts, invoice=invoice)
        recorder = Recorder(self.journal, run, claim=claim, folder=dossier.folder, robot=robot_version())
        trace = Trace(portal.context, self.flows)
        # The journal comes last: what it writes is the last thing before « Confirmer et envoyer » is pressed.
        sign_ins = SignIns(self.journal, self._portal_key, self.session.account.email).listener(run)
        announce = events.Announcer(sign_ins, dossier, trace, *self.listeners, recorder)
        attempt = _Attempt(self, invoice, portal, claim, dossier, announce, trace)
        portal.notice = lambda screen, message: announce(events.Noticed(screen=screen, message=message))
        announce(
            events.RunStarted(
                run=run,
                journey=JOURNEY,
                goal=self.goal.value,
                portal=self.place.name,
                invoice=invoice.number,
                steps=count_steps(self.flows, JOURNEY, self.goal, {"invoice": invoice}),
                browser=self.session.browser,
            )
        )
        for note in self.session.notes:
            announce(events.Noticed(screen="", message=note))
        for finding in loaded.findings:
            announce(events.Noticed(screen="", message=finding.message))
        outcome, exit_code, message = attempt.run()
        try:
            trace.stop(lambda zipped: dossier.keep("trace.zip", zipped, "trace"), dossier.folder)
            for missed in (*recorder.missed, *dossier.missed):
                announce(events.Noticed(screen="", message=f"Non gardé : {missed}"))
            announce(events.RunEnded(outcome=outcome, exit_code=exit_code, message=message))
            self.journal.keep_evidence(run, dossier.evidence())
            write_report(dossier.folder)
        except Failure as failure:
            # What happened on the portal is a fact: only its presentation is missing.
            message += f" ({failure})"
        return Result(
            invoice.number,
            outcome,
            exit_code,
            attempt.certificate,
            attempt.digest,
            run,
            message,
            dossier.folder,
        )


class _Attempt:
    """One try at one invoice, with what it learns on the way."""

    def __init__(
        self,
        office: Depositor,
        invoice: Invoice,
        portal: Portal,
        claim: Claim,
        dossier: Dossier,
        announce: Callable[[events.Event], None],
        trace: Trace,
    ) -> None:
        self.office = office
        self.invoice = invoice
        self.portal = portal
        self.claim = claim
        self.dossier = dossier
        self.announce = announce
        self.certificate: Path | None = None
        self.digest = ""
        self.runner = Runner(
            portal,
            office.flows,
            goal=office.goal,
            values={"invoice": invoice, "supplier": invoice.supplier, "account": office.session.account},
            subject=invoice.number,
            announce=announce,
            keep=self._keep_certificate,
            person=Person(portal, announce) if office.session.is_attended else None,
            traced=trace.group,
        )

    def run(self) -> tuple[str, int, str]:
        """Outcome, exit code and French sentence."""
        try:
            return self._settle()
        except PortalRefused as failure:
            return self._failed(self._known_number(failure))
        except Failure as failure:
            return self._failed(failure)
        except PlaywrightError as error:
            self._say(f"Détail technique : {error.message.splitlines()[0]}")
            return self._failed(failure_of_browser(error))

    def _settle(self) -> tuple[str, int, str]:
        verdict = self.claim.verdict
        if isinstance(verdict, OtherContent):
            raise _other_content(self.invoice, verdict)
        journey = self.office.flows.journeys[JOURNEY]
        if isinstance(verdict, Doubt | Deposited):
            found = self._look_up(journey)
            if found.sent or isinstance(verdict, Deposited):
                return self._recover(found)
            self.claim.not_found("le portail ne la montre pas dans « Rechercher »")
            self._say("Le portail ne connaît pas encore cette facture : le dépôt reprend.")
        elif isinstance(verdict, Resume) and self.office.goal is Goal.SEND:
            self._expect_nothing_sent(journey)
        self.runner.run(journey)
        return self._succeeded()

    def _expect_nothing_sent(self, journey: Journey) -> None:
        """A draft left by an earlier run may have been sent by hand since. Raises AlreadyDeposited."""
        try:
            found = self._look_up(journey)
        except OutcomeUnknown as failure:
            # This robot never pressed the last button for it: the portal's own check of numbers is enough.
            self._say(f"{failure.what} Le dépôt continue : le robot n'a jamais envoyé cette facture.")
            return
        if found.sent:
            raise self._deposited_elsewhere(found)
        if found.state:
            self._say("Un brouillon de cette facture reste sur le portail ; supprimez-le après ce dépôt.")

    def _known_number(self, refusal: PortalRefused) -> Failure:
        """A number that the portal says it has: deposited by hand or from elsewhere, or held by a draft."""
        if self.office.goal is not Goal.SEND or not _DUPLICATE.search(plain(refusal.message)):
            return refusal
        try:
            self._leave()
            found = self._look_up(self.office.flows.journeys[JOURNEY])
        except (Failure, PlaywrightError) as error:
            self._say(f"La recherche de ce numéro n'a pas abouti : {getattr(error, 'what', 'le navigateur a calé')}")
            found = LookUpResult(sent=False)
        if found.sent:
            return self._deposited_elsewhere(found)
        return DecisionNeeded(
            f"Le portail connaît déjà ce numéro : « {refusal.message} ».",
            cure="cherchez-le dans « Rechercher » sur le portail : si c'est un brouillon, supprimez-le puis relancez ; "
            "si la facture y est déjà déposée, ne la renvoyez pas sous un autre numéro.",
        )

    def _deposited_elsewhere(self, found: LookUpResult) -> AlreadyDeposited:
        """The portal lists it as sent: the journal learns it, and the certificate is kept where it is given again."""
        self.digest = found.digest
        self.claim.found("retrouvée sur le portail", digest=found.digest or None)
        if found.certificate:
            self._keep_certificate(found.certificate, {"certificat": found.digest})
        kept = f" ; son certificat : {self.certificate}" if self.certificate else ""
        return AlreadyDeposited(
            f"La facture {self.invoice.number} est déjà sur le portail (état « {found.state} »){kept}."
        )

    def _look_up(self, journey: Journey) -> LookUpResult:
        self.runner.run(journey, until=("factures-emises",))
        return look_up(self.portal, self.runner, self.office.flows, self.invoice)

    def _succeeded(self) -> tuple[str, int, str]:
        number = self.invoice.number
        if self.office.goal is Goal.DRY_RUN:
            return "filled", 0, f"Facture {number} : formulaire rempli, relu, et quitté sans rien garder."
        if self.office.goal is Goal.DRAFT:
            self.announce(events.DraftSaved(message="« Enregistrer » a gardé un brouillon"))
            return (
                "draft",
                0,
                (
                    f"Facture {number} : brouillon enregistré, PAS ENVOYÉE. Pour l'envoyer, relancez avec --send."
                ),
            )
        where = (
            " (réplique d'entraînement : rien n'est réellement déposé)"
            if self.office.place.is_replica
            else ""
        )
        return "deposited", 0, f"Facture {number} déposée{where} ; certificat : {self.certificate}"

    def _recover(self, found: LookUpResult) -> tuple[str, int, str]:
        """An earlier run had sent it: what is missing is the certificate."""
        self.digest = found.digest
        self.claim.found("retrouvée sur le portail", digest=found.digest or None)
        if found.certificate:
            self._keep_certificate(found.certificate, {"certificat": found.digest})
            return (
                "deposited",
                0,
                (
                    f"Facture {self.invoice.number} : un essai précédent l'avait déposée ; certificat récupéré : "
                    f"{self.certificate}"
                ),
            )
        raise AlreadyDeposited(
            f"La facture {self.invoice.number} est déjà sur le portail (état « {found.state or 'inconnu'} »), "
            "mais le portail n'a pas redonné le certificat.",
            cure="ouvrez-la dans « Rechercher » sur le portail et exportez le certificat à la main.",
        )

    def _keep_certificate(self, content: bytes, notes: dict[str, str]) -> Path:
        """Checks a certificate against the invoice before it is called one."""
        invoice = self.invoice
        self.digest = notes.get("certificat", "") or self.digest
        try:
            checked = certificate.check(
                content,
                number=invoice.number,
                supplier=invoice.supplier.siret,
                recipient=invoice.recipient.siret,
                amount=invoice.amounts.ttc,
                digest=self.digest,
                engagement=invoice.engagement,
            )
        except certificate.CertificateInvalid:
            self.dossier.keep("certificat-refuse.pdf", content, "rejected-certificate")
            raise
        name = certificate.file_name(invoice.number, checked.date or events.now().date())
        path = self.dossier.keep(name, content, "certificate")
        self.certificate = path
        self.announce(events.CertificateSaved(path=path, sha256=checked.sha256, digest=self.digest))
        return path

    def _failed(self, failure: Failure) -> tuple[str, int, str]:
        self.runner.picture(None)
        self.office.note(failure)
        self.digest = self.digest or self.runner.outcome.notes.get("certificat", "")
        if self.runner.confirmed and not isinstance(failure, certificate.CertificateInvalid):
            failure = OutcomeUnknown(
                f"La facture {self.invoice.number} EST déposée (certificat n° {self.digest or 'non lu'}), mais la "
                f"suite a manqué : {failure.what}",
                cure="relancez la même commande : elle ne renverra rien et ira chercher le certificat.",
            )
        elif isinstance(failure, PortalRefused) and self.claim.state in DOUBTFUL:
            # The form came back with its complaints: the portal itself says that nothing went.
            self.claim.advance(State.REFUSED, why=str(failure))
        elif self.runner.sent and not self.runner.confirmed and not isinstance(failure, OutcomeUnknown):
            failure = OutcomeUnknown(f"« Confirmer et envoyer » a été pressé, puis : {failure.what}")
        elif not self.runner.sent:
            self._leave()
        return failure.outcome, failure.exit_code, str(failure)

    def _leave(self) -> None:
        """Leaves the form by its own button: any other way out keeps a provisional draft on the portal."""
        screens = [screen for screen in self.office.flows.screens.values() if screen.leave]
        try:
            for _ in screens:
                arrival = self.portal.wait_for(screens, timeout=0.5)
                assert arrival.screen.leave
                self.portal.screen(arrival.screen.screen, arrival.frame).press(arrival.screen.leave)
        except (Failure, PlaywrightError):
            # The form was not open, or is closed now.
            return

    def _say(self, message: str) -> None:
        self.announce(events.Noticed(screen="", message=message))


def _other_content(invoice: Invoice, verdict: OtherContent) -> DecisionNeeded:
    return DecisionNeeded(
        f"Une facture n° {invoice.number} est déjà déposée, mais avec un autre contenu : "
        + " ; ".join(verdict.differences)
        + ".",
        cure="si c'est une autre facture, donnez-lui un nouveau numéro (aussi sur le PDF) ; sinon, rien n'est à faire.",
    )
