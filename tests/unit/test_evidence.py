"""The dossier proves what was sent, and whoever changes a byte of it is found out."""

from __future__ import annotations

import hashlib
import json
import shutil
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from dossiers import (
    DIGEST,
    JPEG,
    REPLICA,
    RUN,
    at,
    finish,
    keep_certificate,
    make_certificate,
    make_dossier,
    make_invoice,
    play,
)

from robot import events, manifest
from robot.evidence import Dossier, DossierUnusable
from robot.verification import verify


def read(folder: Path, name: str = manifest.MANIFEST) -> dict[str, object]:
    facts: dict[str, object] = json.loads((folder / name).read_text(encoding="utf-8"))
    return facts


def codes(folder: Path) -> set[str]:
    return {problem.code for problem in verify(folder)}


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """Folder of a dossier where all is well."""
    return make_dossier(tmp_path).folder


def test_a_dossier_holds_all_that_proves_the_deposit(sound: Path) -> None:
    """One folder per run, named after the invoice, with what was sent and what came back."""
    assert sound.name == f"2026-10-07_20261031_{RUN}"
    names = {path.relative_to(sound).as_posix() for path in sound.rglob("*") if path.is_file()}
    pictures = {name for name in names if name.startswith("images/")}
    assert names - pictures == {
        "facture.pdf",
        "pieces-jointes/01-bilan-d-octobre.pdf",
        "certificat_2026-10-07_20261031.pdf",
        "confirmation.txt",
        "recapitulatif.txt",
        "lecture.json",
        "journal.json",
        "manifest.json",
    }
    assert len(pictures) == 11
    assert (sound / "images" / "001.jpg").read_bytes() == JPEG


def test_the_manifest_says_who_sent_what_to_whom(sound: Path) -> None:
    """Facts of the invoice, of the portal, of the outcome: enough to judge years later."""
    facts = read(sound)
    invoice, sending = facts["invoice"], facts["sending"]
    assert isinstance(invoice, dict) and isinstance(sending, dict)
    assert (facts["outcome"], facts["run"], facts["goal"]) == ("deposited", RUN, "send")
    assert invoice["amounts"] == {"ht": "5600.00", "tva": "0.00", "ttc": "5600.00", "due": "5600.00"}
    assert invoice["name"] == "Santé Psy Étudiant (3).pdf"
    assert (sending["digest"], sending["confirming_at"]) == (DIGEST, "2026-10-31T17:04:09.700000Z")


