"""Reads YAML into typed data, with the line of every key: the one door for config, invoices and flows.

Every scalar stays text (`3.10` is a tutorial line, `010` a number, `NON` an answer); pydantic gives it its type.
Knows nothing of what the files mean.
"""

from __future__ import annotations

import difflib
import re
import stat
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import core_schema

from robot.failures import FileInvalid, Problem
from robot.plain import why

Model = TypeVar("Model", bound=BaseModel)
Location = tuple[str | int, ...]

# A config or a flow is some kilobytes; a larger file is a wrong file, and a megabyte of commas takes half a minute.
MAX_BYTES = 100_000
# The deepest flow has eight levels.
MAX_DEPTH = 40
# Problems whose words are made; nobody reads more.
MAX_PROBLEMS = 200

# Signs that no portal, path or database takes; YAML lets « \0 » and « \ud800 » through between double quotes.
IMPOSSIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


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
        reached: dict[Location, None] = {(): None}
        for part in location:
            ahead: dict[Location, None] = {}
            for before in reached:
                if (taken := (*before, part)) in self._lines:
                    ahead[taken] = None
                # The member of a list may bear the name of one of its keys: reaching the end decides.
                if taken not in self._lines or (before and isinstance(before[-1], int)):
                    ahead[before] = None
            reached = ahead
        return max(reached, key=lambda found: (found[-1:] == location[-1:], len(found)))

    def problem(
        self, location: Location, what: str, expected: str = "", cure: str = "", code: str = ""
    ) -> Problem:
        return Problem(self.path, self.line(location), what, expected, cure, code)


def read(path: Path, failure: type[FileInvalid]) -> Document:
    """Reads one file. Raises `failure` for an unreadable file, bad syntax, duplicate keys, aliases."""
    return read_text(text_of(path, failure), path, failure)


