"""Which cards may go out in a file: not those of people who stopped what the file would be for.

A card that rests on a reason of ours stays where it is when somebody types its address; to be
handed on as part of a list of marketing it would still be used for what was stopped.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cards.card import Card
from app.models import Contact, Directory, LegalBasis, Purpose, StopGround
from app.models.kinds import BasisKind
from app.policy.visibility import live
from app.queries import consents as found
from app.queries import suppressions as stopped
from app.services import suppressions
from app.services.contact_rows import chunks
from app.services.stop_bases import OF_OUR_OWN_ACCORD


def left(session: Session, cards: Sequence[Card], at: datetime) -> list[Card]:
    """The cards without those that were stopped; who agreed again since then is among them.

    A withdrawal ends a consent; what is kept for another reason may still go out.
    """
    gone = {one for part in chunks(cards) for one in _stopped(session, part, at)}
    return [card for card in cards if card.public_id not in gone]


def _stopped(session: Session, cards: Sequence[Card], at: datetime) -> set[str]:
    names = [card.public_id for card in cards]
    query = (
        select(Contact.id, Contact.public_id, Directory.purpose_id)
        .join(Directory, Directory.id == Contact.directory_id)
        .join(Purpose, Purpose.id == Directory.purpose_id)
        .where(Contact.public_id.in_(names), Purpose.is_marketing)
    )
    rows = {row.id: row for row in session.execute(query)}
    stops = stopped.of_contacts(session, rows, at) if rows else {}
    if not stops:
        return set()
    above, ours = found.tree(session), stopped.marketing(session)
    marked = {
        one
        for one, said in stops.items()
        if suppressions.forbids(
            [stop for stop in said if stop.ground is not StopGround.WITHDRAWAL],
            session.get_one(Purpose, rows[one].purpose_id),
            above,
            ours,
        )
        and not found.holds(session, one, rows[one].purpose_id, at)
    }
    return {rows[one].public_id for one in marked - _otherwise(session, marked, at)}


def _otherwise(session: Session, ids: Collection[int], at: datetime) -> set[int]:
    """Those whom their directory holds for another reason, such as a contract."""
    query = (
        select(LegalBasis.contact_id)
        .join(Contact, Contact.id == LegalBasis.contact_id)
        .join(Directory, Directory.id == Contact.directory_id)
        .where(
            LegalBasis.contact_id.in_(ids),
            LegalBasis.purpose_id == Directory.purpose_id,
            live(LegalBasis, at),
            LegalBasis.kind.not_in((BasisKind.CONSENT, *OF_OUR_OWN_ACCORD)),
        )
    )
    return set(session.scalars(query))
