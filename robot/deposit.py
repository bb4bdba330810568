"""Deposits of one command, one after the other: each judged with the journal, tried (`attempt.py`), and its proof kept.

Opens no browser itself: it is given a portal.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from robot import events
from robot.attempt import JOURNEY, Attempt, Surroundings, other_content
from robot.checks import LoadedInvoice
from robot.deposits import Deposit, Deposited, Key, OtherContent, content_of
from robot.evidence import Dossier
from robot.failures import (
    AlreadyDeposited,
    CaptchaNeeded,
    Failure,
    PortalUnavailable,
    SecondFactorNeeded,
    SignInNeeded,
)
from robot.history import History
from robot.invoice import Invoice
from robot.journal import Claim, Journal, Mandate
from robot.manifest import Portal as PortalFacts
from robot.manifest import robot_version
from robot.plan import count_steps
from robot.recorder import Recorder
from robot.report import write_report
from robot.screens import Flows
from robot.session import Session, portal_key
from robot.signins import SignIns
from robot.steps import Goal
from robot.tabs import Place
from robot.trace import Trace


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
        return refused_before(invoice.number, other_content(invoice, verdict))
    if isinstance(verdict, Deposited) and _has_certificate(verdict.deposit):
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


def _has_certificate(deposit: Deposit) -> bool:
    """Whether the certificate still stands where it was kept, byte for byte."""
    try:
        content = deposit.certificate.read_bytes() if deposit.certificate else b""
    except OSError:
        return False
    return hashlib.sha256(content).hexdigest() == deposit.certificate_sha256


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
        config: Path,
        listeners: Iterable[events.Listener] = (),
    ) -> None:
        self.flows = flows
        self.journal = journal
        self.session = session
        self.place = session.place
        self.goal = goal
        self.out = out
        self.config = config
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
            mandate = Mandate(
                source=loaded.path.absolute(),
                goal=self.goal.value,
                place=self.place.name,
                config=self.config.absolute(),
                dossiers=self.out.absolute(),
            )
            with self.journal.claim(self._key(invoice), content_of(invoice), run=run, mandate=mandate) as claim:
                History(self.journal).keep(claim.key, loaded.paper)
                return self._deposit(loaded, claim, run)
        except Failure as failure:
            # Journal or dossier cannot be written: nothing was pressed.
            return refused_before(invoice.number, failure)

    def _note(self, failure: Failure | None) -> None:
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
        surroundings = Surroundings(
            portal=portal,
            flows=self.flows,
            journal=self.journal,
            dossier=dossier,
            trace=trace,
            account=self.session.account,
            announce=announce,
            goal=self.goal,
            is_attended=self.session.is_attended,
        )
        attempt = Attempt(invoice, claim, surroundings)
        portal.notice = lambda screen, message: announce(events.Noticed(screen=screen, message=message))
        announce(
            events.RunStarted(
                run=run,
                journey=JOURNEY,
                goal=self.goal.value,
                portal=self.place.name,
                invoice=invoice.number,
                steps=sum(
                    count_steps(self.flows, journey, goal, {"invoice": invoice})
                    for journey, goal in ((JOURNEY, self.goal), ("recherche", Goal.SEND))
                ),
                browser=self.session.browser,
            )
        )
        for note in self.session.notes:
            announce(events.Noticed(screen="", message=note))
        for finding in loaded.findings:
            announce(events.Noticed(screen="", message=finding.message))
        outcome, exit_code, message = attempt.run()
        self._note(attempt.failure)
        try:
            trace.stop(lambda zipped: dossier.keep("trace.zip", zipped, "trace"))
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
