"""The sign-in origin of today's portal: password, second factor, and back where one came from.

Routes only; what a password or a code is worth is in `identity.py`.
"""

from __future__ import annotations

import secrets
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from robot.replica.identity import CodeAnswer, PasswordAnswer
from robot.replica.records import Attempt
from robot.replica.site import Site, goto, site_of, text_of

_REALM = "/auth/realms/chorus-pro"
_AUTHORISE = f"{_REALM}/protocol/openid-connect/auth"
_AUTHENTICATE = f"{_REALM}/login-actions/authenticate"
COOKIE = "KEYCLOAK_IDENTITY"

PASSWORD_MESSAGES = {
    PasswordAnswer.WRONG: "Adresse de connexion ou mot de passe incorrect.",
    PasswordAnswer.LOCKED: "Votre compte est bloqué, merci de contacter l'assistance ou de patienter.",
}
_CODE_MESSAGES = {
    CodeAnswer.WRONG: "Le code saisi est incorrect.",
    CodeAnswer.EXPIRED: "Le code saisi a expiré : recommencez la connexion pour en recevoir un nouveau.",
}


def sign_in_address(site: Site, redirect_uri: str) -> str:
    """Where an origin sends a person whom it does not know."""
    query = {
        "client_id": "portail" if redirect_uri.startswith(f"{site.origins.home}/") else "cpro",
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "scope": "openid email profile",
        "state": f"SNC{secrets.token_hex(8)}",
    }
    return f"{site.origins.sign_in}{_AUTHORISE}?{urlencode(query)}"


async def authorise(request: Request) -> Response:
    """A person sent by an origin: known here already, or asked for the password."""
    site, query = site_of(request), request.query_params
    redirect_uri = query.get("redirect_uri", "")
    # Never sends anybody, nor any grant, to a foreign address.
    if not redirect_uri.startswith((f"{site.origins.home}/", f"{site.origins.invoicing}/")):
        return site.page("erreur", status=400, message="L'adresse de retour est inconnue.")
    identity = site.state.identity
    if email := identity.who_is_known(request.cookies.get(COOKIE, "")):
        response: Response = goto(_return_address(redirect_uri, identity.grant(email), query.get("state", "")))
    else:
        name = identity.begin(redirect_uri, query.get("state", ""))
        response = _stage(site, name)
    site.state.store.keep()
    return response


def _return_address(redirect_uri: str, grant: str, state: str) -> str:
    return f"{redirect_uri}?{urlencode({'state': state, 'code': grant})}"


def _stage(site: Site, name: str, message: str = "") -> Response:
    """The page that this sign-in is at."""
    attempt = site.state.identity.attempt(name)
    if attempt is None:
        return site.page("erreur", status=400, message="Cette page de connexion n'est plus valable. Recommencez.")
    query = {"session_code": name, "client_id": "chorus-pro", "tab_id": name[:8]}
    page = "second-facteur" if attempt.email else "connexion"
    return site.page(
        page, action=f"{_AUTHENTICATE}?{urlencode(query)}", message=message, restart=_restart(attempt, site)
    )


def _restart(attempt: Attempt, site: Site) -> str:
    """Begins again: where the code came too late, a new attempt sends a new one."""
    return sign_in_address(site, attempt.redirect_uri)


async def show_stage(request: Request) -> Response:
    return _stage(site_of(request), request.query_params.get("session_code", ""))


async def authenticate(request: Request) -> Response:
    """What was typed: the password first, the code next."""
    site, name = site_of(request), request.query_params.get("session_code", "")
    identity = site.state.identity
    attempt = identity.attempt(name)
    if attempt is None:
        return _stage(site, name)
    form = await request.form()
    if attempt.email:
        code_answer = identity.give_code(attempt, text_of(form, site.look.credential("otp")))
        response = _stage(site, name, _CODE_MESSAGES[code_answer]) if code_answer in _CODE_MESSAGES else None
    else:
        email = text_of(form, site.look.credential("username"))
        password = text_of(form, site.look.credential("password"))
        answer = identity.give_password(attempt, email, password)
        response = _stage(site, name, PASSWORD_MESSAGES.get(answer, ""))
    if response is None:
        session, grant = identity.finish(name)
        response = goto(_return_address(attempt.redirect_uri, grant, attempt.state))
        response.set_cookie(COOKIE, session, path="/auth", httponly=True, samesite="lax")
    site.state.store.keep()
    return response


async def show_mails(request: Request) -> Response:
    """The mailbox of the training account: codes arrive here."""
    site = site_of(request)
    return site.page("courrier", mails=site.state.identity.mails)


async def forgotten(request: Request) -> Response:
    return site_of(request).page("non-reproduit", title="Mot de passe oublié", back="/")


# The mailbox that everybody shares here.
MAILBOX = Route("/_entrainement/courrier", show_mails)

ROUTES = [
    Route(_AUTHORISE, authorise),
    Route(_AUTHENTICATE, show_stage, methods=["GET"]),
    Route(_AUTHENTICATE, authenticate, methods=["POST"]),
    Route("/auth/mot-de-passe-oublie", forgotten),
    MAILBOX,
]
