"""A screen as a page object: pressing, looking up, reading, downloading, as a person does."""

from __future__ import annotations

from decimal import Decimal

import pytest

from robot.failures import ElementNotFound, PortalRefused, ScreenChanged

from .drawing import PDF, button, element, field, screen

SIRET = "19440984300019"
# What a script does once it is pressed: after a moment, as portals answer.
LATER = "setTimeout(() => {{ {} }}, 150)"


def script(body: str) -> str:
    return f"<script>{body}</script>"


# --- pressing -----------------------------------------------------------------------------------------------

GO = screen(elements={"go": button("Valider")})


def test_a_button_is_pressed(open_screen):
    """What was found, and how, is told."""
    page = open_screen("<button onclick='document.title = \"pressé\"'>Valider</button>", GO)
    done = page.press("go")
    assert (page.frame.title(), done.way, done.label) == ("pressé", "role", "Valider")


def test_a_button_under_a_bubble_is_pressed_all_the_same(open_screen, impatient):
    """A help bubble floats over it: the keyboard reaches it."""
    html = """<button onclick='document.title = "pressé"'>Valider</button>
              <div style='position:fixed;left:0;top:0;width:200px;height:50px;background:#ccc'>?</div>"""
    page = open_screen(html, GO)
    page.press("go")
    page.frame.wait_for_function("document.title === 'pressé'", timeout=2000)


def test_a_button_that_is_not_there_is_named(open_screen, impatient):
    """In the portal's own words."""
    page = open_screen("<p>Rien</p>", GO)
    with pytest.raises(ElementNotFound, match="« Valider » est introuvable"):
        page.press("go")


def test_a_grey_button_is_a_question_of_what_is_missing(open_screen, impatient):
    """A person would look for the empty field."""
    page = open_screen("<button disabled>Valider</button>", GO)
    with pytest.raises(ElementNotFound, match="« Valider » ne répond pas") as caught:
        page.press("go")
    assert "un champ obligatoire est peut-être vide" in caught.value.cure


def test_making_sure_presses_nothing(open_screen):
    """What fails before the one gesture that cannot be undone has sent nothing."""
    page = open_screen("<button onclick='document.title = \"pressé\"'>Valider</button>", GO)
    page.ready_to_press("go")
    assert page.frame.title() == "Essai"


ADD = screen(elements={"add": button("Ajouter")})


def adding(effect: str) -> str:
    """A list of documents, and what « Ajouter » does to it."""
    return "<ul><li>bilan.pdf</li></ul><button>Ajouter</button>" + script(
        f"document.querySelector('button').onclick = () => {LATER.format(effect)}"
    )


def test_what_was_added_is_seen_once_more(open_screen):
    """A document of the same name was there before: only one more is a success."""
    page = open_screen(adding("document.querySelector('ul').innerHTML += '<li>bilan.pdf</li>'"), ADD)
    assert page.press_and_see("add", ["bilan.pdf"]).element == "add"


def test_a_complaint_instead_of_the_document_is_a_refusal(open_screen, impatient):
    """In the portal's own words, without waiting for longer than the portal needs."""
    page = open_screen(adding("document.body.innerHTML += '<p class=error>Fichier trop gros</p>'"), ADD)
    with pytest.raises(PortalRefused, match="Fichier trop gros"):
        page.press_and_see("add", ["bilan.pdf"])


def test_nothing_at_all_is_a_changed_screen(open_screen, impatient):
    """Neither the document nor a word: nobody knows."""
    page = open_screen(adding(""), ADD)
    with pytest.raises(ScreenChanged, match=r"Après « Ajouter », l'écran ne montre pas « bilan\.pdf »"):
        page.press_and_see("add", ["bilan.pdf"])


# --- looking up ---------------------------------------------------------------------------------------------

RECIPIENT = screen(
    elements={
        "siret": field("Numéro SIRET", within=["Bloc destinataire"]),
        "go": button("Rechercher", within=["Bloc destinataire"]),
        "box": field("SIRET", "Identifiant", sole=True),
        "take": button("Sélectionner", "Valider"),
    }
)
BLOC = "<section><h3>Bloc destinataire</h3><label>Numéro SIRET <input id=s></label>{}</section><p id=kept></p>"
FOUND = """<ul><li>NANTES UNIVERSITÉ — 194 409 843 00019
  <a href=# onclick="kept.textContent = 'Nantes'">Choisir</a></li></ul>"""
