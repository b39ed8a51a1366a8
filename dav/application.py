"""The CardDAV door as one WSGI callable: recognises the device, shuts what must stay shut.

Hot requests (sync-collection, multiget, one card) are answered here; PROPFIND and
addressbook-query go on to Radicale.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from http import HTTPStatus
from io import BytesIO
from typing import Any
from urllib.parse import quote
from wsgiref.types import StartResponse, WSGIEnvironment
from xml.etree.ElementTree import Element

from app.cards import write
from app.db import Sessions
from app.errors import Busy
from app.keys import KeyRing
from app.queries import polling
from app.queries.polling import Poll
from app.services import devices, ledger, readers, sync, sync_tokens
from app.services.sightings import Sightings
from app.services.sync_tokens import InvalidToken
from dav import auth, discovery, paths, replies, xml
from dav import sync as reports
from dav.radicale_app import EmbeddedRadicale
from dav.replies import Reply
from dav.visit import Visit, current

MAX_BODY = 1_000_000
_QUERY = f"{xml.CARDDAV}addressbook-query"
_CLOSED = frozenset({"MKCOL", "MKCALENDAR", "MOVE", "COPY", "PROPPATCH", "ACL"})


class CardDav:
    """The callable. `now` is asked once a request; `sightings` may be flushed by tests."""

    def __init__(self, sessions: Sessions, ring: KeyRing, now: Callable[[], datetime]) -> None:
        self._sessions = sessions
        self._ring = ring
        self._now = now
        self._radicale = EmbeddedRadicale()
        self.sightings = Sightings(sessions)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        try:
            reply = self._answer(environ, method)
        except Busy as busy:
            reply = replies.text(HTTPStatus.SERVICE_UNAVAILABLE, str(busy), Retry_After="5")
        return reply.send(start_response, is_head=method == "HEAD")

    def _answer(self, environ: WSGIEnvironment, method: str) -> Reply:
        if method == "OPTIONS":
            return Reply(HTTPStatus.OK, headers={"Allow": replies.METHODS})
        given = auth.credentials(environ.get("HTTP_AUTHORIZATION", ""))
        if given is None:
            return replies.UNAUTHORIZED
        body = _body(environ)
        if body is None:
            return replies.text(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body exceeds 1 MB.")
        at, path = self._now(), paths.decoded(environ["PATH_INFO"])
        user_agent = environ.get("HTTP_USER_AGENT", "")
        root = _root(method, body)
        if isinstance(root, Element) and root.tag == reports.SYNC_COLLECTION:
            settled = self._settled(path, given, root, user_agent, at)
            if settled is not None:
                return settled
        visit = self._recognise(given, user_agent, at)
        if visit is None:
            return replies.UNAUTHORIZED
        self.sightings.seen(visit.device_id, user_agent, at)
        if isinstance(root, Reply):
            return root
        return self._dispatch(visit, environ, (method, path, body, root))

    def _settled(
        self, path: str, given: tuple[str, str], root: Element, user_agent: str, at: datetime
    ) -> Reply | None:
        """The answer to a poll where nothing has changed, from one statement; else None."""
        place = paths.place(path)
        shown = (root.findtext(f"{xml.DAV}sync-token") or "").strip()
        try:
            token = sync_tokens.read(self._ring, shown)
        except InvalidToken:
            return None
        if not token.is_receipt or not place.is_book or place.is_deeper:
            return None
        poll = Poll(
            device=place.device,
            book=place.book,
            login=given[0],
            password_macs=devices.password_macs(self._ring, given[1]),
            epoch=token.epoch,
            book_id=token.book_id,
            reader_id=token.reader_id,
            seq=token.seq,
            tag=token.tag,
        )
        with self._sessions.read() as session:
            device_id = polling.settled_device(session, poll, at)
        if device_id is None:
            return None
        self.sightings.seen(device_id, user_agent, at)
        return replies.Multistatus().reply(shown)

    def _recognise(self, given: tuple[str, str], user_agent: str, at: datetime) -> Visit | None:
        with self._sessions.read() as session:
            device = devices.recognise(session, *given, self._ring, at)
            if device is None:
                return None
            return Visit(
                sessions=self._sessions,
                ring=self._ring,
                device=device.public_id,
                device_name=device.name,
                device_id=device.id,
                user_agent=user_agent,
                family=readers.family_of(user_agent),
                at=at,
                books=ledger.handles(session, device.id),
            )

    def _dispatch(
        self,
        visit: Visit,
        environ: WSGIEnvironment,
        request: tuple[str, str, bytes, Element | None],
    ) -> Reply:
        method, path, _body, root = request
        if method in _CLOSED:
            return replies.need_privileges(paths.principal_path(visit.device), "bind")
        if method not in replies.METHODS.split(", "):
            return Reply(HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": replies.METHODS})
        if method == "PROPFIND" and environ.get("HTTP_DEPTH", "0").strip() not in {"0", "1"}:
            return replies.INFINITE_DEPTH
        if not path.startswith(f"{paths.MOUNT}/"):
            return discovery.answer(visit, path) if method == "PROPFIND" else replies.NOT_FOUND
        place = paths.place(path)
        if place.is_deeper or place.device not in {"", visit.device}:
            return replies.NOT_FOUND
        if method == "PROPFIND":
            return self._through_radicale(visit, environ, request)
        if method == "REPORT":
            return self._report(visit, environ, request, place, root)
        return _one(visit, method, place)

    def _report(
        self,
        visit: Visit,
        environ: WSGIEnvironment,
        request: tuple[str, str, bytes, Element | None],
        place: paths.Place,
        root: Element | None,
    ) -> Reply:
        book = visit.book(place.book)
        if root is None:
            return replies.text(HTTPStatus.BAD_REQUEST, "A report needs a body.")
        if book is None or place.is_card:
            return replies.NOT_FOUND if place.book else replies.UNSUPPORTED_REPORT
        if root.tag == reports.SYNC_COLLECTION:
            return reports.sync_collection(visit, book, root, self.sightings)
        if root.tag == reports.MULTIGET:
            return reports.multiget(visit, book, root, self.sightings)
        if root.tag == _QUERY:
            return self._through_radicale(visit, environ, request)
        return replies.UNSUPPORTED_REPORT

    def _through_radicale(
        self,
        visit: Visit,
        environ: WSGIEnvironment,
        request: tuple[str, str, bytes, Element | None],
    ) -> Reply:
        """Let Radicale answer, told nothing of proxies and prefixes but ours."""
        body = request[2]
        inner = {
            name: value
            for name, value in environ.items()
            if not name.startswith(("HTTP_X_", "HTTP_FORWARDED"))
        }
        inner |= {
            "SCRIPT_NAME": paths.MOUNT,
            "PATH_INFO": environ["PATH_INFO"].removeprefix(paths.MOUNT),
            "QUERY_STRING": "",
            "wsgi.input": BytesIO(body),
            "CONTENT_LENGTH": str(len(body)),
        }
        inner.pop("HTTP_ACCEPT_ENCODING", None)
        seen: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], _exc: Any = None) -> None:
            seen.append((status, headers))

        mark = current.set(visit)
        try:
            answer = b"".join(self._radicale(inner, start_response))
        finally:
            current.reset(mark)
        return _from_radicale(int(seen[0][0].split(" ")[0]), dict(seen[0][1]), answer)


def _from_radicale(status: int, headers: dict[str, str], body: bytes) -> Reply:
    if status in {HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN, HTTPStatus.UNAUTHORIZED}:
        return replies.NOT_FOUND
    kept = {name: headers[name] for name in ("Retry-After",) if name in headers}
    return Reply(HTTPStatus(status), body, headers.get("Content-Type", "text/plain"), kept)


def _root(method: str, body: bytes) -> Element | Reply | None:
    """The parsed body of a request that has XML; a reply where it cannot be used."""
    if method not in {"PROPFIND", "REPORT"} or not body.strip():
        return None
    try:
        return xml.parse(body)
    except xml.BadXml as error:
        return replies.text(HTTPStatus.BAD_REQUEST, str(error))


def _body(environ: WSGIEnvironment) -> bytes | None:
    """The whole body; None where it is larger than it may be."""
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    if length > MAX_BODY:
        return None
    body: bytes = environ["wsgi.input"].read(length) if length > 0 else b""
    return body


def _one(visit: Visit, method: str, place: paths.Place) -> Reply:
    """GET, HEAD, PUT and DELETE of one path: cards are read, nothing is written."""
    book = visit.book(place.book)
    if book is None:
        if not place.book and method in {"PUT", "DELETE"}:
            return replies.need_privileges(paths.principal_path(visit.device), "bind")
        return replies.NOT_FOUND
    here = paths.book_path(visit.device, book.key)
    if method == "PUT":
        return _refused_put(visit, book, place, here)
    if method == "DELETE":
        if place.is_card and place.href not in sync.cards(
            visit.sessions, book, [place.href], visit.at
        ):
            return replies.NOT_FOUND
        if place.is_card:
            sync.refuse(visit.sessions, book, place.href, visit.at)
        return replies.need_privileges(here, "unbind")
    served = sync.cards(visit.sessions, book, [place.href], visit.at) if place.is_card else {}
    if place.href not in served:
        return replies.NOT_FOUND
    found = served[place.href]
    headers = {
        "ETag": f'"{found.etag}"',
        "Content-Disposition": "attachment",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    text = write.write(found.card).encode()
    return Reply(HTTPStatus.OK, text, reports.CONTENT_TYPE, headers)


def _refused_put(visit: Visit, book: ledger.Handle, place: paths.Place, here: str) -> Reply:
    """403 in the way DAVx5 tolerates; the client is brought back to the true card."""
    if place.is_card and sync.refuse(visit.sessions, book, place.href, visit.at):
        return replies.need_privileges(here + quote(place.href), "write-content")
    return replies.need_privileges(here, "bind")


def build(sessions: Sessions, ring: KeyRing, now: Callable[[], datetime]) -> CardDav:
    """The door for this database and these keys."""
    return CardDav(sessions, ring, now)
