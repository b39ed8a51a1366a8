"""Sessions of browsers: opened at sign-in, ended by their owner or with his account."""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app import tokens
from app.catalogues import OF_THE_PORTAL
from app.models import User, WebSession
from app.models.kinds import ActorKind
from app.queries.sessions import ABSOLUTE
from app.services import audit
from app.services.audit import Actor

LANGUAGES = OF_THE_PORTAL
_AGENT_LENGTH = 200


def actor_of(user_id: int) -> Actor:
    """The user as one who acts."""
    return Actor(ActorKind.USER, user_id)


def sign_in(session: Session, user_id: int, user_agent: str, at: datetime) -> str:
    """Open a session for a user whose password has been checked; its token, shown once."""
    token = tokens.random_token(256)
    row = WebSession(
        token_digest=tokens.digest(token),
        user_id=user_id,
        user_agent=user_agent[:_AGENT_LENGTH],
        created_at=at,
        seen_at=at,
    )
    session.add(row)
    session.flush()
    audit.record(session, actor_of(user_id), "session.opened", ("web_session", row.id), at)
    return token


def sign_out(session: Session, actor: Actor, session_id: int, at: datetime) -> None:
    """End one session; the cookie that opened it is dead from now on. Ending twice is no error."""
    open_now = select(WebSession.id).where(WebSession.id == session_id, WebSession.ended_at > at)
    _end(session, actor, list(session.scalars(open_now)), at)


def end_of(session: Session, actor: Actor, user_id: int, session_id: int, at: datetime) -> None:
    """End one session of this user; one that is over, or not his, is no error."""
    his = select(WebSession.id).where(
        WebSession.id == session_id, WebSession.user_id == user_id, WebSession.ended_at > at
    )
    _end(session, actor, list(session.scalars(his)), at)


def end_all(
    session: Session, actor: Actor, user_id: int, at: datetime, *, but: int | None = None
) -> int:
    """End every session of a user, as with a new password; how many there were.

    The one with the id `but`, in which he does it, goes on.
    """
    open_now = select(WebSession.id).where(WebSession.user_id == user_id, WebSession.ended_at > at)
    found = [one for one in session.scalars(open_now) if one != but]
    _end(session, actor, found, at)
    return len(found)


def sweep(session: Session, at: datetime) -> int:
    """Delete the rows of sessions that nobody could use any more; how many."""
    dead = delete(WebSession).where(WebSession.created_at <= at - ABSOLUTE)
    return len(session.scalars(dead.returning(WebSession.id)).all())


def choose_language(
    session: Session, actor: Actor, user_id: int, language: str, at: datetime
) -> None:
    """Remember in which language a user reads; what is not spoken here is passed over."""
    if language not in LANGUAGES:
        return
    session.execute(update(User).where(User.id == user_id).values(language=language))
    audit.record(session, actor, "user.language", ("user", user_id), at, language=language)


def _end(session: Session, actor: Actor, ids: list[int], at: datetime) -> None:
    for session_id in ids:
        session.execute(update(WebSession).where(WebSession.id == session_id).values(ended_at=at))
        audit.record(session, actor, "session.ended", ("web_session", session_id), at)
