"""Who sees a contact: for everybody at once what the policy says of each."""

from datetime import datetime, timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Integer, Select, bindparam, event, select
from sqlalchemy.orm import Session

from app.db import Instant, Sessions
from app.models import Contact, Device, FactHistory, RoleName, User, UserRole
from app.models.kinds import Profile, Scope
from app.policy import Channel, Viewer, profile, visible
from app.queries import sight
from app.queries.sight import Asking, Person, Sights
from tests import factories as make
from tests.factories import NOON
from tests.policy import drawing
from tests.policy.planting import Planter, Stage
from tests.policy.worlds import INSTANTS, Asker, Subject

HOUR = timedelta(hours=1)


@cache
def policy(channel: Channel) -> Select[int]:
    """The profile of the contact where it is visible: put together once, it takes long."""
    viewer = Viewer(bindparam("user", type_=Integer), bindparam("device", type_=Integer))  # type: ignore[arg-type]
    at: datetime = bindparam("at", type_=Instant())  # type: ignore[assignment]
    this = Contact.id == bindparam("contact", type_=Integer)
    return select(profile(viewer, channel, at)).where(this, visible(viewer, channel, at))


def judged(
    session: Session, viewer: Viewer, contact_id: int, channel: Channel, at: datetime
) -> int:
    """The profile that the policy gives one viewer, 0 where the contact is hidden."""
    asked = {"user": viewer.user_id, "device": viewer.device_id, "contact": contact_id, "at": at}
    return session.scalar(policy(channel), asked) or 0


def shown(sights: Sights) -> dict[int, int]:
    return {who.user_id: who.fields for who in sights.persons if who.is_visible}


@settings(max_examples=15)
@given(
    pairs=st.lists(st.tuples(drawing.askers, drawing.subjects), min_size=2, max_size=3),
    at=st.sampled_from(INSTANTS),
)
def test_everybody_at_once_gets_the_verdict_that_each_gets_alone(
    sessions: Sessions, pairs: list[tuple[Asker, Subject]], at: datetime
) -> None:
    with Session(sessions.engine) as session:
        planter = Planter(session)
        stages = [planter.plant(asker, [subject]) for asker, subject in pairs]
        planter.write()
        for contact_id in [contact for stage in stages for contact in stage.worlds]:
            for channel in (Channel.PORTAL, Channel.EXPORT):
                found = shown(sight.of_contact(session, contact_id, channel, at, at))
                expected = {
                    user: level
                    for user in session.scalars(select(User.id))
                    if (level := judged(session, Viewer(user), contact_id, channel, at))
                }
                assert found == expected
            check_phones(session, stages, contact_id, at)


def check_phones(session: Session, stages: list[Stage], contact_id: int, at: datetime) -> None:
    found = sight.of_contact(session, contact_id, Channel.CARDDAV, at, at)
    devices = {phone.device_id for who in found.persons for phone in who.phones}
    for stage in stages:
        if stage.viewer.device_id is not None:
            level = judged(session, stage.viewer, contact_id, Channel.CARDDAV, at)
            assert (f"device{stage.viewer.device_id - 1}" in devices) == (level > 0)


def of(sights: Sights, user: User) -> Person:
    return next(who for who in sights.persons if who.user_id == user.id)


def test_each_person_comes_with_what_opens_and_until_when(sessions: Sessions) -> None:
    with sessions.write() as session:
        home = make.directory(session)
        karel = make.contact(session, home)
        eva, jan, petr = (make.user(session, name) for name in ("Eva", "Jan", "Petr"))
        make.grant(session, home, eva, can="read", end=NOON + HOUR).granted_by_id = jan.id
        make.grant(
            session,
            home,
            make.team(session, jan),
            can="read",
            scope=Scope.ASSIGNED,
            fields=Profile.MINIMAL,
        )
        make.assignment(session, karel, jan)
        bridge = make.project(session, end=NOON + 2 * HOUR)
        make.member(session, bridge, petr, end=NOON + HOUR)
        make.participation(session, bridge, karel)
        found = sight.of_contact(session, karel.id, Channel.PORTAL, NOON, NOON)
        said = [
            (w.name, w.fields, o.is_project, o.name, o.team, o.by, o.is_assigned, o.until.year)
            for w in found.persons
            for o in w.openings
        ]
        assert said == [
            ("Eva", 4, False, "Customers", "", "Jan", False, 2026),
            ("Jan", 2, False, "Customers", "Stavba", "", True, 9999),
            ("Petr", 1, True, "Most", "", "", False, 2026),
        ]
        assert of(found, petr).openings[0].until == NOON + HOUR
        assert found.counts == {Channel.PORTAL: 3, Channel.CARDDAV: 0, Channel.EXPORT: 0}


def test_whom_a_rule_lets_in_and_another_shuts_out_is_named_with_it(sessions: Sessions) -> None:
    with sessions.write() as session:
        home = make.directory(session)
        karel = make.contact(session, home)
        eva = make.user(session)
        make.grant(session, home, eva, can="read")
        make.suspension(session, eva, start=NOON)
        before = sight.of_contact(session, karel.id, Channel.PORTAL, NOON - HOUR, NOON)
        assert (of(before, eva).is_visible, of(before, eva).shut_by) == (True, ())
        now = sight.of_contact(session, karel.id, Channel.PORTAL, NOON, NOON)
        assert (of(now, eva).is_visible, of(now, eva).shut_by) == (False, ("viewer_disabled",))
        assert (of(now, eva).fields, now.counts[Channel.PORTAL]) == (0, 0)


