"""The desk of papers: which blanks are out, which came back, and what waits to be read."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, aliased

from app.models import (
    CollectionPoint,
    ConsentForm,
    Directory,
    Evidence,
    NoticeVersion,
    PaperForm,
    PaperPad,
    PaperScan,
    User,
)
from app.models.consent_kinds import CollectionKind, NoticeState
from app.policy import Action, Viewer, allowed

SHOWN = 50
"""How many papers that were read, and how many pads, a desk shows."""


@dataclass(frozen=True, slots=True)
class Pad:
    """Blanks that were printed together; numbers without their check digit.

    `missing`: lower than one that came back, not back themselves, and not thrown away.
    """

    id: str
    printed_at: datetime
    by: str
    language: str
    notice: str
    is_current: bool
    numbers: tuple[int, ...]
    back: int
    spoiled: int
    missing: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Scan:
    """One paper in the inbox. `number` is that of its blank, None while it is not known.

    `mime` is "" where only the place of the original is known.
    """

    id: str
    number: int | None
    is_card: bool
    mime: str
    place: str
    evidence: str
    brought_at: datetime
    by: str
    outcome: str
    settled_at: datetime | None
    settled_by: str


@dataclass(frozen=True, slots=True)
class Place:
    """A place where people sign papers, for who may edit its directory."""

    row_id: int
    key: str
    name: str
    directory: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on a blank: its language, notice and boxes (name -> words)."""

    pad: str
    place: str
    key: str
    language: str
    notice: str
    notice_body: str
    is_current: bool
    printed_at: datetime
    boxes: dict[str, str]


def places(session: Session, viewer: Viewer, at: datetime) -> list[Place]:
    """All at which the viewer may work, by name."""
    return [_place(*row) for row in session.execute(_places(viewer, at))]


def place(session: Session, viewer: Viewer, key: str, at: datetime) -> Place | None:
    """The one with this key."""
    query = _places(viewer, at).where(CollectionPoint.public_key == key)
    row = session.execute(query).one_or_none()
    return _place(*row) if row is not None else None


def pads(session: Session, point_id: int) -> list[Pad]:
    """The pads of a place, the newest first."""
    query = (
        select(PaperPad, User.name, NoticeVersion)
        .join(NoticeVersion, NoticeVersion.id == PaperPad.notice_version_id)
        .outerjoin(User, User.id == PaperPad.printed_by_id)
        .where(PaperPad.collection_point_id == point_id)
        .order_by(PaperPad.id.desc())
        .limit(SHOWN)
    )
    rows = session.execute(query).all()
    blanks = (
        select(PaperForm.pad_id, PaperForm.id, PaperForm.spoiled_at, PaperScan.id)
        .outerjoin(PaperScan, PaperScan.paper_form_id == PaperForm.id)
        .where(PaperForm.pad_id.in_([row[0].id for row in rows]))
        .order_by(PaperForm.id)
    )
    of: dict[int, list[tuple[int, bool, bool]]] = defaultdict(list)
    for pad_id, number, spoiled_at, scan in session.execute(blanks):
        of[pad_id].append((number, spoiled_at is not None, scan is not None))
    return [_pad(row, by or "", notice, of[row.id]) for row, by, notice in rows]


def inbox(session: Session, point_ids: Sequence[int]) -> dict[int, list[Scan]]:
    """What waits at each of these places, the oldest first."""
    query = _scans().add_columns(PaperScan.collection_point_id)
    query = query.where(
        PaperScan.collection_point_id.in_(point_ids), PaperScan.settled_at.is_(None)
    )
    found: dict[int, list[Scan]] = defaultdict(list)
    for row, evidence, by, settled_by, point in session.execute(query.order_by(PaperScan.id)):
        found[point].append(_scan(row, evidence, by, settled_by))
    return found


def settled(session: Session, point_id: int) -> list[Scan]:
    """What was read last at a place."""
    query = _scans().where(
        PaperScan.collection_point_id == point_id, PaperScan.settled_at.is_not(None)
    )
    query = query.order_by(PaperScan.settled_at.desc(), PaperScan.id.desc()).limit(SHOWN)
    return [_scan(*row) for row in session.execute(query)]


def find(
    session: Session, viewer: Viewer, public_id: str, at: datetime
) -> tuple[Scan, Place, Sheet | None] | None:
    """A paper at a place where the viewer may work, and what stands on its blank if it is known."""
    row = session.execute(_scans().where(PaperScan.public_id == public_id)).one_or_none()
    if row is None:
        return None
    here = CollectionPoint.id == row[0].collection_point_id
    at_work = session.execute(_places(viewer, at).where(here)).one_or_none()
    if at_work is None:
        return None
    pad = select(PaperForm.pad_id).where(PaperForm.id == row[0].paper_form_id).scalar_subquery()
    return _scan(*row), _place(*at_work), _sheet(session, PaperPad.id == pad)


