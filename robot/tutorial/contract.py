"""What each screen of a portal looked like when it was last seen true, when, and by whom: one YAML file for each portal.

The portal is compared with it; it is changed by what was seen to hold, never by a failure. Holds no value that anybody
typed. Knows nothing of browsers.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


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


class Contract(_Frozen):
    """One portal as it was last seen true."""

    portal: str
    generation: str
    screens: dict[str, KeptScreen] = {}
