"""The legal bases that end when something is stopped at a contact point, and come back with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, or_, select, update
from sqlalchemy.orm import Session

from app.db import instant_text
from app.models import (
    ConsentEvent,
    ConsentSubject,
    LegalBasis,
    Purpose,
    StopGround,
    StopScope,
)
from app.models.consent_kinds import ConsentType, Medium
from app.models.kinds import BasisKind
from app.queries import consents as found
from app.services import consent_bases, periods

OF_OUR_OWN_ACCORD = (BasisKind.LEGITIMATE_INTEREST, BasisKind.OWN_CUSTOMER)
CONSENT_ONLY = frozenset({StopGround.WITHDRAWAL, StopGround.OFF_LIST})
"""A typed address proves nobody: it takes no card from phones that rests on a reason of ours."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What is stopped: a purpose with all below it, or all marketing; by which media (all)."""

    scope: StopScope
    purpose_id: int | None = None
    media: tuple[Medium, ...] = ()


def end(
    session: Session,
    coverage: Coverage,
    ground: StopGround,
    at: datetime,
    whose: Select[int] | Sequence[int],
) -> list[list[Any]]:
    """End what rests on it for these contacts; each (id, former end).

    By as many statements whether or not there is anything. By one medium alone nothing ends
    here: a basis holds while any medium is left. CONSENT_ONLY end consents; the others what we
    do of our own accord as well, where it is marketing.
    """
    if coverage.media or ground is StopGround.BOUNCE:
        return []
    which = (
        LegalBasis.valid_until > at,
        LegalBasis.contact_id.in_(whose),
        LegalBasis.purpose_id.in_(_covered(session, coverage)),
        _kinds(ground),
    )
    held = select(LegalBasis.id, LegalBasis.valid_until).where(*which).order_by(LegalBasis.id)
    rows = session.execute(held.with_for_update(key_share=True)).all()
    over = case((LegalBasis.valid_from > at, LegalBasis.valid_from), else_=at)
    query = update(LegalBasis).where(*which).values(valid_until=over)
    session.execute(query, execution_options={"synchronize_session": False})
    for row in [one for one in session.identity_map.values() if isinstance(one, LegalBasis)]:
        session.expire(row)
    return [[row.id, instant_text(row.valid_until)] for row in rows]


def open_before(session: Session, event: ConsentEvent, at: datetime) -> list[list[Any]]:
    """What an objection is about to end beside the consent: each (id, end)."""
    subject = session.get_one(ConsentSubject, event.subject_id)
    if subject.contact_id is None or event.media or event.type is not ConsentType.OBJECTED:
        return []
    below = found.purposes_below(session, event.purpose_id)
    query = select(LegalBasis.id, LegalBasis.valid_until).where(
        LegalBasis.contact_id == subject.contact_id,
        LegalBasis.valid_until > at,
        LegalBasis.kind.in_(OF_OUR_OWN_ACCORD),
        LegalBasis.purpose_id.in_(select(Purpose.id).where(Purpose.is_marketing)),
        LegalBasis.purpose_id.in_(below),
    )
    rows = session.execute(query.order_by(LegalBasis.id))
    return [[row.id, instant_text(row.valid_until)] for row in rows]


def restore(session: Session, closed: Sequence[Sequence[Any]], at: datetime) -> None:
    """Let what a stop had ended hold again from now on, where nothing else has closed it.

    Consents come back by their reading; the others as they were, up to their former end.
    """
    for basis_id, until in closed:
        row = session.get_one(LegalBasis, int(basis_id))
        former = datetime.fromisoformat(str(until))
        if row.kind is BasisKind.CONSENT:
            consent_bases.follow(session, row.contact_id, [row.purpose_id], at, may_open=True)
        elif former > at and _may_return(session, row, at):
            again = (row.contact_id, row.purpose_id, row.kind, row.text)
            session.add(_basis(again, at, former))
    session.flush()


def _may_return(session: Session, row: LegalBasis, at: datetime) -> bool:
    """Whether nothing else closed it, and it is not back already."""
    same = (
        LegalBasis.contact_id == row.contact_id,
        LegalBasis.purpose_id == row.purpose_id,
        LegalBasis.kind == row.kind,
    )
    return not (
        consent_bases.is_closed(session, row.contact_id, row.purpose_id, at)
        or periods.unfinished(session, LegalBasis, at, *same)
    )


def _basis(said: tuple[int, int, BasisKind, str], start: datetime, until: datetime) -> LegalBasis:
    contact_id, purpose_id, kind, text = said
    return LegalBasis(
        contact_id=contact_id,
        purpose_id=purpose_id,
        kind=kind,
        text=text,
        valid_from=start,
        valid_until=until,
    )


def _kinds(ground: StopGround) -> ColumnElement[bool]:
    is_consent = LegalBasis.kind == BasisKind.CONSENT
    if ground in CONSENT_ONLY:
        return is_consent
    marketing = select(Purpose.id).where(Purpose.is_marketing)
    ours = and_(LegalBasis.kind.in_(OF_OUR_OWN_ACCORD), LegalBasis.purpose_id.in_(marketing))
    return or_(is_consent, ours)


def _covered(session: Session, coverage: Coverage) -> Select[int]:
    """The purposes that it covers."""
    if coverage.purpose_id is None:
        return select(Purpose.id).where(Purpose.is_marketing)
    below = found.purposes_below(session, coverage.purpose_id)
    return select(Purpose.id).where(Purpose.id.in_(below))
