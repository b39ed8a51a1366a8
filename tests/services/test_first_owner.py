"""The link that makes the first owner: one at a time, once, for a day, for nobody's server."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import tokens
from app.db import Sessions
from app.errors import Invalid, NotFound
from app.models import AuditEvent, FirstOwnerLink, Organisation, User, UserRole
from app.services import first_owner
from app.services.first_owner import TERM, Link
from tests.services.scene import NOON, SECOND, owner

WHO = ("olga@example.org", "Olga Králová", "correct horse battery")


@pytest.fixture
def empty(sessions: Sessions) -> Sessions:
    """An instance as `kustod init` leaves it."""
    with sessions.write() as session:
        session.add(Organisation(name="Kustod"))
    return sessions


@pytest.fixture
def link(empty: Sessions) -> Link:
    with empty.write() as session:
        made = first_owner.issue(session, NOON)
    assert made is not None
    return made


def open_at(sessions: Sessions, token: str, seconds: float = 0) -> bool:
    with sessions.read() as session:
        return first_owner.is_open(session, token, NOON + timedelta(seconds=seconds))


def test_only_the_digest_is_kept(empty: Sessions, link: Link) -> None:
    with empty.read() as session:
        row = session.scalars(select(FirstOwnerLink)).one()
    assert row.token_digest == tokens.digest(link.token)
    assert len(link.token) >= 40
    assert row.ends_at == link.ends_at == NOON + TERM


def test_it_works_until_its_term_is_over(empty: Sessions, link: Link) -> None:
    assert open_at(empty, link.token)
    assert open_at(empty, link.token, TERM.total_seconds() - 1)
    assert not open_at(empty, link.token, TERM.total_seconds())
    assert not open_at(empty, link.token[:-1])
    with empty.write() as session, pytest.raises(NotFound):
        first_owner.make(session, link.token, *WHO, NOON + TERM)


def test_a_fresh_one_ends_the_one_before(empty: Sessions, link: Link) -> None:
    with empty.write() as session:
        fresh = first_owner.issue(session, NOON + SECOND)
    assert fresh is not None
    assert (open_at(empty, link.token, 2), open_at(empty, fresh.token, 2)) == (False, True)


def test_it_makes_an_owner_who_runs_the_system_too(empty: Sessions, link: Link) -> None:
    with empty.write() as session:
        made = first_owner.make(session, link.token, *WHO, NOON)
        first_owner.name_organisation(session, " Stavby  Haná ", NOON)
    with empty.read() as session:
        row = session.get_one(User, made)
        assert (row.email, row.name) == WHO[:2]
        assert tokens.is_password(row.password_hash, WHO[2])
        assert {role.value for role in session.scalars(select(UserRole.role))} == {"owner", "admin"}
        assert session.scalar(select(Organisation.name)) == "Stavby Haná"
        actions = list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))
    assert actions == ["first_owner.link", "user.add", "organisation.describe"]


def test_it_works_once(empty: Sessions, link: Link) -> None:
    with empty.write() as session:
        first_owner.make(session, link.token, *WHO, NOON)
    assert not open_at(empty, link.token)
    with empty.write() as session, pytest.raises(NotFound):
        first_owner.make(session, link.token, "eva@example.org", *WHO[1:], NOON)
    with empty.read() as session:
        assert list(session.scalars(select(User.email))) == [WHO[0]]


def test_it_is_dead_where_somebody_can_sign_in(empty: Sessions, link: Link) -> None:
    with empty.write() as session:
        owner(session)
    assert not open_at(empty, link.token)
    with empty.write() as session, pytest.raises(NotFound):
        first_owner.make(session, link.token, "eva@example.org", *WHO[1:], NOON)
    with empty.write() as session:
        assert first_owner.issue(session, NOON) is None


def test_what_cannot_be_used_leaves_the_link_alive(empty: Sessions, link: Link) -> None:
    with pytest.raises(Invalid), empty.write() as session:
        first_owner.make(session, link.token, WHO[0], WHO[1], "short", NOON)
    assert open_at(empty, link.token)


def test_the_organisation_is_named_once(empty: Sessions) -> None:
    with empty.write() as session:
        assert first_owner.is_unnamed(session)
        first_owner.name_organisation(session, "Stavby Haná", NOON)
        assert not first_owner.is_unnamed(session)
