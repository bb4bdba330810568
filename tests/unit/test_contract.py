"""What a portal looked like when it was last seen true: kept, completed, changed only when somebody accepts it."""

from __future__ import annotations

from robot.tutorial.contract import Contract, Kept, KeptScreen, load_contract, merged, save_contract

SCREEN = KeptScreen(
    title="Dépôt",
    url="http://127.0.0.1/cpp/depotFacture",
    seen="2026-11-01",
    by="Claire",
    elements={"cadre": Kept(nature="select", words="Cadre de facturation :", options=("A1", "A2"), required=True, place=3)},
    others=(Kept(nature="button", words="Aide"),),
    sentences=("est validée",),
)


def contract(**screens: KeptScreen) -> Contract:
    return Contract(portal="essai", generation="2024", screens=screens)


def now(words: str) -> KeptScreen:
    kept = SCREEN.elements["cadre"].model_copy(update={"words": words})
    return SCREEN.model_copy(update={"elements": {"cadre": kept}, "seen": "2026-11-23", "by": "robot"})


def test_it_is_read_as_it_was_written(tmp_path):
    """One YAML file."""
    path = tmp_path / "contrats" / "essai.yaml"
    save_contract(contract(depot=SCREEN), path)
    assert load_contract(path) == contract(depot=SCREEN)


def test_there_is_none_before_the_first_check(tmp_path):
    """And nothing to compare with."""
    assert load_contract(tmp_path / "essai.yaml") is None


def test_a_change_does_not_make_itself_true():
    """The day it was last seen true stays."""
    kept = merged(contract(depot=SCREEN), contract(depot=now("Cadre")), accept=False).screens["depot"]
    assert (kept.elements["cadre"].words, kept.seen) == ("Cadre de facturation :", "2026-11-01")


def test_somebody_may_accept_it():
    """From then on it is the truth."""
    kept = merged(contract(depot=SCREEN), contract(depot=now("Cadre")), accept=True).screens["depot"]
    assert (kept.elements["cadre"].words, kept.seen) == ("Cadre", "2026-11-23")


def test_a_screen_that_is_as_it_was_is_seen_anew():
    """With the day and who saw it."""
    kept = merged(contract(depot=SCREEN), contract(depot=now("Cadre de facturation :")), accept=False).screens["depot"]
    assert (kept.seen, kept.by) == ("2026-11-23", "robot")


def test_a_screen_seen_for_the_first_time_is_added():
    """The others stay."""
    assert set(merged(contract(a=SCREEN), contract(b=SCREEN), accept=False).screens) == {"a", "b"}
