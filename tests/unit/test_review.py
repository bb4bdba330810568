"""Each way to break a flow is told with its file, line and cure; the shipped flows are right."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from robot.failures import FlowInvalid
from robot.review import RULES, lines_of, review, reviewed_flows
from robot.screens import FLOWS_DIR, Flows, load_flows
from robot.steps import flatten

CADRE = "3-depot/20-cadre-de-facturation.yaml"
RECIPIENT = "3-depot/30-bloc-destinataire.yaml"
REFERENCES = "3-depot/40-bloc-references.yaml"
FILES = "3-depot/61-pieces-jointes.yaml"
FOOT = "3-depot/70-envoi.yaml"
CONFIRMATION = "3-depot/80-confirmation.yaml"
SUMMARY = "3-depot/90-recapitulatif.yaml"
JOURNEY = "3-depot/journey.yaml"
SIGN_IN = "0-connexion/02-connexion.yaml"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The shipped flows, to be spoilt."""
    return Path(shutil.copytree(FLOWS_DIR, tmp_path / "flows"))


def spoil(folder: Path, file: str, old: str, new: str) -> int:
    """Replaces words of a file; the line marked › in the new words is where the problem is (0: told elsewhere)."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is no longer in {file}"
    before, _, rest = text.partition(old)
    path.write_text(before + new.replace("›", "") + rest, encoding="utf-8")
    return (before + new.partition("›")[0]).count("\n") + 1 if "›" in new else 0


def problems_of(folder: Path) -> list[str]:
    """Each problem of these flows, its path from their folder."""
    try:
        problems = review(load_flows(folder))
    except FlowInvalid as failure:
        problems = failure.problems
    return [str(problem).removeprefix(f"{folder}/") for problem in problems]


@pytest.fixture(scope="module")
def shipped() -> Flows:
    return load_flows()


# --- the shipped flows --------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_shipped_flows_break_no_rule(shipped, rule):
    """Every rule looks at every flow."""
    assert [str(problem) for problem in rule(shipped)] == []


def test_the_tutorial_is_covered_from_first_line_to_last(shipped):
    """Lines 3.1 to 3.20 each have at least one step, in the order of the tutorial where they first come."""
    journey = shipped.journeys["depot"]
    steps = [*journey.before, *(step for screen in shipped.of_journey("depot") for step in screen.all_steps())]
    met = dict.fromkeys(step.line for step in flatten(steps) if step.line != "new")
    assert list(met) == [f"3.{number}" for number in range(1, 21)] == lines_of(journey)


def test_right_flows_are_given_back(copy):
    """Commands that need flows get them reviewed."""
    assert set(reviewed_flows(copy).screens) == set(reviewed_flows().screens)


# --- each way to break them ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        # A key nobody knows
        (FOOT, "leave: annuler", "›leav: annuler", "clé inconnue « leav » ; remède : vouliez-vous dire « leave » ?"),
        # … in a step
        (FOOT, "goal: draft", "›gaol: draft", "clé inconnue « gaol » ; remède : vouliez-vous dire « goal » ?"),
        # … in an element
        (CADRE, "sole: true", "›soel: true", "clé inconnue « soel » ; remède : vouliez-vous dire « sole » ?"),
        # A key twice
        (
            FOOT,
            "leave: annuler",
            "leave: annuler\n›leave: envoyer",
            "clé en double « leave » ; remède : gardez-en une seule",
        ),
        # A step that does nothing known
        (
            FOOT,
            "press: enregistrer",
            "clik: enregistrer",
            "aucun mot connu dans cette étape ; mots possibles : inspect,",
        ),
        # An effect nobody knows
        (
            FOOT,
            "effect: draft",
            "›effect: darft",
            "vaut « darft » ; attendu : 'read', 'edit', 'draft' ou 'send'",
        ),
        # No YAML at all
        (FOOT, "leave: annuler", "leave: [annuler", "YAML incorrect"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(copy, file, old, new, told):
    """What is no flow is refused where it stands."""
    line = spoil(copy, file, old, new)
    (problem,) = problems_of(copy)
    assert problem.startswith(f"{file}:{line or ''}")
    assert told in problem


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        # An element of a step
        (
            FOOT,
            "press: enregistrer",
            "›press: enregister",
            "élément inconnu(e) « enregister » ; attendu : enregistrer, envoyer, annuler ; "
            "remède : vouliez-vous dire « enregistrer » ?",
        ),
        # … inside a repetition
        (FILES, "press: ajouter", "›press: ajuoter", "élément inconnu(e) « ajuoter »"),
        # … of a mark
        (CADRE, "- elements: [fichier, cadre]", "›- elements: [fichier, carde]", "élément inconnu(e) « carde »"),
        # … by which the screen is left
        (FOOT, "leave: annuler", "›leave: anuler", "élément inconnu(e) « anuler »"),
        # … beside another one
        (SIGN_IN, "near: mot_de_passe", "near: mot_de_pase", "élément inconnu(e) « mot_de_pase »"),
        # A button cannot be typed into
        (FOOT, "press: annuler", "›clear: annuler", "« clear » ne va pas avec button ; attendu : field ou select"),
        # An element that no step needs
        (
            FOOT,
            "elements:\n",
            'elements:\n›  aide: {button: {"Aide": unknown}}\n',
            "élément « aide » jamais utilisé ; remède : supprimez-le",
        ),
        # A screen that follows
        (
            RECIPIENT,
            "then: [bloc-references]",
            "›then: [bloc-reference]",
            "écran inconnu(e) « bloc-reference »",
        ),
        # … where the journey starts
        (JOURNEY, "start: [connexion", "›start: [conexion", "écran inconnu(e) « conexion »"),
        # … where it ends
        (JOURNEY, "send: recapitulatif", "›send: recapitulatifs", "écran inconnu(e) « recapitulatifs »"),
        # … that is read back
        (
            FOOT,
            "read_back: [bloc-destinataire,",
            "read_back: [bloc-destinatair,",
            "écran inconnu(e) « bloc-destinatair »",
        ),
        # A source of words
        (
            CADRE,
            '"Choix du fichier à importer": captures-2021-02',
            '›"Choix du fichier à importer": captures-2012-02',
            "source inconnu(e) « captures-2012-02 »",
        ),
        # … of the words of an answer
        (
            CADRE,
            '{"A1 : Dépôt par un fournisseur d\'une facture": captures-2021-02}',
            '›{"A1 : Dépôt par un fournisseur d\'une facture": capture}',
            "source inconnu(e) « capture »",
        ),
    ],
)
def test_a_reference_that_leads_nowhere_is_told(copy, file, old, new, told):
    """A name nobody declared is named, with the nearest one."""
    line = spoil(copy, file, old, new)
    assert any(p.startswith(f"{file}:{line or ''}") and told in p for p in problems_of(copy)), problems_of(copy)


def test_a_screen_that_nothing_leads_to_is_told(copy):
    """A file forgotten in the folder is not silently unused."""
    shutil.copy(copy / FOOT, copy / "3-depot/99-essai.yaml")
    line = spoil(copy, "3-depot/99-essai.yaml", "screen: envoi", "›screen: essai")
    expected = f"3-depot/99-essai.yaml:{line}: aucun parcours ne mène à « essai » ; remède : ajoutez-le à un « then »"
    assert expected in problems_of(copy)


def test_newest_words_come_first(copy):
    """Words of 2021 before words of 2023 would be shown to people as today's."""
    line = spoil(
        copy, FOOT, '{"Enregistrer": bonnes-pratiques-2021}',
        '\n›      {"Enregistrer": bonnes-pratiques-2021, "Sauver": guide-depot-2023}',
    )  # fmt: skip
    (problem,) = problems_of(copy)
    assert problem == (
        f"{FOOT}:{line}: « Sauver » est plus récent que celui d'avant ; attendu : le plus récent d'abord"
    )


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        # A slip in the name of a value
        (
            REFERENCES,
            "type: {engagement: invoice.engagement}",
            "›type: {engagement: invoice.engagment}",
            "valeur inconnue « invoice.engagment » ; attendu : une entrée déclarée ; "
            "remède : vouliez-vous dire « invoice.engagement » ?",
        ),
        # … of a condition
        (
            "3-depot/50-bloc-montants.yaml",
            "given: invoice.comment",
            "given: invoice.coment",
            "valeur inconnue « invoice.coment »",
        ),
        # … of a list
        (FILES, "each: invoice.attachments", "›each: invoice.attachements", "valeur inconnue « invoice.attachements »"),
        # … of an item
        (FILES, "{type: attachment.type}", "{type: attachment.tipe}", "valeur inconnue « attachment.tipe »"),
        # An item outside its repetition
        (
            FOOT,
            "press: annuler",
            "›type: {annuler: attachment.designation}",
            "valeur inconnue « attachment.designation »",
        ),
        # What is prepared on the desk
        (JOURNEY, "inspect: invoice.file", "›inspect: invoice.fil", "valeur inconnue « invoice.fil »"),
        # An answer that the invoice can need and nobody described
        (
            CADRE,
            '      A9_FACTURE_SOUSTRAITANT: {"A9 : Dépôt d\'une facture par un soustraitant": captures-2021-02}\n',
            "",
            "la valeur « A9_FACTURE_SOUSTRAITANT » n'a pas de réponse ; remède : ajoutez-la aux options",
        ),
        (RECIPIENT, '      "true": {"OUI": tutoriel-2021-07-15}\n', "", "la valeur « true » n'a pas de réponse"),
    ],
)
def test_an_input_that_does_not_exist_is_told(copy, file, old, new, told):
    """Flows are checked against the typed inputs, before there is an invoice."""
    line = spoil(copy, file, old, new)
    assert any(p.startswith(f"{file}:{line or ''}") and told in p for p in problems_of(copy)), problems_of(copy)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (REFERENCES, "type: {numero: invoice.number}", "›type: {numero: account.password}"),  # not a sign-in screen
        (REFERENCES, "type: {marche: invoice.market}", "›type: {marche: account.code}"),
        (RECIPIENT, "look_up: {siret: invoice.recipient.siret}", "›look_up: {siret: account.password}"),
        (SUMMARY, "      facture: invoice.number", "      facture: account.password"),  # not compared, even typed once
        (SIGN_IN, "sign_in: true\n", ""),  # the mark was forgotten
        # Shown on the page once more: words that reports would tell
        (
            FILES,
            "press: ajouter\n        shows: [attachment.designation, attachment.file]",
            "›press: ajouter\n        shows: [account.password]",
        ),
        # An answer to pick
        (CADRE, "choose: {cadre: invoice.cadre}", "›choose: {cadre: account.password}"),
    ],
)
def test_a_secret_stays_on_sign_in_screens(copy, file, old, new):
    """A password or a code is typed where a person signs in, and used nowhere else."""
    line = spoil(copy, file, old, new)
    told = [p for p in problems_of(copy) if p.startswith(f"{file}:{line or ''}") and "est un secret" in p]
    assert any("attendu : le mot « type », sur un écran marqué sign_in: true" in p for p in told), problems_of(copy)


