"""The eyes find a thing of a screen by the words on it and beside it, as a person does."""

from __future__ import annotations

import pytest

from robot.fields import plain
from robot.locators import eyes
from robot.screens import load_flows

from .drawing import Eyes, button, element, field, file, select

SIRET = field("Numéro SIRET", "SIRET")
# Hidden for the eye, as style sheets do, and there for the browser.
HIDDEN = "style='position:absolute;opacity:0;width:1px;height:1px'"


def test_a_control_says_its_own_name(eyes_page: Eyes):
    """A name for people who do not see the page is a name."""
    sight = eyes_page.find("<input aria-label='Numéro SIRET' value=19>", SIRET)
    assert (sight.state, sight.way, sight.label, sight.nature, sight.value) == (
        "found", "role", "Numéro SIRET", "text", "19",
    )  # fmt: skip


def test_a_label_names_its_control(eyes_page: Eyes):
    """`for` leads from words to control, wherever both stand."""
    html = "<label for=b>Numéro SIRET</label><p>…</p><input id=a value=no><input id=b value=yes>"
    sight = eyes_page.find(html, SIRET)
    assert (sight.way, sight.value) == ("label", "yes")


def test_a_label_holds_its_control(eyes_page: Eyes):
    """The words around a control are its words; what the control holds is not."""
    html = "<label>Cadre <select><option>A1<option selected>A2</select></label>"
    sight = eyes_page.find(html, select("Cadre"))
    assert (sight.way, sight.nature, sight.value) == ("label", "select", "A2")


@pytest.mark.parametrize(
    "words",
    [
        "NUMÉRO SIRET",
        "Numero siret",  # no accents
        "Numéro SIRET *",  # the star of what must be filled
        "* Numéro SIRET :",
        "Numéro&nbsp;SIRET",
        "Numéro SIRET (obligatoire)",
        "Numéro SIRET (14 chiffres)",  # a hint behind the words
        "Numéro SIRET : 14 chiffres",
        "<b>Numéro</b> <i>SIRET</i>",  # words in pieces
    ],
)
def test_words_are_read_as_a_person_reads_them(eyes_page: Eyes, words):
    """Case, accents, stars, colons and hints do not make other words."""
    assert eyes_page.find(f"<label>{words} <input></label>", SIRET).usable


@pytest.mark.parametrize("words", ["Numéro SIRETTE", "Ancien numéro SIRET", "Numéro SIRET du tiers", "SIREN", ""])
def test_other_words_are_other_things(eyes_page: Eyes, words):
    """Words that only begin alike name another control."""
    assert eyes_page.find(f"<label>{words} <input></label>", SIRET).state == "absent"


def test_newest_words_come_first(eyes_page: Eyes):
    """Where two labels of the flow are on the page, the first of the flow is meant."""
    html = "<label>SIRET <input value=old></label><br><label>Numéro SIRET <input value=new></label>"
    sight = eyes_page.find(html, SIRET)
    assert (sight.value, sight.label) == ("new", "Numéro SIRET")


def test_the_whole_words_come_before_words_with_a_hint(eyes_page: Eyes):
    """« Date » is the field called so, not « Date (de paiement) »."""
    html = "<label>Date (de paiement) <input value=no></label><br><label>Date <input value=yes></label>"
    assert eyes_page.find(html, field("Date")).value == "yes"


# --- words beside -------------------------------------------------------------------------------------------


def test_the_cell_before_names_the_control(eyes_page: Eyes):
    """Old portals lay forms out in tables."""
    html = """<table><tr><td>Numéro de marché</td><td><input value=no></td></tr>
              <tr><td>Numéro SIRET *</td><td><input value=yes></td></tr></table>"""
    sight = eyes_page.find(html, SIRET)
    assert (sight.way, sight.value) == ("beside", "yes")


