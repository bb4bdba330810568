"""The guide as a person makes it: one command, and a tutorial that shows the portal of today."""

from __future__ import annotations

import re

from benches import run_robot


def test_a_deposit_is_told_line_by_line_with_its_pictures(tmp_path, monkeypatch):
    """Whole, in two files that stand alone; nothing is left in the user's own files."""
    home = tmp_path / "home"
    monkeypatch.setenv("CHORUS_ROBOT_HOME", str(home))
    ended = run_robot("guide", "--journey", "depot", "--out", tmp_path / "guide", "--json", cwd=tmp_path)
    assert (ended.code, ended.only["stops"], ended.only["left_out"]) == (0, {}, {}), ended.stderr
    page = (tmp_path / "guide" / "guide.html").read_text(encoding="utf-8")
    assert set(re.findall(r"ligne&nbsp;(3\.\d+)", page)) == {f"3.{number}" for number in range(1, 21)}
    alts = re.findall(r'<img [^>]*alt="([^"]*)"', page)
    # Only what is read once more, and what is done on one's desk, goes without a picture.
    assert len(alts) == ended.only["steps"] - 3
    assert all("encadré, numéro" in alt for alt in alts)
    assert (tmp_path / "guide" / "guide.pdf").read_bytes().startswith(b"%PDF-")
    assert not list(home.rglob("journal*"))
