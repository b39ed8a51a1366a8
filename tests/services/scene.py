"""What most commands need before they can be tried: an owner, a colleague, a directory."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.cards.card import Draft, Point
from app.models import AuditEvent, Contact, Directory, User
from app.models.kinds import ActorKind
from app.services import accounts, contacts, directories
from app.services.accounts import NewUser
from app.services.audit import OPERATOR, Actor
from app.services.contacts import NewContact
from app.services.directories import NewDirectory

NOON = datetime(2026, 5, 3, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
FOREVER_YEAR = 9999


def owner(session: Session, email: str = "olga@example.org") -> User:
    return accounts.add_user(session, OPERATOR, NewUser(email, "Olga", ["owner"]), NOON)


def colleague(session: Session, email: str = "eva@example.org") -> User:
    return accounts.add_user(session, OPERATOR, NewUser(email, "Eva"), NOON)


def directory(session: Session, preset: str = "customers-firms", slug: str = "home") -> Directory:
    return directories.add(session, OPERATOR, NewDirectory(slug, "Home", preset), NOON)


def home(session: Session, preset: str = "customers-firms") -> Directory:
    """A directory with its owner."""
    owner(session)
    return directory(session, preset)


def karel(session: Session, of: Directory, **values: object) -> Contact:
    """A person with one phone."""
    said = {"given": "Karel", "family": "Novotný", "phones": (Point("777 123 456", "cell"),)}
    draft = Draft(**{**said, **values})  # type: ignore[arg-type]
    return contacts.add(session, OPERATOR, of.id, NewContact(draft), NOON).contact


def acting(user: User) -> Actor:
    """The user as one who acts."""
    return Actor(ActorKind.USER, user.id)


def acts(session: Session, action: str = "") -> int:
    """How many audit rows there are, or of one action."""
    session.flush()
    query = select(func.count()).select_from(AuditEvent)
    return session.scalar(query.where(AuditEvent.action == action) if action else query) or 0
