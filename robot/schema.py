"""The JSON schema of the flow files, generated from the table of words: editors complete and check with it."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from robot.review import INPUTS
from robot.screens import Journey, Profile, Screen, Sources
from robot.training.exercises import Exercise
from robot.tutorial.lines import Tutorial
from robot.values import known_paths


def flow_schema() -> dict[str, Any]:
    """One schema for every file under `flows/`: a screen, a journey, a profile, an exercise, the sources, the tutorial."""
    schema = TypeAdapter(Screen | Journey | Profile | Sources | Tutorial | Exercise).json_schema(by_alias=True)
    _name_inputs(schema)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "chorus-robot: fichiers de flows/",
        **schema,
    }


def _name_inputs(node: Any) -> None:
    """Offers the declared inputs wherever a dotted path is expected; items of `each` keep the open pattern."""
    if isinstance(node, dict):
        if str(node.get("pattern", "")).endswith(r"(\.[a-z][a-z0-9_]*)+$"):
            node["examples"] = known_paths(INPUTS)
        # Every scalar of a flow is text to the engine; a YAML editor sees 3.5 or 2024 as numbers.
        for value in node.values():
            _name_inputs(value)
    elif isinstance(node, list):
        for value in node:
            _name_inputs(value)
