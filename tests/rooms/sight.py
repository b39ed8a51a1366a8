"""Who sees a contact, and why."""

from app.models import Grant, TeamMember
from tests import factories as make
from tests.portal import add_user
from tests.rooms.room import Deed, Room, answers
from tests.rooms.world import World

FOR = answers("olga dora", refused="eva jan")
OVERSEERS = answers("olga dora")


def who(world: World) -> str:
    """Karel Novotný, who is on Eva's phone and takes part in the project."""
    world.phone.sync()
    return f"/contacts/{world.contact.public_id}/who"


def told(world: World) -> str:
    """Eva may not have him on her phone any more, and her phone has been told."""
    address = who(world)
    with world.portal.sessions.write() as session:
        session.get_one(Grant, world.portal.grant_id).valid_until = world.portal.clock.now()
        session.merge(world.project).allows_sync = False
    world.phone.sync()
    return address


def shut(world: World) -> str:
    """Nobody may use him: an objection is being weighed."""
    address = who(world)
    with world.portal.sessions.write() as session:
        make.restriction(session, world.contact, start=world.portal.clock.now())
    return address


def crowd(world: World) -> str:
    """More people than a picture shows one by one."""
    with world.portal.sessions.write() as session:
        office = make.team(session)
        office.name = "Kancelář"
        make.grant(session, world.directory, office, can="read")
        for number in range(15):
            person = add_user(session, f"Kolegyně {number:02d}")
            session.add(TeamMember(team_id=office.id, user_id=person.id, valid_from=make.LONG_AGO))
    return who(world)


def nobody(world: World) -> str:
    """A contact in a directory that only its manager's grant to manage knows."""
    with world.portal.sessions.write() as session:
        home = make.directory(session)
        make.grant(session, home, world.olga, can="manage")
        contact = make.contact(session, home, "Nikdo Neznámý")
    return f"/contacts/{contact.public_id}/who"


def asked_why(world: World) -> str:
    return f"{who(world)}?who={world.portal.dana.id}"


def long_ago(world: World) -> str:
    return f"{who(world)}?at=2021-05-03T14:10&by=phone"


ROOMS = [
    Room("sight.show", who, FOR),
    Room("sight.show", lambda w: f"{who(w)}?by=phone", FOR, "phones"),
    Room("sight.show", lambda w: f"{who(w)}?by=export", FOR, "files"),
    Room("sight.show", told, FOR | {"eva": 403}, "told"),
    Room("sight.show", shut, OVERSEERS, "shut"),
    Room("sight.show", crowd, FOR, "a crowd"),
    Room("sight.show", nobody, OVERSEERS, "nobody"),
    Room("sight.show", asked_why, FOR, "why"),
    Room("sight.show", long_ago, FOR, "long ago"),
]
DEEDS: list[Deed] = []
