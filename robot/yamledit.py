"""Changes values of a YAML text where they stand: every other sign of it stays, comments, order, quotes and line ends.

What comes out is read again, and must say what was meant, or nothing is changed. Scalars are text, as `yamlfile.py`
reads them. Knows nothing of files, nor of what the values mean.
"""

from __future__ import annotations

import copy
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import yaml

Value = str | Mapping[str, "Value"] | Sequence["Value"]
Path = tuple[str | int, ...]

# Written without quotes by anybody; digits alone are quoted, as other programs would take `0012` for a number.
_BARE = re.compile(r"(?!\d+$)[0-9A-Za-zÀ-ÖØ-öø-ÿ](?:[\w .'/@+()-]*[\w.)])?")
# Control signs, changes of direction, line ends that only some programs know, signs that stand for nothing.
_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs", "Cn"})
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})


class CannotEdit(ValueError):
    """The text is written in a way that cannot be added to without writing it anew."""


def with_value(text: str, path: Path, value: Value) -> str:
    """The text with one value changed, or added to the mappings that the path leads through. Raises CannotEdit."""
    data, root = _data(text), _compose(text)
    expected = _changed(data, path, value)
    if data == expected:
        return text
    found = root
    for depth, part in enumerate(path):
        inner = _child(found, part)
        if inner is None:
            new = _nested(path[depth + 1 :], value)
            if isinstance(found, yaml.MappingNode) and found.value:
                return _checked(_with_key(text, found, str(part), new), expected)
            return _checked(_replaced(text, found, {str(part): new}), expected)
        found = inner
    return _checked(_replaced(text, found, value), expected)


def with_first(text: str, path: Path, key: str, value: Value) -> str:
    """The text with a quoted key put first in the mapping at a path; one that stands further down moves up.

    Raises CannotEdit.
    """
    found = _node(text, path)
    if not isinstance(found, yaml.MappingNode) or not found.value or found.value[0][0].value == key:
        return with_value(text, (*path, key), value)
    expected = _changed(_data(text), (*path, key), value)
    first = found.value[0][0]
    start = int(first.start_mark.index)
    rest = text if _child(found, key) is None else _without(text, found, key)
    margin = ", " if found.flow_style else _newline(text) + " " * int(first.start_mark.column)
    return _checked(f"{rest[:start]}{_quoted(key)}: {_inline(value)}{margin}{rest[start:]}", expected)


def value_at(text: str, path: Path) -> Any:
    """What stands at a path, all scalars as text; None where nothing does. Raises CannotEdit."""
    return _plain(_node(text, path))


def with_item(text: str, path: Path, value: Value) -> str:
    """The text with one more item at the end of a list, which is begun where there is none. Raises CannotEdit."""
    data, root = _data(text), _compose(text)
    found = root
    for part in path:
        found = _child(found, part)
    items = found.value if isinstance(found, yaml.SequenceNode) else []
    if not items and _plain(found):
        raise CannotEdit
    expected = _changed(data, (*path, len(items)), value)
    if items:
        edited = _with_next(text, found, value)
    elif len(path) > 1:
        return with_value(text, path, [value])
    elif found is not None:
        edited = _begun(text, found, value)
    else:
        start = text if not text or text.endswith("\n") else text + _newline(text)
        edited = start + _lines(str(path[0]), [value], 0, _newline(text)) + _newline(text)
    return _checked(edited, expected)


def _checked(text: str, expected: Any) -> str:
    if _data(text) != expected:
        raise CannotEdit
    return text


# --- what the text says -----------------------------------------------------------------------------------------


def _compose(text: str) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise CannotEdit from error


def _node(text: str, path: Path) -> yaml.Node | None:
    found = _compose(text)
    for part in path:
        found = _child(found, part)
    return found


def _data(text: str) -> Any:
    return _plain(_compose(text))


def _plain(node: yaml.Node | None) -> Any:
    if isinstance(node, yaml.MappingNode):
        return {key.value: _plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item) for item in node.value]
    return None if node is None or node.tag == "tag:yaml.org,2002:null" else node.value


def _child(node: yaml.Node | None, part: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.SequenceNode):
        return node.value[part] if isinstance(part, int) and part < len(node.value) else None
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == part), None)
    return None


def _changed(data: Any, path: Path, value: Value) -> Any:
    changed = copy.deepcopy(data) if data is not None else {}
    inner = changed
    for part, following in pairwise(path):
        if isinstance(inner, dict) and not isinstance(inner.get(str(part)), dict | list):
            inner[str(part)] = [] if isinstance(following, int) else {}
        inner = inner[part]
    if isinstance(inner, list) and path[-1] == len(inner):
        inner.append(None)
    inner[path[-1]] = copy.deepcopy(value)
    return changed


