"""Breaks answers on purpose: what an armed fault does to a page, a file or a connection. Around each application.

Which faults are armed is in `faults.py`. Knows addresses and steps, not what a step does.
"""

from __future__ import annotations

import asyncio
import re
from datetime import date
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from robot.replica.certificate import Certificate, draw
from robot.replica.invoicing import COOKIE
from robot.replica.journey import present
from robot.replica.records import Screen, Window
from robot.replica.site import Site

SLOW_SECONDS = 3.0

# By path, where the address alone says which step it is.
_PATHS = {
    "/": "accueil",
    "/aife_csm/fr": "accueil",
    "/navpage.do": "accueil",
    "/cpp/accueil": "accueil",
    "/cpp/utilisateur": "connexion",
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
# What a portal may rename one day, on each screen.
_RENAMED = {
    "depot": {"Valider et continuer": "Importer cette facture"},
    "formulaire": {"Valider et envoyer": "Transmettre la facture"},
    "confirmation": {"Confirmer et envoyer": "Transmettre définitivement"},
    "recapitulatif": {"Certificat de dépôt</": "Télécharger la preuve</"},
}
_ACKNOWLEDGEMENT = """
<dialog class="fenetre" id="acquittement" aria-labelledby="titre-acquittement">
<div class="fenetre-titre"><h2 id="titre-acquittement">Factures à acquitter</h2></div>
<div class="fenetre-corps"><p>2 factures rejetées ou suspendues attendent votre acquittement.</p>
<div class="actions"><button type="button" class="bouton secondaire" onclick="acquittement.remove()">Fermer</button>
<button type="button" class="bouton secondaire">Acquitter les factures sélectionnées</button>
<button type="button" class="bouton">Tout acquitter et fermer</button></div></div></dialog>
<script>acquittement.showModal()</script>
"""
_REQUIRED_FIELD = """
<div class="champ"><label for="nouveau-champ">* Numéro de chantier</label>
<input id="nouveau-champ" name="nouveauChamp" type="text"></div>
"""


class Breakage:
    """An application whose answers may be broken."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self._app = app
        self._site = site
        self._faults = site.state.faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        step = self._step(scope) if scope["type"] == "http" and self._faults.armed else ""
        if not step:
            await self._app(scope, receive, send)
        elif not await self._transport(step, scope, receive, send):
            await self._page(step, scope, receive, send)

    def _step(self, scope: Scope) -> str:
        """Which step of a deposit a request belongs to; empty for none."""
        path, posts = scope["path"], scope["method"] == "POST"
        if path.startswith(("/assets/", "/_entrainement/")):
            return ""
        if path == "/cpp/depotFacture":
            return self._deposit_step(scope, posts)
        if path.startswith("/cpp/facture/"):
            return "certificat" if path.endswith("/certificat") else "detail"
        return _PATHS.get(path, "connexion" if path.startswith("/auth/") else "")

    def _deposit_step(self, scope: Scope, posts: bool) -> str:
        key = parse_qs(scope["query_string"].decode()).get("execution", [""])[0]
        cookies = SimpleCookie(dict(scope["headers"]).get(b"cookie", b"").decode("latin-1"))
        session = self._site.state.session(cookies[COOKIE].value) if COOKIE in cookies else None
        execution = present(session, key) if session else None
        if execution is None:
            return "depot"
        if execution.window is Window.CONFIRMATION:
            return "envoi" if posts else "confirmation"
        if execution.screen is Screen.SUMMARY and posts:
            return "certificat"
        return _SCREENS.get(execution.screen, "")

    # --- the connection ---------------------------------------------------------------------------------

    async def _transport(self, step: str, scope: Scope, receive: Receive, send: Send) -> bool:
        """Faults that leave nothing of the answer; whether there was one."""
        strikes, site = self._faults.strikes, self._site
        if strikes("slow", step):
            await asyncio.sleep(SLOW_SECONDS)
        if strikes("session-lost", step):
            site.state.sign_out()
        if strikes("cut", step) or strikes("cut-before-commit", step):
            _cut(send)
        elif strikes("cut-after-commit", step):
            await self._app(scope, receive, _forget)
            _cut(send)
        elif strikes("page-never-loads", step):
            await _until_gone(receive)
        elif strikes("error-once", step):
            answer = site.page("erreur", status=500, message="Une erreur technique est survenue.")
            await answer(scope, receive, send)
        elif strikes("maintenance", step):
            answer = site.page("erreur", status=503, message="Le portail est en maintenance.")
            await answer(scope, receive, send)
        elif strikes("stale-execution", step):
            await site.page("contraintes-de-securite", status=403)(scope, receive, send)
        else:
            return False
        return True

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
                await _until_gone(receive)
                return
        elif kind.startswith(b"text/html") and start["status"] == 200:
            body = self._redrawn(step, body.decode()).encode()
        await send({**start, "headers": [*headers, (b"content-length", str(len(body)).encode())]})
        await send({"type": "http.response.body", "body": body})

    def _redrawn(self, step: str, page: str) -> str:
        if self._faults.strikes("acknowledgement", step):
            page = page.replace("</body>", f"{_ACKNOWLEDGEMENT}</body>")
        if self._faults.strikes("label-renamed", step):
            for old, new in _RENAMED[step].items():
                page = page.replace(old, new)
        if self._faults.strikes("new-required-field", step):
            page = re.sub(r"(<form[^>]*depotFacture[^>]*>)", lambda form: form[1] + _REQUIRED_FIELD, page, count=1)
        return page


async def _forget(_message: Message) -> None:
    """Where an answer goes that nobody receives."""


async def _until_gone(receive: Receive) -> None:
    """Until the browser gives up."""
    while (await receive())["type"] != "http.disconnect":
        continue


def _cut(send: Send) -> None:
    """Cuts the connection as a broken line does: no answer, no farewell."""
    cycle: Any = getattr(send, "__self__", None)
    cycle.transport.abort()


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
