"""The best pairs, all considered together, and none where two solutions are alike."""

from __future__ import annotations

from robot.tutorial.assignment import clear_pairs


def test_each_goes_where_the_whole_is_best():
    """The first leaves the place that only the second can take."""
    assert clear_pairs([{0: 0.9, 1: 0.8}, {0: 0.7}], margin=0.05) == {0: 1, 1: 0}


def test_two_solutions_that_are_alike_are_none():
    """Who is who cannot be told."""
    assert clear_pairs([{0: 0.7, 1: 0.68}, {0: 0.7, 1: 0.7}], margin=0.08) == {}


def test_one_column_wanted_by_two_is_nobodys():
    """Unless one of them is clearly likelier."""
    assert clear_pairs([{0: 0.7}, {0: 0.65}], margin=0.08) == {}
    assert clear_pairs([{0: 0.9}, {0: 0.65}], margin=0.08) == {0: 0}


def test_whoever_fits_nowhere_stays_alone():
    """So does everybody where nothing is free."""
    assert clear_pairs([{}, {3: 0.5}], margin=0.1) == {1: 3}
    assert clear_pairs([{}], margin=0.1) == clear_pairs([], margin=0.1) == {}


def test_what_speaks_against_is_never_taken():
    """A score below nothing."""
    assert clear_pairs([{0: -0.2}], margin=0.0) == {}
