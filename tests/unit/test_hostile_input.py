"""Files that somebody spoilt, on purpose or not: each ends in a sentence with its place, soon, and never in a traceback."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from benches import DATA, facts_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from robot.certificate import CertificateInvalid, check
from robot.checks import load_invoice
from robot.config import load_config
from robot.failures import FileInvalid
from robot.pdffile import inspect
from robot.screens import FLOWS_DIR, load_flows

# The same examples on every machine: a test that fails by chance is a defect of the test.
settings.register_profile("same", derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile("same")

CONFIG = (Path(__file__).parents[2] / "config.example.yaml").read_text(encoding="utf-8")
INVOICE = yaml.safe_dump(facts_of("s03", 1), allow_unicode=True)
FLOW = (FLOWS_DIR / "3-depot" / "40-bloc-references.yaml").read_text(encoding="utf-8")

# What means something to YAML, to a path, to a spreadsheet or to a terminal.
TOKENS = st.sampled_from(
    ["\t", ":", "- ", "{", "}", "[", "]", "&a ", "*a", "<<: ", "!!python/object:os.system ", "!!binary ", "|", ">", "'", '"',
     "#", "%", "@", "`", "?", "---", "...", "\0", "\x07", "\x1b[2J", "\ufeff", "\u202e", "\u2028", "\x85", "=cmd|'/c calc'!A1",
     "../../../../etc/passwd", "/dev/zero", "NaN", ".inf", "1e999", "-0", "0x1F", "9" * 400, "2026-02-30", "é" * 300,
     "{account.password}"]
)  # fmt: skip
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | TOKENS
KEYS = st.text(max_size=8) | TOKENS
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)


def config(path: Path) -> object:
    return load_config(path)


def invoice(path: Path) -> object:
    return load_invoice(path, supplier="00010103000013")


def flow(path: Path) -> object:
    """The file as the only screen of a folder of flows."""
    root = path.parent / "flows"
    (root / "3-depot").mkdir(parents=True, exist_ok=True)
    (root / "sources.yaml").write_text((FLOWS_DIR / "sources.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    target = root / "3-depot" / "40-bloc-references.yaml"
    target.write_bytes(path.read_bytes())
    return load_flows(root)


DOORS = {"config": (config, CONFIG), "invoice": (invoice, INVOICE), "flow": (flow, FLOW)}


@pytest.fixture(params=DOORS)
def door(request: pytest.FixtureRequest) -> tuple[Callable[[Path], object], str]:
    return DOORS[request.param]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file.yaml"


def expect_a_sentence(read: Callable[[Path], object], path: Path) -> None:
    """It is read, or refused in French with the file's name, without a word of Python."""
    try:
        read(path)
    except FileInvalid as failure:
        assert failure.problems
        for problem in failure.problems:
            assert path.stem in str(problem) or "bloc-references" in str(problem)
            assert not [word for word in ("Traceback", "NoneType", "object at 0x", "<class") if word in str(problem)]


def mutated(text: str, cuts: list[tuple[int, int, str]]) -> str:
    for at, length, token in cuts:
        place = at % (len(text) + 1)
        text = text[:place] + token + text[place + length :]
    return text


@settings(max_examples=60)
@given(cuts=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 40), TOKENS), min_size=1, max_size=4))
def test_a_spoilt_file_ends_in_a_sentence(door: Any, file: Path, cuts: list[tuple[int, int, str]]):
    read, text = door
    file.write_text(mutated(text, cuts), encoding="utf-8", errors="surrogatepass")
    expect_a_sentence(read, file)


@settings(max_examples=40)
@given(tree=TREES, key=st.integers(0, 100))
def test_any_value_for_any_key_ends_in_a_sentence(door: Any, file: Path, tree: object, key: int):
    read, text = door
    data = yaml.safe_load(text)
    names = list(data)
    data[names[key % len(names)]] = tree
    file.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    expect_a_sentence(read, file)


@settings(max_examples=30)
@given(content=st.binary(max_size=200))
def test_any_bytes_end_in_a_sentence(door: Any, file: Path, content: bytes):
    read, _ = door
    file.write_bytes(content)
    expect_a_sentence(read, file)


def bombs() -> Iterator[Any]:
    lines = ["a: &a [x,x,x,x,x,x,x,x,x]"]
    lines += [f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]" for n in range(9)]
    yield pytest.param("\n".join(lines), id="aliases that explode")
    yield pytest.param("a: &a [*a]", id="an alias of itself")
    yield pytest.param("[" * 100_000, id="deep nesting")
    yield pytest.param("{a: " * 5_000 + "1" + "}" * 5_000, id="deep mappings")
    yield pytest.param("file: " + "x" * 2_000_000, id="a word of two megabytes")
    yield pytest.param("a: 1\n" * 20_000, id="a key twenty thousand times")
    yield pytest.param("\n".join(f"k{n}: v" for n in range(20_000)), id="twenty thousand keys")
    yield pytest.param("date: !!python/object/apply:os.system ['true']", id="a tag that runs a program")


@pytest.mark.parametrize("text", list(bombs()))
def test_a_bomb_ends_in_a_sentence(door: Any, file: Path, text: str):
    read, _ = door
    file.write_text(text, encoding="utf-8")
    with pytest.raises(FileInvalid):
        read(file)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with a name here")
def test_a_pipe_is_not_read_for_ever(door: Any, file: Path):
    read, _ = door
    if read is flow:
        pytest.skip("flows are read from a folder that the program owns")
    os.mkfifo(file)
    with pytest.raises(FileInvalid, match="fichier"):
        read(file)


@pytest.mark.parametrize(
    "path",
    ["../../secret.pdf", "/dev/zero", "/proc/self/mem", "a\0b.pdf", "x" * 5000, "", ".", "~nobody-here/f.pdf", "f\n.pdf"],
)
@pytest.mark.parametrize("key", ["file", "attachments"])
def test_a_path_that_is_no_file_ends_in_a_sentence(file: Path, key: str, path: str):
    facts = facts_of("s03", 1)
    facts |= {"file": path} if key == "file" else {"attachments": [{"file": path, "designation": "x"}]}
    file.write_text(yaml.safe_dump(facts), encoding="utf-8")
    with pytest.raises(FileInvalid):
        invoice(file)


@pytest.mark.parametrize(
    "name",
    ['quote".pdf', "quote'.pdf", "new\nline.pdf", "\u202efdp.exe.pdf", "é" * 60 + ".pdf", "<b>.pdf", "a;b|c.pdf"],
)
def test_a_strange_name_is_read_or_told(tmp_path: Path, file: Path, name: str):
    try:
        (tmp_path / name).write_bytes((DATA / "bilan.pdf").read_bytes())
    except OSError:
        pytest.skip("no such name on this system")
    file.write_text(yaml.safe_dump(facts_of("s03") | {"file": name}, allow_unicode=True), encoding="utf-8")
    expect_a_sentence(invoice, file)


@settings(max_examples=12)
@given(cuts=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 2000), st.binary(max_size=30)), min_size=1, max_size=6))
def test_a_spoilt_pdf_ends_in_findings(tmp_path: Path, cuts: list[tuple[int, int, bytes]]):
    content = (DATA / "bilan.pdf").read_bytes()
    for at, length, put in cuts:
        place = at % len(content)
        content = content[:place] + put + content[place + length :]
    path = tmp_path / "facture.pdf"
    path.write_bytes(content)
    assert all(finding.message for finding in inspect(path))
    with pytest.raises(CertificateInvalid):
        check(content, number="F-1", supplier="0" * 14, recipient="1" * 14, amount=Decimal(1), digest="")
