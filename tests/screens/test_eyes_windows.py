"""The eyes know what is in front, what the portal says, and which screen it is."""

from __future__ import annotations

import pytest

from .drawing import Eyes, button, element, field, screen

PAGE = "<h1>Formulaire</h1><label>Numéro <input value=behind></label><button>Valider</button>"
FIXED = "position:fixed;left:300px;top:200px;width:600px;height:300px;background:#fff"
VEIL = "position:fixed;inset:0;background:#0008"
ASKING = "<p>Confirmation d'envoi</p><button>Confirmer</button>"

NUMBER = field("Numéro")


@pytest.mark.parametrize(
    "window",
    [
        f"<dialog open style='{FIXED}'>{ASKING}</dialog>",  # the browser's own
        f"<div role=dialog style='{FIXED}'>{ASKING}</div>",
        f"<div role=alertdialog aria-modal=true style='{FIXED}'>{ASKING}</div>",
        f"<div class=modal style='{VEIL}'><div style='margin:100px;background:#fff'>{ASKING}</div></div>",  # Bootstrap
        f"<div style='{FIXED}'>{ASKING}</div>",  # home-made, without any word of markup
    ],
)
def test_a_window_hides_the_page_behind(eyes_page: Eyes, window):
    """A person can only use the window; the page behind is not there."""
    eyes_page.draw(PAGE + window)
    assert eyes_page.survey(text=True).window
    assert "Formulaire" not in eyes_page.survey(text=True).text
    assert eyes_page.find(PAGE + window, NUMBER).state == "absent"
    assert eyes_page.find(PAGE + window, button("Confirmer")).state == "found"


@pytest.mark.parametrize(
    "box",
    [
        f"<div style='{VEIL}'>Chargement…</div>",  # goes by itself, asks nothing
        f"<div class=modal style='{VEIL}'><p>Veuillez patienter</p></div>",
        f"<div role=dialog style='{FIXED};display:none'>{ASKING}</div>",  # not shown
        # A bar, a help bubble, a side menu
        "<header style='position:fixed;top:0;left:0;right:0;height:60px'><a href=#>Accueil</a></header>",
        "<div style='position:fixed;right:20px;bottom:20px;width:60px;height:60px'><button>Aide</button></div>",
        "<div style='position:fixed;inset:0 80% 0 0;background:#eee'><nav><a href=#>Menu</a></nav></div>",
    ],
)
def test_what_is_no_window_hides_nothing(eyes_page: Eyes, box):
    """Veils, bars and bubbles stand over the page without asking anything."""
    sight = eyes_page.find(PAGE + box, NUMBER)
    assert (eyes_page.survey().window, sight.state) == (False, "found")


def test_the_topmost_window_is_in_front(eyes_page: Eyes):
    """A window that opens over a window."""
    first = f"<div role=dialog style='{FIXED}'><p>Dépôt</p><label>Numéro <input value=first></label></div>"
    second = f"<div role=dialog style='{FIXED};z-index:2'><p>Sûr ?</p><label>Numéro <input value=second></label></div>"
    assert eyes_page.find(PAGE + second + first, NUMBER).value == "second"


# --- what the portal says -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "is_error"),
    [
        ("<div class='alert alert-danger'>Le numéro existe déjà</div>", True),
        ("<div class='alert alert-success'>La pièce jointe est ajoutée</div>", False),
        ("<div class='alert alert-info'>Le fichier ne peut pas dépasser 10 Mo</div>", False),  # a hint, not a refusal
        ("<div role=alert>Numéro SIRET inconnu</div>", True),  # no colour: the words complain
        ("<div role=status>Brouillon enregistré</div>", False),
        ("<span class=invalid-feedback>Champ requis</span>", True),
        ("<p style='color:#c00'>Le champ est obligatoire</p>", True),  # red words, no class
        ("<div class=messages><ul><li>La date est invalide</li></ul></div>", True),
        ("<div class=toast>Chargement terminé</div>", False),
    ],
)
def test_messages_and_errors_are_told_apart(eyes_page: Eyes, html, is_error):
    """What is said is heard; only complaints are errors."""
    eyes_page.draw(PAGE + html)
    facts = eyes_page.survey(messages=True)
    assert len(facts.messages) == 1
    assert facts.errors == (facts.messages if is_error else ())


@pytest.mark.parametrize(
    "html",
    [
        "<p>Le numéro est obligatoire</p>",  # plain help
        "<label style='color:#c00'>Numéro obligatoire</label>",  # a red label asks, it does not complain
        "<button style='color:#c00'>Supprimer la facture</button>",
        "<div class='alert alert-danger' style='display:none'>Le numéro existe déjà</div>",
        "<span style='color:#c00'>*</span>",
    ],
)
def test_what_is_no_message_is_not_heard(eyes_page: Eyes, html):
    """Help, labels, buttons and what is not shown are not said by the portal."""
    eyes_page.draw(PAGE + html)
    assert eyes_page.survey(messages=True).messages == ()


