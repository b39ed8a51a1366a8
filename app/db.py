"""The database: engine, sessions, declarative base, the Instant type. No table lives here."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Dialect, Engine, Enum, MetaData, Text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator, TypeEngine
from typing_extensions import override

from app import engines
from app.errors import Busy, Conflict
from app.handed_out import HandOutLog
from app.keys import KeyRing

FOREVER = datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
"""The end of an interval that has none: NOT NULL keeps NULL out of the policy's clauses."""

_BUSY = "the database is busy, please try again"


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


class _Kept(threading.local):
    """The snapshot that a thread goes on reading in."""

    stack: ExitStack | None = None
    session: Session | None = None


@dataclass(frozen=True)
class Sessions:
    """Where sessions come from: a snapshot to read in, a transaction to write in.

    `handed_out` is the log beside the database that whoever serves phones keeps.
    """

    engine: Engine
    handed_out: HandOutLog | None = None
    _turn: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)
    _kept: _Kept = field(default_factory=_Kept, repr=False, compare=False)

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
        """One snapshot; nothing written in it survives. Inside `one_snapshot`, that one."""
        kept = self._kept
        if kept.stack is None:
            with self._snapshot() as session:
                yield session
            return
        if kept.session is None:
            kept.session = kept.stack.enter_context(self._snapshot())
        try:
            with _in_words():
                yield kept.session
        except BaseException:
            # A transaction that failed answers nothing more; the page of the error asks anew.
            if kept.session is not None:
                kept.session.close()
            kept.session = None
            raise

    @contextmanager
    def one_snapshot(self) -> Iterator[None]:
        """Whatever this thread reads inside the block, it reads in one snapshot.

        It begins with the first question. What is written inside is not seen there.
        """
        with ExitStack() as stack:
            self._kept.stack = stack
            try:
                yield
            finally:
                self._kept.stack = self._kept.session = None

    @contextmanager
    def _snapshot(self) -> Iterator[Session]:
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
        elif self._turn.acquire(timeout=engines.BUSY_SECONDS):
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


def open_database(url: str, handed_out: HandOutLog | None = None) -> Sessions:
    """Open `sqlite:///path` or `postgresql+psycopg://...`.

    The engine must be made after a fork, never before it. Who serves phones names the log of
    what they are handed.
    """
    if make_url(url).get_backend_name() == "sqlite":
        return Sessions(engines.sqlite(url), handed_out)
    return Sessions(engines.postgresql(url), handed_out)
