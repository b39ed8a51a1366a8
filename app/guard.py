"""The WSGI guard in front of both doors: hosts, proxies, paths, sizes, headers, failures.

No other place reads a forwarded header, decides which Host is ours or how long a body may be. An
answer is whole before its first byte leaves: a slow client holds neither a transaction open nor
anybody's turn.
"""

import ipaddress
import re
import threading
import time
from collections.abc import Callable, Iterable
from io import BytesIO
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from app import logs
from app.answers import FOREIGN_HOST, Answer, Refusal, busy, complete, failed
from app.errors import Busy, Invalid
from app.settings import Settings

BODY_LIMIT = 1024 * 1024
IMPORT_LIMIT = 10 * BODY_LIMIT
AT_WORK = 8
"""So many requests of a process are worked on at once; the others are still coming in."""

TOO_LARGE = "kustod.too_large"
"""In the environ where a file was larger than that: a person gets a page that says so."""

_DISCARDED = 10 * IMPORT_LIMIT
_IMPORT = re.compile(r"/directories/[^/]+/import|/contacts/[^/]+/consents/new|/paper/[^/]+/scans")
_FOREIGN = re.compile(
    "HTTP_(?:FORWARDED|PATH_INFO|PROXY|REMOTE_|SCRIPT_NAME|X_FORWARDED|X_HTTP_METHOD|X_METHOD|"
    "X_ORIGINAL|X_REAL|X_REMOTE|X_REWRITE|X_SCRIPT)"
)
_AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+?)\.?(:[0-9]{1,5})?")
_AMBIGUOUS = re.compile(r"[\x00-\x1f\x7f\\]|%(?:00|2[5ef]|5c)|/\.{1,2}(?:/|$)", re.IGNORECASE)


def is_import(path: str) -> bool:
    """Whether this path takes files, which are larger and take longer than forms and cards."""
    return _IMPORT.fullmatch(path) is not None


class Names:
    """Under which names this server answers: the portal asks here, too."""

    def __init__(self, settings: Settings) -> None:
        self._hosts, self._names = _own_hosts(settings)

    def __contains__(self, authority: str) -> bool:
        """Whether a Host header, or the authority of an absolute target, is one of them."""
        parts = _AUTHORITY.fullmatch(authority.lower())
        if parts is None:
            return False
        name, port = parts[1], parts[2] or ""
        return name in self._names or name + port in self._hosts