WINDOW = """<div id=w role=dialog hidden style='position:fixed;inset:20%;background:#fff'><p>Recherche</p>
  <label>SIRET <input id=q></label><button id=look>Rechercher</button><div id=list></div>
  <button id=ok>Valider</button></div>"""


def look_up(page, value: str = SIRET):
    return page.look_up("siret", value, search="go", box="box", pick="take")


def test_a_portal_that_searches_by_itself(open_screen):
    """No button: leaving the field is enough, and the field keeps what was typed."""
    page = open_screen(BLOC.format(""), RECIPIENT)
    done = look_up(page)
    assert (page.read("siret"), done.value, done.before) == (SIRET, SIRET, "")


def test_a_portal_that_searches_on_a_button(open_screen):
    """The name of the structure comes beside the field, with nothing to pick."""
    answer = LATER.format("kept.textContent = 'NANTES UNIVERSITÉ (194 409 843 00019)'")
    page = open_screen(
        BLOC.format("<button id=b>Rechercher</button>") + script(f"b.onclick = () => {answer}"), RECIPIENT
    )
    look_up(page)
    assert "NANTES" in page.look(text=True).text


def test_a_portal_that_lists_what_it_found(open_screen):
    """The row with our SIRET is taken by its own link."""
    answer = LATER.format(f"document.body.insertAdjacentHTML('beforeend', `{FOUND}`)")
    page = open_screen(
        BLOC.format("<button id=b>Rechercher</button>") + script(f"b.onclick = () => {answer}"), RECIPIENT
    )
    look_up(page)
    assert page.frame.locator("#kept").inner_text() == "Nantes"


def test_a_portal_that_searches_in_a_window(open_screen):
    """The window is filled, its row chosen, its button pressed; then the form has the answer."""
    html = BLOC.format("<button id=b>Rechercher</button>") + WINDOW + script(
        "b.onclick = () => w.hidden = false;"
        "look.onclick = () => list.innerHTML = `<table><tr><td><input type=radio name=r></td>"
        "<td>NANTES</td><td>${q.value}</td></tr></table>`;"
        "ok.onclick = () => { if (document.querySelector('[name=r]:checked')) { w.hidden = true; s.value = q.value;"
        "kept.textContent = 'Nantes' } }"
    )  # fmt: skip
    page = open_screen(html, RECIPIENT)
    look_up(page)
    assert (page.frame.locator("#kept").inner_text(), page.read("siret")) == ("Nantes", SIRET)


@pytest.mark.parametrize(
    "words",
    [
        "La recherche n'a retourné aucun résultat",
        "Aucun resultat.",
        "Structure inconnue dans l'annuaire",
        "Cet identifiant n'existe pas",
        "SIRET introuvable",
    ],
)
def test_a_siret_that_nobody_has_is_a_refusal(open_screen, words):
    """The portal's sentence is told, with where to look."""
    answer = LATER.format(f'kept.textContent = "{words}"')
    page = open_screen(
        BLOC.format("<button id=b>Rechercher</button>") + script(f"b.onclick = () => {answer}"), RECIPIENT
    )
    with pytest.raises(PortalRefused) as caught:
        look_up(page)
    assert words in caught.value.message
    assert "bon de commande" in caught.value.cure


# The first press comes to nothing, for somebody has emptied the field; the second finds.
EMPTIED = """let first = true;
  b.onclick = () => {
    if (first) { first = false; s.value = ''; kept.textContent = "La recherche n'a retourné aucun résultat" }
    else if (s.value) { kept.textContent = `NANTES UNIVERSITÉ (${s.value} 00019)` }
    pressed.textContent += 'x' }"""


def test_a_field_that_somebody_emptied_is_typed_in_once_more(open_screen):
    """A page loaded anew between the typing and the press has searched for nothing: that says nothing of the SIRET."""
    html = BLOC.format("<button id=b>Rechercher</button>") + "<p id=pressed></p>" + script(EMPTIED)
    page = open_screen(html, RECIPIENT)
    look_up(page)
    assert (page.read("siret"), page.frame.locator("#pressed").inner_text()) == (SIRET, "xx")


