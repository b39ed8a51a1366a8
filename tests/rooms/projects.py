"""Projects: the list, one of them with its people and contacts, a new one."""

from datetime import timedelta

from app.cards.text import folded
from app.models import Contact, Device, Participation, Project, User
from app.services import devices
from app.services.audit import OPERATOR
from tests import factories as make
from tests.davclient import Phone
from tests.portal import add_user
from tests.rooms.room import EVERYBODY, Deed, Room, answers
from tests.rooms.world import World

KNOWS = "olga eva dora"
OVERSEES = "olga dora"
NEW = {"name": "Most v Lhotě", "until": "2026-12-31", "fields": "caller", "phones": "yes"}


def of(world: World, rest: str = "") -> str:
    return f"/projects/{world.project.slug}{rest}"


def full(world: World) -> str:
    """A project that ends soon, with everybody in it and roles that are long."""
    now = world.portal.clock.now()
    day = timedelta(days=1)
    with world.portal.sessions.write() as session:
        project = session.get_one(Project, world.project.id)
        project.ends_at, project.end_note = now + 9 * day, "předání stavby objednateli"
        make.member(session, project, session.get_one(User, world.portal.jan.id), now - day)
        first = session.query(Participation).filter_by(project_id=project.id).one()
        first.role = "jeřáb a doprava prefabrikovaných dílů"
        for contact in world.portal.contacts[1:]:
            make.participation(session, project, contact, now - day, now + 3 * day)
    for contact in world.portal.contacts:
        world.portal.set(contact, organisation="Mosty a tunely Moravskoslezské a. s.")
    return of(world)


def looked_for(world: World) -> str:
    full(world)
    with world.portal.sessions.write() as session:
        for name in ("Pavel Novák", "Alena Nováčková"):
            made = make.contact(session, world.directory, name)
            made.search = folded(name)
            made.organisation = "Doprava a jeřáby"
    return of(world, "?find=nov")


def crowded(world: World) -> str:
    """More contacts than fit on a page, and more than a search looks at."""
    with world.portal.sessions.write() as session:
        project = session.get_one(Project, world.project.id)
        for number in range(110):
            made = make.contact(session, world.directory, f"Adam Novák{number:02}")
            made.search = folded(made.full_name)
            if number < 55:
                make.participation(session, project, made)
    return of(world, "?find=nov")


def over(world: World) -> str:
    world.portal.set(world.project, ends_at=world.portal.clock.now() - timedelta(days=2))
    return of(world)


def several(world: World) -> str:
    """One of each: open, ending soon, to begin, for the portal only, over."""
    now = world.portal.clock.now()
    day = timedelta(days=1)
    with world.portal.sessions.write() as session:
        olga = session.get_one(User, world.olga.id)
        for name, start, end, phones in (
            ("Přístavba školy v Lhotě pod Horami", -90 * day, 120 * day, True),
            ("Lávka", -10 * day, day / 2, True),
            ("Dům Pod Lipami, studie", 5 * day, 40 * day, False),
            ("Hala B", -200 * day, -20 * day, True),
        ):
            row = make.project(session, start=now + start, end=now + end, allows_sync=phones)
            row.name = name
            make.member(session, row, olga).is_lead = True
    return "/projects"


def none(world: World) -> str:
    over(world)
    return "/projects"


def losing(world: World) -> str:
    """Colleagues who lose much, little and nothing, some of it from phones."""
    full(world)
    with world.portal.sessions.write() as session:
        project = session.get_one(Project, world.project.id)
        lonely = make.contact(session, make.directory(session), "Zora Samotná")
        make.participation(session, project, lonely)
    alone(world, "Jana Tichá", ("Pixel 8", "MacBook Air v kanceláři na stavbě"))
    return of(world, "/end?on=2026-05-09")


def much_to_lose(world: World) -> str:
    """More names than a page can show."""
    with world.portal.sessions.write() as session:
        project = session.get_one(Project, world.project.id)
        for number in range(210):
            one = make.contact(session, world.directory, f"Adam Adámek {number:03}")
            make.participation(session, project, one)
    alone(world, "Jana Tichá")
    return of(world, "/end")


def longer(world: World) -> str:
    return losing(world).replace("2026-05-09", "2027-12-31")


def ended(world: World) -> None:
    """End the project now; who has his contacts by it alone loses them."""
    world.portal.set(world.project, ends_at=world.portal.clock.now())


def lists(program: Phone) -> None:
    """What a program does that knows no tokens."""
    found = program.propfind("D:getetag", depth="1").members
    program.multiget(href for href in found if href.endswith(".vcf"))


def alone(world: World, name: str, phones: tuple[str, ...] = (), *, agent: str = "") -> list[Phone]:
    """A colleague who has the contacts through the project alone, on these phones.

    One with an `agent` is a program that only lists.
    """
    with world.portal.sessions.write() as session:
        user = add_user(session, name)
        make.member(session, session.get_one(Project, world.project.id), user)
    found = [world.portal.phone(user, phone) for phone in phones]
    for phone in found:
        if agent:
            phone.user_agent = agent
            lists(phone)
        else:
            phone.sync()
    return found