def read_text(text: str, path: Path, failure: type[FileInvalid]) -> Document:
    """The same for a text that was read already, or is about to be written there."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    # A sign that no script has (« \Uffffffff ») or a version of ten thousand digits is a ValueError in PyYAML.
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError) as error:
        raise failure([_syntax(path, text, error)]) from None
    lines: dict[Location, int] = {(): 1}
    problems: list[Problem] = []
    data = _plain(node, (), path, lines, problems, set()) if node is not None else None
    if problems:
        raise failure(problems)
    return Document(path, data, lines)


def text_of(path: Path, failure: type[FileInvalid]) -> str:
    """The text of one file, of a size that a person may have written. Raises `failure`."""
    try:
        # A pipe or a device would be read for ever.
        if not stat.S_ISREG(path.stat().st_mode):
            cure = "donnez le fichier, pas son dossier" if path.is_dir() else "enregistrez-le comme un fichier"
            raise failure([Problem(path, 0, "ce n'est pas un fichier ordinaire", "un fichier YAML", cure)])
        # A file of /proc has no size, and may have no end.
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise failure([Problem(path, 0, "fichier introuvable", cure="vérifiez le chemin")]) from None
    except OSError as error:
        raise failure([Problem(path, 0, f"fichier illisible : {why(error)}", cure="vérifiez le chemin")]) from None
    if len(data) > MAX_BYTES:
        expected = f"un fichier YAML de moins de {MAX_BYTES // 1000} Ko"
        raise failure([Problem(path, 0, "fichier trop gros", expected, "vérifiez que c'est le bon")])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        cure = "enregistrez le fichier avec l'encodage UTF-8 (Bloc-notes : Enregistrer sous, Encodage)"
        raise failure([Problem(path, line, "fichier illisible", "du texte UTF-8", cure)]) from None


# What PyYAML says, and what somebody who fills a form reads instead: what, cure. The first that is found.
_SYNTAX = (
    (r"character '\\t'", "une tabulation", "remplacez les tabulations par des espaces"),
    (r"cannot start any token", "un signe réservé (% @ `)", "mettez la valeur entre guillemets"),
    (r"could not find expected ':'", "« : » manque après une clé", "écrivez « clé: valeur », avec un espace après « : »"),
    (r"mapping values are not", "« : » au milieu d'une valeur", "mettez la valeur entre guillemets"),
    (r"mapping keys are not", "une clé n'est pas attendue ici", "alignez-la avec les clés du même niveau"),
    (r"sequence entries are not", "un tiret n'est pas attendu ici", "mettez-le au début d'une ligne à lui"),
    (r"<block end>|<document start>", "la ligne n'est pas alignée", "donnez le même retrait aux clés du même niveau"),
    (r"',' or '\]'", "un crochet n'est pas fermé", "ajoutez « ] », ou une virgule entre deux valeurs"),
    (r"',' or '}'", "une accolade n'est pas fermée", "ajoutez « } », ou une virgule entre deux valeurs"),
    (r"end of stream", "un guillemet n'est pas fermé", "fermez-le à la fin de la valeur"),
    (r"escape", "« \\ » entre guillemets", "mettez la valeur entre apostrophes, ou écrivez le chemin avec des /"),
    (r"special characters", "un signe invisible", "effacez la ligne et retapez-la"),
    (r"single document", "« --- » au milieu du fichier", "gardez un seul document par fichier"),
    (r"alias|anchor", "alias YAML (&nom, *nom)", "mettez la valeur entre guillemets, ou écrivez-la en clair"),
)  # fmt: skip


def _syntax(path: Path, text: str, error: Exception) -> Problem:
    if isinstance(error, RecursionError):
        return _too_deep(path, 1)
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark else 1
    if isinstance(error, yaml.reader.ReaderError):
        line = text.count("\n", 0, error.position) + 1
    found = ((what, cure) for pattern, what, cure in _SYNTAX if re.search(pattern, str(error)))
    what, cure = next(found, ("la ligne ne se lit pas", "comparez-la avec l'exemple, ou mettez la valeur entre guillemets"))
    return Problem(path, line, f"YAML incorrect : {what}", cure=cure)


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
    if len(at) > MAX_DEPTH:
        problems.append(_too_deep(path, node.start_mark.line + 1))
        return None
    if isinstance(node, yaml.MappingNode):
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else ""
            line = key_node.start_mark.line + 1
            if not key or IMPOSSIBLE.search(key):
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
    if IMPOSSIBLE.search(text := str(node.value)):
        what, cure = "un signe impossible dans une valeur", "effacez la valeur et retapez-la"
        problems.append(Problem(path, node.start_mark.line + 1, what, cure=cure))
    return text


def _too_deep(path: Path, line: int) -> Problem:
    return Problem(path, line, "imbrication trop profonde", f"{MAX_DEPTH} niveaux au plus", "comparez avec l'exemple")


def parse(document: Document, model: type[Model], failure: type[FileInvalid], context: Any = None) -> Model:
    """Gives a document its type. Raises `failure` with one problem per error, each with its line."""
    try:
        return model.model_validate(document.data if document.data is not None else {}, context=context)
    except ValidationError as error:
        raise failure([_problem(document, model, details) for details in islice(error.errors(), MAX_PROBLEMS)]) from None


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
    "int_parsing_size": "un nombre plus petit",
    "string_unicode": "un texte sans signe impossible",
}
_BOUNDS = {"pattern": "la forme", "ge": "au moins", "gt": "plus de", "le": "au plus", "lt": "moins de"}
# Whose own sentences are English; the others are ours.
_ENGLISH = frozenset(get_args(core_schema.ErrorType)) - {"value_error", "assertion_error"}


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
    context = details.get("ctx", {})
    if kind in _EXPECTED or kind in _ENGLISH:
        shown = "rien" if details["input"] is None else f"« {str(details['input'])[:60]} »"
        expected = _EXPECTED.get(kind) or " ".join(f"{word} {context[key]}" for key, word in _BOUNDS.items() if key in context)
        return document.problem(location, f"« {name} » vaut {shown}", expected or "une autre valeur")
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
