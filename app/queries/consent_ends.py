"""Consents that end soon, and what is in the way of asking these people anew.

Only what the one who asks may see, in the directories that he manages.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import Session, aliased

from app.models import (
    ConsentEvent,
    ConsentSubject,
    Contact,
    ContactPoint,
    Directory,
    LegalBasis,
    OutboxMessage,
    Purpose,
    RenewalInvitation,
    StopGround,
)
from app.models.consent_kinds import Medium
from app.models.kinds import BasisKind, PointKind
from app.policy import Action, Channel, Viewer, allowed, visible
from app.policy import consents as reading
from app.policy.consents import Event
from app.policy.visibility import live
from app.queries import consents, suppressions
from app.queries.suppressions import Stop

SOON = timedelta(days=90)
_Later = aliased(OutboxMessage)


@dataclass(frozen=True, slots=True)
class ConsentEnd:
    """A consent of a contact that ends; `contact` is its public id."""

    basis_id: int
    contact_id: int
    contact: str
    directory: str
    directory_name: str
    purpose: str
    purpose_name: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody whose consent to a purpose ends, with all that decides whether he is asked.

    `why` is empty for whom it can be asked, else asked, no-address, bounced, suppressed or
    no-lawful-way; `held` are the media over which it holds, each with the purposes at or below.
    """

    end: ConsentEnd
    email: str
    held: tuple[tuple[Medium, tuple[int, ...]], ...]
    why: str


def ending(  # noqa: PLR0913 - one question, as the list page asks it
    session: Session,
    viewer: Viewer,
    at: datetime,
    *,
    within: timedelta = SOON,
    purpose: str = "",
    directory: str = "",
    after: tuple[datetime, int] | None = None,
    limit: int = 50,
) -> list[ConsentEnd]:
    """What ends within this time in directories that the viewer manages, the nearest first."""
    where = [Purpose.slug == purpose] if purpose else []
    where += [Directory.slug == directory] if directory else []
    if after is not None:
        until, number = after
        is_same = (LegalBasis.valid_until == until) & (LegalBasis.id > number)
        where.append((LegalBasis.valid_until > until) | is_same)
    order = (LegalBasis.valid_until, LegalBasis.id)
    query = _ends(viewer, at, at + within).where(*where).order_by(*order).limit(limit)
    return [ConsentEnd(*row) for row in session.execute(query)]


def by_purpose(
    session: Session, viewer: Viewer, at: datetime, within: timedelta = SOON
) -> list[tuple[str, str, int]]:
    """How many end, by purpose: slug, name, number."""
    inner = _ends(viewer, at, at + within).subquery()
    query = select(inner.c.purpose_slug, inner.c.purpose_name, func.count())
    query = query.group_by(inner.c.purpose_slug, inner.c.purpose_name)
    return [(slug, name, n) for slug, name, n in session.execute(query.order_by("purpose_name"))]


def candidates(
    session: Session,
    viewer: Viewer,
    purpose: Purpose,
    at: datetime,
    limit: int,
    after: tuple[datetime, int] | None = None,
) -> list[Candidate]:
    """Those whose consent to a purpose ends soon, at most `limit`, each with what is in the way.

    A number of statements that never grows. `after` as in `ending`.
    """
    ends = ending(session, viewer, at, purpose=purpose.slug, after=after, limit=limit)
    ids = [one.contact_id for one in ends]
    emails = _emails(session, ids)
    events = _events(session, ids)
    above, ours = consents.tree(session), suppressions.marketing(session)
    stops = suppressions.of_contacts(session, ids, at)
    facts = _Facts(
        asked=_asked(session, purpose.id, ids),
        failed=_failed(session, set(emails.values())),
        otherwise=_otherwise(session, purpose.id, ids, at),
        stops={
            one: [s for s in found if s.is_about(purpose.id, above, ours)]
            for one, found in stops.items()
        },
    )
    found = []
    for end in ends:
        mine = events.get(end.contact_id, [])
        email = emails.get(end.contact_id, "")
        held = _held(mine, above, purpose.id, at)
        mail = reading.read(mine, above, purpose.id, Medium.EMAIL, at)
        why = facts.why(end, email, mail.event if mail.holds else None)
        found.append(Candidate(end, email, held, why))
    return found


