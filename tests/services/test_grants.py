import pytest

from app.db import FOREVER, Sessions
from app.errors import Invalid, NotFound, Refused
from app.models.kinds import Profile, Scope
from app.queries.directories import grants as listed
from app.services import accounts, grants, teams
from app.services.audit import OPERATOR
from app.services.grants import Holder, Terms
from tests.services.scene import DAY, NOON, acting, acts, colleague, directory, home, owner

READ = Terms(["read"])


def test_a_grant_gives_exactly_what_it_names(sessions: Sessions) -> None:
    terms = Terms(["sync", "manage"], "assigned", "minimal", "site", NOON + DAY, NOON + 2 * DAY)
    with sessions.write() as session:
        of, eva = home(session), colleague(session)
        row = grants.give(session, OPERATOR, of.id, Holder(eva.id), terms, NOON)
        held = (row.can_read, row.can_edit, row.can_sync, row.can_export, row.can_manage)
        assert held == (False, False, True, False, True)
        assert (row.scope, row.fields) == (Scope.ASSIGNED, Profile.MINIMAL)
        assert (row.valid_from, row.valid_until) == (NOON + DAY, NOON + 2 * DAY)
        assert row.reason == "site"
        assert acts(session, "grant.give") == 1
        last = listed(session, NOON)[-1]
        assert (last["to"], last["can"], last["fields"]) == (
            eva.email,
            ["sync", "manage"],
            "minimal",
        )
        assert [listed(session, at)[-1]["is_live"] for at in (NOON, NOON + DAY)] == [False, True]


def test_a_team_gets_one_and_begins_now_for_ever(sessions: Sessions) -> None:
    with sessions.write() as session:
        of, team = home(session), teams.add(session, OPERATOR, "t", "T", NOON)
        row = grants.give(session, OPERATOR, of.id, Holder(team_id=team.id), READ, NOON)
        assert (row.team_id, row.user_id, row.fields) == (team.id, None, Profile.BY_CHANNEL)
        assert (row.valid_from, row.valid_until) == (NOON, FOREVER)
        last = listed(session, NOON)[-1]
        assert (last["to"], last["on"], last["fields"]) == ("team:t", "home", None)


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        (Terms(["read", "fly"]), "can"),
        (Terms([]), "can"),
        (Terms(["read"], scope="some"), "scope"),
        (Terms(["read"], fields="every"), "fields"),
        (Terms(["read"], fields="by_channel"), "fields"),
        (Terms(["read"], valid_until=NOON), "until"),
        (Terms(["read"], valid_from=NOON + DAY, valid_until=NOON + DAY), "until"),
    ],
)
def test_terms_that_cannot_be(sqlite: Sessions, terms: Terms, field: str) -> None:
    with sqlite.write() as session:
        of, eva = home(session), colleague(session)
        with pytest.raises(Invalid) as refusal:
            grants.give(session, OPERATOR, of.id, Holder(eva.id), terms, NOON)
        assert refusal.value.field == field


def test_who_cannot_get_one(sessions: Sessions) -> None:
    with sessions.write() as session:
        of, eva = home(session), colleague(session)
        team = teams.add(session, OPERATOR, "t", "T", NOON)
        for holder in (Holder(), Holder(eva.id, team.id)):
            with pytest.raises(Invalid, match="one user or one team"):
                grants.give(session, OPERATOR, of.id, holder, READ, NOON)
        for holder in (Holder(99), Holder(team_id=99)):
            with pytest.raises(NotFound):
                grants.give(session, OPERATOR, of.id, holder, READ, NOON)
        with pytest.raises(NotFound, match="directory"):
            grants.give(session, OPERATOR, 99, Holder(eva.id), READ, NOON)
        accounts.disable_user(session, OPERATOR, eva.id, NOON)
        with pytest.raises(Refused, match="is disabled"):
            grants.give(session, OPERATOR, of.id, Holder(eva.id), READ, NOON)


def test_a_user_gives_only_where_he_manages(sessions: Sessions) -> None:
    with sessions.write() as session:
        olga = owner(session)
        of, eva = directory(session), colleague(session)
        with pytest.raises(Refused, match="decide who has access"):
            grants.give(session, acting(eva), of.id, Holder(eva.id), READ, NOON)
        row = grants.give(session, acting(olga), of.id, Holder(eva.id), READ, NOON)
        assert row.granted_by_id == olga.id


def test_taking_back_is_always_accepted(sessions: Sessions) -> None:
    with sessions.write() as session:
        of, eva = home(session), colleague(session)
        row = grants.give(session, OPERATOR, of.id, Holder(eva.id), READ, NOON)
        for at in (NOON + DAY, NOON + 2 * DAY):
            assert grants.end(session, OPERATOR, row.id, at).valid_until == NOON + DAY
        with pytest.raises(NotFound):
            grants.end(session, OPERATOR, 99, NOON)
        assert acts(session, "grant.end") == 2
