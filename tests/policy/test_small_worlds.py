"""Every tiny world over the axes that a clause mentions, against the oracle.

Split by groups of axes: what opens, what shuts, both together, and the profile.
"""

from collections.abc import Iterable
from itertools import combinations, product

from sqlalchemy.orm import Session

from app.cards.card import ContactKind
from app.db import FOREVER, Sessions
from app.models.kinds import Profile, Scope, SyncPolicy
from tests.factories import LONG_AGO, NOON
from tests.policy.planting import check
from tests.policy.worlds import (
    ALWAYS,
    EARLY,
    LATE,
    PERIODS,
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
)

OPEN = GrantFact()
MAYBE: tuple[tuple[Period, ...], ...] = ((), (EARLY,), (LATE,))
LEVELS = tuple(Profile)[1:]


def subsets(items: Iterable[str]) -> list[frozenset[str]]:
    pool = sorted(items)
    return [frozenset(c) for size in range(len(pool) + 1) for c in combinations(pool, size)]


def granted() -> list[Subject]:
    """Holder, right, scope, period, home and assignment of one grant."""
    holders = [
        *((holder, ALWAYS) for holder in Holder),
        (Holder.TEAM, EARLY),
        (Holder.TEAM, LATE),
    ]
    assignments = [
        (),
        *((AssignmentFact(period=period),) for period in PERIODS),
        (AssignmentFact(to_viewer=False),),
    ]
    rights = [*subsets(RIGHTS), frozenset({"edit", "manage"})]
    axes = product(holders, rights, Scope, PERIODS, assignments)
    return [
        Subject((GrantFact(holder, can, scope, period, membership),), assignments=assigned)
        for (holder, membership), can, scope, period, assigned in axes
    ] + [Subject((GrantFact(holder, on_home=False),)) for holder in Holder]


def projected() -> list[Subject]:
    """Period, member, participation and sync of one project."""
    links = (None, *PERIODS)
    return [
        Subject(projects=(ProjectFact(period, member, participation, allows_sync),))
        for period, member, participation, allows_sync in product(
            PERIODS, links, links, (True, False)
        )
    ]


def test_grants_open_what_they_say(sessions: Sessions) -> None:
    with Session(sessions.engine) as session:
        check(session, [(Asker(), granted())])


def test_projects_open_what_they_say(sessions: Sessions) -> None:
    with Session(sessions.engine) as session:
        check(session, [(Asker(), projected()), (Asker(device=None), projected())])


def flawed() -> list[Subject]:
    """Everything about the contact that can shut, on one that a grant opens."""
    ends = (FOREVER, NOON, LONG_AGO)
    kinds = (
        (ContactKind.PERSON, False),
        (ContactKind.ORGANISATION, True),
        (ContactKind.ORGANISATION, False),
    )
    bases = (
        (),
        (BasisFact(period=EARLY),),
        (BasisFact(period=LATE),),
        (BasisFact(period=EARLY), BasisFact(period=LATE)),
        (BasisFact(same_purpose=False),),
    )
    axes = product(ends, ends, (*MAYBE, (ALWAYS,)), kinds, bases, SyncPolicy)
    return [
        Subject(
            (OPEN,),
            erased_at=erased,
            merged_at=merged,
            restrictions=restricted,
            kind=kind,
            is_sole_trader=trader,
            bases=basis,
            sync_policy=policy,
        )
        for erased, merged, restricted, (kind, trader), basis, policy in axes
    ]


def test_flaws_of_the_contact_shut(sessions: Sessions) -> None:
    with Session(sessions.engine) as session:
        check(session, [(Asker(), flawed())])


def barred() -> list[Asker]:
    """Everything about the viewer and his phone that can shut."""
    phones = [DeviceFact(period=period) for period in PERIODS]
    phones += [DeviceFact(is_managed=True), DeviceFact(is_own=False, is_managed=True)]
    return [Asker(*bars) for bars in product(MAYBE, MAYBE, (None, *phones))]


def test_bars_of_the_viewer_shut(sessions: Sessions) -> None:
    subjects = [Subject((OPEN,), sync_policy=policy) for policy in SyncPolicy]
    with Session(sessions.engine) as session:
        check(session, ((asker, subjects) for asker in barred()))


def mixed() -> list[Subject]:
    """Grants and projects that hold or have ended, under every set of flaws."""
    ended = GrantFact(period=EARLY)
    openings: tuple[tuple[tuple[GrantFact, ...], tuple[ProjectFact, ...]], ...] = (
        ((), ()),
        ((OPEN,), ()),
        ((), (ProjectFact(),)),
        ((OPEN,), (ProjectFact(),)),
        ((ended,), (ProjectFact(period=LATE),)),
    )
    return [
        Subject(
            *opening,
            erased_at=NOON if "erased" in flaws else FOREVER,
            merged_at=NOON if "merged" in flaws else FOREVER,
            restrictions=(LATE,) if "restricted" in flaws else (),
            kind=ContactKind.PERSON,
            bases=(BasisFact(period=EARLY if "withdrawn" in flaws else ALWAYS),),
            sync_policy=policy,
        )
        for opening, flaws, policy in product(
            openings, subsets(("erased", "merged", "restricted", "withdrawn")), SyncPolicy
        )
    ]


def test_a_veto_wins_over_every_grant(sessions: Sessions) -> None:
    phones = (DeviceFact(), DeviceFact(is_managed=True, period=EARLY))
    askers = [Asker(*bars) for bars in product(((), (LATE,)), ((), (LATE,)), phones)]
    with Session(sessions.engine) as session:
        check(session, ((asker, mixed()) for asker in askers))