def languages(session: Session, ids: Collection[int]) -> dict[int, str]:
    """The language in which each of these contacts agreed last, where it is known."""
    query = (
        select(ConsentSubject.contact_id, ConsentEvent.language)
        .join(ConsentEvent, ConsentEvent.subject_id == ConsentSubject.id)
        .where(ConsentSubject.contact_id.in_(ids), ConsentEvent.language != "")
        .order_by(ConsentEvent.id)
    )
    return {contact: language for contact, language in session.execute(query) if contact}


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is known of all candidates at once."""

    asked: set[tuple[int, datetime]]
    failed: set[str]
    otherwise: set[int]
    stops: dict[int, list[Stop]]

    def why(self, end: ConsentEnd, email: str, given: Event | None) -> str:
        """The first thing that is in the way of writing to somebody, or nothing."""
        stops = self.stops.get(end.contact_id, [])
        if (end.contact_id, end.ends_at) in self.asked:
            return "asked"
        if not email:
            return "no-address"
        if email in self.failed or any(s.ground is StopGround.BOUNCE for s in stops):
            return "bounced"
        if any(_stands(stop, given) for stop in stops):
            return "suppressed"
        if given is None and end.contact_id not in self.otherwise:
            return "no-lawful-way"
        return ""


def _stands(stop: Stop, given: Event | None) -> bool:
    """Whether a stop forbids mail: one that is older than the consent was opened again by it."""
    if stop.ground is StopGround.BOUNCE or (stop.media and Medium.EMAIL not in stop.media):
        return False
    return given is None or stop.begun_at >= given.since


def _ends(
    viewer: Viewer, at: datetime, horizon: datetime
) -> Select[int, int, str, str, str, str, str, datetime]:
    mine = select(Directory.id).where(allowed(viewer, Action.MANAGE, at))
    return (
        select(
            LegalBasis.id,
            Contact.id.label("contact_id"),
            Contact.public_id,
            Directory.slug,
            Directory.name,
            Purpose.slug.label("purpose_slug"),
            Purpose.name.label("purpose_name"),
            LegalBasis.valid_until,
        )
        .join(Contact, Contact.id == LegalBasis.contact_id)
        .join(Directory, Directory.id == Contact.directory_id)
        .join(Purpose, Purpose.id == LegalBasis.purpose_id)
        .where(
            LegalBasis.kind == BasisKind.CONSENT,
            live(LegalBasis, at),
            LegalBasis.valid_until <= horizon,
            Contact.directory_id.in_(mine),
            visible(viewer, Channel.PORTAL, at),
        )
    )


def _held(
    events: Sequence[Event], above: reading.Tree, purpose_id: int, at: datetime
) -> tuple[tuple[Medium, tuple[int, ...]], ...]:
    found: dict[Medium, list[int]] = defaultdict(list)
    pairs = sorted({pair for event in events for pair in event.covers})
    for of, medium in pairs:
        is_ours = reading.is_below(above, of, purpose_id)
        if is_ours and reading.read(events, above, of, medium, at).holds:
            found[medium].append(of)
    return tuple((m, tuple(found[m])) for m in Medium if purpose_id in found.get(m, ()))


def _emails(session: Session, ids: Collection[int]) -> dict[int, str]:
    """The address at which each is written to: the preferred one, else the first."""
    query = select(ContactPoint.contact_id, ContactPoint.norm).where(
        ContactPoint.contact_id.in_(ids),
        ContactPoint.kind == PointKind.EMAIL,
        ContactPoint.norm != "",
    )
    order = (ContactPoint.is_preferred, ContactPoint.position.desc(), ContactPoint.id.desc())
    rows = session.execute(query.order_by(*order))
    return {row.contact_id: row.norm for row in rows}


def _events(session: Session, ids: Collection[int]) -> dict[int, list[Event]]:
    whose = {
        row.id: row.contact_id
        for row in session.execute(
            select(ConsentEvent.id, ConsentSubject.contact_id)
            .join(ConsentSubject, ConsentSubject.id == ConsentEvent.subject_id)
            .where(ConsentSubject.contact_id.in_(ids))
        )
    }
    found: dict[int, list[Event]] = defaultdict(list)
    for event in consents.events_where(session, ConsentSubject.contact_id.in_(ids)):
        found[whose[event.id]].append(event)
    return found


def _asked(session: Session, purpose_id: int, ids: Collection[int]) -> set[tuple[int, datetime]]:
    query = select(RenewalInvitation.contact_id, RenewalInvitation.ends_at).where(
        RenewalInvitation.purpose_id == purpose_id, RenewalInvitation.contact_id.in_(ids)
    )
    return {(row.contact_id, row.ends_at) for row in session.execute(query)}


def _failed(session: Session, emails: Collection[str]) -> set[str]:
    """The addresses whose last mail that was tried to its end was refused."""
    later = exists().where(
        _Later.to == OutboxMessage.to, _Later.id > OutboxMessage.id, _Later.sent_at.is_not(None)
    )
    query = select(OutboxMessage.to).where(
        OutboxMessage.to.in_(emails), OutboxMessage.failed_at.is_not(None), ~later
    )
    return set(session.scalars(query))


def _otherwise(session: Session, purpose_id: int, ids: Collection[int], at: datetime) -> set[int]:
    """Those who may be written to without their consent."""
    where: list[ColumnElement[bool]] = [
        LegalBasis.contact_id.in_(ids),
        LegalBasis.purpose_id == purpose_id,
        LegalBasis.kind != BasisKind.CONSENT,
        live(LegalBasis, at),
    ]
    return set(session.scalars(select(LegalBasis.contact_id).where(*where)))
