"""A person without a browser: reads pages, fills forms, presses buttons. Enough for plain HTML pages."""

from __future__ import annotations

import json
import re
import secrets
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from robot.replica import totp
from robot.replica.looks import Look, look_of
from robot.replica.server import Replica

DATA = Path(__file__).parent / "data"
SANTE_PSY = DATA / "sante-psy"

File = tuple[str, bytes]


@dataclass
class Form:
    """A form of a page, as a browser would post it."""

    action: str
    values: dict[str, str] = field(default_factory=dict)
    buttons: list[str] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._select = ""
        self._area = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        name = given.get("name", "")
        if tag == "form":
            self.forms.append(Form(given.get("action", "")))
        elif not self.forms:
            return
        elif tag == "button" or given.get("type") == "submit":
            self.forms[-1].buttons.append(name)
        elif tag == "input" and name and given.get("type") not in ("file", "button"):
            if given.get("type") not in ("radio", "checkbox") or "checked" in given:
                self.forms[-1].values[name] = given.get("value", "")
        elif tag == "select":
            self._select = name
            self.forms[-1].values.setdefault(name, "")
        elif tag == "option" and "selected" in given:
            self.forms[-1].values[self._select] = given.get("value", "")
        elif tag == "textarea":
            self._area = name
            self.forms[-1].values[name] = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.forms[-1].values[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""


@dataclass(frozen=True)
class Page:
    """What came back."""

    url: str
    status: int
    content: bytes
    headers: Mapping[str, str]

    @property
    def html(self) -> str:
        return self.content.decode()

    @property
    def text(self) -> str:
        """Words of the page, in one line."""
        words = re.sub(r"<(script|style|head)\b.*?</\1>|<[^>]+>", " ", self.html, flags=re.DOTALL)
        return " ".join(unescape(words).split())

    @property
    def forms(self) -> list[Form]:
        parser = _Forms()
        parser.feed(self.html)
        return parser.forms

    def form_with(self, button: str) -> Form:
        return next(form for form in self.forms if button in form.buttons)


class Visitor:
    """Somebody on a replica."""

    def __init__(self, replica: Replica, *, generation: int = 2024, look: str = "dossier") -> None:
        self.replica = replica
        self.look: Look = look_of(generation, look)
        self._jar = CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._jar))
        self.page = Page("", 0, b"", {})

    @property
    def office(self) -> str:
        """Address of the invoicing application."""
        return f"http://{self.replica.hosts[-1]}"

    @property
    def cookies(self) -> list[dict[str, str]]:
        """For a browser that goes on in the visitor's place."""
        return [{"name": one.name, "value": one.value or "", "domain": "127.0.0.1", "path": one.path} for one in self._jar]

    def open(self, address: str, data: bytes | None = None, kind: str = "") -> Page:
        request = urllib.request.Request(urljoin(self.page.url or self.replica.url, address), data)
        if kind:
            request.add_header("Content-Type", kind)
        try:
            with self._opener.open(request, timeout=20) as answer:
                self.page = Page(answer.url, answer.status, answer.read(), dict(answer.headers))
        except urllib.error.HTTPError as error:
            with error:
                self.page = Page(error.url, error.code, error.read(), dict(error.headers))
        return self.page

    def read(self, address: str) -> Page:
        """A page seen in another tab: the visitor stays where he is."""
        here = self.page
        there = self.open(address)
        self.page = here
        return there

    def json(self, address: str) -> Any:
        return json.loads(self.read(address).content)

    def post(self, form: Form, values: Mapping[str, str], files: Mapping[str, File] | None = None) -> Page:
        filled = {**form.values, **values}
        if files is None:
            return self.open(form.action, urlencode(filled).encode(), "application/x-www-form-urlencoded")
        mark = secrets.token_hex(8)
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in filled.items()
        ]
        for name, (file_name, content) in files.items():
            head = f'--{mark}\r\nContent-Disposition: form-data; name="{name}"; filename="{file_name}"\r\n'
            parts.append(head.encode() + b"Content-Type: application/pdf\r\n\r\n" + content + b"\r\n")
        body = b"".join(parts) + f"--{mark}--\r\n".encode()
        return self.open(form.action, body, f"multipart/form-data; boundary={mark}")

    def press(self, event: str, files: Mapping[str, File] | None = None, **values: str) -> Page:
        """Fills the fields of the form that has this button, named as in `looks.py`, and presses it."""
        button = self.look.event(event)
        form = self.page.form_with(button)
        named = {self.look.name(key): value for key, value in values.items()}
        sent = {self.look.name(key): file for key, file in files.items()} if files is not None else None
        return self.post(form, {**named, button: ""}, sent)

    # --- whole gestures -------------------------------------------------------------------------------------

    def give_password(self, email: str = "", password: str = "") -> Page:
        account = self.replica.account
        values = {
            self.look.credential("username"): email or account.email,
            self.look.credential("password"): password or account.password,
        }
        return self.post(self.page.forms[0], values)

    def give_code(self, code: str = "", at: float | None = None) -> Page:
        right = totp.code_at(self.replica.account.totp, time.time() if at is None else at)
        return self.post(self.page.forms[0], {self.look.credential("otp"): code or right})

    def sign_in(self) -> Page:
        """To « Synthèse »."""
        self.open(f"{self.office}/cpp/")
        self.give_password()
        if self.look.generation != 2021:
            self.give_code()
        return self.open(f"{self.office}/cpp/")

    def submit(self, file: str | File = "s01-espace-psy-bon-de-commande.pdf", **choices: str) -> Page:
        """« Déposer facture », the dialog, and « Valider et continuer »."""
        self.open(f"{self.office}/cpp/depotFacture")
        given = (file, (SANTE_PSY / file).read_bytes()) if isinstance(file, str) else file
        return self.press("valider", {"file": given}, **{"cadre": "A1_FACTURE_FOURNISSEUR"} | choices)

    def open_form(self, file: str | File = "s01-espace-psy-bon-de-commande.pdf") -> Page:
        """The form of a new deposit, past the notice about the signature."""
        self.submit(file)
        return self.press("continuer")

    def deposit(self, number: str, **values: str) -> Page:
        """A whole deposit, up to the summary."""
        self.open_form()
        self.press("validerEtEnvoyer", **right_values(number=number), **values)
        return self.press("confirmer")

    def execution(self) -> str:
        return urlsplit(self.page.url).query


def right_values(**changes: str) -> dict[str, str]:
    """What a person types so that nothing is refused."""
    values = {
        "state": "NON",
        "siret": "19141408500016",
        "number": "2026-1",
        "date": "31/08/2026",
        "vat_type": "EXONERATION",
        "ht": "1200",
        "tva": "0",
        "ttc": "1200",
        "due": "1200",
    }
    return values | changes
