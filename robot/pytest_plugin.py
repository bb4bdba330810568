"""The tutorial's lines as tests: `pytest flows/ --chorus-portal NAME`, one item for each line of each screen.

A plugin of every pytest run where the robot is installed: it imports nothing heavy and does nothing until there are flow
files to collect, or a test asks for one of its fixtures (`pytest_fixtures.py`).
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from robot.pytest_fixtures import (
    MARKER,
    Walked,
    chorus_bench,
    chorus_lent,
    chorus_walks,
    deposit_run,
    portal,
    replica,
)

if TYPE_CHECKING:
    from robot.config import Config
    from robot.screens import Flows
    from robot.session import Destination
    from robot.tutorial.verdicts import Check, Verdict

__all__ = ["chorus_bench", "chorus_lent", "chorus_walks", "deposit_run", "portal", "replica"]

# What the tutorial does not know, beside its lines.
NEW = "new"
# After all lines of its journey.
_LAST = (99,)


# --- options -----------------------------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("chorus-robot", "chorus-robot : le tutoriel de Chorus Pro comme suite de tests")
    add = group.addoption
    add("--chorus-portal", metavar="NOM", help="portail de la configuration ; la réplique intégrée par défaut")
    add("--chorus-config", metavar="FICHIER", help="configuration (config.yaml)")
    add("--chorus-generation", choices=["2021", "2024"], help="réplique intégrée : portail du tutoriel, ou actuel")
    add("--chorus-read-only", action="store_true", help="regarde seulement : aucun fichier choisi, aucun brouillon")
    add("--chorus-from", metavar="RAPPORT.JSON", help="verdicts d'une vérification déjà faite, sans navigateur")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", f"{MARKER}(generation=2021|2024, signed_in=True): the portal that chorus-robot's fixtures give this test"
    )


def chosen_portal(config: pytest.Config, flows: Flows) -> tuple[Config, Destination]:
    """What the options name; the embedded replica, with an example configuration, where they name nothing."""
    from robot.config import REPLICA
    from robot.sample import EXAMPLE_CONFIG
    from robot.tutorial.checkup import chosen

    given, name = config.getoption("chorus_config"), config.getoption("chorus_portal") or REPLICA
    path = Path(given) if given else (EXAMPLE_CONFIG if name == REPLICA else None)
    return chosen(flows, config=path, portal=name, generation=config.getoption("chorus_generation"))


# --- collection --------------------------------------------------------------------------------------------------


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ScreenFile | None:
    root = file_path.parent.parent
    is_flow = file_path.suffix == ".yaml" and (file_path.name[:2].isdigit() or file_path.stem.split("-")[0] == "journey")
    if not is_flow or not (root / "tutorial.yaml").is_file() or not (root / "sources.yaml").is_file():
        return None
    file: ScreenFile = ScreenFile.from_parent(parent, path=file_path)
    return file


@dataclass(frozen=True)
class Suite:
    """One folder of flows and its tutorial."""

    root: Path

    @cached_property
    def flows(self) -> Flows:
        from robot.review import reviewed_flows

        return reviewed_flows(self.root)

    @cached_property
    def files(self) -> dict[str, tuple[str, ...]]:
        """Line -> files that tell it, as `flows/…`."""
        from robot.tutorial.lines import files_of, load_tutorial

        tutorial = load_tutorial(self.flows)
        return {number: files_of(self.flows, number, tutorial.generation) for number in tutorial.numbers()}

    def names(self, path: Path) -> Iterator[str]:
        """What is tested of one file: its lines, and what is new for a whole journey."""
        shown = self.flows.shown(path)
        yield from (line for line, files in self.files.items() if shown in files)
        if path.stem == "journey" and self.journey_of(path):
            yield NEW

    def journey_of(self, path: Path) -> str:
        """The tutorial's journey that a folder is about; empty for other folders."""
        from robot.tutorial.lines import SECTIONS

        return SECTIONS.get(path.parent.name.split("-")[0], "")

    def screens_of(self, path: Path) -> list[str]:
        return [name for name, loaded in self.flows.files.items() if loaded.path == path and name in self.flows.screens]


