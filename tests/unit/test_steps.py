"""The words of the flow language: each is read into its own kind of step, and says what it will do."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from robot import steps
from robot.steps import WORDS, AnyStep, Each, Effect, Goal, Press, Step, flatten

READER: TypeAdapter[Step] = TypeAdapter(AnyStep)

# One right use of each word.
EXAMPLES = {
    "inspect": {"inspect": "invoice.file"},
    "upload": {"upload": {"fichier": "invoice.file"}},
    "choose": {"choose": {"cadre": "invoice.cadre"}},
    "type": {"type": {"numero": "invoice.number", "date": "invoice.date"}},
    "clear": {"clear": "service"},
    "look_up": {
        "look_up": {"siret": "invoice.recipient.siret"},
        "search": "rechercher",
        "box": "case",
        "pick": "choisir",
    },
    "press": {"press": "valider"},
    "tick": {"tick": "demandes"},
    "pick": {"pick": "supplier.siret"},
    "hand_over": {"hand_over": "image", "failure": "captcha"},
    "receive": {"receive": "account.email"},
    "read_back": {"read_back": ["bloc-montants"]},
    "compare": {"compare": {"ht": "invoice.amounts.ht"}},
    "read": {"read": "certificat"},
    "download": {"download": "exporter"},
    "each": {
        "each": "invoice.attachments",
        "item": "attachment",
        "steps": [{"line": "3.17", "say": "Ajoutez-le.", "effect": "edit", "press": "ajouter"}],
    },
}


def step(word: str, **more: object) -> Step:
    """A right step of this word, with some keys changed."""
    said = {"line": "3.5", "say": "Faites-le.", "effect": WORDS[word].allowed_effects[0].value}
    return READER.validate_python({**said, **EXAMPLES[word], **more})


@pytest.mark.parametrize("word", WORDS)
def test_each_word_is_its_own_kind_of_step(word):
    """The word alone tells the kind; the step keeps it."""
    assert type(step(word)) is WORDS[word]
    assert step(word).word == word


@pytest.mark.parametrize("word", WORDS)
def test_the_table_tells_every_word(word):
    """The table that people read in the module has a row for each word."""
    assert f"| {word} " in (steps.__doc__ or "")


@pytest.mark.parametrize(
    ("word", "elements", "values"),
    [
        ("inspect", (), ("invoice.file",)),
        ("upload", ("fichier",), ("invoice.file",)),
        ("type", ("numero", "date"), ("invoice.number", "invoice.date")),
        ("clear", ("service",), ()),
        ("look_up", ("siret", "rechercher", "case", "choisir"), ("invoice.recipient.siret",)),
        ("press", ("valider",), ()),
        ("read_back", (), ()),
        ("compare", ("ht",), ("invoice.amounts.ht",)),
        ("download", ("exporter",), ()),
        ("each", (), ("invoice.attachments",)),
    ],
)
def test_a_step_names_what_it_uses(word, elements, values):
    """The review follows these names to the screen and to the invoice."""
    assert (step(word).elements(), step(word).values()) == (elements, values)


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("type", "type numero = invoice.number, date = invoice.date"),
        ("clear", "clear service"),
        ("read_back", "read_back bloc-montants"),
        ("each", "each invoice.attachments"),
    ],
)
def test_a_step_describes_itself(word, sentence):
    """One line for a developer."""
    assert step(word).describe() == sentence


@pytest.mark.parametrize(
    ("word", "wrong"),
    [
        ("press", {"effct": "send"}),  # a key nobody knows
        ("press", {"line": "4.1"}),  # no such part of the tutorial
        ("press", {"line": "3"}),
        ("press", {"say": "ok"}),  # no caption for a person
        ("press", {"effect": "pay"}),
        ("press", {"when": "always"}),
        ("press", {"goal": "pay"}),
        ("press", {"press": "Valider"}),  # words of the page are in the elements, not here
        ("type", {"type": {}}),
        ("type", {"type": {"numero": "number"}}),  # a value is of an input
        ("upload", {"upload": {"a": "invoice.file", "b": "invoice.file"}}),  # one file at a time
        ("look_up", {"search": None}),
        ("each", {"steps": []}),
        ("read_back", {"read_back": []}),
    ],
)
def test_a_step_takes_nothing_else(word, wrong):
    """A slip in a flow is refused when it is read, not met on the portal."""
    with pytest.raises(ValidationError):
        step(word, **wrong)


def test_a_step_without_a_word_is_told_the_words():
    """All possible words are in the answer."""
    with pytest.raises(ValidationError, match=r"mots possibles : inspect, upload, .*download, each"):
        READER.validate_python({"line": "3.5", "say": "Faites-le.", "effect": "edit", "clik": "valider"})


def test_a_step_is_of_one_word_only():
    """Two words in one step would leave one undone."""
    with pytest.raises(ValidationError):
        step("press", clear="service")


def test_a_single_goal_needs_no_list():
    """`goal: send` and `goal: [send]` are the same."""
    assert step("press", goal="send") == step("press", goal=["send"])
    assert step("press", goal="send").goal == (Goal.SEND,)


def test_only_a_press_can_send():
    """What cannot be undone is a button, nothing else."""
    assert [word for word, kind in WORDS.items() if Effect.SEND in kind.allowed_effects] == ["press"]
    assert [word for word, kind in WORDS.items() if Effect.DRAFT in kind.allowed_effects] == ["press"]


def test_a_step_never_changes():
    """The plan that was shown is the plan that is done."""
    with pytest.raises(ValidationError, match="frozen"):
        step("press").say = "Autre chose."


def test_repeated_steps_are_met_once_in_order():
    """What `each` repeats comes right after it."""
    assert [type(met) for met in flatten([step("each"), step("press")])] == [Each, Press, Press]
