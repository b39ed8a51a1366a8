"""Sessions: one snapshot to read in, one whole transaction to write in, busy in plain words."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from threading import Barrier

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from app import engines
from app.db import Sessions, open_database
from app.errors import Busy, Conflict
from app.models import Team, User
from tests import factories


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(User)) or 0


@pytest.fixture
def impatient(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sessions]:
    """A second process's view of the database, that does not wait for locks."""
    monkeypatch.setattr(engines, "BUSY_SECONDS", 0)
    opened = open_database(database_url)
    yield opened
    opened.engine.dispose()


def write_one(sessions: Sessions, user_id: int) -> None:
    with sessions.write() as session:
        if sessions.dialect == "postgresql":
            session.execute(text("SET LOCAL lock_timeout = '1ms'"))
        session.execute(text('UPDATE "user" SET name = :n WHERE id = :i'), {"n": "x", "i": user_id})


def test_the_dialect_is_that_of_the_address(sessions: Sessions, database_url: str) -> None:
    assert database_url.startswith(sessions.dialect)


def test_what_is_written_is_there_for_the_next(sessions: Sessions) -> None:
    with sessions.write() as session:
        factories.user(session)
    with sessions.read() as session:
        assert count(session) == 1


def write_and_fail(sessions: Sessions) -> None:
    with sessions.write() as session:
        factories.user(session)
        raise Conflict


def test_an_exception_undoes_the_whole_transaction(sessions: Sessions) -> None:
    with pytest.raises(Conflict):
        write_and_fail(sessions)
    with sessions.read() as session:
        assert count(session) == 0


def test_a_reader_sees_one_snapshot(sessions: Sessions) -> None:
    with sessions.read() as reader:
        before = count(reader)
        with sessions.write() as writer:
            factories.user(writer)
        assert count(reader) == before
    with sessions.read() as later:
        assert count(later) == before + 1


def test_nothing_written_in_a_snapshot_survives(sqlite: Sessions) -> None:
    with sqlite.read() as session:
        factories.user(session)
    with sqlite.read() as session:
        assert count(session) == 0


def test_postgresql_refuses_to_write_in_a_snapshot(postgres_url: str) -> None:
    sessions = open_database(postgres_url)
    with pytest.raises(DBAPIError, match="read-only"), sessions.read() as session:
        factories.user(session)
    sessions.engine.dispose()


def test_postgresql_keeps_what_it_prepared_from_one_snapshot_to_the_next(postgres_url: str) -> None:
    sessions = open_database(postgres_url)
    for _ in range(10):
        with sessions.read() as session:
            count(session)
    with sessions.read() as session:
        kept = session.scalars(text("SELECT statement FROM pg_prepared_statements")).all()
    assert any('FROM "user"' in one for one in kept)
    sessions.engine.dispose()


def test_a_locked_database_is_busy(sessions: Sessions, impatient: Sessions) -> None:
    with sessions.write() as session:
        user_id = factories.user(session).id
    with sessions.write() as holder:
        holder.execute(text("""UPDATE "user" SET name = 'held'"""))
        with pytest.raises(Busy, match="the database is busy, please try again"):
            write_one(impatient, user_id)


def test_a_thread_that_gets_no_turn_on_sqlite_is_told_so(
    sqlite: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "BUSY_SECONDS", 0)
    with ThreadPoolExecutor(1) as other, sqlite.write():
        refused = other.submit(write_one, sqlite, 1).exception()
    assert isinstance(refused, Busy)
    write_one(sqlite, 1)


def test_a_thread_waits_for_its_turn_on_sqlite(sqlite: Sessions) -> None:
    with ThreadPoolExecutor(1) as other:
        with sqlite.write() as session:
            user_id = factories.user(session).id
            waiting = other.submit(write_one, sqlite, user_id)
        waiting.result()
    with sqlite.read() as session:
        assert session.get_one(User, user_id).name == "x"


def test_a_process_waits_for_its_turn_on_sqlite(sqlite: Sessions, sqlite_url: str) -> None:
    apart = open_database(sqlite_url)
    with ThreadPoolExecutor(1) as other:
        with sqlite.write() as session:
            user_id = factories.user(session).id
            waiting = other.submit(write_one, apart, user_id)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.1)
        waiting.result()
    apart.engine.dispose()
    with sqlite.read() as session:
        assert session.get_one(User, user_id).name == "x"


