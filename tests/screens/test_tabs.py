"""After each move the robot knows which screen is in front, and what stands in the way."""

from __future__ import annotations

import pytest

from robot.failures import (
    CaptchaNeeded,
    HostRefused,
    NotOnScreen,
    PortalRefused,
    PortalUnavailable,
    SignInNeeded,
)
from robot.gate import Gate
from robot.tabs import Place, Tabs

from .drawing import button, field, flows_of, screen

FORM = screen("formulaire", elements={"number": field("Numéro"), "go": button("Valider")})
END = screen("fin", here=[{"text": {"C'est fini": "unknown"}}])
SIGN_IN = screen("connexion", sign_in=True, elements={"password": field("Mot de passe"), "go": button("Valider")})
COOKIES = screen(
    "cookies",
    here=[{"text": {"cookies": "unknown"}, "elements": ["no"]}],
    elements={"no": button("Tout refuser")},
    steps=[{"line": "new", "say": "Refusez-les.", "effect": "read", "press": "no"}],
    anywhere={"rule": "answer", "say": "Un bandeau est fermé."},
)
CAPTCHA = screen(
    "captcha",
    here=[{"text": {"Recopiez l'image": "unknown"}}],
    anywhere={"rule": "hand-over", "failure": "captcha", "say": "Une image est à recopier."},
)
LEAVING = screen(
    "quitter",
    here=[{"native": {"Voulez-vous quitter": "unknown"}}],
    anywhere={"rule": "answer", "say": "On quitte."},
)
FORM_HTML = "<label>Numéro <input></label><button onclick='{}'>Valider</button><div id=said></div>"


def press(portal, described=FORM, name="go"):
    """Presses a button of a screen; what was seen just before comes back."""
    page = portal.screen(described.screen)
    before = page.look()
    page.press(name)
    return before


def test_the_next_screen_is_waited_for(open_portal, portal_site):
    """It is there when it is recognised, however long the portal takes to draw it."""
    script = 'setTimeout(() => said.textContent = "C’est fini", 400)'
    portal = open_portal(portal_site.show(FORM_HTML.format(script)), FORM, END)
    before = press(portal)
    assert portal.wait_for([END], leaving=FORM, since=before).screen is END


def test_a_screen_may_come_in_a_tab_of_its_own(open_portal, portal_site):
    """The newest tab is the one in front."""
    end = portal_site.show("<p>C'est fini</p>", "/end")
    portal = open_portal(portal_site.show(FORM_HTML.format(f'window.open("{end}")')), FORM, END)
    arrival = portal.wait_for([END], leaving=FORM, since=press(portal))
    assert arrival.frame.url == end == portal.page.url


def test_a_screen_may_come_in_a_frame(open_portal, portal_site):
    """Old portals put applications in frames."""
    inner = portal_site.show("<p>C'est fini</p>", "/inner")
    portal = open_portal(portal_site.show(f"<iframe src='{inner}'></iframe>"), END)
    assert portal.wait_for([END]).frame.url == inner


def test_a_stranger_in_a_frame_is_not_the_portal(open_portal, portal_site, stranger):
    """What another host shows is no screen, even with the right words."""
    inner = stranger.show("<p>C'est fini</p>", "/inner")
    portal = open_portal(portal_site.show(f"<p>Bonjour</p><iframe src='{inner}'></iframe>"), END, timeout_seconds=1)
    with pytest.raises(NotOnScreen, match="Bonjour"):
        portal.wait_for([END])


def test_a_complaint_is_the_portals_refusal(open_portal, portal_site):
    """The form stays, with its complaint: the portal's words are told, and who corrects."""
    script = 'said.innerHTML = "<p class=error>Le numéro existe déjà</p>"'
    portal = open_portal(portal_site.show(FORM_HTML.format(script)), FORM, END)
    with pytest.raises(PortalRefused, match="Le numéro existe déjà") as caught:
        portal.wait_for([END], leaving=FORM, since=press(portal))
    assert caught.value.where == "Formulaire"


