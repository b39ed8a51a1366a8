"""Who could see a contact: intervals that say what the policy says at every instant."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from app.cards.card import ContactKind
from app.db import FOREVER, Sessions
from app.models import Contact, Directory, FactHistory, User
from app.models.kinds import Profile, Scope, SyncPolicy
from app.queries import access
from tests import factories as make
from tests.factories import LONG_AGO, NOON

HOUR = timedelta(hours=1)
START, END = NOON - HOUR, NOON + HOUR


def scene(session: Session) -> tuple[Directory, Contact, User]:
    home = make.directory(session)
    return home, make.contact(session, home), make.user(session)


def test_each_interval_names_what_opened(sessions: Sessions) -> None:
    with sessions.write() as session:
        home, karel, eva = scene(session)
        phone = make.device(session, eva)
        own = make.grant(session, home, eva, can="read", end=NOON)
        by_team = make.grant(
            session, home, make.team(session, eva), start=NOON - HOUR / 2, fields=Profile.MINIMAL
        )
        bridge = make.project(session, end=NOON + HOUR / 2)
        make.member(session, bridge, eva)
        make.participation(session, bridge, karel, start=NOON + HOUR / 4)
        found = access.could_see(session, karel.id, START, END)
        portal = [sight for sight in found if sight.channel == "portal"]
        assert [(s.start, s.end, s.fields, s.grants, s.projects) for s in portal] == [
            (START, NOON - HOUR / 2, "full", (own.id,), ()),
            (NOON - HOUR / 2, NOON, "full", (own.id, by_team.id), ()),
            (NOON, NOON + HOUR / 4, "minimal", (by_team.id,), ()),
            (NOON + HOUR / 4, NOON + HOUR / 2, "minimal", (by_team.id,), (bridge.slug,)),
            (NOON + HOUR / 2, END, "minimal", (by_team.id,), ()),
        ]
        phones = [sight for sight in found if sight.channel == "carddav"]
        assert {(s.device_id, s.device, s.user) for s in phones} == {
            (phone.public_id, "Phone", eva.name)
        }
        assert (phones[0].start, phones[-1].end) == (NOON - HOUR / 2, END)
        assert not [sight for sight in found if sight.channel == "export"]


@pytest.mark.parametrize("veto", ["erased", "merged", "restricted", "no basis", "disabled"])
def test_what_shuts_ends_the_interval_on_the_instant(sessions: Sessions, veto: str) -> None:
    with sessions.write() as session:
        home = make.directory(session)
        karel = make.contact(session, home, has_basis=False)
        make.basis(session, karel, home, end=NOON if veto == "no basis" else FOREVER)
        eva = make.user(session)
        make.grant(session, home, eva, can="export")
        if veto == "restricted":
            make.restriction(session, karel, start=NOON)
        if veto == "disabled":
            make.suspension(session, eva, start=NOON)
        karel.erased_at = NOON if veto == "erased" else FOREVER
        karel.merged_at = NOON if veto == "merged" else FOREVER
        session.flush()
        (sight,) = access.could_see(session, karel.id, START, END)
        assert (sight.channel, sight.start, sight.end) == ("export", START, NOON)


def edited_at(session: Session, at: datetime) -> None:
    """Let everything that was written over have been written over at this instant."""
    for row in session.scalars(select(FactHistory)):
        row.changed_at = at
    session.flush()


def test_a_right_that_was_taken_by_hand_counts_until_it_was(sessions: Sessions) -> None:
    with sessions.write() as session:
        home, karel, eva = scene(session)
        given = make.grant(session, home, eva, can="read,export")
        given.can_export, given.fields = False, int(Profile.CALLER)
        session.flush()
        edited_at(session, NOON)
        found = access.could_see(session, karel.id, START, END)
        assert [(s.channel, s.start, s.end, s.fields) for s in found] == [
            ("portal", START, NOON, "full"),
            ("portal", NOON, END, "caller"),
            ("export", START, NOON, "full"),
        ]


def test_a_contact_counts_as_what_he_was_and_where_he_was(sessions: Sessions) -> None:
    with sessions.write() as session:
        home, karel, eva = scene(session)
        other, jan = make.directory(session), make.user(session)
        make.basis(session, karel, other)
        make.grant(session, home, eva, can="read")
        make.grant(session, other, jan, can="read")
        karel.directory_id = other.id
        session.flush()
        edited_at(session, NOON)
        assert [
            (s.email, s.start, s.end) for s in access.could_see(session, karel.id, START, END)
        ] == [
            (eva.email, START, NOON),
            (jan.email, NOON, END),
        ]


def test_a_person_without_a_basis_who_was_a_firm_was_seen_until_then(sessions: Sessions) -> None:
    with sessions.write() as session:
        home = make.directory(session)
        firm = make.contact(session, home, kind=ContactKind.ORGANISATION)
        make.grant(session, home, make.user(session), can="read")
        firm.kind = ContactKind.PERSON
        session.flush()
        edited_at(session, NOON)
        (sight,) = access.could_see(session, firm.id, START, END)
        assert (sight.start, sight.end) == (START, NOON)


def test_rules_for_phones_count_as_they_stood(sessions: Sessions) -> None:
    with sessions.write() as session:
        home, karel, eva = scene(session)
        make.grant(session, home, eva, can="sync")
        phone = make.device(session, eva)
        home.sync_policy = SyncPolicy.MANAGED
        session.flush()
        edited_at(session, NOON - HOUR / 2)
        phone.is_managed = True
        session.flush()
        newest = session.scalar(select(func.max(FactHistory.id)))
        session.get_one(FactHistory, newest).changed_at = NOON
        session.flush()
        found = access.could_see(session, karel.id, START, END)
        assert [(s.start, s.end) for s in found] == [(START, NOON - HOUR / 2), (NOON, END)]


def test_twice_edited_is_read_step_by_step(sessions: Sessions) -> None:
    with sessions.write() as session:
        home, karel, eva = scene(session)
        given = make.grant(session, home, eva, can="read")
        for minutes, level in ((-30, Profile.MINIMAL), (0, Profile.STANDARD)):
            known = set(session.scalars(select(FactHistory.id)))
            given.fields = int(level)
            session.flush()
            for row in session.scalars(select(FactHistory)):
                if row.id not in known:
                    row.changed_at = NOON + timedelta(minutes=minutes)
            session.flush()
        found = access.could_see(session, karel.id, START, END)
        assert [sight.fields for sight in found] == ["full", "minimal", "standard"]


def test_an_assignment_and_a_stopped_phone_count_by_their_periods(sessions: Sessions) -> None:
    with sessions.write() as session:
        home, karel, eva = scene(session)
        make.grant(session, home, eva, can="sync", scope=Scope.ASSIGNED)
        make.assignment(session, karel, eva, start=NOON - HOUR / 2)
        make.device(session, eva).stopped_at = NOON
        make.device(session, eva).stopped_at = LONG_AGO + HOUR
        session.flush()
        (sight,) = access.could_see(session, karel.id, START, END)
        assert (sight.start, sight.end) == (NOON - HOUR / 2, NOON)


def test_a_device_narrows_and_counts_from_when_it_was_his(sessions: Sessions) -> None:
    with sessions.write() as session:
        home, karel, eva = scene(session)
        make.grant(session, home, eva, can="sync", fields=Profile.FULL)
        phone = make.device(session, make.user(session))
        phone.fields = int(Profile.MINIMAL)
        session.flush()
        phone.user_id = eva.id
        session.flush()
        edited_at(session, NOON)
        (sight,) = access.could_see(session, karel.id, START, END)
        assert (sight.start, sight.end, sight.fields) == (NOON, END, "minimal")


def test_nobody_is_named_who_never_could(sessions: Sessions) -> None:
    with sessions.write() as session:
        home, karel, eva = scene(session)
        make.grant(session, home, eva, end=START)
        make.grant(session, make.directory(session), eva)
        assert access.could_see(session, karel.id, START, END) == []


def test_more_grants_teams_and_phones_take_no_more_statements(sessions: Sessions) -> None:
    counted: list[str] = []

    def note(_c: object, _k: object, statement: str, *_rest: object) -> None:
        counted.append(statement)

    with sessions.write() as session:
        home, karel, eva = scene(session)
        bridge = make.project(session)
        make.participation(session, bridge, karel)
        make.grant(session, home, eva)
        event.listen(sessions.engine, "before_cursor_execute", note)
        access.could_see(session, karel.id, START, END)
        few = len(counted)
        event.remove(sessions.engine, "before_cursor_execute", note)
        for number in range(6):
            user = make.user(session, f"User {number}")
            make.grant(session, home, user, start=NOON - HOUR / (number + 2))
            make.grant(session, home, make.team(session, user), start=NOON)
            make.member(session, bridge, user, NOON + HOUR / 2)
            make.device(session, user)
        session.flush()
        counted.clear()
        event.listen(sessions.engine, "before_cursor_execute", note)
        found = access.could_see(session, karel.id, START, END)
        event.remove(sessions.engine, "before_cursor_execute", note)
        assert len({sight.email for sight in found}) == 7
        assert len(counted) == few
