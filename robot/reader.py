"""Reads an invoice: what to look for on its pages, and what to believe.

A value is claimed by the words beside it (`labels`, `bill`, `totals`, `sides`), never by its looks; what the claims
disagree on is doubtful. Then the electronic invoice inside the file, if there is one, confirms or contradicts. Knows
no file and no PDF: pages of words come in, a `Reading` goes out.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from robot import einvoice, labels
from robot.bill import Bill, bill_of
from robot.claims import BARE, CLEAR, USUAL, Claim, settle
from robot.labels import labelled
from robot.layout import Page
from robot.printed import dates, iban_in, month_of, plain
from robot.reading import Found, Reading, Sure
from robot.sessions import Table, is_in_column, table_of
from robot.sheet import Sheet, sheet_of
from robot.sides import Sides, sides_of
from robot.students import students_in
from robot.totals import Totals, totals_of
from robot.vat import EXEMPT, vat_of

_PSYCHOLOGY = re.compile(r"sante psy|psycholog|\bseances?\b|etudiante?s?\b")


def read(pages: Iterable[Page], invoices: Sequence[bytes] = ()) -> Reading:
    """What the pages say, and the electronic invoices (CII or UBL, as XML) found in the same file."""
    sheet = sheet_of(pages)
    reading = _read_pages(sheet) if sheet.rows else Reading()
    for data in invoices:
        hidden = einvoice.read(data)
        if hidden:
            reading = einvoice.compared(reading, hidden) if sheet.rows else hidden
    return reading


def _read_pages(sheet: Sheet) -> Reading:
    bill = bill_of(sheet)
    table = table_of(sheet)
    totals = totals_of(sheet)
    if bill:
        totals = _bill_totals(sheet, totals, table)
    sides = Sides() if bill else sides_of(sheet)
    number = settle(bill.number) if bill else settle(_numbers(sheet))
    date, bad_date = _date(sheet, bill)
    reading = Reading(
        family=bill.family if bill else "other",
        type=_type(sheet),
        number=number,
        date=date,
        bad_date=bad_date,
        month=settle(bill.month or _months(sheet)) if bill else settle(_months(sheet)),
        supplier_name=settle(bill.supplier_name if bill else sides.supplier_name),
        supplier_siret=settle(bill.supplier_siret if bill else sides.supplier_siret),
        recipient_name=settle(bill.recipient_name if bill else sides.recipient_name),
        recipient_siret=settle(_also(sheet) if bill else sides.recipient_siret),
        engagement=settle(bill.engagement if bill else _engagements(sheet)),
        service=settle(labelled(sheet, labels.SERVICE, labels.code)),
        market=settle(labelled(sheet, labels.MARKET, labels.reference)),
        iban=_iban(sheet),
    )
    reading = _with_amounts(reading, sheet, totals)
    if bill and not (reading.number or reading.ttc or reading.supplier_siret or reading.date):
        # The blank form: its rows are examples.
        return reading
    bills_sessions = bool(bill or table.sessions) or len(_PSYCHOLOGY.findall(sheet.plain)) > 1
    own = [*(bill.own if bill else ()), *(found.text for _, found in reading.values())]
    return replace(
        reading,
        sessions=table.sessions,
        sessions_total=_counted(table),
        students=students_in(sheet, own=own, bills_sessions=bills_sessions),
    )


def _also(sheet: Sheet) -> list[Claim[str]]:
    """A university's SIRET that somebody added to the form, under a label that says so."""
    return [claim for claim in sides_of(sheet).recipient_siret if claim.strength >= CLEAR]


def _counted(table: Table) -> Found[int] | None:
    if table.count is None or table.count_where is None:
        return None
    return Found(table.count, str(table.count), table.count_where)


# --- type, number, date ----------------------------------------------------------------------------------------------

_CREDIT = re.compile(
    rf"(?:facture d'avoir|avoir|note de credit|credit note)\b(?= ?(?:$|[:\-]|{labels.NO}|du |sur |\S*\d))"
)
_INVOICE = re.compile(r"(?:modele de )?(?:facture|invoice|note d'honoraires?|decompte)\b")
_DRAFT = re.compile(rf"(?:devis|(?:facture )?pro-? ?forma|bon de commande)\b ?(?:$|[:\-]|{labels.NO})")


