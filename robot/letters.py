"""What a mail says, and the links in it.

A mail may be broken, or written to deceive: of a link only its address counts, never the words shown for it. Knows no
mail server and no portal: who asks says which addresses are allowed.
"""

from __future__ import annotations

import email.header
import html
import ipaddress
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from imap_tools import MailMessage
from pydantic import SecretStr

from robot.failures import DecisionNeeded
from robot.fields import plain
from robot.gate import host_of

# Beyond this a text is not one that a person reads; parsers take long over what is made to hurt them.
_MAX_TEXT = 400_000
_MAX_HEADER = 2_000
_MAX_TAG = 8_000
_MAX_LINKS = 500
# How far around a link or a number the words that explain it may be.
_NEAR = 160

_RECIPIENT_HEADERS = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")

# --- a mail -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Link:
    """One address of a mail; it may carry a token, so it is never shown."""

    address: SecretStr
    # The words of the link, and those that lead to it.
    shown: str = field(default="", repr=False)
    before: str = field(default="", repr=False)

    @property
    def host(self) -> str:
        """`host:port`, fit to be shown; never the rest of the address."""
        return re.sub(r"[^A-Za-z0-9.:\[\]-]", "·", _host(self.address.get_secret_value()))[:80] or "?"


@dataclass(frozen=True)
class Letter:
    """One mail, as far as it could be read. Nothing of it is shown by repr: it may hold a code."""

    subject: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    links: tuple[Link, ...] = field(default=(), repr=False)
    # Whom the headers name; an alias may hide the person's own address.
    recipients: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def is_of_chorus_pro(self) -> bool:
        """Whether it speaks of Chorus Pro. Anybody can write that: it prefers a mail to another, it proves nothing."""
        return "chorus" in plain(f"{self.subject} {self.text}")

    @property
    def is_about_an_account(self) -> bool:
        """Whether it looks like the mail that activates an account, whoever wrote it."""
        words = " ".join([self.subject, self.text, *(link.shown for link in self.links)])
        return bool(_ACTIVATION.search(plain(words)))


def read_letter(raw: bytes) -> Letter:
    """The mail as far as it can be read; an empty one where nothing can. Never raises."""
    try:
        message = MailMessage.from_bytes(raw)
        text, page = message.text[:_MAX_TEXT], _Page(message.html[:_MAX_TEXT])
        links = [*page.links, *_links_of(text), *_links_of(page.outside_links)]
        return Letter(
            subject=_header(message, "Subject"),
            text=f"{text}\n\n{page.text}".strip(),
            links=tuple(links[:_MAX_LINKS]),
            recipients=frozenset(
                found.lower()
                for name in _RECIPIENT_HEADERS
                for found in re.findall(r"[^\s<>,;:\"']{1,64}@[\w.-]{1,255}", _header(message, name))
            ),
        )
    except Exception:
        # Decoders of hostile mails fail in more ways than they document; such a mail is not the one waited for.
        return Letter()


def _header(message: MailMessage, name: str) -> str:
    raw = " ".join(str(value) for value in message.obj.get_all(name, []))[:_MAX_HEADER]
    try:
        return str(email.header.make_header(email.header.decode_header(raw)))
    except (ValueError, LookupError):
        return raw


def preferred(letters: Iterable[tuple[int, Letter]], to: str) -> list[tuple[int, Letter]]:
    """Mails by what speaks for them: of Chorus Pro first, then to this address, then the newest (highest number)."""
    return sorted(
        letters,
        key=lambda one: (one[1].is_of_chorus_pro, to.lower() in one[1].recipients, one[0]),
        reverse=True,
    )


# --- links --------------------------------------------------------------------------------------------------------

_URL = re.compile(r"https?://[^\s<>\"\\^`{|}]+", re.IGNORECASE)
_BLOCKS = frozenset(
    ("address", "blockquote", "br", "div", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "p", "table", "td", "th", "tr")
)
_UNSEEN = frozenset(("script", "style", "title"))


class _Page:
    """Links and visible words of an HTML part.

    Read tag by tag, in time that grows with the length only: `html.parser` takes minutes over a mail made to hurt it.
    """

    def __init__(self, source: str) -> None:
        self.links: list[Link] = []
        self._words: list[str] = []
        self._outside: list[str] = []
        # Since the last link.
        self._before: list[str] = []
        self._address = ""
        self._shown: list[str] = []
        self._unseen = ""
        for index, piece in enumerate(re.split(r"<([^<>]*)>", _without_comments(source))):
            if index % 2:
                self._tag(piece[:_MAX_TAG])
            elif not self._unseen:
                self._write(html.unescape(piece))
        self._end_link()

    @property
    def text(self) -> str:
        lines = (line.strip() for line in "".join(self._words).splitlines())
        return "\n".join(line for line in lines if line)

    @property
    def outside_links(self) -> str:
        """The words that stand in no link: an address written there is what it says."""
        return "".join(self._outside)

    def _tag(self, tag: str) -> None:
        found = re.match(r"/?[a-z][a-z0-9]*", tag.lower())
        name = found.group() if found else ""
        if self._unseen:
            self._unseen = "" if name == f"/{self._unseen}" else self._unseen
        elif name in _UNSEEN:
            self._unseen = name
        elif name.lstrip("/") in _BLOCKS:
            self._write("\n")
        elif name in ("a", "area"):
            self._end_link()
            self._address = _cleaned(_attribute(tag, "href"))
            self._outside.append(" ")
        elif name == "/a":
            self._end_link()
        elif name == "img":
            self._write(f" {_attribute(tag, 'alt')} ")

    def _write(self, words: str) -> None:
        self._words.append(words)
        if self._address:
            self._shown.append(words)
        else:
            self._before.append(words)
            self._outside.append(words)

    def _end_link(self) -> None:
        if self._address:
            before = " ".join("".join(self._before).split())[-_NEAR:]
            shown = " ".join("".join(self._shown).split())[:_NEAR]
            self.links.append(Link(SecretStr(self._address), shown, before))
            self._before = []
        self._address = ""
        self._shown = []


