"""The first page."""

from datetime import timedelta

from app.models import Consultation, Device, Favourite, Grant, Project
from app.services.instances import note_restore
from tests import factories as make
from tests.rooms import imports, outbox, projects
from tests.rooms.room import EVERYBODY, Deed, Room, answers
from tests.rooms.world import World

RUN = "olga adam"
LEAVE_IT = "If you have it with you: leave the account on it until it has confirmed."


def much_to_do(world: World) -> str:
    """Something of everything that can need Olga."""
    now = world.portal.clock.now()
    states = {
        "Tablet": {"seen_at": now - timedelta(days=9)},
        "Old phone": {"seen_at": now, "stopped_at": now},
        "New phone": {},
    }
    with world.portal.sessions.write() as session:
        session.get_one(Project, world.project.id).ends_at = now + timedelta(days=5)
        for place, contact in enumerate(world.portal.contacts):
            if place < 2:
                session.add(Favourite(user_id=world.olga.id, contact_id=contact.id, kept_at=now))
            looked = Consultation(
                at=now, user_id=world.olga.id, page="contact", contact_ids=[contact.id]
            )
            session.add(looked)
        session.get_one(Grant, world.portal.grant_id).valid_until = now + timedelta(days=3)
        make.contact(session, world.directory, "Bez Důvodu", has_basis=False)
        lent = make.directory(session)
        lent.name = "Lent suppliers"
        make.grant(session, lent, world.olga, end=now + timedelta(days=7))
        for name, instants in states.items():
            device: Device = make.device(session, world.olga)
            device.name = name
            for column, value in instants.items():
                setattr(device, column, value)
    return "/overview"


def work_under_way(world: World) -> str:
    """A file that waits for Olga, an import with faults, and a project that is coming back."""
    imports.sent(world, imports.CARDS, "kontakty ze starého telefonu.vcf")
    imports.undone(world)
    imports.worked(world, imports.begun(world))
    projects.half_back(world)
    return "/overview"


def restored(world: World) -> str:
    """The portal was put back by three days an hour ago."""
    with world.portal.sessions.write() as session:
        at = world.portal.clock.now()
        note_restore(session, at - timedelta(days=3), at - timedelta(hours=1))
    return "/restored"


def after_restore(world: World) -> str:
    """The first page after that."""
    restored(world)
    return "/overview"


def mail_waits(world: World) -> str:
    """A mail that was given up, and one that waits since the day before."""
    outbox.failed(world)
    outbox.message(world)
    world.portal.clock.tick(days=1)
    return "/overview"


ROOMS = [
    Room("overview.index", lambda _: "/overview", answers(EVERYBODY)),
    Room("overview.index", mail_waits, answers(EVERYBODY), "mail waits"),
    Room("overview.index", much_to_do, answers(EVERYBODY), "much to do"),
    Room("overview.index", work_under_way, answers(EVERYBODY), "work under way"),
    Room("overview.index", after_restore, answers(EVERYBODY), "after a restore"),
    Room("restored.index", restored, answers(RUN)),
]
DEEDS = [Deed("restored.looked", restored, lambda _: {}, answers(RUN, done=303))]
