"""The words that French invoices print beside a value, and how a value is found from them.

All patterns are for plain text (`printed.plain`): no case, no accents, one kind of apostrophe, dash and space.
Knows where a value stands; what to make of all values is `reader.py`'s.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TypeVar

from robot.claims import CLEAR, USUAL, Claim
from robot.printed import plain, reference_in, without_blanks
from robot.sheet import Cell, Sheet

T = TypeVar("T")

# A value read at the beginning of a text, and how much of the text it is.
Parse = Callable[[str], tuple[T, str] | None]
Labels = tuple[tuple[int, re.Pattern[str]], ...]

NO = r"(?:numero|number|num\.?(?![a-z])|n ?°|no\.?(?![a-z])|n\.|nr\.?(?![a-z])|#)"
_PAPER = r"(?:facture|avoir|note d'honoraires?|note de credit|invoice|credit note)"

NUMBER: Labels = (
    (
        CLEAR,
        re.compile(
            rf"(?:{NO}|\bref(?:erence|\.)?) ?(?:de )?(?:la |l'|cette |votre |notre |d')?{_PAPER}\b"
            r"(?! ?(?:associee|d'origine|initiale|precedente|rectifiee|annulee|remplacee|liee))"
        ),
    ),
    (
        CLEAR,
        re.compile(
            rf"\b{_PAPER}(?: (?:d'acompte|de solde|d'avoir|d'honoraires|de prestations?|definitive|finale|acquittee))?"
            rf" ?[:\-]? ?(?:{NO}|number|id\b)"
        ),
    ),
    (USUAL, re.compile(rf"{NO} ?(?:de )?(?:la )?(?:piece|document)\b")),
    (USUAL, re.compile(rf"^{_PAPER}(?: d'acompte| de solde)? ?[:\-]?(?= ?[a-z]{{0,5}}[ \-/.]?\d)")),
)
# Another invoice is meant: what was paid before, what this one corrects, what a payer shall write.
OTHER_PAPER = re.compile(
    r"acompte|origin|associe|initial|rectifi|annul|rempla|rembours|relati|concern|rappel|indiqu|mention|reglement|"
    r"paiement|virement|preced|libelle|suite a|\bsur\b|deduit|deduction|avis de"
)
ANY_NUMBER = re.compile(rf"^{NO} ?:?(?= ?[a-z]{{0,5}}[ \-/.]?\d|$)")

DATE: Labels = (
    (
        CLEAR,
        re.compile(
            r"\bdate ?(?:d'|de |de l'|de la |: ?)?(?:emission|etablissement|facturation|facture|creation|avoir)"
            r"(?: de (?:la |l'|votre )?(?:facture|note|piece))?\b"
        ),
    ),
    (CLEAR, re.compile(r"\b(?:facture|note|avoir) (?:emise?|etablie?|datee?|faite?) ?(?:le|du|en date du)?\b")),
    (CLEAR, re.compile(r"\b(?:invoice date|date of (?:the )?(?:issue|invoice)|issue date|issued on|document date)\b")),
    (CLEAR, re.compile(r"\b(?:emise?|etablie?|facturee?) (?:a [a-z' \-]{2,40},? )?le\b")),
    (USUAL, re.compile(r"^date(?: du document| de la piece)?(?= ?[:\-]?(?: ?le)? ?(?:\d|[a-z]+,? \d|$))")),
    (USUAL, re.compile(rf"^(?:{_PAPER} )(?:du|en date du)\b")),
    (USUAL, re.compile(r"^(?:fait a )?[a-z][a-z' \-]{1,40}, ?(?:le )(?=(?:[a-z]+ )?\d)")),
    (USUAL, re.compile(r"^le (?=(?:[a-z]+ )?\d)")),
)
# Beside « Date », they head the columns of a table.
COLUMN = re.compile(
    r"designation|description|libelle|prestation|quantit|qte|prix|p\.?u\b|montant|total|etudiant|patient|seances?|nombre|"
    r"heure|duree|tarif|objet|acte|nature|reglement|paiement|reference\b(?!.*:)|ligne"
)
# Words that make a day something else than the day of the invoice.
OTHER_DATE = re.compile(
    r"echeance|livraison|prestation|paiement|reglement|commande|associe|origin|debut|\bfin\b|naissance|limite|seance|"
    r"imprim|valeur|signature|convention|periode|exigib|avant|au plus tard|payable|payer|regler|effectu|realis"
)

ENGAGEMENT: Labels = (
    (
        CLEAR,
        re.compile(
            rf"(?:{NO} ?(?:de |d'|du )?|\bref(?:erences?|\.)? ?(?:de |d'|du )?(?:la |votre )?)?(?:l')?"
            r"\b(?:bon de commande|bdc|engagement juridique|engagement|commande)"
            r"(?: (?:juridique|publique?|client|interne|chorus(?: pro)?|de l'universite|universite))*"
            r"(?: ?\((?:ej|bc|bdc)\))?(?: ?[/,] ?(?:bon de commande|engagement(?: juridique)?|ej|commande|bc))?"
            rf"(?: ?{NO})?(?= ?[:=#]| *$| ?[a-z]{{0,5}}[ \-/.]?\d| *[_.]{{3}})"
        ),
    ),
    (CLEAR, re.compile(rf"(?:{NO} ?(?:d'|de )?)?(?<![a-z])(?:ej|bc|bdc|po)(?: ?{NO}| ?:| ?number)")),
    (CLEAR, re.compile(rf"{NO} ?(?:d'|de )?(?:ej|bc|bdc)\b")),
    (CLEAR, re.compile(r"\b(?:purchase order|order)(?: number| no\.?| ref(?:erence|\.)?| ?n°)?(?= ?:| *$| ?[a-z]*\d)")),
    (
        USUAL,
        re.compile(
            r"\b(?:votre|vos|v ?/|your) ?(?:(?:n° de |numero de )?(?:references?|ref\.?|commande|bon de commande|order))"
            r"(?: (?:commande|client))?"
        ),
    ),
)
OTHER_ORDER = re.compile(r"date (?:de |du |de la )?$|ligne |livraison|reception|vente|conditions? (?:de |d')$|\bnos? $")

SERVICE: Labels = (
    (
        CLEAR,
        re.compile(
            r"\b(?:reference acheteur ?/ ?)?(?:code (?:du |de )?)?(?:service executant|(?<=code )service|"
            r"(?<=code du )service|(?<=code de )service)(?: (?:executant|chorus(?: pro)?|destinataire|acheteur))*"
        ),
    ),
    (CLEAR, re.compile(r"\bservice code\b")),
)
MARKET: Labels = (
    (
        CLEAR,
        re.compile(
            rf"(?:{NO} ?(?:de |du )?|\bref(?:erence|\.)? ?(?:de |du )?)(?:marche|contrat|accord-cadre)(?: public)?"
        ),
    ),
    (CLEAR, re.compile(rf"\b(?:marche(?: public)?|contrat|accord-cadre) ?{NO}")),
    (CLEAR, re.compile(r"\b(?:agreement ref\.?|agreement number|contract (?:number|no\.?|ref\.?|reference))")),
)
CURRENCY = re.compile(r"\b(?:devise|currency|monnaie)\b[ :]*")

# Begins another piece of information: such a cell is no value of the label before it.
_ANOTHER = re.compile(
    r"(?:[a-z'° ./()\-]{2,60}:)|(?:siret|siren|tva|iban|bic|ape|naf|rcs|adeli|rpps|date|echeance|montant|total|client|"
    r"page|objet|designation|description|adresse|tel\b|telephone|mail|e-mail|email)\b"
)
_LEAD = " \t:=-–—|•·>"


def labelled(
    sheet: Sheet,
    labels: Labels,
    parse: Parse[T],
    *,
    but: re.Pattern[str] | None = None,
    in_row: bool = False,
    column: re.Pattern[str] | None = None,
) -> Iterator[Claim[T]]:
    """Values beside or below one of the labels.

    `but` may not stand before the label in its cell, nor (`in_row`) in the cell before; a label in one row with a cell
    that `column` matches heads a column of a table: what stands below is of the table.
    """
    for cell in sheet.cells:
        taken: list[tuple[int, int]] = []
        for strength, pattern in labels:
            for match in pattern.finditer(cell.plain):
                if any(start < match.end() and match.start() < end for start, end in taken):
                    continue
                if but and but.search(_before(sheet, cell, match.start(), in_row=in_row)):
                    continue
                taken.append(match.span())
                heads = (
                    column is not None
                    and strength < CLEAR
                    and any(column.match(one.plain) for one in sheet.rows[cell.row])
                )
                if claim := _value(sheet, cell, match, strength, parse, heads=heads):
                    yield claim


def _before(sheet: Sheet, cell: Cell, start: int, *, in_row: bool) -> str:
    """The words before a place of a cell, as far as they may say more about what stands there."""
    before = cell.plain[:start]
    return f"{sheet.rows[cell.row][cell.index - 1].plain[-40:]} | {before}" if in_row and cell.index else before


def _value(
    sheet: Sheet, cell: Cell, match: re.Match[str], strength: int, parse: Parse[T], *, heads: bool
) -> Claim[T] | None:
    rest = cell.text[match.end() :]
    if parsed := parse(rest.lstrip(_LEAD)):
        return Claim(parsed[0], parsed[1], cell.where, strength)
    starts = not cell.plain[: match.start()].strip(" -*(•·|\"'")
    # A line to write on that nobody wrote on: what stands around it belongs to something else.
    if not starts or rest.strip(_LEAD + "().") or "___" in rest or "...." in rest:
        return None
    for other in (sheet.next_to(cell), None if heads else sheet.below(cell)):
        if other and not _ANOTHER.match(other.plain) and (parsed := parse(other.text.lstrip(_LEAD))):
            return Claim(parsed[0], parsed[1], other.where, strength)
    return None


def reference(text: str) -> tuple[str, str] | None:
    """A number or reference at the beginning of a text."""
    text = without_blanks(text.lstrip(_LEAD + "°#"))
    lead = re.match(rf"{NO} ?:? ?", plain(text))
    if lead and (read := reference_in(text[lead.end() :])):
        return read[0], read[0]
    read = reference_in(text)
    return (read[0], read[0]) if read else None


def order(text: str) -> tuple[str, str] | None:
    """An order number; digits in groups are one number."""
    read = reference(text)
    return (digits_joined(read[0]), read[1]) if read else None


def digits_joined(text: str) -> str:
    """`4500 871 236` as the number that it is; anything else as it is."""
    bare = text.replace(" ", "")
    return bare if bare.isdigit() else text


def code(text: str) -> tuple[str, str] | None:
    """A code of one word at the beginning of a text, in capitals or with digits."""
    text = without_blanks(text)
    match = re.match(r"[A-Za-z0-9][\w\-]*", text)
    if not match or not (match[0].isupper() or any(sign.isdigit() for sign in match[0])):
        return None
    return match[0], match[0]
