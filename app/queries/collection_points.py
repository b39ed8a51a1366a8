"""Where people are asked, as forms and sites need to know it."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import CollectionPoint, ConsentForm


@dataclass(frozen=True, slots=True)
class Point:
    """One collection point with the words it uses now; `form_id` is None while it has none."""

    id: int
    public_key: str
    name: str
    kind: str
    notice_key: str
    purpose_ids: tuple[int, ...]
    allowed_origins: tuple[str, ...]
    double_opt_in: bool
    is_active: bool
    form_id: int | None
    form_version: int
    form_sha256: str
    labels: dict[str, dict[str, str]]


def everything(session: Session) -> list[Point]:
    """All of them, by name."""
    rows = session.scalars(select(CollectionPoint).order_by(CollectionPoint.name))
    newest: dict[int, ConsentForm] = {
        form.collection_point_id: form
        for form in session.scalars(select(ConsentForm).order_by(ConsentForm.version))
    }
    return [_point(row, newest.get(row.id)) for row in rows]


def find(session: Session, public_key: str) -> Point | None:
    """The one with this public key, active or not."""
    row = session.scalar(select(CollectionPoint).where(CollectionPoint.public_key == public_key))
    if row is None:
        return None
    newest = select(ConsentForm).where(ConsentForm.collection_point_id == row.id)
    return _point(row, session.scalar(newest.order_by(ConsentForm.version.desc()).limit(1)))


def _point(row: CollectionPoint, form: ConsentForm | None) -> Point:
    return Point(
        id=row.id,
        public_key=row.public_key,
        name=row.name,
        kind=row.kind.value,
        notice_key=row.notice_key,
        purpose_ids=tuple(row.purpose_ids),
        allowed_origins=tuple(row.allowed_origins),
        double_opt_in=row.double_opt_in,
        is_active=row.is_active,
        form_id=form.id if form else None,
        form_version=form.version if form else 0,
        form_sha256=form.sha256 if form else "",
        labels=dict(form.labels) if form else {},
    )
