"""The trainer's pages of the replica: what may go wrong, and what becomes of the invoices that were sent.

Routes only; which faults there are is in `faults.py`, what moves an invoice in `treatment.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from robot.replica import treatment
from robot.replica.faults import KINDS, STEPS, FaultUnknown
from robot.replica.french import read_date
from robot.replica.records import Bill
from robot.replica.site import Endpoint, Site, goto, site_of, text_of
from robot.replica.state import State
from robot.replica.statuses import ADVICE, RETURNED, Status, reachable
from robot.replica.treatment import MAX_REASON, MoveRefused

TRAINING = "/_entrainement/pannes"
INVOICES = "/_entrainement/factures"

# Fields of a move, with nothing in them.
_NOTHING = {"etat": "", "date": "", "motif": ""}


def _own(endpoint: Endpoint) -> Endpoint:
    """Refuses what another site's page posts in the trainer's browser."""

    async def check(request: Request) -> Response:
        origin = request.headers.get("origin")
        if origin is not None and origin != f"http://{request.headers.get('host', '')}":
            return site_of(request).page("erreur", status=403, message="Cette demande vient d'une autre page.")
        return await endpoint(request)

    return check


# --- faults --------------------------------------------------------------------------------------------


async def show(request: Request) -> Response:
    return site_of(request).page("pannes", kinds=KINDS, steps=STEPS, armed=site_of(request).state.faults.armed)


@_own
async def change(request: Request) -> Response:
    """`panne` is armed, at `etape` where there is one; `desarmer` ends the one that it names, or all."""
    site, form = site_of(request), await request.form()
    faults = site.state.faults
    step = text_of(form, "etape")
    try:
        if "desarmer" in form:
            faults.disarm(text_of(form, "desarmer"))
            return goto(TRAINING)
        faults.arm(text_of(form, "panne") + (f"@{step}" if step else ""))
    except FaultUnknown as unknown:
        return site.page("erreur", status=400, message=str(unknown))
    return goto(TRAINING)


# --- invoices ------------------------------------------------------------------------------------------


async def show_invoices(request: Request) -> Response:
    return _invoices(site_of(request))


def _invoices(
    site: Site, *, refusal: str = "", refused: int | None = None, typed: Mapping[str, str] = _NOTHING
) -> Response:
    """`refusal` stands beside the invoice `refused`, with what was `typed` there; above all of them without one."""
    bills = [bill for bill in site.state.bills if bill.status is not Status.DRAFT]
    return site.page(
        "factures",
        status=400 if refusal else 200,
        bills=bills,
        reachable={bill.id: reachable(bill.status) for bill in bills},
        # A state that began today can only end today.
        dated={bill.id for bill in bills if bill.since and bill.since.date() < site.state.now().date()},
        advice=ADVICE,
        returned=RETURNED,
        max_reason=MAX_REASON,
        refusal=refusal,
        refused=refused,
        typed={bill.id: typed if bill.id == refused else _NOTHING for bill in bills},
    )


@_own
async def move(request: Request) -> Response:
    """`facture` is moved to `etat`, with its `motif`, on the day of `date` (JJ/MM/AAAA) where one is given."""
    site, form = site_of(request), await request.form()
    name = text_of(form, "facture")
    async with site.turn:
        bill = site.state.bill(int(name)) if name.isascii() and name.isdecimal() else None
        if bill is None or bill.status is Status.DRAFT:
            return _invoices(site, refusal="Cette facture n'existe pas, ou n'est pas envoyée.")
        try:
            at = _moment(text_of(form, "date"), bill, site.state)
            treatment.move(site.state, bill, text_of(form, "etat"), reason=text_of(form, "motif"), at=at)
        except MoveRefused as refusal:
            typed = {field: text_of(form, field) for field in _NOTHING}
            return _invoices(site, refusal=str(refusal), refused=bill.id, typed=typed)
    return goto(INVOICES)


def _moment(text: str, bill: Bill, state: State) -> datetime | None:
    """A day as a moment after the present state, where both fall on the same day. Raises MoveRefused."""
    if not text.strip():
        return None
    try:
        day = read_date(text.strip())
    except ValueError:
        raise MoveRefused(f"La date « {text.strip()[:20]} » est incorrecte ; format attendu : JJ/MM/AAAA.") from None
    now = state.now()
    if day == now.date():
        return now
    if bill.since and day == bill.since.date():
        return bill.since
    return datetime(day.year, day.month, day.day, 12, tzinfo=now.tzinfo)


ROUTES = [
    Route(TRAINING, show, methods=["GET"]),
    Route(TRAINING, change, methods=["POST"]),
    Route(INVOICES, show_invoices, methods=["GET"]),
    Route(INVOICES, move, methods=["POST"]),
]
