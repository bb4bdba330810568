"""One file, ready to paste in an issue, for what nobody expected. No value of any invoice or account is in it."""

from __future__ import annotations

import platform
import sys
import traceback
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from robot.events import now
from robot.journal import home
from robot.redaction import redacted
from robot.wholefile import write_atomically

_PACKAGES = ("chorus-robot", "playwright", "pydantic", "sqlalchemy", "pikepdf", "pypdfium2")


def write_log(verb: str, error: BaseException) -> Path:
    """Writes what is needed to understand a bug, and says where; locals and messages of values are left out."""
    path = home() / "defauts" / f"defaut-{now():%Y%m%d-%H%M%S}.txt"
    frames = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__)))
    # Playwright's messages quote the page; a first line tells enough.
    first = str(error).splitlines()[0][:300] if str(error) else ""
    text = (
        f"chorus-robot {verb}\n{sys.version}\n{platform.platform()}\n"
        + "".join(f"{name} {_version(name)}\n" for name in _PACKAGES)
        + f"\n{type(error).__name__}: {first}\n\n{frames}"
    )
    write_atomically(path, redacted(text).encode())
    return path


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"
