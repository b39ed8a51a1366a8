"""Which profile leaves: every combination of grants, projects and phones, against the oracle."""

from itertools import combinations_with_replacement, product

import pytest
from sqlalchemy.orm import Session

from app.db import Sessions
from app.models.kinds import Profile
from tests.policy.planting import check
from tests.policy.worlds import ALWAYS, EARLY, Asker, DeviceFact, GrantFact, ProjectFact, Subject

LEVELS = tuple(Profile)[1:]
PHONES = (None, *(DeviceFact(fields=level) for level in LEVELS))


def granted() -> list[Subject]:
    """Two grants, live or ended, and a project, of every profile."""
    seconds = [(), *((GrantFact(fields=level),) for level in Profile)]
    projects = [(), *((ProjectFact(fields=level),) for level in LEVELS)]
    return [
        Subject((GrantFact(fields=level, period=period), *second), project)
        for level, period, second, project in product(Profile, (ALWAYS, EARLY), seconds, projects)
    ]


def projected() -> list[Subject]:
    """Two projects of every profile."""
    return [
        Subject(projects=(ProjectFact(fields=one), ProjectFact(fields=other)))
        for one, other in combinations_with_replacement(LEVELS, 2)
    ]


@pytest.mark.parametrize("phone", PHONES, ids=["none", *(level.name for level in LEVELS)])
def test_the_widest_profile_leaves_and_a_phone_narrows(
    sessions: Sessions, phone: DeviceFact | None
) -> None:
    with Session(sessions.engine) as session:
        check(session, [(Asker(device=phone), [*projected(), *granted()])])
