"""How a client finds its books, knowing nothing but the host."""

import base64

import pytest

from app.models import LoginName
from tests.dav.conftest import World
from tests.davclient import CARD, DAV, Client, multiget_body, prop

CAL = "{urn:ietf:params:xml:ns:caldav}"


@pytest.mark.parametrize("path", ["/", "/.well-known/carddav", "/.well-known/carddav/"])
def test_the_root_and_the_well_known_path_answer_in_place(world: World, path: str) -> None:
    phone = world.phone()
    response = phone.propfind("D:current-user-principal", path=path)

    assert response.status == 207
    assert list(response.members) == [path]
    principal = response.xml.findtext(f".//{DAV}current-user-principal/{DAV}href")
    assert principal == f"/dav/{phone.device}/"


@pytest.mark.parametrize("path", ["/", "/.well-known/carddav"])
def test_other_methods_find_nothing_there(world: World, path: str) -> None:
    phone = world.phone()

    assert phone.request("REPORT", path, prop("D:x")).status == 403
    assert phone.request("GET", path).status == 404
    assert phone.request("OPTIONS", path).status == 200


def test_the_principal_leads_to_the_books(world: World) -> None:
    phone = world.phone()
    home = phone.propfind("C:addressbook-home-set", path=f"/dav/{phone.device}/")
    path = home.xml.findtext(f".//{CARD}addressbook-home-set/{DAV}href") or ""
    assert path == f"/dav/{phone.device}/"

    listed = phone.propfind("D:resourcetype", "D:displayname", path=path, depth="1")
    books = [
        href for href, m in listed.members.items() if m.find(f".//{CARD}addressbook") is not None
    ]
    assert books == [phone.book]


def test_the_mount_itself_names_the_principal(world: World) -> None:
    phone = world.phone()
    response = phone.propfind("D:current-user-principal", path="/dav/")

    principal = response.xml.findtext(f".//{DAV}current-user-principal/{DAV}href")
    assert principal == f"/dav/{phone.device}/"


def test_no_calendar_is_offered_and_no_report_that_nobody_answers(world: World) -> None:
    phone = world.phone()
    body = (
        '<D:propfind xmlns:D="DAV:" xmlns:K="urn:ietf:params:xml:ns:caldav"><D:prop>'
        "<K:calendar-home-set/><D:supported-report-set/></D:prop></D:propfind>"
    )
    response = phone.request("PROPFIND", f"/dav/{phone.device}/", body, depth="0")
    everything = phone.request("PROPFIND", f"/dav/{phone.device}/", "", depth="0")

    found = {p.findtext(f"{DAV}status"): p for p in response.xml.iter(f"{DAV}propstat")}
    assert found["HTTP/1.1 404 Not Found"].find(f".//{CAL}calendar-home-set") is not None
    assert found["HTTP/1.1 200 OK"].find(f".//{CAL}calendar-home-set") is None
    assert b"expand-property" not in response.body
    offered = {
        element.tag
        for propstat in everything.xml.iter(f"{DAV}propstat")
        if propstat.findtext(f"{DAV}status") == "HTTP/1.1 200 OK"
        for element in propstat.iter()
    }
    assert not [tag for tag in offered if "calendar" in tag or "radicale" in tag.lower()]


def test_a_book_says_that_it_can_only_be_read(world: World) -> None:
    phone = world.phone()
    response = phone.propfind("D:current-user-privilege-set", "D:supported-report-set")
    privileges = {p[0].tag for p in response.xml.iter(f"{DAV}privilege")}
    reports = {r[0].tag for r in response.xml.iter(f"{DAV}report")}

    assert privileges == {f"{DAV}read"}
    assert reports == {
        f"{DAV}sync-collection",
        f"{CARD}addressbook-multiget",
        f"{CARD}addressbook-query",
    }


def test_a_book_speaks_vcard_3_only(world: World) -> None:
    phone = world.phone()
    response = phone.propfind("C:supported-address-data")
    versions = {e.get("version") for e in response.xml.iter(f"{CARD}address-data-type")}

    assert versions == {"3.0"}
    phone.sync()
    assert all("VERSION:3.0" in text for text in phone.cards.values())


