"""Writes worlds down as rows, many in one database, amid facts of others that must not matter."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, product
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.cards.card import ContactKind
from app.db import Base
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
    Purpose,
    Restriction,
    Source,
    Suspension,
    SuspensionKind,
    Team,
    TeamMember,
    User,
)
from app.models.kinds import BasisKind, SourceKind, SyncPolicy
from app.policy import Channel, Viewer, profile, visible
from tests.factories import LONG_AGO
from tests.policy.worlds import (
    ALWAYS,
    INSTANTS,
    Asker,
    DeviceFact,
    GrantFact,
    Holder,
    Period,
    ProjectFact,
    Subject,
    World,
    is_visible,
    widest,
)

_ORDER = (
    *(User, Team, Purpose, Directory, Source, Contact, Project, Grant, TeamMember, Assignment),
    *(LegalBasis, Restriction, Suspension, Device, ProjectMember, Participation),
)


@dataclass(frozen=True)
class Stage:
    """One viewer with his worlds, by the id of the contact."""

    viewer: Viewer
    worlds: dict[int, World]


class Planter:
    """Collects rows and writes them at once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._rows: dict[type[Base], list[dict[str, Any]]] = {model: [] for model in _ORDER}
        self._others()

    def plant(self, asker: Asker, subjects: Iterable[Subject]) -> Stage:
        """One viewer and a contact for each subject, each in a directory of his own."""
        user = self._user()
        self._suspend(user, SuspensionKind.DISABLED, asker.disabled)
        self._suspend(user, SuspensionKind.SYNC, asker.sync_stopped)
        self._device(user, DeviceFact(is_managed=True))
        device = self._device(user, asker.device) if asker.device else None
        planted = {self._subject(user, subject): World(asker, subject) for subject in subjects}
        return Stage(Viewer(user, device), planted)

    def write(self) -> None:
        """Insert everything collected."""
        for model, rows in self._rows.items():
            if rows:
                self._session.execute(insert(model.__table__), rows)  # type: ignore[arg-type]

    def _add(self, model: type[Base], period: Period | None = None, **values: object) -> int:
        rows = self._rows[model]
        if period is not None:
            values |= {"valid_from": period.start, "valid_until": period.end}
        rows.append({"id": len(rows) + 1, **values})
        return len(rows)

    def _others(self) -> None:
        """Somebody else with every disability, and a contact with every flaw."""
        self._purpose, elsewhere = self._new_purpose(), self._new_purpose()
        self._elsewhere = self._directory(elsewhere, SyncPolicy.NEVER)
        self._elsewhere_purpose = elsewhere
        self._source = self._add(Source, kind=SourceKind.ENTRY, detail="test", obtained_at=LONG_AGO)
        self._other = self._user()
        for kind in SuspensionKind:
            self._suspend(self._other, kind, (ALWAYS,))
        self._bystander = self._contact(
            self._elsewhere,
            Subject(kind=ContactKind.PERSON, erased_at=LONG_AGO, merged_at=LONG_AGO),
        )
        self._add(Restriction, ALWAYS, contact_id=self._bystander, reason="objection weighed")

    def _new_purpose(self) -> int:
        number = len(self._rows[Purpose])
        return self._add(Purpose, slug=f"purpose{number}", name="Orders", created_at=LONG_AGO)

    def _user(self) -> int:
        email = f"user{len(self._rows[User])}@example.org"
        return self._add(User, email=email, name="Eva Nováková", created_at=LONG_AGO)

    def _suspend(self, user: int, kind: SuspensionKind, periods: Iterable[Period]) -> None:
        for period in periods:
            self._add(Suspension, period, user_id=user, kind=kind)

    def _device(self, user: int, fact: DeviceFact) -> int:
        number = len(self._rows[Device])
        return self._add(
            Device,
            public_id=f"device{number}",
            user_id=user if fact.is_own else self._other,
            name="Phone",
            password_mac=f"mac{number}",
            key_id="test",
            is_managed=fact.is_managed,
            fields=int(fact.fields),
            enrolled_at=fact.period.start,
            stopped_at=fact.period.end,
        )

    def _directory(self, purpose: int, policy: SyncPolicy) -> int:
        return self._add(
            Directory,
            slug=f"directory{len(self._rows[Directory])}",
            name="Customers",
            preset="customers-firms",
            purpose_id=purpose,
            basis=BasisKind.LEGITIMATE_INTEREST,
            sync_policy=policy,
            retention_months=36,
            created_at=LONG_AGO,
        )

    def _contact(self, home: int, subject: Subject) -> int:
        return self._add(
            Contact,
            public_id=f"contact-{len(self._rows[Contact]):06d}",
            directory_id=home,
            kind=subject.kind,
            is_sole_trader=subject.is_sole_trader,
            source_id=self._source,
            created_at=LONG_AGO,
            erased_at=subject.erased_at,
            merged_at=subject.merged_at,
        )

    def _subject(self, user: int, subject: Subject) -> int:
        home = self._directory(self._purpose, subject.sync_policy)
        contact = self._contact(home, subject)
        for grant in subject.grants:
            self._grant(user, home, grant)
        for project in subject.projects:
            self._project(user, contact, project)
        for assignment in subject.assignments:
            charge = user if assignment.to_viewer else self._other
            self._add(Assignment, assignment.period, contact_id=contact, user_id=charge)
        for basis in subject.bases:
            purpose = self._purpose if basis.same_purpose else self._elsewhere_purpose
            kind = BasisKind.LEGITIMATE_INTEREST
            self._add(LegalBasis, basis.period, contact_id=contact, purpose_id=purpose, kind=kind)
        for period in subject.restrictions:
            self._add(Restriction, period, contact_id=contact, reason="objection weighed")
        return contact

    def _grant(self, user: int, home: int, fact: GrantFact) -> None:
        holders = {Holder.VIEWER: user, Holder.OTHER: self._other}
        team = None if fact.holder in holders else self._team(user, fact)
        self._add(
            Grant,
            fact.period,
            directory_id=home if fact.on_home else self._elsewhere,
            user_id=holders.get(fact.holder),
            team_id=team,
            scope=fact.scope,
            fields=int(fact.fields),
            **{f"can_{right}": right in fact.rights for right in _RIGHTS},
        )

    def _team(self, user: int, fact: GrantFact) -> int:
        slug = f"team{len(self._rows[Team])}"
        team = self._add(Team, slug=slug, name="Site", created_at=LONG_AGO)
        self._add(TeamMember, ALWAYS, team_id=team, user_id=self._other)
        if fact.holder is Holder.TEAM:
            self._add(TeamMember, fact.membership, team_id=team, user_id=user)
        return team

    def _project(self, user: int, contact: int, fact: ProjectFact) -> None:
        project = self._add(
            Project,
            slug=f"project{len(self._rows[Project])}",
            name="Bridge",
            allows_sync=fact.allows_sync,
            fields=int(fact.fields),
            starts_at=fact.period.start,
            ends_at=fact.period.end,
            created_at=LONG_AGO,
        )
        self._add(ProjectMember, ALWAYS, project_id=project, user_id=self._other)
        self._add(Participation, ALWAYS, project_id=project, contact_id=self._bystander)
        if fact.membership is not None:
            self._add(ProjectMember, fact.membership, project_id=project, user_id=user)
        if fact.participation is not None:
            self._add(Participation, fact.participation, project_id=project, contact_id=contact)


