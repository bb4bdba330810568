"""The configuration (`config.yaml`), typed: which portal, which account, whose invoices, which browser.

A secret is never written here, only where to find it. Knows nothing of flows: all it says of a portal is
where it is.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import parse_qs, urlsplit

from pydantic import BeforeValidator, Field, PrivateAttr, SecretStr, ValidationInfo, field_validator

from robot.account import Account, Secret
from robot.failures import ConfigInvalid
from robot.gate import host_of
from robot.mailbox import MailboxSettings, MailedCodes
from robot.parties import Supplier
from robot.rules import Record, broken, context_of, one_line
from robot.uploads import path_of
from robot.yamlfile import parse, read

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

# A portal of this name without an address is the training replica, started and stopped by the robot.
REPLICA = "replica"
# Stands in the place of a secret that a person gives.
PERSON = "person"

Generation = Literal["2021", "2024"]

_HOST = re.compile(
    r"([a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:.]+\])(:[0-9]{1,5})?"
)
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


class PortalPlace(Record):
    """Where a portal is, and the only hosts visited for it."""

    # Where one begins; absent for the embedded replica.
    url: str | None = None
    # `host` (the port is then the usual one of http or https) or `host:port`, as `gate.host_of` writes them.
    hosts: tuple[str, ...] = Field((), validate_default=True)
    # The only hosts where password and code are typed.
    sign_in_hosts: tuple[str, ...] = Field((), validate_default=True)
    # 2021 = the tutorial's portal, 2024 = today's.
    generation: Generation = "2024"

    @property
    def is_embedded(self) -> bool:
        return self.url is None

    @field_validator("url")
    @classmethod
    def _is_address(cls, url: str | None) -> str | None:
        if url is not None and not _is_web_address(url):
            raise broken(
                "ADRESSE",
                f"L'adresse « {url} » ne convient pas.",
                expected="https://hôte/ ou http://hôte:port/",
            )
        return url

    @field_validator("hosts", "sign_in_hosts")
    @classmethod
    def _are_hosts(cls, hosts: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        scheme = urlsplit(info.data.get("url") or "https:").scheme
        return tuple(dict.fromkeys(_host(host, scheme) for host in hosts))

    @field_validator("hosts")
    @classmethod
    def _hold_the_address(cls, hosts: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        url = info.data.get("url")
        if url and host_of(url) not in hosts:
            raise broken(
                "HOTES", f"L'hôte de l'adresse, {host_of(url)}, n'est pas dans hosts.", cure="ajoutez-le"
            )
        return hosts

    @field_validator("sign_in_hosts")
    @classmethod
    def _are_among_hosts(cls, hosts: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if info.data.get("url") and not hosts:
            sentence = "sign_in_hosts manque : le mot de passe et le code ne sont saisis que sur ces hôtes."
            raise broken("HOTES", sentence, cure="écrivez-y l'hôte de la page de connexion")
        for host in hosts:
            if host not in info.data.get("hosts", hosts):
                raise broken(
                    "HOTES",
                    f"L'hôte {host} de sign_in_hosts n'est pas dans hosts.",
                    cure="ajoutez-le à hosts",
                )
        return hosts


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in _DEFAULT_PORTS
            and "@" not in parts.netloc
            and _HOST.fullmatch(parts.netloc.lower()) is not None
            and parts.port != 0
        )
    except ValueError:
        return False


def _host(text: str, scheme: str) -> str:
    host = text.strip().lower()
    if not _HOST.fullmatch(host):
        expected = "un hôte ou hôte:port, sans http:// ni chemin ni *"
        raise broken("HOTES", f"« {text} » n'est pas un hôte.", expected=expected)
    return host.removesuffix(_DEFAULT_PORTS[scheme]).translate({ord("["): None, ord("]"): None})


class SecondFactor(Record):
    """Who gives the second factor: a person, unless the robot was given a way of its own."""

    totp: Secret | None = None
    # The code is read from the mailbox.
    mail: bool = False

    @property
    def is_on_this_machine(self) -> bool:
        return self.mail or self.totp is not None


class Holder(Record):
    """Whose account it is, as the portal asks when the account is created and shows it afterwards."""

    first_name: Annotated[str, BeforeValidator(one_line)]
    last_name: Annotated[str, BeforeValidator(one_line)]
    phone: Annotated[str | None, BeforeValidator(one_line)] = None

    @field_validator("first_name", "last_name")
    @classmethod
    def _is_name(cls, name: str) -> str:
        if not re.fullmatch(r"[^\W\d_](?:[^\W\d_]|[ '’.-]){0,79}", name.strip()):
            raise broken("NOM", f"« {name} » n'est pas un nom.", expected="des lettres, 80 au plus")
        return name.strip()

    @field_validator("phone")
    @classmethod
    def _is_phone(cls, phone: str | None) -> str | None:
        if phone and not re.fullmatch(r"\+?[0-9][0-9 .()-]{5,24}", phone):
            raise broken("TELEPHONE", f"« {phone} » n'est pas un numéro de téléphone.", expected="06 12 34 56 78")
        return phone or None


class SecretQuestion(Record):
    """Asked by the portal of 2021 only."""

    question: Annotated[str, BeforeValidator(one_line)]
    answer: Secret


class AccountSettings(Record):
    """Who signs in, and where the secrets are."""

    email: str
    # None: a person types it.
    password: Secret | None
    second_factor: SecondFactor = SecondFactor()
    # Whose mails the robot may read: the activation link, the code of the second factor.
    mailbox: MailboxSettings | None = Field(None, validate_default=True)
    holder: Holder | None = None
    secret_question: SecretQuestion | None = None

    @field_validator("email", mode="before")
    @classmethod
    def _is_email(cls, email: Any) -> Any:
        if not isinstance(email, str) or not is_email(email.strip()):
            shown = (
                f"« {email} » n'est pas une adresse e-mail" if email else "L'adresse e-mail du compte manque"
            )
            raise broken(
                "EMAIL", f"{shown}.", expected="account: {email: …}, celle de votre compte Chorus Pro"
            )
        return email.strip()

    @field_validator("password", mode="before")
    @classmethod
    def _is_given(cls, password: Any) -> Any:
        if password == PERSON:
            return None
        return {} if password is None else password

    @field_validator("second_factor", mode="before")
    @classmethod
    def _person_or_app(cls, factor: Any) -> Any:
        if factor == PERSON:
            return {}
        if factor == "mail":
            return {"mail": True}
        # The value is not repeated: it may be the secret itself.
        if not isinstance(factor, SecondFactor) and (not isinstance(factor, dict) or not factor.get("totp")):
            raise broken(
                "SECOND_FACTEUR",
                "second_factor ne convient pas.",
                expected="person, mail, ou {totp: {env: NOM}}",
            )
        return factor

    @field_validator("mailbox")
    @classmethod
    def _serves_the_mail(cls, mailbox: MailboxSettings | None, info: ValidationInfo) -> MailboxSettings | None:
        factor = info.data.get("second_factor")
        if mailbox is None and factor and factor.mail:
            raise broken(
                "BOITE_ABSENTE",
                "second_factor: mail demande la boîte aux lettres où le code arrive.",
                expected="mailbox: {host: …, user: …, password: …}",
            )
        return mailbox


class BrowserSettings(Record):
    """Which browser, and how patient."""

    # Program of the browser; absent: the first suitable one found.
    path: Path | None = None
    headless: bool = True
    # How long each screen is waited for.
    timeout_seconds: int = 30

    @field_validator("path")
    @classmethod
    def _from_home(cls, path: Path | None) -> Path | None:
        return path_of(str(path)) if path else None

    @field_validator("timeout_seconds")
    @classmethod
    def _patience(cls, seconds: int) -> int:
        if not 1 <= seconds <= 600:
            raise broken(
                "ATTENTE", f"timeout_seconds vaut {seconds}.", expected="de 1 à 600 secondes par écran"
            )
        return seconds


class JournalSettings(Record):
    """Where the journal is: a file, or a server that several machines share."""

    # Relative to the configuration.
    path: Path | None = None
    # postgresql://user@server/base, never with its password.
    url: str | None = None
    # None: libpq's own ways (PGPASSWORD, .pgpass), or a server that asks for none.
    password: Secret | None = None

    @field_validator("url")
    @classmethod
    def _is_server(cls, url: str | None) -> str | None:
        try:
            parts = urlsplit(url or "postgresql://")
            # Reading it tells a port that is none.
            _ = parts.port
            opened = parts.password is not None or "password" in parse_qs(parts.query)
        except ValueError:
            parts, opened = urlsplit(""), False
        if opened:
            cure = "écrivez journal: {url: postgresql://utilisateur@serveur/base, password: {env: NOM}}"
            raise broken("SECRET_EN_CLAIR", "Un mot de passe ne s'écrit pas dans ce fichier.", cure=cure)
        if parts.scheme not in ("postgresql", "postgres"):
            expected = "un chemin, ou postgresql://utilisateur@serveur/base"
            raise broken("JOURNAL", "L'adresse du journal ne convient pas.", expected=expected)
        return url


class Config(Record):
    """Everything that the robot is told once for all invoices."""

    portals: dict[str, PortalPlace] = Field({}, validate_default=True)
    # Name of the portal used unless the command says otherwise.
    portal: str = REPLICA
    account: AccountSettings
    supplier: Supplier
    browser: BrowserSettings = BrowserSettings()
    # Where the deposit folders go; relative to the current folder.
    out: Path = Path("depots")
    # Absent: the user's own file, on this machine.
    journal: JournalSettings | None = None
    # Recipients and what they require; absent: the user's own `carnet.yaml`. Relative to this file.
    address_book: Path | None = None

    _file: Path = PrivateAttr(Path("config.yaml"))

    @property
    def file(self) -> Path:
        """The configuration itself, absolute."""
        return self._file.absolute()

    @field_validator("journal", mode="before")
    @classmethod
    def _path_or_address(cls, journal: Any) -> Any:
        if isinstance(journal, str):
            journal = {"url" if "://" in journal else "path": journal}
        if isinstance(journal, dict) and bool(journal.get("url")) == bool(journal.get("path")):
            expected = "un chemin, postgresql://utilisateur@serveur/base, ou {url: …, password: {env: NOM}}"
            raise broken("JOURNAL", "journal ne dit pas où est le journal.", expected=expected)
        return journal

    @field_validator("account", "supplier", mode="before")
    @classmethod
    def _say_what_is_absent(cls, value: Any) -> Any:
        return {} if value is None else value

    @field_validator("portals", mode="before")
    @classmethod
    def _always_the_replica(cls, portals: Any) -> Any:
        if not isinstance(portals, dict):
            return portals
        return {REPLICA: {}} | {name: {} if place is None else place for name, place in portals.items()}

    @field_validator("portals")
    @classmethod
    def _all_have_an_address(cls, portals: dict[str, PortalPlace]) -> dict[str, PortalPlace]:
        for name, place in portals.items():
            if place.is_embedded and name != REPLICA:
                expected = (
                    "url: https://…/ (seul le portail « replica » s'en passe : il est lancé par le robot)"
                )
                raise broken("ADRESSE", f"Le portail « {name} » n'a pas d'adresse.", expected=expected)
        return portals

    @field_validator("portal")
    @classmethod
    def _is_known(cls, name: str, info: ValidationInfo) -> str:
        known = [*info.data.get("portals", [name]), *(context_of(info, "profiles") or ())]
        if name not in known:
            near = get_close_matches(name, known, n=1)
            cure = f"vouliez-vous dire « {near[0]} » ?" if near else "décrivez-le sous portals"
            raise broken(
                "PORTAIL", f"Le portail « {name} » est inconnu.", expected=" ou ".join(known), cure=cure
            )
        return name

    @field_validator("out")
    @classmethod
    def _from_home(cls, out: Path) -> Path:
        return path_of(str(out))

    def address_book_place(self) -> Path | None:
        """Where the address book is; None for the user's own."""
        return path_of(str(self.address_book), self.file.parent) if self.address_book else None

    def journal_place(self) -> Path | URL | None:
        """Where the journal is, with the server's password; None for the user's own. Raises ConfigInvalid."""
        if self.journal is None:
            return None
        if self.journal.path:
            return path_of(str(self.journal.path), self.file.parent)
        from sqlalchemy.engine import make_url

        url = make_url(self.journal.url or "")
        return url.set(password=self.journal.password.reveal().get_secret_value()) if self.journal.password else url

    def sign_in(self) -> Account:
        """The account with its secrets, read now: before any browser opens. Raises ConfigInvalid.

        Never asked for the embedded replica, which has an account of its own.
        """
        return self.holder_of(self.account.password.reveal() if self.account.password else None)

    def sign_in_if_known(self) -> Account:
        """The account with the password only where it is there: a saved session may do without."""
        try:
            return self.sign_in()
        except ConfigInvalid:
            return self.holder_of(None)

    def holder_of(self, password: SecretStr | None) -> Account:
        """The account with this password. Raises ConfigInvalid for a secret that is missing."""
        settings = self.account
        totp, holder = settings.second_factor.totp, settings.holder
        codes = MailedCodes(settings.mailbox, settings.email) if settings.second_factor.mail and settings.mailbox else None
        return Account.of(
            settings.email,
            password,
            totp.reveal_totp() if totp else None,
            codes=codes,
            **(holder.model_dump() if holder else {}),
            question=settings.secret_question.question if settings.secret_question else None,
            answer=settings.secret_question.answer.reveal() if settings.secret_question else None,
        )


def load_config(path: Path, *, profiles: Collection[str] = ()) -> Config:
    """Reads a configuration; `profiles` are names of portals known from elsewhere. Raises ConfigInvalid.

    No secret is read yet: a configuration is right without them, and most commands need none.
    """
    document = read(path, ConfigInvalid)
    config = parse(document, Config, ConfigInvalid, {"profiles": profiles})
    config._file = path
    if config.journal and config.journal.password:
        config.journal.password.placed(document, "journal", "password")
    account = config.account
    if account.password:
        account.password.placed(document, "account", "password")
    if account.second_factor.totp:
        account.second_factor.totp.placed(document, "account", "second_factor", "totp")
    if account.mailbox:
        account.mailbox.password.placed(document, "account", "mailbox", "password")
    if account.secret_question:
        account.secret_question.answer.placed(document, "account", "secret_question", "answer")
    return config


def is_email(text: str) -> bool:
    """Whether it has the shape of an e-mail address that a portal takes: one @, a domain with a dot, no accents."""
    return bool(re.fullmatch(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", text))
