"""A run shown to people: said first, then done, at the pace they ask for, with the same result."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from pydantic import BaseModel

from robot import events
from robot.failures import PersonLeft
from robot.pages import Portal
from robot.runner import Runner
from robot.screens import Flows, load_flows
from robot.steps import Goal
from robot.training.agenda import agenda_of
from robot.training.coach import Coach
from robot.training.pace import SPEEDS
from robot.training.remote import Remote, Wish

from .drawing import Site

NUMBER, COMMENT, GO, CHECK = "Tapez le numéro.", "Tapez le commentaire.", "Cliquez sur « Suite ».", "Vérifiez le numéro."
FORM = """<form action=/fin method=post><label>Numéro <input name=numero></label>
<label>Commentaire <textarea name=texte></textarea></label><button>Suite</button></form>
<script>document.querySelector("form").oninput = () => document.title += "."</script>"""
JOURNEY = """
journey: depot
title: Essai
lines: ["3.11", "3.20"]
start: [saisie]
ends: {send: fin}
"""
ENTRY = f"""
screen: saisie
title: Saisie
here: [{{elements: [numero]}}]
elements:
  numero: {{field: {{Numéro: vu}}}}
  texte: {{field: {{Commentaire: vu}}}}
  suite: {{button: {{Suite: vu}}}}
steps:
  - {{line: "3.11", say: {NUMBER}, effect: edit, type: {{numero: invoice.number}}}}
  - {{line: new, say: {COMMENT}, effect: edit, type: {{texte: invoice.comment}}}}
  - {{line: "3.18", say: {GO}, effect: edit, press: suite}}
then: [fin]
"""
LAST = f"""
screen: fin
title: Fin
here: [{{heading: {{Reçu: vu}}}}]
elements:
  numero: {{field: {{Numéro: vu}}}}
steps:
  - {{line: "3.20", say: {CHECK}, effect: read, read: numero}}
"""
END = "<h1>Reçu</h1><label>Numéro <input value=F-1></label>"


class Paper(BaseModel):
    number: str = "F-2026-014"
    comment: str = "Séances d'août\nen deux lignes"


@dataclass
class Audience:
    """People in front of the window: what they do when a sentence is said, at each moment of waiting."""

    remote: Remote
    portal: Portal
    script: list[tuple[str, Callable[[Audience], object]]] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    now: float = 0.0

    def when(self, say: str, act: Callable[[Audience], object]) -> None:
        self.script.append((say, act))

    def clock(self) -> float:
        """A moment: four seconds of theirs."""
        self.now += 4
        say = self.remote.standing.say
        if self.told[-1:] != [say]:
            self.told.append(say)
        if self.script and self.script[0][0] == say:
            self.script.pop(0)[1](self)
        return self.now

    def key(self, name: str) -> None:
        self.portal.page.keyboard.press(name)


@dataclass
class Shown:
    """A run on a small portal, with its audience."""

    runner: Runner
    coach: Coach
    audience: Audience
    done: list[str]

    def run(self) -> None:
        flows = self.runner.flows
        self.runner.follow(flows.journeys["depot"], self.runner.portal.wait_for([flows.screens["saisie"]]))

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(self.runner.portal.page.locator("input, textarea").evaluate_all("all => all.map((one) => one.value)"))


@pytest.fixture(scope="module")
def flows(tmp_path_factory: pytest.TempPathFactory) -> Flows:
    root = tmp_path_factory.mktemp("flows")
    (root / "3-depot").mkdir()
    (root / "sources.yaml").write_text("sources: {vu: {what: essai, date: '2026', confidence: screenshot}}")
    for name, text in (("journey", JOURNEY), ("10-saisie", ENTRY), ("20-fin", LAST)):
        (root / "3-depot" / f"{name}.yaml").write_text(text)
    return load_flows(root)


@pytest.fixture
def shown(
    open_portal: Callable[..., Portal], portal_site: Site, flows: Flows, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Shown]:
    monkeypatch.setattr("robot.training.coach._MOMENT", 0.05)

    def start(*, is_shown: bool = True) -> Shown:
        portal_site.show(END, "/fin")
        portal = open_portal(portal_site.show(FORM))
        portal.flows = flows
        values, remote, done = {"invoice": Paper()}, Remote(), []
        audience = Audience(remote, portal)
        agenda = agenda_of(flows, "depot", Goal.SEND, values)
        coach = Coach(portal, flows, remote, agenda=lambda _started: agenda, clock=audience.clock)
        if is_shown:
            coach.pace.step, portal.hand = len(SPEEDS) - 1, coach.hand

        def note(event: events.Event) -> None:
            if isinstance(event, events.StepDone):
                done.append(event.say)

        announce = events.Announcer(note, *([coach] if is_shown else []))
        announce(events.RunStarted(run="r", journey="depot", goal="send", portal="essai", invoice="F-1", steps=4))
        runner = Runner(portal, flows, goal=Goal.SEND, values=values, subject="F-1", announce=announce, pictures=False)
        return Shown(runner, coach, audience, done)

    return start


def test_what_is_shown_ends_as_what_is_not(shown, portal_site):
    """Key by key, the same values; every sentence is said once, in order."""
    portal_site.posted.clear()
    shown(is_shown=False).run()
    seen = shown()
    at_end: list[tuple[str, ...]] = []
    seen.audience.when(GO, lambda _: at_end.append((*seen.values, seen.runner.portal.page.title())))
    seen.run()
    assert len(set(portal_site.posted)) == 1
    assert seen.audience.told == [NUMBER, COMMENT, GO, CHECK]
    assert seen.done == [NUMBER, COMMENT, GO, CHECK]
    number, comment, title = at_end[0]
    assert (number, comment) == (Paper().number, Paper().comment)
    assert title.count(".") >= len(Paper().number + Paper().comment)


def test_pause_step_by_step_and_back(shown):
    """Nothing goes on while it is paused; « Retour » explains and redoes nothing."""
    run = shown()
    stood: list[tuple[str, int]] = []
    run.audience.when(NUMBER, lambda a: a.key("F8"))
    run.audience.when(NUMBER, lambda a: stood.append((run.values[0], len(run.done))))
    run.audience.when(NUMBER, lambda a: a.key("PageDown"))
    run.audience.when(COMMENT, lambda a: a.key("PageUp"))
    run.audience.when(NUMBER, lambda a: stood.append((run.values[0], len(run.done))))
    run.audience.when(NUMBER, lambda a: a.remote.ask(Wish.NEXT))
    run.audience.when(COMMENT, lambda a: a.key("F8"))
    run.run()
    assert stood == [("", 0), (Paper().number, 1)]
    assert run.audience.told == [NUMBER, COMMENT, NUMBER, COMMENT, GO, CHECK]
    assert run.done == [NUMBER, COMMENT, GO, CHECK]


def test_the_screen_is_explained_once_more(shown):
    """The trainer's « rejouer »: its sentences again, then the run goes on where it was."""
    run = shown()
    run.audience.when(GO, lambda a: a.remote.ask(Wish.REPLAY))
    run.run()
    assert run.audience.told == [NUMBER, COMMENT, GO, NUMBER, COMMENT, GO, CHECK]
    assert run.done == [NUMBER, COMMENT, GO, CHECK]


