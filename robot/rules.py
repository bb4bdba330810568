"""How a rule of a user's file says that it is broken, and the record that such rules stand on.

Understood by `yamlfile.py`, which adds path and line. Knows no rule itself.
"""

from __future__ import annotations

import unicodedata
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError


def broken(code: str, sentence: str, *, expected: str = "", cure: str = "") -> PydanticCustomError:
    """The error to raise in a validator: machine code, whole French sentence, what was expected, the cure."""
    context = {"sentence": sentence, "whole": True, "expected_fr": expected, "cure": cure}
    return PydanticCustomError(code, "{sentence}", context)


class Record(BaseModel):
    """A frozen record read from a file: unknown keys are refused, a null is a key left out.

    A required key that is absent reaches its validator as None: its absence has a sentence of its own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        required = {name: None for name, field in cls.model_fields.items() if field.is_required()}
        return required | {key: value for key, value in data.items() if value is not None}


def text(value: Any) -> Any:
    """Text as the portal will hold it: letters composed, no space at either end; nothing left is None."""
    return unicodedata.normalize("NFC", value).strip() or None if isinstance(value, str) else value


def one_line(value: Any) -> Any:
    """Text for a field of one line."""
    return text(" ".join(value.split())) if isinstance(value, str) else value


def context_of(info: ValidationInfo, name: str) -> Any:
    """Something that `yamlfile.parse` was told beside the file; None where it was not."""
    return info.context.get(name) if info.context else None
