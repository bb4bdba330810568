"""Makes the flow files true again: words that a check found are added where they belong, and nothing else is touched.

Shown first, as a patch; written all or not at all. Knows flows and YAML; nothing of portals.
"""

from __future__ import annotations

import difflib
import shutil
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from io import StringIO
from pathlib import Path

from robot.failures import CommandInvalid, Failure
from robot.plain import why
from robot.review import reviewed_flows
from robot.screens import UNKNOWN, Flows
from robot.tutorial.lines import load_tutorial
from robot.tutorial.verdicts import Mend
from robot.wholefile import write_atomically
from robot.yamledit import CannotEdit, Value, value_at, with_first, with_value

_SOURCES = "sources.yaml"


class FlowsUnwritable(Failure):
    """Les parcours ne peuvent pas être corrigés ici."""

    exit_code = 2
    outcome = "refused"


def patch(flows: Flows, mends: Iterable[Mend], *, day: date, portal: str) -> str:
    """What would be changed, as a unified diff that `git apply` takes; empty where nothing would."""
    shown: list[str] = []
    for name, text in _mended(flows, mends, day=day, portal=portal).items():
        before = _read(flows.root / name)
        shown += difflib.unified_diff(_lines(before), _lines(text), f"a/flows/{name}", f"b/flows/{name}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in shown)


def mend(flows: Flows, mends: Iterable[Mend], *, day: date, portal: str) -> list[Path]:
    """Writes it; the files that were changed.

    Raises FlowInvalid where the flows would not be right any more, FlowsUnwritable where they cannot be written; in both
    cases nothing is changed.
    """
    texts = _mended(flows, mends, day=day, portal=portal)
    _try_out(flows, texts)
    before = {flows.root / name: (flows.root / name).read_bytes() for name in texts}
    try:
        # The source first: words whose source is missing would stop the robot.
        for name in sorted(texts, key=lambda name: name != _SOURCES):
            _write(flows.root / name, texts[name].encode())
    except OSError as error:
        for path, data in before.items():
            with suppress(OSError):
                if path.read_bytes() != data:
                    _write(path, data)
        raise FlowsUnwritable(
            f"Les parcours ne peuvent pas être écrits ({why(error)}).",
            where=str(flows.root),
            cure="appliquez correctif.patch, dans le dossier du rapport, à une copie du projet.",
        ) from None
    return list(before)


def source_of(portal: str, day: date) -> str:
    """Key of `sources.yaml` for words that were seen on a portal that day."""
    name = "".join(sign if sign.isalnum() else "-" for sign in portal.lower()).strip("-")
    return f"releve-{name}-{day.isoformat()}"


def _mended(flows: Flows, mends: Iterable[Mend], *, day: date, portal: str) -> dict[str, str]:
    """New texts by file, relative to the root; only of those that change."""
    texts: dict[str, str] = {}
    key = source_of(portal, day)
    for one in mends:
        name = one.file.removeprefix("flows/")
        text = texts.get(name) or _read(flows.root / name)
        try:
            texts[name] = with_first(text, one.path, one.words, _sources(key, value_at(text, (*one.path, one.words))))
        except CannotEdit:
            raise CommandInvalid(
                f"« {one.words} » ne peut pas être ajouté à {one.file} : ce fichier est écrit d'une façon que le robot ne "
                "sait pas compléter.",
                cure=f"ajoutez-le à la main, sous {'.'.join(map(str, one.path))}.",
            ) from None
    if texts:
        what = f"Relevé sur {portal} par chorus-robot tutorial"
        entry = {"what": what, "date": f"{day:%Y-%m}", "confidence": "screenshot"}
        texts[_SOURCES] = with_value(_read(flows.root / _SOURCES), ("sources", key), entry)
    return {name: text for name, text in texts.items() if text != _read(flows.root / name)}


def _sources(newest: str, seen: object) -> Value:
    """Where words were seen, with the newest source first; that nobody knew it is no source any more."""
    before = [seen] if isinstance(seen, str) else list(seen) if isinstance(seen, list) else []
    sources = [newest, *(source for source in before if source not in (newest, UNKNOWN))]
    return sources[0] if len(sources) == 1 else sources


def _try_out(flows: Flows, texts: dict[str, str]) -> None:
    """Raises FlowInvalid where the flows with these texts would not be right."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "flows"
        shutil.copytree(flows.root, root)
        for name, text in texts.items():
            write_atomically(root / name, text.encode(), durable=False)
        load_tutorial(reviewed_flows(root))


def _read(path: Path) -> str:
    return path.read_bytes().decode("utf-8")


def _write(path: Path, data: bytes) -> None:
    """Whoever could read the file still can."""
    mode = path.stat().st_mode
    write_atomically(path, data)
    path.chmod(mode)


def _lines(text: str) -> list[str]:
    """Lines as `git apply` counts them."""
    return list(StringIO(text, newline="\n"))
