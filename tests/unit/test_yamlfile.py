"""YAML files: text stays text, every mistake has its line, no trick gets in."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticCustomError

from robot import yamlfile
from robot.failures import ConfigInvalid, FileInvalid


class _Forbid(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Part(_Forbid):
    size: int
    kind: Literal["small", "large"] = "small"


class Whole(_Forbid):
    name: str
    day: dt.date | None = None
    price: Decimal = Decimal(0)
    part: Part | None = None
    parts: list[Part] = []


@pytest.fixture
def written(tmp_path: Path):
    """Writes a YAML file and gives its path."""

    def write(text: str | bytes) -> Path:
        path = tmp_path / "a.yaml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


def problems_of(path: Path) -> list[str]:
    """Line and words of each problem."""
    with pytest.raises(ConfigInvalid) as caught:
        yamlfile.load(path, Whole, ConfigInvalid)
    return [str(problem).removeprefix(f"{path}:") for problem in caught.value.problems]


@pytest.mark.parametrize(
    "text",
    [
        "3.10",  # a tutorial line, not 3.1
        "0012",  # a number with zeros, not 10
        "NON",  # an answer, not false
        "2026-10-07",  # a number that looks like a date
        "1e3",
        "0x1F",
        "12:30",
    ],
)
def test_every_scalar_stays_text(written, text):
    """What a person types is what is read."""
    assert yamlfile.read(written(f"name: {text}"), FileInvalid).data == {"name": text}


@pytest.mark.parametrize("nothing", ["null", "~", ""])
def test_nothing_is_none(written, nothing):
    """An empty value is no value."""
    assert yamlfile.read(written(f"name: {nothing}"), FileInvalid).data == {"name": None}


def test_text_becomes_typed_at_the_door(written):
    """The model gives each text its type."""
    path = written("name: '1'\nday: 2026-10-31\nprice: '600.00'\nparts: [{size: 2, kind: large}]\n")
    whole = yamlfile.load(path, Whole, ConfigInvalid)
    assert (whole.name, whole.day, whole.price) == ("1", dt.date(2026, 10, 31), Decimal("600.00"))
    assert whole.parts == [Part(size=2, kind="large")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        # an unknown key, with the nearest known one
        ("name: a\nnmae: b", "2: clé inconnue « nmae » ; remède : vouliez-vous dire « name » ?"),
        # … inside a record
        (
            "name: a\npart: {size: 1, knd: b}",
            "2: clé inconnue « knd » ; remède : vouliez-vous dire « kind » ?",
        ),
        # … like nothing known
        ("name: a\nzzz: b", "2: clé inconnue « zzz » ; remède : supprimez-la"),
        # a missing key points at its parent
        ("name: a\npart:\n  kind: large", "2: clé absente « part.size » ; remède : ajoutez-la"),
        # a key given twice
        ("name: a\nname: b", "2: clé en double « name » ; remède : gardez-en une seule"),
        # values of the wrong type
        ("name: a\nday: demain", "2: « day » vaut « demain » ; attendu : une date AAAA-MM-JJ"),
        ("name: a\nprice: dix", "2: « price » vaut « dix » ; attendu : un montant comme 600.00"),
        ("name: [a]", "1: « name » vaut « ['a'] » ; attendu : un texte"),
        ("name: a\nparts: b", "2: « parts » vaut « b » ; attendu : une liste"),
        ("name: a\nparts: [b]", "2: « parts.0 » vaut « b » ; attendu : une suite de clés et de valeurs"),
        # one of several words
        (
            "name: a\npart: {size: 1, kind: huge}",
            "2: « part.kind » vaut « huge » ; attendu : 'small' ou 'large'",
        ),
        # an item's own line
        (
            "name: a\nparts:\n  - size: 1\n  - size: x",
            "4: « parts.1.size » vaut « x » ; attendu : un nombre entier",
        ),
        # a list where keys are expected
        ("- a", "1: « le fichier » vaut « ['a'] » ; attendu : une suite de clés et de valeurs"),
        # a key that is no word
        ("[a, b]: c", "1: clé qui n'est pas un mot ; attendu : une clé simple, comme « number »"),
    ],
)
def test_a_mistake_has_its_line_and_its_cure(written, text, message):
    """Each mistake is one line: where, what, expected, cure."""
    assert message in problems_of(written(text))


def test_all_mistakes_come_at_once(written):
    """Nobody corrects a file ten times."""
    assert len(problems_of(written("nam: a\nday: x\nparts: [{size: y}]"))) == 4


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"a: [1, 2", "YAML incorrect"),  # not closed
        (b"a: b: c", "YAML incorrect"),  # two values
        (b"a: \x07", "YAML incorrect : un signe invisible"),  # a control character
        (b"a: \xe9", "UTF-8"),  # Latin-1
        (
            b"a: !!python/object/apply:os.system [ls]\nb: &x 1\nc: *x",
            "alias YAML",
        ),  # tags do nothing, aliases are refused
        (b"a: &x [*x]", "alias YAML"),  # a value that contains itself
        (b"- " * 3000, "imbrication trop profonde"),
        (b"a: " + b"x" * 1_000_001, "fichier trop gros"),
    ],
)
def test_a_file_that_is_no_plain_yaml_is_refused(written, text, words):
    """Broken or hostile files end in a sentence, and run nothing."""
    with pytest.raises(FileInvalid, match=words):
        yamlfile.read(written(text), FileInvalid)


def test_a_missing_file_is_a_sentence(tmp_path):
    """The path is named, with what to check."""
    with pytest.raises(FileInvalid, match=r"absent\.yaml: fichier introuvable ; remède : vérifiez le chemin"):
        yamlfile.read(tmp_path / "absent.yaml", FileInvalid)


def test_a_byte_order_mark_is_no_mistake(written):
    """Windows editors put one."""
    assert yamlfile.read(written(b"\xef\xbb\xbfname: a"), FileInvalid).data == {"name": "a"}


def test_an_empty_file_lacks_every_key(written):
    """An empty file is read as an empty record."""
    assert problems_of(written("")) == ["1: clé absente « name » ; remède : ajoutez-la"]


def test_the_line_of_an_absent_key_is_its_parent(written):
    """A problem about something that is not in the file points at the nearest thing that is."""
    document = yamlfile.read(written("name: a\npart:\n  size: 1\n"), FileInvalid)
    assert [document.line(at) for at in [("part", "size"), ("part", "kind"), ("other",)]] == [3, 2, 1]


def test_a_rule_keeps_its_code_and_sentence(written):
    """A rule of a model comes out as it was written, with its code for machines."""

    class Ruled(Whole):
        def model_post_init(self, _: object) -> None:
            raise PydanticCustomError(
                "TROP_COURT", "Le nom est trop court.", {"whole": True, "cure": "allongez-le"}
            )

    with pytest.raises(ConfigInvalid) as caught:
        yamlfile.load(written("name: a"), Ruled, ConfigInvalid)
    (problem,) = caught.value.problems
    assert (problem.code, problem.what, problem.cure) == (
        "TROP_COURT",
        "Le nom est trop court.",
        "allongez-le",
    )
