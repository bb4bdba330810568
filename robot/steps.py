"""The words of the flow language, each declared once: parser, schema, plan, captions and report read them here.

A step is data with a `describe()`; doing it is elsewhere (`runner.py`). Knows nothing of browsers.

| word       | what a person does                                                        | effects        |
|------------|---------------------------------------------------------------------------|----------------|
| inspect    | looks at the files on the desk, before any browser opens                  | read           |
| upload     | chooses a file of the computer                                            | edit           |
| choose     | picks one of the answers offered                                          | edit           |
| type       | types a value; a value not given leaves the field empty                   | edit           |
| clear      | leaves a field empty, emptying it where the portal filled it              | edit           |
| look_up    | types an identifier, has it searched, and picks it in the list if one comes | edit         |
| tick       | ticks a box or a switch                                                   | edit           |
| pick       | takes the row of a list that bears a value                                | edit           |
| press      | presses a button, a link or a tab                                         | any            |
| hand_over  | leaves the screen to a person, and goes on once it is done                | read, edit     |
| receive    | receives a mail and follows its link                                      | read           |
| read_back  | reads everything typed again and compares it with the invoice             | read           |
| compare    | compares what the screen says with the invoice: any difference stops       | read           |
| read       | notes what the screen shows                                               | read           |
| download   | saves a file that the portal gives                                        | read           |
| each       | repeats steps for each item of a list                                     | (its steps')   |
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Union

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag


class Effect(StrEnum):
    """What a step changes in the world."""

    READ = "read"  # nothing
    EDIT = "edit"  # a form that is not kept yet
    DRAFT = "draft"  # leaves a draft on the portal, which nobody else sees
    SEND = "send"  # cannot be undone


class Goal(StrEnum):
    """Where a journey ends."""

    DRY_RUN = "dry-run"  # the form is filled and left without keeping anything
    DRAFT = "draft"
    SEND = "send"


ElementName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
ValuePath = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$")]
Line = Annotated[str, Field(pattern=r"^(new|[1-3]\.[0-9]{1,2})$", description="Tutorial line, or « new »")]


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


# One goal may be written without its brackets.
Goals = Annotated[tuple[Goal, ...], BeforeValidator(_as_list, json_schema_input_type=Goal | tuple[Goal, ...])]


class Step(BaseModel):
    """What every step says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    word: ClassVar[str]
    allowed_effects: ClassVar[tuple[Effect, ...]]

    line: Line
    say: str = Field(min_length=5, description="French caption of the step, in our own words")
    effect: Effect
    when: Literal["given", "shown"] | None = Field(
        None,
        description="given: only if the invoice has the value; shown: only if the screen has the element",
    )
    goal: Goals | None = Field(None, description="Only when the journey ends there")
    trap: str = Field("", min_length=5, description="French sentence: what a wrong value, or leaving it out, costs")

    def elements(self) -> tuple[str, ...]:
        """Names of the screen's elements that the step uses."""
        return ()

    def values(self) -> tuple[str, ...]:
        """Dotted paths of the inputs that the step uses."""
        return ()

    def describe(self) -> str:
        """One line for a developer: the word, its elements, its values."""
        return f"{self.word} {', '.join((*self.elements(), *self.values()))}".rstrip()


class _Pairs(Step):
    """A step that puts values into elements."""

    def pairs(self) -> dict[str, str]:
        """Element name -> dotted path."""
        return dict(getattr(self, self.word))

    def elements(self) -> tuple[str, ...]:
        return tuple(self.pairs())

    def values(self) -> tuple[str, ...]:
        return tuple(self.pairs().values())

    def describe(self) -> str:
        return f"{self.word} " + ", ".join(f"{name} = {path}" for name, path in self.pairs().items())


Pairs = Annotated[dict[ElementName, ValuePath], Field(min_length=1)]
OnePair = Annotated[dict[ElementName, ValuePath], Field(min_length=1, max_length=1)]


class Inspect(Step):
    """Looks at the files on the desk, before any browser opens."""

    word = "inspect"
    allowed_effects = (Effect.READ,)
    inspect: ValuePath

    def values(self) -> tuple[str, ...]:
        return (self.inspect,)


class Upload(_Pairs):
    """Chooses a file of the computer."""

    word = "upload"
    allowed_effects = (Effect.EDIT,)
    upload: OnePair


class Choose(_Pairs):
    """Picks one of the answers offered."""

    word = "choose"
    allowed_effects = (Effect.EDIT,)
    choose: Pairs


class Type(_Pairs):
    """Types a value; a value that is not given leaves the field empty."""

    word = "type"
    allowed_effects = (Effect.EDIT,)
    type: Pairs


class Clear(Step):
    """Leaves a field empty, emptying it where the portal filled it."""

    word = "clear"
    allowed_effects = (Effect.EDIT,)
    clear: ElementName

    def elements(self) -> tuple[str, ...]:
        return (self.clear,)