@pytest.mark.parametrize(
    ("clause", "since"),
    [
        ("erased", NOON),
        ("merged_away", NOON),
        ("restricted", NOON - HOUR),
        ("no_legal_basis", NOON - HOUR),
    ],
)
def test_what_shuts_a_contact_to_everybody_is_said_with_its_beginning(
    sessions: Sessions, clause: str, since: datetime
) -> None:
    with sessions.write() as session:
        home = make.directory(session)
        karel = make.contact(session, home, has_basis=clause != "no_legal_basis")
        if clause == "no_legal_basis":
            make.basis(session, karel, home, end=NOON - HOUR)
        if clause == "restricted":
            make.restriction(session, karel, start=NOON - HOUR)
        if clause == "erased":
            karel.erased_at = NOON
        if clause == "merged_away":
            karel.merged_at = NOON
        session.flush()
        found = sight.of_contact(session, karel.id, Channel.PORTAL, NOON, NOON)
        assert [(bar.clause, bar.since) for bar in found.bars] == [(clause, since)]
        early = sight.of_contact(session, karel.id, Channel.PORTAL, NOON - 2 * HOUR, NOON)
        assert early.bars == ()


def test_a_right_taken_by_hand_counts_until_it_was(sessions: Sessions) -> None:
    with sessions.write() as session:
        home = make.directory(session)
        karel = make.contact(session, home)
        given = make.grant(session, home, make.user(session), can="read,export")
        given.can_export = False
        session.flush()
        for row in session.scalars(select(FactHistory)):
            row.changed_at = NOON - HOUR
        session.flush()
        moments = [NOON - HOUR - timedelta(microseconds=1), NOON - HOUR, NOON]
        found = [
            sight.of_contact(session, karel.id, Channel.EXPORT, at, NOON).counts[Channel.EXPORT]
            for at in moments
        ]
        assert found == [1, 0, 0]
        changes = sight.of_contact(session, karel.id, Channel.EXPORT, NOON, NOON).changes
        assert changes[0] == NOON - HOUR


def test_who_may_ask(sessions: Sessions) -> None:
    with sessions.write() as session:
        home = make.directory(session)
        karel = make.contact(session, home)
        manager, reader, watcher, owner = (make.user(session) for _ in range(4))
        make.grant(session, home, manager, can="manage")
        make.grant(session, home, reader, can="read")
        for user, role in ((watcher, RoleName.DPO), (owner, RoleName.OWNER)):
            session.add(UserRole(user_id=user.id, role=role))
        session.flush()

        def asking(user: User) -> Asking | None:
            return sight.asking(session, Viewer(user.id), karel.public_id, NOON)

        assert asking(manager) == Asking(karel.id, sees=False, may_ask=True)
        assert asking(reader) == Asking(karel.id, sees=True, may_ask=False)
        assert asking(watcher) == Asking(karel.id, sees=False, may_ask=True)
        assert asking(owner) is None
        assert sight.asking(session, Viewer(manager.id), "nothing", NOON) is None


def test_the_reason_that_decides_stands_first(sessions: Sessions) -> None:
    with sessions.write() as session:
        home = make.directory(session)
        karel = make.contact(session, home)
        eva, jan = make.user(session, "Eva"), make.user(session, "Jan")
        make.grant(session, home, eva, can="read,sync")
        make.suspension(session, eva)
        make.grant(session, home, jan, can="sync")
        make.device(session, jan).stopped_at = NOON - HOUR
        make.device(session, jan)
        session.flush()

        def deciding(user: User, channel: Channel) -> list[str]:
            why = sight.why(session, karel.id, user.id, channel, NOON, NOON)
            assert why is not None
            return [
                clause.reason.holds if clause.holds else clause.reason.fails
                for clause in why.clauses
                if clause.decides
            ]

        assert deciding(eva, Channel.PORTAL) == ["The colleague's account is disabled."]
        nothing = deciding(jan, Channel.PORTAL)
        assert [text.split()[0] for text in nothing] == ["Nobody", "They"]
        assert [text.split()[0] for text in deciding(jan, Channel.CARDDAV)] == ["Somebody"]
        assert sight.why(session, karel.id, 10**6, Channel.PORTAL, NOON, NOON) is None


def test_the_statements_do_not_grow_with_the_people(sessions: Sessions) -> None:
    counted: list[int] = []
    with sessions.write() as session:
        home = make.directory(session)
        karel = make.contact(session, home)

        def ask() -> int:
            before = len(counted)
            sight.of_contact(session, karel.id, Channel.CARDDAV, NOON, NOON)
            return len(counted) - before

        def count(*_: object) -> None:
            counted.append(1)

        event.listen(sessions.engine, "before_cursor_execute", count)
        make.grant(session, home, make.user(session))
        few = ask()
        for number in range(8):
            user = make.user(session, f"user {number}")
            make.grant(session, home, make.team(session, user))
            session.add(make.device(session, user))
        assert session.query(Device).count() == 8
        assert ask() == few
        event.remove(sessions.engine, "before_cursor_execute", count)
