"""The plan says what a deposit will do, from the flows and the invoice alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from factures import load, write_facture
from pydantic import SecretStr

from robot.account import Account
from robot.plan import Sentence, plan
from robot.screens import FLOWS_DIR, load_flows
from robot.steps import Effect, Goal

PASSWORD = "rouge-gorge-42"
SECRET = "JBSWY3DPEHPK3PXP"


@pytest.fixture(scope="module")
def flows():
    return load_flows()


@pytest.fixture
def planned(tmp_path, flows):
    """The sentences for a right invoice, with some keys changed."""

    def make(goal: Goal = Goal.SEND, **changes: str | None) -> list[Sentence]:
        invoice = load(write_facture(tmp_path, **changes))
        account = Account.of("camille@exemple.test", SecretStr(PASSWORD), SecretStr(SECRET))
        return plan(flows, "depot", goal, {"invoice": invoice, "supplier": invoice.supplier, "account": account})

    return make


def of_line(sentences: list[Sentence], line: str) -> list[Sentence]:
    """The sentences of one line of the tutorial."""
    return [sentence for sentence in sentences if sentence.line == line]


def test_sentences_are_numbered_in_the_tutorials_order(planned):
    """From the desk (3.1) to the certificate (3.20), once signed in."""
    sentences = planned()
    assert [sentence.number for sentence in sentences] == list(range(1, len(sentences) + 1))
    lines = [int(sentence.line.split(".")[1]) for sentence in sentences if sentence.line != "new"]
    assert lines == sorted(lines)
    assert (lines[0], lines[-1]) == (1, 20)


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("3.1", ("facture.pdf",)),  # a file by its name
        ("3.5", ("A1_FACTURE_FOURNISSEUR",)),
        ("3.6", ("00020260600018",)),
        ("3.11", ("2026-10-07",)),  # a number that looks like a date stays a number
        ("3.12", ("31/10/2026",)),
        ("3.13", ()),  # the invoice has none
    ],
)
def test_a_sentence_shows_what_will_be_typed(planned, line, values):
    """As it will be typed, before it is."""
    (sentence,) = of_line(planned(), line)
    assert sentence.values == values


def test_amounts_are_shown_as_the_form_takes_them(planned):
    """Four amounts, with a comma."""
    shown = [sentence.values for sentence in of_line(planned(), "3.15") if len(sentence.values) == 4]
    assert shown == [("600,00", "0,00", "600,00", "600,00")]


def test_secrets_are_masked(planned):
    """Neither the password nor a code is in any sentence."""
    sentences = planned()
    typed = [value for sentence in sentences for value in sentence.values]
    assert typed.count("••••••") == 2
    assert "camille@exemple.test" in typed
    assert PASSWORD not in repr(sentences)


@pytest.mark.parametrize(
    ("goal", "effect", "says", "never"),
    [
        (Goal.SEND, Effect.SEND, "Confirmer et envoyer", "Enregistrer »"),
        (Goal.DRAFT, Effect.DRAFT, "Enregistrer", "Confirmer et envoyer"),
        (Goal.DRY_RUN, Effect.EDIT, "Annuler", "Valider et envoyer"),
    ],
)
def test_each_goal_has_its_own_end(planned, goal, effect, says, never):
    """A draft never says that it sends, a trial keeps nothing."""
    sentences = planned(goal)
    (last,) = [sentence for sentence in sentences if says in sentence.say]
    assert last.effect is effect
    assert not [sentence for sentence in sentences if never in sentence.say]


@pytest.mark.parametrize("goal", [Goal.DRAFT, Goal.DRY_RUN])
def test_only_a_send_has_what_cannot_be_undone(planned, goal):
    """One sentence of a send is marked so; none of the others."""
    assert Effect.SEND not in [sentence.effect for sentence in planned(goal)]
    assert [sentence.effect for sentence in planned(Goal.SEND)].count(Effect.SEND) == 1


def test_attachments_are_told_one_by_one(planned):
    """Each file with its name; nothing where the invoice has none."""
    pieces = "[{file: bilan.pdf, designation: bilan}, {file: facture.pdf, designation: autre}]"
    told = [sentence.values for sentence in of_line(planned(attachments=pieces), "3.17")]
    assert [values for values in told if len(values) == 1 and "." not in values[0]] == [
        ("Document annexe",), ("bilan",), ("Document annexe",), ("autre",),
    ]  # fmt: skip
    assert of_line(planned(), "3.16") == of_line(planned(), "3.17") == []


@pytest.mark.parametrize(
    ("changes", "screen", "is_told"),
    [
        ({}, "Bloc commentaire", False),
        ({"comment": "Merci"}, "Bloc commentaire", True),
        ({}, "Pièces jointes", False),
        ({"attachments": "[{file: bilan.pdf, designation: bilan}]"}, "Pièces jointes", True),
        ({}, "Récapitulatif", True),
    ],
)
def test_screens_that_the_invoice_does_not_need_are_left_out(planned, changes, screen, is_told):
    """The plan follows the same ways as the run."""
    assert (screen in [sentence.screen for sentence in planned(**changes)]) is is_told


def test_a_reason_is_told_only_where_it_is_given(planned):
    """A step for a value that the invoice may lack is told only with the value."""
    with_reason = planned(vat="{type: EXONERATION, reason: Article 261}")
    assert len(with_reason) == len(planned()) + 1


def test_each_sentence_points_to_its_flow(planned):
    """A person may read the very line of the flow that will be done."""
    for sentence in planned():
        path, _, line = sentence.source.rpartition(":")
        text = (FLOWS_DIR.parent / path).read_text(encoding="utf-8").splitlines()[int(line) - 1]
        assert "line:" in text, f"{sentence.source} is not the first line of a step"
        assert Path(path).parts[0] == "flows"
