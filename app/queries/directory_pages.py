"""Directories as colleagues see them in the portal: what for, how many contacts, what I may do."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Directory, Grant
from app.models.kinds import BasisKind, Scope, SyncPolicy
from app.policy import Channel, Viewer
from app.policy.visibility import is_holder, live
from app.queries import reached, standing
from app.queries.standing import InDirectory

_RIGHTS = ("read", "edit", "sync", "export", "manage")


@dataclass(frozen=True, slots=True)
class About:
    """What a directory is for and what the law lets it be."""

    preset: str
    basis: BasisKind
    has_fallback: bool
    retention_months: int
    sync_policy: SyncPolicy
    country: str


@dataclass(frozen=True, slots=True)
class DirectoryLine:
    """A directory that the viewer may know, with what he finds and may do in it.

    `contacts` counts what he may look up, by whatever opens it; `rights` are those his live
    grants give him over the whole directory, `assigned` those over contacts in his charge.
    """

    standing: InDirectory
    about: About
    contacts: int
    rights: frozenset[str]
    assigned: frozenset[str]


def lines(session: Session, viewer: Viewer, at: datetime, slug: str = "") -> list[DirectoryLine]:
    """Every directory that the viewer may know of by name, or the one with this slug."""
    if slug:
        one = standing.in_directory(session, viewer, slug, at)
        known = [one] if one else []
    else:
        known = standing.directories(session, viewer, at)
    ids = [home.id for home in known]
    abouts = _abouts(session, ids)
    contacts = _counts(session, viewer, ids, at)
    rights = _rights(session, viewer, ids, at)
    return [
        DirectoryLine(
            standing=home,
            about=abouts[home.id],
            contacts=contacts.get(home.id, 0),
            rights=frozenset(rights.get((home.id, Scope.ALL), ())),
            assigned=frozenset(rights.get((home.id, Scope.ASSIGNED), ())),
        )
        for home in known
    ]


def line(session: Session, viewer: Viewer, slug: str, at: datetime) -> DirectoryLine | None:
    """The directory with this slug; None where the viewer may not know that it is there."""
    return next(iter(lines(session, viewer, at, slug)), None) if slug else None


def _abouts(session: Session, ids: list[int]) -> dict[int, About]:
    rows = session.scalars(select(Directory).where(Directory.id.in_(ids)))
    return {
        row.id: About(
            preset=row.preset,
            basis=row.basis,
            has_fallback=bool(row.fallback_basis),
            retention_months=row.retention_months,
            sync_policy=row.sync_policy,
            country=row.country,
        )
        for row in rows
    }


def _counts(session: Session, viewer: Viewer, ids: list[int], at: datetime) -> dict[int, int]:
    usable = {home: stock.usable for home, stock in reached.stocks(session, ids, at).items()}
    mine = [viewer.user_id]
    found = reached.of_people(session, usable, mine, at, channels=[Channel.PORTAL])
    return {home: one.number for (_, home), one in found.items()}


def _rights(
    session: Session, viewer: Viewer, ids: list[int], at: datetime
) -> dict[tuple[int, Scope], set[str]]:
    grants = select(Grant).where(
        Grant.directory_id.in_(ids), live(Grant, at), is_holder(viewer, at)
    )
    found: dict[tuple[int, Scope], set[str]] = {}
    for row in session.scalars(grants):
        held = {right for right in _RIGHTS if getattr(row, f"can_{right}")}
        found.setdefault((row.directory_id, row.scope), set()).update(held)
    return found
