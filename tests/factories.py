"""The smallest valid row of each kind; nothing random but what must be unique."""

from datetime import UTC, datetime
from itertools import count

from sqlalchemy.orm import Session

from app.cards.card import ContactKind
from app.db import FOREVER
from app.models import (
    Assignment,
    Contact,
    ContactPoint,
    Device,
    Directory,
    Grant,
    LegalBasis,
    LoginName,
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
from app.models.kinds import BasisKind, PointKind, Profile, Scope, SourceKind, SyncPolicy

NOON = datetime(2026, 5, 3, 12, 0, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
_numbers = count(1)


def _number() -> int:
    return next(_numbers)


def user(session: Session, name: str = "Eva Nováková") -> User:
    """A user without password or role."""
    row = User(email=f"user{_number()}@example.org", name=name, created_at=LONG_AGO)
    session.add(row)
    session.flush()
    return row


def login_name(of: User) -> LoginName:
    """The name that phones of this user sign in with."""
    return LoginName(user_id=of.id, name=of.email)


def team(session: Session, *members: User) -> Team:
    """A team with members since long ago."""
    row = Team(slug=f"team{_number()}", name="Stavba", created_at=LONG_AGO)
    session.add(row)
    session.flush()
    for member in members:
        session.add(TeamMember(team_id=row.id, user_id=member.id, valid_from=LONG_AGO))
    session.flush()
    return row


def directory(
    session: Session,
    *,
    sync_policy: SyncPolicy = SyncPolicy.ANY,
    basis: BasisKind = BasisKind.LEGITIMATE_INTEREST,
) -> Directory:
    """A directory with a purpose of its own."""
    number = _number()
    purpose = Purpose(slug=f"purpose{number}", name="Orders", created_at=LONG_AGO)
    session.add(purpose)
    session.flush()
    row = Directory(
        slug=f"directory{number}",
        name="Customers",
        preset="customers-firms",
        purpose_id=purpose.id,
        basis=basis,
        sync_policy=sync_policy,
        retention_months=36,
        created_at=LONG_AGO,
    )
    session.add(row)
    session.flush()
    return row


def contact(
    session: Session,
    home: Directory,
    name: str = "Karel Novotný",
    *,
    kind: ContactKind = ContactKind.PERSON,
    phone: str = "+420777123456",
    has_basis: bool = True,
) -> Contact:
    """A contact with one phone, and for a person a basis since long ago."""
    source = Source(kind=SourceKind.ENTRY, detail="test", obtained_at=LONG_AGO)
    session.add(source)
    session.flush()
    given, _, family = name.rpartition(" ")
    row = Contact(
        public_id=f"contact-{_number():06d}",
        directory_id=home.id,
        kind=kind,
        full_name=name,
        given=given,
        family=family,
        sort_key=f"{family} {given}",
        search=name.casefold(),
        source_id=source.id,
        created_at=LONG_AGO,
    )
    session.add(row)
    session.flush()
    session.add(ContactPoint(contact_id=row.id, kind=PointKind.PHONE, value=phone, norm=phone))
    if has_basis and kind is ContactKind.PERSON:
        basis(session, row, home)
    session.flush()
    return row


def basis(
    session: Session,
    subject: Contact,
    home: Directory,
    start: datetime = LONG_AGO,
    end: datetime = FOREVER,
) -> LegalBasis:
    """A legal basis of a contact for the purpose of a directory."""
    row = LegalBasis(
        contact_id=subject.id,
        purpose_id=home.purpose_id,
        kind=home.basis,
        valid_from=start,
        valid_until=end,
    )
    session.add(row)
    session.flush()
    return row


def grant(
    session: Session,
    home: Directory,
    to: User | Team,
    *,
    can: str = "read,sync",
    scope: Scope = Scope.ALL,
    fields: Profile = Profile.BY_CHANNEL,
    start: datetime = LONG_AGO,
    end: datetime = FOREVER,
) -> Grant:
    """A grant on a directory to a user or a team."""
    row = Grant(
        directory_id=home.id,
        user_id=to.id if isinstance(to, User) else None,
        team_id=to.id if isinstance(to, Team) else None,
        scope=scope,
        fields=int(fields),
        valid_from=start,
        valid_until=end,
        **{f"can_{right}": True for right in can.split(",")},
    )
    session.add(row)
    session.flush()
    return row


def project(
    session: Session,
    *,
    start: datetime = LONG_AGO,
    end: datetime = FOREVER,
    allows_sync: bool = True,
    fields: Profile = Profile.CALLER,
) -> Project:
    """A project without members."""
    row = Project(
        slug=f"project{_number()}",
        name="Most",
        allows_sync=allows_sync,
        fields=int(fields),
        starts_at=start,
        ends_at=end,
        created_at=LONG_AGO,
    )
    session.add(row)
    session.flush()
    return row


def member(
    session: Session, of: Project, who: User, start: datetime = LONG_AGO, end: datetime = FOREVER
) -> ProjectMember:
    """A member of a project."""
    row = ProjectMember(project_id=of.id, user_id=who.id, valid_from=start, valid_until=end)
    session.add(row)
    session.flush()
    return row


def participation(
    session: Session, of: Project, who: Contact, start: datetime = LONG_AGO, end: datetime = FOREVER
) -> Participation:
    """A contact that takes part in a project."""
    row = Participation(project_id=of.id, contact_id=who.id, valid_from=start, valid_until=end)
    session.add(row)
    session.flush()
    return row


def assignment(
    session: Session, who: Contact, to: User, start: datetime = LONG_AGO, end: datetime = FOREVER
) -> Assignment:
    """A contact in the charge of a user."""
    row = Assignment(contact_id=who.id, user_id=to.id, valid_from=start, valid_until=end)
    session.add(row)
    session.flush()
    return row


def restriction(
    session: Session, who: Contact, start: datetime = LONG_AGO, end: datetime = FOREVER
) -> Restriction:
    """A restriction of a contact."""
    row = Restriction(
        contact_id=who.id, reason="objection weighed", valid_from=start, valid_until=end
    )
    session.add(row)
    session.flush()
    return row


def suspension(
    session: Session,
    who: User,
    kind: SuspensionKind = SuspensionKind.DISABLED,
    start: datetime = LONG_AGO,
    end: datetime = FOREVER,
) -> Suspension:
    """A suspension of a user."""
    row = Suspension(user_id=who.id, kind=kind, valid_from=start, valid_until=end)
    session.add(row)
    session.flush()
    return row


def device(session: Session, of: User, *, is_managed: bool = False) -> Device:
    """A device row without books; app.services.devices.enrol makes the whole thing."""
    number = _number()
    row = Device(
        public_id=f"device{number}",
        user_id=of.id,
        name="Phone",
        password_mac=f"mac{number}",
        key_id="test",
        is_managed=is_managed,
        enrolled_at=LONG_AGO,
    )
    session.add(row)
    session.flush()
    return row
