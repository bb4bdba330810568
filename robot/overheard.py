"""What somebody types and sends while they act on a portal, and the hosts met or refused meanwhile.

Listens and looks only. What is typed stays in memory; it is told apart from the portal's own words by `masking.py`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import BrowserContext, Frame, Request
from playwright.sync_api import Error as PlaywrightError

from robot.gate import host_of
from robot.locators import is_passing

# A form with its files; what is longer holds nothing that a page would show again.
_LONGEST = 2_000_000


# What changes with the document, and with what it shows; and what somebody typed, but passwords.
_PULSE = """() => {
  const typed = [...document.querySelectorAll("input,textarea")].filter((el) => el !== document.activeElement &&
    ["text", "textarea", "search", "email", "tel", "url", "number", "date"].includes(el.type) && el.value.trim());
  const size = document.querySelectorAll(":not([data-chorus-robot])").length;
  return [
    [performance.timeOrigin, location.href].join(" "),
    [size, (document.body?.innerText || "").length].join(" "),
    typed.map((el) => el.value),
  ];
}"""


class Overheard:
    """One browser context, listened to. `hosts`: those that the portal may use."""

    def __init__(self, context: BrowserContext, hosts: Iterable[str]) -> None:
        self._hosts = frozenset(hosts)
        self.met: set[str] = set()
        self.refused: set[str] = set()
        # Values that were sent since they were last taken.
        self._sent: list[str] = []
        context.on("request", self._on_request)
        context.on("requestfailed", self._on_failed)

    def take(self) -> list[str]:
        """What was sent since the last time, each value once."""
        sent, self._sent = self._sent, []
        return list(dict.fromkeys(sent))

    def _on_request(self, request: Request) -> None:
        host = host_of(request.url)
        if host in self._hosts:
            self.met.add(host)
        # Words of the portal's own travel there too.
        asked = [value for _, value in parse_qsl(urlsplit(request.url).query)]
        self._sent += [value for value in asked if not re.fullmatch(r"[a-z_.-]*", value)]
        body = request.post_data_buffer
        if body and len(body) < _LONGEST:
            self._sent += typed_in(body.decode("utf-8", "replace"), request.headers.get("content-type", ""))

    def _on_failed(self, request: Request) -> None:
        host = host_of(request.url)
        if host and host not in self._hosts:
            self.refused.add(host)


def pulse_of(frame: Frame) -> tuple[str, str, list[str]]:
    """The document, the size of what it shows, and what was typed; empty while the document is coming."""
    try:
        document, size, typed = frame.evaluate(_PULSE)
        return str(document), str(size), [str(value) for value in typed]
    except PlaywrightError as error:
        if is_passing(error):
            return "", "", []
        raise


def typed_in(body: str, kind: str) -> Iterable[str]:
    """Values of a form as a browser sends it: what somebody typed, among other things."""
    if "urlencoded" in kind:
        return [value for _, value in parse_qsl(body)]
    if "multipart" in kind:
        values = re.findall(r'name="[^"]*"\r\n\r\n(.{1,2000}?)\r\n--', body, re.DOTALL)
        return [*values, *re.findall(r'filename="([^"]+)"', body)]
    if "json" in kind:
        try:
            return list(_strings(json.loads(body)))
        except ValueError:
            return []
    return []


def _strings(data: object) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for value in data.values():
            yield from _strings(value)
    elif isinstance(data, list):
        for value in data:
            yield from _strings(value)
