"""Calibration: a person walks the journey on a portal, the robot beside looks, saves, and asks what it does not find.

It presses and types nothing. What the person shows is a click that never reaches the page. One `look` is one moment;
`run` looks until the person has done. Knows nothing of how pages are masked and saved.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from playwright.sync_api import BrowserContext, Dialog, Frame, Page

from robot.caption import Answer, Caption, await_answer, draw, erase
from robot.fields import plain
from robot.masking import Kind
from robot.overheard import Overheard, pulse_of
from robot.pages import Portal
from robot.pointing import Pointed, pointed, selector_of
from robot.screens import Flows
from robot.standing import standing
from robot.steps import Step
from robot.tabs import Place
from robot.tutorial.repairs import with_words
from robot.tutorial.sightings import Sighting, claims_of
from robot.tutorial.verdicts import Mend
from robot.walkfolder import Correction
from robot.walkwriter import WalkWriter

WHO = "Calibrage — le robot regarde et n'appuie sur rien"
NEXT, DONE, SHOW = "Phrase suivante", "J'ai fini", "Montrer ce qui manque"
NONE, LATER, ENOUGH = "Il n'y en a pas", "Plus tard", "Plus de questions ici"
YES, NO = "Oui, c'est lui", "Non"

_THINGS = {"button": "le bouton", "field": "le champ", "select": "le choix", "file": "le champ de fichier"}
# How long one moment lasts when nothing happens.
_MOMENT_MS = 300
# A page that never comes to rest is looked at all the same, after so many moments.
_RESTLESS = 10


class Beside(Portal):
    """A portal on which a person does everything: questions of the browser's own are left to them, too."""

    def _on_dialog(self, dialog: Dialog) -> None:
        self.notice("", f"Le navigateur demande « {dialog.message[:200]} » : à vous de répondre.")


@dataclass
class _Question:
    """What the person is being asked."""

    screen: str
    element: str
    frame: Frame
    # What they showed, until they confirm it.
    shown: Pointed | None = None
    # What is said besides, after an answer that did not do.
    hint: str = ""

    @property
    def name(self) -> str:
        return f"{self.screen}.{self.element}"