def sheet(session: Session, public_id: str) -> Sheet | None:
    """What stands on the blanks of a pad."""
    return _sheet(session, PaperPad.public_id == public_id)


def numbers(session: Session, pad: str) -> list[int]:
    """The numbers of a pad, without their check digits."""
    query = select(PaperForm.id).join(PaperPad, PaperPad.id == PaperForm.pad_id)
    return list(session.scalars(query.where(PaperPad.public_id == pad).order_by(PaperForm.id)))


def blank(session: Session, point_id: int, number: int) -> int | None:
    """The blank of a place with this number."""
    query = select(PaperForm.id).join(PaperPad, PaperPad.id == PaperForm.pad_id)
    mine = PaperPad.collection_point_id == point_id
    return session.scalar(query.where(mine, PaperForm.id == number))


def is_printed(session: Session, number: int, notice: str, key: str) -> bool:
    """Whether a blank with this number was printed for this place with this notice."""
    query = (
        select(CollectionPoint.public_key, NoticeVersion)
        .join(PaperPad, PaperPad.collection_point_id == CollectionPoint.id)
        .join(PaperForm, PaperForm.pad_id == PaperPad.id)
        .join(NoticeVersion, NoticeVersion.id == PaperPad.notice_version_id)
        .where(PaperForm.id == number)
    )
    row = session.execute(query).one_or_none()
    return row is not None and (row[0], _name(row[1])) == (key, notice)


def is_there(session: Session, point_id: int, sha256: str) -> bool:
    """Whether this very file came in at this place before."""
    query = select(PaperScan.id).join(Evidence, Evidence.id == PaperScan.evidence_id)
    query = query.where(PaperScan.collection_point_id == point_id, Evidence.sha256 == sha256)
    return session.scalar(query.limit(1)) is not None


def _places(viewer: Viewer, at: datetime) -> Select[CollectionPoint, str]:
    return (
        select(CollectionPoint, Directory.name)
        .join(Directory, Directory.id == CollectionPoint.directory_id)
        .where(
            CollectionPoint.kind == CollectionKind.BRANCH_PAPER,
            allowed(viewer, Action.EDIT, at),
        )
        .order_by(CollectionPoint.name, CollectionPoint.id)
    )


def _place(row: CollectionPoint, directory: str) -> Place:
    return Place(row.id, row.public_key, row.name, directory, row.is_active)


def _pad(
    row: PaperPad, by: str, notice: NoticeVersion, blanks: Sequence[tuple[int, bool, bool]]
) -> Pad:
    back = [number for number, _, is_back in blanks if is_back]
    last = max(back, default=0)
    missing = [n for n, spoiled, is_back in blanks if n < last and not (spoiled or is_back)]
    return Pad(
        id=row.public_id,
        printed_at=row.printed_at,
        by=by,
        language=row.language,
        notice=_name(notice),
        is_current=notice.state is NoticeState.PUBLISHED,
        numbers=tuple(number for number, _, _ in blanks),
        back=len(back),
        spoiled=sum(spoiled for _, spoiled, _ in blanks),
        missing=tuple(missing),
    )


def _scans() -> Select[PaperScan, Evidence, str | None, str | None]:
    reader = aliased(User)
    return (
        select(PaperScan, Evidence, User.name, reader.name)
        .join(Evidence, Evidence.id == PaperScan.evidence_id)
        .outerjoin(User, User.id == PaperScan.brought_by_id)
        .outerjoin(reader, reader.id == PaperScan.settled_by_id)
    )


def _scan(row: PaperScan, evidence: Evidence, by: str | None, settled_by: str | None) -> Scan:
    return Scan(
        id=row.public_id,
        number=row.paper_form_id,
        is_card=row.is_card,
        mime=evidence.mime,
        place=evidence.original_place,
        evidence=evidence.public_id,
        brought_at=row.brought_at,
        by=by or "",
        outcome=row.outcome.value if row.outcome else "",
        settled_at=row.settled_at,
        settled_by=settled_by or "",
    )


def _sheet(session: Session, *where: ColumnElement[bool]) -> Sheet | None:
    query = (
        select(PaperPad, CollectionPoint, ConsentForm, NoticeVersion)
        .join(CollectionPoint, CollectionPoint.id == PaperPad.collection_point_id)
        .join(ConsentForm, ConsentForm.id == PaperPad.form_id)
        .join(NoticeVersion, NoticeVersion.id == PaperPad.notice_version_id)
        .where(*where)
    )
    row = session.execute(query).one_or_none()
    if row is None:
        return None
    pad, point, form, notice = row
    return Sheet(
        pad=pad.public_id,
        place=point.name,
        key=point.public_key,
        language=pad.language,
        notice=_name(notice),
        notice_body=notice.body.decode(),
        is_current=notice.state is NoticeState.PUBLISHED,
        printed_at=pad.printed_at,
        boxes=dict(form.labels[pad.language]),
    )


def _name(notice: NoticeVersion) -> str:
    return f"{notice.key}/{notice.language}/{notice.version}"
