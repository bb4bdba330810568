"""The report tells a person how it ended, and shows each step; it never fetches anything."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import re
from collections.abc import Callable
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest
from dossiers import DIGEST, RUN, SUPPLIER, at, finish, make_dossier, make_invoice, play

from robot import events, locators, manifest
from robot.commands import report as command
from robot.evidence import Dossier
from robot.failures import CommandInvalid, FileInvalid
from robot.journal import Journal
from robot.manifest import Portal
from robot.recorder import Recorder
from robot.report import WAYS, amount, day, moment, render, seconds, siret, size, typeset, write_report

REAL = Portal(
    name="chorus", title="Chorus Pro", url="https://chorus-pro.gouv.fr/", generation="2024", training=False
)


class Page(HTMLParser):
    """What a browser would make of the page: its text, and all it would ask for."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.asked: list[str] = []
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.tags: list[str] = []
        self.feed(html)
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name == "src":
                self.asked.append(value or "")
            if name == "id":
                self.ids.add(value or "")
            if name == "href":
                self.links.append(value or "")

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    return make_dossier(tmp_path).folder


def run_until(folder: Path, until: str, outcome: str, exit_code: int) -> Page:
    dossier = Dossier(folder / "depots", RUN, portal=REAL, invoice=make_invoice(folder))
    play(dossier, until=until)
    finish(dossier, outcome, exit_code, "Le message.")
    return Page(render(dossier.folder))


def test_a_person_sees_what_was_deposited_for_whom_and_how_much(sound: Path) -> None:
    """Verdict, number, amount, recipient, certificate: all in the page, as a French reader writes them."""
    text = Page(render(sound, zone=dt.timezone(dt.timedelta(hours=1)))).text
    for words in (
        "Facture déposée",
        "2026-10-07",
        "31 octobre 2026",
        "5 600,00 €",
        "194 409 843 00019",
        DIGEST,
        "validée, elle est en cours",
        "31 octobre 2026 à 18:04:02 (UTC+1)",
    ):
        assert " ".join(words.split()) in text


def test_the_page_stands_alone(sound: Path) -> None:
    """Pictures are inside, nothing is fetched, no script runs, every link leads into the dossier."""
    html = render(sound)
    page = Page(html)
    assert page.asked and all(source.startswith("data:image/jpeg;base64,") for source in page.asked)
    assert not {"script", "link", "iframe", "object"} & set(page.tags)
    assert not re.search(r"url\(|@import|https?://(?!127\.0\.0\.1)", html)
    for link in page.links:
        assert link[1:] in page.ids if link.startswith("#") else (sound / link).is_file(), link


def test_a_training_deposit_says_so(sound: Path, tmp_path: Path) -> None:
    """Nobody mistakes an exercise for a deposit."""
    assert "Aucune facture n'est partie vers l'administration" in Page(render(sound)).text
    (tmp_path / "real").mkdir()
    assert "Entraînement" not in run_until(tmp_path / "real", "3.9", "screen-changed", 70).text


@pytest.mark.parametrize(
    ("until", "outcome", "exit_code", "headline", "told"),
    [
        ("3.9", "screen-changed", 70, "Arrêt : le portail", "Rien n'a été envoyé."),
        ("3.9", "refused", 1, "Facture refusée", "Rien n'a été envoyé."),
        ("new", "refused", 2, "Facture à corriger", "Rien n'a été envoyé."),
        ("3.9", "filled", 0, "Essai à blanc réussi", "Rien n'a été enregistré ni envoyé."),
        ("3.9", "draft", 0, "facture non envoyée", "avec --send"),
        ("new", "needs-person", 77, "Une personne doit continuer", "Le message."),
        ("new", "portal-unavailable", 75, "Portail indisponible", "plus tard"),
        ("new", "already-deposited", 1, "Facture déjà déposée", "Rien n'a été renvoyé."),
        ("confirming", "unknown", 76, "Issue inconnue", "Ne la déposez pas à la main."),
        ("confirming", "screen-changed", 70, "Issue inconnue", "Ne la déposez pas à la main."),
        ("confirmed", "unknown", 76, "certificat à récupérer", "sans rien renvoyer"),
        ("confirmed", "screen-changed", 70, "certificat à récupérer", "sans rien renvoyer"),
    ],
)
def test_the_verdict_is_true(
    tmp_path: Path, until: str, outcome: str, exit_code: int, headline: str, told: str
) -> None:
    """What the portal said weighs more than how the run ended; a doubt is never called « rien envoyé »."""
    text = run_until(tmp_path, until, outcome, exit_code).text
    assert headline in text
    assert told in text
    if until in ("confirming", "confirmed"):
        assert "Rien n'a été envoyé" not in text


def test_the_step_where_it_stopped_is_shown(tmp_path: Path) -> None:
    """The reader sees at which sentence of the tutorial the robot stopped."""
    text = run_until(tmp_path, "3.9", "screen-changed", 70).text
    assert "Donnez le SIRET de l'université, puis cherchez-la. Le robot s'est arrêté ici." in text


def test_what_the_portal_misread_is_marked(sound: Path) -> None:
    """Changed fields are marked as corrected or completed; the others are not."""
    text = Page(render(sound)).text
    assert f"SIRET du destinataire {SUPPLIER} 19440984300019 19440984300019 corrigé" in text
    assert "Date de facture rien 31/10/2026 31/10/2026 complété" in text
    assert "Numéro de facture 2026-10-07 2026-10-07 2026-10-07 Date" in text


