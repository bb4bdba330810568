"""Values are written as a French form takes them, and compared by meaning with what it shows."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import SecretStr

from robot.fields import Option, after, begins_with, matching_option, parse_amount, parse_date, plain, same, written
from robot.steps import Goal

DAY = dt.date(2021, 2, 9)
SIRET = "19440984300019"
NBSP, NARROW = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"

CADRES = {
    "A1_FACTURE_FOURNISSEUR": ["A1 : Dépôt par un fournisseur d'une facture"],
    "A12_FACTURE_COTRAITANT": ["A12 : Dépôt d'une facture par un cotraitant"],
}


def offered(*texts: str) -> list[Option]:
    """Answers of a list, whose values are the portal's own numbers."""
    return [Option(value=str(100 + rank), text=text) for rank, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("value", "input_type", "text"),
    [
        (Decimal("1400"), "text", "1400,00"),  # a French field
        (Decimal("1400"), "number", "1400.00"),  # a field of numbers knows no comma
        (Decimal("0"), "text", "0,00"),
        (DAY, "text", "09/02/2021"),
        (DAY, "date", "2021-02-09"),  # a calendar takes the international order
        (True, "text", "OUI"),
        (False, "text", "NON"),
        (Goal.DRY_RUN, "text", "dry-run"),  # one of some words
        (Path("factures/octobre.pdf"), "text", "octobre.pdf"),  # never the folders of one's computer
        (None, "text", ""),
        ("0012", "text", "0012"),  # zeros are kept
    ],
)
def test_a_value_is_written_as_its_field_takes_it(value, input_type, text):
    """The same value has one writing for each type of field."""
    assert written(value, input_type) == text


def test_a_secret_is_never_written():
    """A password given by mistake to an ordinary field stops there."""
    with pytest.raises(TypeError, match="jamais écrit en clair") as caught:
        written(SecretStr("rouge-gorge"))
    assert "rouge" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1400,00", "1400"),
        ("1 400,00", "1400"),
        (f"1{NBSP}400,00{NBSP}€", "1400"),  # what Java writes
        (f"1{NARROW}400,00{NARROW}€", "1400"),  # what browsers write
        ("1.400,00", "1400"),
        ("1,400.00", "1400"),
        ("1'400.00", "1400"),
        ("1.400", "1400"),  # thousands: no amount here has three decimals
        ("1 234 567,8", "1234567.8"),
        ("600", "600"),
        ("600.00 EUR", "600"),
        ("0,00", "0"),
        ("-600,00", "-600"),
        ("−600,00", "-600"),  # a typographic minus
        ("  600,00  ", "600"),
        ("600,00.", "600"),  # the end of a sentence
        ("600,00 0,00", "600"),  # the next amount is another one
        ("600,00 31/10/2026", "600"),  # a date comes next
    ],
)
def test_an_amount_is_read_whatever_its_spaces(text, amount):
    """All these writings mean the same amount to a person."""
    assert parse_amount(text) == Decimal(amount)


@pytest.mark.parametrize("text", ["", "€", "Montant : 600,00", "néant", "--"])
def test_what_begins_with_no_digit_is_no_amount(text):
    """Words before the amount are somebody else's to take away."""
    assert parse_amount(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "09/02/2021",
        "9/2/2021",
        "09-02-2021",
        "09.02.2021",
        "2021-02-09",
        "2021-02-09T10:22:00",  # a moment begins with its day
        "09/02/2021 à 10:22",
        "9 févr. 2021",
        "9 février 2021",
        "9 FÉVRIER 2021",
        f"9{NBSP}février{NBSP}2021",
    ],
)
def test_a_date_is_read_however_it_is_drawn(text):
    """The portal shows dates in several ways."""
    assert parse_date(text) == DAY


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1er juin 2026", dt.date(2026, 6, 1)),
        ("14 juillet 2026", dt.date(2026, 7, 14)),  # not June
        ("15 août 2026", dt.date(2026, 8, 15)),
        ("31 déc. 2026", dt.date(2026, 12, 31)),
        ("31/13/2026", None),  # no such month
        ("30/02/2026", None),  # no such day
        ("9 fructidor 2021", None),
        ("09/02/21", None),  # which century?
        ("le 09/02/2021", None),  # words first
        ("", None),
    ],
)
def test_months_are_told_apart(text, day):
    """A date that does not exist is no date."""
    assert parse_date(text) == day


@pytest.mark.parametrize(
    ("value", "shown", "is_same"),
    [
        (Decimal("1400"), f"1{NARROW}400,00", True),
        (Decimal("1400"), "140,00", False),
        (Decimal("0"), "", False),  # an empty field is not zero
        (DAY, "09/02/2021", True),
        (DAY, "02/09/2021", False),  # day first, always
        (SIRET, "194 409 843 00019", True),
        (SIRET, f"194{NBSP}409{NBSP}843{NBSP}00019", True),
        (SIRET, "19440984300018", False),
        (SIRET, "", False),
        ("2026-1", " 2026-1 ", True),
        ("2026-1", "2026-10", False),
        ("2026-A", "2026-a", False),  # a number is kept letter by letter
        ("Merci  bien", "Merci bien", True),  # spaces collapse in a field
        (None, "  ", True),
        (None, "reste d'une lecture", False),
        (Path("a/bilan.pdf"), "bilan.pdf", True),
    ],
)
def test_a_field_holds_a_value_by_meaning(value, shown, is_same):
    """Spaces of display do not matter; anything else does."""
    assert same(value, shown) is is_same