def _type(sheet: Sheet) -> Found[str] | None:
    titles = [cell for cell in sheet.cells if len(cell.text) < 80]
    for cell in titles:
        if _CREDIT.match(cell.plain):
            return Found("AVOIR", cell.text, cell.where)
    invoices = [cell for cell in titles if _INVOICE.match(cell.plain) or re.search(r" facture(?: n|$)", cell.plain)]
    drafts = [cell for cell in titles if _DRAFT.match(cell.plain)]
    if invoices and invoices[0] not in drafts:
        return Found("FACTURE", invoices[0].text, invoices[0].where)
    if drafts:
        why = "le titre n'est pas celui d'une facture"
        return Found("FACTURE", drafts[0].text, drafts[0].where, Sure.DOUBTFUL, why)
    return None


def _numbers(sheet: Sheet) -> list[Claim[str]]:
    """Numbers of the invoice; `n° 12` alone counts under its title."""
    claims = list(labelled(sheet, labels.NUMBER, _number, but=labels.OTHER_PAPER, in_row=True))
    if claims:
        return claims
    titles = _titled(sheet, above=1, below=4)
    for cell in sheet.cells:
        match = labels.ANY_NUMBER.match(cell.plain)
        if not match or not (parsed := _number(cell.text[match.end() :])):
            continue
        near = (cell.page, cell.row) in titles
        claims.append(Claim(parsed[0], parsed[1], cell.where, USUAL if near else BARE))
    return claims


def _titled(sheet: Sheet, *, above: int, below: int) -> set[tuple[int, int]]:
    """Page and row of all rows near the title « Facture »."""
    return {
        (cell.page, row)
        for cell in sheet.cells
        if len(cell.text) < 40 and (_INVOICE.match(cell.plain) or _CREDIT.match(cell.plain))
        for row in range(cell.row - above, cell.row + below + 1)
    }


def _number(text: str) -> tuple[str, str] | None:
    # « Facture du 31 août 2026 », « Facture 31/08/2026 »
    if re.match(r"(?:du |le |en date)", plain(text.lstrip(" :-–"))):
        return None
    return labels.reference(text)


def _date(sheet: Sheet, bill: Bill | None) -> tuple[Found[dt.date] | None, Found[str] | None]:
    """The day of the invoice, or what is printed in its place and is no day."""
    days: list[Claim[dt.date]] = []
    bad: list[Claim[str]] = []
    if bill:
        days, bad = bill.date, bill.bad_date
    else:
        for claim in _dates(sheet):
            if isinstance(claim.value, str):
                bad.append(Claim(claim.value, claim.text, claim.where, claim.strength))
            else:
                doubt = claim.doubt or (_ENGLISH_DAY if _is_english(sheet, claim) else "")
                days.append(Claim(claim.value, claim.text, claim.where, claim.strength, doubt))
    strongest = max([claim.strength for claim in days] + [claim.strength for claim in bad], default=0)
    bad = [claim for claim in bad if claim.strength == strongest]
    if bad and not any(claim.strength == strongest for claim in days):
        return None, settle(bad)
    return settle(days), None


_ENGLISH_DAY = "sur une facture en anglais, le mois peut être écrit avant le jour"


def _is_english(sheet: Sheet, claim: Claim[dt.date | str]) -> bool:
    """Whether a day like 11/03/2026 may be one of November: the words are English, and no other day says it is not."""
    if not isinstance(claim.value, dt.date) or claim.value.day > 12 or claim.value.day == claim.value.month:
        return False
    if not re.match(r"\d{1,2}/", claim.text) or not re.search(
        r"invoice date|issue date|date of (?:the )?i", sheet.plain
    ):
        return False
    return not re.search(r"(?<![\d/])(?:1[3-9]|2\d|3[01])/\d{1,2}/\d{4}", sheet.plain)