# --- what cannot be undone ----------------------------------------------------------------------------------


def test_a_second_send_is_told(copy):
    """One gesture sends: « Valider et envoyer » only asks for the confirmation."""
    spoil(copy, FOOT, "effect: edit\n    goal: send", "effect: send\n    goal: send")
    assert any(
        "un second envoi dans le parcours ; attendu : un seul, dans « envoi »" in p and p.startswith(CONFIRMATION)
        for p in problems_of(copy)
    )


def test_a_journey_without_send_is_told(copy):
    """A deposit that never sends would be called done."""
    spoil(copy, CONFIRMATION, "effect: send", "effect: edit")
    expected = "aucun envoi dans le parcours ; attendu : exactement une étape « effect: send »"
    line = (copy / JOURNEY).read_text(encoding="utf-8").splitlines().index("journey: depot") + 1
    assert problems_of(copy) == [f"{JOURNEY}:{line}: {expected}"]


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        # A draft that every goal would leave
        (
            FOOT,
            "effect: draft\n    goal: draft",
            "›effect: draft",
            "un brouillon sans « goal: draft » ; remède : ajoutez",
        ),
        # A send that a trial would make
        (CONFIRMATION, "effect: send\n    goal: send", "›effect: send", "un envoi se fait toujours, et seulement pour"),
        (CONFIRMATION, "goal: send", "goal: [send, draft]", "attendu : goal: send, sans when"),
        # A send that might be passed over
        (CONFIRMATION, "goal: send", "goal: send\n    when: shown", "attendu : goal: send, sans when"),
        # A file given is no reading
        (
            SUMMARY,
            "effect: read\n    download",
            "›effect: edit\n    download",
            "« download » ne peut pas avoir l'effet edit ; attendu : read",
        ),
    ],
)
def test_effects_are_what_the_steps_do(copy, file, old, new, told):
    """What leaves something behind says so, and happens only for that goal."""
    line = spoil(copy, file, old, new)
    assert any(p.startswith(f"{file}:{line or ''}") and told in p for p in problems_of(copy)), problems_of(copy)


