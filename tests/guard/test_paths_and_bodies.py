from io import BytesIO

import pytest
from typing_extensions import override

from app.guard import BODY_LIMIT, IMPORT_LIMIT, TOO_LARGE
from tests.guard.asking import Door, ask


def wire(path: str) -> str:
    """A path as WSGI carries it: each byte of the UTF-8 as one character."""
    return path.encode().decode("latin-1")


@pytest.mark.parametrize(
    "path", ["/", "/contacts", wire("/složka/žluťoučký"), "/dav/d1/all/a.b.vcf", "/a..b", "/%41"]
)
def test_plain_paths_pass(path: str) -> None:
    assert ask(Door(), PATH_INFO=path).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/a\x00b",
        "/a\\b",
        "/a\x1bb",
        "/a\nb",
        "/\xff",
        "/\xc0\xaf",
        "/\xed\xa0\x80",
        "/a/../b",
        "/..",
        "/./a",
        "/a/.",
        "/%2e%2e/a",
        "/%2fa",
        "/%5ca",
        "/%00",
        "/%252f",
        "contacts",
        "",
    ],
)
def test_paths_that_mean_two_things_are_refused(path: str) -> None:
    door = Door()
    assert ask(door, PATH_INFO=path, RAW_URI="/whatever").status == 400
    assert not door.was_asked


@pytest.mark.parametrize("raw", ["/a%2fb", "/a%2Fb"])
def test_an_encoded_slash_is_refused_in_the_path_only(raw: str) -> None:
    assert ask(Door(), PATH_INFO="/a/b", RAW_URI=raw).status == 400
    assert ask(Door(), PATH_INFO="/a/b", RAW_URI="/a/b?next=%2fcontacts").status == 200


@pytest.mark.parametrize("method", ["TRACE", "CONNECT"])
def test_methods_that_echo_or_tunnel_are_refused(method: str) -> None:
    told = ask(Door(), REQUEST_METHOD=method)
    assert (told.status, told.headers["allow"]) == (405, "GET, HEAD, POST")


def post(path: str, body: object, **changes: object) -> tuple[int, Door]:
    door = Door()
    told = ask(door, REQUEST_METHOD="POST", PATH_INFO=path, **{"wsgi.input": body, **changes})
    return told.status, door


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/", BODY_LIMIT, 200),
        ("/", BODY_LIMIT + 1, 413),
        ("/dav/d1/all/a.vcf", BODY_LIMIT + 1, 413),
        ("/directories/firms/import", BODY_LIMIT + 1, 200),
        ("/directories/firms/import", IMPORT_LIMIT, 200),
        ("/directories/firms/import/x", BODY_LIMIT + 1, 413),
        ("/directories/a/b/import", BODY_LIMIT + 1, 413),
        ("/imports/7/start", BODY_LIMIT + 1, 413),
    ],
)
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_has_a_limit(path: str, size: int, status: int, chunked: bool) -> None:
    how = {"HTTP_TRANSFER_ENCODING": "chunked"} if chunked else {"CONTENT_LENGTH": str(size)}
    got, door = post(path, b"x" * size, **how)
    assert got == status
    assert door.was_asked is (status == 200)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_file_that_is_too_large_is_read_to_its_end_and_marked(chunked: bool) -> None:
    size = IMPORT_LIMIT + BODY_LIMIT
    how = {"HTTP_TRANSFER_ENCODING": "chunked"} if chunked else {"CONTENT_LENGTH": str(size)}
    body = BytesIO(b"x" * size)
    got, door = post("/directories/firms/import", body, **how)
    assert (got, door.got(TOO_LARGE), door.body) == (200, "True", b"")
    assert door.got("CONTENT_LENGTH") == "0"
    assert body.read() == b""


def test_a_chunked_body_arrives_whole_with_its_length() -> None:
    _, door = post("/", b"BEGIN:VCARD", HTTP_TRANSFER_ENCODING="chunked")
    assert (door.body, door.got("CONTENT_LENGTH")) == (b"BEGIN:VCARD", "11")
    assert not door.got("HTTP_TRANSFER_ENCODING")


def test_a_body_without_length_is_none() -> None:
    _, door = post("/", b"smuggled")
    assert (door.body, door.got("CONTENT_LENGTH")) == (b"", "0")


@pytest.mark.parametrize("length", ["-1", "1e3", "0x10", "٣", "1, 1", " 1"])
def test_a_length_that_is_no_number_is_refused(length: str) -> None:
    assert post("/", b"", CONTENT_LENGTH=length)[0] == 400


@pytest.mark.parametrize("length", ["9" * 5000, "0" * 20 + "1"])
def test_a_length_with_too_many_digits_is_too_large(length: str) -> None:
    assert post("/", b"", CONTENT_LENGTH=length)[0] == 413


def test_length_and_chunks_together_are_refused() -> None:
    assert post("/", b"abc", CONTENT_LENGTH="3", HTTP_TRANSFER_ENCODING="chunked")[0] == 400


def test_a_body_shorter_than_its_length_reaches_no_door() -> None:
    status, door = post("/", b"abc", CONTENT_LENGTH="4")
    assert (status, door.was_asked) == (400, False)


class Broken(BytesIO):
    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    @override
    def read(self, _size: int | None = -1, /) -> bytes:
        raise self.error


@pytest.mark.parametrize(
    ("error", "status"), [(TimeoutError(), 408), (ConnectionResetError(), 400), (ValueError(), 400)]
)
def test_a_body_that_cannot_be_read_is_no_failure_of_ours(error: Exception, status: int) -> None:
    assert post("/", Broken(error), CONTENT_LENGTH="4")[0] == status
