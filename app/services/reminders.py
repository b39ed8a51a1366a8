"""Reminding a person that a phone of his has to connect: a mail without any content."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound, Refused
from app.letters import compose, spoken
from app.models import User
from app.queries import reminders
from app.services import accounts, outbox
from app.services.audit import Actor, record
from app.services.outbox import Cause
from app.services.posting import sender_of


def remind(  # noqa: PLR0913 - who reminds whom of which devices, for which board
    session: Session,
    actor: Actor,
    email: str,
    devices: Sequence[str],
    board: tuple[tuple[str, int], str],
    language: str,
    at: datetime,
) -> None:
    """Write to a user that these devices of his have to connect, once a day for one board.

    `board` is named by its kind and number, with the page where it stands.

    Whether the actor may see the board is asked by who shows it. `language` is taken where the
    user has chosen none. Raises NotFound, Refused where he was reminded within a day.
    """
    user = session.scalar(select(User).where(User.email == email).with_for_update(key_share=True))
    if user is None:
        raise NotFound("there is no such user")
    (kind, number), page = board
    name = f"{kind}:{number}"
    before = reminders.last(session, name, [email]).get(email)
    if before is not None and before > at - reminders.EVERY:
        raise Refused("he was reminded within a day")
    sender = sender_of(session, at)
    values: dict[str, object] = {"devices": list(devices), "address": f"{sender.portal}/devices"}
    values["is_gone"] = not accounts.is_active(session, user.id, at)
    letter = compose("remind", spoken(user.language, language), sender, values)
    outbox.write(session, user, letter, Cause(reminders.cause(name), page), at)
    record(session, actor, "take_back.remind", (kind, number), at, user=user.id)
    session.flush()
