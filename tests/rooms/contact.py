"""One contact: its page, its history, and everything that is done to it."""

from datetime import timedelta

from app.cards.card import ContactKind
from app.models import Address, Affiliation, Blob, ContactPoint, LegalBasis
from app.models.kinds import PointKind
from tests import factories as make
from tests.rooms.room import Deed, Room, answers
from tests.rooms.world import World

SEEN_BY = "olga eva jan"
JPEG = b"\xff\xd8\xff\xd9"


def of(world: World, rest: str = "") -> str:
    return f"/contacts/{world.contact.public_id}{rest}"


def with_everything(world: World) -> str:
    """Karel with every kind of value, a firm, a colleague in charge, on Eva's phone."""
    portal, who, now = world.portal, world.contact, world.portal.clock.now()
    with portal.sessions.write() as session:
        firm = make.contact(
            session, world.directory, "Mosty a tunely Moravskoslezské a. s.",
            kind=ContactKind.ORGANISATION,
        )  # fmt: skip
        session.add(Affiliation(
            person_id=who.id, organisation_id=firm.id, role="stavbyvedoucí", valid_from=now
        ))  # fmt: skip
        make.assignment(session, who, portal.eva, end=now + timedelta(days=30))
        make.assignment(session, who, world.olga, now + timedelta(days=30))
        basis = session.query(LegalBasis).filter_by(contact_id=who.id).one()
        basis.valid_until = now + timedelta(days=60)
        session.add_all([
            ContactPoint(contact_id=who.id, kind=PointKind.PHONE, value="543 210 000",
                         label="work", position=1),
            ContactPoint(contact_id=who.id, kind=PointKind.EMAIL, label="work",
                         value="karel.novotny@mosty-a-tunely-moravskoslezske.example.org"),
            ContactPoint(contact_id=who.id, kind=PointKind.URL, value="www.example.org/mosty"),
            Address(contact_id=who.id, street="Kounicova 65a", locality="Brno", postcode="602 00",
                    country="Česko", label="work"),
        ])  # fmt: skip
    portal.set(
        who, prefix="Ing.", organisation="Mosty a tunely Moravskoslezské a. s.",
        department="Stavba D1", title="stavbyvedoucí", nickname="Kája", birthday="1980-03-22",
        categories="beton\nmosty", note="Volat až po desáté.\nNa stavbě bývá v úterý.",
        tax_number="CZ8003221234",
    )  # fmt: skip
    world.phone.sync()
    portal.door.sightings.flush()
    return of(world)


def a_firm(world: World) -> str:
    with world.portal.sessions.write() as session:
        kind = ContactKind.ORGANISATION
        firm = make.contact(session, world.directory, "Most s. r. o.", kind=kind)
        return f"/contacts/{firm.public_id}"


def a_picture(world: World) -> str:
    now = world.portal.clock.now()
    world.portal.add(Blob(sha256="ab", mime="image/jpeg", bytes=JPEG, created_at=now))
    world.portal.set(world.contact, photo_sha256="ab")
    return of(world, "/photo")


ROOMS = [
    Room("contact.show", of, answers(SEEN_BY)),
    Room("contact.show", with_everything, answers(SEEN_BY), "with everything"),
    Room("contact.show", a_firm, answers(SEEN_BY), "a firm"),
    Room("contact.photo", a_picture, answers(SEEN_BY), is_page=False),
]
DEEDS: list[Deed] = []
