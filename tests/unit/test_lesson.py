"""What a trainee does is judged: every right way and order, and one sentence for what is wrong."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from robot.config import load_config
from robot.fields import Option
from robot.locators import Sight
from robot.review import reviewed_flows
from robot.sample import EXAMPLE_CONFIG
from robot.screens import Flows
from robot.steps import Goal
from robot.training.exercises import Exercise, load_exercises
from robot.training.lesson import Lesson
from robot.training.observed import Kind, Press, View
from robot.training.papers import Desk, lay
from robot.training.results import Verdict, costly, keep, kept, result_of

FORM = ("bloc-destinataire", "bloc-references", "bloc-montants", "envoi")
WINDOW = ("cadre-de-facturation",)
NOON = dt.datetime(2026, 10, 31, 12, 0, 0)


@pytest.fixture(scope="module")
def flows() -> Flows:
    return reviewed_flows()


@pytest.fixture(scope="module")
def exercises(flows: Flows) -> dict[str, Exercise]:
    return {one.exercise: one for one in load_exercises(flows)}


@pytest.fixture(scope="module")
def desk(exercises, tmp_path_factory) -> Desk:
    supplier = load_config(EXAMPLE_CONFIG).supplier
    return lay(exercises["sans-engagement"], tmp_path_factory.mktemp("bureau"), supplier=supplier, moment=NOON)


@pytest.fixture
def lesson(flows, exercises, desk) -> Lesson:
    config = load_config(EXAMPLE_CONFIG)
    values = {"invoice": desk.invoice, "supplier": config.supplier}
    return Lesson(flows, "depot", Goal.SEND, values, generation="2024")


def text(value: str) -> Sight:
    return Sight("found", nature="text", value=value)


def chosen(*answers: str, is_chosen: str) -> Sight:
    options = tuple(Option(value=a, text=a, chosen=a == is_chosen) for a in answers)
    return Sight("found", nature="select", value=is_chosen, options=options)


BUTTON = Sight("found", nature="button")


def form(**shown: str) -> dict[str, Sight]:
    """The form as it should be, but for what is said."""
    right = {
        "siret": "19860856400375", "code_service": "", "numero": "EX-261031-120000", "date": "31/10/2026",
        "engagement": "", "marche": "", "ht": "600,00", "tva": "0,00", "ttc": "600,00", "due": "600,00",
    }  # fmt: skip
    screens = dict.fromkeys(("siret", "code_service"), "bloc-destinataire")
    screens |= dict.fromkeys(("numero", "date", "engagement", "marche"), "bloc-references")
    screens |= dict.fromkeys(("ht", "tva", "ttc", "due"), "bloc-montants")
    found = {f"{screens[name]}.{name}": text(value) for name, value in {**right, **shown}.items()}
    vat = chosen("", "Exonération", is_chosen="Exonération")
    return {**found, "bloc-references.type_tva": vat, "envoi.envoyer": BUTTON, "envoi.enregistrer": BUTTON}


def see(lesson: Lesson, standing: tuple[str, ...], sights: dict[str, Sight], *presses: str, **more: object):
    """Two looks: a value is judged once it has come to rest."""
    at = View(standing=standing, sights=sights, document="1")
    heard = tuple(Press(words, at) for words in presses)
    first = lesson.look(View(standing=standing, sights=sights, document="1", presses=heard, **more), 1.0)
    return [*first, *lesson.look(View(standing=standing, sights=sights, document="1", **more), 1.0)]


def test_any_order_is_right(lesson):
    """The amounts before the recipient: what is left to do is said, and nothing is wrong."""
    assert see(lesson, FORM, form(siret="", ht="")) == []
    assert see(lesson, FORM, form(siret="")) == []
    assert lesson.current and "SIRET" in lesson.current.say
    assert see(lesson, FORM, form()) == []
    assert lesson.current.pressed == "envoyer"


def test_a_wrong_value_costs_what_the_flow_says(lesson):
    see(lesson, FORM, form(numero=""))
    [slip] = see(lesson, FORM, form(numero="EX-260930"))
    assert slip.kind is Kind.VALUE and "« EX-260930 »" in slip.what
    assert slip.why == lesson.flows.screens["bloc-references"].steps[0].trap
    assert see(lesson, FORM, form(numero="EX-260930")) == [], "said once"


def test_what_the_portal_misread_is_no_mistake_until_it_is_left(lesson):
    """The recogniser takes the psychologist's own SIRET for the recipient's."""
    assert see(lesson, FORM, form(siret="00020260600018")) == []
    [slip] = see(lesson, FORM, form(siret="00020260600018"), "Valider et envoyer")
    assert slip.kind is Kind.LEFT and "université de votre convention" in slip.why


def test_nobody_is_corrected_while_typing(lesson):
    see(lesson, FORM, form(numero=""))
    assert see(lesson, FORM, form(numero="EX-2"), typing="EX-2") == []


def test_saving_is_not_sending(lesson):
    """« Enregistrer » is told by its own trap, as soon as it is pressed."""
    see(lesson, FORM, form())
    [slip] = see(lesson, FORM, form(), "Enregistrer")
    assert slip.kind is Kind.BUTTON and "n'envoie rien" in slip.why


def test_a_button_that_leads_elsewhere_is_told(lesson):
    tabs = {"factures-emises.deposer": BUTTON}
    see(lesson, ("factures-emises",), tabs)
    lesson.look(View(("factures-emises",), tabs, document="1", presses=(Press("Saisir facture"),)))
    [slip] = lesson.look(View(("factures-emises",), tabs, document="2"))
    assert slip.what == "« Saisir facture » n'est pas le bon bouton"


def test_what_is_heard_late_counts_for_its_own_time(lesson):
    """A link of the page before, heard once the next page is looked at, is no mistake on the next."""
    before, after = View(standing=("applications",), document="1"), View(standing=("factures-emises",), document="2")
    lesson.look(before)
    assert lesson.look(after) == []
    assert lesson.look(replace(after, presses=(Press("Actualités", before),))) == []


def test_the_wrong_file_is_told(lesson, desk):
    def window(name: str) -> dict[str, Sight]:
        cadre = chosen("", "A1 : Dépôt par un fournisseur d'une facture", is_chosen="")
        return {"cadre-de-facturation.fichier": Sight("found", nature="file", value=name),
                "cadre-de-facturation.cadre": cadre}  # fmt: skip

    see(lesson, WINDOW, window(""))
    [slip] = see(lesson, WINDOW, window("facture-factur-x.pdf"))
    assert "facture-factur-x.pdf" in slip.what
    assert see(lesson, WINDOW, window("facture.pdf")) == []
    assert lesson.current and "cadre A1" in lesson.current.say


def test_a_complaint_of_the_portal_is_told(lesson):
    see(lesson, FORM, form())
    [slip] = see(lesson, FORM, form(), complaints=("Le numéro a déjà été utilisé.",))
    assert (slip.kind, slip.why) == (Kind.REFUSED, "Le numéro a déjà été utilisé.")


def test_what_is_wrong_at_the_last_gate_is_to_be_corrected_first(lesson):
    see(lesson, FORM, form(date="01/10/2026"))
    see(lesson, FORM, form(date="01/10/2026"), "Valider et envoyer")
    see(lesson, ("confirmation",), {"confirmation.confirmer": BUTTON})
    assert [task.elements for task in lesson.held_back()] == [("date",)]
    see(lesson, FORM, form())
    see(lesson, ("confirmation",), {"confirmation.confirmer": BUTTON})
    assert lesson.held_back() == []


def test_a_page_drawn_anew_is_judged_anew(lesson):
    """Reloaded in the middle: what is lost is asked again, and is no mistake."""
    see(lesson, FORM, form())
    lesson.look(View())
    assert see(lesson, FORM, form(numero="")) == []
    assert lesson.current and lesson.current.elements == ("numero",)


def finished(lesson: Lesson) -> None:
    see(lesson, FORM, form(), "Valider et envoyer")
    see(lesson, ("confirmation",), {"confirmation.confirmer": BUTTON}, "Confirmer et envoyer")
    see(lesson, ("recapitulatif",), {"recapitulatif.exporter": BUTTON})
    lesson.look(View(("recapitulatif",), {"recapitulatif.exporter": BUTTON}, document="1", files=1))


def test_the_certificate_ends_it(lesson):
    finished(lesson)
    assert lesson.is_over


def test_the_results_say_what_to_look_at_again(lesson, exercises, tmp_path):
    """Mistakes are counted by sentence, over all that is kept; what the portal had right already is not counted."""
    see(lesson, FORM, form(numero=""))
    see(lesson, FORM, form(numero="12"))
    finished(lesson)
    exercise, day = exercises["sans-engagement"], NOON.astimezone(dt.UTC)
    result = result_of(exercise, lesson, is_exam=True, at=day, seconds=90, generation="2024")
    assert [step.line for step in result.again] == ["3.11"]
    assert result.again[0].verdict is Verdict.MENDED and result.is_finished
    assert 0 < result.grade < 20
    page = keep(result, tmp_path)
    other = result.model_copy(update={"at": day + dt.timedelta(hours=1), "exercise": "tva"})
    keep(other, tmp_path)
    assert [(one.line, one.faults, one.met) for one in costly(kept(tmp_path))] == [("3.11", 2, 2)]
    assert "Faux, puis corrigé" in page.read_text() and "/ 20" in page.read_text()


def test_every_exercise_has_its_papers(flows, exercises, tmp_path):
    """The key of each is an invoice that the portal's rules allow."""
    supplier = load_config(EXAMPLE_CONFIG).supplier
    for exercise in exercises.values():
        desk = lay(exercise, tmp_path / exercise.exercise, supplier=supplier, moment=NOON)
        assert {"facture.pdf", "lettre-de-l-universite.pdf"} <= set(desk.files)
        assert len(desk.invoice.attachments) == len(exercise.invoice.attachments)
        assert all(isinstance(one.file, Path) and one.file.is_file() for one in desk.invoice.attachments)
