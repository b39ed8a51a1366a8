"""Renewal campaigns: how far they have come, in numbers; and what one link of theirs asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from app.models import (
    ConsentEvent,
    ConsentSubject,
    NoticeVersion,
    OutboxMessage,
    Purpose,
    RenewalCampaign,
    RenewalInvitation,
    RoleName,
    TokenKind,
    User,
)
from app.models.consent_kinds import ConsentType, Medium
from app.policy import Viewer, in_role
from app.policy import consents as reading
from app.queries import consents, public_tokens


@dataclass(frozen=True, slots=True)
class CampaignLine:
    """A campaign in numbers: of those invited, how many mails are out, wait or failed."""

    public_id: str
    purpose: str
    purpose_name: str
    notice: str
    started_at: datetime
    started_by: str
    cancelled_at: datetime | None
    invited: int
    sent: int
    waiting: int
    failed: int
    renewed: int


@dataclass(frozen=True, slots=True)
class Renewal:
    """What a link asks. `state` is waits, renewed, withdrawn or over."""

    invitation_id: int
    state: str
    statements: tuple[str, ...]
    language: str
    notice: tuple[str, str, int]
    ends_at: datetime
    until: datetime
    renewed_at: datetime | None


def lines(session: Session, viewer: Viewer, at: datetime) -> list[CampaignLine]:
    """Those that the viewer started, for owners and the data protection officer all of them."""
    return _lines(session, viewer, at)


def one(session: Session, viewer: Viewer, public_id: str, at: datetime) -> CampaignLine | None:
    """The one of this name, where the viewer may know of it."""
    return next(iter(_lines(session, viewer, at, RenewalCampaign.public_id == public_id)), None)


def asked(session: Session, token: str, at: datetime) -> Renewal | None:
    """What this link asks; None for no such link."""
    held = public_tokens.find_ended(session, token, TokenKind.CONFIRM)
    nonce = held.scope.get("renewal", "") if held is not None else ""
    query = select(RenewalInvitation).where(RenewalInvitation.nonce == nonce)
    row = session.scalar(query) if nonce else None
    if held is None or row is None:
        return None
    told = session.get_one(NoticeVersion, row.notice_version_id)
    yes = select(ConsentEvent).where(
        ConsentEvent.nonce == nonce, ConsentEvent.type == ConsentType.RENEWED
    )
    done = session.scalar(yes.limit(1))
    state = "renewed" if done is not None else "waits"
    if held.valid_until <= at and done is None:
        state = "over"
    if _is_taken_back(session, row):
        state = "withdrawn"
    return Renewal(
        invitation_id=row.id,
        state=state,
        statements=tuple(str(box["statement"]) for box in row.asked),
        language=row.language,
        notice=(told.key, told.language, told.version),
        ends_at=row.ends_at,
        until=held.valid_until,
        renewed_at=done.occurred_at if done is not None else None,
    )


def _is_taken_back(session: Session, row: RenewalInvitation) -> bool:
    """Whether one of its boxes was closed since the mail was written."""
    subject = session.get_one(ConsentSubject, row.subject_id)
    events, above = consents.events_for(session, subject), consents.tree(session)
    since = row.invited_at.replace(microsecond=0)
    closing = [e for e in events if e.type in reading.CLOSING and e.moment >= since]
    pairs = [(row.purpose_id, Medium(box["medium"])) for box in row.asked]
    return any(reading.closes(event, above, pair) for event in closing for pair in pairs)


def _lines(
    session: Session, viewer: Viewer, at: datetime, *where: ColumnElement[bool]
) -> list[CampaignLine]:
    may = in_role(viewer, RoleName.OWNER, RoleName.DPO, at=at)
    query = (
        select(RenewalCampaign, Purpose.slug, Purpose.name, User.name)
        .join(Purpose, Purpose.id == RenewalCampaign.purpose_id)
        .outerjoin(User, User.id == RenewalCampaign.started_by_id)
        .where(may | (RenewalCampaign.started_by_id == viewer.user_id), *where)
        .order_by(RenewalCampaign.id.desc())
    )
    rows = session.execute(query).all()
    ids = [row[0].id for row in rows]
    mails, yes = _mails(session, ids), _yes(session, ids)
    found = []
    for row, slug, name, who in rows:
        sent, waiting, failed = mails.get(row.id, (0, 0, 0))
        line = CampaignLine(
            public_id=row.public_id,
            purpose=slug,
            purpose_name=name,
            notice=f"{row.notice_key} {row.notice_version}",
            started_at=row.started_at,
            started_by=who or "",
            cancelled_at=row.cancelled_at,
            invited=row.invited,
            sent=sent,
            waiting=waiting,
            failed=failed,
            renewed=yes.get(row.id, 0),
        )
        found.append(line)
    return found


def _mails(session: Session, ids: Sequence[int]) -> dict[int, tuple[int, int, int]]:
    mail = OutboxMessage
    is_waiting = mail.sent_at.is_(None) & mail.failed_at.is_(None) & mail.cancelled_at.is_(None)
    counted = [
        func.sum(case((condition, 1), else_=0))
        for condition in (mail.sent_at.is_not(None), is_waiting, mail.failed_at.is_not(None))
    ]
    query = (
        select(RenewalInvitation.campaign_id, *counted)
        .join(mail, mail.id == RenewalInvitation.message_id)
        .where(RenewalInvitation.campaign_id.in_(ids))
        .group_by(RenewalInvitation.campaign_id)
    )
    return {row[0]: (row[1], row[2], row[3]) for row in session.execute(query)}


def _yes(session: Session, ids: Sequence[int]) -> dict[int, int]:
    query = (
        select(RenewalInvitation.campaign_id, func.count(func.distinct(ConsentEvent.nonce)))
        .join(ConsentEvent, ConsentEvent.nonce == RenewalInvitation.nonce)
        .where(RenewalInvitation.campaign_id.in_(ids), ConsentEvent.type == ConsentType.RENEWED)
        .group_by(RenewalInvitation.campaign_id)
    )
    return {campaign: number for campaign, number in session.execute(query)}  # noqa: C416
