"""Intervals of the facts: opened by adding, closed by an end, never deleted, never re-written."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.models import Assignment, Grant, LegalBasis, Participation, ProjectMember, TeamMember

Row = TypeVar("Row", Assignment, Grant, LegalBasis, Participation, ProjectMember, TeamMember)


def unfinished(
    session: Session, table: type[Row], at: datetime, *where: ColumnElement[bool]
) -> Sequence[Row]:
    """The rows that hold at `at` or will hold later, the earliest first, held until the commit.

    Who waited here for another writer sees what that one left, so that an end is never moved.
    """
    query = select(table).where(table.valid_until > at, *where)
    query = query.order_by(table.valid_from, table.id).with_for_update(key_share=True)
    return session.scalars(query.execution_options(populate_existing=True)).all()


def end(rows: Iterable[Row], at: datetime) -> int:
    """End every row at `at`; one that has not begun yet never will. Says how many it ended.

    A row that is over keeps its own, earlier end.
    """
    ended = 0
    for row in rows:
        if row.valid_until > at:
            row.valid_until = max(at, row.valid_from)
            ended += 1
    return ended


def settle(
    rows: Sequence[Row],
    span: tuple[datetime, datetime],
    at: datetime,
    make: Callable[[datetime, datetime], Row],
) -> Row:
    """Make `span` the only period from `at` on; `rows` are the unfinished ones of this fact.

    What was before `at` stays as it was: a row that holds now goes on with a new end, and a
    later beginning ends it.
    """
    start, until = span
    running = next((row for row in rows if row.valid_from <= at), None)
    if running is None or start > at:
        end(rows, at)
        return make(start, until)
    end([row for row in rows if row is not running], at)
    running.valid_until = max(until, at)
    return running
