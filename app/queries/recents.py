"""What a user keeps at hand: favourites, and the contacts he looked at last.

Both only name contacts; whether he may see them is asked of the policy each time.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Select, Text, select
from sqlalchemy.orm import Session

from app.cards.card import Card
from app.models import Consultation, Contact, Favourite
from app.policy import Channel, Viewer
from app.queries import contacts
from app.queries.asking import WHO
from app.queries.filters import Asked
from app.queries.many import among

SHOWN_ON = "contact"
"""The name under which the page of one contact is consulted."""
_LOOKED_AT = 200


def recent(session: Session, viewer: Viewer, at: datetime, limit: int = 20) -> list[Card]:
    """The contacts whose pages he opened last and still may see, the newest first.

    Among his last 200 openings; an earlier one is not recent.
    """
    opened = (
        select(Consultation.contact_ids)
        .where(Consultation.user_id == viewer.user_id, Consultation.page == SHOWN_ON)
        .order_by(Consultation.id.desc())
        .limit(_LOOKED_AT)
    )
    ids = list(dict.fromkeys(one for found in session.scalars(opened) for one in found))
    named = select(Contact.id, Contact.public_id).where(Contact.id.in_(ids))
    names = {row.id: row.public_id for row in session.execute(named)}
    wanted = [names[one] for one in ids if one in names]
    cards = contacts.several(session, viewer, Channel.PORTAL, wanted, at)
    return [cards[public_id] for public_id in wanted if public_id in cards][:limit]


def favourites(session: Session, viewer: Viewer, at: datetime, limit: int = 20) -> list[Card]:
    """The contacts that he keeps at hand and may see, in the order of names."""
    asked = Asked(favourites=True)
    return contacts.listing(session, viewer, Channel.PORTAL, at, asked, limit=limit)


def kept_among(session: Session, viewer: Viewer, public_ids: Sequence[str]) -> frozenset[str]:
    """Which of these contacts he keeps at hand."""
    values = {"user": viewer.user_id, "ids": public_ids}
    return frozenset(session.scalars(_kept_among(), values))


@lru_cache
def _kept_among() -> Select[str]:
    return (
        select(Contact.public_id)
        .join(Favourite, Favourite.contact_id == Contact.id)
        .where(
            Favourite.user_id == WHO.user_id,
            among(Contact.public_id, "ids", Text),
        )
    )
