"""What was typed, read again from the page: the portal redraws values, loses some, computes others.

Comparison is by meaning (`fields.py`). Knows nothing of journeys; who is told is the runner's business.
"""

from __future__ import annotations

from dataclasses import dataclass

from robot.events import Kept
from robot.failures import ReadBackDiffers
from robot.fields import Option, matching_option, same, written
from robot.locators import Facts, Sight
from robot.pages import Done, ScreenPage
from robot.screens import Element


@dataclass(frozen=True)
class Entry:
    """What was put into one element."""

    element: str
    value: object
    # What the field showed before: the recogniser's reading of the PDF.
    recognised: str
    label: str
    # The input that the value is, e.g. `invoice.engagement`; empty for a fixed one.
    path: str = ""


class Typed:
    """Everything put into the form so far, by screen."""

    def __init__(self) -> None:
        self._entries: dict[str, dict[str, Entry]] = {}
        # Whether the page shows that an input must be given; what it does not show is not here.
        self.required: dict[str, bool] = {}

    def remember(self, page: ScreenPage, done: Done, value: object, path: str = "") -> None:
        entry = Entry(done.element, value, done.before, done.label, path)
        self._entries.setdefault(page.screen.screen, {})[done.element] = entry

    def _of(self, page: ScreenPage) -> list[Entry]:
        return list(self._entries.get(page.screen.screen, {}).values())

    def repair(self, page: ScreenPage) -> list[str]:
        """Types again what the page did not keep; gives the labels of what was put back."""
        entries = self._of(page)
        facts = _look(page, entries)
        lost = [entry for entry in entries if facts and not is_kept(page, entry, facts)]
        for entry in lost:
            page.put_again(entry.element, entry.value)
        return [entry.label for entry in lost]

    def kept(self, page: ScreenPage) -> list[Kept]:
        """One row for each value, as the page holds it now. Raises ReadBackDiffers."""
        entries = self._of(page)
        facts = _look(page, entries)
        rows = []
        for entry in entries:
            assert facts is not None
            shown = facts.elements[entry.element].value
            if (required := facts.elements[entry.element].required) is not None and entry.path:
                self.required[entry.path] = required
            if not is_kept(page, entry, facts):
                page.need(entry.element, facts.elements[entry.element])
                raise ReadBackDiffers(
                    f"« {entry.label or entry.element} » : le portail garde « {shown} » au lieu de "
                    f"« {written(entry.value)} ».",
                    where=page.screen.title,
                    cure="rien n'a été envoyé ; vérifiez la valeur dans la facture, ou regardez l'écran (--headed).",
                )
            rows.append(
                Kept(page.screen.screen, entry.element, entry.label, entry.recognised, written(entry.value), shown)
            )
        return rows


def _look(page: ScreenPage, entries: list[Entry]) -> Facts | None:
    """One look at what was typed: two names for one control would be a confusion, and are told as such."""
    return page.look(*(entry.element for entry in entries)) if entries else None


def is_kept(page: ScreenPage, entry: Entry, facts: Facts) -> bool:
    """Whether the page holds the value of an entry."""
    return holds(page.screen.elements[entry.element], entry.value, facts.elements[entry.element])


def holds(element: Element, value: object, found: Sight) -> bool:
    """Whether a control, as it stands, means a value; an optional one that is not there means None."""
    if found.state not in ("found", "collapsed"):
        # An optional field that a new answer made the portal hide.
        return value is None
    if found.nature in ("select", "radio", "picker"):
        if value is None:
            return not found.value or not any(option.chosen and option.value for option in found.options)
        known = {key: tuple(labels) for key, labels in element.options.items()}
        if not found.options:
            return bool(found.value) and matching_option(value, known, [Option(value="", text=found.value)]) == 0
        index = matching_option(value, known, found.options)
        return index is not None and found.options[index].chosen
    if found.nature == "checkbox":
        return (found.value == "true") == bool(value)
    return same(value, found.value)
