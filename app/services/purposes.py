"""Purposes: what data are used for, in a tree of brands or products."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Conflict, Invalid, NotFound
from app.models import Purpose
from app.models.consent_kinds import Medium
from app.services import checks, durations
from app.services.audit import Actor, record

_ASKABLE = tuple(medium for medium in Medium if medium is not Medium.USE)


@dataclass(frozen=True, slots=True)
class Terms:
    """How a purpose may be pursued.

    `media` are words of Medium, `recipients` who else gets the data, by name; `validity` is how
    long a consent holds, an ISO 8601 duration, or empty for as long as it is not withdrawn.
    """

    media: Sequence[str] = ()
    recipients: Sequence[str] = ()
    validity: str = ""
    double_opt_in: bool = False
    is_marketing: bool = False


PLAIN = Terms()


def add(  # noqa: PLR0913 - slug and name are what every caller says
    session: Session,
    actor: Actor,
    slug: str,
    name: str,
    at: datetime,
    *,
    parent_id: int | None = None,
    terms: Terms = PLAIN,
) -> Purpose:
    """Add a purpose. Raises Invalid, NotFound for its parent, or Conflict for a taken slug.

    What stands below a purpose of marketing is marketing, too.
    """
    row = make(session, slug, name, at, parent_id=parent_id, terms=terms)
    record(session, actor, "purpose.add", ("purpose", row.id), at, parent=parent_id)
    return row


def make(
    session: Session,
    slug: str,
    name: str,
    at: datetime,
    *,
    parent_id: int | None = None,
    terms: Terms = PLAIN,
) -> Purpose:
    """The row alone, for a directory that brings its own purpose within its own act."""
    parent = session.get(Purpose, parent_id) if parent_id is not None else None
    if parent_id is not None and parent is None:
        raise NotFound("there is no such purpose to stand above it")
    row = Purpose(
        slug=checks.slug(slug), name=checks.name(name), parent_id=parent_id, created_at=at
    )
    if session.scalar(select(Purpose.id).where(Purpose.slug == row.slug)) is not None:
        raise Conflict(f"the purpose {row.slug} is there already")
    _set(row, terms)
    if parent is not None and parent.is_marketing:
        row.is_marketing = True
    session.add(row)
    session.flush()
    return row


def change(session: Session, actor: Actor, purpose_id: int, terms: Terms, at: datetime) -> Purpose:
    """Pursue a purpose in another way from now on; consents given stay what they were.

    Raises NotFound, Invalid.
    """
    row = session.get(Purpose, purpose_id)
    if row is None:
        raise NotFound("there is no such purpose")
    was_marketing = row.is_marketing
    _set(row, terms)
    row.is_marketing = row.is_marketing or was_marketing
    record(session, actor, "purpose.change", ("purpose", row.id), at)
    session.flush()
    return row


def _set(row: Purpose, terms: Terms) -> None:
    media = {checks.choice(Medium, medium, "media") for medium in terms.media}
    if Medium.USE in media:
        raise Invalid("media", f"one of {', '.join(_ASKABLE)}, or none")
    if terms.validity:
        durations.parsed(terms.validity)
    row.media = " ".join(medium for medium in Medium if medium in media)
    row.recipients = "\n".join(checks.name(one, "recipients") for one in terms.recipients)
    row.validity = terms.validity
    row.double_opt_in = terms.double_opt_in
    row.is_marketing = terms.is_marketing
