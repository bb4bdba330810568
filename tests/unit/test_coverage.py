"""Coverage both ways: what the tutorial tells and nothing does, what is done or shown and nothing tells."""

from __future__ import annotations

from robot.screens import load_flows
from robot.tutorial.contract import Contract, Kept, KeptScreen
from robot.tutorial.coverage import coverage
from robot.tutorial.lines import Line, load_tutorial

FLOWS = load_flows()
TUTORIAL = load_tutorial(FLOWS)


def fields(screen: str, *others: Kept, **elements: Kept) -> list[str]:
    """Fields without a sentence on a screen that shows these."""
    shown = KeptScreen(seen="2026-11-23", by="essai", others=others, elements=elements)
    contract = Contract(portal="essai", generation="2024", screens={screen: shown})
    return [field.words for field in coverage(FLOWS, TUTORIAL, contract).fields]


def test_every_line_of_the_tutorial_has_a_step():
    """One more would be told."""
    more = TUTORIAL.model_copy(update={"lines": TUTORIAL.lines | {"3.21": Line(asks="Fermer la fenêtre.")}})
    assert coverage(FLOWS, TUTORIAL, None).lines == ()
    assert coverage(FLOWS, more, None).lines == ("3.21",)


def test_steps_without_a_line_are_told_with_their_place():
    """The second factor is told by no line."""
    (code,) = [step for step in coverage(FLOWS, TUTORIAL, None).steps if step.say.startswith("Tapez le code")]
    path, _, line = code.source.rpartition(":")
    assert path == "flows/0-connexion/03-second-facteur.yaml"
    assert "line: new" in (FLOWS.root.parent / path).read_text(encoding="utf-8").splitlines()[int(line) - 1]


def test_fields_that_no_sentence_speaks_of_are_listed():
    """Buttons, tables and things to read are no fields."""
    others = (Kept(nature="text", words="* Numéro de chantier :"), Kept(nature="button", words="Aide"))
    assert fields("bloc-references", *others) == ["Numéro de chantier"]


def test_a_field_that_the_flows_name_and_nobody_fills_is_listed():
    """It has no sentence either."""
    unused = Kept(nature="text", words="Ancien numéro")
    assert fields("bloc-references", ancien=unused, numero=Kept(nature="text", words="Numéro de facture")) == ["Ancien numéro"]


def test_a_bloc_of_the_same_page_tells_of_its_own_fields():
    """It may not have been filled, and was seen as part of another bloc all the same."""
    assert fields("bloc-destinataire", Kept(nature="text", words="Commentaire")) == []
