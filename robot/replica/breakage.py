"""Breaks answers on purpose: what an armed fault does to a page, a file or a connection. Around each application.

Which faults are armed is in `faults.py`. Knows addresses and steps, not what a step does.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from datetime import date
from typing import Any

from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from robot.replica.certificate import Certificate, draw
from robot.replica.invoicing import COOKIE
from robot.replica.journey import present
from robot.replica.looks import Look
from robot.replica.records import Execution, Screen, Window
from robot.replica.site import Site

SLOW_SECONDS = 3.0

# By path, where the address alone says which step it is.
_PATHS = {
    "/": "accueil",
    "/aife_csm/fr": "accueil",
    "/aife_csm/api/page": "accueil",
    "/aife_csm/connexion": "connexion",
    "/navpage.do": "accueil",
    "/cpp/accueil": "accueil",
    "/cpp/utilisateur": "connexion",
    "/cpp/retour": "connexion",
    "/cpp": "factures-emises",
    "/cpp/": "factures-emises",
    "/cpp/syntheseFactures": "factures-emises",
    "/cpp/rechercheFactures": "recherche",
}
_SCREENS = {
    Screen.DEPOSIT: "depot",
    Screen.BATCH: "depot",
    Screen.FORM: "formulaire",
    Screen.ATTACHMENTS: "pieces-jointes",
    Screen.SUMMARY: "recapitulatif",
}


def _renamed(look: Look) -> dict[str, tuple[str, str]]:
    """What a portal may rename one day: on each screen, a word and the one that replaces it."""
    return {
        "factures-emises": (look.words["deposit_tab"], "Transmettre une pièce"),
        "recherche": (look.words["search_number"], "Référence de la pièce"),
        "depot": (look.words["continue"], "Importer cette facture"),
        "formulaire": ("Valider et envoyer", "Transmettre la facture"),
        "pieces-jointes": ("Ajouter", "Téléverser"),
        "confirmation": ("Confirmer et envoyer", "Transmettre définitivement"),
        "recapitulatif": ("Exporter le certificat de dépôt", "Télécharger la preuve de transmission"),
    }


_ACKNOWLEDGEMENT = """
<dialog class="fenetre" id="acquittement" aria-labelledby="titre-acquittement">
<div class="fenetre-titre"><h2 id="titre-acquittement">Factures à acquitter</h2></div>
<div class="fenetre-corps"><p>2 factures rejetées ou suspendues attendent votre acquittement.</p>
<div class="actions"><button type="button" class="bouton secondaire" onclick="acquittement.remove()">Fermer</button>
<button type="button" class="bouton secondaire" onclick="acquitter()">Acquitter les factures sélectionnées</button>
<button type="button" class="bouton" onclick="acquitter()">Tout acquitter et fermer</button></div></div></dialog>
<script>
acquittement.showModal()
function acquitter() { acquittement.querySelector("p").textContent = "Les factures sont acquittées." }
</script>
"""


class Breakage:
    """An application whose answers may be broken."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self._app = app
        self._site = site
        self._faults = site.state.faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._faults.is_second_try(_request_line(scope)):
            await _cut(receive, send)
            return
        step, execution = self._step(scope) if scope["type"] == "http" and self._faults.armed else ("", None)
        if step == "envoi":
            pressed, receive = await _whole(receive)
            # The same window is left by « Annuler ».
            step = step if self._site.look.event("confirmer").encode() in pressed else "confirmation"
        if not step:
            await self._app(scope, receive, send)
        elif not await self._transport(step, execution, scope, receive, send):
            await self._page(step, scope, receive, send)

    def _step(self, scope: Scope) -> tuple[str, Execution | None]:
        """Which step a request belongs to, and the deposit in hand; empty for what is no part of a portal."""
        path = scope["path"]
        if path.startswith(("/assets/", "/_entrainement/")):
            return "", None
        if path == "/cpp/depotFacture":
            return self._deposit_step(scope)
        if path.startswith("/cpp/facture/"):
            return "certificat" if path.endswith("/certificat") else "detail", None
        return _PATHS.get(path, "connexion" if path.startswith("/auth/") else "ailleurs"), None

    def _deposit_step(self, scope: Scope) -> tuple[str, Execution | None]:
        asked, posts = HTTPConnection(scope), scope["method"] == "POST"
        session = self._site.state.session(asked.cookies.get(COOKIE, ""))
        execution = present(session, asked.query_params.get("execution", "")) if session else None
        if execution is None:
            return "depot", None
        if execution.window is Window.CONFIRMATION:
            return "envoi" if posts else "confirmation", execution
        if execution.screen is Screen.SUMMARY and posts:
            return "certificat", execution
        return _SCREENS.get(execution.screen, "ailleurs"), execution

    def _is_known(self, scope: Scope) -> bool:
        """Whether a request comes from somebody whom an origin remembers."""
        world = self._site.state.store.world
        known = {*world.sessions, *world.doors.sso, *world.doors.homes}
        return not known.isdisjoint(HTTPConnection(scope).cookies.values())

    # --- the connection ---------------------------------------------------------------------------------

    async def _transport(
        self, step: str, execution: Execution | None, scope: Scope, receive: Receive, send: Send
    ) -> bool:
        """Faults that leave nothing of the answer; whether there was one."""
        strikes, site = self._faults.strikes, self._site
        if strikes("slow", step):
            with suppress(TimeoutError):
                await asyncio.wait_for(site.closing.wait(), SLOW_SECONDS)
        if self._is_known(scope) and strikes("session-lost", step):
            site.state.sign_out()
        if execution and strikes("stale-execution", step):
            # The key that the page bears is not the present one any more.
            execution.step += 1
        if strikes("cut", step) or strikes("cut-before-commit", step):
            self._faults.keep_cut(_request_line(scope))
            await _cut(receive, send)
        elif strikes("cut-after-commit", step):
            await self._app(scope, receive, _forget)
            self._faults.keep_cut(_request_line(scope))
            await _cut(receive, send)
        elif strikes("page-never-loads", step):
            await self._hang(receive, send)
        elif strikes("error-once", step):
            answer = site.page("erreur", status=500, message="Une erreur technique est survenue.")
            await answer(scope, receive, send)
        elif strikes("maintenance", step):
            message = "Le portail est en maintenance. Réessayez plus tard."
            await site.page("erreur", status=503, title="Maintenance", message=message)(scope, receive, send)
        else:
            return False
        return True

    async def _hang(self, receive: Receive, send: Send) -> None:
        """Until the browser gives up, or the replica stops."""
        ends = [asyncio.ensure_future(_until_gone(receive)), asyncio.ensure_future(self._site.closing.wait())]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for end in ends:
                end.cancel()
        await _cut(receive, send)

    # --- pages and files --------------------------------------------------------------------------------

    async def _page(self, step: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the answer on, changed where a fault says so."""
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self._app(scope, receive, keep)
        start = messages[0]
        body = b"".join(message.get("body", b"") for message in messages[1:])
        headers = [(name, value) for name, value in start["headers"] if name != b"content-length"]
        kind = dict(headers).get(b"content-type", b"")
        if step == "certificat" and kind.startswith(b"application/pdf"):
            if self._faults.strikes("certificate-missing", step):
                answer: Response = self._site.page("erreur", status=500, message="Le certificat n'est pas disponible.")
                await answer(scope, receive, send)
                return
            if self._faults.strikes("certificate-truncated", step):
                body = body[: len(body) // 2]
            elif self._faults.strikes("certificate-of-another", step):
                body = _of_another()
            elif self._faults.strikes("download-never-ends", step):
                whole = (b"content-length", str(len(body)).encode())
                await send({**start, "headers": [*headers, whole]})
                await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
                await self._hang(receive, send)
                return
        elif kind.startswith(b"text/html") and start["status"] == 200:
            body = self._redrawn(step, body.decode()).encode()
        await send({**start, "headers": [*headers, (b"content-length", str(len(body)).encode())]})
        await send({"type": "http.response.body", "body": body})

    def _redrawn(self, step: str, page: str) -> str:
        if self._faults.strikes("acknowledgement", step):
            page = page.replace("</body>", f"{_ACKNOWLEDGEMENT}</body>")
        if self._faults.strikes("label-renamed", step):
            old, new = _renamed(self._site.look)[step]
            # Words of a label or a button stand between tags, or in `value`.
            page = re.sub(rf'(?<=[>"\s]){re.escape(old)}(?=\s*[<"])', new, page)
        return page


def _request_line(scope: Scope) -> str:
    return f"{scope['method']} {scope['server']} {scope['path']}?{scope['query_string'].decode('latin-1')}"


async def _whole(receive: Receive) -> tuple[bytes, Receive]:
    """The body of a request, and the same request to be received once more."""
    messages = [await receive()]
    while messages[-1].get("more_body"):
        messages.append(await receive())
    body = b"".join(message.get("body", b"") for message in messages)

    async def again() -> Message:
        return messages.pop(0) if messages else await receive()

    return body, again


async def _forget(_message: Message) -> None:
    """Where an answer goes that nobody receives."""


async def _until_gone(receive: Receive) -> None:
    """Until the browser gives up."""
    while (await receive())["type"] != "http.disconnect":
        continue


async def _cut(receive: Receive, send: Send) -> None:
    """Cuts the connection as a broken line does: no answer, no farewell."""
    cycle: Any = getattr(send, "__self__", None)
    cycle.transport.abort()
    # The server has noticed it by then, and does not look for an answer.
    await _until_gone(receive)


def _of_another() -> bytes:
    """A certificate that looks right and proves another invoice."""
    return draw(
        Certificate(
            day=date(2026, 1, 31),
            digest="A" * 43 + "=",
            number="AUTRE-0001",
            supplier="00010103000013 - CABINET VOISIN",
            recipient="13000545700010 - UNIVERSITE D'AILLEURS",
            amount="42,00 EUR",
        )
    )
