"""The JSON schema that editors use accepts every shipped flow, and refuses what the engine refuses."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from robot.schema import flow_schema
from robot.screens import FLOWS_DIR
from robot.steps import WORDS

FILES = sorted(path.relative_to(FLOWS_DIR).as_posix() for path in FLOWS_DIR.rglob("*.yaml"))


@pytest.fixture(scope="module")
def judge() -> Draft202012Validator:
    schema = flow_schema()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def as_seen_by_editors(path: Path) -> Any:
    """A flow as an editor reads it: `true` is no text there, nor is `2023`."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("file", FILES)
def test_every_shipped_flow_fits_the_schema(judge, file):
    """An editor underlines nothing in the files we ship."""
    error = best_match(judge.iter_errors(as_seen_by_editors(FLOWS_DIR / file)))
    assert error is None, error


def test_the_schema_beside_the_flows_is_todays():
    """`chorus-robot flows schema > flows/schema.json` was not forgotten."""
    assert json.loads((FLOWS_DIR / "schema.json").read_text(encoding="utf-8")) == flow_schema()


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("3-depot/70-envoi.yaml", "leave:", "leav:"),  # a key of a screen
        ("3-depot/70-envoi.yaml", "press: enregistrer", "clik: enregistrer"),  # the word of a step
        ("3-depot/70-envoi.yaml", "goal: draft", "gaol: draft"),  # another key of a step
        ("3-depot/61-pieces-jointes.yaml", "press: ajouter", "pres: ajouter"),  # in a repetition
        ("3-depot/20-cadre-de-facturation.yaml", "sole: true", "soel: true"),  # a key of an element
        ("3-depot/70-envoi.yaml", "effect: draft", "effect: darft"),  # an effect
        ("3-depot/40-bloc-references.yaml", "invoice.number", "number"),  # a value of no input
        ("3-depot/journey.yaml", "ends:", "end:"),  # a key of a journey
        ("portals/chorus-pro.yaml", "hosts:", "host:"),  # a key of a profile
        ("sources.yaml", "confidence: official", "confidence: sure"),  # how far a source is trusted
        ("0-partout/11-compte-bloque.yaml", "rule: stop", "rule: halt"),  # what an interruption does
    ],
)
def test_a_misspelt_word_does_not_fit(judge, tmp_path, file, old, new):
    """The slip is seen while typing."""
    path = Path(shutil.copy(FLOWS_DIR / file, tmp_path))
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert not judge.is_valid(as_seen_by_editors(path))


def test_inputs_are_offered_while_typing(judge):
    """Wherever a value is expected, an editor lists those that exist."""
    offered: list[str] = []

    def gather(node: Any) -> None:
        for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            gather(child)
        if isinstance(node, dict) and str(node.get("pattern", "")).endswith(r"(\.[a-z][a-z0-9_]*)+$"):
            offered.extend(node["examples"])

    gather(judge.schema)
    assert {"invoice.recipient.siret", "supplier.siret", "account.password"} <= set(offered)


@pytest.mark.parametrize("word", WORDS)
def test_every_word_says_what_it_is(judge, word):
    """A person who hovers over a step reads a sentence."""
    assert judge.schema["$defs"][WORDS[word].__name__]["description"].endswith(".")
