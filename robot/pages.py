"""Screens as Playwright page objects: what a person can do on one screen, by the names the flows give its elements.

    portal.screen("bloc-destinataire").fill(siret="19440984300019")

Acts and reads back; recognising is in `tabs.py`, what to type and in which order in `runner.py`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Frame, Locator
from pydantic import SecretStr

from robot.failures import ElementNotFound, HostRefused, PortalRefused, ReadBackDiffers, ScreenChanged
from robot.fields import matching_option, plain, same, written
from robot.gate import host_of
from robot.hand import Hand
from robot.locators import Facts, Sight, await_survey, is_passing, locate, survey
from robot.sights import ACTION_MS, DRAWN_MS, ScreenSight, has_window
from robot.tabs import Tabs

# How long the portal is given to show the effect of a press that leads to no other screen.
_EFFECT_MS = 8_000
# A public program that downloads from the portal waits as long.
_DOWNLOAD_MS = 30_000
_SLICE_MS = 400

# Exact words of the portal's searches (API code TRA_MSG_00.015), and what others say.
_NO_RESULT = r"[^\n]*(aucun r[eé]sultat|introuvable|structure inconnue|n'existe pas)[^\n]*"
_NO_RESULT_JS = f"/{_NO_RESULT[7:-7]}/i.test(facts.text)"


@dataclass(frozen=True)
class Done:
    """What an action on one element did."""

    element: str
    way: str = ""
    label: str = ""
    # What the field showed before.
    before: str = ""
    # What was typed, chosen or read, as text; masked where secret.
    value: str = ""
    # Why nothing was done, in French; empty where something was.
    skipped: str = ""
    # Where the words led, if a calibrated id leads nowhere any more.
    drift: str = ""


class Portal(Tabs):
    """The portal, screen by screen. `hand` makes the gestures."""

    hand = Hand()

    def screen(self, name: str, frame: Frame | None = None) -> ScreenPage:
        """A screen by its name in the flows, in the frame given, or else in the tab in front."""
        return ScreenPage(self, self.flows.screens[name], frame or self.page.main_frame)


class ScreenPage(ScreenSight):
    """One screen in one frame, to act on."""

    portal: Portal

    def _reached(self, target: Locator) -> Locator:
        self.portal.hand.reach(target)
        return target

    # --- typing and choosing ------------------------------------------------------------------------------------

    def fill(self, **values: object) -> list[Done]:
        """Puts values into elements, each as its control takes it; what is right already is left."""
        return [self.put(name, value) for name, value in values.items()]

    def put(self, name: str, value: object) -> Done:
        """Types or chooses one value; None empties the field. Raises ElementNotFound, PortalRefused."""
        if isinstance(value, SecretStr):
            return self._type_secret(name, value)
        self._check_host()
        found = self.sight(name, expected=value is not None)
        if value is None and found.state == "absent":
            return Done(name, skipped="l'écran ne le montre pas et la facture n'en a pas")
        found = self.need(name, found)
        if found.nature == "checkbox":
            if (found.value == "true") is not bool(value):
                self._reached(self.element(name, part="box")).click(timeout=ACTION_MS)
        elif found.nature in ("select", "radio", "picker"):
            self._choose(name, value, found)
        elif not same(value, found.value) and not found.locked:
            self._type(name, value, found)
        shown = "OUI" if value is True else "NON" if value is False else written(value)
        skipped = "le portail le remplit lui-même" if found.locked else ""
        return Done(name, found.way, found.label, found.value, shown, skipped, found.drift)

    def put_again(self, name: str, value: object) -> None:
        """Puts a value that the page did not keep, key by key: masked fields refuse pasted text."""
        self._check_host()
        found = self.need(name, self.sight(name))
        if found.nature == "text" and not found.locked and not same(value, found.value):
            self._type(name, value, found, by_key=True)
        elif found.nature != "text":
            self._choose(name, value, found)

    def _type(self, name: str, value: object, found: Sight, *, by_key: bool = False) -> None:
        box = self._reached(self.element(name))
        # A hand that shows may have been held back for long.
        self._check_host()
        text = written(value, found.type)
        if by_key:
            # Masked fields take keys, not pasted text.
            box.click(timeout=ACTION_MS)
            box.press("ControlOrMeta+a")
            box.press_sequentially(text, timeout=ACTION_MS)
        else:
            self.portal.hand.write(box, text, kind=found.type, timeout=ACTION_MS)
        # Leaving the field is what makes a server-drawn page compute its totals and close its calendars.
        try:
            box.blur(timeout=1000)
        except PlaywrightError as error:
            if not is_passing(error):
                raise

    def _type_secret(self, name: str, secret: SecretStr) -> Done:
        """Types a password or a code, only where the sign-in host stands at that very instant."""
        found = self.need(name, self.sight(name))
        box = self._reached(self.element(name)).element_handle(timeout=ACTION_MS)
        # A handle belongs to one document for ever: if the page goes elsewhere now, typing fails instead of following.
        address = str(box.evaluate("el => el.ownerDocument.defaultView.location.href"))
        if not self.portal.allows_sign_in(address) or not self.portal.allows_sign_in(self.frame.page.url):
            raise _elsewhere(address, self.portal.place.sign_in_hosts, "de connexion")
        box.fill(secret.get_secret_value(), timeout=ACTION_MS)
        return Done(name, found.way, found.label, "", "••••••", "", found.drift)

    def _check_host(self) -> None:
        """Nothing is typed outside the allowed hosts, and on sign-in screens outside the sign-in hosts."""
        allowed = self.portal.allows_sign_in if self.screen.sign_in else self.portal.allows
        if not allowed(self.frame.url):
            hosts = self.portal.place.sign_in_hosts if self.screen.sign_in else self.portal.place.hosts
            raise _elsewhere(self.frame.url, hosts, "de connexion" if self.screen.sign_in else "du portail")

    def _choose(self, name: str, value: object, found: Sight) -> None:
        element = self.screen.elements[name]
        known = {key: tuple(labels) for key, labels in element.options.items()}
        if isinstance(value, bool) and not known:
            # A box on one portal is a list of two answers on another.
            known = {"true": ("OUI",), "false": ("NON",)}
        if value is None:
            index = next((i for i, o in enumerate(found.options) if not o.value or not plain(o.text)), None)
            if index is None or not found.value:
                return
        else:
            index = matching_option(value, known, found.options)
            if index is None and found.nature == "picker" and not found.options:
                if self.answers(value, known, found.value):
                    return
                self._pick(name, value, known)
                return
        if index is None:
            offered = ", ".join(f"« {o.text.strip()} »" for o in found.options if o.text.strip()) or "rien"
            if not element.options:
                raise PortalRefused(
                    f"{written(value)} n'est pas proposé ; le portail propose {offered}",
                    field=element.name,
                    where=self.screen.title,
                    cure="vérifiez la valeur dans la facture et la configuration, et que votre compte est rattaché "
                    "à cette structure.",
                )
            raise ElementNotFound(
                f"« {element.name} » ne propose pas de réponse pour {written(value)}, ou en propose plusieurs.",
                where=f"écran « {self.screen.title} », élément {name}",
                expected=f"une des réponses offertes : {offered}",
                cure="signalez le libellé d'aujourd'hui au support.",
            )
        if found.options[index].chosen:
            return
        if found.locked:
            raise ReadBackDiffers(
                f"« {element.name} » est verrouillé sur « {found.value} », la facture demande « {written(value)} ».",
                where=f"écran « {self.screen.title} »",
                cure="rien n'a été envoyé ; regardez l'écran (--headed).",
            )
        if found.nature == "select":
            self._reached(self.element(name)).select_option(index=index, timeout=ACTION_MS)
        elif found.nature == "radio":
            self._reached(self.element(name, part="radio", index=index)).click(timeout=ACTION_MS)
        else:
            self._pick_text(name, found.options[index].text)

    def _pick(self, name: str, value: object, known: Mapping[str, tuple[str, ...]]) -> None:
        """Opens a drawn list whose answers are only known once it is open."""
        words = known.get(written(value), (written(value),))
        self._pick_text(name, words[0], searched=written(value) if not known else "")

    def _pick_text(self, name: str, text: str, *, searched: str = "") -> None:
        """Picks an answer of a drawn list (Select2 and its like) as a person does: open, search, press."""
        self._reached(self.element(name)).click(timeout=ACTION_MS)
        if searched:
            box = locate(self.frame, {"part": "search"})
            self.portal.hand.write(box, searched, kind="text", timeout=ACTION_MS)
            self._reached(locate(self.frame, {"part": "row", "text": searched})).click(timeout=ACTION_MS)
        else:
            self._reached(locate(self.frame, {"part": "choice", "text": text})).click(timeout=ACTION_MS)

    def upload(self, name: str, path: Path, *, file_name: str) -> Done:
        """Gives a file of the computer to a file chooser, under a name that the portal accepts."""
        self._check_host()
        payload: Any = {"name": file_name, "mimeType": _mime(file_name), "buffer": path.read_bytes()}
        found = self.sight(name, expected=False)
        if found.state == "absent":
            # The chooser may only exist once its button is pressed.
            button = locate(self.frame, {**self.spec(name), "kind": "button", "sole": False})
            if button.count():
                self.portal.hand.reach(button)
                with self.frame.page.expect_file_chooser(timeout=ACTION_MS) as chooser:
                    button.click(timeout=ACTION_MS)
                chooser.value.set_files(payload)
                return Done(name, "role", self.screen.elements[name].name, "", file_name)
        found = self.need(name, found)
        self._reached(self.element(name)).set_input_files(payload, timeout=ACTION_MS)
        return Done(name, found.way, found.label, found.value, file_name, "", found.drift)

    # --- pressing -----------------------------------------------------------------------------------------------

    def press(self, name: str) -> Done:
        """Presses a button, a link or a tab."""
        found = self.need(name, self.sight(name))
        self.click(self.element(name), self.screen.elements[name].name)
        return Done(name, found.way, found.label, drift=found.drift)

    def click(self, target: Locator, called: str) -> None:
        self.portal.hand.reach(target)
        try:
            target.click(timeout=ACTION_MS, no_wait_after=True)
        except PlaywrightError as error:
            if "intercepts pointer events" in error.message:
                # Something floats over it (the chat bubble does): the keyboard reaches it all the same.
                target.focus(timeout=ACTION_MS)
                target.press("Enter", no_wait_after=True)
            elif is_passing(error):
                raise ElementNotFound(
                    f"« {called} » ne répond pas (grisé, caché ou recouvert).",
                    where=f"écran « {self.screen.title} »",
                    cure="regardez l'écran (--headed) : un champ obligatoire est peut-être vide.",
                ) from None
            else:
                raise

    def ready_to_press(self, name: str) -> Done:
        """Makes sure that a button can be pressed, without pressing it: what fails here has sent nothing."""
        found = self.need(name, self.sight(name))
        self._reached(self.element(name)).click(trial=True, timeout=ACTION_MS)
        return Done(name, found.way, found.label, drift=found.drift)

    def press_once(self, name: str) -> None:
        """Presses and never again, whatever happens: the caller must treat any error as « perhaps pressed »."""
        self.element(name).click(timeout=ACTION_MS, no_wait_after=True)

    def press_and_see(self, name: str, words: list[str]) -> Done:
        """Presses a button that leads to no other screen, and waits until the page shows one of the words once more."""
        before = self.look(name, counts=words)
        done = self.press(name)
        request = {"counts": words, "messages": True}
        more = " || ".join(f"facts.counts[{i}] > {count}" for i, count in enumerate(before.counts))
        facts = await_survey(self.frame, request, more, _EFFECT_MS)
        if facts is None:
            messages = [m for m in self.look(name).messages if m not in before.messages]
            if messages:
                raise PortalRefused(" / ".join(messages), where=self.screen.title)
            raise ScreenChanged(
                f"Après « {self.screen.elements[name].name} », l'écran ne montre pas « {words[0]} ».",
                where=f"écran « {self.screen.title} »",
                cure="regardez l'écran (--headed).",
            )
        return done

    # --- searching in a directory -------------------------------------------------------------------------------

    def look_up(self, name: str, value: str, *, search: str, box: str, pick: str) -> Done:
        """Types an identifier, has it searched, and takes it in the list or the window that comes, if any.

        How the portal searches is unknown: at once, on a button, or in a window of its own. Raises PortalRefused when
        the portal says there is no such identifier.
        """
        self._check_host()
        found = self.need(name, self.sight(name))
        done = Done(name, found.way, found.label, found.value, value, "", found.drift)
        if found.nature == "picker":
            self._choose(name, value, found)
            return done
        before = self.look(name, counts=[value], text=True)
        if not found.locked and not same(value, found.value):
            self._type(name, value, found)
        if self.look(search).elements[search].usable:
            self.press(search)
            try:
                self._search_in_window(value, before, search, box)
            except PortalRefused:
                if found.locked or has_window(self.frame) or same(value, self.sight(name).value):
                    raise
                # Loaded anew by somebody before the press, the page has searched for nothing.
                before = self.look(name, counts=[value], text=True)
                self._type(name, value, self.need(name, self.sight(name)))
                self.press(search)
                self._search_in_window(value, before, search, box)
        self._take(value, pick, name)
        return done

    def _search_in_window(self, value: str, before: Facts, search: str, box: str) -> None:
        """Waits for the answer to a search; fills the search window where one opens."""
        count = before.counts[0] if before.counts else 0
        drawn_anew = f"facts.document !== {before.document}"
        # Words that an earlier search left there are no answer to this one.
        none = f"({drawn_anew} && {_NO_RESULT_JS})" if re.search(_NO_RESULT, before.text, re.IGNORECASE) else _NO_RESULT_JS
        answered = f"facts.counts[0] > {count} || facts.window !== {str(before.window).lower()} || {none}"
        request = {"counts": [value], "text": True, "messages": True}
        facts = await_survey(self.frame, request, f"{answered} || {drawn_anew}", _EFFECT_MS)
        if facts and facts.document != before.document and facts.counts[0] <= count and not facts.window:
            # The page came back at once; its answer may still be drawn by a script.
            facts = await_survey(self.frame, request, answered, DRAWN_MS / 2) or facts
        facts = facts or survey(self.frame, request)
        if facts and facts.window and not before.window:
            field = self.element(box)
            if field.count():
                self.portal.hand.write(self._reached(field), value, kind="text", timeout=ACTION_MS)
                button = locate(self.frame, {**self.spec(search), "within": []})
                if button.count():
                    self.click(button, self.screen.elements[search].name)
                found = f"facts.counts[0] > 0 || {_NO_RESULT_JS}"
                facts = await_survey(self.frame, request, found, _EFFECT_MS)
        if facts and (no_result := re.search(_NO_RESULT, facts.text, re.IGNORECASE)):
            raise PortalRefused(
                no_result.group().strip(),
                field=value,
                where=self.screen.title,
                cure="vérifiez le SIRET de l'université sur le bon de commande : il doit être actif dans l'annuaire.",
            )

    def _take(self, value: str, pick: str, name: str) -> None:
        """Takes the row that bears the identifier, where the search left a choice to make."""
        row = locate(self.frame, {"part": "row", "text": value})
        in_window = has_window(self.frame)
        if row.count():
            chooser = row.locator("input[type=radio], input[type=checkbox]")
            button = row.locator("button, a, [role=button], input[type=submit], input[type=button]")
            if chooser.count():
                self._reached(chooser.first).check(timeout=ACTION_MS, force=True)
            elif button.count():
                self._reached(button.first).click(timeout=ACTION_MS, no_wait_after=True)
            elif in_window:
                self._reached(row).click(timeout=ACTION_MS, no_wait_after=True)
        if in_window and not await_survey(self.frame, {}, "!facts.window", _EFFECT_MS / 4):
            # The window still waits for its own button.
            self.click(
                locate(self.frame, {**self.spec(pick), "within": []}), self.screen.elements[pick].name
            )
            await_survey(self.frame, {}, "!facts.window", _EFFECT_MS)
        self.need(name, self.sight(name))

    def pick_row(self, value: str) -> Done:
        """Takes the row of a list that bears a value, where the list leaves a choice to make: ticks it, or opens it by the
        value's own link.
        """
        self._check_host()
        row = locate(self.frame, {"part": "row", "text": value})
        if not row.count():
            raise ElementNotFound(
                f"La liste ne montre pas « {value} ».",
                where=f"écran « {self.screen.title} »",
                cure="rien n'a été envoyé ; regardez l'écran (--headed).",
            )
        chooser = row.locator("input[type=radio], input[type=checkbox]")
        link = row.get_by_role("link", name=value, exact=True)
        if chooser.count():
            self._reached(chooser.first).check(timeout=ACTION_MS, force=True)
        elif link.count():
            self._reached(link.first).click(timeout=ACTION_MS, no_wait_after=True)
        elif row.get_attribute("role") == "option" or not row.locator("button, a, [role=button], input").count():
            self._reached(row).click(timeout=ACTION_MS, no_wait_after=True)
        return Done("", value=value)

    def download(self, name: str) -> bytes:
        """Presses a button that gives a file, and waits for the whole file, downloaded or shown in a tab."""
        self.portal.downloads.clear()
        self.portal.shown_files.clear()
        self.press(name)
        deadline = time.monotonic() + _DOWNLOAD_MS / 1000
        while not any(one.is_over for one in self.portal.downloads) and time.monotonic() < deadline:
            if content := self._shown_file():
                return content
            try:
                self.portal.page.wait_for_event("framenavigated", timeout=_SLICE_MS)
            except PlaywrightError as error:
                if not is_passing(error):
                    raise
        called, where = self.screen.elements[name].name, f"écran « {self.screen.title} »"
        if not self.portal.downloads:
            raise ElementNotFound(f"« {called} » n'a donné aucun fichier.", where=where)
        received = self.portal.downloads[-1]
        if not received.is_over:
            received.download.cancel()
            raise ElementNotFound(f"« {called} » : le fichier n'en finit pas d'arriver.", where=where)
        if received.problem:
            raise ElementNotFound(f"« {called} » : le fichier n'est pas arrivé entier ({received.problem}).", where=where)
        return Path(received.download.path()).read_bytes()

    def _shown_file(self) -> bytes | None:
        """The file that the portal shows in a tab, where the browser still has its bytes."""
        for response in self.portal.shown_files:
            try:
                return response.body()
            except PlaywrightError:
                # A file that is being downloaded has no body here: it arrives as a download.
                continue
        return None


def _elsewhere(address: str, hosts: tuple[str, ...], kind: str) -> HostRefused:
    return HostRefused(
        f"« {host_of(address) or address} » n'est pas une adresse {kind} permise : rien n'y a été tapé.",
        expected=", ".join(hosts),
        cure="si cette adresse est bien celle du portail, corrigez « hosts » et « sign_in_hosts ».",
    )


def _mime(file_name: str) -> str:
    return "application/pdf" if file_name.lower().endswith(".pdf") else "application/octet-stream"
