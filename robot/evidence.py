"""The deposit dossier: one folder per run that proves what was sent, to whom, and what the portal answered.

A listener of events; each file is written at once and whole, so that a killed run leaves a dossier too.
Knows nothing of browsers. What it is given is masked already; addresses lose their query (tickets).
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import asdict
from functools import singledispatchmethod
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel

from robot import manifest
from robot.certificate import safe_name
from robot.events import (
    CertificateSaved,
    Confirming,
    DepositConfirmed,
    DraftSaved,
    Event,
    Noticed,
    PictureTaken,
    ReadBackDone,
    RunEnded,
    RunStarted,
    ScreenSeen,
    StepDone,
    StepStarted,
)
from robot.failures import Failure
from robot.invoice import Invoice
from robot.manifest import (
    Amounts,
    Attachment,
    CertificateFacts,
    File,
    FileKind,
    InvoiceFacts,
    Log,
    Manifest,
    NoticeLog,
    Party,
    PictureLog,
    Portal,
    ReadBack,
    ReadBackRow,
    ScreenLog,
    Sending,
    StepLog,
)
from robot.wholefile import make_private, write_atomically


class DossierUnusable(Failure):
    """Le dossier de preuve ne peut pas être écrit."""

    exit_code = 2
    outcome = "refused"


class Dossier:
    """One run's dossier. `missed` says, in French, what could not be written when nothing could stop it."""

    def __init__(self, out: Path, run: str, *, portal: Portal, invoice: Invoice | None = None) -> None:
        name = run if invoice is None else f"{safe_name(invoice.number)}_{invoice.date:%Y%m%d}_{run}"
        self.folder = out / name
        self.missed: list[str] = []
        self._run = run
        self._portal = portal.model_copy(update={"url": _bare(portal.url)})
        self._invoice = invoice
        self._is_leaving = False
        self._files: dict[str, File] = {}
        self._rows: dict[tuple[str, str], ReadBackRow] = {}
        self._log = Log(run=run, total=0)
        self._manifest: Manifest | None = None
        with self._writing("le dossier"):
            make_private(out)
            self.folder.mkdir(mode=0o700)

    def __call__(self, event: Event) -> None:
        self._take(event)

    def keep(self, path: str, data: bytes, kind: FileKind, *, durable: bool = True) -> Path:
        """Writes a file of the dossier, whole or not at all, and lists it in the manifest."""
        target = self.folder / path
        with self._writing(path):
            write_atomically(target, data, durable=durable)
            sha256 = hashlib.sha256(data).hexdigest()
            self._files[path] = File(path=path, kind=kind, sha256=sha256, size=len(data))
        return target

    def evidence(self) -> list[tuple[Path, str, str]]:
        """Path, SHA-256 and kind of each file, the manifest too: for the journal."""
        folder = self.folder.absolute()
        listed = [(folder / file.path, file.sha256, str(file.kind)) for file in self._files.values()]
        with self._writing(manifest.MANIFEST):
            sealed = (folder / manifest.MANIFEST).read_bytes()
            listed.append((folder / manifest.MANIFEST, hashlib.sha256(sealed).hexdigest(), "manifest"))
        return listed

    # --- events -------------------------------------------------------------------------------------------

    @singledispatchmethod
    def _take(self, event: Event) -> None:
        """Other events are for other listeners."""

    @_take.register
    def _run_started(self, event: RunStarted) -> None:
        self._log = self._log.model_copy(update={"total": event.steps})
        self._manifest = Manifest(
            robot=manifest.robot_version(),
            run=self._run,
            journey=event.journey,
            goal=event.goal,
            browser=event.browser,
            portal=self._portal,
            started=event.at,
            ended=None,
            outcome="unknown",
            exit_code=None,
            message="L'exécution a été interrompue.",
            invoice=self._copy_invoice(self._invoice) if self._invoice else None,
            files=(),
        )
        self._seal()

    def _copy_invoice(self, invoice: Invoice) -> InvoiceFacts:
        self._copy("facture.pdf", invoice.file, "invoice")
        attachments = []
        for number, attachment in enumerate(invoice.attachments, start=1):
            source = attachment.file
            path = f"pieces-jointes/{number:02}-{safe_name(source.stem)}.{safe_name(source.suffix)}"
            self._copy(path, source, "attachment")
            attachments.append(
                Attachment(
                    path=path, name=source.name, designation=attachment.designation, type=attachment.type
                )
            )
        return InvoiceFacts(
            path="facture.pdf",
            name=invoice.file.name,
            number=invoice.number,
            date=invoice.date,
            type=invoice.type,
            cadre=invoice.cadre,
            supplier=Party(siret=invoice.supplier.siret),
            recipient=Party(siret=invoice.recipient.siret, service=invoice.recipient.service),
            engagement=invoice.engagement,
            market=invoice.market,
            amounts=Amounts(**{name: getattr(invoice.amounts, name) for name in ("ht", "tva", "ttc", "due")}),
            currency=invoice.currency,
            vat_type=invoice.vat.type,
            vat_reason=invoice.vat.reason,
            comment=invoice.comment,
            attachments=tuple(attachments),
        )

    def _copy(self, path: str, source: Path, kind: FileKind) -> None:
        with self._writing(path):
            data = source.read_bytes()
        self.keep(path, data, kind)

    @_take.register
    def _screen_seen(self, event: ScreenSeen) -> None:
        seen = ScreenLog(at=event.at, screen=event.screen, title=event.title, url=_bare(event.url))
        self._log = self._log.model_copy(update={"screens": (*self._log.screens, seen)})

    @_take.register
    def _step_started(self, event: StepStarted) -> None:
        names = ("number", "screen", "line", "say", "effect", "source")
        step = StepLog(**{name: getattr(event, name) for name in names}, started=event.at)
        self._log = self._log.model_copy(update={"steps": (*self._log.steps, step)})

    @_take.register
    def _step_done(self, event: StepDone) -> None:
        names = ("seconds", "element", "way", "label", "value", "skipped")
        done = {name: getattr(event, name) for name in names} | {"ended": event.at}
        steps = list(self._log.steps)
        for index in reversed(range(len(steps))):
            if steps[index].number == event.number and steps[index].ended is None:
                steps[index] = steps[index].model_copy(update=done)
                break
        self._log = self._log.model_copy(update={"steps": tuple(steps)})

    @_take.register
    def _noticed(self, event: Noticed) -> None:
        notice = NoticeLog(at=event.at, screen=event.screen, message=event.message)
        self._log = self._log.model_copy(update={"notices": (*self._log.notices, notice)})

    @_take.register
    def _picture_taken(self, event: PictureTaken) -> None:
        path = f"images/{len(self._log.pictures) + 1:03}.jpg"
        self.keep(path, event.jpeg, "picture", durable=False)
        picture = PictureLog(at=event.at, path=path, number=event.number, screen=event.screen)
        self._log = self._log.model_copy(update={"pictures": (*self._log.pictures, picture)})

    @_take.register
    def _read_back_done(self, event: ReadBackDone) -> None:
        for row in event.rows:
            self._rows[row.screen, row.element] = ReadBackRow(**asdict(row))
        self._keep_record(manifest.READ_BACK, ReadBack(rows=tuple(self._rows.values())), "read-back")

    @_take.register
    def _draft_saved(self, event: DraftSaved) -> None:
        self._seal(draft=event.message)

    @_take.register
    def _confirming(self, event: Confirming) -> None:
        self.keep(manifest.CONFIRMATION, event.dialog.encode(), "confirmation")
        self._seal(sending=Sending(confirming_at=event.at, confirmed_at=None))
        self._is_leaving = True

    @_take.register
    def _deposit_confirmed(self, event: DepositConfirmed) -> None:
        self.keep(manifest.SUMMARY, event.summary.encode(), "summary")
        began = self._manifest and self._manifest.sending
        at = began.confirming_at if began else event.at
        self._seal(sending=Sending(confirming_at=at, confirmed_at=event.at, digest=event.digest))

    @_take.register
    def _certificate_saved(self, event: CertificateSaved) -> None:
        path = event.path.name
        if path not in self._files:
            self._copy(path, event.path, "certificate")
        self._seal(certificate=CertificateFacts(path=path, digest=event.digest, sha256=event.sha256))

    @_take.register
    def _run_ended(self, event: RunEnded) -> None:
        ended = {
            "ended": event.at,
            "outcome": event.outcome,
            "exit_code": event.exit_code,
            "message": event.message,
        }
        self._seal(**ended)

    # --- writing ------------------------------------------------------------------------------------------

    def _keep_record(self, path: str, record: BaseModel, kind: FileKind) -> None:
        self.keep(path, record.model_dump_json(indent=2).encode() + b"\n", kind)

    def _seal(self, **changes: object) -> None:
        """Writes the log, then the manifest that vouches for all files."""
        if self._manifest is None:
            return
        self._keep_record(manifest.LOG, self._log, "log")
        files = tuple(sorted(self._files.values(), key=lambda file: file.path))
        values = dict(self._manifest) | changes | {"files": files}
        self._manifest = Manifest.model_validate(values)
        with self._writing(manifest.MANIFEST):
            write_atomically(
                self.folder / manifest.MANIFEST, self._manifest.model_dump_json(indent=2).encode() + b"\n"
            )

    @contextlib.contextmanager
    def _writing(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            why = f"{what} : {error.strerror or error}"
            # Once the confirmation is leaving, a full disk must not keep the outcome from being known.
            if self._is_leaving:
                self.missed.append(why)
                return
            raise DossierUnusable(
                f"Le dossier de preuve ne peut pas être écrit : {why}.",
                where=str(self.folder),
                cure="vérifiez la place libre et les droits, ou donnez un autre dossier avec --out.",
            ) from error


def _bare(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