_RIGHTS = ("read", "edit", "sync", "export", "manage")


def plant(session: Session, asker: Asker, subjects: Iterable[Subject]) -> Stage:
    """One viewer with his contacts in an empty database."""
    planter = Planter(session)
    stage = planter.plant(asker, subjects)
    planter.write()
    return stage


def answers(
    session: Session, stage: Stage, channel: Channel, at: datetime
) -> dict[int, tuple[bool, int]]:
    """Verdict and profile of each contact of a stage, from one SELECT."""
    query = select(
        Contact.id, visible(stage.viewer, channel, at), profile(stage.viewer, channel, at)
    ).where(Contact.id.between(min(stage.worlds), max(stage.worlds)))
    return {row[0]: (row[1], row[2]) for row in session.execute(query)}


def mistakes(session: Session, stage: Stage, channel: Channel, at: datetime) -> list[str]:
    """Each world on which the policy and the oracle differ, in words."""
    given = answers(session, stage, channel, at)
    return [
        f"{channel} at {at}: policy {given.get(contact)}, oracle {expected}, {world}"
        for contact, world in stage.worlds.items()
        if given.get(contact)
        != (expected := (is_visible(world, channel, at), widest(world, channel, at)))
    ]


def check(session: Session, worlds: Iterable[tuple[Asker, Iterable[Subject]]]) -> None:
    """Plant all worlds in one database and ask about them over each channel at each edge."""
    planter = Planter(session)
    stages = [planter.plant(asker, subjects) for asker, subjects in worlds]
    planter.write()
    wrong = chain.from_iterable(
        mistakes(session, stage, channel, at)
        for stage, channel, at in product(stages, Channel, INSTANTS)
    )
    assert not list(wrong)
