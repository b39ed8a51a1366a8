"""A hidden contact answers byte for byte like one that never existed."""

import pytest

from app.models import Contact
from tests import factories as make
from tests.dav.conftest import World
from tests.davclient import CARD, Phone, multiget_body, prop


@pytest.fixture
def hidden(world: World) -> str:
    """The name of a card that is there and that Eva may not see."""
    with world.sessions.write() as session:
        elsewhere = make.directory(session)
        contact = make.contact(session, elsewhere, "Tajný Kontakt")
        return f"{contact.public_id}.vcf"


def absent(name: str) -> str:
    """A name of the same length that nobody has."""
    return name[:-7] + "zzz.vcf"


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PROPFIND"])
def test_on_every_method(world: World, hidden: str, method: str) -> None:
    phone = world.phone()
    phone.sync()
    body = prop("D:getetag") if method == "PROPFIND" else "x"
    there, nowhere = (
        phone.request(method, phone.book + name, body, depth="0")
        for name in (hidden, absent(hidden))
    )

    assert there.body == nowhere.body
    assert (there.status, there.headers) == (nowhere.status, nowhere.headers)


def test_in_a_multiget(world: World, hidden: str) -> None:
    phone = world.phone()
    phone.sync()
    bodies = [
        phone.multiget([phone.book + name]).body.replace(name.encode(), b"NAME")
        for name in (hidden, absent(hidden))
    ]

    assert bodies[0] == bodies[1]


def test_after_a_refused_put_both_are_reported_gone_alike(world: World, hidden: str) -> None:
    phone = world.phone()
    phone.sync()
    for name in (hidden, absent(hidden)):
        phone.request("PUT", phone.book + name, "x")
        assert phone.sync() == {phone.book + name}


def test_what_was_taken_back_answers_like_what_never_was(world: World) -> None:
    phone = world.phone()
    phone.sync()
    name = f"{world.contacts[0].public_id}.vcf"
    with world.sessions.write() as session:
        session.get_one(Contact, world.contacts[0].id).erased_at = world.clock.now()
    for method in ("GET", "DELETE", "PROPFIND"):
        taken, never = (
            phone.request(method, phone.book + n, prop("D:getetag"), depth="0")
            for n in (name, absent(name))
        )
        assert (taken.status, taken.headers, taken.body) == (
            never.status,
            never.headers,
            never.body,
        )


def query(text: str) -> str:
    return (
        '<C:addressbook-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav">'
        "<D:prop><D:getetag/><C:address-data/></D:prop><C:filter>"
        f'<C:prop-filter name="FN"><C:text-match collation="i;unicode-casemap" '
        f'match-type="contains">{text}</C:text-match></C:prop-filter></C:filter>'
        "</C:addressbook-query>"
    )


def search(phone: Phone, text: str) -> list[str]:
    response = phone.request("REPORT", phone.book, query(text), depth="1")
    assert response.status == 207
    return [m.findtext(f".//{CARD}address-data") or "" for m in response.members.values()]


def test_a_search_finds_only_what_is_visible(world: World, hidden: str) -> None:
    phone = world.phone()

    assert len(search(phone, "Karel")) == 1
    assert search(phone, "Tajn") == search(phone, "nobody at all") == []


def test_a_multiget_of_nothing_is_an_empty_answer(world: World) -> None:
    response = world.phone().request("REPORT", world.phone().book, multiget_body([]))

    assert response.status in {207, 404}
