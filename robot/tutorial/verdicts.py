"""What became of each line of the tutorial on one portal: the records that report, journal and tests read.

Pure data; how they are found is in `walk.py` and `judgement.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class Holding(StrEnum):
    """What became of what a line says, worst last."""

    HOLDS = "holds"
    PERSON = "person"  # cannot be checked without a person
    UNREACHED = "unreached"  # the check stopped before
    DRIFTED = "drifted"  # other words
    NEW = "new"  # on the portal, absent from the tutorial
    MOVED = "moved"  # same words, elsewhere
    GONE = "gone"


# How a person reads them.
HOLDINGS = {
    Holding.HOLDS: "toujours vrai",
    Holding.PERSON: "non vérifiable sans une personne",
    Holding.UNREACHED: "non atteint",
    Holding.NEW: "nouveau sur le portail",
    Holding.DRIFTED: "libellé changé",
    Holding.MOVED: "déplacé",
    Holding.GONE: "disparu",
}
# What makes a line no longer true.
CHANGES = frozenset({Holding.NEW, Holding.DRIFTED, Holding.MOVED, Holding.GONE})


class Cause(StrEnum):
    """Who must act when something fails or differs."""

    TUTORIAL = "tutorial"  # the tutorial is wrong: rewrite the line
    ROBOT = "robot"  # the flow or the robot is wrong: mend it
    PORTAL = "portal"  # the portal changed: mend the flow and rewrite the line
    DOWN = "down"  # the portal is down, or refuses: try again, or ask


CAUSES = {
    Cause.TUTORIAL: "le tutoriel n'est plus exact",
    Cause.ROBOT: "le robot se trompe",
    Cause.PORTAL: "le portail a changé",
    Cause.DOWN: "le portail ne répond pas, ou refuse",
}


@dataclass(frozen=True)
class Evidence:
    """Where something was seen, or looked for in vain."""

    # Screen of the flows, its title, and the page's address without its query.
    screen: str
    title: str
    url: str
    # Element of the flows; empty where none.
    element: str = ""
    # Which way found it (`locators.WAYS`), or « suspect ».
    way: str = ""
    # Files of the report's folder, relative: a masked picture with the control framed, the accessible tree as text.
    picture: str = ""
    tree: str = ""
    # How far down that picture the middle of the control stands, in dots; 0 where its place is not known.
    middle: int = 0


@dataclass(frozen=True)
class Finding:
    """What became of one thing that a line names."""

    # The thing in French, with its article: « le bouton de validation ».
    what: str
    holding: Holding
    # The tutorial's words (or those last seen), and the portal's; as printed.
    said: str = ""
    shown: str = ""
    # One French sentence for a person.
    detail: str = ""
    evidence: Evidence | None = None
    # What it was compared with: « tutorial », or « contract » (what was last seen true).
    against: str = "tutorial"
    # For what is new: the line that it comes after or belongs to; empty where none.
    line: str = ""


@dataclass(frozen=True)
class Verdict:
    """What became of one line of the tutorial."""

    # « 3.5 ».
    line: str
    # What the tutorial asks there, in our words.
    asks: str
    # Flow files that say it, « flows/3-depot/20-cadre-de-facturation.yaml », the one that carries the verdict first.
    files: tuple[str, ...]
    holding: Holding
    findings: tuple[Finding, ...] = ()
    cause: Cause | None = None
    # First day on which this very verdict was given on this portal; None where nothing changed.
    since: date | None = None
    # The verdict before that.
    before: Holding | None = None

    @property
    def is_changed(self) -> bool:
        return self.holding in CHANGES


@dataclass(frozen=True)
class Mend:
    """One change that makes a flow file true again."""

    # « flows/3-depot/….yaml », where it is changed, and the words that are added as the newest.
    file: str
    screen: str
    path: tuple[str | int, ...]
    words: str
    # Line of the tutorial; « new » where it says nothing of it.
    line: str
    # What it replaces as the newest words.
    instead_of: str = ""


@dataclass(frozen=True)
class Check:
    """One check of the tutorial against one portal."""

    run: str
    at: datetime
    portal: str
    # The host of its address.
    place: str
    generation: str
    # « send », « draft », « dry-run » or « read-only »: how far it went.
    reach: str
    verdicts: tuple[Verdict, ...]
    # On the portal and absent from the tutorial: required fields, screens, buttons in the way. `what` names them.
    news: tuple[Finding, ...] = ()
    mends: tuple[Mend, ...] = ()
    # Why it stopped before its end, in French, by journey; empty where it did not.
    stops: dict[str, str] = field(default_factory=dict)
    cause: Cause | None = None
    browser: str = ""
    # What a person should know besides, in French.
    remarks: tuple[str, ...] = ()

    @property
    def changed(self) -> tuple[Verdict, ...]:
        return tuple(verdict for verdict in self.verdicts if verdict.is_changed)
