"""Who sends an invoice and who receives it: whose each printed SIRET and name is.

By the words beside them, the heading over them, and the block they stand in; never by which comes first. A SIREN,
nine digits, is never made a SIRET. Whether a SIRET is right is for `checks.py` to say.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto

from robot.claims import BARE, CLEAR, USUAL, Claim
from robot.labels import COLUMN
from robot.printed import amounts, plain, siret_digits, without_blanks
from robot.sheet import Cell, Sheet


class Side(Enum):
    SUPPLIER = auto()
    RECIPIENT = auto()
    # Somebody else: a factor, a tax representative, the place of delivery.
    OTHER = auto()


_SIRET = re.compile(r"(?<![a-z])(?:n ?° ?|numero )?(?:de )?(?:siret|s\.i\.r\.e\.t\.?)\b")
_NIC = re.compile(r"(?<![a-z])siren\b[ :°n]*((?:\d[ .]?){9})[ ,/\-]*nic[ :°n]*(\d[ ]?\d[ ]?\d[ ]?\d[ ]?\d)(?!\d)")

_HEADINGS = (
    (
        Side.OTHER,
        re.compile(
            r"representant fiscal|beneficiaire|affactur|factor\b|livraison|delivery|adresse de livraison|livre a|"
            r"sous-?traitant|hebergeur|mandataire|payee\b|ship to"
        ),
    ),
    (
        Side.RECIPIENT,
        re.compile(
            r"(?:le |(?:nom et adresse|nom|coordonnees|adresse|identite) du )?"
            r"(?:client|destinataire|acheteur|debiteur|payeur)\b(?! ?n°)|"
            r"factur(?:e|er|ee) a\b|adressee? a\b|a l'attention de\b|bill(?:ed)? to\b|customer\b|buyer\b|"
            r"(?:adresse|coordonnees) (?:de |du |d')?(?:facturation|client)|invoice to\b|to ?:|"
            r"etablissement (?:payeur|debiteur|beneficiaire)|vos (?:identifiants|coordonnees|references)|"
            r"doit\b ?:|"
            r"(?:nom et adresse de |nom de )?(?:l')?universite ?:"
        ),
    ),
    (
        Side.SUPPLIER,
        re.compile(
            r"(?:le |(?:nom et adresse|nom|coordonnees|identite) du )?(?:emetteur|prestataire|fournisseur|vendeur|creancier)\b|"
            r"l'emetteur|(?:mes|nos) (?:coordonnees|references|identifiants)|de ?:|from\b ?:|seller\b|supplier\b|expediteur\b|"
            r"(?:le |la )?(?:psychologue|praticien(?:ne)?|professionnel(?:le)?)(?: liberale?)? ?:|emise? par\b"
        ),
    ),
)
_BESIDE = (
    (
        Side.RECIPIENT,
        re.compile(
            r"client|destinataire|acheteur|universite|etablissement (?:payeur|debiteur|public)|debiteur|payeur|facture a|"
            r"customer|buyer"
        ),
    ),
    (
        Side.SUPPLIER,
        re.compile(
            r"prestataire|fournisseur|emetteur|vendeur|psychologue|praticien|\bcabinet|professionnel|\bmon\b|notre|"
            r"seller|supplier"
        ),
    ),
    (Side.OTHER, re.compile(r"representant|beneficiaire|factor|livraison|mandataire")),
)
# A university has these, too.
_TRADE = re.compile(r"\bape\b|\bnaf\b")
# What French law makes a business print about itself, mostly in one line at the head or the foot of the page.
_LEGAL = re.compile(
    r"\bcapital\b|\br\.?c\.?s\.?\b|\bsarl\b|\bsasu?\b|\beurl\b|\bselarl\b|\bsci\b|\brpps\b|\badeli\b|"
    r"dispense d'immatriculation|entrepr(?:eneur|ise) individuel|\bei\b|micro-?entre|auto-?entre"
)
_SENDER = re.compile(
    r"^(?:psychologues?\b|psychotherap|cabinet\b|dr\.? |docteur )|\brpps\b|\badeli\b|psychologue clinicien"
)
_RECEIVER = re.compile(
    r"^(?:l')?(?:universite|agence comptable|service (?:facturier|de sante|universitaire|financier|comptab)|crous\b|rectorat|"
    r"institut (?:national|d'etudes|polytechnique)|ecole (?:normale|nationale|centrale|superieure)|direction (?:des|de la)|"
    r"mairie\b|commune\b|communaute|departement de|region |ministere|centre hospitalier|chu\b)|"
    r"^(?!\d)(?!.*\b(?:rue|place|avenue|bd|boulevard|diplome)).* universite$"
)
_UNIVERSITY = re.compile(
    r"(?:l')?universite\b|.{2,40} universite$|sorbonne\b|institut national (?:poly|universitaire)|\binalco\b"
)


@dataclass
class Sides:
    supplier_siret: list[Claim[str]] = field(default_factory=list)
    recipient_siret: list[Claim[str]] = field(default_factory=list)
    supplier_name: list[Claim[str]] = field(default_factory=list)
    recipient_name: list[Claim[str]] = field(default_factory=list)


@dataclass(frozen=True)
class _Printed:
    """A SIRET as it is printed, and the words around it in its cell."""

    digits: str
    text: str
    cell: Cell
    before: str
    after: str


def sides_of(sheet: Sheet) -> Sides:
    """Every SIRET and name of the two parties, each with the place that says whose it is."""
    sides = Sides()
    homeless: list[_Printed] = []
    for printed in _sirets(sheet):
        side, strength = _side(sheet, printed)
        claim = Claim(printed.digits, printed.text, printed.cell.where, strength)
        if side is Side.SUPPLIER:
            sides.supplier_siret.append(claim)
        elif side is Side.RECIPIENT:
            sides.recipient_siret.append(claim)
        elif side is None:
            homeless.append(printed)
        _name_block(sheet, sides, printed.cell, side)
    known = {claim.value for claim in sides.supplier_siret + sides.recipient_siret}
    for printed in homeless:
        if printed.digits in known:
            continue
        # Law wants the sender's on the invoice: without a word about whose it is, it is most likely that one.
        target = sides.recipient_siret if sides.supplier_siret else sides.supplier_siret
        target.append(Claim(printed.digits, printed.text, printed.cell.where, BARE))
    _names(sheet, sides)
    return sides


def _sirets(sheet: Sheet) -> Iterator[_Printed]:
    for cell in sheet.cells:
        for match in _NIC.finditer(cell.plain):
            digits = re.sub(r"\D", "", match[1] + match[2])
            yield _Printed(digits, cell.text[match.start() : match.end()], cell, cell.plain[: match.start()], "")
        for match in _SIRET.finditer(cell.plain):
            if found := _digits(sheet, cell, match):
                yield found


def _digits(sheet: Sheet, cell: Cell, match: re.Match[str]) -> _Printed | None:
    """The digits after the word SIRET: in its cell, beside it, or below; the last group may be in the next row."""
    before, rest = cell.plain[: match.start()], cell.plain[match.end() :]
    # « SIRET (université) : », « SIRET du client : », « SIRET/SIREN : »
    words = re.match(r"[ /]*(?:\([^)]{0,40}\)|[a-z' /\-]{0,40}?)?(?: ?n ?°)?[ :=.]*(?=\d|$)", rest)
    if not words:
        return None
    after = words[0]
    if len(rest) > words.end():
        read = siret_digits(rest[words.end() :])
        if not read:
            return None
        digits, end = read
        text = cell.text[match.end() + words.end() :][:end]
        below = sheet.below(cell, reach=1)
        if len(digits) < 14 and not rest[words.end() + end :].strip() and below:
            tail = siret_digits(below.plain)
            if tail and len(digits + tail[0]) == 14 and tail[1] == len(below.plain):
                digits, text = digits + tail[0], f"{text} {below.text}"
        return _accepted(digits, text, cell, before, after)
    for other in (sheet.next_to(cell), sheet.below(cell, reach=2)):
        if other and (read := siret_digits(other.plain)):
            return _accepted(read[0], other.text[: read[1]], other, before, after)
    return None


def _accepted(digits: str, text: str, cell: Cell, before: str, after: str) -> _Printed | None:
    # Nine digits are a SIREN, whatever the label says.
    if not 11 <= len(digits) <= 17:
        return None
    return _Printed(digits, " ".join(text.split()).strip(" :"), cell, before, after)


def _side(sheet: Sheet, printed: _Printed) -> tuple[Side | None, int]:
    """Whose a printed SIRET is, and how clearly that is said; None where nothing says it."""
    # What stands before another number belongs to that one.
    before = re.split(r"\d", printed.before[-40:])[-1]
    for beside in (printed.after, before):
        for side, words in _BESIDE:
            if words.search(beside):
                return side, CLEAR
    legal = bool(_LEGAL.search(printed.cell.plain))
    height = sheet.heights.get(printed.cell.page, 0) or 1
    if legal and not 0.15 < printed.cell.top / height < 0.75:
        # The head or the foot of the paper.
        return Side.SUPPLIER, USUAL
    block = list(itertools.takewhile(_is_of_block, sheet.above(printed.cell, reach=1.6)))
    headed = [found for cell in block if (found := heading(cell))]
    if headed:
        return headed[0], CLEAR
    texts = [cell.plain for cell in block] + [below.plain for below in _after(sheet, printed.cell)]
    receiver = any(_RECEIVER.search(text) for text in texts)
    sender = legal or any(_SENDER.search(text) for text in texts)
    sender = sender or (not receiver and bool(_TRADE.search(printed.cell.plain)))
    if sender or receiver:
        return (None, BARE) if sender and receiver else (Side.SUPPLIER if sender else Side.RECIPIENT, USUAL)
    # A heading may stand a little higher than its block.
    higher = itertools.takewhile(_is_of_block, sheet.above(printed.cell, reach=2.6))
    headed = [found for cell in higher if (found := heading(cell))]
    return (headed[0], USUAL) if headed else (None, BARE)


def _is_of_block(cell: Cell) -> bool:
    """Whether a cell may be of a block with a name and an address: no amount, no account."""
    return not any(amount.is_money for amount in amounts(cell.plain)) and not re.match(
        r"iban|total|montant", cell.plain
    )


def heading(cell: Cell) -> Side | None:
    """Whose block a heading begins, where the cell is one."""
    if len(cell.plain) > 70:
        return None
    for side, words in _HEADINGS:
        if words.match(cell.plain):
            return side
    return None


def _after(sheet: Sheet, cell: Cell) -> Iterator[Cell]:
    """The rest of a block: two cells below at most."""
    for _ in range(2):
        below = sheet.below(cell, reach=0.8)
        if not below or heading(below):
            return
        yield below
        cell = below


# --- names ---------------------------------------------------------------------------------------------------------

_NOT_A_NAME = re.compile(
    r"(?:siret|siren|n ?°|tva|tel\b|adresse|code|facture|date|contact|\d|@|page|objet|total|reference|ref\b|attention|gln|"
    r"avoir|logo|invoice|iban|https?|www)"
)


def _name_block(sheet: Sheet, sides: Sides, cell: Cell, side: Side | None) -> None:
    """The first line of the block that a SIRET stands in, where it can be a name."""
    if side not in (Side.SUPPLIER, Side.RECIPIENT):
        return
    block = []
    for above in sheet.above(cell, reach=1.0):
        if heading(above):
            break
        block.append(above)
    names = [above for above in block if _is_name(above.text)]
    if side is Side.RECIPIENT and names:
        target, name = sides.recipient_name, next((one for one in names if _UNIVERSITY.match(one.plain)), names[-1])
        target.append(Claim(name.text, name.text, name.where, USUAL))
    elif names:
        name = names[-1]
        sides.supplier_name.append(Claim(name.text, name.text, name.where, BARE))


def _names(sheet: Sheet, sides: Sides) -> None:
    """Names under or beside a heading, and universities that stand alone in a line."""
    for cell in sheet.cells:
        side = heading(cell)
        if any(COLUMN.match(other.plain) for other in sheet.rows[cell.row]):
            # « Référence client » heads a column of the table.
            continue
        if side in (Side.SUPPLIER, Side.RECIPIENT) and (claim := _headed(sheet, cell)):
            (sides.supplier_name if side is Side.SUPPLIER else sides.recipient_name).append(claim)
    if not sides.recipient_name:
        seen = [
            cell
            for cell in sheet.cells
            if len(cell.text) <= 60 and _UNIVERSITY.match(cell.plain) and not re.search(r"[.:@]|\bdu\b.*\d", cell.plain)
        ]
        sides.recipient_name += [Claim(cell.text, cell.text, cell.where, BARE) for cell in seen]


def _headed(sheet: Sheet, cell: Cell) -> Claim[str] | None:
    words = next(words for _, words in _HEADINGS if words.match(cell.plain))
    match = words.match(cell.plain)
    rest = cell.text[match.end() :] if match else ""
    if ":" in rest or not rest.strip():
        name = without_blanks(rest.partition(":")[2]).strip(" ,") if ":" in rest else ""
        if name and _is_name(name):
            return Claim(name, name, cell.where, CLEAR)
        for other in (sheet.next_to(cell) if ":" in rest else None, sheet.below(cell)):
            if other and not heading(other) and _is_name(other.text) and without_blanks(other.text):
                return Claim(other.text, other.text, other.where, CLEAR if not name else USUAL)
    return None


def _is_name(text: str) -> bool:
    bare = plain(text)
    shaped = 2 < len(text) <= 80 and text[0].isalpha() and text[0].isupper() and text[-1] not in ".-:,"
    return shaped and not _NOT_A_NAME.match(bare) and not re.search(r"\d{5}|[:@]", bare)
