"""The deposit over HTTP: one address, `/cpp/depotFacture?execution=eNsM`; the server knows what page that is.

Each button posts its event and is answered by a redirection to the next step. Routes only; what an event does
is in `journey.py`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from robot.replica import rules
from robot.replica.intake import FORMAT_LABELS, FileRefused, plain_name, take_invoice
from robot.replica.invoicing import SUMMARY, certificate_file, guarded
from robot.replica.journey import Journey, begin, can_open, is_open, present, reopen
from robot.replica.looks import FORM_FIELDS, RECYCLED_FIELDS
from robot.replica.records import Execution, Screen, Session, Window
from robot.replica.site import NO_STORE, Site, file_of, goto, text_of
from robot.replica.state import digest
from robot.replica.statuses import Status

ADDRESS = "/cpp/depotFacture"

_CHOICES = {
    "state": ("OUI", "NON"),
    "type": rules.TYPES,
    "vat_type": rules.VAT_TYPES,
    "vat_reason": rules.VAT_REASONS,
    "payment": rules.PAYMENTS,
    "currency": rules.CURRENCIES,
}


def _address(execution: Execution) -> str:
    return f"{ADDRESS}?execution={execution.key}"


@guarded
async def show(request: Request, site: Site, session: Session) -> Response:
    """The page of a step; without a key, the beginning of a new deposit."""
    key = request.query_params.get("execution")
    if key is None:
        execution = begin(site.state, session)
        site.state.store.keep()
        return goto(_address(execution))
    found = present(session, key)
    if found is None or not is_open(site.state, found):
        return _stale(site)
    return _draw(site, session, found)


def _stale(site: Site) -> Response:
    return site.page("page-expiree", status=410, tab="")


def _draw(site: Site, session: Session, execution: Execution) -> Response:
    if execution.screen is Screen.LEFT:
        return goto(SUMMARY)
    bill = site.state.bill(execution.bill)
    recipient = site.state.directory.find(bill.form.siret) if bill else None
    comes_back = bill is not None and bill.status is Status.TO_RECYCLE
    return site.page(
        execution.screen,
        tab="depot" if execution.screen in (Screen.DEPOSIT, Screen.BATCH) else "saisie",
        action=_address(execution),
        execution=execution,
        bill=bill,
        recipient=recipient,
        digest=digest(bill) if bill else "",
        asks_worksite=execution.screen is Screen.FORM
        and not comes_back
        and site.state.faults.strikes("new-required-field", "formulaire"),
        bills=site.state.to_do(session),
        locked=[key for key in FORM_FIELDS if key not in RECYCLED_FIELDS] if comes_back else (),
        faults=execution.faults,
        notice=execution.notice,
    )


@guarded
async def reopen_bill(request: Request, site: Site, session: Session) -> Response:
    """« Modifier », and what stands in its place for an invoice that came back."""
    bill = site.state.bill_of(session, request.path_params["bill"])
    if bill is None or not can_open(bill):
        return _stale(site)
    execution = reopen(site.state, session, bill)
    site.state.store.keep()
    return goto(_address(execution))


@guarded
async def press(request: Request, site: Site, session: Session) -> Response:
    """A button. Only those of the present screen and window are there to be pressed."""
    # The step is looked up once the whole body is here: another press may have taken it meanwhile.
    async with request.form() as form, site.turn:
        execution = present(session, request.query_params.get("execution", ""))
        if execution is None or not is_open(site.state, execution):
            return _stale(site)
        return await _react(site, execution, form)


async def _react(site: Site, execution: Execution, form: FormData) -> Response:
    event = site.look.event_of(form)
    journey = Journey(site.state, execution, computes_total=site.look.is_other)
    if execution.screen is Screen.SUMMARY and event == "exporterCertificat":
        return certificate_file(site, journey.bill)
    name, _, argument = event.partition("-")
    act = _EVENTS[execution.screen, execution.window].get(name)
    if act is None:
        return _stale(site)
    await act(journey, site, form, argument)
    site.state.store.keep()
    return goto(SUMMARY if execution.screen is Screen.LEFT else _address(execution))


# --- events --------------------------------------------------------------------------------------------

Act = Callable[[Journey, Site, FormData, str], Awaitable[None]]


async def _submit_file(journey: Journey, site: Site, form: FormData, argument: str) -> None:
    name, content = await file_of(form, site.look.name("file"))
    choices = {key: text_of(form, site.look.name(key)) for key in ("cadre", "supplier", "supplier_service")}
    journey.submit_file(name, content, **choices)


async def _attach(journey: Journey, site: Site, form: FormData, argument: str) -> None:
    journey.answer(text_of(form, site.look.name("completion")))
    name, content = await file_of(form, site.look.name("attachment_file"))
    designation, type_ = (text_of(form, site.look.name(f"attachment_{key}")) for key in ("designation", "type"))
    journey.attach(name, content, designation=designation, type=type_)


async def _detach(journey: Journey, site: Site, form: FormData, argument: str) -> None:
    journey.answer(text_of(form, site.look.name("completion")))
    journey.detach(int(argument) if argument.isdecimal() else -1)


async def _complete(journey: Journey, site: Site, form: FormData, argument: str) -> None:
    journey.answer(text_of(form, site.look.name("completion")))
    journey.complete()


def _simply(act: Callable[[Journey], None]) -> Act:
    """A button of a window: nothing is typed there."""

    async def do(journey: Journey, site: Site, form: FormData, argument: str) -> None:
        act(journey)

    return do


def _typed(act: Callable[[Journey], None]) -> Act:
    """A button of the form: what is typed is kept first."""

    async def do(journey: Journey, site: Site, form: FormData, argument: str) -> None:
        names = {key: site.look.name(key) for key in FORM_FIELDS}
        values = {key: text_of(form, name) for key, name in names.items() if name in form}
        for key, choices in _CHOICES.items():
            if values.get(key) and values[key] not in choices:
                values[key] = ""
        journey.type(values)
        act(journey)

    return do


_EVENTS: dict[tuple[Screen, Window], dict[str, Act]] = {
    (Screen.DEPOSIT, Window.NONE): {"valider": _submit_file},
    (Screen.DEPOSIT, Window.SIGNATURE): {
        "continuer": _simply(Journey.open_form),
        "annuler": _simply(Journey.refuse_signature),
    },
    (Screen.FORM, Window.NONE): {
        "actualiser": _typed(Journey.refresh),
        "rechercherDestinataire": _typed(Journey.search_recipient),
        "gererPiecesJointes": _typed(Journey.open_attachments),
        "enregistrer": _typed(Journey.save),
        "validerEtEnvoyer": _typed(Journey.ask_confirmation),
        "annuler": _simply(Journey.cancel),
    },
    (Screen.FORM, Window.CONFIRMATION): {
        "confirmer": _simply(Journey.send),
        "annuler": _simply(Journey.refuse_confirmation),
    },
    (Screen.ATTACHMENTS, Window.NONE): {
        "ajouter": _attach,
        "supprimer": _detach,
        "completer": _complete,
        "retour": _simply(Journey.leave_attachments),
    },
    (Screen.SUMMARY, Window.NONE): {},
    (Screen.BATCH, Window.NONE): {},
    (Screen.LEFT, Window.NONE): {},
}


# --- without a step ------------------------------------------------------------------------------------


@guarded
async def detect_format(request: Request, site: Site, session: Session) -> Response:
    """What the chosen file is, for the dialog to show at once. Keeps nothing."""
    async with request.form() as form:
        name, content = await file_of(form, "fichier")
    try:
        return JSONResponse({"format": FORMAT_LABELS[take_invoice(plain_name(name), content)]}, headers=NO_STORE)
    except FileRefused as refusal:
        return JSONResponse({"refusal": str(refusal)}, headers=NO_STORE)


@guarded
async def find_structures(request: Request, site: Site, session: Session) -> Response:
    """The directory, for the search window of the other look."""
    digits = "".join(c for c in request.query_params.get("identifiant", "") if c.isdecimal())
    found = site.state.directory.search(digits) if len(digits) >= 3 else []
    rows = [
        {"siret": s.siret, "name": s.name, "address": s.address, "required": sorted(s.shown_required(""))}
        for s in found[:20]
    ]
    return JSONResponse(rows, headers=NO_STORE)


ROUTES = [
    Route(ADDRESS, show, methods=["GET"]),
    Route(ADDRESS, press, methods=["POST"]),
    Route("/cpp/facture/{bill:int}/modification", reopen_bill),
    Route("/cpp/formatFichier", detect_format, methods=["POST"]),
    Route("/cpp/rechercheStructure", find_structures),
]
