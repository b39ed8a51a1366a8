"""The policy read over a period says what the policy itself says at every instant of it."""

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import ColumnElement, Integer, Select, bindparam, false, null, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.cards.card import ContactKind
from app.db import Instant, Sessions
from app.models import Contact, FactHistory, Grant, Project, User
from app.models.kinds import Profile, Scope, SyncPolicy
from app.policy import GRANTS, VETOES, Channel, Viewer, intervals, profile, visible
from app.policy.visibility import holding_grants, holding_projects
from app.queries import access, former
from app.queries.access import Sight
from tests.factories import LONG_AGO, NOON
from tests.policy import drawing
from tests.policy.planting import plant
from tests.policy.test_cases import plant_cases
from tests.policy.worlds import Asker, Subject, widest

HOUR = timedelta(hours=1)
START, END = NOON - HOUR, NOON + HOUR
TABLES = Contact.metadata.tables
SAMPLES = st.integers(-3, 3).map(
    lambda micros: NOON + timedelta(microseconds=micros)
) | st.datetimes(
    START.replace(tzinfo=None), END.replace(tzinfo=None) - timedelta(microseconds=1)
).map(lambda at: at.replace(tzinfo=NOON.tzinfo))


Edit = tuple[tuple[str, str, str], int, datetime]
"""Table, column and the value before; which of its rows; and until when."""

WRITTEN_OVER: dict[str, dict[str, tuple[object, ...]]] = {
    "contact": {"kind": tuple(ContactKind), "is_sole_trader": (0, 1)},
    "directory": {"purpose_id": (1, 2), "sync_policy": tuple(SyncPolicy)},
    "grant": {
        **dict.fromkeys(("can_read", "can_sync", "can_export"), (0, 1)),
        "scope": tuple(Scope),
        "fields": tuple(int(level) for level in Profile),
    },
    "project": {"allows_sync": (0, 1), "fields": (1, 2, 3, 4)},
    "device": {"is_managed": (0, 1), "fields": (1, 2, 3, 4)},
}
EDITS: st.SearchStrategy[list[Edit]] = st.lists(
    st.sampled_from(
        [
            (table, column, str(old))
            for table, columns in WRITTEN_OVER.items()
            for column, values in columns.items()
            for old in values
        ]
    ).flatmap(lambda what: st.tuples(st.just(what), st.integers(0, 3), SAMPLES)),
    max_size=3,
)


def write_over(session: Session, edits: list[Edit]) -> None:
    """Let rows that decide here, whichever, have had these values until these instants."""
    for (table, column, old), place, at in edits:
        ids = session.scalars(select(TABLES[table].c.id).order_by(TABLES[table].c.id.desc())).all()
        if ids:
            values = {"fact": table, "field": column, "old": old, "changed_at": at}
            session.add(FactHistory(row_id=ids[place % len(ids)], **values))
    session.flush()


class Policy:
    """The policy itself, asked about one contact at an instant, with the facts as they stood."""

    def __init__(self, session: Session, contact_id: int) -> None:
        rows = {name: session.scalars(select(TABLES[name].c.id)).all() for name in WRITTEN_OVER}
        self._session, self._contact_id = session, contact_id
        self._edits = former.edits(session, rows, LONG_AGO)

    def says(self, viewer: Viewer, channel: Channel, at: datetime) -> list[tuple[object, ...]]:
        """The profile, grants and projects where the contact is visible; else nothing."""
        ids = {"user": viewer.user_id, "device": viewer.device_id}
        asked = ids | {"at": at, "contact": self._contact_id}
        verdict, *behind = [
            self._session.scalars(
                former.as_it_stood(query, self._edits, at, self._session.get_bind().dialect.name),
                asked,
            ).all()
            for query in policy(channel)
        ]
        through = [() if said == [None] else tuple(said) for said in behind]
        return [(Profile(level).name.lower(), *through) for level in verdict]


