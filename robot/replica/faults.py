"""What may go wrong on a portal, by name: the faults that a trainer, or a campaign, arms on the replica.

Pure data and a lock. What a fault does to an answer is in `breakage.py`; what it does to an invoice, in `journey.py` and
`state.py`.
"""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass

# Where a fault may strike, in the order of a deposit, and how a trainer calls it.
STEPS = {
    "accueil": "la page d'accueil du portail",
    "connexion": "la connexion",
    "factures-emises": "les onglets de « Factures émises »",
    "recherche": "« Rechercher »",
    "detail": "une facture ouverte depuis la liste",
    "depot": "la fenêtre de dépôt",
    "formulaire": "le formulaire",
    "pieces-jointes": "la page des pièces jointes",
    "confirmation": "la fenêtre de confirmation",
    "envoi": "« Confirmer et envoyer »",
    "recapitulatif": "le récapitulatif",
    "certificat": "l'export du certificat",
    "ailleurs": "toute autre page ou requête",
}

# Chromium sends a request again by itself, a POST too, when a connection that it has used before breaks before any
# answer: a cut that lets this second try pass is no cut for the browser.
SECOND_TRY_SECONDS = 1.5

# Where the portal's address bears an `execution` key.
_DEPOSIT = ("depot", "formulaire", "pieces-jointes", "confirmation", "envoi", "recapitulatif")
# Where the pages of the application are drawn: nobody has to acknowledge anything before signing in.
_APPLICATION = (
    "factures-emises", "recherche", "detail", "depot", "formulaire", "pieces-jointes", "confirmation", "recapitulatif",
)  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """A fault that can be armed."""

    # What the portal does, in French, for the trainer.
    says: str
    # How often it strikes unless told otherwise; None: until it is disarmed.
    times: int | None = 1
    # Where it makes sense; all steps where there is none.
    steps: tuple[str, ...] = ()


KINDS = {
    "slow": Kind("Chaque réponse tarde.", None),
    "error-once": Kind("Le portail répond par une erreur 500, une fois."),
    "cut": Kind("La connexion est coupée avant toute réponse, une fois."),
    "cut-before-commit": Kind("La connexion est coupée pendant l'envoi, et rien n'est enregistré.", 1, ("envoi",)),
    "cut-after-commit": Kind("L'envoi est enregistré, mais la réponse n'arrive jamais.", 1, ("envoi",)),
    "session-lost": Kind("Le portail oublie qui est connecté."),
    "maintenance": Kind("Le portail est en maintenance.", None),
    "page-never-loads": Kind("La page ne se charge jamais.", None),
    "stale-execution": Kind("Le portail dit que l'étape n'est plus valable.", 1, _DEPOSIT),
    "acknowledgement": Kind("Une fenêtre demande d'acquitter des factures rejetées.", 1, _APPLICATION),
    "label-renamed": Kind("Des libellés ont changé.", None, tuple(step for step in _APPLICATION if step != "detail")),
    "new-required-field": Kind("Le formulaire a un champ obligatoire de plus.", None, ("formulaire",)),
    "wrong-recognition": Kind("Le portail lit le PDF de travers.", 1, ("depot",)),
    "duplicate-number": Kind("Le portail dit que le numéro est déjà utilisé.", 1, ("formulaire", "envoi")),
    "drafts-count": Kind("Un brouillon compte comme un numéro utilisé.", None, ("formulaire", "envoi")),
    "facturx-as-batch": Kind("Le fichier est pris pour un lot.", 1, ("depot",)),
    "late-list": Kind("Une facture déposée ne paraît dans la liste qu'après quelques secondes.", None, ("recherche",)),
    "certificate-missing": Kind("Le certificat n'est pas donné, une fois.", 1, ("certificat",)),
    "certificate-truncated": Kind("Le certificat arrive coupé, une fois.", 1, ("certificat",)),
    "certificate-of-another": Kind("Le certificat est celui d'une autre facture, une fois.", 1, ("certificat",)),
    "download-never-ends": Kind("Le certificat n'en finit pas d'arriver.", None, ("certificat",)),
}

_TEXT = re.compile(r"(?P<name>[a-z-]+)(?:@(?P<step>[a-z-]+))?(?:\*(?P<times>[1-9][0-9]{0,3}))?")
# The longest text that a refusal repeats.
_SHOWN = 60


class FaultUnknown(ValueError):
    """No such fault or step; the argument is a French sentence for whoever typed it."""


@dataclass(frozen=True)
class Armed:
    """A fault that waits for its moment."""

    name: str
    # Empty: wherever it makes sense.
    step: str = ""
    # How often it still strikes; None: until it is disarmed.
    left: int | None = 1

    def __str__(self) -> str:
        return self.name + (f"@{self.step}" if self.step else "") + (f"*{self.left}" if self.left is not None else "")


def read_fault(text: str) -> Armed:
    """`name`, `name@step`, `name*times` or `name@step*times`. Raises FaultUnknown."""
    text = text.strip()
    match, said = _TEXT.fullmatch(text), text[:_SHOWN]
    if re.split("[@*]", text, maxsplit=1)[0] not in KINDS:
        raise FaultUnknown(f"Panne inconnue « {said} » ; connues : {', '.join(KINDS)}.")
    if match is None:
        raise FaultUnknown(f"Panne mal écrite « {said} » ; attendu : NOM[@ETAPE][*FOIS], FOIS étant de 1 à 9999.")
    kind, step = KINDS[match["name"]], match["step"] or ""
    known = kind.steps or tuple(STEPS)
    if step and step not in known:
        raise FaultUnknown(f"La panne « {match['name']} » n'existe pas à l'étape « {step} » ; étapes : {', '.join(known)}.")
    return Armed(match["name"], step, int(match["times"]) if match["times"] else kind.times)


class Faults:
    """The faults of one replica. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._armed: list[Armed] = []
        # The request that was cut last, and until when the browser's second try is cut too, seconds (monotonic).
        self._cut = ("", 0.0)
        # Every strike since the beginning, as « name@step ».
        self.struck: list[str] = []

    @property
    def armed(self) -> tuple[Armed, ...]:
        return tuple(self._armed)

    def arm(self, text: str) -> None:
        """Raises FaultUnknown."""
        fault = read_fault(text)
        with self._lock:
            self._armed.append(fault)

    def disarm(self, text: str = "") -> None:
        """One fault, named with its step as it was armed; without a text, all of them. Raises FaultUnknown."""
        gone = read_fault(text) if text else None
        with self._lock:
            self._cut = ("", 0.0)
            self._armed = [
                fault for fault in self._armed if gone and (fault.name, fault.step) != (gone.name, gone.step)
            ]

    def keep_cut(self, request: str) -> None:
        """This request was cut just now."""
        self._cut = (request, time.monotonic() + SECOND_TRY_SECONDS)

    def is_second_try(self, request: str) -> bool:
        """Whether the browser sends, by itself, what was just cut."""
        cut, until = self._cut
        return cut == request and time.monotonic() < until

    def strikes(self, name: str, step: str) -> bool:
        """Whether this fault strikes here and now; one that strikes a number of times is used up by it."""
        with self._lock:
            for index, fault in enumerate(self._armed):
                if fault.name != name or step not in ((fault.step,) if fault.step else KINDS[name].steps or STEPS):
                    continue
                self.struck.append(f"{name}@{step}")
                if fault.left is not None:
                    self._armed[index : index + 1] = (
                        [Armed(name, fault.step, fault.left - 1)] if fault.left > 1 else []
                    )
                return True
        return False