def test_headings_above_name_four_amounts(eyes_page: Eyes):
    """One row of words, one row of fields: each word names the field under it."""
    names = ("Montant HT", "Montant TVA", "Montant TTC", "Montant à payer")
    html = (
        "<table><tr>" + "".join(f"<th>{name}</th>" for name in names) + "</tr><tr>"
        + "".join(f"<td><input value='{name}'></td>" for name in names) + "</tr></table>"
    )  # fmt: skip
    sights = eyes_page.look(html, ht=field(names[0]), tva=field(names[1]), ttc=field(names[2]), due=field(names[3]))
    assert [(sight.state, sight.value) for sight in sights.values()] == [("found", name) for name in names]


def test_words_above_name_the_field_under_them(eyes_page: Eyes):
    """Blocs with words on one line and the field on the next."""
    html = """<div><div>Numéro de facture</div><div><input value=number></div></div>
              <div><div>Date de facture</div><div><input value=date></div></div>"""
    sights = eyes_page.look(html, number=field("Numéro de facture"), date=field("Date de facture"))
    assert [sight.value for sight in sights.values()] == ["number", "date"]


def test_columns_of_fields_keep_their_own_words(eyes_page: Eyes):
    """Two fields in one line: words belong to the field on their right."""
    html = """<div style='display:flex;gap:8px'><span>Numéro</span><input value=number>
              <span>Date</span><input value=date></div>"""
    sights = eyes_page.look(html, number=field("Numéro"), date=field("Date"))
    assert [sight.value for sight in sights.values()] == ["number", "date"]


def test_a_control_with_another_label_is_never_taken(eyes_page: Eyes):
    """The words stand beside it, its own label says something else: it is another field."""
    html = "<div><span>Numéro SIRET</span> <input aria-label='Numéro de TVA'></div>"
    sight = eyes_page.find(html, SIRET)
    assert (sight.state, sight.words) == ("absent", True)


@pytest.mark.parametrize(
    "html",
    [
        # Rows of a table, blocs, and words and fields one under the other
        "<table><tr><td>Service<td>aucun</tr><tr><td>Numéro<td><input value=number></tr></table>",
        "<div><p>Service</p></div><div><p>Numéro</p><input value=number></div>",
        "<div><div><span>Service</span> <b>aucun</b></div><div><span>Numéro</span> <input value=number></div></div>",
        "<p>Service</p><p>aucun</p><p>Numéro</p><input value=number><p>Date</p><input>",
    ],
    ids=["table", "blocs", "lines", "flat"],
)
def test_words_without_a_field_do_not_take_the_next_one(eyes_page: Eyes, html):
    """What is shown as plain text has no field; the next field has its own words, and stays theirs."""
    assert eyes_page.find(html, field("Service")).state == "absent"
    sights = eyes_page.look(html, service=field("Service"), number=field("Numéro"))
    assert (sights["number"].state, sights["number"].value) == ("found", "number")


def test_words_without_any_control_are_told(eyes_page: Eyes):
    """Not drawn yet, or shown as plain text: the difference with « not there » matters."""
    assert eyes_page.find("<p>Numéro SIRET</p><p>194 409 843 00019</p>", SIRET).words
    assert not eyes_page.find("<p>Autre chose</p>", SIRET).words


def test_a_hint_in_the_field_is_the_last_word(eyes_page: Eyes):
    """Grey words in a field name it, where nothing else does."""
    sight = eyes_page.find("<input placeholder='Numéro SIRET'>", SIRET)
    assert (sight.state, sight.way) == ("found", "hint")


# --- one of several -----------------------------------------------------------------------------------------

TWO_BLOCS = """<section><h3>Bloc fournisseur</h3><label>SIRET <input value=ours></label></section>
               <section><h3>Bloc destinataire</h3><label>SIRET <input value=theirs></label></section>"""


def test_two_candidates_are_ambiguous(eyes_page: Eyes):
    """Neither is taken: a person would ask."""
    sight = eyes_page.find(TWO_BLOCS, field("SIRET"))
    assert (sight.state, sight.count) == ("ambiguous", 2)


