"""Contacts made empty: hidden from every door at once, with nothing personal left in their rows.

What is left is the row itself: phones that hold the card are told by it, and it can still be
asked which of them have given it back.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.models import (
    Address,
    Blob,
    ConsentEvent,
    ConsentSubject,
    Contact,
    ContactPoint,
    Favourite,
    RequestStep,
    SubjectRequest,
    ValueChange,
)
from app.models.guards import BLANKABLE
from app.models.requests import StepKind
from app.services.contact_values import COLUMNS

_TEXTS = tuple(name for name in COLUMNS if name != "kind")
_DERIVED = ("source_uid", "fingerprint", "sort_key", "search", "mail_search")
_QUIETLY = {"synchronize_session": False}


def empty(session: Session, ids: Sequence[int], at: datetime) -> None:
    """Erase these contacts at `at`, also from the history of values and with their pictures.

    Neither UID nor content is remembered: the same card may come back as a new contact. What
    happened to his consents stays as proof, without addresses.
    """
    pictures = select(Contact.photo_sha256).where(Contact.id.in_(ids), Contact.photo_sha256 != "")
    photos = session.scalars(pictures.distinct()).all()
    blank = dict.fromkeys((*_TEXTS, *_DERIVED), "")
    contacts = update(Contact).where(Contact.id.in_(ids)).values(erased_at=at, **blank)
    history = update(ValueChange).where(ValueChange.contact_id.in_(ids)).values(old="", new="")
    session.execute(contacts, execution_options=_QUIETLY)
    session.execute(history, execution_options=_QUIETLY)
    subjects = select(ConsentSubject.id).where(ConsentSubject.contact_id.in_(ids))
    events = update(ConsentEvent).where(ConsentEvent.subject_id.in_(subjects))
    nameless = events.values(dict.fromkeys(BLANKABLE, ""))
    session.execute(nameless, execution_options=_QUIETLY)
    forget_words(session, ids)
    for table in (ContactPoint, Address, Favourite):
        query = delete(table).where(table.contact_id.in_(ids))
        session.execute(query, execution_options=_QUIETLY)
    if photos:
        _drop_pictures(session, photos)


def forget_words(session: Session, ids: Sequence[int]) -> None:
    """Empty what these contacts said in requests that are answered; the others need an answer."""
    subjects = select(ConsentSubject.id).where(ConsentSubject.contact_id.in_(ids))
    answered = select(RequestStep.request_id).where(RequestStep.kind == StepKind.CLOSED)
    theirs = update(SubjectRequest).where(
        SubjectRequest.subject_id.in_(subjects), SubjectRequest.id.in_(answered)
    )
    session.execute(theirs.values(words="", email="", wanted={}), execution_options=_QUIETLY)


def _drop_pictures(session: Session, photos: Sequence[str]) -> None:
    """Delete those of these pictures that no contact shows and no history needs.

    They are held before it is asked who shows them: an import that is just bringing one holds
    it as well, until its contact can be seen.
    """
    held = select(Blob.sha256).where(Blob.sha256.in_(photos)).order_by(Blob.sha256)
    session.execute(held.with_for_update()).all()
    shown = select(Contact.photo_sha256).where(Contact.photo_sha256.in_(photos))
    earlier = select(ValueChange.old).where(
        ValueChange.field == "photo_sha256", ValueChange.old.in_(photos)
    )
    needed = {*session.scalars(shown), *session.scalars(earlier)}
    query = delete(Blob).where(Blob.sha256.in_(set(photos) - needed))
    session.execute(query, execution_options=_QUIETLY)
