"""Codes of an authenticator app (RFC 6238, SHA-1, six digits, thirty seconds). Pure functions."""

from __future__ import annotations

import base64
import hmac
import struct

STEP_SECONDS = 30
DIGITS = 6


def code_at(secret: str, seconds: float) -> str:
    """The code that an app showing this base 32 secret displays at a time (seconds since 1970)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8), casefold=True)
    digest = hmac.digest(key, struct.pack(">Q", int(seconds) // STEP_SECONDS), "sha1")
    offset = digest[-1] & 0x0F
    number = struct.unpack_from(">I", digest, offset)[0] & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def is_code(secret: str, code: str, seconds: float, *, steps: int = 1) -> bool:
    """Whether a code is right now, or was or will be within so many steps: clocks differ."""
    near = (code_at(secret, seconds + step * STEP_SECONDS) for step in range(-steps, steps + 1))
    return any(hmac.compare_digest(expected, code) for expected in near)