@pytest.mark.parametrize(
    ("value", "text", "begins"),
    [
        ("2026-1", "2026-1 du 31/10/2026", True),
        ("2026-1", " : 2026-1, à destination de", True),
        ("2026-1", "2026-10", False),
        ("2026-1", "2026-1/2", False),
        ("2026-1", "2026-1-bis", False),
        ("2026-1", "n° 2026-1", False),
        (Decimal("600"), "600,00 €", True),
        (Decimal("600"), "après remise 600,00", False),
        (Decimal("60"), "600,00", False),
        (DAY, "09/02/2021 10:22", True),
        (SIRET, "194 409 843 00019 UNIVERSITÉ", True),
        (SIRET, f"{SIRET} - Nantes Université", True),
        (SIRET, f"{SIRET}7", False),  # fifteen digits are no SIRET
        (SIRET, "19440984300018", False),
        (SIRET, f"{SIRET}\n1 quai de Tourville", True),  # an address may follow, and begin with a number
    ],
)
def test_a_text_begins_with_a_whole_value(value, text, begins):
    """« 2026-1 » does not begin « 2026-10 »."""
    assert begins_with(value, text) is begins


@pytest.mark.parametrize(
    ("text", "labels", "found"),
    [
        ("Montant HT : 600,00", ["Montant HT"], ["600,00"]),
        ("MONTANT  HT *\n600,00", ["Montant HT"], ["600,00"]),  # case, spaces, star, next line
        (f"Montant{NBSP}HT{NBSP}: 600,00", ["Montant HT"], ["600,00"]),
        ("La facture n° 2026-1 est validée", ["La facture n°"], ["2026-1 est validée"]),
        ("Net a payer 600,00", ["Net à payer"], ["600,00"]),  # accents lost
        ("HT 1 TVA 2 HT 3", ["HT"], ["1 TVA 2 HT 3", "3"]),  # each occurrence
        ("B 2 A 1", ["A", "B"], ["1", "2 A 1"]),  # the best label first, wherever it stands
        ("rien", ["Montant HT"], []),
        ("Montant HT", ["Montant HT"], [""]),  # nothing follows
        ("L’œuvre : 3", ["L'œuvre"], ["3"]),  # joined letters
    ],
)
def test_what_follows_words_in_a_text(text, labels, found):
    """Words are met as a person reads them; what follows keeps its own letters."""
    assert after(text, labels) == found


def test_what_follows_is_short():
    """A page may be long: a value is near its words."""
    assert [len(text) for text in after("Code " + "x" * 5000, ["Code"])] == [300]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("  Numéro  de\nFACTURE * : ", "numero de facture"),
        ("L’État", "l'etat"),
        ("« Nom »", "nom"),
        ("Œuvre", "oeuvre"),
        (f"Montant{NBSP}HT", "montant ht"),
    ],
)
def test_words_are_compared_plain(text, words):
    """Accents, case, stars, colons and quotes are not what tells words apart."""
    assert plain(text) == words


@pytest.mark.parametrize(
    ("value", "texts", "index"),
    [
        # The words seen on the portal
        ("A1_FACTURE_FOURNISSEUR", ["A12 : autre", "A1 : Dépôt par un fournisseur d'une facture"], 1),
        # Other words behind the same code; A10 and A12 are other codes
        ("A1_FACTURE_FOURNISSEUR", ["A10 : Un autre", "A12 : Encore", "A1 : Facture d'un fournisseur"], 2),
        ("A12_FACTURE_COTRAITANT", ["A1 : Un autre", "A12 - Cotraitant"], 1),
        # The code of the portal's API, as text
        ("A1_FACTURE_FOURNISSEUR", ["A12 facture cotraitant", "A1_FACTURE_FOURNISSEUR"], 1),
        # A10 alone is not A1
        ("A1_FACTURE_FOURNISSEUR", ["A10 : Un autre"], None),
        # Two answers with the same code: a person must say
        ("A1_FACTURE_FOURNISSEUR", ["A1 : Avant 2020", "A1 : Depuis 2020"], None),
        ("A1_FACTURE_FOURNISSEUR", [], None),
    ],
)
def test_a_cadre_is_picked_by_its_words_then_its_code(value, texts, index):
    """A1 never takes A10 or A12, and doubt takes nothing."""
    assert matching_option(value, CADRES, offered(*texts)) == index


@pytest.mark.parametrize(
    ("value", "known", "texts", "index"),
    [
        (SIRET, {}, ["CABINET (00020260600018)", "Nantes (194 409 843 00019)"], 1),  # a SIRET anywhere
        (SIRET, {}, ["CABINET (00020260600018)"], None),
        (SIRET, {}, [f"{SIRET} Siège", f"{SIRET} Service"], None),  # two structures
        (False, {"true": ["OUI"], "false": ["NON"]}, ["Oui", "Non"], 1),
        (True, {"true": ["OUI"], "false": ["NON"]}, ["Oui", "Non"], 0),
        ("EUR", {"EUR": ["Euro"]}, ["USD - Dollar", "EUR - Euro"], 1),  # the code, then its name
        ("Exonération article 261", {}, ["Exonération ARTICLE 261", "Autre"], 0),  # the value's own words
    ],
)
def test_an_answer_is_the_one_that_means_the_value(value, known, texts, index):
    """Known words first, then the value itself."""
    assert matching_option(value, known, offered(*texts)) == index


def test_the_portals_own_code_is_enough():
    """Words may change; the value behind an answer is the API's."""
    options = [Option("A12_FACTURE_COTRAITANT", "Douze"), Option("A1_FACTURE_FOURNISSEUR", "Un")]
    assert matching_option("A1_FACTURE_FOURNISSEUR", {}, options) == 1


def test_an_answer_that_is_off_is_not_taken():
    """A greyed answer cannot be picked, even where its words are right."""
    options = [Option("1", "Virement", off=True), Option("2", "Chèque")]
    assert matching_option("VIREMENT", {"VIREMENT": ["Virement"]}, options) is None
