"""Sessions of browsers: who is found behind a token, and for how long."""

from datetime import timedelta

from sqlalchemy import select

from app import tokens
from app.db import Sessions
from app.models import AuditEvent, Organisation, SuspensionKind, User, WebSession
from app.policy import Action, Viewer
from app.queries import sessions as readers
from app.queries.sessions import ABSOLUTE, IDLE, Candidate, HelpDesk
from app.services import sessions as commands
from app.services.audit import OPERATOR
from tests import factories as make
from tests.factories import NOON

SECOND = timedelta(seconds=1)


def test_a_token_finds_its_user_until_it_idles(sessions: Sessions) -> None:
    with sessions.write() as session:
        eva = make.user(session)
        token = commands.sign_in(session, eva.id, "Firefox" * 99, NOON)
        digest, eva_id = tokens.digest(token), eva.id
        row = session.scalars(select(WebSession)).one()
        assert len(row.user_agent) == 200
    with sessions.read() as session:
        found = readers.find(session, digest, NOON)
        assert found is not None
        assert (found.user_id, found.name) == (eva_id, "Eva Nováková")
        assert readers.find(session, token, NOON) is None
        assert readers.find(session, digest, NOON + IDLE - SECOND) is not None
        assert readers.find(session, digest, NOON + IDLE) is None


def test_a_session_in_use_ends_after_a_week(sessions: Sessions) -> None:
    with sessions.write() as session:
        token = commands.sign_in(session, make.user(session).id, "", NOON)
        session.scalars(select(WebSession)).one().seen_at = NOON + ABSOLUTE - SECOND
    with sessions.read() as session:
        digest = tokens.digest(token)
        assert readers.find(session, digest, NOON + ABSOLUTE - SECOND) is not None
        assert readers.find(session, digest, NOON + ABSOLUTE) is None
    with sessions.write() as session:
        assert commands.sweep(session, NOON + ABSOLUTE - SECOND) == 0
        assert commands.sweep(session, NOON + ABSOLUTE) == 1


def test_signing_out_twice_leaves_one_trace(sessions: Sessions) -> None:
    with sessions.write() as session:
        eva = make.user(session)
        commands.sign_in(session, eva.id, "", NOON)
        row = session.scalars(select(WebSession)).one()
        for _ in range(2):
            commands.sign_out(session, commands.actor_of(eva.id), row.id, NOON)
        assert row.ended_at == NOON
        acts = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
        assert acts == ["session.opened", "session.ended"]


def test_all_sessions_of_one_user_end_and_no_other(sessions: Sessions) -> None:
    with sessions.write() as session:
        eva, jan = make.user(session), make.user(session, "Jan Dvořák")
        mine = [commands.sign_in(session, eva.id, "", NOON) for _ in range(2)]
        his = commands.sign_in(session, jan.id, "", NOON)
        assert commands.end_all(session, OPERATOR, eva.id, NOON) == 2
        assert commands.end_all(session, OPERATOR, eva.id, NOON) == 0
        assert all(readers.find(session, tokens.digest(token), NOON) is None for token in mine)
        assert readers.find(session, tokens.digest(his), NOON) is not None


def test_a_disabled_user_is_found_by_nothing(sessions: Sessions) -> None:
    with sessions.write() as session:
        eva = make.user(session)
        eva.password_hash = "hash"
        token = commands.sign_in(session, eva.id, "", NOON)
        make.suspension(session, eva, start=NOON)
        make.suspension(session, eva, SuspensionKind.SYNC)
        digest = tokens.digest(token)
        assert readers.find(session, digest, NOON) is None
        assert readers.find(session, digest, NOON - SECOND) is not None
        assert readers.candidate(session, eva.email, NOON) == Candidate()
        assert readers.candidate(session, eva.email, NOON - SECOND) == Candidate(eva.id, "hash")
        assert readers.candidate(session, "nobody@example.org", NOON) == Candidate()


def test_a_language_is_remembered_where_it_is_spoken(sessions: Sessions) -> None:
    with sessions.write() as session:
        assert not readers.has_users(session)
        eva = make.user(session)
        assert readers.has_users(session)
        for language in ("cs", "tlh"):
            commands.choose_language(session, OPERATOR, eva.id, language, NOON)
        session.expire(eva)
        assert session.get_one(User, eva.id).language == "cs"


def test_a_right_anywhere_is_asked_of_the_policy(sessions: Sessions) -> None:
    with sessions.write() as session:
        eva = make.user(session)
        viewer = Viewer(eva.id)
        assert not readers.may_anywhere(session, viewer, Action.EDIT, NOON)
        make.grant(session, make.directory(session), eva, can="edit")
        assert readers.may_anywhere(session, viewer, Action.EDIT, NOON)
        assert not readers.may_anywhere(session, viewer, Action.MANAGE, NOON)


def test_the_help_desk_is_whoever_was_named(sessions: Sessions) -> None:
    with sessions.write() as session:
        assert readers.help_desk(session) == HelpDesk()
        session.add(Organisation(id=1, name="Stavby", help_email="a@b.cz", help_phone="1"))
        assert readers.help_desk(session) == HelpDesk("Stavby", "a@b.cz", "1")
