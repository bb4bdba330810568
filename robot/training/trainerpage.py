"""The trainer's page: a small local page beside a demonstration or an exercise, which asks its `Remote` and its replica.

Loopback only, behind a secret in its address: whoever has it moves invoices on and arms faults. Knows no browser, and nothing
of how a wish is granted.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route

from robot.replica.faults import KINDS, STEPS, FaultUnknown
from robot.replica.hosting import Hosting, host_of, listening
from robot.replica.server import Replica
from robot.replica.statuses import ADVICE, RETURNED, STATUS_LABELS, Status, reachable
from robot.replica.treatment import MAX_REASON, MoveRefused
from robot.training.remote import Remote, Wish

_POLICY = (
    "default-src 'none'; style-src 'nonce-{0}'; script-src 'nonce-{0}'; connect-src 'self'; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True)
class Button:
    """A wish as the trainer sees it."""

    wish: Wish
    words: str
    does: str
    # Ends what is going on, and may be asked when that is over.
    is_last: bool = False


_PAUSE = Button(Wish.PAUSE, "Pause", "Arrête, ou reprend")
_COMMON = (
    Button(Wish.BACK, "Retour", "Explique à nouveau ; rien n'est refait"),
    _PAUSE,
    Button(Wish.NEXT, "Suivant", "Passe à la suite"),
    Button(Wish.REPLAY, "Rejouer cet écran", "Redit ce que cet écran demande"),
)
_HIDE = Button(Wish.HIDE, "Masquer les montants", "Masque les montants de la page, ou les montre")
_STEPS = Button(Wish.STEPS, "Liste des étapes", "Montre la liste dans la fenêtre, ou la cache")
_LEAVE = Button(
    Wish.END, "Terminer l'exercice", "Arrête l'exercice là où il en est ; ferme ensuite ses résultats", is_last=True
)
SHOWING = (
    *_COMMON,
    Button(Wish.SLOWER, "Moins vite", "Ralentit"),
    Button(Wish.FASTER, "Plus vite", "Accélère"),
    Button(Wish.END, "Jusqu'au bout", "Ne s'arrête plus, jusqu'à « Pause »"),
    _STEPS,
    _HIDE,
)
PRACTISING = (
    *_COMMON,
    Button(Wish.SHOW, "Montrer où", "Encadre l'endroit ; demandé deux fois, dit aussi la valeur"),
    _STEPS,
    _HIDE,
    _LEAVE,
)
# Nothing is said during an exam.
EXAMINING = (_PAUSE, _HIDE, _LEAVE)


class TrainerPage:
    """One page, served in a thread of its own. `replica`: None where the portal is another one."""

    def __init__(self, remote: Remote, replica: Replica | None, buttons: Sequence[Button]) -> None:
        self.remote = remote
        self.replica = replica
        self.buttons = tuple(buttons)
        (place,) = listening()
        self._host = host_of(place)
        self._token = secrets.token_urlsafe(16)
        self.url = f"http://{self._host}/{self._token}/"
        routes = [
            Route("/", self._page, methods=["GET"]),
            Route("/etat", self._state, methods=["GET"]),
            Route("/souhait", self._act(self._wish), methods=["POST"]),
            Route("/panne", self._act(self._fault), methods=["POST"]),
            Route("/facture", self._act(self._move), methods=["POST"]),
        ]
        app = Starlette(routes=[Mount("/{token}", routes=routes)])
        self._hosting = Hosting({place: app}, name="trainer's page")

    def __enter__(self) -> TrainerPage:
        self._hosting.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._hosting.stop()

    # --- what is shown ----------------------------------------------------------------------------------------------

    async def _page(self, request: Request) -> Response:
        if refused := self._refused(request):
            return refused
        nonce = secrets.token_urlsafe(12)
        text = _template().render(
            nonce=nonce,
            buttons=self.buttons,
            kinds=KINDS if self.replica else {},
            steps=STEPS,
            reasons=[reason for advice in ADVICE.values() for reason in advice.reasons],
            max_reason=MAX_REASON,
            has_replica=self.replica is not None,
        )
        return Response(text, headers=_headers(nonce), media_type="text/html")

    async def _state(self, request: Request) -> Response:
        return self._refused(request) or self._told()

    def _told(self, refusal: str = "") -> Response:
        """Where everything stands, as JSON."""
        return JSONResponse(
            {
                **asdict(self.remote.standing),
                "refusal": refusal,
                "faults": [{"name": str(one), "says": _says(one.name, one.step)} for one in self._armed()],
                "invoices": self._invoices(),
            },
            status_code=409 if refusal else 200,
            headers=_headers(""),
        )

    def _armed(self) -> Sequence[Any]:
        return self.replica.faults.armed if self.replica else ()

    def _invoices(self) -> list[dict[str, Any]]:
        """Invoices that were sent, the newest first, with where each may go."""
        sent = [one for one in self.replica.invoices() if one["status"] != Status.DRAFT] if self.replica else []
        return [
            {
                "number": one["number"],
                "supplier": one["supplier_siret"],
                "label": STATUS_LABELS[Status(one["status"])],
                "ways": [
                    {"status": status, "label": STATUS_LABELS[status], "asks": status in RETURNED}
                    for status in reachable(Status(one["status"]))
                ],
            }
            for one in reversed(sent)
        ]

    # --- what is asked ----------------------------------------------------------------------------------------------

    def _act(self, act: Callable[[FormData], str]) -> Callable[[Request], Awaitable[Response]]:
        """Answers a press with how things stand then, and with the refusal where there is one."""

        async def answer(request: Request) -> Response:
            if refused := self._refused(request):
                return refused
            async with request.form() as form:
                return self._told(act(form))

        return answer

    def _wish(self, form: FormData) -> str:
        offered = {button.wish for button in self.buttons}
        asked = str(form.get("souhait", ""))
        if asked not in offered:
            return f"Souhait inconnu « {asked[:20]} »."
        self.remote.ask(Wish(asked))
        return ""

    def _fault(self, form: FormData) -> str:
        """`armer` a fault, at `etape` where one is named; `desarmer` the one named, or all of them."""
        if self.replica is None:
            return "Seule la réplique d'entraînement a des pannes."
        try:
            if "desarmer" in form:
                self.replica.disarm(str(form["desarmer"]))
            else:
                step = str(form.get("etape", ""))
                self.replica.arm(str(form.get("armer", "")) + (f"@{step}" if step else ""))
        except FaultUnknown as unknown:
            return str(unknown)
        return ""

    def _move(self, form: FormData) -> str:
        """The invoice `numero` of `fournisseur` goes to `etat`, for `motif`."""
        if self.replica is None:
            return "Seule la réplique d'entraînement laisse déplacer une facture."
        number, status, reason, supplier = (str(form.get(name, "")) for name in ("numero", "etat", "motif", "fournisseur"))
        try:
            self.replica.move(number, status, reason=reason, supplier=supplier)
        except MoveRefused as refusal:
            return str(refusal)
        return ""

    # --- who may ask ------------------------------------------------------------------------------------------------

    def _refused(self, request: Request) -> Response | None:
        """Only the person who was given the address, and no page of another site in their browser."""
        origin = request.headers.get("origin")
        is_ours = request.headers.get("host") == self._host and origin in (None, f"http://{self._host}")
        is_known = secrets.compare_digest(str(request.path_params["token"]).encode(), self._token.encode())
        if is_ours and is_known and (request.method != "POST" or origin):
            return None
        return PlainTextResponse(
            "Cette adresse n'est plus bonne : reprenez celle que le robot a écrite.", 403, headers=_headers("")
        )


def _headers(nonce: str) -> dict[str, str]:
    return {
        "Cache-Control": "no-store",
        "Content-Security-Policy": _POLICY.format(nonce),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


def _says(name: str, step: str) -> str:
    return KINDS[name].says + (f" Où : {STEPS[step]}." if step else "")


@cache
def _template() -> Any:
    loader = FileSystemLoader(Path(__file__).parent)
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined).get_template("trainerpage.html")


@contextmanager
def open_beside(remote: Remote, replica: Replica | None, buttons: Sequence[Button]) -> Iterator[None]:
    """The page, its address told on stderr: stdout is for results."""
    with TrainerPage(remote, replica, buttons) as page:
        print(f"Page du formateur : {page.url}", file=sys.stderr, flush=True)
        yield
