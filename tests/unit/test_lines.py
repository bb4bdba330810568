"""The tutorial's lines as data: all forty, their things in the flows."""

from __future__ import annotations

import shutil

import pytest

from robot.failures import FlowInvalid
from robot.screens import FLOWS_DIR, load_flows
from robot.tutorial.lines import Place, files_of, load_tutorial

FLOWS = load_flows()


def test_all_forty_lines_are_there_in_order():
    """1.2 comes before 1.10."""
    numbers = load_tutorial(FLOWS).numbers()
    assert numbers == [f"{part}.{n}" for part, last in ((1, 10), (2, 10), (3, 20)) for n in range(1, last + 1)]


def test_every_line_has_a_flow_file():
    """What a check says of it points somewhere."""
    assert [line for line in load_tutorial(FLOWS).numbers() if not files_of(FLOWS, line, "2024")] == []


def test_the_file_of_this_generation_comes_first():
    """On today's portal the form of 2021 is second."""
    first, second = files_of(FLOWS, "1.2", "2024")
    assert ("20-informations-personnelles" in first, "11-nouveau" in second) == (True, True)


def test_a_place_that_the_flows_do_not_have_is_refused_with_its_line(tmp_path):
    """File and line."""
    root = tmp_path / "flows"
    shutil.copytree(FLOWS_DIR, root)
    path = root / "tutorial.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("cadre-de-facturation.continuer", "cadre-de-facturation.suite"))
    with pytest.raises(FlowInvalid, match=r"tutorial\.yaml:\d+: « cadre-de-facturation\.suite » n'existe pas"):
        load_tutorial(load_flows(root))


def test_a_place_is_an_element_or_one_of_its_answers():
    """screen.element=answer."""
    assert Place.parse("cadre-de-facturation.cadre=A1") == Place("cadre-de-facturation", "cadre", "A1")
    assert str(Place("a", "b")) == "a.b"
