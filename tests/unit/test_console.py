"""A person sees one line that moves on a terminal, plain lines elsewhere; standard output stays clean."""

from __future__ import annotations

import io
import os
import shutil

import pytest

from robot import events
from robot.console import Console


class Terminal(io.StringIO):
    """A screen that a person looks at."""

    def isatty(self) -> bool:
        return True


STARTED = events.RunStarted(
    run="r1", journey="depot", goal="draft", portal="replica", invoice="2026-10-07", steps=31, browser="Chromium 131"
)
NOTICED = events.Noticed(screen="", message="Le PDF n'est pas signé.")


def step(number: int, say: str, line: str = "3.5") -> events.StepStarted:
    return events.StepStarted(screen="s", number=number, line=line, say=say, effect="edit", source="flows/a.yaml:1")


def ended(exit_code: int) -> events.RunEnded:
    return events.RunEnded(outcome="draft", exit_code=exit_code, message="Facture 2026-10-07 : brouillon.")


def told(stream: io.StringIO, *heard: events.Event) -> str:
    """What a console writes when it hears these events."""
    console = Console(stream)
    for event in heard:
        console(event)
    return stream.getvalue()


def test_a_run_is_told_line_by_line():
    """In a file or a scheduled run, each event is one line."""
    lines = told(io.StringIO(), STARTED, step(7, "Choisissez le cadre A1."), NOTICED, ended(0)).splitlines()
    assert lines == [
        "Facture 2026-10-07 — brouillon sur « replica » (Chromium 131)",
        "  [ 7/31] 3.5  Choisissez le cadre A1.",
        "  ! Le PDF n'est pas signé.",
        "✓ Facture 2026-10-07 : brouillon.",
    ]


@pytest.mark.parametrize(("exit_code", "mark"), [(0, "✓"), (1, "✗"), (76, "✗")])
def test_the_end_says_whether_it_is_done(exit_code, mark):
    """Anything but a success is a cross."""
    assert told(io.StringIO(), ended(exit_code)).startswith(mark)


@pytest.mark.parametrize(
    ("goal", "words"),
    [("send", "dépôt"), ("draft", "brouillon"), ("dry-run", "essai sans rien garder"), ("look-up", "look-up")],
)
def test_the_start_says_what_is_meant(goal, words):
    """A person knows from the first line whether the invoice will leave."""
    start = events.RunStarted(run="r", journey="depot", goal=goal, portal="p", invoice="1", steps=1, browser="b")
    assert f"— {words} sur « p »" in told(io.StringIO(), start)


def test_a_step_of_ours_has_no_tutorial_line():
    """« new » is a word of the flows, not of users."""
    assert told(io.StringIO(), STARTED, step(1, "Cliquez.", line="new")).splitlines()[1] == "  [ 1/31]      Cliquez."


def test_on_a_terminal_one_line_moves():
    """Each step takes the place of the one before; only what stays gets a line of its own."""
    shown = told(Terminal(), STARTED, step(1, "Un."), step(2, "Deux."), ended(0))
    start, moving = shown.split("\n", 1)
    assert start.startswith("Facture")
    assert moving.count("\r\x1b[K") == 3  # two steps, then the end in their place
    assert moving.endswith("\r\x1b[K✓ Facture 2026-10-07 : brouillon.\n")


def test_a_long_sentence_stays_on_its_line(monkeypatch):
    """A line that wraps could not be taken back."""
    monkeypatch.setenv("COLUMNS", "40")
    assert shutil.get_terminal_size() == os.terminal_size((40, 24))
    assert len(told(Terminal(), step(1, "x" * 200)).removeprefix("\r\x1b[K")) == 39


def test_events_for_others_are_not_told():
    """Pictures and read-back tables are for the report."""
    picture = events.PictureTaken(number=1, screen="s", jpeg=b"")
    seen = events.ScreenSeen(screen="s", title="S", url="http://127.0.0.1/")
    assert told(io.StringIO(), picture, seen) == ""


def test_nothing_is_told_on_standard_output(capsys):
    """`--json` promises only JSON there."""
    for event in (STARTED, step(1, "Un."), NOTICED, ended(0)):
        Console()(event)
    seen = capsys.readouterr()
    assert seen.out == ""
    assert "brouillon" in seen.err