def test_a_complaint_on_a_sign_in_screen_needs_a_person(open_portal, sign_in_site):
    """Tried once only: the portal locks accounts."""
    html = """<label>Mot de passe <input type=password></label><div id=said></div>
              <button onclick='said.innerHTML = "<p class=error>Mot de passe invalide</p>"'>Valider</button>"""
    portal = open_portal(sign_in_site.show(html), SIGN_IN, END)
    with pytest.raises(SignInNeeded, match="Mot de passe invalide"):
        portal.wait_for([END], leaving=SIGN_IN, since=press(portal, SIGN_IN))


def test_a_complaint_that_was_there_before_is_old(open_portal, portal_site):
    """Only what came of the press counts."""
    script = 'setTimeout(() => document.body.innerHTML = "C’est fini", 300)'
    html = "<p class=error>Montant à vérifier</p>" + FORM_HTML.format(script)
    portal = open_portal(portal_site.show(html), FORM, END)
    assert portal.wait_for([END], leaving=FORM, since=press(portal)).screen is END


def test_a_known_interruption_is_answered(open_portal, portal_site):
    """The banner is refused, the person told, and the journey goes on."""
    html = "<div id=b>Nos cookies <button onclick='b.remove()'>Tout refuser</button></div><p>C'est fini</p>"
    portal = open_portal(portal_site.show(html), COOKIES, END)
    told = []
    portal.notice = lambda name, message: told.append((name, message))
    assert portal.wait_for([END]).screen is END
    assert told == [("cookies", "Un bandeau est fermé.")]


def test_a_test_meant_for_people_is_left_to_people(open_portal, portal_site):
    """The robot stops and says so."""
    portal = open_portal(portal_site.show("<p>Recopiez l'image</p>"), CAPTCHA, END)
    with pytest.raises(CaptchaNeeded, match="Une image est à recopier"):
        portal.wait_for([END])


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ('confirm("Voulez-vous quitter la page ?")', "true"),  # the flows know it
        ('confirm("Supprimer toutes les factures ?")', "false"),  # nobody knows it: no
        ('alert("Bonjour")', "undefined"),  # asks nothing
    ],
)
def test_a_question_of_the_browser_is_told(open_portal, portal_site, question, answer):
    """Known ones are answered, others declined; the person is told in any case."""
    portal = open_portal(portal_site.show("<p>Bonjour</p>"), LEAVING)
    told = []
    portal.notice = lambda _, message: told.append(message)
    assert str(portal.page.evaluate(f"String({question})")) == answer
    (message,) = told
    assert ("refusé" in message) is (answer == "false")


def test_an_unknown_screen_is_described(open_portal, portal_site):
    """What is there instead, and what was expected."""
    portal = open_portal(portal_site.show("<h1>Nouveauté du portail</h1>"), END, timeout_seconds=0.5)
    with pytest.raises(NotOnScreen, match="Nouveauté du portail") as caught:
        portal.wait_for([END])
    assert (caught.value.expected, portal_site.host in caught.value.where) == ("« Fin »", True)


def test_an_answer_that_is_an_error_of_the_server(open_portal, portal_site):
    """Nobody at home is not a changed screen: time helps."""
    portal = open_portal(portal_site.show("<p>Bonjour</p>"), END, timeout_seconds=0.5)
    portal.page.goto(f"http://{portal_site.host}/panne")
    with pytest.raises(PortalUnavailable, match="500"):
        portal.wait_for([END])


def test_a_portal_that_leads_elsewhere_is_left(chromium, portal_site, stranger):
    """The door stays shut, the host is named: it may be an imitation."""
    portal_site.show(f"<meta http-equiv=refresh content='0;url=http://{stranger.host}/'>Bonjour", "/leads")
    with Gate([portal_site.host]) as gate:
        context = chromium.new_context(proxy={"server": gate.server})
        try:
            place = Place("essai", f"http://{portal_site.host}/leads", (portal_site.host,), (), "2024")
            tabs = Tabs(context, flows_of(END), place, timeout_seconds=2)
            tabs.open()
            with pytest.raises(HostRefused, match=stranger.host):
                tabs.wait_for([END])
            assert stranger.host in gate.refused
        finally:
            context.close()
