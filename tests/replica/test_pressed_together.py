"""Two presses of one step at the same time, as a double click or a second tab makes them: one counts."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from http.cookiejar import CookieJar
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import HTTPCookieProcessor

import pytest
from visitor import Visitor, right_values

from robot.replica.server import Replica


@pytest.fixture
def visitor(replica: Replica) -> Visitor:
    """Somebody of his own, at the form of a new deposit."""
    somebody = Visitor(replica)
    somebody.sign_in()
    somebody.open_form()
    return somebody


class SlowPress:
    """A press whose body is still on its way: the server has read the head and waits."""

    def __init__(self, visitor: Visitor, event: str, values: Mapping[str, str]) -> None:
        button = visitor.look.event(event)
        form = visitor.page.form_with(button)
        named = {visitor.look.name(key): value for key, value in values.items()}
        self._body = urlencode({**form.values, **named, button: ""}).encode()
        place = urlsplit(urljoin(visitor.page.url, form.action))
        head = [
            f"POST {place.path}?{place.query} HTTP/1.1",
            f"Host: {place.netloc}",
            f"Cookie: {'; '.join(f'{cookie.name}={cookie.value}' for cookie in cookies(visitor))}",
            "Content-Type: application/x-www-form-urlencoded",
            f"Content-Length: {len(self._body)}",
            "Expect: 100-continue",
            "Connection: close",
        ]
        self._line = socket.create_connection((place.hostname or "", place.port or 0), timeout=20)
        self._line.sendall("\r\n".join([*head, "", ""]).encode())
        assert self._status() == 100

    def _status(self) -> int:
        return int(self._line.recv(65536).split()[1])

    def finish(self) -> int:
        """Sends the body; the status of the answer."""
        with self._line:
            self._line.sendall(self._body)
            return self._status()


def cookies(visitor: Visitor) -> CookieJar:
    return next(h.cookiejar for h in visitor._opener.handlers if isinstance(h, HTTPCookieProcessor))


def test_a_step_is_taken_once_even_by_two_presses_at_a_time(visitor):
    """The second one meets a stale step, although it began before the first had ended."""
    presses = [SlowPress(visitor, "enregistrer", right_values(number=number)) for number in ("T-1", "T-2")]
    assert [press.finish() for press in presses] == [303, 410]
    assert visitor.replica.invoices()[-1]["number"] == "T-1"


def test_a_press_on_a_draft_deleted_meanwhile_is_stale(visitor):
    """An error page, not a crash."""
    press = SlowPress(visitor, "enregistrer", right_values(number="T-3"))
    draft = visitor.replica.invoices()[-1]["id"]
    visitor.open(f"/cpp/facture/{draft}/suppression", b"")
    assert press.finish() == 410
