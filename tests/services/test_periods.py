from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import FOREVER, Sessions
from app.models import TeamMember
from app.services import periods
from tests import factories
from tests.services.scene import DAY, NOON, SECOND

Span = tuple[datetime, datetime]


def _settle(session: Session, before: list[Span], span: Span) -> list[Span]:
    """What becomes of the periods of one membership when `span` is made the only one."""
    team, user = factories.team(session), factories.user(session)

    def make(start: datetime, until: datetime) -> TeamMember:
        row = TeamMember(team_id=team.id, user_id=user.id, valid_from=start, valid_until=until)
        session.add(row)
        return row

    for start, until in before:
        make(start, until)
    session.flush()
    periods.settle(periods.unfinished(session, TeamMember, NOON), span, NOON, make)
    session.flush()
    rows = session.scalars(select(TeamMember).order_by(TeamMember.id))
    return [(row.valid_from, row.valid_until) for row in rows]


AGO, LATER, MUCH_LATER = NOON - DAY, NOON + DAY, NOON + 2 * DAY


@pytest.mark.parametrize(
    ("before", "span", "after"),
    [
        ([], (NOON, FOREVER), [(NOON, FOREVER)]),
        ([(AGO, FOREVER)], (NOON, LATER), [(AGO, LATER)]),
        ([(AGO, LATER)], (NOON, FOREVER), [(AGO, FOREVER)]),
        ([(AGO, FOREVER)], (AGO, AGO + SECOND), [(AGO, NOON)]),
        ([(AGO, FOREVER)], (LATER, MUCH_LATER), [(AGO, NOON), (LATER, MUCH_LATER)]),
        ([(LATER, FOREVER)], (NOON, FOREVER), [(LATER, LATER), (NOON, FOREVER)]),
        ([(AGO, LATER), (LATER, FOREVER)], (NOON, LATER), [(AGO, LATER), (LATER, LATER)]),
        ([(AGO, NOON)], (NOON, FOREVER), [(AGO, NOON), (NOON, FOREVER)]),
    ],
)
def test_from_now_on_there_is_one_period_and_the_past_stays(
    sqlite: Sessions, before: list[Span], span: Span, after: list[Span]
) -> None:
    with sqlite.write() as session:
        assert _settle(session, before, span) == after


def test_an_end_keeps_an_earlier_end_and_counts_the_others(sessions: Sessions) -> None:
    with sessions.write() as session:
        user = factories.user(session)
        team = factories.team(session, user, user, user)
        rows = session.scalars(select(TeamMember).order_by(TeamMember.id)).all()
        rows[0].valid_until = AGO
        rows[1].valid_from = LATER
        session.flush()
        assert periods.end(rows, NOON) == 2
        assert [row.valid_until for row in rows] == [AGO, LATER, NOON]
        assert periods.end(rows, NOON + timedelta(hours=1)) == 1  # the one that begins later
        assert periods.unfinished(session, TeamMember, LATER, TeamMember.team_id == team.id) == []
