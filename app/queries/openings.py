"""The rules behind a verdict, as facts with names: who gave what until when, and what shuts it."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Select, and_, bindparam, func, select, true
from sqlalchemy.orm import Session, aliased

from app.db import Instant
from app.models import (
    Contact,
    Directory,
    Grant,
    LegalBasis,
    Participation,
    Project,
    ProjectMember,
    Restriction,
    Team,
    TeamMember,
    User,
)
from app.models.kinds import Scope
from app.policy import Channel, Viewer, each
from app.policy.visibility import (
    erased,
    holding_grants,
    holding_projects,
    live,
    merged_away,
    no_legal_basis,
    restricted,
    within,
)
from app.queries.access import World

CHANNELS = (Channel.PORTAL, Channel.CARDDAV, Channel.EXPORT)
"""The ways out that a grant or a project can open."""

_ABOUT_THE_CONTACT = (erased, merged_away, restricted, no_legal_basis)


@dataclass(frozen=True, slots=True)
class Opening:
    """One rule that opens: access to the directory, through a team or not, or a project.

    `by` is who gave it, "" for the operator; `fields` the profile that it names; it lasts until
    the first of its periods ends.
    """

    slug: str
    name: str
    team: str
    by: str
    fields: int
    until: datetime
    is_project: bool
    is_assigned: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """A clause that shuts the contact to everybody, and since when."""

    clause: str
    since: datetime


def of_everybody(
    session: Session, world: World, channel: Channel, at: datetime
) -> dict[int, list[Opening]]:
    """What opens the contact `at`, by user."""
    asked = {"contact": world.contact_id, "at": at}
    found: dict[int, list[Opening]] = defaultdict(list)
    for user_id, slug, name, team, by, scope, fields, *ends in session.execute(
        world.stood(_grants(channel), at), asked
    ):
        until = min(end for end in ends if end is not None)
        is_assigned = scope == Scope.ASSIGNED
        found[user_id].append(
            Opening(
                *(slug, name, team or "", by or "", fields, until),
                is_project=False,
                is_assigned=is_assigned,
            )
        )
    for user_id, slug, name, fields, *ends in session.execute(
        world.stood(_projects(channel), at), asked
    ):
        opening = Opening(
            *(slug, name, "", "", fields, min(ends)), is_project=True, is_assigned=False
        )
        found[user_id].append(opening)
    return {user_id: list(dict.fromkeys(each_of)) for user_id, each_of in found.items()}


def bars(session: Session, world: World, at: datetime) -> tuple[Bar, ...]:
    """What shuts the contact to everybody `at`."""
    row = session.execute(world.stood(_shut(), at), {"contact": world.contact_id, "at": at}).one()
    holds, since = row[: len(_ABOUT_THE_CONTACT)], row[len(_ABOUT_THE_CONTACT) :]
    return tuple(
        Bar(clause.__name__, instant)
        for clause, shuts, instant in zip(_ABOUT_THE_CONTACT, holds, since, strict=True)
        if shuts
    )


def _parts() -> tuple[Viewer, datetime, Any]:
    at: datetime = bindparam("at", type_=Instant())  # type: ignore[assignment] # asked with a value
    return each("asker.id"), at, Contact.id == bindparam("contact", type_=BigInteger)


@lru_cache
def _grants(channel: Channel) -> Select[*tuple[Any, ...]]:
    viewer, at, this = _parts()
    asker, giver = aliased(User, name="asker"), aliased(User)
    membership = aliased(TeamMember)
    holds = holding_grants(viewer, channel, at)
    if holds is None:
        raise ValueError(f"no grant opens {channel}")
    opening = holds.with_only_columns(Grant.id, maintain_column_froms=True)
    member_now = and_(
        membership.team_id == Grant.team_id,
        membership.user_id == asker.id,
        within(membership.valid_from, membership.valid_until, at),
    )
    return (
        select(
            *(asker.id, Directory.slug, Directory.name, Team.name, giver.name),
            *(Grant.scope, Grant.fields, Grant.valid_until, membership.valid_until),
        )
        .select_from(Grant)
        .join(Contact, Contact.directory_id == Grant.directory_id)
        .join(Directory, Directory.id == Grant.directory_id)
        .join(asker, true())
        .outerjoin(Team, Team.id == Grant.team_id)
        .outerjoin(membership, member_now)
        .outerjoin(giver, giver.id == Grant.granted_by_id)
        .where(this, Grant.id.in_(opening))
        .order_by(Grant.id)
    )


@lru_cache
def _projects(channel: Channel) -> Select[*tuple[Any, ...]]:
    viewer, at, this = _parts()
    asker, work, part = aliased(User, name="asker"), aliased(ProjectMember), aliased(Participation)
    opening = holding_projects(viewer, channel, at)
    known = Project.id.in_(
        opening.with_only_columns(Project.id, maintain_column_froms=True)
        if opening is not None
        else []
    )
    return (
        select(
            *(asker.id, Project.slug, Project.name, Project.fields),
            *(Project.ends_at, work.valid_until, part.valid_until),
        )
        .select_from(Project)
        .join(part, part.project_id == Project.id)
        .join(Contact, Contact.id == part.contact_id)
        .join(work, work.project_id == Project.id)
        .join(asker, asker.id == work.user_id)
        .where(
            *(this, known),
            within(work.valid_from, work.valid_until, at),
            within(part.valid_from, part.valid_until, at),
        )
        .order_by(Project.name, Project.slug)
    )


@lru_cache
def _shut() -> Select[*tuple[Any, ...]]:
    """For each clause about the contact whether it holds, then since when it would."""
    _, at, this = _parts()
    nobody = Viewer(0)
    stored = select(func.min(Restriction.valid_from)).where(
        Restriction.contact_id == Contact.id, live(Restriction, at)
    )
    lapsed = (
        select(func.max(LegalBasis.valid_until))
        .join(Directory, Directory.purpose_id == LegalBasis.purpose_id)
        .where(
            Directory.id == Contact.directory_id,
            LegalBasis.contact_id == Contact.id,
            LegalBasis.valid_until <= at,
        )
    )
    never = func.coalesce(
        lapsed.correlate(Contact).scalar_subquery(), Contact.created_at, type_=Instant()
    )
    return select(
        *(clause(nobody, Channel.PORTAL, at) for clause in _ABOUT_THE_CONTACT),
        *(Contact.erased_at, Contact.merged_at),
        *(stored.correlate(Contact).scalar_subquery(), never),
    ).where(this)
