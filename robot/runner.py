"""Runs a journey: recognise, act, recognise, until its end is reached. Announces every step; decides nothing alone.

Never presses a `send` button twice, and never before the listeners have been told (`events.Confirming`), so that the
journal is on disk first. Knows nothing of files on disk, of the command line, of what listeners do.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Error as PlaywrightError
from pydantic import BaseModel, SecretStr

from robot import events
from robot.account import Account
from robot.failures import (
    CaptchaNeeded,
    CodeRefused,
    DecisionNeeded,
    Failure,
    NotOnScreen,
    OutcomeUnknown,
    PersonNeeded,
    PortalRefused,
    ReadBackDiffers,
    SecondFactorNeeded,
    SessionLost,
    SignInNeeded,
    SignInRefused,
)
from robot.fields import after, written
from robot.handover import Person
from robot.locators import FALLBACKS, WAYS, Facts
from robot.pages import Done, Portal, ScreenPage
from robot.plain import brief
from robot.readback import Typed
from robot.screens import Flows, Journey, Screen
from robot.steps import (
    Choose,
    Clear,
    Compare,
    Download,
    Each,
    Effect,
    Goal,
    HandOver,
    Inspect,
    LookUp,
    Pick,
    Press,
    Read,
    ReadBack,
    Receive,
    Step,
    Tick,
    Type,
    Upload,
)
from robot.tabs import Arrival
from robot.uploads import upload_name
from robot.values import value_of

# A screen that comes back this often is a circle, not a journey.
_VISITS = 4
# Secrets that a person gives where the robot has none, and what a run without a person stops with.
_SECRETS: dict[str, tuple[type[PersonNeeded], str, str]] = {
    "account.password": (
        SignInNeeded,
        "Tapez vous-même votre mot de passe, puis validez.",
        "gardez une session par « chorus-robot login », ou donnez le mot de passe par « chorus-robot secret set ».",
    ),
    "account.code": (
        SecondFactorNeeded,
        "Tapez le code reçu par courriel, ou celui de votre application d'authentification, puis validez.",
        "ouvrez une session vous-même par « chorus-robot login », ou relancez la commande avec --headed ; le robot peut "
        "aussi donner le code seul (second_factor: totp: ou mail), les deux facteurs sont alors sur la même machine.",
    ),
    "account.answer": (
        DecisionNeeded,
        "Choisissez votre question secrète, tapez votre réponse (à mémoriser), puis validez.",
        "relancez la commande devant un écran, ou donnez secret_question: dans la configuration.",
    ),
}
_STEP_FAILURES: dict[str, type[PersonNeeded]] = {"captcha": CaptchaNeeded, "decision": DecisionNeeded}
# Steps that may be done again without doing more: what is right already is left.
_PUTTING = (Choose, Clear, LookUp, Tick, Type, Upload)
# Inputs that some recipients demand and others do not.
_DEMANDS = {"invoice.engagement": "engagement", "invoice.recipient.service": "service"}
# A page that cannot be pictured at once (it may be leaving) goes without.
_PICTURE_MS = 2_000


def _said(error: Failure | PlaywrightError) -> str:
    """What went wrong, without its own cure."""
    return (error.what if isinstance(error, Failure) else error.message.splitlines()[0]).rstrip(". ")


@dataclass
class Outcome:
    """What a finished journey brought back."""

    # What `read` steps noted, by element.
    notes: dict[str, str] = field(default_factory=dict)
    # What `download` steps saved, by element.
    files: dict[str, Path] = field(default_factory=dict)
    summary: str = ""


class Runner:
    """One run of one journey on one portal.

    `values` holds the typed inputs (`invoice`, `supplier`, `account`); `subject` says in a word what the run is about;
    `keep` checks a downloaded file against the number that the screen showed, puts it in its place and says where;
    `person` is somebody in front of the window, None where nobody is.
    """

    def __init__(
        self,
        portal: Portal,
        flows: Flows,
        *,
        goal: Goal,
        values: Mapping[str, BaseModel],
        subject: str,
        announce: Callable[[events.Event], None],
        keep: Callable[[bytes, dict[str, str]], Path] | None = None,
        person: Person | None = None,
        traced: Callable[[str, str], AbstractContextManager[object]] = lambda _say, _source: nullcontext(),
        pictures: bool = True,
        first_step: int = 1,
    ) -> None:
        self.portal = portal
        self.flows = flows
        self.goal = goal
        self.values: dict[str, object] = dict(values)
        self.subject = subject
        self.announce = announce
        self.keep = keep
        self.person = person
        self.traced = traced
        self.pictures = pictures
        self.outcome = Outcome()
        # What cannot be undone (« Confirmer et envoyer ») may have been pressed.
        self.sent = False
        self.confirmed = False
        # The form is a draft's: what is listed there already is not added again.
        self.is_continuing = False
        self._typed = Typed()
        self._number = first_step - 1
        self._visits: dict[str, int] = {}
        # A screen that a person went on to in the middle of another one's steps.
        self._ahead: Arrival | None = None
        # Screens of other journeys that end this one.
        self._until: list[Screen] = []
        # Screens that are being waited for; none while a screen's steps are done.
        self.awaited: list[Screen] = []
        self._is_for_members = False
        # Where the password was typed, until the portal has answered.
        self._password_screen = ""
        # Words of the button that cannot be undone, once it may have been pressed.
        self._sent_by = ""
        # What was put into the screen in front since the last press: a page loaded anew may have lost it.
        self._put_there: list[Step] = []

    # --- the journey --------------------------------------------------------------------------------------------

    def run(self, journey: Journey, *, until: Collection[str] = (), address: str | None = None) -> Arrival:
        """From the portal's address, or another of its own, to the journey's end or to one of the screens `until`.

        Raises what stops it.
        """
        self._visits.clear()
        self.portal.open(address)
        return self.follow(journey, self._begin(journey), until=until)

    def _begin(self, journey: Journey) -> Arrival:
        starts = self._screens((*journey.start, *(name for name in journey.until if name not in journey.start)))
        # What may interrupt the way to the first screen is what may interrupt the screen itself.
        self.portal.current = journey.start[0]
        self.awaited = starts
        try:
            return self.portal.wait_for(starts)
        except (PersonNeeded, NotOnScreen) as failure:
            return self._handed(failure, starts)

    def resume(self, journey: Journey, arrival: Arrival, *, until: Collection[str] = ()) -> Arrival:
        """Goes on from a screen, its steps done anew: what is typed already is left."""
        self._visits.clear()
        return self.follow(journey, arrival, until=until)

    def follow(self, journey: Journey, arrival: Arrival, *, until: Collection[str] = ()) -> Arrival:
        """From a recognised screen on."""
        until = (*until, *journey.until)
        self._is_for_members = journey.signed_in
        self._until = self._screens(until)
        while True:
            try:
                self._arrive(arrival)
                if arrival.screen.screen in until:
                    return arrival
                facts = self._act(arrival)
                if arrival.screen.screen == journey.ends.get(self.goal):
                    return arrival
                arrival = self._go_on(arrival, facts)
            except SessionLost as failure:
                if self.sent:
                    raise
                # Whoever has signed in again stands at the beginning, beyond the door.
                starts = [s for s in self._screens(journey.start) if not (s.signed_out or s.sign_in)]
                self.portal.is_signed_in = False
                arrival = self._handed(failure, starts)
                self._visits.clear()
            except (PersonNeeded, NotOnScreen) as failure:
                following = [*self._following(arrival.screen), *self._until]
                if self.portal.is_in_front(arrival.screen):
                    # What looks like the next screen already is this one.
                    following = [screen for screen in following if not self.portal.is_in_front(screen)]
                else:
                    following.append(arrival.screen)
                arrival = self._handed(failure, following)

    def _handed(self, failure: Failure, wanted: list[Screen]) -> Arrival:
        """Leaves the window to the person until one of the screens comes. Raises the failure where nobody is there."""
        if self.person is None or not getattr(failure, "at_the_window", True):
            raise failure
        say = f"{failure.what} {failure.cure}" if isinstance(failure, NotOnScreen) else failure.what
        if isinstance(failure, NotOnScreen):
            say = f"{failure.what} Continuez vous-même ; le robot reprend dès qu'il reconnaît l'écran."
        self.picture(None)
        return self.person.answer(say, self.portal.current, wanted)

    def _screens(self, names: tuple[str, ...]) -> list[Screen]:
        return [self.flows.screens[name] for name in names]

    def _arrive(self, arrival: Arrival) -> None:
        screen = arrival.screen
        self.awaited = []
        self.portal.current = screen.screen
        self._visits[screen.screen] = self._visits.get(screen.screen, 0) + 1
        if self._visits[screen.screen] > _VISITS:
            raise NotOnScreen(f"L'écran « {screen.title} » revient sans cesse.", where=screen.title)
        self.announce(
            events.ScreenSeen(screen=screen.screen, title=screen.title, url=arrival.facts.url.split("?")[0])
        )
        if self._is_for_members and not (screen.signed_out or screen.sign_in):
            self.portal.is_signed_in = True
        if self._password_screen not in ("", screen.screen):
            self._answer_password(accepted=True)
        if self.sent and not self.confirmed:
            self._confirm(arrival)

    def _confirm(self, arrival: Arrival) -> None:
        """The screen after « Confirmer et envoyer » is there: the deposit is a fact, whatever comes next."""
        self.confirmed = True
        page = ScreenPage(self.portal, arrival.screen, arrival.frame)
        text = page.look(text=True).text
        self.outcome.summary = text
        noted = [step.read for step in arrival.screen.all_steps() if isinstance(step, Read)]
        found = [after(text, arrival.screen.elements[name].labels) for name in noted]
        digest = found[0][0].split()[0] if found and found[0] and found[0][0].split() else ""
        self.announce(events.DepositConfirmed(digest=digest, summary=text))

    def _act(self, arrival: Arrival) -> Facts:
        """Does the steps of a screen that this goal meets; what was seen just before the last press comes back."""
        page = ScreenPage(self.portal, arrival.screen, arrival.frame)
        facts = arrival.facts
        self._put_there.clear()
        for index, step in enumerate(arrival.screen.steps):
            if self._is_met(step):
                if isinstance(step, Press):
                    facts = page.look()
                self._do(page, step, ("steps", index))
                if self._ahead:
                    # The person went on, over whatever was left to do here.
                    rest = arrival.screen.steps[index + 1 :]
                    self.sent = self.sent or any(step.effect is Effect.SEND for step in rest)
                    break
        return facts

    def _is_met(self, step: Step) -> bool:
        return step.goal is None or self.goal in step.goal

    def _go_on(self, arrival: Arrival, facts: Facts) -> Arrival:
        if ahead := self._ahead:
            self._ahead = None
            return ahead
        following = self._following(arrival.screen)
        expected = [*following, *(s for s in self._until if s not in following)]
        self.awaited = expected
        try:
            return self.portal.wait_for(expected, leaving=arrival.screen, since=facts)
        except (SignInRefused, CodeRefused) as failure:
            if self._password_screen and isinstance(failure, SignInRefused):
                self._answer_password(accepted=False)
            raise
        except PortalRefused:
            # The form came back with its complaints: nothing was sent.
            raise
        except (Failure, PlaywrightError) as error:
            if not self.sent or self.confirmed:
                raise
            raise OutcomeUnknown(
                f"« {self._sent_by} » a été pressé et le portail n'a pas répondu clairement ({_said(error)}).",
                where=arrival.screen.title,
                cure="relancez la même commande : elle regardera d'abord sur le portail ce qu'il en est, et n'enverra "
                "jamais deux fois.",
            ) from None

    def _answer_password(self, *, accepted: bool) -> None:
        self._password_screen = ""
        self.announce(events.PasswordAnswered(email=written(self._value("account.email")), accepted=accepted))

    def _following(self, screen: Screen) -> list[Screen]:
        """Screens that may follow: the first whose condition holds, or else all those without condition."""
        for following in screen.then:
            if following.given and self._value(following.given):
                return self._screens((following.screen,))
            if following.goal and self.goal in following.goal:
                return self._screens((following.screen,))
        return self._screens(tuple(f.screen for f in screen.then if not f.given and not f.goal))

    def _value(self, path: str) -> object:
        return value_of(self.values, path)

    @property
    def awaits_answer(self) -> bool:
        """A password was typed, and the portal has not said what it thinks of it."""
        return bool(self._password_screen)

    # --- one step -----------------------------------------------------------------------------------------------

    def _do(self, page: ScreenPage, step: Step, location: tuple[str | int, ...]) -> None:
        if isinstance(step, Each):
            self._repeat(page, step, location)
            return
        self._number += 1
        begun = events.StepStarted(
            screen=page.screen.screen,
            number=self._number,
            line=step.line,
            say=step.say,
            effect=step.effect.value,
            source=self.flows.source_of(page.screen.screen, *location),
        )
        self.announce(begun)
        if self.portal.hand.was_reloaded():
            self._restore(page)
        started = time.monotonic()
        with self.traced(f"{step.line} — {step.say}", begun.source):
            done = self._skipped(page, step)
            if isinstance(step, Press | Download) and not done:
                # What a press leads to is another screen's picture.
                self._bring_into_view(page, step)
                self.picture(page.screen)
            done = done or self._perform(page, step)
        if isinstance(step, Press):
            self._put_there.clear()
        elif isinstance(step, _PUTTING) and not all(one.skipped for one in done):
            self._put_there.append(step)
        self._tell(begun, done, time.monotonic() - started)
        for one in done:
            self._tell_drift(page, one)
        if not isinstance(step, Press | Download) and not (done and all(one.skipped for one in done)):
            self._bring_into_view(page, step)
            self.picture(page.screen)

    def _restore(self, page: ScreenPage) -> None:
        """Puts what a page has lost, since people loaded it anew; presses nothing. A password counts twice."""
        for step in self._put_there:
            lost = not isinstance(step, Upload) or not page.sight(step.elements()[0], expected=False).value
            if lost:
                self._perform(page, step)

    def _tell(self, begun: events.StepStarted, done: list[Done], seconds: float) -> None:
        ways = [one.way for one in done if one.way]
        self.announce(
            events.StepDone(
                screen=begun.screen,
                number=begun.number,
                line=begun.line,
                say=begun.say,
                effect=begun.effect,
                source=begun.source,
                element=", ".join(one.element for one in done),
                # The weakest way tells how close the screen is to not being known any more.
                way=max(ways, key=list(WAYS).index, default=""),
                label=" ; ".join(one.label for one in done if one.label),
                value=" ; ".join(one.value for one in done if one.value),
                skipped=done[0].skipped if done and all(one.skipped for one in done) else "",
                seconds=seconds,
            )
        )

    def _repeat(self, page: ScreenPage, step: Each, location: tuple[str | int, ...]) -> None:
        items = self._value(step.each)
        assert isinstance(items, tuple | list)
        for item in items:
            if self.is_continuing and self._is_listed(page, item):
                continue
            self.values[step.item] = item
            for index, inner in enumerate(step.steps):
                self._do(page, inner, (*location, "steps", index))
        self.values.pop(step.item, None)

    def _is_listed(self, page: ScreenPage, item: object) -> bool:
        """Whether the page shows the file of an item, under the name that it is uploaded with."""
        file = getattr(item, "file", None)
        return isinstance(file, Path) and page.look(counts=[upload_name(file)]).counts[0] > 0

    def _skipped(self, page: ScreenPage, step: Step) -> list[Done]:
        """Why a conditional step is not needed; nothing where it is."""
        if step.when == "given" and all(self._value(path) is None for path in step.values()):
            return [Done(step.elements()[0], skipped="la facture n'en a pas")]
        if step.when == "shown" and not any(page.shows(name) for name in step.elements()):
            if isinstance(step, Choose):
                self._refuse_other_text(page, step)
            return [Done(step.elements()[0], skipped="l'écran ne le montre pas")]
        return []

    def _refuse_other_text(self, page: ScreenPage, step: Choose) -> None:
        """A choice shown as plain text, and that is not the invoice's, is not passed over in silence."""
        for name, path in step.choose.items():
            if other := page.says_otherwise(name, self._value(path)):
                raise ReadBackDiffers(
                    f"« {page.screen.elements[name].name} » : le portail affiche « {other[:60]} » sans permettre de le "
                    f"changer, la facture demande « {written(self._value(path))} ».",
                    where=page.screen.title,
                    cure="regardez l'écran (--headed) et signalez-le au support.",
                )

    def _perform(self, page: ScreenPage, step: Step) -> list[Done]:
        match step:
            case Upload():
                return [self._upload(page, name, path) for name, path in step.pairs().items()]
            case Type() | Choose():
                return [self._put(page, name, self._input(path), path) for name, path in step.pairs().items()]
            case Clear():
                return [self._put(page, step.clear, None)]
            case Tick():
                return [self._put(page, step.tick, True)]
            case HandOver():
                return [self._hand_over(page, step)]
            case LookUp():
                return [self._look_up(page, step, name, path) for name, path in step.look_up.items()]
            case Pick():
                return [page.pick_row(written(self._value(step.pick)))]
            case Press() if step.effect is Effect.SEND:
                return [self._send(page, step)]
            case Press() if step.shows:
                words = [written(self._value(path)) for path in step.shows]
                return [page.press_and_see(step.press, words)]
            case Press():
                return [page.press(step.press)]
            case ReadBack():
                return self._read_back(page, step)
            case Compare():
                return [self._compare(page, name, self._value(path)) for name, path in step.pairs().items()]
            case Read():
                self.outcome.notes[step.read] = page.read(step.read).split(" ")[0]
                return [Done(step.read, value=self.outcome.notes[step.read])]
            case Download():
                return [self._download(page, step)]
            case Inspect() | Receive():
                return []
        raise TypeError(f"aucune action pour le mot {step.word}")

    def _upload(self, page: ScreenPage, name: str, path: str) -> Done:
        file = self._value(path)
        assert isinstance(file, Path)
        return page.upload(name, file, file_name=upload_name(file))

    def _input(self, path: str) -> object:
        value = self._value(path)
        if value is None and path in _SECRETS:
            kind, say, cure = _SECRETS[path]
            raise kind(say, cure=cure)
        return value

    def _hand_over(self, page: ScreenPage, step: HandOver) -> Done:
        if self.person is None:
            raise _STEP_FAILURES[step.failure](
                step.say,
                where=f"écran « {page.screen.title} »",
                cure="relancez la même commande devant un écran, sans --headless : la fenêtre s'ouvre, vous faites ce "
                "geste, le robot continue.",
            )
        self._ahead = self.person.do(page, step, self._following(page.screen))
        return Done(step.hand_over[0], value="fait par la personne")

    def _put(self, page: ScreenPage, name: str, value: object, path: str = "") -> Done:
        if path == "account.password" and page.screen.signed_out:
            page.need(name, page.sight(name))
            self.announce(events.PasswordGoing(email=written(self._value("account.email"))))
            account = self.values["account"]
            if isinstance(account, Account):
                account.expect_code()
            self._password_screen = page.screen.screen
        done = page.put(name, value)
        if not isinstance(value, SecretStr) and done.way and not page.screen.sign_in:
            self._typed.remember(page, done, value, path)
        return done

    def _look_up(self, page: ScreenPage, step: LookUp, name: str, path: str) -> Done:
        value = written(self._value(path))
        done = page.look_up(name, value, search=step.search, box=step.box, pick=step.pick)
        self._typed.remember(page, done, value, path)
        return done

    # --- reading back, comparing ---------------------------------------------------------------------------

    def _read_back(self, page: ScreenPage, step: ReadBack) -> list[Done]:
        """Reads everything again; what the page lost is typed once more, then must be there."""
        rows: list[events.Kept] = []
        for name in step.read_back:
            there = ScreenPage(self.portal, self.flows.screens[name], page.frame)
            for label in self._typed.repair(there):
                message = f"Le portail avait changé « {label} » : la valeur est remise."
                self.announce(events.Noticed(screen=name, message=message))
            rows += self._typed.kept(there)
        self.announce(events.ReadBackDone(rows=tuple(rows)))
        if "invoice" in self.values:
            self._tell_recipient(page)
        return [Done("", value=f"{len(rows)} valeurs relues, toutes égales à la facture")]

    def _tell_recipient(self, page: ScreenPage) -> None:
        siret = written(self._value("invoice.recipient.siret"))
        required = {what: self._typed.required[path] for path, what in _DEMANDS.items() if path in self._typed.required}
        lines = page.look(text=True).text.splitlines()
        named = next((line.split(siret)[1].strip(" \t-–—:,") for line in lines if siret in line), "")
        self.announce(events.RecipientSeen(siret=siret, name=brief(named), required=required))

    def _compare(self, page: ScreenPage, name: str, value: object) -> Done:
        equal, seen = page.says(name, value)
        element = page.screen.elements[name]
        if not equal:
            raise ReadBackDiffers(
                f"« {element.name} » : le portail annonce « {seen} », la facture dit « {written(value)} ».",
                where=page.screen.title,
                cure="rien n'a été confirmé ; corrigez la facture ou signalez l'écran au support."
                if not self.sent
                else "la facture est partie ; comparez-la sur le portail et gardez ce dossier.",
            )
        return Done(name, "role", element.name, "", seen)

    # --- the point of no return ---------------------------------------------------------------------------------

    def _send(self, page: ScreenPage, step: Press) -> Done:
        done = page.ready_to_press(step.press)
        self.announce(events.Confirming(subject=self.subject, dialog=page.look(text=True).text))
        self.sent, self._sent_by = True, page.screen.elements[step.press].name
        try:
            page.press_once(step.press)
        except PlaywrightError as error:
            raise OutcomeUnknown(
                f"« {page.screen.elements[step.press].name} » peut-être pressé ({error.message.splitlines()[0]}).",
                where=page.screen.title,
                cure="relancez la même commande : elle regardera d'abord sur le portail ce qu'il en est.",
            ) from None
        return done

    def _download(self, page: ScreenPage, step: Download) -> Done:
        """Three tries: giving the same certificate again doubles nothing."""
        for attempt in (1, 2, 3):
            try:
                content = page.download(step.download)
                assert self.keep
                path = self.keep(content, self.outcome.notes)
                break
            except Failure as failure:
                if attempt == 3:
                    raise
                message = f"Le certificat n'est pas bon ({failure.what}) ; nouvel essai ({attempt + 1}/3)."
                self.announce(events.Noticed(screen=page.screen.screen, message=message))
        self.outcome.files[step.download] = path
        return Done(step.download, "role", page.screen.elements[step.download].name, "", path.name)

    # --- what listeners are told besides --------------------------------------------------------------------------

    def _tell_drift(self, page: ScreenPage, done: Done) -> None:
        if done.way in FALLBACKS:
            drift = f"trouvé seulement par : {WAYS[done.way]}. Le libellé a peut-être changé."
        elif done.drift:
            drift = "est là, mais pas l'identifiant relevé au calibrage."
        else:
            return
        name = page.screen.elements[done.element].name
        self.announce(events.Noticed(screen=page.screen.screen, message=f"« {name} » {drift}"))

    def _bring_into_view(self, page: ScreenPage, step: Step) -> None:
        """Scrolls to the element of a step, as a person would have."""
        names = [name for name in step.elements() if page.screen.elements[name].kind not in ("value", "file")]
        if not self.pictures or not names:
            return
        try:
            page.element(names[-1] if isinstance(step, Type) else names[0]).scroll_into_view_if_needed(
                timeout=_PICTURE_MS / 2
            )
        except PlaywrightError:
            # The element may be drawn by a script, or gone: the picture does without.
            return

    def picture(self, screen: Screen | None) -> None:
        """The tab in front as it is; where the screen is unknown or signs in, without anything that was typed."""
        if not self.pictures:
            return
        front = self.portal.page
        is_covered = screen is None or screen.sign_in
        masks = [frame.locator("input, textarea, [contenteditable]") for frame in front.frames] if is_covered else []
        try:
            with self.portal.hand.aside():
                jpeg = front.screenshot(
                    type="jpeg", quality=55, mask=masks, mask_color="#3a3f4b", timeout=_PICTURE_MS
                )
        except PlaywrightError:
            # A picture is never worth a deposit.
            return
        self.announce(
            events.PictureTaken(number=self._number, screen=screen.screen if screen else "", jpeg=jpeg)
        )
