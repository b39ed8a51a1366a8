"""Who works in which project with whom, and who may see what."""

import random
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from app import clock
from app.db import FOREVER
from app.models import (
    Assignment,
    Consultation,
    Favourite,
    Grant,
    Participation,
    Project,
    ProjectMember,
    TeamMember,
)
from firm.plan import (
    CARDS,
    FIFTY,
    FULL,
    OPEN,
    OVER,
    OWNER,
    SHARED,
    TEAMS,
    WORKERS,
    Plan,
    Size,
    many,
    taking_part,
    workers,
)


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
