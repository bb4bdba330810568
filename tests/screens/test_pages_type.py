"""A screen as a page object: values are put as a person puts them, and nothing is typed on the wrong host."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from playwright.sync_api import Error as PlaywrightError
from pydantic import SecretStr

from robot.failures import ElementNotFound, HostRefused, PortalRefused

from .drawing import button, field, file, screen, select

SECRET = SecretStr("rouge-gorge-42")
FORM = """<label>Numéro <input name=number value='lu dans le PDF'></label>
<label>Date <input name=date type=date></label>
<label>Montant HT <input name=ht></label>"""
INVOICE = screen(elements={"number": field("Numéro"), "date": field("Date"), "ht": field("Montant HT")})

YES_NO = {"true": "OUI", "false": "NON"}
CADRES = {"A1": "A1 : Fournisseur", "A12": "A12 : Cotraitant"}
SIGN_IN = screen("connexion", sign_in=True, elements={"password": field("Mot de passe"), "mail": field("Adresse")})
SIGN_IN_FORM = """<label>Adresse <input name=mail></label>
  <label>Mot de passe <input name=password type=password></label>"""


def shown(page, name: str) -> str:
    """What stands in a field of the page, secrets included."""
    return str(page.frame.locator(f"[name={name}]").input_value())


# --- typing -------------------------------------------------------------------------------------------------


def test_values_are_typed_as_their_fields_take_them(open_screen):
    """By the names of the flow, each as its control takes it."""
    page = open_screen(FORM, INVOICE)
    done = page.fill(number="2026-1", date=dt.date(2026, 10, 31), ht=Decimal("1400"))
    assert [shown(page, name) for name in ("number", "date", "ht")] == ["2026-1", "2026-10-31", "1400,00"]
    assert [(one.element, one.label, one.before, one.value) for one in done] == [
        ("number", "Numéro", "lu dans le PDF", "2026-1"),
        ("date", "Date", "", "31/10/2026"),
        ("ht", "Montant HT", "", "1400,00"),
    ]


def test_what_is_right_already_is_left(open_screen):
    """The portal read the amount in the PDF: its own writing stays."""
    page = open_screen("<label>Montant HT <input name=ht value='1 400,00 €'></label>", INVOICE)
    page.fill(ht=Decimal("1400"))
    assert shown(page, "ht") == "1 400,00 €"


def test_a_value_not_given_empties_the_field(open_screen):
    """What the portal read wrongly does not stay; a field that is not there needs nothing."""
    page = open_screen("<label>Numéro <input name=number value=faux></label>", INVOICE)
    page.fill(number=None)
    assert shown(page, "number") == ""
    (done,) = page.fill(ht=None)
    assert done.skipped == "l'écran ne le montre pas et la facture n'en a pas"


def test_a_locked_field_is_left_and_told(open_screen):
    """The portal fills it itself: the read-back judges it."""
    page = open_screen("<label>Numéro <input name=number readonly value=1></label>", INVOICE)
    (done,) = page.fill(number="2026-1")
    assert (shown(page, "number"), done.skipped) == ("1", "le portail le remplit lui-même")


def test_the_field_is_left_as_a_person_leaves_it(open_screen):
    """Leaving a field is what makes a page compute its totals."""
    html = """<p id=total></p><script>const ht = document.querySelector("[name=ht]");
              ht.onchange = () => total.textContent = ht.value</script>"""
    page = open_screen(FORM + html, INVOICE)
    page.fill(ht=Decimal("600"))
    assert page.frame.locator("#total").inner_text() == "600,00"


def test_a_masked_field_is_typed_key_by_key(open_screen):
    """A mask that refuses pasted text takes keys."""
    html = """<label>Numéro <input name=number></label><script>
      const box = document.querySelector("input");
      box.addEventListener("input", e => { if (!e.data || e.data.length > 1) box.value = "" })</script>"""
    page = open_screen(html, INVOICE)
    page.fill(number="2026-1")
    assert shown(page, "number") == ""
    page.put_again("number", "2026-1")
    assert shown(page, "number") == "2026-1"


def test_a_collapsed_panel_is_opened_first(open_screen):
    """As a person does to reach the field."""
    page = open_screen(
        "<details><summary>Références</summary><label>Numéro <input name=number></label></details>", INVOICE
    )
    page.fill(number="2026-1")
    assert shown(page, "number") == "2026-1"


def test_a_panel_that_did_not_listen_yet_is_pressed_once_more(open_screen):
    """A page may be there a moment before its script is."""
    html = """<button aria-controls=p>Références</button>
      <div id=p style='display:none'><label>Numéro <input name=number></label></div>
      <script>let n = 0; document.querySelector("button").onclick = () => { if (n++) p.style.display = "block" }</script>"""
    page = open_screen(html, screen(elements={"number": field("Numéro")}))
    page.fill(number="2026-1")
    assert shown(page, "number") == "2026-1"


def test_a_field_drawn_late_is_waited_for(open_screen):
    """The page is recognised before a script has drawn everything."""
    html = """<p>Bonjour</p><script>setTimeout(() => document.body.insertAdjacentHTML("beforeend",
      "<label>Numéro <input name=number></label>"), 300)</script>"""
    page = open_screen(html, INVOICE)
    page.fill(number="2026-1")
    assert shown(page, "number") == "2026-1"


@pytest.mark.parametrize(
    ("html", "why"),
    [
        ("<p>Bonjour</p>", "est introuvable"),
        ("<label>Numéro <input></label><br><label>Numéro <input></label>", "désigne 2 contrôles à la fois"),
    ],
)
def test_an_element_that_cannot_be_used_is_named(open_screen, impatient, html, why):
    """In the words of the portal, with what to do."""
    page = open_screen(html, INVOICE)
    with pytest.raises(ElementNotFound, match=why) as caught:
        page.fill(number="2026-1")
    assert caught.value.what.startswith("« Numéro »")
    assert "rien n'a été envoyé" in caught.value.cure


def test_a_value_is_never_typed_into_the_field_of_other_words(open_screen, impatient):
    """The portal shows the number as plain text: it is not typed into the next field, which is the date's."""
    html = "<table><tr><td>Numéro<td>2026-1</tr><tr><td>Date<td><input name=date></tr></table>"
    page = open_screen(html, INVOICE)
    with pytest.raises(ElementNotFound, match="« Numéro »"):
        page.fill(number="2026-1")
    assert shown(page, "date") == ""


