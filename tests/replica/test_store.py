"""What the replica keeps in a file, and what it forgets without one."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

import pytest
from visitor import Visitor, right_values

from robot.replica.server import Replica
from robot.replica.store import StateFileInvalid

SUPPLIERS = [("00010101400017", "Lefèvre Éléonore")]


def on_chosen_ports(file: Path) -> Replica:
    """A replica on three ports in a row, whichever are free: a restart must find them again."""
    for port in range(20_000 + os.getpid() % 1000 * 3, 32_000, 3):
        with suppress(OSError):
            return Replica(file=file, suppliers=SUPPLIERS, port=port)
    raise AssertionError("no free ports")


def test_each_replica_without_a_file_is_a_new_world():
    """Nothing of one is in the other."""
    with Replica() as first, Replica() as second:
        assert first.world != second.world


def test_a_restart_with_the_same_file_keeps_everything(tmp_path):
    """Invoices, drafts, the session, the very step that a person is at, and the files handed in."""
    file = tmp_path / "replique" / "etat.json"
    with on_chosen_ports(file) as first:
        visitor = Visitor(first)
        visitor.sign_in()
        visitor.deposit("R-1")
        visitor.open_form()
        visitor.press("enregistrer", **right_values(number="R-2"))
        before, world = first.invoices(), first.world
        port = int(first.hosts[0].partition(":")[2])
    with Replica(file=file, suppliers=SUPPLIERS, port=port) as second:
        assert (second.world, second.invoices()) == (world, before)
        page = visitor.open(visitor.page.url)
        assert "enregistrée à l'état Brouillon" in page.text
        visitor.press("validerEtEnvoyer")
        assert "La facture n°R-2 est validée" in visitor.press("confirmer").text
        assert visitor.open("/cpp/facture/1/fichier").content.startswith(b"%PDF-")


def test_the_file_is_always_whole(tmp_path):
    """Written beside and put in place: no half of it is ever read."""
    file = tmp_path / "etat.json"
    with Replica(file=file) as portal:
        Visitor(portal).open("/aife_csm/connexion")
        assert json.loads(file.read_text("utf-8"))["id"] == portal.world
    assert [path.name for path in tmp_path.iterdir()] == ["etat.json"]


@pytest.mark.parametrize("content", ["", "{}", '{"id": "x", "autre": 1}', "[1"])
def test_a_file_of_something_else_is_refused(tmp_path, content):
    """In French, with the cure; it is not overwritten."""
    file = tmp_path / "etat.json"
    file.write_text(content, "utf-8")
    with pytest.raises(StateFileInvalid, match="remède"):
        Replica(file=file)
    assert file.read_text("utf-8") == content
