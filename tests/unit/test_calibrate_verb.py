"""`chorus-robot calibrate` without a person refuses; what it found goes into the portal's profile."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from robot import cli
from robot.commands import calibrate
from robot.profilefile import write_profile
from robot.screens import FLOWS_DIR, Flows, load_flows
from robot.tabs import Place
from robot.walkfolder import Correction, SavedWalk

WALK = SavedWalk(
    portal="chorus-pro",
    generation="2024",
    robot="essai",
    day="2026-11-23",
    who="équipe d'essai",
    ids={"bloc-references": {"numero": "#numFacture", "date": '[name="dateFacture"]'}},
)


@pytest.fixture
def flows(tmp_path: Path) -> Flows:
    shutil.copytree(FLOWS_DIR, tmp_path / "flows")
    return load_flows(tmp_path / "flows")


def place_of(flows: Flows, name: str = "chorus-pro") -> Place:
    profile = flows.profiles["chorus-pro"]
    return Place(name, profile.url, profile.hosts, profile.sign_in_hosts, profile.generation)


def test_selectors_go_into_the_profile_of_the_flows(flows, tmp_path):
    """Its comments, its hosts and all else stay."""
    before = (flows.root / "portals/chorus-pro.yaml").read_text()
    path = write_profile(WALK, flows, place_of(flows), tmp_path, is_described_here=True)
    assert path == flows.root / "portals/chorus-pro.yaml"
    profile = load_flows(flows.root).profiles["chorus-pro"]
    assert profile.ids == WALK.ids
    assert profile.calibrated == "2026-11-23, équipe d'essai"
    assert profile.hosts == flows.profiles["chorus-pro"].hosts
    assert [line for line in before.splitlines() if line.startswith("#")] == [
        line for line in path.read_text().splitlines() if line.startswith("#")
    ]


def test_a_portal_of_the_configuration_gets_a_file_beside_the_walk(flows, tmp_path):
    path = write_profile(WALK, flows, place_of(flows, "chez-nous"), tmp_path / "out", is_described_here=False)
    assert path == tmp_path / "out/profil-chez-nous.yaml"
    shutil.copy(path, flows.root / "portals")
    assert load_flows(flows.root).profiles["chez-nous"].ids == WALK.ids


def test_new_words_become_a_patch_of_the_flows(flows, tmp_path, capsys):
    """The flows themselves stay as they are."""
    file = "flows/3-depot/40-bloc-references.yaml"
    before = (flows.root.parent / file).read_text()
    path = ("elements", "engagement", "field")
    shown = Correction(file=file, screen="bloc-references", path=path, words="N° d'EJ", line="3.13", instead_of="Engagement")
    calibrate._propose(WALK.model_copy(update={"corrections": (shown,)}), flows, tmp_path)
    patch = (tmp_path / "correctif.patch").read_text()
    assert any(line.startswith("+") and "N° d'EJ" in line for line in patch.splitlines())
    assert (flows.root.parent / file).read_text() == before
    assert "N° d'EJ" in capsys.readouterr().err


@pytest.mark.parametrize("options", [["--headless"], []])
def test_without_a_window_it_refuses(capsys, monkeypatch, options):
    monkeypatch.setattr(calibrate, "has_display", lambda: False)
    assert cli.main(["calibrate", *options]) == 77
    assert "une personne" in capsys.readouterr().err


def test_the_replica_of_the_robot_itself_is_not_calibrated(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(calibrate, "has_display", lambda: True)
    config = tmp_path / "config.yaml"
    account = {"email": "a@exemple.fr", "password": "person"}
    config.write_text(yaml.safe_dump({"account": account, "supplier": {"siret": "00010101400017"}}))
    assert cli.main(["calibrate", "--config", str(config)]) == 2
    assert "chorus-robot replica" in capsys.readouterr().err


def test_a_folder_without_a_walk_is_told(capsys, tmp_path):
    assert cli.main(["calibrate", "--replay", str(tmp_path)]) == 2
    assert "n'est pas un parcours" in capsys.readouterr().err
