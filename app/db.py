"""The database: engine, sessions, declarative base, the Instant type. No table lives here."""

import importlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from types import ModuleType
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, Enum, MetaData, Text, create_engine, event
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator, TypeEngine
from typing_extensions import override

from app.errors import Busy, Conflict, Refused
from app.handed_out import HandOutLog
from app.keys import KeyRing

FOREVER = datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
"""The end of an interval that has none: NOT NULL keeps NULL out of the policy's clauses."""

BUSY_SECONDS = 5
_BUSY = "the database is busy, please try again"
_ASK_AGAIN_SECONDS = 0.002
WAL_LIMIT_BYTES = 64 * 1024 * 1024
CACHE_KIB = 8 * 1024
"""Of each connection. In SQLite's own 2 MB a search among 100 000 contacts reads pages twice."""


class Instant(TypeDecorator[datetime]):
    """An aware instant in UTC; a naive datetime is refused.

    Fixed-width text with microseconds on SQLite, where the order of texts must be the
    order of time; timestamptz on PostgreSQL.
    """

    impl = Text
    cache_ok = True

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TIMESTAMP(timezone=True))
        return dialect.type_descriptor(Text())

    @override
    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError(f"a naive datetime is no instant: {value!r}")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else instant_text(value)

    @override
    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        return datetime.fromisoformat(value)


def instant_text(value: datetime) -> str:
    """The fixed-width text of an instant, 27 characters, as SQLite stores it."""
    return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def enumerated(kind: type[StrEnum]) -> Enum:
    """A StrEnum column: stored by value as text, guarded by a named CHECK."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=40,
        name=kind.__name__.lower(),
        values_callable=lambda members: [str(member.value) for member in members],
    )


class Base(DeclarativeBase):
    """The root of all tables; names its constraints so that batch migrations can find them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Instant, str: Text}


def is_safe_sqlite(version: tuple[int, ...]) -> bool:
    """Whether this SQLite has the fix of the WAL-reset corruption bug.

    Fixed in 3.51.3 and back-ported to 3.50.7 and 3.44.6 (sqlite.org/wal.html#walresetbug).
    """
    return (
        version >= (3, 51, 3)
        or (version[:2] == (3, 50) and version >= (3, 50, 7))
        or (version[:2] == (3, 44) and version >= (3, 44, 6))
    )


def sqlite_module(candidates: tuple[str, ...] = ("pysqlite3", "sqlite3")) -> ModuleType:
    """The first SQLite driver that cannot corrupt the database.

    Raises Refused, naming PostgreSQL as the way out, where none is safe.
    """
    seen = []
    for name in candidates:
        try:
            module = importlib.import_module(name)
        except ImportError:
            continue
        if is_safe_sqlite(module.sqlite_version_info):
            return module
        seen.append(f"{name} {module.sqlite_version}")
    raise Refused(
        "no safe SQLite here (" + (", ".join(seen) or "none found") + "): versions below 3.51.3, "
        "3.50.7 or 3.44.6 can corrupt a database under several processes; install pysqlite3 "
        "or set KUSTOD_DATABASE_URL to a PostgreSQL database"
    )


