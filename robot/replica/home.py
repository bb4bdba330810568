"""The portal home of today's portal: domains, applications, the account's menu. Drawn by JavaScript.

Routes only. What is on each page is JSON; `assets/portail.js` makes it a page after it has loaded.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from robot.replica.signin import sign_in_address
from robot.replica.site import NO_STORE, Site, goto, site_of

COOKIE = "glide_session_store"
INDEX = "/aife_csm/fr?id=aife_index"

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


async def start(request: Request) -> Response:
    return goto(INDEX)


async def show(request: Request) -> Response:
    """The empty frame of a page."""
    site, page = site_of(request), request.query_params.get("id", "aife_index")
    template = "domaine-facturation" if page == "aife_domaine" else "accueil"
    return site.page(template, query=request.url.query)


async def describe(request: Request) -> Response:
    """What is on a page, for the script that draws it."""
    site, query = site_of(request), request.query_params
    facts: dict[str, Any] = {"title": "Portail de services", "text": "", "cards": [], "lines": [], "back": ""}
    known = _is_known(request)
    page, domain = query.get("id", "aife_index"), query.get("domaine", "")
    if not known:
        facts["text"] = "Connectez-vous pour accéder à vos domaines et à vos applications."
        facts["lines"] = [f"{title} : {text}" for title, text in _DOMAINS.values()]
    elif page == "aife_domaine" and domain in _APPLICATIONS:
        facts |= {"title": _DOMAINS[domain][0], "back": INDEX, "cards": _applications(site, domain)}
    elif page in _ACCOUNT_PAGES:
        facts |= {"title": _ACCOUNT_PAGES[page], "back": INDEX, "lines": _account_lines(site, page)}
    elif page == "aife_non_reproduit":
        facts |= {"title": "Écran non reproduit", "back": INDEX}
        facts["text"] = "La réplique d'entraînement ne reproduit pas cette application."
    else:
        facts["text"] = f"Bonjour {site.state.identity.account.name}, choisissez un domaine."
        facts["cards"] = [
            {
                "title": title,
                "text": text,
                "action": "Accéder au domaine",
                "href": f"/aife_csm/fr?id=aife_domaine&domaine={name}",
            }
            for name, (title, text) in _DOMAINS.items()
        ]
    menu = [{"text": text, "href": f"/aife_csm/fr?id={name}"} for name, text in _ACCOUNT_PAGES.items()]
    menu.append({"text": "Se déconnecter", "href": "/aife_csm/deconnexion"})
    person = {"name": site.state.identity.account.name, "menu": menu} if known else None
    return JSONResponse(facts | {"person": person}, headers=NO_STORE)


def _applications(site: Site, domain: str) -> list[dict[str, Any]]:
    return [
        {
            "title": title,
            "text": text,
            "action": "Accéder",
            "href": f"{site.origins.invoicing}/cpp/"
            if name == "factures-emises"
            else "/aife_csm/fr?id=aife_non_reproduit",
            "newTab": site.look.is_other and name == "factures-emises",
        }
        for name, (title, text) in _APPLICATIONS[domain].items()
    ]


def _account_lines(site: Site, page: str) -> list[str]:
    account = site.state.identity.account
    if page == "aife_mon_compte":
        return [f"Nom : {account.name}", f"Adresse de connexion : {account.email}"]
    lines = [f"{siret} - {name}" for siret, name in site.state.suppliers.items()]
    return lines if page == "aife_rattachements" else [f"{line} : Factures émises, modification" for line in lines]


def _is_known(request: Request) -> bool:
    return site_of(request).state.identity.is_at_home(request.cookies.get(COOKIE, ""))


async def sign_in(request: Request) -> Response:
    site = site_of(request)
    return goto(sign_in_address(site, f"{site.origins.home}/navpage.do"))


async def come_back(request: Request) -> Response:
    """The return from the sign-in origin, with a grant."""
    site = site_of(request)
    response = goto(INDEX)
    if site.state.identity.redeem(request.query_params.get("code", "")):
        session = site.state.identity.open_home()
        response.set_cookie(COOKIE, session, httponly=True, samesite="lax")
    site.state.store.keep()
    return response


async def sign_out(request: Request) -> Response:
    site = site_of(request)
    site.state.sign_out()
    site.state.store.keep()
    return goto(INDEX)


async def enrol(request: Request) -> Response:
    return site_of(request).page("non-reproduit", title="Créer un compte", back=INDEX)


ROUTES = [
    Route("/", start),
    Route("/aife_csm/fr", show),
    Route("/aife_csm/api/page", describe),
    Route("/aife_csm/connexion", sign_in),
    Route("/aife_csm/inscription", enrol),
    Route("/aife_csm/deconnexion", sign_out),
    Route("/navpage.do", come_back),
]