def half_back(world: World) -> str:
    """One of each state, as it came to be in the last days."""
    portal, clock = world.portal, world.portal.clock
    clock.tick(days=-12)
    with portal.sessions.write() as session:
        project = session.get_one(Project, world.project.id)
        for contact in portal.contacts[1:]:
            make.participation(session, project, session.get_one(Contact, contact.id))
    pixel, mac = alone(world, "Jana Tichá", ("Pixel 8", "MacBook Air v kanceláři na stavbě"))
    _old, tablet = alone(world, "Łukasz Żak", ("starý telefon", "iPad"))
    lost, late = alone(world, "Ondřej Chalupa", ("Galaxy A54", "Outlook"))
    alone(world, "Petra Černá")
    (evolution,) = alone(world, "Alena Malá", ("Evolution",), agent="Evolution/3.46")
    clock.tick(days=9)
    for phone in (pixel, mac, tablet, late):
        phone.sync()
    clock.tick(hours=1)
    ended(world)
    clock.tick(minutes=40)
    pixel.sync()
    pixel.sync()
    mac.sync()
    clock.tick(hours=5)
    lists(evolution)
    tablet.sync()
    clock.tick(hours=1)
    tablet.sync()
    with portal.sessions.write() as session:
        row = session.query(Device).filter_by(public_id=lost.device).one()
        devices.give_up(session, OPERATOR, row.id, clock.now())
    clock.tick(days=3, hours=-7, minutes=-40)
    clock.tick(hours=-1)
    portal.door.sightings.flush()
    return of(world, "/take-back")


def record(world: World) -> str:
    return half_back(world).replace("take-back", "record")


def all_back(world: World) -> str:
    """Everybody has confirmed; so many that they fold."""
    clock = world.portal.clock
    clock.tick(hours=-10)
    phones = [p for n in range(13) for p in alone(world, f"Kolega {n}", ("Pixel 8", "iPad"))]
    clock.tick(minutes=60)
    ended(world)
    for phone in phones:
        clock.tick(minutes=20)
        phone.sync()
        phone.sync()
    clock.tick(minutes=9 * 60 - 26 * 20)
    world.portal.door.sightings.flush()
    return of(world, "/take-back")


def nothing(world: World) -> str:
    ended(world)
    return of(world, "/take-back")


def evas(world: World) -> dict[str, str]:
    return {"who": world.portal.eva.email}


def karel(world: World) -> dict[str, str]:
    return {"contact": world.contact.public_id}


ROOMS = [
    Room("projects.index", lambda _: "/projects", answers(EVERYBODY)),
    Room("projects.index", several, answers(EVERYBODY), "several"),
    Room("projects.index", none, answers("dana " + EVERYBODY), "none open"),
    Room("projects.new", lambda _: "/projects/new", answers("olga")),
    Room("projects.show", of, answers(KNOWS)),
    Room("projects.show", full, answers(KNOWS + " jan"), "full"),
    Room("projects.show", looked_for, answers(KNOWS + " jan"), "looked for"),
    Room("projects.show", crowded, answers(KNOWS), "crowded"),
    Room("projects.show", over, answers(KNOWS), "over"),
    Room("projects.review", lambda w: of(w, "/end"), answers(OVERSEES, "eva")),
    Room("projects.review", losing, answers(OVERSEES, "eva jan"), "losing"),
    Room("projects.review", longer, answers(OVERSEES, "eva jan"), "longer"),
    Room("projects.review", much_to_lose, answers(OVERSEES, "eva"), "much to lose"),
    Room("projects.take_back", half_back, answers(OVERSEES, "eva"), "half"),
    Room("projects.take_back", all_back, answers(OVERSEES, "eva"), "all"),
    Room("projects.take_back", nothing, answers(OVERSEES, "eva"), "nothing"),
    Room("records.of_project", record, answers(OVERSEES, "eva")),
    Room(
        "records.project_paper", lambda w: record(w) + ".pdf", answers(OVERSEES, "eva"), "", False
    ),
]
DEEDS = [
    Deed("projects.add", lambda _: "/projects/new", lambda _: NEW, answers("olga", done=303)),
    Deed(
        "projects.add",
        lambda _: "/projects/new",
        lambda _: {"name": " ", "until": "2020-01-01", "fields": "caller"},
        answers("olga", done=422),
        "half",
    ),
    Deed(
        "projects.end",
        lambda w: of(w, "/end"),
        lambda _: {"on": "", "note": "hotovo"},
        answers("olga", "eva dora", done=303),
    ),
    Deed(
        "projects.end",
        lambda w: full(w) + "/end",
        lambda _: {"on": "2027-12-31"},
        answers("olga", "eva dora jan", done=422),
        "later without a reason",
    ),
    Deed(
        "participants.let_in",
        lambda w: of(w, "/people"),
        lambda w: {"who": w.portal.jan.email},
        answers("olga", "eva dora", done=303),
    ),
    Deed(
        "participants.let_in",
        lambda w: of(w, "/people"),
        lambda _: {"who": "nobody@example.org", "until": "soon"},
        answers("olga", "eva dora", done=422),
        "nobody",
    ),
    Deed(
        "participants.take_out",
        lambda w: of(w, "/people/end"),
        evas,
        answers("olga", "eva dora", done=303),
    ),
    Deed(
        "participants.make_lead",
        lambda w: of(w, "/people/lead"),
        evas,
        answers("olga", "eva dora", done=303),
    ),
    Deed(
        "participants.add",
        lambda w: of(w, "/contacts"),
        lambda w: {"contact": w.portal.contacts[1].public_id, "role": "jeřáb"},
        answers("olga", "eva dora", done=303),
    ),
    Deed(
        "participants.remove",
        lambda w: of(w, "/contacts/end"),
        karel,
        answers("olga", "eva dora", done=303),
    ),
]