# --- choosing -----------------------------------------------------------------------------------------------


def test_an_answer_of_a_list_is_picked(open_screen):
    """By its meaning; A12 is not A1."""
    html = """<label>Cadre <select name=cadre><option value=x>-
              <option>A12 : Cotraitant<option>A1 : Fournisseur</select></label>"""
    page = open_screen(html, screen(elements={"cadre": select("Cadre", options=CADRES)}))
    page.fill(cadre="A1")
    assert shown(page, "cadre") == "A1 : Fournisseur"


def test_a_radio_question_is_answered(open_screen):
    """A false is a NON."""
    html = """<fieldset><legend>État ?</legend><label><input type=radio name=e value=O>Oui</label>
              <label><input type=radio name=e value=N>Non</label></fieldset>"""
    page = open_screen(html, screen(elements={"state": select("État ?", options=YES_NO)}))
    (done,) = page.fill(state=False)
    assert page.frame.locator(":checked").input_value() == "N"
    assert done.value == "NON"


def test_radio_buttons_drawn_by_style_are_pressed_by_their_words(open_screen):
    """The real button cannot be seen: its label is pressed."""
    html = """<fieldset><legend>État ?</legend>
      <input id=o type=radio name=e value=O style='display:none'><label for=o>Oui</label>
      <input id=n type=radio name=e value=N style='display:none'><label for=n>Non</label></fieldset>"""
    page = open_screen(html, screen(elements={"state": select("État ?", options=YES_NO)}))
    page.fill(state=False)
    assert page.frame.locator("#n").is_checked()


