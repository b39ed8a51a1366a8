"""A WSGI application on loopback, in a thread of its own."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from ssl import SSLContext
from wsgiref.types import WSGIApplication

from typing_extensions import override
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.serve.running import TIMEOUT


class _Quiet(WSGIRequestHandler):
    """The development server's handler without its lines on stderr."""

    @override
    def log(self, type: str, message: str, *args: object) -> None:
        pass


@contextmanager
def serving(
    app: WSGIApplication, port: int = 0, context: SSLContext | None = None
) -> Iterator[str]:
    """Answer for as long as the block lasts, at the address that it is given."""
    server = make_server(
        "127.0.0.1", port, app, threaded=True, request_handler=_Quiet, ssl_context=context
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join(TIMEOUT)
        server.server_close()
