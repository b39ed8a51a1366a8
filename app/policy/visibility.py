"""THE place that decides who sees which contact, over which channel, at which instant.

A contact is visible when at least one grant holds and no veto does. Each clause is one
sentence of the specification: its docstring. Clauses are SQL over `Contact`; the same ones
make lists, single look-ups, counts, search, the phones' books and the explanation, so that no
second text of the rule exists. A clause never yields NULL: it is built of EXISTS and of
columns that are NOT NULL. `at` is always the argument, never the database's clock.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, false, not_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.cards.card import ContactKind
from app.models import (
    Assignment,
    Contact,
    Device,
    Directory,
    Grant,
    LegalBasis,
    Participation,
    Project,
    ProjectMember,
    Restriction,
    Suspension,
    SuspensionKind,
    TeamMember,
)
from app.models.kinds import Scope, SyncPolicy
from app.policy.viewer import Channel, Viewer

Clause = Callable[[Viewer, Channel, datetime], ColumnElement[bool]]
Period = type[
    Assignment
    | Grant
    | LegalBasis
    | Participation
    | ProjectMember
    | Restriction
    | Suspension
    | TeamMember
]


def live(fact: Period, at: datetime) -> ColumnElement[bool]:
    """Whether the half-open period of a fact holds `at`."""
    return within(fact.valid_from, fact.valid_until, at)


def within(
    start: InstrumentedAttribute[datetime], end: InstrumentedAttribute[datetime], at: datetime
) -> ColumnElement[bool]:
    """Whether `at` lies in [start, end)."""
    return and_(start <= at, at < end)


# --- Grants: what opens -------------------------------------------------------------------

_RIGHT = {
    Channel.PORTAL: Grant.can_read,
    Channel.CARDDAV: Grant.can_sync,
    Channel.EXPORT: Grant.can_export,
}
"""The right of its own that each channel asks of a grant; no grant opens a TRANSFER."""


def right_asked(channel: Channel) -> str:
    """The name of that right's column. Raises KeyError for a channel that no grant opens."""
    return _RIGHT[channel].key


def is_holder(viewer: Viewer, at: datetime) -> ColumnElement[bool]:
    """Whether a Grant was given to the viewer or to a team he belongs to `at`."""
    teams = select(TeamMember.team_id).where(
        TeamMember.user_id == viewer.user_id, live(TeamMember, at)
    )
    return or_(Grant.user_id == viewer.user_id, Grant.team_id.in_(teams))


def _opening(viewer: Viewer, channel: Channel, at: datetime) -> ColumnElement[bool]:
    """Whether a Grant opens this channel to the viewer, for all its contacts or for some."""
    return and_(live(Grant, at), _RIGHT[channel], is_holder(viewer, at))


def _in_charge(viewer: Viewer, at: datetime) -> Select[int]:
    """The ids of the contacts in the viewer's charge."""
    return select(Assignment.contact_id).where(
        Assignment.user_id == viewer.user_id, live(Assignment, at)
    )


def holding_grants(viewer: Viewer, channel: Channel, at: datetime) -> Select[int] | None:
    """The profiles of the grants that open a contact; None where no grant opens the channel."""
    if channel not in _RIGHT:
        return None
    # Two levels down, SQLAlchemy correlates only what it is told to.
    assigned = _in_charge(viewer, at).where(Assignment.contact_id == Contact.id)
    return (
        select(Grant.fields)
        .where(
            Grant.directory_id == Contact.directory_id,
            _opening(viewer, channel, at),
            or_(Grant.scope == Scope.ALL, assigned.correlate(Contact).exists()),
        )
        .correlate(Contact)
    )


def holding_projects(viewer: Viewer, channel: Channel, at: datetime) -> Select[int] | None:
    """The profiles of the projects that open a contact; None where none opens the channel."""
    if channel not in {Channel.PORTAL, Channel.CARDDAV}:
        return None
    opened = (
        select(Project.fields)
        .join(ProjectMember, ProjectMember.project_id == Project.id)
        .join(Participation, Participation.project_id == Project.id)
        .where(
            Participation.contact_id == Contact.id,
            live(Participation, at),
            ProjectMember.user_id == viewer.user_id,
            live(ProjectMember, at),
            within(Project.starts_at, Project.ends_at, at),
        )
        .correlate(Contact)
    )
    return opened.where(Project.allows_sync) if channel is Channel.CARDDAV else opened


def directory_grant(viewer: Viewer, channel: Channel, at: datetime) -> ColumnElement[bool]:
    """He holds a live grant on the contact's home directory with the right of this channel."""
    if channel not in _RIGHT:
        return false()
    # No contact stands inside, so that a database can ask this once for a whole list.
    homes = select(Grant.directory_id).where(_opening(viewer, channel, at))
    return or_(
        Contact.directory_id.in_(homes.where(Grant.scope == Scope.ALL)),
        and_(Contact.directory_id.in_(homes), Contact.id.in_(_in_charge(viewer, at))),
    )


def open_project(viewer: Viewer, channel: Channel, at: datetime) -> ColumnElement[bool]:
    """Both work in a project that is open, and for a phone the project allows sync."""
    projects = holding_projects(viewer, channel, at)
    return false() if projects is None else projects.exists()


