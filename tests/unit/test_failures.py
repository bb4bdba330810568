"""Failures: what they say, and who must act next."""

from __future__ import annotations

from pathlib import Path

import pytest

from robot import failures
from robot.failures import (
    AlreadyDeposited,
    CaptchaNeeded,
    ConfigInvalid,
    ElementNotFound,
    Failure,
    FlowInvalid,
    InvoiceInvalid,
    Maintenance,
    OutcomeUnknown,
    PortalRefused,
    PortalUnavailable,
    Problem,
    SecondFactorNeeded,
    worst_exit_code,
)


def test_a_problem_reads_path_line_what_expected_cure():
    """A problem points at its line, and says what, what was expected, and what to do."""
    problem = Problem(Path("a.yaml"), 3, "clé inconnue « dat »", "une clé connue", "écrivez « date »")
    assert (
        str(problem)
        == "a.yaml:3: clé inconnue « dat » ; attendu : une clé connue ; remède : écrivez « date »"
    )


def test_a_problem_of_the_whole_file_has_no_line():
    """Line 0 stands for the whole file."""
    assert str(Problem(Path("a.yaml"), 0, "fichier introuvable")) == "a.yaml: fichier introuvable"


def _every_failure(kind: type[Failure] = Failure) -> list[type[Failure]]:
    return [kind, *(found for child in kind.__subclasses__() for found in _every_failure(child))]


@pytest.mark.parametrize("kind", [kind for kind in _every_failure() if kind.__module__ == failures.__name__])
def test_no_failure_is_empty(kind):
    """Each failure has a French sentence of its own, an outcome and an exit code of the known ones."""
    assert (kind.__doc__ or "").strip().endswith(".")
    assert kind.exit_code in failures.WORST_FIRST
    assert kind.outcome


def test_a_failure_without_words_says_its_docstring():
    """The docstring is the default sentence."""
    assert str(Maintenance()) == "Le portail est en maintenance."


def test_a_failure_says_where_what_was_expected_and_the_cure():
    """Place, expectation and cure follow the sentence."""
    failure = ElementNotFound(
        "Un bouton manque.", where="écran dépôt", expected="« Valider »", cure="Calibrez."
    )
    assert str(failure) == "Un bouton manque. (écran dépôt) Attendu : « Valider ». Que faire : Calibrez."


def test_a_refusal_quotes_the_portal():
    """The portal's own words are kept, with the field they are about."""
    failure = PortalRefused("SIRET inconnu", field="Destinataire")
    assert (failure.message, failure.field) == ("SIRET inconnu", "Destinataire")
    assert str(failure) == "Le portail refuse « Destinataire » : « SIRET inconnu »"


@pytest.mark.parametrize(
    ("kind", "exit_code", "outcome"),
    [
        (ConfigInvalid, 2, "refused"),  # the author corrects the file
        (FlowInvalid, 2, "refused"),
        (InvoiceInvalid, 2, "refused"),
    ],
)
def test_wrong_files_carry_every_problem(kind, exit_code, outcome):
    """All problems of a file come at once, a line each."""
    failure = kind([Problem(Path("a.yaml"), 1, "un"), Problem(Path("a.yaml"), 2, "deux")])
    assert str(failure).splitlines() == ["a.yaml:1: un", "a.yaml:2: deux"]
    assert (failure.exit_code, failure.outcome) == (exit_code, outcome)


@pytest.mark.parametrize(
    ("kind", "exit_code", "outcome"),
    [
        (AlreadyDeposited, 1, "already-deposited"),  # the owner of the invoice acts
        (PortalUnavailable, 75, "portal-unavailable"),  # time acts
        (SecondFactorNeeded, 77, "needs-person"),  # a person acts
        (CaptchaNeeded, 77, "needs-person"),
        (ElementNotFound, 70, "screen-changed"),  # a maintainer acts
        (OutcomeUnknown, 76, "unknown"),  # nobody knows yet
        (Failure, 3, "unknown"),  # a bug
    ],
)
def test_exit_code_and_outcome_say_who_acts(kind, exit_code, outcome):
    """Each group has its exit code and the outcome of the JSON."""
    assert (kind().exit_code, kind().outcome) == (exit_code, outcome)


@pytest.mark.parametrize(
    ("codes", "worst"),
    [
        ([], 0),  # nothing to deposit
        ([0, 0], 0),
        ([0, 1], 1),
        ([1, 75, 77], 77),
        ([77, 2], 2),
        ([2, 76], 76),  # a doubt weighs more than a wrong file
        ([76, 70], 70),
        ([70, 3, 0], 3),  # a bug above all
    ],
)
def test_the_worst_invoice_decides_for_a_batch(codes, worst):
    """The exit code of several invoices is the worst one's."""
    assert worst_exit_code(codes) == worst
