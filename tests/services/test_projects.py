import pytest

from app.db import FOREVER, Sessions
from app.errors import Conflict, Invalid, NotFound, Refused
from app.models import ProjectMember
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


def test_who_adds_a_project_leads_it_and_has_leave_to(sessions: Sessions) -> None:
    with sessions.write() as session:
        olga, eva = owner(session), colleague(session)
        row = projects.add(session, acting(olga), NewProject("", "Most v Lhotě"), NOON)
        other = projects.add(session, OPERATOR, NewProject("", "Most v Lhotě"), NOON)
        assert (row.slug, other.slug) == ("most-v-lhote", "most-v-lhote-2")
        member = session.query(ProjectMember).one()
        assert (member.user_id, member.is_lead, member.valid_from) == (olga.id, True, NOON)
        with pytest.raises(Refused):
            projects.add(session, acting(eva), NewProject("", "Můj"), NOON)


def test_only_who_leads_lets_in_and_makes_leads(sessions: Sessions) -> None:
    with sessions.write() as session:
        olga, eva = owner(session), colleague(session)
        row = projects.add(session, acting(olga), BRIDGE, NOON)
        with pytest.raises(Refused):
            projects.set_member(session, acting(eva), row.id, eva.id, NOON)
        with pytest.raises(NotFound):
            projects.make_lead(session, acting(olga), row.id, eva.id, NOON)
        made = projects.set_member(session, acting(olga), row.id, eva.id, NOON)
        assert made.is_lead is False
        projects.make_lead(session, acting(olga), row.id, eva.id, NOON)
        again = projects.set_member(session, acting(eva), row.id, eva.id, NOON)
        assert (again.id, again.is_lead) == (made.id, True)
        assert projects.set_member(
            session, acting(olga), row.id, eva.id, NOON, is_lead=False
        ).is_lead is False  # fmt: skip


def test_an_end_may_be_set_and_comes_no_later_by_ending(sessions: Sessions) -> None:
    with sessions.write() as session:
        row = projects.add(session, OPERATOR, BRIDGE, NOON)
        projects.end(session, OPERATOR, row.id, NOON, ends_at=NOON + 2 * DAY, note=" hotovo ")
        assert (row.ends_at, row.end_note) == (NOON + 2 * DAY, "hotovo")
        projects.end(session, OPERATOR, row.id, NOON, ends_at=NOON + 5 * DAY, note="jindy")
        assert (row.ends_at, row.end_note) == (NOON + 2 * DAY, "hotovo")
        projects.end(session, OPERATOR, row.id, NOON + DAY, ends_at=NOON)
        assert row.ends_at == NOON + DAY


def test_a_later_end_asks_a_reason_and_who_leads(sessions: Sessions) -> None:
    with sessions.write() as session:
        olga, eva = owner(session), colleague(session)
        row = projects.add(session, acting(olga), NewProject("b", "B", ends_at=NOON + DAY), NOON)
        later = NOON + 3 * DAY
        with pytest.raises(Refused):
            projects.extend(session, acting(eva), row.id, later, "zima", NOON)
        with pytest.raises(Invalid):
            projects.extend(session, acting(olga), row.id, later, " ", NOON)
        with pytest.raises(Invalid):
            projects.extend(session, acting(olga), row.id, NOON + DAY, "zima", NOON)
        projects.extend(session, acting(olga), row.id, later, "zima", NOON)
        assert (row.ends_at, row.end_note) == (later, "zima")
        assert acts(session, "project.extend") == 1
        with pytest.raises(Conflict):
            projects.extend(session, acting(olga), row.id, later + DAY, "zima", later)