def test_a_message_inside_a_message_is_heard_once(eyes_page: Eyes):
    """Boxes in boxes say one sentence."""
    eyes_page.draw("<div class=messages><div class='alert error'><span role=alert>Montant invalide</span></div></div>")
    assert eyes_page.survey(messages=True).errors == ("Montant invalide",)


# --- recognising screens ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mark", "html", "is_seen"),
    [
        ({"elements": ["number"]}, PAGE, True),
        ({"elements": ["number", "send"]}, PAGE, False),  # all that is given must be seen
        ({"elements": ["number"]}, PAGE + "<label>Numéro <input></label>", True),  # two: there, and doubtful
        ({"elements": ["number"], "without": {"Valider": "unknown"}}, PAGE, False),
        ({"heading": {"Formulaire": "unknown"}}, PAGE, True),
        ({"heading": {"Formulaire": "unknown"}}, "<h1>Formulaire de contact</h1>", False),  # in full
        ({"heading": {"Formulaire": "unknown"}}, "<a href=#><b>Formulaire</b></a>", False),  # a menu is no title
        ({"text": {"FORMULAIRE": "unknown"}}, PAGE, True),
        ({"text": {"formulaire": "unknown"}}, "<p hidden>Formulaire</p>", False),
        ({"dialog": {"Confirmation d'envoi": "unknown"}}, PAGE + f"<dialog open>{ASKING}</dialog>", True),
        ({"native": {"Quitter": "unknown"}}, "<p>Quitter</p>", False),  # the browser's question is no page
    ],
)
def test_a_screen_is_recognised_by_its_marks(eyes_page: Eyes, mark, html, is_seen):
    """As a person knows where he is."""
    wanted = screen(here=[mark], elements={"number": NUMBER, "send": button("Confirmer et envoyer")})
    assert eyes_page.seen(html, wanted) == (("essai",) if is_seen else ())


def test_any_mark_is_enough(eyes_page: Eyes):
    """Portals of two generations show the same screen in two ways."""
    marks = [{"dialog": {"Dépôt": "unknown"}}, {"text": {"Formulaire": "unknown"}}]
    assert eyes_page.seen(PAGE, screen(here=marks)) == ("essai",)


def test_screens_behind_a_window_are_not_seen(eyes_page: Eyes):
    """The window is the screen in front."""
    behind, front = screen("page", elements={"number": NUMBER}), screen("window", elements={"yes": button("Confirmer")})
    assert eyes_page.seen(PAGE + f"<div role=dialog style='{FIXED}'>{ASKING}</div>", behind, front) == ("window",)


@pytest.mark.parametrize(
    ("html", "said_before", "is_seen"),
    [
        ("<p>Brouillon</p>", [], False),  # nothing came of the press yet
        ("<p>Brouillon</p><div role=status>Enregistré</div>", [], True),  # the portal answered
        ("<p>Brouillon</p><div role=status>Enregistré</div>", ["Enregistré"], False),  # an old answer
        ("<p>Brouillon</p><div class=error>Date invalide</div>", [], False),  # a complaint is no answer
    ],
)
def test_a_fresh_screen_waits_for_the_answer(eyes_page: Eyes, html, said_before, is_seen):
    """« Brouillon » was on the page before the press: only an answer makes it one."""
    wanted = screen(here=[{"text": {"Brouillon": "unknown"}, "fresh": True}])
    eyes_page.draw(html)
    since = {"document": eyes_page.survey().document, "messages": said_before}
    assert eyes_page.seen(html, wanted, messages=True, since=since) == (("essai",) if is_seen else ())


def test_a_page_drawn_anew_is_an_answer(eyes_page: Eyes):
    """Another document, without complaint."""
    wanted = screen(here=[{"text": {"Brouillon": "unknown"}, "fresh": True}])
    since = {"document": 1.0, "messages": []}
    assert eyes_page.seen("<p>Brouillon</p>", wanted, messages=True, since=since) == ("essai",)
    refused = "<p>Brouillon</p><p class=error>Date invalide</p>"
    assert eyes_page.seen(refused, wanted, messages=True, since=since) == ()


def test_rows_and_counts_are_read_in_one_look(eyes_page: Eyes):
    """What a list shows, cell by cell; how often words stand on the page, spaces apart."""
    eyes_page.draw("<table><tr><th>Numéro<th>État</tr><tr><td>2026-1<td>Déposée</tr></table><p>194 409 843 00019</p>")
    facts = eyes_page.survey(tables=True, counts=["19440984300019", "absent"])
    assert facts.tables == ((("Numéro", "État"), ("2026-1", "Déposée")),)
    assert facts.counts == (1, 0)


def test_a_value_is_read_in_the_text(eyes_page: Eyes):
    """It is no control: the words before it are looked for in the text of the front."""
    sight = eyes_page.find("<p>Certificat n° abc</p>", element("value", "Certificat n°"))
    assert sight.state == "absent"
    assert "Certificat n° abc" in eyes_page.survey(text=True).text
