"""Where an invoice stands, and where it may go from there: the states of the portal, as its recipients move them.

Pure data. Labels are the portal's own where somebody has read them; « En cours d'acheminement » is a guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Status(StrEnum):
    """Where an invoice stands; the values are those of the portal's API."""

    DRAFT = "BROUILLON"
    DEPOSITED = "DEPOSEE"
    ON_ITS_WAY = "EN_COURS_ACHEMINEMENT"
    AVAILABLE = "MISE_A_DISPOSITION"
    TO_RECYCLE = "A_RECYCLER"
    REJECTED = "REJETEE"
    SUSPENDED = "SUSPENDUE"
    SERVICE_DONE = "SERVICE_FAIT"
    ORDERED = "MANDATEE"
    AT_ACCOUNTANT = "MISE_A_DISPOSITION_COMPTABLE"
    BOOKED = "COMPTABILISEE"
    IN_PAYMENT = "MISE_EN_PAIEMENT"
    COMPLETED = "COMPLETEE"


STATUS_LABELS = {
    Status.DRAFT: "Brouillon",
    Status.DEPOSITED: "Déposée",
    Status.ON_ITS_WAY: "En cours d'acheminement",
    Status.AVAILABLE: "Mise à disposition du destinataire",
    Status.TO_RECYCLE: "A recycler",
    Status.REJECTED: "Rejetée",
    Status.SUSPENDED: "Suspendue",
    Status.SERVICE_DONE: "Service fait",
    Status.ORDERED: "Mandatée",
    Status.AT_ACCOUNTANT: "Mise à disposition du comptable",
    Status.BOOKED: "Comptabilisée",
    Status.IN_PAYMENT: "Mise en paiement",
    Status.COMPLETED: "Complétée",
}
# As other guides write them.
STATUS_LABELS_OTHER: Mapping[Status, str] = STATUS_LABELS | {
    Status.AVAILABLE: "Mise à disposition",
    Status.TO_RECYCLE: "À recycler",
}

# Their recipient waits for the supplier.
RETURNED = (Status.TO_RECYCLE, Status.SUSPENDED, Status.REJECTED)
# A window asks the supplier to say that they have seen it, and may not be closed otherwise once this time is over.
TO_ACKNOWLEDGE = (Status.REJECTED, Status.SUSPENDED)
ACKNOWLEDGEMENT_TIME = timedelta(days=7)

# What the portal does by itself.
_BY_ITSELF = {Status.DEPOSITED: Status.ON_ITS_WAY, Status.ON_ITS_WAY: Status.AVAILABLE}
# A recipient may leave out any of these.
_TREATMENT = (Status.SERVICE_DONE, Status.ORDERED, Status.AT_ACCOUNTANT, Status.BOOKED, Status.IN_PAYMENT)
_NEXT: Mapping[Status, tuple[Status, ...]] = {
    Status.AVAILABLE: (*_TREATMENT, *RETURNED),
    Status.COMPLETED: (*_TREATMENT, *RETURNED),
    Status.SUSPENDED: (Status.COMPLETED,),
    **{status: _TREATMENT[place + 1 :] for place, status in enumerate(_TREATMENT)},
}

_SYSTEM, _RECIPIENT, _ACCOUNTANT = "Portail", "Destinataire", "Comptable du destinataire"
_MOVERS = {
    Status.ON_ITS_WAY: _SYSTEM,
    Status.AVAILABLE: _SYSTEM,
    Status.BOOKED: _ACCOUNTANT,
    Status.IN_PAYMENT: _ACCOUNTANT,
    Status.COMPLETED: "Fournisseur",
}


@dataclass(frozen=True)
class Advice:
    """What a state asks of the supplier, and reasons that a trainer may give for it. Invented, in plain words."""

    says: str
    reasons: tuple[str, ...]


ADVICE = {
    Status.TO_RECYCLE: Advice(
        "Corrigez le destinataire, le code service ou le numéro d'engagement, puis renvoyez la facture. "
        "Le numéro de facture reste le même.",
        (
            "Destinataire erroné : les séances relèvent d'une autre université.",
            "Code service absent ou erroné.",
            "Numéro d'engagement inconnu de nos services.",
        ),
    ),
    Status.SUSPENDED: Advice(
        "Ajoutez la pièce demandée : le destinataire reprendra alors le traitement.",
        ("Pièce jointe manquante : relevé des séances.", "RIB différent de celui que nous connaissons."),
    ),
    Status.REJECTED: Advice(
        "Déposez une nouvelle facture, sous un nouveau numéro : celui-ci ne sera plus accepté.",
        (
            "Le montant ne correspond pas aux séances déclarées.",
            "TVA appliquée à des séances exonérées.",
            "Numéro d'engagement soldé.",
        ),
    ),
}


def mover_of(status: Status) -> str:
    """Who brings an invoice there, as the history names them."""
    return _MOVERS.get(status, _RECIPIENT)


def way(here: Status, there: Status) -> tuple[Status, ...]:
    """States from `here` to `there`, which is the last one; empty where no way leads there without the supplier."""
    passed: list[Status] = []
    while here in _BY_ITSELF:
        here = _BY_ITSELF[here]
        passed.append(here)
        if here is there:
            return tuple(passed)
    return (*passed, there) if there in _NEXT.get(here, ()) else ()


def reachable(here: Status) -> list[Status]:
    """Where an invoice may be moved, in the order of its life."""
    return [status for status in Status if way(here, status)]