@cache
def policy(channel: Channel) -> list[Select[*tuple[Any, ...]]]:
    """Profile where it is visible, grants, projects: put together once, it takes long."""
    viewer = Viewer(bindparam("user", type_=Integer), bindparam("device", type_=Integer))  # type: ignore[arg-type]
    at: datetime = bindparam("at", type_=Instant())  # type: ignore[assignment]
    this = Contact.id == bindparam("contact", type_=Integer)
    verdict = select(profile(viewer, channel, at)).where(this, visible(viewer, channel, at))
    through = ((Grant.id, holding_grants), (Project.slug, holding_projects))
    behind = [
        select(key).where(key.in_(_about(key, holding(viewer, channel, at), this))).order_by(key)
        for key, holding in through
    ]
    return [verdict, *behind]


def _about(
    key: InstrumentedAttribute[Any], holding: Select[int] | None, this: ColumnElement[bool]
) -> Select[Any]:
    """These keys of what opens the contact."""
    if holding is None:
        return select(null()).where(false())
    named = holding.with_only_columns(key, maintain_column_froms=True)
    return named.correlate(None).where(this)


def mine(sight: Sight, email: str, channel: Channel, device: int | None) -> bool:
    """Whether it is of this user, over this channel, on this device as it is planted."""
    phone = f"device{device - 1}" if device and channel is Channel.CARDDAV else None
    return (sight.email, sight.channel, sight.device_id) == (email, channel.value, phone)


def at_once(sights: list[Sight], at: datetime) -> list[Sight]:
    return [sight for sight in sights if sight.start <= at < sight.end]


@given(
    asker=drawing.askers,
    subject=drawing.subjects,
    edits=drawing.usually([], EDITS),
    samples=st.lists(SAMPLES, min_size=2),
)
def test_the_intervals_say_what_the_policy_says_at_any_instant(
    sessions: Sessions,
    asker: Asker,
    subject: Subject,
    edits: list[Edit],
    samples: list[datetime],
) -> None:
    with Session(sessions.engine) as session:
        stage = plant(session, asker, [subject])
        (contact_id,) = stage.worlds
        write_over(session, edits)
        email = session.get_one(User, stage.viewer.user_id).email
        found = access.could_see(session, contact_id, START, END)
        turns = {at for sight in found for at in (sight.start, sight.end) if START <= at < END}
        device = stage.viewer.device_id
        asking = Policy(session, contact_id)
        for at in {START, *samples, *turns, *(edit[2] for edit in edits)}:
            for channel in (Channel.PORTAL, Channel.EXPORT, Channel.CARDDAV):
                told = [
                    (sight.fields, sight.grants, sight.projects)
                    for sight in at_once(found, at)
                    if mine(sight, email, channel, device)
                ]
                if channel is not Channel.CARDDAV or device:
                    assert told == asking.says(stage.viewer, channel, at)


def test_the_intervals_decide_every_case_of_the_table(sqlite: Sessions) -> None:
    """Each clause decides some of these (tests/policy/test_cases.py holds the table to that)."""
    wrong = []
    with Session(sqlite.engine) as session:
        for stage, cases in plant_cases(session):
            channel, at, device = cases[0].channel, cases[0].at, stage.viewer.device_id
            if channel is Channel.TRANSFER or (channel is Channel.CARDDAV and not device):
                continue
            email = session.get_one(User, stage.viewer.user_id).email
            for contact, case in zip(stage.worlds, cases, strict=True):
                found = at_once(access.could_see(session, contact, START, END), at)
                told = [sight.fields for sight in found if mine(sight, email, channel, device)]
                level = widest(stage.worlds[contact], channel, at)
                if told != ([Profile(level).name.lower()] if case.is_visible else []):
                    wrong.append((case.name, told))
    assert wrong == []


def test_every_clause_of_the_policy_has_its_place_in_the_intervals() -> None:
    assert list(intervals.SENTENCES) == [clause.__name__ for clause in (*GRANTS, *VETOES)]