@pytest.mark.parametrize(("bloc", "value"), [("Bloc fournisseur", "ours"), ("Bloc destinataire", "theirs")])
def test_the_bloc_tells_which(eyes_page: Eyes, bloc, value):
    """The same words in two blocs are two things."""
    sight = eyes_page.find(TWO_BLOCS, field("SIRET", within=[bloc]))
    assert (sight.state, sight.value) == ("found", value)


def test_a_bloc_may_be_a_title_between_fields(eyes_page: Eyes):
    """Without a box around it, a bloc is what follows its title."""
    html = """<form><h3>Fournisseur</h3><label>SIRET <input value=ours></label>
              <h3>Destinataire</h3><label>SIRET <input value=theirs></label></form>"""
    assert eyes_page.find(html, field("SIRET", within=["Destinataire"])).value == "theirs"


def test_a_card_holds_its_button(eyes_page: Eyes):
    """Every card of the home page has the same button."""
    html = """<div><h3>Engagement</h3><a href=#a>Accéder au domaine</a></div>
              <div><h3>Facturation</h3><a href=#b id=yes>Accéder au domaine</a></div>"""
    wanted = button("Accéder au domaine", within=["Facturation"])
    assert eyes_page.find(html, wanted, id="#yes").state == "found"
    assert eyes_page.find("<a href=#a>Accéder au domaine</a>", wanted).state == "absent"  # no such card


@pytest.mark.parametrize(
    "cards",
    [
        "<section><h2>{}</h2><a href=#a>{}</a></section><section><h2>Organisation</h2><a href=#b>Accéder</a></section>",
        "<div><b>{}</b><p><a href=#a>{}</a></div><div><b>Organisation</b><p><a href=#b>Accéder</a></div>",
        "<h2>{}</h2><a href=#a>{}</a><h2>Organisation</h2><a href=#b>Accéder</a><h2>Relais</h2><a href=#c>Accéder</a>",
        "<table><tr><td>{}<td><a href=#a>{}</a><tr><td>Organisation<td><a href=#b>Accéder</a></table>",
    ],
    ids=["titles", "bold words", "no boxes", "a table"],
)
def test_the_next_cards_button_is_never_taken(eyes_page: Eyes, cards: str):
    """Its own has other words, or is gone."""
    wanted = button("Accéder", within=["Facturation"])
    assert eyes_page.find(cards.format("Facturation", "Accéder"), wanted).state == "found"
    assert eyes_page.find(cards.format("Facturation", "Transmettre"), wanted).state == "absent"
    last = button("Accéder", within=["Organisation"])
    assert eyes_page.find(cards.format("Facturation", "Accéder").replace("#b>Accéder", "#b>Traiter"), last).state == "absent"


def test_near_means_in_the_same_small_group(eyes_page: Eyes):
    """The address beside the password, not the one of the newsletter."""
    html = """<div><label>E-mail <input value=newsletter></label><button>OK</button></div>
              <div><label>E-mail <input value=sign-in></label><label>Mot de passe <input type=password></label></div>"""
    sights = eyes_page.look(html, address=field("E-mail", near="password"), password=field("Mot de passe"))
    assert (sights["address"].state, sights["address"].value) == ("found", "sign-in")


@pytest.mark.parametrize(
    ("html", "state"),
    [
        ("<p>Saisissez ceci</p><input>", "found"),  # alone of its kind
        ("<input><input>", "absent"),  # which one?
        ("<input><input style='display:none'>", "found"),  # what nobody sees does not count
        ("<input><input type=checkbox> Se souvenir", "found"),  # another kind
    ],
)
def test_the_only_field_of_a_page_may_be_taken(eyes_page: Eyes, html, state):
    """`sole` says so, for screens whose words nobody knows."""
    sight = eyes_page.find(html, field("Code", sole=True))
    assert (sight.state, sight.way) == (state, "sole" if state == "found" else "")


def test_without_sole_an_only_field_is_not_taken(eyes_page: Eyes):
    """Being alone is not being meant."""
    assert eyes_page.find("<input>", field("Code")).state == "absent"