def test_the_manifest_follows_its_public_schema(sound: Path) -> None:
    """Others can read it with the schema alone."""
    schema = json.loads(manifest.SCHEMA_FILE.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(read(sound), schema)


def test_the_shipped_schema_is_up_to_date() -> None:
    """`manifest.schema.json` is what `manifest_schema()` makes; write it again when the manifest changes."""
    assert json.loads(manifest.SCHEMA_FILE.read_text(encoding="utf-8")) == json.loads(
        manifest.manifest_schema()
    )


def test_the_log_tells_times_and_ways(sound: Path) -> None:
    """Each step with its line, its time, what it found and how; a skipped step says why."""
    log = manifest.Log.model_validate(read(sound, manifest.LOG))
    numero = next(step for step in log.steps if step.line == "3.11")
    assert (numero.way, numero.label, numero.value, numero.seconds) == ("id", "Numéro", "2026-10-07", 0.4)
    assert [step.skipped for step in log.steps if step.skipped] == ["le portail ne montre pas ce champ"]


def test_a_ticket_of_the_session_is_not_kept(sound: Path) -> None:
    """Addresses lose their query in every file."""
    for path in sound.rglob("*"):
        assert not path.is_file() or b"ticket=" not in path.read_bytes(), path


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX rights")
def test_only_the_owner_reads_a_dossier(sound: Path) -> None:
    """A bill of a psychologist is nobody else's business."""
    for path in (sound, *sound.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_a_sound_dossier_verifies(sound: Path) -> None:
    """Nothing is found, also after it was moved, looked at with a file manager, and its report made again."""
    moved = sound.parent / "ailleurs"
    shutil.move(sound, moved)
    (moved / ".DS_Store").touch()
    (moved / "rapport.html").write_text("fait plus tard", encoding="utf-8")
    assert verify(moved) == []


def change_byte(folder: Path) -> None:
    data = bytearray((folder / "facture.pdf").read_bytes())
    data[100] ^= 1
    (folder / "facture.pdf").write_bytes(data)


def change_manifest(folder: Path, **changes: object) -> None:
    (folder / "manifest.json").write_text(json.dumps(read(folder) | changes), encoding="utf-8")


def link_out(folder: Path) -> None:
    target = folder.parent / "ailleurs.pdf"
    shutil.move(folder / "facture.pdf", target)
    (folder / "facture.pdf").symlink_to(target)


def other_amount(folder: Path) -> None:
    invoice = read(folder)["invoice"]
    assert isinstance(invoice, dict)
    change_manifest(folder, invoice=invoice | {"amounts": invoice["amounts"] | {"ttc": "560.00"}})


def lead_out(folder: Path) -> None:
    listed = {"path": "../ailleurs.pdf", "kind": "other", "sha256": "0" * 64, "size": 1}
    change_manifest(folder, files=[listed])


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (change_byte, "FICHIER_CHANGE"),
        (lambda folder: (folder / "facture.pdf").write_bytes(b"%PDF"), "FICHIER_CHANGE"),
        (lambda folder: (folder / "recapitulatif.txt").unlink(), "FICHIER_ABSENT"),
        (lambda folder: (folder / "images" / "autre.jpg").touch(), "FICHIER_EN_TROP"),
        (link_out, "LIEN"),
        (other_amount, "CERTIFICAT_INVALIDE"),
        (lambda folder: change_manifest(folder, certificate=None), "CERTIFICAT_ABSENT"),
        (lambda folder: change_manifest(folder, run="autre"), "AUTRE_EXECUTION"),
        (lambda folder: change_manifest(folder, version=2), "MANIFESTE_ILLISIBLE"),
        (lambda folder: change_manifest(folder, surprise=1), "MANIFESTE_ILLISIBLE"),
        (lead_out, "MANIFESTE_ILLISIBLE"),
        (lambda folder: (folder / "manifest.json").write_bytes(b"{"), "MANIFESTE_ILLISIBLE"),
        (lambda folder: (folder / "manifest.json").unlink(), "MANIFESTE_ABSENT"),
    ],
)
def test_what_was_changed_is_found(sound: Path, spoil: Callable[[Path], object], code: str) -> None:
    """A byte, a missing file, a foreign file, another amount: each has its name."""
    spoil(sound)
    assert code in codes(sound)


def test_the_journal_vouches_for_the_manifest(tmp_path: Path) -> None:
    """Whoever rewrites files and manifest together is betrayed by the hash noted in the journal."""
    dossier = make_dossier(tmp_path)
    noted = {path.name: sha256 for path, sha256, _ in dossier.evidence()}[manifest.MANIFEST]
    assert verify(dossier.folder, manifest_sha256=noted) == []
    change_manifest(dossier.folder, message="Autre chose.")
    (problem,) = verify(dossier.folder, manifest_sha256=noted)
    assert problem.code == "MANIFESTE_CHANGE"


def test_a_killed_run_leaves_a_readable_dossier(tmp_path: Path) -> None:
    """No event after the confirmation: the manifest says that it was under way, and that the run was cut."""
    dossier = Dossier(tmp_path / "depots", RUN, portal=REPLICA, invoice=make_invoice(tmp_path))
    play(dossier, until="confirming")
    facts = read(dossier.folder)
    assert isinstance(facts["sending"], dict) and facts["sending"]["confirmed_at"] is None
    assert (facts["outcome"], facts["ended"], facts["certificate"]) == ("unknown", None, None)
    assert codes(dossier.folder) == {"INTERROMPU"}


