import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Sessions
from app.errors import Invalid, NotFound, Refused
from app.models import Grant, RoleName, User
from app.queries import people as readers
from app.services import accounts, people, ranks, teams
from app.services.accounts import NewUser
from app.services.audit import OPERATOR
from tests import factories
from tests.services.scene import DAY, NOON, acting, acts, colleague, owner


def user(session: Session, *roles: str) -> User:
    new = NewUser(f"{'-'.join(roles)}@example.org", "Adam", roles)
    return accounts.add_user(session, OPERATOR, new, NOON)


def test_roles_are_replaced_and_said_what_changed(sessions: Sessions) -> None:
    with sessions.write() as session:
        olga, eva = owner(session), colleague(session)
        moved = people.set_roles(session, acting(olga), eva.id, ["dpo", "staff"], NOON)
        assert moved == {RoleName.DPO}
        assert ranks.of_user(session, eva.id) == {RoleName.DPO, RoleName.STAFF}
        moved = people.set_roles(session, acting(olga), eva.id, ["admin"], NOON)
        assert moved == {RoleName.DPO, RoleName.STAFF, RoleName.ADMIN}
        assert ranks.of_user(session, eva.id) == {RoleName.ADMIN}
        assert acts(session, "user.set_roles") == 2


@pytest.mark.parametrize("names", [[], ["king"]])
def test_a_role_that_is_none_is_named(sqlite: Sessions, names: list[str]) -> None:
    with sqlite.write() as session:
        eva = colleague(session)
        with pytest.raises(Invalid) as refusal:
            people.set_roles(session, OPERATOR, eva.id, names, NOON)
        assert refusal.value.field == "role"
        with pytest.raises(NotFound):
            people.set_roles(session, OPERATOR, 0, ["staff"], NOON)


def test_the_last_owner_stays_one(sessions: Sessions) -> None:
    with sessions.write() as session:
        olga = owner(session)
        with pytest.raises(Refused, match="last owner"):
            people.set_roles(session, acting(olga), olga.id, ["staff"], NOON)
        another = owner(session, "other@example.org")
        people.set_roles(session, acting(olga), olga.id, ["staff"], NOON)
        assert ranks.of_user(session, olga.id) == {RoleName.STAFF}
        assert accounts.first_owner(session, NOON) == another


def test_an_administrator_does_not_touch_owners_and_the_dpo(sqlite: Sessions) -> None:
    with sqlite.write() as session:
        olga, adam, eva = owner(session), user(session, "admin"), colleague(session)
        by, dora = acting(adam), user(session, "dpo")
        for one in (olga, dora):
            with pytest.raises(Refused, match="only an owner"):
                people.rename(session, by, one.id, "Other", NOON)
            with pytest.raises(Refused, match="only an owner"):
                accounts.set_password(session, by, one.id, "correct horse battery", NOON)
            with pytest.raises(Refused, match="only an owner"):
                accounts.change_email(session, by, one.id, "new@example.org", NOON)
            with pytest.raises(Refused, match="only an owner"):
                people.enable_user(session, by, one.id, NOON)
        for who in (eva, adam):
            with pytest.raises(Refused, match="only an owner"):
                people.set_roles(session, by, who.id, ["owner"], NOON)
        with pytest.raises(Refused, match="only an owner"):
            accounts.add_user(session, by, NewUser("x@example.org", "X", ["dpo"]), NOON)
        assert people.rename(session, by, eva.id, " Eva  Nová ", NOON).name == "Eva Nová"
        accounts.set_password(session, acting(dora), dora.id, "correct horse battery", NOON)


def test_an_owner_who_is_disabled_decides_nothing(sqlite: Sessions) -> None:
    with sqlite.write() as session:
        former, olga = owner(session), owner(session, "other@example.org")
        accounts.disable_user(session, OPERATOR, former.id, NOON)
        with pytest.raises(Refused):
            people.set_roles(session, acting(former), olga.id, ["owner", "dpo"], NOON)


def test_nobody_but_an_owner_lets_himself_into_a_team(sqlite: Sessions) -> None:
    with sqlite.write() as session:
        olga, adam = owner(session), user(session, "admin")
        team = teams.add(session, acting(adam), "stavba", "Stavba", NOON)
        with pytest.raises(Refused, match="lets himself into a team"):
            teams.set_member(session, acting(adam), team.id, adam.id, NOON)
        teams.set_member(session, acting(adam), team.id, olga.id, NOON)
        teams.set_member(session, acting(olga), team.id, olga.id, NOON, valid_until=NOON + DAY)


def test_whoever_may_sign_in_again_gets_nothing_back(sessions: Sessions) -> None:
    with sessions.write() as session:
        owner(session)
        eva, home = colleague(session), factories.directory(session)
        factories.grant(session, home, eva)
        accounts.disable_user(session, OPERATOR, eva.id, NOON)
        for _ in range(2):
            people.enable_user(session, OPERATOR, eva.id, NOON + DAY)
        found = readers.colleague(session, eva.id, NOON + DAY)
        assert found is not None
        assert found.disabled_since is None
        before = readers.colleague(session, eva.id, NOON)
        assert before is not None
        assert before.disabled_since == NOON
        assert session.scalars(select(Grant.valid_until)).one() == NOON
        accounts.disable_user(session, OPERATOR, eva.id, NOON + 2 * DAY)
        again = readers.colleague(session, eva.id, NOON + 2 * DAY)
        assert again is not None
        assert again.disabled_since == NOON + 2 * DAY
