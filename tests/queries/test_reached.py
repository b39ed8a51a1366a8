"""What people reach of a directory is what the policy says of each of its contacts."""

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db import Sessions
from app.models import Contact
from app.models.kinds import Scope, SyncPolicy
from app.policy import Channel, Viewer, profile, visible
from app.queries import reached
from app.queries.reached import Reached
from tests import factories as make
from tests.factories import NOON
from tests.policy import drawing
from tests.policy.planting import Planter
from tests.policy.worlds import INSTANTS, Asker, Subject


def one_by_one(session: Session, viewer: Viewer, home: int, at: datetime) -> Reached:
    """The policy asked about every contact of the directory."""
    channel = Channel.CARDDAV if viewer.device_id else Channel.PORTAL
    widest = func.coalesce(func.max(profile(viewer, channel, at)), 0)
    query = select(func.count(), widest).select_from(Contact)
    query = query.where(Contact.directory_id == home, visible(viewer, channel, at))
    return Reached(*session.execute(query).one())


def agree(session: Session, viewers: list[Viewer], homes: list[int], at: datetime) -> list[Reached]:
    """What both ways say, which must be the same."""
    usable = {home: stock.usable for home, stock in reached.stocks(session, homes, at).items()}
    users = {viewer.user_id for viewer in viewers}
    found = reached.of_people(session, usable, users, at)
    asked = [(viewer, home) for viewer in viewers for home in homes]
    assert [found.get(way, Reached()) for way in asked] == [
        one_by_one(session, *way, at) for way in asked
    ]
    return [found.get(way, Reached()) for way in asked]


@settings(max_examples=15)
@given(
    pairs=st.lists(st.tuples(drawing.askers, drawing.subjects), min_size=1, max_size=2),
    at=st.sampled_from(INSTANTS),
)
def test_it_is_what_the_policy_says_of_each(
    sessions: Sessions, pairs: list[tuple[Asker, Subject]], at: datetime
) -> None:
    with Session(sessions.engine) as session:
        planter = Planter(session)
        stages = [planter.plant(asker, [subject]) for asker, subject in pairs]
        planter.write()
        homes = session.scalars(
            select(Contact.directory_id).where(
                Contact.id.in_([c for s in stages for c in s.worlds])
            )
        ).all()
        agree(session, [stage.viewer for stage in stages], list(homes), at)
        session.rollback()


@pytest.mark.parametrize("policy", SyncPolicy)
@pytest.mark.parametrize("scope", Scope)
def test_among_many_contacts_those_of_his_own_count_once(
    sessions: Sessions, policy: SyncPolicy, scope: Scope
) -> None:
    with sessions.write() as session:
        home = make.directory(session, sync_policy=policy)
        eva, jan = make.user(session), make.user(session)
        people = [make.contact(session, home) for _ in range(6)]
        make.contact(session, home, has_basis=False)
        make.restriction(session, people[0])
        make.grant(session, home, eva, scope=scope)
        for contact in people[:2]:
            make.assignment(session, contact, eva)
        project = make.project(session, allows_sync=True)
        for user in (eva, jan):
            make.member(session, project, user)
        for contact in people[1:4]:
            make.participation(session, project, contact)
        phones = [Viewer(u.id, make.device(session, u).id) for u in (eva, jan)]
        said = agree(session, [Viewer(eva.id), Viewer(jan.id), *phones], [home.id], NOON)
        assert [one.number for one in said[:2]] == [5 if scope is Scope.ALL else 3, 3]