# --- Vetoes: what shuts -------------------------------------------------------------------


def erased(viewer: Viewer, channel: Channel, at: datetime) -> ColumnElement[bool]:
    """The contact has been erased."""
    return Contact.erased_at <= at


def restricted(viewer: Viewer, channel: Channel, at: datetime) -> ColumnElement[bool]:
    """The contact's data may only be stored, such as while an objection is weighed."""
    restriction = exists().where(Restriction.contact_id == Contact.id, live(Restriction, at))
    return restriction.correlate(Contact)


def merged_away(viewer: Viewer, channel: Channel, at: datetime) -> ColumnElement[bool]:
    """The contact has been merged into another one."""
    return Contact.merged_at <= at


def no_legal_basis(viewer: Viewer, channel: Channel, at: datetime) -> ColumnElement[bool]:
    """A natural person or sole trader has no basis for the directory's purpose."""
    purpose = select(Directory.purpose_id).where(Directory.id == Contact.directory_id)
    # A join here lets PostgreSQL gather the bases of all contacts to look at one.
    basis = (
        select(LegalBasis.id)
        .where(
            LegalBasis.contact_id == Contact.id,
            LegalBasis.purpose_id == purpose.correlate(Contact).scalar_subquery(),
            live(LegalBasis, at),
        )
        .correlate(Contact)
    )
    natural = or_(Contact.kind == ContactKind.PERSON, Contact.is_sole_trader)
    return and_(natural, not_(basis.exists()))


def viewer_disabled(viewer: Viewer, channel: Channel, at: datetime) -> ColumnElement[bool]:
    """The account of the one who asks is disabled."""
    return _suspended(viewer, SuspensionKind.DISABLED, at)


def sync_stopped(viewer: Viewer, channel: Channel, at: datetime) -> ColumnElement[bool]:
    """Sync to phones has been stopped for the one who asks."""
    if channel is not Channel.CARDDAV:
        return false()
    return _suspended(viewer, SuspensionKind.SYNC, at)


def device_not_active(viewer: Viewer, channel: Channel, at: datetime) -> ColumnElement[bool]:
    """The phone has been stopped, is not set up yet, or belongs to somebody else."""
    if channel is not Channel.CARDDAV or viewer.device_id is None:
        return false()
    return not_(
        exists().where(
            Device.id == viewer.device_id,
            Device.user_id == viewer.user_id,
            within(Device.enrolled_at, Device.stopped_at, at),
        )
    )


def directory_keeps_off_phones(
    viewer: Viewer, channel: Channel, at: datetime
) -> ColumnElement[bool]:
    """The directory lets no contact onto phones, or only onto phones that we manage."""
    if channel is not Channel.CARDDAV:
        return false()
    managed = exists().where(Device.id == viewer.device_id, Device.is_managed)
    kept = exists().where(
        Directory.id == Contact.directory_id,
        or_(
            Directory.sync_policy == SyncPolicy.NEVER,
            and_(Directory.sync_policy == SyncPolicy.MANAGED, not_(managed)),
        ),
    )
    return kept.correlate(Contact)


def _suspended(viewer: Viewer, kind: SuspensionKind, at: datetime) -> ColumnElement[bool]:
    return exists().where(
        Suspension.user_id == viewer.user_id, Suspension.kind == kind, live(Suspension, at)
    )


GRANTS: Sequence[Clause] = (directory_grant, open_project)
"""At least one of these must hold."""

VETOES: Sequence[Clause] = (
    erased,
    restricted,
    merged_away,
    no_legal_basis,
    viewer_disabled,
    sync_stopped,
    device_not_active,
    directory_keeps_off_phones,
)
"""None of these may hold; a veto wins over every grant."""


def visible(viewer: Viewer, channel: Channel, at: datetime) -> ColumnElement[bool]:
    """Whether a Contact is visible to the viewer over the channel at that instant."""
    return and_(
        or_(false(), *(clause(viewer, channel, at) for clause in GRANTS)),
        not_(or_(false(), *(clause(viewer, channel, at) for clause in VETOES))),
    )


@dataclass(frozen=True, slots=True)
class Ruling:
    """What one clause says of one question."""

    name: str
    kind: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """The verdict with every clause that led to it."""

    is_visible: bool
    rulings: tuple[Ruling, ...]


def explain(
    session: Session, viewer: Viewer, contact_id: int, channel: Channel, at: datetime
) -> Explanation:
    """Why the viewer sees this contact or does not, by the very clauses of `visible`.

    A contact that is not there is not visible, and no clause holds.
    """
    clauses = [("grant", c) for c in GRANTS] + [("veto", c) for c in VETOES]
    row = session.execute(
        select(
            visible(viewer, channel, at).label("verdict"),
            *(clause(viewer, channel, at).label(clause.__name__) for _, clause in clauses),
        )
        .select_from(Contact)
        .where(Contact.id == contact_id)
    ).one_or_none()
    held = row or (False,) * (len(clauses) + 1)
    return Explanation(
        is_visible=bool(held[0]),
        rulings=tuple(
            Ruling(name=clause.__name__, kind=kind, holds=bool(holds))
            for (kind, clause), holds in zip(clauses, held[1:], strict=True)
        ),
    )
