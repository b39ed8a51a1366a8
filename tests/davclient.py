"""Clients of the CardDAV door for tests: raw requests, and phones that behave as real ones do."""

import base64
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote
from wsgiref.types import WSGIApplication
from wsgiref.util import setup_testing_defaults
from xml.etree import ElementTree as ET

DAV = "{DAV:}"
CARD = "{urn:ietf:params:xml:ns:carddav}"
CS = "{http://calendarserver.org/ns/}"


class FakeClock:
    """A clock that stands still until it is moved."""

    def __init__(self, start: datetime = datetime(2026, 5, 3, 12, 0, tzinfo=UTC)) -> None:
        self.instant = start

    def now(self) -> datetime:
        """The instant it stands at."""
        return self.instant

    def tick(self, **delta: float) -> datetime:
        """Move it forward."""
        self.instant += timedelta(**delta)
        return self.instant


@dataclass(frozen=True)
class Response:
    """One answer as it came over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def xml(self) -> ET.Element:
        """The parsed body."""
        return ET.fromstring(self.body)  # noqa: S314 - the answer of our own server

    @property
    def members(self) -> dict[str, ET.Element]:
        """The responses of a multistatus by their decoded href."""
        return {unquote(r.findtext(f"{DAV}href") or ""): r for r in self.xml.iter(f"{DAV}response")}

    @property
    def token(self) -> str:
        """The sync token of a multistatus."""
        return self.xml.findtext(f"{DAV}sync-token") or ""


@dataclass
class Client:
    """Speaks raw WSGI to an application, with one login."""

    app: WSGIApplication
    login: str = ""
    password: str = ""
    user_agent: str = "test-client/1.0"

    def request(self, method: str, path: str, body: str | bytes = b"", **headers: str) -> Response:
        """Send one request; header names are written with underscores."""
        raw = body.encode() if isinstance(body, str) else body
        environ: dict[str, Any] = {}
        setup_testing_defaults(environ)
        environ |= {
            "REQUEST_METHOD": method,
            "PATH_INFO": unquote(path, "latin-1"),
            "HTTP_USER_AGENT": self.user_agent,
            "CONTENT_LENGTH": str(len(raw)),
            "wsgi.input": io.BytesIO(raw),
            "REMOTE_ADDR": "127.0.0.1",
        }
        if self.password:
            pair = f"{self.login}:{self.password}".encode()
            environ["HTTP_AUTHORIZATION"] = "Basic " + base64.b64encode(pair).decode()
        environ |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
        seen: list[Any] = []

        def start_response(status: str, given: list[tuple[str, str]], _exc: Any = None) -> Any:
            seen.append((int(status.split(" ", maxsplit=1)[0]), dict(given)))

        chunks: Iterable[bytes] = self.app(environ, start_response)
        status, given = seen[0] if seen else (0, {})
        answer = b"".join(chunks)
        status, given = seen[0]
        return Response(status, given, answer)


def prop(*names: str) -> str:
    """A PROPFIND body for properties given as `D:getetag`, `C:...` or `CS:...`."""
    wanted = "".join(f"<{name}/>" for name in names)
    return (
        '<D:propfind xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav" '
        f'xmlns:CS="http://calendarserver.org/ns/"><D:prop>{wanted}</D:prop></D:propfind>'
    )


def sync_body(token: str, props: str = "<D:getetag/>") -> str:
    """A sync-collection body."""
    return (
        '<D:sync-collection xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav">'
        f"<D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level>"
        f"<D:prop>{props}</D:prop></D:sync-collection>"
    )


def multiget_body(hrefs: Iterable[str]) -> str:
    """An addressbook-multiget body."""
    listed = "".join(f"<D:href>{href}</D:href>" for href in hrefs)
    return (
        '<C:addressbook-multiget xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav">'
        f"<D:prop><D:getetag/><C:address-data/></D:prop>{listed}</C:addressbook-multiget>"
    )


@dataclass
class Phone(Client):
    """A phone that syncs the merged book by token and keeps what it was given."""

    device: str = ""
    token: str = ""
    cards: dict[str, str] = field(default_factory=dict)
    last: Response | None = None

    @property
    def book(self) -> str:
        """The path of its merged book."""
        return f"/dav/{self.device}/all/"

    def report(self, token: str | None = None) -> Response:
        """One sync-collection, without taking the answer over."""
        self.last = self.request(
            "REPORT", self.book, sync_body(self.token if token is None else token), depth="0"
        )
        return self.last

    def take(self, response: Response) -> set[str]:
        """Take an answer over: fetch what changed, drop what is gone; says what is gone."""
        assert response.status == 207, response.body
        gone = {
            href
            for href, member in response.members.items()
            if "404" in (member.findtext(f"{DAV}status") or "")
        }
        for href in gone:
            self.cards.pop(href, None)
        changed = [href for href in response.members if href not in gone]
        for href, member in self.multiget(changed).members.items() if changed else ():
            self.cards[href] = member.findtext(f".//{CARD}address-data") or ""
        self.token = response.token
        return gone

    def sync(self) -> set[str]:
        """One whole sync; says which hrefs were reported gone."""
        return self.take(self.report())

    def multiget(self, hrefs: Iterable[str]) -> Response:
        """Fetch cards."""
        return self.request("REPORT", self.book, multiget_body(hrefs), depth="1")

    def propfind(self, *names: str, path: str = "", depth: str = "0") -> Response:
        """One PROPFIND, on the book by default."""
        return self.request("PROPFIND", path or self.book, prop(*names), depth=depth)

    def shown_token(self) -> str:
        """The sync-token that PROPFIND shows."""
        response = self.propfind("D:sync-token", "CS:getctag")
        return response.xml.findtext(f".//{DAV}sync-token") or ""

    def names(self) -> set[str]:
        """The FN lines of the cards it keeps, but for the sentinel."""
        return {
            line.removeprefix("FN:")
            for text in self.cards.values()
            if "UID:kustod-help" not in text
            for line in text.replace("\r\n", "\n").split("\n")
            if line.startswith("FN:")
        }


@dataclass
class DavX5(Phone):
    """DAVx5: asks PROPFIND for the token first and stays away when it is the one it has."""

    user_agent: str = "DAVx5/4.4.5 (2026/08/01; dav4jvm; okhttp/5.0.0) Android/15"
    reports: int = 0

    def visit(self) -> set[str]:
        """One run of its sync; says which hrefs were reported gone."""
        if self.shown_token() == self.token:
            return set()
        self.reports += 1
        return self.sync()
