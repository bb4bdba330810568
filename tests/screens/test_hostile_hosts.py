"""A page of an allowed host that does all it can to lead the browser elsewhere: nobody else is ever connected to.

Each trick is tried first in a browser without the gate, where it must work: else it would prove nothing.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright

from robot.browser import choose_browser, find_browsers, open_browser, open_context
from robot.gate import Gate

# What a page loads without anybody's help; each tells its name to {there}, which is the stranger's address.
LOADED = """
<link rel=stylesheet href="{there}stylesheet">
<link rel=preload as=image href="{there}preload">
<link rel=prefetch href="{there}prefetch"><link rel=modulepreload href="{there}modulepreload">
<link rel=preconnect href="{there}"><link rel=dns-prefetch href="{there}">
<style>@import "{there}import";
@font-face {font-family: f; src: url({there}font)} body {font-family: f; background: url({there}css)}
</style>
texte <img src="{there}img"><img srcset="{there}srcset 1x"><picture><source srcset="{there}picture"><img></picture>
<video src="{there}video" poster="{there}poster"></video><audio src="{there}audio" preload=auto></audio>
<iframe src="{there}iframe"></iframe><object data="{there}object"></object><embed src="{there}embed">
<iframe srcdoc='<img src="{there}srcdoc">'></iframe><iframe src='data:text/html,<img src="{there}data">'></iframe>
<iframe src="/301"></iframe><iframe src="/302"></iframe><iframe src="/303"></iframe><iframe src="/307"></iframe>
<iframe src="/308"></iframe><iframe src="/refresh"></iframe><img src="/302?image">
<svg><image href="{there}svg" width=9 height=9 /></svg><input type=image src="{there}input">
<iframe name=inside></iframe><form method=post action="{there}form" target=inside></form>
<iframe name=base></iframe><script src="{there}script"></script>
<script>
document.forms[0].submit();
fetch("{there}fetch").catch(() => 0);
fetch("/302?fetch").catch(() => 0);
fetch("{there}post", {method: "POST", mode: "no-cors", body: "x"}).catch(() => 0);
const asked = new XMLHttpRequest(); asked.open("GET", "{there}xhr"); asked.send();
navigator.sendBeacon("{there}beacon", "x");
new WebSocket("{there}websocket".replace("http", "ws"));
new EventSource("{there}events");
import("{there}module").catch(() => 0);
const code = `fetch("{there}worker"); try { importScripts("{there}scripts") } catch {}`;
new Worker(URL.createObjectURL(new Blob([code])));
new Image().src = "{there}image";
const page = `<img src="{there}blob">`;
const frame = document.createElement("iframe");
frame.src = URL.createObjectURL(new Blob([page], {type: "text/html"}));
document.body.append(frame);
navigator.serviceWorker.register("/service.js").catch(() => 0);
</script>
<iframe srcdoc='<base href="{there}base/"><img src="x">'></iframe>
"""

# Doors of other shapes to the same machine: what the stranger's address looks like, its port after it.
SHAPES = (
    "http://localhost:{port}/", "http://127.1:{port}/", "http://2130706433:{port}/", "http://0x7f.0.0.1:{port}/",
    "http://0177.0.0.1:{port}/", "http://[::ffff:127.0.0.1]:{port}/", "http://{host}@127.0.0.1:{port}/",
    "http://{host}%2F@127.0.0.1:{port}/", "http:\\\\127.0.0.1:{port}/", "//127.0.0.1:{port}/",
    "http://a.localhost:{port}/", "http://１２７.0.0.1:{port}/",
)  # fmt: skip

# What a press on #go does. The robot presses what the flows say; a page may have changed what it leads to.
PRESSED = {
    "link": '<a id=go href="{there}">Suivant</a>',
    "new tab": '<a id=go target=_blank href="{there}">Suivant</a>',
    "window": "<button id=go onclick=\"window.open('{there}')\">Suivant</button>",
    "window, led there later": "<button id=go onclick=\"window.open('about:blank').location = '{there}'\">Suivant</button>",
    "form": '<form method=post action="{there}"><button id=go>Suivant</button></form>',
    "form of a button": '<form action="/"><button id=go formaction="{there}" formmethod=post>Suivant</button></form>',
    "download": '<a id=go download href="{there}">Suivant</a>',
    "ping": '<a id=go ping="{there}" href="#">Suivant</a>',
    "script address": "<a id=go href=\"javascript:location='{there}'\">Suivant</a>",
    "replaced": "<button id=go onclick=\"location.replace('{there}')\">Suivant</button>",
    "redirection": '<a id=go href="/302">Suivant</a>',
    "posted redirection": '<form method=post action="/307"><button id=go>Suivant</button></form>',
    "history": "<button id=go onclick=\"history.pushState(0, '', '/x'); location.assign('{there}')\">Suivant</button>",
    "top of a frame": """<iframe srcdoc='<a id=go target=_top href="{there}">Suivant</a>'></iframe>""",
}

# Addresses that lead out of the web: the browser stays where it is.
NOWHERE = ("file:///etc/hostname", "view-source:http://{host}/", "chrome://version", "devtools://devtools/bundled/inspector.html")


class Portal(ThreadingHTTPServer):
    """The allowed host: one page, and redirections to the stranger in every way that HTTP has."""

    daemon_threads = True

    def __init__(self, there: str) -> None:
        self.page = ""
        self.there = there
        super().__init__(("127.0.0.1", 0), _Answers)
        self.host = f"127.0.0.1:{self.server_port}"


class _Answers(BaseHTTPRequestHandler):
    server: Portal

    def do_GET(self) -> None:
        path, _, name = self.path.partition("?")
        body, kind = self.server.page.encode(), "text/html; charset=utf-8"
        if path == "/service.js":
            body, kind = f'fetch("{self.server.there}service")'.encode(), "text/javascript"
        code = int(path[1:]) if path[1:].isdigit() else 200
        self.send_response(code)
        if code != 200:
            self.send_header("Location", f"{self.server.there}{name or code}")
        elif path == "/refresh":
            self.send_header("Refresh", f"0; url={self.server.there}refresh")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Tests are silent."""


