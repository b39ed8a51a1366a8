"""Nothing ends by surprise: who is told of what, when, and how often."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from app.db import FOREVER, Base, Sessions
from app.models import (
    Announcement,
    AuditEvent,
    Grant,
    Organisation,
    OutboxMessage,
    RoleName,
    UserRole,
)
from app.services import announcements, grants, reviews
from app.services.audit import OPERATOR
from app.settings import Settings
from app.worker import announcing
from tests import factories as make
from tests.factories import NOON

ZONE = ZoneInfo("Europe/Prague")
DAY = timedelta(days=1)
LATER = NOON + 400 * DAY


class Place:
    """Olga manages a directory and leads a project; Eva has access until LATER."""

    def __init__(self, sessions: Sessions) -> None:
        self.sessions = sessions
        with sessions.write() as session:
            session.add(Organisation(name="Stavby", portal_url="https://k.example.org"))
            self.olga = make.user(session, "Olga Králová")
            self.eva = make.user(session, "Eva Nováková")
            self.home = make.directory(session)
            make.grant(session, self.home, self.olga, can="read,manage", start=NOON)
            self.grant = make.grant(session, self.home, self.eva, start=NOON, end=LATER)
            self.project = make.project(session, start=NOON)
            make.member(session, self.project, self.olga).is_lead = True

    def change(self, row: Base, **values: object) -> None:
        with self.sessions.write() as session:
            merged = session.merge(row)
            for name, value in values.items():
                setattr(merged, name, value)

    def told(self, at: datetime) -> list[OutboxMessage]:
        """The mails that are written when a worker looks at this instant."""
        with self.sessions.read() as session:
            before = set(session.scalars(select(OutboxMessage.id)))
        count = announcements.announce(self.sessions, ZONE, "en", at)
        with self.sessions.read() as session:
            rows = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()
        new = [row for row in rows if row.id not in before]
        assert len(new) == count
        return new

    def days(self, *before: int) -> list[int]:
        """How many mails each of these days before the end brings."""
        return [len(self.told(LATER - days * DAY)) for days in before]


@pytest.fixture
def place(sessions: Sessions) -> Place:
    return Place(sessions)


def test_an_end_is_announced_three_times_and_never_twice(place: Place) -> None:
    assert place.days(31, 30, 29, 15, 14, 13, 4, 3, 2, 1, 0, -1) == [
        0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0,
    ]  # fmt: skip


def test_who_manages_the_directory_is_told_and_nobody_else(place: Place) -> None:
    (mail,) = place.told(LATER - 30 * DAY)
    assert (mail.user_id, mail.to) == (place.olga.id, place.olga.email)
    assert mail.subject == "Ends soon: Eva Nováková, Customers"
    assert "- Eva Nováková, Customers: until 7\u00a0Jun\u00a02027\n" in mail.body
    assert "https://k.example.org/renewals" in mail.body
    assert 'href="https://k.example.org/renewals"' in mail.html
    with place.sessions.read() as session:
        rows = session.scalars(select(Announcement)).all()
        acts = session.scalars(select(AuditEvent.action)).all()
    assert [(row.message_id, row.days, row.ends_at) for row in rows] == [(mail.id, 30, LATER)]
    assert acts == ["ends.announce"]


def test_a_mail_speaks_the_language_of_its_reader(place: Place) -> None:
    place.change(place.olga, language="cs")
    (mail,) = place.told(LATER - 30 * DAY)
    assert mail.subject == "Brzy končí: Eva Nováková, Customers"
    assert mail.body.startswith("Dobrý den,\n")
    assert "do 7.\u00a06.\u00a02027" in mail.body
    assert '<html lang="cs">' in mail.html


def test_a_worker_that_was_down_tells_once_what_is_still_ahead(place: Place) -> None:
    assert place.days(12, 11, 3) == [1, 0, 1]


def test_all_that_ends_is_in_one_mail_a_day(place: Place) -> None:
    place.change(place.project, ends_at=LATER)
    (mail,) = place.told(LATER - 30 * DAY)
    assert mail.subject == "2 accesses and projects end soon"
    assert "Eva Nováková, Customers" in mail.body
    assert "- Most: until" in mail.body
    with place.sessions.write() as session:
        make.grant(session, place.home, make.user(session, "Jan"), start=NOON, end=LATER)
    assert place.told(LATER - 30 * DAY + timedelta(hours=1)) == []
    (mail,) = place.told(LATER - 29 * DAY)
    assert mail.subject == "Ends soon: Jan, Customers"


def test_two_workers_tell_it_once(place: Place) -> None:
    for _ in range(2):
        announcements.announce(place.sessions, ZONE, "en", LATER - 30 * DAY)
    with place.sessions.read() as session:
        assert len(session.scalars(select(OutboxMessage)).all()) == 1


def test_an_end_that_was_moved_is_announced_anew(place: Place) -> None:
    assert place.days(30) == [1]
    place.change(place.grant, valid_until=LATER + DAY)
    assert place.days(29, 28) == [1, 0]


def test_what_was_renewed_is_not_announced_any_more(place: Place) -> None:
    assert place.days(30) == [1]
    with place.sessions.write() as session:
        until = LATER + 300 * DAY
        grants.extend(session, OPERATOR, place.grant.id, until, "needed", LATER - 29 * DAY)
    assert place.days(14, 3) == [0, 0]


def test_what_something_else_outlasts_is_no_end(place: Place) -> None:
    with place.sessions.write() as session:
        longer = make.grant(session, place.home, place.eva, can="read", start=NOON)
    assert place.days(30) == [1]
    place.change(longer, can_sync=True)
    assert place.days(14) == [0]


def test_what_was_short_from_the_beginning_is_not_announced_at_once(place: Place) -> None:
    place.change(place.grant, valid_from=LATER - 10 * DAY)
    assert place.days(10, 4, 3, 2) == [0, 0, 1, 0]


def test_a_project_is_announced_to_who_leads_it(place: Place) -> None:
    place.change(place.grant, valid_until=FOREVER)
    place.change(place.project, ends_at=NOON + 100 * DAY)
    with place.sessions.write() as session:
        make.member(session, place.project, place.eva)
    (mail,) = place.told(NOON + 70 * DAY)
    assert (mail.user_id, mail.subject) == (place.olga.id, "Ends soon: Most")


def test_a_project_that_nobody_leads_any_more_is_announced_to_the_owners(place: Place) -> None:
    place.change(place.grant, valid_until=FOREVER)
    place.change(place.project, ends_at=NOON + 100 * DAY)
    with place.sessions.write() as session:
        session.add(UserRole(user_id=place.eva.id, role=RoleName.OWNER))
        make.suspension(session, place.olga)
    (mail,) = place.told(NOON + 70 * DAY)
    assert mail.user_id == place.eva.id


def test_who_is_disabled_is_told_nothing_and_nothing_is_told_of_him(place: Place) -> None:
    with place.sessions.write() as session:
        gone = make.suspension(session, place.eva)
    assert place.days(30) == [0]
    place.change(gone, user_id=place.olga.id)
    assert place.days(30) == [0]


def test_access_without_an_end_is_asked_about_once_a_year(place: Place) -> None:
    place.change(place.grant, valid_until=FOREVER)
    year = 365 * DAY
    assert place.told(NOON + year - DAY) == []
    (mail,) = place.told(NOON + year)
    assert mail.subject == "Access without an end: is it still right?"
    assert "- Eva Nováková, Customers\n" in mail.body
    assert place.told(NOON + year + DAY) == []
    with place.sessions.write() as session:
        for grant in session.scalars(select(Grant)):
            reviews.confirm(session, OPERATOR, grant.id, NOON + year + 2 * DAY)
    assert place.told(NOON + 2 * year) == []
    assert len(place.told(NOON + 2 * year + 2 * DAY)) == 1


@pytest.mark.parametrize(("hour", "mails"), [(4, 0), (5, 1), (20, 1)])
def test_nobody_gets_such_a_mail_in_the_night(
    place: Place, tmp_path: Path, hour: int, mails: int
) -> None:
    duty = announcing(Settings(instance=tmp_path, timezone="Europe/Prague"))
    duty.step(place.sessions, datetime(2027, 5, 10, hour, 30, tzinfo=UTC))
    with place.sessions.read() as session:
        assert len(session.scalars(select(OutboxMessage)).all()) == mails
