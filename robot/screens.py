"""What the tutorial says, as data: sources, elements, screens and journeys, read from `flows/`.

A screen is found as a person finds it: by its words. Each word carries where it was seen, newest first, or `unknown`
where nobody has seen it on the portal yet. Knows nothing of browsers, and nothing of what is typed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from robot.failures import FlowInvalid, Problem
from robot.steps import AnyStep, ElementName, Goal, Goals, Line, Step, ValuePath, flatten
from robot.values import value_of
from robot.yamlfile import Document, load, parse, read

# In a checkout the flows stand beside the package; in an installed wheel they travel inside it.
_HERE = Path(__file__).parent
FLOWS_DIR = _HERE / "flows" if (_HERE / "flows").is_dir() else _HERE.parent / "flows"

UNKNOWN = "unknown"

Model = TypeVar("Model", bound=BaseModel)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Seen = Annotated[
    tuple[str, ...], Field(min_length=1), BeforeValidator(_as_tuple, json_schema_input_type=str | tuple[str, ...])
]
# Words on the page -> keys of `sources.yaml` where they were seen, or « unknown ». `{account.full_name}` in the words
# stands for the value of that input.
Labels = Annotated[dict[str, Seen], Field(min_length=1)]
ScreenName = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]

KINDS = ("button", "field", "select", "file", "value", "table")


class Element(_Frozen):
    """One thing on a screen: exactly one kind, with the words beside it."""

    button: Labels | None = Field(None, description="Something to press: button, link, tab")
    field: Labels | None = Field(None, description="Something to type into")
    select: Labels | None = Field(None, description="Answers to pick from: list, radio buttons, picker")
    file: Labels | None = Field(None, description="A file chooser")
    value: Labels | None = Field(None, description="Something to read: the words just before it")
    table: Labels | None = Field(None, description="A table: its caption, or one of its column headings")
    within: Labels | None = Field(None, alias="in", description="Words of the bloc or card that holds it")
    outside: Labels | None = Field(None, alias="out", description="Words of blocs that hold a look-alike of it")
    near: ElementName | None = Field(None, description="Another element of the same small group")
    options: dict[str, Labels] = Field({}, description="Value of the input -> words of the answer")
    sole: bool = Field(
        False, description="May be taken without its words when it is alone of its kind on the screen"
    )
    optional: bool = Field(False, description="Some portals do not show it")
    note: str = Field("", description="What is not known about it")
    trap: str = Field("", min_length=5, description="French sentence: what using it at the wrong moment does")

    @property
    def kind(self) -> str:
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    @property
    def labels(self) -> Labels:
        labels: Labels = getattr(self, self.kind)
        return labels

    @property
    def name(self) -> str:
        """What a person calls it: its newest words."""
        return next(iter(self.labels))

    @model_validator(mode="after")
    def _one_kind(self) -> Element:
        if len([kind for kind in KINDS if getattr(self, kind) is not None]) != 1:
            raise ValueError("un élément a exactement une nature parmi " + ", ".join(KINDS))
        return self


class Mark(_Frozen):
    """How a person knows to be there: all that is given here must be seen."""

    dialog: Labels | None = Field(
        None, description="Title of a window over the page, or of a page where it is one"
    )
    heading: Labels | None = Field(None, description="A title of the page, in full")
    text: Labels | None = Field(None, description="Words that stand somewhere on the page")
    native: Labels | None = Field(None, description="Words of a question asked by the browser itself")
    elements: tuple[ElementName, ...] = Field((), description="Elements of this screen")
    without: Labels | None = Field(None, description="Words that must not be there")
    fresh: bool = Field(
        False, description="Counts only once the page answered the last press, without complaint"
    )


class Next(_Frozen):
    """A screen that may follow."""

    screen: ScreenName
    given: ValuePath | None = Field(None, description="Follows if, and only if, the invoice has this")
    goal: Goals | None = Field(None, description="Follows if, and only if, the journey ends there")


def _as_next(value: Any) -> Any:
    return {"screen": value} if isinstance(value, str) else value


FailureName = Literal[
    "captcha",
    "code",
    "decision",
    "maintenance",
    "portal-unavailable",
    "refused",
    "screen-changed",
    "sign-in",
    "unknown",
]


class Refusal(_Frozen):
    """A complaint of the portal that can be explained: who must act, and how."""

    text: Labels = Field(description="Words of the complaint; one is enough")
    failure: FailureName
    say: str = Field(min_length=5, description="What the person is told")


class Anywhere(_Frozen):
    """A screen that may come at any moment, and what is done then."""

    rule: Literal["answer", "hand-over", "stop"]
    failure: FailureName | None = None
    say: str = Field(min_length=5, description="What the person is told")
    during: tuple[ScreenName, ...] = Field((), description="Only while these screens are being left; all by default")

    @model_validator(mode="after")
    def _stops_with_a_failure(self) -> Anywhere:
        if (self.rule == "answer") == (self.failure is not None):
            raise ValueError("« failure » va avec stop et hand-over, jamais avec answer")
        return self


class Screen(_Frozen):
    """One screen of the tutorial."""

    screen: ScreenName
    title: str
    generation: tuple[Literal["2021", "2024"], ...] = Field(
        ("2021", "2024"), description="Portals that show it"
    )
    sign_in: bool = Field(False, description="The only screens where a password or a code may be typed")
    signed_out: bool = Field(
        False, description="Shown only to somebody the portal does not know: in mid-journey the session is lost"
    )
    here: tuple[Mark, ...] = Field(min_length=1, description="Any of these tells that the screen is there")
    elements: dict[ElementName, Element] = {}
    steps: tuple[AnyStep, ...] = ()
    then: tuple[Annotated[Next, BeforeValidator(_as_next, json_schema_input_type=str | Next)], ...] = ()
    refusals: tuple[Refusal, ...] = Field((), description="Complaints that may come when the screen is left")
    leave: ElementName | None = Field(
        None, description="Button that leaves the screen without keeping anything"
    )
    anywhere: Anywhere | None = None

    def all_steps(self) -> Iterator[Step]:
        yield from flatten(self.steps)


class Journey(_Frozen):
    """A journey of the tutorial: a folder of screens."""

    journey: ScreenName
    title: str
    lines: tuple[Line, Line] | None = Field(
        None, description="First and last tutorial line; none where the tutorial says nothing of it"
    )
    signed_in: bool = Field(False, description="Whether only somebody whom the portal knows can do it")
    before: tuple[AnyStep, ...] = Field((), description="Done on one's desk, before any browser opens")
    start: tuple[ScreenName, ...] = Field(
        min_length=1, description="Screens that the portal's address may show"
    )
    ends: dict[Goal, ScreenName] = Field({}, description="Where each end of the journey is reached, and its steps done")
    until: tuple[ScreenName, ...] = Field(
        (), description="Screens of other journeys: this one is over as soon as one of them is seen"
    )


class Source(_Frozen):
    """Where words were seen."""

    what: str
    date: str = Field(pattern=r"^\d{4}(-\d{2})?$", description="Year, or year and month, of what was seen")
    confidence: Literal["official", "screenshot", "code", "third-party", "inferred"]


class Sources(_Frozen):
    sources: dict[str, Source]


class Profile(_Frozen):
    """Where things are on one given portal (`flows/portals/`)."""

    portal: str
    title: str
    url: str
    hosts: tuple[str, ...]
    sign_in_hosts: tuple[str, ...]
    generation: Literal["2021", "2024"]
    calibrated: str | None = Field(description="Date and name of the last calibration; null: never")
    note: str = ""
    settling_seconds: int = Field(
        20, ge=0, description="How long an invoice that was sent may take to show in « Rechercher »"
    )
    ids: dict[ScreenName, dict[ElementName, str]] = Field(
        {}, description="CSS selectors found by calibration"
    )


@dataclass(frozen=True)
class Loaded:
    """Something read from a file, with the file to point at."""

    document: Document
    folder: str

    @property
    def path(self) -> Path:
        return self.document.path


@dataclass
class Flows:
    """Everything under `flows/`."""

    root: Path
    sources: dict[str, Source] = field(default_factory=dict)
    screens: dict[str, Screen] = field(default_factory=dict)
    journeys: dict[str, Journey] = field(default_factory=dict)
    profiles: dict[str, Profile] = field(default_factory=dict)
    # File behind each screen, journey or profile, by name.
    files: dict[str, Loaded] = field(default_factory=dict)

    def interruptions(self) -> list[Screen]:
        """Screens that may come at any moment."""
        return [screen for screen in self.screens.values() if screen.anywhere]

    def named(self, values: Mapping[str, object]) -> Flows:
        """These flows with the values of inputs in their words: `{account.full_name}` becomes the person's name.

        Words whose input has no value are left out, unless nothing would be left.
        """
        screens = {
            name: screen.model_copy(
                update={
                    "elements": {key: _named(element, values) for key, element in screen.elements.items()},
                    "here": tuple(_named_mark(mark, values) for mark in screen.here),
                }
            )
            for name, screen in self.screens.items()
        }
        return replace(self, screens=screens)

    def source_of(self, screen: str, *location: str | int) -> str:
        """`flows/…yaml:line` of a place in a screen's file, as reports and traces point to it."""
        loaded = self.files[screen]
        return f"{self.shown(loaded.path)}:{loaded.document.line(location)}"

    def shown(self, path: Path) -> str:
        return f"flows/{path.relative_to(self.root).as_posix()}"

    def of_journey(self, name: str) -> list[Screen]:
        """Screens that a journey can reach from its start to its ends, interruptions left out, in file order."""
        journey = self.journeys[name]
        reached = self.reached(journey.start, {*journey.ends.values(), *journey.until}) - set(journey.until)
        return [screen for screen in self.screens.values() if screen.screen in reached]

    def reached(self, starts: Iterable[str], ends: Collection[str] = ()) -> set[str]:
        """Names of the screens that these lead to, themselves included; nothing is looked for beyond the ends."""
        reached: set[str] = set()
        ahead = list(starts)
        while ahead:
            current = ahead.pop()
            if current in reached or current not in self.screens:
                continue
            reached.add(current)
            if current not in ends:
                ahead.extend(following.screen for following in self.screens[current].then)
        return reached


