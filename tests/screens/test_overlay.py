"""The overlay: said over the portal's page, and never in its way."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import FloatRect, Page

from robot.caption import Caption, Control, Pointer, aside, draw, erase, veil_ahead

from .drawing import Eyes

CONTROLS = (
    Control("suivant", "Suivant", "Passe à la suite (Page ↓)", ("PageDown",)),
    Control("pause", "Pause", "Arrête ou reprend (F8)", ("F8", "Pause"), is_on=False),
    Control("masquer", keys=("F4",)),
)
SAID = Caption(who="Étape 7 sur 24", say="Choisissez le cadre A1.", controls=CONTROLS, is_large=True, number=7, total=24)
PAGE = """<style>body{margin:0;height:3000px} button,input{display:block;height:40px}</style>
<input id=champ><p id=lu></p>
<button onclick="lu.append('pressé ')" style="position:fixed;right:0;bottom:0;width:600px;height:260px">Tout le coin</button>
<script>onkeydown = (event) => lu.append(event.key + ' ')</script>"""


def box(x: float, y: float, width: float = 160, height: float = 36) -> FloatRect:
    return FloatRect(x=x, y=y, width=width, height=height)


@pytest.fixture
def page(eyes_page: Eyes) -> Page:
    eyes_page.page.set_viewport_size({"width": 1280, "height": 720})
    eyes_page.draw(PAGE)
    return eyes_page.page


def spoken(page: Page) -> list[tuple[str, str]]:
    """Role and name of what a screen reader finds."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    return [(str(n["role"]["value"]), str(n.get("name", {}).get("value", ""))) for n in nodes if not n["ignored"]]


def rectangle(page: Page, part: str) -> dict[str, float]:
    found = page.evaluate(f"() => document[Symbol.for('chorus-robot.caption')].{part}.getBoundingClientRect().toJSON()")
    return dict(found)


def veils(page: Page) -> int:
    return int(page.evaluate("() => document[Symbol.for('chorus-robot.caption')].veiled.length"))


def press(page: Page, part: str) -> None:
    at = rectangle(page, part)
    page.mouse.click(at["x"] + at["width"] / 2, at["y"] + at["height"] / 2)


def test_keys_and_buttons_answer_and_the_page_does_not_get_them(page):
    """Those of the robot only; whatever is typed is the page's."""
    draw(page, SAID)
    page.focus("#champ")
    for key in ("PageDown", "a", "F8", "F4"):
        page.keyboard.press(key)
    press(page, "small[0]")
    answer = draw(page, SAID)
    assert answer.told == ("suivant", "pause", "masquer", "suivant")
    assert page.input_value("#champ") == "a"
    assert page.inner_text("#lu") == "a"
    assert page.evaluate("() => document.activeElement.id") == "champ"
    assert draw(page, SAID).told == ()


def test_clicks_go_through_to_the_page(page):
    """A sentence in the way of the mouse is none."""
    draw(page, SAID)
    press(page, "say")
    assert page.inner_text("#lu") == "pressé"


def test_a_page_cannot_make_up_an_answer(page):
    """Only a person's keys count."""
    draw(page, SAID)
    page.evaluate("() => dispatchEvent(new KeyboardEvent('keydown', {key: 'PageDown'}))")
    assert draw(page, SAID).told == ()


@pytest.mark.parametrize("at", [(20, 20), (1100, 20), (20, 660), (1100, 660), (560, 340)])
def test_what_is_to_be_pressed_is_never_covered(page, at):
    """Neither the control nor its frame, wherever it is; and the card stays within the window."""
    target = box(*at)
    draw(page, replace(SAID, boxes=(target,), pointer=Pointer((at[0], at[1]), milliseconds=0)))
    card = rectangle(page, "card")
    apart_x = card["right"] <= target["x"] or target["x"] + target["width"] <= card["left"]
    apart_y = card["bottom"] <= target["y"] or target["y"] + target["height"] <= card["top"]
    assert apart_x or apart_y
    assert min(card["left"], card["top"]) >= 0
    assert (card["right"] <= 1280, card["bottom"] <= 720) == (True, True)


def test_a_frame_follows_the_page(page):
    """Scrolled by the person, the page takes its frame along."""
    draw(page, replace(SAID, boxes=(box(100, 300),)))
    before = rectangle(page, "framed[0]")["y"]
    page.evaluate("() => new Promise((done) => { addEventListener('scroll', done, { once: true }); scrollTo(0, 120) })")
    assert rectangle(page, "framed[0]")["y"] == before - 120


