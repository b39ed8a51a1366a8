"""Erasing: hidden at once, made empty when no phone may show it; what stays, stays for a reason."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.errors import Invalid, NotFound, Refused
from app.models import (
    Contact,
    Erasure,
    LegalBasis,
    StopGround,
    StopScope,
    SubjectRequest,
    Suppression,
)
from app.models.kinds import BasisKind
from app.queries import erasures as readers
from app.services import consent_subjects, devices, erasures, requests, restrictions
from app.services.audit import OPERATOR, Actor
from app.services.erasures import Order
from app.services.public_asks import HIMSELF
from app.services.requests import NewRequest
from app.services.sessions import actor_of
from tests.portal import Portal
from tests.rooms import public as rooms
from tests.rooms.world import World, people

ORDER = Order("He asked for it.")


@pytest.fixture
def world(portal: Portal) -> World:
    return people(portal)


def order(world: World, what: Order = ORDER, actor: Actor = OPERATOR) -> bool:
    """Whether it was made empty at once."""
    with world.portal.sessions.write() as session:
        args = (session, actor, world.contact.id, what, world.at)
        return erasures.begin(*args).erased_at is not None


def name(world: World) -> str:
    with world.portal.sessions.read() as session:
        return session.get_one(Contact, world.contact.id).full_name


def finish(world: World) -> int:
    return erasures.finish_due(world.portal.sessions, world.at)


def test_phones_come_first(world: World) -> None:
    phone = world.phone
    phone.sync()
    assert not order(world)
    assert not order(world)
    assert finish(world) == 0
    assert name(world) == "Karel Novotný"
    for _ in range(2):
        phone.sync()
        world.portal.clock.tick(minutes=1)
    assert finish(world) == 1
    assert name(world) == ""
    with world.portal.sessions.read() as session:
        plan = readers.plan(session, world.contact.id, world.at)
        assert session.scalars(select(Erasure.ended_at)).one() == world.at
    assert plan.phones == {"confirmed": 1}
    assert plan.erased == ()
    assert plan.erased_at == world.at
    assert finish(world) == 0


def test_a_phone_that_is_given_up_holds_nothing_back(world: World) -> None:
    world.phone.sync()
    order(world)
    with world.portal.sessions.write() as session:
        row = devices.find(session, world.phone.device)
        devices.stop(session, OPERATOR, row.id, world.at)
        devices.give_up(session, OPERATOR, row.id, world.at, reason="In the river.")
    assert finish(world) == 1


def test_who_orders_may_say_not_to_wait(world: World) -> None:
    world.phone.sync()
    assert order(world, Order("At once.", at_once=True))
    with world.portal.sessions.read() as session:
        assert readers.plan(session, world.contact.id, world.at).phones == {"due": 1}


def test_no_file_brings_back_who_was_erased(world: World) -> None:
    rooms.agreed(world)
    order(world)
    with world.portal.sessions.read() as session:
        stops = session.scalars(select(Suppression)).all()
    assert {(stop.scope, stop.ground) for stop in stops} == {
        (StopScope.REIMPORT, StopGround.ERASURE)
    }


def test_a_preview_says_what_goes_what_stays_and_what_speaks_against_it(world: World) -> None:
    with world.portal.sessions.write() as session:
        row = LegalBasis(
            contact_id=world.contact.id,
            purpose_id=session.merge(world.directory).purpose_id,
            kind=BasisKind.LEGAL_OBLIGATION,
            valid_from=world.at - timedelta(days=1),
        )
        session.add(row)
        session.flush()
        plan = readers.plan(session, world.contact.id, world.at)
    assert "values" in {part.what for part in plan.erased}
    assert {part.what: part.why for part in plan.kept}["mark"] == "suppression"
    assert "legal-obligation" in plan.against
    with pytest.raises(Refused):
        order(world)
    assert order(world, Order("He was right.", despite=True))


def test_nobody_erases_without_leave_or_reason_or_twice(world: World) -> None:
    with pytest.raises(Invalid):
        order(world, Order(" "))
    for who in (world.portal.eva, world.dora):
        with pytest.raises(Refused):
            order(world, ORDER, actor_of(who.id))
    assert order(world, ORDER, actor_of(world.olga.id))
    with pytest.raises(NotFound):
        order(world)


def test_letting_out_calls_an_erasure_off(world: World) -> None:
    phone = world.phone
    phone.sync()
    order(world)
    zone = world.portal.app.extensions["kustod"].settings.zone
    with world.portal.sessions.write() as session:
        said = ("The wrong Karel.", "by phone", zone, world.at)
        restrictions.release(session, OPERATOR, world.contact.id, *said)
    phone.sync()
    assert finish(world) == 0
    assert name(world) == "Karel Novotný"


def test_words_of_a_request_go_when_it_is_answered(world: World) -> None:
    zone = world.portal.app.extensions["kustod"].settings.zone
    with world.portal.sessions.write() as session:
        subject = consent_subjects.of_contact(session, world.contact.id, world.at)
        words, email = "I am Karel.", "karel@example.org"
        new = NewRequest("erasure", "page", subject.id, words=words, email=email)
        number = requests.enter(session, HIMSELF, new, zone, world.at).number
    order(world)

    def said() -> tuple[str, str]:
        with world.portal.sessions.read() as session:
            row = session.scalars(select(SubjectRequest)).one()
            return row.words, row.email

    assert said() == ("I am Karel.", "karel@example.org")
    with world.portal.sessions.write() as session:
        requests.close(session, OPERATOR, number, "done", "Erased.", zone, world.at)
    assert said() == ("", "")