# The value of an input within the words of an element.
INPUT_IN_WORDS = re.compile(r"\{([^{}]*)\}")


def _spoken(labels: Labels, values: Mapping[str, object]) -> Labels:
    spoken: Labels = {}
    for words, seen in labels.items():
        given = [value_of(values, path) for path in INPUT_IN_WORDS.findall(words)]
        if all(given):
            for value in given:
                words = INPUT_IN_WORDS.sub(str(value).replace("\\", ""), words, count=1)
            spoken[words] = seen
    return spoken or labels


def _named(element: Element, values: Mapping[str, object]) -> Element:
    if not any("{" in words for words in element.labels):
        return element
    return element.model_copy(update={element.kind: _spoken(element.labels, values)})


def _named_mark(mark: Mark, values: Mapping[str, object]) -> Mark:
    if mark.text is None or not any("{" in words for words in mark.text):
        return mark
    return mark.model_copy(update={"text": _spoken(mark.text, values)})


def load_flows(root: Path = FLOWS_DIR) -> Flows:
    """Reads every file under `flows/`. Raises FlowInvalid with every problem of every file."""
    flows = Flows(root)
    problems: list[Problem] = []
    try:
        flows.sources = load(root / "sources.yaml", Sources, FlowInvalid).sources
    except FlowInvalid as failure:
        problems += failure.problems
    for path in sorted(root.glob("*/*.yaml")):
        # Exercises are read by the training alone.
        if path.parent.name == "exercices":
            continue
        try:
            _add(flows, path)
        except FlowInvalid as failure:
            problems += failure.problems
    if problems:
        raise FlowInvalid(problems)
    return flows


def _add(flows: Flows, path: Path) -> None:
    document = read(path, FlowInvalid)
    loaded = Loaded(document, path.parent.name)
    if path.parent.name == "portals":
        _keep(flows, flows.profiles, parse(document, Profile, FlowInvalid), "portal", loaded)
    elif path.stem.split("-")[0] == "journey":
        _keep(flows, flows.journeys, parse(document, Journey, FlowInvalid), "journey", loaded)
    else:
        _keep(flows, flows.screens, parse(document, Screen, FlowInvalid), "screen", loaded)


def _keep(flows: Flows, where: dict[str, Model], item: Model, kind: str, loaded: Loaded) -> None:
    name: str = getattr(item, kind)
    if name in flows.files:
        other = flows.shown(flows.files[name].path)
        raise FlowInvalid([loaded.document.problem((kind,), f"le nom « {name} » est déjà pris par {other}")])
    flows.files[name] = loaded
    where[name] = item