_SUITES = pytest.StashKey[dict[Path, Suite]]()


def suite_of(config: pytest.Config, root: Path | None = None) -> Suite:
    """The flows of a folder, read once in this process; the robot's own by default."""
    from robot.screens import FLOWS_DIR

    root = (root or FLOWS_DIR).resolve()
    return config.stash.setdefault(_SUITES, {}).setdefault(root, Suite(root))


class ScreenFile(pytest.File):
    """A flow file: a screen, or a journey."""

    @property
    def suite(self) -> Suite:
        return suite_of(self.config, self.path.parent.parent)

    def collect(self) -> Iterator[LineTest]:
        from robot.failures import Failure

        try:
            for name in self.suite.names(self.path):
                yield LineTest.from_parent(self, name=name, callobj=_line_is_true)
        except Failure as failure:
            raise self.CollectError(str(failure)) from None


class LineUntrue(Exception):
    """A line of the tutorial is no longer true: one sentence, then all that is known."""

    def __init__(self, sentence: str, text: str) -> None:
        super().__init__(text)
        self.sentence = sentence


class LineTest(pytest.Function):
    """One line of the tutorial on one screen."""

    parent: ScreenFile

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.extra_keyword_matches.add(self.journey)
        if self.config.pluginmanager.hasplugin("xdist"):
            self.add_marker(pytest.mark.xdist_group(self._group))

    @property
    def suite(self) -> Suite:
        return self.parent.suite

    @property
    def journey(self) -> str:
        return self.suite.journey_of(self.path)

    @property
    def _group(self) -> str:
        """One worker for each journey; on a real portal one for all, since one person signs in once."""
        from robot.config import REPLICA

        on_replica = (self.config.getoption("chorus_portal") or REPLICA) == REPLICA
        return f"chorus-{self.journey}" if on_replica else "chorus"

    def place(self) -> tuple[object, ...]:
        """Where it comes in the tutorial's own order."""
        from robot.tutorial.lines import rank

        number = rank(self.name) if self.name != NEW else (int(self.path.parent.name.split("-")[0]), *_LAST)
        return (number, self.path)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, self._row(), f"ligne {self.name}" if self.name != NEW else "ce que le tutoriel ne dit pas"

    def _row(self) -> int | None:
        """Row of the first step that bears the line, from 0."""
        needle = f'line: "{self.name}"'
        rows = self.path.read_text(encoding="utf-8").splitlines()
        return next((number for number, row in enumerate(rows) if needle in row), None)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> Any:  # type: ignore[override]
        from robot.failures import Failure

        error = excinfo.value
        if isinstance(error, LineUntrue):
            return self._shown(excinfo, error.sentence)
        if isinstance(error, Failure | pytest.UsageError):
            return self._shown(excinfo, str(error))
        return super().repr_failure(excinfo)

    def _shown(self, excinfo: pytest.ExceptionInfo[BaseException], sentence: str) -> Any:
        """A failure without a traceback: what a reader of flows can use. Of pytest's own kind, so that xdist carries it."""
        shown: Any = excinfo.getrepr(style="value", chain=False)
        (entry,) = shown.reprtraceback.reprentries
        entry.lines[:] = str(excinfo.value).splitlines()
        crash = shown.reprcrash
        crash.path, crash.lineno, crash.message = str(self.path), (self._row() or 0) + 1, " ".join(sentence.split())
        return shown

    def judged(self, walked: Walked) -> None:
        """Passes, skips or fails as the check found. Raises LineUntrue."""
        from robot.tutorial import telling
        from robot.tutorial.wording import proposal

        check = walked.check
        self._note("portal", check.portal)
        self._note("report", walked.report)
        if self.name == NEW:
            self._judge_news(walked)
            return
        verdict = next((one for one in check.verdicts if one.line == self.name), None)
        if verdict is None:
            pytest.skip("cette vérification ne dit rien de la ligne")
        picture = telling.picture_of(verdict)
        self._note("line", verdict.line)
        self._note("screen", ", ".join(self.suite.screens_of(self.path)))
        self._note("verdict", verdict.holding.value)
        self._note("cause", verdict.cause.value if verdict.cause else "")
        self._note("since", verdict.since)
        self._note("picture", walked.folder / picture if picture else "")
        self._check_carries(check, verdict)
        if verdict.is_changed:
            wording = proposal(verdict, self.suite.flows, check.generation)
            raise LineUntrue(telling.sentence(verdict), telling.in_full(check, verdict, walked.folder, wording))
        if verdict.holding.value != "holds":
            pytest.skip(telling.reason(verdict))

    def _check_carries(self, check: Check, verdict: Verdict) -> None:
        """A change is told once, by the screen that shows it; another generation's screen says nothing."""
        shown, first = self.suite.flows.shown(self.path), verdict.files[0] if verdict.files else ""
        if shown == first or not first:
            return
        screens = [self.suite.flows.screens[name] for name in self.suite.screens_of(self.path)]
        if screens and all(check.generation not in screen.generation for screen in screens):
            pytest.skip(f"cet écran n'est pas de ce portail ; la ligne y est vérifiée par {first}")
        if verdict.holding.value != "holds":
            pytest.skip(f"verdict donné par {first}::{verdict.line}")

    def _judge_news(self, walked: Walked) -> None:
        """Fails for what the tutorial does not tell, and where the journey stopped before its end."""
        from robot.tutorial import telling

        check = walked.check
        news = [finding for finding in check.news if telling.journey_of(finding, check) in ("", self.journey)]
        stop = check.stops.get(self.journey)
        self._note("cause", check.cause.value if check.cause and stop else "")
        if stop and check.cause is None:
            pytest.skip(stop)
        if not news and not stop:
            return
        told = [telling.news_in_full(news, walked.folder)] if news else []
        told += [telling.stop_in_full(check, self.journey)] if stop else []
        raise LineUntrue(stop or f"absent du tutoriel : {', '.join(finding.what for finding in news)}", "\n".join(told))

    def _note(self, name: str, value: object) -> None:
        if value:
            self.user_properties.append((f"chorus_{name}", str(value)))


