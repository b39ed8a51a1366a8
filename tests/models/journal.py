"""What the triggers wrote, and what the registry of facts says they must."""

from typing import Any

from sqlalchemy import Text, cast, select
from sqlalchemy.orm import Session

from app.models import FactHistory, Touched
from app.models.facts import Fact, Reach
from tests.models.samples import TABLES

Touch = tuple[str, int, int | None]


def mark(session: Session) -> int:
    """The end of the journal as it stands."""
    return max(session.scalars(select(Touched.id)), default=0)


def touches(session: Session, since: int) -> set[Touch]:
    """What the journal says after the mark."""
    query = select(Touched.reach, Touched.ref_id, Touched.user_id).where(Touched.id > since)
    return {(reach, ref, user) for reach, ref, user in session.execute(query)}


def touch(fact: Fact, values: dict[str, Any]) -> Touch:
    """What a change of a row with these values must leave."""
    return (fact.reach.value, values[fact.ref], values[fact.user] if fact.user else None)


def history(session: Session, fact: Fact, row_id: int) -> dict[str, tuple[str | None, str | None]]:
    """Field, old and new of what was kept about a row."""
    query = select(FactHistory.field, FactHistory.old, FactHistory.new).where(
        FactHistory.fact == fact.table, FactHistory.row_id == row_id
    )
    return {field: (old, new) for field, old, new in session.execute(query)}


def as_text(session: Session, fact: Fact, row_id: int) -> dict[str, str | None]:
    """The history columns of a row as the database itself writes them as text."""
    table = TABLES[fact.table]
    columns = [cast(table.c[name], Text).label(name) for name in fact.history]
    found = session.execute(select(table.c.id, *columns).where(table.c.id == row_id)).one()
    return dict(zip(fact.history, found[1:], strict=True))


def version(session: Session, fact: Fact, values: dict[str, Any]) -> int:
    """The version that a change of this fact's values draws anew."""
    name = "organisation" if fact.reach is Reach.SENTINEL else "contact"
    table = TABLES[name]
    found: int = session.execute(
        select(table.c.version).where(table.c.id == values[fact.ref])
    ).scalar_one()
    return found
