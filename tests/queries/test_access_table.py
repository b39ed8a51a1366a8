"""The table of access is complete, says why, and tells apart what holds from what is over."""

from collections.abc import Callable

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.db import FOREVER, Sessions
from app.models import Directory, SuspensionKind, User
from app.models.kinds import Profile, Scope, SyncPolicy
from app.policy import Channel, Viewer
from app.queries import access_table, contacts
from app.queries.access_table import Entry
from tests import factories as make
from tests.factories import NOON
from tests.services.scene import DAY


@pytest.fixture
def home(sessions: Sessions) -> Directory:
    with sessions.write() as session:
        return make.directory(session, sync_policy=SyncPolicy.ANY)


def present(session: Session, home: Directory) -> list[Entry]:
    return access_table.table(session, home.id, NOON).present


def test_a_person_a_team_and_a_project_stand_in_one_list(
    sessions: Sessions, home: Directory
) -> None:
    with sessions.write() as session:
        eva, jan, ota = (make.user(session, name) for name in ("Eva", "Jan", "Ota"))
        row = make.grant(session, home, eva, can="read,edit", fields=Profile.MINIMAL)
        row.reason, row.granted_by_id = "site", jan.id
        team = make.team(session, jan, eva)
        make.grant(session, home, team, scope=Scope.ASSIGNED, end=NOON + DAY)
        project = make.project(session, end=NOON + 2 * DAY, allows_sync=False)
        make.member(session, project, ota)
        for name in ("A B", "C D"):
            make.participation(session, project, make.contact(session, home, name))
        person, through_team, through_project = present(session, home)
        assert (person.kind, person.name, person.rights) == (
            "person",
            "Eva",
            frozenset({"read", "edit"}),
        )
        assert (person.given_by, person.reason, person.fields) == ("Jan", "site", "minimal")
        assert (person.until, person.grant_id) == (FOREVER, row.id)
        assert [one.name for one in through_team.members] == ["Eva", "Jan"]
        assert (through_team.scope, through_team.until) == (Scope.ASSIGNED, NOON + DAY)
        assert (through_team.given_by, through_team.fields) == ("", "")
        assert (through_project.contacts, through_project.rights) == (2, frozenset({"read"}))
        assert [one.name for one in through_project.members] == ["Ota"]
        assert access_table.table(session, home.id, NOON).people == {eva.id, jan.id, ota.id}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda s, p, c, m: setattr(p, "ends_at", NOON),
        lambda s, p, c, m: setattr(m, "valid_until", NOON),
        lambda s, p, c, m: setattr(c, "erased_at", NOON),
        lambda s, p, c, m: make.restriction(s, c),
    ],
    ids=["over", "nobody works in it", "erased", "restricted"],
)
def test_a_project_that_opens_nothing_here_is_no_access(
    sessions: Sessions, home: Directory, spoil: Callable[..., object]
) -> None:
    with sessions.write() as session:
        project, contact = make.project(session), make.contact(session, home)
        member = make.member(session, project, make.user(session))
        make.participation(session, project, contact)
        make.participation(session, project, make.contact(session, make.directory(session)))
        assert [entry.contacts for entry in present(session, home)] == [1]
        spoil(session, project, contact, member)
        session.flush()
        assert present(session, home) == []


def test_what_is_over_is_past_and_what_begins_later_is_not(
    sessions: Sessions, home: Directory
) -> None:
    with sessions.write() as session:
        eva = make.user(session)
        over = [make.grant(session, home, eva, end=NOON - n * DAY).id for n in (0, 2, 1)]
        later = make.grant(session, home, eva, start=NOON + DAY).id
        found = access_table.table(session, home.id, NOON)
        assert [entry.grant_id for entry in found.present] == [later]
        assert [entry.grant_id for entry in found.past] == [over[0], over[2], over[1]]


def test_who_is_disabled_is_named_and_not_counted(sessions: Sessions, home: Directory) -> None:
    with sessions.write() as session:
        eva, jan = make.user(session, "Eva"), make.user(session, "Jan")
        make.grant(session, home, make.team(session, eva, jan))
        make.suspension(session, eva)
        make.suspension(session, jan, SuspensionKind.SYNC)
        found = access_table.table(session, home.id, NOON)
        shown = [(one.name, one.is_disabled, one.is_off_phones) for one in found.present[0].members]
        assert shown == [("Eva", True, False), ("Jan", False, True)]
        assert found.people == {jan.id}
        assert [one.name for one in access_table.people(session, NOON)] == ["Jan"]


def test_a_grant_is_found_in_its_own_directory_alone(sessions: Sessions, home: Directory) -> None:
    with sessions.write() as session:
        other = make.directory(session)
        row = make.grant(session, home, make.user(session), end=NOON)
        found = access_table.entry(session, home.id, row.id, NOON)
        assert found is not None
        assert found.grant_id == row.id
        assert access_table.entry(session, other.id, row.id, NOON) is None
        assert access_table.entry(session, home.id, 99, NOON) is None


def test_whoever_the_policy_lets_in_stands_in_the_table(
    sessions: Sessions, home: Directory
) -> None:
    """Complete: each user who sees a contact of the directory, by whatever way, is named."""
    with sessions.write() as session:
        users = [make.user(session, f"U{number}") for number in range(6)]
        contact = make.contact(session, home)
        make.grant(session, home, users[0], can="read")
        make.grant(session, home, make.team(session, users[1]), can="read")
        project = make.project(session)
        make.member(session, project, users[2])
        make.participation(session, project, contact)
        make.grant(session, home, users[3], can="read", scope=Scope.ASSIGNED)
        make.assignment(session, contact, users[3])
        make.grant(session, home, users[4], end=NOON)
        sees = {
            user.id
            for user in users
            if contacts.count(session, Viewer(user.id), Channel.PORTAL, NOON)
        }
        assert sees == {user.id for user in users[:4]}
        assert access_table.table(session, home.id, NOON).people == sees


def test_a_long_table_takes_no_more_statements(sessions: Sessions, home: Directory) -> None:
    def statements(session: Session) -> int:
        seen: list[str] = []

        def note(_c: object, _k: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        event.listen(sessions.engine, "before_cursor_execute", note)
        access_table.table(session, home.id, NOON)
        event.remove(sessions.engine, "before_cursor_execute", note)
        return len(seen)

    def add(session: Session) -> None:
        of = session.get_one(Directory, home.id)
        people = [make.user(session, f"U{number}") for number in range(5)]
        for one in people:
            make.grant(session, of, session.get_one(User, one.id))
            make.grant(session, of, make.team(session, one), end=NOON)
        session.expunge_all()

    with sessions.write() as session:
        add(session)
        once = statements(session)
        add(session)
        assert statements(session) == once
