"""A job belongs to one worker at a time, and outlives him."""

import pytest

from app.db import Sessions
from app.errors import NotFound, Refused
from app.services import jobs
from app.services.audit import OPERATOR
from tests.services.scene import SECOND, home
from tests.services.test_import_jobs import MANY, MINUTE
from tests.services.working import LATER, begun, claimed, shown, steps


@pytest.fixture
def job_id(sessions: Sessions) -> int:
    with sessions.write() as session:
        of = home(session).id
    return begun(sessions, of, MANY)


def test_a_job_is_claimed_once(sessions: Sessions, job_id: int) -> None:
    with sessions.write() as session:
        assert jobs.is_any_waiting(session, LATER)
        assert jobs.claim(session, LATER) == jobs.Claim(job_id, 1)
        assert not jobs.is_any_waiting(session, LATER)
        assert jobs.claim(session, LATER) is None
    assert shown(sessions, job_id)["state"] == "running"


def test_a_job_that_is_silent_for_a_minute_is_taken_up_again(
    sessions: Sessions, job_id: int
) -> None:
    old = claimed(sessions, job_id)
    almost = LATER + MINUTE - SECOND
    assert shown(sessions, job_id, almost)["state"] == "running"
    assert shown(sessions, job_id, LATER + MINUTE)["state"] == "stopped"
    with sessions.write() as session:
        assert jobs.claim(session, almost) is None
        assert jobs.claim(session, LATER + MINUTE) == jobs.Claim(job_id, 2)
    with pytest.raises(Refused, match="somebody else"):
        next(steps(sessions, old, MANY))


def test_every_step_renews_the_claim(sessions: Sessions, job_id: int) -> None:
    claim = claimed(sessions, job_id)
    next(steps(sessions, claim, MANY, 2, LATER + MINUTE - SECOND))
    with sessions.write() as session:
        assert jobs.claim(session, LATER + MINUTE) is None


def test_a_job_that_kills_its_workers_is_left_to_a_person(sessions: Sessions, job_id: int) -> None:
    for number in range(jobs.MOST_LOSSES + 1):
        claimed(sessions, job_id, LATER + number * MINUTE)
    at = LATER + (jobs.MOST_LOSSES + 1) * MINUTE
    with sessions.write() as session:
        assert not jobs.is_any_waiting(session, at)
        assert jobs.claim(session, at) is None
        assert jobs.claim(session, at, job_id) is not None


def test_a_job_that_is_given_back_goes_on_at_once(sessions: Sessions, job_id: int) -> None:
    claim = claimed(sessions, job_id)
    next(steps(sessions, claim, MANY, 2))
    with sessions.write() as session:
        jobs.release(session, claim, LATER)
    with sessions.write() as session:
        assert jobs.claim(session, LATER) == jobs.Claim(job_id, 2)


def test_there_is_no_such_job(sessions: Sessions) -> None:
    with pytest.raises(NotFound), sessions.write() as session:
        jobs.take_back(session, OPERATOR, 7, LATER)
    with pytest.raises(NotFound):
        shown(sessions, 7)
