"""Collection points and their forms: what a person is asked, word by word."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import tokens
from app.errors import NotFound
from app.models import CollectionPoint, ConsentForm, Directory, Organisation, Purpose, SiteKey
from app.models.consent_kinds import Medium
from app.queries import notices
from app.queries.notices import Notice

_BY_NUMBER = frozenset({Medium.SMS, Medium.PHONE})


@dataclass(frozen=True, slots=True)
class Box:
    """One box of a form: `name` is `purpose id:medium`, `label` what stands beside it."""

    name: str
    purpose_id: int
    medium: str
    label: str


@dataclass(frozen=True, slots=True)
class Point:
    """A collection point as doors need it."""

    id: int
    key: str
    name: str
    kind: str
    notice_key: str
    directory_id: int | None
    origins: tuple[str, ...]
    double_opt_in: bool
    is_active: bool


@dataclass(frozen=True, slots=True)
class Asking:
    """A form in one language, with the notice that belongs to it.

    `languages` are all in which it can be had.
    """

    point: Point
    form_id: int
    form_sha256: str
    language: str
    languages: tuple[str, ...]
    notice: Notice
    boxes: tuple[Box, ...]

    @property
    def needs_number(self) -> bool:
        """Whether it asks for a phone number beside the e-mail address."""
        return any(box.medium in _BY_NUMBER for box in self.boxes)


@dataclass(frozen=True, slots=True)
class Controller:
    """Who asks, and where he is reached."""

    name: str
    email: str
    phone: str


def controller(session: Session) -> Controller:
    """The organisation of this instance, as forms name it."""
    own = session.scalar(select(Organisation).limit(1))
    if own is None:
        return Controller("", "", "")
    email, phone = own.rights_email or own.help_email, own.rights_phone or own.help_phone
    return Controller(own.name, email, phone)


def point(session: Session, key: str) -> Point | None:
    """The collection point of this name."""
    row = session.scalar(select(CollectionPoint).where(CollectionPoint.public_key == key))
    return _point(row) if row is not None else None


def get(session: Session, key: str) -> Point:
    """The same. Raises NotFound."""
    found = point(session, key)
    if found is None:
        raise NotFound(f"there is no form {key}")
    return found


def by_site_key(session: Session, secret: str) -> tuple[Point, str] | None:
    """The collection point for which a site's key speaks, and the site; None for any other."""
    row = session.scalar(
        select(SiteKey).where(
            SiteKey.key_sha256 == tokens.digest(secret), SiteKey.ended_at.is_(None)
        )
    )
    if row is None:
        return None
    return _point(session.get_one(CollectionPoint, row.collection_point_id)), row.site


def asking(session: Session, of: Point, wishes: Sequence[str]) -> Asking | None:
    """The newest words of a form in the first wished language that it has, else in its first.

    None where no notice of it is published any more.
    """
    query = select(ConsentForm).where(ConsentForm.collection_point_id == of.id)
    form = session.scalar(query.order_by(ConsentForm.version.desc()).limit(1))
    if form is None:
        return None
    told = {one: notices.current(session, of.notice_key, one) for one in form.labels}
    languages = tuple(one for one, notice in told.items() if notice is not None)
    language = next((one for one in (*wishes, *languages) if one in languages), "")
    notice = told.get(language)
    if notice is None:
        return None
    named = {f"{p.id}:{medium}" for p in notice.purposes for medium in p.media}
    boxes = tuple(_box(n, words) for n, words in form.labels[language].items() if n in named)
    return Asking(of, form.id, form.sha256, language, languages, notice, boxes)


def labels(session: Session, form_id: int, language: str) -> dict[str, str]:
    """The words of one version of a form in one language, box by box."""
    row = session.get(ConsentForm, form_id)
    return dict(row.labels.get(language, {})) if row is not None else {}


def everything(session: Session) -> list[dict[str, Any]]:
    """Every collection point, for a list."""
    slugs = {row.id: row.slug for row in session.execute(select(Purpose.id, Purpose.slug))}
    homes = {row.id: row.slug for row in session.execute(select(Directory.id, Directory.slug))}
    rows = session.scalars(select(CollectionPoint).order_by(CollectionPoint.public_key))
    return [
        {
            "key": row.public_key,
            "name": row.name,
            "kind": row.kind.value,
            "notice": row.notice_key,
            "purposes": [slugs[one] for one in row.purpose_ids],
            "directory": homes.get(row.directory_id or 0, ""),
            "origins": list(row.allowed_origins),
            "double_opt_in": row.double_opt_in,
            "open": row.is_active,
        }
        for row in rows
    ]


def keys_of(session: Session, of: Point) -> list[dict[str, Any]]:
    """The keys of a collection point, without what they are."""
    query = select(SiteKey).where(SiteKey.collection_point_id == of.id).order_by(SiteKey.id)
    return [
        {
            "id": row.public_id,
            "site": row.site,
            "created_at": row.created_at,
            "ended_at": row.ended_at,
        }
        for row in session.scalars(query)
    ]


def _point(row: CollectionPoint) -> Point:
    return Point(
        id=row.id,
        key=row.public_key,
        name=row.name,
        kind=row.kind.value,
        notice_key=row.notice_key,
        directory_id=row.directory_id,
        origins=tuple(row.allowed_origins),
        double_opt_in=row.double_opt_in,
        is_active=row.is_active,
    )


def _box(name: str, words: str) -> Box:
    purpose, _, medium = name.partition(":")
    return Box(name, int(purpose), medium, words)
