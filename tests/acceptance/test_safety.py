"""What must never happen: a secret in the wrong place, a host outside the list, a second password."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from robot.review import reviewed_flows


class Site:
    """A small server on loopback that notes every request and every connection."""

    def __init__(self, page: str = "", redirect: str = "") -> None:
        self.requests: list[str] = []
        notes = self.requests

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                notes.append(f"{self.command} {self.path}")
                self.send_response(302 if redirect else 200)
                if redirect:
                    self.send_header("Location", redirect)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(page.encode())

            def do_POST(self) -> None:
                self.do_GET()

            def log_message(self, *_: object) -> None:
                """Silent."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


LOGIN = """<!doctype html><html lang="fr"><title>Connexion</title><h1>Se connecter</h1>
<form method="post" action="/vol">
<label>Adresse de connexion <input name="u"></label>
<label>Mot de passe <input type="password" name="p"></label>
<button>Se connecter</button></form></html>"""


@pytest.fixture
def lookalike() -> Iterator[Site]:
    site = Site(LOGIN)
    yield site
    site.close()


@pytest.mark.parametrize("way", ["redirect", "link", "frame", "new tab", "download", "refresh", "form"])
def test_a_lookalike_gets_no_visit_and_no_keystroke(bench, lookalike, way):
    """Wherever the page leads, the host outside the list is never reached."""
    address = f"http://{lookalike.host}/"
    pages = {
        "redirect": "",
        "link": f'<a href="{address}">Se connecter</a>',
        "frame": f'<iframe src="{address}" width="600" height="400"></iframe>',
        "new tab": f'<a target="_blank" href="{address}">Se connecter</a>',
        "download": f'<a download href="{address}">Se connecter</a>',
        "refresh": f'<meta http-equiv="refresh" content="0;url={address}">',
        "form": f'<form method="post" action="{address}"><button>Se connecter</button></form>',
    }
    start = Site(pages[way], redirect=address if way == "redirect" else "")
    portal = bench()
    portal.config(url=f"http://{start.host}/", hosts=[start.host, *portal.replica.hosts])
    ended = portal.deposit([portal.facture("s03")], "--draft")
    start.close()
    assert (ended.outcomes, ended.code) == (["screen-changed"], 70)
    assert lookalike.host in ended.only["message"]
    assert lookalike.requests == []


def test_the_password_is_typed_only_on_the_sign_in_hosts(bench, lookalike):
    """A host that may be visited, and that asks for the password, gets nothing."""
    portal = bench()
    portal.config(url=f"http://{lookalike.host}/", hosts=[lookalike.host, *portal.replica.hosts])
    ended = portal.deposit([portal.facture("s03")], "--draft")
    assert (ended.outcomes, ended.code) == (["screen-changed"], 70)
    assert not [request for request in lookalike.requests if request.startswith("POST")]


def test_a_wrong_password_is_tried_once(bench):
    """For two invoices as for one: the portal locks the account after five."""
    portal = bench()
    ended = portal.deposit([portal.facture("s03")], "--draft", env={"CHORUS_ROBOT_PASSWORD": "pas le bon"})
    assert (ended.outcomes, ended.code) == (["needs-person"], 77)
    assert "une fois" in ended.only["message"]
    again = portal.deposit([portal.facture("s03"), portal.facture("s05")], "--draft")
    assert again.outcomes == ["draft", "draft"]


def test_a_person_is_asked_for_the_code_when_the_robot_has_no_secret(bench):
    """Without an authenticator secret the run stops at the second factor."""
    portal = bench()
    path = portal.config()
    with_secret = "second_factor:\n    totp:\n      env: CHORUS_ROBOT_TOTP"
    path.write_text(path.read_text().replace(with_secret, "second_factor: person"))
    ended = portal.deposit([portal.facture("s03")], "--draft")
    assert (ended.outcomes, ended.code) == (["needs-person"], 77)


def test_the_trace_reads_as_the_tutorial(bench):
    """Groups bear the French sentence and point to the flow's file and line."""
    import zipfile

    portal = bench()
    line = portal.deposit([portal.facture("s03")], "--draft").only
    with zipfile.ZipFile(Path(line["folder"]) / "trace.zip") as archive:
        trace = archive.read("trace.trace").decode()
    sentence = next(s for s in reviewed_flows().screens["cadre-de-facturation"].steps if s.line == "3.5").say
    assert f"3.5 — {sentence}" in trace
    assert "flows/3-depot/20-cadre-de-facturation.yaml" in trace


def test_nothing_is_opened_for_an_invoice_that_breaks_a_rule(bench):
    """The refusal comes before the browser: the portal sees no request at all."""
    portal = bench()
    asked = Site()
    portal.config(url=f"http://{asked.host}/", hosts=[asked.host], sign_in_hosts=[asked.host])
    ended = portal.deposit([portal.facture("s03", number="n° bien trop long pour le portail")], "--send")
    asked.close()
    assert (ended.outcomes, ended.code) == (["refused"], 2)
    assert asked.requests == []


def test_a_portal_that_does_not_answer_is_told_apart(bench):
    """Nothing listens: time will tell, exit code 75."""
    portal = bench()
    portal.config()
    portal.replica.stop()
    ended = portal.deposit([portal.facture("s03")], "--draft")
    assert (ended.outcomes, ended.code) == (["portal-unavailable"], 75)
