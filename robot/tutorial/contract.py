"""What each screen of a portal looked like when it was last seen true, when, and by whom: one YAML file for each portal.

The portal is compared with it; it is changed by what was seen to hold, never by a failure. Holds no value that anybody
typed. Knows nothing of browsers.
"""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from robot.failures import ConfigInvalid
from robot.store import home
from robot.wholefile import write_atomically
from robot.yamlfile import load


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Kept(_Frozen):
    """One control as it was."""

    nature: str
    # As printed.
    words: str
    bloc: str = ""
    id: str = ""
    name: str = ""
    required: bool | None = None
    options: tuple[str, ...] = ()
    # Rank among the controls of its page, from 0.
    place: int = 0
    # Label of the flow that was found there, and the way (`locators.WAYS`); empty where no element of a flow is there.
    label: str = ""
    way: str = ""


class KeptScreen(_Frozen):
    """One screen as it was."""

    title: str = ""
    # Without its query.
    url: str = ""
    # Day, ISO 8601, and who saw it: a person's name, or « chorus-robot » and its version.
    seen: str
    by: str
    # What the flows name, by element; also things to read (`value`), whose words are those just before them.
    elements: dict[str, Kept] = {}
    # What the page shows besides, that no flow names.
    others: tuple[Kept, ...] = ()
    # Sentences by which the screen was known (marks of text).
    sentences: tuple[str, ...] = ()
    # What the flows name on that page, as « screen.element », in the order of the document.
    order: tuple[str, ...] = ()


class Contract(_Frozen):
    """One portal as it was last seen true."""

    portal: str
    generation: str
    screens: dict[str, KeptScreen] = {}


def contract_file(portal: str) -> Path:
    """Where the contract of a portal is kept, unless a command names another file."""
    return home() / "contrats" / f"{portal}.yaml"


def load_contract(path: Path) -> Contract | None:
    """None where there is none yet. Raises ConfigInvalid."""
    return load(path, Contract, ConfigInvalid) if path.is_file() else None


def save_contract(contract: Contract, path: Path) -> None:
    """On the disk, whole or not at all."""
    data = contract.model_dump(mode="json", exclude_defaults=True)
    text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=120)
    write_atomically(path, text.encode())


def merged(before: Contract | None, now: Contract, *, accept: bool) -> Contract:
    """The contract with what was seen now. What it knows already stays as it was, unless the changes are accepted."""
    if before is None:
        return now
    screens = dict(before.screens)
    for name, screen in now.screens.items():
        screens[name] = screen if accept or name not in screens else _completed(screens[name], screen)
    return now.model_copy(update={"screens": screens})


def _completed(before: KeptScreen, now: KeptScreen) -> KeptScreen:
    """What was seen for the first time is added; a screen that is as it was is seen anew."""
    elements = now.elements | before.elements
    is_same = elements == now.elements
    return before.model_copy(
        update={"elements": elements, "seen": now.seen if is_same else before.seen, "by": now.by if is_same else before.by}
    )
