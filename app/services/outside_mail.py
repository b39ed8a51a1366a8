"""Mail to people without an account: one dress, with who answers for their data and how to stop."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.catalogues import OF_THE_OUTSIDE
from app.letters import compose, spoken
from app.models import OutboxMessage
from app.services import outbox
from app.services.outbox import Cause
from app.services.posting import sender_of


@dataclass(frozen=True, slots=True)
class Reader:
    """Who gets a mail, in which language; `stop` is the whole address that stops such mails."""

    email: str
    language: str
    stop: str = ""


def write(
    session: Session, template: str, to: Reader, values: Mapping[str, object], at: datetime
) -> OutboxMessage:
    """Put a mail of `templates/mail/public/` into the outbox; its template is its cause.

    The address that stops it stands in its text and in its headers (RFC 8058).
    """
    language = spoken(to.language, among=OF_THE_OUTSIDE)
    said = {**values, "stop": to.stop}
    letter = compose(f"public/{template}", language, sender_of(session, at), said)
    return outbox.write_to(session, to.email, letter, Cause(template), at, unsubscribe=to.stop)
