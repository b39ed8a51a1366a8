"""Somebody types an address and wants no more advertising there: it stops at once, for anybody.

A typed address proves nobody. So it stops marketing and no more, the mailbox on file is told,
and one press there undoes precisely this. The same statements run, and leave the same rows,
whether or not anybody has the address.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogues import OF_THE_OUTSIDE
from app.keys import KeyName
from app.letters import spoken
from app.models import Authority, StopEnd, StopGround, Suppression, TokenKind
from app.models.kinds import PointKind
from app.queries.public_tokens import HeldToken
from app.services import (
    consent_subjects,
    outside_mail,
    public_asks,
    public_tokens,
    suppressions,
)
from app.services.audit import record
from app.services.outside_mail import Reader
from app.services.public_asks import HIMSELF, Way

CAUSE = "off"


def off(session: Session, typed: str, way: Way, at: datetime) -> None:
    """Stop marketing to an address, and tell the mailbox on file. Raises Invalid for no address."""
    mark = consent_subjects.marked(way.keys.current(KeyName.EVIDENCE), PointKind.EMAIL, typed)
    said = (mark, suppressions.ALL_MARKETING, StopGround.OFF_LIST, at)
    stop = suppressions.suppress(session, HIMSELF, *said, authority=Authority.TYPED)
    stored = public_asks.stored(session, typed, way.keys, at)
    token = public_tokens.issue(
        session,
        TokenKind.UNDO,
        None,
        at,
        scope={"stop": stop.public_id},
        term=None if stored else timedelta(0),
    )
    language = spoken(way.language, among=OF_THE_OUTSIDE)
    values = {"link": f"{way.base_url}/p/undo/{token}?lang={language}"}
    row = outside_mail.write(session, CAUSE, Reader(stored, language), values, at)
    record(session, HIMSELF, "public.off", ("message", row.id), at)
    session.flush()


def undo(session: Session, held: HeldToken, at: datetime) -> None:
    """Take back precisely the stop that this link is about; twice is no error."""
    public_tokens.use(session, held.id, at)
    query = select(Suppression).where(Suppression.public_id == held.scope["stop"])
    row = session.scalars(query.with_for_update()).one()
    if row.ended_at is None:
        suppressions.end(session, HIMSELF, [row], StopEnd.UNDONE, at)
