"""What reading leaves behind: written soon, in batches, and kept while the database is busy."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from typing_extensions import override

from app.db import Sessions
from app.errors import Busy
from app.models import Consultation, WebSession
from app.services import sessions as commands
from app.services.consultations import Gatherer
from tests import factories as make
from tests.factories import NOON


@pytest.fixture
def gatherer(sessions: Sessions) -> Iterator[Gatherer]:
    opened = Gatherer(sessions)
    yield opened
    opened.close()


def contacts(sessions: Sessions) -> dict[str, int]:
    with sessions.write() as session:
        home = make.directory(session)
        rows = [make.contact(session, home) for _ in range(2)]
        return {row.public_id: row.id for row in rows}


def written(sessions: Sessions) -> int:
    with sessions.read() as session:
        return session.scalar(select(func.count()).select_from(Consultation)) or 0


def eventually(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if holds():
            return True
    return False


def test_what_was_shown_is_written_by_itself(sessions: Sessions, gatherer: Gatherer) -> None:
    ids = contacts(sessions)
    gatherer.shown(7, "contacts", [*ids, "gone"], NOON)
    gatherer.shown(7, "contacts", [], NOON)
    assert eventually(lambda: written(sessions) == 1)
    with sessions.read() as session:
        row = session.scalars(select(Consultation)).one()
        assert (row.user_id, row.page, row.at) == (7, "contacts", NOON)
        assert row.contact_ids == list(ids.values())


def test_a_session_is_only_ever_seen_later(sessions: Sessions, gatherer: Gatherer) -> None:
    with sessions.write() as session:
        commands.sign_in(session, make.user(session).id, "", NOON)
        session_id = session.scalars(select(WebSession.id)).one()
    for minutes in (5, -5):
        gatherer.seen(session_id, NOON + timedelta(minutes=minutes))
        gatherer.flush()
    with sessions.read() as session:
        assert session.get_one(WebSession, session_id).seen_at == NOON + timedelta(minutes=5)


class Locked(Sessions):
    """A database that somebody else holds."""

    @override
    @contextmanager
    def write(self) -> Iterator[Session]:
        raise Busy("locked")
        yield


def test_a_busy_database_loses_nothing(sessions: Sessions) -> None:
    ids = contacts(sessions)
    gatherer = Gatherer(Locked(sessions.engine))
    gatherer.shown(7, "contacts", list(ids), NOON)
    gatherer.seen(1, NOON)
    gatherer.flush()
    assert written(sessions) == 0
    gatherer._sessions = sessions
    gatherer.close()
    assert written(sessions) == 1


def test_a_database_that_stays_busy_costs_the_oldest(sessions: Sessions) -> None:
    ids = contacts(sessions)
    gatherer = Gatherer(Locked(sessions.engine), kept=2)
    for user_id in (1, 2, 3):
        gatherer.shown(user_id, "contacts", list(ids), NOON)
    gatherer._sessions = sessions
    gatherer.close()
    with sessions.read() as session:
        assert set(session.scalars(select(Consultation.user_id))) == {2, 3}


def test_what_comes_after_the_end_is_written_by_the_next_flush(sessions: Sessions) -> None:
    gatherer = Gatherer(sessions)
    gatherer.close()
    gatherer.shown(7, "contacts", list(contacts(sessions)), NOON)
    gatherer.flush()
    assert written(sessions) == 1