def test_one_control_is_not_two_elements(eyes_page: Eyes):
    """Two elements that lead to the same field are both doubtful."""
    html = "<label>Date de facture <input></label>"
    sights = eyes_page.look(html, invoice=field("Date de facture"), payment=field("Échéance", "Date de facture"))
    assert {sight.state for sight in sights.values()} == {"ambiguous"}


# --- kinds --------------------------------------------------------------------------------------------------


def test_a_hidden_file_input_behind_a_styled_button(eyes_page: Eyes):
    """The real chooser cannot be seen: the button over it can."""
    html = f"""<div><label for=f><span class=btn>Choix du fichier à importer</span></label>
               <input id=f type=file {HIDDEN}></div>"""
    sight = eyes_page.find(html, file("Choix du fichier à importer"))
    assert (sight.state, sight.nature) == ("found", "file")


def test_a_file_input_without_any_box(eyes_page: Eyes):
    """`display: none` on the input alone: its surroundings are on the page."""
    html = "<div><button>Choix du fichier</button><input type=file style='display:none'></div>"
    assert eyes_page.find(html, file("Fichier", sole=True)).state == "found"


def test_the_file_input_of_a_hidden_window_is_not_taken(eyes_page: Eyes):
    """A window that is not shown is another screen."""
    html = """<div style='display:none'><div><div><div><div><div>
              <label>Fichier <input type=file></label></div></div></div></div></div></div><p>Formulaire</p>"""
    assert eyes_page.find(html, file("Fichier", sole=True)).state == "absent"


SELECT2 = """<style>.select2-hidden-accessible { border: 0; clip: rect(0 0 0 0); height: 1px; overflow: hidden;
  padding: 0; position: absolute; width: 1px }</style>
<label for=s>Notre structure</label>
<select id=s class=select2-hidden-accessible><option value=''>-
<option value=7 selected>CABINET (00020260600018)</select>
<span class=select2-container><span class=select2-selection role=combobox aria-haspopup=listbox tabindex=0
  aria-labelledby=drawn style='display:inline-block;width:300px;height:30px'>
  <span id=drawn>CABINET (00020260600018)</span></span></span>"""


def test_a_drawn_list_stands_for_the_real_one(eyes_page: Eyes):
    """Select2 hides the list and draws its own: the drawn one is pressed, the real one's answers are known."""
    sight = eyes_page.find(SELECT2, select("Notre structure"))
    assert (sight.state, sight.nature, sight.value) == ("found", "picker", "CABINET (00020260600018)")
    assert [(option.value, option.chosen) for option in sight.options] == [("", False), ("7", True)]


def test_radio_buttons_are_one_question(eyes_page: Eyes):
    """The legend asks, the labels answer."""
    html = """<fieldset><legend>Le destinataire est-il l'État ?</legend>
              <label><input type=radio name=e value=O> Oui</label>
              <label><input type=radio name=e value=N checked> Non</label></fieldset>"""
    sight = eyes_page.find(html, select("Le destinataire est-il l’État ?"))
    assert (sight.state, sight.nature, sight.value) == ("found", "radio", "Non")
    assert [(option.text.strip(), option.chosen) for option in sight.options] == [("Oui", False), ("Non", True)]


def test_a_field_may_be_a_list_on_another_portal(eyes_page: Eyes):
    """What is typed here is picked there: only the words tell."""
    html = "<label>Service exécutant <select><option>FIN-01</select></label>"
    assert eyes_page.find(html, field("Service exécutant")).nature == "select"


def test_a_button_is_no_field(eyes_page: Eyes):
    """« Rechercher » on a button does not name the field beside it."""
    assert eyes_page.find("<button>SIRET</button><input>", field("SIRET")).state == "absent"


