"""Who could see a contact: intervals that say what the policy says at every instant."""

from datetime import datetime, timedelta
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Integer, Select, bindparam, func, select
from sqlalchemy.orm import Session

from app.cards.card import ContactKind
from app.db import FOREVER, Instant, Sessions
from app.models import Contact, Directory, FactHistory, User
from app.models.kinds import Profile, Scope, SyncPolicy
from app.policy import Channel, Viewer, profile, visible
from app.queries import access
from app.queries.access import Sight
from tests import factories as make
from tests.factories import LONG_AGO, NOON
from tests.policy import drawing
from tests.policy.planting import plant
from tests.policy.worlds import Asker, Subject

HOUR = timedelta(hours=1)
START, END = NOON - HOUR, NOON + HOUR
SAMPLES = st.integers(-3, 3).map(
    lambda micros: NOON + timedelta(microseconds=micros)
) | st.datetimes(
    START.replace(tzinfo=None), END.replace(tzinfo=None) - timedelta(microseconds=1)
).map(lambda at: at.replace(tzinfo=NOON.tzinfo))


@cache
def policy(channel: Channel) -> Select[int]:
    """The profile of the contact where it is visible: put together once, it takes long."""
    viewer = Viewer(bindparam("user", type_=Integer), bindparam("device", type_=Integer))  # type: ignore[arg-type]
    at: datetime = bindparam("at", type_=Instant())  # type: ignore[assignment]
    this = Contact.id == bindparam("contact", type_=Integer)
    return select(profile(viewer, channel, at)).where(this, visible(viewer, channel, at))


def at_once(sights: list[Sight], at: datetime) -> list[Sight]:
    return [sight for sight in sights if sight.start <= at < sight.end]


@given(asker=drawing.askers, subject=drawing.subjects, samples=st.lists(SAMPLES, min_size=3))
def test_the_intervals_say_what_the_policy_says_at_any_instant(
    sessions: Sessions, asker: Asker, subject: Subject, samples: list[datetime]
) -> None:
    with Session(sessions.engine) as session:
        stage = plant(session, asker, [subject])
        (contact_id,) = stage.worlds
        user = session.get_one(User, stage.viewer.user_id)
        found = access.could_see(session, contact_id, START, END)
        phone = f"device{stage.viewer.device_id - 1}" if stage.viewer.device_id else None
        for at in [START, *samples]:
            for channel in (Channel.PORTAL, Channel.EXPORT, Channel.CARDDAV):
                device = phone if channel is Channel.CARDDAV else None
                told = {
                    sight.fields
                    for sight in at_once(found, at)
                    if (sight.email, sight.channel, sight.device_id)
                    == (user.email, channel.value, device)
                }
                if channel is Channel.CARDDAV and device is None:
                    continue
                asked = {"user": user.id, "device": stage.viewer.device_id, "at": at}
                level = session.scalar(policy(channel), asked | {"contact": contact_id})
                expected = set() if level is None else {Profile(level).name.lower()}
                assert told == expected


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
        other = make.directory(session)
        make.grant(session, home, eva, can="read")
        karel.directory_id = other.id
        session.flush()
        edited_at(session, NOON)
        (sight,) = access.could_see(session, karel.id, START, END)
        assert (sight.start, sight.end) == (START, NOON)


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


def test_nobody_is_named_who_never_could(sessions: Sessions) -> None:
    with sessions.write() as session:
        home, karel, eva = scene(session)
        make.grant(session, home, eva, end=START)
        make.grant(session, make.directory(session), eva)
        assert access.could_see(session, karel.id, START, END) == []
