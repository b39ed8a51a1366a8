"""Two who take the same thing back at once, on PostgreSQL: the earlier end stays."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from app.db import Sessions, open_database
from app.models import Device, Grant, Project, ProjectMember
from app.services import devices, grants, projects
from app.services.audit import OPERATOR
from tests import factories as make
from tests.serve.running import until
from tests.services.locks import is_waiting
from tests.services.scene import NOON, SECOND

Act = Callable[[Session, datetime], object]


def _grant(session: Session) -> tuple[Act, Callable[[Session], datetime]]:
    row = make.grant(session, make.directory(session), make.user(session))
    return (
        lambda s, at: grants.end(s, OPERATOR, row.id, at),
        lambda s: s.get_one(Grant, row.id).valid_until,
    )


def _project(session: Session) -> tuple[Act, Callable[[Session], datetime]]:
    row = make.project(session)
    return (
        lambda s, at: projects.end(s, OPERATOR, row.id, at),
        lambda s: s.get_one(Project, row.id).ends_at,
    )


def _member(session: Session) -> tuple[Act, Callable[[Session], datetime]]:
    row = make.member(session, make.project(session), make.user(session))
    return (
        lambda s, at: projects.end_member(s, OPERATOR, row.project_id, row.user_id, at),
        lambda s: s.get_one(ProjectMember, row.id).valid_until,
    )


def _device(session: Session) -> tuple[Act, Callable[[Session], datetime]]:
    row = make.device(session, make.user(session))
    return (
        lambda s, at: devices.stop(s, OPERATOR, row.id, at),
        lambda s: s.get_one(Device, row.id).stopped_at,
    )


def _do(sessions: Sessions, act: Act, at: datetime) -> None:
    with sessions.write() as session:
        act(session, at)


@pytest.mark.parametrize("thing", [_grant, _project, _member, _device])
def test_the_earlier_end_stays(
    postgres_url: str, thing: Callable[[Session], tuple[Act, Callable[[Session], datetime]]]
) -> None:
    sessions = open_database(postgres_url)
    with sessions.write() as session:
        act, end_of = thing(session)
    with ThreadPoolExecutor(1) as other:
        with sessions.write() as session:
            act(session, NOON)
            session.flush()
            second = other.submit(_do, sessions, act, NOON + SECOND)
            until(lambda: is_waiting(sessions))
        second.result()
    with sessions.read() as session:
        assert end_of(session) == NOON
    sessions.engine.dispose()