def test_a_send_is_compared_first(copy):
    """Without a comparison just before, a wrong confirmation would be confirmed."""
    text = (copy / CONFIRMATION).read_text(encoding="utf-8")
    start, end = text.index('  - line: "3.19"'), text.rindex('  - line: "3.19"')
    (copy / CONFIRMATION).write_text(text[:start] + text[end:], encoding="utf-8")
    told = "un envoi sans comparaison ; remède : ajoutez une étape « compare » avant"
    assert any(told in p for p in problems_of(copy))


@pytest.mark.parametrize("condition", ["when: shown", "goal: draft"])
def test_a_comparison_that_may_be_passed_over_guards_no_send(copy, condition):
    """The comparison before the send is done each time, or it is none."""
    spoil(copy, CONFIRMATION, "    compare:", f"    {condition}\n    compare:")
    assert any("un envoi sans comparaison" in problem for problem in problems_of(copy)), problems_of(copy)


def test_a_send_is_read_back_first(copy):
    """What the portal kept is read before anything is sent."""
    spoil(copy, CADRE, "read_back: [cadre-de-facturation]", "press: continuer")
    spoil(
        copy, FOOT, "read_back: [bloc-destinataire, bloc-references, bloc-montants, bloc-commentaire]", "press: annuler"
    )
    told = "un envoi sans relecture de « bloc-montants » ; remède : nommez cet écran"
    assert any(told in p for p in problems_of(copy)), problems_of(copy)


