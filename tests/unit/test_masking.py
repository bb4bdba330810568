"""What is personal goes, what the flows know a page by stays."""

from __future__ import annotations

import pytest

from robot.account import Account
from robot.masking import DAY, EMAIL, Kind, Masker, identity_of, shaped
from robot.screens import load_flows
from robot.vocabulary import vocabulary_of

PERSON = Account.of("zoe.kerbrat@cabinet-kerbrat.fr", None, first_name="Zoé", last_name="Kerbrat")


@pytest.fixture(scope="module")
def masker() -> Masker:
    return Masker(vocabulary_of(load_flows()), identity_of(PERSON, ("73282932000074",)))


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("Écrivez à zoe.kerbrat@cabinet-kerbrat.fr", "kerbrat"),
        ("Téléphone : 06 12 34 59 78", "59"),
        ("+33 6.12.34.59.78", "59"),
        ("SIRET 732 829 320 00074", "732"),
        ("SIREN : 732829320", "732"),
        ("TVA FR 40 732829320", "732"),
        ("FR76 3000 6000 0198 3456 7890 189", "3000"),
        ("7 bis, rue des Lilas, 29200 Brest", "Lilas"),
        ("29200 BREST", "BREST"),
        ("Facture FAC-2026-0098 du 17/09/2026", "0098"),
        ("déposée le 17 septembre 2026", "17"),
        ("déposée le 2026-09-17T08:15:00Z", "17"),
        ("1 498,75 €", "498"),
        ("Bonjour ZOÉ KERBRAT", "KERBRAT"),
        ("Kerbrat, Zoé", "Zo"),
        ("Bienvenue Anne-Gaëlle Le Bihan", "Bihan"),
        ("CABINET PSYCHOLOGIE BIHAN", "BIHAN"),
        ("https://portail.exemple/f?ticket=ST-98-abc", "ST-98"),
        ("jeton eyJhbGciOiJIUzI1NiJ9.payload", "eyJ"),
    ],
)
def test_what_is_personal_goes_wherever_it_stands(masker, kind, text, gone):
    assert gone not in masker.text(text, kind)


@pytest.mark.parametrize("kind", [Kind.LABEL, Kind.OPTION, Kind.CELL, Kind.TEXT])
def test_every_word_of_the_flows_stays(masker, kind):
    """A page is known by them."""
    screens = load_flows().screens.values()
    labels = [label for one in screens for element in one.elements.values() for label in element.labels]
    labels += [words for one in screens for mark in one.here for words in (mark.text or {})]
    changed = [label for label in labels if "{" not in label and masker.text(label, kind) != label]
    assert changed == []


def test_of_free_text_only_known_words_stay(masker):
    masked = masker.text("Suivi d'un étudiant dépressif depuis mars, voir son psychiatre", Kind.TEXT)
    assert "psychiatre" not in masked
    assert "dépressif" not in masked


def test_the_words_of_a_new_button_stay(masker):
    """They are what calibration is for."""
    assert masker.text("Poursuivre ma démarche", Kind.LABEL) == "Poursuivre ma démarche"


def test_words_beside_a_control_are_a_label(masker):
    masker.spoken.add("numero d'ej universite")
    assert masker.text("Numéro d'EJ université", Kind.CELL) == "Numéro d'EJ université"


def test_what_was_typed_is_personal_afterwards(masker):
    assert masker.learn("Remplacement Dubreuil")
    assert masker.text("Commentaire : remplacement dubreuil", Kind.LABEL) == "Commentaire : xxxxxxxxxxxx xxxxxxxx"


def test_words_of_the_portal_are_not_learnt(masker):
    """An answer that was chosen is the portal's."""
    assert not masker.learn("Facture")
    assert not masker.learn("EUR")


@pytest.mark.parametrize(
    ("type", "value", "shown"),
    [
        ("email", "z@k.fr", EMAIL),
        ("date", "2026-09-17", DAY),
        ("password", "secret", "x"),
        ("hidden", "jeton", ""),
        ("text", "Zoé 9", "Xxx 1"),
    ],
)
def test_a_field_keeps_only_the_shape_of_its_value(masker, type, value, shown):
    assert masker.value(value, type) == shown


def test_a_mask_is_left_alone_when_masked_again(masker):
    text = "Zoé Kerbrat, 7 rue des Lilas, 29200 Brest, 06 12 34 59 78, FAC-2026-0098 du 17/09/2026, zoe@k.fr"
    once = masker.text(text, Kind.TEXT)
    assert masker.text(once, Kind.TEXT) == once
    assert not masker.finds(once)


def test_addresses_keep_their_path_only(masker):
    address = masker.address("https://zoe:x@portail.fr:8443/factures/4598123;jsessionid=98/zoe_kerbrat?execution=e1s1#haut")
    assert address == "https://portail.fr:8443/factures/masque-1/masque-2"


def test_names_of_the_markup_stay_unless_made_up(masker):
    assert masker.name("form:numeroFacture_2") == "form:numeroFacture_2"
    assert masker.name("j_idt98412") == masker.name("j_idt98412") != "j_idt98412"
    assert masker.name("bloc-kerbrat") != "bloc-kerbrat"


def test_a_shape_has_signs_and_lengths():
    assert shaped("FAC-2026/É9 b") == "XXX-1234/X1 x"