def _line_is_true(request: pytest.FixtureRequest) -> None:
    """What each item does: the journey is walked once, then each line reads its verdict."""
    item = request.node
    assert isinstance(item, LineTest)
    walks = request.getfixturevalue("chorus_walks")
    item.judged(walks.of(item.journey, item.suite.flows, lambda: request.getfixturevalue("chorus_bench")))


# --- order and summary -------------------------------------------------------------------------------------------


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Lines come in the tutorial's order, among themselves; other tests stay where they are."""
    places = [index for index, item in enumerate(items) if isinstance(item, LineTest)]
    if not places:
        return
    _check_options(config)
    ordered = sorted((items[index] for index in places), key=LineTest.place)  # type: ignore[arg-type]
    for index, item in zip(places, ordered, strict=True):
        items[index] = item


def _check_options(config: pytest.Config) -> None:
    """A wrong option or configuration is told once, before anything is run."""
    from robot.failures import Failure

    if config.getoption("chorus_from"):
        return
    try:
        chosen_portal(config, suite_of(config).flows)
    except Failure as failure:
        raise pytest.UsageError(str(failure)) from None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A line that is skipped is so in its flow file, not in this one."""
    report = yield
    if isinstance(item, LineTest) and report.skipped and isinstance(report.longrepr, tuple):
        path, row, _ = item.reportinfo()
        report.longrepr = (str(path), (row or 0) + 1, report.longrepr[2])
    return report


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Where the pictures and proposed sentences are."""
    reports = [one for kind in ("passed", "failed", "skipped") for one in terminalreporter.getreports(kind)]
    told = {value for one in reports for name, value in getattr(one, "user_properties", ()) if name == "chorus_report"}
    for path in sorted(told):
        terminalreporter.write_line(f"Rapport du tutoriel : {path}")
