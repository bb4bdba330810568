"""The known truth: on the tutorial's own portal every line holds; on today's, exactly what changed since comes out."""

from __future__ import annotations

from pathlib import Path

import pytest

from robot.config import load_config
from robot.journal import Journal
from robot.review import reviewed_flows
from robot.sample import EXAMPLE_CONFIG
from robot.session import destination_of
from robot.tutorial.portalcheck import Checked, check_portal
from robot.tutorial.verdicts import Cause, Holding

# What is known of the portal of 2024-26, line by line; all other lines hold. Where its words are not known (3.6, 3.8),
# those of the replica are other ones than the tutorial's too.
TODAY = {
    "1.1": Holding.GONE,  # no SIRET at sign-up
    "1.2": Holding.DRIFTED,  # « Créer mon compte »
    "1.5": Holding.DRIFTED,
    "1.6": Holding.GONE,  # rights come with the structure
    "1.9": Holding.GONE,  # no secret question
    "1.10": Holding.DRIFTED,  # « Soumettre »
    "2.1": Holding.DRIFTED,  # under the person's name
    "2.2": Holding.DRIFTED,  # « Mes rattachements »
    "2.6": Holding.MOVED,  # « Organisation » › « Structures » › « Créer une structure »
    "2.7": Holding.DRIFTED,  # « Identifiant »
    "2.10": Holding.DRIFTED,  # « Soumettre »
    "3.2": Holding.MOVED,  # « Facturation » › « Accéder au domaine »
    "3.3": Holding.DRIFTED,  # « Déposer facture »
    "3.4": Holding.DRIFTED,  # « Choix du fichier à importer »
    "3.5": Holding.DRIFTED,  # « A1 : Dépôt par un fournisseur d'une facture »
    "3.6": Holding.DRIFTED,
    "3.8": Holding.DRIFTED,
    "3.9": Holding.NEW,  # « Le destinataire est-il l'État ? »
    "3.13": Holding.DRIFTED,  # « Numéro du bon de commande »
    "3.18": Holding.DRIFTED,  # « Enregistrer », « Valider et envoyer »
    "3.19": Holding.DRIFTED,  # « Confirmer et envoyer »
    "3.20": Holding.DRIFTED,  # « Exporter le certificat de dépôt »
}


def checked(generation: str, folder: Path) -> Checked:
    flows, config = reviewed_flows(), load_config(EXAMPLE_CONFIG)
    place = config.portals["replica"].model_copy(update={"generation": generation})
    config = config.model_copy(update={"portals": {"replica": place}})
    destination = destination_of(config, "replica", flows, EXAMPLE_CONFIG)
    with Journal(folder / "journal.sqlite3") as journal:
        return check_portal(config, flows, destination, journal=journal, folder=folder)


def test_every_line_holds_on_the_tutorial_s_portal(tmp_path):
    """All three journeys, to the certificate; nothing new there, nothing to mend."""
    check = checked("2021", tmp_path).check
    assert {verdict.line: verdict.holding for verdict in check.verdicts if verdict.holding is not Holding.HOLDS} == {}
    assert (len(check.verdicts), check.news, check.mends, check.stops) == (40, (), (), {})


@pytest.fixture(scope="module")
def today(tmp_path_factory: pytest.TempPathFactory) -> Checked:
    return checked("2024", tmp_path_factory.mktemp("today"))


def test_exactly_what_changed_comes_out_on_today_s_portal(today):
    """Each with its class, none else; the robot itself passes."""
    changed = {verdict.line: verdict.holding for verdict in today.check.verdicts if verdict.holding is not Holding.HOLDS}
    assert changed == TODAY
    assert (today.check.mends, today.check.stops) == ((), {})


def test_the_cause_is_the_tutorial(today):
    """The robot knows today's words: only the sentence is to be written anew."""
    assert {verdict.cause for verdict in today.check.changed} == {Cause.TUTORIAL}


def test_what_the_tutorial_does_not_know_is_named(today):
    """Signing in, and a second factor each time."""
    assert [finding.what for finding in today.check.news] == ["la connexion", "le second facteur à chaque connexion"]


def test_each_change_has_its_picture(today):
    """With the control framed, and the page's accessible tree beside it."""
    (verdict,) = [verdict for verdict in today.check.verdicts if verdict.line == "3.13"]
    evidence = verdict.findings[0].evidence
    assert evidence
    assert (today.folder / evidence.picture).stat().st_size > 1_000
    assert "Numéro du bon de commande" in (today.folder / evidence.tree).read_text(encoding="utf-8")
