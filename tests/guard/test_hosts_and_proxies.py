from dataclasses import replace
from pathlib import Path

import pytest

from app.errors import Invalid
from app.guard import Guard
from app.settings import Settings
from tests.guard.asking import LOOPBACK, PUBLIC, Door, ask


@pytest.mark.parametrize(
    "host",
    ["kustod.example.org", "KUSTOD.example.ORG", "kustod.example.org:443", "kustod.example.org."],
)
def test_the_public_name_is_answered(host: str) -> None:
    assert ask(Door(), PUBLIC, HTTP_HOST=host).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "kustod.example.org.evil.example",
        "kustod.example.org:8443",
        "kustod.example.org:443:443",
        "evil@kustod.example.org",
        "kustod.example.org, evil.example",
        "kustod.example.org/evil",
        "127.0.0.1",
        "localhost",
        "",
        " ",
        "[::1",
        "kustod.example.org\r\nX: y",
    ],
)
def test_another_name_is_refused_before_any_door(host: str) -> None:
    door = Door()
    assert ask(door, PUBLIC, HTTP_HOST=host).status == 400
    assert not door.was_asked


def test_a_request_without_host_is_refused() -> None:
    assert ask(Door(), PUBLIC, HTTP_HOST=None).status == 400


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8080", "127.0.0.1:9", "[::1]:8080", "192.168.1.5:8080"]
)
def test_on_this_machine_every_name_of_it_is_answered(host: str) -> None:
    settings = replace(LOOPBACK, bind="192.168.1.5:8080")
    assert ask(Door(), settings, HTTP_HOST=host).status == 200


def test_an_address_bound_everywhere_answers_this_machine_only() -> None:
    settings = Settings(Path("unused"), base_url="http://0.0.0.0:8080", bind="0.0.0.0:8080")
    assert ask(Door(), settings, HTTP_HOST="127.0.0.1:8080").status == 200
    assert ask(Door(), settings, HTTP_HOST="evil.example").status == 400


def test_names_outside_ascii_are_compared_as_browsers_send_them() -> None:
    settings = Settings(Path("unused"), base_url="https://šumava.example")
    assert ask(Door(), settings, HTTP_HOST="xn--umava-udb.example").status == 200


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("https://kustod.example.org/a", 200),
        ("https://evil.example/a", 400),
        ("*", 400),
    ],
)
def test_the_absolute_form_of_a_target_names_the_host_too(target: str, status: int) -> None:
    assert ask(Door(), PUBLIC, RAW_URI=target, PATH_INFO="/a").status == status


FORWARDED = {
    "HTTP_X_FORWARDED_FOR": "203.0.113.9",
    "HTTP_X_FORWARDED_PROTO": "https",
    "HTTP_X_FORWARDED_HOST": "evil.example",
    "HTTP_X_FORWARDED_PORT": "1",
    "HTTP_X_FORWARDED_PREFIX": "/evil",
    "HTTP_FORWARDED": "for=203.0.113.9",
    "HTTP_X_SCRIPT_NAME": "/evil",
    "HTTP_X_REMOTE_USER": "eva",
    "HTTP_X_REMOTE_ADDR": "127.0.0.1",
    "HTTP_X_REAL_IP": "203.0.113.9",
    "HTTP_X_ORIGINAL_URL": "/evil",
    "HTTP_X_REWRITE_URL": "/evil",
    "HTTP_X_HTTP_METHOD_OVERRIDE": "DELETE",
    "HTTP_REMOTE_USER": "eva",
    "HTTP_PROXY": "http://evil.example",
}


@pytest.mark.parametrize("peer", ["198.51.100.4", "10.0.0.3"])
def test_what_a_proxy_may_say_reaches_no_door(peer: str) -> None:
    door = Door()
    ask(door, PUBLIC, REMOTE_ADDR=peer, **FORWARDED)
    assert door.environ is not None
    assert not FORWARDED.keys() & door.environ.keys()


def test_an_unknown_peer_cannot_change_its_address_or_the_scheme() -> None:
    door = Door()
    ask(door, PUBLIC, **FORWARDED)
    assert (door.got("REMOTE_ADDR"), door.got("wsgi.url_scheme")) == ("198.51.100.4", "http")


