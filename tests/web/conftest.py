"""The portal of a small organisation, and its people at their browsers."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.db import Sessions
from app.models import User
from app.services import sessions
from tests.portal import Portal, open_portal
from tests.web.browser import Browser

SignIn = Callable[[User], Browser]


@pytest.fixture
def portal(sqlite: Sessions, tmp_path: Path) -> Iterator[Portal]:
    """On SQLite; what depends on the engine is tested with the services and queries."""
    opened = open_portal(sqlite, tmp_path)
    yield opened
    opened.gatherer.close()


@pytest.fixture
def browser(portal: Portal) -> Browser:
    """Nobody in particular."""
    return Browser(portal)


@pytest.fixture
def eva(portal: Portal) -> Browser:
    """Eva, signed in: a grant of her own."""
    return signed_in(portal, portal.eva)


@pytest.fixture
def jan(portal: Portal) -> Browser:
    """Jan, signed in: a grant through his team."""
    return signed_in(portal, portal.jan)


@pytest.fixture
def dana(portal: Portal) -> Browser:
    """Dana, signed in: a stranger to all contacts."""
    return signed_in(portal, portal.dana)


def signed_in(portal: Portal, user: User) -> Browser:
    """A browser with a session, without the long way through the form."""
    browser = Browser(portal)
    with portal.sessions.write() as session:
        token = sessions.sign_in(session, user.id, "test", portal.clock.now())
    browser.client.set_cookie("kustod-dev", token, domain="127.0.0.1")
    return browser
