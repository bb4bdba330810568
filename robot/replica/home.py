"""The portal home of today's portal: domains, applications, the account's menu. Drawn by JavaScript.

Routes only. What is on each page is JSON; `assets/portail.js` makes it a page after it has loaded.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from robot.replica import membership_forms
from robot.replica.membership import business_facts
from robot.replica.records import Account
from robot.replica.signin import sign_in_address
from robot.replica.site import NO_STORE, Site, goto, site_of

COOKIE = "glide_session_store"
INDEX = "/aife_csm/fr?id=aife_index"
_DOMAIN = "/aife_csm/fr?id=aife_domaine&domaine="

_DOMAINS = {
    "facturation": ("Facturation", "Déposer, suivre et recevoir des factures."),
    "organisation": ("Organisation", "Gérer ses structures et leurs utilisateurs."),
    "raccordements": ("Raccordements", "Relier un logiciel au portail."),
}
_APPLICATIONS = {
    "facturation": {
        "factures-emises": (
            "Factures émises",
            "Déposer une facture et suivre celles que vous avez envoyées.",
        ),
        "factures-recues": ("Factures reçues", "Consulter et traiter les factures reçues."),
        "factures-de-travaux": ("Factures de travaux", "Suivre les factures d'un marché de travaux."),
        "engagements": ("Engagements", "Consulter les commandes de vos clients publics."),
    },
    "organisation": {
        "structures": ("Structures", "Créer, consulter et modifier une structure."),
        "utilisateurs": ("Utilisateurs", "Gérer les utilisateurs d'une structure."),
    },
    "raccordements": {
        "compte-technique": ("Compte technique", "Créer ou renouveler un compte technique."),
    },
}
_ACCOUNT_PAGES = {
    "aife_mon_compte": "Mon compte",
    "aife_rattachements": "Mes rattachements",
    "aife_habilitations": "Mes habilitations",
}
# What the application « Structures » can do, and the page of what the replica reproduces.
_REQUESTS = {
    "Créer une structure": ("Donner l'identifiant et l'adresse d'une structure nouvelle.", membership_forms.CREATION),
    "Gérer une structure": ("Consulter ou modifier la fiche d'une structure.", "aife_non_reproduit"),
}
_NOTHING: dict[str, Any] = {
    "title": "Portail de services", "text": "", "notice": "", "faults": [], "cards": [], "lines": [], "actions": [],
    "table": None, "form": None, "window": None, "address": "", "back": "", "training": "",
}  # fmt: skip


async def start(request: Request) -> Response:
    return goto(INDEX)


async def show(request: Request) -> Response:
    """The empty frame of a page."""
    site, page = site_of(request), request.query_params.get("id", "aife_index")
    template = "domaine-facturation" if page == "aife_domaine" else "accueil"
    return site.page(template, query=request.url.query)


async def describe(request: Request) -> Response:
    """What is on a page, for the script that draws it; a POST is a button pressed there."""
    site, query = site_of(request), request.query_params
    facts = {**_NOTHING}
    email = _email(request)
    page, domain = query.get("id", "aife_index"), query.get("domaine", "")
    if email is None:
        facts["text"] = "Connectez-vous pour accéder à vos domaines et à vos applications."
        facts["lines"] = [f"{title} : {text}" for title, text in _DOMAINS.values()]
    elif found := membership_forms.describe(site, email, page, await request.form()):
        facts |= {"back": INDEX} | found
    elif page == "aife_domaine" and domain in _APPLICATIONS:
        facts |= {"title": _DOMAINS[domain][0], "back": INDEX, "cards": _applications(site, email, domain)}
    elif page == "aife_structures":
        facts |= {"title": "Structures", "back": f"{_DOMAIN}organisation", "cards": _requests()}
    elif page in _ACCOUNT_PAGES:
        facts |= {"title": _ACCOUNT_PAGES[page], "back": INDEX, "lines": _account_lines(site, email, page)}
    elif page == "aife_non_reproduit":
        facts |= {"title": "Écran non reproduit", "back": INDEX}
        facts["text"] = "La réplique d'entraînement ne reproduit pas cette application."
    else:
        facts["text"] = f"Bonjour {_name(site, email)}, choisissez un domaine."
        facts["window"] = membership_forms.welcome(site, email)
        facts["cards"] = [
            _card(title, text, "Accéder au domaine", f"{_DOMAIN}{name}") for name, (title, text) in _DOMAINS.items()
        ]
    menu = [{"text": text, "href": f"/aife_csm/fr?id={name}"} for name, text in _ACCOUNT_PAGES.items()]
    menu.append({"text": "Se déconnecter", "href": "/aife_csm/deconnexion"})
    account = _account(request)
    person = {"name": account.name, "menu": menu} if account else None
    return JSONResponse(facts | {"person": person}, headers=NO_STORE)


def _card(title: str, text: str, action: str, href: str, *, new_tab: bool = False) -> dict[str, Any]:
    return {"title": title, "text": text, "action": action, "href": href, "newTab": new_tab}


def _applications(site: Site, email: str, domain: str) -> list[dict[str, Any]]:
    """Tiles of a domain. « Factures émises » comes with a « rattachement »; the other hand shows it and refuses."""
    pages = {"factures-emises": f"{site.origins.invoicing}/cpp/", "structures": "/aife_csm/fr?id=aife_structures"}
    return [
        _card(
            title,
            text,
            "Accéder",
            pages.get(name, "/aife_csm/fr?id=aife_non_reproduit"),
            new_tab=site.look.is_other and name == "factures-emises",
        )
        for name, (title, text) in _APPLICATIONS[domain].items()
        if name != "factures-emises" or site.look.is_other or site.state.structures.suppliers_of(email)
    ]


def _requests() -> list[dict[str, Any]]:
    return [_card(title, text, "Accéder", f"/aife_csm/fr?id={page}") for title, (text, page) in _REQUESTS.items()]


def _account_lines(site: Site, email: str, page: str) -> list[str]:
    if page == "aife_mon_compte":
        account = site.state.identity.account(email)
        assert account
        return [f"Nom : {account.name}", f"Adresse de connexion : {account.email}"]
    suppliers = site.state.structures.suppliers_of(email)
    lines = [f"{siret} - {name} : Factures émises, modification" for siret, name in suppliers.items()]
    return lines or ["Aucune habilitation : elles viennent avec un rattachement validé."]


async def tell_business(request: Request) -> Response:
    """What the register says of a SIRET, to whoever is signed in."""
    site = site_of(request)
    if _email(request) is None:
        return JSONResponse({}, 401, headers=NO_STORE)
    return JSONResponse(business_facts(site, request.query_params.get("siret", "")), headers=NO_STORE)


async def close_welcome(request: Request) -> Response:
    """The window of the first sign-in was closed: it does not come back."""
    site, email = site_of(request), _email(request)
    if email:
        site.state.store.world.welcomed.add(email)
        site.state.store.keep()
    return Response(status_code=204)


def _email(request: Request) -> str | None:
    """The account that is signed in here."""
    account = _account(request)
    return account.email if account else None


def _account(request: Request) -> Account | None:
    return site_of(request).state.identity.who_is_at_home(request.cookies.get(COOKIE, ""))


def _name(site: Site, email: str) -> str:
    account = site.state.identity.account(email)
    return account.name if account else email


async def sign_in(request: Request) -> Response:
    site = site_of(request)
    return goto(sign_in_address(site, f"{site.origins.home}/navpage.do"))


async def come_back(request: Request) -> Response:
    """The return from the sign-in origin, with a grant."""
    site = site_of(request)
    response = goto(INDEX)
    if email := site.state.identity.redeem(request.query_params.get("code", "")):
        session = site.state.identity.open_home(email)
        response.set_cookie(COOKIE, session, httponly=True, samesite="lax")
    site.state.store.keep()
    return response


async def sign_out(request: Request) -> Response:
    site = site_of(request)
    if email := _email(request):
        site.state.sign_out(email)
    site.state.store.keep()
    return goto(INDEX)


ROUTES = [
    Route("/", start),
    Route("/aife_csm/fr", show),
    Route("/aife_csm/api/page", describe, methods=["GET", "POST"]),
    Route("/aife_csm/api/etablissement", tell_business),
    Route("/aife_csm/api/bienvenue", close_welcome, methods=["POST"]),
    Route("/aife_csm/connexion", sign_in),
    Route("/aife_csm/deconnexion", sign_out),
    Route("/navpage.do", come_back),
]
