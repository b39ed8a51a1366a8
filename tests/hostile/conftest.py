"""The portal of a small organisation and both its doors under one callable."""

from collections.abc import Iterator
from pathlib import Path
from wsgiref.types import WSGIApplication

import pytest

from app.db import Sessions
from app.guard import Guard
from tests.portal import Portal, open_portal
from wsgi import dispatch


@pytest.fixture
def portal(sqlite: Sessions, tmp_path: Path) -> Iterator[Portal]:
    opened = open_portal(sqlite, tmp_path)
    yield opened
    opened.gatherer.close()


@pytest.fixture
def both(portal: Portal) -> WSGIApplication:
    """The guard with both doors behind it, as the server mounts them."""
    settings = portal.app.extensions["kustod"].settings
    return Guard(dispatch(portal.app, portal.door), settings)