def test_a_fallback_is_told(sound: Path) -> None:
    """A step that succeeded by a way of last resort says so, and where to mend."""
    text = Page(render(sound)).text
    assert "Un élément a été trouvé par un chemin de secours" in text
    assert "flows/3-depot/80-formulaire.yaml:28" in text


def test_every_way_of_finding_has_its_words() -> None:
    """The report knows the same ways, and the same fallbacks, as the locators."""
    assert set(WAYS) - {""} == set(locators.WAYS)
    assert {way for way, (_, is_expected) in WAYS.items() if not is_expected} == locators.FALLBACKS


def test_text_of_the_portal_is_only_text(tmp_path: Path) -> None:
    """A hostile label cannot become a part of the page."""
    dossier = Dossier(tmp_path / "depots", RUN, portal=REAL, invoice=make_invoice(tmp_path))
    play(dossier, until="3.9")
    evil = "</title></style><script>alert(1)</script><img src=http://example.org/x>"
    dossier(events.Noticed(at=at(9), screen="x", message=evil))
    finish(dossier, "refused", 1, evil)
    page = Page(render(dossier.folder))
    assert "script" not in page.tags
    assert not any("example.org" in source for source in page.asked)


def test_the_page_can_be_made_again_and_is_no_proof(sound: Path) -> None:
    """Made from the files alone: the same page each time, and a missing picture is no failure."""
    first = write_report(sound).read_text(encoding="utf-8")
    assert render(sound) == first
    (sound / "images" / "001.jpg").unlink()
    assert len(Page(render(sound)).asked) == len(Page(first).asked) - 1


def test_a_folder_that_is_no_dossier_is_told(tmp_path: Path) -> None:
    """Place and cure, no traceback."""
    with pytest.raises(FileInvalid, match=r"manifest\.json"):
        render(tmp_path)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (amount(Decimal("1234567.8")), "1 234 567,80 €"),
        (amount(Decimal("12"), "USD"), "12,00 USD"),
        (siret("19440984300019"), "194 409 843 00019"),
        (day(dt.date(2026, 8, 1)), "1er août 2026"),
        (seconds(0.44), "0,4 s"),
        (seconds(125), "2 min 05 s"),
        (size(999), "999 octets"),
        (size(1_500_000), "1,5 Mo"),
        (moment(dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.timezone(dt.timedelta(hours=-3.5)))),
         "2 janvier 2026 à 03:04:05 (UTC-3:30)"),
        (typeset("« Oui » : non !"), "« Oui » : non !"),
    ],
)  # fmt: skip
def test_a_french_reader_feels_at_home(shown: str, expected: str) -> None:
    """Amounts, dates and durations are written the French way."""
    assert " ".join(shown.split()) == expected


# --- chorus-robot report --------------------------------------------------------------------------------


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Runs the command as typed; the user's journal is a fresh one."""
    monkeypatch.setenv("CHORUS_ROBOT_HOME", str(tmp_path / "home"))

    def run(*words: str) -> int:
        parser = argparse.ArgumentParser()
        command.add_arguments(parser)
        return command.run(parser.parse_args(words))

    return run


def test_report_makes_the_page(
    report: Callable[..., int], sound: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder is enough; the page's place is printed."""
    assert report(str(sound)) == 0
    assert str(sound / "rapport.html") in capsys.readouterr().out
    assert (sound / "rapport.html").is_file()


def test_report_verifies(report: Callable[..., int], sound: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """0 for a sound dossier and 1 for a changed one, without writing anything into it."""
    assert report("--verify", str(sound)) == 0
    assert "dossier conforme" in capsys.readouterr().out
    (sound / "facture.pdf").write_bytes(b"%PDF autre")
    assert report("--verify", str(sound)) == 1
    assert "dossier NON conforme" in capsys.readouterr().out
    assert not (sound / "rapport.html").exists()


def test_report_speaks_json(
    report: Callable[..., int], sound: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One object a line, for all dossiers of a folder, and nothing else."""
    (sound / "facture.pdf").unlink()
    assert report("--verify", "--json", str(sound.parent)) == 1
    (line,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (line["run"], line["outcome"], line["invoice"], line["valid"]) == (
        RUN,
        "deposited",
        "2026-10-07",
        False,
    )
    assert line["problems"][0]["code"] == "FICHIER_ABSENT"


def test_report_finds_a_run_by_its_name(
    report: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The journal knows where the dossier of a run is, and what its manifest was."""
    dossier = make_dossier(tmp_path)
    with Journal() as journal:
        tell = Recorder(journal, RUN, folder=dossier.folder)
        play(tell)
        finish(tell)
        journal.keep_evidence(RUN, dossier.evidence())
    assert report() == 0
    assert report("20261031", "--verify") == 0
    path = dossier.folder / manifest.MANIFEST
    path.write_text(path.read_text(encoding="utf-8").replace("déposée", "envoyée"), encoding="utf-8")
    capsys.readouterr()
    assert report(RUN, "--verify") == 1
    assert "journal du robot" in capsys.readouterr().out


@pytest.mark.parametrize("words", [("inconnu",), (".",), ()])
def test_report_says_when_there_is_no_such_dossier(
    report: Callable[..., int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    """A wrong name or folder is exit 2, with a sentence."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CommandInvalid) as caught:
        report(*words)
    assert caught.value.exit_code == 2
