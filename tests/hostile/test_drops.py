"""Twenty clients that send, or read, in drops: the portal and a phone go on as ever.

They are given twenty seconds each, as in earnest; who asks meanwhile waits ten at most.
"""

import contextlib
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.deadline import PATIENCE
from tests.hostile.wire import exchange, statuses
from tests.hostile.world import Server, found
from tests.serve.running import Running, instance

CLIENTS = 20
PATIENT = 10.0
PAGE = "GET /contacts HTTP/1.1\r\nHost: localhost\r\nCookie: kustod-dev="
BODY = b"Host: localhost\r\nContent-Length: 5000\r\n\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Server]:
    settings = instance(tmp_path_factory.mktemp("drops"), sqlite_template)
    cast = found(settings)
    running = Running(settings, workers=2, patience=PATIENCE.request)
    yield Server(settings, cast, running.port, running.process)
    running.stop()


def head_in_drops(_server: Server, client: socket.socket) -> None:
    client.sendall(b"GET /contacts HTTP/1.1\r\nHost: loc")


def body_in_drops(server: Server, client: socket.socket) -> None:
    client.sendall(b"PUT /dav/%s/all/x.vcf HTTP/1.1\r\n" % server.cast.eva.device.encode() + BODY)
    client.sendall(b"BEGIN:VCARD\r\n")


def form_in_drops(_server: Server, client: socket.socket) -> None:
    client.sendall(b"POST /sign-in HTTP/1.1\r\n" + BODY + b"email=")


def nothing(_server: Server, _client: socket.socket) -> None:
    pass


def slow_reader(server: Server, client: socket.socket) -> None:
    """Asks a hundred times, and reads none of the answers."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    page = f"{PAGE}{server.cast.session}"
    client.settimeout(0.2)
    with contextlib.suppress(TimeoutError):
        client.sendall(f"{page}\r\n\r\n".encode() * 100)


WAYS = (head_in_drops, body_in_drops, form_in_drops, nothing, slow_reader)


@pytest.mark.parametrize("way", [*WAYS, None], ids=lambda way: way.__name__ if way else "mixed")
def test_the_portal_and_a_phone_go_on(
    server: Server, way: Callable[[Server, socket.socket], None] | None
) -> None:
    server.keep_signed_in()
    with contextlib.ExitStack() as clients:
        for number in range(CLIENTS):
            address = ("127.0.0.1", server.port)
            client = clients.enter_context(socket.create_connection(address, timeout=PATIENT))
            (way or WAYS[number % len(WAYS)])(server, client)
        page = f"{PAGE}{server.cast.session}"
        got = exchange(server.port, f"{page}\r\n\r\n".encode(), PATIENT)
        assert statuses(got, "GET") == [200]
        phone = server.phone(server.cast.walker)
        phone.sync()
        assert server.wanted() <= phone.names()
