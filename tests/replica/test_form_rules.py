"""What the replica refuses in a form, one rule after the other."""

from __future__ import annotations

import pytest

from robot.replica.directory import Needs, training_directory
from robot.replica.records import Form
from robot.replica.rules import format_faults, sending_faults

DIRECTORY = training_directory()
SUPPLIER = "00010101400017"
RIGHT = Form(
    state="NON",
    siret="19141408500016",
    number="2026-1",
    date="31/08/2026",
    vat_type="EXONERATION",
    ht="600,00",
    tva="0,00",
    ttc="600,00",
    due="600,00",
)
STATE = "11000201100044"
TOWN, SCHOOL, HOSPITAL, REGION, COUNTY, METROPOLIS, CLOSED = (
    "00030010300017",
    "00030020200017",
    "00030030100017",
    "00030040000017",
    "00030050900015",
    "00030060800015",
    "00030070700015",
)


def faults_of(cadre: str = "A1_FACTURE_FOURNISSEUR", *, asks_state: bool = True, **changes: str) -> dict[str, str]:
    form = Form.model_validate(RIGHT.model_dump() | changes)
    found = sending_faults(form, DIRECTORY, cadre=cadre, supplier=SUPPLIER, used={"2026-0"}, asks_state=asks_state)
    return {fault.field: fault.message for fault in found}


def test_a_right_form_is_taken():
    """Nothing to say."""
    assert faults_of() == {}


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("number", "", "obligatoire"),
        ("number", "123456789012345678901", "20 caractères"),
        ("number", "2026 01", "lettres"),
        ("number", "été-1", "lettres"),
        ("number", "2026-0", "déjà été utilisé"),
        ("date", "", "obligatoire"),
        ("date", "31/02/2026", "JJ/MM/AAAA"),
        ("date", "2026-08-31", "JJ/MM/AAAA"),
        ("siret", "", "obligatoire"),
        ("siret", "12345678901234", "inconnu"),
        ("siret", CLOSED, "inactif"),
        ("siret", SUPPLIER, "fournisseur"),
        ("state", "", "obligatoire"),
        ("state", "OUI", "ne correspond pas"),
        ("siret", STATE, "ne correspond pas"),
        ("engagement", "bon n° 3", "alphanumérique"),
        ("engagement", "1" * 51, "50 caractères"),
        ("market", "a b", "alphanumérique"),
        ("service", "service!", "alphanumérique"),
        ("vat_type", "", "obligatoire"),
        ("type", "AVOIR", "facture d'origine"),
        ("ht", "", "obligatoire"),
        ("ht", "six cents", "600,00"),
        ("ttc", "700,00", "ne fait pas 700,00"),
        ("due", "500,00", "égal au montant TTC"),
        ("comment", "a" * 2001, "2000 caractères"),
    ],
)
def test_each_rule_has_its_french_sentence(field, value, words):
    """The sentence is about the field that is wrong."""
    found = faults_of(**{field: value})
    said = " ".join(found.values())
    assert words in said
    # Two fields disagree when the State is named and the answer is no.
    assert field in found or value == STATE


@pytest.mark.parametrize("number", ["2026-10/07_A+1", "1", "A" * 20])
def test_all_signs_of_a_number_are_taken(number):
    """Letters, digits and - _ / +, twenty at most."""
    assert faults_of(number=number) == {}


@pytest.mark.parametrize("cadre", ["A9_FACTURE_SOUSTRAITANT", "A12_FACTURE_COTRAITANT"])
def test_a_cadre_with_a_validator_is_refused(cadre):
    """The replica knows nobody who could validate."""
    assert "valideur" in faults_of(cadre)["cadre"]


@pytest.mark.parametrize(
    ("siret", "service", "engagement", "refused"),
    [
        (TOWN, "", "", set()),
        (SCHOOL, "", "", {"service"}),
        (SCHOOL, "COMPTA", "", set()),
        (HOSPITAL, "", "", {"engagement"}),
        (HOSPITAL, "", "EJ1", set()),
        (REGION, "", "", {"engagement"}),
        (REGION, "COMPTA", "", set()),
        (REGION, "", "EJ1", set()),
        (COUNTY, "COMPTA", "", {"engagement"}),
        (COUNTY, "", "EJ1", {"service"}),
        (COUNTY, "COMPTA", "EJ1", set()),
        (METROPOLIS, "", "EJ1", {"service"}),
        (METROPOLIS, "LIBRE", "", set()),
        (METROPOLIS, "MARCHES", "", {"engagement"}),
        (METROPOLIS, "MARCHES", "EJ1", set()),
        (TOWN, "FACTURES_PUBLIQUES", "", {"service"}),
        (TOWN, "ANCIEN", "", {"service"}),
        (TOWN, "AUTRE", "", {"service"}),
        ("13001533200013", "03HORSRECHERCHE", "", {"engagement"}),
        ("13001533200013", "03HORSRECHERCHE", "4500871236", set()),
        ("19141408500016", "UNSERVICE", "", set()),
    ],
)
def test_recipients_demand_what_their_entry_says(siret, service, engagement, refused):
    """Nothing, a service, a commitment, either, both, or what the service says."""
    assert set(faults_of(siret=siret, service=service, engagement=engagement)) == refused


def test_the_portal_of_2021_does_not_ask_about_the_state():
    """Its form has no such question."""
    assert faults_of(asks_state=False, state="") == {}


def test_a_draft_may_be_incomplete_but_not_wrong():
    """What is typed must be well formed to be saved; what is missing may come later."""
    assert list(format_faults(Form(), DIRECTORY)) == []
    assert [f.field for f in format_faults(Form(siret=CLOSED, number="n°1"), DIRECTORY)] == [
        "siret",
        "number",
    ]


def test_the_directory_holds_the_partner_universities():
    """53 of them, named as a directory names."""
    found = DIRECTORY.search("1")
    assert len([s for s in found if s.siret != STATE]) == 53
    assert str(DIRECTORY.find("19440984300019")) == "19440984300019 - UNIVERSITE DE NANTES"
    assert {structure.needs for structure in DIRECTORY.search("0003")} == set(Needs)
