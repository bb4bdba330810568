"""What is checked on an invoice before any browser opens: one small rule each; their words are in `sentences.py`.

A rule is given a `Case` and yields findings; `RULES` lists them all. Rules of the form itself (lengths, keys, sums) are
in `invoice.py`, those of the file in `pdffile.py`. Knows nothing of terminals and portals.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from robot.addressbook import Candidate
from robot.amounts import euros
from robot.answers import Answer
from robot.draft import READ, Draft, given_value
from robot.fields import plain
from robot.history import Earlier, iban_ends
from robot.invoice import NONE, Invoice
from robot.parties import siret_of
from robot.plain import brief
from robot.reading import Reading, Sure
from robot.recipients import Entry as Recipient
from robot.sentences import finding
from robot.universities import by_siret
from robot.uploads import Finding, Level

# fmt: off
_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)
# fmt: on
_ASKED = {
    "number": "Le numéro de la facture",
    "date": "La date de la facture",
    "supplier.siret": "Votre SIRET",
    "recipient.siret": "Le SIRET de l'université",
    "recipient.service": "Le code service",
    "engagement": "Le numéro de bon de commande",
    "market": "Le numéro de marché",
    "amounts.ht": "Le total hors taxe",
    "amounts.tva": "Le montant de la TVA",
    "amounts.ttc": "Le total TTC",
    "amounts.due": "Le montant à payer",
}
# Fields that a person types from a scan; what else the form needs follows, or is asked by a rule of its own.
_TYPED = ("number", "date", "amounts.ht", "amounts.tva", "amounts.ttc", "supplier.siret")

# Words of the portal for an invoice that waits for its supplier (portal of 2024).
_WAITING = ("rejet", "suspendu", "a recycler")


@dataclass(frozen=True)
class Case:
    """One invoice, and all that it is judged with."""

    draft: Draft
    reading: Reading
    # Words were found on the pages.
    has_text: bool
    # None while it breaks a rule of the form.
    invoice: Invoice | None
    answers: Mapping[str, Answer]
    # What the address book knows of the recipient, and who it may be where that is not known.
    recipient: Recipient | None
    candidates: tuple[Candidate, ...]
    # The supplier's invoices, oldest first.
    earlier: tuple[Earlier, ...]
    # SIRET of the configuration.
    supplier: str | None
    today: dt.date

    @property
    def date(self) -> dt.date | None:
        found = self.reading.date
        return self.invoice.date if self.invoice else found.value if found else None

    @property
    def ttc(self) -> Decimal | None:
        found = self.reading.ttc
        return self.invoice.amounts.ttc if self.invoice else found.value if found else None

    @property
    def who(self) -> str:
        """The recipient in words."""
        name = self.reading.recipient_name
        return self.recipient.name if self.recipient else name.value if name else "L'université"


# --- the paper ------------------------------------------------------------------------------------------------


def no_student(case: Case) -> Iterator[Finding]:
    for where in case.reading.students[:1]:
        yield finding("NOM_ETUDIANT", place=where)


def page_and_xml_agree(case: Case) -> Iterator[Finding]:
    for found in (case.reading.ttc, case.reading.ht, case.reading.tva):
        for other in found.others if found else ():
            if found and other.where.element and not found.where.element and other.value != found.value:
                yield finding(
                    "PDF_XML_DIVERGENTS", place=found.where, printed=euros(found.value), hidden=euros(other.value)
                )
                return


def nothing_doubtful(case: Case) -> Iterator[Finding]:
    for path, name in READ.items():
        found = getattr(case.reading, name)
        if path not in _ASKED or found is None or found.sure is not Sure.DOUBTFUL or case.draft[path] is not None:
            continue
        values = dict.fromkeys(str(one.value) for one in (found, *found.others))
        yield finding(
            "VALEUR_DOUTEUSE", place=found.where, what=_ASKED[path], value=found.text, why=found.why,
            field=path, options=[(value, value) for value in values],
        )  # fmt: skip


def given_is_printed(case: Case) -> Iterator[Finding]:
    """What its owner wrote besides the paper, and what the university will compare."""
    if (invoice := case.invoice) is None:
        return
    amounts = invoice.amounts
    given = {
        "number": invoice.number, "date": invoice.date,
        "amounts.ht": amounts.ht, "amounts.tva": amounts.tva, "amounts.ttc": amounts.ttc,
    }  # fmt: skip
    other = []
    for path, value in given.items():
        found = getattr(case.reading, READ[path])
        if found and found.sure is Sure.READ and given_value(case.draft.given, path) is not None and found.value != value:
            other.append((found, f"{_ASKED[path].lower()} « {value} », la facture porte « {found.text} »"))
    if other:
        yield finding("VALEUR_AUTRE", place=other[0][0].where, what=" ; ".join(words for _, words in other))


def scan_is_typed(case: Case) -> Iterator[Finding]:
    if case.has_text:
        return
    for path in _TYPED:
        if case.draft[path] is None:
            yield finding("VALEUR_ILLISIBLE", what=_ASKED[path], field=path)


def table_adds_up(case: Case) -> Iterator[Finding]:
    sessions, total = case.reading.sessions, case.reading.ttc
    if not sessions or total is None:
        return
    count = sum(one.count for one in sessions)
    amounts = [one.amount for one in sessions if one.amount is not None]
    printed = case.reading.sessions_total
    # Where VAT is charged, the rows may be without it.
    totals = {one.value for one in (total, case.reading.ht) if one}
    is_wrong = len(amounts) == len(sessions) and sum(amounts) not in totals
    if is_wrong or (printed and printed.value != count):
        shown = euros(total.value) + (f" pour {printed.value} séances" if printed and printed.value != count else "")
        yield finding(
            "TOTAL_INCOHERENT", place=total.where, count=count, sum=euros(sum(amounts, Decimal(0))), total=shown
        )
        return
    rule = ""
    for one in sessions:
        low, high, rule = _tariff(one.date)
        if one.count and one.amount is not None and not low <= one.amount / one.count <= high:
            unit = euros(total.value / count)
            yield finding("TARIF_INATTENDU", place=one.where, total=euros(total.value), count=count, unit=unit, rule=rule)
            return


def _tariff(day: dt.date) -> tuple[Decimal, Decimal, str]:
    """What a session of that day is paid: at least, at most, in words."""
    if day >= dt.date(2024, 7, 1):
        return Decimal(50), Decimal(50), "Le tarif est de 50 € depuis le 1er juillet 2024."
    if day >= dt.date(2024, 1, 1):
        return Decimal(30), Decimal(40), "Le tarif était de 40 € la première séance, 30 € les suivantes."
    return Decimal(30), Decimal(30), "Le tarif était de 30 €."


def one_month(case: Case) -> Iterator[Finding]:
    months = sorted({one.date.replace(day=1) for one in case.reading.sessions})
    if len(months) > 1:
        place = case.reading.sessions[-1].where
        yield finding("MOIS_MELANGES", place=place, months=" et de ".join(map(_month, months)))


def _month(day: dt.date) -> str:
    return f"{_MONTHS[day.month - 1]} {day.year}"


def date_makes_sense(case: Case) -> Iterator[Finding]:
    if (date := case.date) is None:
        return
    last = max((one.date for one in case.reading.sessions), default=None)
    if last and date < last:
        place = case.reading.date.where if case.reading.date else ""
        yield finding("DATE_AVANT_SEANCES", place=place, day=f"{date:%d/%m/%Y}", session=f"{last:%d/%m/%Y}")
    months = (case.today.year - date.year) * 12 + case.today.month - date.month - (case.today.day < date.day)
    if months > 3:
        yield finding("DATE_ANCIENNE", months=months)


# --- who to whom ------------------------------------------------------------------------------------------------


def supplier_is_oneself(case: Case) -> Iterator[Finding]:
    printed = case.reading.supplier_siret
    if printed is None:
        if case.has_text:
            yield finding("SIRET_FOURNISSEUR_ABSENT", field="supplier.siret")
        return
    try:
        siret = siret_of(printed.value)
    except ValueError as error:
        yield finding("SIRET_FOURNISSEUR_INVALIDE", place=printed.where, siret=printed.text, why=error)
        return
    # Somebody who deposits for several says for whom.
    own = str(given_value(case.draft.given, "supplier.siret") or case.supplier or siret).replace(" ", "")
    if siret != own and printed.sure is not Sure.DOUBTFUL:
        yield finding("SIRET_FOURNISSEUR_AUTRE", place=printed.where, printed=siret, own=own)


def recipient_is_known(case: Case) -> Iterator[Finding]:
    printed, name = case.reading.recipient_siret, case.reading.recipient_name
    if printed and printed.sure is not Sure.DOUBTFUL:
        try:
            siret_of(printed.value)
        except ValueError as error:
            yield finding("SIRET_DESTINATAIRE_INVALIDE", place=printed.where, siret=printed.text, why=error)
            return
    if case.draft["recipient.siret"] is None:
        if printed is None:
            yield finding(
                "SIRET_DESTINATAIRE_ABSENT", place=name.where if name else "", name=f" ({name.value})" if name else "",
                field="recipient.siret", options=[(one.siret, one.words) for one in case.candidates],
            )  # fmt: skip
    elif printed is None and case.draft.origin("recipient.siret").startswith("carnet") and case.recipient:
        message = (
            f"La facture n'indique pas le SIRET de l'université : nous utiliserons {case.recipient.name}, "
            f"{case.recipient.siret} ({case.draft.origin('recipient.siret')})."
        )
        yield Finding("SIRET_DESTINATAIRE_ABSENT", Level.TELLS, message, str(name.where) if name else "")


def recipient_is_the_printed_one(case: Case) -> Iterator[Finding]:
    printed, name = case.reading.recipient_siret, case.reading.recipient_name
    siret = str(case.draft["recipient.siret"] or "")
    if not siret:
        return
    if printed and printed.sure is not Sure.DOUBTFUL and printed.value != siret:
        place, shown = printed.where, printed.value
    elif printed is None and name and case.recipient and not case.recipient.is_named(name.value):
        place, shown = name.where, name.value
    else:
        return
    if "recipient.siret" not in case.answers:
        yield finding("DESTINATAIRE_AUTRE", place=place, printed=shown, known=f"{case.who} ({siret})")


def engagement_is_right(case: Case) -> Iterator[Finding]:
    printed, used, entry = case.reading.engagement, case.draft["engagement"], case.recipient
    known = entry.engagement if entry else None
    if used is None and (printed is None or printed.sure is not Sure.DOUBTFUL):
        yield from _without_engagement(case, known)
        return
    if "engagement" in case.answers or printed is None:
        return
    if used is not None and str(used) != printed.value:
        yield _other_engagement(case, printed, str(used), "votre demande dit")
    elif known and known not in (printed.value, NONE):
        yield _other_engagement(case, printed, known, "votre carnet")
    elif entry and known and case.date and entry.since and entry.since.year != case.date.year:
        yield finding("ENGAGEMENT_ANCIEN", place=printed.where, day=f"{entry.since:%d/%m/%Y}")


def _other_engagement(case: Case, printed: Any, known: str, where: str) -> Finding:
    options = [(printed.value, f"{printed.value}, imprimé sur la facture"), (known, f"{known}, {where}")]
    return finding(
        "ENGAGEMENT_AUTRE", place=printed.where, printed=printed.value, where=where, known=known,
        field="engagement", options=options,
    )  # fmt: skip


def _without_engagement(case: Case, known: str | None) -> Iterator[Finding]:
    entry = case.recipient
    words: dict[str, Any] = {"who": case.who}
    words["contact"] = f" à {entry.contact}" if entry and entry.contact else ""
    if entry and entry.demands("engagement") is True:
        yield finding("ENGAGEMENT_EXIGE", day=entry.seen_required("engagement"), **words)
    elif case.answers.get("engagement", None) is None:
        options = [(known, f"{known}, comme la dernière fois")] if known and known != NONE else []
        level = Level.TELLS if known == NONE else None
        options.append((NONE, "mon université n'en donne pas"))
        yield finding("ENGAGEMENT_ABSENT", level=level, field="engagement", options=options, **words)


def service_is_given(case: Case) -> Iterator[Finding]:
    entry = case.recipient
    if case.draft["recipient.service"] is not None:
        return
    if entry and entry.demands("service") is True:
        why = f" (vu sur le portail le {entry.seen_required('service')})"
        yield finding("CODE_SERVICE_ABSENT", level=Level.BLOCKS, who=entry.name, why=why)
        return
    university = by_siret(str(case.draft["recipient.siret"]))
    published = university.published if university else None
    if published and published.service and "recipient.service" not in case.answers and university:
        options = [*((code, code) for code in published.services), (NONE, "mon université n'en donne pas")]
        yield finding(
            "CODE_SERVICE_ABSENT", who=university.label, why=f" ({published.source})",
            field="recipient.service", options=options,
        )  # fmt: skip


# --- amounts ------------------------------------------------------------------------------------------------------


def vat_is_explained(case: Case) -> Iterator[Finding]:
    regime = case.reading.vat.value if case.reading.vat else ""
    place = case.reading.vat.where if case.reading.vat else ""
    tva, is_said = case.reading.tva, case.draft["vat.type"] is not None
    if tva and tva.value and not is_said:
        options = [
            ("TVA_SUR_ENCAISSEMENT", "quand vous êtes payé (prestations de service, cas habituel)"),
            ("TVA_SUR_DEBIT", "dès la facture (option pour les débits)"),
        ]
        yield finding("TVA_NON_NULLE", place=tva.where, tva=euros(tva.value), field="vat.type", options=options)
    elif regime == "FRANCHISE_293B" and "vat.type" not in case.answers:
        options = [
            ("EXONERATION", "exonération : ce sont des soins de psychologue"),
            ("SANS_TVA", "sans TVA : franchise en base, art. 293 B"),
        ]
        level = Level.TELLS if is_said else None
        yield finding("TVA_MENTION_293B", level=level, place=place, field="vat.type", options=options)
    elif case.has_text and regime in ("", "INCONNU") and tva is not None and not tva.value:
        yield finding("TVA_SANS_MOTIF", place=tva.where)


def vat_is_the_printed_one(case: Case) -> Iterator[Finding]:
    """The type that its owner gives, against what the paper says."""
    printed, given = case.reading.vat, str(given_value(case.draft.given, "vat.type") or "")
    if printed is None or printed.sure is Sure.DOUBTFUL or not given:
        return
    is_taxed = given.startswith("TVA_")
    if (printed.value == "TVA" and not is_taxed) or (printed.value.startswith(("EXO", "FRAN", "SANS")) and is_taxed):
        yield finding("TVA_MENTION_AUTRE", place=printed.where, type=given, printed=brief(printed.text, 80))


# --- what came before ---------------------------------------------------------------------------------------------


def number_is_new(case: Case) -> Iterator[Finding]:
    number = str(case.draft["number"] or "")
    for before in case.earlier:
        if before.number != number or not before.is_sent:
            continue
        content = before.deposit.content
        values: dict[str, Any] = {"number": before.number, "day": before.day}
        if _is_rejected(before):
            yield finding("NUMERO_APRES_REJET", **values)
        elif (content.date, content.ttc) != (case.date, case.ttc):
            yield finding("NUMERO_AUTRE_CONTENU", **values)
        else:
            yield finding("NUMERO_DEJA_DEPOSE", **values, amount=euros(content.ttc), recipient=content.recipient)


def content_is_new(case: Case) -> Iterator[Finding]:
    if (invoice := case.invoice) is None:
        return
    month = month_of(case.reading, invoice)
    for before in case.earlier:
        content = before.deposit.content
        is_same = (content.ttc, content.recipient) == (invoice.amounts.ttc, invoice.recipient.siret)
        its_month = before.paper.month or content.date.replace(day=1)
        if before.is_sent and before.number != invoice.number and is_same and its_month == month and not _is_rejected(before):
            yield finding("DOUBLON_CONTENU", amount=euros(content.ttc), month=_month(month), number=before.number)


def month_of(reading: Reading, invoice: Invoice) -> dt.date:
    """First day of the month that is billed: as printed, of the sessions, else of the invoice."""
    if reading.month:
        return reading.month.value
    return max((one.date for one in reading.sessions), default=invoice.date).replace(day=1)


def order_is_kept(case: Case) -> Iterator[Finding]:
    sent = [before for before in case.earlier if before.is_sent]
    last = max(sent, key=lambda before: before.deposit.content.date, default=None)
    if case.invoice and last and case.invoice.date < last.deposit.content.date and last.number != case.invoice.number:
        day, before = f"{case.invoice.date:%d/%m/%Y}", f"{last.deposit.content.date:%d/%m/%Y}"
        yield finding("DATE_AVANT_DERNIER_DEPOT", number=last.number, day=day, last=before)


def iban_is_the_same(case: Case) -> Iterator[Finding]:
    printed = case.reading.iban
    last = next((before.paper.iban for before in reversed(case.earlier) if before.paper.iban), "")
    if printed and last and iban_ends(printed.value) != last:
        yield finding("IBAN_CHANGE", place=printed.where, end=last[-4:])


def no_work_waits(case: Case) -> Iterator[Finding]:
    waiting = [before.number for before in case.earlier if any(word in plain(before.seen) for word in _WAITING)]
    if waiting:
        yield finding("TRAVAIL_EN_ATTENTE", count=len(waiting), numbers=", ".join(waiting))


def _is_rejected(before: Earlier) -> bool:
    return "rejet" in plain(before.seen)


RULES = (
    no_student,
    page_and_xml_agree,
    nothing_doubtful,
    given_is_printed,
    scan_is_typed,
    supplier_is_oneself,
    recipient_is_known,
    recipient_is_the_printed_one,
    engagement_is_right,
    service_is_given,
    date_makes_sense,
    one_month,
    table_adds_up,
    vat_is_explained,
    vat_is_the_printed_one,
    number_is_new,
    content_is_new,
    order_is_kept,
    iban_is_the_same,
    no_work_waits,
)
