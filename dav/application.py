"""The CardDAV door as one WSGI callable: reads the request, recognises the device, answers.

A poll that finds nothing changed is answered from one statement, before all else.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from http import HTTPStatus
from wsgiref.types import StartResponse, WSGIEnvironment
from xml.etree.ElementTree import Element

from app.db import Sessions
from app.errors import Busy, Conflict
from app.keys import KeyName, KeyRing
from app.queries import polling
from app.queries.polling import Poll
from app.services import books, devices, readers, sync_tokens, throttle
from app.services.sightings import Sightings
from app.services.sync_tokens import InvalidToken
from dav import auth, discovery, paths, replies, xml
from dav import sync as reports
from dav.doors import Doors, Request
from dav.replies import Reply
from dav.visit import Visit


class CardDav:
    """The callable. `now` is asked once a request; `sightings` may be flushed by tests."""

    def __init__(self, sessions: Sessions, ring: KeyRing, now: Callable[[], datetime]) -> None:
        self._sessions = sessions
        self._ring = ring
        self._now = now
        self.sightings = Sightings(sessions)
        self._doors = Doors(self.sightings)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """One request. A database that stays busy is a 503 with Retry-After."""
        method = environ["REQUEST_METHOD"]
        try:
            reply = self._answer(environ, method)
        except (Busy, Conflict) as busy:
            reply = replies.text(HTTPStatus.SERVICE_UNAVAILABLE, str(busy), Retry_After="5")
        return reply.send(start_response, is_head=method == "HEAD")

    def _answer(self, environ: WSGIEnvironment, method: str) -> Reply:
        if method == "OPTIONS":
            return Reply(HTTPStatus.OK, headers={"Allow": discovery.methods(environ["PATH_INFO"])})
        if paths.is_impossible(paths.decoded(environ["PATH_INFO"])):
            return replies.NOT_FOUND
        given = auth.credentials(environ.get("HTTP_AUTHORIZATION", ""))
        if given is None:
            return replies.UNAUTHORIZED
        body = _body(environ)
        try:
            root, problem = _root(method, body), ""
        except xml.BadXml as error:
            root, problem = None, str(error)
        request = Request(method, paths.decoded(environ["PATH_INFO"]), body, root, environ)
        return self._asked(request, given, problem)

    def _asked(self, request: Request, given: tuple[str, str], problem: str) -> Reply:
        at = self._now()
        user_agent = request.environ.get("HTTP_USER_AGENT", "")
        settled = self._settled(request, given, user_agent, at)
        if settled is not None:
            return settled
        visit = self._recognise(given, user_agent, at)
        if visit is None:
            return self._stranger(request, given[0], at)
        self.sightings.seen(visit.device_id, user_agent, at)
        if problem:
            return replies.text(HTTPStatus.BAD_REQUEST, problem)
        return self._doors.answer(visit, request)

    def _settled(
        self, request: Request, given: tuple[str, str], user_agent: str, at: datetime
    ) -> Reply | None:
        """The answer to a poll where nothing has changed, from one statement; else None."""
        place, root = request.place, request.root
        if root is None or root.tag != reports.SYNC_COLLECTION or not place.is_book:
            return None
        shown = (root.findtext(f"{xml.DAV}sync-token") or "").strip()
        try:
            token = sync_tokens.read(self._ring, shown)
        except InvalidToken:
            return None
        if not token.is_receipt:
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
        self.sightings.heard_from(token.reader_id, at)
        return replies.Multistatus().reply(shown)

    def _stranger(self, request: Request, login: str, at: datetime) -> Reply:
        """401, or 429 for who keeps guessing; a right password is never kept waiting."""
        key = self._ring.current(KeyName.APP_PASSWORD)
        address = request.environ.get("REMOTE_ADDR", "")
        with self._sessions.write() as session:
            who = throttle.subject(key, throttle.Door.CARDDAV, address, login)
            until = throttle.count(session, who, at).blocked_until
            if until is None:
                anywhere = throttle.somewhere(key, throttle.Door.CARDDAV, login)
                throttle.count(session, anywhere, at)
        if until is None:
            return replies.UNAUTHORIZED
        seconds = str(max(1, int((until - at).total_seconds())))
        message = "Too many wrong passwords."
        return replies.text(HTTPStatus.TOO_MANY_REQUESTS, message, Retry_After=seconds)

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
                books=books.handles(session, device.id),
            )


def _root(method: str, body: bytes) -> Element | None:
    """The parsed body of a request that has XML. Raises BadXml where it cannot be used."""
    if method not in {"PROPFIND", "REPORT"} or not body.strip():
        return None
    return xml.parse(body)


def _body(environ: WSGIEnvironment) -> bytes:
    """The whole body; the guard has bounded it and given it its true length."""
    body: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    return body


def build(sessions: Sessions, ring: KeyRing, now: Callable[[], datetime]) -> CardDav:
    """The door for this database and these keys."""
    return CardDav(sessions, ring, now)