class LookUp(_Pairs):
    """Types an identifier, has it searched, and picks it in the list if one comes."""

    word = "look_up"
    allowed_effects = (Effect.EDIT,)
    look_up: OnePair
    search: ElementName = Field(description="Button that searches, pressed where there is one")
    box: ElementName = Field(description="Field of the search window, where the portal opens one")
    pick: ElementName = Field(
        description="Button of a result's row, or of the list, pressed where there is one"
    )

    def elements(self) -> tuple[str, ...]:
        return (*self.look_up, self.search, self.box, self.pick)


class Press(Step):
    """Presses a button, a link or a tab."""

    word = "press"
    allowed_effects = (Effect.READ, Effect.EDIT, Effect.DRAFT, Effect.SEND)
    press: ElementName
    shows: tuple[ValuePath, ...] = Field((), description="The screen then shows one of these once more")

    def elements(self) -> tuple[str, ...]:
        return (self.press,)

    def values(self) -> tuple[str, ...]:
        return self.shows


class Pick(Step):
    """Takes the row of a list that bears a value, where the list leaves a choice to make."""

    word = "pick"
    allowed_effects = (Effect.EDIT,)
    pick: ValuePath

    def values(self) -> tuple[str, ...]:
        return (self.pick,)


class Receive(Step):
    """Receives a mail and follows its link: a person does, or the robot where it may read the mailbox."""

    word = "receive"
    allowed_effects = (Effect.READ,)
    receive: ValuePath

    def values(self) -> tuple[str, ...]:
        return (self.receive,)


class Tick(Step):
    """Ticks a box or a switch; one that is ticked stays so."""

    word = "tick"
    allowed_effects = (Effect.EDIT,)
    tick: ElementName

    def elements(self) -> tuple[str, ...]:
        return (self.tick,)


class HandOver(Step):
    """Leaves the screen to a person: what a machine must not do, or what nobody knows.

    Also done once a following screen comes, or once the person says so in the caption.
    """

    word = "hand_over"
    allowed_effects = (Effect.READ, Effect.EDIT)
    hand_over: Annotated[
        tuple[ElementName, ...], Field(min_length=1), BeforeValidator(_as_list, json_schema_input_type=str | list[str])
    ]
    failure: Literal["captcha", "decision"] = Field(description="What a run without a person stops with")
    until: Literal["gone", "changed", "told"] = Field(
        "told",
        description="gone: the elements are no longer there to use; changed: one of them is not as it was; "
        "told: the person says so",
    )

    def elements(self) -> tuple[str, ...]:
        return self.hand_over


class ReadBack(Step):
    """Reads everything typed on these screens again and compares it with the invoice."""

    word = "read_back"
    allowed_effects = (Effect.READ,)
    read_back: Annotated[list[str], Field(min_length=1, description="Names of the screens read again")]

    def describe(self) -> str:
        return f"read_back {', '.join(self.read_back)}"


class Compare(_Pairs):
    """Compares what the screen says with the invoice: any difference stops the run."""

    word = "compare"
    allowed_effects = (Effect.READ,)
    compare: Pairs


class Read(Step):
    """Notes what the screen shows."""

    word = "read"
    allowed_effects = (Effect.READ,)
    read: ElementName

    def elements(self) -> tuple[str, ...]:
        return (self.read,)


class Download(Step):
    """Saves a file that the portal gives, after its content was checked."""

    word = "download"
    allowed_effects = (Effect.READ,)
    download: ElementName

    def elements(self) -> tuple[str, ...]:
        return (self.download,)


class Each(Step):
    """Repeats steps for each item of a list; in them the item is called by the name given."""

    word = "each"
    allowed_effects = (Effect.READ, Effect.EDIT)
    each: ValuePath
    item: ElementName
    steps: tuple[AnyStep, ...] = Field(min_length=1)

    def values(self) -> tuple[str, ...]:
        return (self.each,)


# The table of words: the one list to extend (docs/howto/add-a-screen.md).
WORDS: dict[str, type[Step]] = {
    step.word: step
    for step in (
        *(Inspect, Upload, Choose, Type, Clear, Tick, LookUp, Pick, Press, HandOver, Receive),
        *(ReadBack, Compare, Read, Download, Each),
    )
}


def _word_of(step: Any) -> str | None:
    if isinstance(step, Step):
        return step.word
    if isinstance(step, dict):
        return next((word for word in WORDS if word in step), None)
    return None


if TYPE_CHECKING:
    AnyStep = Step
else:
    AnyStep = Annotated[
        Union[tuple(Annotated[step, Tag(word)] for word, step in WORDS.items())],  # noqa: UP007 - built from the table
        Discriminator(
            _word_of,
            custom_error_type="MOT_INCONNU",
            custom_error_message="aucun mot connu dans cette étape ; mots possibles : " + ", ".join(WORDS),
        ),
    ]

Each.model_rebuild()


def flatten(steps: Iterable[Step]) -> Iterator[Step]:
    """Every step in order, those repeated by `each` included once."""
    for step in steps:
        yield step
        if isinstance(step, Each):
            yield from flatten(step.steps)
