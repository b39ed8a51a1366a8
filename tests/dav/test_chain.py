"""The main promise: what a phone gets, how it is taken back, and what may be said of it."""

from app.models import Blob, Contact, Grant
from app.models.kinds import Profile
from app.services import devices
from app.services.audit import OPERATOR
from tests import factories as make
from tests.dav.conftest import World
from tests.davclient import DavX5, Phone


def end_grant(world: World) -> None:
    with world.sessions.write() as session:
        session.get_one(Grant, world.grant_id).valid_until = world.clock.now()


def test_a_phone_gets_what_is_permitted_and_the_sentinel(world: World) -> None:
    phone = world.phone()
    phone.sync()

    assert phone.names() == {"Karel Novotný", "Šárka Chalupová", "Ondřej Žák"}
    assert f"{phone.book}kustod-help.vcf" in phone.cards


def test_an_end_is_due_then_told_then_confirmed(world: World) -> None:
    phone = world.phone()
    phone.sync()
    assert world.state() == "held"

    end_grant(world)
    assert world.state() == "due"

    gone = phone.sync()
    assert gone == {world.href(phone, n) for n in range(3)}
    assert world.state() == "told"

    assert phone.sync() == set()
    assert world.state() == "confirmed"


def test_a_lost_answer_is_given_again(world: World) -> None:
    phone = world.phone()
    phone.sync()
    end_grant(world)

    first, second = phone.report(), phone.report()

    assert first.body == second.body
    assert world.state() == "told"


def test_the_clock_alone_ends_a_grant(world: World) -> None:
    with world.sessions.write() as session:
        grant = session.get_one(Grant, world.grant_id)
        grant.valid_until = world.clock.now().replace(second=2)
    phone = world.phone()
    phone.sync()
    phone.sync()
    assert len(phone.names()) == 3

    world.clock.tick(seconds=2)

    assert phone.sync() == {world.href(phone, n) for n in range(3)}
    assert phone.names() == set()


def test_davx5_brings_the_receipt_and_is_then_left_in_peace(world: World) -> None:
    phone = world.phone(DavX5)
    assert isinstance(phone, DavX5)
    for _ in range(3):
        phone.visit()
    assert phone.reports == 2
    end_grant(world)

    phone.visit()
    assert world.state() == "told"
    phone.visit()
    assert world.state() == "confirmed"

    before = phone.reports
    phone.visit()
    phone.visit()
    assert phone.reports == before


def test_a_regrant_brings_the_card_back_under_the_same_href(world: World) -> None:
    phone = world.phone()
    phone.sync()
    end_grant(world)
    phone.sync()
    world.clock.tick(minutes=1)
    with world.sessions.write() as session:
        make.grant(session, world.directory, world.eva)

    assert phone.sync() == set()
    assert phone.names() == {"Karel Novotný", "Šárka Chalupová", "Ondřej Žák"}
    assert world.state() == "held"


def test_a_stopped_device_drains_and_is_refused_only_after_its_receipt(world: World) -> None:
    phone = world.phone()
    phone.sync()
    with world.sessions.write() as session:
        device = devices.find(session, phone.device)
        devices.stop(session, OPERATOR, device.id, world.clock.now())

    world.clock.tick(days=60)
    assert len(phone.sync()) == 3
    assert phone.report().status == 207
    assert phone.report().status == 401
    assert world.state() == "confirmed"


def test_a_second_first_read_never_lets_one_program_confirm_for_both(world: World) -> None:
    phone = world.phone()
    other = world.again(phone)
    phone.sync()
    other.sync()
    end_grant(world)
    phone.sync()
    phone.sync()
    assert world.state() == "due"

    other.sync()
    assert world.state() == "told"
    other.sync()
    assert world.state() == "confirmed"


def test_thunderbirds_order_cannot_confirm_what_it_was_not_told(world: World) -> None:
    phone: Phone = world.phone()
    listed = phone.propfind("D:getetag", depth="1")
    hrefs = [href for href in listed.members if href.endswith(".vcf")]
    phone.multiget(hrefs)
    end_grant(world)

    phone.token = phone.shown_token()
    assert world.state() == "due"
    assert phone.sync() == {world.href(phone, n) for n in range(3)}
    assert world.state() == "told"
    phone.sync()
    assert world.state() == "confirmed"


def test_an_end_never_withdraws_the_book(world: World) -> None:
    phone = world.phone()
    phone.sync()
    end_grant(world)
    with world.sessions.write() as session:
        make.suspension(session, world.eva, start=world.clock.now())
    phone.sync()

    home = phone.propfind("D:resourcetype", path=f"/dav/{phone.device}/", depth="1")
    assert phone.book in home.members
    assert phone.propfind("D:getetag").status == 207
    assert set(phone.cards) == {f"{phone.book}kustod-help.vcf"}


def test_an_edit_in_the_portal_reaches_the_phone_with_a_new_etag(world: World) -> None:
    phone = world.phone()
    phone.sync()
    before = phone.request("GET", world.href(phone)).headers["ETag"]
    with world.sessions.write() as session:
        session.get_one(Contact, world.contacts[0].id).given = "Kamil"

    answer = phone.report()
    assert set(answer.members) == {world.href(phone)}
    phone.take(answer)
    assert "N:Novotn\u00fd;Kamil" in phone.cards[world.href(phone)]
    assert phone.request("GET", world.href(phone)).headers["ETag"] != before


def test_a_look_at_the_listing_is_no_second_program(world: World) -> None:
    """A listing shows names of cards and no contact, so that nothing has to be taken back."""
    phone = world.phone()
    phone.sync()
    phone.propfind("D:getetag", depth="1")
    end_grant(world)
    phone.propfind("D:getetag", depth="1")
    phone.sync()
    phone.sync()

    assert world.state() == "confirmed"


def test_a_second_program_that_lists_and_fetches_is_one(world: World) -> None:
    phone = world.phone()
    other = world.again(phone)
    phone.sync()
    other.multiget(other.propfind("D:getetag", depth="1").members)
    end_grant(world)
    phone.sync()
    phone.sync()

    assert world.state() == "due"


def test_a_photo_goes_only_to_a_device_that_wants_it(world: World) -> None:
    with world.sessions.write() as session:
        session.get_one(Grant, world.grant_id).fields = int(Profile.STANDARD)
        session.get_one(Contact, world.contacts[0].id).photo_sha256 = "p"
        session.add(Blob(sha256="p", mime="image/jpeg", bytes=b"jpeg", created_at=make.NOON))
    plain, pictured = world.phone(), world.phone(wants_photos=True)
    plain.sync()
    pictured.sync()

    assert "PHOTO" not in plain.cards[world.href(plain)]
    assert "PHOTO" in pictured.cards[world.href(pictured)]
    assert "PHOTO" not in pictured.cards[world.href(pictured, 1)]


def test_a_device_that_wants_photos_of_nobody_gets_none(world: World) -> None:
    phone = world.phone(wants_photos=True)
    phone.sync()

    assert len(phone.names()) == 3
    assert "PHOTO" not in "".join(phone.cards.values())
