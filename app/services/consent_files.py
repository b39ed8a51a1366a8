"""A file of answers taken in: each row is somebody's consent, and its outcome is said.

The file is kept as the proof of all of them. The same file again records nothing twice. Nobody is
added by it: whom no contact has, or several, is named and left.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cards.card import ContactKind
from app.cards.points import email_norm, phone_norm
from app.cards.text import folded
from app.errors import Invalid, KustodError
from app.models import ConsentEvent, ConsentSubject, Contact, ContactPoint
from app.models.consent_kinds import EvidenceKind, Precision
from app.models.kinds import PointKind
from app.services import consent_entries, evidence
from app.services.audit import Actor, record
from app.services.consent_entries import NewEntry
from app.services.evidence import NewEvidence
from app.services.moments import moment
from app.services.opt_in import Desk
from app.services.proof_files import Sealed
from app.services.source_kinds import IN_FILES, WAYS, Must

GIVEN, TAKEN_BACK, UNPROVEN = "given", "taken-back", "unproven"
UNKNOWN, SHARED, INVALID, OTHER, REPEATED = "unknown", "shared", "invalid", "other-text", "repeated"

_DIGITS = 12


class Row(Protocol):
    """One row of the file (app.imports.answers)."""

    @property
    def line(self) -> int:
        """Where it stands."""

    def get(self, name: str) -> str:
        """What stands in a column."""


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file, and what holds for all its rows.

    `keyword` is what a text message says that means yes; `zone` is where its times are.
    """

    how: str
    purpose_id: int
    notice_id: int | None
    file: Sealed
    rows: Sequence[Row]
    zone: ZoneInfo
    artwork: Sealed | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    keyword: str = ""
    country: str = "CZ"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row, and why."""

    line: int
    outcome: str
    uid: str = ""
    reason: str = ""


def take_in(
    session: Session, desk: Desk, actor: Actor, new: NewFile, at: datetime, *, is_dry: bool = False
) -> list[Outcome]:
    """Record the rows, or with `is_dry` say what would become of them.

    Raises Invalid where the way cannot come in a file, or text messages have no keyword.
    """
    if new.how not in IN_FILES:
        raise Invalid("how", f"{new.how!r} is none of {', '.join(IN_FILES)}")
    if new.how != "import" and not new.keyword.strip():
        raise Invalid("keyword", "say which text means yes")
    with session.begin_nested() as tried:
        kept = _kept(session, actor, new, at)
        found = [_taken(session, desk, actor, (new, row, kept), at) for row in new.rows]
        detail = {"how": new.how, "sha256": new.file.sha256, **counts(found)}
        record(session, actor, "consent.import", ("purpose", new.purpose_id), at, **detail)
        if is_dry:
            tried.rollback()
    return found


def counts(found: Sequence[Outcome]) -> dict[str, int]:
    """How often each outcome came out."""
    return dict(sorted(Counter(one.outcome for one in found).items()))


def _kept(session: Session, actor: Actor, new: NewFile, at: datetime) -> tuple[int, ...]:
    """The ids of what proves every row: the file, and what the terms stood on."""
    proof = NewEvidence(WAYS[new.how].evidence, new.file)
    made = [evidence.make(session, actor, proof, at).id]
    if new.artwork is not None:
        medium = NewEvidence(EvidenceKind.ARTWORK, new.artwork)
        made.append(evidence.make(session, actor, medium, at).id)
    return tuple(made)


def _taken(
    session: Session,
    desk: Desk,
    actor: Actor,
    what: tuple[NewFile, Row, tuple[int, ...]],
    at: datetime,
) -> Outcome:
    new, row, kept = what
    people = _people(session, new, row, at)
    if len(people) != 1:
        return Outcome(row.line, SHARED if people else UNKNOWN)
    contact_id, uid = people[0]
    if new.how != "import" and folded(row.get("text")) != folded(new.keyword):
        return Outcome(row.line, OTHER, uid, row.get("text"))
    try:
        entry = _entry(new, row, kept)
        if _is_there(session, contact_id, entry):
            return Outcome(row.line, REPEATED, uid)
        with session.begin_nested():
            done = consent_entries.enter(session, actor, contact_id, entry, at, desk=desk)
    except (KustodError, ValueError, OverflowError) as error:
        return Outcome(row.line, INVALID, uid, str(error))
    if done.lacks:
        return Outcome(row.line, UNPROVEN, uid, f"it lacks {', '.join(done.lacks)}")
    return Outcome(row.line, GIVEN if done.holds else TAKEN_BACK, uid)


def _entry(new: NewFile, row: Row, kept: tuple[int, ...]) -> NewEntry:
    """The row as an entry. Raises ValueError for a time that cannot be read."""
    when = row.get("time")
    facts = {**new.facts, Must.ROW.value: f"{row.line} of {new.file.sha256[:_DIGITS]}"}
    if new.how != "import":
        facts |= {Must.TEXT.value: row.get("text")}
        facts |= {Must.SHORT_CODE.value: row.get("short_code")} if row.get("short_code") else {}
    is_instant = "T" in when or ":" in when
    return NewEntry(
        new.how,
        new.purpose_id,
        notice_id=new.notice_id,
        occurred_at=moment(when, new.zone, is_end=False) if when else None,
        precision=Precision.INSTANT.value if is_instant else Precision.DAY.value,
        original_place=row.get("original"),
        facts=facts,
        number=row.get("number"),
        kept=kept,
    )


def _people(session: Session, new: NewFile, row: Row, at: datetime) -> list[tuple[int, str]]:
    """Whom a row is about: by the number for text messages, else by the address before it."""
    email = "" if new.how != "import" else email_norm(row.get("email"))
    kind = PointKind.EMAIL if email else PointKind.PHONE
    norm = email or phone_norm(row.get("number"), new.country)
    if not norm:
        return []
    query = (
        select(Contact.id, Contact.public_id)
        .join(ContactPoint, ContactPoint.contact_id == Contact.id)
        .where(
            ContactPoint.kind == kind,
            ContactPoint.norm == norm,
            Contact.kind == ContactKind.PERSON,
            Contact.erased_at > at,
            Contact.merged_at > at,
        )
        .distinct()
    )
    return [(found.id, found.public_id) for found in session.execute(query)]


def _is_there(session: Session, contact_id: int, entry: NewEntry) -> bool:
    """Whether this row of this file was recorded before."""
    query = (
        select(ConsentEvent.id)
        .join(ConsentSubject, ConsentSubject.id == ConsentEvent.subject_id)
        .where(
            ConsentSubject.contact_id == contact_id,
            ConsentEvent.purpose_id == entry.purpose_id,
            ConsentEvent.origin == entry.origin(),
        )
    )
    return session.scalar(query.limit(1)) is not None
