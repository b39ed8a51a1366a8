"""Whatever a client sends, the guard answers, and what passes it means one thing only."""

from urllib.parse import unquote

from hypothesis import example, given
from hypothesis import strategies as st

from tests.guard.asking import PUBLIC, Door, ask

latin = st.text(st.characters(max_codepoint=255), max_size=40)
path = st.lists(
    st.sampled_from(["/", "dav", "%2f", "%25", "..", ".", "\\", "\x00", "é", "\xc3\xa9", "a"])
    | latin,
    max_size=8,
).map("".join)
target = st.sampled_from(
    ["", "/", "http://", "https://kustod.example.org", "*", "http://["]
).flatmap(lambda start: latin.map(lambda rest: start + rest))
host = latin | latin.map("kustod.example.org".__add__) | st.just("kustod.example.org")


@given(
    path=path,
    target=target,
    host=host,
    peer=latin | st.just("10.0.0.3"),
    said=latin,
    length=latin | st.integers().map(str),
    method=st.sampled_from(["GET", "POST", "TRACE", "PROPFIND"]) | latin,
)
@example("/", "http://[", "kustod.example.org", "", "", "", "GET")
def test_any_request_is_answered_and_none_is_a_failure(
    path: str, target: str, host: str, peer: str, said: str, length: str, method: str
) -> None:
    door = Door()
    told = ask(
        door,
        PUBLIC,
        PATH_INFO=path,
        RAW_URI=target,
        HTTP_HOST=host,
        REMOTE_ADDR=peer,
        HTTP_X_FORWARDED_FOR=said,
        HTTP_X_FORWARDED_PROTO=said,
        CONTENT_LENGTH=length,
        REQUEST_METHOD=method,
    )
    assert told.status in {200, 400, 403, 405, 413}
    assert told.headers["x-content-type-options"] == "nosniff"
    assert door.was_asked is (told.status == 200)
    if door.was_asked:
        reached = door.got("PATH_INFO").encode("latin-1").decode()
        assert reached.startswith("/")
        once_more = unquote(reached)
        assert once_more.count("/") == reached.count("/")
        assert not {"\x00", "\\"} & set(once_more)
        assert not {"..", "."} & set(once_more.split("/"))
