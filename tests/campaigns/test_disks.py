"""The disk of the journal and of the proofs fills up, or turns read-only, at any moment: told, and made good."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from trials import Door, Trial, moment_of

LONGEST_SECONDS = 9


@dataclass
class Disk:
    """A small disk of its own."""

    folder: Path

    def fill(self) -> None:
        """Until not one more byte goes on it."""
        with (self.folder / "filler").open("ab", buffering=0) as filler:
            for size in (1 << 16, 1 << 10, 1):
                try:
                    while True:
                        filler.write(b"x" * size)
                except OSError as error:
                    assert error.errno == errno.ENOSPC

    def empty(self) -> None:
        (self.folder / "filler").unlink()

    def allow(self, *, writing: bool) -> None:
        # A file still open for writing keeps the disk writable: told, not forced.
        subprocess.run(["mount", "-o", f"remount,{'rw' if writing else 'ro'}", self.folder], capture_output=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    if not shutil.which("mount") or getattr(os, "geteuid", lambda: 1)() != 0:
        pytest.skip("only root makes a small disk")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"no small disk here: {mounted.stderr.strip()}")
    yield Disk(folder)
    subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.campaign("full disk at a random moment")
@pytest.mark.trials(1)
def test_the_disk_fills_up(seed: str, door: Door, disk: Disk):
    trial = Trial(door, disk.folder / "user", f"F-{seed}")
    trial.run_until(moment_of(seed, LONGEST_SECONDS), lambda _: disk.fill())
    disk.empty()
    trial.again()


@pytest.mark.campaign("disk that turns read-only at a random moment")
@pytest.mark.trials(1)
def test_the_disk_turns_read_only(seed: str, door: Door, disk: Disk):
    trial = Trial(door, disk.folder / "user", f"O-{seed}")
    trial.run_until(moment_of(seed, LONGEST_SECONDS), lambda _: disk.allow(writing=False))
    disk.allow(writing=True)
    trial.again()


@pytest.mark.campaign("full disk from the start")
@pytest.mark.trials(1)
def test_a_full_disk_stops_before_the_portal(seed: str, door: Door, disk: Disk):
    """Nothing is sent that could not be remembered; the sentence says what to do."""
    trial = Trial(door, disk.folder / "user", f"E-{seed}")
    disk.fill()
    ended = trial.run()
    disk.empty()
    assert ended.code == 2
    assert "place" in ended.only["message"]
    assert trial.door.stored(trial.number) == []
    trial.again()
