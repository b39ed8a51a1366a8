"""Legal bases of kind consent: intervals that follow the events, so that the policy reads instants.

A contact has one for a purpose while a consent holds over at least one medium. Only an opening
act begins one; whatever else happened can only bring its end nearer.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from app.models import LegalBasis, Purpose
from app.models.kinds import BasisKind
from app.policy import consents
from app.queries import consents as found
from app.services import periods

_FOR_MARKETING = (BasisKind.CONSENT, BasisKind.LEGITIMATE_INTEREST, BasisKind.OWN_CUSTOMER)
"""Bases on which we write to people of our own accord; an objection ends them all."""


def follow(
    session: Session,
    contact_id: int,
    purposes: Iterable[int],
    at: datetime,
    *,
    may_open: bool = False,
) -> None:
    """Let the bases of a contact for these purposes say from `at` on what the events say."""
    events, above = found.events_of(session, contact_id), found.tree(session)
    for purpose_id in sorted(purposes):
        until = consents.holds_until(events, above, purpose_id, at)
        rows = list(
            periods.unfinished(
                session,
                LegalBasis,
                at,
                LegalBasis.contact_id == contact_id,
                LegalBasis.purpose_id == purpose_id,
                LegalBasis.kind == BasisKind.CONSENT,
            )
        )
        if until is None:
            periods.end(rows, at)
        elif may_open:
            _begin(session, rows, (contact_id, purpose_id), (at, until))
        else:
            for row in rows:
                row.valid_until = min(row.valid_until, max(until, row.valid_from))
    session.flush()


def object_to(session: Session, contact_id: int, purposes: Iterable[int], at: datetime) -> None:
    """End what lets us write of our own accord, where the purpose is marketing (Art. 21(3))."""
    for purpose_id in sorted(purposes):
        if session.get_one(Purpose, purpose_id).is_marketing:
            rows = periods.unfinished(
                session,
                LegalBasis,
                at,
                LegalBasis.contact_id == contact_id,
                LegalBasis.purpose_id == purpose_id,
                LegalBasis.kind.in_(_FOR_MARKETING),
            )
            periods.end(rows, at)
    session.flush()


def is_closed(session: Session, contact_id: int, purpose_id: int, at: datetime) -> bool:
    """Whether the person closed the whole purpose: withdrawn or objected over every medium."""
    above = found.tree(session)
    # What was asked for since, or brought in without proof, opens nothing.
    events = [
        event
        for event in found.events_of(session, contact_id)
        if event.type in consents.CLOSING or event.is_opening
    ]
    closed = {consents.ConsentState.WITHDRAWN, consents.ConsentState.OBJECTED}
    return all(
        consents.read(events, above, purpose_id, medium, at).state in closed
        for medium in found.media_of(session.get_one(Purpose, purpose_id))
    )


def _begin(
    session: Session,
    rows: list[LegalBasis],
    of: tuple[int, int],
    span: tuple[datetime, datetime],
) -> None:
    def make(start: datetime, until: datetime) -> LegalBasis:
        row = LegalBasis(
            contact_id=of[0],
            purpose_id=of[1],
            kind=BasisKind.CONSENT,
            valid_from=start,
            valid_until=until,
        )
        session.add(row)
        return row

    periods.settle(rows, span, span[0], make)
