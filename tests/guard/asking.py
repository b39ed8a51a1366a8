"""A door that remembers what reached it, and a way to ask the guard in front of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from app.guard import Guard
from app.settings import Settings

LOOPBACK = Settings(instance=Path("unused"))
PUBLIC = Settings(
    instance=Path("unused"),
    base_url="https://kustod.example.org",
    trusted_proxies=("10.0.0.0/8", "192.0.2.7"),
)


WriteBytes = Callable[[bytes], object]


@dataclass
class Door:
    """An application that answers as told and keeps the environ and the body it was given."""

    status: str = "200 OK"
    headers: list[tuple[str, str]] = field(
        default_factory=lambda: [("Content-Type", "text/html; charset=utf-8")]
    )
    chunks: Iterable[bytes] = (b"hello",)
    error: Exception | None = None
    environ: WSGIEnvironment | None = None
    body: bytes = b""

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        self.environ = environ
        self.body = environ["wsgi.input"].read()
        if self.error:
            raise self.error
        start(self.status, self.headers)
        return self.chunks

    @property
    def was_asked(self) -> bool:
        return self.environ is not None

    def got(self, name: str) -> str:
        assert self.environ is not None
        return str(self.environ.get(name, ""))


@dataclass
class Told:
    """What a client was told."""

    status: int
    headers: dict[str, str]
    body: bytes


def ask(
    door: Callable[..., Iterable[bytes]], settings: Settings = LOOPBACK, /, **changes: object
) -> Told:
    """Send one request through a fresh guard; `changes` replace parts of the WSGI environ."""
    host = settings.base_url.partition("://")[2]
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/",
        "SCRIPT_NAME": "",
        "QUERY_STRING": "",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8080",
        "REMOTE_ADDR": "198.51.100.4",
        "HTTP_HOST": host,
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(b""),
    }
    environ |= {name: value for name, value in changes.items() if value is not None}
    for name, value in changes.items():
        if value is None:
            del environ[name]
    if "RAW_URI" not in environ:
        environ["RAW_URI"] = environ["PATH_INFO"]
    if isinstance(environ["wsgi.input"], bytes):
        environ["wsgi.input"] = BytesIO(environ["wsgi.input"])
    told: list[tuple[str, list[tuple[str, str]]]] = []

    def start(status: str, headers: list[tuple[str, str]], _error: object = None) -> WriteBytes:
        told.append((status, headers))
        return lambda _data: None

    body = b"".join(Guard(door, settings)(environ, start))
    [(status, headers)] = told
    return Told(int(status[:3]), {name.lower(): value for name, value in headers}, body)
