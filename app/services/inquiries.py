"""The question who saw a contact: asking it is recorded, whoever asks."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.errors import Invalid, NotFound
from app.queries import contacts
from app.queries.inquiries import ACTION, Question
from app.services import audit
from app.services.audit import Actor


def ask(session: Session, actor: Actor, public_id: str, question: Question, at: datetime) -> None:
    """Record that this is asked. Raises NotFound for what never was, Invalid for the period."""
    if question.end <= question.start:
        raise Invalid("to", "it ends before it begins")
    contact_id = contacts.contact_id(session, public_id)
    if contact_id is None:
        raise NotFound("there is no such contact")
    audit.record(session, actor, ACTION, ("contact", contact_id), at, **question.detail())
