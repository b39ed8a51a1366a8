"""Worlds drawn around a question: open, but for a few facts.

Uniform draws would hide nearly every contact for three reasons at once and prove little.
"""

from typing import TypeVar

from hypothesis import strategies as st

from app.cards.card import ContactKind
from app.db import FOREVER
from app.models.kinds import Profile, Scope, SyncPolicy
from app.policy import Channel
from tests.factories import LONG_AGO, NOON
from tests.policy.worlds import (
    ALWAYS,
    INSTANTS,
    JUST_AFTER,
    JUST_BEFORE,
    RIGHTS,
    Asker,
    AssignmentFact,
    BasisFact,
    DeviceFact,
    GrantFact,
    Holder,
    Period,
    ProjectFact,
    Subject,
    World,
)

Fact = TypeVar("Fact")


def usually(usual: Fact, other: st.SearchStrategy[Fact]) -> st.SearchStrategy[Fact]:
    """Mostly the usual value, which is also the simplest."""
    return st.sampled_from(range(6)).flatmap(lambda n: other if n == 4 else st.just(usual))


def few(facts: st.SearchStrategy[Fact]) -> st.SearchStrategy[tuple[Fact, ...]]:
    return st.lists(facts, max_size=2).map(tuple)


instants = st.sampled_from(INSTANTS)
channels = st.sampled_from(Channel)
levels = st.sampled_from(list(Profile)[1:])
ends = usually(FOREVER, st.sampled_from([JUST_BEFORE, NOON, JUST_AFTER]))
drawn_periods = st.builds(Period, st.sampled_from([LONG_AGO, *INSTANTS]), ends)
periods = usually(ALWAYS, drawn_periods)
bars = usually((), few(drawn_periods))

grants = st.builds(
    GrantFact,
    holder=usually(Holder.VIEWER, st.sampled_from(Holder)),
    rights=usually(RIGHTS, st.sampled_from([RIGHTS - {right} for right in sorted(RIGHTS)])),
    scope=usually(Scope.ALL, st.sampled_from(Scope)),
    period=periods,
    membership=periods,
    on_home=usually(True, st.booleans()),
    fields=st.sampled_from(Profile),
)
projects = st.builds(
    ProjectFact,
    period=periods,
    membership=usually(ALWAYS, st.none() | drawn_periods),
    participation=usually(ALWAYS, st.none() | drawn_periods),
    allows_sync=usually(True, st.booleans()),
    fields=levels,
)
bases = st.builds(BasisFact, usually(True, st.booleans()), periods)
assignments = st.builds(AssignmentFact, usually(True, st.booleans()), periods)
devices = st.builds(
    DeviceFact,
    is_own=usually(True, st.booleans()),
    is_managed=st.booleans(),
    period=periods,
    fields=levels,
)
askers = st.builds(Asker, bars, bars, usually(DeviceFact(), st.none() | devices))
subjects = st.builds(
    Subject,
    grants=st.lists(grants, min_size=1, max_size=2).map(tuple),
    projects=few(projects),
    assignments=few(assignments),
    kind=st.sampled_from(ContactKind),
    is_sole_trader=usually(False, st.booleans()),
    bases=usually((BasisFact(),), few(bases)),
    restrictions=bars,
    erased_at=ends,
    merged_at=ends,
    sync_policy=usually(SyncPolicy.ANY, st.sampled_from(SyncPolicy)),
)
worlds = st.builds(World, askers, subjects)
