"""One contact: its page, its history, and everything that is done to it."""

from datetime import timedelta

from app.cards.card import Address, ContactKind, Point
from app.models import Address as AddressRow
from app.models import Affiliation, Blob, ContactPoint, LegalBasis, Project, User, ValueChange
from app.models.kinds import PointKind
from app.services import contacts
from tests import factories as make
from tests.rooms.room import Deed, Room, answers
from tests.rooms.world import EVERYTHING, World
from tests.services.scene import acting

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
            AddressRow(contact_id=who.id, street="Kounicova 65a", locality="Brno",
                       postcode="602 00", country="Česko", label="work"),
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


def a_sole_trader(world: World) -> str:
    """The form of a firm that is one person."""
    address = a_firm(world)
    with world.portal.sessions.write() as session:
        found = contacts.find(session, address.rpartition("/")[2], world.at)
        found.is_sole_trader = True
        session.flush()
        contacts.give_basis(session, found.id, session.merge(world.directory), world.at)
    return f"{address}/edit"


def a_picture(world: World) -> str:
    now = world.portal.clock.now()
    world.portal.add(Blob(sha256="ab", mime="image/jpeg", bytes=JPEG, created_at=now))
    world.portal.set(world.contact, photo_sha256="ab")
    return of(world, "/photo")


def in_two_directories(world: World) -> str:
    with world.portal.sessions.write() as session:
        other = make.directory(session)
        other.name = "Dodavatelé"
        make.grant(session, other, world.olga, can=EVERYTHING)
    return "/contacts/new"


def entry(world: World) -> str:
    return f"/contacts/new?directory={world.directory.slug}"


def in_charge(world: World) -> str:
    with world.portal.sessions.write() as session:
        make.assignment(session, world.contact, world.portal.eva)
    return of(world, "/charge")


def changed(world: World) -> str:
    """Karel after some changes."""
    now = world.portal.clock.now()
    edits = (
        {"phones": (Point("+420 777 123 456", "cell", preferred=True), Point("543 210 000"))},
        {"note": "Volat až po desáté."},
        {"addresses": (Address("work", street="Kounicova 65a", locality="Brno"),)},
        {"title": "stavbyvedoucí", "birthday": "--03-22"},
    )
    with world.portal.sessions.write() as session:
        for edit in edits:
            contacts.edit(session, acting(world.olga), world.contact.id, edit, now, source="oprava")
    return of(world, "/history")


def a_change(world: World) -> str:
    address = changed(world)
    with world.portal.sessions.read() as session:
        change = session.query(ValueChange).filter_by(field="title").one()
        return f"{address}/{change.id}"


def projects(world: World) -> str:
    """Karel in one project, with others that he could be put into."""
    now = world.portal.clock.now()
    with world.portal.sessions.write() as session:
        for name, days in (("Hala Ostrava", 20), ("Obchvat", None)):
            project = make.project(session)
            project.name, project.allows_sync = name, days is None
            project.ends_at = now + timedelta(days=days) if days else project.ends_at
            make.member(session, project, session.get_one(User, world.olga.id))
    return of(world, "/projects")


def other_project(world: World) -> dict[str, str]:
    projects(world)
    with world.portal.sessions.read() as session:
        slug = session.query(Project.slug).filter_by(name="Hala Ostrava").scalar()
    return {"project": slug or "", "role": "jeřáb", "until": "2099-12-31"}


ROOMS = [
    Room("contact.show", of, answers(SEEN_BY)),
    Room("contact.show", with_everything, answers(SEEN_BY), "with everything"),
    Room("contact.show", a_firm, answers(SEEN_BY), "a firm"),
    Room("contact.photo", a_picture, answers(SEEN_BY), is_page=False),
    Room("contact.new", entry, answers("olga")),
    Room("contact.new", in_two_directories, answers("olga"), "which directory"),
    Room("contact.edit", lambda w: of(w, "/edit"), answers("olga", "eva jan")),
    Room("contact.edit", lambda w: with_everything(w) + "/edit", answers("olga", "eva jan"), "all"),
    Room("contact.edit", a_sole_trader, answers("olga", "eva jan"), "sole trader"),
    Room("contact.assign", in_charge, answers("olga", "eva jan")),
    Room("contact.projects", lambda w: of(w, "/projects"), answers("olga", "eva jan"), "only one"),
    Room("contact.projects", projects, answers("olga", "eva jan")),
    Room("contact.history", lambda w: of(w, "/history"), answers(SEEN_BY), "nothing yet"),
    Room("contact.history", changed, answers(SEEN_BY), "changed"),
]
DEEDS = [
    Deed("contact.enter", entry, lambda _: {"name": "Nový Kontakt"}, answers("olga", done=303)),
    Deed(
        "contact.save",
        lambda w: of(w, "/edit"),
        lambda _: {"given": "Karla", "family": "Novotná"},
        answers("olga", "eva jan", done=303),
    ),
    Deed(
        "contact.save",
        lambda w: of(w, "/edit"),
        lambda _: {"phones-0-value": "777 123 456", "phones-1-value": "volat"},
        answers("olga", "eva jan", done=422),
        "one wrong line",
    ),
    Deed(
        "contact.save",
        lambda w: a_firm(w) + "/edit",
        lambda _: {"organisation": "Mosty s. r. o.", "kind": "organisation", "is_sole_trader": "y"},
        answers("olga", "eva jan", done=303),
        "sole trader",
    ),
    Deed(
        "contact.charge",
        lambda w: of(w, "/charge"),
        lambda w: {"who": w.portal.eva.email, "until": "2099-12-31"},
        answers("olga", "eva jan", done=303),
    ),
    Deed(
        "contact.discharge",
        lambda w: in_charge(w) + "/end",
        lambda w: {"who": w.portal.eva.email},
        answers("olga", "eva jan", done=303),
    ),
    Deed(
        "contact.put_in",
        lambda w: of(w, "/projects"),
        other_project,
        answers("olga", "eva jan", done=303),
    ),
    Deed(
        "contact.put_in",
        lambda w: of(w, "/projects"),
        lambda _: {"project": "nowhere"},
        answers("olga", "eva jan", done=422),
        "half",
    ),
    Deed(
        "contact.take_out",
        lambda w: of(w, "/projects/end"),
        lambda w: {"project": w.project.slug},
        answers("olga", "eva", done=303),
    ),
    Deed("contact.restore", a_change, lambda _: {}, answers("olga", "eva jan", done=303)),
]
