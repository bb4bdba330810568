"""Walks a journey to see whether it still goes: what is lost is looked for, the flow mended in memory, and on it goes.

Presses only what the flows press, and on a training portal what an unknown window asks for. Knows nothing of what the
tutorial said: that is judged afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Error as PlaywrightError
from pydantic import BaseModel

from robot import events
from robot.failures import (
    Failure,
    NotOnScreen,
)
from robot.fields import matching_option, plain
from robot.locators import spec_of, survey
from robot.pages import Portal
from robot.runner import Runner
from robot.screens import Flows, Journey
from robot.steps import Download, Effect, Goal, HandOver, Press, Step, flatten
from robot.tabs import Arrival, failure_of_browser
from robot.tutorial.contract import Contract, KeptScreen
from robot.tutorial.inventory import Control
from robot.tutorial.recovery import Recovery, Repaired
from robot.tutorial.sightings import Sighting, Sightings, blocs_beside
from robot.tutorial.trainee import Trainee
from robot.tutorial.verdicts import Evidence, Finding, Holding, Mend

# More repairs than this in one journey: it is another portal.
_REPAIRS = 25


# What comes before any line is told of the first.
_FIRST = {"compte": "1.1", "rattachement": "2.1", "depot": "3.2"}


class Enough(Exception):
    """The next step cannot be undone, and this check only looks."""


@dataclass
class Seen:
    """What a walk brought back."""

    sightings: dict[str, Sighting] = field(default_factory=dict)
    mends: dict[tuple[str, tuple[str | int, ...]], Mend] = field(default_factory=dict)
    news: list[Finding] = field(default_factory=list)
    # Elements that are there no more, « screen.element ».
    gone: set[str] = field(default_factory=set)
    # Answers (« screen.element=KEY ») -> words as the portal offers them.
    answers: dict[str, str] = field(default_factory=dict)
    # Lines of the tutorial whose steps were done.
    lines: set[str] = field(default_factory=set)
    # What stopped a journey before its end, by journey, and the line it stopped at.
    stops: dict[str, Failure] = field(default_factory=dict)
    stopped_at: dict[str, str] = field(default_factory=dict)
    # Journeys that were gone, and where this check goes no further: the first line left out, and why.
    walked: set[str] = field(default_factory=set)
    limits: dict[str, tuple[str, str]] = field(default_factory=dict)
    # What is wrong with the certificate, in French; empty where nothing is.
    certificate: str = ""
    # What a person should know besides, in French.
    remarks: list[str] = field(default_factory=list)


class Walk:
    """One walk through one or several journeys on an open portal."""

    def __init__(
        self,
        portal: Portal,
        flows: Flows,
        *,
        section: str,
        values: Mapping[str, BaseModel],
        goal: Goal,
        folder: Path,
        seen: Seen,
        contract: Contract | None = None,
        trainee: Trainee | None = None,
        listeners: Collection[events.Listener] = (),
        keep: Callable[[bytes, dict[str, str]], Path] | None = None,
    ) -> None:
        self.portal = portal
        self.flows = flows
        # Which of the tutorial's three journeys this is part of.
        self.section = section
        self.values = dict(values)
        self.goal = goal
        self.seen = seen
        self.contract = contract
        self.trainee = trainee
        self.listeners = tuple(listeners)
        self.keep = keep
        self.sightings = Sightings(portal, folder)
        self.sightings.seen = seen.sightings
        self.step: Step | None = None
        self.line = ""
        self._recovery = Recovery(self)

    # --- going ----------------------------------------------------------------------------------------------------

    def run(self, journey: str, *, address: str | None = None, until: Collection[str] = ()) -> Arrival | None:
        """From the portal's address to the journey's end; None where it was stopped, and `seen.stops` says by what."""
        described = self.flows.journeys[journey]
        runner = self.runner()
        return self._walked(journey, runner, lambda: runner.run(described, until=until, address=address), until)

    def follow(self, journey: str, arrival: Arrival, *, until: Collection[str] = ()) -> Arrival | None:
        """The same from a recognised screen on."""
        runner = self.runner()
        described = self.flows.journeys[journey]
        return self._walked(journey, runner, lambda: runner.follow(described, arrival, until=until), until)

    def _walked(
        self, journey: str, runner: Runner, begin: Callable[[], Arrival], until: Collection[str]
    ) -> Arrival | None:
        go_on = begin
        self.seen.walked.add(self.section)
        described: Journey = self.flows.journeys[journey]
        try:
            for _ in range(_REPAIRS):
                try:
                    return go_on()
                except Repaired:
                    pass
                except Enough:
                    return None
                except (Failure, PlaywrightError) as error:
                    failure = error if isinstance(error, Failure) else failure_of_browser(error)
                    if not self._recovery.is_repaired(failure, runner):
                        raise failure from None
                runner.flows = self.portal.flows = self.flows
                arrival = self._in_front(runner)
                go_on = _resuming(runner, described, arrival, until)
            raise NotOnScreen("Trop de choses ont changé sur ce portail pour aller au bout.")
        except Failure as failure:
            self.seen.stops[self.section] = failure
            self.seen.stopped_at[self.section] = self.line
            return None

    def runner(self, goal: Goal | None = None) -> Runner:
        """A runner that this walk hears."""
        return Runner(
            self.portal,
            self.flows,
            goal=goal or self.goal,
            values=self.values,
            subject="vérification du tutoriel",
            announce=events.Announcer(*self.listeners, self._heard),
            keep=self.keep,
            person=self.trainee,
            pictures=False,
        )

    def _in_front(self, runner: Runner) -> Arrival:
        """The screen that the mended flows know in front."""
        current = self.flows.screens.get(self.portal.current)
        wanted = [self.flows.screens[screen.screen] for screen in runner.awaited] or ([current] if current else [])
        return self.portal.wait_for(wanted)

    # --- looking --------------------------------------------------------------------------------------------------

    def _heard(self, event: events.Event) -> None:
        match event:
            case events.ScreenSeen():
                self._complete(event.screen)
                self._look(event.screen)
                self._recovery.regain_known(event.screen)
                self._stop_short(event.screen)
            case events.StepStarted():
                self.step = self._step_at(event)
                self.line = self.line if event.line == "new" else event.line
                if isinstance(self.step, Press | Download | HandOver):
                    self.sightings.look(self.flows.screens[event.screen], self.flows, afresh=False)
                    self.note_news(event.screen, is_full=True)
            case events.StepDone():
                self.seen.lines.add(event.line)
                sighting = self.seen.sightings.get(event.screen)
                if sighting and not event.skipped:
                    sighting.used.update(name for name in event.element.split(", ") if name)

    def _stop_short(self, screen: str) -> None:
        """A screen whose steps cannot be undone is only looked at, where nothing may be sent."""
        final = next((step for step in self.flows.screens[screen].all_steps() if step.effect is Effect.SEND), None)
        if final and self.goal is not Goal.SEND:
            why = "la suite ne se défait pas : une personne la fait, ou la commande avec --send"
            self.seen.limits[self.section] = (final.line, why)
            raise Enough

    def _look(self, screen: str) -> Sighting | None:
        sighting = self.sightings.look(self.flows.screens[screen], self.flows)
        self.note_news(screen)
        if sighting:
            self._note_answers(sighting)
        return sighting

    def _complete(self, screen: str) -> None:
        """Looks once more at the screens of the page that is being left, if it still stands there."""
        for name in blocs_beside(self.flows.screens[screen], self.flows) - {screen}:
            sighting = self.seen.sightings.get(name)
            if sighting is None or sighting.frame.is_detached() or sighting.frame.url.split("?")[0] != sighting.url:
                continue
            missing = [one for one in sighting.screen.elements if not sighting.found(one)]
            if missing:
                self._look_again(sighting, missing)

    def _look_again(self, sighting: Sighting, missing: list[str]) -> None:
        screen = self.flows.screens[sighting.screen.screen]
        ids = self.portal.place.ids.get(screen.screen, {})
        facts = survey(sighting.frame, {"elements": {name: spec_of(screen, name, ids) for name in missing}})
        for name, sight in (facts.elements if facts else {}).items():
            if sight.state in ("found", "collapsed"):
                sighting.elements[name] = sight

    def _step_at(self, event: events.StepStarted) -> Step | None:
        screen = self.flows.screens.get(event.screen)
        steps = list(flatten(screen.steps)) if screen else []
        return next((step for step in steps if (step.line, step.say) == (event.line, event.say)), None)

    def _note_answers(self, sighting: Sighting) -> None:
        """How the portal words the answers that the flows know by a key."""
        for name, element in sighting.screen.elements.items():
            sight = sighting.elements.get(name)
            if sight is None or not sight.options:
                continue
            for key, labels in element.options.items():
                value = {"true": True, "false": False}.get(key, key)
                index = matching_option(value, {key: tuple(labels)}, sight.options)
                if index is not None:
                    self.seen.answers[f"{sighting.screen.screen}.{name}={key}"] = sight.options[index].text.strip()

    # --- what is new ----------------------------------------------------------------------------------------------

    def note_news(self, screen: str, *, is_full: bool = False) -> None:
        """Required fields that no flow names, and that were not there when the screen was last seen.

        Where nothing is known of that, those that are still empty once the screen `is_full`: some the portal fills itself.
        """
        sighting = self.seen.sightings.get(screen)
        for control in self.unnamed_required(sighting, screen):
            if self.kept(screen) is None and (control.filled or not is_full):
                continue
            words = control.words.strip(" *:")
            line = self._line_beside(sighting, control)
            self.tell_new(f"un champ obligatoire : « {words} »", words, sighting, "le portail demande un champ de plus", line)

    def unnamed_required(self, sighting: Sighting | None, screen: str, *, is_new: bool = True) -> list[Control]:
        """Required fields that no flow names; those that were there when the screen was last seen are not new."""
        if sighting is None or sighting.inventory is None:
            return []
        kept = self.kept(screen)
        known = {plain(other.words) for other in kept.others} if kept and is_new else set()
        taken = {suspect.control.place for suspect in sighting.suspects.values()}
        # Conditions to accept stand beside a captcha, and both are a person's.
        steps = sighting.screen.all_steps()
        is_for_person = any(isinstance(step, HandOver) and step.failure == "captcha" for step in steps)
        return [
            control
            for control in sighting.inventory.controls
            if control.required
            and not control.locked
            and not control.claimed
            and control.nature not in ("button", "table", *(("checkbox",) if is_for_person else ()))
            and plain(control.words) not in known
            and control.place not in taken
        ]

    def _line_beside(self, sighting: Sighting | None, control: Control) -> str:
        """The line of what stands beside a control, in its own bloc if possible."""
        assert sighting and sighting.inventory
        here = {sighting.screen.screen, *blocs_beside(sighting.screen, self.flows)}
        named = [other for other in sighting.inventory.controls if other.claimed]
        named.sort(key=lambda other: (other.bloc != control.bloc, abs(other.place - control.place)))
        for other in named:
            # Other pages have fields of the same words.
            for name in (one for one in other.claimed if one.partition(".")[0] in here):
                screen, _, element = name.partition(".")
                steps = self.flows.screens[screen].all_steps()
                line = next((step.line for step in steps if element in step.elements() and step.line != "new"), "")
                if line:
                    return line
        return self.line

    def tell_new(self, what: str, shown: str, sighting: Sighting | None, detail: str, line: str = "") -> None:
        if any(finding.shown == shown for finding in self.seen.news):
            return
        line = line or self.line or _FIRST[self.section]
        evidence = None
        if sighting:
            evidence = Evidence(
                sighting.screen.screen, sighting.screen.title, sighting.url, picture=sighting.picture, tree=sighting.tree
            )
        where = f"ligne {line}" if line not in ("", "new") else "avant la première ligne"
        self.seen.news.append(
            Finding(what, Holding.NEW, shown=shown, detail=f"{detail} ({where})", evidence=evidence, line=line)
        )

    def kept(self, screen: str) -> KeptScreen | None:
        return self.contract.screens.get(screen) if self.contract else None


def _resuming(
    runner: Runner, journey: Journey, arrival: Arrival, until: Collection[str]
) -> Callable[[], Arrival]:
    return lambda: runner.resume(journey, arrival, until=until)
