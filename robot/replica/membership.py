"""« Mon compte » of 2021: the structures one belongs to, the request to join one, the creation of a missing one.

Routes only; what is refused is in `structures.py`. Today's portal draws the same by script: `membership_forms.py`.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import fields
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from robot.replica.invoicing import signed_in
from robot.replica.looks import Look
from robot.replica.records import ROLE_LABELS, STANDING_LABELS, Fault, Session, Standing
from robot.replica.rules import NO_RESULT
from robot.replica.site import NO_STORE, Site, goto, site_of, text_of
from robot.replica.structures import IDENTIFIER_TYPES, KIND_LABELS, REQUIRED, Entry, Structures

ACCOUNT = "/cpp/monCompte"
REQUEST = "/cpp/demandeRattachement"
CREATION = "/cpp/creationStructure"
TRAINING = "/_entrainement/rattachements"

# Which fields of the sheet stand together.
BLOCKS = {
    "structure": ("identifier_type", "identifier", "active", "company"),
    "address": ("street", "complement", "postcode", "town"),
    "contact": ("phone", "email"),
}


def entry_of(look: Look, form: FormData) -> Entry:
    """What was typed in « Créer une structure »."""
    return Entry(**{field.name: text_of(form, look.name(f"sheet_{field.name}")) for field in fields(Entry)})


def named(prefix: str, faults: list[Fault]) -> list[Fault]:
    """The same refusals, about fields named as in `looks.py`."""
    return [fault.model_copy(update={"field": f"{prefix}_{fault.field}"}) if fault.field else fault for fault in faults]


def outcome(structures: Structures, email: str, siret: str) -> str:
    """What the portal says of a request just made; its real words are not known."""
    membership, name = structures.membership(email, siret), structures.name_of(siret)
    if membership is None or membership.standing is Standing.REFUSED:
        return ""
    if membership.standing is Standing.PENDING:
        return (
            f"Votre demande de rattachement à la structure {siret} - {name} est en cours de validation par son "
            "gestionnaire principal."
        )
    return f"La structure {siret} - {name} a été créée. Vous en êtes le gestionnaire principal."


@signed_in
async def show_account(request: Request, site: Site, session: Session) -> Response:
    structures, email = site.state.structures, session.email
    siret = request.query_params.get("structure", "")
    return site.page(
        "mon-compte",
        espace="Mon compte",
        memberships=structures.memberships_of(email),
        suppliers=structures.suppliers_of(email),
        awaits=structures.awaits(email),
        role_labels=ROLE_LABELS,
        standing_labels=STANDING_LABELS,
        notice=outcome(structures, email, siret) if siret else "",
    )


# --- joining -------------------------------------------------------------------------------------------


@signed_in
async def ask(request: Request, site: Site, session: Session) -> Response:
    """« Demander un rattachement à une structure »: criteria, results, choice."""
    form, structures = await request.form(), site.state.structures
    criteria = {key: text_of(form, site.look.name(f"join_{key}")) for key in ("kind", "identifier", "company")}
    event = site.look.event_of(form)
    facts: dict[str, Any] = {**criteria, "found": None, "kind_labels": KIND_LABELS, "espace": "Mon compte"}
    if not event:
        return site.page("demande-de-rattachement", **facts)
    found, fault = structures.search(criteria["kind"], criteria["identifier"], criteria["company"])
    # Criteria that cannot be searched for tell nothing of what exists.
    facts["found"] = None if fault and fault.field else found
    if event == "valider":
        siret = text_of(form, site.look.name("join_choice"))
        fault = structures.join(session.email, siret)
        if fault is None:
            site.state.store.keep()
            return goto(f"{ACCOUNT}?structure={siret}")
    # That nothing was found is told among the results.
    faults = named("join", [fault] if fault and (found or fault.field) else [])
    return site.page("demande-de-rattachement", faults=faults, no_result=NO_RESULT, **facts)


# --- creating ------------------------------------------------------------------------------------------


@signed_in
async def create(request: Request, site: Site, session: Session) -> Response:
    """« Créer une structure »."""
    form, structures = await request.form(), site.state.structures
    entry, faults = Entry(), []
    if site.look.event_of(form) == "valider":
        entry = entry_of(site.look, form)
        faults = structures.create(session.email, entry, asks_active=True)
        if not faults:
            site.state.store.keep()
            return goto(f"{ACCOUNT}?structure={''.join(entry.identifier.split())}")
    return site.page(
        "creation-de-structure",
        espace="Mon compte",
        entry=entry,
        blocks=BLOCKS,
        required=("identifier", *REQUIRED),
        identifier_types=IDENTIFIER_TYPES,
        faults=named("sheet", faults),
    )


async def tell_business(request: Request) -> Response:
    """What the register says of a SIRET, for the script that fills the form."""
    site = site_of(request)
    return JSONResponse(business_facts(site, request.query_params.get("siret", "")), headers=NO_STORE)


def business_facts(site: Site, siret: str) -> dict[str, Any]:
    """Values by the name of their field, those that are masked, and a sentence."""
    structures, look = site.state.structures, site.look
    fault, business = structures.identifier_fault(siret), structures.business(siret)
    values = dict.fromkeys(("company", *BLOCKS["address"]), "")
    masked: tuple[str, ...] = ()
    message = fault.message if fault else "Renseigné d'après la base INSEE."
    if business and not fault:
        values["company"] = business.name
        if business.is_disclosed:
            values |= {name: str(getattr(business, name)) for name in BLOCKS["address"]}
        else:
            masked = BLOCKS["address"]
            message = "L'adresse de cet établissement n'est pas diffusible : elle n'est pas affichée."
    return {
        "message": message,
        "refused": fault is not None,
        "values": {look.name(f"sheet_{name}"): value for name, value in values.items()},
        "masked": [look.name(f"sheet_{name}") for name in masked],
    }


# --- for whoever trains --------------------------------------------------------------------------------


async def show_requests(request: Request) -> Response:
    """Requests that wait, to be answered in the place of each « gestionnaire principal »."""
    site = site_of(request)
    return site.page("demandes-en-attente", pending=site.state.structures.pending())


async def answer_request(request: Request) -> Response:
    site, form = site_of(request), await request.form()
    email, siret = text_of(form, "email"), text_of(form, "siret")
    with suppress(KeyError):
        site.state.decide_membership(email, siret, accepted="accepter" in form)
    return goto(TRAINING)


ROUTES_TRAINING = [
    Route(TRAINING, show_requests, methods=["GET"]),
    Route(TRAINING, answer_request, methods=["POST"]),
]

ROUTES_2021 = [
    Route(ACCOUNT, show_account),
    Route(REQUEST, ask, methods=["GET", "POST"]),
    Route(CREATION, create, methods=["GET", "POST"]),
    Route("/cpp/etablissement", tell_business),
]
