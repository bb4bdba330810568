"""A film in a WebM file (Matroska, RFC 9559): pictures that a browser encoded, put into the container that players open.

Knows nothing of browsers or of what the pictures show.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

# Element IDs of RFC 9559.
_EBML, _SEGMENT, _INFO, _TRACKS, _ENTRY, _VIDEO = 0x1A45DFA3, 0x18538067, 0x1549A966, 0x1654AE6B, 0xAE, 0xE0
_CLUSTER, _TIMESTAMP, _SIMPLE_BLOCK = 0x1F43B675, 0xE7, 0xA3
_CUES, _CUE, _CUE_TIME, _CUE_TRACK, _TRACK, _POSITION = 0x1C53BB6B, 0xBB, 0xB3, 0xB7, 0xF7, 0xF1
_KEY = 0x80
# A block's time is a signed 16-bit number of milliseconds after its cluster's.
_LONGEST_MS = 32_000


@dataclass(frozen=True)
class Chunk:
    """One encoded picture."""

    data: bytes
    # Milliseconds from the film's beginning.
    at: int
    # Whether it can be shown without those before it.
    is_key: bool


def webm(chunks: Sequence[Chunk], *, codec: str, width: int, height: int, milliseconds: int) -> bytes:
    """A whole file; `codec` as Matroska calls it (V_VP8, V_VP9). The first picture must be a key."""
    head = _element(
        _EBML,
        _number(0x4286, 1),
        _number(0x42F7, 1),
        _number(0x42F2, 4),
        _number(0x42F3, 8),
        _element(0x4282, b"webm"),
        _number(0x4287, 4),
        _number(0x4285, 2),
    )
    info = _element(
        _INFO,
        _number(0x2AD7B1, 1_000_000),
        _element(0x4489, _float(milliseconds)),
        _element(0x4D80, b"chorus-robot"),
        _element(0x5741, b"chorus-robot"),
    )
    video = _element(_VIDEO, _number(0xB0, width), _number(0xBA, height))
    track = _element(_ENTRY, _number(0xD7, 1), _number(0x73C5, 1), _number(0x83, 1), _element(0x86, codec.encode()), video)
    tracks = _element(_TRACKS, track)
    clusters = [(group[0].at, _cluster(group)) for group in _groups(chunks)]
    # Where each cluster begins is only known once the table that says so has its length: its numbers have a fixed one.
    empty = _cues([(at, 0) for at, _ in clusters])
    place = len(info) + len(tracks) + len(empty)
    places = []
    for at, cluster in clusters:
        places.append((at, place))
        place += len(cluster)
    return head + _element(_SEGMENT, info, tracks, _cues(places), *(cluster for _, cluster in clusters))


def _groups(chunks: Iterable[Chunk]) -> Iterator[list[Chunk]]:
    """Pictures from one key to the next."""
    group: list[Chunk] = []
    for chunk in chunks:
        if group and (chunk.is_key or chunk.at - group[0].at > _LONGEST_MS):
            yield group
            group = []
        group.append(chunk)
    if group:
        yield group


def _cluster(group: Sequence[Chunk]) -> bytes:
    begin = group[0].at
    blocks = (
        _element(
            _SIMPLE_BLOCK,
            b"\x81" + (chunk.at - begin).to_bytes(2, "big", signed=True) + bytes([_KEY if chunk.is_key else 0]) + chunk.data,
        )
        for chunk in group
    )
    return _element(_CLUSTER, _number(_TIMESTAMP, begin), *blocks)


def _cues(places: Iterable[tuple[int, int]]) -> bytes:
    return _element(
        _CUES,
        *(
            _element(
                _CUE,
                _number(_CUE_TIME, at),
                _element(_CUE_TRACK, _number(_TRACK, 1), _element(_POSITION, place.to_bytes(8, "big"))),
            )
            for at, place in places
        ),
    )


def _element(name: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    # Eight bytes of length for all: the first bit says so.
    return name.to_bytes((name.bit_length() + 7) // 8, "big") + (len(content) | 1 << 56).to_bytes(8, "big") + content


def _number(name: int, value: int) -> bytes:
    return _element(name, value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big"))


def _float(value: float) -> bytes:
    return struct.pack(">d", value)
