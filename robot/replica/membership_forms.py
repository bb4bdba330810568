"""« Mes rattachements », the request, « Créer une structure » and the first window of today's portal, as JSON.

`home.py` serves these descriptions and `assets/portail.js` draws them. What is refused is in `structures.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from starlette.datastructures import FormData

from robot.replica.looks import Look
from robot.replica.membership import BLOCKS, TRAINING, entry_of, named, outcome
from robot.replica.records import ROLE_LABELS, STANDING_LABELS, Fault, Sheet
from robot.replica.rules import NO_RESULT
from robot.replica.site import Site, text_of
from robot.replica.structures import IDENTIFIER_TYPES, KIND_LABELS, REQUIRED, Entry

PAGE = "/aife_csm/fr?id="
LIST, REQUEST, CREATION = "aife_rattachements", "aife_demande_rattachement", "aife_creation_structure"

_BLOCK_TITLES = {"structure": "Structure", "address": "Adresse", "contact": "Contact"}

Facts = dict[str, Any]

_BACK: Facts = {"back": f"{PAGE}{LIST}", "backText": "Retour à mes rattachements"}


def describe(site: Site, email: str, page: str, form: FormData) -> Facts | None:
    """One of these pages; None for a page of somebody else."""
    describers = {LIST: _describe_list, REQUEST: _describe_request, CREATION: _describe_creation}
    return describers[page](site, email, form) if page in describers else None


def _describe_list(site: Site, email: str, form: FormData, notice: str = "") -> Facts:
    structures, words = site.state.structures, site.look.words
    rows = [
        [m.siret, structures.name_of(m.siret), STANDING_LABELS[m.standing], ROLE_LABELS[m.role], f"{m.at:%d/%m/%Y}"]
        for m in structures.memberships_of(email)
    ]
    return {
        "title": "Mes rattachements",
        "notice": notice,
        "table": {"columns": ["SIRET", "Raison sociale", "Statut", "Rôle", "Date"], "rows": rows} if rows else None,
        "text": "" if rows else "Vous n'êtes rattaché à aucune structure.",
        "training": f"{site.origins.invoicing}{TRAINING}" if structures.awaits(email) else "",
        "actions": [{"text": words["ask"], "href": f"{PAGE}{REQUEST}"}],
    }


def _done(site: Site, email: str, siret: str) -> Facts:
    """The list again, with what has just been done."""
    site.state.store.keep()
    notice = outcome(site.state.structures, email, siret)
    return _describe_list(site, email, FormData(), notice) | {"address": f"{PAGE}{LIST}"}


# --- joining -------------------------------------------------------------------------------------------


def _describe_request(site: Site, email: str, form: FormData) -> Facts:
    structures, look, words = site.state.structures, site.look, site.look.words
    event = look.event_of(form)
    typed = {key: text_of(form, look.name(f"join_{key}")) for key in ("kind", "identifier", "company")}
    found: list[Sheet] = []
    fault: Fault | None = None
    if event:
        found, fault = structures.search(typed["kind"], typed["identifier"], typed["company"])
    is_absent = bool(fault and not fault.field)
    if event == "valider":
        siret = text_of(form, look.name("join_choice"))
        fault = structures.join(email, siret)
        if fault is None:
            return _done(site, email, siret)
    faults = named("join", [fault] if fault and not is_absent else [])
    kind = "select" if look.is_other else "radio"
    fields = [
        _field(look, "join_kind", typed["kind"], faults, type=kind, options=KIND_LABELS, required=True),
        _field(look, "join_identifier", typed["identifier"], faults),
        _field(look, "join_company", typed["company"], faults),
    ]
    blocks: list[Facts] = [
        {
            "title": "Critères de recherche",
            "fields": fields,
            "text": "L'identifiant peut être incomplet (3 caractères au moins) ; la raison sociale doit être entière.",
            "buttons": [_button(look, "rechercher", words["join_search"])],
        }
    ]
    if found:
        blocks.append(
            {
                "title": "Résultats de la recherche",
                "choices": {
                    "name": look.name("join_choice"),
                    "columns": [words["join_choice"], "SIRET", "Raison sociale", "Adresse"],
                    "rows": [[sheet.siret, sheet.name, sheet.address or "Non diffusible"] for sheet in found],
                },
                "buttons": [_button(look, "valider", words["join_submit"])],
            }
        )
    elif is_absent:
        # The guides of 2025 know the way through « Organisation »; a link on the spot is the other hand's guess.
        here = [{"text": words["create_missing"], "href": f"{PAGE}{CREATION}"}] if look.is_other else []
        where = "vous pouvez la créer" if here else "créez-la dans le domaine « Organisation », application « Structures »"
        blocks.append(
            {
                "title": "Résultats de la recherche",
                "status": NO_RESULT,
                "text": f"Si votre structure n'est pas encore connue du portail, {where}.",
                "links": here,
            }
        )
    return {
        "title": words["join_title"],
        "faults": [fault.message for fault in faults],
        "form": {"isLoose": look.is_other, "blocks": blocks},
        **_BACK,
    }


# --- creating ------------------------------------------------------------------------------------------


def _describe_creation(site: Site, email: str, form: FormData) -> Facts:
    structures, look, words = site.state.structures, site.look, site.look.words
    entry, faults = Entry(), []
    if look.event_of(form) == "valider":
        entry = entry_of(look, form)
        faults = named("sheet", structures.create(email, entry, asks_active=False))
        if not faults:
            return _done(site, email, "".join(entry.identifier.split()))
    blocks = [
        {
            "title": _BLOCK_TITLES[block],
            "fields": [_sheet_field(look, name, entry, faults) for name in look.sheet_fields if name in names],
            "hasAnswer": block == "structure",
        }
        for block, names in BLOCKS.items()
    ]
    return {
        "title": words["sheet_title"],
        "text": "Le SIRET donné, l'adresse se remplit d'après la base INSEE. * : champ obligatoire.",
        "faults": [fault.message for fault in faults],
        "form": {
            "isLoose": look.is_other,
            "blocks": blocks,
            "buttons": [_button(look, "valider", words["sheet_submit"])],
            "business": {
                "address": "/aife_csm/api/etablissement",
                "identifier": look.name("sheet_identifier"),
                "trigger": "change" if look.is_other else "input",
            },
        },
        **_BACK,
    }


def _sheet_field(look: Look, name: str, entry: Entry, faults: Iterable[Fault]) -> Facts:
    # The tutorial clicks « Actif »; whether today's form asks for it is not known, so it is not compulsory here.
    active = {"type": "select", "options": {"OUI": "OUI", "NON": "NON"}} if look.is_other else {"type": "checkbox"}
    special: dict[str, Facts] = {
        "identifier_type": {"type": "select", "options": IDENTIFIER_TYPES},
        "active": active,
    }
    required = name in ("identifier_type", "identifier", *REQUIRED)
    return _field(
        look, f"sheet_{name}", str(getattr(entry, name)), faults, required=required, **special.get(name, {})
    )


# --- controls ------------------------------------------------------------------------------------------


def _field(
    look: Look,
    key: str,
    value: str,
    faults: Iterable[Fault],
    *,
    type: str = "text",
    options: Mapping[Any, str] | None = None,
    required: bool = False,
) -> Facts:
    return {
        "id": look.id(key),
        "name": look.name(key),
        "label": look.words[key],
        "type": type,
        "value": value,
        "options": [[str(code), word] for code, word in (options or {}).items()],
        "required": required,
        "error": " ".join(fault.message for fault in faults if fault.field == key),
    }


def _button(look: Look, event: str, words: str) -> Facts:
    return {"name": look.event(event), "text": words}


# --- first sign-in -------------------------------------------------------------------------------------


def welcome(site: Site, email: str) -> Facts | None:
    """The window for somebody without a structure; None once it was closed, or is of no use any more."""
    words = site.look.words
    if site.state.structures.memberships_of(email) or email in site.state.store.world.welcomed:
        return None
    return {
        "title": words["welcome_title"],
        "text": "Votre compte n'est rattaché à aucune structure. Vous pouvez créer une nouvelle structure, ou "
        "rejoindre une structure que le portail connaît déjà.",
        "links": [
            {"text": words["welcome_create"], "href": f"{PAGE}{CREATION}"},
            {"text": words["welcome_join"], "href": f"{PAGE}{REQUEST}"},
        ],
        "close": {
            "text": words["welcome_close"],
            "isCross": not site.look.is_other,
            "href": "/aife_csm/api/bienvenue",
        },
    }