def _dates(sheet: Sheet) -> Iterator[Claim[dt.date | str]]:
    yield from labelled(sheet, labels.DATE, _day, but=labels.OTHER_DATE, column=labels.COLUMN)
    for cell in sheet.cells:
        # « Facture n° 12 du 31 août 2026 »
        if re.match(rf"(?:{labels.NO}|facture|avoir|note d'honoraires?)\b", cell.plain) or "facture n" in cell.plain:
            match = re.search(r" (?:du|le|en date du|date du)[ :]+(?=\S)", cell.plain)
            before = cell.plain[: match.start()] if match else ""
            other = labels.OTHER_PAPER.search(before) or labels.OTHER_DATE.search(before) or len(before) > 60
            if match and not other and (parsed := _day(cell.text[match.end() :])):
                yield Claim(parsed[0], parsed[1], cell.where, CLEAR)
    titles = _titled(sheet, above=0, below=3)
    for cell in sheet.cells:
        found = dates(cell.plain)
        if len(found) != 1 or not found[0].value or cell.plain[found[0].end :].strip(" .,"):
            continue
        lead = cell.plain[: found[0].start].strip(" .,")
        if lead in ("", "du") and (cell.page, cell.row) in titles:
            # « Facture n° 12 », and « du 31 août 2026 » under it.
            yield Claim(found[0].value, cell.text, cell.where, USUAL if lead else BARE)


def _day(text: str) -> tuple[dt.date | str, str] | None:
    """A day at the beginning of a text, or the words that stand there instead of one."""
    bare = plain(text)
    lead = re.match(r"[ :=\-,]*(?:le |du |au )?[ :]*", bare)
    start = lead.end() if lead else 0
    found = dates(bare[start:])
    if found and found[0].start == 0:
        printed = text[start:][: found[0].end]
        return (found[0].value or printed), printed
    # `31/13/20`, `invalid date`: something that is meant as one.
    odd = re.match(r"\d{1,4}[/.]\d{1,2}[/.]\d{1,4}|invalid date", bare[start:])
    return (text[start:][: odd.end()],) * 2 if odd else None


def _months(sheet: Sheet) -> Iterator[Claim[dt.date]]:
    for cell in sheet.cells:
        said = re.match(r"(?:facture|periode|mois|prestations?|seances?)\b[ :]*(?:du mois |de |d'|pour )*", cell.plain)
        found = month_of(cell.plain)
        if said and found and found[1] == said.end() and found[2] == len(cell.plain):
            yield Claim(found[0], cell.text[found[1] : found[2]], cell.where, USUAL)


# --- references --------------------------------------------------------------------------------------------------


def _engagements(sheet: Sheet) -> Iterator[Claim[str]]:
    return labelled(sheet, labels.ENGAGEMENT, labels.order, but=labels.OTHER_ORDER)


_IBAN_BEGUN = re.compile(r"(?<![a-z0-9])[a-z]{2}\d{2}(?: ?[a-z0-9]{4}){1,6} ?[a-z0-9]{0,3}$")


def _iban(sheet: Sheet) -> Found[str] | None:
    claims = []
    for row in sheet.rows:
        for cell in row:
            text, found = cell.text, iban_in(cell.plain)
            below = sheet.below(cell, reach=1) if not found and _IBAN_BEGUN.search(cell.plain) else None
            if below:
                # Too long for its line.
                text = f"{cell.text} {below.text}"
                found = iban_in(plain(text))
            if not found:
                continue
            nearby = " ".join(other.plain for near in sheet.rows[max(0, cell.row - 1) : cell.row + 1] for other in near)
            said = re.search(r"iban|rib\b|compte|virement", nearby)
            claims.append(Claim(found[0], text[found[1] : found[2]], cell.where, CLEAR if said else BARE))
    return settle(claims)


# --- amounts -------------------------------------------------------------------------------------------------------


def _bill_totals(sheet: Sheet, totals: Totals, table: Table) -> Totals:
    """The line « Total » of the bill's table stands for its only column of amounts, « Total TTC € »."""
    cells = {(cell.page, cell.line): sheet.rows[cell.row][-1] for cell in sheet.cells}
    totals.ttc = [
        replace(claim, strength=CLEAR)
        for claim in totals.ttc
        if claim.strength >= CLEAR
        or not table.columns
        or is_in_column(cells[claim.where.page, claim.where.line], table.columns)
        or "€" in claim.text
    ]
    totals.due, totals.ht, totals.tva = [], [], []
    return totals