class Guard:
    """The callable that the server runs: everything of a request passes here first and last."""

    def __init__(self, inside: WSGIApplication, settings: Settings) -> None:
        self._inside = inside
        self._turns = threading.BoundedSemaphore(AT_WORK)
        self._secure = settings.is_secure
        self._names = Names(settings)
        self._by_socket = "unix" in settings.trusted_proxies
        self._proxies = [_network(proxy) for proxy in settings.trusted_proxies if proxy != "unix"]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request, whole."""
        began = time.perf_counter()
        answer = self._answer(environ)
        method = environ["REQUEST_METHOD"]
        headers = complete(answer, method, environ["PATH_INFO"], secure=self._secure)
        start_response(answer.status, headers)
        route = environ.get(logs.ROUTE, "none")
        logs.request(method, route, answer.status, len(answer.body), time.perf_counter() - began)
        return [answer.body]

    def _answer(self, environ: WSGIEnvironment) -> Answer:
        try:
            self._forget_foreign_headers(environ)
            self._check_host(environ)
            self._check_way(environ)
            _check_line(environ)
            _take_body(environ)
            with self._turns:
                return _ask(self._inside, environ)
        except Refusal as refusal:
            return refusal.answer
        except Busy:
            return busy()
        except Exception as error:  # noqa: BLE001 - the last place before the server's own page
            return failed(error)

    def _forget_foreign_headers(self, environ: WSGIEnvironment) -> None:
        """Drop what only a proxy may say; believe one hop of a proxy we were told to trust.

        The counting kind of trust believes any peer; Host and prefix are never taken.
        """
        said = {name: environ.pop(name) for name in list(environ) if _FOREIGN.match(name)}
        environ["PATH_INFO"] = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
        environ["SCRIPT_NAME"] = ""
        if not self._is_proxy(environ.get("REMOTE_ADDR", "")):
            return
        address = said.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
        scheme = said.get("HTTP_X_FORWARDED_PROTO", "").rpartition(",")[2].strip().lower()
        if _address(address):
            environ["REMOTE_ADDR"] = address
        if scheme in {"http", "https"}:
            environ["wsgi.url_scheme"] = scheme

    def _is_proxy(self, peer: str) -> bool:
        if not peer:
            return self._by_socket
        address = _address(peer) if self._proxies else None
        return any(address in network for network in self._proxies if address)

    def _check_way(self, environ: WSGIEnvironment) -> None:
        """Never ask for an app password, nor take one, over a way that others can listen to.

        The word 401 would make a client send it once more; a proxy on this machine that nobody
        named in KUSTOD_TRUSTED_PROXIES cannot say how it was asked, and is let in.
        """
        is_open = self._secure and environ["wsgi.url_scheme"] != "https"
        if is_open and _is_for_phones(environ) and not _is_here(environ.get("REMOTE_ADDR", "")):
            words = (
                "Address books are served over https only. If a proxy ends TLS in front of this "
                "server, KUSTOD_TRUSTED_PROXIES must name it."
            )
            raise Refusal("403 Forbidden", words)

    def _check_host(self, environ: WSGIEnvironment) -> None:
        target = environ.get("RAW_URI", "")
        named = [environ.get("HTTP_HOST", "")]
        if target and not target.startswith("/"):  # RFC 9112, 3.2.2: the absolute form counts too
            named.append(re.split("[/?#]", target.partition("://")[2])[0])
        if not all(authority in self._names for authority in named):
            raise Refusal("400 Bad Request", FOREIGN_HOST)


def _is_for_phones(environ: WSGIEnvironment) -> bool:
    """Whether this may carry, or would be answered by a question for, an app password."""
    path = environ["PATH_INFO"]
    is_dav = path == "/dav" or path.startswith(("/dav/", "/.well-known/carddav"))
    is_asking = environ["REQUEST_METHOD"] in {"PROPFIND", "REPORT"}
    return is_dav or is_asking or "HTTP_AUTHORIZATION" in environ


def _is_here(peer: str) -> bool:
    address = _address(peer)
    return not peer or (address is not None and address.is_loopback)


def _own_hosts(settings: Settings) -> tuple[set[str], set[str]]:
    """The authorities that are ours, and the names that are ours whatever the port."""
    base = urlsplit(settings.base_url)
    name = (base.hostname or "").encode("idna").decode()
    name = f"[{name}]" if ":" in name else name
    port = base.port or (443 if settings.is_secure else 80)
    hosts = {f"{name}:{port}"} | (set() if base.port else {name})
    address = _address(name.strip("[]"))
    if name == "localhost" or (address and (address.is_loopback or address.is_unspecified)):
        return hosts, {"localhost", "127.0.0.1", "[::1]", settings.bind.rpartition(":")[0]}
    return hosts, set()


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text.replace("%", " "))  # nobody needs a zone here
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        words = f"{text!r} is neither an address, nor a network, nor the word unix"
        raise Invalid("KUSTOD_TRUSTED_PROXIES", words) from error


def _check_line(environ: WSGIEnvironment) -> None:
    """Refuse a path that two readers could understand in two ways, and methods that echo."""
    try:
        path = environ["PATH_INFO"].encode("latin-1").decode("utf-8")
    except UnicodeError:
        path = ""
    raw = environ.get("RAW_URI", "").partition("?")[0].lower()
    if not path.startswith("/") or _AMBIGUOUS.search(path) or "%2f" in raw:
        raise Refusal("400 Bad Request", "This path cannot be used.")
    if environ["REQUEST_METHOD"] in {"TRACE", "CONNECT"}:
        raise Refusal("405 Method Not Allowed", "Not here.", Allow="GET, HEAD, POST")


def _take_body(environ: WSGIEnvironment) -> None:
    """Read the body whole, up to its limit, and give it a length.

    Radicale takes a chunked body as empty, for it reads CONTENT_LENGTH only.
    """
    limit = IMPORT_LIMIT if is_import(environ["PATH_INFO"]) else BODY_LIMIT
    chunked = environ.pop("HTTP_TRANSFER_ENCODING", "")
    length = environ.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdigit()) or (chunked and length != "0"):
        raise Refusal("400 Bad Request", "The length of the body is not a number.")
    declared = int(length) if len(length) <= len(str(limit)) else limit + 1
    body = _read(environ, limit + 1 if chunked else declared) if declared <= limit else b""
    if max(declared, len(body)) > limit:
        if limit == BODY_LIMIT:
            raise Refusal("413 Content Too Large", f"More than {limit} bytes are not taken here.")
        _discard(environ, _DISCARDED if chunked else min(declared, _DISCARDED))
        environ[TOO_LARGE], declared, body = True, 0, b""
    if not chunked and len(body) < declared:
        raise Refusal("400 Bad Request", "The body is shorter than it says.")
    environ["wsgi.input"], environ["CONTENT_LENGTH"] = BytesIO(body), str(len(body))


def _discard(environ: WSGIEnvironment, size: int) -> None:
    """Let a browser send its file to the end: it shows no answer that comes before."""
    while size > 0 and (part := _read(environ, min(size, BODY_LIMIT))):
        size -= len(part)


def _read(environ: WSGIEnvironment, size: int) -> bytes:
    try:
        return bytes(environ["wsgi.input"].read(size)) if size else b""
    except TimeoutError as error:
        raise Refusal("408 Request Timeout", "The body came too slowly.") from error
    except Exception as error:  # each server has exceptions of its own for a broken body
        raise Refusal("400 Bad Request", "The body cannot be read.") from error


def _ask(inside: WSGIApplication, environ: WSGIEnvironment) -> Answer:
    """Run the application and collect its answer."""
    answer = Answer("500 No Status")
    written: list[bytes] = []

    def start(
        status: str, headers: list[tuple[str, str]], _error: object = None, /
    ) -> Callable[[bytes], object]:
        answer.status, answer.headers = status, list(headers)
        return written.append

    chunks = inside(environ, start)
    try:
        body = b"".join(chunks)
    finally:
        getattr(chunks, "close", lambda: None)()
    answer.body = b"".join(written) + body
    return answer
