"""Dotted paths lead to declared values, and nowhere else."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field, SecretStr, computed_field

from robot.values import UnknownPath, item_type_of, known_paths, type_of, value_of


class Person(BaseModel):
    siret: Annotated[str, Field(min_length=2)]
    nickname: str | None = None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def code(self) -> SecretStr | None:
        return SecretStr("123")

    def shout(self) -> str:
        return self.siret.upper()


class Page(BaseModel):
    file: Path


class Letter(BaseModel):
    kind: Literal["short", "long"] = "short"
    price: Decimal = Decimal(1)
    sender: Person
    reader: Person | None = None
    pages: tuple[Page, ...] = ()
    words: list[str] = []


LETTER = Letter(sender=Person(siret="a1"), pages=(Page(file=Path("p")),))
ROOTS: dict[str, type[BaseModel]] = {"letter": Letter, "page": Page}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("letter.kind", "short"),
        ("letter.price", Decimal(1)),
        ("letter.sender.siret", "a1"),  # a record in a record
        ("letter.sender.nickname", None),  # not given
        ("letter.sender.code", SecretStr("123")),  # computed on reading
        ("letter.reader.siret", None),  # a record that is absent on the way
        ("letter.pages", (Page(file=Path("p")),)),  # a list, whole
        ("letter.sender", Person(siret="a1")),  # a record, whole
    ],
)
def test_a_path_gives_its_value(path, value):
    """Names between dots lead from the root to the value."""
    assert value_of({"letter": LETTER}, path) == value


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("letter.kind", str),  # one of some words is a text
        ("letter.price", Decimal),
        ("letter.sender.siret", str),  # annotated
        ("letter.sender.nickname", str),  # None set aside
        ("letter.reader.siret", str),  # through a record that may be absent
        ("letter.sender.code", SecretStr),
        ("letter.pages", tuple),
        ("letter.sender", Person),
        ("page.file", Path),
    ],
)
def test_a_path_has_a_type_without_any_value(path, kind):
    """Flows are checked against the types, before there is an invoice."""
    assert type_of(ROOTS, path) is kind


@pytest.mark.parametrize(
    "path",
    [
        "letter.knid",  # a slip
        "lettre.kind",  # an unknown root
        "letter.kind.x",  # beyond a value
        "letter.pages.file",  # a list has no single file
        "letter.sender.shout",  # a method
        "letter.model_config",  # what every record has
        "letter.__class__",
    ],
)
def test_an_undeclared_path_leads_nowhere(path):
    """Only declared fields are reached, by value and by type alike."""
    with pytest.raises(UnknownPath):
        type_of(ROOTS, path)
    with pytest.raises(UnknownPath):
        value_of({"letter": LETTER}, path)


def test_an_unknown_path_names_the_nearest():
    """A slip is answered with what was probably meant."""
    with pytest.raises(
        UnknownPath, match=r"« letter.sender.sirte » ; vouliez-vous dire « letter.sender.siret »"
    ):
        type_of(ROOTS, "letter.sender.sirte")


def test_known_paths_are_the_values_in_declared_order():
    """Records are opened, lists are not; computed values count."""
    assert known_paths({"letter": Letter})[:5] == [
        "letter.kind",
        "letter.price",
        "letter.sender.siret",
        "letter.sender.nickname",
        "letter.sender.code",
    ]
    assert known_paths(ROOTS)[-3:] == ["letter.pages", "letter.words", "page.file"]


def test_the_record_a_list_is_made_of():
    """`each` needs the type of one item."""
    assert item_type_of(ROOTS, "letter.pages") is Page


@pytest.mark.parametrize("path", ["letter.kind", "letter.words", "letter.pagse"])
def test_only_a_list_of_records_has_items(path):
    """A text, a list of texts and an unknown name have no items to name."""
    with pytest.raises(UnknownPath):
        item_type_of(ROOTS, path)
