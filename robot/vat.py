"""What an invoice says of VAT: charged, or not and for which reason.

What to choose on the portal is not decided here.
"""

from __future__ import annotations

import re
from decimal import Decimal

from robot.printed import plain
from robot.reading import Found, Sure, Where
from robot.sheet import Sheet

EXEMPT = ("EXONERATION_261_4_1", "FRANCHISE_293B", "EXONERATION_AUTRE", "SANS_TVA")

_REASONS = (
    ("EXONERATION_261_4_1", re.compile(r"\b261\D{0,4}4\D{0,4}1(?!\d)")),
    ("FRANCHISE_293B", re.compile(r"\b293 ?-? ?b(?![a-z])")),
    (
        "SANS_TVA",
        re.compile(
            r"hors (?:du )?(?:champ|scope)|non (?:soumise?|assujettie?)s? a la t\.?v\.?a|outside (?:the )?scope|"
            r"vatex-eu-o\b"
        ),
    ),
    (
        "EXONERATION_AUTRE",
        re.compile(
            r"(?<!si )\bexoner(?:ation|ee?)s? (?:de |of )?(?:la )?(?:t\.?v\.?a|vat)|vat exemption|exempt from vat|"
            r"\b262 ?ter|\b283[ -]?2\b|autoliquid|reverse charge|\bart(?:icle|\.)? ?(?:261|259|262|283|44)\b[^.]{0,30}cgi|"
            r"vatex-eu-(?!o\b)"
        ),
    ),
)
_NO_VAT = re.compile(
    r"t\.?v\.?a\.? (?:est )?non applicable|sans t\.?v\.?a\b|non assujettie?\b|franchise (?:en base )?de t"
)
# A sentence of the form that tells what to write, not what is so.
_ADVICE = re.compile(r"si (?:le prestataire|vous)|doit (?:comporter|porter|mentionner)|rayer la mention|le cas echeant")
_RATE = re.compile(r"(?:t\.?v\.?a|tax|vat)\b[^%\n]{0,40}?(?<!\d)(\d{1,2}(?:[.,]\d{1,2})?) ?%")


def reason_in(text: str) -> str:
    """The reason for charging no VAT that a text gives; empty where it gives none."""
    bare = plain(text)
    if "vatex-fr-franchise" in bare:
        return "FRANCHISE_293B"
    return next((name for name, pattern in _REASONS if pattern.search(bare)), "")


def vat_of(sheet: Sheet, tva: Found[Decimal] | None) -> Found[str] | None:
    """What is said of VAT; None where nothing is."""
    text, printed_text, places = _running(sheet)
    said: dict[str, tuple[re.Match[str], bool]] = {}
    for name, pattern in _REASONS:
        for match in pattern.finditer(text):
            advice = bool(_ADVICE.search(text[max(0, match.start() - 170) : match.start()]))
            if name not in said or (said[name][1] and not advice):
                said[name] = match, advice
    if len(said) > 1:
        # « exonération de TVA, article 261-4-1 » says one thing.
        for wide in ("EXONERATION_AUTRE", "SANS_TVA"):
            if len(said) > 1:
                said.pop(wide, None)

    def found(name: str, sure: Sure = Sure.READ, why: str = "") -> Found[str]:
        match, advice = said[name]
        if advice and sure is Sure.READ:
            sure, why = Sure.DOUBTFUL, "la phrase dit quoi écrire, pas ce qu'il en est"
        return Found(name, _phrase(printed_text, places, match), _where(places, match.start()), sure, why)

    firm = [name for name, (_, advice) in said.items() if not advice]
    names = firm or list(said)
    charged = tva.value > 0 if tva else _has_rate(text)
    if charged and (tva or not names):
        where = tva.where if tva else _where(places, _RATE.search(text).start())  # type: ignore[union-attr]
        others = tuple(found(name) for name in firm if name in ("EXONERATION_261_4_1", "FRANCHISE_293B"))
        why = "la facture porte de la TVA, et une mention qui dit qu'il n'y en a pas" if others else ""
        return Found("TVA", tva.text if tva else "TVA", where, Sure.DOUBTFUL if others else Sure.READ, why, others)
    if names:
        first, *rest = [found(name) for name in names]
        if rest:
            why = "la facture porte plusieurs mentions de TVA"
            return Found(first.value, first.text, first.where, Sure.DOUBTFUL, why, tuple(rest))
        return first
    if bare := _NO_VAT.search(text):
        why = "aucun article de loi n'est cité"
        return Found("SANS_TVA", _phrase(printed_text, places, bare), _where(places, bare.start()), Sure.DOUBTFUL, why)
    if tva is not None:
        return Found("INCONNU", tva.text, tva.where, Sure.READ)
    return None


def _has_rate(text: str) -> bool:
    return any(Decimal(match[1].replace(",", ".")) > 0 for match in _RATE.finditer(text))


def _running(sheet: Sheet) -> tuple[str, str, list[tuple[int, Where]]]:
    """All text as one, as a sentence may go on in the next row: plain, as printed; and where each row begins."""
    places: list[tuple[int, Where]] = []
    parts: list[str] = []
    length = 0
    for row in sheet.rows:
        places.append((length, row[0].where))
        parts.append(" ".join(cell.text for cell in row))
        length += len(parts[-1]) + 1
    printed = " ".join(parts)
    return plain(printed), printed, places


def _where(places: list[tuple[int, Where]], start: int) -> Where:
    return next(where for begin, where in reversed(places) if begin <= start)


def _phrase(text: str, places: list[tuple[int, Where]], match: re.Match[str]) -> str:
    """The mention as it is printed, from the beginning of its row."""
    row = max(begin for begin, _ in places if begin <= match.start())
    start = row if match.start() - row < 90 else text.rfind(" ", 0, match.start() - 40) + 1
    end = text.find(" ", match.end())
    return text[start : end if end > 0 else len(text)].strip()
