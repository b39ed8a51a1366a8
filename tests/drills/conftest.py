"""The form of the drills, and a PostgreSQL that keeps what it acknowledged."""

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, text

from tests.drills.drill import table
from tests.drills.forms import FULL, QUICK, Form


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="drills as large as they are promised")


@pytest.fixture
def form(request: pytest.FixtureRequest) -> Form:
    """The full form if it was asked for, else the quick one."""
    return FULL if request.config.getoption("--full") else QUICK


@pytest.fixture(scope="session")
def rows() -> Iterator[list[dict[str, str]]]:
    """The rows of the table, which is printed when all drills are over."""
    found: list[dict[str, str]] = []
    yield found
    if found:
        print("\n\n" + table(found))  # noqa: T201 - the report of the run


@pytest.fixture
def database_url(request: pytest.FixtureRequest, engine: str) -> Iterator[str]:
    """No address for SQLite in the site's folder; else a PostgreSQL that waits for the disk."""
    if engine == "sqlite":
        yield ""
        return
    address: str = request.getfixturevalue("postgres_url")
    _set_fsync(address, "on")
    yield address
    _set_fsync(address, "off")


def _set_fsync(address: str, value: str) -> None:
    """Of the whole server, which the other tests keep from waiting for the disk."""
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"ALTER SYSTEM SET fsync = {value}"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()
