"""The policy over a whole period: when one contact could be seen, by whom and through what.

`visible` answers for an instant. Asked at every instant for everybody it would take a statement
for each, so the same sentences are read here over facts that were fetched once, as intervals.
That is a second text of the rule, and it decides nothing: no door asks it, it only tells what
was. tests/queries/test_intervals.py binds it to the first one: it must decide the policy's whole
table of cases, where each clause decides some; for drawn facts, some of them written over since,
it must say what `visible`, `profile` and the grants and projects behind them say at every instant
at which anything turns, and at drawn ones between; and SENTENCES must name every clause, so that
a new one cannot be forgotten here.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from app.cards.card import ContactKind
from app.models.kinds import Profile, Scope, SyncPolicy
from app.policy.fields import named_level
from app.policy.spans import Span, Timed, cut, gaps, overlaps, union
from app.policy.viewer import Channel
from app.policy.visibility import right_asked

SENTENCES = {
    "directory_grant": "_by_grant",
    "open_project": "_by_project",
    "erased": "Facts.contact",
    "restricted": "homes",
    "merged_away": "Facts.contact",
    "no_legal_basis": "homes",
    "viewer_disabled": "_places",
    "sync_stopped": "_places",
    "device_not_active": "_places",
    "directory_keeps_off_phones": "_lets_onto",
}
"""Where each clause of the policy is read here."""


@dataclass(frozen=True, slots=True)
class ContactThen:
    """A contact while these columns stood."""

    directory_id: int
    kind: str
    is_sole_trader: bool


@dataclass(frozen=True, slots=True)
class DirectoryThen:
    """A directory while these columns stood."""

    id: int
    purpose_id: int
    sync_policy: str


@dataclass(frozen=True, slots=True)
class GrantThen:
    """A grant while these columns stood."""

    id: int
    directory_id: int
    user_id: int | None
    team_id: int | None
    can_read: bool
    can_sync: bool
    can_export: bool
    scope: str
    fields: int


@dataclass(frozen=True, slots=True)
class ProjectThen:
    """A project while these columns stood."""

    id: int
    slug: str
    allows_sync: bool
    fields: int


@dataclass(frozen=True, slots=True)
class DeviceThen:
    """A device while these columns stood."""

    user_id: int
    is_managed: bool
    fields: int


class Through(NamedTuple):
    """What opened: the widest profile, ids of grants, slugs of projects."""

    level: int
    grants: tuple[int, ...]
    projects: tuple[str, ...]


@dataclass
class Facts:
    """Everything that has a say about one contact, fetched once.

    `contact` ends where the contact was erased or merged away. `grants` and `projects` lie with
    each user who holds them or works in them, for as long as he does; a project also only while
    the contact takes part. `disabled` and `off_phones` are the suspensions of each user.
    """

    contact: list[Timed[ContactThen]] = field(default_factory=list)
    directories: list[Timed[DirectoryThen]] = field(default_factory=list)
    restrictions: list[Span] = field(default_factory=list)
    bases: dict[int, list[Span]] = field(default_factory=lambda: defaultdict(list))
    grants: dict[int, list[Timed[GrantThen]]] = field(default_factory=lambda: defaultdict(list))
    projects: dict[int, list[Timed[ProjectThen]]] = field(default_factory=lambda: defaultdict(list))
    assignments: dict[int, list[Span]] = field(default_factory=lambda: defaultdict(list))
    disabled: dict[int, list[Span]] = field(default_factory=lambda: defaultdict(list))
    off_phones: dict[int, list[Span]] = field(default_factory=lambda: defaultdict(list))


class _Place(NamedTuple):
    """The home directory of a contact that may be seen, and how much a device may have of it."""

    directory_id: int
    cap: int


class _Opening(NamedTuple):
    level: int
    grant: int
    project: str


def homes(facts: Facts) -> list[Timed[DirectoryThen]]:
    """Where the contact was while nothing shut it to everybody; asked once for all viewers."""
    found: list[Timed[DirectoryThen]] = []
    unrestricted = gaps(facts.restrictions)
    for (contact, directory), since, until in overlaps(facts.contact, facts.directories):
        if contact.directory_id != directory.id:
            continue
        held = cut(Timed(directory, since, until), unrestricted)
        if contact.kind == ContactKind.PERSON or contact.is_sole_trader:
            based = union(facts.bases[directory.purpose_id])
            held = (part for one in held for part in cut(one, based))
        found += held
    return found


def openings(
    facts: Facts,
    standing: Sequence[Timed[DirectoryThen]],
    user_id: int,
    channel: Channel,
    device: Iterable[Timed[DeviceThen]] = (),
) -> list[Timed[Through]]:
    """The intervals in which he could see it, as long as each can be; `standing` is `homes`.

    Over CARDDAV on one device, which is told as it was while it was set up.
    """
    opened: list[Timed[_Opening]] = []
    places = list(_places(facts, standing, user_id, channel, device))
    by_project = _by_project(facts, user_id, channel)
    for (opening, place), since, until in overlaps(by_project, places):
        opened.append(Timed(_narrowed(opening, place), since, until))
    for (grant, place), since, until in overlaps(_by_grant(facts, user_id, channel), places):
        if grant.directory_id == place.directory_id:
            opening = _Opening(named_level(grant.fields, channel), grant.id, "")
            opened.append(Timed(_narrowed(opening, place), since, until))
    return list(_joined(opened))


def _places(
    facts: Facts,
    standing: Iterable[Timed[DirectoryThen]],
    user_id: int,
    channel: Channel,
    device: Iterable[Timed[DeviceThen]],
) -> Iterator[Timed[_Place]]:
    """Where the contact was while nothing shut it to this viewer over this channel."""
    shut = list(facts.disabled.get(user_id, ()))
    places: Iterable[Timed[_Place]]
    if channel is Channel.CARDDAV:
        shut += facts.off_phones.get(user_id, ())
        places = (
            Timed(_Place(home.id, one.fields), since, until)
            for (one, home), since, until in overlaps(device, standing)
            if one.user_id == user_id and _lets_onto(home, one)
        )
    else:
        places = (
            Timed(_Place(home.id, Profile.FULL), since, until) for home, since, until in standing
        )
    free = gaps(shut)
    return (part for place in places for part in cut(place, free))


def _lets_onto(home: DirectoryThen, device: DeviceThen) -> bool:
    if home.sync_policy == SyncPolicy.MANAGED:
        return device.is_managed
    return home.sync_policy != SyncPolicy.NEVER


def _by_grant(facts: Facts, user_id: int, channel: Channel) -> Iterator[Timed[GrantThen]]:
    right, charge = right_asked(channel), union(facts.assignments.get(user_id, ()))
    for grant in facts.grants.get(user_id, ()):
        if not getattr(grant.value, right):
            continue
        if grant.value.scope == Scope.ALL:
            yield grant
        else:
            yield from cut(grant, charge)


def _by_project(facts: Facts, user_id: int, channel: Channel) -> Iterator[Timed[_Opening]]:
    for project, since, until in facts.projects.get(user_id, ()):
        allows = project.allows_sync if channel is Channel.CARDDAV else channel is Channel.PORTAL
        if allows:
            yield Timed(_Opening(project.fields, 0, project.slug), since, until)


def _narrowed(opening: _Opening, place: _Place) -> _Opening:
    return opening._replace(level=min(opening.level, place.cap))


def _joined(opened: Iterable[Timed[_Opening]]) -> Iterator[Timed[Through]]:
    """What opens at once, together; parts that follow one another with one answer are one."""
    turns: dict[datetime, list[tuple[_Opening, int]]] = defaultdict(list)
    for opening, since, until in opened:
        turns[since].append((opening, 1))
        turns[until].append((opening, -1))
    now = Counter[_Opening]()
    last: Timed[Through] | None = None
    for since, until in pairwise(sorted(turns)):
        for opening, step in turns[since]:
            now[opening] += step
        now = +now
        through = _through(now) if now else None
        if last and last.value == through:
            last = last._replace(until=until)
            continue
        if last:
            yield last
        last = Timed(through, since, until) if through else None
    if last:
        yield last


def _through(now: Iterable[_Opening]) -> Through:
    return Through(
        max(one.level for one in now),
        tuple(sorted({one.grant for one in now if one.grant})),
        tuple(sorted({one.project for one in now if one.project})),
    )
