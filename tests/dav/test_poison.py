"""One poisoned card never stops the taking back of all the others."""

import pytest
from sqlalchemy import text

from tests.dav.conftest import World
from tests.davclient import CARD

POISON = ["\x01", "\x0b", "\x1f", "\ufffe", "\uffff", "]]>", "<![CDATA[", "&#0;", "\r", "\u2028"]


@pytest.mark.parametrize("poison", POISON)
def test_a_poisoned_card_is_still_xml(world: World, poison: str) -> None:
    with world.sessions.write() as session:
        row = world.contacts[0].id
        values = {"name": f"Ka{poison}rel", "id": row}
        for column in ("full_name", "organisation"):
            statement = text(f"UPDATE contact SET {column} = :name WHERE id = :id")
            session.execute(statement, values)
        session.execute(
            text("UPDATE contact_point SET value = :name, label = :name WHERE contact_id = :id"),
            values,
        )
    phone = world.phone()
    phone.sync()

    assert {"Šárka Chalupová", "Ondřej Žák"} < phone.names()
    listed = phone.propfind("D:getetag", "D:displayname", depth="1")
    assert set(listed.members) == {phone.book, *phone.cards}
    query = (
        '<C:addressbook-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav">'
        '<D:prop><C:address-data/></D:prop><C:filter><C:prop-filter name="FN"/></C:filter>'
        "</C:addressbook-query>"
    )
    answer = phone.request("REPORT", phone.book, query, depth="1")
    assert len(list(answer.xml.iter(f"{CARD}address-data"))) == 4


def test_a_poisoned_device_name_is_still_xml(world: World) -> None:
    phone = world.phone()
    with world.sessions.write() as session:
        session.execute(text("UPDATE device SET name = :name"), {"name": "Pho\x0bne"})

    response = phone.propfind("D:displayname", path=f"/dav/{phone.device}/")
    assert b"Phone" in response.body
    assert response.xml is not None


def test_an_odd_href_in_a_request_is_answered_as_xml(world: World) -> None:
    phone = world.phone()
    for name in ("%00.vcf", "%0B.vcf", "%ff%fe.vcf", "a%2Fb.vcf", "x" * 3_000 + ".vcf"):
        assert phone.request("GET", phone.book + name).status == 404
        assert phone.request("PUT", phone.book + name, "x").status in {400, 403}
    assert phone.report().xml is not None


def test_an_odd_href_in_a_multiget_is_404_alone(world: World) -> None:
    phone = world.phone()
    hrefs = [f"{phone.book}{n}.vcf" for n in ("%00", "%0B", "%ff", "%ed%a0%80", "x" * 3_000)]
    answer = phone.multiget([*hrefs, world.href(phone)])

    assert answer.status == 207
    assert len(answer.xml.findall(f".//{CARD}address-data")) == 1


def test_an_odd_login_is_a_401(world: World) -> None:
    phone = world.phone()
    phone.sync()
    for login in ("a\0b", "a\nb", "\x1b[31m", "a" * 2_000):
        phone.login = login
        assert phone.report().status == 401