# --- the tutorial -------------------------------------------------------------------------------------------


def test_a_missing_line_of_the_tutorial_is_told(copy):
    """A line that no step does any more is missed at the desk, not on the portal."""
    spoil(copy, REFERENCES, 'line: "3.14"', "line: new")
    line = (copy / JOURNEY).read_text(encoding="utf-8").splitlines().index('lines: ["3.1", "3.20"]') + 1
    assert problems_of(copy) == [f"{JOURNEY}:{line}: la ligne 3.14 du tutoriel n'a pas d'étape ; remède : ajoutez-la"]


def test_a_line_of_another_chapter_is_told(copy):
    """A step that claims a line beyond the journey's is a slip."""
    spoil(copy, FOOT, "- line: new", '- line: "3.21"')
    (problem,) = problems_of(copy)
    assert problem.endswith("une étape porte la ligne 3.21 ; attendu : de 3.1 à 3.20")


def test_all_problems_come_in_file_order(copy):
    """Read from top to bottom, file after file."""
    spoil(copy, FOOT, "press: enregistrer", "press: enregister")
    spoil(copy, FOOT, "leave: annuler", "leave: anuler")
    spoil(copy, CADRE, "press: continuer", "press: continue")
    places = [tuple(problem.split(":")[:2]) for problem in problems_of(copy)]
    assert places == sorted(places, key=lambda place: (place[0], int(place[1])))
    assert {CADRE, FOOT} <= {file for file, _ in places}