class Stranger(ThreadingHTTPServer):
    """Counts who connects, and notes what they ask for."""

    daemon_threads = True
    def __init__(self) -> None:
        self.connections = 0
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), _Notes)
        self.there = f"http://127.0.0.1:{self.server_port}/"

    def get_request(self) -> tuple[Any, Any]:
        self.connections += 1
        return super().get_request()

    def forget(self) -> None:
        self.connections = 0
        self.asked.clear()


class _Notes(BaseHTTPRequestHandler):
    server: Stranger

    def do_GET(self) -> None:
        self.server.asked.append(self.path.split("/")[1])
        self.send_response(404)
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Tests are silent."""


@dataclass
class Trap:
    """A page in a browser, which leads to a stranger of its own."""

    portal: Portal
    stranger: Stranger
    browser: Browser
    # None where nothing keeps the browser.
    gate: Gate | None = None

    @contextmanager
    def shown(self, page: str) -> Iterator[Page]:
        """A page, opened in a context of its own; the stranger has forgotten what came before."""
        self.stranger.connections = 0
        self.stranger.asked.clear()
        self.portal.page = f"<!doctype html><meta charset=utf-8><title>Essai</title><body>{self.written(page)}"
        context = open_context(self.browser) if self.gate else self.browser.new_context()
        with closing(context):
            if self.gate:
                self.gate.refused.clear()
            shown = context.new_page()
            shown.goto(f"http://{self.portal.host}/", wait_until="commit")
            yield shown

    def written(self, text: str) -> str:
        """With the addresses of the stranger and of the portal in their places."""
        known = {"there": self.stranger.there, "port": str(self.stranger.server_port), "host": self.portal.host}
        for name, value in known.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    def is_reached(self) -> bool:
        return self.stranger.connections > 0

    def is_refused(self) -> bool:
        return bool(self.gate and self.gate.refused)


@contextmanager
def serving() -> Iterator[tuple[Portal, Stranger]]:
    stranger = Stranger()
    with ExitStack() as stack:
        portal = Portal(stranger.there)
        for server in (stranger, portal):
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
            stack.callback(server.server_close)
            stack.callback(server.shutdown)
        yield portal, stranger


@pytest.fixture(scope="module")
def robot(driver: Playwright) -> Iterator[Trap]:
    """The robot's own browser, behind its gate."""
    found = choose_browser(find_browsers(driver), headless=True)
    with (
        serving() as (portal, stranger),
        Gate([portal.host]) as gate,
        open_browser(driver, found, gate, headless=True) as browser,
    ):
        yield Trap(portal, stranger, browser, gate)


@pytest.fixture(scope="module")
def careless(driver: Playwright) -> Iterator[Trap]:
    """The same browser without any of this."""
    found = choose_browser(find_browsers(driver), headless=True)
    with serving() as (portal, stranger), closing(driver.chromium.launch(executable_path=found.path)) as browser:
        yield Trap(portal, stranger, browser)


def wait_until(page: Page, is_so: Callable[[], bool], seconds: float = 10) -> bool:
    """Looks again and again while the page lives."""
    deadline = time.monotonic() + seconds
    while not is_so() and time.monotonic() < deadline:
        page.wait_for_timeout(20)
    return is_so()


def press(page: Page, inside: bool = False) -> None:
    """What is asked of the page is done; where it leads is another matter."""
    (page.frame_locator("iframe") if inside else page).locator("#go").click(no_wait_after=True)


def test_what_a_page_loads_by_itself(robot: Trap, careless: Trap):
    wanted = {*re.findall(r"{there}(\w+)", LOADED), "301", "302", "303", "307", "308", "refresh", "service"}
    with careless.shown(LOADED) as shown:
        assert wait_until(shown, lambda: wanted <= set(careless.stranger.asked)), wanted - set(careless.stranger.asked)
    with robot.shown(LOADED) as shown:
        assert wait_until(shown, lambda: len(robot.gate.refused) >= len(wanted))
        shown.evaluate("fetch('/fini')")
        assert not robot.is_reached()


@pytest.mark.parametrize("way", PRESSED)
def test_where_a_press_leads(robot: Trap, careless: Trap, way: str):
    with careless.shown(PRESSED[way]) as shown:
        press(shown, inside="frame" in way)
        assert wait_until(shown, careless.is_reached)
    with robot.shown(PRESSED[way]) as shown:
        press(shown, inside="frame" in way)
        assert wait_until(shown, robot.is_refused)
        assert not robot.is_reached()


@pytest.mark.parametrize("shape", SHAPES)
def test_the_same_machine_under_another_name(robot: Trap, careless: Trap, shape: str):
    """Other spellings of loopback, a name before an @, another port."""
    page = f"<script>location = {shape!r}</script>"
    with careless.shown(page) as shown:
        assert wait_until(shown, careless.is_reached)
    with robot.shown(page) as shown:
        assert wait_until(shown, robot.is_refused)
        assert not robot.is_reached()


@pytest.mark.parametrize("address", NOWHERE)
def test_addresses_out_of_the_web_lead_nowhere(robot: Trap, address: str):
    page = f'<a id=go href="{address}">Suivant</a><script>location = "{address}"</script>'
    with robot.shown(page) as shown:
        press(shown)
        shown.evaluate("fetch('/fini')")
        assert [one.url for one in shown.context.pages] == [f"http://{robot.portal.host}/"]