def test_a_siret_that_nobody_has_is_searched_once(open_screen):
    """The field kept it: the portal's answer stands, and is not asked for again."""
    html = BLOC.format("<button id=b>Rechercher</button>") + "<p id=pressed></p>" + script(
        "b.onclick = () => { kept.textContent = 'Aucun résultat'; pressed.textContent += 'x' }"
    )  # fmt: skip
    page = open_screen(html, RECIPIENT)
    with pytest.raises(PortalRefused):
        look_up(page)
    assert page.frame.locator("#pressed").inner_text() == "x"


def test_a_list_that_is_picked_in_needs_no_search(open_screen):
    """On another portal the recipient is picked: no button is pressed."""
    html = """<section><h3>Bloc destinataire</h3><span id=l>Numéro SIRET</span>
      <div role=combobox tabindex=0 id=p aria-labelledby=l style='width:300px;height:30px'></div>
      <button onclick='document.title = "cherché"'>Rechercher</button></section>
      <div id=drop hidden><input type=search><ul role=listbox></ul></div>
      <script>const list = document.querySelector("ul"), box = document.querySelector("[type=search]");
      p.onclick = () => drop.hidden = false;
      box.oninput = () => list.innerHTML = `<li role=option>NANTES (${box.value})</li>`;
      list.onclick = e => { p.textContent = e.target.textContent; drop.hidden = true }</script>"""
    page = open_screen(html, RECIPIENT)
    look_up(page)
    assert (page.read("siret"), page.frame.title()) == (f"NANTES ({SIRET})", "Essai")


# --- reading ------------------------------------------------------------------------------------------------

SUMMARY = screen(
    here=[{"text": {"Récapitulatif": "unknown"}}],
    elements={
        "digest": element("value", "Certificat de dépôt n°"),
        "ht": element("value", "Montant HT après remise globale", "Montant HT"),
        "number": field("Numéro"),
        "list": element("table", "Résultats", "Numéro de facture"),
        "export": button("Exporter"),
    },
)


@pytest.mark.parametrize(
    ("html", "name", "value"),
    [
        ("<p>Certificat de dépôt n° : abc=</p><p>Suite</p>", "digest", "abc="),
        ("<table><tr><td>Certificat de dépôt n°</td><td>abc=</td><td>x</td></tr></table>", "digest", "abc="),
        ("<dl><dt>Montant HT<dd>600,00 €</dl>", "ht", "600,00 €"),
        ("<label>Numéro <input value=2026-1></label>", "number", "2026-1"),
    ],
)
def test_what_a_screen_shows_is_read(open_screen, html, name, value):
    """After its words in the text, or in its field."""
    assert open_screen(html, SUMMARY).read(name) == value


def test_what_is_not_shown_cannot_be_read(open_screen, impatient):
    """Words that are not there are named."""
    with pytest.raises(ElementNotFound, match="« Certificat de dépôt n° » est introuvable"):
        open_screen("<p>Récapitulatif</p>", SUMMARY).read("digest")


def test_each_occurrence_may_say_the_value(open_screen):
    """« Montant HT après remise » stands before « Montant HT »: both begin alike."""
    page = open_screen("<p>Montant HT avant remise : 700,00</p><p>Montant HT : 600,00</p>", SUMMARY)
    assert page.says("ht", Decimal("600"))[0]
    assert page.says("ht", Decimal("60")) == (False, "avant remise : 700,00")


def test_rows_of_the_right_table(open_screen):
    """Known by a heading; none where it is not shown."""
    other = "<table><tr><th>Aide</tr></table>"
    table = "<table><tr><th>Numéro de facture<th>État</tr><tr><td>2026-1<td>Déposée</tr></table>"
    assert open_screen(other + table, SUMMARY).rows("list") == [["Numéro de facture", "État"], ["2026-1", "Déposée"]]
    assert open_screen(other, SUMMARY).rows("list") == []


@pytest.mark.parametrize(
    "html",
    [
        "<a href=/certificat.pdf>Exporter</a>",
        "<a href=/certificat.pdf target=_blank>Exporter</a>",  # in a tab of its own
        "<form method=post action=/certificat.pdf><button>Exporter</button></form>",
    ],
)
def test_a_file_is_downloaded_whole(open_screen, html):
    """However the portal gives it."""
    assert open_screen(html, SUMMARY).download("export") == PDF


def test_no_file_is_a_changed_screen(open_screen, impatient):
    """A button that gives nothing is named."""
    with pytest.raises(ElementNotFound, match="« Exporter » n'a donné aucun fichier"):
        open_screen("<button>Exporter</button>", SUMMARY).download("export")
