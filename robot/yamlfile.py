"""Reads YAML into typed data, with the line of every key: the one door for config, invoices and flows.

Every scalar stays text (`3.10` is a tutorial line, `010` a number, `NON` an answer); pydantic gives it its type.
Knows nothing of what the files mean.
"""

from __future__ import annotations

import difflib
import stat
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError

from robot.failures import FileInvalid, Problem

Model = TypeVar("Model", bound=BaseModel)
Location = tuple[str | int, ...]

# A config or a flow is some kilobytes; a larger file is a wrong file, and YAML can be made to explode.
MAX_BYTES = 1_000_000


class Document:
    """A YAML file as plain data, with the line (from 1) of every mapping key and list item."""

    def __init__(self, path: Path, data: Any, lines: dict[Location, int]) -> None:
        self.path = path
        self.data = data
        self._lines = lines

    def line(self, location: Location) -> int:
        """Line of a location; of its nearest known parent where it is absent (a missing key has no line)."""
        return self._lines.get(self.known(location), 1)

    def known(self, location: Location) -> Location:
        """The part of a location that the file has: pydantic inserts names of union members, which no file has."""
        last = location[-1:]

        def longest(before: Location, ahead: Location) -> Location:
            if not ahead:
                return before
            without = longest(before, ahead[1:])
            taken = (*before, ahead[0])
            if taken not in self._lines:
                return without
            if not (before and isinstance(before[-1], int)):
                return longest(taken, ahead[1:])
            # The member of a list may bear the name of one of its keys: reaching the end decides.
            return max(longest(taken, ahead[1:]), without, key=lambda found: (found[-1:] == last, len(found)))

        return longest((), location)

    def problem(
        self, location: Location, what: str, expected: str = "", cure: str = "", code: str = ""
    ) -> Problem:
        return Problem(self.path, self.line(location), what, expected, cure, code)