def _without_comments(source: str) -> str:
    kept = []
    end = 0
    while (start := source.find("<!--", end)) >= 0 and (close := source.find("-->", start)) >= 0:
        kept.append(source[end:start])
        end = close + 3
    return "".join([*kept, source[end:]])


def _attribute(tag: str, name: str) -> str:
    for key, value in re.findall(r"""([^\s=/"'<>]+)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""", tag):
        if key.lower() == name:
            return html.unescape(value.strip("\"'"))
    return ""


def _cleaned(href: str) -> str:
    """The address as a browser takes it (WHATWG URL: no line ends, no tabs); empty where it is no web address."""
    address = re.sub(r"[\t\r\n]", "", href.strip())
    return address if re.match(r"https?:", address, re.IGNORECASE) else ""


def _links_of(text: str) -> list[Link]:
    """The addresses written in a text."""
    links = []
    end = 0
    for match in _URL.finditer(text):
        before = " ".join(text[max(end, match.start() - 2 * _NEAR) : match.start()].split())[-_NEAR:]
        links.append(Link(SecretStr(_without_punctuation(match.group())), before=before))
        end = match.end()
    return links


def _without_punctuation(address: str) -> str:
    """Without the sign that ends the sentence or closes the bracket around the address."""
    address = address.rstrip(".,;:!?'»”’*_…")
    for opening, closing in ("()", "[]"):
        while address.endswith(closing) and address.count(closing) > address.count(opening):
            address = address[:-1].rstrip(".,;:!?")
    return address


def is_loopback(host: str) -> bool:
    """Whether a host cannot be anything but this machine (RFC 6761 for the name)."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.rstrip(".").lower().rpartition(".")[2] == "localhost"


def leads_to(address: str, allowed: Callable[[str], bool]) -> bool:
    """Whether a browser that opens this address can only reach what is allowed."""
    # Browsers and Python disagree on backslashes, controls and letters beyond ASCII in a host: none of them is needed.
    if re.search(r"[\x00-\x20\x7f\\]", address):
        return False
    try:
        parts = urlsplit(address)
        if not re.fullmatch(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?", parts.netloc):
            return False
        if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
            return False
        return parts.port != 0 and allowed(address)
    except ValueError:
        return False


def _host(address: str) -> str:
    try:
        return host_of(address)
    except ValueError:
        return ""


# Words of a link that activates, and of one that must not be followed whatever else it says.
_ACTIVATION = re.compile(
    r"\bactiv(?!it)|\bvalid(?!ite)|\bconfirm|mots? ?-?de ?-?passe|password|passwort|\bfinalis|\bverif|aktivier|bestatig"
)
_NOT_ACTIVATION = re.compile(
    r"oubli|forgot|\bdesabonn|\bdesinscri|unsubscribe|\bannul|\bcancel|\brefus|\bsignal|\breport\b|\bsupprim"
)
# A value of the query or a part of the path that nobody writes by hand.
_TOKEN = re.compile(r"[A-Za-z0-9_.~+-]{16,}")


def activation_link(letter: Letter, allowed: Callable[[str], bool]) -> Link | None:
    """The link that activates an account, among those that lead where it is allowed; None where there is none.

    Raises DecisionNeeded where two may be it.
    """
    ranks: dict[str, tuple[int, Link]] = {}
    for link in letter.links:
        address = link.address.get_secret_value()
        if leads_to(address, allowed):
            rank = max(_rank(link), ranks.get(address, (-1, link))[0])
            ranks[address] = (rank, link)
    if not ranks:
        return None
    best = max(rank for rank, _ in ranks.values())
    found = [link for rank, link in ranks.values() if rank == best]
    if best < 0 or (best == 0 and (len(ranks) > 1 or _is_front_page(found[0]))):
        return None
    if len(found) > 1:
        raise DecisionNeeded(
            "Un courriel contient plusieurs liens qui peuvent être celui de l'activation, vers "
            f"{', '.join(sorted({link.host for link in found}))}.",
            cure="ouvrez ce courriel vous-même et suivez le bon lien, ou donnez-le par --link.",
        )
    return found[0]


def foreign_hosts(letter: Letter, allowed: Callable[[str], bool]) -> tuple[str, ...]:
    """Hosts of a mail that links to nothing allowed; empty for any other."""
    if any(leads_to(link.address.get_secret_value(), allowed) for link in letter.links):
        return ()
    return tuple(dict.fromkeys(link.host for link in letter.links))


def _rank(link: Link) -> int:
    """How much a link looks like the one that activates; below 0 for one that must not be followed."""
    parts = urlsplit(link.address.get_secret_value())
    where = plain(unquote(f"{parts.path} {parts.query} {parts.fragment}"))
    shown, before = plain(link.shown), plain(link.before)
    if _NOT_ACTIVATION.search(f"{shown} {where}"):
        return -1
    words = 4 if _ACTIVATION.search(f"{shown} {where}") else 0
    words += 2 if _ACTIVATION.search(before) and not _NOT_ACTIVATION.search(before) else 0
    pieces = [*parts.path.split("/"), *re.split(r"[&=;#?/]", f"{parts.query}#{parts.fragment}")]
    return words + any(_TOKEN.fullmatch(unquote(piece)) is not None for piece in pieces)


def _is_front_page(link: Link) -> bool:
    parts = urlsplit(link.address.get_secret_value())
    return parts.path in ("", "/") and not parts.query and not parts.fragment
