"""What no WSGI test can show: bytes on a socket, through gunicorn, to both doors."""

import socket

import pytest

from app.guard import BODY_LIMIT
from app.serve import THREADS
from tests.serve.running import Running, read

CANARY = b"karel"


def request(line: bytes, *fields: bytes, body: bytes = b"") -> bytes:
    return b"\r\n".join([line, *fields, b"", b""]) + body


def chunked(*chunks: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"


MALFORMED = {
    "no host": (request(b"GET / HTTP/1.1"), 400),
    "no host in HTTP/1.0": (request(b"GET / HTTP/1.0"), 400),
    "two hosts": (request(b"GET / HTTP/1.1", b"Host: localhost", b"Host: karel.example"), 400),
    "foreign host": (request(b"GET / HTTP/1.1", b"Host: karel.example"), 400),
    "foreign host in the target": (
        request(b"GET http://karel.example/ HTTP/1.1", b"Host: localhost"),
        400,
    ),
    "length and chunks": (
        request(
            b"POST / HTTP/1.1",
            b"Host: localhost",
            b"Content-Length: 5",
            b"Transfer-Encoding: chunked",
            body=chunked(CANARY),
        ),
        400,
    ),
    "two lengths": (
        request(b"POST / HTTP/1.1", b"Host: localhost", b"Content-Length: 5", b"Content-Length: 6"),
        400,
    ),
    "negative length": (
        request(b"POST / HTTP/1.1", b"Host: localhost", b"Content-Length: -5"),
        400,
    ),
    "unknown coding": (
        request(b"POST / HTTP/1.1", b"Host: localhost", b"Transfer-Encoding: karel"),
        501,
    ),
    "bad chunk": (
        request(
            b"POST / HTTP/1.1", b"Host: localhost", b"Transfer-Encoding: chunked", body=b"karel\r\n"
        ),
        400,
    ),
    "raw NUL in the path": (request(b"GET /a\x00karel HTTP/1.1", b"Host: localhost"), 400),
    "NUL in the path": (request(b"GET /a%00karel HTTP/1.1", b"Host: localhost"), 400),
    "backslash in the path": (request(b"GET /a%5ckarel HTTP/1.1", b"Host: localhost"), 400),
    "slash in the path": (request(b"GET /dav%2fkarel HTTP/1.1", b"Host: localhost"), 400),
    "no UTF-8 in the path": (request(b"GET /%ffkarel HTTP/1.1", b"Host: localhost"), 400),
    "up in the path": (request(b"GET /dav/../karel HTTP/1.1", b"Host: localhost"), 400),
    "long line": (request(b"GET /" + CANARY * 1000 + b" HTTP/1.1", b"Host: localhost"), 414),
    "long header": (
        request(b"GET / HTTP/1.1", b"Host: localhost", b"X-A: " + CANARY * 2000),
        431,
    ),
    "many headers": (
        request(b"GET / HTTP/1.1", b"Host: localhost", *[b"X-%d: karel" % n for n in range(200)]),
        431,
    ),
    "folded header": (
        request(b"GET / HTTP/1.1", b"Host: localhost", b"X-A: a", b" karel"),
        400,
    ),
    "space in a header name": (request(b"GET / HTTP/1.1", b"Host: localhost", b"X A: karel"), 400),
    "line feeds only": (b"GET / HTTP/1.1\nHost: karel\n\n\r\n\r\n", 400),
    "small letters in the method": (request(b"get / HTTP/1.1", b"Host: localhost"), 400),
    "HTTP of the future": (request(b"GET / HTTP/9.9", b"Host: localhost"), 400),
    "nonsense": (b"karel\r\n\r\n", 400),
    "trace": (request(b"TRACE / HTTP/1.1", b"Host: localhost", b"X-A: karel"), 405),
    "long body": (
        request(b"POST / HTTP/1.1", b"Host: localhost", b"Content-Length: %d" % (BODY_LIMIT + 1)),
        413,
    ),
    "long chunks": (
        request(
            b"PUT /dav/d/all/k.vcf HTTP/1.1",
            b"Host: localhost",
            b"Transfer-Encoding: chunked",
            body=chunked(*[b"x" * 65536] * 17),
        ),
        413,
    ),
    "short body": (
        request(b"POST / HTTP/1.1", b"Host: localhost", b"Content-Length: 9", body=CANARY),
        400,
    ),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_request_is_refused_without_an_echo(server: Running, name: str) -> None:
    raw, status = MALFORMED[name]
    told = server.send(raw)
    assert told.status == status
    assert CANARY not in told.body
    assert told.headers["x-content-type-options"] == "nosniff"
    assert told.headers["content-security-policy"].endswith("sandbox")
    assert told.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "field",
    [
        b"Script-Name: /karel",
        b"SCRIPT_NAME: /karel",
        b"Path-Info: /karel",
        b"X-Script-Name: /karel",
        b"X-Forwarded-Proto: https",
        b"X_Forwarded_For: 10.0.0.1",
        b"Proxy: http://karel.example",
    ],
)
def test_headers_of_proxies_change_nothing(server: Running, field: bytes) -> None:
    told = server.send(request(b"GET /healthz HTTP/1.1", b"Host: localhost", field))
    assert (told.status, told.body) == (200, b"ok\n")


def test_nothing_of_a_request_is_in_the_log(server: Running) -> None:
    fields = [
        b"Host: localhost",
        b"User-Agent: \x1b[31mkarel",
        b"Authorization: Basic a2FyZWw6eA==",
    ]
    server.send(request(b"GET /healthz?q=karel HTTP/1.1", *fields))
    server.send(request(b"GET /dav/karel/all/karel.vcf HTTP/1.1", *fields))
    server.send(request(b"GET /karel HTTP/1.1", *fields))
    assert CANARY.decode() not in str(server.lines())


def test_a_refused_body_leaves_no_second_request_behind(server: Running) -> None:
    hidden = request(b"GET /healthz HTTP/1.1", b"Host: localhost")
    with server.connect() as client:
        client.sendall(
            request(b"POST / HTTP/1.1", b"Host: localhost", b"Content-Length: 99999999") + hidden
        )
        client.shutdown(socket.SHUT_WR)
        assert read(client).status == 413
        with pytest.raises(ConnectionError):
            read(client)


def test_two_requests_of_one_connection_are_both_answered(server: Running) -> None:
    with server.connect() as client:
        for _ in range(2):
            client.sendall(request(b"GET /healthz HTTP/1.1", b"Host: localhost"))
            assert read(client).status == 200


HALVES = [
    b"GET /healthz HTTP/1.1\r\nHost: local",
    request(b"POST / HTTP/1.1", b"Host: localhost", b"Content-Length: 100", body=b"half"),
    request(
        b"PUT /dav/d/all/k.vcf HTTP/1.1",
        b"Host: localhost",
        b"Transfer-Encoding: chunked",
        body=b"5\r\nha",
    ),
]


@pytest.mark.parametrize("half", HALVES, ids=["head", "body", "chunk"])
def test_half_requests_on_all_threads_do_not_stop_the_service(server: Running, half: bytes) -> None:
    clients = [server.connect() for _ in range(THREADS + 4)]
    for client in clients:
        client.sendall(half)
    assert server.get("/healthz").status == 200
    for client in clients:
        with client:
            assert _ended(client)


def test_connections_without_a_byte_are_closed(server: Running) -> None:
    clients = [server.connect() for _ in range(THREADS + 4)]
    assert server.get("/healthz").status == 200
    for client in clients:
        with client:
            assert _ended(client)


def _ended(client: socket.socket) -> bool:
    """Whether the server gave this client up: it closed, after 408 or without a word."""
    try:
        return read(client).status == 408
    except ConnectionError:
        return True
