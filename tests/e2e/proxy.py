"""A proxy on loopback that writes down what passes, and may act between two requests."""

import http.client
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.datastructures import Headers
from werkzeug.wrappers import Request, Response

from tests.e2e.serving import serving
from tests.serve.running import TIMEOUT


@dataclass(frozen=True)
class Passed:
    """One request and how it was answered."""

    method: str
    path: str
    body: bytes
    status: int


class Proxy:
    """Forwards everything to the server at `port`."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.address = ""
        self.passed: list[Passed] = []
        self.before: Callable[[str, bytes], None] = lambda _method, _body: None
        """Called with a request's method and body before it goes on."""

    @contextmanager
    def open(self) -> Iterator[None]:
        """Listen at `address` for as long as the block lasts."""
        with serving(self) as self.address:
            yield

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Let one request pass."""
        request = Request(environ)
        method, path, body = request.method, environ["RAW_URI"], request.get_data()
        self.before(method, body)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        try:
            connection.request(method, path, body, dict(request.headers))
            answer = connection.getresponse()
            whole = answer.read()
        finally:
            connection.close()
        self.passed.append(Passed(method, path, body, answer.status))
        kept = [(name, value) for name, value in answer.getheaders() if name != "Connection"]
        return Response(whole, answer.status, Headers(kept))(environ, start)
