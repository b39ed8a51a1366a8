"""gunicorn's gthread worker in which no client holds a thread, or the loop, for ever.

gthread has no deadline for a request: two half requests stop a worker of two threads. Names of
gunicorn's inside are used here, so its version is pinned and tests/serve/ is the alarm.
"""

import contextlib
import errno
import selectors
import socket
import time
from dataclasses import dataclass
from functools import partial
from typing import Any

from gunicorn.glogging import Logger
from gunicorn.http import errors
from gunicorn.workers.gthread import TConn, ThreadWorker
from typing_extensions import override

from app import logs
from app.answers import Answer, complete, failed, plain
from app.guard import is_import

_SEND_BYTES_PER_SECOND = 16 * 1024
_STATUS = {
    errors.LimitRequestLine: "414 URI Too Long",
    errors.LimitRequestHeaders: "431 Request Header Fields Too Large",
    errors.ExpectationFailed: "417 Expectation Failed",
    errors.UnsupportedTransferCoding: "501 Not Implemented",
}


@dataclass(frozen=True)
class Patience:
    """How many seconds a client has to send one whole request, and to read the answer."""

    request: float = 20.0
    imports: float = 180.0
    answer: float = 30.0


PATIENCE = Patience()


class PatientSocket:
    """A client's socket on which receiving a request and sending an answer have a deadline each.

    TimeoutError with ECONNRESET reads to gunicorn as a client that went away: no log line, no
    traceback.
    """

    def __init__(self, sock: socket.socket, patience: Patience) -> None:
        self._sock = sock
        self._patience = patience
        self._until = time.monotonic() + patience.request

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def allow(self, seconds: float) -> None:
        """Give the request that is being received this many seconds from now, in all."""
        self._until = time.monotonic() + seconds

    def recv(self, size: int, *flags: int) -> bytes:
        """As the socket's, within what is left of the deadline."""
        before = self._sock.gettimeout()
        left = self._until - time.monotonic()
        try:
            self._sock.settimeout(max(0.001, left if before is None else min(left, before)))
            return self._sock.recv(size, *flags)
        except TimeoutError as error:
            raise TimeoutError(errno.ECONNRESET, "the request came too slowly") from error
        finally:
            self._sock.settimeout(before)

    def sendall(self, data: bytes, *flags: int) -> None:
        """As the socket's; who reads slower than a modem loses the connection."""
        before = self._sock.gettimeout()
        try:
            self._sock.settimeout(self._patience.answer + len(data) / _SEND_BYTES_PER_SECOND)
            self._sock.sendall(data, *flags)
        except TimeoutError as error:
            raise TimeoutError(errno.ECONNRESET, "the answer was read too slowly") from error
        finally:
            self._sock.settimeout(before)


class Connection(TConn):
    """A connection that is closed once, whoever comes first."""

    is_closed = False

    @override
    def close(self, graceful: bool = False) -> None:
        if not self.is_closed:
            self.is_closed = True
            super().close(graceful)


class DeadlineWorker(ThreadWorker):
    """gthread with a deadline; a connection takes a thread only once its first byte is there."""

    @override
    def accept(self, listener: Any) -> None:
        try:
            sock, client = listener.accept()
        except OSError as error:
            if error.errno not in {errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK}:
                raise
            return
        self.nr_conns += 1
        patient = PatientSocket(sock, self.app.patience)
        conn = Connection(self.cfg, patient, client, listener.getsockname())
        conn.set_timeout()
        self.pending_conns.append(conn)
        readable = partial(self.on_pending_socket_readable, conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, readable)

    @override
    def handle(self, conn: Any) -> Any:
        conn.sock.allow(self.app.patience.request)
        outcome = super().handle(conn)
        if outcome is False:
            # Closing waits up to two seconds for the client: here, not in the worker's loop.
            conn.close(graceful=True)
        return outcome

    @override
    def handle_request(self, req: Any, conn: Any) -> Any:
        if is_import(req.path):
            conn.sock.allow(self.app.patience.imports)
        return super().handle_request(req, conn)

    @override
    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer what never reached the guard, without quoting it, and log it as one line."""
        answer = refusal(exc)
        headers = complete(answer, "GET", "/", secure=self.app.settings.is_secure)
        lines = [f"HTTP/1.1 {answer.status}", *(f"{name}: {value}" for name, value in headers)]
        head = "\r\n".join([*lines, "Connection: close", "", ""])
        logs.request(getattr(req, "method", "") or "", "none", answer.status, 0, 0)
        with contextlib.suppress(OSError):
            client.sendall(head.encode("latin-1") + answer.body)


def refusal(error: BaseException) -> Answer:
    """The answer to a request that gunicorn could not read, or to a failure above the guard."""
    status = next((text for kind, text in _STATUS.items() if isinstance(error, kind)), None)
    if status is None and not isinstance(error, errors.ParseException):
        return failed(error)
    return plain(status or "400 Bad Request", "This request cannot be understood.")


class TemplateLogger(Logger):
    """gunicorn's logger with our lines: templates without arguments, as JSON."""

    @override
    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(logs.TemplateFormatter())
