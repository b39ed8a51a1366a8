"""What a colleague looked at and handed out lately, for whoever takes his account away.

Numbers are for everybody who may open that page. Names go through the policy as everywhere:
contacts that the reader may not look up himself stand in the numbers alone.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.cards.card import Card
from app.models import Consultation, Contact, HandOver
from app.policy import Channel, Viewer
from app.queries import contacts
from app.queries.recents import SHOWN_ON

NAMED = 30
"""As many contacts are named, those that he opened last."""
_LOOKED_AT = 200
_ERRANDS = 50


@dataclass(frozen=True, slots=True)
class Opened:
    """A contact whose page he opened, how often, and when last."""

    card: Card
    times: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Errand:
    """Contacts that he handed out at once: over which way, to whom and why, in his words."""

    at: datetime
    channel: str
    recipient: str
    reason: str
    contacts: int


@dataclass(frozen=True, slots=True)
class Traces:
    """What he was shown and what he handed out.

    `opened` contacts had their own page opened, `openings` times in all; `shown` contacts stood
    on some page. `named` are those of the opened ones that the reader may look up, too.
    """

    opened: int
    openings: int
    shown: int
    named: tuple[Opened, ...]
    errands: tuple[Errand, ...]

    @property
    def handed_out(self) -> int:
        """How many contacts went out, each as often as it did."""
        return sum(one.contacts for one in self.errands)


def of_user(
    session: Session, viewer: Viewer | None, user_id: int, since: datetime, at: datetime
) -> Traces:
    """What this colleague left behind since then; None is a reader of numbers alone."""
    query = (
        select(Consultation.at, Consultation.page, Consultation.contact_ids)
        .where(Consultation.user_id == user_id, Consultation.at >= since)
        .order_by(Consultation.id.desc())
    )
    times: Counter[int] = Counter()
    last: dict[int, datetime] = {}
    shown: set[int] = set()
    for seen_at, page, ids in session.execute(query):
        shown.update(ids)
        if page == SHOWN_ON:
            times.update(ids)
            last = dict.fromkeys(ids, seen_at) | last
    newest = sorted(last, key=lambda one: (last[one], one), reverse=True)[:_LOOKED_AT]
    cards = _cards(session, viewer, newest, at) if viewer else {}
    named = [Opened(cards[one], times[one], last[one]) for one in newest if one in cards]
    return Traces(
        opened=len(times),
        openings=times.total(),
        shown=len(shown),
        named=tuple(named[:NAMED]),
        errands=_errands(session, user_id, since),
    )


def _cards(session: Session, viewer: Viewer, ids: list[int], at: datetime) -> dict[int, Card]:
    query = select(Contact.id, Contact.public_id).where(Contact.id.in_(ids))
    names = {row.public_id: row.id for row in session.execute(query)}
    found = contacts.several(session, viewer, Channel.PORTAL, list(names), at)
    return {names[public_id]: card for public_id, card in found.items()}


def _errands(session: Session, user_id: int, since: datetime) -> tuple[Errand, ...]:
    one = (HandOver.at, HandOver.channel, HandOver.recipient, HandOver.reason)
    query = (
        select(*one, func.count(HandOver.contact_id.distinct()))
        .where(HandOver.user_id == user_id, HandOver.at >= since)
        .group_by(*one)
        .order_by(HandOver.at.desc(), HandOver.recipient)
        .limit(_ERRANDS)
    )
    return tuple(Errand(*row) for row in session.execute(query))