def rename(sessions: Sessions, user_ids: tuple[int, int], both_hold_one: Barrier) -> bool:
    """Rename two users in this order; whether the other side did not win."""
    try:
        with sessions.write() as session:
            session.get_one(User, user_ids[0]).name = "x"
            session.flush()
            both_hold_one.wait()
            session.get_one(User, user_ids[1]).name = "x"
    except Busy:
        return False
    return True


def test_two_writers_that_lock_each_other_out_end_with_one_of_them_busy(postgres_url: str) -> None:
    sessions = open_database(postgres_url)
    with sessions.write() as session:
        pair = factories.user(session).id, factories.user(session).id
    barrier = Barrier(2)
    with ThreadPoolExecutor(2) as both:
        crossing = [both.submit(rename, sessions, ids, barrier) for ids in (pair, pair[::-1])]
        won = sorted(done.result() for done in crossing)
    sessions.engine.dispose()
    assert won == [False, True]


def cut_and_go_on(opened: AbstractContextManager[Session], apart: Sessions) -> None:
    with opened as session, apart.read() as other:
        pid = session.scalar(text("SELECT pg_backend_pid()"))
        other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
        count(session)


@pytest.mark.parametrize("opened", [Sessions.read, Sessions.write])
def test_a_connection_that_is_cut_is_busy(
    postgres_url: str, opened: Callable[[Sessions], AbstractContextManager[Session]]
) -> None:
    sessions, apart = open_database(postgres_url), open_database(postgres_url)
    with pytest.raises(Busy):
        cut_and_go_on(opened(sessions), apart)
    with sessions.read() as session:
        assert count(session) == 0
    for engine in (sessions.engine, apart.engine):
        engine.dispose()


def test_a_database_that_is_free_again_is_written(sessions: Sessions, impatient: Sessions) -> None:
    with sessions.write() as session:
        user_id = factories.user(session).id
    write_one(impatient, user_id)
    with sessions.read() as session:
        assert session.get_one(User, user_id).name == "x"


def test_a_writer_on_sqlite_does_not_lock_readers_out(
    sqlite: Sessions, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "BUSY_SECONDS", 0)
    reader = open_database(sqlite_url)
    with sqlite.write() as holder:
        factories.user(holder)
        with reader.read() as session:
            assert count(session) == 0
    reader.engine.dispose()


def test_a_writer_that_reads_first_still_writes(sqlite: Sessions) -> None:
    """A deferred transaction would be refused here: the snapshot it read is no longer the last."""
    with sqlite.write() as session:
        before = count(session)
        factories.user(session)
        assert count(session) == before + 1


def test_what_is_not_a_lock_is_not_busy(sqlite: Sessions) -> None:
    with pytest.raises(OperationalError, match="no such table"), sqlite.write() as session:
        session.execute(text("SELECT * FROM nowhere"))


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("recursive_triggers", 1),
        ("busy_timeout", 5000),
        ("mmap_size", 0),
    ],
)
def test_every_connection_to_sqlite_is_set_up(
    sqlite: Sessions, pragma: str, value: str | int
) -> None:
    with sqlite.read() as session:
        assert session.execute(text(f"PRAGMA {pragma}")).scalar_one() == value


def test_postgresql_speaks_utc_and_waits_five_seconds_for_a_lock(postgres_url: str) -> None:
    sessions = open_database(postgres_url)
    with sessions.read() as session:
        settings = {
            name: session.execute(text(f"SHOW {name}")).scalar_one()
            for name in ("timezone", "lock_timeout")
        }
    sessions.engine.dispose()
    assert settings == {"timezone": "UTC", "lock_timeout": "5s"}


def test_a_row_that_somebody_else_wrote_first_is_a_conflict(sessions: Sessions) -> None:
    with sessions.write() as session:
        team = factories.team(session)
    with pytest.raises(Conflict), sessions.write() as session:
        session.add(Team(slug=team.slug, name="Another", created_at=factories.NOON))
