"""One try at one invoice: look it up, run the journey, find out what became of it, fetch the certificate.

The one place that decides what follows what, and so the place that keeps « never twice, never lost »: only what sends
nothing is tried again. Knows nothing of other invoices; opens and closes nothing.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Error as PlaywrightError

from robot import certificate, events
from robot.account import Account
from robot.deposits import DOUBTFUL, Deposited, Doubt, OtherContent, Resume, State, content_of
from robot.evidence import Dossier
from robot.failures import (
    AlreadyDeposited,
    DecisionNeeded,
    Failure,
    Maintenance,
    OutcomeUnknown,
    PersonNeeded,
    PortalRefused,
    PortalUnavailable,
)
from robot.fields import plain
from robot.handover import Person
from robot.inquiry import Inquiry
from robot.invoice import Invoice
from robot.journal import Claim, Journal
from robot.lookup import Listed, LookUp
from robot.pages import Portal
from robot.runner import Runner
from robot.screens import Flows
from robot.steps import Goal
from robot.tabs import Arrival, failure_of_browser
from robot.trace import Trace

JOURNEY = "depot"

# Seconds before each new try at what nobody received: a portal that stumbles is back soon, or not for a while.
PAUSES = (2, 10)
# How a portal may say that a number is taken; its own words are unknown (compared without accents).
_DUPLICATE = re.compile(r"existe deja|deja (ete )?(utilise|depose|enregistre|connu|presente?)|doublon")
_REJECTED = ("rejetee",)


class Ended(NamedTuple):
    """How a try ended; the message is French."""

    outcome: str
    exit_code: int
    message: str


@dataclass(frozen=True)
class Surroundings:
    """What a try works with, all of it open."""

    portal: Portal
    flows: Flows
    journal: Journal
    dossier: Dossier
    trace: Trace
    account: Account
    announce: Callable[[events.Event], None]
    goal: Goal
    # Somebody is in front of the window.
    is_attended: bool


class Attempt:
    """One try, with what it learns on the way."""

    def __init__(self, invoice: Invoice, claim: Claim, around: Surroundings) -> None:
        self.invoice = invoice
        self.claim = claim
        self.around = around
        # The certificate on disk, checked, and its number.
        self.certificate: Path | None = None
        self.digest = ""
        # The last failure, where there was one.
        self.failure: Failure | None = None
        # A form was opened for this invoice, now or by an earlier run: the portal may hold a draft of it.
        self._has_filled = claim.state is not State.PREPARED
        self._steps = 0
        self.runner = self._new_runner()
        self.inquiry = Inquiry(
            around.portal,
            around.flows,
            around.flows.journeys[JOURNEY],
            new_runner=lambda: self._new_runner(Goal.SEND),
            look_up=lambda runner: LookUp(around.portal, runner, around.flows, invoice),
            say=self._say,
        )

    def _new_runner(self, goal: Goal | None = None) -> Runner:
        around = self.around
        return Runner(
            around.portal,
            around.flows,
            goal=goal or around.goal,
            values={"invoice": self.invoice, "supplier": self.invoice.supplier, "account": around.account},
            subject=self.invoice.number,
            announce=self._announce,
            keep=self._keep_certificate,
            person=Person(around.portal, self._announce) if around.is_attended else None,
            traced=around.trace.group,
            first_step=self._steps + 1,
        )

    def _announce(self, event: events.Event) -> None:
        if isinstance(event, events.StepStarted):
            self._steps = event.number
        self.around.announce(event)

    def run(self) -> Ended:
        """Never raises a Failure."""
        for pause in (*PAUSES, None):
            try:
                return self._settle()
            except Failure as failure:
                self.failure = failure
            except PlaywrightError as error:
                self._say(f"Détail technique : {error.message.splitlines()[0]}")
                self.failure = failure_of_browser(error)
            if pause is None or not self._may_try_again(self.failure):
                break
            self._say(f"{self.failure.what} Nouvel essai dans {pause} s.")
            time.sleep(pause)
        assert self.failure
        return self._failed(self.failure)

    def _may_try_again(self, failure: Failure) -> bool:
        """Only where nothing can be doubled: neither an invoice nor a password."""
        is_passing = isinstance(failure, PortalUnavailable) and not isinstance(failure, Maintenance)
        runners = [runner for runner in (self.runner, self.inquiry.runner) if runner]
        return is_passing and not self.runner.sent and not any(runner.awaits_answer for runner in runners)

    # --- what comes first ---------------------------------------------------------------------------------------

    def _settle(self) -> Ended:
        verdict, goal = self.claim.verdict, self.around.goal
        if isinstance(verdict, OtherContent):
            raise other_content(self.invoice, verdict)
        if isinstance(verdict, Deposited):
            return self._recovered(self.inquiry.find_sent(self._confirmed_at()), "le portail l'avait reçue")
        if goal is Goal.DRY_RUN and self.claim.state not in DOUBTFUL:
            return self._fill()
        is_doubtful = self.claim.state in DOUBTFUL
        listed = self._looked_up(is_doubtful=is_doubtful)
        if listed and not listed.is_draft:
            if is_doubtful:
                return self._recovered(listed, "un essai précédent l'avait déposée")
            raise self._deposited_elsewhere(listed)
        if is_doubtful:
            self.claim.not_found("le portail ne la montre pas parmi les factures envoyées")
            self._say("Le portail n'a pas reçu cette facture : le dépôt reprend.")
        if self._has_filled:
            draft = self.inquiry.remove_drafts(listed)
            if draft:
                return self._continue(draft)
        elif listed:
            self._say("Le portail garde un brouillon de cette facture que le robot n'a pas fait ; il le laisse.")
        return self._fill()

    def _looked_up(self, *, is_doubtful: bool) -> Listed | None:
        """What the portal has, before anything is filled: a person or another machine may have been there too."""
        try:
            return self.inquiry.find_sent(self._confirmed_at() if is_doubtful else None)
        except OutcomeUnknown as failure:
            if is_doubtful:
                raise
            # This robot never sent it: the portal's own check of numbers must do.
            self._say(f"{failure.what} Le dépôt continue : le robot n'a jamais envoyé cette facture.")
            return None

    def _fill(self) -> Ended:
        journey = self.around.flows.journeys[JOURNEY]
        self._has_filled = True
        self.runner = self._new_runner()
        if self.inquiry.is_among_tabs:
            # The look-up ended there: the way need not be gone again.
            tabs = self.around.flows.screens["factures-emises"]
            self.inquiry.is_among_tabs = False
            self.runner.follow(journey, self.around.portal.wait_for([tabs]))
        else:
            self.runner.run(journey)
        return self._succeeded()

    def _continue(self, draft: Arrival) -> Ended:
        """Goes on with the form of a draft. Its PDF stays: only a draft of the same content is taken up."""
        verdict = self.claim.verdict
        before = verdict.deposit.content if isinstance(verdict, Resume | Doubt) else None
        if before and before.differences(content_of(self.invoice)):
            raise DecisionNeeded(
                f"Le portail garde un brouillon de la facture {self.invoice.number} avec un autre contenu.",
                cure="supprimez ce brouillon sur le portail, puis relancez la même commande.",
            )
        self.runner = self._new_runner()
        self.runner.is_continuing = True
        self.runner.follow(self.around.flows.journeys[JOURNEY], draft)
        return self._succeeded()

    def _succeeded(self) -> Ended:
        number = self.invoice.number
        if self.around.goal is Goal.DRY_RUN:
            return Ended("filled", 0, f"Facture {number} : formulaire rempli, relu, et quitté sans rien garder.")
        if self.around.goal is Goal.DRAFT:
            self._announce(events.DraftSaved(message="« Enregistrer » a gardé un brouillon"))
            message = f"Facture {number} : brouillon enregistré, PAS ENVOYÉE. Pour l'envoyer, relancez avec --send."
            return Ended("draft", 0, message)
        training = " (réplique d'entraînement : rien n'est réellement déposé)" if self._is_training else ""
        return Ended("deposited", 0, f"Facture {number} déposée{training} ; certificat : {self.certificate}")

    @property
    def _is_training(self) -> bool:
        return self.around.portal.place.is_replica

    # --- what the portal says of it -----------------------------------------------------------------------------

    def _confirmed_at(self) -> datetime | None:
        """When « Confirmer et envoyer » was about to be pressed, now or by an earlier run."""
        deposit = self.around.journal.deposit(self.claim.key)
        return deposit.confirming_at if deposit else None

    def _deposited_elsewhere(self, listed: Listed) -> AlreadyDeposited:
        """The portal lists it as sent: the journal learns it, and the certificate is kept where it is given again."""
        self.claim.found(f"retrouvée sur le portail, état « {listed.state} »", digest=None)
        self._fetch(listed)
        kept = f" ; son certificat : {self.certificate}" if self.certificate else ""
        day = f" depuis le {self.inquiry.day:%d/%m/%Y}" if self.inquiry.day else ""
        cure = ""
        if plain(listed.state).startswith(_REJECTED):
            cure = "l'université l'a rejetée : corrigez-la et déposez-la sous un nouveau numéro (aussi sur le PDF)."
        elif not self.certificate:
            cure = "ouvrez-la dans « Rechercher » sur le portail et exportez le certificat à la main."
        return AlreadyDeposited(
            f"La facture {self.invoice.number} est déjà sur le portail{day} (état « {listed.state} »){kept}.", cure=cure
        )

    def _recovered(self, listed: Listed | None, why: str) -> Ended:
        """It was sent: what may be missing is the certificate. Raises AlreadyDeposited, OutcomeUnknown."""
        if listed is None or listed.is_draft:
            raise OutcomeUnknown(
                f"La facture {self.invoice.number} est déposée, mais « Rechercher » ne la montre pas encore : son "
                "certificat manque.",
                cure="relancez la même commande plus tard : elle ira chercher le certificat, sans rien renvoyer.",
            )
        self.claim.found(f"retrouvée sur le portail, état « {listed.state} »", digest=None)
        if self._fetch(listed):
            message = f"Facture {self.invoice.number} : {why} ; certificat récupéré : {self.certificate}"
            return Ended("deposited", 0, message)
        raise AlreadyDeposited(
            f"La facture {self.invoice.number} est déposée (état « {listed.state} »), mais le portail n'a pas redonné le "
            "certificat.",
            cure="relancez la même commande plus tard, ou ouvrez la facture dans « Rechercher » sur le portail et "
            "exportez le certificat à la main.",
        )

    def _fetch(self, listed: Listed) -> bool:
        """Takes the certificate from the portal's list."""
        return self.inquiry.fetch(listed, lambda content, digest: self._keep_certificate(content, {"certificat": digest}))

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
            self.around.dossier.keep("certificat-refuse.pdf", content, "rejected-certificate")
            raise
        self.digest = checked.digest
        name = certificate.file_name(invoice.number, checked.date or events.now().date())
        path = self.around.dossier.keep(name, content, "certificate")
        self.certificate = path
        self._announce(events.CertificateSaved(path=path, sha256=checked.sha256, digest=self.digest))
        return path

    # --- when it did not go well --------------------------------------------------------------------------------

    def _failed(self, failure: Failure) -> Ended:
        self.runner.picture(None)
        self.digest = self.digest or self.runner.outcome.notes.get("certificat", "")
        try:
            if self.runner.confirmed:
                return self._without_certificate(failure)
            if self.runner.sent:
                return self._without_answer(failure)
            if isinstance(failure, PortalRefused):
                failure = self._known_number(failure)
        except Failure as other:
            failure = other
        if not self.runner.sent:
            self._leave()
        self.failure = failure
        return Ended(failure.outcome, failure.exit_code, str(failure))

    def _without_certificate(self, failure: Failure) -> Ended:
        """The portal said that it is deposited, and something after that failed."""
        if not isinstance(failure, PersonNeeded):
            self._say(f"{failure.what} Le robot retourne chercher le certificat dans « Rechercher ».")
            try:
                listed = self.inquiry.find_sent(self._confirmed_at())
                if listed and not listed.is_draft and self._fetch(listed):
                    return self._succeeded()
            except (Failure, PlaywrightError) as error:
                self._say(f"La recherche n'a pas abouti : {getattr(error, 'what', 'le navigateur a calé')}")
        if isinstance(failure, certificate.CertificateInvalid):
            raise failure
        raise OutcomeUnknown(
            f"La facture {self.invoice.number} EST déposée (certificat n° {self.digest or 'non lu'}), mais la "
            f"suite a manqué : {failure.what}",
            cure="relancez la même commande : elle ne renverra rien et ira chercher le certificat.",
        )

    def _without_answer(self, failure: Failure) -> Ended:
        """The last button may have been pressed: the portal's own list tells, if it can be asked."""
        if isinstance(failure, PortalRefused):
            # The form came back with its complaints: the portal itself says that nothing went.
            self.claim.advance(State.REFUSED, why=str(failure))
            raise failure
        if not isinstance(failure, OutcomeUnknown):
            failure = OutcomeUnknown(f"« Confirmer et envoyer » a été pressé, puis : {failure.what}")
        if isinstance(self.failure, PersonNeeded):
            raise failure
        self._say(f"{failure.what} Le robot regarde dans « Rechercher » ce qu'il en est.")
        try:
            listed = self.inquiry.find_sent(self._confirmed_at())
        except (Failure, PlaywrightError) as error:
            self._say(f"La recherche n'a pas abouti : {getattr(error, 'what', 'le navigateur a calé')}")
            raise failure from None
        if listed and not listed.is_draft:
            return self._recovered(listed, "le portail l'a bien reçue")
        raise failure

    def _known_number(self, refusal: PortalRefused) -> Failure:
        """A number that the portal says it has: deposited by hand or from elsewhere, or held by a draft."""
        if self.around.goal is not Goal.SEND or not _DUPLICATE.search(plain(refusal.message)):
            return refusal
        try:
            self._leave()
            listed = self.inquiry.find()
            if listed and not listed.is_draft:
                return self._deposited_elsewhere(listed)
        except (Failure, PlaywrightError) as error:
            self._say(f"La recherche de ce numéro n'a pas abouti : {getattr(error, 'what', 'le navigateur a calé')}")
        return DecisionNeeded(
            f"Le portail connaît déjà ce numéro : « {refusal.message} ».",
            cure="cherchez-le dans « Rechercher » sur le portail : si c'est un brouillon, supprimez-le puis relancez ; "
            "si la facture y est déjà déposée, ne la renvoyez pas sous un autre numéro.",
        )

    def _leave(self) -> None:
        """Leaves the form by its own button: any other way out keeps a provisional draft on the portal."""
        screens = [screen for screen in self.around.flows.screens.values() if screen.leave]
        portal = self.around.portal
        try:
            for _ in screens:
                arrival = portal.wait_for(screens, timeout=0.5)
                assert arrival.screen.leave
                portal.screen(arrival.screen.screen, arrival.frame).press(arrival.screen.leave)
        except (Failure, PlaywrightError):
            # The form was not open, or is closed now.
            return

    def _say(self, message: str) -> None:
        self._announce(events.Noticed(screen="", message=message))


def other_content(invoice: Invoice, verdict: OtherContent) -> DecisionNeeded:
    """The question for a number that was sent with another content."""
    return DecisionNeeded(
        f"Une facture n° {invoice.number} est déjà déposée, mais avec un autre contenu : "
        + " ; ".join(verdict.differences)
        + ".",
        cure="si c'est une autre facture, donnez-lui un nouveau numéro (aussi sur le PDF) ; sinon, rien n'est à faire.",
    )
