"""The totals that an invoice prints: HT, TVA, TTC, what was paid and what is left to pay.

A total is known by the words before it, never by its size or its place in a column of amounts. Whether the totals
add up is for `checks.py` to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from robot.claims import BARE, CLEAR, USUAL, Claim
from robot.printed import PrintedAmount, amounts, iban_in
from robot.sheet import Cell, Sheet

# « Total HT net »: after rebates.
_FINAL = CLEAR + 1

_TTC = re.compile(r"\bt ?\.? ?t ?\.? ?c\b|toutes taxes|incl(?:\.|uding|usive)|\btax included")
_HT = re.compile(r"\bh ?\.? ?t\b|hors[ -]tax|\bhors tva|\bexcl|net total|subtotal|w/o tax|without tax")
_TVA = re.compile(
    r"(?:le |dont |\+ ?)?(?:montant |total )?(?:total )?(?:de |des )?(?:la )?(?:t\.?v\.?a\b|tax(?:es)?\b|vat\b)"
)
_TOTAL = re.compile(r"\b(?:total|montant|somme|net|prix total|amount)\b")
_DUE = re.compile(
    r"\ba (?:payer|regler)\b|(?:reste|restant|net|montant|somme|solde|total)(?: ttc)? (?:restant )?du\b|"
    r"(?:amount|balance|total) due|due amount|\bresidual\b|\bsolde\b"
)
_PAID = re.compile(
    r"acompte|deja (?:paye|verse|regle|percu)|avance|versement|\bpaye\b|\brecu\b|\bpaid\b|prepa|deduire|arrhes"
)
_NO_TOTAL = re.compile(
    r"unitaire|\bp\.? ?u\b|unite|remise|rabais|escompte|penalit|indemnit|recouvrement|\bfrais\b|par seance|tarif|"
    r"capital|\btaux\b|\breport|reporter|quantite|\bqte|nombre|\bbase\b|\bpage\b|minimum|par jour|par heure|"
    r"franco|plafond|seuil|\bligne|commande|interet|reduction|\bcompte\b|\biban\b|\bjours?\b|\bcharge|\beco|dont premiere"
)
_WEAK = re.compile(r"sous-?[ -]?total|\bpartiel|intermediaire|\bcumul")
_NET = re.compile(r"net (?:total )?h|net hors|h\.?t\.? net|apres remise|net commercial")
_SUFFIX = re.compile(
    r"^ ?(?:euros? )?\(?(ttc|t\.t\.c\.?|ht|h\.t\.?|hors taxes?|net de taxes?|toutes taxes comprises)\b"
)
_COLUMN = re.compile(
    r"designation|description|libelle|prestation|quantit|\bqte\b|prix|\bp\.?u\b|unitaire|unite|"
    r"remise|\brem\.|\bcode\b|article|seances|\bdate\b|\bdetail|\bnombre|\btaxe?\b|periode"
)
_PLAIN_TOTAL = re.compile(
    r"(?:le )?(?:montant )?(?:total|net)(?: general| facture| de la (?:facture|note)| net)?|montant de la (?:facture|note)"
)
_NO_TVA = re.compile(r"intra|numero|n°|\bno\b|non applicable|exoner|article|art\.")
_LETTER = re.compile(r"[a-z]")
# Longer than any label of a total: a sentence.
_MOST = 70


@dataclass
class Totals:
    """Every total that some place of the page claims."""

    ht: list[Claim[Decimal]] = field(default_factory=list)
    tva: list[Claim[Decimal]] = field(default_factory=list)
    ttc: list[Claim[Decimal]] = field(default_factory=list)
    due: list[Claim[Decimal]] = field(default_factory=list)
    paid: list[Claim[Decimal]] = field(default_factory=list)
    # Signs printed with totals: `€`, `$`.
    currencies: list[Claim[str]] = field(default_factory=list)

    def add(self, label: str, amount: PrintedAmount, cell: Cell) -> None:
        """Files an amount under what its label, in plain text, says that it is; most amounts are no total."""
        around = cell.plain[: amount.start].rstrip()[-1:] + cell.plain[amount.end :].strip()
        if not amount.is_money and around.strip(":"):
            # « solde à 30 jours », « facture de solde n° 20 »
            return
        text = cell.text[amount.start : amount.end].strip()
        value, doubt = amount.value, "« 1.245 » se lit de deux façons" if amount.unclear else ""
        if amount.loose_sign and cell.plain[: amount.start].strip():
            value, doubt = -value, "le tiret devant le montant peut être un signe moins"
        for name, strength in meanings(label):
            getattr(self, name).append(Claim(value, text, cell.where, strength, doubt))
            if amount.currency and name != "paid":
                self.currencies.append(Claim(amount.currency, text, cell.where))


def meanings(label: str) -> list[tuple[str, int]]:
    """Which totals a label names, and how clearly; a plain text."""
    label = re.sub(r"\((?:eur|euros?|€|en euros?)\)|€|\beur\b|\ben euros?\b", " ", label)
    label = " ".join(label.split()).strip(" :=-|*.(")
    if not label or len(label) > _MOST or _NO_TOTAL.search(label):
        return []
    weak = bool(_WEAK.search(label))
    if _DUE.search(label):
        left = re.search(r"reste|solde|restant|\bdue?\b|apres|deduction|residual", label)
        whole = [] if left else [("ttc", USUAL if _TTC.search(label) else BARE)]
        return [("due", USUAL if label == "solde" else CLEAR), *whole]
    if _PAID.search(label):
        return [("paid", CLEAR)]
    named = bool(_TOTAL.search(label))
    if _TTC.search(label):
        bare = re.fullmatch(r"(?:t ?\.? ?t ?\.? ?c\.?|toutes taxes comprises|prix ttc)", label)
        return [("ttc", BARE if weak or bare else CLEAR)] if named or bare else []
    if _TVA.match(label) and not _NO_TVA.search(label):
        return [("tva", CLEAR if named else USUAL)]
    if _HT.search(label):
        bare = re.fullmatch(r"h ?\.? ?t\.?|hors[ -]taxes?|subtotal", label)
        final = _FINAL if _NET.search(label) else CLEAR
        return [("ht", BARE if weak or bare else final if "total" in label else USUAL)] if named or bare else []
    return [("ttc", BARE)] if _PLAIN_TOTAL.fullmatch(label) else []


def totals_of(sheet: Sheet) -> Totals:
    """Every total that the rows of a sheet claim."""
    totals = Totals()
    for row in sheet.rows:
        for label, amount, cell in _labelled_amounts(row):
            totals.add(label, amount, cell)
        for cell, amount, below in _under_labels(sheet, row):
            totals.add(cell.plain, amount, below)
    return totals


def _labelled_amounts(row: tuple[Cell, ...]) -> Iterator[tuple[str, PrintedAmount, Cell]]:
    """The amounts of a row, each with the words before it; of several after the same words, the last."""
    label = ""
    group: list[tuple[str, PrintedAmount, Cell]] = []
    for cell in row:
        end = 0
        account = iban_in(cell.plain)
        for amount in amounts(cell.plain):
            if account and account[1] < amount.end and amount.start < account[2]:
                continue
            words = cell.plain[end : amount.start]
            if _LETTER.search(words):
                yield from _last(group)
                label, group = words, []
            suffix = _SUFFIX.match(cell.plain[amount.end :])
            group.append((f"{label} {suffix[1]}" if suffix else label, amount, cell))
            end = amount.end + (suffix.end() if suffix else 0)
        rest = cell.plain[end:]
        if _LETTER.search(rest):
            yield from _last(group)
            label, group = rest, []
    yield from _last(group)


def _last(group: list[tuple[str, PrintedAmount, Cell]]) -> list[tuple[str, PrintedAmount, Cell]]:
    """A number of sessions, a base or a rate may stand between a label and its amount."""
    return ([one for one in group if one[1].is_money] or group)[-1:]


def _under_labels(sheet: Sheet, row: tuple[Cell, ...]) -> Iterator[tuple[Cell, PrintedAmount, Cell]]:
    """Amounts that stand alone under a label: a block of totals, not a column of a table."""
    around = [cell for near in sheet.rows[max(0, row[0].row - 1) : row[0].row + 2] for cell in near]
    is_header = any(len(cell.plain) < 40 and _COLUMN.search(cell.plain) for cell in around)
    if is_header or any(amounts(cell.plain) for cell in row):
        return
    # « Base HT, TVA 20 %, Total TTC »: with one row below, these are the totals.
    has_total = len(row) > 1 and any(("ttc", CLEAR) in meanings(cell.plain) for cell in row)
    for cell in row:
        if not any(strength >= (USUAL if has_total else CLEAR) for _, strength in meanings(cell.plain)):
            continue
        below = sheet.below(cell)
        if below and (amount := _alone(below)):
            after = sheet.below(below, reach=1)
            if not (after and _alone(after)) or meanings(sheet.rows[after.row][0].plain):
                yield cell, amount, below


def _alone(cell: Cell) -> PrintedAmount | None:
    """The amount that is all there is in a cell."""
    found = amounts(cell.plain)
    whole = len(found) == 1 and found[0].is_money and found[0].start == 0
    return found[0] if whole and not cell.plain[found[0].end :].strip(" .") else None
