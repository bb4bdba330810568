"""The browser's tabs: which screen of the portal is in front, in which tab or frame, and what stands in the way.

Recognise, act, recognise: `wait_for` is the recognising half; acting is in `pages.py`. Knows nothing of journeys, of
invoices, of what is typed.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext, Dialog, Download, Frame, Page, Request, Response
from playwright.sync_api import Error as PlaywrightError

from robot.failures import (
    CaptchaNeeded,
    CodeRefused,
    DecisionNeeded,
    Failure,
    HostRefused,
    Maintenance,
    NotOnScreen,
    OutcomeUnknown,
    PersonLeft,
    PersonNeeded,
    PortalRefused,
    PortalUnavailable,
    ScreenChanged,
    SessionLost,
    SignInRefused,
)
from robot.fields import plain
from robot.gate import host_of
from robot.locators import Facts, await_survey, is_passing, locate, screen_request, spec_of, survey
from robot.screens import Flows, Screen

_FAILURES: dict[str, type[Failure]] = {
    "captcha": CaptchaNeeded,
    "code": CodeRefused,
    "decision": DecisionNeeded,
    "maintenance": Maintenance,
    "portal-unavailable": PortalUnavailable,
    "refused": PortalRefused,
    "screen-changed": NotOnScreen,
    "sign-in": SignInRefused,
    "unknown": OutcomeUnknown,
}

# How long a refusal is given to turn out to be a message on the way to the next screen.
_GRACE_SECONDS = 1.5
# Messages of a portal that is still at work.
_WORKING = re.compile(r"en cours|patient|chargement|veuillez attendre")
# How long one look may last before the other tabs and frames are looked at too.
_SLICE_MS = 300


@dataclass(frozen=True)
class Arrival:
    """A recognised screen, the frame that shows it, and what was seen."""

    screen: Screen
    frame: Frame
    facts: Facts


@dataclass(frozen=True)
class Place:
    """What a portal is, beyond its screens: addresses and calibrated ids (`flows/portals/`, config)."""

    name: str
    url: str
    hosts: tuple[str, ...]
    sign_in_hosts: tuple[str, ...]
    generation: str
    ids: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    # What the person should know before anything is done there, in French.
    note: str = ""
    # How long an invoice that was sent may take to show in the portal's own list.
    settling_seconds: float = 20
    # The training replica says so on each page, in the report and in the JSON.
    is_replica: bool = False


@dataclass
class Received:
    """A file that the portal sends."""

    download: Download
    is_over: bool = False
    # Why it did not come whole; empty where it did.
    problem: str = ""


class Tabs:
    """One browser context on one portal. `notice` is told what the person should know, with the screen's name."""

    def __init__(
        self,
        context: BrowserContext,
        flows: Flows,
        place: Place,
        *,
        timeout_seconds: float = 30,
        notice: Callable[[str, str], None] = lambda _screen, _message: None,
    ) -> None:
        self.context = context
        self.flows = flows
        self.place = place
        self.timeout = timeout_seconds
        self.notice = notice
        # The screen that is in front, or being left: what may interrupt depends on it.
        self.current = ""
        # The portal has shown that it knows the person: from now on a sign-in page means that the session is lost.
        self.is_signed_in = False
        self.downloads: list[Received] = []
        self._refused_hosts: list[str] = []
        # Answers that are PDF files shown in a tab instead of downloaded.
        self.shown_files: list[Response] = []
        self._status = 0
        self._answers: dict[str, int] = {}
        self._has_opened = False
        context.on("page", self._watch)
        context.on("requestfailed", self._on_failed)
        context.on("response", self._on_response)
        for page in context.pages:
            self._watch(page)

    # --- tabs, frames, hosts ------------------------------------------------------------------------------------

    @property
    def page(self) -> Page:
        """The tab in front: the newest one that is open. Raises PersonLeft where all were closed."""
        if not self.context.pages:
            if self._has_opened:
                raise window_closed()
            return self.context.new_page()
        return self.context.pages[-1]

    def allows(self, url: str) -> bool:
        return host_of(url) in self.place.hosts

    def allows_sign_in(self, url: str) -> bool:
        return host_of(url) in self.place.sign_in_hosts

    def frames(self) -> list[Frame]:
        """Frames that may hold a screen, the front tab's own first; none of a host outside the list."""
        frames = [frame for page in reversed(self.context.pages) for frame in page.frames]
        return [frame for frame in frames if self.allows(frame.url)]

    def _watch(self, page: Page) -> None:
        self._has_opened = True
        page.on("dialog", self._on_dialog)
        page.on("download", self._on_download)

    def _on_download(self, download: Download) -> None:
        received = Received(download)
        self.downloads.append(received)
        # Waits here, beside whoever looks at `is_over`: a download may never end.
        received.problem = download.failure() or ""
        received.is_over = True

    def _on_failed(self, request: Request) -> None:
        if request.is_navigation_request() and not self.allows(request.url):
            self._refused_hosts.append(host_of(request.url) or request.url[:80])

    def _on_response(self, response: Response) -> None:
        if response.request.is_navigation_request():
            self._status = response.status if response.status >= 400 else 0
        if response.ok and response.headers.get("content-type", "").startswith("application/pdf"):
            self.shown_files.append(response)

    def _may_interrupt(self) -> list[Screen]:
        """Interruptions that can come on the way out of the present screen."""
        known = self.flows.interruptions()
        return [s for s in known if s.anywhere and (not s.anywhere.during or self.current in s.anywhere.during)]

    def _on_dialog(self, dialog: Dialog) -> None:
        """A question of the browser's own: answered where the flows know it, otherwise declined and told."""
        known = any(
            plain(words) in plain(dialog.message)
            for screen in self._may_interrupt()
            for mark in screen.here
            for words in mark.native or {}
        )
        is_question = dialog.type in ("confirm", "prompt")
        if known or not is_question:
            dialog.accept()
        else:
            dialog.dismiss()
        answer = "accepté" if known or not is_question else "refusé : le robot ne connaît pas cette question"
        if dialog.type != "beforeunload":
            self.notice("", f"Le navigateur affiche « {dialog.message[:200]} » ({answer}).")

    # --- going and recognising ----------------------------------------------------------------------------------

    def open(self, address: str | None = None) -> None:
        """Goes to the portal's address, or to another of its own. Raises PortalUnavailable where nothing answers."""
        # Whoever goes to the portal anew may have closed its window before.
        page = self.context.pages[-1] if self.context.pages else self.context.new_page()
        try:
            page.goto(address or self.place.url, wait_until="commit", timeout=self.timeout * 1000)
        except PlaywrightError as error:
            self._raise_refused_host()
            if "interrupted by another navigation" not in error.message:
                first = error.message.splitlines()[0]
                raise PortalUnavailable(
                    f"Le portail {self.place.url} ne répond pas ({first.split(' at ')[0]}).",
                    cure="vérifiez l'adresse et votre connexion, puis relancez la même commande.",
                ) from None

    def wait_for(
        self,
        candidates: Iterable[Screen],
        *,
        leaving: Screen | None = None,
        since: Facts | None = None,
        timeout: float | None = None,
    ) -> Arrival:
        """Waits until one of the screens is in front, answering known interruptions on the way.

        `leaving` is the screen whose button was just pressed and `since` what was seen before: drawn anew with
        messages, it is a refusal. Raises PortalRefused, NotOnScreen, PortalUnavailable, HostRefused, or the failure
        of the interruption.
        """
        wanted = list(candidates)
        self._answers.clear()
        deadline = time.monotonic() + (timeout or self.timeout)
        refused_since: float | None = None
        lost_since: float | None = None
        started = time.monotonic()
        while True:
            arrival = self._look(wanted, leaving, since, deadline)
            if arrival and arrival.screen.signed_out and arrival.screen not in (*wanted, leaving):
                # A page may show its door for an instant before it has drawn who is there.
                lost_since = lost_since or time.monotonic()
                if time.monotonic() - lost_since > _GRACE_SECONDS:
                    raise self._session_lost()
                self._breathe(_SLICE_MS)
                continue
            lost_since = None
            if arrival and arrival.screen.anywhere and arrival.screen not in wanted:
                self._interrupted(arrival)
                continue
            if arrival and arrival.screen is not leaving:
                return arrival
            if arrival and leaving in wanted and (since is None or arrival.facts.document != since.document):
                return arrival
            if self._refused_hosts and time.monotonic() - started > _GRACE_SECONDS:
                self._raise_refused_host()
            if arrival and leaving is not None and since is not None:
                redrawn = arrival.facts.document != since.document
                said = [m for m in arrival.facts.errors if redrawn or m not in since.messages]
                said = [m for m in said if not _WORKING.search(plain(m))]
                refused_since = (refused_since or time.monotonic()) if said else None
                if refused_since and time.monotonic() - refused_since > _GRACE_SECONDS:
                    raise refused(tuple(said), leaving)
            if time.monotonic() > deadline:
                self._lost(wanted, leaving)

    def await_person(
        self,
        wanted: Iterable[Screen],
        *,
        seconds: float,
        done: Callable[[], bool] = lambda: False,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> Arrival | None:
        """Watches while a person acts in the window, until one of the screens is in front; None once `done`.

        Nothing is refused or pressed meanwhile, but windows that flows know how to answer and that a person leaves open.
        Raises PersonLeft when the window is closed or the time over.
        """
        screens = list(wanted)
        helping = [s for s in self._may_interrupt() if s.anywhere and s.anywhere.rule == "answer" and s not in screens]
        deadline = time.monotonic() + seconds
        open_since: float | None = None
        while time.monotonic() < deadline:
            if not self.context.pages:
                raise window_closed()
            meanwhile()
            arrival = self._see([*helping, *screens], None, None, deadline)
            if arrival and arrival.screen not in helping:
                return arrival
            if done():
                return None
            open_since = (open_since or time.monotonic()) if arrival else None
            if arrival and open_since and time.monotonic() - open_since > _GRACE_SECONDS:
                self._interrupted(arrival)
                open_since = None
        raise PersonLeft(
            f"Personne n'a répondu dans la fenêtre en {seconds / 60:.0f} minutes.",
            cure="relancez la même commande quand vous êtes devant l'écran : elle reprend où elle en est.",
        )

    def is_in_front(self, screen: Screen) -> bool:
        """Whether a screen stands there now."""
        return self._see([screen], None, None, time.monotonic()) is not None

    def _session_lost(self) -> Failure:
        title = self.flows.screens[self.current].title if self.current in self.flows.screens else "le portail"
        return SessionLost(
            "Le portail demande de se connecter à nouveau : la session est perdue. Rien n'a été tapé sur cette page.",
            where=f"après l'écran « {title} »",
            cure="relancez la même commande ; pour garder une session d'avance : chorus-robot login.",
        )

    def _look(
        self, wanted: list[Screen], leaving: Screen | None, since: Facts | None, deadline: float
    ) -> Arrival | None:
        """One look for the screens wanted and for all that may stand in the way."""
        ways_out = [
            s for s in self._may_interrupt() if s not in wanted and self._answers.get(s.screen, 0) < 3
        ]
        helping = [s for s in ways_out if s.anywhere and s.anywhere.rule == "answer"]
        stopping = [s for s in ways_out if s.anywhere and s.anywhere.rule != "answer"]
        doors = [s for s in self.flows.screens.values() if self.is_signed_in and s.signed_out and s not in wanted]
        screens = [*helping, *(s for s in wanted if s is not leaving), *stopping, *(s for s in doors if s is not leaving)]
        return self._see([*screens, leaving] if leaving else screens, leaving, since, deadline)

    def _see(
        self, screens: list[Screen], leaving: Screen | None, since: Facts | None, deadline: float
    ) -> Arrival | None:
        """The first of the screens that stands in any frame; the front one is given a moment to change."""
        by_name = {screen.screen: screen for screen in screens}
        request = {
            "screens": [screen_request(s, self.place.ids.get(s.screen, {})) for s in screens],
            "messages": True,
            "since": {"document": since.document, "messages": since.messages} if since else None,
        }
        frames = self.frames()
        moment = max(1.0, min(_SLICE_MS, (deadline - time.monotonic()) * 1000))
        last = leaving.screen if leaving else ""
        if frames:
            found = await_survey(
                frames[0], request, f"facts.seen.length && facts.seen[0] !== {last!r}", moment
            )
            if found:
                return Arrival(by_name[found.seen[0]], frames[0], found)
        else:
            self._breathe(moment)
        still: Arrival | None = None
        for frame in frames:
            found = survey(frame, request)
            if found and found.seen:
                if found.seen[0] != last:
                    return Arrival(by_name[found.seen[0]], frame, found)
                still = still or Arrival(by_name[last], frame, found)
        return still

    def _breathe(self, milliseconds: float) -> None:
        """Waits for the browser to show something of the portal: a navigation, at the latest the end of the slice."""
        try:
            self.page.wait_for_event("framenavigated", timeout=milliseconds)
        except PlaywrightError as error:
            if not is_passing(error):
                raise

    def _interrupted(self, arrival: Arrival) -> None:
        screen, rule = arrival.screen, arrival.screen.anywhere
        assert rule is not None
        self._answers[screen.screen] = self._answers.get(screen.screen, 0) + 1
        if rule.rule != "answer":
            raise failure_of(screen, arrival.facts)
        for step in screen.all_steps():
            for name in step.elements():
                answer = locate(arrival.frame, spec_of(screen, name, self.place.ids.get(screen.screen, {})))
                if answer.count():
                    answer.click(timeout=self.timeout * 1000)
                    self.notice(screen.screen, rule.say)
                    return
        raise DecisionNeeded(
            f"La fenêtre « {screen.title} » attend une réponse que le robot n'a pas le droit de donner.",
            where=screen.title,
            cure="répondez-y vous-même sur le portail, puis relancez la même commande.",
        )

    # --- when nothing known is in front --------------------------------------------------------------------------

    def _raise_refused_host(self) -> None:
        if self._refused_hosts:
            host = self._refused_hosts[-1]
            raise HostRefused(
                f"Le portail mène à « {host} », qui n'est pas dans la liste permise : le robot n'y est pas allé "
                "et n'y a rien tapé.",
                expected=", ".join(self.place.hosts),
                cure="si cette adresse est bien celle du portail, ajoutez-la à « hosts » ; sinon, prévenez le "
                "support : c'est peut-être une imitation.",
            )

    def _lost(self, wanted: list[Screen], leaving: Screen | None) -> None:
        """Says what is in front instead of what was expected."""
        self._raise_refused_host()
        frames = self.frames()
        facts = survey(frames[0], {"messages": True, "text": True}) if frames else None
        if facts and leaving and (explained := explained_refusal((facts.text,), leaving)):
            raise explained
        where = f"{facts.title} — {facts.url.split('?')[0]}" if facts else self.page.url
        if self._status or facts is None:
            seen = " ".join(facts.text.split())[:160] if facts else ""
            raise PortalUnavailable(
                f"Le portail a répondu par une erreur ({self._status or 'page vide'})"
                + (f" : « {seen} »." if seen else "."),
                where=where,
                cure="attendez quelques minutes puis relancez la même commande.",
            )
        if facts.messages and leaving:
            raise refused(facts.messages, leaving)
        seen = " ".join(facts.text.split())[:160]
        raise NotOnScreen(
            f"L'écran attendu n'est pas venu ; à la place : « {seen} ».",
            where=where,
            expected=" ou ".join(f"« {screen.title} »" for screen in wanted),
            cure="lancez la même commande avec --headed pour regarder ; si le portail a changé, le support peut "
            "corriger le parcours.",
        )


def window_closed() -> PersonLeft:
    """What it means that no tab is open any more."""
    return PersonLeft(
        "La fenêtre du navigateur a été fermée avant la fin.",
        cure="relancez la même commande : elle reprend où elle en est.",
    )


def explained_refusal(messages: tuple[str, ...], screen: Screen) -> Failure | None:
    """The failure that the flows give for one of these complaints, with the cure in their words."""
    lines = [" ".join(line.split()) for message in messages for line in message.splitlines()]
    for refusal in screen.refusals:
        for line in lines:
            if any(plain(words) in plain(line) for words in refusal.text):
                return _failure(refusal.failure, refusal.say, screen, f" Le portail affiche : « {line[:200]} ».")
    return None


def refused(messages: tuple[str, ...], screen: Screen) -> Failure:
    """The failure that the messages of a screen mean: the flows' own, or else a refusal."""
    if explained := explained_refusal(messages, screen):
        return explained
    text = " / ".join(messages)
    if screen.sign_in:
        return SignInRefused(
            f"Le portail refuse la connexion : « {text} ».",
            where=screen.title,
            cure="vérifiez l'adresse, le mot de passe ou le code ; le robot n'a essayé qu'une fois, "
            "car le portail bloque le compte après cinq échecs.",
        )
    return PortalRefused(
        text,
        where=screen.title,
        cure="corrigez ce que le portail signale, ou demandez à qui le sait, puis relancez la même commande.",
    )


def failure_of(screen: Screen, facts: Facts) -> Failure:
    """The failure that a stopping interruption declares."""
    rule = screen.anywhere
    assert rule is not None and rule.failure is not None
    seen = " / ".join(facts.messages)
    return _failure(rule.failure, rule.say, screen, f" Le portail affiche : « {seen} »." if seen else "")


def _failure(name: str, say: str, screen: Screen, shown: str) -> Failure:
    kind = _FAILURES[name]
    if kind is PortalRefused:
        return PortalRefused.explained(say + shown, where=screen.title)
    if issubclass(kind, PersonNeeded) and kind.at_the_window:
        cure = "continuez à la main sur le portail, puis relancez la commande."
        return kind(say + shown, where=screen.title, cure=cure)
    return kind(say + shown, where=screen.title)


def failure_of_browser(error: PlaywrightError) -> Failure:
    """What an error of the browser means to a person."""
    if "net::" in error.message:
        return PortalUnavailable("Le portail ne répond plus.")
    if "has been closed" in error.message:
        return PersonLeft("La fenêtre du navigateur a été fermée.", cure="relancez la même commande.")
    return ScreenChanged("Le navigateur n'a pas pu agir sur l'écran.")
