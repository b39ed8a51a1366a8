"""Doors that stay closed: each was seen open in stock Radicale 3.9."""

import base64
from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse

import pytest

from app.models import Holding
from tests.dav.conftest import World
from tests.davclient import CARD, DAV, Client, multiget_body, prop, sync_body

DEEP = "<D:a xmlns:D='DAV:'>" * 40 + "</D:a>" * 40
FLOOD = "<D:propfind xmlns:D='DAV:'><D:prop>" + "<D:x/>" * 6000 + "</D:prop></D:propfind>"
ENTITY = (
    '<!DOCTYPE a [<!ENTITY x "y">]><D:propfind xmlns:D="DAV:"><D:prop>&x;</D:prop></D:propfind>'
)
BARE_DOCTYPE = "<!DOCTYPE a>" + prop("D:getetag")


def basic(raw: str) -> str:
    return "Basic " + base64.b64encode(raw.encode()).decode()


@pytest.mark.parametrize(
    "header",
    ["Basic", "Basic ", "Basic abc", "Basic !!!!", basic("no colon"), "Bearer x", "Basic \xff", ""],
)
@pytest.mark.parametrize("path", ["/dav/", "/", "/.well-known/carddav"])
def test_a_malformed_login_is_a_401(world: World, header: str, path: str) -> None:
    response = Client(world.door).request(
        "PROPFIND", path, prop("D:resourcetype"), authorization=header, depth="0"
    )

    assert response.status == 401
    assert response.headers["WWW-Authenticate"] == 'Basic realm="Kustod", charset="UTF-8"'


@pytest.mark.parametrize("login", ["nobody@example.org", "", "éva", "a" * 900])
def test_a_right_password_under_a_wrong_name_is_a_401(world: World, login: str) -> None:
    phone = world.phone()
    phone.login = login

    assert phone.propfind("D:getetag").status == 401


def test_guessing_is_slowed_and_a_right_password_always_passes(world: World) -> None:
    phone = world.phone()
    guess = Client(world.door, phone.login, "wrong")
    statuses = [guess.request("PROPFIND", phone.book, depth="0").status for _ in range(12)]

    assert statuses == [401] * 10 + [429] * 2
    assert "Retry-After" in guess.request("PROPFIND", phone.book, depth="0").headers
    assert phone.propfind("D:getetag").status == 207


def test_a_former_email_and_the_devices_name_still_sign_in(world: World) -> None:
    phone = world.phone()
    world.set(world.eva, email="changed@example.org")

    assert phone.propfind("D:getetag").status == 207
    phone.login = "PHONE"
    assert phone.propfind("D:getetag").status == 207


@pytest.mark.parametrize("body", [DEEP, FLOOD, ENTITY, BARE_DOCTYPE, "<open", "\x00", "{}"])
@pytest.mark.parametrize("method", ["PROPFIND", "REPORT"])
def test_hostile_xml_is_a_400(world: World, method: str, body: str) -> None:
    phone = world.phone()

    assert phone.request(method, phone.book, body, depth="0").status == 400


@pytest.mark.parametrize(
    "body",
    ['<D:propfind xmlns:D="DAV:"/>', '<D:prop xmlns:D="DAV:"/>', "<a><b/></a>", "<propfind/>"],
)
def test_a_propfind_that_is_none_is_a_400(world: World, body: str) -> None:
    phone = world.phone()
    for path in (phone.book, f"/dav/{phone.device}/", world.href(phone)):
        assert phone.request("PROPFIND", path, body, depth="0").status == 400


def test_a_body_in_another_encoding_is_read(world: World) -> None:
    phone = world.phone()
    body = '<?xml version="1.0" encoding="utf-16"?>' + prop("D:getetag")

    assert phone.request("PROPFIND", phone.book, body.encode("utf-16"), depth="0").status == 207


