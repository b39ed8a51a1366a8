"""The quick form of `make fuzz`, and what its judges would see."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile import bodies
from tests.hostile.fuzz import Fuzz, growth, log_faults
from tests.hostile.grammar import Grammar, Sent, Who
from tests.hostile.judges import faults
from tests.hostile.wire import TIMEOUT
from tests.hostile.world import HIDDEN, SEEN, Server, serving
from tests.serve.running import instance


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Server]:
    with serving(instance(tmp_path_factory.mktemp("hostile"), sqlite_template), 1) as running:
        yield running


def test_a_few_hundred_hostile_requests_find_nothing(server: Server, tmp_path: Path) -> None:
    fuzz = Fuzz(server, 28, tmp_path / "crashers", patience=TIMEOUT)
    fuzz.some(400)
    assert fuzz.tally.requests == 400
    assert fuzz.tally.found == []


def test_one_seed_is_one_stream(server: Server) -> None:
    streams = [Grammar(server.cast, "7/0", ["token"]) for _ in range(2)]
    assert [streams[0].draw() for _ in range(200)] == [streams[1].draw() for _ in range(200)]


OK = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"


def told(words: str) -> bytes:
    return OK % (len(words), words.encode())


@pytest.mark.parametrize(
    ("who", "got"),
    [
        (Who.DEVICE, b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n"),
        (Who.DEVICE, b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"),
        (Who.DEVICE, b"HTTP/1.1 501 No\r\nContent-Length: 0\r\n\r\n"),
        (Who.PORTAL, told(f"Karel {HIDDEN}1")),
        (Who.NOBODY, told(f"Karel {SEEN}1")),
        (Who.DEVICE, b""),
        (Who.DEVICE, b"HTTP/1.1 207 Multi\r\nContent-Length: 3\r\n\r\n<a>"),
        (Who.PORTAL, b"HTTP/1.1 303 See\r\nLocation: //evil.example\r\n\r\n"),
    ],
)
def test_the_judges_see_each_fault(server: Server, who: Who, got: bytes) -> None:
    sent = Sent("test", who, "GET", b"GET / HTTP/1.1\r\n\r\n")
    assert len(faults(server, sent, got)) == 1


def test_the_judges_let_honest_answers_pass(server: Server) -> None:
    sent = Sent("test", Who.DEVICE, "PUT", b"Transfer-Encoding: x")
    busy = b"HTTP/1.1 503 Busy\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n"
    coding = b"HTTP/1.1 501 No\r\nContent-Length: 0\r\n\r\n"
    for got in (busy, coding, told(f"Karel {SEEN}1")):
        assert faults(server, sent, got) == []


def test_growth_is_that_of_the_same_processes() -> None:
    assert growth([[100, 50], [100, 90], [100, 50, 80], [95, 60]]) == (150, 155, 190)
    rising = [[100.0]] + [[150.0 + n] for n in range(7)]
    assert growth(rising) == (100, 155.5, 156)
    assert growth([]) == (0, 0, 0)


def test_the_log_of_a_calm_server_has_no_fault(server: Server) -> None:
    assert log_faults(server) == []


def test_a_body_in_chunks_is_whole() -> None:
    body = random.Random(1).randbytes(50)  # noqa: S311 - any bytes do
    pieces = bodies.chunked(body, 20).split(b"\r\n")
    assert pieces[0] == b"14"
    assert pieces[-3:] == [b"0", b"", b""]
