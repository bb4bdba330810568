"""The account on the portal: where its secrets are, and the secrets once they are needed.

A secret is masked from the moment it is read. Knows nothing of where it may be typed: the portal's
`sign_in_hosts` say that.
"""

from __future__ import annotations

import base64
import os
import re
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from pydantic import (
    BaseModel,
    ConfigDict,
    PrivateAttr,
    SecretStr,
    computed_field,
    field_validator,
    model_validator,
)

from robot.failures import ConfigInvalid, Problem
from robot.redaction import secret
from robot.rules import Record, broken
from robot.uploads import path_of
from robot.yamlfile import Document

# A password or a base 32 secret is a line; a larger file is a wrong file.
MAX_BYTES = 4096

_ADDRESSES = "{env: NOM}, {keyring: NOM} ou {file: chemin}"
_CURE = "mettez le secret dans une variable d'environnement et écrivez {env: NOM_DE_LA_VARIABLE}"


class Secret(Record):
    """Where a secret is: `{env: NAME}`, `{keyring: name}` or `{file: path}`, never the secret itself.

    No message repeats what stands in its place in the file: it may be the secret.
    """

    env: str | None = None
    # A name of `chorus-robot secret set`.
    keyring: str | None = None
    # Relative to the file that names it; readable by its owner only.
    file: Path | None = None

    _problem: Problem = PrivateAttr(Problem(Path("config.yaml"), 0, ""))

    @model_validator(mode="before")
    @classmethod
    def _not_in_the_open(cls, data: Any) -> Any:
        if isinstance(data, Secret):
            return data
        if not isinstance(data, dict):
            raise broken("SECRET_EN_CLAIR", "Un secret ne s'écrit pas dans ce fichier.", cure=_CURE)
        if len([place for place in ("env", "keyring", "file") if data.get(place)]) != 1:
            raise broken("SECRET", "Le secret n'a pas d'adresse, ou en a plusieurs.", expected=_ADDRESSES)
        return data

    @field_validator("env", "keyring", "file", mode="before")
    @classmethod
    def _is_address(cls, value: Any) -> Any:
        if not isinstance(value, str | Path | None):
            raise broken("SECRET", "Le secret n'a pas d'adresse.", expected=_ADDRESSES)
        return value

    @field_validator("env")
    @classmethod
    def _is_variable(cls, name: str | None) -> str | None:
        if name and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            raise broken("SECRET_EN_CLAIR", "env attend le nom d'une variable, pas le secret.", cure=_CURE)
        return name

    def placed(self, document: Document, *location: str) -> None:
        """Remembers where the file names this secret, for the day it is missing."""
        self._problem = document.problem(location, "")

    def reveal(self) -> SecretStr:
        """The secret, read now. Raises ConfigInvalid with the line that names it."""
        if self.env:
            value = os.environ.get(self.env, "")
            if not value:
                what = f"La variable d'environnement {self.env} n'est pas définie."
                raise self._refused(
                    "SECRET_ABSENT", what, f"définissez-la avant de lancer le robot : export {self.env}=…"
                )
            return secret(value)
        if self.keyring:
            from robot.keychain import Keychain

            keychain = Keychain()
            if kept := keychain.get(self.keyring):
                return kept
            raise self._refused(
                "SECRET_ABSENT",
                f"« {self.keyring} » n'est pas dans {keychain.where}.",
                f"chorus-robot secret set {self.keyring}",
            )
        file = path_of(str(self.file or ""), self._problem.path.parent)
        try:
            facts = file.stat()
            if not stat.S_ISREG(facts.st_mode) or facts.st_size > MAX_BYTES:
                raise self._refused(
                    "SECRET_ABSENT", f"{file} n'est pas un petit fichier.", "une ligne, le secret"
                )
            # Windows has no such modes; its home folders are their owner's already.
            if os.name == "posix" and stat.S_IMODE(facts.st_mode) & 0o077:
                raise self._refused(
                    "SECRET_LISIBLE", f"D'autres que vous peuvent lire {file}.", f"chmod 600 {file}"
                )
            value = file.read_text(encoding="utf-8-sig").strip("\r\n")
        except (OSError, UnicodeDecodeError):
            raise self._refused(
                "SECRET_ABSENT", f"{file} est introuvable ou illisible.", "vérifiez le chemin"
            ) from None
        if not value or "\n" in value:
            what = f"{file} ne contient pas une ligne et une seule."
            raise self._refused("SECRET_ABSENT", what, "écrivez-y le secret, sur une ligne")
        return secret(value)

    def reveal_totp(self) -> SecretStr:
        """The secret of an authenticator app, as the app shows it under the QR code."""
        letters = secret(re.sub(r"[\s-]", "", self.reveal().get_secret_value()).upper())
        try:
            _code(letters)
        except ValueError:  # binascii.Error is one
            what = "Le secret de l'application d'authentification n'est pas en base 32 (A-Z et 2-7)."
            raise self._refused("SECRET_TOTP", what, "recopiez celui qui accompagne le QR code") from None
        return letters

    def _refused(self, code: str, what: str, cure: str) -> ConfigInvalid:
        return ConfigInvalid([Problem(self._problem.path, self._problem.line, what, cure=cure, code=code)])


class Account(BaseModel):
    """The account as flows use it: `account.email`, `account.password`, `account.code`, and its holder.

    What is None is a person's to give.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    email: str
    password: SecretStr | None = None
    first_name: str | None = None
    last_name: str | None = None
    phone: str | None = None
    # Of the secret question, which only the portal of 2021 asks.
    question: str | None = None
    answer: SecretStr | None = None

    _expects: Callable[[], None] | None = PrivateAttr(None)
    _codes: Callable[[], SecretStr | None] | None = PrivateAttr(None)

    @classmethod
    def of(
        cls,
        email: str,
        password: SecretStr | None,
        totp: SecretStr | None = None,
        *,
        codes: Callable[[], SecretStr | None] | None = None,
        **holder: Any,
    ) -> Account:
        """`totp`: secret of the authenticator app; `codes`: any other source of the second factor's code."""
        account = cls(email=email, password=password, **holder)
        if totp:
            account._codes = lambda: _code(totp)
        elif codes:
            account._codes = codes
            account._expects = getattr(codes, "expect", None)
        return account

    def expect_code(self) -> None:
        """The password is about to be typed: a code that comes from now on is the one."""
        if self._expects:
            self._expects()

    @computed_field(repr=False)  # type: ignore[prop-decorator]
    @property
    def code(self) -> SecretStr | None:
        """The code of the second factor, good now; may wait for a mail. None when a person gives it."""
        return self._codes() if self._codes else None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def full_name(self) -> str | None:
        """First name, last name: how the portal calls the person."""
        return " ".join(name for name in (self.first_name, self.last_name) if name) or None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def reversed_name(self) -> str | None:
        """Last name, first name: how lists call the person."""
        return " ".join(name for name in (self.last_name, self.first_name) if name) or None


def _code(totp: SecretStr) -> SecretStr:
    """The code of this half minute (RFC 6238: six digits, SHA-1, 30 seconds). Raises ValueError."""
    letters = totp.get_secret_value()
    key = base64.b32decode(letters + "=" * (-len(letters) % 8))
    if not key:
        raise ValueError("empty")
    # Portals hand out 80-bit secrets, below what the standard recommends: it is not ours to refuse them.
    return secret(TOTP(key, 6, SHA1(), 30, enforce_key_length=False).generate(int(time.time())).decode())
