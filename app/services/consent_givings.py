"""What an act that would open something amounts to: what it covers, and what it lacks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import FOREVER
from app.errors import Invalid, NotFound, Refused
from app.models import (
    CollectionPoint,
    ConsentEvent,
    ConsentSubject,
    Evidence,
    NoticeVersion,
    PaperScan,
    Purpose,
)
from app.models.consent_kinds import (
    ConsentActor,
    ConsentType,
    Expression,
    Medium,
    NoticeState,
)
from app.policy import consents as reading
from app.queries import consents as found
from app.services import durations
from app.services.consent_acts import Act

NOTICE, PROOF, TOKEN, CONFIRMATION = "notice", "evidence", "render token", "confirmation"

_DIRECT = (ConsentType.GIVEN, ConsentType.RENEWED)


@dataclass(frozen=True, slots=True)
class Giving:
    """What is recorded of it; with something lacking it authorises nothing."""

    type: ConsentType
    covers: tuple[tuple[int, Medium], ...]
    valid_until: datetime
    notice_id: int | None
    lacks: tuple[str, ...]


def judged(
    session: Session, subject: ConsentSubject, by: ConsentActor, act: Act, when: datetime
) -> Giving:
    """What an opening act or a request of `when` is recorded as.

    Raises Refused where staff would tick a box for a person, a confirmation finds nothing that
    waits for it, or a form was opened before a withdrawal; Invalid for a notice that does not
    name what is given; NotFound for one that is not there.
    """
    if act.expression is Expression.CHECKBOX and by is ConsentActor.STAFF:
        raise Refused("nobody ticks a box for somebody else: his own paper or words are needed")
    asked = _asked(session, subject, act, when) if act.type is ConsentType.CONFIRMED else None
    notice = _notice(session, act, asked)
    covers = _covers(session, act, notice, asked)
    act = replace(act, evidence_ids=_proving(session, act))
    lacks = _lacks(by, act, notice) + act.lacks
    if by is ConsentActor.STAFF and PROOF not in lacks:
        lacks += _proof_itself(session, subject, act, covers)
    if act.type in _DIRECT and not act.evidence_ids and by is not ConsentActor.STAFF:
        lacks += _confirmation(session, act, covers)
    kind = act.type
    if kind is ConsentType.CONFIRMED and lacks:
        raise Refused(f"this confirms nothing without {' and '.join(lacks)}")
    if kind in _DIRECT:
        if lacks:
            kind = ConsentType.REQUESTED
        elif act.rendered_at is not None:
            _demand_fresh(session, subject, covers, act.rendered_at)
    until = _valid_until(session, act, covers, when)
    return Giving(kind, covers, until, notice.id if notice else None, lacks)


def _asked(session: Session, subject: ConsentSubject, act: Act, when: datetime) -> ConsentEvent:
    """What waits for the confirmation and is not closed since."""
    row = session.get(ConsentEvent, act.refers_to_id) if act.refers_to_id is not None else None
    waits = (ConsentType.REQUESTED, ConsentType.IMPORTED)
    if row is None or row.type not in waits or not _same_person(session, row, subject):
        raise Refused("nothing waits for this confirmation")
    if row.type is ConsentType.REQUESTED and row.valid_until <= when:
        raise Refused("it was asked for too long ago: please ask again")
    pairs = [(int(purpose), Medium(medium)) for purpose, medium in row.covers]
    if _closed_since(session, subject, pairs, row.occurred_at):
        raise Refused("it was withdrawn since it was asked for")
    return row


def _same_person(session: Session, row: ConsentEvent, subject: ConsentSubject) -> bool:
    if row.subject_id == subject.id:
        return True
    other = session.get_one(ConsentSubject, row.subject_id)
    return other.contact_id is not None and other.contact_id == subject.contact_id


def _closed_since(
    session: Session,
    subject: ConsentSubject,
    pairs: Sequence[tuple[int, Medium]],
    since: datetime,
) -> bool:
    events, above = found.events_for(session, subject), found.tree(session)
    return any(
        reading.closes(event, above, pair) and event.moment >= since.replace(microsecond=0)
        for event in events
        if event.type in reading.CLOSING
        for pair in pairs
    )


def _demand_fresh(
    session: Session,
    subject: ConsentSubject,
    pairs: Sequence[tuple[int, Medium]],
    rendered_at: datetime,
) -> None:
    if _closed_since(session, subject, pairs, rendered_at):
        raise Refused("this form was opened before the withdrawal: please open it again")


def _notice(session: Session, act: Act, asked: ConsentEvent | None) -> NoticeVersion | None:
    wanted = act.notice_id
    if wanted is None and asked is not None:
        wanted = asked.notice_version_id
    if wanted is None:
        return None
    row = session.get(NoticeVersion, wanted)
    if row is None or row.state is NoticeState.DRAFT:
        raise NotFound("there is no published notice of that name")
    return row


def _covers(
    session: Session, act: Act, notice: NoticeVersion | None, asked: ConsentEvent | None
) -> tuple[tuple[int, Medium], ...]:
    """The pairs of purpose and medium that were displayed by name."""
    if asked is not None:
        return tuple((int(purpose), Medium(medium)) for purpose, medium in asked.covers)
    purpose = session.get_one(Purpose, act.purpose_id)
    if notice is None:
        media = act.media or found.media_of(purpose)
        return tuple((purpose.id, medium) for medium in media)
    above = found.tree(session)
    named = {
        row["id"]: tuple(map(Medium, row["media"]))
        for row in notice.purposes
        if reading.is_below(above, row["id"], purpose.id)
        and (act.displayed is None or row["id"] in act.displayed)
    }
    if purpose.id not in named:
        raise Invalid("notice", f"it does not name the purpose {purpose.slug}")
    missing = set(act.media) - set(named[purpose.id])
    if missing:
        raise Invalid("media", f"the notice does not name {', '.join(sorted(missing))}")
    pairs = ((of, m) for of, media in named.items() for m in media if m in (act.media or media))
    return tuple(sorted(pairs))


def _proving(session: Session, act: Act) -> tuple[int, ...]:
    """The evidence without business cards: who hands one over agrees to nothing by it."""
    if not act.evidence_ids:
        return ()
    cards = select(PaperScan.evidence_id).where(
        PaperScan.evidence_id.in_(act.evidence_ids), PaperScan.is_card
    )
    none = set(session.scalars(cards))
    return tuple(one for one in act.evidence_ids if one not in none)


def _lacks(by: ConsentActor, act: Act, notice: NoticeVersion | None) -> tuple[str, ...]:
    lacks = () if notice is not None else (NOTICE,)
    if by is not ConsentActor.SUBJECT:
        return lacks if act.evidence_ids else (*lacks, PROOF)
    is_ticked = act.expression is Expression.CHECKBOX and not act.evidence_ids
    is_shown = act.rendered_at is not None and bool(act.statement)
    return (*lacks, TOKEN) if is_ticked and not is_shown else lacks


def _proof_itself(
    session: Session, subject: ConsentSubject, act: Act, covers: Sequence[tuple[int, Medium]]
) -> tuple[str, ...]:
    """What was stopped, no colleague opens by his word alone: the proof has to be here."""
    kept = select(Evidence.id).where(Evidence.id.in_(act.evidence_ids), Evidence.sha256 != "")
    if session.scalar(kept.limit(1)) is not None:
        return ()
    events, above = found.events_for(session, subject), found.tree(session)
    closing = [event for event in events if event.type in reading.CLOSING]
    is_stopped = any(reading.closes(event, above, pair) for event in closing for pair in covers)
    return (PROOF,) if is_stopped else ()


def _confirmation(
    session: Session, act: Act, covers: Sequence[tuple[int, Medium]]
) -> tuple[str, ...]:
    """Whether the mailbox has to say yes, too: a box in a form is ticked by anybody."""
    if act.type is ConsentType.RENEWED:
        return ()
    asked = {purpose for purpose, _ in covers}
    query = select(Purpose.id).where(Purpose.id.in_(asked), Purpose.double_opt_in)
    point = session.get(CollectionPoint, act.collection_point_id or 0)
    is_needed = session.scalar(query) is not None or (point is not None and point.double_opt_in)
    return (CONFIRMATION,) if is_needed else ()


def _valid_until(
    session: Session, act: Act, covers: Sequence[tuple[int, Medium]], when: datetime
) -> datetime:
    """The earliest of what the act says and what the purposes allow; a request says its own."""
    said = act.valid_until or FOREVER
    if said <= when:
        raise Invalid("until", "it ends before it begins")
    if act.type is ConsentType.REQUESTED:
        return said
    query = select(Purpose.validity).where(Purpose.id.in_({purpose for purpose, _ in covers}))
    return min(
        said, *(durations.after(when, text) for text in session.scalars(query) if text), FOREVER
    )
