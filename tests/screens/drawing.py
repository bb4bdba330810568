"""Describes screens in few words, as the flows do, and serves them from this machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from playwright.sync_api import Page

from robot.locators import Facts, Sight, screen_request, spec_of, survey
from robot.screens import FLOWS_DIR, Element, Flows, Screen

PDF = b"%PDF-1.7 certificat"


def element(kind: str, *labels: str, **more: Any) -> Element:
    """An element of a flow: `element("field", "Numéro SIRET", "SIRET", within=["Bloc destinataire"])`."""
    within = dict.fromkeys(more.pop("within", ()), "unknown") or None
    described = {kind: dict.fromkeys(labels, "unknown"), "in": within, **more}
    return Element.model_validate(described)


def field(*labels: str, **more: Any) -> Element:
    return element("field", *labels, **more)


def select(*labels: str, options: dict[str, str] | None = None, **more: Any) -> Element:
    """A choice; `options` are the words of each value's answer."""
    known = {value: {words: "unknown"} for value, words in (options or {}).items()}
    return element("select", *labels, options=known, **more)


def button(*labels: str, **more: Any) -> Element:
    return element("button", *labels, **more)


def file(*labels: str, **more: Any) -> Element:
    return element("file", *labels, **more)


def screen(name: str = "essai", here: list[dict[str, Any]] | None = None, **more: Any) -> Screen:
    """A screen of a flow; its elements are given by name, after `elements`."""
    elements = more.pop("elements", {})
    marks = here or [{"elements": list(elements)[:1]}]
    return Screen.model_validate(
        {"screen": name, "title": name.capitalize(), "here": marks, "elements": elements, **more}
    )


class Eyes:
    """One page, and what the eyes see of it."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def draw(self, html: str) -> None:
        self.page.set_content(f"<!doctype html><meta charset=utf-8><body>{html}</body>")

    def look(self, html: str, ids: dict[str, str] | None = None, **elements: Element) -> dict[str, Sight]:
        """Each element as it stands on a page drawn anew."""
        self.draw(html)
        described = screen(elements=elements)
        facts = self.survey(elements={name: spec_of(described, name, ids or {}) for name in elements})
        return facts.elements

    def find(self, html: str, wanted: Element, id: str | None = None) -> Sight:
        """One element on a page drawn anew."""
        return self.look(html, {"it": id} if id else None, it=wanted)["it"]

    def survey(self, **request: Any) -> Facts:
        facts = survey(self.page.main_frame, request)
        assert facts is not None
        return facts

    def seen(self, html: str, *screens: Screen, **request: Any) -> tuple[str, ...]:
        """Names of the screens recognised on a page drawn anew."""
        self.draw(html)
        return self.survey(screens=[screen_request(one, {}) for one in screens], all=True, **request).seen


class Site(ThreadingHTTPServer):
    """Pages by path; `address` is where it stands, `host` how the lists write it."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pages: dict[str, str] = {}
        self.posted: list[str] = []

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    def show(self, html: str, path: str = "/") -> str:
        """Puts a page on the site; gives its address."""
        self.pages[path] = (
            f"<!doctype html><html lang=fr><meta charset=utf-8><title>Essai</title><body>{html}</body></html>"
        )
        return f"http://{self.host}{path}"


class _Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path.endswith(".pdf"):
            self._answer(200, "application/pdf", PDF, "attachment; filename=certificat.pdf")
        elif path == "/panne":
            self._answer(500, "text/html", b"<title>panne</title>panne")
        elif path in self.server.pages:
            self._answer(200, "text/html; charset=utf-8", self.server.pages[path].encode())
        else:
            self._answer(404, "text/html", b"<title>absent</title>absent")

    def do_POST(self) -> None:
        self.server.posted.append(self.rfile.read(int(self.headers["Content-Length"])).decode("latin-1"))
        self.do_GET()

    def _answer(self, status: int, kind: str, body: bytes, disposition: str = "inline") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Disposition", disposition)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Tests are silent."""


@contextmanager
def serving() -> Iterator[Site]:
    """A site, for as long as it is needed."""
    with Site() as site:
        thread = threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield site
        finally:
            site.shutdown()
            thread.join()


def flows_of(*screens: Screen) -> Flows:
    """Flows of these screens alone."""
    return Flows(FLOWS_DIR, screens={one.screen: one for one in screens})
