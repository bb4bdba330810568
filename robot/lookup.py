"""Looks an invoice up in the portal's own « Rechercher »: the only thing that ends a doubt. Touches nothing there.

Knows the screens of `flows/4-recherche/`, nothing of the journal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import Error as PlaywrightError

from robot.certificate import contains_whole, normalize
from robot.failures import Failure, NotOnScreen, OutcomeUnknown
from robot.fields import after, parse_amount, plain
from robot.invoice import Invoice
from robot.locators import locate
from robot.pages import Portal, ScreenPage
from robot.runner import Runner
from robot.screens import Flows

# A search by number gives a page or two; more is a search that did not search.
_MAX_PAGES = 20
_DRAFTS = ("brouillon", "provisoire")
# « La recherche n'a retourné aucun résultat » (API code TRA_MSG_00.015), compared without accents.
_NOTHING = re.compile(r"aucun resultat|aucune facture")


@dataclass(frozen=True)
class LookUpResult:
    """What the portal says of a number."""

    # Sent: the portal lists it in another state than a draft.
    sent: bool
    # Its state, in the portal's words; empty where it is not listed.
    state: str = ""
    digest: str = ""
    # The certificate (PDF), where the portal gives it again; not yet checked.
    certificate: bytes | None = None


def look_up(portal: Portal, runner: Runner, flows: Flows, invoice: Invoice) -> LookUpResult:
    """Searches the number, from the tabs of « Factures émises ». Raises OutcomeUnknown where no clear answer comes."""
    try:
        arrival = runner.follow(flows.journeys["recherche"], portal.wait_for([flows.screens["onglets"]]))
        page = portal.screen("resultats", arrival.frame)
        row = _row_of(portal, page, invoice)
    except (Failure, PlaywrightError) as error:
        raise OutcomeUnknown(
            f"La recherche sur le portail n'a pas abouti ({getattr(error, 'what', error)}).",
            cure="cherchez la facture à la main dans « Rechercher » ; relancez la commande plus tard : elle n'enverra "
            "rien avant d'avoir trouvé la réponse.",
        ) from None
    if row is None:
        return LookUpResult(sent=False)
    state = next((cell for cell in row if _is_state(cell)), "")
    if not state:
        raise OutcomeUnknown(
            f"Le portail montre la facture {invoice.number} dans un état inconnu du robot : {' | '.join(row)}.",
            cure="ouvrez-la dans « Rechercher » sur le portail : brouillon, ou déposée ?",
        )
    if plain(state).startswith(_DRAFTS):
        return LookUpResult(sent=False, state=state)
    return _detail(portal, flows, page, invoice, state)


def _row_of(portal: Portal, page: ScreenPage, invoice: Invoice) -> list[str] | None:
    """The row of this very invoice, whatever page of results it is on. Raises where the row is another's."""
    for _ in range(_MAX_PAGES):
        for row in page.rows("liste"):
            if any(contains_whole(normalize(cell), invoice.number) for cell in row):
                _compare(row, invoice)
                return row
        if _NOTHING.search(plain(page.look(text=True).text)):
            return None
        following = page.look("suivant").elements["suivant"]
        if not following.usable or following.locked:
            # Rows of other invoices only: the search did not search, or the list is not understood.
            raise NotOnScreen("la liste des résultats ne dit clairement ni oui ni non")
        before = page.look()
        page.press("suivant")
        portal.wait_for([page.screen], since=before)
    raise NotOnScreen("La liste des résultats ne finit pas.")


def _compare(row: list[str], invoice: Invoice) -> None:
    """A number is unique per supplier: a row with another amount or recipient is a question for a person."""
    amounts = [amount for cell in row if (amount := parse_amount(cell)) is not None and "," in cell]
    if amounts and invoice.amounts.ttc not in amounts:
        raise NotOnScreen(
            f"le portail montre la facture {invoice.number} avec un autre montant : {' | '.join(row)}"
        )
    sirets = ["".join(c for c in cell if c.isdigit()) for cell in row]
    sirets = [digits[:14] for digits in sirets if len(digits) >= 14]
    if sirets and invoice.recipient.siret not in sirets:
        raise NotOnScreen(
            f"le portail montre la facture {invoice.number} avec un autre destinataire : {' | '.join(row)}"
        )


_STATES = (
    "brouillon",
    "provisoire",
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


def _is_state(cell: str) -> bool:
    return plain(cell).startswith(_STATES)


def _detail(portal: Portal, flows: Flows, page: ScreenPage, invoice: Invoice, state: str) -> LookUpResult:
    """Opens the invoice and takes its certificate, where the portal gives one; its absence is no failure."""
    before = page.look()
    link = locate(
        page.frame,
        {"kind": "button", "labels": [invoice.number], "within": [], "outside": [], "near": None, "id": None},
    )
    try:
        page.click(link, invoice.number)
        arrival = portal.wait_for([flows.screens["detail"]], leaving=page.screen, since=before)
        detail = portal.screen("detail", arrival.frame)
        texts = after(detail.look(text=True).text, detail.screen.elements["certificat"].labels)
        digest = texts[0].split()[0] if texts and texts[0].split() else ""
        exporter = detail.look("exporter").elements["exporter"]
        return LookUpResult(True, state, digest, detail.download("exporter") if exporter.usable else None)
    except (Failure, PlaywrightError):
        return LookUpResult(True, state)