def test_a_screen_reader_says_the_sentence(page):
    """In a live region, in French, with buttons that say what they do; frames and pointer are for the eyes."""
    draw(page, SAID)
    told = spoken(page)
    assert ("status", "") in told or any(role == "status" for role, _ in told)
    assert any(name == "Choisissez le cadre A1." for _, name in told)
    assert ("button", "Passe à la suite (Page ↓)") in told


def test_a_dialog_of_the_page_does_not_bury_it(page):
    """Nothing outside a modal dialog can be pressed: the overlay goes into it."""
    page.evaluate("() => document.body.appendChild(document.createElement('dialog')).showModal()")
    draw(page, SAID)
    press(page, "small[0]")
    assert draw(page, SAID).told == ("suivant",)


AMOUNTS = """<p>Total <b>1 400,00 €</b> le 17/12/2025, SIRET 00020260600018, commande 4500260117</p>
<input value="600.00"><input value="F-2025-12"><iframe srcdoc="<p>Net : 75,50</p>"></iframe>"""


def test_amounts_are_veiled_and_nothing_else(page, eyes_page):
    """In text, in fields, in frames; dates and numbers stay; a new amount is veiled as it comes."""
    eyes_page.draw(AMOUNTS)
    page.frame_locator("iframe").get_by_text("Net").wait_for()
    hidden = Caption(who="", say="", hides_amounts=True)
    draw(page, hidden)
    tops = {round(page.locator(one).bounding_box()["y"]) - 1 for one in ("b", "input >> nth=0")}
    assert tops < {round(rectangle(page, f"veiled[{index}]")["y"]) for index in range(veils(page))}
    assert veils(page) == 3
    page.fill("input >> nth=1", "12,00")
    assert veils(page) == 4
    erase(page)
    assert veils(page) == 4
    draw(page, Caption(who="", say="", hides_amounts=False))
    assert veils(page) == 0


def test_amounts_of_a_page_to_come_are_never_seen(page):
    """Veiled before its first painting; the page has been told nothing yet, and says so."""
    page = page.context.browser.new_page()
    veil_ahead(page.context)
    page.goto("data:text/html,<p>Total 1400,00 EUR</p><script>requestAnimationFrame(() => requestAnimationFrame(() => {"
              "window.seen = document[Symbol.for('chorus-robot.caption')]?.veiled.length }))</script>")  # fmt: skip
    page.wait_for_function("() => window.seen !== undefined")
    assert page.evaluate("() => window.seen") == 1
    assert draw(page, replace(SAID, hides_amounts=False)).is_new
    assert veils(page) == 0
    page.context.close()


def test_amounts_under_a_window_are_veiled_where_they_can_be_read(page, eyes_page):
    """Through its backdrop, and not over what the window itself says."""
    eyes_page.draw("<p id=beside>600,00 €</p><p style='text-align:center;margin-top:300px'>700,00 €</p>"
                   "<dialog style='width:500px;height:300px'>Confirmer ?</dialog>")  # fmt: skip
    page.evaluate("() => document.querySelector('dialog').showModal()")
    draw(page, Caption(who="", say="", hides_amounts=True))
    assert veils(page) == 1


def test_pictures_are_of_the_page_alone(page):
    """Evidence shows the portal, and not what the robot said over it; an erased overlay leaves nothing."""
    bare = page.screenshot()
    draw(page, replace(SAID, boxes=(box(100, 300),), pointer=Pointer((200, 200)), steps=(("3.5", "Un"),)))
    assert page.screenshot() != bare
    with aside(page):
        assert page.screenshot() == bare
    html = page.content()
    erase(page)
    assert page.screenshot() == bare
    assert "data-chorus-robot" in html
    assert "data-chorus-robot" not in page.content()
    page.keyboard.press("F8")
    assert page.inner_text("#lu") == "F8"


def test_the_list_shows_where_one_is(page):
    """However long it is."""
    steps = tuple((f"3.{n}", f"Faites le geste numéro {n}.") for n in range(1, 60))
    draw(page, replace(SAID, steps=steps, number=48, total=59))
    row = rectangle(page, "rows[47]")
    assert 0 < row["top"] < row["bottom"] < 720
    assert page.evaluate("() => document[Symbol.for('chorus-robot.caption')].rows[47].getAttribute('aria-current')") == "step"
