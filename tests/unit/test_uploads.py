"""What the portal accepts as files."""

from __future__ import annotations

from pathlib import Path

import pytest

from robot.uploads import MAX_FILE, MAX_NAME, attachment_refusal, has_safe_name, shown_size, upload_name


@pytest.mark.parametrize(
    ("name", "new"),
    [
        ("facture.pdf", "facture.pdf"),  # safe: kept as it is
        ("FACTURE_2026-10.PDF", "FACTURE_2026-10.PDF"),
        ("Santé Psy Étudiant (3).pdf", "Sante-Psy-Etudiant-3.pdf"),  # what browsers call the second print
        ("nœud d'été.pdf", "noeud-d-ete.pdf"),
        ("e\N{COMBINING ACUTE ACCENT}te.pdf", "ete.pdf"),  # how a Mac writes « é »
        ("a.b.pdf", "a-b.pdf"),  # one dot only
        ("x" * 60 + ".pdf", "x" * 46 + ".pdf"),  # fifty signs, extension included
        ("請求書.pdf", "facture.pdf"),  # nothing left
        ("-.pdf", "-.pdf"),
        ("sans-extension", "sans-extension.pdf"),
    ],
)
def test_a_file_is_uploaded_under_a_safe_name(name, new):
    """At most fifty letters, digits, - and _, with the extension."""
    assert upload_name(Path("dossier") / name) == new
    assert has_safe_name(Path(new))
    assert len(new) <= MAX_NAME


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("bilan.pdf", b"x", ""),
        ("bilan.XLSX", b"x", ""),  # capitals are no matter
        ("bilan été.pdf", b"x", ""),  # accents neither
        ("x" * 46 + ".pdf", b"x", ""),  # fifty characters
        ("x" * 47 + ".pdf", b"x", "nom de plus de 50 caractères"),
        ("bilan.exe", b"x", "type « .exe » refusé"),
        ("bilan", b"x", "nom sans extension, comme .pdf"),
        ("bilan.pdf", b"", "fichier vide"),
        ("bilan.pdf", b"x" * MAX_FILE, ""),  # ten million bytes
        ("bilan.pdf", b"x" * (MAX_FILE + 1), "plus de 10 Mo"),
    ],
)
def test_an_attachment_is_refused_with_a_reason(tmp_path, name, content, reason):
    """Name, kind and size of an attachment are checked before the portal does."""
    (tmp_path / name).write_bytes(content)
    assert attachment_refusal(tmp_path / name) == reason


def test_a_folder_is_no_attachment(tmp_path):
    """Only files can be attached."""
    assert attachment_refusal(tmp_path) == "fichier introuvable"


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, "0 octets"),
        (999, "999 octets"),
        (1_500, "1,5 Ko"),
        (10_000_000, "10 Mo"),
        (10_000_001, "10,1 Mo"),  # never « 10 Mo » when ten is too much
    ],
)
def test_a_size_is_shown_without_hiding_an_excess(size, shown):
    """Sizes round upwards."""
    assert shown_size(size) == shown
