"""The process that looks into PDFs: one for many files, replaced when it is lost, never waited for, never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest
from pdfs import RIGHT

from robot import pdffile, worker
from robot.pdffile import WORKER, look

_different = (b"\n" * number for number in count(1))


def fresh() -> bytes:
    """A right PDF that was not looked at yet."""
    return RIGHT + next(_different)


def pid() -> int:
    """The process that looks, after it has looked."""
    assert not look(fresh()).error
    assert WORKER.pid is not None
    return WORKER.pid


def is_running(process: int) -> bool:
    shown = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False)
    return shown.stdout.strip()[:1] not in ("", "Z")


def expect_end_of(process: int) -> None:
    end = time.monotonic() + 10
    while is_running(process):
        assert time.monotonic() < end
        threading.Event().wait(0.02)


def test_one_process_looks_at_many_files():
    """Its start costs more than a hundred looks."""
    assert len({pid() for _ in range(200)}) == 1


def test_it_is_replaced_after_some_hundreds(monkeypatch):
    """What a parser leaks does not add up."""
    monkeypatch.setattr(worker, "MAX_REQUESTS", 10)
    assert 2 <= len({pid() for _ in range(20)}) <= 3


def test_it_dies_between_two_files():
    """Nobody notices."""
    before = pid()
    os.kill(before, signal.SIGTERM)
    assert pid() != before


def test_a_process_harmed_by_one_file_is_no_fault_of_the_next(monkeypatch):
    """What dies of a file after others is asked again afresh: here, killed while it looks."""
    before = pid()
    asked = worker._Process._exchange

    def die_first(self, request, seconds):
        if self.pid == before:
            os.kill(before, signal.SIGTERM)
        return asked(self, request, seconds)

    monkeypatch.setattr(worker._Process, "_exchange", die_first)
    assert pid() != before


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no such signal on this system")
def test_a_process_that_stands_still_is_not_waited_for(monkeypatch):
    """Its file is unreadable after the given time, and the next file has a new process."""
    before = pid()
    os.kill(before, signal.SIGSTOP)
    with monkeypatch.context() as patch:
        patch.setattr(pdffile, "SECONDS", 0.2)
        start = time.monotonic()
        # More than a pipe takes.
        assert look(fresh() + bytes(5_000_000)).error == "damaged"
        assert time.monotonic() - start < 2
    assert pid() != before


def test_the_reader_is_stopped_in_time(monkeypatch):
    """A file that keeps the parser busy is a file that cannot be read."""
    monkeypatch.setattr(pdffile, "SECONDS", 0.001)
    WORKER.close()
    assert look(fresh()).error == "damaged"


def test_threads_share_it():
    """Each has the answer to its own question."""
    files = [fresh() if number % 2 else b"%%PDF-1.7 %d\n%%%%EOF" % number for number in range(60)]
    with ThreadPoolExecutor(4) as pool:
        seen = list(pool.map(look, files))
    assert [bool(one.error) for one in seen] == [not number % 2 for number in range(60)]


def test_no_process_can_be_started(monkeypatch):
    """The file cannot be read, and that is a sentence too."""
    WORKER.close()
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert look(fresh()).error == "damaged"


def test_a_folder_named_robot_is_not_run(tmp_path, monkeypatch):
    """The process takes this package, whatever lies in the user's folder."""
    (tmp_path / "robot").mkdir()
    (tmp_path / "robot/__init__.py").write_text("raise SystemExit('hijacked')")
    monkeypatch.chdir(tmp_path)
    WORKER.close()
    assert not look(fresh()).error


@pytest.mark.skipif(sys.platform == "win32", reason="ps and signals are of Unix")
@pytest.mark.parametrize("end", ["sys.exit()", "os._exit(1)", "os.kill(os.getpid(), 9)", "1 / 0"])
def test_it_ends_with_who_asked(end):
    """Whatever ends the program, nothing is left behind."""
    file = Path(__file__).parents[1] / "data" / "bilan.pdf"
    program = f"""
import os, sys, pathlib
from robot.pdffile import WORKER, look
assert not look(pathlib.Path({str(file)!r}).read_bytes()).error
print(WORKER.pid, flush=True)
{end}
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    expect_end_of(int(done.stdout))


@pytest.mark.skipif(sys.platform == "win32", reason="no such interruption on Windows")
def test_ctrl_c_is_for_who_asked():
    """The process that looks does not end by it."""
    before = pid()
    os.kill(before, signal.SIGINT)
    assert pid() == before
