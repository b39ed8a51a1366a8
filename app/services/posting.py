"""Sending what stands in the outbox: claim, hand over to the mail server, write down what it said.

The server is asked outside any transaction; nobody waits for it.
"""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from app import mail
from app.db import Sessions
from app.errors import Refused
from app.letters import Sender, compose, spoken
from app.mail import Deliver, Envelope, Undelivered
from app.models import User
from app.queries import instances
from app.services import outbox
from app.services.audit import Actor, record
from app.services.outbox import Cause, Claimed
from app.settings import Settings


def send_next(
    sessions: Sessions,
    settings: Settings,
    now: Callable[[], datetime],
    deliver: Deliver = mail.deliver,
) -> bool:
    """Send the mail that waits longest; whether there was one.

    Without a mail server all of them stay where they are.
    """
    server = settings.mail_server
    if server is None:
        return False
    with sessions.read() as session:
        if not outbox.is_any_due(session, now()):
            return False
        sender = sender_of(session, now())
    with sessions.write() as session:
        claimed = outbox.claim(session, now())
    if claimed is None:
        return False
    try:
        said = (claimed.subject, claimed.text, claimed.html)
        deliver(server, mail.built(server, _envelope(settings, sender, claimed), *said))
    except Undelivered as trouble:
        with sessions.write() as session:
            words, is_final = str(trouble), trouble.is_final
            outbox.not_sent(session, claimed, words, now(), is_final=is_final)
    else:
        with sessions.write() as session:
            outbox.sent(session, claimed, now())
    return True


def sender_of(session: Session, at: datetime) -> Sender:
    """On whose behalf mail is written."""
    try:
        place = instances.place(session, at)
    except Refused:
        return Sender("Kustod", "")
    help_desk = (place.portal_url, place.help_email, place.help_phone)
    rights = (place.rights_email or place.help_email, place.rights_phone or place.help_phone)
    return Sender(place.name, *help_desk, *rights, place.authority)


def _envelope(settings: Settings, sender: Sender, claimed: Claimed) -> Envelope:
    return Envelope(
        to=claimed.to,
        sender_name=sender.name,
        reply_to=sender.help_email,
        message_id=mail.message_id(claimed.public_id, settings.public_name),
        written_at=claimed.created_at,
        unsubscribe=claimed.unsubscribe,
    )


def write_test(session: Session, actor: Actor, settings: Settings, at: datetime) -> str:
    """Put a message to the actor into the outbox, to see whether mail arrives; its name.

    Raises Refused where no user acts.
    """
    if actor.user_id is None:
        raise Refused("a test goes to the user who asks for it")
    user = session.get_one(User, actor.user_id)
    language = spoken(user.language, settings.language)
    letter = compose("test", language, sender_of(session, at), {"name": user.name})
    row = outbox.write(session, user, letter, Cause("test"), at)
    record(session, actor, "message.test", ("message", row.id), at)
    session.flush()
    return row.public_id