PICKER = """<label id=l>Notre structure</label>
<div role=combobox tabindex=0 aria-labelledby='l v' id=p style='width:300px;height:30px'>
<span id=v class=placeholder>…</span></div>
<ul role=listbox hidden><li role=option>AUTRE (19440984300019)</li><li role=option>CABINET (00020260600018)</li></ul>
<script>const list = document.querySelector("ul");
p.onclick = () => list.hidden = false;
list.onclick = e => { p.textContent = e.target.textContent; list.hidden = true }</script>"""


def test_a_drawn_list_is_opened_and_picked(open_screen):
    """Its answers are only known once it is open; ours is known by its SIRET."""
    page = open_screen(
        PICKER, screen(elements={"ours": select("Notre structure", options={"1": "CABINET (00020260600018)"})})
    )
    page.fill(ours="1")
    assert page.frame.locator("#p").inner_text() == "CABINET (00020260600018)"


def test_an_answer_that_is_not_offered_is_the_portals_refusal(open_screen):
    """What is offered is told: one's account may lack the structure."""
    html = "<label>Notre structure <select><option value=''>-<option>AUTRE (19440984300019)</select></label>"
    page = open_screen(html, screen(elements={"ours": select("Notre structure")}))
    with pytest.raises(PortalRefused, match=r"00020260600018 n'est pas proposé ; .* « AUTRE \(19440984300019\) »"):
        page.fill(ours="00020260600018")


def test_an_answer_whose_words_changed_is_a_changed_screen(open_screen):
    """The flow knows the answers: other words are for a maintainer, not for the user."""
    page = open_screen(
        "<label>Cadre <select><option>B1 : Nouveau</select></label>",
        screen(elements={"cadre": select("Cadre", options=CADRES)}),
    )
    with pytest.raises(ElementNotFound, match="ne propose pas de réponse pour A1"):
        page.fill(cadre="A1")


# --- files --------------------------------------------------------------------------------------------------

UPLOAD = screen(elements={"invoice": file("Choix du fichier à importer")})


@pytest.mark.parametrize(
    "html",
    [
        "<label>Choix du fichier à importer <input type=file></label>",
        # Behind a styled button
        "<div><label for=f>Choix du fichier à importer</label><input id=f type=file style='display:none'></div>",
        # Made by a script, once the button is pressed
        """<button onclick="const f = document.createElement('input'); f.type = 'file'; f.hidden = true;
           document.body.append(f); f.click()">Choix du fichier à importer</button>""",
    ],
)
def test_a_file_is_given_under_a_name_the_portal_takes(open_screen, tmp_path, html):
    """Its content, not its place on one's computer."""
    path = tmp_path / "ma facture d'octobre.pdf"
    path.write_bytes(b"%PDF-1.7 facture")
    page = open_screen(html, UPLOAD)
    done = page.upload("invoice", path, file_name="ma-facture-d-octobre.pdf")
    read = "async i => [i.files[0].name, i.files[0].type, await i.files[0].text()]"
    assert page.frame.locator("input").evaluate(read) == [
        "ma-facture-d-octobre.pdf", "application/pdf", "%PDF-1.7 facture",
    ]  # fmt: skip
    assert done.value == "ma-facture-d-octobre.pdf"


# --- hosts --------------------------------------------------------------------------------------------------


def test_a_secret_is_typed_where_one_signs_in(open_portal, sign_in_site):
    """And shown nowhere."""
    page = open_portal(sign_in_site.show(SIGN_IN_FORM), SIGN_IN).screen("connexion")
    (done,) = page.fill(password=SECRET)
    assert (shown(page, "password"), done.value) == (SECRET.get_secret_value(), "••••••")
    assert SECRET.get_secret_value() not in repr(done)


