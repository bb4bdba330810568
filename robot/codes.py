"""The code in a mail: digits beside a word that calls them a code; never those of a date, a telephone number, an amount.

Knows no mail server and no portal.
"""

from __future__ import annotations

import re
from itertools import islice

from pydantic import SecretStr

from robot.failures import DecisionNeeded
from robot.fields import plain
from robot.letters import Letter
from robot.redaction import secret

# A mail that brings a code is short; what is beyond is not read.
_MAX_TEXT = 100_000
_MAX_NUMBERS = 300
# How far before a number the word that explains it may be.
_NEAR = 160

_S = "[ \\t]"
_MONTHS = (
    r"(?:janv(?:ier)?|fevr(?:ier)?|mars|avr(?:il)?|mai|juin|juil(?:let)?|aout|sept(?:embre)?|oct(?:obre)?|nov(?:embre)?|"
    r"dec(?:embre)?|jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:tember)?|october|"
    r"november|december)\.?"
)
# Digits that are no code, whatever stands beside them.
_OTHER_DIGITS = re.compile(
    "|".join(
        [
            r"https?://\S+",
            r"\S{1,64}@\S{1,255}",
            rf"\d{{1,4}}{_S}?[/.-]{_S}?\d{{1,2}}{_S}?[/.-]{_S}?\d{{2,4}}",  # dates
            rf"\d{{1,2}}(?:er|st|nd|rd|th)?{_S}+{_MONTHS}{_S}+\d{{4}}",
            rf"{_MONTHS}{_S}+\d{{1,2}},?{_S}+\d{{4}}",
            rf"\d{{1,2}}{_S}?[h:]{_S}?\d{{2}}(?::\d{{2}})?",  # times
            rf"(?:\+|\b00)\d{{1,3}}(?:[.()-]|{_S}|\d){{6,20}}\d",  # telephone numbers
            rf"\b0\d(?:(?:[.-]|{_S})?\d{{2}}){{4}}\b",
            r"\d{9,}",  # SIREN, SIRET, IBAN
            rf"\d{{3}}(?:{_S}\d{{3}}){{2,4}}(?:{_S}\d{{5}})?",
            rf"\d{{1,3}}(?:{_S}\d{{3}}){{0,4}}[.,]\d{{1,2}}\b",  # amounts
            rf"\b\d{{1,4}}{_S}?(?:[€%]|(?:euros?|eur|min(?:ute)?s?|mn|heures?|hours?|jours?|days?|sec(?:onde?)?s?)\b)",
            r"(?:€|£|\$)\s?\d+",
            r"(?:©|copyright|\(c\))\D{0,20}\d{4}",
        ]
    )
)
_NUMBER = re.compile(
    r"(?<![\w+#./·-])(?:\d{4,8}|\d{3}[ -]\d{3}|\d{4}[ -]\d{4}|"
    r"\d{2}(?:[ -]\d{2}){2,3}|\d(?: \d){3,7})(?![\w%·]|[.,/-]\d| \d)"
)
_CODE_WORD = re.compile(
    r"\b(?<!qr )(?:codes?(?! (?:postal|civil|client|service|ape|naf|qr|barre|du travail|general|penal|de commerce|de la|"
    r"monetaire))|codigo|codice|cod|otp|passcode|pin|einmalkennwort|bestatigungscode|sicherheitscode|"
    r"mot de passe (?:a usage unique|temporaire|provisoire)|one[- ]time password)\b"
)
# A word right before a number that says it is something else.
_OTHER_NAME = re.compile(
    r"(?:\bref(?:erence)?|\bdossiers?|\bn[°o]\.?|\bnumeros?|\bnumber|\bticket|\bsire[nt]|\bfactures?|\btel(?:ephone)?|\bfax|"
    r"\bcode postal|\bcode service|\bcode client|\bcode ape|\bcode naf|\bcs|\bbp|\barticles?|\bcedex|\brue|\bversion)"
    r"(?: (?:de|du|d'|n°))?[^\w\n]{0,6}$"
)
_YEAR = re.compile(r"(?:19|20)\d\d")


def code_of(letter: Letter) -> SecretStr | None:
    """The code of four to eight digits that a mail brings; None where it brings none.

    Raises DecisionNeeded where several numbers may be it.
    """
    text = "\n".join(plain(line) for line in f"{letter.subject}\n\n{letter.text}"[:_MAX_TEXT].splitlines())
    text = _OTHER_DIGITS.sub(lambda match: "·" * len(match.group()), text)
    clear: set[str] = set()
    vague: set[str] = set()
    for match in islice(_NUMBER.finditer(text), _MAX_NUMBERS):
        digits = re.sub(r"\D", "", match.group())
        before = text[max(0, match.start() - _NEAR) : match.start()]
        line = before.rpartition("\n")[2]
        rest = text[match.end() : match.end() + _NEAR].partition("\n")[0]
        if not digits.isascii() or _YEAR.fullmatch(digits) or _OTHER_NAME.search(before):
            continue
        stands_alone = not line.strip() and not rest.strip(" \t.")
        if _CODE_WORD.search(line) or (stands_alone and _CODE_WORD.search(before)):
            clear.add(digits)
        elif _CODE_WORD.search(before) or _CODE_WORD.search(rest):
            vague.add(digits)
    found = clear or vague
    if len(found) > 1:
        raise DecisionNeeded(
            "Un courriel contient plusieurs nombres qui peuvent être le code du second facteur.",
            cure="ouvrez ce courriel et tapez vous-même le code.",
        )
    return secret(found.pop()) if found else None
