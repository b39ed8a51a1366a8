"""Who may ask who saw a contact, about whom, and what has been asked already.

Owners and the data protection officer ask about every contact that ever was: hidden and erased
ones most of all, for about them authorities and the people themselves ask. The answer speaks of
what colleagues could do and did; it opens no card.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from app.cards.card import Card
from app.cards.points import phone_norm
from app.cards.text import folded
from app.db import instant_text
from app.models import AuditEvent, Contact, ContactPoint, RoleName
from app.models.kinds import ActorKind, PointKind
from app.policy import Channel, Viewer, in_role, visible
from app.queries import contacts, seen, seen_for_person
from app.queries.seen import Seen
from app.queries.seen_for_person import SeenForPerson, Through

ACTION = "contact.seen"
"""How the log names the question."""

SHORTEST = 3
"""So many letters a question for a person has at least."""

MOST = 50
"""Not more people than this are found by one number or address."""


class Audience(StrEnum):
    """Whom the answer is for: the person himself reads no names of staff."""

    PERSON = "person"
    AUTHORITY = "authority"


@dataclass(frozen=True, slots=True)
class Question:
    """Who had to do with a contact in [start, end), and for whom that is asked."""

    start: datetime
    end: datetime
    audience: Audience

    def detail(self) -> dict[str, str]:
        """The question as the log keeps it."""
        period = {"start": instant_text(self.start), "end": instant_text(self.end)}
        return period | {"audience": self.audience.value}


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything that is known; what the person himself gets of it; what opened it, by name."""

    question: Question
    whole: Seen
    own: SeenForPerson | None
    names: Through


@dataclass(frozen=True, slots=True)
class Subject:
    """The contact in question, whether the one who asks sees it, and whether he may ask."""

    contact_id: int
    sees: bool
    may_ask: bool
    is_erased: bool


def subject(session: Session, viewer: Viewer, public_id: str, at: datetime) -> Subject | None:
    """The contact; None where he may not know that it is or was there."""
    asks = in_role(viewer, RoleName.OWNER, RoleName.DPO, at=at)
    sees = visible(viewer, Channel.PORTAL, at)
    query = select(Contact.id, sees, asks, Contact.erased_at <= at)
    found = [Subject(*row) for row in session.execute(query.where(Contact.public_id == public_id))]
    return next((one for one in found if one.sees or one.may_ask), None)


def answer(
    session: Session, viewer: Viewer, public_id: str, question: Question, at: datetime
) -> Answer | None:
    """The answer as it is known `at`; None where he has not asked, so that no log tells of it."""
    contact_id = contacts.contact_id(session, public_id)
    if contact_id is None or not _was_asked(session, viewer, contact_id, question):
        return None
    whole = seen.of_contact(session, public_id, question.start, question.end, at)
    is_own = question.audience is Audience.PERSON
    own = seen_for_person.of_answer(session, whole) if is_own else None
    return Answer(question, whole, own, seen_for_person.through(session, whole.could_see))


def _was_asked(session: Session, viewer: Viewer, contact_id: int, question: Question) -> bool:
    details = session.scalars(
        select(AuditEvent.detail).where(
            AuditEvent.subject_kind == "contact",
            AuditEvent.subject_id == contact_id,
            AuditEvent.action == ACTION,
            AuditEvent.actor_kind == ActorKind.USER,
            AuditEvent.actor_id == viewer.user_id,
        )
    )
    return question.detail() in details.all()


def exactly(session: Session, said: str, at: datetime) -> list[Card]:
    """Whoever has exactly this number, e-mail address, name or public id, hidden or not.

    Never a part of one, so that it is no list to read in. What was erased is found by its
    public id alone.
    """
    if len(said) < SHORTEST:
        return []
    by_id = contacts.contact_id(session, said)
    if by_id is not None:
        return [contacts.whole(session, by_id)]
    reached = [contacts.whole(session, found) for found in _reached(session, said, at)]
    named = [card for card in contacts.for_operator(session, at, said) if _is_called(card, said)]
    return list({card.public_id: card for card in (*reached, *named)}.values())


def _reached(session: Session, said: str, at: datetime) -> list[int]:
    """Who has this number or this e-mail address."""
    number, mail = phone_norm(said), said.casefold()
    query = (
        select(Contact.id)
        .join(ContactPoint, ContactPoint.contact_id == Contact.id)
        .where(
            Contact.erased_at > at,
            Contact.merged_at > at,
            or_(
                and_(
                    ContactPoint.kind == PointKind.PHONE,
                    ContactPoint.norm == number,
                    ContactPoint.norm != "",
                ),
                and_(ContactPoint.kind == PointKind.EMAIL, ContactPoint.norm == mail),
            ),
        )
        .order_by(Contact.sort_key, Contact.id)
        .limit(MOST)
    )
    return list(dict.fromkeys(session.scalars(query)))


def _is_called(card: Card, said: str) -> bool:
    names = (card.shown_name(), f"{card.given} {card.family}", f"{card.family} {card.given}")
    return folded(said) in {folded(name) for name in names}
