"""The bill of Santé Psy Étudiant: the page that the service's own site prints, and its form filled in by hand.

Knows the lines of all its versions since 2021, and where a value stands in each: beside its label, in the next cell,
in the next row. Anything else about the page (totals, VAT, sessions) is read as on any invoice.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from robot.claims import CLEAR, Claim
from robot.labels import digits_joined
from robot.printed import dates, month_of, plain, reference_in, siret_digits, squeezed, without_blanks
from robot.sheet import Cell, Sheet

# Letters and digits of each label; what follows the bar may be missing, or stand in another row.
_LABELS = {
    "name": ("nomprenomduprestataire|", "nometprenomduprestataire|", "nomduprestataire|"),
    "siret": ("numerosiret|duprestataire", "nosiret|duprestataire", "nsiret|duprestataire", "siret|duprestataire"),
    # Until February 2022 one line for either.
    "registration": (
        "numerodenregistrementprofessionnel|siretounumeroadeli",
        "numerosiretouadeli|",
        "numerosiretounumeroadeli|",
        "numerosiretadeli|",
    ),
    "adeli": ("numeroadeli|", "nadeli|", "adeli|"),
    "rpps": ("numerorpps|", "nrpps|", "rpps|"),
    "address": ("adresseduprestataire|",),
    "email": ("emailduprestataire|", "mailduprestataire|", "courrielduprestataire|", "telephoneduprestataire|"),
    "date": ("datedelemission|delafacture", "datedemission|delafacture", "datedefacturation|", "datedelafacture|"),
    "number": ("numerodelafacture|", "numerodefacture|", "ndelafacture|", "ndefacture|"),
    "university": ("nometadressedeluniversite|", "nomdeluniversite|"),
    "billing": (
        "emailouadressepostaleduservicefacturier|deluniversitedestinatairedelafacture",
        "adressepostaleduservicefacturier|deluniversitedestinatairedelafacture",
        "emailduservicefacturier|deluniversitedestinatairedelafacture",
    ),
    "order": (
        "numerodubondecommande|deluniversiteademanderaluniversite",
        "numerodebondecommande|deluniversiteademanderaluniversite",
        "ndubondecommande|deluniversiteademanderaluniversite",
        "ndebondecommande|deluniversiteademanderaluniversite",
    ),
    "table": ("tableaurecapitulatif|", "datedesseances|effectueesunelignepardate", "dateseance|"),
    "bank": ("aregler|surlecomptebancairecidessousribiban",),
    "term": ("delaidepaiement|",),
    "vat": ("tvanonapplicable|", "silprestataire|", "sileprestataire|"),
    "total": ("total|",),
}
# Name, least and whole of each label, by its first three letters.
_BY_START: dict[str, list[tuple[str, str, str]]] = {}
for _name, _written in _LABELS.items():
    for _label in _written:
        _BY_START.setdefault(_label[:3], []).append((_name, _label.partition("|")[0], _label.replace("|", "")))
# One value each, that may be too long for its line.
_WRAPPED = ("number", "order", "university", "name", "siret", "registration")
# The lines that no other invoice has, with these words.
_OWN = ("name", "address", "email", "billing", "order", "university", "date", "registration")


@dataclass(frozen=True)
class _Hit:
    name: str
    cell: Cell
    # Where in the cell's text the label begins, and where its value can.
    start: int
    end: int
    # Letters of the label that stand elsewhere.
    rest: str


@dataclass
class Bill:
    """What the labelled lines of a bill say."""

    # "app": printed by the service's site; "template": its form.
    family: str
    number: list[Claim[str]] = field(default_factory=list)
    date: list[Claim[dt.date]] = field(default_factory=list)
    bad_date: list[Claim[str]] = field(default_factory=list)
    month: list[Claim[dt.date]] = field(default_factory=list)
    supplier_name: list[Claim[str]] = field(default_factory=list)
    supplier_siret: list[Claim[str]] = field(default_factory=list)
    recipient_name: list[Claim[str]] = field(default_factory=list)
    engagement: list[Claim[str]] = field(default_factory=list)
    # The lines about the psychologist: their words are no student's name.
    own: list[str] = field(default_factory=list)


def bill_of(sheet: Sheet) -> Bill | None:
    """What a sheet says where it is such a bill; None where it is another invoice."""
    hits = list(_hits(sheet))
    names = {hit.name for hit in hits}
    if len(names & set(_OWN)) < 3:
        return None
    start = next(hit.cell.row for hit in hits if hit.name in _OWN)
    month = next(_months(sheet, start), None)
    printed = "tableau recapitulatif" in sheet.plain or (month and "sante psy etudiant" in sheet.plain)
    bill = Bill("app" if printed else "template")
    bill.month = [month] if month else []
    for hit, lines in _values(sheet, hits):
        _file(bill, hit.name, _unwrapped(sheet, hit.name, lines) if hit.name in _WRAPPED else lines)
    return bill


@dataclass(frozen=True)
class _Line:
    """A piece of a value: what stands in one cell, or in the rest of one."""

    text: str
    cell: Cell

    @property
    def plain(self) -> str:
        return plain(self.text)


def _file(bill: Bill, name: str, lines: list[_Line]) -> None:
    if name == "university" and lines and not without_blanks(lines[0].text):
        # The line of the name is empty: what follows is the address.
        return
    lines = [_Line(text, line.cell) for line in lines if (text := without_blanks(line.text))]
    if not lines:
        return
    first = lines[0]
    if name == "number":
        bill.number.append(_whole(lines))
    elif name == "order":
        claim = _whole(lines)
        if re.search(r"\d", claim.value):
            bill.engagement.append(Claim(digits_joined(claim.value), claim.text, claim.where, doubt=claim.doubt))
        elif len(claim.value) <= 40:
            bill.engagement.append(Claim(claim.value, claim.text, claim.where, doubt="il n'a aucun chiffre"))
    elif name == "date":
        _file_date(bill, first)
    elif name in ("siret", "registration"):
        text = first.text
        read = siret_digits(plain(text))
        if read and len(lines) > 1 and len(read[0]) < 14 and re.fullmatch(r"[\d .]+", lines[1].text):
            text = f"{text} {lines[1].text}"
            read = siret_digits(plain(text))
        # Nine digits are an ADELI number, or a SIREN.
        if read and 11 <= len(read[0]) <= 17 and not (name == "registration" and len(read[0]) == 11):
            bill.supplier_siret.append(Claim(read[0], text[: read[1]].strip(" :"), first.cell.where))
    elif name == "name":
        bill.supplier_name.append(Claim(first.text, first.text, first.cell.where))
        bill.own.append(first.text)
    elif name == "university":
        title = _title(first.text)
        bill.recipient_name.append(Claim(title, title, first.cell.where))
        bill.own += [line.text for line in lines]
    elif name in ("address", "email", "billing"):
        bill.own += [line.text for line in lines]


def _whole(lines: list[_Line]) -> Claim[str]:
    """Free text: all of the line."""
    first, *more = lines
    doubt = "autre chose est imprimé en dessous" if more else ""
    return Claim(first.text, first.text, first.cell.where, CLEAR, doubt)


def _unwrapped(sheet: Sheet, name: str, lines: list[_Line]) -> list[_Line]:
    """The first line with those that go on with it: where the next word would not have fitted in the line before."""
    if not lines:
        return lines
    first, *more = lines
    text, last = first.text, first.cell
    while more and without_blanks(text) and _is_full(sheet, last, more[0].cell):
        if name == "order" and (reference_in(more[0].text) or ("", 0))[0] != more[0].text:
            break
        joint = "" if text.endswith(("-", "/", "_")) else " "
        text, last = f"{text}{joint}{more[0].text}", more.pop(0).cell
    return [_Line(text, first.cell), *more]


def _is_full(sheet: Sheet, cell: Cell, following: Cell) -> bool:
    if following.page != cell.page or following.row > cell.row + 2:
        return False
    column = [one.right for one in sheet.cells if one.page == cell.page and abs(one.left - cell.left) < 3]
    word = following.words[0]
    return cell.right + (word.right - word.left) > max(column)


def _file_date(bill: Bill, line: _Line) -> None:
    found = dates(line.plain)
    if found and found[0].value:
        doubt = "le jour de la semaine imprimé n'est pas celui de cette date" if found[0].wrong_weekday else ""
        bill.date.append(Claim(found[0].value, line.text, line.cell.where, doubt=doubt))
    else:
        bill.bad_date.append(Claim(line.text[:60], line.text[:60], line.cell.where))


_STREET = re.compile(
    r" (?=\d{1,4} ?(?:bis|ter|quater)?,? (?:rue|avenue|av\.?|bd|boulevard|place|quai|cours|chemin|allee|esplanade|route|"
    r"impasse|square|domaine|passage|promenade)\b)| (?=(?:bp|cs|tsa) ?\d)| (?=\d{5} )"
)


def _title(text: str) -> str:
    """The name of a university without the address that follows it."""
    bare = plain(text)
    cut = min((at for at in (bare.find(", "), bare.find(" - ")) if at > 2), default=len(text))
    if street := _STREET.search(bare):
        cut = min(cut, street.start())
    return text[:cut].strip(" ,-–")


def _months(sheet: Sheet, start: int) -> Iterator[Claim[dt.date]]:
    """« Facture Août 2026 », over the lines of the bill."""
    for row in sheet.rows[: start + 1]:
        for cell in row:
            if cell.plain.startswith("facture") and (found := month_of(cell.plain)):
                yield Claim(found[0], cell.text[found[1] : found[2]], cell.where)


# --- labels and what stands after them -------------------------------------------------------------------------------


def _hits(sheet: Sheet) -> Iterator[_Hit]:
    for cell in sheet.cells:
        last = 0
        for start in _beginnings(cell):
            if start >= last and (hit := _label_at(sheet, cell, start)):
                last = hit.end
                yield hit


def _beginnings(cell: Cell) -> Iterator[int]:
    """Where a label can begin: with the cell, or after another value on the same line."""
    lead = re.match(r"[^a-z0-9]*", cell.plain)
    yield lead.end() if lead else 0
    for match in re.finditer(r"(?<=[\d_) ])(?=(?:numero|n ?°|date|nom|adresse|e-?mail) )", cell.plain):
        yield match.start()


def _label_at(sheet: Sheet, cell: Cell, start: int) -> _Hit | None:
    """The label that begins there, as much of it as is printed on; a long one goes on in the next row."""
    best: _Hit | None = None
    best_length = 0
    for name, head, whole in _BY_START.get(squeezed(cell.plain[start : start + 12])[:3], ()):
        if name == "total" and start:
            continue
        hit = _matched(sheet, cell, start, name, head, whole)
        if hit and len(whole) - len(hit.rest) > best_length:
            best, best_length = hit, len(whole) - len(hit.rest)
    return best


def _matched(sheet: Sheet, cell: Cell, start: int, name: str, head: str, whole: str) -> _Hit | None:
    text = cell.plain
    taken, end = 0, start
    for place in range(start, len(text)):
        if not text[place].isalnum():
            # « Numéro de la facture : numéro … »
            if text[place] == ":" and taken >= len(head):
                break
            continue
        if taken == len(whole) or text[place] != whole[taken]:
            break
        taken, end = taken + 1, place + 1
    if taken < len(head):
        # The first row of a narrow column ends inside the label.
        if taken < 5 or text[end:].strip() or not squeezed(_under(sheet, cell)).startswith(whole[taken : len(head)]):
            return None
    elif end < len(text) and text[end].isalnum() and text[end - 1].isalnum():
        return None
    if name in ("siret", "adeli", "rpps", "total") and taken < 8 and not re.match(r"\W*(?:$|:|\d)", text[end:]):
        return None
    return _Hit(name, cell, start, end, whole[taken:])


def _under(sheet: Sheet, cell: Cell) -> str:
    below = sheet.below(cell, reach=1.5)
    return below.text if below else ""


def _values(sheet: Sheet, hits: list[_Hit]) -> Iterator[tuple[_Hit, list[_Line]]]:
    """Each label with the lines of its value: all that stands between it and the next label."""
    by_cell: dict[Cell, list[_Hit]] = {}
    for hit in hits:
        by_cell.setdefault(hit.cell, []).append(hit)
    labelled_rows = sorted({hit.cell.row for hit in hits})
    lines: dict[int, list[_Line]] = {id(hit): [] for hit in hits}
    current: _Hit | None = None
    # Words of the current label that are still to come.
    rest = ""
    for cell in sheet.cells:
        here = by_cell.get(cell, [])
        before = cell.text[: here[0].start] if here else cell.text
        if current and before.strip():
            owner = _owner(sheet, cell, current, by_cell, labelled_rows) if not here else current
            piece, rest = _without_label(before, rest)
            if piece.strip(" :)"):
                lines[id(owner)].append(_Line(piece, cell))
        for place, hit in enumerate(here):
            end = here[place + 1].start if place + 1 < len(here) else len(cell.text)
            current, rest = hit, hit.rest
            text = cell.text[hit.end : end]
            # What is left of the label's own words: « (à demander à l'université) : ».
            lead = re.match(r"^[^:]{0,60}\) ?:", plain(text)) if hit.rest or text.lstrip().startswith("(") else None
            if lead:
                text, rest = text[lead.end() :], ""
            text = text.lstrip(" :)").rstrip()
            if text.strip(" :.)"):
                lines[id(hit)].append(_Line(text, cell))
    for hit in hits:
        yield hit, lines[id(hit)]


def _without_label(text: str, rest: str) -> tuple[str, str]:
    """A line without the words of the label that go on in it, and those that are still to come."""
    taken, end = 0, 0
    for place, sign in enumerate(plain(text)):
        if sign.isalnum():
            if taken == len(rest) or sign != rest[taken]:
                break
            taken, end = taken + 1, place + 1
    # A word or two in common are chance; a whole line is none.
    if taken >= 2 and (taken >= min(len(rest), 8) or not text[end:].strip(" :)")):
        return text[end:].lstrip(" :)"), rest[taken:]
    return text, rest


def _owner(sheet: Sheet, cell: Cell, current: _Hit, by_cell: dict[Cell, list[_Hit]], labelled_rows: list[int]) -> _Hit:
    """Whose value a cell of a second column is, when its row has no label: the nearer one's."""
    following = next((row for row in labelled_rows if row > cell.row), None)
    if following is None or cell.row == current.cell.row or cell.left <= current.cell.right:
        return current
    label = next((one for one in sheet.rows[following] if one in by_cell), None)
    if label is None or label.page != cell.page or cell.left <= label.right:
        return current
    previous = sheet.rows[cell.row - 1][-1]
    if label.top - cell.bottom < cell.top - previous.bottom - 1:
        return by_cell[label][0]
    return current
