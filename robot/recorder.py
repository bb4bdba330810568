"""Writes what a run announces into the journal, as it happens.

Knows nothing of who announces. What must be on the disk before the run goes on (the
confirmation, its outcome) is there when the call returns; the rest does not wait for the disk, and survives
the death of the program.
"""

from __future__ import annotations

import os
import socket
from functools import singledispatchmethod
from pathlib import Path

from robot.deposits import DOUBTFUL, EDITABLE, State
from robot.events import (
    CertificateSaved,
    Confirming,
    DepositConfirmed,
    DraftSaved,
    Event,
    Noticed,
    RunEnded,
    RunStarted,
    StepDone,
    StepStarted,
)
from robot.journal import Claim, Journal, JournalUnusable, stamp


class Recorder:
    """A listener for one run. With a claim it moves the invoice along its states, then releases it."""

    def __init__(
        self,
        journal: Journal,
        run: str,
        *,
        claim: Claim | None = None,
        folder: Path | None = None,
        robot: str = "",
    ) -> None:
        self._journal = journal
        self._run = run
        self._claim = claim
        self._folder = folder
        self._robot = robot
        self._is_filling = False
        # What could not be written once nothing may stop the run, in French.
        self.missed: list[str] = []

    def __call__(self, event: Event) -> None:
        try:
            self._record(event)
        except JournalUnusable as failure:
            # Once the confirmation is leaving, a full disk must not keep the certificate from coming back.
            # The journal then still says "confirming": the next run looks the invoice up.
            if self._claim is None or self._claim.state in EDITABLE:
                raise
            self.missed.append(str(failure))

    @singledispatchmethod
    def _record(self, event: Event) -> None:
        """Other events are for other listeners."""

    @_record.register
    def _run_started(self, event: RunStarted) -> None:
        self._note(
            "add-run",
            event,
            journey=event.journey,
            goal=event.goal,
            portal=event.portal,
            invoice=event.invoice,
            browser=event.browser,
            robot=self._robot,
            folder=str(self._folder.absolute()) if self._folder else None,
            pid=os.getpid(),
            host=socket.gethostname(),
        )

    @_record.register
    def _step_started(self, event: StepStarted) -> None:
        # Steps without a tutorial line sign in: they leave nothing of the invoice on the portal.
        is_edit = event.effect != "read" and event.line != "new"
        if self._claim and is_edit and not self._is_filling and self._claim.state in EDITABLE:
            self._claim.advance(State.FILLING)
            self._is_filling = True
        self._note(
            "add-step",
            event,
            number=event.number,
            screen=event.screen,
            line=event.line,
            say=event.say,
            effect=event.effect,
            source=event.source,
        )

    @_record.register
    def _step_done(self, event: StepDone) -> None:
        self._note(
            "end-step",
            event,
            number=event.number,
            seconds=event.seconds,
            element=event.element,
            way=event.way,
            label=event.label,
            value=event.value,
            skipped=event.skipped,
        )

    @_record.register
    def _noticed(self, event: Noticed) -> None:
        self._note("add-notice", event, screen=event.screen, message=event.message)

    def _note(self, request: str, event: Event, **values: object) -> None:
        with self._journal.writing(durable=False) as do:
            do(request, run=self._run, at=stamp(event.at), **values)

    @_record.register
    def _confirming(self, event: Confirming) -> None:
        if self._claim:
            self._claim.advance(State.CONFIRMING)

    @_record.register
    def _draft_saved(self, event: DraftSaved) -> None:
        if self._claim:
            self._claim.advance(State.DRAFT, why=event.message)

    @_record.register
    def _deposit_confirmed(self, event: DepositConfirmed) -> None:
        if self._claim:
            self._claim.advance(State.DEPOSITED, digest=event.digest)

    @_record.register
    def _certificate_saved(self, event: CertificateSaved) -> None:
        if self._claim:
            if self._claim.state is State.CONFIRMING:
                self._claim.advance(State.DEPOSITED, digest=event.digest)
            path = event.path.absolute()
            self._claim.advance(
                State.CERTIFIED, digest=event.digest, certificate=path, certificate_sha256=event.sha256
            )

    @_record.register
    def _run_ended(self, event: RunEnded) -> None:
        if self._claim:
            self._leave(self._claim, event)
        with self._journal.writing() as do:
            do(
                "end-run",
                run=self._run,
                at=stamp(event.at),
                outcome=event.outcome,
                exit_code=event.exit_code,
                message=event.message,
            )

    def _leave(self, claim: Claim, event: RunEnded) -> None:
        if claim.state in DOUBTFUL:
            # Whatever the run believes, only the portal's own list ends a doubt.
            claim.advance(State.UNKNOWN, why=event.message)
        elif event.outcome == "refused" and event.exit_code == 1 and claim.state in EDITABLE:
            claim.advance(State.REFUSED, why=event.message)
        elif event.outcome == "filled" and self._is_filling:
            # A dry run leaves the form without keeping it: an earlier draft, or nothing, is what remains.
            claim.advance(claim.before, why=event.message)
        claim.release()
