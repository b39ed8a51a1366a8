"""What became of a contact: where it came from, and every change of a field since.

A viewer reads the history of the fields that his profile in the portal carries, no more; the
operator, who is no viewer, reads all of it, of an erased contact too.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models import Contact, Source, User, ValueChange
from app.policy import Channel, Viewer, fields_of
from app.queries import contacts

LISTS = frozenset({"phones", "emails", "urls", "ims", "addresses"})
"""The fields whose values are lists; the history spells them as JSON."""

_SHOWN_AS = {"photo_sha256": "photo"}
"""A picture stands in the history by its hash."""

Said = str | list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class ValueStep:
    """One field took another value. `actor` is the user's e-mail, None for the shell."""

    id: int
    at: datetime
    field: str
    old: Said
    new: Said
    source: str
    source_detail: str
    actor: str | None


@dataclass(frozen=True, slots=True)
class History:
    """How a contact came to us, and its changes, the newest first."""

    uid: str
    created_at: datetime
    obtained_at: datetime
    source: str
    source_detail: str
    actor: str | None
    changes: tuple[ValueStep, ...]


def of_contact(session: Session, viewer: Viewer | None, public_id: str, at: datetime) -> History:
    """The history as the viewer may read it at that instant, or all of it for None: the operator.

    Raises NotFound for what is absent or hidden.
    """
    fields = None if viewer is None else readable(session, viewer, public_id, at)
    query = (
        select(Contact, Source, User.email)
        .join(Source, Source.id == Contact.source_id)
        .outerjoin(User, User.id == Source.user_id)
        .where(Contact.public_id == public_id)
    )
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("there is no such contact")
    contact, source, actor = row
    changes = (step for step in _steps(session, contact.id) if _is_in(step.field, fields))
    return History(
        uid=contact.public_id,
        created_at=contact.created_at,
        obtained_at=source.obtained_at,
        source=source.kind.value,
        source_detail=source.detail,
        actor=actor,
        changes=tuple(changes),
    )


def said(field: str, text: str) -> Said:
    """A value as the history spells it, read back: lists as lists of their items' parts."""
    if field not in LISTS:
        return text
    found: list[dict[str, Any]] = json.loads(text or "[]")
    return found


def readable(session: Session, viewer: Viewer, public_id: str, at: datetime) -> frozenset[str]:
    """The fields of a contact that the viewer may read. Raises NotFound where it is hidden."""
    card = contacts.find(session, viewer, Channel.PORTAL, public_id, at)
    if card is None:
        raise NotFound("there is no such contact")
    # In the portal the profile alone decides; what kind of contact it is stands on every card.
    return fields_of(card.profile, Channel.PORTAL, is_natural=True) | {"kind"}


def _is_in(field: str, fields: frozenset[str] | None) -> bool:
    return fields is None or field in fields


def _changes(contact_id: int) -> Select[ValueChange, Source, str]:
    return (
        select(ValueChange, Source, User.email)
        .join(Source, Source.id == ValueChange.source_id)
        .outerjoin(User, User.id == ValueChange.user_id)
        .where(ValueChange.contact_id == contact_id)
        .order_by(ValueChange.changed_at.desc(), ValueChange.id.desc())
    )


def _steps(session: Session, contact_id: int) -> Iterator[ValueStep]:
    for change, source, actor in session.execute(_changes(contact_id)):
        yield ValueStep(
            id=change.id,
            at=change.changed_at,
            field=_SHOWN_AS.get(change.field, change.field),
            old=said(change.field, change.old),
            new=said(change.field, change.new),
            source=source.kind.value,
            source_detail=source.detail,
            actor=actor,
        )
