"""What went wrong in other programs, tried here; docs/trust.md says which is whose."""

import base64
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from wsgiref.types import WSGIApplication

import pytest
from hypothesis import given
from sqlalchemy import MetaData, select

from app.db import Sessions
from app.models import Contact
from app.models.kinds import SyncPolicy
from app.services import sessions
from app.web import csrf
from tests import factories as make
from tests.davclient import CARD, Client, Phone, Response, multiget_body, prop, sync_body
from tests.doors.test_channels_agree import CONTACTS, GRANTS, plant
from tests.hostile.corpus import METHODS
from tests.portal import Portal

DAV_METHODS = [method for method in METHODS if re.fullmatch("[A-Z]{3,}", method)][:21]
HOST = {"host": "127.0.0.1:8080"}
QUERY = (
    '<C:addressbook-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><D:prop>'
    '<D:getetag/></D:prop><C:filter><C:prop-filter name="UID"/></C:filter></C:addressbook-query>'
)


def rows(sessions: Sessions, *apart: str) -> dict[str, list[Any]]:
    """Every row of every table but these."""
    metadata = MetaData()
    metadata.reflect(sessions.engine)
    with sessions.read() as session:
        return {
            name: [tuple(row) for row in session.execute(select(table))]
            for name, table in metadata.tables.items()
            if name not in apart
        }


def crawl(phone: Phone) -> set[str]:
    """Every href that this phone is ever shown."""
    phone.sync()
    listed = phone.propfind("D:getetag", depth="1").members
    home = phone.propfind("D:resourcetype", path=f"/dav/{phone.device}/", depth="1").members
    return {*listed, *home, *phone.cards}


@pytest.mark.parametrize("method", DAV_METHODS)
def test_what_one_phone_was_shown_is_nothing_to_another(portal: Portal, method: str) -> None:
    victim, thief = portal.phone(portal.eva), portal.phone(portal.dana)
    seen = crawl(victim)
    thief.sync()
    portal.door.sightings.flush()
    before = rows(portal.sessions, "device")
    assert len(seen) == 6
    for path in seen:
        for body in ("", prop("D:getetag"), sync_body(""), multiget_body(seen), QUERY):
            spelled = {"destination": path, "depth": "0", "if_match": "*"}
            told = thief.request(method, path, body, **spelled)
            assert told.status in {200, 403, 404, 405}
            assert told.status != 200 or (method == "OPTIONS" and not told.body)
            assert victim.device.encode() not in told.body
            assert not any(name.encode() in told.body for name in ("Karel", "BEGIN:VCARD"))
    own = thief.request("REPORT", thief.book, multiget_body(seen), depth="1")
    assert not list(own.xml.iter(f"{CARD}address-data"))
    portal.door.sightings.flush()
    assert rows(portal.sessions, "device") == before


def test_every_way_to_read_a_book_shows_the_same_cards(portal: Portal) -> None:
    @given(grants=GRANTS, people=CONTACTS)
    def agree(grants: list[Any], people: list[Any]) -> None:
        with portal.sessions.write() as session:
            eva = make.user(session)
            session.add(make.login_name(eva))
            plant(session, portal, eva, grants, people, allows_sync=True, policy=SyncPolicy.ANY)
            everybody = session.scalars(select(Contact.public_id)).all()[-9:]
        phone = portal.phone(eva)
        shown = {href for href in phone.report("").members if href != phone.book}
        possible = [f"{phone.book}{name}.vcf" for name in [*everybody, "kustod-help"]]
        fetched = phone.multiget(possible)
        data = f".//{CARD}address-data"
        found = {href for href, member in fetched.members.items() if member.findtext(data)}
        listed = phone.propfind("D:getetag", depth="1").members

        assert found == shown
        assert set(listed) - {phone.book} == shown
        assert set(phone.request("REPORT", phone.book, QUERY, depth="1").members) == shown
        assert {h for h in possible if phone.request("GET", h).status == 200} == shown
        assert {h for h in possible if phone.propfind("D:getetag", path=h).status == 207} == shown

    agree()


def secrets(portal: Portal) -> dict[str, str]:
    """One of each kind, all of them good at their own door."""
    phone = portal.phone(portal.eva)
    phone.sync()
    with portal.sessions.write() as session:
        token = sessions.sign_in(session, portal.eva.id, "test", portal.clock.now())
    return {
        "app password": phone.password,
        "session": token,
        "proof of a form": csrf.token(portal.ring, token),
        "sync token": phone.token,
        "device": phone.device,
    }


def places(secret: str, email: str) -> Iterator[tuple[str, dict[str, str], str]]:
    """Where somebody may present it: headers and query, by a name."""
    pair = base64.b64encode(f"{email}:{secret}".encode()).decode()
    alone = base64.b64encode(f"{secret}:".encode()).decode()
    yield "Basic", {"authorization": f"Basic {pair}"}, ""
    yield "Basic, as the name", {"authorization": f"Basic {alone}"}, ""
    yield "Bearer", {"authorization": f"Bearer {secret}"}, ""
    yield "session cookie", {"cookie": f"kustod-dev={secret}"}, ""
    yield "form cookie", {"cookie": f"kustod-dev-form={secret}"}, ""
    yield "query", {}, f"token={secret}&access_token={secret}&csrf_token={secret}"


