"""The redactor: what was made a secret is written nowhere; everything else stays as it is."""

from __future__ import annotations

import ast
import base64
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from searching import forms, hits

import robot
from robot.events import Announcer, Event, Kept, Noticed, ReadBackDone, RunStarted
from robot.redaction import MASK, redacted, redacted_values, secret, secret_address, speaking

SECRET = "Zé-Sécret/+ 2026&\"!"


@pytest.fixture(autouse=True)
def in_a_command() -> Iterator[None]:
    with speaking():
        yield


# Base 64 has its own test; no text is made of the others.
_OTHERWISE = ("base64", "UTF-16", "Latin-1", "backwards")


@pytest.mark.parametrize("name", [name for name in forms(SECRET) if not name.startswith(_OTHERWISE)])
def test_a_secret_is_hidden_in_every_form(name: str):
    secret(SECRET)
    written = forms(SECRET)[name].decode()
    assert hits([SECRET], written.encode())
    assert hits([SECRET], redacted(f"avant {written} après").encode()) == []


@pytest.mark.parametrize("before", ["", "a", "ab"])
def test_base64_is_hidden_wherever_it_begins(before: str):
    secret(SECRET)
    packed = base64.b64encode(f"{before}{SECRET} et la suite".encode()).decode()
    assert hits([SECRET], packed.encode())
    assert hits([SECRET], redacted(packed).encode()) == []


@pytest.mark.parametrize(("text", "is_hidden"), [
    ("Code 482913 refusé.", True), ("« 482913 »", True), ("0.482913", False), ("14829130", False), ("1:482913.5", True),
])  # fmt: skip
def test_a_code_is_hidden_where_it_stands_alone(text: str, is_hidden: bool):
    """Six digits are easily part of something else."""
    secret("482913")
    assert (MASK in redacted(text)) is is_hidden


def test_ordinary_words_stay():
    """A short answer to a secret question is a word like others: hidden by name in the flows, not by its letters."""
    secret("Paris")
    assert redacted("Université de Paris") == "Université de Paris"


@pytest.mark.parametrize(("text", "left"), [
    ("Page.goto: échec at https://cpp.test/cpp/a?ticket=ST-12 fini", "Page.goto: échec at https://cpp.test/cpp/a?… fini"),
    ("« http://h:80/a;jsessionid=12 »", "« http://h:80/a?… »"),
    ("https://moi:motdepasse@h.test/a", f"https://{MASK}@h.test/a"),
    ("postgresql+psycopg://moi:mdp@base/cr?sslmode=require", f"postgresql+psycopg://{MASK}@base/cr?sslmode=require"),
    ("https://h.test/a ; puis ? oui", "https://h.test/a ; puis ? oui"),
])  # fmt: skip
def test_an_address_ends_with_its_path(text: str, left: str):
    """Tickets and tokens are in what follows."""
    assert redacted(text) == left


def test_a_link_that_opens_something_is_hidden_piece_by_piece():
    secret_address("https://idp.test/utilisateur/activation/Z3u-jeton_de1ong?x=1")
    assert redacted("jeton Z3u-jeton_de1ong, utilisateur, activation") == f"jeton {MASK}, utilisateur, activation"


def test_in_values_keys_and_numbers_stay():
    secret("482913")
    assert redacted_values({"482913": [482913, "482913", None]}) == {"482913": [482913, MASK, None]}


def test_listeners_are_told_no_secret():
    """Words are redacted; what names a run stays, since the journal finds it again by that."""
    secret("motdepasse-long")
    told: list[Event] = []
    announce = Announcer(told.append)
    announce(Noticed(screen="s", message="Le portail dit : motdepasse-long"))
    announce(ReadBackDone(rows=(Kept("s", "e", "l", "motdepasse-long", "i", "k"),)))
    announce(RunStarted(run="r", journey="j", goal="send", portal="p", invoice="motdepasse-long", steps=1))
    assert isinstance(told[0], Noticed) and told[0].message == f"Le portail dit : {MASK}"
    assert isinstance(told[1], ReadBackDone) and told[1].rows[0].recognised == MASK
    assert isinstance(told[2], RunStarted) and told[2].invoice == "motdepasse-long"


def test_nothing_is_printed_with_a_secret(capsys: pytest.CaptureFixture[str]):
    with speaking():
        secret("motdepasse-long")
        print("a", "motdepasse-long", file=sys.stderr)
        sys.stdout.writelines(["motdepasse-long"])
    said = capsys.readouterr()
    assert (said.out, said.err) == (MASK, f"a {MASK}\n")


def calls(path: Path) -> set[str]:
    """What a module calls, by the last name: `SecretStr(…)`, `path.write_text(…)`."""
    nodes = [node.func for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    return {node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "") for node in nodes}


MODULES = {
    path.relative_to(robot.__path__[0]).as_posix(): calls(path)
    for path in Path(robot.__path__[0]).rglob("*.py")
    if "replica" not in path.relative_to(robot.__path__[0]).parts
}


def test_secrets_are_made_in_one_place():
    """All others would be unknown to the redactor. A mail's links are no secrets until one of them is followed."""
    assert {name for name, called in MODULES.items() if "SecretStr" in called} == {"redaction.py", "letters.py"}


def test_files_are_written_in_one_place():
    """`wholefile` is given what passed the redactor, or a document as it is; the sample is fictitious; `confined`: a pipe."""
    writers = {"write_text", "write_bytes", "fdopen", "NamedTemporaryFile", "copyfile", "copy", "save_as"}
    assert {name for name, called in MODULES.items() if called & writers} <= {"sample/__init__.py", "account.py", "confined.py"}
