"""A calibrated id confirms the words or is doubted; it never overrules them."""

from __future__ import annotations

import pytest

from .drawing import Eyes, button, field

SIRET = field("Numéro SIRET")
PAGE = "<label>Numéro SIRET <input id=siret value=words></label><br><label>Code <input id=code value=other></label>"


def test_words_and_id_agree(eyes_page: Eyes):
    """The words led there; the id says the same."""
    sight = eyes_page.find(PAGE, SIRET, id="#siret")
    assert (sight.state, sight.way, sight.drift, sight.value) == ("found", "label", "", "words")


def test_words_and_id_disagree(eyes_page: Eyes):
    """Two places for one thing: neither is used before a person has looked."""
    sight = eyes_page.find(PAGE, SIRET, id="#code")
    assert (sight.state, sight.usable) == ("disagreement", False)


@pytest.mark.parametrize("id", ["#siret-2024", "[[", ""])
def test_an_id_that_leads_nowhere_is_a_drift(eyes_page: Eyes, id):
    """The words are enough; that the id is gone is told. No id at all is no drift."""
    sight = eyes_page.find(PAGE, SIRET, id=id)
    assert (sight.state, sight.way, sight.drift) == ("found", "label", "id" if id else "")


def test_an_id_finds_what_words_do_not(eyes_page: Eyes):
    """The label has changed: the id found by calibration leads there, and the report says how."""
    sight = eyes_page.find(PAGE, field("Identifiant du destinataire"), id="#siret")
    assert (sight.state, sight.way, sight.value) == ("found", "id", "words")


def test_an_id_settles_a_doubt(eyes_page: Eyes):
    """Two fields bear the words: calibration knew which."""
    html = "<label>SIRET <input id=a value=a></label><br><label>SIRET <input id=b value=b></label>"
    assert eyes_page.find(html, field("SIRET"), id="#b").value == "b"


def test_an_id_of_the_hidden_page_is_not_used(eyes_page: Eyes):
    """Behind a window, what the id names cannot be reached by a person."""
    html = """<input id=siret><div role=dialog style='position:fixed;inset:20%;background:#fff'>
              <p>Une question</p><button>OK</button></div>"""
    assert not eyes_page.find(html, SIRET, id="#siret").usable


def test_an_id_of_something_that_is_not_shown_is_not_used(eyes_page: Eyes):
    """Nobody can type into it."""
    assert not eyes_page.find("<input id=siret style='display:none'>", SIRET, id="#siret").usable


def test_an_id_around_the_control_agrees(eyes_page: Eyes):
    """Calibration may have taken the box of the control: the same place."""
    html = "<div id=box><label>Numéro SIRET <input></label></div>"
    assert eyes_page.find(html, SIRET, id="#box").state == "found"


def test_buttons_have_ids_too(eyes_page: Eyes):
    """« Valider » and « Valider » differ by place only."""
    html = "<button id=a>Valider</button><button id=b>Valider</button>"
    assert eyes_page.find(html, button("Valider")).state == "ambiguous"
    assert eyes_page.find(html, button("Valider"), id="#b").way == "id"
