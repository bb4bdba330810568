"""Looks an invoice up in the portal's own « Rechercher »: the only thing that ends a doubt.

Knows the screens of `flows/4-recherche/`, nothing of the journal. Touches nothing there but a draft that it is told to
remove.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from playwright.sync_api import Error as PlaywrightError

from robot.certificate import contains_whole, normalize
from robot.failures import DecisionNeeded, Failure, NotOnScreen, OutcomeUnknown, PersonNeeded, PortalUnavailable
from robot.fields import after, parse_amount, parse_date, plain
from robot.invoice import Invoice
from robot.locators import locate
from robot.pages import Portal, ScreenPage
from robot.runner import Runner
from robot.screens import Flows
from robot.tabs import Arrival

# A search by number gives a page or two; more is a search that did not search.
_MAX_PAGES = 20
# Forms left open that are looked at; more would be somebody's way of working.
_MAX_PROVISIONAL = 6
_DRAFTS = ("brouillon", "provisoire")
# What opening a draft may lead to: its sheet, or its form.
_DRAFT = ("detail-brouillon", "bloc-destinataire")
# « La recherche n'a retourné aucun résultat » (API code TRA_MSG_00.015), compared without accents.
_NOTHING = re.compile(r"aucun resultat|aucune facture")
# States of an invoice as the portal words them; all but the drafts mean that it was sent.
_STATES = (
    *_DRAFTS,
    "deposee",
    "depose",
    "en cours d'acheminement",
    "mise a disposition",
    "a recycler",
    "rejetee",
    "suspendue",
    "service fait",
    "mandatee",
    "comptabilisee",
    "mise en paiement",
    "completee",
)


def _is_provisional(cells: list[str]) -> bool:
    """« Provisoire », or the portal's own number for what is not finished (« TMP » and digits)."""
    return any(plain(cell) == "provisoire" or re.fullmatch(r"TMP\d+", cell) for cell in cells)


@dataclass(frozen=True)
class Listed:
    """An invoice as the portal's list shows it."""

    cells: tuple[str, ...]
    # Its state, in the portal's words.
    state: str
    # What it says otherwise than the invoice, in French; empty where nothing does.
    other: str = ""
    # Page of the list, from 1.
    page: int = 1

    @property
    def is_draft(self) -> bool:
        return plain(self.state).startswith(_DRAFTS)


