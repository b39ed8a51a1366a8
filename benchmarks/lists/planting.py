"""An organisation with 100 000 contacts, 200 colleagues, their teams, grants and projects."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app import clock
from app.cards.card import ContactKind, Draft, Point
from app.db import Sessions
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
from app.services import directories
from app.services.audit import OPERATOR
from app.services.contact_values import column_values, point_rows, state_of
from app.services.directories import NewDirectory

USERS, DIRECTORIES, TEAMS, PROJECTS = 200, 40, 20, 50
RARE = 4_711
"""The contact that rare searches look for."""
GIVEN = ("Jan", "Eva", "Šárka", "Ondřej", "Žofie", "Karel", "Lucie", "Zdeněk", "Ľubomír", "Łucja")
STEMS = ("Nov", "Čern", "Říh", "Dvoř", "Šťastn", "Kučer", "Jež", "Čech", "Chalup", "Hrub")
ENDS = ("ák", "ý", "ovský", "íček", "ec", "áček", "uška", "al", "enka", "ota", "inský", "ík")
TRADES = ("Beton", "Dřevo", "Střechy", "Elektro", "Okna", "Zemní práce", "Lešení", "Voda a topení")
TOWNS = ("Olomouc", "Brno", "Přerov", "Zlín", "Ostrava", "Třebíč", "Jihlava", "Kroměříž")
FORMS = ("s.r.o.", "a.s.", "družstvo", "a syn")


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
