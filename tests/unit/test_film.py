"""The film of a run: when each picture comes, and the file that players open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from robot.training.film import Shot, scenes
from robot.training.webm import Chunk, webm

_MASTERS = {0x18538067, 0x1549A966, 0x1654AE6B, 0xAE, 0xE0, 0x1F43B675, 0x1C53BB6B, 0xBB, 0xB7, 0x1A45DFA3}


def read(content: bytes, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int, bytes]]:
    """Elements of a Matroska file: where each begins, its name, what it holds (a master's are given besides)."""
    at, end = start, len(content) if end is None else end
    while at < end:
        begin, length = at, 9 - content[at].bit_length()
        name = int.from_bytes(content[at : at + length], "big")
        at += length
        wide = 9 - content[at].bit_length()
        size = int.from_bytes(content[at : at + wide], "big") & ((1 << 7 * wide) - 1)
        at += wide
        yield begin, name, content[at : at + size]
        if name in _MASTERS:
            yield from read(content, at, at + size)
        at += size
    assert at == end


def number(content: bytes) -> int:
    return int.from_bytes(content, "big")


CHUNKS = [Chunk(b"first", 0, True), Chunk(b"then", 400, False), Chunk(b"later", 5_000, True), Chunk(b"end", 36_900, False)]


def test_a_file_holds_every_picture_at_its_time():
    """A cluster begins at each key, and wherever a block's time would not fit."""
    elements = list(read(webm(CHUNKS, codec="V_VP9", width=1280, height=1032, milliseconds=40_000)))
    begin, found = 0, []
    for _, name, content in elements:
        if name == 0xE7:
            begin = number(content)
        if name == 0xA3:
            found.append((begin + int.from_bytes(content[1:3], "big", signed=True), content[4:], content[3] == 0x80))
    assert found == [(0, b"first", True), (400, b"then", False), (5_000, b"later", True), (36_900, b"end", False)]


def test_what_a_player_seeks_by_is_true():
    """Each cue leads to the cluster of its time."""
    content = webm(CHUNKS, codec="V_VP9", width=1280, height=1032, milliseconds=40_000)
    elements = list(read(content))
    (segment,) = [begin + 12 for begin, name, _ in elements if name == 0x18538067]
    clusters = {begin - segment for begin, name, _ in elements if name == 0x1F43B675}
    assert {number(held) for _, name, held in elements if name == 0xF1} == clusters


def shot(at: float, stays: float = 0) -> Shot:
    return Shot(at, Path("x"), stays=stays)


def test_a_sentence_stays_long_enough_to_be_read():
    """However fast the run was."""
    told = [(scene.at, scene.lasts) for scene in scenes([shot(10), shot(10.1, stays=5), shot(10.2)], is_told=False)]
    assert told[:2] == [(0, 100), (100, 5_000)]


def test_time_in_which_nothing_moves_is_left_out():
    """Where the robot waits; what a trainer explains in the room is kept."""
    waited = [shot(10), shot(14)]
    assert next(scenes(waited, is_told=False)).lasts == 400
    assert next(scenes(waited, is_told=True)).lasts == 4_000
