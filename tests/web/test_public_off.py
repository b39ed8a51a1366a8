"""An address that is merely typed: marketing stops, nobody learns anything, one press undoes it."""

import re

import pytest
from sqlalchemy import event, select

from app.models import Contact, LegalBasis, OutboxMessage, Purpose, Suppression
from app.models.consent_kinds import Medium
from app.models.kinds import BasisKind
from app.policy import Channel, Viewer, visible
from app.queries import consents
from tests.portal import Portal
from tests.rooms import public as rooms
from tests.rooms.world import World, people
from tests.web.browser import Browser
from tests.web.test_access import database
from tests.web.test_public import KNOWN, UNKNOWN


@pytest.fixture
def world(portal: Portal) -> World:
    return people(portal)


def take_off(world: World, email: str, address: str = "203.0.113.7") -> tuple[object, list[str]]:
    """The answer as its asker sees it, and the statements that it took."""
    browser, ran = Browser(world.portal, address), []
    engine = world.portal.sessions.engine

    def note(*args: object) -> None:
        ran.append(re.sub(r"\s+", " ", str(args[2])))

    event.listen(engine, "before_cursor_execute", note)
    answer = browser.open("POST", "/p/off?lang=cs", {"email": email})
    event.remove(engine, "before_cursor_execute", note)
    return (answer.status, answer.data, sorted(answer.headers.items())), ran


def holds(world: World) -> bool:
    """Whether Karel agrees to the newsletter by mail."""
    with world.portal.sessions.read() as session:
        news = session.scalars(select(Purpose).where(Purpose.slug == "news")).one()
        said = (world.contact.id, news.id, Medium.EMAIL, world.at)
        return consents.state(session, *said).holds


def bases(world: World) -> set[str]:
    with world.portal.sessions.read() as session:
        live = select(LegalBasis.kind).where(
            LegalBasis.contact_id == world.contact.id,
            LegalBasis.valid_from <= world.at,
            LegalBasis.valid_until > world.at,
        )
        return {kind.value for kind in session.scalars(live)}


def messages(world: World) -> list[OutboxMessage]:
    with world.portal.sessions.read() as session:
        query = select(OutboxMessage).where(OutboxMessage.cause == "off")
        return list(session.scalars(query.order_by(OutboxMessage.id)))


def test_a_known_address_and_an_unknown_one_get_the_same(world: World) -> None:
    rooms.agreed(world)
    known, unknown = take_off(world, f" {KNOWN.upper()}"), take_off(world, UNKNOWN)
    assert known == unknown
    told, silent = messages(world)
    assert (told.to, silent.to) == (KNOWN, "")
    assert "/p/undo/" in told.body
    assert UNKNOWN not in str(database(world.portal.sessions))


def test_it_stops_marketing_and_leaves_the_card_where_it_is(world: World) -> None:
    rooms.agreed(world)
    before = bases(world)
    assert holds(world)
    take_off(world, KNOWN)
    assert not holds(world)
    assert bases(world) == before - {BasisKind.CONSENT.value}
    with world.portal.sessions.read() as session:
        seen = select(Contact.id).where(visible(Viewer(world.olga.id), Channel.PORTAL, world.at))
        assert world.contact.id in set(session.scalars(seen))


def test_the_mailbox_undoes_precisely_this_one(world: World) -> None:
    link = rooms.undo(world)
    take_off(world, KNOWN)
    looked = database(world.portal.sessions)
    assert Browser(world.portal).get(f"{link}?lang=en").heading == "Was it not you?"
    assert database(world.portal.sessions) == looked
    Browser(world.portal).post(link, {}, 303)
    assert Browser(world.portal).get(f"{link}?lang=en").heading == "It is undone"
    assert not holds(world), "the second one stands"
    second = re.findall(r"/p/undo/[\w-]+", messages(world)[-1].body)[0]
    for _ in range(2):
        Browser(world.portal).post(second, {}, 303)
    assert holds(world)
    assert BasisKind.CONSENT.value in bases(world)
    with world.portal.sessions.read() as session:
        ends = session.scalars(select(Suppression.ended_why)).all()
    assert ends == ["undone", "undone"]


def test_what_he_stopped_himself_stays_stopped(world: World) -> None:
    link = rooms.undo(world)
    own = rooms.link(world, [world.contact.id])
    Browser(world.portal).post(own, {}, 303)
    Browser(world.portal).post(link, {}, 303)
    assert not holds(world)


@pytest.mark.parametrize("typed", ["", "nobody"])
def test_what_is_no_address_is_said(world: World, typed: str) -> None:
    answer = Browser(world.portal).post("/p/off?lang=en", {"email": typed}, 422)
    assert "This is not an e-mail address." in answer.text


def test_one_address_is_told_three_times_at_most(world: World) -> None:
    rooms.agreed(world)
    for number in range(5):
        take_off(world, KNOWN, f"203.0.113.{number}")
    assert len(messages(world)) == 3
