"""One database an engine for the tests that undo all they write."""

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.db import Sessions, open_database
from tests.conftest import _administer, _postgres_url


@pytest.fixture(scope="module")
def shared_sqlite_url(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("shared") / "kustod.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="module")
def shared_postgres_url(postgres_address: str, postgres_template: str) -> Iterator[str]:
    name = f"t_{uuid.uuid4().hex}"
    _administer(postgres_address, f"CREATE DATABASE {name} TEMPLATE {postgres_template}")
    yield _postgres_url(postgres_address, name)
    _administer(postgres_address, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared(request: pytest.FixtureRequest) -> Iterator[Sessions]:
    name = "shared_sqlite_url" if request.param == "sqlite" else "shared_postgres_url"
    opened = open_database(request.getfixturevalue(name))
    yield opened
    opened.engine.dispose()
