"""Purposes and notices as their rooms show them: the tree, and how many people a notice reaches."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models import (
    ConsentEvent,
    ConsentSubject,
    Directory,
    NoticeVersion,
    Purpose,
)
from app.models.consent_kinds import NoticeState
from app.policy.consents import OPENING


@dataclass(frozen=True, slots=True)
class Leaf:
    """One purpose at its place in the tree; `depth` 0 is a root, `told` the languages published."""

    id: int
    slug: str
    name: str
    parent: str
    depth: int
    media: tuple[str, ...]
    recipients: tuple[str, ...]
    validity: str
    double_opt_in: bool
    is_marketing: bool
    directories: tuple[str, ...]
    told: tuple[str, ...]


def tree(session: Session) -> list[Leaf]:
    """Every purpose below the one above it, by name."""
    rows = session.scalars(select(Purpose).order_by(Purpose.name, Purpose.slug)).all()
    homes: dict[int, list[str]] = {}
    for purpose, name in session.execute(
        select(Directory.purpose_id, Directory.name).order_by(Directory.name)
    ):
        homes.setdefault(purpose, []).append(name)
    told: dict[int, list[str]] = {}
    published = NoticeVersion.state == NoticeState.PUBLISHED
    query = select(NoticeVersion.purpose_id, NoticeVersion.language).where(published)
    for purpose, language in session.execute(query.order_by(NoticeVersion.language)):
        told.setdefault(purpose, []).append(language)
    below: dict[int | None, list[Purpose]] = {}
    for row in rows:
        below.setdefault(row.parent_id, []).append(row)
    slugs = {row.id: row.slug for row in rows}
    found: list[Leaf] = []

    def walk(parent: int | None, depth: int) -> None:
        for row in below.get(parent, ()):
            found.append(
                Leaf(
                    id=row.id,
                    slug=row.slug,
                    name=row.name,
                    parent=slugs.get(row.parent_id or 0, ""),
                    depth=depth,
                    media=tuple(row.media.split()),
                    recipients=tuple(row.recipients.splitlines()),
                    validity=row.validity,
                    double_opt_in=row.double_opt_in,
                    is_marketing=row.is_marketing,
                    directories=tuple(homes.get(row.id, ())),
                    told=tuple(told.get(row.id, ())),
                )
            )
            walk(row.id, depth + 1)

    walk(None, 0)
    return found


def people_told(session: Session, key: str, before: int) -> int:
    """How many people agreed to something after an earlier version of a notice."""
    query = (
        select(func.count(func.distinct(ConsentSubject.id)))
        .join(ConsentEvent, ConsentEvent.subject_id == ConsentSubject.id)
        .join(NoticeVersion, NoticeVersion.id == ConsentEvent.notice_version_id)
        .where(
            NoticeVersion.key == key,
            NoticeVersion.version < before,
            ConsentEvent.type.in_(OPENING),
        )
    )
    return session.scalar(query) or 0