@pytest.mark.parametrize("charset", ["rot13", "\xff", "utf-7", "utf-16", "", "hex"])
def test_the_charset_that_a_client_claims_changes_nothing(world: World, charset: str) -> None:
    phone = world.phone()

    def claiming(environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        return world.door({**environ, "CONTENT_TYPE": f"text/xml; charset={charset}"}, start)

    phone.app = claiming
    assert phone.propfind("D:getetag").status == 207
    query = (
        '<C:addressbook-query xmlns:C="urn:ietf:params:xml:ns:carddav"><C:filter/>'
        "</C:addressbook-query>"
    )
    assert phone.request("REPORT", phone.book, query, depth="1").status == 207


@pytest.mark.parametrize("depth", ["infinity", "foo", "2", "-1", "1,noroot", ""])
def test_an_infinite_or_odd_depth_is_refused_with_its_precondition(
    world: World, depth: str
) -> None:
    phone = world.phone()
    response = phone.propfind("D:getetag", depth=depth)

    assert response.status == 403
    assert response.xml.find(f"{DAV}propfind-finite-depth") is not None


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_collection_cannot_be_read_whole(world: World, method: str) -> None:
    phone = world.phone()
    for path in ("/dav/", f"/dav/{phone.device}/", phone.book, phone.book.rstrip("/")):
        assert phone.request(method, path).status == 404


@pytest.mark.parametrize("path", ["/dav/.web", "/dav/.web/", "/dav/.token/x", "/dav/.mobileconfig"])
@pytest.mark.parametrize("method", ["GET", "PROPFIND", "POST"])
def test_radicales_own_pages_are_not_there(world: World, path: str, method: str) -> None:
    for client in (world.phone(), Client(world.door)):
        assert client.request(method, path).status == 404


@pytest.mark.parametrize(
    "method", ["GET", "PUT", "DELETE", "PROPFIND", "REPORT", "MKCOL", "MOVE", "COPY", "PROPPATCH"]
)
def test_a_foreign_device_answers_as_an_absent_one(world: World, method: str) -> None:
    phone, other = world.phone(), world.phone()
    other.sync()
    for tail in ("/", "/all/", f"/all/{world.contacts[0].public_id}.vcf"):
        foreign = phone.request(method, f"/dav/{other.device}{tail}", sync_body(""), depth="0")
        absent = phone.request(method, f"/dav/nosuchdevice{tail}", sync_body(""), depth="0")

        assert (foreign.status, foreign.headers, foreign.body) == (
            absent.status,
            absent.headers,
            absent.body,
        )


def test_options_and_dav_claim_only_what_is_there(world: World) -> None:
    response = Client(world.door).request("OPTIONS", "/dav/")

    assert response.status == 200
    assert response.headers["DAV"] == "1, 3, access-control, addressbook"
    assert set(response.headers["Allow"].split(", ")) == {
        *("OPTIONS", "GET", "HEAD", "PUT", "DELETE", "PROPFIND", "REPORT")
    }


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/", "OPTIONS, GET, HEAD, PROPFIND"),
        ("/.well-known/carddav", "OPTIONS, PROPFIND"),
        ("/.well-known/carddav/", "OPTIONS, PROPFIND"),
    ],
)
def test_outside_the_mount_only_discovery_is_claimed(world: World, path: str, allowed: str) -> None:
    assert Client(world.door).request("OPTIONS", path).headers["Allow"] == allowed


def test_ten_thousand_cards_can_be_fetched_at_once_and_not_more(world: World) -> None:
    phone = world.phone()
    phone.sync()
    hrefs = [f"{phone.book}none-{number}.vcf" for number in range(9_999)]

    answer = phone.multiget([*hrefs, world.href(phone)])
    assert (answer.status, len(answer.members)) == (207, 10_000)
    assert len(list(answer.xml.iter(f"{CARD}address-data"))) == 1
    assert phone.multiget(hrefs * 2).status == 400


def test_only_a_multiget_may_be_that_long(world: World) -> None:
    phone = world.phone()
    for body in (sync_body("", "<D:getetag/>" * 5_000), prop(*["D:getetag"] * 5_000)):
        method = "PROPFIND" if "propfind" in body else "REPORT"
        assert phone.request(method, phone.book, body, depth="0").status == 400


@pytest.mark.parametrize("method", ["LOCK", "UNLOCK", "POST", "PATCH", "SEARCH", "BREW"])
def test_an_unknown_method_is_a_405(world: World, method: str) -> None:
    phone = world.phone()

    assert phone.request(method, phone.book).status == 405


