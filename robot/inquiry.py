"""What the portal itself says of one invoice: sent, drafted, nothing; its certificate; drafts that a dead run left.

Asks as often as is needed, tells each time, and sends nothing. Knows nothing of the journal: `attempt.py` draws the
conclusions.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, datetime, timedelta

from playwright.sync_api import Error as PlaywrightError

from robot.events import now
from robot.failures import Failure, OutcomeUnknown
from robot.lookup import Listed, LookUp
from robot.pages import Portal
from robot.runner import Runner
from robot.screens import Flows, Journey
from robot.tabs import Arrival

# Between two looks at the list.
_LOOK_AGAIN_SECONDS = 4
# A person waits for so long; beyond, the command is to be repeated later.
_LONGEST_WAIT = timedelta(seconds=30)
# How often a certificate is asked for, and what lies between.
_FETCHES = 3
_FETCH_AGAIN_SECONDS = 2


class Inquiry:
    """The questions of one try. `new_runner` gives a runner that fills no invoice; `say` tells the person."""

    def __init__(
        self,
        portal: Portal,
        flows: Flows,
        journey: Journey,
        *,
        new_runner: Callable[[], Runner],
        look_up: Callable[[Runner], LookUp],
        say: Callable[[str], None],
    ) -> None:
        self._portal = portal
        self._flows = flows
        self._journey = journey
        self._new_runner = new_runner
        self._new_look_up = look_up
        self._say = say
        self._look_up: LookUp | None = None
        # The runner that walks there now, or did last.
        self.runner: Runner | None = None
        # The portal stands among its tabs: the way to the deposit need not be gone from the start.
        self.is_among_tabs = False
        # When the portal received the invoice, where it says so.
        self.day: date | None = None

    def find(self) -> Listed | None:
        """One look at « Rechercher ». Raises what `LookUp.find` and the way there raise."""
        self.is_among_tabs = False
        self.runner = self._new_runner()
        self.runner.run(self._journey, until=("factures-emises",))
        self._look_up = self._new_look_up(self.runner)
        listed = self._look_up.find()
        self.is_among_tabs = True
        return listed

    def find_sent(self, confirmed_at: datetime | None) -> Listed | None:
        """Looks until the invoice shows, or until one that was sent then would; at once where it never was.

        Raises OutcomeUnknown where that takes too long to wait for, and what `find` raises.
        """
        settling = timedelta(seconds=self._portal.place.settling_seconds)
        patience = now() + _LONGEST_WAIT
        listed = self.find()
        while confirmed_at and listed is None and (left := (confirmed_at + settling - now()).total_seconds()) > 0:
            if now() > patience:
                at = (confirmed_at + settling).astimezone()
                raise OutcomeUnknown(
                    "La recherche ne montre pas la facture, mais ce portail peut tarder à la montrer.",
                    cure=f"relancez la même commande après {at:%H:%M} ; d'ici là, ne la déposez pas à la main.",
                )
            pause = min(_LOOK_AGAIN_SECONDS, left)
            self._say(f"La recherche ne montre pas encore la facture ; elle est refaite dans {pause:.0f} s.")
            time.sleep(pause)
            listed = self.find()
        return listed

    def fetch(self, listed: Listed, keep: Callable[[bytes, str], object]) -> bool:
        """Takes the certificate of a sent invoice: doubles nothing, so it is asked for more than once.

        `keep` is given the PDF and its number, checks both and raises where they are wrong.
        """
        for again in range(_FETCHES):
            try:
                if again:
                    time.sleep(_FETCH_AGAIN_SECONDS)
                    listed = self.find() or listed
                assert self._look_up
                content = self._look_up.certificate(listed)
                self.day = self._look_up.day
                if content is None:
                    return False
                keep(content, self._look_up.digest)
                return True
            except (Failure, PlaywrightError) as error:
                said = getattr(error, "what", "le navigateur a calé")
                self._say(f"Le certificat n'a pas pu être pris ({said}) ; essai {again + 1} sur {_FETCHES}.")
        return False

    def remove_drafts(self, listed: Listed | None) -> Arrival | None:
        """Removes what an earlier run left; what it holds is not known for sure, so it is made anew.

        The form of the draft, where the portal opens that instead: to be gone on with.
        """
        assert self._look_up
        self.is_among_tabs = False
        try:
            removed = self._look_up.remove(listed) if listed else self._look_up.remove_provisional() > 0
        except (Failure, PlaywrightError) as error:
            self._say(f"Détail technique : {getattr(error, 'what', error)}")
            removed = False
        if isinstance(removed, Arrival):
            self._say("Le brouillon laissé par un essai précédent est repris : chaque champ est saisi à nouveau.")
            return removed
        if removed:
            self._say("Le brouillon laissé par un essai précédent est supprimé, puis refait.")
        elif listed:
            self._say("Le brouillon d'un essai précédent reste sur le portail ; supprimez-le après ce dépôt.")
        return None
