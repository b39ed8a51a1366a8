"""The first owner: made in the browser, by who holds the one link that the shell printed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from app import tokens
from app.errors import NotFound
from app.models import FirstOwnerLink, Organisation, RoleName
from app.queries import instances as readers
from app.services import accounts, checks
from app.services.accounts import NewUser
from app.services.audit import OPERATOR, SYSTEM, record
from app.services.instances import DEFAULT_NAME

TERM = timedelta(hours=24)
ROLES = (RoleName.OWNER.value, RoleName.ADMIN.value)
"""The first one decides for the organisation, and runs the system until somebody else does."""
_OVER = "this link is not valid, or not any more"


@dataclass(frozen=True, slots=True)
class Link:
    """A fresh link: its token, shown this once, and until when it works."""

    token: str
    ends_at: datetime


def issue(session: Session, at: datetime) -> Link | None:
    """A fresh link in place of the one before; None as soon as there is a user."""
    if readers.has_users(session):
        return None
    session.execute(delete(FirstOwnerLink))
    link = Link(tokens.random_token(256), at + TERM)
    digest = tokens.digest(link.token)
    session.add(FirstOwnerLink(token_digest=digest, created_at=at, ends_at=link.ends_at))
    record(session, OPERATOR, "first_owner.link", ("instance", None), at)
    session.flush()
    return link


def is_open(session: Session, token: str, at: datetime) -> bool:
    """Whether this token would make an owner at that instant; asking changes nothing."""
    found = session.scalar(select(FirstOwnerLink.id).where(*_alive(token, at)))
    return found is not None and not readers.has_users(session)


def is_unnamed(session: Session) -> bool:
    """Whether nobody has said yet what the organisation is called."""
    return session.scalar(select(Organisation.name)) == DEFAULT_NAME


def make(session: Session, token: str, email: str, name: str, password: str, at: datetime) -> int:
    """Make the first owner, and use the link up; his id.

    Raises NotFound where the link is none, was used or is over, Invalid for what cannot be
    used as an address, a name or a password.
    """
    used = delete(FirstOwnerLink).where(*_alive(token, at)).returning(FirstOwnerLink.id)
    # Of two that come at once the second one waits here for the first, and finds nothing.
    if session.scalar(used) is None or readers.has_users(session):
        raise NotFound(_OVER)
    row = accounts.add_user(session, SYSTEM, NewUser(email, name, ROLES, password), at)
    return row.id


def name_organisation(session: Session, name: str, at: datetime) -> None:
    """Say what the organisation is called, and leave the rest as it is. Raises Invalid."""
    row = session.scalars(select(Organisation)).one()
    row.name = checks.name(name)
    record(session, SYSTEM, "organisation.describe", ("organisation", row.id), at)


def _alive(token: str, at: datetime) -> tuple[ColumnElement[bool], ...]:
    return (FirstOwnerLink.token_digest == tokens.digest(token), FirstOwnerLink.ends_at > at)
