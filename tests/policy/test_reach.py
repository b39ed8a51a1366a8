"""Whatever is visible lies within reach, in every world that can be drawn."""

from datetime import timedelta

from sqlalchemy import or_, select

from app.db import Sessions
from app.models import Contact
from app.models.kinds import Scope
from app.policy import (
    Channel,
    Viewer,
    contacts_of_projects,
    directories_in_reach,
    visible,
)
from tests import factories as make
from tests.factories import NOON


def test_what_is_visible_lies_within_reach(sessions: Sessions) -> None:
    with sessions.write() as session:
        eva, jan = make.user(session), make.user(session)
        team = make.team(session, eva)
        homes = [make.directory(session) for _ in range(5)]
        contacts = [make.contact(session, home) for home in homes for _ in range(2)]
        foreign = make.contact(session, homes[4])
        make.grant(session, homes[0], eva)
        make.grant(session, homes[1], team, can="read")
        make.grant(session, homes[2], eva, scope=Scope.ASSIGNED)
        make.grant(session, homes[3], eva, end=NOON)
        make.grant(session, homes[4], jan)
        make.assignment(session, contacts[4], eva)
        over, running = make.project(session, end=NOON), make.project(session)
        for project, contact in ((over, contacts[8]), (running, contacts[9])):
            make.member(session, project, eva)
            make.participation(session, project, contact)
        viewer = Viewer(eva.id)
    for at in (NOON - timedelta(days=1), NOON):
        with sessions.read() as session:
            seen = set(
                session.scalars(select(Contact.id).where(visible(viewer, Channel.PORTAL, at)))
            )
            reached = or_(
                Contact.directory_id.in_(directories_in_reach(viewer, at)),
                Contact.id.in_(contacts_of_projects(viewer, at)),
            )
            within = set(session.scalars(select(Contact.id).where(reached)))
        assert seen <= within
        assert foreign.id not in within
        assert (contacts[8].id in seen) == (at < NOON)
