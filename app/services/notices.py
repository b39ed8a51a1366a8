"""Notices: drafted, published, retired. What was published stays as it was for ever."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.cards.text import xml_safe
from app.errors import Invalid, NotFound, Refused
from app.models import ConsentEvent, ConsentSubject, NoticeVersion, Organisation, Purpose
from app.models.consent_kinds import ChangeClass, NoticeState
from app.queries import consents as found
from app.services import checks, consent_bases, notice_texts
from app.services.audit import Actor, record
from app.tokens import random_name

_LANGUAGE = re.compile(r"[a-z]{2}")


@dataclass(frozen=True, slots=True)
class NewNotice:
    """A notice about a purpose and what stands below it, in one language.

    `body` is what people are shown; it may mark its parts (app.services.notice_texts). `labels`
    say by which words it names a purpose (slug -> words), else by its name. `changes` are the
    slugs of the purposes whose processing changes, for the class processing; none: all.
    `parties` are controller, officer and authority in words.
    """

    purpose_id: int
    language: str
    body: str
    change_class: str = ChangeClass.MATERIAL.value
    changes: Sequence[str] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    parties: Mapping[str, str] = field(default_factory=dict)


def draft(session: Session, actor: Actor, new: NewNotice, at: datetime) -> NoticeVersion:
    """Write a version that nobody is shown yet. Raises NotFound, Invalid."""
    purpose = session.get(Purpose, new.purpose_id)
    if purpose is None:
        raise NotFound("there is no such purpose")
    if not _LANGUAGE.fullmatch(new.language):
        raise Invalid("language", f"{new.language!r} is none of two small letters, such as cs")
    body = xml_safe(new.body).strip()
    if not body:
        raise Invalid("body", "it is empty")
    row = NoticeVersion(
        public_id=random_name(),
        key=purpose.slug,
        purpose_id=purpose.id,
        language=new.language,
        version=_next_version(session, purpose.slug, new.language),
        change_class=checks.choice(ChangeClass, new.change_class, "change"),
        changes=_ids(session, new.changes),
        blocks=notice_texts.parts(body),
        parties=dict(new.parties) or _own_parties(session),
        purposes=_named(session, purpose, new.labels),
        body=body.encode(),
        sha256=hashlib.sha256(body.encode()).hexdigest(),
        created_at=at,
    )
    session.add(row)
    session.flush()
    record(session, actor, "notice.draft", ("notice_version", row.id), at)
    return row


def publish(
    session: Session,
    actor: Actor,
    notice_id: int,
    at: datetime,
    *,
    effective_at: datetime | None = None,
) -> NoticeVersion:
    """Publish a draft: from now on nothing of it changes, and its forerunner is retired.

    A change of the processing asks anew from `effective_at` (else `at`) on, and consents to
    earlier versions end then. Raises NotFound; Refused where it is no draft or a text that
    marks its parts lacks one; Invalid for an effect in the past.
    """
    row = session.get(NoticeVersion, notice_id)
    if row is None:
        raise NotFound("there is no such notice")
    if row.state is not NoticeState.DRAFT:
        raise Refused("it has been published already; what was published never changes")
    lacking = notice_texts.missing(row.blocks) if row.blocks else []
    if lacking:
        raise Refused(f"the notice says nothing about: {', '.join(lacking)}")
    if effective_at is not None and effective_at < at:
        raise Invalid("effective", "it lies in the past")
    for earlier in _published(session, row):
        earlier.state, earlier.retired_at = NoticeState.RETIRED, at
    labels = {named["slug"]: named["label"] for named in row.purposes}
    row.purposes = _named(session, session.get_one(Purpose, row.purpose_id), labels)
    row.state, row.published_at, row.published_by_id = NoticeState.PUBLISHED, at, actor.user_id
    row.effective_at = effective_at or at
    session.flush()
    asked_anew = _ask_anew(session, row, at)
    detail = {"change": row.change_class, "asked_anew": asked_anew}
    record(session, actor, "notice.publish", ("notice_version", row.id), at, **detail)
    return row


def retire(session: Session, actor: Actor, notice_id: int, at: datetime) -> None:
    """Show a notice to nobody any more; doing it twice is no error. Raises NotFound, Refused."""
    row = session.get(NoticeVersion, notice_id)
    if row is None:
        raise NotFound("there is no such notice")
    if row.state is NoticeState.DRAFT:
        raise Refused("it was never published")
    if row.state is NoticeState.PUBLISHED:
        row.state, row.retired_at = NoticeState.RETIRED, at
    record(session, actor, "notice.retire", ("notice_version", row.id), at)
    session.flush()


def _next_version(session: Session, key: str, language: str) -> int:
    """One more than the last of this language, and never behind another language's."""
    last = select(func.max(NoticeVersion.version)).where(NoticeVersion.key == key)
    own = session.scalar(last.where(NoticeVersion.language == language)) or 0
    return max(own + 1, session.scalar(last) or 0)


