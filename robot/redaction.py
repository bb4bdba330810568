"""The one redactor: every secret is made here, and all that a run says or writes in words passes here on its way out.

Its doors are `events.Announcer` (journal, dossier, report), `trace`, `buglog`, and `speaking` (stdout, stderr). Knows
nothing of where secrets come from, nor of who listens. Pictures are covered where they are taken.
"""

from __future__ import annotations

import base64
import html
import json
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import TextIO, cast
from urllib.parse import quote, quote_plus, urlsplit

from pydantic import SecretStr

MASK = "••••••"

# Shorter ones are ordinary words: to hide « Paris » everywhere would spoil what a dossier has to prove.
_SHORTEST = 8
_CODE = re.compile(r"[0-9]{4,8}")
# Tickets, tokens and session names travel there; so does a name with its password.
_QUERY = re.compile(r"(https?://[^\s\"'<>\\?#;]*)[?#;][^\s\"'<>\\»]+")
_NAMED = re.compile(r"://[^/\s\"'<>\\@]+@")

# Every form of every secret that was made in this process; a dict, to keep their order.
_forms: dict[str, None] = {}
_codes: set[str] = set()


def secret(value: str) -> SecretStr:
    """A secret, which from now on is written nowhere."""
    if _CODE.fullmatch(value):
        _codes.add(value)
    elif len(value) >= _SHORTEST:
        _forms.update(dict.fromkeys(_forms_of(value)))
    return SecretStr(value)


def secret_address(address: str) -> SecretStr:
    """The same for a link that opens something: its path and the values of its query are secrets by themselves."""
    parts = urlsplit(address)
    for piece in re.split(r"[/?&=;#]", f"{parts.path}?{parts.query}#{parts.fragment}"):
        # A token; the portal's own names of pages are words.
        if len(piece) >= 2 * _SHORTEST and re.search(r"[0-9]", piece):
            secret(piece)
    return SecretStr(address)


def _forms_of(value: str) -> Iterator[str]:
    """A secret as programs write it: plain, in addresses, JSON, HTML, hexadecimal, base64."""
    raw = value.encode()
    escaped = json.dumps(value)[1:-1]
    for form in (quote(value, safe=""), quote(value), quote_plus(value)):
        yield from (form, re.sub("%..", lambda match: match.group().lower(), form))
    yield from (value, escaped, json.dumps(value, ensure_ascii=False)[1:-1], json.dumps(escaped)[1:-1])
    yield from (html.escape(value), html.escape(value, quote=False))
    yield from (raw.hex(), raw.hex().upper())
    for shift in range(3):
        # Only whole groups of three bytes are written the same whatever stands beside.
        start, count = -shift % 3, (len(raw) - (-shift % 3)) // 3
        packed = base64.b64encode(raw[start : start + 3 * count]).decode()
        yield from (packed, packed.replace("+", "-").replace("/", "_"))


def redacted(text: str) -> str:
    """The same words without any secret, and without what follows the path of an address."""
    for form in _forms:
        if form in text:
            text = text.replace(form, MASK)
    if _codes and any(code in text for code in _codes):
        text = _standing_alone(_codes).sub(MASK, text)
    return _NAMED.sub(f"://{MASK}@", _QUERY.sub(r"\1?…", text))


def _standing_alone(codes: Iterable[str]) -> re.Pattern[str]:
    """Codes, but not where the same digits are part of a longer number or word."""
    return re.compile(r"(?<![\w.+/])(" + "|".join(codes) + r")(?![\w+/=])")


def redacted_values(value: object) -> object:
    """The same for what JSON may hold: texts are redacted, keys and numbers stay."""
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, dict):
        return {key: redacted_values(held) for key, held in value.items()}
    if isinstance(value, list):
        return [redacted_values(held) for held in value]
    return value


class _Mouth:
    """A stream that says no secret; in all else the stream that it speaks through."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        self._stream.write(redacted(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


@contextmanager
def speaking() -> Iterator[None]:
    """What is printed meanwhile, by whatever part of the program, has passed the redactor. A command knows its own secrets."""
    _forms.clear()
    _codes.clear()
    mouths = [cast(TextIO, _Mouth(stream)) for stream in (sys.stdout, sys.stderr)]
    with redirect_stdout(mouths[0]), redirect_stderr(mouths[1]):
        yield
