"""Favourites: contacts that a user keeps at hand. They open nothing."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models import Contact, Favourite
from app.policy import Channel, Viewer, visible
from app.services.audit import Actor, record


def keep(session: Session, actor: Actor, viewer: Viewer, public_id: str, at: datetime) -> None:
    """Keep a contact at hand; twice is no error. Raises NotFound where he does not see it."""
    seen = select(Contact.id).where(
        Contact.public_id == public_id, visible(viewer, Channel.PORTAL, at)
    )
    contact_id = session.scalar(seen)
    if contact_id is None:
        raise NotFound("there is no such contact")
    if session.get(Favourite, (viewer.user_id, contact_id)) is not None:
        return
    session.add(Favourite(user_id=viewer.user_id, contact_id=contact_id, kept_at=at))
    record(session, actor, "favourite.keep", ("contact", contact_id), at)
    session.flush()


def drop(session: Session, actor: Actor, viewer: Viewer, public_id: str, at: datetime) -> None:
    """Keep a contact at hand no longer, seen or not; what is none is no error."""
    named = select(Contact.id).where(Contact.public_id == public_id).scalar_subquery()
    query = delete(Favourite).where(
        Favourite.user_id == viewer.user_id, Favourite.contact_id == named
    )
    dropped = session.scalar(query.returning(Favourite.contact_id))
    if dropped is not None:
        record(session, actor, "favourite.drop", ("contact", dropped), at)
