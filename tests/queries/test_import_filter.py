"""The list narrowed to what an import brought: for who may open the import, and what he sees."""

from typing import NamedTuple

import pytest

from app.db import Sessions
from app.models import Contact, Job, JobRow, User
from app.models.kinds import JobKind, JobState, Outcome
from app.policy import Channel, Viewer
from app.queries import contacts, searching
from app.queries.filters import Asked
from tests import factories as make
from tests.factories import NOON

OUTCOMES = {
    "Aa": Outcome.CREATED,
    "Bb": Outcome.UPDATED,
    "Cc": Outcome.UNCHANGED,
    "Dd": Outcome.KEPT,
}


class Cast(NamedTuple):
    """Who began the import, who manages the directory, who only reads it."""

    sender: Viewer
    manager: Viewer
    reader: Viewer


@pytest.fixture(params=[2_000, -1], ids=["few", "many"])
def cast(
    sessions: Sessions, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Cast:
    """An import of four contacts, one for each outcome, into a directory with a fifth."""
    monkeypatch.setattr(searching, "FEW", request.param)
    with sessions.write() as session:
        home = make.directory(session)
        people = [make.user(session) for _ in range(3)]
        for user, can in zip(people, ("read", "read,manage", "read"), strict=True):
            make.grant(session, home, user, can=can)
        job = Job(
            public_id="the-import",
            kind=JobKind.IMPORT,
            state=JobState.DONE,
            arguments={"directory_id": home.id},
            user_id=people[0].id,
            created_at=NOON,
        )
        session.add(job)
        session.flush()
        for place, (family, outcome) in enumerate(OUTCOMES.items()):
            who = make.contact(session, home, f"X {family}")
            row = JobRow(job_id=job.id, position=place, line=place, contact_id=who.id)
            row.outcome = outcome
            session.add(row)
        make.contact(session, home, "X Ee")
        return Cast(*(Viewer(user.id) for user in people))


def found(
    sessions: Sessions, viewer: Viewer, name: str = "the-import", search: str = ""
) -> list[str]:
    asked = Asked(search, imported=name)
    with sessions.read() as session:
        cards = contacts.listing(session, viewer, Channel.PORTAL, NOON, asked)
    return [card.family for card in cards]


def test_what_it_made_changed_or_left_behind_is_listed(sessions: Sessions, cast: Cast) -> None:
    assert found(sessions, cast.sender) == ["Aa", "Bb", "Dd"]
    assert found(sessions, cast.manager) == ["Aa", "Bb", "Dd"]
    assert found(sessions, cast.sender, search="bb") == ["Bb"]


def test_who_may_not_open_it_finds_nothing_by_it(sessions: Sessions, cast: Cast) -> None:
    assert found(sessions, cast.reader) == []
    assert found(sessions, cast.sender, "another") == []


def test_it_opens_nothing(sessions: Sessions, cast: Cast) -> None:
    with sessions.write() as session:
        row = session.query(Contact).filter_by(family="Aa").one()
        row.erased_at = NOON
        make.suspension(session, session.get_one(User, cast.manager.user_id))
    assert found(sessions, cast.sender) == ["Bb", "Dd"]
    assert found(sessions, cast.manager) == []