def _nested(path: Path, value: Value) -> Value:
    for part in reversed(path):
        value = {str(part): value}
    return value


# --- where it stands ----------------------------------------------------------------------------------------------


def _end(node: yaml.Node) -> int:
    """Where the last sign of a value stands; for the parser a block ends where the next thing begins."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _line_end(text: str, index: int) -> int:
    """The end of the line that a value ends on, behind its comment; folded text ends behind its own line end."""
    end = index - 1 if index and text[index - 1] == "\n" else text.find("\n", index)
    if end < 0:
        return len(text)
    return end - (text[end - 1 : end] == "\r")


def _replaced(text: str, node: yaml.Node | None, value: Value) -> str:
    if node is None:
        raise CannotEdit
    start, end, new = int(node.start_mark.index), _end(node), _inline(value)
    if text[start:end].endswith("\n"):
        new += _newline(text)
    # Nothing stands behind the colon.
    return text[:start] + (f" {new}" if start == end else new) + text[end:]


def _with_key(text: str, node: yaml.MappingNode, key: str, value: Value) -> str:
    first, last = node.value[0][0], node.value[-1][1]
    if node.flow_style:
        return f"{text[: _end(last)]}, {_scalar(key)}: {_inline(value)}{text[_end(last) :]}"
    end = _line_end(text, _end(last))
    return text[:end] + _newline(text) + _lines(key, value, int(first.start_mark.column), _newline(text)) + text[end:]


def _with_next(text: str, node: Any, value: Value) -> str:
    end = _end(node.value[-1])
    if node.flow_style:
        return f"{text[:end]}, {_inline(value)}{text[end:]}"
    column = int(node.start_mark.column)
    end = _line_end(text, end)
    # Comments that are set in deeper than the dash speak of the last item.
    while deeper := re.match(rf"(?:\r?\n[ \t]*)*?\r?\n {{{column + 1},}}#[^\r\n]*", text[end:]):
        end += deeper.end()
    return text[:end] + _newline(text) + _item(value, column, _newline(text)) + text[end:]


def _without(text: str, node: yaml.MappingNode, key: str) -> str:
    """The text without a key that is not the first, and without the comment behind it."""
    place = [name.value for name, _ in node.value].index(key)
    name, value = node.value[place]
    if node.flow_style:
        return text[: _end(node.value[place - 1][1])] + text[_end(value) :]
    start = text.rfind("\n", 0, int(name.start_mark.index))
    return text[: start - (text[start - 1 : start] == "\r")] + text[_line_end(text, _end(value)) :]


def _begun(text: str, node: yaml.Node, value: Value) -> str:
    """The first item of a list that is written as empty (`[]`, or nothing), in the lines below."""
    start, stop = int(node.start_mark.index), _end(node)
    end = _line_end(text, stop)
    kept = (text[:start] + text[stop:end]).rstrip(" \t")
    return kept + _newline(text) + _item(value, 2, _newline(text)) + text[end:]


# --- how it is written ----------------------------------------------------------------------------------------------


def _inline(value: Value) -> str:
    if isinstance(value, str):
        return _scalar(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(key)}: {_inline(item)}" for key, item in value.items()) + "}"
    return "[" + ", ".join(map(_inline, value)) + "]"


def _scalar(value: str) -> str:
    if _BARE.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return _quoted(value)


def _quoted(value: str) -> str:
    """JSON's text is YAML's, but for signs that nobody sees: these are written by their numbers."""
    shown = json.dumps(value, ensure_ascii=False)
    return "".join(sign if unicodedata.category(sign) not in _UNSEEN else _number(sign) for sign in shown)


def _number(sign: str) -> str:
    return f"\\u{ord(sign):04x}" if ord(sign) < 0x10000 else f"\\U{ord(sign):08x}"


def _lines(key: str, value: Value, column: int, newline: str) -> str:
    """A key and its value: what holds further mappings in lines of its own, the rest within the line."""
    start = " " * column + _scalar(key) + ":"
    if isinstance(value, Mapping) and any(isinstance(item, Mapping) for item in value.values()):
        return newline.join([start, *(_lines(name, item, column + 2, newline) for name, item in value.items())])
    if isinstance(value, Sequence) and any(isinstance(item, Mapping) for item in value):
        return newline.join([start, *(_item(item, column + 2, newline) for item in value)])
    return f"{start} {_inline(value)}"


def _item(value: Value, column: int, newline: str) -> str:
    margin = " " * column
    if not isinstance(value, Mapping):
        return f"{margin}- {_inline(value)}"
    lines = newline.join(_lines(key, item, column + 2, newline) for key, item in value.items())
    return f"{margin}- {lines[column + 2 :]}"