class Calibration:
    """One walk beside a person. `tell` says a French sentence on the terminal."""

    def __init__(
        self,
        context: BrowserContext,
        flows: Flows,
        place: Place,
        writer: WalkWriter,
        tell: Callable[[str], None],
        *,
        asks: bool = True,
    ) -> None:
        # Selectors found on the way count from the next look on.
        self.ids = {screen: dict(ids) for screen, ids in (writer.walk.ids or place.ids).items()}
        mine = Place(place.name, place.url, place.hosts, place.sign_in_hosts, place.generation, self.ids)
        # `flows` with the person's own values in their words.
        self.flows = flows
        self.writer = writer
        self.tell = tell
        self.asks = asks
        self.portal = Beside(context, flows, mine, notice=lambda _screen, message: tell(message))
        self.sightings: dict[str, Sighting] = {}
        # Which documents stand there, and how much they show.
        self._pulse = ("", "")
        self._unsettled = 0
        self._question: _Question | None = None
        self._waiting: deque[_Question] = deque()
        self._quiet: set[str] = set()
        self._sentence = 0
        self._typed: list[str] = []
        self._overheard = Overheard(context, place.hosts)

    # --- going on -----------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Until the person says so, or closes the window."""
        self.portal.open()
        while self.look():
            pass

    def look(self) -> bool:
        """One moment; whether there is another."""
        if not self.portal.context.pages:
            self.tell("La fenêtre est fermée.")
            return False
        page = self.portal.page
        self._learn()
        if self._question:
            self._ask(page, self._question)
            return True
        self._see(page)
        answer = draw(page, self._caption())
        if not answer or not answer.button:
            await_answer(page, _MOMENT_MS)
            answer = draw(page, self._caption()) or Answer()
        if answer.button == NEXT:
            self._sentence += 1
        elif answer.button == SHOW:
            self._quiet.clear()
            self._waiting = deque(self._questions(again=True))
            self._ask_next()
        elif answer.button == DONE:
            self._see(page, at_once=True)
            erase(page)
            return False
        return True

    # --- seeing -------------------------------------------------------------------------------------------------------

    def _see(self, page: Page, *, at_once: bool = False) -> None:
        """Looks anew where the page changed; what has come to rest is saved (or all that is not yet, `at_once`)."""
        pulse = self._now(page)
        if not all(pulse):
            return
        if pulse != self._pulse and self._unsettled < _RESTLESS and not at_once:
            self._pulse, self._unsettled = pulse, self._unsettled + 1
            return
        if pulse == self._pulse and not self._unsettled:
            return
        self._pulse, self._unsettled = pulse, 0
        before = tuple(self.sightings)
        self.sightings = standing(self.portal, self.flows)
        if tuple(self.sightings) != before:
            self._sentence = 0
            titles = ", ".join(dict.fromkeys(f"« {sighting.screen.title} »" for sighting in self.sightings.values()))
            self.tell(f"Reconnu : {titles}." if titles else f"Page inconnue des parcours : {self._address(page)}.")
        self._note_ids()
        self._save()
        self._waiting = deque(self._questions() if self.asks else ())
        self._ask_next()

    def _now(self, page: Page) -> tuple[str, str]:
        """Changes whenever a page does; empty while it is coming."""
        pulses = [pulse_of(frame) for frame in self.portal.frames() if frame.page == page]
        self._typed += [value for _, _, typed in pulses for value in typed]
        if not pulses or not all(document for document, _, _ in pulses):
            return "", ""
        return "\n".join(document for document, _, _ in pulses), "\n".join(size for _, size, _ in pulses)

    def _save(self) -> None:
        """Saves a page that is new, or that shows more than it did."""
        url = self.writer.masker.address(self.portal.page.main_frame.url)
        before = self.writer.saved(tuple(self.sightings), url)
        if before and len(before.elements) >= self._found():
            return
        page = self.writer.save(self.portal, self.sightings)
        if page is None:
            self._pulse = ("", "")
            return
        for loss in page.losses:
            self.tell(f"La copie masquée de {page.folder} ne dit pas tout : {loss}.")

    def _found(self) -> int:
        return sum(
            element in sighting.values or sighting.elements[element].state != "absent"
            for sighting in self.sightings.values()
            for element in sighting.screen.elements
            if element in sighting.values or element in sighting.elements
        )

    def _note_ids(self) -> None:
        """Selectors of what was found by words, as far as the eyes then find the same control by both."""
        new: dict[tuple[str, str], str] = {}
        found = {name: sum(map(sighting.found, sighting.screen.elements)) for name, sighting in self.sightings.items()}
        for name, sighting in self.sightings.items():
            for element in sighting.screen.elements:
                sight, control = sighting.elements.get(element), sighting.control(element)
                if not sight or not control or sight.nature == "table" or sight.state not in ("found", "collapsed"):
                    continue
                # A page of another screen may bear a button of the same words: it is that screen's.
                others = {claim.split(".")[0] for claim in control.claimed} - {name}
                is_theirs = any(found.get(other, 0) > found[name] for other in others)
                selector = selector_of(control, self.writer.masker) if sight.way != "id" and not is_theirs else ""
                if selector and self.ids.get(name, {}).get(element) != selector:
                    new[name, element] = selector
        if new:
            self._try(new)

    def _try(self, new: dict[tuple[str, str], str]) -> list[tuple[str, str]]:
        """Keeps the selectors that lead to the same control as the words do; gives those."""
        before = {name: dict(ids) for name, ids in self.ids.items()}
        for (name, element), selector in new.items():
            self.ids.setdefault(name, {})[element] = selector
        seen = standing(self.portal, self.flows)
        kept = []
        for name, element in new:
            sight = seen[name].elements.get(element) if name in seen else None
            if sight and sight.state in ("found", "collapsed") and not sight.drift:
                kept.append((name, element))
            elif element in before.get(name, {}):
                self.ids[name][element] = before[name][element]
            else:
                del self.ids[name][element]
        self.writer.note(ids={name: dict(ids) for name, ids in self.ids.items() if ids})
        return kept

    # --- asking -------------------------------------------------------------------------------------------------------

    def _questions(self, *, again: bool = False) -> Iterator[_Question]:
        """What is not found, or not for sure, on what stands in front."""
        answers = self.writer.walk.answers
        for name, sighting in self.sightings.items():
            if name in self._quiet or (not again and self._is_by_chance(sighting)):
                continue
            for element, described in sighting.screen.elements.items():
                sight = sighting.elements.get(element)
                is_lost = sight is None or sight.state not in ("found", "collapsed")
                said = answers.get(f"{name}.{element}", "")
                is_told = said == "absent" or (said == "later" and not again)
                if described.kind in _THINGS and is_lost and not is_told and (again or not described.optional):
                    yield _Question(name, element, sighting.frame)

    def _is_by_chance(self, sighting: Sighting) -> bool:
        """A screen of which a page shows less than half, beside another one: what lacks there is hardly lost."""
        needed = [name for name, element in sighting.screen.elements.items() if not element.optional]
        found = [name for name in needed if sighting.found(name)]
        return len(self.sightings) > 1 and 2 * len(found) < len(needed)

    def _ask_next(self) -> None:
        self._question = self._waiting.popleft() if self._waiting else None
        if self._question and self._question.screen in self._quiet:
            self._ask_next()

    def _ask(self, page: Page, question: _Question) -> None:
        if question.frame.is_detached() or self._now(page)[0] != self._pulse[0]:
            # What was asked about is there no more.
            self._question, self._pulse = None, ("", "")
            return
        caption = self._asked(question)
        answer = draw(page, caption)
        if not answer or not (answer.button or answer.point):
            await_answer(page, _MOMENT_MS)
            answer = draw(page, caption) or Answer()
        if question.shown:
            self._confirmed(question, answer)
        elif answer.point:
            draw(page, self._waiting_caption(question))
            self._point(page, question, answer.point)
        elif answer.button in (NONE, LATER, ENOUGH):
            if answer.button == ENOUGH:
                self._quiet.add(question.screen)
            else:
                self._answered(question, "absent" if answer.button == NONE else "later")
            self._ask_next()

    def _point(self, page: Page, question: _Question, point: tuple[float, float]) -> None:
        screen = self.flows.screens[question.screen]
        kind = screen.elements[question.element].kind
        claims = claims_of(screen, self.flows, self.ids)
        question.shown = pointed(page.main_frame, point, kind, claims)
        missed = f"Il n'y a rien de ce genre là où vous avez cliqué : montrez {_THINGS[kind]}."
        question.hint = "" if question.shown else missed

    def _confirmed(self, question: _Question, answer: Answer) -> None:
        if answer.button == NO:
            question.shown = None
        elif answer.button == YES and question.shown:
            self._take(question, question.shown)
            self._answered(question, "shown")
            self.sightings = standing(self.portal, self.flows)
            self.writer.save(self.portal, self.sightings)
            self._ask_next()

    def _take(self, question: _Question, shown: Pointed) -> None:
        """Notes what the person showed: words that the flow did not know, id or name."""
        control, masker = shown.control, self.writer.masker
        # As the files have it: without anybody's name.
        screen = self.writer.flows.screens[question.screen]
        element = screen.elements[question.element]
        words = " ".join(control.words.split()).strip(" *:")
        is_new = bool(words) and all(plain(words) != plain(label) for label in element.labels)
        if is_new and masker.text(words, Kind.LABEL) == words:
            line = next((step.line for step in screen.all_steps() if question.element in step.elements()), "new")
            mend = Mend(
                file=self.flows.shown(self.flows.files[screen.screen].path),
                screen=screen.screen,
                path=("elements", question.element, element.kind),
                words=words,
                line=line,
                instead_of=element.name,
            )
            masker.vocabulary.add(words)
            self.flows = self.portal.flows = with_words(self.flows, mend)
            self.writer.flows = with_words(self.writer.flows, mend)
            self._correct(mend)
            self.tell(f"« {element.name} » s'appelle ici « {words} » : la correction est notée.")
        selector = selector_of(control, masker)
        kept = self._try({(question.screen, question.element): selector}) if selector else []
        if not kept and not is_new:
            self.tell(f"« {element.name} » n'a ni mots ni identifiant stables : rien ne permet de le retrouver.")

    def _correct(self, mend: Mend) -> None:
        others = [one for one in self.writer.walk.corrections if (one.screen, one.path) != (mend.screen, mend.path)]
        self.writer.note(corrections=(*others, Correction(**{name: getattr(mend, name) for name in Correction.model_fields})))

    def _answered(self, question: _Question, answer: str) -> None:
        self.writer.note(answers={**self.writer.walk.answers, question.name: answer})

    # --- captions -----------------------------------------------------------------------------------------------------

    def _caption(self) -> Caption:
        steps = [step for sighting in self.sightings.values() for step in sighting.screen.all_steps()]
        left = len(list(self._questions(again=True)))
        buttons = [NEXT] if self._sentence + 1 < len(steps) else []
        buttons += [SHOW] if left else []
        say = "Un instant : le robot regarde cette page." if self._unsettled else _told(steps, self._sentence)
        return Caption(WHO, say, self._recognised(), (*buttons, DONE))

    def _recognised(self) -> str:
        told = []
        for sighting in self.sightings.values():
            asked = [name for name, element in sighting.screen.elements.items() if not element.optional or sighting.found(name)]
            found = [name for name in asked if sighting.found(name)]
            told.append(f"« {sighting.screen.title} » ({len(found)} sur {len(asked)})")
        return f"Reconnu : {', '.join(told)}." if told else ""

    def _asked(self, question: _Question) -> Caption:
        screen = self.flows.screens[question.screen]
        element = screen.elements[question.element]
        what = f"{_THINGS[element.kind]} « {element.name} »"
        if question.shown:
            words = question.shown.control.words
            say = f"C'est bien {what} ?" + (f" Le portail écrit « {words} »." if words else "")
            return Caption(WHO, say, f"Écran « {screen.title} ».", (YES, NO), (question.shown.box,))
        wait = f"Écran « {screen.title} ». Votre clic ne fait rien sur le portail. {question.hint}".strip()
        return Caption(WHO, f"Où est {what} ? Cliquez dessus.", wait, (NONE, LATER, ENOUGH), pick=True)

    def _waiting_caption(self, question: _Question) -> Caption:
        """Without the sheet, so that the eyes see the page as it is."""
        return Caption(WHO, "Un instant…", f"Écran « {self.flows.screens[question.screen].title} ».")

    # --- what passes --------------------------------------------------------------------------------------------------

    def _learn(self) -> None:
        """What somebody typed or sent is personal wherever it stands from now on, and where it stood before."""
        heard, walk = self._overheard, self.writer.walk
        values, self._typed = [*self._typed, *heard.take()], []
        if [value for value in dict.fromkeys(values) if self.writer.masker.learn(value)]:
            self.writer.forget()
        hosts = tuple(sorted({*walk.hosts, *heard.met}))
        refused = tuple(sorted({*walk.refused_hosts, *heard.refused}))
        if (hosts, refused) != (walk.hosts, walk.refused_hosts):
            for host in set(refused) - set(walk.refused_hosts):
                self.tell(f"Le portail demande {host}, qui n'est pas dans la liste : refusé.")
            self.writer.note(hosts=hosts, refused_hosts=refused)

    def _address(self, page: Page) -> str:
        return self.writer.masker.address(page.url)


def _told(steps: list[Step], number: int) -> str:
    """A sentence of the tutorial, with its line."""
    if not steps:
        return "Le robot ne reconnaît pas cette page. Continuez comme d'habitude."
    step = steps[min(number, len(steps) - 1)]
    return f"{step.say} ({step.line})" if step.line != "new" else step.say
