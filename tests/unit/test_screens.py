"""The flows are read from their files, whole or not at all, and every place in them can be pointed at."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pydantic import ValidationError

from robot.account import Account
from robot.failures import FlowInvalid
from robot.parties import Supplier
from robot.screens import FLOWS_DIR, Anywhere, Element, Screen, load_flows

SEEN = {"Numéro SIRET": "tutoriel-2021-07-01", "SIRET": ["a", "b"]}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The shipped flows, to be spoilt."""
    return Path(shutil.copytree(FLOWS_DIR, tmp_path / "flows"))


@pytest.fixture(scope="module")
def shipped():
    return load_flows()


def problems_of(folder: Path) -> list[str]:
    """Each problem, its path from the flows' folder."""
    with pytest.raises(FlowInvalid) as caught:
        load_flows(folder)
    return [str(problem).removeprefix(f"{folder}/") for problem in caught.value.problems]


def test_an_element_is_called_by_its_newest_words():
    """Messages say what a person reads today; one source needs no list."""
    element = Element.model_validate({"field": SEEN, "in": {"Bloc destinataire": "a"}})
    assert (element.kind, element.name) == ("field", "Numéro SIRET")
    assert element.labels == {"Numéro SIRET": ("tutoriel-2021-07-01",), "SIRET": ("a", "b")}


@pytest.mark.parametrize(
    "wrong",
    [
        {},  # no kind
        {"field": SEEN, "button": SEEN},  # two kinds
        {"field": {}},  # no words
        {"field": {"SIRET": []}},  # seen nowhere
        {"feild": SEEN},
    ],
)
def test_an_element_has_one_kind_and_words(wrong):
    """A thing without words cannot be found as a person finds it."""
    with pytest.raises(ValidationError):
        Element.model_validate(wrong)


@pytest.mark.parametrize(
    ("rule", "failure", "is_right"),
    [
        ("answer", None, True),
        ("stop", "maintenance", True),
        ("hand-over", "captcha", True),
        ("answer", "maintenance", False),  # answered, then a failure?
        ("stop", None, False),  # stops without saying who acts next
        ("stop", "captchas", False),
        ("ignore", None, False),
    ],
)
def test_an_interruption_is_answered_or_is_a_failure(rule, failure, is_right):
    """What may come at any moment either goes on or says why not."""
    raw = {"rule": rule, "failure": failure, "say": "Le portail s'arrête."}
    if is_right:
        assert Anywhere.model_validate(raw).rule == rule
        return
    with pytest.raises(ValidationError):
        Anywhere.model_validate(raw)


def test_a_screen_that_follows_may_be_a_name_alone():
    """Most screens follow without condition."""
    marks = [{"text": {"Bonjour": "unknown"}}]
    screen = Screen.model_validate(
        {"screen": "a", "title": "A", "here": marks, "then": ["b", {"screen": "c", "goal": "send"}]}
    )
    assert [(following.screen, following.goal) for following in screen.then] == [("b", None), ("c", ("send",))]


def test_the_shipped_flows_are_read_whole(shipped):
    """Every file of the folder is a screen, a journey, a profile, or an exercise."""
    read = [*shipped.screens, *shipped.journeys, *shipped.profiles]
    files = [path for path in FLOWS_DIR.glob("*/*.yaml") if path.parent.name != "exercices"]
    assert len(read) == len(files) == len(set(read))
    assert set(shipped.journeys) == {
        "se-connecter", "compte", "activation", "rattachement", "creation", "depot", "recherche", "recyclage"
    }  # fmt: skip


def test_a_journey_reaches_its_end_without_interruptions(shipped):
    """From sign-in to certificate, in the order of the files; windows that may come anywhere are left out."""
    reached = [screen.screen for screen in shipped.of_journey("depot")]
    assert reached[0] == "accueil"
    assert reached[-1] == "recapitulatif"
    assert not {screen.screen for screen in shipped.interruptions()} & set(reached)


def test_every_place_can_be_pointed_at(shipped):
    """Reports lead from a step to its line in the file."""
    source = shipped.source_of("cadre-de-facturation", "steps", 1)
    path, _, line = source.rpartition(":")
    assert path == "flows/3-depot/20-cadre-de-facturation.yaml"
    text = (FLOWS_DIR.parent / path).read_text(encoding="utf-8").splitlines()[int(line) - 1]
    assert 'line: "3.5"' in text


def test_only_the_second_factor_page_and_todays_home_are_new(shipped):
    """The tutorial's portal of 2021 shows all other screens of a deposit too."""
    new = [screen.screen for screen in shipped.of_journey("depot") if screen.generation == ("2024",)]
    assert sorted(new) == ["domaines", "second-facteur"]


def test_secrets_are_typed_on_three_screens(shipped):
    """Only sign-in screens may be given a password or a code."""
    secret = [name for name, screen in shipped.screens.items() if screen.sign_in]
    assert secret == ["connexion", "second-facteur", "mot-de-passe"]


def test_words_may_hold_the_value_of_an_input(shipped):
    """The portal calls its menu by the person's name; where the name is not known, other words remain."""
    zoe = Account.of("zoe@exemple.test", None, first_name="Zoé", last_name="Martin")
    supplier = Supplier(siret="00020260600018")
    named = shipped.named({"account": zoe, "supplier": supplier}).screens["accueil-connecte"]
    assert "Zoé Martin" in named.elements["mon_compte"].button
    nobody = Account.of("zoe@exemple.test", None)
    unnamed = shipped.named({"account": nobody, "supplier": supplier}).screens["accueil-connecte"]
    assert list(unnamed.elements["mon_compte"].button) == ["Mon compte", "Mon profil", "Menu utilisateur", "Menu du compte"]


def test_a_name_is_taken_once(copy):
    """Two screens of one name would hide each other: the second file is pointed at, the first is named."""
    shutil.copy(copy / "3-depot/70-envoi.yaml", copy / "3-depot/75-envoi.yaml")
    (problem,) = problems_of(copy)
    line = (copy / "3-depot/75-envoi.yaml").read_text(encoding="utf-8").splitlines().index("screen: envoi") + 1
    taken = "le nom « envoi » est déjà pris par flows/3-depot/70-envoi.yaml"
    assert problem == f"3-depot/75-envoi.yaml:{line}: {taken}"


def test_all_broken_files_are_told_at_once(copy):
    """Nobody corrects flows one file at a time."""
    (copy / "3-depot/70-envoi.yaml").write_text("screen: [")
    (copy / "sources.yaml").write_text("sourcs: {}")
    places = {problem.split(":")[0] for problem in problems_of(copy)}
    assert places == {"sources.yaml", "3-depot/70-envoi.yaml"}


def test_a_missing_sources_file_is_a_sentence(copy):
    """Words without sources are nobody's."""
    (copy / "sources.yaml").unlink()
    assert problems_of(copy) == ["sources.yaml: fichier introuvable ; remède : vérifiez le chemin"]
