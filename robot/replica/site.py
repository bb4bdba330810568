"""What the routes share: the state, the look, the addresses of the origins, and how a page is drawn."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from robot.replica import rules
from robot.replica.french import amount_text, date_text, read_amount, short_date
from robot.replica.intake import ATTACHMENT_TYPES, FORMAT_LABELS
from robot.replica.looks import Look
from robot.replica.records import Fault
from robot.replica.state import PERSON, State
from robot.replica.statuses import ADVICE, TO_ACKNOWLEDGE

ASSETS = Path(__file__).with_name("assets")
_PAGES = Path(__file__).with_name("pages")

# Pages of a portal with a state on the server are never shown again from a cache.
NO_STORE = {"Cache-Control": "no-store"}

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Origins:
    """Addresses of the replica, without a slash at the end. All the same in 2021."""

    home: str
    sign_in: str
    invoicing: str


class Site:
    """One replica as its routes see it."""

    def __init__(self, state: State, look: Look, origins: Origins) -> None:
        self.state = state
        self.look = look
        self.origins = origins
        # Held by the one press that is being answered.
        self.turn = asyncio.Lock()
        # The replica stops: answers that hang on purpose end.
        self.closing = asyncio.Event()
        self._pages = Environment(
            loader=FileSystemLoader(_PAGES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._pages.filters.update(amount=amount_text, cents=_cents, day=_day, short_day=short_date, moment=_moment)
        self._pages.globals.update(
            state=state,
            look=look,
            words=look.words,
            origins=origins,
            rules=rules,
            status_labels=look.status_labels,
            advice=ADVICE,
            to_acknowledge=TO_ACKNOWLEDGE,
            format_labels=FORMAT_LABELS,
            attachment_types=ATTACHMENT_TYPES,
            controls="_controles-autre.html" if look.is_other else "_controles-dossier.html",
        )

    def page(
        self, name: str, *, status: int = 200, faults: Iterable[Fault] = (), notice: str = "", **facts: Any
    ) -> HTMLResponse:
        """The page `pages/<name>.html`."""
        by_field: dict[str, list[str]] = {}
        for fault in faults:
            by_field.setdefault(fault.field, []).append(fault.message)
        facts = {"person": PERSON.get(), "tab": None, "espace": "", "faults": by_field, "notice": notice, "locked": (), **facts}
        text = self._pages.get_template(f"{name}.html").render(facts)
        return HTMLResponse(text, status, NO_STORE)


def site_of(request: Request) -> Site:
    site = request.app.state.site
    assert isinstance(site, Site)
    return site


def goto(address: str) -> RedirectResponse:
    """Sends the browser on, with a GET."""
    return RedirectResponse(address, 303, NO_STORE)


def text_of(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


async def file_of(form: FormData, name: str) -> tuple[str, bytes]:
    """Name and content of an uploaded file; an empty name where none was chosen."""
    value = form.get(name)
    if not isinstance(value, UploadFile) or not value.filename:
        return "", b""
    return value.filename, await value.read()


def _cents(text: str) -> str:
    """An amount of the form as other pages print it; what is no amount stays."""
    try:
        return amount_text(read_amount(text))
    except ValueError:
        return text


def _day(moment: datetime | None) -> str:
    return date_text(moment.date()) if moment else ""


def _moment(moment: datetime) -> str:
    return f"{moment:%d/%m/%Y à %H:%M}"
