"""No secret is left anywhere: not on the disk, not on the terminal, not in what a killed run leaves behind."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from benches import Bench
from searching import hits, hits_under, unpacked

from robot.replica import totp

# Typed as a password that the portal refuses: nothing else looks like it.
WRONG = "Ze-Faux/+Mot de passe&2026"


class Watch:
    """All that is written and said in a folder, while runs go on."""

    def __init__(self, portal: Bench, patch: pytest.MonkeyPatch) -> None:
        self.portal = portal
        self.began = time.time()
        self.said: list[str] = []
        # What browser and libraries leave in passing is searched too. A browser's socket bears a short path only.
        self.temporary = Path(tempfile.mkdtemp(prefix="cr-"))
        self.folders = (portal.folder, self.temporary)
        for name in ("TMPDIR", "TEMP", "TMP"):
            patch.setenv(name, str(self.temporary))

    def secrets(self) -> list[str]:
        """Password, authenticator secret, and the names of the sessions, as cookies hold them."""
        sessions = list(self.portal.replica._state.store.world.sessions)
        return [*self.portal.secrets.values(), WRONG, *sessions]

    def codes(self) -> list[bytes]:
        """Codes of the authenticator that were good at some time of the run."""
        secret = self.portal.replica.account.totp
        return [totp.code_at(secret, at).encode() for at in range(int(self.began) - 30, int(time.time()) + 60, 30)]

    def finds(self) -> list[str]:
        secrets = self.secrets()
        # The user's own file is where the secrets' names are, not the secrets: it is searched as well.
        found = hits_under(secrets, *self.folders)
        found += [f"said: {hit}" for text in self.said for hit in hits(secrets, text.encode())]
        pattern = re.compile(rb"(?<![0-9A-Za-z.+/])(" + b"|".join(self.codes()) + rb")(?![0-9A-Za-z])")
        for path in (path for folder in self.folders for path in sorted(folder.rglob("*"))):
            if path.is_file():
                found += [f"{path}: a code" for part in unpacked(path.read_bytes()) if pattern.search(part)]
        return found + ["said: a code" for text in self.said if pattern.search(text.encode())]


@pytest.fixture
def watch(bench, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    watch = Watch(bench(), monkeypatch)
    yield watch
    shutil.rmtree(watch.temporary, ignore_errors=True)


def test_no_secret_is_left_by_runs_that_end(watch: Watch):
    """A deposit, a refusal in the middle, a refused password: with traces, reports and pictures on."""
    portal = watch.portal
    wrong = portal.facture("s01", recipient={"siret": "13001533200013", "service": "INCONNU"})
    for factures, goal, env in [
        ([portal.facture("s03", 1), wrong], "--send", {}),
        ([portal.facture("s05")], "--draft", {"CHORUS_ROBOT_PASSWORD": WRONG}),
    ]:
        ended = portal.deposit(factures, goal, env=env)
        watch.said += [ended.stderr, str(ended.lines)]
    assert list(portal.folder.rglob("trace.zip"))
    assert list(portal.folder.rglob("rapport.html"))
    assert watch.finds() == []


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no kill -9")
@pytest.mark.parametrize("moment", ["] 3.5", "] 3.20"])
def test_no_secret_is_left_by_a_run_that_is_killed(watch: Watch, moment: str):
    """Neither in the dossier that it did not finish, nor among temporary files."""
    portal = watch.portal
    command = [sys.executable, "-m", "robot.cli", "deposit", portal.facture("s03"), "--config", portal.config(), "--send"]
    env = {**os.environ, **portal.secrets}
    with subprocess.Popen(command, env=env, cwd=portal.folder, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr
        for line in running.stderr:
            watch.said.append(line)
            if moment in line:
                running.kill()
                break
    assert moment in watch.said[-1]
    assert watch.finds() == []


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps rights otherwise")
def test_what_is_written_is_the_owners_alone(watch: Watch):
    """Journal, dossiers, certificates, pictures: whatever the system's habit is."""
    portal = watch.portal
    habit = os.umask(0)
    try:
        portal.deposit([portal.facture("s03", 1)], "--send")
    finally:
        os.umask(habit)
    written = [path for folder in ("home", "depots") for path in (portal.folder / folder).rglob("*")]
    assert {"journal.sqlite3", "rapport.html", "trace.zip"} <= {path.name for path in written}
    assert [f"{path} {path.stat().st_mode & 0o777:o}" for path in written if path.stat().st_mode & 0o077] == []


def test_the_search_would_have_found_them(watch: Watch):
    """The same search, with one secret written on purpose."""
    watch.portal.config()
    (watch.portal.folder / "note.txt").write_text(f"code {watch.codes()[1].decode()}", encoding="utf-8")
    assert [Path(hit.split(":")[0]).name for hit in watch.finds()] == ["note.txt"]
