"""Sign-up and activation: the form, its captcha, the link of the mail, the password. Full page loads.

Routes, and what is refused. The accounts themselves are in `identity.py`, the register of companies in `structures.py`.
"""

from __future__ import annotations

import re
import secrets
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from robot.replica import captcha
from robot.replica.enrolment_words import QUESTIONS, SPACES
from robot.replica.identity import PASSWORD_RULES, weaknesses
from robot.replica.records import Account, Fault, SignUp
from robot.replica.site import NO_STORE, Site, goto, site_of, text_of

COOKIE = "inscription"
FORM = "/aife_csm/inscription"
FORM_2021 = "/cpp/inscription"
SPACES_2021 = "/cpp/inscription/espaces"
ACTIVATION = "/auth/activation"

_FIELDS = ("sign_email", "sign_again", "sign_siret", "sign_last_name", "sign_first_name", "sign_phone", "sign_contact")
_BOXES = ("sign_conditions", "sign_deposits")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"\+?[0-9]{6,15}")

_TAKEN = "Un compte existe déjà pour cette adresse."


# --- the form of today ---------------------------------------------------------------------------------


async def show_form(request: Request) -> Response:
    """A new form, with a new image."""
    site = site_of(request)
    return _form(site, *_begin(site))


async def take_form(request: Request) -> Response:
    """« Valider le Captcha », then « Créer mon compte »."""
    site, form = site_of(request), await request.form()
    name, sign_up = _present(request, site)
    _keep(site, sign_up, form)
    pressed = site.look.event_of(form)
    if pressed == "validerCaptcha":
        faults = [] if _solve(site, sign_up, form) else [_captcha_fault()]
        return _form(site, name, sign_up, faults)
    faults = _identity_faults(site, sign_up)
    if sign_up.fields["sign_conditions"] != "OUI":
        faults.append(Fault(field="sign_conditions", message="Acceptez les conditions pour créer votre compte."))
    if not sign_up.captcha_solved:
        faults.append(Fault(field="sign_captcha", message="Validez d'abord le Captcha."))
    if faults:
        return _form(site, name, sign_up, faults)
    return _enrolled(site, name, _account(sign_up))


def _form(site: Site, name: str, sign_up: SignUp, faults: list[Fault] | None = None) -> Response:
    page = "inscription-2021" if site.look.generation == 2021 else "inscription"
    response = site.page(page, sign_up=sign_up, fields=sign_up.fields, faults=faults or (), image=f"/captcha/{name}")
    response.set_cookie(COOKIE, name, httponly=True, samesite="lax")
    site.state.store.keep()
    return response


# --- the three pages of 2021 ---------------------------------------------------------------------------


async def begin_2021(request: Request) -> Response:
    """The bloc « Vous êtes nouveau sur Chorus Pro ? »: address and SIRET."""
    site, form = site_of(request), await request.form()
    name, sign_up = _begin(site)
    _keep(site, sign_up, form)
    faults = _email_faults(site, sign_up)
    siret = sign_up.fields["sign_siret"].replace(" ", "")
    # A structure that the portal knows already is joined later, in « Mon compte ».
    if not site.state.structures.known(siret) and (fault := site.state.structures.identifier_fault(siret)):
        faults.append(fault.model_copy(update={"field": "sign_siret"}))
    if faults:
        return site.page("connexion-2021", message="", fields=sign_up.fields, faults=faults)
    return _form(site, name, sign_up)


async def take_form_2021(request: Request) -> Response:
    site, form = site_of(request), await request.form()
    name, sign_up = _present(request, site)
    _keep(site, sign_up, form)
    faults = _identity_faults(site, sign_up)
    if sign_up.fields.get("sign_again") != sign_up.fields.get("sign_email"):
        faults.append(Fault(field="sign_again", message="Les deux adresses ne sont pas identiques."))
    if text_of(form, site.look.name("sign_deposits")) != "OUI":
        message = "Cochez « Déposer des demandes de paiement » pour que votre structure puisse facturer."
        faults.append(Fault(field="sign_deposits", message=message))
    if not _solve(site, sign_up, form):
        faults.append(_captcha_fault())
    if faults:
        return _form(site, name, sign_up, faults)
    site.state.store.keep()
    return site.page("espaces", spaces=SPACES)


