import pytest

from app.db import Sessions
from app.errors import Conflict, Invalid, NotFound, Refused
from app.queries.accounts import teams as listed
from app.services import accounts, teams
from app.services.audit import OPERATOR
from tests.services.scene import DAY, NOON, acts, colleague, owner


def test_a_slug_belongs_to_one_team(sessions: Sessions) -> None:
    with sessions.write() as session:
        teams.add(session, OPERATOR, "stavba", "Stavba", NOON)
        with pytest.raises(Conflict, match="stavba is there already"):
            teams.add(session, OPERATOR, "stavba", "Jiná", NOON)
        with pytest.raises(Invalid):
            teams.add(session, OPERATOR, "Jiná", "Jiná", NOON)
        teams.add(session, OPERATOR, "jina", "Jiná", NOON)
        assert acts(session, "team.add") == 2


def test_a_member_belongs_for_his_period_only(sessions: Sessions) -> None:
    with sessions.write() as session:
        eva = colleague(session)
        team = teams.add(session, OPERATOR, "stavba", "Stavba", NOON)
        teams.set_member(session, OPERATOR, team.id, eva.id, NOON, valid_until=NOON + 2 * DAY)
        for at, members in (
            (NOON - DAY, []),
            (NOON, [eva.email]),
            (NOON + DAY, [eva.email]),
            (NOON + 2 * DAY, []),
        ):
            assert listed(session, at)[0]["members"] == members
        teams.end_member(session, OPERATOR, team.id, eva.id, NOON + DAY)
        teams.end_member(session, OPERATOR, team.id, eva.id, NOON + DAY)
        assert listed(session, NOON + DAY)[0]["members"] == []
        assert acts(session, "team.set_member") == 1
        assert acts(session, "team.end_member") == 2


def test_who_cannot_become_a_member(sessions: Sessions) -> None:
    with sessions.write() as session:
        owner(session)
        eva = colleague(session)
        team = teams.add(session, OPERATOR, "stavba", "Stavba", NOON)
        with pytest.raises(Invalid, match="until"):
            teams.set_member(session, OPERATOR, team.id, eva.id, NOON, valid_until=NOON)
        with pytest.raises(NotFound, match="team"):
            teams.set_member(session, OPERATOR, 0, eva.id, NOON)
        accounts.disable_user(session, OPERATOR, eva.id, NOON)
        with pytest.raises(Refused, match="is disabled"):
            teams.set_member(session, OPERATOR, team.id, eva.id, NOON)
