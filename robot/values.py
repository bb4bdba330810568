"""Dotted paths (`invoice.recipient.siret`) over typed records: their values, their types, the whole list.

Only declared fields can be reached, never methods or private names. Knows nothing of what the records mean.
"""

from __future__ import annotations

import difflib
import types
import typing
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel


class UnknownPath(LookupError):
    """A path that leads to no declared value."""

    def __init__(self, path: str, known: list[str]) -> None:
        self.path = path
        # The known paths most like it, best first.
        self.near = tuple(difflib.get_close_matches(path, known, n=3))
        hint = (
            f" ; vouliez-vous dire {' ou '.join(f'« {near} »' for near in self.near)} ?" if self.near else ""
        )
        super().__init__(f"valeur inconnue « {path} »{hint}")


def value_of(root: Mapping[str, object], path: str) -> object:
    """The value at a path; None when a record on the way is absent. Raises UnknownPath."""
    first, *names = path.split(".")
    if first not in root:
        raise UnknownPath(path, known_paths(_types(root)))
    current = root[first]
    for name in names:
        if current is None:
            return None
        if not isinstance(current, BaseModel) or name not in _fields(type(current)):
            raise UnknownPath(path, known_paths(_types(root)))
        current = getattr(current, name)
    return current


def type_of(roots: Mapping[str, type[BaseModel]], path: str) -> type:
    """The Python type of the value at a path, None set aside; a list is `tuple`. Raises UnknownPath."""
    return _plain(_annotation(roots, path))


def item_type_of(roots: Mapping[str, type[BaseModel]], path: str) -> type[BaseModel]:
    """The record that the list at a path is made of. Raises UnknownPath when there is no such list."""
    inner = [argument for argument in typing.get_args(_bare(_annotation(roots, path))) if argument is not ...]
    item = _plain(inner[0]) if _plain(_annotation(roots, path)) is tuple and inner else None
    if item is None or not issubclass(item, BaseModel):
        raise UnknownPath(path, [known for known in known_paths(roots) if type_of(roots, known) is tuple])
    return item


def known_paths(roots: Mapping[str, type[BaseModel]]) -> list[str]:
    """Every path to a value that is not itself a record, in declared order."""
    return [path for name, model in roots.items() for path in _leaves(name, model)]


def _leaves(prefix: str, model: type[BaseModel]) -> Iterator[str]:
    for name, annotation in _fields(model).items():
        kind = _plain(annotation)
        if issubclass(kind, BaseModel):
            yield from _leaves(f"{prefix}.{name}", kind)
        else:
            yield f"{prefix}.{name}"


def _annotation(roots: Mapping[str, type[BaseModel]], path: str) -> Any:
    first, *names = path.split(".")
    current: Any = roots.get(first)
    for name in names:
        kind = _plain(current) if current is not None else object
        fields = _fields(kind) if issubclass(kind, BaseModel) else {}
        if name not in fields:
            raise UnknownPath(path, known_paths(roots))
        current = fields[name]
    if current is None:
        raise UnknownPath(path, known_paths(roots))
    return current


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    declared = {name: field.annotation for name, field in model.model_fields.items()}
    computed = {name: field.return_type for name, field in model.model_computed_fields.items()}
    return declared | computed


def _bare(annotation: Any) -> Any:
    """The annotation without Annotated and without None."""
    origin = typing.get_origin(annotation)
    if origin is Annotated:
        return _bare(typing.get_args(annotation)[0])
    if origin in (typing.Union, types.UnionType):
        return next(_bare(argument) for argument in typing.get_args(annotation) if argument is not type(None))
    return annotation


def _plain(annotation: Any) -> type:
    bare = _bare(annotation)
    if typing.get_origin(bare) is Literal:
        return type(typing.get_args(bare)[0])
    kind = typing.get_origin(bare) or bare
    return kind if isinstance(kind, type) else object


def _types(root: Mapping[str, object]) -> dict[str, type[BaseModel]]:
    return {name: type(value) for name, value in root.items() if isinstance(value, BaseModel)}
