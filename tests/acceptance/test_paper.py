"""From the PDF on the desk to a deposit: what the paper says is deposited, what it leaves open is asked or refused."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from benches import DATA, Bench, run_robot

from robot.addressbook import AddressBook

UNIVERSITY = "13000545700010"


def bill(portal: Bench, name: str, supplier: str) -> Path:
    """A bill on the desk of its psychologist, under the name that the browser gives."""
    path = portal.folder / "Santé Psy Étudiant (3).pdf"
    shutil.copy(next((DATA / "sante-psy").glob(f"{name}-*.pdf")), path)
    config = portal.config()
    told = yaml.safe_load(config.read_text()) | {"supplier": {"siret": supplier}}
    config.write_text(yaml.safe_dump(told, allow_unicode=True))
    return path


def test_a_bill_with_everything_on_it_is_deposited(bench):
    portal = bench(2024)
    ended = portal.deposit([bill(portal, "s05", "00010105500010")], "--send")
    assert ended.only["outcome"] == "deposited", ended.only
    (stored,) = portal.stored("FA2026-0031")
    assert (stored["recipient_siret"], stored["engagement"]) == ("19170032700015", "BC26-00871")
    assert stored["amounts"] == {"ht": "950.00", "tva": "0.00", "ttc": "950.00", "due": "950.00"}


def test_without_a_terminal_what_is_open_is_listed_and_nothing_is_sent(bench):
    portal = bench(2024)
    ended = portal.deposit([bill(portal, "s01", "00010101400017")], "--send")
    assert (ended.only["outcome"], ended.code) == ("refused", 2)
    assert "Quelle est l'université de votre convention" in ended.only["message"]
    assert portal.stored("2026-08-01") == []


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal that a program can hold is a POSIX thing")
def test_on_a_terminal_the_missing_university_is_asked_once_and_remembered(bench):
    portal = bench(2024)
    path = bill(portal, "s03", "00010103000013")
    said, code = at_a_terminal(portal, path, {"Tapez le numéro": UNIVERSITY})
    assert code == 0, said
    assert portal.stored("SPE/2026/05")[0]["recipient_siret"] == UNIVERSITY
    entry = AddressBook.open(portal.folder / "home" / "carnet.yaml").find_siret(UNIVERSITY)
    assert entry and (entry.engagement, entry.number) == ("EJ-2026-004417", "SPE/2026/05")
    assert entry.is_named("Strasbourg (UNISTRA)")
    checked = run_robot("check", path, "--config", portal.folder / "config.yaml", "--json", cwd=portal.folder)
    assert not [line for line in checked.lines if line["level"] == "demande"]


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal that a program can hold is a POSIX thing")
def test_a_person_who_says_no_sends_nothing(bench):
    portal = bench(2024)
    said, code = at_a_terminal(portal, bill(portal, "s04", "00010104800015"), {"Tapez le numéro": ""})
    assert code == 2, said
    assert portal.stored("26-0093") == []


def at_a_terminal(portal: Bench, path: Path, answers: dict[str, str]) -> tuple[str, int]:
    """Runs a deposit in front of somebody who types an answer when these words are shown; what was shown, exit code."""
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "robot.cli", "deposit", str(path), "--send", "--out", str(portal.folder / "depots")]
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=portal.folder, env={**os.environ, **portal.secrets}
    ) as running:
        os.close(theirs)
        said, open_answers = "", dict(answers)
        while select.select([ours], [], [], 120)[0]:
            try:
                said += os.read(ours, 4096).decode(errors="replace")
            except OSError:  # the terminal's other end is closed
                break
            for words in [words for words in open_answers if words in said]:
                os.write(ours, f"{open_answers.pop(words)}\n".encode())
        code = running.wait(30)
    os.close(ours)
    return said, code


def test_a_list_is_checked_whole_and_a_broken_line_stops_only_itself(bench):
    """Run again after its correction, it goes on with what is missing."""
    portal = bench(2024)
    for name in ("s03", "s05"):
        shutil.copy(bill(portal, name, "00010105500010"), portal.folder / f"{name}.pdf")
    table = portal.folder / "novembre.csv"
    lines = "Fichier;SIRET destinataire;SIRET fournisseur\ns05.pdf;;\ns03.pdf;13000545700011;00010103000013\nabsent.pdf;;\n"
    table.write_text(lines, encoding="utf-8")
    ended = portal.deposit([table], "--send")
    assert sorted(ended.outcomes) == ["deposited", "refused", "refused"], ended.lines
    assert "13000545700011" in next(line["message"] for line in ended.lines if ":3" in line["invoice"])
    table.write_text(lines.replace("13000545700011", UNIVERSITY), encoding="utf-8")
    again = portal.deposit([table], "--send")
    assert sorted(again.outcomes) == ["already-deposited", "deposited", "refused"], again.lines
    kept = (portal.folder / "depots" / "resultats-novembre.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(kept) == 4, kept
    assert len(portal.stored("SPE/2026/05")) == len(portal.stored("FA2026-0031")) == 1


def test_what_the_portal_required_is_in_the_address_book(bench):
    """With the day and the portal where that was seen; what the form does not show stays unknown."""
    portal = bench(2024)
    ended = portal.deposit([portal.facture("s01")], "--draft")
    assert ended.only["outcome"] == "draft", ended.only
    entry = AddressBook.open(portal.folder / "home" / "carnet.yaml").find_siret("13001533200013")
    assert entry
    seen = entry.requirement("service")
    assert seen and seen.answer and seen.portal == "essai" and seen.date