def _with_amounts(reading: Reading, sheet: Sheet, totals: Totals) -> Reading:
    ht, tva, ttc, due = settle(totals.ht), settle(totals.tva), settle(totals.ttc), settle(totals.due)
    if ht and ttc and tva and tva.others and (rates := {one.value: one for one in (tva, *tva.others)}):
        whole = sum(rates, Decimal(0))
        if ht.value + whole == ttc.value:
            # One line for each rate, and none for all.
            tva = Found(whole, tva.text, tva.where, Sure.DERIVED, "somme des lignes de TVA")
    vat = vat_of(sheet, tva)
    exempt = vat is not None and vat.value in EXEMPT
    paid = any(claim.value for claim in totals.paid)
    ttc = _whole(ht, tva, ttc, due, exempt=exempt, paid=paid)
    if exempt and vat and ttc and (tva is None or not tva.value):
        doubtful = vat.sure is Sure.DOUBTFUL or ttc.sure is Sure.DOUBTFUL
        sure = Sure.DOUBTFUL if doubtful else Sure.DERIVED
        ht = ht or Found(ttc.value, ttc.text, ttc.where, sure, "pas de TVA : HT = TTC")
        tva = tva or Found(Decimal("0.00"), vat.text, vat.where, sure, "la facture dit que la TVA ne s'applique pas")
    elif ht and ttc and not tva and Sure.DOUBTFUL not in (ht.sure, ttc.sure) and ttc.value >= ht.value:
        tva = Found(ttc.value - ht.value, ttc.text, ttc.where, Sure.DERIVED, "TTC - HT")
    elif tva and ttc and not ht and Sure.DOUBTFUL not in (tva.sure, ttc.sure):
        ht = Found(ttc.value - tva.value, ttc.text, ttc.where, Sure.DERIVED, "TTC - TVA")
    if reading.family != "other" and ttc and not due:
        due = Found(ttc.value, ttc.text, ttc.where, _derived(ttc), "rien n'est déduit du total")
    return replace(reading, ht=ht, tva=tva, ttc=ttc, due=due, vat=vat, currency=_currency(sheet, totals, ttc or ht))


def _derived(source: Found[Decimal]) -> Sure:
    return Sure.DOUBTFUL if source.sure is Sure.DOUBTFUL else Sure.DERIVED


def _whole(
    ht: Found[Decimal] | None,
    tva: Found[Decimal] | None,
    ttc: Found[Decimal] | None,
    due: Found[Decimal] | None,
    *,
    exempt: bool,
    paid: bool,
) -> Found[Decimal] | None:
    """The total with VAT: as printed; of a bare « Total » or « Net à payer », what the rest confirms."""
    firm = ht is not None and tva is not None and Sure.DOUBTFUL not in (ht.sure, tva.sure)
    summed = ht.value + tva.value if ht and tva and firm else None
    no_vat = exempt and (tva is None or tva.value == 0)
    bare = ttc is not None and ttc.sure is Sure.DOUBTFUL and not ttc.others
    if ttc and bare and (ttc.value == summed or (no_vat and (ht is None or ht.value == ttc.value))):
        return replace(ttc, sure=Sure.READ, why="")
    if ttc:
        return ttc
    if summed is not None and ht:
        return Found(summed, ht.text, ht.where, Sure.DERIVED, "HT + TVA")
    if no_vat and ht:
        return Found(ht.value, ht.text, ht.where, _derived(ht), "pas de TVA : TTC = HT")
    if no_vat and due and not paid:
        return Found(due.value, due.text, due.where, _derived(due), "rien n'est déduit du net à payer")
    return None


def _currency(sheet: Sheet, totals: Totals, total: Found[Decimal] | None) -> Found[str] | None:
    for cell in sheet.cells:
        if said := labels.CURRENCY.match(cell.plain):
            code = re.search(r"\b(eur|usd|gbp|chf|cad)\b", cell.plain[said.end() :])
            euro = code or re.match(r"euros?\b|€", cell.plain[said.end() :])
            if euro:
                return Found(code[1].upper() if code else "EUR", cell.text, cell.where)
    if not total:
        return None
    codes = {"€": "EUR", "$": "USD", "£": "GBP", "chf": "CHF", "usd": "USD"}
    if printed := settle(
        [Claim(codes[claim.value], claim.text, claim.where) for claim in totals.currencies if claim.value in codes]
    ):
        return printed
    for cell in sheet.cells:
        if re.search(r"€|\beuros?\b|\beur\b", cell.plain):
            return Found("EUR", cell.text, cell.where)
    return None
