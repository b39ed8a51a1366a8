"""The one type of instants, and the SQLite that may keep them."""

import sys
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from types import ModuleType
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, DateTime, Integer, MetaData, Table, insert, select
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session
from typing_extensions import override

import app.models  # noqa: F401 - fills the metadata
from app.db import (
    FOREVER,
    Base,
    Instant,
    Sessions,
    instant_text,
)
from app.engines import is_safe_sqlite, sqlite_module
from app.errors import Refused
from tests.factories import LONG_AGO, NOON

MOMENTS = Table(
    "moment", MetaData(), Column("id", Integer, primary_key=True), Column("at", Instant)
)
PRAGUE, NEPAL = ZoneInfo("Europe/Prague"), timezone(timedelta(hours=5, minutes=45))
KEPT = (
    NOON,
    LONG_AGO,
    FOREVER,
    datetime(1, 1, 1, tzinfo=UTC),
    NOON.replace(microsecond=1),
    NOON.replace(microsecond=999_999).astimezone(PRAGUE),
    datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=PRAGUE),
    datetime(2026, 5, 3, tzinfo=NEPAL),
)


class NoOffset(tzinfo):
    """A zone that does not say how far it is from UTC."""

    @override
    def utcoffset(self, when: datetime | None, /) -> None:
        return None

    @override
    def dst(self, when: datetime | None, /) -> None:
        return None

    @override
    def tzname(self, when: datetime | None, /) -> str:
        return "nowhere"


def kept(session: Session, at: datetime | None) -> datetime | None:
    """What comes back of an instant."""
    session.execute(insert(MOMENTS).values(id=1, at=at))
    found: datetime | None = session.execute(select(MOMENTS.c.at)).scalar_one()
    return found


@pytest.mark.parametrize("at", KEPT, ids=str)
def test_an_instant_comes_back_as_the_same_instant_in_utc(sessions: Sessions, at: datetime) -> None:
    with Session(sessions.engine) as session:
        MOMENTS.create(session.connection())
        found = kept(session, at)
    assert found == at.astimezone(UTC)
    assert found is not None
    assert found.utcoffset() == timedelta(0)


def test_no_instant_comes_back_as_none(sessions: Sessions) -> None:
    with Session(sessions.engine) as session:
        MOMENTS.create(session.connection())
        assert kept(session, None) is None


@pytest.mark.parametrize("zone", [None, NoOffset()])
def test_a_naive_datetime_is_refused(sqlite: Sessions, zone: tzinfo | None) -> None:
    with Session(sqlite.engine) as session:
        MOMENTS.create(session.connection())
        with pytest.raises(StatementError, match="a naive datetime is no instant"):
            kept(session, NOON.replace(tzinfo=zone))


zones = st.sampled_from([UTC, NEPAL, timezone(timedelta(hours=-7))])
first, last = datetime(2, 1, 1), datetime(9998, 1, 1)  # noqa: DTZ001 - the zone is drawn apart
moments = st.datetimes(first, last, timezones=zones)


@given(moments, moments)
def test_the_order_of_texts_is_the_order_of_time(one: datetime, other: datetime) -> None:
    assert (instant_text(one) < instant_text(other)) == (one < other)


@given(moments)
def test_every_text_is_27_characters_long(at: datetime) -> None:
    assert len(instant_text(at)) == 27


def test_every_column_of_time_is_an_instant() -> None:
    bare = [
        str(column)
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, DateTime)
    ]
    assert bare == []


@pytest.mark.parametrize(
    ("version", "is_safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 44, 7), True),
        ((3, 45, 0), False),
        ((3, 49, 9), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 50, 8), True),
        ((3, 51, 0), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
        ((4, 0, 0), True),
    ],
)
def test_only_a_sqlite_with_the_fix_is_safe(version: tuple[int, ...], is_safe: bool) -> None:
    assert is_safe_sqlite(version) == is_safe


def driver(monkeypatch: pytest.MonkeyPatch, name: str, *version: int) -> ModuleType:
    module = ModuleType(name)
    module.sqlite_version_info = version  # type: ignore[attr-defined]
    module.sqlite_version = ".".join(map(str, version))  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, name, module)
    return module


def test_the_first_safe_driver_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    driver(monkeypatch, "unsafe_driver", 3, 40, 1)
    good = driver(monkeypatch, "good_driver", 3, 51, 3)
    driver(monkeypatch, "better_driver", 3, 52, 0)
    names = ("absent_driver", "unsafe_driver", "good_driver", "better_driver")
    assert sqlite_module(names) is good


def test_without_a_safe_driver_postgresql_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    driver(monkeypatch, "unsafe_driver", 3, 40, 1)
    with pytest.raises(Refused) as refused:
        sqlite_module(("unsafe_driver",))
    assert "(unsafe_driver 3.40.1)" in str(refused.value)
    assert "KUSTOD_DATABASE_URL to a PostgreSQL database" in str(refused.value)


def test_without_any_driver_postgresql_is_named() -> None:
    with pytest.raises(Refused, match=r"\(none found\).*PostgreSQL"):
        sqlite_module(("absent_driver",))


def test_the_driver_that_runs_here_is_safe() -> None:
    assert is_safe_sqlite(sqlite_module().sqlite_version_info)
