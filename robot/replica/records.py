"""All that the replica remembers, as typed records that can be written to a file and read again.

Pure data: what may be done with it is in `state.py`, `journey.py` and `identity.py`.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from robot.replica.intake import Format
from robot.replica.statuses import Status

# Number shown for an invoice that a person left without saving it.
PROVISIONAL = "Provisoire"


class Record(BaseModel):
    model_config = ConfigDict(extra="forbid", validate_assignment=True)


class File(Record):
    """A file that was handed in; its bytes are in the store."""

    name: str
    sha256: str
    size: int


class Attachment(Record):
    """A file sent beside the invoice."""

    file: File
    designation: str
    type: str


class Form(Record):
    """The fields of the form as the page holds them; amounts and dates as they are written there."""

    # « Le destinataire est-il l'État ? »: OUI, NON, or empty while nobody answered.
    state: Literal["", "OUI", "NON"] = ""
    # Of the recipient.
    siret: str = ""
    service: str = ""
    number: str = ""
    date: str = ""
    engagement: str = ""
    market: str = ""
    type: str = "FACTURE"
    vat_type: str = ""
    vat_reason: str = ""
    payment: str = ""
    currency: str = "EUR"
    ht: str = ""
    tva: str = ""
    ttc: str = ""
    due: str = ""
    comment: str = ""
    # Asked for under the fault `new-required-field` only.
    worksite: str = ""
    attachments: tuple[Attachment, ...] = ()


class Event(Record):
    """A line of « Historique des actions utilisateurs »."""

    at: datetime
    who: str
    what: str


class Bill(Record):
    """An invoice of the portal: a draft, or one that was sent."""

    id: int
    status: Status = Status.DRAFT
    # SIRET and service of the supplier.
    supplier: str
    supplier_service: str = ""
    cadre: str
    file: File
    format: Format
    form: Form
    # What « Enregistrer », or sending, kept last; None when nothing was kept.
    saved: Form | None = None
    # What was sent last: the certificate proves it, whatever is corrected since.
    sent: Form | None = None
    deposited_at: datetime | None = None
    # When it came to its state; None: when it was deposited, if it was.
    status_at: datetime | None = None
    # Why its recipient sent it back.
    reason: str = ""
    # A rejected or suspended invoice: whether its supplier has said that they know; a rejected one: whether it is done with.
    is_acknowledged: bool = False
    is_treated: bool = False
    history: tuple[Event, ...] = ()

    @property
    def since(self) -> datetime | None:
        """« Date état courant »."""
        return self.status_at or self.deposited_at

    @property
    def can_be_sent(self) -> bool:
        """A draft, or an invoice that came back « à recycler »."""
        return self.status in (Status.DRAFT, Status.TO_RECYCLE)

    def shown_number(self) -> str:
        """The number as lists show it."""
        kept = self.status is not Status.DRAFT or self.saved is not None
        return (kept and self.form.number) or PROVISIONAL


class Fault(Record):
    """A refusal: the field it is about (empty for the whole screen) and its French sentence."""

    field: str
    message: str


class Screen(StrEnum):
    """Screens of the deposit, in the order of the journey."""

    DEPOSIT = "depot"
    FORM = "formulaire"
    ATTACHMENTS = "pieces-jointes"
    SUMMARY = "recapitulatif"
    BATCH = "lot-importe"
    LEFT = "quitte"


class Window(StrEnum):
    """A window that stands over a screen."""

    NONE = ""
    SIGNATURE = "signature-absente"
    CONFIRMATION = "confirmation"


class Execution(Record):
    """One run through the deposit, with its place on the server: `?execution=e1s3` is its third step."""

    number: int
    step: int = 1
    screen: Screen = Screen.DEPOSIT
    window: Window = Window.NONE
    # The invoice in hand, once its form is open.
    bill: int | None = None
    # Choices of the deposit dialog.
    file: File | None = None
    format: Format | None = None
    cadre: str = ""
    supplier: str = ""
    supplier_service: str = ""
    # SIRET and name of the structures to choose from.
    suppliers: dict[str, str] = {}
    # Identifier that « Rechercher » was last asked for.
    searched: str | None = None
    # What is being answered to the recipient of a suspended invoice.
    completion: str = ""
    # What the last step has to say.
    faults: tuple[Fault, ...] = ()
    notice: str = ""

    @property
    def key(self) -> str:
        return f"e{self.number}s{self.step}"


class Session(Record):
    """A signed-in person on the invoicing application."""

    # Of the account.
    email: str
    # Last request, seconds since 1970.
    seen: float = 0
    # The window of rejected and suspended invoices was closed: it comes back with the next session.
    is_put_off: bool = False
    # What the deposits in progress are at; the last ones only.
    executions: dict[int, Execution] = {}
    next_execution: int = 1


class Attempt(Record):
    """A sign-in that was begun on behalf of an origin, and goes back there."""

    redirect_uri: str
    state: str
    # Account whose password was right: what is missing is the code. Empty before.
    email: str = ""
    mailed_code: str = ""
    code_expires: float = 0


class Mail(Record):
    """A message that the portal sends, or would have sent."""

    at: datetime
    to: str
    subject: str
    body: str
    # Address to follow; empty where there is none.
    link: str = ""


class Account(Record):
    """Who can sign in, once the link of the mail was followed and a password chosen."""

    email: str
    first_name: str
    last_name: str
    phone: str = ""
    contact: str = ""
    # Salted hashes; empty before a password was chosen.
    password: str = ""
    answer: str = ""
    question: str = ""
    # Base 32 secret of an authenticator app; empty where codes come by mail only.
    totp: str = ""
    # Own structure named at sign-up, and « espaces » chosen there (2021).
    siret: str = ""
    spaces: tuple[str, ...] = ()
    # Wrong passwords in a row.
    failures: int = 0
    locked_until: float = 0

    @property
    def name(self) -> str:
        """As the portal greets the person."""
        return f"{self.first_name} {self.last_name}"

    @property
    def is_active(self) -> bool:
        return bool(self.password)


class SignUp(Record):
    """A form of account creation in progress."""

    # Typed so far, by name of field.
    fields: dict[str, str] = {}
    captcha: str
    captcha_solved: bool = False


class Activation(Record):
    """The link of an activation mail."""

    email: str
    expires: float


class Visit(Record):
    """A session of the portal home."""

    # Of the account.
    email: str
    # Last request, seconds since 1970.
    seen: float


class Doors(Record):
    """Sign-in: who is known where, and what is pending."""

    # By e-mail, in small letters.
    accounts: dict[str, Account] = {}
    sign_ups: dict[str, SignUp] = {}
    # By the token of the link.
    activations: dict[str, Activation] = {}
    attempts: dict[str, Attempt] = {}
    # Sessions of the sign-in origin, with their account: one sign-in serves all origins.
    sso: dict[str, str] = {}
    # Codes given to an origin in exchange for a session there, with their account; each serves once.
    grants: dict[str, str] = {}
    # Sessions of the portal home.
    homes: dict[str, Visit] = {}
    mails: list[Mail] = []


# --- structures and who belongs to them ----------------------------------------------------------------


class Standing(StrEnum):
    """Where a membership (« rattachement ») stands."""

    PENDING = "EN_COURS_DE_VALIDATION"
    VALID = "VALIDE"
    REFUSED = "REFUSE"


class Role(StrEnum):
    """What a person is in a structure; there are two roles since 2022."""

    MANAGER = "GESTIONNAIRE_PRINCIPAL"
    USER = "UTILISATEUR"


# « en cours de validation » and the roles are AIFE's prose; how the list of a portal words them is not known.
STANDING_LABELS = {
    Standing.PENDING: "En cours de validation",
    Standing.VALID: "Validé",
    Standing.REFUSED: "Refusé",
}
ROLE_LABELS = {Role.MANAGER: "Gestionnaire principal", Role.USER: "Utilisateur"}


class Sheet(Record):
    """The « fiche » of a structure that the portal knows."""

    siret: str
    name: str
    street: str = ""
    complement: str = ""
    postcode: str = ""
    town: str = ""
    phone: str = ""
    email: str = ""
    is_disclosed: bool = True
    # « gestionnaire principal »: e-mail of an account, or the name of somebody who has none here.
    manager: str

    @property
    def address(self) -> str:
        """In one line; empty where it may not be told."""
        parts = (self.complement, self.street, self.postcode, self.town)
        return " ".join(part for part in parts if part) if self.is_disclosed else ""


class Membership(Record):
    """An account's place in a structure."""

    # Of the account.
    email: str
    siret: str
    standing: Standing
    role: Role
    # When it was asked for.
    at: datetime


# --- all of it -----------------------------------------------------------------------------------------


class World(Record):
    """Everything."""

    id: str
    next_bill: int = 1
    bills: dict[int, Bill] = {}
    sessions: dict[str, Session] = {}
    doors: Doors = Doors()
    # Structures that the portal has learnt of, by SIRET.
    sheets: dict[str, Sheet] = {}
    memberships: list[Membership] = []
    # Accounts (e-mail) that have closed the window of the first sign-in.
    welcomed: set[str] = set()
