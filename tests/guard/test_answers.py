import json
from collections.abc import Iterator
from io import StringIO

import pytest

from app import logs
from app.answers import OTHER_POLICY, PAGE_POLICY
from app.errors import Busy
from tests.guard.asking import LOOPBACK, PUBLIC, Door, ask

CALM = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


@pytest.fixture
def log() -> Iterator[StringIO]:
    stream = StringIO()
    logs.configure("info", stream)
    yield stream
    logs.configure("info")


def lines(log: StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


@pytest.mark.parametrize("status", ["200 OK", "207 Multi-Status", "404 Not Found", "303 See Other"])
@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "text/xml", "text/vcard"])
def test_every_answer_carries_the_headers_of_safety(status: str, kind: str) -> None:
    told = ask(Door(status, [("Content-Type", kind)]))
    assert CALM.items() <= told.headers.items()
    policy = PAGE_POLICY if kind.startswith("text/html") else OTHER_POLICY
    assert told.headers["content-security-policy"] == policy


@pytest.mark.parametrize(
    "changes",
    [
        {"HTTP_HOST": "evil.example"},
        {"PATH_INFO": "/a\x00"},
        {"REQUEST_METHOD": "TRACE"},
        {"CONTENT_LENGTH": "9" * 9},
    ],
)
def test_refusals_carry_them_too(changes: dict[str, str]) -> None:
    told = ask(Door(), **changes)
    assert told.status >= 400
    assert CALM.items() <= told.headers.items()
    assert told.headers["content-security-policy"] == OTHER_POLICY


def test_what_a_door_says_itself_stays() -> None:
    own = [("cache-control", "private"), ("Content-Security-Policy", "default-src 'none'")]
    told = ask(Door(headers=own))
    assert told.headers["cache-control"] == "private"
    assert told.headers["content-security-policy"] == "default-src 'none'"


def test_static_files_may_be_kept_and_a_304_brings_no_policy() -> None:
    assert "cache-control" not in ask(Door(), PATH_INFO="/static/kustod.css").headers
    told = ask(Door("304 Not Modified", [], ()))
    assert "content-security-policy" not in told.headers
    assert "content-length" not in told.headers


def test_strict_transport_only_where_the_address_is_https() -> None:
    assert "strict-transport-security" in ask(Door(), PUBLIC).headers
    assert "strict-transport-security" not in ask(Door(), LOOPBACK).headers


def test_an_answer_in_pieces_gets_one_length_and_is_closed() -> None:
    class Chunks(list[bytes]):
        closed = False

        def close(self) -> None:
            self.closed = True

    chunks = Chunks([b"hel", b"lo"])
    told = ask(Door(chunks=chunks))
    assert (told.body, told.headers["content-length"], chunks.closed) == (b"hello", "5", True)


def test_the_length_of_a_head_answer_is_not_made_up() -> None:
    told = ask(Door(headers=[("Content-Length", "5")], chunks=()), REQUEST_METHOD="HEAD")
    assert told.headers["content-length"] == "5"
    assert "content-length" not in ask(Door(chunks=()), REQUEST_METHOD="HEAD").headers


def test_bytes_written_the_old_way_come_first() -> None:
    def old(_environ: object, start: object) -> list[bytes]:
        write = start("200 OK", [])  # type: ignore[operator]
        write(b"old ")
        return [b"new"]

    assert ask(old).body == b"old new"


def test_busy_is_said_so(log: StringIO) -> None:
    told = ask(Door(error=Busy("locked")))
    assert (told.status, told.headers["retry-after"]) == (503, "5")
    assert [line["status"] for line in lines(log)] == [503]


SECRET = "karel.novotny@example.org"


def halfway() -> Iterator[bytes]:
    yield b"half of a"
    raise ValueError(SECRET)


@pytest.mark.parametrize("door", [Door(error=ValueError(SECRET)), Door(chunks=halfway())])
def test_a_failure_is_a_plain_page_with_a_reference_and_a_line_without_persons(
    door: Door, log: StringIO
) -> None:
    told = ask(door, PATH_INFO=f"/{SECRET}", QUERY_STRING=SECRET, HTTP_USER_AGENT=SECRET)
    failure, access = lines(log)
    assert told.status == 500
    assert told.headers["content-type"] == "text/plain; charset=utf-8"
    assert str(failure["reference"]).encode() in told.body
    assert failure["error"] == "ValueError"
    assert "tests/guard/" in str(failure["where"])
    assert (access["event"], access["status"]) == ("request", 500)
    assert SECRET not in log.getvalue()
    assert SECRET.encode() not in told.body


def test_the_access_line_names_the_rule_and_never_the_path(log: StringIO) -> None:
    def door(environ: dict[str, object], start: object) -> list[bytes]:
        environ[logs.ROUTE] = "/contacts/<public_id:contact>"
        start("200 OK", [])  # type: ignore[operator]
        return [b"hello"]

    ask(door, PATH_INFO=f"/contacts/{SECRET}", QUERY_STRING=f"q={SECRET}")
    [line] = lines(log)
    assert line["route"] == "/contacts/<public_id:contact>"
    assert (line["method"], line["status"], line["bytes"]) == ("GET", 200, 5)
    assert SECRET not in log.getvalue()


def test_a_method_of_the_clients_own_is_not_quoted(log: StringIO) -> None:
    ask(Door(), REQUEST_METHOD="KAREL")
    assert [line["method"] for line in lines(log)] == ["other"]