@pytest.mark.parametrize(
    "html",
    [
        "<button>Valider</button>",
        "<a href=#>Valider</a>",
        "<input type=submit value=Valider>",
        "<div role=button tabindex=0>Valider</div>",
        "<li role=tab>Valider</li>",
        "<button aria-label=Valider><svg></svg></button>",
        "<button><img alt=Valider src='data:,'>→</button>",
        "<span onclick='1'>Valider</span>",
        "<span style='cursor:pointer'>Valider</span>",  # a script listens elsewhere
        "<button>\n  <span>VALIDER</span>\n</button>",
    ],
)
def test_whatever_can_be_pressed_is_a_button(eyes_page: Eyes, html):
    """Portals make buttons of anything."""
    assert eyes_page.find(html, button("Valider")).state == "found"


@pytest.mark.parametrize(
    "html", ["<p>Valider</p>", "<button hidden>Valider</button>", "<button>Valider et envoyer</button>"]
)
def test_words_alone_are_no_button(eyes_page: Eyes, html):
    """Plain words, hidden buttons and buttons that say more are something else."""
    assert eyes_page.find(html, button("Valider")).state == "absent"


def test_the_button_is_meant_where_a_tab_bears_its_words(eyes_page: Eyes):
    """« Rechercher » is a tab, and the button of its page."""
    html = "<nav><a href=#>Rechercher</a></nav><button id=yes>Rechercher</button>"
    assert eyes_page.find(html, button("Rechercher"), id="#yes").state == "found"


def test_a_grey_field_is_locked(eyes_page: Eyes):
    """The portal fills it itself."""
    assert eyes_page.find("<label>SIRET <input readonly value=19></label>", field("SIRET")).locked
    assert eyes_page.find("<label>SIRET <input disabled value=19></label>", field("SIRET")).locked


def test_a_password_never_leaves_the_page(eyes_page: Eyes):
    """Not even to us: only whether there is one."""
    html = "<label>Mot de passe <input type=password value='rouge gorge'></label>"
    assert eyes_page.find(html, field("Mot de passe")).value == "•••"


def test_a_collapsed_panel_has_its_toggle(eyes_page: Eyes):
    """The field is there once its panel is opened."""
    html = """<button aria-controls=panel>Références</button>
              <div id=panel style='display:none'><label>Numéro de marché <input></label></div>"""
    assert eyes_page.find(html, field("Numéro de marché")).state == "collapsed"
    assert (
        eyes_page.find("<details><summary>Plus</summary><label>SIRET <input></label></details>", SIRET).state
        == "collapsed"
    )


def test_a_field_that_no_toggle_opens_is_absent(eyes_page: Eyes):
    """What a person cannot see, nor open, is not there."""
    assert eyes_page.find("<div style='display:none'><label>SIRET <input></label></div>", SIRET).state == "absent"


def test_a_table_is_known_by_a_heading(eyes_page: Eyes):
    """Its caption, or the words of one column."""
    html = "<table><tr><th>Numéro<th>État</tr><tr><td>2026-1<td>Déposée</tr></table>"
    assert eyes_page.find(html, element("table", "Résultats", "Numéro")).state == "found"
    assert eyes_page.find(html, element("table", "Montant")).state == "absent"


def test_what_a_shadow_holds_is_seen(eyes_page: Eyes):
    """Components draw their fields in a tree of their own."""
    html = """<x-champ></x-champ><script>document.querySelector("x-champ").attachShadow({ mode: "open" })
              .innerHTML = "<label>SIRET <input value=19></label>"</script>"""
    assert eyes_page.find(html, SIRET).value == "19"


# --- twins --------------------------------------------------------------------------------------------------


def test_words_mean_the_same_to_the_eyes_and_to_the_robot(eyes_page: Eyes):
    """Every word of the flows is compared alike in the page (`norm`) and outside (`plain`)."""
    flows = load_flows()
    elements = [one for screen in flows.screens.values() for one in screen.elements.values()]
    words = sorted({label for one in elements for label in (*one.labels, *(one.within or ()))})
    normal = eyes_page.page.evaluate(f"words => words.map(({eyes()}).norm)", words)
    assert normal == [plain(word) for word in words]
