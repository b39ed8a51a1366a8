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


def test_an_end_moves_to_an_earlier_day_without_a_question(sessions: Sessions) -> None:
    with sessions.write() as session:
        of, eva = home(session), colleague(session)
        terms = Terms(["read"], valid_until=NOON + 9 * DAY)
        row = grants.give(session, OPERATOR, of.id, Holder(eva.id), terms, NOON)
        ends = [
            grants.shorten(session, acting(eva), row.id, until, NOON + DAY).valid_until
            for until in (NOON + 5 * DAY, NOON + 7 * DAY, NOON - DAY)
        ]
        assert ends == [NOON + 5 * DAY, NOON + 5 * DAY, NOON + DAY]
        assert acts(session, "grant.shorten") == 3
        with pytest.raises(NotFound):
            grants.shorten(session, OPERATOR, 99, NOON, NOON)


def test_a_later_end_is_given_anew_with_its_own_reason(sessions: Sessions) -> None:
    terms = Terms(["read", "sync"], "assigned", "minimal", "site", valid_until=NOON + 9 * DAY)
    with sessions.write() as session:
        olga = owner(session)
        of, eva = directory(session), colleague(session)
        old = grants.give(session, OPERATOR, of.id, Holder(eva.id), terms, NOON)
        later = (NOON + 20 * DAY, "goes on", NOON + DAY)
        with pytest.raises(Refused, match="decide who has access"):
            grants.extend(session, acting(eva), old.id, *later)
        new = grants.extend(session, acting(olga), old.id, *later)
        assert (old.valid_until, new.valid_from) == (NOON + DAY, NOON + DAY)
        assert (new.valid_until, new.reason, new.granted_by_id) == (*later[:2], olga.id)
        assert (new.can_read, new.can_sync, new.can_edit) == (True, True, False)
        assert (new.scope, new.fields, new.user_id) == (Scope.ASSIGNED, Profile.MINIMAL, eva.id)


def test_what_has_not_begun_is_extended_from_its_beginning(sessions: Sessions) -> None:
    terms = Terms(["read"], valid_from=NOON + 5 * DAY, valid_until=NOON + 9 * DAY)
    with sessions.write() as session:
        of, eva = home(session), colleague(session)
        old = grants.give(session, OPERATOR, of.id, Holder(eva.id), terms, NOON)
        new = grants.extend(session, OPERATOR, old.id, FOREVER, "goes on", NOON)
        assert (new.valid_from, new.valid_until) == (NOON + 5 * DAY, FOREVER)
        assert (new.fields, old.valid_until) == (Profile.BY_CHANNEL, old.valid_from)


def test_what_cannot_be_extended(sessions: Sessions) -> None:
    with sessions.write() as session:
        of, eva = home(session), colleague(session)
        terms = Terms(["read"], valid_until=NOON + 9 * DAY)
        row = grants.give(session, OPERATOR, of.id, Holder(eva.id), terms, NOON)
        with pytest.raises(Invalid, match="not later"):
            grants.extend(session, OPERATOR, row.id, NOON + 9 * DAY, "x", NOON)
        with pytest.raises(Refused, match="is over"):
            grants.extend(session, OPERATOR, row.id, FOREVER, "x", NOON + 9 * DAY)