@pytest.mark.parametrize("peer", ["10.200.0.3", "192.0.2.7", "::ffff:192.0.2.7"])
def test_a_trusted_proxy_is_believed_for_one_hop(peer: str) -> None:
    door = Door()
    said = FORWARDED | {"HTTP_X_FORWARDED_FOR": "127.0.0.1, 203.0.113.9"}
    ask(door, PUBLIC, REMOTE_ADDR=peer, **said)
    assert (door.got("REMOTE_ADDR"), door.got("wsgi.url_scheme")) == ("203.0.113.9", "https")
    assert door.got("HTTP_HOST") == "kustod.example.org"


@pytest.mark.parametrize(
    "garbage", ["a", "", "203.0.113.9:80", "fe80::1%eth0x y", "1" * 10_000, "::1]", ","]
)
def test_garbage_from_a_proxy_changes_nothing(garbage: str) -> None:
    door = Door()
    told = ask(
        door,
        PUBLIC,
        REMOTE_ADDR="10.0.0.3",
        HTTP_X_FORWARDED_FOR=garbage,
        HTTP_X_FORWARDED_PROTO=garbage,
    )
    assert told.status == 200
    assert (door.got("REMOTE_ADDR"), door.got("wsgi.url_scheme")) == ("10.0.0.3", "http")


def test_a_proxy_on_a_unix_socket_is_trusted_by_name() -> None:
    settings = replace(PUBLIC, trusted_proxies=("unix",))
    door = Door()
    ask(door, settings, REMOTE_ADDR="", HTTP_X_FORWARDED_FOR="203.0.113.9")
    assert door.got("REMOTE_ADDR") == "203.0.113.9"
    ask(door, PUBLIC, REMOTE_ADDR="", HTTP_X_FORWARDED_FOR="203.0.113.9")
    assert door.got("REMOTE_ADDR") == ""


def test_a_proxy_that_is_no_address_is_named() -> None:
    with pytest.raises(Invalid, match="KUSTOD_TRUSTED_PROXIES"):
        Guard(Door(), replace(PUBLIC, trusted_proxies=("my-proxy",)))


def test_a_script_name_from_outside_is_part_of_the_path() -> None:
    door = Door()
    ask(door, SCRIPT_NAME="/evil", PATH_INFO="/contacts")
    assert (door.got("SCRIPT_NAME"), door.got("PATH_INFO")) == ("", "/evil/contacts")


ASKING_FOR_A_PASSWORD = [
    {"PATH_INFO": "/dav/d1/all/", "REQUEST_METHOD": "REPORT"},
    {"PATH_INFO": "/dav"},
    {"PATH_INFO": "/.well-known/carddav", "REQUEST_METHOD": "OPTIONS"},
    {"PATH_INFO": "/", "REQUEST_METHOD": "PROPFIND"},
    {"PATH_INFO": "/contacts", "HTTP_AUTHORIZATION": "Basic a2FyZWw6eA=="},
]


@pytest.mark.parametrize("changes", ASKING_FOR_A_PASSWORD)
def test_no_app_password_is_asked_for_or_taken_over_plain_http(changes: dict[str, str]) -> None:
    door = Door()
    told = ask(door, PUBLIC, **changes)
    assert (told.status, door.was_asked) == (403, False)
    assert "www-authenticate" not in told.headers
    assert b"KUSTOD_TRUSTED_PROXIES" in told.body


@pytest.mark.parametrize("changes", ASKING_FOR_A_PASSWORD)
def test_a_proxy_that_says_plain_http_is_no_better(changes: dict[str, str]) -> None:
    said = {"HTTP_X_FORWARDED_FOR": "203.0.113.9", "HTTP_X_FORWARDED_PROTO": "http"}
    assert ask(Door(), PUBLIC, REMOTE_ADDR="10.0.0.3", **said, **changes).status == 403


@pytest.mark.parametrize(
    ("settings", "changes"),
    [
        (PUBLIC, {"REMOTE_ADDR": "10.0.0.3", "HTTP_X_FORWARDED_PROTO": "https"}),
        (PUBLIC, {"REMOTE_ADDR": "127.0.0.1"}),
        (PUBLIC, {"REMOTE_ADDR": "::ffff:127.0.0.1"}),
        (PUBLIC, {"REMOTE_ADDR": ""}),
        (LOOPBACK, {}),
    ],
    ids=["https", "this machine", "this machine, mapped", "a socket", "plain by intention"],
)
def test_address_books_are_served_where_nobody_listens_in(
    settings: Settings, changes: dict[str, str]
) -> None:
    for asked in ASKING_FOR_A_PASSWORD:
        assert ask(Door(), settings, **asked, **changes).status == 200


def test_pages_stay_readable_over_plain_http() -> None:
    assert ask(Door(), PUBLIC, PATH_INFO="/contacts").status == 200
