"""Who stands on a page of a list, in the order of names: ids, found in the cheapest way.

Asked by app.queries.contacts and by the choosing of several; every way asks the policy.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    Select,
    Text,
    bindparam,
    func,
    select,
    text,
    true,
    tuple_,
)
from sqlalchemy.orm import Session

from app.models import Contact
from app.policy import Channel, Viewer, directories_in_reach, visible
from app.queries import searching
from app.queries.asking import AT, WHO
from app.queries.filters import Asked
from app.queries.many import among
from app.queries.searching import Shape, Way

ALL = 2**31 - 1
COUNTED = 500
"""How far a list is counted; more are "more than 500"."""


class Found(NamedTuple):
    """One who matches, and its place in the order of names."""

    id: int
    sort_key: str
    public_id: str


_BY_NAME = itemgetter(1, 2)


def on_page(  # noqa: PLR0913 - one question, as the list page asks it
    session: Session,
    viewer: Viewer,
    channel: Channel,
    at: datetime,
    asked: Asked,
    after: str,
    limit: int,
    *,
    counted: int | None = None,
) -> tuple[list[int], int]:
    """The ids on one page, and how many match in all; one more than `counted` for any more.

    Where letters or reach leave few to look at, all who match are found and sorted; else
    the first ones of a page are soon met on the way down the order of names. `after` is the
    public id of the last card of the page before; one that is not there (any more) begins
    again at the first page, so that it tells nothing about a hidden card.
    """
    counted = COUNTED if counted is None else counted
    shape = searching.shape_of(session, viewer, channel, asked)
    values = searching.values_of(viewer, at, asked, shape)
    way = searching.way(session, shape, values)
    if way is Way.ORDER:
        with _planned_for_its_words(session, shape):
            some = _some_within_reach(session, shape, values, counted)
            if len(some) > counted:
                if after and (place := _place(session, viewer, channel, after, at)):
                    values |= {"sort_key": place[0], "public_id": place[1]}
                walked = _walked(shape, is_first="sort_key" not in values)
                ids = [row[0] for row in session.execute(walked, values | {"limit": limit})]
                return ids, counted + 1
        ids, total = _sliced(session, _page_of_known(), {"ids": list(some)}, after, limit)
    else:
        ids, total = _sliced(session, _page_of(shape, way), values, after, limit)
    return ids, min(total, counted + 1)


def _sliced(
    session: Session, query: Select[int, int], values: dict[str, Any], after: str, limit: int
) -> tuple[list[int], int]:
    rows = session.execute(query, values | {"limit": limit, "after": after}).all()
    if after and not rows:
        # Behind the last one nothing is left to say how many there are.
        first = session.execute(query, values | {"limit": 1, "after": ""}).all()
        return [], first[0].total if first else 0
    return [row.id for row in rows], rows[0].total if rows else 0


def matching(
    session: Session, viewer: Viewer, channel: Channel, at: datetime, asked: Asked, limit: int
) -> list[Found]:
    """Up to `limit` of those who are visible and match, in the order of names.

    Where there are more, it is not said which of them these are.
    """
    shape = searching.shape_of(session, viewer, channel, asked)
    values = searching.values_of(viewer, at, asked, shape)
    way = searching.way(session, shape, values)
    return _in_order(_whoever(session, shape, way, values, limit))


def _whoever(
    session: Session, shape: Shape, way: Way, values: dict[str, Any], limit: int
) -> Sequence[Row[int, str, str]]:
    """Up to `limit` of those who match, in no order."""
    return session.execute(_some(shape, way), values | {"limit": limit}).all()


def _some_within_reach(
    session: Session, shape: Shape, values: dict[str, Any], counted: int
) -> set[int]:
    """The ids of all who match, or of more than `counted` of them.

    Most see theirs in directories, and by those alone the indexes find them fastest.
    """
    some: set[int] = set()
    for way in (Way.HOMES, Way.PROJECTS):
        if len(some) <= counted:
            some |= set(session.scalars(_ids(shape, way), values | {"limit": counted + 1}))
    return some


@contextmanager
def _planned_for_its_words(session: Session, shape: Shape) -> Iterator[None]:
    """How much a word narrows depends on the word: a plan for any word is four times slower."""
    is_needed = shape.words and shape.dialect == "postgresql"
    if is_needed:
        session.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))
    yield
    if is_needed:
        session.execute(text("SET LOCAL plan_cache_mode = auto"))


def _in_order(rows: Sequence[Row[int, str, str]]) -> list[Found]:
    return sorted(map(Found._make, rows), key=_BY_NAME)


@lru_cache
def _some(shape: Shape, way: Way) -> Select[int, str, str]:
    """Whoever matches, in no order."""
    query = select(Contact.id, Contact.sort_key, Contact.public_id)
    return query.where(*searching.matching(shape, way)).limit(_limit())


def _limit() -> ColumnElement[int]:
    """Written into the statement: a database plans by it."""
    return bindparam("limit", type_=BigInteger, literal_execute=True)


@lru_cache
def _ids(shape: Shape, way: Way) -> Select[int]:
    """The ids alone of whoever matches.

    PostgreSQL goes from directory to directory until it has enough: left to itself it asks the
    policy about all contacts first, because it cannot know how many of them one may see.
    """
    ids = _some(shape, way).with_only_columns(Contact.id)
    if way is not Way.HOMES or shape.dialect != "postgresql":
        return ids
    homes = directories_in_reach(WHO, AT).distinct().subquery()
    inside = ids.where(Contact.directory_id == homes.c.directory_id).lateral()
    return select(inside.c.id).select_from(homes).join(inside, true()).limit(_limit())


@lru_cache
def _page_of(shape: Shape, way: Way) -> Select[int, int]:
    """One page of whoever matches."""
    return _page(*searching.matching(shape, way))


@lru_cache
def _page_of_known() -> Select[int, int]:
    """One page of contacts of which the policy has been asked already."""
    return _page(among(Contact.id, "ids"))


def _page(*conditions: ColumnElement[bool]) -> Select[int, int]:
    """The ids behind the place of `after`, in the order of names, and how many there are in all.

    Placed and counted where they lie: fifty are shown, and fetching all would take longer.
    """
    order = (Contact.sort_key, Contact.public_id)
    place = func.row_number().over(order_by=order).label("place")
    found = select(Contact.id, Contact.public_id, place, func.count().over().label("total"))
    each = found.where(*conditions).cte("found")
    last = select(each.c.place).where(each.c.public_id == bindparam("after", type_=Text))
    behind = each.c.place > func.coalesce(last.scalar_subquery(), 0)
    return select(each.c.id, each.c.total).where(behind).order_by(each.c.place).limit(_limit())


@lru_cache
def _walked(shape: Shape, *, is_first: bool) -> Select[int, str, str]:
    """Those who match, met on the way down the order of names."""
    query = _some(shape, Way.ORDER).order_by(Contact.sort_key, Contact.public_id)
    if is_first:
        return query
    last = tuple_(bindparam("sort_key", type_=Text), bindparam("public_id", type_=Text))
    return query.where(tuple_(Contact.sort_key, Contact.public_id) > last)


def _place(
    session: Session, viewer: Viewer, channel: Channel, public_id: str, at: datetime
) -> Row[str, str] | None:
    """Where a visible card stands in the order of names."""
    query = select(Contact.sort_key, Contact.public_id)
    query = query.where(Contact.public_id == public_id, visible(viewer, channel, at))
    return session.execute(query).one_or_none()
