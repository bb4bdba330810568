"""Pages that are spoilt or mean: recognised or told within the time given, and no script of theirs tells the robot anything."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Error as PlaywrightError

from robot.failures import Failure, PortalUnavailable, ScreenChanged
from robot.tabs import Arrival, failure_of_browser

from .drawing import button, field, screen

FORM = screen("formulaire", elements={"number": field("Numéro"), "go": button("Valider")})
RIGHT = "<label>Numéro <input></label><button>Valider</button>"

# What a page may hold besides the form.
SPOILT = {
    "quotes and selectors in a label": "<label>\"]' >> css=* {{}} \\<input></label>",
    "two megabytes of text": f"<p>{'x ' * 1_000_000}</p>",
    "ten thousand controls": "<input><button>a</button>" * 5_000,
    "a label of a megabyte": f"<label>{'Numéro ' * 150_000}<input></label>",
    "deep nesting": "<div>" * 5_000,
    "a page that never rests": "<p id=t></p><script>setInterval(() => t.textContent = Math.random(), 1)</script>",
    "a script that breaks the page's own objects": "<script>Array.prototype.map = null; JSON.parse = null;"
    "Object.prototype.x = 1; window.getComputedStyle = () => null</script>",
    "alerts without end": "<script>let n = 0; setInterval(() => n++ < 20 && alert('encore'), 50)</script>",
    "script in a value": "<input value='</script><script>document.title=1</script>'>",
    "letters that turn the line round": "<p>\u202e\u2066 \u0000 \ufeff</p>",
    "a frame of itself": "<iframe src='/'></iframe>",
}


def outcome(portal, *wanted) -> tuple[Arrival | Failure, float]:
    began = time.monotonic()
    try:
        return portal.wait_for(wanted), time.monotonic() - began
    except Failure as failure:
        return failure, time.monotonic() - began
    except PlaywrightError as error:
        # The runner's callers make a sentence of it.
        return failure_of_browser(error), time.monotonic() - began


@pytest.mark.parametrize("spoilt", SPOILT)
def test_a_spoilt_page_is_recognised_or_told_in_time(open_portal, portal_site, spoilt):
    portal = open_portal(portal_site.show(RIGHT + SPOILT[spoilt]), FORM, timeout_seconds=6)
    result, seconds = outcome(portal, FORM)
    assert isinstance(result, Arrival | ScreenChanged | PortalUnavailable)
    assert seconds < 20


@pytest.mark.parametrize("spoilt", SPOILT)
def test_what_is_not_there_is_not_made_up(open_portal, portal_site, spoilt):
    """The same page without the form is told to be another one."""
    portal = open_portal(portal_site.show("<p>Rien</p>" + SPOILT[spoilt]), FORM, timeout_seconds=2)
    result, seconds = outcome(portal, FORM)
    assert isinstance(result, ScreenChanged | PortalUnavailable)
    assert seconds < 20


def test_a_page_that_hangs_is_told_in_time(open_portal, portal_site):
    """A script without end lets nothing else run in its page: the robot does not wait for it for ever."""
    address = portal_site.show(RIGHT + "<script>setTimeout(() => { for (;;); }, 200)</script>")
    portal = open_portal(address, FORM, timeout_seconds=3)
    result, seconds = outcome(portal, screen("autre", elements={"other": field("Autre")}))
    assert isinstance(result, ScreenChanged | PortalUnavailable)
    assert seconds < 30


def test_a_value_of_the_page_is_never_run(open_portal, portal_site):
    """What a field shows comes back as text."""
    html = "<label>Numéro <input value='\"];document.title=1;//'></label><button>Valider</button>"
    portal = open_portal(portal_site.show(html), FORM)
    arrival = portal.wait_for([FORM])
    seen = portal.screen("formulaire", arrival.frame).look("number").elements["number"].value
    assert seen == '"];document.title=1;//'
    assert portal.page.title() == "Essai"
