"""The gate lets the browser reach the allowed hosts, and nothing else."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from robot.gate import Gate, host_of

DONE, REFUSED, UNREACHABLE = 0, 2, 4
CONNECT, BIND, UDP = 1, 2, 3


class _Site(BaseHTTPRequestHandler):
    """Says « bonjour », or sends elsewhere."""

    elsewhere = ""

    def do_GET(self) -> None:
        self.send_response(302 if self.elsewhere else 200)
        if self.elsewhere:
            self.send_header("Location", self.elsewhere)
        self.send_header("Content-Length", "7")
        self.end_headers()
        self.wfile.write(b"bonjour")

    def log_message(self, *_: object) -> None:
        """Tests are silent."""


@pytest.fixture
def sites() -> Iterator[list[tuple[str, int]]]:
    """Two real sites: the second sends to the first."""
    with ExitStack() as stack:
        addresses: list[tuple[str, int]] = []
        for _ in range(2):
            elsewhere = "http://{}:{}/".format(*addresses[0]) if addresses else ""
            handler = type("Site", (_Site,), {"elsewhere": elsewhere})
            server = stack.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), handler))
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}).start()
            stack.callback(server.shutdown)
            addresses.append(("127.0.0.1", server.server_address[1]))
        yield addresses


def receive(line: socket.socket, count: int) -> bytes:
    """So many bytes, or fewer where the other end hangs up."""
    got = b""
    while len(got) < count and (more := line.recv(count - len(got))):
        got += more
    return got


def knock(gate: Gate, host: str, port: int, *, command: int = CONNECT) -> tuple[int, socket.socket]:
    """Asks the gate for a host as a browser does; its answer, and the open line."""
    door = urlsplit(gate.server)
    line = socket.create_connection((door.hostname, door.port), timeout=5)
    line.sendall(b"\x05\x01\x00")
    assert receive(line, 2) == b"\x05\x00"
    try:
        address = b"\x01" + socket.inet_aton(host)
    except OSError:
        address = b"\x03" + bytes([len(host)]) + host.encode()
    line.sendall(bytes([5, command, 0]) + address + struct.pack(">H", port))
    return receive(line, 10)[1], line


def ask(gate: Gate, host: str, port: int, *, command: int = CONNECT) -> int:
    """The gate's answer alone."""
    answer, line = knock(gate, host, port, command=command)
    line.close()
    return answer


def get(line: socket.socket) -> str:
    """One page through an open line, headers included."""
    line.sendall(b"GET / HTTP/1.0\r\n\r\n")
    return receive(line, 10_000).decode()


def test_an_allowed_host_passes(sites):
    """What the site says arrives whole."""
    with Gate([f"127.0.0.1:{sites[0][1]}"]) as gate:
        answer, line = knock(gate, *sites[0])
        with closing(line):
            assert (answer, get(line).endswith("bonjour"), gate.refused) == (DONE, True, [])


def test_an_allowed_host_passes_by_its_name(sites):
    """Names are compared without case."""
    with Gate([f"LocalHost:{sites[0][1]}"]) as gate:
        assert [ask(gate, name, sites[0][1]) for name in ("localhost", "LOCALHOST")] == [DONE] * 2


def test_another_port_is_refused_and_noted(sites):
    """The same machine behind another door is another host."""
    with Gate([f"127.0.0.1:{sites[0][1]}"]) as gate:
        assert ask(gate, *sites[1]) == REFUSED
        assert gate.refused == [f"127.0.0.1:{sites[1][1]}"]


def test_a_name_is_not_its_address(sites):
    """The list says names: an address found in another way is not in it."""
    with Gate([f"localhost:{sites[0][1]}"]) as gate:
        assert ask(gate, *sites[0]) == REFUSED


def test_a_redirection_leads_nowhere_else(sites):
    """The allowed site sends elsewhere: the browser asks the gate again, and is refused."""
    with Gate([f"127.0.0.1:{sites[1][1]}"]) as gate:
        _, line = knock(gate, *sites[1])
        with closing(line):
            location = urlsplit(get(line).partition("Location: ")[2].split()[0])
        assert ask(gate, location.hostname or "", location.port or 0) == REFUSED
        assert gate.refused == [f"127.0.0.1:{sites[0][1]}"]


def test_nothing_passes_an_empty_list(sites):
    """No host is allowed by default."""
    with Gate(()) as gate:
        assert ask(gate, *sites[0]) == REFUSED


@pytest.mark.parametrize("command", [BIND, UDP])
def test_only_connections_pass(sites, command):
    """No listening and no datagrams, even for an allowed host."""
    with Gate([f"127.0.0.1:{sites[0][1]}"]) as gate:
        assert ask(gate, *sites[0], command=command) == REFUSED


@pytest.mark.parametrize(("port", "answer"), [(80, UNREACHABLE), (443, UNREACHABLE), (8080, REFUSED)])
def test_a_host_without_port_is_the_web(port, answer):
    """Both web ports are allowed (nobody answers there on this machine), no other."""
    with Gate(["127.0.0.9"]) as gate:
        assert ask(gate, "127.0.0.9", port) == answer


def test_a_silent_visitor_does_not_hold_the_gate(sites):
    """Lines left open are closed with the gate."""
    with Gate([f"127.0.0.1:{sites[0][1]}"]) as gate:
        door = urlsplit(gate.server)
        line = socket.create_connection((door.hostname, door.port), timeout=5)
        line.sendall(b"\x05")
        assert ask(gate, *sites[0]) == DONE
    with closing(line):
        assert receive(line, 1) == b""


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://portail.chorus-pro.gouv.fr/cpp", "portail.chorus-pro.gouv.fr"),
        ("https://portail.chorus-pro.gouv.fr:443/", "portail.chorus-pro.gouv.fr"),  # https's own port
        ("http://127.0.0.1:8800/", "127.0.0.1:8800"),
        ("https://IDP.chorus-pro.gouv.fr./", "idp.chorus-pro.gouv.fr"),
        ("https://idp.chorus-pro.gouv.fr@imitation.test/", "imitation.test"),  # the name before @ is bait
        ("https://idp.chorus-pro.gouv.fr.imitation.test/", "idp.chorus-pro.gouv.fr.imitation.test"),
        ("http://idp.chorus-pro.gouv.fr:443/", "idp.chorus-pro.gouv.fr:443"),  # not http's own port
        ("about:blank", ""),
        ("data:text/html,x", ""),
        ("https://hote:99999/", ""),  # no such port
    ],
)
def test_the_host_of_an_address(url, host):
    """What is compared with the list is the true host, with its port where it is unusual."""
    assert host_of(url) == host
