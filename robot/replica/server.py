"""The replica as a running thing: its applications, one for each origin.

    with Replica(generation=2024) as replica:
        ...  # replica.url is where a person starts

What it serves is in `home.py`, `signin.py`, `invoicing.py` and `deposit.py`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from robot.replica import deposit, enrolment, home, invoicing, membership, signin, treatment, workshop
from robot.replica.breakage import Breakage
from robot.replica.faults import Faults
from robot.replica.hosting import Hosting, host_of, listening
from robot.replica.identity import ACCOUNT
from robot.replica.looks import look_of
from robot.replica.post import Post
from robot.replica.records import Mail
from robot.replica.register import Business
from robot.replica.site import ASSETS, Origins, Site
from robot.replica.state import State
from robot.replica.store import Store

# Attached to the training account unless told otherwise. Nobody bears these numbers.
SUPPLIERS = (("00020260600018", "MORVAN-CŒURET CAMILLE"), ("00010101400017", "LEFEVRE ELEONORE"))


class Replica:
    """A portal to practise on. Each one has its own state; nothing leaves this machine."""

    def __init__(
        self,
        generation: int = 2024,
        port: int = 0,
        delay_ms: float = 0,
        look: str = "dossier",
        file: Path | str | None = None,
        suppliers: Iterable[tuple[str, str]] | None = (),
        *,
        lock_seconds: float = 3600,
        code_seconds: float = 600,
        link_seconds: float = 3600,
        session_seconds: float = 3600,
        smtp: str | None = None,
        faults: Iterable[str] = (),
        businesses: Iterable[Business] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`port=0` takes free ports; else the first of one (2021) or three (2024) ports in a row.

        `file` keeps the state for the next replica. `suppliers`: SIRET and name of the structures that the
        account is attached to; None for an account without any. `businesses` are added to the register that
        knows which SIRET exists. `smtp`: host:port of a server that takes the mails; they are shown in the
        replica's mailbox page in any case. `faults` are armed from the start.
        `session_seconds`: how long a session may be idle. `clock`: seconds
        since 1970. Raises PortTaken, FaultUnknown.
        """
        # Before any port is taken: whoever names no known fault may try again at once.
        armed = Faults()
        for fault in faults:
            armed.arm(fault)
        self.account = ACCOUNT
        looks = look_of(generation, look)
        self._store = Store(Path(file) if file else None)
        sockets = listening(port, 1 if generation == 2021 else 3)
        self.hosts = [host_of(place) for place in sockets]
        addresses = [f"http://{host}" for host in self.hosts]
        origins = Origins(*addresses) if len(addresses) == 3 else Origins(*addresses * 3)
        self.url = f"{origins.home}/"
        self.sign_in_hosts = [origins.sign_in.removeprefix("http://")]
        self._post = Post(smtp)
        self._state = State(
            self._store,
            suppliers={} if suppliers is None else dict(tuple(suppliers) or SUPPLIERS),
            businesses=businesses,
            asks_state=looks.asks_state,
            clock=clock,
            lock_seconds=lock_seconds,
            code_seconds=code_seconds,
            link_seconds=link_seconds,
            session_seconds=session_seconds,
            post=self._post,
        )
        self._state.faults = armed
        site = self._site = Site(self._state, looks, origins)
        applications = [_delayed(app, delay_ms) for app in _applications(site)]
        self._hosting = Hosting(dict(zip(sockets, applications, strict=True)), name="replica")

    @property
    def world(self) -> str:
        """Names this state: another one in memory each time, the same one for the same file."""
        return self._store.world.id

    def invoices(self) -> list[dict[str, Any]]:
        """All invoices, drafts included, oldest first."""
        return self._state.invoices()

    def accounts(self) -> list[dict[str, str]]:
        """E-mail, name and state of every account; no secret."""
        return [
            {"email": one.email, "name": one.name, "state": "actif" if one.is_active else "à activer"}
            for one in self._state.identity.accounts
        ]

    def mails(self) -> list[Mail]:
        """Messages sent, newest first."""
        return self._state.identity.mails

    def captcha_answer(self) -> str:
        """What the image of the newest form shows: for whoever plays the person. IndexError before any form."""
        return list(self._store.world.doors.sign_ups.values())[-1].captcha

    @property
    def faults(self) -> Faults:
        """What goes wrong on this replica."""
        return self._state.faults

    def arm(self, fault: str) -> None:
        """Arms a fault: `name`, `name@step`, `name*times` or `name@step*times`. Raises FaultUnknown."""
        self._state.faults.arm(fault)

    def disarm(self, fault: str = "") -> None:
        """This fault no more; without one, nothing goes wrong any more. Raises FaultUnknown."""
        self._state.faults.disarm(fault)

    @property
    def workshop(self) -> dict[str, str]:
        """Addresses of the trainer's pages, by French name."""
        office = f"http://{self.hosts[-1]}"
        return {"pannes à armer": office + workshop.TRAINING, "vie des factures": office + workshop.INVOICES}

    def move(
        self, number: str, status: str, *, reason: str = "", at: datetime | None = None, supplier: str = ""
    ) -> None:
        """Moves a sent invoice on as its recipient does: « A_RECYCLER », « SUSPENDUE », « MISE_EN_PAIEMENT »…

        `number`: of the invoice; `supplier`: SIRET, where several have one of that number. `status`: code of
        `statuses.Status`; what lies between is passed through. `reason`: what the portal shows, compulsory where
        the invoice comes back. `at`: when; now where nothing is said. Raises MoveRefused.
        """

        def act() -> None:
            treatment.move(self._state, treatment.sent_bill(self._state, number, supplier), status, reason=reason, at=at)

        async def in_turn() -> None:
            async with self._site.turn:
                act()

        if self._hosting.is_running:
            self._hosting.run(in_turn())
        else:
            act()

    def end_sessions(self) -> None:
        """Everybody is forgotten at once, on all origins, as when sessions expire."""
        self._state.sign_out()

    def decide_membership(self, email: str, siret: str, *, accepted: bool) -> None:
        """Answers a pending « rattachement » as its « gestionnaire principal ». Raises KeyError where nobody asked."""
        self._state.decide_membership(email, siret, accepted=accepted)

    def start(self) -> None:
        """Returns once all origins answer."""
        self._hosting.start()

    def wait(self) -> None:
        """Until somebody stops it."""
        self._hosting.wait()

    def stop(self) -> None:
        self._hosting.call(self._site.closing.set)
        self._hosting.stop()
        self._post.close()

    def serve(self) -> None:
        """Starts, and blocks until Ctrl+C."""
        with self:
            try:
                self.wait()
            except KeyboardInterrupt:
                return

    def __enter__(self) -> Replica:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _applications(site: Site) -> list[ASGIApp]:
    """One application for each origin."""
    office = [*invoicing.ROUTES, *deposit.ROUTES, *membership.ROUTES_TRAINING, *workshop.ROUTES]
    if site.look.generation == 2021:
        doors = [*invoicing.ROUTES_2021, *enrolment.ROUTES_2021, *membership.ROUTES_2021]
        return [_application(site, [*doors, signin.MAILBOX, *office])]
    at_home = [*home.ROUTES, *enrolment.ROUTES_HOME]
    at_the_door = [*signin.ROUTES, *enrolment.ROUTES_SIGN_IN]
    return [_application(site, routes) for routes in (at_home, at_the_door, office)]


def _application(site: Site, routes: Iterable[BaseRoute]) -> ASGIApp:
    async def unknown(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        return site.page("contraintes-de-securite", status=403 if status in (404, 405) else status)

    assets = Mount("/assets", StaticFiles(directory=ASSETS))
    app = Starlette(routes=[*routes, assets], exception_handlers={HTTPException: unknown})
    app.state.site = site
    return Breakage(app, site)


def _delayed(app: ASGIApp, delay_ms: float) -> ASGIApp:
    """The same application, each answer that much later."""

    async def later(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await asyncio.sleep(delay_ms / 1000)
        await app(scope, receive, send)

    return later if delay_ms else app