@pytest.mark.parametrize("host", ["portal_site", "stranger"])
def test_a_secret_is_typed_nowhere_else(open_portal, request, host):
    """The page looks the same, the host is another: even the portal's own is not enough."""
    page = open_portal(request.getfixturevalue(host).show(SIGN_IN_FORM), SIGN_IN).screen("connexion")
    with pytest.raises(HostRefused, match="rien n'y a été tapé") as caught:
        page.fill(password=SECRET)
    assert shown(page, "password") == ""
    assert SECRET.get_secret_value() not in str(caught.value)


@pytest.mark.parametrize("is_secret_framed", [True, False])
def test_a_secret_is_not_typed_into_a_frame_of_another_host(open_portal, sign_in_site, stranger, is_secret_framed):
    """Neither a stranger inside the sign-in page, nor the sign-in page inside a stranger."""
    inside, outside = (stranger, sign_in_site) if is_secret_framed else (sign_in_site, stranger)
    inner = inside.show(SIGN_IN_FORM, "/inner")
    portal = open_portal(outside.show(f"<iframe name=inner src='{inner}'></iframe>"), SIGN_IN)
    frame = portal.page.frame(url=inner)
    assert frame is not None
    page = portal.screen("connexion", frame)
    with pytest.raises(HostRefused):
        page.fill(password=SECRET)
    assert shown(page, "password") == ""


def test_an_address_is_not_typed_on_a_false_sign_in(open_portal, stranger):
    """On a sign-in screen, nothing at all is typed outside the sign-in hosts."""
    page = open_portal(stranger.show(SIGN_IN_FORM), SIGN_IN).screen("connexion")
    with pytest.raises(HostRefused, match="adresse de connexion permise"):
        page.fill(mail="camille@exemple.test")
    assert shown(page, "mail") == ""


@pytest.mark.parametrize(
    "act",
    [
        lambda page, _: page.fill(number="2026-1"),
        lambda page, _: page.fill(number=None),
        lambda page, path: page.upload("f", path, file_name="f.pdf"),
        lambda page, _: page.look_up("number", "2026-1", search="go", box="box", pick="take"),
        lambda page, _: page.put_again("number", "2026-1"),  # the page may have gone elsewhere since the first time
    ],
    ids=["type", "clear", "upload", "look-up", "type-again"],
)
def test_nothing_is_typed_on_a_host_outside_the_list(open_portal, stranger, tmp_path, act):
    """Neither a value, nor a file, nor a search, the first time or again."""
    (tmp_path / "f.pdf").write_bytes(b"%PDF")
    html = FORM + "<label>Fichier <input name=f type=file></label><button>Rechercher</button>"
    more = {"f": file("Fichier"), "go": button("Rechercher"), "box": field("SIRET"), "take": button("Choisir")}
    page = open_portal(stranger.show(html), screen(elements={**INVOICE.elements, **more})).screen("essai")
    with pytest.raises(HostRefused, match="adresse du portail permise"):
        act(page, tmp_path / "f.pdf")
    assert [shown(page, name) for name in ("number", "ht", "f")] == ["lu dans le PDF", "", ""]


def test_a_page_that_leaves_takes_no_secret_with_it(open_portal, sign_in_site, stranger):
    """The page goes to a stranger's as the password is about to be typed."""
    look_alike = stranger.show(SIGN_IN_FORM, "/look-alike")
    portal = open_portal(sign_in_site.show(SIGN_IN_FORM), SIGN_IN)
    page = portal.screen("connexion")
    page.frame.evaluate("address => { location.href = address }", look_alike)
    with pytest.raises((HostRefused, PlaywrightError)):
        page.fill(password=SECRET)
    portal.page.wait_for_url(look_alike)
    assert shown(page, "password") == ""


def test_a_secret_is_never_typed_as_a_plain_value(open_screen):
    """A flow that gives a secret to an ordinary screen stops at the host."""
    page = open_screen(FORM, INVOICE)
    with pytest.raises(HostRefused):
        page.fill(number=SECRET)
    assert shown(page, "number") == "lu dans le PDF"
