"""The replica stands alone: a portal knows nothing of the robots that visit it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import robot.replica

PACKAGE = Path(robot.replica.__file__).parent


def imported(module: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{name.name}" for name in node.names}
    return found


@pytest.mark.parametrize("module", sorted(PACKAGE.glob("*.py")), ids=lambda path: path.stem)
def test_a_module_imports_nothing_of_the_robot(module):
    """Only what is in robot.replica."""
    foreign = {name for name in imported(module) if name.split(".")[0] == "robot"}
    assert {name for name in foreign if not name.startswith("robot.replica.")} == set()


@pytest.mark.parametrize("page", [*PACKAGE.glob("pages/*.html"), *PACKAGE.glob("assets/*")], ids=lambda p: p.name)
def test_a_page_asks_nothing_of_the_outside(page):
    """It works without a network: no address but its own."""
    assert "://" not in page.read_text("utf-8")