async def take_spaces(request: Request) -> Response:
    site, form = site_of(request), await request.form()
    name, sign_up = _present(request, site)
    spaces = tuple(str(value) for value in form.getlist("espaces") if str(value) in SPACES)
    if not sign_up.captcha_solved:
        return goto(f"{site.origins.home}/")
    # The address may have got an account meanwhile, in another window.
    if faults := _identity_faults(site, sign_up):
        return _form(site, name, sign_up, faults)
    if not spaces:
        faults = [Fault(field="", message="Choisissez au moins un espace.")]
        return site.page("espaces", spaces=SPACES, faults=faults)
    account = _account(sign_up).model_copy(update={"spaces": spaces})
    return _enrolled(site, name, account)


# --- what both share -----------------------------------------------------------------------------------


def _begin(site: Site) -> tuple[str, SignUp]:
    name, sign_ups = secrets.token_urlsafe(12), site.state.store.world.doors.sign_ups
    sign_ups[name] = SignUp(fields=dict.fromkeys((*_FIELDS, *_BOXES), ""), captcha=captcha.new_answer())
    for old in list(sign_ups)[:-20]:
        del sign_ups[old]
    return name, sign_ups[name]


def _present(request: Request, site: Site) -> tuple[str, SignUp]:
    """The form that this browser is filling; a new one where it was forgotten."""
    name = request.cookies.get(COOKIE, "")
    sign_up = site.state.store.world.doors.sign_ups.get(name)
    return (name, sign_up) if sign_up else _begin(site)


def _keep(site: Site, sign_up: SignUp, form: FormData) -> None:
    typed = {key: text_of(form, site.look.name(key)).strip() for key in _FIELDS if site.look.name(key) in form}
    # A box that is not ticked is not sent.
    typed |= {key: text_of(form, site.look.name(key)) for key in _BOXES}
    sign_up.fields = sign_up.fields | typed


def _solve(site: Site, sign_up: SignUp, form: FormData) -> bool:
    """Whether the image is copied rightly; a wrong copy gets a new image."""
    if sign_up.captcha_solved:
        return True
    typed = text_of(form, site.look.name("sign_captcha")).strip().upper()
    sign_up.captcha_solved = secrets.compare_digest(typed.encode(), sign_up.captcha.encode())
    if not sign_up.captcha_solved:
        sign_up.captcha = captcha.new_answer()
    return sign_up.captcha_solved


def _captcha_fault() -> Fault:
    return Fault(field="sign_captcha", message="Les caractères ne sont pas ceux de l'image : recopiez la nouvelle.")


def _email_faults(site: Site, sign_up: SignUp) -> list[Fault]:
    email = sign_up.fields.get("sign_email", "")
    if not _EMAIL.fullmatch(email):
        message = "L'adresse de connexion est obligatoire, et doit être une adresse e-mail."
        return [Fault(field="sign_email", message=message)]
    if site.state.identity.account(email):
        return [Fault(field="sign_email", message=_TAKEN)]
    return []


def _identity_faults(site: Site, sign_up: SignUp) -> list[Fault]:
    faults = _email_faults(site, sign_up)
    for field, what in (("sign_last_name", "Le nom"), ("sign_first_name", "Le prénom")):
        if not sign_up.fields.get(field):
            faults.append(Fault(field=field, message=f"{what} est obligatoire."))
    contact, phone = sign_up.fields.get("sign_contact", ""), sign_up.fields.get("sign_phone", "")
    if contact and not _EMAIL.fullmatch(contact):
        message = "L'adresse de contact doit être une adresse e-mail."
        faults.append(Fault(field="sign_contact", message=message))
    if phone and not _PHONE.fullmatch(re.sub(r"[\s.()-]", "", phone)):
        faults.append(Fault(field="sign_phone", message="Le numéro de téléphone est incorrect."))
    return faults


def _account(sign_up: SignUp) -> Account:
    fields = sign_up.fields
    return Account(
        email=fields["sign_email"],
        first_name=fields["sign_first_name"],
        last_name=fields["sign_last_name"],
        phone=fields.get("sign_phone", ""),
        contact=fields.get("sign_contact", "") or fields["sign_email"],
        siret=fields.get("sign_siret", "").replace(" ", ""),
    )


