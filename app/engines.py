"""The way to a database: which drivers are safe, and how their connections are set up."""

import importlib
import time
from types import ModuleType
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event

from app.errors import Refused

BUSY_SECONDS = 5
_ASK_AGAIN_SECONDS = 0.002
WAL_LIMIT_BYTES = 64 * 1024 * 1024
CACHE_KIB = 8 * 1024
"""Of each connection. In SQLite's own 2 MB a search among 100 000 contacts reads pages twice."""
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


def postgresql(url: str) -> Engine:
    """Open `postgresql+psycopg://...`.

    Parameters are numbered, as PostgreSQL itself numbers them: a statement goes out as it is,
    and psycopg need not read through the long ones each time.
    """
    import psycopg  # noqa: PLC0415 - who keeps SQLite need not load it

    options = {"options": _POSTGRESQL, "cursor_factory": psycopg.RawCursor}
    return create_engine(url, pool_pre_ping=True, paramstyle="numeric_dollar", connect_args=options)


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


def sqlite(url: str) -> Engine:
    """Open `sqlite:///path`; Refused where no driver is safe."""
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
