"""What each method does once the device is recognised, and which doors stay shut."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote
from wsgiref.types import WSGIEnvironment
from xml.etree.ElementTree import Element, tostring

from app.cards import write
from app.services import books, refusals, sync
from app.services.books import Handle
from app.services.sightings import Sightings
from dav import discovery, paths, replies, xml
from dav import sync as reports
from dav.paths import Place
from dav.radicale_app import EmbeddedRadicale
from dav.replies import Reply
from dav.visit import Visit

_QUERY = f"{xml.CARDDAV}addressbook-query"
_CLOSED = frozenset({"MKCOL", "MKCALENDAR", "MOVE", "COPY", "PROPPATCH", "ACL"})
_FINITE = frozenset({"0", "1"})


@dataclass(frozen=True)
class Request:
    """One request as it came, its path decoded and its XML parsed."""

    method: str
    path: str
    body: bytes
    root: Element | None
    environ: WSGIEnvironment

    @property
    def xml(self) -> bytes:
        """The body as UTF-8, whatever encoding it came in; empty where there is none."""
        return b"" if self.root is None else tostring(self.root, encoding="utf-8")

    @property
    def place(self) -> Place:
        """What the path names."""
        return paths.place(self.path)


class Doors:
    """Answers the requests of recognised devices."""

    def __init__(self, sightings: Sightings) -> None:
        self._sightings = sightings
        self._radicale = EmbeddedRadicale()
        self._methods: dict[str, Callable[[Visit, Request], Reply]] = {
            "GET": self._get,
            "HEAD": self._get,
            "PUT": _put,
            "DELETE": _delete,
            "PROPFIND": self._propfind,
            "REPORT": self._report,
        }

    def answer(self, visit: Visit, request: Request) -> Reply:
        """The answer to one request; what is foreign answers as what is absent."""
        if _is_endless(request):
            return replies.INFINITE_DEPTH
        if request.method in _CLOSED:
            return replies.need_privileges(paths.principal_path(visit.device), "bind")
        method = self._methods.get(request.method)
        if method is None:
            allowed = {"Allow": discovery.methods(request.path)}
            return Reply(HTTPStatus.METHOD_NOT_ALLOWED, headers=allowed)
        if not request.path.startswith(f"{paths.MOUNT}/"):
            return _at_the_root(visit, request)
        if request.place.device not in {"", visit.device}:
            return replies.NOT_FOUND
        return method(visit, request)

    def _get(self, visit: Visit, request: Request) -> Reply:
        """One card; a collection is never read whole."""
        place, book = request.place, visit.book(request.place.book)
        if book is None or not place.is_card:
            return replies.NOT_FOUND
        found = sync.cards(visit.sessions, book, [place.href], visit.at).get(place.href)
        if found is None:
            return replies.NOT_FOUND
        sync.note_fetch(visit.sessions, book, visit.family, [found], visit.at)
        self._sightings.fetched([found.holding_id], visit.at)
        headers = {
            "ETag": f'"{found.etag}"',
            "Content-Disposition": "attachment",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        }
        return Reply(HTTPStatus.OK, write.write(found.card).encode(), reports.CONTENT_TYPE, headers)

    def _propfind(self, visit: Visit, request: Request) -> Reply:
        if not _is_propfind(request):
            return replies.text(HTTPStatus.BAD_REQUEST, "The body is no DAV:propfind.")
        reply = self._radicale.answer(visit, request.environ, request.xml)
        book = visit.book(request.place.book)
        if book is not None and _asks_for_token(request):
            sync.note_token(visit.sessions, book, visit.family)
        return reply

    def _report(self, visit: Visit, request: Request) -> Reply:
        place, root = request.place, request.root
        if root is None:
            return replies.text(HTTPStatus.BAD_REQUEST, "A report needs a body.")
        book = visit.book(place.book)
        if book is None or place.is_card:
            return replies.NOT_FOUND if place.book else replies.UNSUPPORTED_REPORT
        if root.tag == _QUERY:
            return self._query(visit, request)
        report = {
            reports.SYNC_COLLECTION: reports.sync_collection,
            xml.MULTIGET: reports.multiget,
        }.get(root.tag)
        if report is None:
            return replies.UNSUPPORTED_REPORT
        return report(visit, book, root, self._sightings)

    def _query(self, visit: Visit, request: Request) -> Reply:
        # Radicale fails with 400 or 500 on a filter that it does not understand.
        reply = self._radicale.answer(visit, request.environ, request.xml)
        book = visit.book(request.place.book)
        if book is not None:
            # Which cards went out only Radicale knows; a first read always has the sentinel.
            href = books.href_of(books.SENTINEL)
            shown = sync.cards(visit.sessions, book, [href], visit.at)
            sync.note_fetch(visit.sessions, book, visit.family, shown.values(), visit.at)
        if reply.status in {HTTPStatus.BAD_REQUEST, HTTPStatus.INTERNAL_SERVER_ERROR}:
            return replies.error(HTTPStatus.FORBIDDEN, "C:supported-filter")
        return reply


def _is_endless(request: Request) -> bool:
    """Whether a PROPFIND asks deeper than its members (RFC 4918, section 9.1)."""
    depth = request.environ.get("HTTP_DEPTH", "0").strip()
    return request.method == "PROPFIND" and depth not in _FINITE


def _asks_for_token(request: Request) -> bool:
    """Whether a PROPFIND names the property that only programs which sync by it want."""
    return request.root is not None and request.root.find(f".//{xml.DAV}sync-token") is not None


def _is_propfind(request: Request) -> bool:
    """Whether the body, if there is one, is what RFC 4918, section 14.20, describes."""
    root = request.root
    if root is None:
        return True
    kinds = {f"{xml.DAV}{name}" for name in ("prop", "allprop", "propname")}
    return root.tag == f"{xml.DAV}propfind" and len(root) > 0 and root[0].tag in kinds


def _at_the_root(visit: Visit, request: Request) -> Reply:
    """Discovery, and nothing else, outside the mount."""
    if request.method == "PROPFIND":
        return discovery.answer(visit, request.path)
    return replies.UNSUPPORTED_REPORT if request.method == "REPORT" else replies.NOT_FOUND


def _put(visit: Visit, request: Request) -> Reply:
    """403 in the way DAVx5 tolerates; the client is brought back to the true card."""
    place, book = request.place, visit.book(request.place.book)
    if book is None:
        return _no_book(visit, place)
    here = paths.book_path(visit.device, book.key)
    if place.is_card and refusals.refuse(visit.sessions, book, place.href, visit.at):
        return replies.need_privileges(here + quote(place.href), "write-content")
    return replies.need_privileges(here, "bind")


def _delete(visit: Visit, request: Request) -> Reply:
    """403 and a bump for a card that is there; 404 for one that is not."""
    place, book = request.place, visit.book(request.place.book)
    if book is None:
        return _no_book(visit, place)
    if place.is_card and not _bump(visit, book, place.href):
        return replies.NOT_FOUND
    return replies.need_privileges(paths.book_path(visit.device, book.key), "unbind")


def _no_book(visit: Visit, place: Place) -> Reply:
    if place.book:
        return replies.NOT_FOUND
    return replies.need_privileges(paths.principal_path(visit.device), "bind")


def _bump(visit: Visit, book: Handle, href: str) -> bool:
    """Have the client fetch the card again, if it has it."""
    if href not in sync.cards(visit.sessions, book, [href], visit.at):
        return False
    return refusals.refuse(visit.sessions, book, href, visit.at)
