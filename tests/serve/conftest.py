from collections.abc import Iterator
from pathlib import Path

import pytest

from app.settings import Settings
from tests.serve.running import Running, instance


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Running]:
    """One server without the worker process, for all tests of a module."""
    running = Running(instance(tmp_path_factory.mktemp("instance"), sqlite_template))
    yield running
    running.stop()


@pytest.fixture
def settings(tmp_path: Path, sqlite_template: Path) -> Settings:
    """An initialised instance of its own."""
    return instance(tmp_path, sqlite_template)
