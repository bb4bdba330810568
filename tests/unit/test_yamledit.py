"""A YAML text that is added to where it stands: every other sign of it stays."""

from __future__ import annotations

import pytest

from robot.yamledit import CannotEdit, value_at, with_first

BLOCK = "button:\n  # today's\n  Valider: a  # seen\n  \"Envoyer\": [b, c]\n  Finir: d # last\nrest: 1\n"


def test_a_new_key_comes_first():
    """Behind the comment that speaks of the mapping; in a line's own mapping, within the line."""
    assert with_first(BLOCK, ("button",), "Déposer", "new") == BLOCK.replace("  Valider", '  "Déposer": new\n  Valider')
    assert with_first("x: {A: a}\n", ("x",), "B", "b") == 'x: {"B": b, A: a}\n'


@pytest.mark.parametrize(("key", "line"), [("Envoyer", '  "Envoyer": [b, c]\n'), ("Finir", "  Finir: d # last\n")])
def test_a_key_further_down_moves_up(key, line):
    """It is there once."""
    moved = BLOCK.replace(line, "").replace("  Valider", f'  "{key}": new\n  Valider')
    assert with_first(BLOCK, ("button",), key, "new") == moved
    assert with_first(BLOCK.replace("\n", "\r\n"), ("button",), key, "new") == moved.replace("\n", "\r\n")


def test_a_key_within_a_line_moves_up():
    """With the comma that goes with it."""
    assert with_first("x: {A: a, B: b, C: c} # all\n", ("x",), "C", "new") == 'x: {"C": new, A: a, B: b} # all\n'


def test_the_first_key_stays_and_is_not_written_twice():
    """Only what it says is changed."""
    assert with_first(BLOCK, ("button",), "Valider", "new") == BLOCK.replace("Valider: a", "Valider: new")
    assert with_first(BLOCK, ("button",), "Valider", "a") == BLOCK


@pytest.mark.parametrize("words", ["a\u2028b", "a\x7fb", "a\u202eb", "a\U000e0041b", "a: #\"\\b"])
def test_signs_that_nobody_sees_are_written_by_their_numbers(words):
    """Whoever reads the change sees them, and they are read again as they were."""
    text = with_first(BLOCK, ("button",), words, "new")
    assert all(sign.isprintable() or sign == "\n" for sign in text)
    assert value_at(text, ("button", words)) == "new"


def test_what_is_no_mapping_is_left_as_it_is():
    """The caller says so."""
    with pytest.raises(CannotEdit):
        with_first("x: &a {A: a}\ny: *a\n", ("y",), "B", "b")