@pytest.mark.parametrize("method", ["MKCOL", "MKCALENDAR", "MOVE", "COPY", "PROPPATCH"])
def test_books_are_not_made_moved_or_changed(world: World, method: str) -> None:
    phone = world.phone()
    phone.sync()
    for path in (phone.book, f"/dav/{phone.device}/new/", world.href(phone)):
        response = phone.request(method, path, depth="0", destination="/dav/elsewhere/")

        assert response.status == 403
        assert response.xml.find(f"{DAV}need-privileges") is not None
    assert phone.sync() == set()
    assert len(phone.names()) == 3


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_book_is_neither_overwritten_nor_deleted(world: World, method: str) -> None:
    phone = world.phone()
    phone.sync()
    for path in (phone.book, phone.book.rstrip("/"), f"/dav/{phone.device}/"):
        response = phone.request(method, path)

        assert response.status == 403
        assert response.xml.find(f"{DAV}need-privileges") is not None
    assert phone.sync() == set()
    assert len(phone.names()) == 3


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_refused_edit_bumps_the_card_so_that_the_client_restores_it(
    world: World, method: str
) -> None:
    phone = world.phone()
    phone.sync()
    path = world.href(phone)
    before = phone.request("GET", path)

    refused = phone.request(method, path, before.body.replace(b"Karel", b"Zloun"))
    assert refused.status == 403
    assert refused.xml.find(f"{DAV}need-privileges") is not None

    answer = phone.report()
    assert set(answer.members) == {path}
    assert answer.members[path].findtext(f".//{DAV}getetag") != before.headers["ETag"]
    assert phone.take(answer) == set()
    assert "Karel" in phone.cards[path]


def test_a_new_card_is_refused_and_reported_gone_once(world: World) -> None:
    phone = world.phone()
    phone.sync()
    path = f"{phone.book}made-on-the-phone.vcf"

    assert phone.request("PUT", path, "BEGIN:VCARD").status == 403
    assert phone.sync() == {path}
    assert phone.sync() == set()


def test_refused_new_cards_are_bounded(world: World) -> None:
    phone = world.phone()
    phone.sync()
    with world.sessions.write() as session:
        book = session.query(Holding.book_id).first()
        assert book is not None
        session.add_all(
            Holding(
                book_id=book[0], kind="refused", href=f"{n}.vcf", etag="", version=0, profile=0,
                opened_seq=1, closed_seq=1, offered_at=world.clock.now(), is_gone=True,
            )
            for n in range(1000)
        )  # fmt: skip

    assert phone.request("PUT", f"{phone.book}one-more.vcf", "x").status == 403
    assert phone.sync() == set()


@pytest.mark.parametrize(
    "token",
    [
        *("rubbish", "http://radicale.org/ns/sync/1", "urn:x-kustod:sync:1:", "x" * 10_000),
        "data:,1",
    ],
)
def test_a_token_that_was_never_ours_is_a_400_with_its_precondition(
    world: World, token: str
) -> None:
    phone = world.phone()
    phone.sync()
    response = phone.report(token)

    assert response.status == 400
    assert response.xml.find(f"{DAV}valid-sync-token") is not None


def test_another_devices_token_or_a_changed_one_is_a_400(world: World) -> None:
    phone, other = world.phone(), world.phone()
    phone.sync()
    other.sync()

    assert phone.report(other.token).status == 400
    last = phone.token[-1]
    assert phone.report(phone.token[:-1] + ("A" if last != "A" else "B")).status == 400
    assert phone.report(phone.token.replace(":R:", ":P:")).status == 400


@pytest.mark.parametrize("header", ["x_script_name", "x_remote_user", "x_forwarded_for"])
def test_proxy_headers_change_nothing(world: World, header: str) -> None:
    phone = world.phone()
    plain = phone.request("PROPFIND", phone.book, prop("D:resourcetype"), depth="0")
    dressed = phone.request(
        "PROPFIND", phone.book, prop("D:resourcetype"), depth="0", **{header: "/evil"}
    )

    assert plain.body == dressed.body


def test_a_report_nobody_answers_names_its_precondition(world: World) -> None:
    phone = world.phone()
    body = '<D:expand-property xmlns:D="DAV:"/>'
    for path in (phone.book, f"/dav/{phone.device}/"):
        response = phone.request("REPORT", path, body)

        assert response.status == 403
        assert response.xml.find(f"{DAV}supported-report") is not None
    assert phone.request("REPORT", phone.book).status == 400
    assert phone.request("REPORT", f"/dav/{phone.device}/absent/", body).status == 404


def test_foreign_hrefs_in_a_multiget_are_404_each_and_escaped(world: World) -> None:
    phone, other = world.phone(), world.phone()
    other.sync()
    hrefs = [
        f"{other.book}{world.contacts[0].public_id}.vcf",
        "/etc/passwd",
        "http://evil.example/x.vcf",
        f"{phone.book}&lt;b&gt;.vcf",
        f"{phone.book}../all/{world.contacts[0].public_id}.vcf",
        "http://[broken",
    ]
    response = phone.request("REPORT", phone.book, multiget_body(hrefs))

    assert response.status == 207
    statuses = [m.findtext(f"{DAV}status") for m in response.xml.iter(f"{DAV}response")]
    assert statuses == ["HTTP/1.1 404 Not Found"] * len(hrefs)
