"""Consent events: recorded, in one transaction with the legal bases that follow from them.

Giving needs what was told and proof: what lacks it is kept as requested or imported, and
authorises nothing. Taking back needs nothing and is never refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cards.text import xml_safe
from app.db import FOREVER
from app.errors import Conflict, Invalid, NotFound
from app.models import ConsentEvent, ConsentSubject, EventEvidence, Evidence, Purpose
from app.models.consent_kinds import ConsentType, Expression, Medium
from app.policy import consents as reading
from app.queries import consents as found
from app.services import (
    audit,
    checks,
    consent_bases,
    consent_givings,
    consent_subjects,
    suppressions,
)
from app.services.audit import Actor
from app.services.consent_acts import Act, who
from app.services.consent_givings import Giving
from app.tokens import random_name


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of an act: its event, what it lacks, and whether anything is authorised.

    `holds` says whether the purpose has a consent over at least one medium now.
    """

    event: ConsentEvent
    lacks: tuple[str, ...]
    holds: bool


def record(
    session: Session, actor: Actor, subject: ConsentSubject, act: Act, at: datetime
) -> Recorded:
    """Record an act of any type, and let the legal bases follow it.

    Given without notice or proof becomes requested. Raises Invalid for an act in the future or
    a notice that does not name the purpose, NotFound for what is not there or is erased (unless
    the act closes), Refused as app.services.consent_givings says.
    """
    purpose = session.get(Purpose, act.purpose_id)
    if purpose is None:
        raise NotFound("there is no such purpose")
    when = act.occurred_at or at
    if act.type in reading.CLOSING:
        when = min(when, at)
        given = Giving(act.type, (), FOREVER, act.notice_id, ())
    elif consent_subjects.is_erased(session, subject, at):
        raise NotFound("there is no such contact")
    elif when > at:
        raise Invalid("on", "it lies in the future")
    else:
        given = consent_givings.judged(session, subject, who(actor, act), act, when)
    row = _row(session, actor, subject, replace(act, occurred_at=when), given, at)
    suppressions.follow_event(session, actor, row, at)
    _follow(session, subject, row, at)
    detail = {"purpose": purpose.id, "event": row.id, "lacks": list(given.lacks)}
    about = ("contact", subject.contact_id)
    audit.record(session, actor, f"consent.{row.type.value}", about, at, **detail)
    events = found.events_for(session, subject)
    until = reading.holds_until(events, found.tree(session), purpose.id, at)
    return Recorded(row, given.lacks, until is not None)


def withdraw(
    session: Session,
    actor: Actor,
    subject: ConsentSubject,
    purpose_id: int,
    at: datetime,
    *,
    media: Sequence[Medium] = (),
) -> Recorded:
    """Withdraw a purpose and all below it, over these media or all; as often as one likes.

    A repeated one is recorded, too: it outdates forms that were opened meanwhile. Doors that
    know more of the act hand it to `record`. Raises NotFound for an unknown purpose only.
    """
    act = Act(ConsentType.WITHDRAWN, purpose_id, media, expression=Expression.BUTTON)
    return record(session, actor, subject, act, at)


def adopt(
    session: Session, actor: Actor, subject: ConsentSubject, contact_id: int, at: datetime
) -> None:
    """Give a subject that had no contact its contact, and let the bases follow.

    Doing it twice is no error. Raises Conflict where it belongs to another one, NotFound.
    """
    consent_subjects.of_contact(session, contact_id, at)
    if subject.contact_id not in {None, contact_id}:
        raise Conflict("these consents belong to another contact")
    subject.contact_id = contact_id
    session.flush()
    events = found.events_of(session, contact_id)
    covered = {purpose for event in events for purpose, _ in event.covers}
    consent_bases.follow(session, contact_id, covered, at, may_open=True)
    audit.record(session, actor, "consent.adopt", ("contact", contact_id), at, adopted=subject.id)


def _row(
    session: Session,
    actor: Actor,
    subject: ConsentSubject,
    act: Act,
    given: Giving,
    at: datetime,
) -> ConsentEvent:
    by = who(actor, act)
    row = ConsentEvent(
        public_id=random_name(),
        subject_id=subject.id,
        purpose_id=act.purpose_id,
        type=given.type,
        covers=[[purpose, medium.value] for purpose, medium in given.covers],
        media=[medium.value for medium in act.media],
        refers_to_id=act.refers_to_id,
        occurred_at=act.occurred_at or at,
        precision=act.precision,
        recorded_at=at,
        valid_until=given.valid_until,
        actor_kind=by,
        actor_id=actor.user_id,
        expression=act.expression,
        collection_point_id=act.collection_point_id,
        notice_version_id=given.notice_id,
        form_id=act.form_id,
        form_sha256=act.form_sha256,
        statement=xml_safe(act.statement).strip(),
        language=act.language,
        rendered_at=act.rendered_at,
        nonce=act.nonce,
        origin=checks.remark(act.origin),
        **_about_the_person(act),
    )
    session.add(row)
    session.flush()
    _link(session, row, act.evidence_ids)
    return row


def _about_the_person(act: Act) -> dict[str, object]:
    return {
        "point_kind": act.point.kind if act.point else None,
        "point_mac": act.point.mac if act.point else "",
        "point_key_id": act.point.key_id if act.point else "",
        "point_value": act.point.value if act.point else "",
        "page": checks.remark(act.page),
        "ip": act.ip,
        "user_agent": checks.remark(act.user_agent),
    }


def _link(session: Session, row: ConsentEvent, evidence_ids: Sequence[int]) -> None:
    wanted = set(evidence_ids)
    if set(session.scalars(select(Evidence.id).where(Evidence.id.in_(wanted)))) != wanted:
        raise NotFound("there is no such evidence")
    session.add_all(EventEvidence(event_id=row.id, evidence_id=one) for one in sorted(wanted))
    session.flush()


def _follow(session: Session, subject: ConsentSubject, row: ConsentEvent, at: datetime) -> None:
    """Let the legal bases of the contact, if there is one, follow this event."""
    if subject.contact_id is None:
        return
    if row.type not in reading.CLOSING:
        covered = {int(purpose) for purpose, _ in row.covers}
        opens = row.type in reading.OPENING
        consent_bases.follow(session, subject.contact_id, covered, at, may_open=opens)
        return
    below = found.purposes_below(session, row.purpose_id)
    consent_bases.follow(session, subject.contact_id, below, at)
    if row.type is ConsentType.OBJECTED and not row.media:
        consent_bases.object_to(session, subject.contact_id, below, at)
