"""The words of the campaigns: one invoice, one accident, the same command again, and what must be true afterwards."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import psutil
import yaml
from benches import Ended, facts_of, run_robot

from robot import certificate
from robot.replica.identity import ACCOUNT

# How long one command may last before it counts as hanging.
PATIENCE_SECONDS = 240


@dataclass(frozen=True)
class Door:
    """What the robot is told of a portal, and where its record can be read."""

    url: str
    hosts: Sequence[str]
    sign_in_hosts: Sequence[str]
    generation: int

    def stored(self, number: str) -> list[dict[str, Any]]:
        with urllib.request.urlopen(f"http://{self.hosts[-1]}/_entrainement/etat", timeout=30) as answer:
            return [invoice for invoice in json.load(answer) if invoice["number"] == number]


@dataclass
class Trial:
    """One invoice of a user, with a home and an output folder of their own."""

    door: Door
    folder: Path
    number: str
    attachments: int = 1
    timeout_seconds: int = 15
    facts: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.facts = facts_of("s03", self.attachments) | {"number": self.number}
        self.facture = self.folder / "facture.yaml"
        self.facture.write_text(yaml.safe_dump(self.facts, allow_unicode=True), encoding="utf-8")
        self.out = self.folder / "depots"
        self.home = self.folder / "home"
        self.config = self.folder / "config.yaml"
        portal = {"url": self.door.url, "hosts": [*self.door.hosts], "sign_in_hosts": [*self.door.sign_in_hosts]}
        self.config.write_text(
            yaml.safe_dump(
                {
                    "portal": "essai",
                    "portals": {"essai": portal | {"generation": self.door.generation}},
                    "account": {
                        "email": ACCOUNT.email,
                        "password": {"env": "CHORUS_ROBOT_PASSWORD"},
                        "second_factor": {"totp": {"env": "CHORUS_ROBOT_TOTP"}},
                    },
                    "supplier": {"siret": "00010101400017"},
                    "browser": {"timeout_seconds": self.timeout_seconds},
                }
            ),
            encoding="utf-8",
        )

    @property
    def env(self) -> dict[str, str]:
        secrets = {"CHORUS_ROBOT_PASSWORD": ACCOUNT.password, "CHORUS_ROBOT_TOTP": ACCOUNT.totp}
        return {**os.environ, **secrets, "CHORUS_ROBOT_HOME": str(self.home)}

    @property
    def words(self) -> list[str]:
        return ["deposit", str(self.facture), "--config", str(self.config), "--send", "--json", "--out", str(self.out)]

    def run(self) -> Ended:
        """The command, to its end."""
        return run_robot(*self.words, env=self.env, cwd=self.folder)

    def start(self, **more: Any) -> subprocess.Popen[str]:
        """The command, while something happens to it."""
        command = [sys.executable, "-m", "robot.cli", *self.words]
        return subprocess.Popen(
            command, env=self.env, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more
        )

    def run_until(self, moment: Moment, accident: Callable[[subprocess.Popen[str]], None]) -> str:
        """The command, with an accident at a moment; what it said, after everything it started has ended too."""
        running = self.start()
        children = psutil.Process(running.pid)
        came, family, said = threading.Event(), [], []

        def read() -> None:
            assert running.stderr
            for line in running.stderr:
                said.append(line)
                if moment.after and moment.after in line:
                    came.set()

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        if moment.after:
            while not came.wait(0.05) and running.poll() is None:
                continue
        try:
            running.wait(moment.seconds)
        except subprocess.TimeoutExpired:
            family = children.children(recursive=True)
            accident(running)
        running.wait(PATIENCE_SECONDS)
        psutil.wait_procs(family, timeout=10)
        for orphan in (one for one in family if one.is_running()):
            orphan.kill()
        reader.join(10)
        for pipe in (running.stdout, running.stderr):
            assert pipe
            pipe.close()
        text = "".join(said)
        assert "Traceback" not in text, text
        return text

    def again(self) -> dict[str, Any]:
        """The same command again: with no further accident it ends with one deposit and its certificate."""
        ended = self.run()
        self.expect_once(ended)
        return ended.only

    def expect_once(self, ended: Ended) -> None:
        """One deposit on the portal, every field as in the file; one valid certificate on the disk."""
        line = ended.only
        assert line["outcome"] in ("deposited", "already-deposited"), (line, ended.stderr[-3000:])
        sent = [invoice for invoice in self.door.stored(self.number) if invoice["status"] != "BROUILLON"]
        assert len(sent) == 1, [invoice["status"] for invoice in sent]
        (invoice,) = sent
        assert invoice["recipient_siret"] == self.facts["recipient"]["siret"]
        assert invoice["amounts"] == self.facts["amounts"]
        assert invoice["engagement"] == self.facts.get("engagement")
        names = [Path(attachment["file"]).name for attachment in self.facts["attachments"]]
        assert [attachment["name"] for attachment in invoice["attachments"]] == names
        assert line["certificate"], line
        kept = Path(line["certificate"]).read_bytes()
        checked = certificate.check(
            kept,
            number=self.number,
            supplier=self.facts["supplier"]["siret"],
            recipient=invoice["recipient_siret"],
            amount=Decimal(invoice["amounts"]["ttc"]),
            digest=invoice["digest"],
        )
        assert checked.digest == line["digest"]


@dataclass(frozen=True)
class Moment:
    """When an accident happens: so many seconds after the start, or after some words of the progress."""

    seconds: float
    after: str = ""

    def __str__(self) -> str:
        return f"{self.seconds:.2f} s" + (f" after « {self.after} »" if self.after else "")


# Words of the steps around the point of no return (tutorial lines 3.18 to 3.20).
_SENDING = ("« Valider et envoyer »", "« Confirmer et envoyer »", "que le récapitulatif parle")


def moment_of(seed: str, longest: float) -> Moment:
    """A moment at random, the same for the same seed: anywhere in the run, or, every other time, around the sending."""
    chance = random.Random(seed)
    if chance.random() < 0.5:
        return Moment(chance.uniform(0, longest))
    return Moment(chance.uniform(0, 1.5), chance.choice(_SENDING))


def kill(running: subprocess.Popen[str]) -> None:
    """kill -9."""
    running.send_signal(signal.SIGKILL)


def kill_browser(running: subprocess.Popen[str]) -> None:
    """kill -9 of the browser, and of the browser alone."""
    for process in psutil.Process(running.pid).children(recursive=True):
        try:
            if "chrom" in process.name() or "msedge" in process.name():
                process.kill()
        except psutil.NoSuchProcess:
            continue