def _enrolled(site: Site, name: str, account: Account) -> Response:
    site.state.store.world.doors.sign_ups.pop(name, None)
    site.state.identity.add(account)
    _invite(site, account)
    return site.page("compte-demande", account=account)


def _invite(site: Site, account: Account) -> None:
    def address(token: str) -> str:
        return f"{site.origins.sign_in}{ACTIVATION}?{urlencode({'jeton': token})}"

    site.state.identity.invite(account, address)
    site.state.store.keep()


async def show_captcha(request: Request) -> Response:
    """The image of a form; its answer is never sent."""
    sign_up = site_of(request).state.store.world.doors.sign_ups.get(request.path_params["name"])
    return Response(captcha.draw(sign_up.captcha if sign_up else ""), media_type="image/png", headers=NO_STORE)


async def change_captcha(request: Request) -> Response:
    """Another image for the same form."""
    site = site_of(request)
    if sign_up := site.state.store.world.doors.sign_ups.get(request.path_params["name"]):
        sign_up.captcha = captcha.new_answer()
        site.state.store.keep()
    return Response(status_code=204, headers=NO_STORE)


# --- activation ----------------------------------------------------------------------------------------


async def show_activation(request: Request) -> Response:
    site, token = site_of(request), request.query_params.get("jeton", "")
    if site.state.identity.invited(token) is None:
        return _too_late(site, token)
    return _choice(site, token)


def _choice(site: Site, token: str, faults: tuple[Fault, ...] = ()) -> Response:
    return site.page(
        "activation",
        token=token,
        rules=[rule for rule, _ in PASSWORD_RULES],
        questions={question: question for question in QUESTIONS},
        faults=faults,
    )


def _too_late(site: Site, token: str) -> Response:
    identity = site.state.identity
    can_renew = identity.latecomer(token) is not None
    return site.page("lien-expire", status=410, token=token, can_renew=can_renew, has_served=identity.has_served(token))


async def activate(request: Request) -> Response:
    """The password, and in 2021 the secret question."""
    site, form = site_of(request), await request.form()
    token = text_of(form, "jeton")
    if site.state.identity.invited(token) is None:
        return _too_late(site, token)
    password, again = (text_of(form, site.look.name(key)) for key in ("new_password", "new_again"))
    question, answer = (text_of(form, site.look.name(key)).strip() for key in ("new_question", "new_answer"))
    faults: list[Fault] = []
    if missing := weaknesses(password):
        message = f"Ce mot de passe est trop faible : il faut {', '.join(missing)}."
        faults.append(Fault(field="new_password", message=message))
    elif password != again:
        faults.append(Fault(field="new_again", message="Les deux mots de passe ne sont pas identiques."))
    if site.look.generation == 2021 and not (question and answer):
        faults.append(Fault(field="new_question", message="La question et la réponse secrètes sont obligatoires."))
    if faults:
        return _choice(site, token, tuple(faults))
    site.state.identity.activate(token, password, question=question, answer=answer)
    site.state.store.keep()
    return site.page("compte-actif")


async def renew(request: Request) -> Response:
    """A new mail, for somebody whose link came too late."""
    site, form = site_of(request), await request.form()
    account = site.state.identity.latecomer(text_of(form, "jeton"))
    if account is None:
        return _too_late(site, "")
    _invite(site, account)
    return site.page("compte-demande", account=account)


_IMAGE = [
    Route("/captcha/{name}", show_captcha, methods=["GET"]),
    Route("/captcha/{name}", change_captcha, methods=["POST"]),
]
_ACTIVATION = [
    Route(ACTIVATION, show_activation, methods=["GET"]),
    Route(ACTIVATION, activate, methods=["POST"]),
    Route(f"{ACTIVATION}/nouveau", renew, methods=["POST"]),
]

# Today: the form on the portal home, the password on the sign-in origin.
ROUTES_HOME = [Route(FORM, show_form, methods=["GET"]), Route(FORM, take_form, methods=["POST"]), *_IMAGE]
ROUTES_SIGN_IN = _ACTIVATION
ROUTES_2021 = [
    Route("/cpp/nouveau", begin_2021, methods=["POST"]),
    Route(FORM_2021, take_form_2021, methods=["POST"]),
    Route(SPACES_2021, take_spaces, methods=["POST"]),
    *_IMAGE,
    *_ACTIVATION,
]
