"""What one has begun and not finished, and what is still coming back, for the first page."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.db import Sessions
from app.models import Directory, Grant, Job, Project, RoleName, User, UserRole, WaitingFile
from app.models.kinds import JobKind, JobState
from app.policy import Viewer
from app.queries import unfinished
from app.queries.backs import Back
from app.queries.unfinished import Current
from app.services import projects
from app.services.audit import OPERATOR
from tests import factories as make
from tests.davclient import Phone
from tests.portal import Portal, add_user, open_portal


@pytest.fixture
def site(sessions: Sessions, tmp_path: Path) -> Iterator[Portal]:
    portal = open_portal(sessions, tmp_path)
    yield portal
    portal.gatherer.close()


def may_edit(site: Portal, user: User) -> None:
    with site.sessions.write() as session:
        home = session.get_one(Directory, site.directory.id)
        make.grant(session, home, session.get_one(User, user.id), can="read,edit")


def file(site: Portal, user: User, name: str, sent_at: datetime) -> WaitingFile:
    return WaitingFile(
        public_id=name,
        user_id=user.id,
        directory_id=site.directory.id,
        name=name,
        source="",
        bytes=b"",
        reading={},
        total=1,
        created_at=sent_at,
    )


def job(site: Portal, user: User, name: str, state: JobState, **result: Any) -> Job:
    return Job(
        public_id=name,
        kind=JobKind.IMPORT,
        state=state,
        arguments={"directory_id": site.directory.id},
        result=result,
        user_id=user.id,
        created_at=site.clock.now(),
        finished_at=site.clock.now(),
    )


def test_a_file_waits_for_its_sender_for_a_day_while_he_may_edit(site: Portal) -> None:
    may_edit(site, site.eva)
    now = site.clock.now()
    site.add(
        file(site, site.eva, "new", now),
        file(site, site.eva, "old", now - timedelta(days=1)),
        file(site, site.jan, "another", now),
    )

    def waiting() -> list[str]:
        with site.sessions.read() as session:
            found = unfinished.files(session, Viewer(site.eva.id), now)
        assert all(one.until == now + timedelta(days=1) for one in found)
        return [one.name for one in found]

    assert waiting() == ["new"]
    with site.sessions.write() as session:
        for grant in session.query(Grant).filter_by(user_id=site.eva.id):
            grant.valid_until = now
    assert waiting() == []


def test_an_import_with_faults_is_spoken_of_for_a_week(site: Portal) -> None:
    site.add(
        job(site, site.eva, "some", JobState.DONE, invalid=3),
        job(site, site.eva, "none", JobState.DONE, invalid=0),
        job(site, site.eva, "failed", JobState.FAILED, problem="lost"),
        job(site, site.eva, "undone", JobState.UNDONE, invalid=3),
        job(site, site.jan, "another", JobState.DONE, invalid=3),
    )

    def found() -> list[tuple[str, int]]:
        with site.sessions.read() as session:
            rows = unfinished.faulty(session, Viewer(site.eva.id), site.clock.now())
        return [(one.public_id, one.invalid) for one in rows]

    assert found() == [("some", 3), ("failed", 0)]
    site.clock.tick(days=7)
    assert found() == []


def over(site: Portal, *slugs: str) -> Phone:
    """Projects of Dana with a contact each, which is on her phone, and their end."""
    with site.sessions.write() as session:
        dana = session.get_one(User, site.dana.id)
        for slug, contact in zip(slugs, site.contacts, strict=False):
            project = make.project(session)
            project.slug = slug
            make.member(session, project, dana)
            make.participation(session, project, contact)
    phone = site.phone(site.dana)
    phone.sync()
    phone.sync()
    site.clock.tick(hours=1)
    with site.sessions.write() as session:
        for project in session.query(Project):
            projects.end(session, OPERATOR, project.id, site.clock.now())
    return phone


def owner(site: Portal) -> User:
    with site.sessions.write() as session:
        user = add_user(session, "Olga Králová")
        session.add(UserRole(user_id=user.id, role=RoleName.OWNER))
        return user


def backs(site: Portal, user: User) -> list[Current]:
    site.door.sightings.flush()
    with site.sessions.read() as session:
        return unfinished.current(session, Viewer(user.id), site.clock.now())


def test_what_is_coming_back_is_for_who_oversees_the_project(site: Portal) -> None:
    olga = owner(site)
    assert backs(site, olga) == []
    over(site, "bridge", "hall")
    found = backs(site, olga)
    assert sorted(one.slug for one in found) == ["bridge", "hall"]
    assert {one.confirmed for one in found} == {0}
    assert backs(site, site.dana) == []


def test_a_phone_counts_once_and_as_its_slowest_project(site: Portal) -> None:
    over(site, "bridge", "hall")
    assert unfinished.counts(backs(site, owner(site))) == {Back.WAITING: 1}
    assert unfinished.counts([]) == {}


def test_what_is_settled_or_long_over_is_not_current(site: Portal) -> None:
    olga, phone = owner(site), over(site, "bridge")
    site.clock.tick(days=89)
    assert len(backs(site, olga)) == 1
    site.clock.tick(days=1)
    assert backs(site, olga) == []
    site.clock.tick(days=-89)
    phone.sync()
    phone.sync()
    assert backs(site, olga) == []