def test_a_listing_has_every_card_with_its_etag(world: World) -> None:
    phone = world.phone()
    phone.sync()
    listed = phone.propfind("D:getetag", "D:getcontenttype", "D:getcontentlength", depth="1")

    assert set(listed.members) == {phone.book, *phone.cards}
    for href in phone.cards:
        card = phone.request("GET", href)
        member = listed.members[href]
        assert member.findtext(f".//{DAV}getetag") == card.headers["ETag"]
        assert member.findtext(f".//{DAV}getcontentlength") == card.headers["Content-Length"]


def test_one_card_answers_get_head_and_propfind(world: World) -> None:
    phone = world.phone()
    got = phone.request("GET", world.href(phone))
    head = phone.request("HEAD", world.href(phone))
    found = phone.propfind("D:getetag", "D:resourcetype", path=world.href(phone))

    assert b"FN:Karel Novotn" in got.body
    assert head.body == b""
    assert head.headers == got.headers
    assert found.xml.findtext(f".//{DAV}getetag") == got.headers["ETag"]


def test_a_sync_answers_the_properties_it_knows_and_names_the_others(world: World) -> None:
    phone = world.phone()
    body = (
        '<D:sync-collection xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav">'
        "<D:sync-token/><D:prop><D:getcontenttype/><D:resourcetype/><C:address-data/>"
        '<X:odd xmlns:X="urn:odd"/></D:prop></D:sync-collection>'
    )
    member = phone.request("REPORT", phone.book, body, depth="1").members[world.href(phone)]

    assert "FN:Karel Novotn" in (member.findtext(f".//{CARD}address-data") or "")
    missing = {p.findtext(f"{DAV}status"): p for p in member.iter(f"{DAV}propstat")}
    assert missing["HTTP/1.1 404 Not Found"].find(".//{urn:odd}odd") is not None


def test_a_sync_without_properties_still_names_each_member(world: World) -> None:
    phone = world.phone()
    for empty in ("<D:prop/>", "", "<D:prop><odd/></D:prop>"):
        body = f'<D:sync-collection xmlns:D="DAV:"><D:sync-token/>{empty}</D:sync-collection>'
        answer = phone.request("REPORT", phone.book, body)
        assert world.href(phone) in answer.members


def test_options_needs_no_login(world: World) -> None:
    assert Client(world.door).request("OPTIONS", "/.well-known/carddav").status == 200


def test_a_query_that_cannot_be_understood_names_its_precondition(world: World) -> None:
    phone = world.phone()
    body = (
        '<C:addressbook-query xmlns:C="urn:ietf:params:xml:ns:carddav" xmlns:D="DAV:">'
        '<D:prop><D:getetag/></D:prop><C:filter><C:prop-filter name="FN">'
        '<C:text-match match-type="odd">a</C:text-match>'
        "</C:prop-filter></C:filter></C:addressbook-query>"
    )
    response = phone.request("REPORT", phone.book, body, depth="1")

    assert response.status == 403
    assert response.xml.find(f"{CARD}supported-filter") is not None


def test_a_multiget_without_bodies_answers_etags(world: World) -> None:
    phone = world.phone()
    body = multiget_body([world.href(phone)]).replace("<C:address-data/>", "")
    member = phone.request("REPORT", phone.book, body).members[world.href(phone)]

    assert member.findtext(f".//{DAV}getetag")
    assert member.find(f".//{CARD}address-data") is None


def test_a_login_may_be_spelled_in_latin_1(world: World) -> None:
    """Older clients do not encode Basic as UTF-8."""
    phone = world.phone()
    with world.sessions.write() as session:
        session.add(LoginName(user_id=world.eva.id, name="né@example.org"))
    header = base64.b64encode(f"né@example.org:{phone.password}".encode("latin-1")).decode()
    request = Client(world.door).request
    response = request("PROPFIND", phone.book, "", authorization=f"Basic {header}", depth="0")

    assert response.status == 207


def test_a_folder_has_nothing_to_fetch(world: World) -> None:
    phone = world.phone()
    everything = phone.request("PROPFIND", "/dav/", "", depth="1")

    assert list(everything.members) == ["/dav/"]
