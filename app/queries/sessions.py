"""Who is behind a browser session or a login name; nothing here is shown to anybody else."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import ColumnElement, Select, Text, and_, bindparam, exists, select
from sqlalchemy.orm import Session

from app.models import Directory as DirectoryRow
from app.models import Organisation, Suspension, SuspensionKind, User, WebSession
from app.policy import Action, Viewer, allowed
from app.policy.visibility import live
from app.queries.asking import AT, WHO, asked_by, moment

IDLE = timedelta(hours=12)
"""How long a session lives without a request."""

ABSOLUTE = timedelta(days=7)
"""How long a session lives at all."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A user in a browser session that is alive."""

    session_id: int
    seen_at: datetime
    user_id: int
    name: str
    email: str
    language: str


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A browser in which somebody is signed in; `agent` is what it calls itself."""

    id: int
    agent: str
    created_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """Who a login name belongs to; no user and an empty hash where it belongs to nobody."""

    user_id: int | None = None
    password_hash: str = ""


@dataclass(frozen=True, slots=True)
class HelpDesk:
    """Whose address book this is and who helps; empty where nobody has said so."""

    organisation: str = ""
    email: str = ""
    phone: str = ""


def find(session: Session, token_digest: str, at: datetime) -> SignedIn | None:
    """The live session of an enabled user with this digest, or None."""
    values = {"digest": token_digest, "at": at, "idle": at - IDLE, "old": at - ABSOLUTE}
    row = session.execute(_with_digest(), values).one_or_none()
    return SignedIn(*row) if row else None


@lru_cache
def _with_digest() -> Select[int, datetime, int, str, str, str]:
    return (
        select(WebSession.id, WebSession.seen_at, User.id, User.name, User.email, User.language)
        .join(User, User.id == WebSession.user_id)
        .where(
            WebSession.token_digest == bindparam("digest", type_=Text),
            _is_alive(AT, moment("idle"), moment("old")),
            ~_disabled(AT),
        )
    )


def of_user(session: Session, user_id: int, at: datetime) -> list[OpenSession]:
    """The browsers in which a user is signed in, the one used last first."""
    query = (
        select(WebSession.id, WebSession.user_agent, WebSession.created_at, WebSession.seen_at)
        .where(WebSession.user_id == user_id, _is_alive(at, at - IDLE, at - ABSOLUTE))
        .order_by(WebSession.seen_at.desc(), WebSession.id.desc())
    )
    return [OpenSession(*row) for row in session.execute(query)]


def _is_alive(at: datetime, idle: datetime, old: datetime) -> ColumnElement[bool]:
    """Whether a WebSession could be used at that instant, but for its user.

    It must have been used after `idle` and begun after `old`.
    """
    return and_(WebSession.ended_at > at, WebSession.seen_at > idle, WebSession.created_at > old)


def candidate(session: Session, email: str, at: datetime) -> Candidate:
    """The enabled user with this login name; asked for a folded e-mail."""
    query = select(User.id, User.password_hash).where(User.email == email, ~_disabled(at))
    row = session.execute(query).one_or_none()
    return Candidate(*row) if row else Candidate()


def has_users(session: Session) -> bool:
    """Whether anybody could sign in at all."""
    return bool(session.scalar(select(exists(select(User.id)))))


def may_anywhere(session: Session, viewer: Viewer, action: Action, at: datetime) -> bool:
    """Whether the viewer has this right on at least one directory."""
    return bool(session.scalar(_anywhere(action), asked_by(viewer, at)))


@lru_cache
def _anywhere(action: Action) -> Select[bool]:
    return select(exists(select(DirectoryRow.id).where(allowed(WHO, action, AT))))


def help_desk(session: Session) -> HelpDesk:
    """Whom to ask, as the pages and the sentinel card say it."""
    row = session.execute(_desk()).one_or_none()
    return HelpDesk(*row) if row else HelpDesk()


@lru_cache
def _desk() -> Select[str, str, str]:
    query = select(Organisation.name, Organisation.help_email, Organisation.help_phone)
    return query.order_by(Organisation.id).limit(1)


def _disabled(at: datetime) -> ColumnElement[bool]:
    return exists().where(
        Suspension.user_id == User.id,
        Suspension.kind == SuspensionKind.DISABLED,
        live(Suspension, at),
    )
