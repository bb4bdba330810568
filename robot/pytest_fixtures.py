"""What tests of one's own are given: `portal`, `replica`, `deposit_run`; and the walk that the tutorial's lines share.

Stands on pytest-playwright: its Playwright, its browser options. Imports nothing heavy before a test asks for it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

    from robot.config import Config
    from robot.deposit import Result
    from robot.events import Event
    from robot.pages import Portal
    from robot.replica.server import Replica
    from robot.screens import Flows
    from robot.session import Destination, Lent, Session
    from robot.steps import Goal
    from robot.tutorial.verdicts import Check

MARKER = "chorus_portal"


@dataclass(frozen=True)
class Bench:
    """The portal that the options name, and the options of pytest-playwright as the robot takes them."""

    flows: Flows
    config: Config
    destination: Destination
    lent: Lent
    headless: bool
    slow_ms: float


# --- the browser -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def chorus_lent(
    playwright: Any,
    browser_name: str,
    launch_browser: Callable[..., Browser],
    browser_type_launch_args: dict[str, Any],
    browser_context_args: dict[str, Any],
) -> Lent:
    """pytest-playwright's Playwright and wishes, for sessions of the robot: behind its gate, in the browser it finds."""
    from robot.session import Lent

    if browser_name != "chromium":
        raise pytest.UsageError("chorus-robot ne connaît que Chromium : retirez --browser.")

    def launch(**needs: Any) -> Browser:
        theirs = browser_type_launch_args
        if "channel" in theirs or "executable_path" in theirs:
            del needs["executable_path"]
        return launch_browser(**needs | {"args": [*theirs.get("args", ()), *needs["args"]]})

    # Videos go where the robot's own folders are.
    wishes = {name: value for name, value in browser_context_args.items() if name != "record_video_dir"}
    return Lent(playwright, launch, wishes)


@pytest.fixture(scope="session")
def chorus_bench(
    pytestconfig: pytest.Config, chorus_lent: Lent, browser_type_launch_args: dict[str, Any]
) -> Bench:
    """The chosen portal. Raises ConfigInvalid, CommandInvalid."""
    from robot.pytest_plugin import chosen_portal, suite_of

    flows = suite_of(pytestconfig).flows
    config, destination = chosen_portal(pytestconfig, flows)
    headless = bool(browser_type_launch_args.get("headless", config.browser.headless))
    slow_ms = float(browser_type_launch_args.get("slow_mo", 0))
    return Bench(flows, config, destination, chorus_lent, headless, slow_ms)


# --- the tutorial's lines ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Walked:
    """One journey as it was walked, or read from an earlier check."""

    check: Check
    # Where its pictures are, and the page to open; None where it was read from a file.
    folder: Path
    report: Path | None


class Walks:
    """Each journey of the tutorial, walked once when its first line is asked for."""

    def __init__(self, config: pytest.Config, folder: Callable[[str], Path]) -> None:
        self._config = config
        self._folder = folder
        self._done: dict[str, Walked | Exception] = {}

    def of(self, journey: str, flows: Flows, bench: Callable[[], Bench]) -> Walked:
        """Raises the failure that kept the journey from being walked, each time the same."""
        if journey not in self._done:
            try:
                self._done[journey] = self._read() or self._walked(journey, flows, bench())
            except Exception as error:
                self._done[journey] = error
        done = self._done[journey]
        if isinstance(done, Exception):
            raise done
        return done

    def _read(self) -> Walked | None:
        earlier = self._config.getoption("chorus_from")
        if not earlier:
            return None
        from robot.tutorial.checkup import load_check

        path = Path(earlier)
        return Walked(load_check(path), path.parent, None)

    def _walked(self, journey: str, flows: Flows, bench: Bench) -> Walked:
        from robot.journal import Journal
        from robot.session import borrowing
        from robot.tutorial.checkup import Order, carry_out, publish
        from robot.tutorial.portalcheck import Reach

        self._check_workers(bench)
        folder = self._folder(journey)
        artifacts = _Artifacts(self._config, flows, folder)
        order = Order(
            flows,
            bench.config,
            bench.destination,
            reach=Reach.READ_ONLY if self._config.getoption("chorus_read_only") else None,
            journeys=(journey,),
            headless=bench.headless,
            slow_ms=bench.slow_ms,
            listeners=(artifacts,),
        )
        # A training portal's verdicts have no history worth keeping among the person's own.
        journal = folder / "journal.sqlite3" if order.is_training else bench.config.journal_place()
        with Journal(journal) as kept, borrowing(artifacts.lent(bench.lent)):
            checked = carry_out(order, kept, folder)
        artifacts.sort(is_failed=bool(checked.check.changed or checked.check.news or checked.check.stops))
        out = Path(self._config.getoption("--output")).absolute() / f"tutoriel-{journey}"
        return Walked(checked.check, out, publish(checked, flows, out))

    def _check_workers(self, bench: Bench) -> None:
        from robot.failures import CommandInvalid

        is_worker = hasattr(self._config, "workerinput")
        if is_worker and bench.destination.embedded is None and not getattr(self._config.option, "loadgroup", False):
            raise CommandInvalid(
                "Plusieurs processus feraient le même parcours sur un vrai portail, sous le même compte.",
                cure="ajoutez « --dist loadgroup », ou retirez « -n ».",
            )


