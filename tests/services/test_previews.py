"""What a grant or a rule would do is what the policy says once it is done, and nothing stays."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db import FOREVER, Sessions
from app.errors import Refused
from app.models import AuditEvent, Directory, Grant, Touched, User
from app.models.kinds import Scope, SyncPolicy
from app.policy import Channel, Viewer
from app.queries import contacts
from app.services import grants, previews
from app.services.audit import OPERATOR
from app.services.grants import Holder, Terms
from tests import factories as make
from tests.factories import NOON
from tests.services.scene import DAY, acting

PHONE = Terms(["read", "sync"], reason="site", valid_until=NOON + 9 * DAY)


def scene(session: Session, policy: SyncPolicy = SyncPolicy.ANY) -> tuple[Directory, User]:
    """Five contacts, one restricted and one without a basis; Eva has two phones, one managed."""
    home, eva = make.directory(session, sync_policy=policy), make.user(session)
    people = [make.contact(session, home, f"A B{number}") for number in range(4)]
    make.restriction(session, people[0])
    make.contact(session, home, has_basis=False)
    make.device(session, eva)
    make.device(session, eva, is_managed=True)
    return home, eva


def size(session: Session) -> list[int]:
    tables = (Grant, AuditEvent, Touched)
    return [session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def test_it_counts_what_will_be_found_and_what_stays_back(sessions: Sessions) -> None:
    with sessions.write() as session:
        home, eva = scene(session)
        found = previews.of_grant(session, OPERATOR, home.id, Holder(eva.id), PHONE, NOON)
        (one,) = found.people
        assert (one.before.found, one.before.fields, one.before.on_phones) == (0, "", (0, 0))
        assert (one.after.found, one.after.fields) == (3, "full")
        assert (one.after.on_phones, one.after.phone_fields) == ((3, 3), "caller")
        assert (found.no_basis, found.restricted) == (1, 1)
        assert found.counts == f"{eva.id}:3:3.3 1-1"
        assert one.remaining.found == 0


def test_nothing_of_it_stays(sessions: Sessions) -> None:
    with sessions.write() as session:
        home, eva = scene(session)
        home_id, before = home.id, size(session)
        previews.of_grant(session, OPERATOR, home_id, Holder(eva.id), PHONE, NOON)
        previews.of_rule(session, OPERATOR, home_id, "never", NOON)
        assert size(session) == before
    with sessions.read() as session:
        assert size(session) == before
        assert session.get_one(Directory, home_id).sync_policy is SyncPolicy.ANY


@pytest.mark.parametrize("policy", SyncPolicy)
@pytest.mark.parametrize("scope", Scope)
def test_it_comes_true(sessions: Sessions, policy: SyncPolicy, scope: Scope) -> None:
    terms = Terms(["read", "sync"], scope.value, reason="site")
    with sessions.write() as session:
        home, eva = scene(session, policy)
        make.assignment(session, make.contact(session, home), eva)
        asked = (session, OPERATOR, home.id, Holder(eva.id), terms, NOON)
        after = previews.of_grant(*asked).people[0].after
        grants.give(*asked)
        assert after.found == contacts.count(session, Viewer(eva.id), Channel.PORTAL, NOON)
        devices = previews._devices(session, [eva.id], NOON)[eva.id]
        phones = [Viewer(eva.id, device) for device in devices]
        counts = [contacts.count(session, phone, Channel.CARDDAV, NOON) for phone in phones]
        assert list(after.on_phones) == counts
        assert len(set(counts)) == (2 if policy is SyncPolicy.MANAGED else 1)


def test_what_somebody_has_already_remains(sessions: Sessions) -> None:
    with sessions.write() as session:
        home, eva = scene(session)
        make.grant(session, home, make.team(session, eva), can="read")
        found = previews.of_grant(session, OPERATOR, home.id, Holder(eva.id), PHONE, NOON)
        (one,) = found.people
        assert (one.before.found, one.after.found, one.remaining.found) == (3, 3, 3)
        assert (one.before.on_phones, one.remaining.on_phones) == ((0, 0), (0, 0))
        endless = Terms(["read"], reason="site", valid_until=FOREVER)
        found = previews.of_grant(session, OPERATOR, home.id, Holder(eva.id), endless, NOON)
        assert found.people[0].remaining == found.people[0].after


def test_a_team_is_told_person_by_person(sessions: Sessions) -> None:
    with sessions.write() as session:
        home, eva = scene(session)
        many = [make.user(session, f"U{number:02}") for number in range(25)]
        gone = make.user(session, "Gone")
        make.suspension(session, gone)
        team = make.team(session, eva, gone, *many)
        holder = Holder(team_id=team.id)
        found = previews.of_grant(session, OPERATOR, home.id, holder, PHONE, NOON)
        assert [one.person.name for one in found.people] == [eva.name, *(u.name for u in many)]
        assert {one.after.found for one in found.people} == {3}
        assert [one.after.on_phones for one in found.people] == [(3, 3)] + [()] * 25


def test_what_stays_back_is_of_what_the_grant_covers(sessions: Sessions) -> None:
    terms = Terms(["read"], "assigned", reason="site")
    with sessions.write() as session:
        home, eva = scene(session)
        make.assignment(session, make.contact(session, home, has_basis=False), eva)
        found = previews.of_grant(session, OPERATOR, home.id, Holder(eva.id), terms, NOON)
        assert (found.no_basis, found.restricted) == (1, 0)


def test_who_may_not_give_is_told_nothing(sessions: Sessions) -> None:
    with sessions.write() as session:
        home, eva = scene(session)
        with pytest.raises(Refused):
            previews.of_grant(session, acting(eva), home.id, Holder(eva.id), PHONE, NOON)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (SyncPolicy.ANY, "never", (3, 2, 0, 0)),
        (SyncPolicy.ANY, "managed", (3, 1, 0, 0)),
        (SyncPolicy.NEVER, "any", (0, 0, 3, 2)),
        (SyncPolicy.MANAGED, "managed", (0, 0, 0, 0)),
    ],
)
def test_a_rule_for_phones_takes_back_and_gives(
    sessions: Sessions, before: SyncPolicy, after: str, expected: tuple[int, ...]
) -> None:
    with sessions.write() as session:
        home, eva = scene(session, before)
        make.grant(session, home, eva)
        found = previews.of_rule(session, OPERATOR, home.id, after, NOON)
        told = (found.leaving, found.left_phones, found.coming, found.reached_phones)
        assert told == expected
