"""Forms as those see them who make them: what each asks, where it stands, what opens it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models import CollectionPoint, ConsentForm, Directory, NoticeVersion, Purpose, SiteKey
from app.models.consent_kinds import NoticeState
from app.policy import consents as reading
from app.queries import consents, notices
from app.queries.notices import Named


@dataclass(frozen=True, slots=True)
class SiteKeyLine:
    """A key of a site, without what it is."""

    id: str
    site: str
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class FormLine:
    """A form as a list shows it.

    `state` is open, closed or new: one that nobody could fill in yet. `purposes` are slug and
    name; `languages` those of its newest words.
    """

    id: int
    key: str
    name: str
    kind: str
    state: str
    notice_key: str
    notice_name: str
    purposes: tuple[tuple[str, str], ...]
    directory: str
    directory_name: str
    origins: tuple[str, ...]
    double_opt_in: bool
    languages: tuple[str, ...]
    version: int
    sha256: str
    worded_at: datetime | None
    labels: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Choice:
    """A purpose that a form of this notice may ask for, and the names of what it covers."""

    slug: str
    name: str
    media: tuple[str, ...]
    covers: tuple[str, ...]
    is_marketing: bool


def lines(session: Session, key: str = "") -> list[FormLine]:
    """Every form by name, or the one of this key."""
    query = select(CollectionPoint).order_by(CollectionPoint.name, CollectionPoint.id)
    if key:
        query = query.where(CollectionPoint.public_key == key)
    rows = session.scalars(query).all()
    words = _newest_words(session, [row.id for row in rows])
    purposes = {row.id: row for row in session.scalars(select(Purpose))}
    homes = {row.id: row for row in session.scalars(select(Directory))}
    return [_line(row, words.get(row.id), purposes, homes) for row in rows]


def one(session: Session, key: str) -> FormLine | None:
    """The form of this key."""
    return next(iter(lines(session, key)), None) if key else None


def keys(session: Session, point_id: int) -> list[SiteKeyLine]:
    """The keys by which sites speak for a form; those that work first, then the newest."""
    query = select(SiteKey).where(SiteKey.collection_point_id == point_id)
    rows = session.scalars(query.order_by(SiteKey.id.desc())).all()
    found = [SiteKeyLine(row.public_id, row.site, row.created_at, row.ended_at) for row in rows]
    return sorted(found, key=lambda line: line.ended_at is not None)


def told(session: Session) -> list[tuple[str, str]]:
    """The notices that are published now: key and the name of what they are about."""
    query = (
        select(NoticeVersion.key, Purpose.name)
        .join(Purpose, Purpose.id == NoticeVersion.purpose_id)
        .where(NoticeVersion.state == NoticeState.PUBLISHED)
        .distinct()
        .order_by(Purpose.name)
    )
    return [(row.key, row.name) for row in session.execute(query)]


def choices(session: Session, notice_key: str) -> list[Choice]:
    """What a form of this notice may ask for: what its published versions name."""
    named: dict[int, Named] = {}
    for notice in notices.everything(session, notice_key):
        if notice.state == NoticeState.PUBLISHED:
            named |= {purpose.id: purpose for purpose in notice.purposes}
    above = consents.tree(session)
    rows = {row.id: row for row in session.scalars(select(Purpose))}
    return [
        Choice(
            slug=purpose.slug,
            name=rows[purpose.id].name,
            media=purpose.media,
            covers=tuple(
                rows[other].name
                for other in named
                if other != purpose.id and reading.is_below(above, other, purpose.id)
            ),
            is_marketing=rows[purpose.id].is_marketing,
        )
        for purpose in named.values()
    ]


def _newest_words(session: Session, ids: Sequence[int]) -> dict[int, ConsentForm]:
    newest = select(func.max(ConsentForm.id)).where(ConsentForm.collection_point_id.in_(ids))
    newest = newest.group_by(ConsentForm.collection_point_id)
    rows = session.scalars(select(ConsentForm).where(ConsentForm.id.in_(newest)))
    return {row.collection_point_id: row for row in rows}


def _line(
    row: CollectionPoint,
    words: ConsentForm | None,
    purposes: Mapping[int, Purpose],
    homes: Mapping[int, Directory],
) -> FormLine:
    about = next((p.name for p in purposes.values() if p.slug == row.notice_key), row.notice_key)
    home = homes.get(row.directory_id or 0)
    closed = "closed" if words is not None else "new"
    return FormLine(
        id=row.id,
        key=row.public_key,
        name=row.name,
        kind=row.kind.value,
        state="open" if row.is_active else closed,
        notice_key=row.notice_key,
        notice_name=about,
        purposes=tuple((purposes[one].slug, purposes[one].name) for one in row.purpose_ids),
        directory=home.slug if home else "",
        directory_name=home.name if home else "",
        origins=tuple(row.allowed_origins),
        double_opt_in=row.double_opt_in,
        languages=tuple(words.labels) if words else (),
        version=words.version if words else 0,
        sha256=words.sha256 if words else "",
        worded_at=words.created_at if words else None,
        labels=dict(words.labels) if words else {},
    )
