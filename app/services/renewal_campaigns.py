"""Asking people anew before their consent ends: each once, at his address, by a link of his own.

Only whom we may still write to is asked; looking at the page of the link changes nothing, and
the press of its button renews exactly what stood there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app import tokens
from app.catalogues import OF_THE_OUTSIDE
from app.errors import NotFound, Refused
from app.keys import KeyName, KeyRing
from app.letters import compose, spoken
from app.models import (
    ConsentEvent,
    ConsentSubject,
    OutboxMessage,
    Purpose,
    RenewalCampaign,
    RenewalInvitation,
    TokenKind,
)
from app.models.consent_kinds import ConsentType, Expression, Medium
from app.models.kinds import ActorKind, PointKind
from app.policy import Viewer
from app.queries import consent_ends, forms, notices
from app.queries.consent_ends import Candidate
from app.queries.notices import Notice
from app.services import (
    consent_subjects,
    consents,
    form_labels,
    outbox,
    posting,
    public_pages,
    public_tokens,
)
from app.services.audit import Actor, record
from app.services.consent_acts import Act
from app.services.outbox import Cause

MOST = 200
"""So many are asked by one press; who starts another one asks the next."""

TERM = timedelta(days=60)
"""How long a link can be pressed."""

CAUSE = "consent.renewal"
_HIMSELF = Actor(ActorKind.SUBJECT)


@dataclass(frozen=True, slots=True)
class Way:
    """How it goes out: our address, and the language of whoever is not known to speak one."""

    base_url: str
    language: str


@dataclass(frozen=True, slots=True)
class Preview:
    """Who would be asked and who is left out, by the notice that is published now.

    `notices` are its texts by language, one version; none where nothing could be told.
    """

    notices: Mapping[str, Notice]
    version: int
    asked: tuple[Candidate, ...]
    left_out: tuple[Candidate, ...]


def preview(session: Session, viewer: Viewer, slug: str, at: datetime) -> Preview:
    """What a press would do. Raises NotFound for a purpose that is not there."""
    purpose = _purpose(session, slug)
    told = _told(session, purpose)
    judged: list[Candidate] = []
    after, is_more = None, True
    while is_more and sum(not one.why for one in judged) < MOST:
        found = consent_ends.candidates(session, viewer, purpose, at, MOST, after)
        judged += [
            one if one.why else replace(one, why=_unaskable(one, told, purpose)) for one in found
        ]
        is_more = len(found) == MOST
        after = (found[-1].end.ends_at, found[-1].end.basis_id) if found else None
    return Preview(
        notices=told,
        version=max((notice.version for notice in told.values()), default=0),
        asked=tuple(one for one in judged if not one.why)[:MOST],
        left_out=tuple(one for one in judged if one.why),
    )


def start(
    session: Session, actor: Actor, viewer: Viewer, slug: str, way: Way, at: datetime
) -> RenewalCampaign:
    """Write to everybody whom the preview names. Raises NotFound; Refused where it is nobody."""
    purpose = _purpose(session, slug)
    found = preview(session, viewer, slug, at)
    if not found.asked:
        raise Refused("there is nobody who can be asked")
    row = RenewalCampaign(
        public_id=tokens.random_name(),
        purpose_id=purpose.id,
        notice_key=next(iter(found.notices.values())).key,
        notice_version=found.version,
        started_by_id=actor.user_id,
        started_at=at,
        invited=len(found.asked),
    )
    session.add(row)
    session.flush()
    spoken_by = consent_ends.languages(session, [one.end.contact_id for one in found.asked])
    for one in found.asked:
        wishes = (spoken_by.get(one.end.contact_id, ""), way.language, *found.notices)
        language = next(wish for wish in wishes if wish in found.notices)
        _invite(session, row, one, (purpose, found.notices[language]), way, at)
    about = ("renewal_campaign", row.id)
    record(session, actor, "renewal.start", about, at, purpose=purpose.id, invited=row.invited)
    return row


def cancel(session: Session, actor: Actor, public_id: str, at: datetime) -> int:
    """Send what has not gone out yet no more; how many. Twice is no error. Raises NotFound.

    Who was not written to can be asked by another one. Links that are out go on working.
    """
    row = session.scalar(select(RenewalCampaign).where(RenewalCampaign.public_id == public_id))
    if row is None:
        raise NotFound("there is no such campaign")
    waiting = (
        select(OutboxMessage.id)
        .join(RenewalInvitation, RenewalInvitation.message_id == OutboxMessage.id)
        .where(
            RenewalInvitation.campaign_id == row.id,
            OutboxMessage.sent_at.is_(None),
            OutboxMessage.claimed_at.is_(None),
            OutboxMessage.cancelled_at.is_(None),
        )
    )
    stopped = list(session.scalars(waiting.with_for_update(of=OutboxMessage, key_share=True)))
    session.execute(
        update(OutboxMessage).where(OutboxMessage.id.in_(stopped)).values(cancelled_at=at)
    )
    session.execute(delete(RenewalInvitation).where(RenewalInvitation.message_id.in_(stopped)))
    row.cancelled_at = row.cancelled_at or at
    record(session, actor, "renewal.cancel", ("renewal_campaign", row.id), at, kept=len(stopped))
    session.flush()
    return len(stopped)


def renew(session: Session, keys: KeyRing, invitation_id: int, at: datetime) -> int:
    """Record that the mailbox said yes: how many boxes. Twice is no error, and renews once.

    Raises NotFound, and Refused where it was taken back since the mail was written.
    """
    held = select(RenewalInvitation).where(RenewalInvitation.id == invitation_id)
    row = session.scalar(held.with_for_update(key_share=True))
    if row is None:
        raise NotFound("there is nothing to renew")
    done = select(ConsentEvent.id).where(
        ConsentEvent.nonce == row.nonce, ConsentEvent.type == ConsentType.RENEWED
    )
    if session.scalar(done.limit(1)) is not None:
        return 0
    subject = session.get_one(ConsentSubject, row.subject_id)
    mailbox = session.get_one(OutboxMessage, row.message_id).to
    key = keys.current(KeyName.EVIDENCE)
    for box in row.asked:
        act = Act(
            type=ConsentType.RENEWED,
            purpose_id=row.purpose_id,
            media=(Medium(box["medium"]),),
            displayed=box["purposes"],
            notice_id=row.notice_version_id,
            expression=Expression.BUTTON,
            statement=box["statement"],
            language=row.language,
            rendered_at=row.invited_at,
            nonce=row.nonce,
            point=consent_subjects.marked(key, PointKind.EMAIL, mailbox),
            page="/p/r",
        )
        consents.record(session, _HIMSELF, subject, act, at)
    return len(row.asked)


def _purpose(session: Session, slug: str) -> Purpose:
    row = session.scalar(select(Purpose).where(Purpose.slug == slug))
    if row is None:
        raise NotFound(f"there is no purpose {slug}")
    return row


def _told(session: Session, purpose: Purpose) -> dict[str, Notice]:
    """The newest published version of the nearest notice that names the purpose, by language."""
    found: Purpose | None = purpose
    while found is not None:
        there = [n for n in notices.everything(session, found.slug) if n.state == "published"]
        there = [n for n in there if n.language in OF_THE_OUTSIDE and _names(n, purpose)]
        newest = max((notice.version for notice in there), default=0)
        if there:
            return {n.language: n for n in there if n.version == newest}
        found = session.get(Purpose, found.parent_id) if found.parent_id else None
    return {}


def _names(notice: Notice, purpose: Purpose) -> bool:
    return any(named.id == purpose.id for named in notice.purposes)


def _unaskable(one: Candidate, told: Mapping[str, Notice], purpose: Purpose) -> str:
    """Why nobody can be asked this on a page: no-notice or no-box; empty where he can."""
    if not told:
        return "no-notice"
    is_askable = all(_boxes(one, notice, purpose, "") for notice in told.values())
    return "" if is_askable else "no-box"


def _boxes(one: Candidate, notice: Notice, purpose: Purpose, who: str) -> list[dict[str, object]]:
    """What he is asked: what he has, where the notice still names it, medium by medium."""
    named = {n.id: n for n in notice.purposes}
    found: list[dict[str, object]] = []
    for medium, held in one.held:
        there = [of for of in held if of in named and medium.value in named[of].media]
        if medium not in form_labels.ASKED or purpose.id not in there:
            continue
        below = [named[of].label for of in there if of != purpose.id]
        words = form_labels.label(notice.language, medium, named[purpose.id].label, who, below)
        found.append({"medium": medium.value, "purposes": there, "statement": words})
    return found


def _invite(
    session: Session,
    campaign: RenewalCampaign,
    one: Candidate,
    told: tuple[Purpose, Notice],
    way: Way,
    at: datetime,
) -> None:
    purpose, notice = told
    boxes = _boxes(one, notice, purpose, forms.controller(session).name)
    subject = consent_subjects.of_contact(session, one.end.contact_id, at)
    nonce = tokens.random_token()
    scope = {"renewal": nonce}
    token = public_tokens.issue(session, TokenKind.CONFIRM, subject.id, at, scope=scope, term=TERM)
    stop = public_pages.stop_link(session, subject.id, way.base_url, at, purposes=[purpose.id])
    values = {
        "link": f"{way.base_url}/p/r/{token}?lang={notice.language}",
        "stop": f"{stop}?lang={notice.language}",
        "statements": _statements(boxes),
        "ends": one.end.ends_at,
    }
    sender = replace(posting.sender_of(session, at), portal="")
    language = spoken(notice.language, among=OF_THE_OUTSIDE)
    letter = compose("public/renewal", language, sender, values)
    message = outbox.write_to(session, one.email, letter, Cause(CAUSE), at, unsubscribe=stop)
    session.add(
        RenewalInvitation(
            campaign_id=campaign.id,
            contact_id=one.end.contact_id,
            subject_id=subject.id,
            purpose_id=purpose.id,
            ends_at=one.end.ends_at,
            notice_version_id=notice.row_id,
            message_id=message.id,
            nonce=nonce,
            language=notice.language,
            asked=boxes,
            invited_at=at,
        )
    )
    session.flush()


def _statements(boxes: Sequence[Mapping[str, object]]) -> list[str]:
    return [str(box["statement"]) for box in boxes]
