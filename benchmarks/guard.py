"""What the guard adds to a request, in microseconds: the same application with it and without."""

import time
from collections.abc import Iterable
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from app import logs
from app.guard import Guard
from app.settings import Settings

REQUESTS = 5_000
ROUNDS = 5


def hello(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    """Read the body, answer with four kilobytes."""
    environ["wsgi.input"].read()
    start("200 OK", [("Content-Type", "text/html; charset=utf-8")])
    return [b"x" * 4096]


def environ(body: bytes) -> dict[str, Any]:
    """One request as gunicorn hands it over."""
    return {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/dav/device/all/",
        "RAW_URI": "/dav/device/all/",
        "SCRIPT_NAME": "",
        "QUERY_STRING": "",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1:8080",
        "HTTP_USER_AGENT": "DAVx5/4.5",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
    }


def microseconds(application: WSGIApplication, body: bytes) -> float:
    """The best of a few rounds, for one request."""
    best = float("inf")
    for _ in range(ROUNDS):
        requests = [environ(body) for _ in range(REQUESTS)]
        began = time.perf_counter()
        for request in requests:
            list(application(request, lambda _status, _headers, _error=None: lambda _data: None))
        best = min(best, time.perf_counter() - began)
    return best / REQUESTS * 1e6


def main() -> None:
    """Print the table."""
    logs.configure("info", StringIO())
    guarded = Guard(hello, Settings(Path("unused")))
    print(f"{'body':>10}  {'alone':>8}  {'guarded':>8}  {'cost':>8}")
    for size in (0, 1_000, 100_000):
        alone, behind = (microseconds(app, b"x" * size) for app in (hello, guarded))
        print(f"{size:>8} B  {alone:>5.1f} us  {behind:>5.1f} us  {behind - alone:>5.1f} us")


if __name__ == "__main__":
    main()
