"""What was only spoken, or ticked where anybody could: the mailbox is asked whether it is so."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.models import ConsentEvent, ConsentSubject, NoticeVersion, TokenKind
from app.models.consent_kinds import Medium
from app.policy import consents as reading
from app.queries import consents as found
from app.services import form_labels, outside_mail, public_pages, public_tokens
from app.services.consent_acts import Act
from app.services.opt_in import TERM, Desk
from app.services.outside_mail import Reader
from app.services.posting import sender_of


def wording(session: Session, act: Act, at: datetime) -> str:
    """What the button will say yes to, line by line: in the words of forms, from the notice."""
    told = session.get_one(NoticeVersion, act.notice_id)
    named = {row["id"]: row for row in told.purposes}
    root = named.pop(act.purpose_id, None)
    if root is None:
        return ""
    above = found.tree(session)
    below = [row["label"] for of, row in named.items() if reading.is_below(above, of, root["id"])]
    spoken = told.language if told.language in form_labels.LANGUAGES else "en"
    media = [Medium(one) for one in act.media or root["media"]]
    who = sender_of(session, at).name
    lines = (
        form_labels.label(spoken, medium, root["label"], who, below)
        for medium in media
        if medium in form_labels.ASKED
    )
    return "\n".join(lines) or str(root["label"])


def ask(
    session: Session, desk: Desk, subject: ConsentSubject, asked: ConsentEvent, at: datetime
) -> None:
    """Write to the mailbox of this request: a link to a button, and one that stops."""
    told = session.get_one(NoticeVersion, asked.notice_version_id)
    scope = {"nonce": asked.nonce, "phone": ""}
    token = public_tokens.issue(session, TokenKind.CONFIRM, subject.id, at, scope=scope, term=TERM)
    stop = public_pages.stop_link(
        session, subject.id, desk.base_url, at, purposes=[asked.purpose_id]
    )
    values = {
        "link": f"{desk.base_url}/p/k/{token}?lang={told.language}",
        "statements": asked.statement.split("\n"),
        "day": asked.occurred_at.date(),
        "days": TERM.days,
    }
    reader = Reader(asked.point_value, told.language, stop)
    outside_mail.write(session, "spoken", reader, values, at)
