"""The consents of one contact as colleagues read them: what holds, on what proof, since when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import FOREVER
from app.models import CollectionPoint, ConsentEvent, NoticeVersion, Purpose, User
from app.models.consent_kinds import ConsentActor, ConsentType, NoticeState
from app.policy import Viewer
from app.policy.consents import CLOSING
from app.queries import bases, consents, evidence
from app.queries.bases import Ground
from app.queries.consents import Entry, Standing
from app.queries.evidence import Proof

LIVE = frozenset({"given", "requested", "imported-unproven", "renewal-needed"})
"""States that a withdrawal changes."""


@dataclass(frozen=True, slots=True)
class Told:
    """The version of a notice that somebody was shown."""

    key: str
    language: str
    version: int


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened: through whom, by which form, what it covered, what was told.

    `covered` are the names of purposes with their media; `is_over` where it opened something
    and nothing rests on it any more.
    """

    entry: Entry
    by: str
    place: str
    told: Told | None
    covered: tuple[tuple[str, tuple[str, ...]], ...]
    proofs: tuple[Proof, ...]
    is_over: bool


@dataclass(frozen=True, slots=True)
class Row:
    """What holds of one purpose over one medium; `until` None is without an end."""

    standing: Standing
    told: Told | None
    is_proved: bool
    until: datetime | None

    @property
    def is_live(self) -> bool:
        """Whether taking it back changes anything."""
        return self.standing.state in LIVE


@dataclass(frozen=True, slots=True)
class Consents:
    """Everything on the page: readings, the reasons beside consent, and what happened."""

    rows: tuple[Row, ...]
    grounds: tuple[Ground, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody can choose from who records a consent: a word for the form, and its name."""

    value: str
    name: str


def of_contact(session: Session, viewer: Viewer, contact_id: int, at: datetime) -> Consents:
    """The consents of a contact; the number of statements does not grow with them."""
    entries = consents.history(session, contact_id)
    standings = consents.standings(session, contact_id, at)
    told = _told(session, {entry.notice for entry in entries if entry.notice})
    proofs = evidence.evidence_of(session, viewer, contact_id, at)
    ways = _ways(session, [entry.id for entry in entries])
    names = {row.slug: row.name for row in session.execute(select(Purpose.slug, Purpose.name))}
    by_id = {entry.id: entry for entry in entries}
    holding = {one.event for one in standings if one.state in LIVE}
    return Consents(
        rows=tuple(_row(one, by_id.get(one.event), told) for one in standings),
        grounds=bases.of_contact(session, contact_id, at),
        steps=tuple(
            Step(
                entry=entry,
                by=ways[entry.id][0],
                place=ways[entry.id][1],
                told=told.get(entry.notice),
                covered=_covered(entry, names),
                proofs=tuple(proofs.get(entry.id, ())),
                is_over=ConsentType(entry.type) not in CLOSING and entry.id not in holding,
            )
            for entry in entries
        ),
    )


def purposes(session: Session) -> list[Choice]:
    """Every purpose, by name."""
    query = select(Purpose.slug, Purpose.name).order_by(Purpose.name, Purpose.slug)
    return [Choice(row.slug, row.name) for row in session.execute(query)]


def notices(session: Session) -> list[Choice]:
    """Every version that anybody was ever shown, those of today first."""
    query = (
        select(NoticeVersion, Purpose.name)
        .join(Purpose, Purpose.id == NoticeVersion.purpose_id)
        .where(NoticeVersion.state != NoticeState.DRAFT)
        .order_by(
            NoticeVersion.state, Purpose.name, NoticeVersion.version.desc(), NoticeVersion.language
        )
    )
    return [
        Choice(row.public_id, f"{name} · {row.key}/{row.language}/{row.version}")
        for row, name in session.execute(query)
    ]


def _row(standing: Standing, entry: Entry | None, told: dict[str, Told]) -> Row:
    until = None if standing.until == FOREVER else standing.until
    is_own = entry is not None and entry.actor == ConsentActor.SUBJECT
    is_proved = entry is not None and (is_own or bool(entry.evidence))
    return Row(standing, told.get(entry.notice) if entry else None, is_proved, until)


def _covered(entry: Entry, names: dict[str, str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What it displayed by name; what closes says its own purpose, and the media it closes."""
    if not entry.covers:
        return ((entry.purpose_name, entry.media),)
    media: dict[str, list[str]] = {}
    for slug, medium in entry.covers:
        media.setdefault(slug, []).append(medium)
    return tuple((names[slug], tuple(words)) for slug, words in media.items())


def _told(session: Session, ids: set[str]) -> dict[str, Told]:
    query = select(
        NoticeVersion.public_id, NoticeVersion.key, NoticeVersion.language, NoticeVersion.version
    ).where(NoticeVersion.public_id.in_(ids))
    return {row[0]: Told(*row[1:]) for row in session.execute(query)}


def _ways(session: Session, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Per event the colleague who recorded it, and the form that it came by; or ""."""
    query = (
        select(ConsentEvent.public_id, User.name, CollectionPoint.name)
        .outerjoin(
            User,
            (User.id == ConsentEvent.actor_id) & (ConsentEvent.actor_kind == ConsentActor.STAFF),
        )
        .outerjoin(CollectionPoint, CollectionPoint.id == ConsentEvent.collection_point_id)
        .where(ConsentEvent.public_id.in_(ids))
    )
    return {name: (by or "", place or "") for name, by, place in session.execute(query)}
