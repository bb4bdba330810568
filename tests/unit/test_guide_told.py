"""The illustrated tutorial: what each step is told with, and what a picture shows of a window."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import FloatRect

from robot.review import reviewed_flows
from robot.screens import Element
from robot.steps import Goal
from robot.training.framing import Framed
from robot.training.guide import Chapter, Guide, Illustrator, Shot, composed, name_of
from robot.training.guidebook import page_of
from robot.training.pictures import Look, drawn
from robot.tutorial.lines import load_tutorial

RED = (200, 30, 30)
AFTER_DRAFT = ("confirmation", "recapitulatif")


def png(width: int = 640, height: int = 450, colour: str = "white") -> bytes:
    target = BytesIO()
    Image.new("RGB", (width * 2, height * 2), colour).save(target, "PNG")
    return target.getvalue()


def box(x: float, y: float, width: float = 200, height: float = 30) -> FloatRect:
    return FloatRect(x=x, y=y, width=width, height=height)


@pytest.fixture(scope="module")
def flows():
    return reviewed_flows()


def deposit(flows, goal: Goal) -> Chapter:
    """The chapter of a deposit on today's portal that went to this end, every step of it seen."""
    illustrator = Illustrator(flows)
    illustrator.shots["depot"] = [
        Shot(screen.screen, step, traps=tuple(name for name, one in screen.elements.items() if one.trap))
        for screen in flows.of_journey("depot")
        for step in screen.all_steps()
        if (step.goal is None or goal in step.goal) and (goal is Goal.SEND or screen.screen not in AFTER_DRAFT)
    ]
    (chapter,) = composed(illustrator, load_tutorial(flows), "2024", {})
    return chapter


def guide_of(*chapters: Chapter, portal: str = "réplique d'entraînement") -> Guide:
    at = dt.datetime(2026, 11, 23, 14, 5, tzinfo=dt.UTC)
    return Guide(portal, "2024", True, False, at, "Chromium", chapters)


def test_every_line_of_the_deposit_is_told_in_its_order(flows):
    """The desk first; numbers run through."""
    chapter = deposit(flows, Goal.SEND)
    entries = [entry for part in chapter.parts for entry in part.entries]
    lines = list(dict.fromkeys(entry.line for entry in entries if entry.line))
    assert (lines, chapter.left_out) == ([f"3.{number}" for number in range(1, 21)], ())
    assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))


def test_the_wrong_button_is_told_beside_the_right_one(flows):
    chapter = deposit(flows, Goal.SEND)
    entries = [entry for part in chapter.parts for entry in part.entries]
    (entry,) = [one for one in entries if one.say.startswith("Cliquez sur « Valider et envoyer »")]
    assert any("« Enregistrer » n'envoie rien" in trap for trap in entry.traps)


def test_a_guide_that_ends_at_the_draft_still_says_how_one_sends(flows):
    """Without a picture, and with the reason."""
    chapter = deposit(flows, Goal.DRAFT)
    said = dict(chapter.left_out)
    assert "Valider et envoyer" in said["3.18"] and {"3.19", "3.20"} <= set(said) and chapter.why


def test_what_the_flows_know_by_a_person_s_name_has_no_name():
    assert name_of(Element.model_validate({"button": {"{account.full_name}": "unknown"}})) == ""


# --- pictures ---------------------------------------------------------------------------------------------------------


def test_a_control_is_framed_and_the_picture_is_cut_around_it():
    picture = drawn(png(), [box(220, 200)], "7")
    with Image.open(BytesIO(picture.png)) as opened:
        shown = opened.convert("RGB")
    reds = [(x, y) for x in range(0, shown.width, 2) for y in range(0, shown.height, 2) if shown.getpixel((x, y)) == RED]
    across, down = [x for x, _ in reds], [y for _, y in reds]
    # The frame and its disc, two pixels for each of the window.
    assert 400 < max(across) - min(across) < 520 and 60 < max(down) - min(down) < 100
    assert picture.height < 2 * 450


def test_a_control_out_of_the_window_leaves_the_whole_picture():
    picture = drawn(png(), [box(220, 2_000)], "7")
    assert (picture.width, picture.height) == (1280, 900)


def test_a_picture_is_never_cut_through_what_is_framed():
    picture = drawn(png(), [box(20, 5), box(20, 410)], "12")
    assert picture.height == 900


# --- the page ---------------------------------------------------------------------------------------------------------


def test_a_picture_says_what_it_shows_in_the_flows_words(flows):
    (screen,) = [one for one in flows.of_journey("depot") if one.screen == "bloc-references"]
    step = next(screen.all_steps())
    (element,) = step.elements()
    illustrator = Illustrator(flows)
    look = Look(png(), (Framed(element, box(220, 200)),), None)
    illustrator.shots["depot"] = [Shot(screen.screen, step, look)]
    page = page_of(guide_of(*composed(illustrator, load_tutorial(flows), "2024", {}))).replace("\N{NO-BREAK SPACE}", " ")
    assert f"alt=\"Écran « {screen.title} » ; encadré, numéro 2 : « {screen.elements[element].name} ».\"" in page


def test_the_page_stands_alone(flows):
    """Nothing is loaded, nothing runs, and a portal's name is no markup."""
    page = page_of(guide_of(deposit(flows, Goal.SEND), portal="<script>alert(1)</script>"))
    assert re.findall(r"<script|<link|(?:src|href)=\"(?!data:|#)", page) == []


def test_contents_lead_to_every_title(flows):
    chapter = deposit(flows, Goal.SEND)
    page = page_of(guide_of(chapter, replace(chapter, title="Encore")), {"chapitre-2": 17})
    wanted = re.findall(r'href="#([^"]+)"', page)
    assert len(set(wanted)) == len(wanted) > 10 and all(f'id="{anchor}"' in page for anchor in wanted)
    assert re.search(r"2\. Encore</a>.*?</span>17</span>", page)