class LookUp:
    """One search for one invoice, from the tabs of « Factures émises » on."""

    def __init__(self, portal: Portal, runner: Runner, flows: Flows, invoice: Invoice) -> None:
        self.portal = portal
        self.runner = runner
        self.flows = flows
        self.invoice = invoice
        self._list: ScreenPage | None = None
        # Page of the list that is in front; 0 where it is not.
        self._page = 0
        # « Certificat de dépôt n° » and « Date de dépôt », once the invoice is opened and where it shows them.
        self.digest = ""
        self.day: date | None = None

    def find(self) -> Listed | None:
        """The invoice, sent rather than drafted where there are both; None where the portal has none of that number.

        Raises OutcomeUnknown where no clear answer comes, DecisionNeeded where the number is another invoice's, and what
        stops any journey: PersonNeeded, PortalUnavailable.
        """
        try:
            known = []
            for listed in self._listed():
                if not (listed.is_draft or listed.other):
                    return listed
                known.append(listed)
            for listed in known:
                if listed.other and self._is_ours(listed):
                    raise DecisionNeeded(
                        f"Le portail a déjà une facture {self.invoice.number} avec {listed.other} : "
                        f"{' | '.join(listed.cells)}.",
                        cure="si c'est une autre facture, donnez-lui un nouveau numéro (aussi sur le PDF) ; sinon, rien "
                        "n'est à faire.",
                    )
            return next((listed for listed in known if listed.is_draft), None)
        except (PersonNeeded, PortalUnavailable):
            raise
        except (Failure, PlaywrightError) as error:
            raise OutcomeUnknown(
                f"La recherche sur le portail n'a pas abouti ({getattr(error, 'what', error)}).",
                cure="cherchez la facture à la main dans « Rechercher » ; relancez la commande plus tard : elle n'enverra "
                "rien avant d'avoir trouvé la réponse.",
            ) from None

    def _listed(self) -> Iterator[Listed]:
        """The rows of this number, page after page of the list; those of other suppliers left out."""
        arrival = self.runner.follow(self.flows.journeys["recherche"], self.portal.wait_for([self.flows.screens["onglets"]]))
        page = self._list = self.portal.screen("resultats", arrival.frame)
        self._page = 1
        is_known = False
        while self._page <= _MAX_PAGES:
            for cells in page.rows("liste"):
                if any(contains_whole(normalize(cell), self.invoice.number) for cell in cells):
                    is_known = True
                    yield self._read(tuple(cells))
            if _NOTHING.search(plain(page.look(text=True).text)):
                return
            following = page.look("suivant").elements["suivant"]
            if not following.usable or following.locked:
                if is_known:
                    return
                # Rows of other invoices only: the search did not search, or the list is not understood.
                raise NotOnScreen("la liste des résultats ne dit clairement ni oui ni non")
            before = page.look()
            page.press("suivant")
            self.portal.wait_for([page.screen], since=before)
            self._page += 1
        raise NotOnScreen("La liste des résultats ne finit pas.")

    def _read(self, cells: tuple[str, ...]) -> Listed:
        state = next((cell for cell in cells if plain(cell).startswith(_STATES)), "")
        if not state:
            row = " | ".join(cells)
            raise NotOnScreen(f"elle montre la facture {self.invoice.number} dans un état inconnu du robot : {row}")
        listed = Listed(cells, state, page=self._page)
        return listed if listed.is_draft else replace(listed, other=self._other(cells))

    def _other(self, cells: tuple[str, ...]) -> str:
        """What a row says otherwise than the invoice, in French: a number is unique per supplier."""
        amounts = [amount for cell in cells if (amount := parse_amount(cell)) is not None and "," in cell]
        if amounts and self.invoice.amounts.ttc not in amounts:
            return "un autre montant"
        digits = ["".join(c for c in cell if c.isdigit())[:14] for cell in cells]
        sirets = [some for some in digits if len(some) == 14]
        known = (self.invoice.recipient.siret, self.invoice.supplier.siret)
        return "un autre destinataire" if sirets and not any(siret in known for siret in sirets) else ""

    def _is_ours(self, listed: Listed) -> bool:
        """Whether an invoice may be of this supplier: an account may invoice for several, each with its own numbers."""
        text = self._detail(listed).look(text=True).text
        sirets = set(re.findall(r"(?<!\d)\d{14}(?!\d)", re.sub(r"(?<=\d) (?=\d)", "", text)))
        return not sirets or self.invoice.supplier.siret in sirets

    # --- one invoice, opened ------------------------------------------------------------------------------------

    def certificate(self, listed: Listed) -> bytes | None:
        """Opens a sent invoice and takes its certificate (PDF, not yet checked); None where the portal gives none.

        Notes its number and the day of the deposit, where shown.
        """
        detail = self._detail(listed)
        text = detail.look(text=True).text
        elements = detail.screen.elements
        if (numbers := after(text, elements["certificat"].labels)) and numbers[0].split():
            self.digest = numbers[0].split()[0]
        days = [parse_date(words[:10]) for words in after(text, elements["depose_le"].labels)]
        self.day = next((day for day in days if day), None)
        return detail.download("exporter") if detail.look("exporter").elements["exporter"].usable else None

    def remove(self, listed: Listed) -> bool | Arrival:
        """Opens a draft and removes it; its form, where the portal opens that instead; False where there is no way to."""
        assert listed.is_draft
        arrival = self._open(listed, *_DRAFT)
        if arrival.screen.screen != _DRAFT[0]:
            return arrival
        return self._remove(self.portal.screen(_DRAFT[0], arrival.frame))

    def _remove(self, detail: ScreenPage) -> bool:
        if not detail.shows("supprimer"):
            return False
        before = detail.look()
        self.portal.current = detail.screen.screen
        detail.press("supprimer")
        self.portal.wait_for([self.flows.screens["brouillon-supprime"]], leaving=detail.screen, since=before)
        return True

    def remove_provisional(self) -> int:
        """Removes the forms of this invoice that were left open, from « Synthèse »; how many.

        They have no number there yet: each is opened, and is this invoice's if it shows its number or its file.
        """
        removed = 0
        for index in range(_MAX_PROVISIONAL):
            arrival = self.runner.run(self.flows.journeys["depot"], until=("factures-emises",))
            page = self._list = self.portal.screen("synthese", arrival.frame)
            rows = [Listed(tuple(cells), "Brouillon", page=0) for cells in page.rows("liste") if _is_provisional(cells)]
            if index - removed >= len(rows):
                break
            arrival = self._show(rows[index - removed], *_DRAFT)
            if arrival.screen.screen != _DRAFT[0]:
                # This portal opens the form itself, where nothing says whose it is.
                break
            draft = self.portal.screen(_DRAFT[0], arrival.frame)
            text = draft.look(text=True).text
            named = contains_whole(normalize(text), self.invoice.number) or self.invoice.file.name in text
            removed += named and self._remove(draft)
        return removed

    def _detail(self, listed: Listed) -> ScreenPage:
        return self.portal.screen("detail", self._open(listed, "detail").frame)

    def _open(self, listed: Listed, *screens: str) -> Arrival:
        if listed.page != self._page:
            # The list stands on another page, or on none any more.
            next((one for one in self._listed() if one == listed), None)
        return self._show(listed, *screens)

    def _show(self, listed: Listed, *screens: str) -> Arrival:
        assert self._list
        before = self._list.look()
        link = locate(self._list.frame, {"part": "cell", "cells": listed.cells, "text": self.invoice.number})
        self._list.click(link, self.invoice.number)
        self._page = 0
        wanted = [self.flows.screens[screen] for screen in screens]
        return self.portal.wait_for(wanted, leaving=self._list.screen, since=before)
