"""Replies of the CardDAV door: statuses, error bodies with their precondition, multistatus."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from wsgiref.types import StartResponse
from xml.sax.saxutils import escape

from app.cards.text import xml_safe

REALM = "Kustod"
DAV_CLASSES = "1, 3, access-control, addressbook"
METHODS = "OPTIONS, GET, HEAD, PUT, DELETE, PROPFIND, REPORT"

_XML = "application/xml; charset=utf-8"
_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
_DAV = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"'


@dataclass(frozen=True)
class Reply:
    """One answer, complete before its first byte is sent."""

    status: HTTPStatus
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)

    def send(self, start_response: StartResponse, *, is_head: bool = False) -> Iterable[bytes]:
        """Speak WSGI."""
        headers = {"DAV": DAV_CLASSES, "Cache-Control": "no-store", **self.headers}
        if self.body:
            headers["Content-Type"] = self.content_type
        headers["Content-Length"] = str(len(self.body))
        line = f"{self.status.value} {self.status.phrase}"
        start_response(line, list(headers.items()))
        return [] if is_head else [self.body]


def error(status: HTTPStatus, precondition: str, inside: str = "") -> Reply:
    """A DAV:error body with a precondition element (RFC 4918, section 16)."""
    element = f"<{precondition}>{inside}</{precondition}>" if inside else f"<{precondition}/>"
    body = f"{_HEAD}<D:error {_DAV}>{element}</D:error>"
    return Reply(status, body.encode(), _XML)


def need_privileges(href: str, privilege: str) -> Reply:
    """403 with DAV:need-privileges (RFC 3744, section 7.1.1); DAVx5 tolerates only this one."""
    inside = (
        f"<D:resource><D:href>{escape(href)}</D:href>"
        f"<D:privilege><D:{privilege}/></D:privilege></D:resource>"
    )
    return error(HTTPStatus.FORBIDDEN, "D:need-privileges", inside)


def text(status: HTTPStatus, message: str, **headers: str) -> Reply:
    """A plain sentence for a person who looks."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, f"{message}\n".encode(), headers=named)


NOT_FOUND = text(HTTPStatus.NOT_FOUND, "There is nothing here.")
"""The one answer for what is hidden, absent, foreign or closed."""

UNAUTHORIZED = text(
    HTTPStatus.UNAUTHORIZED,
    "Please sign in with the app password of this device.",
    WWW_Authenticate=f'Basic realm="{REALM}", charset="UTF-8"',
)

INVALID_TOKEN = error(HTTPStatus.BAD_REQUEST, "D:valid-sync-token")
"""400, not the RFC's 403: Thunderbird stays stuck for ever on a 403."""

INFINITE_DEPTH = error(HTTPStatus.FORBIDDEN, "D:propfind-finite-depth")

UNSUPPORTED_REPORT = error(HTTPStatus.FORBIDDEN, "D:supported-report")


class Multistatus:
    """Writes a multistatus as text; every href and value is escaped here."""

    def __init__(self) -> None:
        self._parts = [_HEAD, f"<D:multistatus {_DAV}>"]

    def found(self, href: str, properties: str, missing: str = "") -> None:
        """A member with its properties, and those it does not have."""
        self._parts.append(f"<D:response><D:href>{escape(href)}</D:href>")
        self._parts.append(_propstat(properties, "200 OK"))
        if missing:
            self._parts.append(_propstat(missing, "404 Not Found"))
        self._parts.append("</D:response>")

    def gone(self, href: str) -> None:
        """A member that is not there (any more)."""
        self._parts.append(
            f"<D:response><D:href>{escape(href)}</D:href>"
            "<D:status>HTTP/1.1 404 Not Found</D:status></D:response>"
        )

    def reply(self, token: str = "") -> Reply:
        """207 with all members, and the new sync token where there is one."""
        if token:
            self._parts.append(f"<D:sync-token>{escape(token)}</D:sync-token>")
        self._parts.append("</D:multistatus>")
        # One character that XML cannot carry would stop the taking back of everything else.
        return Reply(HTTPStatus.MULTI_STATUS, xml_safe("".join(self._parts)).encode(), _XML)


def _propstat(properties: str, status: str) -> str:
    return (
        f"<D:propstat><D:prop>{properties}</D:prop>"
        f"<D:status>HTTP/1.1 {status}</D:status></D:propstat>"
    )
