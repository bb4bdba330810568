"""The trainer's page for faults: what may go wrong, armed and disarmed while the replica runs.

Routes only; which faults there are is in `faults.py`.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from robot.replica.faults import KINDS, STEPS, FaultUnknown
from robot.replica.site import goto, site_of, text_of

TRAINING = "/_entrainement/pannes"


async def show(request: Request) -> Response:
    return site_of(request).page("pannes", kinds=KINDS, steps=STEPS, armed=site_of(request).state.faults.armed)


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


ROUTES = [Route(TRAINING, show, methods=["GET"]), Route(TRAINING, change, methods=["POST"])]
