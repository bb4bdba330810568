"""The words of the acceptance tests: a portal known only by its address, and deposits on it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from robot.replica.server import Replica

DATA = Path(__file__).parent / "data"

# Invoices that break no rule; the others of the folder are there to be refused.
READY = ("s01", "s02", "s03", "s04", "s05", "s06", "s07", "s10", "s11")

ATTACHMENTS = (
    {"file": str(DATA / "bilan.pdf"), "designation": "document annexe", "type": "Document annexe"},
    {"file": str(DATA / "rib.pdf"), "designation": "RIB du cabinet", "type": "Pièce jointe standard"},
    {"file": str(DATA / "recapitulatif.pdf"), "designation": "document annexe", "type": "Document annexe"},
)


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    lines: list[dict[str, Any]]
    stderr: str

    @property
    def only(self) -> dict[str, Any]:
        (line,) = self.lines
        return line

    @property
    def outcomes(self) -> list[str]:
        return [line["outcome"] for line in self.lines]


def run_robot(*arguments: str | Path, env: dict[str, str] | None = None, cwd: Path) -> Ended:
    """Runs the command line as a user does; stdout must hold JSON lines and nothing else."""
    command = [sys.executable, "-m", "robot.cli", *map(str, arguments)]
    ended = subprocess.run(
        command, env={**os.environ, **(env or {})}, cwd=cwd, capture_output=True, text=True, timeout=600
    )
    return Ended(ended.returncode, [json.loads(line) for line in ended.stdout.splitlines()], ended.stderr)


@dataclass
class Bench:
    """A replica described to the robot by url, hosts, sign_in_hosts and generation, and nothing else."""

    replica: Replica
    generation: int
    folder: Path

    @property
    def secrets(self) -> dict[str, str]:
        account = self.replica.account
        return {"CHORUS_ROBOT_PASSWORD": account.password, "CHORUS_ROBOT_TOTP": account.totp}

    def config(self, **changes: Any) -> Path:
        """Writes a config.yaml; `changes` go into the portal's description."""
        place = {
            "url": self.replica.url,
            "hosts": self.replica.hosts,
            "sign_in_hosts": self.replica.sign_in_hosts,
            "generation": self.generation,
        } | changes
        config = {
            "portal": "essai",
            "portals": {"essai": place},
            "account": {
                "email": self.replica.account.email,
                "password": {"env": "CHORUS_ROBOT_PASSWORD"},
                "second_factor": {"totp": {"env": "CHORUS_ROBOT_TOTP"}},
            },
            "supplier": {"siret": "00010101400017"},
            "browser": {"timeout_seconds": 15},
        }
        path = self.folder / "config.yaml"
        path.write_text(yaml.safe_dump(config, allow_unicode=True))
        return path

    def facture(self, name: str, attachments: int = 0, **changes: Any) -> Path:
        """A `facture.yaml` of the test data with so many attachments; `changes` replace keys."""
        facts = facts_of(name, attachments) | changes
        path = self.folder / f"{name}.yaml"
        path.write_text(yaml.safe_dump(facts, allow_unicode=True))
        return path

    def deposit(self, factures: Sequence[Path], *options: str, env: dict[str, str] | None = None) -> Ended:
        config = self.folder / "config.yaml"
        if not config.exists():
            self.config()
        return run_robot(
            "deposit", *factures, "--config", config, "--json", "--out", self.folder / "depots", *options,
            env={**self.secrets, **(env or {})}, cwd=self.folder,
        )  # fmt: skip

    def stored(self, number: str) -> list[dict[str, Any]]:
        return [invoice for invoice in self.replica.invoices() if invoice["number"] == number]


def facts_of(name: str, attachments: int = 0) -> dict[str, Any]:
    """What a test invoice says, as its YAML file does, with that many attachments."""
    facts: dict[str, Any] = yaml.safe_load((DATA / "sante-psy" / f"{name}.yaml").read_text())
    facts["file"] = str(DATA / "sante-psy" / facts["file"])
    facts["date"] = str(facts["date"])
    facts["attachments"] = [dict(item) for item in ATTACHMENTS[:attachments]]
    return facts


def suppliers() -> list[tuple[str, str]]:
    truth = json.loads((DATA / "sante-psy" / "truth.json").read_text())
    parties = [item["supplier"] for item in truth if "supplier" in item]
    return [(party["siret_printed"], party["name"]) for party in parties if party["siret_valid"]]
