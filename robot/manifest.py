"""What a deposit dossier says about itself: the records behind its JSON files, and the manifest's schema.

Public and versioned: others read these files years later, without the robot. Knows not how they are made.
"""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from importlib import metadata
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, StringConstraints, WithJsonSchema
from pydantic.json_schema import GenerateJsonSchema

MANIFEST = "manifest.json"
LOG = "journal.json"
READ_BACK = "lecture.json"
CONFIRMATION = "confirmation.txt"
SUMMARY = "recapitulatif.txt"
# Made from the other files, made again at will: a view, no proof. It is neither hashed nor missed.
REPORT = "rapport.html"

SCHEMA_FILE = Path(__file__).parent / "manifest.schema.json"

Outcome = Literal[
    "deposited",
    "draft",
    "filled",
    "already-deposited",
    "refused",
    "needs-person",
    "portal-unavailable",
    "screen-changed",
    "unknown",
]
FileKind = Literal[
    "invoice",
    "attachment",
    "certificate",
    "rejected-certificate",
    "read-back",
    "confirmation",
    "summary",
    "picture",
    "trace",
    "log",
    "other",
]

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Siret = Annotated[str, StringConstraints(pattern=r"^[0-9]{14}$")]
# Within the dossier, `/` between folders; never up, never absolute.
Inside = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$")
]
Amount = Annotated[
    Decimal,
    PlainSerializer(lambda amount: f"{amount:.2f}", return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^-?[0-9]+\.[0-9]{2}$", "examples": ["600.00"]}),
]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_serialization_defaults_required=True)


class Portal(_Record):
    """Where the run went."""

    name: str = Field(description="Name of the portal in the configuration")
    title: str = Field(description="Name for people, in French")
    url: str = Field(description="Address at which the portal is entered")
    generation: str = Field(description="2021: the tutorial's portal; 2024: today's")
    training: bool = Field(description="True for the training replica: nothing was really deposited")


class Party(_Record):
    """A supplier or a recipient."""

    siret: Siret
    service: str | None = Field(default=None, description="Code of the service, where one was given")


class Amounts(_Record):
    """The totals of the invoice."""

    ht: Amount = Field(description="Before VAT")
    tva: Amount = Field(description="VAT")
    ttc: Amount = Field(description="VAT included")
    due: Amount = Field(description="Left to pay")


class Attachment(_Record):
    """A file sent beside the invoice."""

    path: Inside = Field(description="Its copy in the dossier")
    name: str = Field(description="Its name when it was sent")
    designation: str
    type: str


class InvoiceFacts(_Record):
    """What the invoice says."""

    path: Inside = Field(description="Copy of the PDF in the dossier")
    name: str = Field(description="Name of the PDF when it was sent")
    number: str
    date: dt.date
    type: str
    cadre: str = Field(description="« Cadre de facturation », as a code")
    supplier: Party
    recipient: Party
    engagement: str | None = None
    market: str | None = None
    amounts: Amounts
    currency: str
    vat_type: str
    vat_reason: str | None = None
    comment: str | None = None
    attachments: tuple[Attachment, ...] = ()


class Sending(_Record):
    """The only step that cannot be undone."""

    confirming_at: dt.datetime = Field(description="Just before « Confirmer et envoyer »")
    confirmed_at: dt.datetime | None = Field(description="When the portal said that it is validated")
    digest: str | None = Field(default=None, description="« Certificat de dépôt n° »")


class CertificateFacts(_Record):
    """The certificate, once its text was compared with the invoice."""

    path: Inside
    digest: str = Field(description="« Empreinte »: the same as « Certificat de dépôt n° »")
    sha256: Sha256


class File(_Record):
    """A file of the dossier."""

    path: Inside
    kind: FileKind
    sha256: Sha256
    size: int = Field(ge=0, description="In bytes")


class Manifest(_Record):
    """Who sent what to whom, when, with which outcome, and the SHA-256 of each file that shows it."""

    format: Literal["chorus-robot/dossier"] = "chorus-robot/dossier"
    version: Literal[1] = 1
    robot: str = Field(description="Version of chorus-robot")
    run: str
    journey: str
    goal: str = Field(description="dry-run, draft or send")
    browser: str
    portal: Portal
    started: dt.datetime
    ended: dt.datetime | None = Field(description="null: the run was interrupted")
    outcome: Outcome
    exit_code: int | None
    message: str = Field(description="The outcome in one French sentence")
    invoice: InvoiceFacts | None = Field(description="null: a journey without an invoice")
    draft: str | None = Field(default=None, description="What the portal said when it kept a draft")
    sending: Sending | None = Field(default=None, description="null: nothing was sent")
    certificate: CertificateFacts | None = Field(default=None, description="null: no certificate was checked")
    files: tuple[File, ...]


class ScreenLog(_Record):
    """A screen that was recognised."""

    at: dt.datetime
    screen: str
    title: str
    # Without its query and fragment: they may hold a ticket of the session.
    url: str


class StepLog(_Record):
    """A step, as it went. `ended` is None for the step at which a run stopped."""

    number: int
    screen: str
    line: str
    say: str
    effect: str
    source: str
    started: dt.datetime
    ended: dt.datetime | None = None
    seconds: float = 0.0
    element: str = ""
    way: str = ""
    label: str = ""
    value: str = ""
    skipped: str = ""


class NoticeLog(_Record):
    at: dt.datetime
    screen: str
    message: str


class PictureLog(_Record):
    at: dt.datetime
    path: Inside
    # Step that it shows; 0 outside a step.
    number: int
    screen: str


class Log(_Record):
    """`journal.json`: the run, step by step."""

    format: Literal["chorus-robot/log"] = "chorus-robot/log"
    version: Literal[1] = 1
    run: str
    # How many steps the run could meet.
    total: int
    screens: tuple[ScreenLog, ...] = ()
    steps: tuple[StepLog, ...] = ()
    notices: tuple[NoticeLog, ...] = ()
    pictures: tuple[PictureLog, ...] = ()


class ReadBackRow(_Record):
    """A field, three times: what the portal read in the PDF, what the invoice says, what was kept."""

    screen: str
    element: str
    label: str
    recognised: str
    invoice: str
    kept: str


class ReadBack(_Record):
    """`lecture.json`: the form, read again before anything was sent."""

    format: Literal["chorus-robot/read-back"] = "chorus-robot/read-back"
    version: Literal[1] = 1
    rows: tuple[ReadBackRow, ...]


def manifest_schema() -> str:
    """The JSON schema of `manifest.json`, as shipped in `manifest.schema.json`."""
    schema = Manifest.model_json_schema(mode="serialization", schema_generator=_WithoutTitles)
    head = {"$schema": _WithoutTitles.schema_dialect}
    whole = head | schema | {"title": "chorus-robot: deposit dossier"}
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


class _WithoutTitles(GenerateJsonSchema):
    """pydantic titles each field with its own name again: left out."""

    def field_title_should_be_set(self, schema: object) -> bool:
        return False


def robot_version() -> str:
    try:
        return metadata.version("chorus-robot")
    except metadata.PackageNotFoundError:
        return "sans numéro"
