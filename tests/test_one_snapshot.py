"""What one request reads is of one piece: one snapshot for the gate, the page and its frame."""

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.db import Sessions
from app.models import User
from tests import factories


def count(sessions: Sessions) -> int:
    with sessions.read() as session:
        return session.scalar(select(func.count()).select_from(User)) or 0


def add(sessions: Sessions) -> None:
    with sessions.write() as session:
        factories.user(session)


def test_what_others_write_meanwhile_is_not_seen(sessions: Sessions) -> None:
    with sessions.one_snapshot():
        before = count(sessions)
        add(sessions)
        assert count(sessions) == before == 0
    assert count(sessions) == 1


def test_it_begins_with_the_first_question(sessions: Sessions) -> None:
    with sessions.one_snapshot():
        add(sessions)
        assert count(sessions) == 1


def test_nothing_written_in_it_survives(sessions: Sessions) -> None:
    with sessions.one_snapshot(), sessions.read() as session:
        session.add(User(name="x", email="x@example.com"))
    assert count(sessions) == 0


def ask_nonsense(session: Session) -> None:
    session.execute(text("SELECT nothing FROM nowhere"))


def test_after_a_failure_one_can_ask_again(sessions: Sessions) -> None:
    with sessions.one_snapshot():
        with pytest.raises(DBAPIError), sessions.read() as session:
            ask_nonsense(session)
        assert count(sessions) == 0


def read_and_fail(sessions: Sessions) -> None:
    with sessions.one_snapshot():
        count(sessions)
        raise LookupError


def test_a_failed_answer_leaves_none_behind(sessions: Sessions) -> None:
    with pytest.raises(LookupError):
        read_and_fail(sessions)
    add(sessions)
    assert count(sessions) == 1
