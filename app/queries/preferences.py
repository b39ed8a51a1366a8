"""What a person reads about himself behind the link from his mailbox: numbers, no names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Text, cast, or_, select
from sqlalchemy.orm import Session

from app.models import (
    ConsentSubject,
    Consultation,
    Contact,
    LegalBasis,
    Purpose,
)
from app.models.kinds import BasisKind
from app.policy import Channel, Viewer
from app.policy.consents import CLOSING
from app.policy.visibility import erased, live, merged_away, no_legal_basis, restricted
from app.queries import consents, ledger, requests
from app.queries.consents import Entry
from app.queries.ledger import HoldingState
from app.queries.requests import Case


@dataclass(frozen=True, slots=True)
class Held:
    """One purpose that somebody agreed to: the media it holds over, until when, in which words.

    `until` is None where it has no end, `ended_at` is when it was closed, where it is.
    """

    slug: str
    name: str
    media: tuple[str, ...]
    since: datetime | None
    until: datetime | None
    ended_at: datetime | None
    statement: str
    expression: str
    is_live: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """A purpose that we pursue for another reason than consent; his to stop where `can_stop`."""

    slug: str
    name: str
    kind: str
    can_stop: bool


@dataclass(frozen=True, slots=True)
class Spread:
    """How far one contact has come: people who were shown it, phones by what they proved.

    `phones` may have the card, `told` of them were told to drop it and have not confirmed;
    `gone` have confirmed. `can_look` says whether anybody here can still look it up.
    """

    colleagues: int
    phones: int
    told: int
    gone: int
    can_look: bool


@dataclass(frozen=True, slots=True)
class Person:
    """One person behind a link: `place` is where he stands in it.

    `is_waiting` where he was asked, has not confirmed it, and is no contact.
    """

    place: int
    name: str
    consents: tuple[Held, ...]
    kept: tuple[Kept, ...]
    spread: Spread | None
    history: tuple[Entry, ...]
    is_waiting: bool = False

    @property
    def can_stop(self) -> bool:
        """Whether there is anything left to stop."""
        return (
            self.is_waiting
            or any(one.is_live for one in self.consents)
            or any(one.can_stop for one in self.kept)
        )


def people(session: Session, scope: dict[str, Any], at: datetime) -> list[Person]:
    """Everybody whom a link is about who is still here, contacts first."""
    ids = scope["contacts"]
    rows = {row.id: row for row in session.scalars(select(Contact).where(Contact.id.in_(ids)))}
    alive = [one for one in ids if one in rows and min(_ends(rows[one])) > at]
    found = [
        _contact(session, place, rows[one], at) for place, one in enumerate(ids) if one in alive
    ]
    strangers = select(ConsentSubject).where(ConsentSubject.id.in_(scope["subjects"]))
    for place, row in enumerate(session.scalars(strangers.order_by(ConsentSubject.id)), len(ids)):
        if row.contact_id is None:
            found.append(Person(place, "", (), (), None, (), is_waiting=True))
    return found


def asked(session: Session, scope: dict[str, Any], zone: ZoneInfo, at: datetime) -> list[Case]:
    """What the people of a mailbox asked of us, the newest first; also who is erased by now."""
    found = requests.of_contacts(session, scope["contacts"], zone, at)
    others = requests.of_subjects(session, scope["subjects"], zone, at)
    return list({one.id: one for one in (*found, *others)}.values())


def named(session: Session, purposes: Sequence[int]) -> list[str]:
    """The names of purposes, as a page says what it would stop."""
    query = select(Purpose.name).where(Purpose.id.in_(purposes)).order_by(Purpose.name)
    return list(session.scalars(query))


def _ends(row: Contact) -> tuple[datetime, datetime]:
    return row.erased_at, row.merged_at


def _contact(session: Session, place: int, row: Contact, at: datetime) -> Person:
    standings = consents.standings(session, row.id, at)
    history = consents.history(session, row.id)
    kept = _kept(session, row.id, at)
    spread = _spread(session, row, at)
    return Person(place, row.full_name, _held(standings, history), kept, spread, tuple(history))


def _held(standings: Sequence[consents.Standing], history: Sequence[Entry]) -> tuple[Held, ...]:
    entries = {entry.id: entry for entry in history}
    given = {entry.purpose: entry for entry in reversed(history) if entry.type not in CLOSING}
    found = []
    for slug in dict.fromkeys(one.purpose for one in standings):
        mine = [one for one in standings if one.purpose == slug]
        live = [one for one in mine if one.state == "given"]
        first = (live or mine)[0]
        words = entries.get(first.event) if live else given.get(slug)
        ended = max((one.since for one in mine if one.since), default=None)
        found.append(
            Held(
                slug=slug,
                name=first.purpose_name,
                media=tuple(one.medium for one in live or mine),
                since=first.since if live else None,
                until=first.until,
                ended_at=None if live else ended,
                statement=words.statement if words else "",
                expression=words.expression if words else "",
                is_live=bool(live),
            )
        )
    return tuple(sorted(found, key=lambda one: (not one.is_live, one.name)))


def _kept(session: Session, contact_id: int, at: datetime) -> tuple[Kept, ...]:
    query = (
        select(Purpose, LegalBasis.kind)
        .join(LegalBasis, LegalBasis.purpose_id == Purpose.id)
        .where(
            LegalBasis.contact_id == contact_id,
            LegalBasis.kind != BasisKind.CONSENT,
            live(LegalBasis, at),
        )
        .order_by(Purpose.name, LegalBasis.kind)
        .distinct()
    )
    ours = (BasisKind.LEGITIMATE_INTEREST, BasisKind.OWN_CUSTOMER)
    return tuple(
        Kept(purpose.slug, purpose.name, kind.value, purpose.is_marketing and kind in ours)
        for purpose, kind in session.execute(query)
    )


def _spread(session: Session, row: Contact, at: datetime) -> Spread:
    states = [holder.state for holder in ledger.holders(session, row.id, at)]
    told = {HoldingState.TOLD, HoldingState.LISTED}
    return Spread(
        colleagues=_colleagues(session, row.id),
        phones=sum(state is not HoldingState.CONFIRMED for state in states),
        told=sum(state in told for state in states),
        gone=sum(state is HoldingState.CONFIRMED for state in states),
        can_look=_can_look(session, row, at),
    )


def _can_look(session: Session, row: Contact, at: datetime) -> bool:
    """Whether nothing of the policy hides the contact itself, whoever looks."""
    clauses = (erased, restricted, merged_away, no_legal_basis)
    hidden = or_(*(clause(_ANYBODY, Channel.PORTAL, at) for clause in clauses))
    return session.scalar(select(Contact.id).where(Contact.id == row.id, ~hidden)) is not None


_ANYBODY = Viewer(user_id=0)


def _colleagues(session: Session, contact_id: int) -> int:
    # The text is a sieve that both engines have; the list itself decides.
    sieve = cast(Consultation.contact_ids, Text).contains(str(contact_id))
    query = select(Consultation.user_id, Consultation.contact_ids).where(sieve)
    return len({user for user, ids in session.execute(query) if contact_id in ids})