OPENS = {("app password", "Basic", "phone"), ("session", "session cookie", "page")}


def test_each_secret_opens_its_own_door_and_no_other(portal: Portal, both: WSGIApplication) -> None:
    given_out = secrets(portal)
    opened = set()
    for kind, secret in given_out.items():
        for place, headers, query in places(secret, portal.eva.email):
            asked = {**HOST, **headers}
            client = Client(with_query(both, query))
            page = client.request("GET", "/account", **asked)
            book = f"/dav/{given_out['device']}/all/"
            listed = client.request("PROPFIND", book, prop("D:getetag"), depth="0", **asked)
            opened |= {(kind, place, "page")} if page.status == 200 else set()
            opened |= {(kind, place, "phone")} if listed.status == 207 else set()
    assert opened == OPENS


def with_query(app: WSGIApplication, query: str) -> WSGIApplication:
    return lambda environ, start: app({**environ, "QUERY_STRING": query}, start)


def test_no_secret_stands_in_for_the_proof_of_a_form(portal: Portal, both: WSGIApplication) -> None:
    given_out = secrets(portal)
    kind = "application/x-www-form-urlencoded"
    for name, secret in given_out.items():
        cookie = f"kustod-dev={given_out['session']}; kustod-dev-form={secret}"

        def post(environ: dict[str, Any], start: Any) -> Any:
            return both({**environ, "CONTENT_TYPE": kind}, start)

        told = Client(post).request("POST", "/theme", f"csrf_token={secret}", cookie=cookie, **HOST)
        assert told.status == (303 if name == "proof of a form" else 400), name


def test_a_session_with_any_character_changed_is_nobody(
    portal: Portal, both: WSGIApplication
) -> None:
    token = secrets(portal)["session"]
    bent = [token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :] for at in range(43)]
    cut = [token[:at] for at in (0, 1, 21, 42)] + [
        token * 2,
        token.swapcase(),
        f"{token}=",
        f"{token}\x00",
    ]
    for cookie in [*bent, *cut]:
        told = Client(both).request("GET", "/account", cookie=f"kustod-dev={cookie}", **HOST)
        assert told.status == 303, cookie
    assert (
        Client(both).request("GET", "/account", cookie=f"kustod-dev={token}", **HOST).status == 200
    )


ALIKE = {"/p/ask", "/p/mine/<public_id:link>/again"}
"""Where everybody who asks what is held about him gets one answer, and leaves a row of a mail."""


def test_an_id_of_somebody_else_is_not_there_on_any_route(
    portal: Portal, both: WSGIApplication
) -> None:
    phone = portal.phone(portal.eva, "Zkrphone")
    phone.sync()
    with portal.sessions.write() as session:
        token = sessions.sign_in(session, portal.dana.id, "test", portal.clock.now())
    proof = csrf.token(portal.ring, token)
    before = rows(portal.sessions, "consultation", "throttle")
    rules = {rule.rule for rule in portal.app.url_map.iter_rules()} - ALIKE
    paths = {rule for rule in rules if "public_id" in rule}
    ids = {phone.device, *(contact.public_id for contact in portal.contacts)}
    assert paths
    for path, name in ((path, name) for path in paths for name in ids):
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"):
            told = sent(both, method, re.sub("<.*?>", name, path), token, proof)
            assert told.status in {404, 405}, (method, path)
            assert b"Zkrphone" not in told.body
            assert not any(n.encode() in told.body for n in ("Karel Novotn", "Chalupov"))
    assert rows(portal.sessions, "consultation", "throttle") == before


def sent(app: WSGIApplication, method: str, path: str, token: str, proof: str) -> Response:
    kind = {"CONTENT_TYPE": "application/x-www-form-urlencoded"}
    client = Client(lambda environ, start: app({**environ, **kind}, start))
    return client.request(method, path, f"csrf_token={proof}", cookie=f"kustod-dev={token}", **HOST)


def test_who_is_not_signed_in_writes_nothing_but_counters(
    portal: Portal, both: WSGIApplication
) -> None:
    phone = portal.phone(portal.eva)
    seen = crawl(phone)
    portal.door.sightings.flush()
    before = rows(portal.sessions, "throttle")
    stranger = replace(phone, app=both, password="guess")
    nobody = Client(both)
    rules = {rule.rule for rule in portal.app.url_map.iter_rules()} - ALIKE
    pages = {re.sub("<.*?>", phone.device, rule) for rule in rules}
    for path in [*seen, "/dav/new/", "/dav/", "/.well-known/carddav", *pages]:
        for method in DAV_METHODS:
            for client in (nobody, stranger):
                told = client.request(method, path, sync_body(phone.token), depth="0", **HOST)
                assert told.status < 500
    portal.door.sightings.flush()
    portal.gatherer.flush()
    assert rows(portal.sessions, "throttle") == before
