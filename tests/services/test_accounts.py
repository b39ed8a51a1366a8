import pytest
from sqlalchemy import select

from app import keys
from app.db import FOREVER, Sessions
from app.errors import Conflict, Invalid, NotFound, Refused
from app.models import (
    Assignment,
    Device,
    LoginName,
    ProjectMember,
    RoleName,
    Suspension,
    TeamMember,
    UserRole,
    WebSession,
)
from app.services import accounts, devices
from app.services import sessions as web_sessions
from app.services.accounts import NewUser
from app.services.audit import OPERATOR
from app.tokens import is_password
from tests import factories
from tests.services.scene import DAY, NOON, acts, colleague, owner


def test_a_user_is_added_with_roles_login_name_and_password(sessions: Sessions) -> None:
    new = NewUser(" Eva@Příklad.cz", "Eva  Nováková", ["dpo", "staff"], "correct horse battery")
    with sessions.write() as session:
        user = accounts.add_user(session, OPERATOR, new, NOON)
        assert (user.email, user.name) == ("eva@xn--pklad-zsa96e.cz", "Eva Nováková")
        assert is_password(user.password_hash, "correct horse battery")
        roles = session.scalars(select(UserRole.role).where(UserRole.user_id == user.id))
        assert set(roles) == {RoleName.DPO, RoleName.STAFF}
        names = session.scalars(select(LoginName.name).where(LoginName.user_id == user.id))
        assert set(names) == {"eva@příklad.cz", "eva@xn--pklad-zsa96e.cz"}
        assert acts(session) == acts(session, "user.add") == 1


def test_without_a_password_nobody_can_sign_in(sqlite: Sessions) -> None:
    with sqlite.write() as session:
        assert colleague(session).password_hash == ""


def test_an_address_belongs_to_one_user_however_it_is_spelled(sessions: Sessions) -> None:
    with sessions.write() as session:
        colleague(session)
        with pytest.raises(Conflict, match="is a user already"):
            colleague(session, "EVA@example.org")
        colleague(session, "eva2@example.org")


@pytest.mark.parametrize(
    ("new", "field"),
    [
        (NewUser("eva", "Eva"), "email"),
        (NewUser("eva@example.org", " "), "name"),
        (NewUser("eva@example.org", "Eva", ["king"]), "role"),
        (NewUser("eva@example.org", "Eva", password="short"), "password"),
        (NewUser("eva@example.org", "Eva", password="x" * 257), "password"),
    ],
)
def test_what_cannot_be_used_is_named(sqlite: Sessions, new: NewUser, field: str) -> None:
    with sqlite.write() as session, pytest.raises(Invalid) as refusal:
        accounts.add_user(session, OPERATOR, new, NOON)
    assert refusal.value.field == field


def test_former_addresses_stay_login_names(sessions: Sessions) -> None:
    with sessions.write() as session:
        user, other = colleague(session), colleague(session, "jan@example.org")
        accounts.change_email(session, OPERATOR, user.id, "Eva.Nova@example.org", NOON)
        accounts.change_email(session, OPERATOR, user.id, "eva.nova@example.org", NOON)
        assert user.email == "eva.nova@example.org"
        names = session.scalars(select(LoginName.name).where(LoginName.user_id == user.id))
        assert set(names) == {"eva@example.org", "eva.nova@example.org"}
        with pytest.raises(Conflict):
            accounts.change_email(session, OPERATOR, other.id, "eva.nova@example.org", NOON)
        with pytest.raises(NotFound):
            accounts.change_email(session, OPERATOR, 0, "x@example.org", NOON)


def test_a_new_password_ends_the_sessions_of_the_old_one(sessions: Sessions) -> None:
    with sessions.write() as session:
        user = colleague(session)
        web_sessions.sign_in(session, user.id, "", NOON)
        accounts.set_password(session, OPERATOR, user.id, "a new long password", NOON + DAY)
        assert is_password(user.password_hash, "a new long password")
        assert session.scalars(select(WebSession.ended_at)).all() == [NOON + DAY]
        with pytest.raises(Invalid, match="12 to 256"):
            accounts.set_password(session, OPERATOR, user.id, "short", NOON)


def test_disabling_takes_everything_and_twice_is_no_error(sessions: Sessions) -> None:
    at = NOON + DAY
    with sessions.write() as session:
        owner(session)
        user = colleague(session)
        home = factories.directory(session)
        given = factories.grant(session, home, user)
        planned = factories.grant(session, home, user, start=at + DAY)
        ended = factories.grant(session, home, user, end=NOON)
        factories.team(session, user)
        factories.member(session, factories.project(session), user)
        web_sessions.sign_in(session, user.id, "", NOON)
        devices.enrol(session, OPERATOR, user.id, "Phone", keys.generate(), NOON)
        kept = factories.assignment(session, factories.contact(session, home), user)
        for when in (at, at + DAY):
            accounts.disable_user(session, OPERATOR, user.id, when)
        assert [given.valid_until, planned.valid_until] == [at, at + DAY]
        assert ended.valid_until == NOON
        assert session.scalars(select(TeamMember.valid_until)).all() == [at]
        assert session.scalars(select(ProjectMember.valid_until)).all() == [at]
        assert session.scalars(select(WebSession.ended_at)).all() == [at]
        assert session.scalars(select(Device.stopped_at)).all() == [at]
        assert session.scalars(select(Suspension.valid_from)).all() == [at]
        assert kept.valid_until == FOREVER
        assert acts(session, "user.disable") == 2


def test_the_contacts_in_his_charge_are_handed_over(sessions: Sessions) -> None:
    at = NOON + DAY
    with sessions.write() as session:
        owner(session)
        user, heir = colleague(session), colleague(session, "jan@example.org")
        karel = factories.contact(session, factories.directory(session))
        factories.assignment(session, karel, user, end=at + DAY)
        factories.assignment(session, karel, user, end=NOON)
        accounts.disable_user(session, OPERATOR, user.id, at)
        accounts.disable_user(session, OPERATOR, user.id, at, hand_over_to=heir.id)
        rows = session.scalars(select(Assignment).where(Assignment.user_id == heir.id)).all()
        assert [(row.valid_from, row.valid_until) for row in rows] == [(at, at + DAY)]
        with pytest.raises(Refused, match="is disabled"):
            accounts.disable_user(session, OPERATOR, heir.id, at, hand_over_to=user.id)
        with pytest.raises(Invalid, match="himself"):
            accounts.disable_user(session, OPERATOR, heir.id, at, hand_over_to=heir.id)


def test_the_last_owner_stays(sessions: Sessions) -> None:
    with sessions.write() as session:
        first = owner(session)
        with pytest.raises(Refused, match="last owner"):
            accounts.disable_user(session, OPERATOR, first.id, NOON)
        second = owner(session, "otto@example.org")
        found = accounts.first_owner(session, NOON)
        assert found is not None
        assert found.id == first.id
        accounts.disable_user(session, OPERATOR, first.id, NOON)
        accounts.disable_user(session, OPERATOR, first.id, NOON)
        found = accounts.first_owner(session, NOON)
        assert found is not None
        assert found.id == second.id
        with pytest.raises(NotFound):
            accounts.disable_user(session, OPERATOR, 0, NOON)
