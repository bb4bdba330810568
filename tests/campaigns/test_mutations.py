"""A portal that changes is found out: the right line, the right class, and no alarm where only its looks change.

The whole campaign is `python tests/campaigns/mutations.py`; its table is in docs/mutations.md.
"""

from __future__ import annotations

import pytest
from mutations import Mutation, mutations, tried


def _changed(name: str, kind: str, words: str, now: str = "", *lines: str) -> Mutation:
    return Mutation(name, "2024", "compte", {"kind": kind, "words": words, "now": now}, frozenset(lines))


# One of each sort, all on one journey: the unchanged portal is walked once.
FEW = (
    _changed("other word", "rename", "Créer mon compte", "Suite du dossier", "1.2"),
    _changed("removed", "removed", "Numéro de téléphone", "", "1.3"),
    _changed("required field", "required", "Prénom", "Date de naissance", "1.3"),
    _changed("style", "style", ""),
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "mutation" in metafunc.fixturenames:
        count, seed = metafunc.config.getoption("campaign_count"), metafunc.config.getoption("campaign_seed")
        metafunc.parametrize("mutation", [*FEW, *(mutations(seed, count) if count else ())], ids=str)


@pytest.mark.campaign("a portal that changes")
def test_a_change_is_told_and_nothing_else(mutation: Mutation):
    result = tried(mutation, mended=mutation.name == "other word", is_quick=mutation in FEW)
    assert result.is_right, f"{mutation}: {result.told}, {result.check.stops}"
