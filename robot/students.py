"""Whether an invoice seems to carry a student's name or number, which professional secrecy forbids.

Tells where, never what. Looks where such a name would stand, in the table of sessions and beside a word like
« étudiant », as names alone are on every invoice: the psychologist's, the university's, the street's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from robot.printed import amounts, dates, plain
from robot.reading import Where
from robot.sheet import Cell, Sheet

# National student number: ten digits and a letter, or nine digits and two.
_INE = re.compile(r"(?<![\w/.+\-])(?:\d{10}[A-Za-z]|\d{9}[A-Za-z]{2})(?![\w/+\-])")
_INE_LABEL = re.compile(
    r"(?<![a-z])(?:ine|bea)\b ?(?:n ?°)? ?:? ?\d|(?:numero|n ?°) ?(?:d')?etudiante?s?\b ?:? ?\w*\d{4}"
)
_PERSON = re.compile(
    r"(?:^|(?<![a-z])(?<!psy )(?<!vie )(?<!sante )(?<!service )(?<!public )(?<!statut )(?<!espace ))"
    r"(?:etudiante?|patiente?|beneficiaire de la seance|eleve|usagere?|consultante?)(?:\(?e\)?)?(?:\(?s\)?)?"
    r"(?: (?:suivie?|concernee?|recue?))? ?: ?|"
    r"(?:nom|prenom|identite)s?(?: et prenoms?)? (?:de l'|du |de la |des )"
    r"(?:etudiant|patient|eleve)\w*(?:\(e\))?(?:\(s\))? ?:? ?|"
    r"(?:suivi|accompagnement|consultation|entretien|seances?)(?: psychologique)?(?: individuelle?s?)?(?: du \S+)?"
    r" (?:de|avec|pour|d')? ?"
    r"(?=(?:mme|mlle|madame|mademoiselle|monsieur|mr|m\.)[ .])"
)
_COLUMN = re.compile(
    r"(?:(?:noms?(?: (?:et|,) prenoms?)?|prenoms?) )?(?:de l'|du |des |de la )?(?:etudiant|patient|eleve|usager|beneficiaire)"
    r"(?:es?|s|\(e\)|[·.]e)?(?:\(?s\)?)?|noms?(?: ?(?:et|,|/) ?prenoms?)?|prenoms?(?: ?(?:et|,|/) ?noms?)?"
)
_CIVILITY = re.compile(r"(?:mme|mlle|madame|mademoiselle|monsieur|mr|m\.?)\.? (?=[a-z])")
_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['’\-‑](?=[^\W\d_]))*\.?")


def _words(name: str) -> frozenset[str]:
    lines = Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


_KNOWN = _words("tablewords.txt")
_FIRST_NAMES = _words("firstnames.txt")


def students_in(sheet: Sheet, *, own: Iterable[str] = (), bills_sessions: bool) -> tuple[Where, ...]:
    """The lines where a student seems to be named; `own` are names and references that are the invoice's."""
    known = {plain(word) for text in own for word in _WORD.findall(text)}
    references = {plain(text).replace(" ", "") for text in own}
    found = set(_numbers(sheet, references))
    if bills_sessions:
        found |= {*_named(sheet, known), *_in_table(sheet, known)}
    return tuple(sorted(found, key=lambda where: (where.page, where.line)))


def _numbers(sheet: Sheet, references: set[str]) -> Iterator[Where]:
    for cell in sheet.cells:
        numbers = (plain(match[0]) for match in _INE.finditer(cell.text))
        if _INE_LABEL.search(cell.plain) or any(number not in references for number in numbers):
            yield cell.where


def _named(sheet: Sheet, known: set[str]) -> Iterator[Where]:
    """Names beside a word that says whose they are."""
    for cell in sheet.cells:
        for match in _PERSON.finditer(cell.plain):
            rest = cell.text[match.end() :]
            lead = _CIVILITY.match(plain(rest))
            # « Étudiante : Université de Caen » names nobody.
            name = re.match(r"\W*(?:[A-ZÀ-Ý][\w'’\-]*[ .]*){1,4}", rest[lead.end() if lead else 0 :])
            first = _WORD.search(name[0]) if name else None
            if name and first and plain(first[0]) not in _KNOWN and _names(name[0], known, alone=True):
                yield cell.where


def _in_table(sheet: Sheet, known: set[str]) -> Iterator[Where]:
    """Names in the rows between the table's header and its total."""
    column: Cell | None = None
    inside = False
    for row in sheet.rows:
        first = row[0].plain
        if re.match(r"(?:tota(?:l|ux)|a regler|net a payer|tva)\b", first):
            inside, column = False, None
            continue
        is_session = bool(dates(first)) and len(row) > 1 and bool(amounts(row[-1].plain))
        inside = inside or is_session
        headers = [cell for cell in row if _COLUMN.fullmatch(cell.plain)]
        if headers and not is_session:
            column = headers[0]
            # « Nom » alone may head an address.
            inside = inside or len(row) > 1 or "etudiant" in column.plain or "patient" in column.plain
            continue
        if not inside:
            continue
        for cell in row:
            under = column is not None and cell.is_over(column) and cell.page == column.page
            if (is_session or under) and _names(cell.text, known, alone=under):
                yield cell.where


def _names(text: str, known: set[str], *, alone: bool) -> bool:
    """Whether a text has a run of words written like a person's name; `alone`: one such word is enough."""
    bare = plain(text)
    for date in reversed(dates(bare)):
        text = text[: date.start] + " | " + text[date.end :]
    if _CIVILITY.search(plain(text)):
        alone = True
    run: list[str] = []
    for piece in [*re.split(r"(?:[^\w'’.\-‑]|\d)+", text), ""]:
        word = _WORD.fullmatch(piece)
        folded = plain(piece).rstrip(".")
        if (
            word
            and piece[0].isupper()
            and len(folded) > 1
            and folded not in _KNOWN
            and not _CIVILITY.match(folded + " x")
        ):
            run.append(piece)
            continue
        if _is_person([one for one in run if plain(one).rstrip(".") not in known], alone=alone):
            return True
        run = []
    return False


def _is_person(run: list[str], *, alone: bool) -> bool:
    if not run or len(run) > 5 or not any(len(word) > 2 for word in run):
        return False
    if alone:
        return True
    capitals = [len(word) > 2 and word.isupper() for word in run]
    first_name = any(part in _FIRST_NAMES for word in run for part in re.split("[-‑]", plain(word)))
    return len(run) > 1 and ((any(capitals) and not all(capitals)) or first_name)
