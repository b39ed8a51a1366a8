"""Every kind of change that can move a card is seen by the narrow reconcile, and in time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from app.cards.card import ContactKind
from app.db import FOREVER, Sessions
from app.models import (
    Address,
    Assignment,
    Book,
    Contact,
    ContactPoint,
    Device,
    Directory,
    Grant,
    LegalBasis,
    Participation,
    Project,
    ProjectMember,
    Suspension,
    SuspensionKind,
    TeamMember,
    User,
)
from app.models.kinds import PointKind, Profile, Scope, SyncPolicy
from app.services import books, ledger
from tests import factories as make
from tests.davclient import FakeClock

NOW = FakeClock().now()
LATER = NOW + timedelta(hours=1)


@dataclass
class Facts:
    """One fact of each kind, all of which together show four contacts on a phone."""

    eva: User
    home: Directory
    grant: Grant
    by_assignment: Grant
    assignment: Assignment
    team_member: TeamMember
    project: Project
    project_member: ProjectMember
    participation: Participation
    basis: LegalBasis
    device: Device
    direct: Contact
    assigned: Contact
    through_team: Contact
    in_project: Contact
    firm: Contact
    other_home: Directory


def plant(session: Session) -> Facts:
    eva = make.user(session)
    team = make.team(session, eva)
    homes = [make.directory(session) for _ in range(4)]
    direct, assigned, through_team, in_project = (
        make.contact(session, home, f"Karel {n}") for n, home in enumerate(homes)
    )
    firm = make.contact(session, homes[0], "Firma", kind=ContactKind.ORGANISATION)
    project = make.project(session)
    session.flush()
    member = session.query(TeamMember).filter_by(team_id=team.id).one()
    basis = session.query(LegalBasis).filter_by(contact_id=direct.id).one()
    make.grant(session, homes[2], team)
    device = make.device(session, eva)
    session.add(
        Book(device_id=device.id, key="all", epoch="e", tag="t", checked_at=NOW, next_at=NOW)
    )
    session.flush()
    return Facts(
        eva=eva,
        home=homes[0],
        grant=make.grant(session, homes[0], eva),
        by_assignment=make.grant(session, homes[1], eva, scope=Scope.ASSIGNED),
        assignment=make.assignment(session, assigned, eva),
        team_member=member,
        project=project,
        project_member=make.member(session, project, eva),
        participation=make.participation(session, project, in_project),
        basis=basis,
        device=device,
        direct=direct,
        assigned=assigned,
        through_team=through_team,
        in_project=in_project,
        firm=firm,
        other_home=homes[3],
    )


Change = Callable[[Session, Facts], object]


def ending(name: str, column: str = "valid_until") -> Change:
    """The fact of this name ends now."""
    return lambda _session, facts: setattr(getattr(facts, name), column, NOW)


def setting(name: str, column: str, value: object) -> Change:
    """A column of this fact takes another value."""
    return lambda _session, facts: setattr(getattr(facts, name), column, value)


def adding(row: Callable[[Facts], object]) -> Change:
    """A row comes to be."""
    return lambda session, facts: session.add(row(facts))


CHANGES: dict[str, Change] = {
    "grant ends": ending("grant"),
    "grant loses sync": setting("grant", "can_sync", False),
    "grant narrows its scope": setting("grant", "scope", Scope.ASSIGNED),
    "grant widens its fields": setting("grant", "fields", int(Profile.FULL)),
    "grant moves to another directory": lambda _s, f: setattr(
        f.grant, "directory_id", f.other_home.id
    ),
    "assignment ends": ending("assignment"),
    "assignment moves": lambda _s, f: setattr(f.assignment, "contact_id", f.direct.id),
    "team membership ends": ending("team_member"),
    "project ends": ending("project", "ends_at"),
    "project starts later": setting("project", "starts_at", LATER),
    "project forbids sync": setting("project", "allows_sync", False),
    "project widens its fields": setting("project", "fields", int(Profile.STANDARD)),
    "project membership ends": ending("project_member"),
    "participation ends": ending("participation"),
    "basis ends": ending("basis"),
    "basis starts later": setting("basis", "valid_from", LATER),
    "contact is erased": ending("direct", "erased_at"),
    "contact is merged": ending("direct", "merged_at"),
    "contact moves": lambda _s, f: setattr(f.direct, "directory_id", f.other_home.id),
    "firm becomes a sole trader": setting("firm", "is_sole_trader", True),
    "firm becomes a person": setting("firm", "kind", ContactKind.PERSON),
    "contact is restricted": lambda s, f: make.restriction(s, f.direct),
    "contact is renamed": setting("direct", "family", "Nový"),
    "phone is added": adding(
        lambda f: ContactPoint(contact_id=f.direct.id, kind=PointKind.PHONE, value="1")
    ),
    "address is added": adding(lambda f: Address(contact_id=f.direct.id, street="Dlouhá")),
    "directory keeps off phones": setting("home", "sync_policy", SyncPolicy.NEVER),
    "directory asks for managed phones": setting("home", "sync_policy", SyncPolicy.MANAGED),
    "directory changes its purpose": lambda _s, f: setattr(
        f.home, "purpose_id", f.other_home.purpose_id
    ),
    "user is disabled": adding(
        lambda f: Suspension(
            user_id=f.eva.id, kind=SuspensionKind.DISABLED, valid_from=NOW, valid_until=FOREVER
        )
    ),
    "sync is stopped": adding(
        lambda f: Suspension(
            user_id=f.eva.id, kind=SuspensionKind.SYNC, valid_from=NOW, valid_until=FOREVER
        )
    ),
    "device is stopped": ending("device", "stopped_at"),
    "device is enrolled later": setting("device", "enrolled_at", LATER),
    "contact is added": lambda s, f: make.contact(s, f.home, "Nový"),
    "grant is deleted": lambda s, f: s.delete(f.grant),
    "basis is deleted": lambda s, f: s.delete(f.basis),
}

BY_THE_CLOCK: dict[str, Change] = {
    "grant ends": setting("grant", "valid_until", LATER),
    "assignment ends": setting("assignment", "valid_until", LATER),
    "team membership ends": setting("team_member", "valid_until", LATER),
    "project ends": setting("project", "ends_at", LATER),
    "project membership ends": setting("project_member", "valid_until", LATER),
    "participation ends": setting("participation", "valid_until", LATER),
    "basis ends": setting("basis", "valid_until", LATER),
    "contact is erased": setting("direct", "erased_at", LATER),
    "contact is merged": setting("direct", "merged_at", LATER),
    "device is stopped": setting("device", "stopped_at", LATER),
    "restriction begins": lambda s, f: make.restriction(s, f.direct, LATER),
    "suspension begins": lambda s, f: make.suspension(s, f.eva, start=LATER),
    "grant begins": lambda s, f: make.grant(s, f.home, f.eva, fields=Profile.STANDARD, start=LATER),
}


def followed(sessions: Sessions, device_id: int, at: datetime) -> books.Handle:
    with sessions.read() as session:
        (book,) = books.handles(session, device_id)
    return ledger.reconcile(sessions, book, at)


def is_right(sessions: Sessions, book: books.Handle, at: datetime) -> bool:
    """Whether a full difference finds nothing that the narrow one overlooked."""
    with sessions.read() as session:
        plan = ledger.make_plan(session, book, at, full=True)
    return plan is None or plan.is_empty


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_followed_at_once(sessions: Sessions, name: str) -> None:
    with sessions.write() as session:
        facts = plant(session)
    before = followed(sessions, facts.device.id, NOW)
    with sessions.write() as session:
        for value in vars(facts).values():
            session.add(value)
        CHANGES[name](session, facts)

    after = followed(sessions, facts.device.id, NOW)

    assert after.seq == before.seq + 1
    assert is_right(sessions, after, NOW)
    again = followed(sessions, facts.device.id, NOW)
    assert (again.seq, again.tag) == (after.seq, after.tag)


@pytest.mark.parametrize("name", BY_THE_CLOCK)
def test_the_clock_is_followed_without_any_write(sessions: Sessions, name: str) -> None:
    with sessions.write() as session:
        facts = plant(session)
        session.flush()
        BY_THE_CLOCK[name](session, facts)
    before = followed(sessions, facts.device.id, NOW)
    just_before = followed(sessions, facts.device.id, LATER - timedelta(microseconds=1))
    assert just_before.seq == before.seq

    after = followed(sessions, facts.device.id, LATER)

    assert after.seq == before.seq + 1
    assert is_right(sessions, after, LATER)


def test_a_clock_set_back_opens_nothing_again(sessions: Sessions) -> None:
    with sessions.write() as session:
        facts = plant(session)
        facts.grant.valid_until = LATER
    followed(sessions, facts.device.id, NOW)
    ended = followed(sessions, facts.device.id, LATER)
    with sessions.write() as session:
        session.add(facts.direct)
        facts.direct.family = "Jinak"

    back = followed(sessions, facts.device.id, NOW)

    assert back.seq == ended.seq
    assert back.checked_at == LATER