@dataclass(frozen=True)
class Sessions:
    """Where sessions come from: a snapshot to read in, a transaction to write in.

    `handed_out` is the log beside the database that whoever serves phones keeps.
    """

    engine: Engine
    handed_out: HandOutLog | None = None
    _turn: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def marking(self, keys: Callable[[], KeyRing]) -> "Sessions":
        """The same, whose sessions know contact points by their keyed hashes."""
        self.engine.update_execution_options(kustod_keys=keys)
        return self

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.engine.dialect.name

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One snapshot; nothing written in it survives."""
        options: dict[str, Any] = {}
        if self.dialect == "postgresql":
            options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with _in_words(), Session(self.engine.execution_options(**options)) as session:
            yield session
            # After a ROLLBACK psycopg forgets its prepared statements, and PostgreSQL plans anew.
            if options and session.in_transaction():
                session.expunge_all()
                session.commit()

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction, committed at the end of the block, undone by any exception.

        Raises Busy when the database stays locked for more than five seconds or the way to it
        breaks, Conflict when the rows contradict what another transaction wrote meanwhile.
        """
        engine = self.engine.execution_options(kustod_write=True)
        with (
            _in_words(),
            self._one_at_a_time(),
            Session(engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        """On SQLite one thread of a process asks for the file, and the others wait for it here.

        Raises Busy after five seconds.
        """
        if self.dialect != "sqlite":
            yield
        elif self._turn.acquire(timeout=BUSY_SECONDS):
            try:
                yield
            finally:
                self._turn.release()
        else:
            raise Busy(_BUSY)


@contextmanager
def _in_words() -> Iterator[None]:
    """What a database says of others, as our errors: Busy where asking again is right."""
    try:
        yield
    except OperationalError as error:
        if _will_pass(error):
            raise Busy(_BUSY) from error
        raise
    except IntegrityError as error:
        raise Conflict("somebody else was faster; please look again") from error


def _will_pass(error: OperationalError) -> bool:
    """Whether it is a lock, a deadlock that another transaction won, or a connection cut off."""
    said = str(error.orig)
    words = ("locked", "lock timeout", "deadlock", "busy")
    return error.connection_invalidated or any(word in said for word in words)


_POSTGRESQL = " ".join(
    f"-c {setting}"
    for setting in (
        "lock_timeout=5s",
        "timezone=UTC",
        "jit=off",
        "max_parallel_workers_per_gather=0",
        "random_page_cost=1.1",
    )
)
"""An address book lies in memory, and its questions are short: to compile them or to call for
helpers takes longer than to ask, and the cost of a far page, meant for turning disks, would keep
PostgreSQL from small indexes."""


def open_database(url: str, handed_out: HandOutLog | None = None) -> Sessions:
    """Open `sqlite:///path` or `postgresql+psycopg://...`.

    The engine must be made after a fork, never before it. Who serves phones names the log of
    what they are handed.
    """
    if make_url(url).get_backend_name() == "sqlite":
        return Sessions(_sqlite_engine(url), handed_out)
    options = {"options": _POSTGRESQL}
    return Sessions(create_engine(url, pool_pre_ping=True, connect_args=options), handed_out)


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(url, module=sqlite_module(), connect_args={"timeout": BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def on_connect(dbapi_connection: Any, _record: object) -> None:
        # The driver's own BEGIN is deferred and late; ours is chosen in on_begin.
        dbapi_connection.isolation_level = None
        for pragma in (
            "journal_mode=wal",
            "synchronous=full",
            "foreign_keys=on",
            # Without it REPLACE deletes rows behind the back of the delete triggers.
            "recursive_triggers=on",
            f"journal_size_limit={WAL_LIMIT_BYTES}",
            f"cache_size=-{CACHE_KIB}",
        ):
            dbapi_connection.execute(f"pragma {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        # A deferred transaction that reads first gets "locked" at once, whatever the timeout.
        if connection.get_execution_options().get("kustod_write"):
            _begin_to_write(connection)
        else:
            connection.exec_driver_sql("BEGIN")

    return engine


def _begin_to_write(connection: Connection) -> None:
    """Begin as soon as the file is free; the error of the driver after five seconds.

    SQLite's own waiting sleeps longer and longer, up to a tenth of a second: under load, who
    has waited long finds the file free less and less often, and waits for seconds.
    """
    driver: Any = connection.connection.dbapi_connection
    until = time.monotonic() + BUSY_SECONDS
    driver.execute("pragma busy_timeout = 0")
    try:
        while time.monotonic() < until:
            try:
                driver.execute("BEGIN IMMEDIATE")
            except sqlite_module().OperationalError:
                time.sleep(_ASK_AGAIN_SECONDS)
            else:
                return
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        driver.execute(f"pragma busy_timeout = {BUSY_SECONDS * 1000}")
