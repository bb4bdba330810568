"""Joins one's own structure, or creates it where the portal does not know it (tutorial lines 2.1 to 2.10).

The portal's own list of memberships is looked at before anything is asked, and again afterwards: a request that waits is
not repeated, and what the list says is what is reported.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from robot.errand import Errand
from robot.failures import NotOnScreen, OutcomeUnknown, PortalRefused
from robot.fields import plain
from robot.locators import await_survey, locate
from robot.pages import ScreenPage
from robot.runner import Runner
from robot.tabs import Arrival

JOURNEY = "rattachement"

# How long the list is given to be drawn after its page was recognised.
_LIST_MS = 3_000
# How long the last page of a request is searched for the account's menu.
_MENU_SECONDS = 3
# Lines around a SIRET that may bear its status, where the list is no table.
_AROUND = 4


class Status(StrEnum):
    """Where a membership stands."""

    PENDING = "pending"
    REFUSED = "refused"
    ATTACHED = "attached"
    # Listed, in words that the robot does not know.
    LISTED = "listed"


# Only « en cours de validation » was seen, in a guide; compared without accents, first match wins.
_WORDS = (
    (Status.PENDING, re.compile(r"en cours|en attente|a valider|non valide|demande envoyee|soumis")),
    (Status.REFUSED, re.compile(r"refus|rejet")),
    (Status.ATTACHED, re.compile(r"valide|accept|actif|rattache|approuve|gestionnaire principal")),
)


@dataclass(frozen=True)
class Listed:
    """A structure in the list of memberships."""

    status: Status
    # Its line, as shown.
    text: str


class Membership:
    """The account's place in its holder's structure."""

    def __init__(self, errand: Errand) -> None:
        self.errand = errand
        self.portal = errand.portal
        self.flows = errand.flows
        self._siret = errand.supplier.siret

    def join(self) -> tuple[str, int, str]:
        """Outcome, exit code and French sentence."""
        runner = self.errand.runner()
        runner.run(self.flows.journeys["se-connecter"])
        arrival = self._list(runner)
        if listed := self._listed(arrival):
            return self._told(listed, "déjà ")
        asked = self._ask(arrival)
        listed = self._listed(self._list(self.errand.runner(), again=True))
        if listed:
            return self._told(listed, "")
        raise OutcomeUnknown(
            f"{asked}, mais « Mes rattachements » ne montre pas encore {self._siret}.",
            cure="relancez la même commande dans quelques minutes : elle regarde d'abord la liste.",
        )

    # --- the list -----------------------------------------------------------------------------------------------------

    def _list(self, runner: Runner, *, again: bool = False) -> Arrival:
        """From any page of somebody signed in to the list of memberships, drawn anew where it was seen `again`."""
        journey = self.flows.journeys[JOURNEY]
        starts = [self.flows.screens[name] for name in journey.start]
        if again:
            menus = [screen for screen in starts if screen.screen != "mes-rattachements"]
            try:
                arrival = self.portal.wait_for(menus, timeout=_MENU_SECONDS)
            except (NotOnScreen, PortalRefused):
                # No menu on the last page: back to the beginning.
                self.portal.open()
                arrival = self.portal.wait_for(starts)
        else:
            arrival = self.portal.wait_for(starts)
        return runner.follow(journey, arrival, until=("mes-rattachements",))

    def _listed(self, arrival: Arrival) -> Listed | None:
        # The bloc of the list may be folded, the button with it.
        ScreenPage(self.portal, arrival.screen, arrival.frame).sight("demander")
        await_survey(arrival.frame, {"counts": [self._siret]}, "facts.counts[0] > 0", _LIST_MS)
        row = locate(arrival.frame, {"part": "row", "text": self._siret})
        text = row.inner_text() if row.count() else self._around(arrival)
        if not text:
            return None
        shown = " ".join(text.split())
        seen = plain(shown)
        return Listed(next((status for status, words in _WORDS if words.search(seen)), Status.LISTED), shown)

    def _around(self, arrival: Arrival) -> str:
        lines = ScreenPage(self.portal, arrival.screen, arrival.frame).look(text=True).text.splitlines()
        lines = [line for line in lines if line.strip()]
        for index, line in enumerate(lines):
            if self._siret in re.sub(r"\s", "", line):
                return "\n".join(lines[max(0, index - 1) : index + _AROUND])
        return ""

    def _told(self, listed: Listed, already: str) -> tuple[str, int, str]:
        seen = f"Le portail affiche : « {listed.text[:200]} »."
        match listed.status:
            case Status.PENDING:
                return (
                    "pending",
                    77,
                    f"Votre demande de rattachement à {self._siret} est {already}faite, et attend. C'est au gestionnaire "
                    "principal de cette structure de l'accepter (« Organisation », « Utilisateurs » ; « Activités du "
                    f"gestionnaire » sur l'ancien portail). Relancez la même commande pour savoir où elle en est. {seen}",
                )
            case Status.REFUSED:
                return (
                    "refused",
                    1,
                    f"Le rattachement à {self._siret} a été refusé. Voyez-en la raison avec le gestionnaire principal de "
                    f"cette structure ; le robot ne refait pas une demande refusée. {seen}",
                )
            case Status.ATTACHED:
                return (
                    "attached",
                    0,
                    f"Votre compte est {already}rattaché à {self._siret} : vous pouvez déposer. {seen}",
                )
            case Status.LISTED:
                return (
                    "attached",
                    0,
                    f"{self._siret} est {already}dans « Mes rattachements », sans statut que le robot connaisse ; "
                    f"regardez si elle est validée. {seen}",
                )

    # --- asking -------------------------------------------------------------------------------------------------------

    def _ask(self, arrival: Arrival) -> str:
        """Asks to join, or creates the structure; what was done, in French."""
        arrival = self._sent(self.errand.runner(), JOURNEY, arrival)
        if arrival.screen.screen != "structure-absente":
            return "La demande de rattachement est partie"
        self.errand.say(f"Le portail ne connaît pas encore {self._siret} : sa fiche va être créée.")
        absent = ScreenPage(self.portal, arrival.screen, arrival.frame)
        runner = self.errand.runner()
        if not absent.shows("creer"):
            self.portal.open()
            arrival = self.portal.wait_for([self.flows.screens["domaine-organisation"]])
        self._sent(runner, "creation", arrival)
        return "La fiche de la structure est créée"

    def _sent(self, runner: Runner, journey: str, arrival: Arrival) -> Arrival:
        """Follows a journey. What its last page says matters less than the list, which is looked at next."""
        try:
            return runner.follow(self.flows.journeys[journey], arrival)
        except (OutcomeUnknown, NotOnScreen) as failure:
            if not runner.sent:
                raise
            self.errand.say(f"{failure.what} La liste des rattachements dira ce qu'il en est.")
            return arrival
