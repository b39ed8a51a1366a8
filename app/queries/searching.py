"""Which of the contacts one may see are asked for: words searched, filters, and where to look.

Every condition here narrows what `visible` of the policy shows; none opens anything. The
statements are put together once for each shape of question and asked with bound values, because
putting the policy's clauses together takes longer than most databases need to answer.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Text,
    and_,
    bindparam,
    case,
    column,
    func,
    literal,
    null,
    or_,
    select,
    table,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from app.cards.text import terms
from app.models import Contact
from app.models import searching as index
from app.models.kinds import Profile
from app.policy import (
    Channel,
    Viewer,
    contacts_of_projects,
    directories_in_reach,
    profile,
    visible,
)
from app.queries.asking import AT, THROUGH, WHO
from app.queries.filters import FILTERS, NARROW, SAID, Asked
from app.queries.many import among, gathered

FEW = 2_000
"""As many contacts are looked at one by one; of more, the first ones in order are soon found."""
_SAMPLE, _MANY = 200, 10
_GRAM = 3
_LAST = chr(sys.maxunicode)


class Position(FunctionElement[int]):
    """Where a text stands in another, 0 for nowhere; faster than LIKE, and nothing to escape."""

    inherit_cache = True
    type = BigInteger()


@compiles(Position)
def _position(element: Position, compiler: SQLCompiler, **kw: Any) -> str:  # noqa: ANN401
    return f"instr({compiler.process(element.clauses, **kw)})"


@compiles(Position, "postgresql")
def _position_postgresql(element: Position, compiler: SQLCompiler, **kw: Any) -> str:  # noqa: ANN401
    return f"strpos({compiler.process(element.clauses, **kw)})"


class Way(StrEnum):
    """Where to look first.

    By the letters, among all within reach, in the directories or the projects within reach
    alone, or down the whole order of names.
    """

    LETTERS = "letters"
    REACH = "reach"
    HOMES = "homes"
    PROJECTS = "projects"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class Shape:
    """What a question looks like, without its values; the same shape, the same statement."""

    channel: Channel
    on_device: bool
    filters: frozenset[str]
    words: int
    grams: bool
    dialect: str


def asker(*, on_device: bool) -> Viewer:
    """Who asks, to be bound to values; a device narrows what its user gets."""
    return THROUGH if on_device else WHO


def shape_of(session: Session, viewer: Viewer, channel: Channel, asked: Asked) -> Shape:
    """The shape of this question."""
    words = terms(asked.search)
    return Shape(
        channel=channel,
        on_device=viewer.device_id is not None,
        filters=frozenset(name for name in FILTERS if getattr(asked, name)),
        words=len(words),
        grams=any(len(word) >= _GRAM for word in words),
        dialect=session.get_bind().dialect.name,
    )


def values_of(viewer: Viewer, at: datetime, asked: Asked, shape: Shape) -> dict[str, Any]:
    """The values to ask the statements of this shape with."""
    words = terms(asked.search)
    values: dict[str, Any] = {f"word{n}": word for n, word in enumerate(words)}
    values |= {"user": viewer.user_id, "device": viewer.device_id, "at": at, "few": FEW + 1}
    values |= {n: getattr(asked, n) for n in SAID if n in shape.filters}
    grams = _grams(words)
    if shape.dialect == "postgresql":
        values["grams"] = grams + [word for word in words if len(word) < _GRAM]
    elif shape.grams:
        quoted = (f'"{gram.replace(chr(34), chr(34) * 2)}"' for gram in grams)
        values["grams"] = " AND ".join(quoted)
    elif words:
        longest = max(words, key=len)
        values |= {"letters": longest, "letters_end": longest + _LAST}
    return values


def way(session: Session, shape: Shape, values: dict[str, Any]) -> Way:
    """Where to look first; one statement, which counts no further than it must.

    Adds to `values` the ids of those that hold the letters, where these are to be looked at.
    """
    is_common, by_letters, by_reach = session.execute(_sizes(shape), values).one()
    if shape.words and not is_common and len(by_letters or ()) <= FEW:
        values["lettered"] = by_letters or ()
        return Way.LETTERS
    return Way.REACH if by_reach <= FEW else Way.ORDER


def matching(shape: Shape, found_by: Way) -> list[ColumnElement[bool]]:
    """The conditions of this shape: the policy, the filters, the words; the cheap ones first."""
    return [
        *_looked_for(found_by),
        *(FILTERS[name]() for name in sorted(shape.filters)),
        *_words(shape),
        visible(asker(on_device=shape.on_device), shape.channel, AT),
    ]


def found_by_words(search: str, level: ColumnElement[int]) -> list[ColumnElement[bool]]:
    """Every word of the search stands somewhere in what this profile shows.

    Names, firm and phones are in every profile; e-mails only from minimal on, and a search
    must not find by what its answer hides.
    """
    return [_stands(literal(word), level) for word in terms(search)]


def _grams(words: list[str]) -> list[str]:
    """Every three letters in a row of the words."""
    found = (word[n : n + _GRAM] for word in words for n in range(len(word) - _GRAM + 1))
    return sorted(set(found))


def _words(shape: Shape) -> list[ColumnElement[bool]]:
    level = profile(asker(on_device=shape.on_device), shape.channel, AT)
    return [_stands(bindparam(f"word{n}", type_=Text), level) for n in range(shape.words)]


def _stands(word: ColumnElement[Any], level: ColumnElement[int]) -> ColumnElement[bool]:
    may_find = level >= int(Profile.MINIMAL)
    in_mails = and_(Position(Contact.mail_search, word) > 0, may_find)
    return or_(Position(Contact.search, word) > 0, in_mails)


def _within_reach() -> Select[int]:
    """The ids of what lies in his directories and projects, some of them twice."""
    homes = select(Contact.id).where(Contact.directory_id.in_(directories_in_reach(WHO, AT)))
    return select(union_all(homes, contacts_of_projects(WHO, AT)).subquery().c.id)


def _by_letters(shape: Shape) -> Select[int]:
    """The ids of contacts that hold every three letters in a row of the words.

    Where no word is so long, SQLite looks for the longest of them alone, and may find a contact
    twice.
    """
    if shape.dialect == "postgresql":
        other = aliased(Contact)
        held = func.contact_search_grams(other.search, other.mail_search, type_=ARRAY(Text))
        return select(other.id).where(held.contains(bindparam("grams", type_=ARRAY(Text))))
    if not shape.grams:
        listed = table(index.LETTERS, column("doc", BigInteger), column("term", Text))
        first, last = (bindparam(name, type_=Text) for name in ("letters", "letters_end"))
        return select(listed.c.doc).where(listed.c.term >= first, listed.c.term <= last)
    grams = table(index.NAME, column("rowid", BigInteger), column(index.NAME, Text))
    asked = grams.c[index.NAME].op("MATCH")(bindparam("grams", type_=Text))
    return select(grams.c.rowid).where(asked)


def _looked_for(found_by: Way) -> list[ColumnElement[bool]]:
    if found_by is Way.LETTERS:
        return [among(Contact.id, "lettered")]
    if found_by is Way.REACH:
        return [Contact.id.in_(_within_reach())]
    if found_by is Way.HOMES:
        return [Contact.directory_id.in_(directories_in_reach(WHO, AT))]
    if found_by is Way.PROJECTS:
        return [Contact.id.in_(contacts_of_projects(WHO, AT))]
    # The zero keeps databases from going by the index of directories and then sorting them all.
    home = (Contact.directory_id + 0).in_(directories_in_reach(WHO, AT))
    return [or_(home, (Contact.id + 0).in_(contacts_of_projects(WHO, AT)))]


def _is_common(shape: Shape) -> ColumnElement[bool]:
    """Whether the words stand in many of some contacts: counting all of them can be spared."""
    some = select(Contact.search, Contact.mail_search).limit(_SAMPLE).subquery()
    stands = (
        or_(Position(some.c.search, word) > 0, Position(some.c.mail_search, word) > 0)
        for word in (bindparam(f"word{n}", type_=Text) for n in range(shape.words))
    )
    return select(func.count() > _MANY).select_from(some).where(*stands).scalar_subquery()


@lru_cache
def _sizes(shape: Shape) -> Select[bool, Sequence[int] | None, int]:
    """Who holds the letters, and how many lie within reach and the narrow filters.

    Where the words are common it is not asked who holds their letters.
    """
    limit = bindparam("few", type_=BigInteger, literal_execute=True)
    is_common: ColumnElement[bool] = literal(value=False)
    by_letters: ColumnElement[Any] = null()
    if shape.words:
        some = _by_letters(shape).limit(limit).subquery()
        by_letters = select(gathered(some.c[0])).scalar_subquery()
    if shape.dialect == "postgresql" and shape.words and not shape.grams:
        is_common = _is_common(shape)
        by_letters = case((is_common, null()), else_=by_letters)
    reach = _within_reach()
    narrow = [FILTERS[name]() for name in NARROW if name in shape.filters]
    if narrow:
        reach = select(Contact.id).where(*narrow)
    counted = select(func.count()).select_from(reach.limit(limit).subquery())
    return select(is_common, by_letters, counted.scalar_subquery())
