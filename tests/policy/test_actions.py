"""Who may do what with a directory as a whole, against the sentence in plain Python."""

from dataclasses import dataclass
from datetime import datetime
from itertools import product

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Sessions
from app.models import Directory, SuspensionKind, Team, TeamMember, User
from app.models.kinds import Scope
from app.policy import Action, Viewer, allowed
from tests import factories
from tests.factories import NOON
from tests.policy.worlds import ALWAYS, EARLY, INSTANTS, LATE, PERIODS, GrantFact, Holder, Period

NEEDED = {
    Action.EDIT: "edit",
    Action.SYNC: "sync",
    Action.EXPORT: "export",
    Action.MANAGE: "manage",
    Action.SHARE: "manage",
}
HOLDERS = (
    *((holder, ALWAYS) for holder in Holder),
    (Holder.TEAM, EARLY),
    (Holder.TEAM, LATE),
)


def may(grant: GrantFact, action: Action, at: datetime) -> bool:
    """A live grant to him or to a team of his, on the whole directory, with that right."""
    is_held = grant.holder is Holder.VIEWER or (
        grant.holder is Holder.TEAM and grant.membership.holds(at)
    )
    has_right = NEEDED[action] in grant.rights
    return is_held and has_right and grant.scope is Scope.ALL and grant.period.holds(at)


@dataclass(frozen=True)
class Cast:
    """Eva asks; Olga is somebody else, barred from everything."""

    eva: User
    teams: dict[tuple[Holder, Period], User | Team]


def cast(session: Session) -> Cast:
    eva, olga = factories.user(session), factories.user(session, "Olga")
    for kind in SuspensionKind:
        factories.suspension(session, olga, kind)
    holders: dict[tuple[Holder, Period], User | Team] = {
        (Holder.VIEWER, ALWAYS): eva,
        (Holder.OTHER, ALWAYS): olga,
        (Holder.OTHER_TEAM, ALWAYS): factories.team(session, olga),
    }
    for period in PERIODS:
        team = factories.team(session, olga)
        joined = TeamMember(team_id=team.id, user_id=eva.id)
        joined.valid_from, joined.valid_until = period.start, period.end
        session.add(joined)
        holders[Holder.TEAM, period] = team
    return Cast(eva, holders)


def plant(session: Session) -> tuple[Viewer, dict[int, GrantFact]]:
    people = cast(session)
    grants = {}
    for (holder, membership), right, scope, period in product(
        HOLDERS, ("read", *sorted(set(NEEDED.values()))), Scope, PERIODS
    ):
        home = factories.directory(session)
        to = people.teams[holder, membership]
        factories.grant(
            session, home, to, can=right, scope=scope, start=period.start, end=period.end
        )
        grants[home.id] = GrantFact(holder, frozenset({right}), scope, period, membership)
    return Viewer(people.eva.id), grants


def test_a_right_over_a_directory_is_what_the_sentence_says(sessions: Sessions) -> None:
    with Session(sessions.engine) as session:
        viewer, grants = plant(session)
        for action, at in product(Action, INSTANTS):
            query = select(Directory.id, allowed(viewer, action, at))
            found = {row[0]: row[1] for row in session.execute(query)}
            assert found == {home: may(grant, action, at) for home, grant in grants.items()}


@pytest.mark.parametrize("action", Action)
def test_a_disabled_account_may_nothing(sessions: Sessions, action: Action) -> None:
    with Session(sessions.engine) as session:
        eva, home = factories.user(session), factories.directory(session)
        factories.grant(session, home, eva, can="edit,sync,export,manage")
        query = select(allowed(Viewer(eva.id), action, NOON)).select_from(Directory)
        before = session.execute(query).scalar_one()
        factories.suspension(session, eva, SuspensionKind.DISABLED, NOON)
        after = session.execute(query).scalar_one()
    assert (before, after) == (True, False)


def test_an_account_that_was_disabled_once_may_again(sqlite: Sessions) -> None:
    with Session(sqlite.engine) as session:
        eva, home = factories.user(session), factories.directory(session)
        factories.grant(session, home, eva, can="manage")
        factories.suspension(session, eva, SuspensionKind.DISABLED, end=NOON)
        query = select(allowed(Viewer(eva.id), Action.MANAGE, NOON)).select_from(Directory)
        assert session.execute(query).scalar_one()


def test_stopped_sync_takes_no_right_over_a_directory(sqlite: Sessions) -> None:
    with Session(sqlite.engine) as session:
        eva, home = factories.user(session), factories.directory(session)
        factories.grant(session, home, eva, can="manage")
        factories.suspension(session, eva, SuspensionKind.SYNC)
        query = select(allowed(Viewer(eva.id), Action.MANAGE, NOON)).select_from(Directory)
        assert session.execute(query).scalar_one()
