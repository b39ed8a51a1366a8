"""Where people are asked: forms, sites, branches; and word by word what they are asked there."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Invalid, NotFound
from app.models import CollectionPoint, ConsentForm, Purpose
from app.models.consent_kinds import CollectionKind
from app.services import checks
from app.services.audit import Actor, record
from app.tokens import random_name

_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(?::\d{1,5})?")


@dataclass(frozen=True, slots=True)
class NewPoint:
    """A place where people are asked for these purposes, told by the notice of this key."""

    name: str
    kind: str
    notice_key: str
    purpose_ids: Sequence[int]
    allowed_origins: Sequence[str] = ()
    double_opt_in: bool = True


def add(session: Session, actor: Actor, new: NewPoint, at: datetime) -> CollectionPoint:
    """Add one; it is active at once. Raises Invalid, NotFound for an unknown purpose."""
    for origin in new.allowed_origins:
        if not _ORIGIN.fullmatch(origin):
            raise Invalid("origin", f"{origin!r} is none such as https://www.example.org")
    wanted = list(dict.fromkeys(new.purpose_ids))
    if not wanted:
        raise Invalid("purposes", "there is none to ask for")
    if len(_slugs(session, wanted)) < len(wanted):
        raise NotFound("there is no such purpose")
    row = CollectionPoint(
        public_key=random_name(),
        name=checks.name(new.name),
        kind=checks.choice(CollectionKind, new.kind, "kind"),
        notice_key=checks.slug(new.notice_key),
        purpose_ids=wanted,
        allowed_origins=list(new.allowed_origins),
        double_opt_in=new.double_opt_in,
        created_at=at,
    )
    session.add(row)
    session.flush()
    record(session, actor, "collection_point.add", ("collection_point", row.id), at)
    return row


def switch(
    session: Session, actor: Actor, point_id: int, at: datetime, *, is_active: bool
) -> CollectionPoint:
    """Let one ask, or ask no more; doing it twice is no error. Raises NotFound."""
    row = _get(session, point_id)
    row.is_active = is_active
    about = ("collection_point", row.id)
    record(session, actor, "collection_point.switch", about, at, is_active=is_active)
    session.flush()
    return row


def word(
    session: Session,
    actor: Actor,
    point_id: int,
    labels: Mapping[str, Mapping[str, str]],
    at: datetime,
) -> ConsentForm:
    """Put down what one asks: language -> slug of a purpose -> what stands beside the box.

    The same words again are the same version. Raises NotFound, and Invalid where a purpose has
    no words in one of the languages.
    """
    point = _get(session, point_id)
    slugs = _slugs(session, point.purpose_ids)
    said = {
        language: {slug: _words(of, language, slug) for slug in slugs}
        for language, of in labels.items()
    }
    if not said:
        raise Invalid("labels", "there is no language")
    digest = _digest(said)
    last = session.scalar(
        select(ConsentForm)
        .where(ConsentForm.collection_point_id == point.id)
        .order_by(ConsentForm.version.desc())
        .limit(1)
    )
    if last is not None and last.sha256 == digest:
        return last
    row = ConsentForm(
        collection_point_id=point.id,
        version=last.version + 1 if last else 1,
        labels=said,
        sha256=digest,
        created_at=at,
    )
    session.add(row)
    session.flush()
    record(session, actor, "collection_point.word", ("collection_point", point.id), at, form=row.id)
    return row


def _get(session: Session, point_id: int) -> CollectionPoint:
    row = session.get(CollectionPoint, point_id)
    if row is None:
        raise NotFound("there is no such collection point")
    return row


def _slugs(session: Session, purpose_ids: Sequence[int]) -> list[str]:
    query = select(Purpose.slug).where(Purpose.id.in_(purpose_ids)).order_by(Purpose.id)
    return list(session.scalars(query))


def _words(of: Mapping[str, str], language: str, slug: str) -> str:
    words = checks.remark(of.get(slug, ""))
    if not words:
        raise Invalid("labels", f"{slug} has no words in {language}")
    return words


def _digest(labels: Mapping[str, Mapping[str, str]]) -> str:
    """SHA-256 of the labels as JSON: sorted keys, UTF-8, no spaces."""
    text = json.dumps(labels, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
