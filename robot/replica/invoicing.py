"""The invoicing application: its doors, its tabs, search, detail and certificate. Full page loads.

Routes only; the deposit is in `deposit.py`, the state behind in `state.py`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from robot.replica import treatment
from robot.replica.records import Bill, Session
from robot.replica.signin import PASSWORD_MESSAGES, sign_in_address
from robot.replica.site import NO_STORE, Endpoint, Site, goto, site_of, text_of
from robot.replica.state import PERSON, Criteria, State, digest
from robot.replica.statuses import Status

COOKIE = "JSESSIONID"
SUMMARY = "/cpp/syntheseFactures"
PAGE_SIZE = 10

Guarded = Callable[[Request, Site, Session], Awaitable[Response]]


def signed_in(endpoint: Guarded) -> Endpoint:
    """An endpoint for signed-in people; others are sent to sign in, whatever they were doing."""

    async def check(request: Request) -> Response:
        site = site_of(request)
        session = site.state.session(request.cookies.get(COOKIE, ""))
        account = site.state.identity.account(session.email) if session else None
        if session is None or account is None:
            return goto(_door(site))
        PERSON.set(account)
        return await endpoint(request, site, session)

    return check


def guarded(endpoint: Guarded) -> Endpoint:
    """An endpoint for signed-in people who may invoice: the right comes with a validated « rattachement »."""

    async def check(request: Request, site: Site, session: Session) -> Response:
        if not site.state.suppliers_of(session):
            return site.page("sans-habilitation", status=403)
        return await endpoint(request, site, session)

    return signed_in(check)


def _door(site: Site) -> str:
    if site.look.generation == 2021:
        return "/"
    return sign_in_address(site, f"{site.origins.invoicing}/cpp/retour")


def _welcome(site: Site, email: str, response: Response) -> Response:
    # In 2021 the portal's own address is the application's, and knows who comes back.
    path = "/" if site.look.generation == 2021 else "/cpp"
    response.set_cookie(COOKIE, site.state.open_session(email), path=path, httponly=True, samesite="lax")
    site.state.store.keep()
    return response


# --- doors ---------------------------------------------------------------------------------------------


@guarded
async def enter(request: Request, site: Site, session: Session) -> Response:
    return goto(SUMMARY)


async def come_back(request: Request) -> Response:
    """The return from the sign-in origin, with a grant."""
    site = site_of(request)
    if email := site.state.identity.redeem(request.query_params.get("code", "")):
        return _welcome(site, email, goto(SUMMARY))
    return goto("/cpp/")


async def show_door(request: Request) -> Response:
    """2021: the home page with its sign-in block."""
    site = site_of(request)
    if site.state.session(request.cookies.get(COOKIE, "")):
        return goto("/cpp/accueil")
    return site.page("connexion-2021", message="")


async def sign_in(request: Request) -> Response:
    """2021: address and password on the application itself, no second factor."""
    site, form = site_of(request), await request.form()
    email, password = (text_of(form, site.look.credential(key)) for key in ("username", "password"))
    answer = site.state.identity.is_password(email, password)
    if message := PASSWORD_MESSAGES.get(answer):
        site.state.store.keep()
        return site.page("connexion-2021", message=message)
    return _welcome(site, email.strip(), goto("/cpp/accueil"))


@signed_in
async def show_home(request: Request, site: Site, session: Session) -> Response:
    """2021: « Accueil connecté »."""
    return site.page("accueil-connecte", tab="")


async def sign_out(request: Request) -> Response:
    site = site_of(request)
    session = site.state.session(request.cookies.get(COOKIE, ""))
    if session:
        site.state.sign_out(session.email)
    site.state.store.keep()
    return goto(f"{site.origins.home}/")


# --- tabs ----------------------------------------------------------------------------------------------


@guarded
async def show_summary(request: Request, site: Site, session: Session) -> Response:
    unseen = treatment.to_acknowledge(site.state, session)
    may_close = all(treatment.may_wait(site.state, bill) for bill in unseen)
    return site.page(
        "factures-emises",
        tab="synthese",
        bills=site.state.to_do(session),
        unseen=[] if session.is_put_off and may_close else unseen,
        may_close=may_close,
    )


@guarded
async def acknowledge_several(request: Request, site: Site, session: Session) -> Response:
    """The window of « Synthèse »: put off, some, or all."""
    form = await request.form()
    event = site.look.event_of(form)
    unseen = treatment.to_acknowledge(site.state, session)
    for bill in unseen:
        if event == "toutAcquitter" or (event == "acquitterSelection" and str(bill.id) in form.getlist("facture")):
            treatment.acknowledge(site.state, bill)
    session.is_put_off = event == "fermer" and all(treatment.may_wait(site.state, bill) for bill in unseen)
    site.state.store.keep()
    return goto(SUMMARY)


@guarded
async def show_dashboard(request: Request, site: Site, session: Session) -> Response:
    counts = {status: sum(bill.status is status for bill in site.state.bills_of(session)) for status in Status}
    return site.page("tableau-de-bord", tab="tableau", counts=counts)


@guarded
async def show_archives(request: Request, site: Site, session: Session) -> Response:
    return site.page("archives", tab="archives")


@guarded
async def show_nothing(request: Request, site: Site, session: Session) -> Response:
    """What the portal has and the replica has not."""
    titles = {"saisie": site.look.words["typing_tab"], "fiscale": "Liste fiscale"}
    tab = request.path_params["tab"]
    return site.page("non-reproduit", tab=tab, title=titles.get(tab, "Cet écran"), back=SUMMARY)


# --- search --------------------------------------------------------------------------------------------


@guarded
async def search(request: Request, site: Site, session: Session) -> Response:
    """« Rechercher »: the criteria, and the results once the button was pressed."""
    form = await request.form()
    name = site.look.name
    criteria = Criteria(
        number=text_of(form, name("search_number")),
        order=text_of(form, name("search_order")),
        status=text_of(form, name("search_status")),
        first=text_of(form, name("search_first")),
        last=text_of(form, name("search_last")),
    )
    found = site.state.search(criteria, session) if request.method == "POST" else None
    pages = max(1, -(-len(found or ()) // PAGE_SIZE))
    wanted = text_of(form, "listeResultats.page")
    page = min(max(1, int(wanted) if wanted.isdecimal() else 1), pages)
    shown = found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE] if found is not None else None
    return site.page(
        "recherche",
        tab="recherche",
        criteria=criteria,
        bills=shown,
        total=len(found or ()),
        number=page,
        pages=pages,
    )


# --- one invoice ---------------------------------------------------------------------------------------


def _asked_for(request: Request, site: Site, session: Session) -> Bill | None:
    return site.state.bill_of(session, request.path_params["bill"])


@guarded
async def show_bill(request: Request, site: Site, session: Session) -> Response:
    bill = _asked_for(request, site, session)
    if bill is None:
        return site.page("erreur", status=404, message="La demande de paiement n'existe pas.")
    recipient = site.state.directory.find(bill.form.siret)
    return site.page("detail", tab="recherche", bill=bill, recipient=recipient, state=site.state, digest=digest(bill))


@guarded
async def acknowledge(request: Request, site: Site, session: Session) -> Response:
    """« Acquitter », on the invoice itself."""
    return _treated(request, site, session, treatment.acknowledge)


@guarded
async def treat_rejection(request: Request, site: Site, session: Session) -> Response:
    """« Traiter le rejet »."""
    return _treated(request, site, session, treatment.treat_rejection)


def _treated(request: Request, site: Site, session: Session, act: Callable[[State, Bill], None]) -> Response:
    bill = _asked_for(request, site, session)
    if bill is None:
        return site.page("erreur", status=404, message="La demande de paiement n'existe pas.")
    act(site.state, bill)
    site.state.store.keep()
    return goto(f"/cpp/facture/{bill.id}")


@guarded
async def delete_draft(request: Request, site: Site, session: Session) -> Response:
    if bill := _asked_for(request, site, session):
        site.state.remove_draft(bill)
        site.state.store.keep()
    return goto(SUMMARY)


@guarded
async def show_file(request: Request, site: Site, session: Session) -> Response:
    bill = _asked_for(request, site, session)
    if bill is None:
        return site.page("erreur", status=404, message="La demande de paiement n'existe pas.")
    disposition = f"inline; filename*=UTF-8''{quote(bill.file.name)}"
    return Response(
        site.state.store.content(bill.file),
        media_type="application/pdf",
        headers={"Content-Disposition": disposition, **NO_STORE},
    )


@guarded
async def export_certificate(request: Request, site: Site, session: Session) -> Response:
    bill = _asked_for(request, site, session)
    if bill is None or bill.status is Status.DRAFT:
        return site.page("erreur", status=404, message="Cette facture n'a pas de certificat de dépôt.")
    return certificate_file(site, bill)


def certificate_file(site: Site, bill: Bill) -> Response:
    return Response(
        site.state.certificate(bill),
        media_type="application/pdf",
        headers={"Content-Disposition": 'attachment; filename="CertificatDepot.pdf"', **NO_STORE},
    )


async def tell_state(request: Request) -> Response:
    """What is stored, for tests and for the curious."""
    return JSONResponse(site_of(request).state.invoices(), headers=NO_STORE)


ROUTES = [
    Route("/cpp", enter),
    Route("/cpp/", enter),
    Route("/cpp/retour", come_back),
    Route("/cpp/deconnexion", sign_out),
    Route(SUMMARY, show_summary),
    Route("/cpp/tableauDeBord", show_dashboard),
    Route("/cpp/archives", show_archives),
    Route("/cpp/nonReproduit/{tab}", show_nothing),
    Route("/cpp/rechercheFactures", search, methods=["GET", "POST"]),
    Route("/cpp/facture/{bill:int}", show_bill),
    Route("/cpp/facture/{bill:int}/fichier", show_file),
    Route("/cpp/facture/{bill:int}/certificat", export_certificate),
    Route("/cpp/acquittement", acknowledge_several, methods=["POST"]),
    Route("/cpp/facture/{bill:int}/acquittement", acknowledge, methods=["POST"]),
    Route("/cpp/facture/{bill:int}/traitement", treat_rejection, methods=["POST"]),
    Route("/cpp/facture/{bill:int}/suppression", delete_draft, methods=["POST"]),
    Route("/_entrainement/etat", tell_state),
]

ROUTES_2021 = [
    Route("/", show_door),
    Route("/cpp/utilisateur", sign_in, methods=["POST"]),
    Route("/cpp/accueil", show_home),
]
