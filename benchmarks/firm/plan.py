"""What the organisation of these measurements is made of, and the ids that matter later."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.db import Base

OWNER, ORDINARY, CARDS = 1, 100, 2
"""The owner, who manages every directory; a colleague; who has three phones full of cards."""


DIRECTORIES, TEAMS, PROJECTS, PHONES = 40, 20, 50, 3


BIG, FULL, SHARED = 0, 1, 2
"""Places of the directory of 30 %, of the one on three phones, of that of all the teams."""


OPEN, OVER = PROJECTS + 1, PROJECTS + 2
"""The big projects; 500 contacts and 50 people with 60 phones take part in each."""


PARTS, WORKERS, SECOND, KEPT = 500, 50, 10, 300


FIFTY = TEAMS + 1


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


def many(session: Session, table: type[Base], rows: Iterable[dict[str, Any]]) -> None:
    """Insert rows, some thousand at a time."""
    rest: Iterator[dict[str, Any]] = iter(rows)
    while part := list(islice(rest, 5_000)):
        session.execute(insert(table), part)


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
