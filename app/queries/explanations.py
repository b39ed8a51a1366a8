"""Why somebody sees a contact or does not: the policy's own clauses, in words."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cards.card import ContactKind
from app.errors import NotFound
from app.models import Contact
from app.policy import Channel, Viewer, explain, fields_of, profile
from app.policy.visibility import Ruling
from app.queries.reasons import REASONS


def why(
    session: Session, viewer: Viewer, public_id: str, channel: Channel, at: datetime
) -> dict[str, Any]:
    """The verdict on one contact, every clause behind it, and the fields that leave.

    For the operator alone, who may know what is there. Raises NotFound for what is absent.
    """
    level = profile(viewer, channel, at)
    query = select(Contact.id, Contact.kind, Contact.is_sole_trader, level)
    row = session.execute(query.where(Contact.public_id == public_id)).one_or_none()
    if row is None:
        raise NotFound("there is no such contact")
    contact_id, kind, is_sole_trader, widest = row
    explanation = explain(session, viewer, contact_id, channel, at)
    fields: frozenset[str] = frozenset()
    if explanation.is_visible:
        is_natural = kind is ContactKind.PERSON or is_sole_trader
        fields = fields_of(widest, channel, is_natural=is_natural)
    return {
        "verdict": "visible" if explanation.is_visible else "hidden",
        "clauses": [_clause(ruling) for ruling in explanation.rulings],
        "fields": sorted(fields),
    }


def _clause(ruling: Ruling) -> dict[str, Any]:
    reason = REASONS[ruling.name]
    return {
        "name": ruling.name,
        "kind": ruling.kind,
        "holds": ruling.holds,
        "reason": reason.holds if ruling.holds else reason.fails,
    }
