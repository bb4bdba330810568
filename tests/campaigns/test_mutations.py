"""A portal that changes is found out: the right line, the right class, and no alarm where only its looks change.

The whole campaign is `python tests/campaigns/mutations.py`; its table is in docs/mutations.md.
"""

from __future__ import annotations

import random

import pytest
from changes import CLASSES, SCENES, Change, Scene, drawn
from mutations import check, ground, told, tried, unchanged

# The shortest of the three journeys.
SCENE, JOURNEY = Scene("2021"), "compte"
# Everything else is seen on one and the same walk.
AT_ONCE = {
    "accents": "Prénom",
    "other word": "Réponse secrète",
    "swapped controls": "Mot de passe",
    "required field": "Numéro de SIRET",
    "step between": "Question secrète",
}


def change(name: str, words: str = "", **wanted: str) -> Change:
    """The first change of a class that aims at these words."""
    made = ground(SCENE, JOURNEY).changes(name)
    return next(one for one in made if one.script["words"] == words and wanted.items() <= one.script.items())


@pytest.mark.campaign("a portal with several changes")
def test_each_change_is_told_of_its_line_and_as_what_it_is():
    changes = [change(name, words) for name, words in AT_ONCE.items()]
    before = unchanged(SCENE, JOURNEY)
    checked, met = check(SCENE, JOURNEY, contract=before.accepted, changes=changes)
    said = told(checked.check, before.check)
    assert len(met) == len(changes)
    for one in changes:
        assert any(line in one.lines and holding == CLASSES[one.name] for line, holding in said), f"{one}: {said}"


@pytest.mark.campaign("a portal without a field")
def test_a_field_that_is_gone_is_told_though_the_walk_stops_there():
    """The portal itself refuses a form without it."""
    result = tried(change("field removed", "Factures émises"))
    assert result.is_right, result.told


@pytest.mark.campaign("a portal with a new look")
def test_a_new_look_raises_no_alarm():
    changes = [change(name) for name, expected in CLASSES.items() if expected is None]
    before = unchanged(SCENE, JOURNEY)
    checked, met = check(SCENE, JOURNEY, contract=before.accepted, changes=changes)
    assert len(met) == len(changes)
    assert (told(checked.check, before.check), checked.check.stops) == ((), {})


@pytest.mark.campaign("a portal with other words, and flows mended")
def test_once_mended_the_flow_passes_again():
    result = tried(change("other word", "Réponse secrète"))
    assert result.check.mends
    assert result.is_right, f"{result.told} {result.why}"


@pytest.mark.campaign("a portal that changes one thing")
@pytest.mark.trials(1)
def test_a_change_is_told(seed: str):
    chance = random.Random(seed)
    one = next(drawn(seed, 1, ground, [chance.choice(list(CLASSES))], [chance.choice(SCENES)]))
    result = tried(one)
    assert result.is_right or not result.is_met, f"{one}: {result.told} {result.why} {result.check.stops}"