def test_pace_is_asked_for(shown):
    """Faster, slower, and to the end without waiting."""
    run = shown()
    run.audience.when(NUMBER, lambda a: a.key("F7"))
    run.audience.when(NUMBER, lambda a: a.key("F10"))
    run.run()
    assert run.coach.pace.speed == SPEEDS[-2]
    assert run.audience.remote.standing.say == CHECK
    assert run.audience.told[-1] in (NUMBER, COMMENT, GO, CHECK)


def test_a_page_reloaded_in_the_middle_is_said_again(shown):
    """The overlay comes back, and what the page lost is put there again."""
    run = shown()
    at_end: list[tuple[str, ...]] = []
    run.audience.when(COMMENT, lambda a: a.portal.page.reload())
    run.audience.when(GO, lambda _: at_end.append(run.values))
    run.run()
    assert at_end == [(Paper().number, Paper().comment)]
    assert run.done == [NUMBER, COMMENT, GO, CHECK]


@pytest.mark.parametrize("say", [NUMBER, CHECK])
def test_a_window_closed_ends_the_run(shown, say):
    """At once, with a sentence of its own, and without opening another one."""
    run = shown()
    run.audience.when(say, lambda a: a.portal.page.close())
    with pytest.raises(PersonLeft):
        run.run()
    run.coach.close()
    assert run.audience.portal.context.pages == []


def test_a_deposit_that_fails_says_so_in_the_window(shown):
    """With what to do; « C'est fini » is for what went well."""
    run, page = shown(), "document[Symbol.for('chorus-robot.caption')].card.innerText"
    said: list[str] = []
    # The end is drawn after these two.
    run.audience.when("", lambda _: None)
    run.audience.when("", lambda _: None)
    run.audience.when("", lambda a: said.append(a.portal.page.evaluate(page)))
    run.audience.when("", lambda a: a.key("PageDown"))
    run.coach(events.RunEnded(outcome="portal-unavailable", exit_code=69, message="Portail fermé ; relancez plus tard."))
    run.coach.close()
    assert "arrêté" in said[0]
    assert "relancez plus tard" in said[0]
    assert run.audience.now < 20


def test_two_people_may_ask(shown):
    """The trainer's page is another thread's: what it asks is done at the next moment, and it is told where one stands."""
    run = shown()
    trainer = threading.Thread(target=lambda: run.audience.remote.ask(Wish.HIDE))
    run.audience.when(NUMBER, lambda _: trainer.start())
    run.run()
    trainer.join()
    standing = run.audience.remote.standing
    assert (standing.hides_amounts, standing.number, standing.total, standing.line) == (True, 4, 4, "3.20")
    assert standing.steps[1] == ("", COMMENT)