def _published(session: Session, row: NoticeVersion) -> Sequence[NoticeVersion]:
    return session.scalars(
        select(NoticeVersion).where(
            NoticeVersion.key == row.key,
            NoticeVersion.language == row.language,
            NoticeVersion.state == NoticeState.PUBLISHED,
        )
    ).all()


def _named(session: Session, root: Purpose, labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """The purpose and all below it, as they are now."""
    ids = found.purposes_below(session, root.id)
    query = select(Purpose).where(Purpose.id.in_(ids)).order_by(Purpose.id)
    return [
        {
            "id": row.id,
            "slug": row.slug,
            "label": labels.get(row.slug, row.name),
            "media": [medium.value for medium in found.media_of(row)],
            "recipients": row.recipients.splitlines(),
            "validity": row.validity,
        }
        for row in session.scalars(query)
    ]


def _ids(session: Session, slugs: Sequence[str]) -> list[int]:
    rows = session.execute(select(Purpose.slug, Purpose.id))
    known = {row.slug: row.id for row in rows}
    for slug in slugs:
        if slug not in known:
            raise NotFound(f"there is no purpose {slug}")
    return sorted(known[slug] for slug in slugs)


def _own_parties(session: Session) -> dict[str, str]:
    """The controller as this instance knows it."""
    own = session.scalar(select(Organisation).limit(1))
    if own is None:
        return {}
    return {"controller": own.name, "email": own.help_email, "phone": own.help_phone}


def _ask_anew(session: Session, row: NoticeVersion, at: datetime) -> int:
    """End the consents to earlier versions where the processing changes. Says whose: how many."""
    if row.change_class is not ChangeClass.PROCESSING:
        return 0
    query = (
        select(ConsentSubject.contact_id)
        .join(ConsentEvent, ConsentEvent.subject_id == ConsentSubject.id)
        .join(NoticeVersion, NoticeVersion.id == ConsentEvent.notice_version_id)
        .where(NoticeVersion.key == row.key, NoticeVersion.version < row.version)
        .distinct()
    )
    contacts = [contact for contact in session.scalars(query) if contact is not None]
    purposes = row.changes or [named["id"] for named in row.purposes]
    for contact in contacts:
        consent_bases.follow(session, contact, purposes, at)
    return len(contacts)


def redraft(
    session: Session, actor: Actor, notice_id: int, body: str, change_class: str, at: datetime
) -> NoticeVersion:
    """Write a draft anew. Raises NotFound, Invalid, Refused for what was published."""
    row = session.get(NoticeVersion, notice_id)
    if row is None:
        raise NotFound("there is no such notice")
    if row.state is not NoticeState.DRAFT:
        raise Refused("it has been published already; what was published never changes")
    text = xml_safe(body).strip()
    if not text:
        raise Invalid("body", "it is empty")
    row.change_class = checks.choice(ChangeClass, change_class, "change")
    row.blocks, row.body = notice_texts.parts(text), text.encode()
    row.sha256 = hashlib.sha256(row.body).hexdigest()
    record(session, actor, "notice.redraft", ("notice_version", row.id), at)
    session.flush()
    return row