def read(path: Path, failure: type[FileInvalid]) -> Document:
    """Reads one file. Raises `failure` for an unreadable file, bad syntax, duplicate keys, aliases."""
    try:
        if not stat.S_ISREG((seen := path.stat()).st_mode):
            # A pipe or a device would be read for ever.
            raise failure([Problem(path, 0, "ce n'est pas un fichier ordinaire", "un fichier YAML")])
        if seen.st_size > MAX_BYTES:
            raise failure([Problem(path, 0, "fichier trop gros", "un fichier YAML de moins de 1 Mo")])
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise failure([Problem(path, 0, "fichier introuvable", cure="vérifiez le chemin")]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise failure([Problem(path, 0, f"fichier illisible ({error})", "du texte UTF-8")]) from None
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        # A ReaderError has neither mark nor problem: it is about a character that YAML refuses.
        what = getattr(error, "problem", None) or getattr(error, "reason", None)
        what = what or "imbrication trop profonde"
        raise failure([Problem(path, mark.line + 1 if mark else 1, f"YAML incorrect : {what}")]) from None
    lines: dict[Location, int] = {(): 1}
    problems: list[Problem] = []
    data = _plain(node, (), path, lines, problems, set()) if node is not None else None
    if problems:
        raise failure(problems)
    return Document(path, data, lines)


def _plain(
    node: yaml.Node,
    at: Location,
    path: Path,
    lines: dict[Location, int],
    problems: list[Problem],
    seen: set[int],
) -> Any:
    if id(node) in seen:
        # A dozen nested aliases can stand for a thousand million values.
        problems.append(
            Problem(path, node.start_mark.line + 1, "alias YAML (*nom)", "des valeurs écrites en clair")
        )
        return None
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else ""
            line = key_node.start_mark.line + 1
            if not key:
                problems.append(
                    Problem(path, line, "clé qui n'est pas un mot", "une clé simple, comme « number »")
                )
                continue
            if key in mapping:
                problems.append(Problem(path, line, f"clé en double « {key} »", cure="gardez-en une seule"))
                continue
            lines[(*at, key)] = line
            mapping[key] = _plain(value_node, (*at, key), path, lines, problems, seen)
        return mapping
    if isinstance(node, yaml.SequenceNode):
        items = []
        for index, item in enumerate(node.value):
            lines[(*at, index)] = item.start_mark.line + 1
            items.append(_plain(item, (*at, index), path, lines, problems, seen))
        return items
    if node.tag == "tag:yaml.org,2002:null":
        return None
    return str(node.value)


def parse(document: Document, model: type[Model], failure: type[FileInvalid], context: Any = None) -> Model:
    """Gives a document its type. Raises `failure` with one problem per error, each with its line."""
    try:
        return model.model_validate(document.data if document.data is not None else {}, context=context)
    except ValidationError as error:
        raise failure([_problem(document, model, details) for details in error.errors()]) from None


def load(path: Path, model: type[Model], failure: type[FileInvalid], context: Any = None) -> Model:
    """Reads and types one file: `read` then `parse`."""
    return parse(read(path, failure), model, failure, context)


# pydantic's error types, in the words of somebody who fills a form.
_EXPECTED = {
    "bool_parsing": "true ou false",
    "bool_type": "true ou false",
    "date_from_datetime_parsing": "une date AAAA-MM-JJ",
    "date_parsing": "une date AAAA-MM-JJ",
    "date_type": "une date AAAA-MM-JJ",
    "decimal_parsing": "un montant comme 600.00",
    "decimal_type": "un montant comme 600.00",
    "decimal_max_places": "deux décimales au plus",
    "decimal_max_digits": "un montant plus petit",
    "dict_type": "une suite de clés et de valeurs",
    "int_parsing": "un nombre entier",
    "int_type": "un nombre entier",
    "list_type": "une liste",
    "model_type": "une suite de clés et de valeurs",
    "model_attributes_type": "une suite de clés et de valeurs",
    "string_type": "un texte",
    "path_type": "un chemin de fichier",
    "tuple_type": "une liste",
    "too_short": "au moins un élément",
    "string_too_short": "un texte non vide",
    "float_parsing": "un nombre",
}


def _problem(document: Document, model: type[BaseModel], details: Any) -> Problem:
    location: Location = tuple(details["loc"])
    kind: str = details["type"]
    place = (*document.known(location[:-1]), *location[-1:]) if kind == "missing" else document.known(location)
    name = ".".join(map(str, place)) or "le fichier"
    if kind == "extra_forbidden":
        key = str(location[-1])
        near = difflib.get_close_matches(key, _known_keys(model, location[:-1]), n=1)
        cure = f"vouliez-vous dire « {near[0]} » ?" if near else "supprimez-la"
        return document.problem(location, f"clé inconnue « {key} »", cure=cure)
    if kind == "missing":
        return document.problem(location[:-1], f"clé absente « {name} »", cure="ajoutez-la")
    if kind in ("literal_error", "enum"):
        expected = details["ctx"]["expected"].replace(" or ", " ou ")
        return document.problem(location, f"« {name} » vaut « {details['input']} »", expected)
    if kind in _EXPECTED:
        shown = "rien" if details["input"] is None else f"« {str(details['input'])[:60]} »"
        return document.problem(location, f"« {name} » vaut {shown}", _EXPECTED[kind])
    context = details.get("ctx", {})
    message = str(context.get("error") or details["msg"])
    return document.problem(
        location,
        message if context.get("whole") else f"« {name} » : {message}",
        str(context.get("expected_fr", "")),
        str(context.get("cure", "")),
        kind if kind.isupper() else "",
    )


def _known_keys(model: type[BaseModel], location: Location) -> list[str]:
    """Keys accepted at a location, as far as the models tell."""
    models = [model]
    for part in location:
        inner = [m.model_fields[part].annotation for m in models if isinstance(part, str) and part in m.model_fields]
        led = [found for annotation in inner for found in _models_in(annotation)]
        # A key of a mapping, an index of a list or the name of a union member leads no further: the models stay.
        models = led or [m for m in models if part in m.model_fields] or models
    return [field.alias or name for found in models for name, field in found.model_fields.items()]


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    """Records named anywhere in an annotation: optional, listed, mapped, or one of several."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for argument in get_args(annotation) for found in _models_in(argument)]
