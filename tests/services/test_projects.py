import pytest

from app.db import FOREVER, Sessions
from app.errors import Conflict, Invalid, NotFound, Refused
from app.models.kinds import Profile
from app.queries.projects import get_project
from app.queries.projects import projects as listed
from app.services import accounts, grants, projects
from app.services.audit import OPERATOR
from app.services.grants import Holder, Terms
from app.services.projects import NewProject
from tests.services.scene import (
    DAY,
    NOON,
    acting,
    acts,
    colleague,
    directory,
    home,
    karel,
    owner,
)

BRIDGE = NewProject("bridge", "Most")


def test_a_project_is_open_from_its_start_to_its_end(sessions: Sessions) -> None:
    new = NewProject("bridge", "Most", NOON + DAY, NOON + 2 * DAY, True, "standard")
    with sessions.write() as session:
        row = projects.add(session, OPERATOR, new, NOON)
        assert (row.allows_sync, row.fields) == (True, Profile.STANDARD)
        days = [listed(session, NOON + n * DAY)[0]["is_open"] for n in range(3)]
        assert days == [False, True, False]
        plain = projects.add(session, OPERATOR, NewProject("plain", "P"), NOON)
        assert (plain.starts_at, plain.ends_at) == (NOON, FOREVER)
        assert (plain.allows_sync, plain.fields) == (False, Profile.CALLER)
        assert acts(session, "project.add") == 2


@pytest.mark.parametrize(
    ("new", "refusal"),
    [
        (BRIDGE, Conflict),
        (NewProject("Most", "M"), Invalid),
        (NewProject("m", ""), Invalid),
        (NewProject("m", "M", NOON, NOON), Invalid),
        (NewProject("m", "M", ends_at=NOON - DAY), Invalid),
        (NewProject("m", "M", fields="all"), Invalid),
    ],
)
def test_why_a_project_is_not_added(
    sqlite: Sessions, new: NewProject, refusal: type[Exception]
) -> None:
    with sqlite.write() as session:
        projects.add(session, OPERATOR, BRIDGE, NOON)
        with pytest.raises(refusal):
            projects.add(session, OPERATOR, new, NOON)


def test_members_and_contacts_come_and_go(sessions: Sessions) -> None:
    with sessions.write() as session:
        of, eva = home(session), colleague(session)
        contact = karel(session, of)
        row = projects.add(session, OPERATOR, BRIDGE, NOON)
        projects.set_member(session, OPERATOR, row.id, eva.id, NOON, valid_until=NOON + 5 * DAY)
        made = projects.set_contact(session, OPERATOR, row.id, contact.id, NOON, role="tesař")
        again = projects.set_contact(session, OPERATOR, row.id, contact.id, NOON + DAY)
        assert (again.id, again.role) == (made.id, "tesař")
        found = listed(session, NOON)[0]
        assert (found["members"], found["contacts"]) == ([eva.email], 1)
        for _ in range(2):
            projects.end_member(session, OPERATOR, row.id, eva.id, NOON + DAY)
            projects.end_contact(session, OPERATOR, row.id, contact.id, NOON + DAY)
        found = listed(session, NOON + DAY)[0]
        assert (found["members"], found["contacts"]) == ([], 0)
        assert acts(session, "project.set_contact") == 2
        assert acts(session, "project.end_member") == 2


def test_who_cannot_come_in(sessions: Sessions) -> None:
    with sessions.write() as session:
        of, eva = home(session), colleague(session)
        contact = karel(session, of)
        row = projects.add(session, OPERATOR, BRIDGE, NOON)
        with pytest.raises(NotFound, match="project"):
            projects.set_member(session, OPERATOR, 99, eva.id, NOON)
        with pytest.raises(NotFound, match="contact"):
            projects.set_contact(session, OPERATOR, row.id, 99, NOON)
        contact.erased_at = NOON
        with pytest.raises(NotFound, match="contact"):
            projects.set_contact(session, OPERATOR, row.id, contact.id, NOON)
        with pytest.raises(Invalid, match="until"):
            projects.set_member(session, OPERATOR, row.id, eva.id, NOON, valid_until=NOON)
        accounts.disable_user(session, OPERATOR, eva.id, NOON)
        with pytest.raises(Refused, match="is disabled"):
            projects.set_member(session, OPERATOR, row.id, eva.id, NOON)


def test_nothing_received_can_be_passed_on(sessions: Sessions) -> None:
    with sessions.write() as session:
        olga, eva = owner(session), colleague(session)
        of = directory(session)
        contact = karel(session, of)
        row = projects.add(session, OPERATOR, BRIDGE, NOON)
        terms = Terms(["read", "edit", "sync", "export"])
        grants.give(session, OPERATOR, of.id, Holder(eva.id), terms, NOON)
        with pytest.raises(Refused, match="share its contacts"):
            projects.set_contact(session, acting(eva), row.id, contact.id, NOON)
        projects.set_contact(session, acting(olga), row.id, contact.id, NOON)


def test_an_end_is_accepted_twice_and_keeps_the_earlier_one(sessions: Sessions) -> None:
    with sessions.write() as session:
        row = projects.add(session, OPERATOR, BRIDGE, NOON)
        for at in (NOON + DAY, NOON + 2 * DAY):
            assert projects.end(session, OPERATOR, row.id, at).ends_at == NOON + DAY
        later = projects.add(session, OPERATOR, NewProject("l", "L", NOON + 3 * DAY), NOON)
        assert projects.end(session, OPERATOR, later.id, NOON).ends_at == later.starts_at
        with pytest.raises(NotFound):
            projects.end(session, OPERATOR, 99, NOON)
        assert get_project(session, "bridge") is row
        with pytest.raises(NotFound):
            get_project(session, "tunnel")
