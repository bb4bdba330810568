"""What the engine announces while it runs; journal, evidence, console and report listen.

Knows nothing of who listens. Every event is a frozen record; values typed into the portal appear already masked
when they are secret.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from robot.redaction import redacted


def now() -> datetime:
    """The current instant, in UTC, as every event records it."""
    return datetime.now(UTC)


def new_run() -> str:
    """Name of a run: when it began, and four letters to tell two of the same second apart."""
    return f"{now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened in a run."""

    at: datetime = field(default_factory=now)


@dataclass(frozen=True, kw_only=True)
class RunStarted(Event):
    """A run begins: one invoice, one journey, one portal."""

    run: str
    journey: str
    # "dry-run", "draft" or "send".
    goal: str
    # Name of the portal in the config, e.g. "replica".
    portal: str
    # Number of the invoice; empty for a journey without one.
    invoice: str
    # Steps that this goal can meet, in order: the total of "step 3 of 20".
    steps: int
    # What a journey without an invoice does, in French.
    title: str = ""
    # Browser taken, as a person reads it, e.g. "Chromium 131 (/usr/bin/chromium)".
    browser: str = ""


@dataclass(frozen=True, kw_only=True)
class ScreenSeen(Event):
    """The portal shows a screen that the flows know."""

    screen: str
    title: str
    url: str


@dataclass(frozen=True, kw_only=True)
class StepEvent(Event):
    """Something about one step of a screen."""

    screen: str
    # Position in the run, from 1.
    number: int
    # Tutorial line, e.g. "3.5"; "new" where the tutorial says nothing.
    line: str
    # The French caption.
    say: str
    # read, edit, draft or send.
    effect: str
    # Flow file and line, e.g. "flows/3-depot/20-cadre-de-facturation.yaml:31".
    source: str


@dataclass(frozen=True, kw_only=True)
class StepStarted(StepEvent):
    """A step begins."""


@dataclass(frozen=True, kw_only=True)
class StepDone(StepEvent):
    """A step ended well (or was not needed: `skipped` says why, in French)."""

    # Element of the flow that was acted on; empty where none.
    element: str = ""
    # Which way found it: role, label, beside, hint, picker, sole, id; empty where none.
    way: str = ""
    # The label matched on the page.
    label: str = ""
    # What was typed, chosen or read; secrets masked.
    value: str = ""
    skipped: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Noticed(Event):
    """Something the person should know, in French; the run goes on."""

    screen: str
    message: str


@dataclass(frozen=True, kw_only=True)
class HandedOver(Noticed):
    """The window is a person's until what is asked is done."""


@dataclass(frozen=True, kw_only=True)
class TakenBack(Noticed):
    """The window is the robot's again: what was asked is done, or nobody did it."""


@dataclass(frozen=True, kw_only=True)
class PasswordGoing(Event):
    """The account's password is about to be typed. Must be counted when the call returns; a listener may refuse it."""

    email: str


@dataclass(frozen=True, kw_only=True)
class PasswordAnswered(Event):
    """The portal took the password, or refused it."""

    email: str
    accepted: bool


@dataclass(frozen=True)
class Kept:
    """One line of the read-back table: what the portal had read, what the invoice says, what was kept."""

    screen: str
    element: str
    label: str
    # What stood in the field before we touched it (the recogniser's reading).
    recognised: str
    invoice: str
    kept: str


@dataclass(frozen=True, kw_only=True)
class ReadBackDone(Event):
    """Everything typed was read back from the page and equals the invoice."""

    rows: tuple[Kept, ...]


@dataclass(frozen=True, kw_only=True)
class RecipientSeen(Event):
    """The form is filled for a recipient that the portal knows, and shows what it requires of it."""

    siret: str
    # What the portal calls it; empty where the form does not show it beside the SIRET.
    name: str
    # By « engagement » and « service »; what the form does not show is not here.
    required: Mapping[str, bool]


@dataclass(frozen=True, kw_only=True)
class Confirming(Event):
    """What cannot be undone comes next, and all that was to be compared is equal. Must be durable on return."""

    # What it is about: the invoice's number, the account's address, the structure's SIRET.
    subject: str
    # Text of the window or page that asks for it, as shown.
    dialog: str


@dataclass(frozen=True, kw_only=True)
class DraftSaved(Event):
    """« Enregistrer » left a draft: nothing was sent."""

    message: str


@dataclass(frozen=True, kw_only=True)
class DepositConfirmed(Event):
    """The portal said the invoice is validated."""

    # « Certificat de dépôt n° »: base64 of 32 bytes.
    digest: str
    # The summary's text, as shown.
    summary: str


@dataclass(frozen=True, kw_only=True)
class CertificateSaved(Event):
    """The certificate is on disk and its content was checked against the invoice."""

    path: Path
    sha256: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class PictureTaken(Event):
    """A masked picture of the screen (JPEG bytes), for the step numbered `number` (0 = outside a step)."""

    number: int
    screen: str
    jpeg: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class RunEnded(Event):
    """The run is over, with its outcome and one French sentence."""

    # deposited, draft, filled, already-deposited, refused, needs-person, portal-unavailable, screen-changed, unknown
    outcome: str
    exit_code: int
    message: str


Listener = Callable[[Event], None]


# Words that come from a page, a failure or a field: a portal may repeat there what it was given.
_WORDS = frozenset({"title", "url", "say", "label", "value", "skipped", "message", "dialog", "summary", "recognised", "kept"})

Told = TypeVar("Told", "Event", "Kept")


def without_secrets(told: Told) -> Told:
    """The same event, its words redacted; what names a run, an invoice or an account stays."""
    names = [field.name for field in fields(told) if field.name in _WORDS]
    words: dict[str, Any] = {name: redacted(getattr(told, name)) for name in names}
    if isinstance(told, ReadBackDone):
        words["rows"] = tuple(without_secrets(row) for row in told.rows)
    return replace(told, **words)


class Announcer:
    """Hands each event, without any secret, to every listener, in the order they were added."""

    def __init__(self, *listeners: Listener) -> None:
        self._listeners = list(listeners)

    def __call__(self, event: Event) -> None:
        event = without_secrets(event)
        for listen in self._listeners:
            listen(event)