def test_a_deposit_without_its_certificate_is_told(tmp_path: Path) -> None:
    """The refused file is kept for whoever looks into it, never as the certificate."""
    dossier = Dossier(tmp_path / "depots", RUN, portal=REPLICA, invoice=make_invoice(tmp_path))
    play(dossier, until="confirmed")
    dossier.keep("certificat-refuse.pdf", make_certificate(number="autre"), "rejected-certificate")
    finish(dossier, "unknown", 76, "…")
    facts = read(dossier.folder)
    assert isinstance(facts["sending"], dict) and facts["sending"]["digest"] == DIGEST
    assert facts["certificate"] is None
    assert verify(dossier.folder) == []


def test_a_certificate_from_elsewhere_is_taken_in(tmp_path: Path) -> None:
    """Wherever it was saved, the dossier has its own copy."""
    dossier = Dossier(tmp_path / "depots", RUN, portal=REPLICA, invoice=make_invoice(tmp_path))
    play(dossier)
    path = tmp_path / "certificat_2026-10-07_20261031.pdf"
    path.write_bytes(make_certificate())
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    dossier(events.CertificateSaved(at=at(11), path=path, sha256=sha256, digest=DIGEST))
    finish(dossier)
    assert verify(dossier.folder) == []


def test_a_run_without_an_invoice_has_a_dossier_too(tmp_path: Path) -> None:
    """Journeys about the account are shown in the same way."""
    dossier = Dossier(tmp_path, RUN, portal=REPLICA)
    play(dossier, until="3.2", goal="draft")
    finish(dossier, "needs-person", 77, "Le portail demande un code.")
    assert dossier.folder.name == RUN
    assert read(dossier.folder)["invoice"] is None
    assert verify(dossier.folder) == []


def test_a_dossier_that_cannot_be_written_stops_the_run_before_it_sends(tmp_path: Path) -> None:
    """No proof, no deposit; the sentence says where and what to do."""
    (tmp_path / "depots").write_text("un fichier", encoding="utf-8")
    with pytest.raises(DossierUnusable, match="--out"):
        Dossier(tmp_path / "depots", RUN, portal=REPLICA, invoice=make_invoice(tmp_path))


def test_a_dossier_that_breaks_after_sending_stops_nothing(tmp_path: Path) -> None:
    """The outcome must still be known; what is missing is told."""
    dossier = Dossier(tmp_path / "depots", RUN, portal=REPLICA, invoice=make_invoice(tmp_path))
    play(dossier, until="confirming")
    shutil.rmtree(dossier.folder)
    dossier.folder.write_text("un fichier", encoding="utf-8")
    dossier(events.DepositConfirmed(at=at(10), digest=DIGEST, summary="validée"))
    finish(dossier)
    assert any(missed.startswith("recapitulatif.txt") for missed in dossier.missed)


def test_what_the_recogniser_had_read_is_kept(sound: Path) -> None:
    """The read-back has, for each field, what was read, what the invoice says, what was kept."""
    rows = manifest.ReadBack.model_validate(read(sound, manifest.READ_BACK)).rows
    ttc = next(row for row in rows if row.element == "ttc")
    assert (ttc.recognised, ttc.invoice, ttc.kept) == ("560,00", "5600,00", "5 600,00")


def test_the_certificate_kept_is_the_one_that_was_checked(tmp_path: Path) -> None:
    """Same bytes in the dossier as were compared with the invoice."""
    dossier = Dossier(tmp_path / "depots", RUN, portal=REPLICA, invoice=make_invoice(tmp_path))
    play(dossier)
    pdf = make_certificate()
    assert keep_certificate(dossier, dossier, pdf).read_bytes() == pdf
