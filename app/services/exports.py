"""Contacts handed out in a file: recorded one by one, before the file is made."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.cards.card import Card
from app.errors import Invalid, NotFound, Refused
from app.models import Contact, Directory, HandOver
from app.policy import Channel, Viewer
from app.queries import contacts
from app.services import checks
from app.services.audit import Actor, record


@dataclass(frozen=True, slots=True)
class Errand:
    """To whom a file goes, and why: in a person's words."""

    recipient: str
    reason: str


def hand_over(
    session: Session,
    actor: Actor,
    viewer: Viewer,
    directory_id: int,
    errand: Errand,
    at: datetime,
) -> list[Card]:
    """The cards of a directory that the viewer may export, each with a row about its leaving.

    `actor` is who does it, `viewer` in whose name. The caller makes the file after the
    transaction is committed: a crash may leave rows of a file that never was, never a file
    without its rows. Raises NotFound for the directory, Invalid without a recipient or a
    reason, Refused where he may export nothing.
    """
    home = session.get(Directory, directory_id)
    if home is None:
        raise NotFound("there is no such directory")
    recipient, reason = checks.name(errand.recipient, "to"), checks.remark(errand.reason)
    if not reason:
        raise Invalid("reason", "it is empty")
    cards = contacts.everything(session, viewer, Channel.EXPORT, at, directory_id=home.id)
    if not cards:
        raise Refused(f"the directory {home.slug} holds nothing that this user may export")
    inner = select(Contact.public_id, Contact.id).where(Contact.directory_id == home.id)
    ids = {row[0]: row[1] for row in session.execute(inner)}
    session.execute(
        insert(HandOver),
        [
            {
                "at": at,
                "contact_id": ids[card.public_id],
                "channel": Channel.EXPORT.value,
                "recipient": recipient,
                "reason": reason,
                "fields": card.profile,
                "user_id": viewer.user_id,
            }
            for card in cards
        ],
    )
    said = {"user": viewer.user_id, "contacts": len(cards)}
    record(session, actor, "contact.export", ("directory", home.id), at, **said)
    return cards
