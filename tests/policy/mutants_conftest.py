"""Stands in for tests/conftest.py in the copy that the mutants are run in: SQLite, no triggers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import app.models  # noqa: F401 - fills the metadata
from app.db import Base, Sessions, open_database


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Sessions]:
    opened = open_database(f"sqlite:///{tmp_path / 'kustod.db'}")
    Base.metadata.create_all(opened.engine)
    yield opened
    opened.engine.dispose()


@pytest.fixture
def sessions(sqlite: Sessions) -> Sessions:
    return sqlite
