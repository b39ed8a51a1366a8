"""Tiny worlds, and the oracle that judges them: the specification's sentences in plain Python.

A world is one viewer and one contact with every fact that a clause of the policy mentions.
Nothing here knows SQL; tests.policy.planting writes worlds down as rows.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from app.cards.card import ContactKind
from app.db import FOREVER
from app.models.kinds import Profile, Scope, SyncPolicy
from app.policy import Channel
from tests.factories import LONG_AGO, NOON

JUST_BEFORE = NOON - timedelta(microseconds=1)
JUST_AFTER = NOON + timedelta(microseconds=1)
INSTANTS = (JUST_BEFORE, NOON, JUST_AFTER)
RIGHTS = frozenset({"read", "sync", "export"})


@dataclass(frozen=True)
class Period:
    """From its first instant on, up to its last and without it."""

    start: datetime = LONG_AGO
    end: datetime = FOREVER

    def holds(self, at: datetime) -> bool:
        return self.start <= at < self.end


ALWAYS = Period()
EARLY = Period(end=NOON)
LATE = Period(start=NOON)
PERIODS = (ALWAYS, EARLY, LATE)


class Holder(Enum):
    """To whom a grant was given; the viewer is never in the other's team."""

    VIEWER = auto()
    TEAM = auto()
    OTHER = auto()
    OTHER_TEAM = auto()


@dataclass(frozen=True)
class GrantFact:
    """One grant; `membership` is the viewer's in the team that holds it."""

    holder: Holder = Holder.VIEWER
    rights: frozenset[str] = RIGHTS
    scope: Scope = Scope.ALL
    period: Period = ALWAYS
    membership: Period = ALWAYS
    on_home: bool = True
    fields: Profile = Profile.BY_CHANNEL


@dataclass(frozen=True)
class ProjectFact:
    """One project; None where the viewer never worked, or the contact never took part in it."""

    period: Period = ALWAYS
    membership: Period | None = ALWAYS
    participation: Period | None = ALWAYS
    allows_sync: bool = True
    fields: Profile = Profile.CALLER


@dataclass(frozen=True)
class AssignmentFact:
    """The contact is in the charge of the viewer, or of somebody else."""

    to_viewer: bool = True
    period: Period = ALWAYS


@dataclass(frozen=True)
class BasisFact:
    """A legal basis of the contact for the purpose of his directory, or for another one."""

    same_purpose: bool = True
    period: Period = ALWAYS


@dataclass(frozen=True)
class DeviceFact:
    """The phone that asks."""

    is_own: bool = True
    is_managed: bool = False
    period: Period = ALWAYS
    fields: Profile = Profile.FULL


@dataclass(frozen=True)
class Asker:
    """The facts about the one who asks; device None is a question without a phone."""

    disabled: tuple[Period, ...] = ()
    sync_stopped: tuple[Period, ...] = ()
    device: DeviceFact | None = DeviceFact()


@dataclass(frozen=True)
class Subject:
    """The facts about the contact and his directory, and what links him with the asker."""

    grants: tuple[GrantFact, ...] = ()
    projects: tuple[ProjectFact, ...] = ()
    assignments: tuple[AssignmentFact, ...] = ()
    kind: ContactKind = ContactKind.ORGANISATION
    is_sole_trader: bool = False
    bases: tuple[BasisFact, ...] = ()
    restrictions: tuple[Period, ...] = ()
    erased_at: datetime = FOREVER
    merged_at: datetime = FOREVER
    sync_policy: SyncPolicy = SyncPolicy.ANY


@dataclass(frozen=True)
class World:
    """One viewer and one contact."""

    asker: Asker = Asker()
    subject: Subject = Subject()


def is_visible(world: World, channel: Channel, at: datetime) -> bool:
    """Something opens and nothing shuts."""
    return bool(opening(world, channel, at)) and not shutting(world, channel, at)


def opening(world: World, channel: Channel, at: datetime) -> set[str]:
    """The grants that hold."""
    found = set()
    if any(_opens(grant, world, channel, at) for grant in world.subject.grants):
        found.add("directory_grant")
    if any(_is_open(project, channel, at) for project in world.subject.projects):
        found.add("open_project")
    return found


def shutting(world: World, channel: Channel, at: datetime) -> set[str]:
    """The vetoes that hold."""
    asker, subject = world.asker, world.subject
    on_phone = channel is Channel.CARDDAV
    phone = asker.device
    answers = {
        "erased": at >= subject.erased_at,
        "restricted": any(period.holds(at) for period in subject.restrictions),
        "merged_away": at >= subject.merged_at,
        "no_legal_basis": _is_natural(subject) and not _has_basis(subject, at),
        "viewer_disabled": any(period.holds(at) for period in asker.disabled),
        "sync_stopped": on_phone and any(period.holds(at) for period in asker.sync_stopped),
        "device_not_active": on_phone
        and phone is not None
        and not (phone.is_own and phone.period.holds(at)),
        "directory_keeps_off_phones": on_phone and not _lets_onto(subject.sync_policy, phone),
    }
    return {name for name, holds in answers.items() if holds}


def widest(world: World, channel: Channel, at: datetime) -> int:
    """The widest profile among what opens, narrowed by the phone; 0 where nothing opens."""
    default = Profile.CALLER if channel is Channel.CARDDAV else Profile.FULL
    given = [
        int(grant.fields or default)
        for grant in world.subject.grants
        if _opens(grant, world, channel, at)
    ]
    given += [int(p.fields) for p in world.subject.projects if _is_open(p, channel, at)]
    level = max(given, default=0)
    if channel is Channel.CARDDAV and world.asker.device is not None:
        level = min(level, int(world.asker.device.fields))
    return level


def _opens(grant: GrantFact, world: World, channel: Channel, at: datetime) -> bool:
    right = {Channel.PORTAL: "read", Channel.CARDDAV: "sync", Channel.EXPORT: "export"}
    is_held = grant.holder is Holder.VIEWER or (
        grant.holder is Holder.TEAM and grant.membership.holds(at)
    )
    covers = grant.scope is Scope.ALL or any(
        assignment.to_viewer and assignment.period.holds(at)
        for assignment in world.subject.assignments
    )
    has_right = right.get(channel) in grant.rights
    return grant.on_home and has_right and is_held and covers and grant.period.holds(at)


def _is_open(project: ProjectFact, channel: Channel, at: datetime) -> bool:
    if channel not in {Channel.PORTAL, Channel.CARDDAV}:
        return False
    if channel is Channel.CARDDAV and not project.allows_sync:
        return False
    both = (project.membership, project.participation)
    return project.period.holds(at) and all(p is not None and p.holds(at) for p in both)


def _is_natural(subject: Subject) -> bool:
    return subject.kind is ContactKind.PERSON or subject.is_sole_trader


def _has_basis(subject: Subject, at: datetime) -> bool:
    return any(basis.same_purpose and basis.period.holds(at) for basis in subject.bases)


def _lets_onto(policy: SyncPolicy, phone: DeviceFact | None) -> bool:
    if policy is SyncPolicy.MANAGED:
        return phone is not None and phone.is_managed
    return policy is SyncPolicy.ANY