@pytest.fixture(scope="session")
def chorus_walks(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Walks:
    """The journeys of this process."""
    return Walks(pytestconfig, lambda journey: tmp_path_factory.mktemp(f"tutoriel-{journey}"))


class _Artifacts:
    """Trace and video of a walk, as --tracing and --video want them. A listener.

    The trace is the robot's own: told in the tutorial's sentences, and without what is typed to sign in.
    """

    def __init__(self, config: pytest.Config, flows: Flows, folder: Path) -> None:
        self._tracing = config.getoption("--tracing")
        self._video = config.getoption("--video")
        self._flows = flows
        self._folder = folder
        self._trace: Any = None

    def lent(self, lent: Lent) -> Lent:
        films = {"record_video_dir": str(self._folder / "videos")} if self._video != "off" else {}
        return replace(lent, context={**lent.context, **films}, opened=self._opened, closing=self._closing)

    def __call__(self, event: Event) -> None:
        if self._trace:
            self._trace(event)

    def _opened(self, context: BrowserContext) -> None:
        from robot.trace import Trace

        if self._video != "off":
            _check_film(context)
        self._trace = Trace(context, self._flows) if self._tracing != "off" else None

    def _closing(self, context: BrowserContext) -> None:
        if self._trace:
            number = len(list(self._folder.glob("trace-*.zip"))) + 1
            self._trace.stop((self._folder / f"trace-{number}.zip").write_bytes)
        _close(context)

    def sort(self, *, is_failed: bool) -> None:
        """Throws away what is kept for failures only."""
        unwanted = [] if is_failed else [("trace-*.zip", self._tracing), ("videos/*", self._video)]
        for files, wanted in unwanted:
            if wanted == "retain-on-failure":
                for path in self._folder.glob(files):
                    path.unlink()


def _check_film(context: BrowserContext) -> None:
    """Without its own ffmpeg Playwright opens no page that is to be filmed: that is no fault of the portal."""
    from playwright.sync_api import Error as PlaywrightError

    try:
        page = context.new_page()
    except PlaywrightError as error:
        cure = "lancez « python -m playwright install ffmpeg », ou retirez --video"
        raise pytest.UsageError(f"--video : Playwright ne peut pas filmer ici ; {cure}.") from error
    page.close()
    if page.video:
        page.video.delete()


def _close(context: BrowserContext) -> None:
    """A film is whole only once its context is closed; a browser that a person closed has none left."""
    from playwright.sync_api import Error as PlaywrightError

    with contextlib.suppress(PlaywrightError):
        context.close()


# --- tests of one's own ------------------------------------------------------------------------------------------


def _marked(request: pytest.FixtureRequest, name: str, otherwise: Any) -> Any:
    marker = request.node.get_closest_marker(MARKER)
    return marker.kwargs.get(name, otherwise) if marker else otherwise


@pytest.fixture
def replica(request: pytest.FixtureRequest, pytestconfig: pytest.Config) -> Iterator[Replica]:
    """A training replica of its own for each test; `@pytest.mark.chorus_portal(generation=2021)` chooses the portal.

    Its account is attached to the configuration's structure.
    """
    from robot.pytest_plugin import chosen_portal, suite_of
    from robot.replica.server import Replica

    config, destination = chosen_portal(pytestconfig, suite_of(pytestconfig).flows)
    generation = int(_marked(request, "generation", destination.embedded or 2024))
    attached = [(config.supplier.siret, "Cabinet d'entraînement")]
    with Replica(generation=generation, suppliers=attached) as running:
        yield running


@contextlib.contextmanager
def _session(request: pytest.FixtureRequest, lent: Lent) -> Iterator[Session]:
    """The robot's session of one test: on this test's replica, or on the portal that the options name."""
    from robot.entrance import entered
    from robot.journal import Journal
    from robot.session import Destination, borrowing, open_session, training_account
    from robot.tabs import Place
    from robot.tutorial.checkup import sentinel

    bench: Bench = request.getfixturevalue("chorus_bench")
    folder: Path = request.getfixturevalue("tmp_path")
    config, flows = bench.config, bench.flows
    with borrowing(lent):
        if bench.destination.embedded:
            here: Replica = request.getfixturevalue("replica")
            looks = str(_marked(request, "generation", bench.destination.embedded))
            doors = tuple(here.sign_in_hosts)
            place = Place("replica", here.url, tuple(here.hosts), doors, looks, is_replica=True)
            account = training_account(here.account)
            with open_session(
                config, flows, Destination(place), account=account, headless=bench.headless, slow_ms=bench.slow_ms
            ) as session:
                yield session
            return
        if request.config.getoption("chorus_read_only"):
            config = sentinel(config, bench.destination)
        with (
            Journal(folder / "connexions.sqlite3") as journal,
            entered(config, flows, bench.destination, journal, suppliers=(), headless=bench.headless) as session,
        ):
            yield session


def _watched(request: pytest.FixtureRequest, bench: Bench) -> Lent:
    """Screenshots, video and trace of one test. A raw trace holds what is typed: on the replica only."""
    config, node = request.config, request.node
    out = Path(request.getfixturevalue("output_path"))
    wants = {name: config.getoption(f"--{name}") for name in ("screenshot", "video", "tracing")}
    films = {"record_video_dir": str(out)} if wants["video"] != "off" else {}
    traces = wants["tracing"] != "off" and bench.destination.embedded is not None

    def opened(context: BrowserContext) -> None:
        if films:
            _check_film(context)
        if traces:
            context.tracing.start(screenshots=True, snapshots=True, sources=True)

    def closing(context: BrowserContext) -> None:
        from playwright.sync_api import Error as PlaywrightError

        called = getattr(node, "rep_call", None)
        is_failed = called is None or called.failed
        with contextlib.suppress(PlaywrightError):
            if traces:
                kept = wants["tracing"] == "on" or is_failed
                context.tracing.stop(**{"path": out / "trace.zip"} if kept else {})
            if wants["screenshot"] == "on" or (is_failed and wants["screenshot"] == "only-on-failure"):
                for number, page in enumerate(context.pages, 1):
                    page.screenshot(path=out / f"test-{'failed' if is_failed else 'finished'}-{number}.png")
        films_made = [page.video for page in context.pages if page.video]
        _close(context)
        if wants["video"] == "retain-on-failure" and not is_failed:
            for film in films_made:
                film.delete()

    return replace(bench.lent, context={**bench.lent.context, **films}, opened=opened, closing=closing)


@pytest.fixture
def portal(request: pytest.FixtureRequest) -> Iterator[Portal]:
    """The chosen portal, screen by screen, with somebody signed in: its home page is in front.

    `@pytest.mark.chorus_portal(signed_in=False)`: its address is open, and nobody is signed in. On the embedded replica it
    is this test's `replica`, with its own account; elsewhere the saved session, or else the configuration's secrets.
    """
    from robot.events import Announcer
    from robot.runner import Runner
    from robot.steps import Goal

    bench: Bench = request.getfixturevalue("chorus_bench")
    with _session(request, _watched(request, bench)) as session:
        if _marked(request, "signed_in", True):
            values = {"account": session.account}
            runner = Runner(
                session.portal,
                session.flows,
                goal=Goal.DRY_RUN,
                values=values,
                subject=request.node.name,
                announce=Announcer(),
                pictures=False,
            )
            runner.run(session.flows.journeys["se-connecter"])
        else:
            session.portal.open()
        yield session.portal


@pytest.fixture
def deposit_run(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Result]:
    """`deposit_run(path, goal=None)`: deposits a `facture.yaml` or a PDF on the chosen portal; gives the Result.

    Journal and dossiers are in `tmp_path`, thus known to this test alone: only on the replica is anything sent. `goal` is a
    `robot.steps.Goal` or its value; « send » by default on the replica, « dry-run » elsewhere, where « send » is refused.
    """

    def run(path: Path | str, goal: Goal | str | None = None) -> Result:
        return _deposited(request, tmp_path, Path(path), goal)

    return run


def _deposited(request: pytest.FixtureRequest, folder: Path, path: Path, goal: Goal | str | None) -> Result:
    from robot.checks import judge
    from robot.deposit import Depositor
    from robot.entries import entries_of
    from robot.failures import CommandInvalid, Failure
    from robot.journal import Journal
    from robot.known import known_of
    from robot.steps import Goal

    bench: Bench = request.getfixturevalue("chorus_bench")
    is_training = bench.destination.embedded is not None
    wanted = Goal(goal) if goal else (Goal.SEND if is_training else Goal.DRY_RUN)
    if wanted is Goal.SEND and not is_training:
        raise CommandInvalid(
            "Un test n'envoie rien sur un vrai portail : son journal disparaît avec lui.",
            cure="prenez goal=\"dry-run\" ou \"draft\", ou « chorus-robot deposit --send ».",
        )
    with Journal(folder / "journal.sqlite3") as journal:
        (entry,) = entries_of(path)
        if isinstance(entry, Failure):
            raise entry
        loaded = judge(entry, known_of(bench.config, journal, is_training=True)).loaded()
        # A deposit keeps pictures and a trace of its own in its dossier.
        with _session(request, bench.lent) as session:
            office = Depositor(
                bench.flows, journal, session, goal=wanted, out=folder / "depots", config=bench.config.file
            )
            return office.deposit(loaded)
