"""Nothing ends by surprise: who can renew is told 30, 14 and 3 days before, in one mail a day.

What is said is computed from the facts and the clock; what was said is a fact beside the mail,
so that a worker that was down tells once what is still ahead.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Sessions
from app.letters import Letter, compose, spoken
from app.models import Announcement, AnnouncementKind, User
from app.queries import endings
from app.queries.endings import Ending
from app.services import outbox
from app.services.audit import SYSTEM, record
from app.services.moments import last_day
from app.services.outbox import Cause
from app.services.posting import sender_of

DAYS = (30, 14, 3)
FROM_HOUR = 7
"""Nobody gets such a mail in the night."""

PAGE = "/renewals"


def announce(sessions: Sessions, zone: ZoneInfo, language: str, at: datetime) -> int:
    """Write to everybody who has something to renew and was not told yet; how many mails."""
    with sessions.read() as session:
        found = endings.of_everybody(session, at)
        due = {user_id: said for user_id, them in found.items() if (said := _due(them, at))}
        open_ends = [one for one, them in due.items() if _unsaid(session, one, them, zone, at)]
    written = 0
    for user_id in open_ends:
        with sessions.write() as session:
            written += _write(session, user_id, due[user_id], zone, language, at)
    return written


def stage(ending: Ending, at: datetime) -> int | None:
    """Which of the announcements is due, None for none.

    What began within that time needs none: whoever gave it knows when it ends.
    """
    if ending.kind is AnnouncementKind.REVIEW:
        return 0
    passed = (days for days in DAYS if ending.ends_at - timedelta(days=days) <= at)
    known = (d for d in passed if ending.began_at < ending.ends_at - timedelta(days=d))
    return min(known, default=None)


def _due(found: Sequence[Ending], at: datetime) -> list[tuple[Ending, int]]:
    staged = ((ending, stage(ending, at)) for ending in found)
    return [(ending, days) for ending, days in staged if days is not None]


def _unsaid(
    session: Session,
    user_id: int,
    due: Sequence[tuple[Ending, int]],
    zone: ZoneInfo,
    at: datetime,
) -> list[tuple[Ending, int]]:
    """What this user was not told yet; nothing where he was written to today."""
    rows = session.scalars(select(Announcement).where(Announcement.user_id == user_id)).all()
    today = at.astimezone(zone).date()
    if any(row.announced_at.astimezone(zone).date() == today for row in rows):
        return []
    said: dict[tuple[AnnouncementKind, int, datetime], int] = {}
    for row in rows:
        key = (row.kind, row.ref_id, row.ends_at)
        said[key] = min(row.days, said.get(key, row.days))
    return [
        (ending, days)
        for ending, days in due
        if (known := said.get((ending.kind, ending.ref_id, ending.ends_at))) is None or known > days
    ]


def _write(
    session: Session,
    user_id: int,
    due: Sequence[tuple[Ending, int]],
    zone: ZoneInfo,
    language: str,
    at: datetime,
) -> int:
    """Write the mail of one user, if no other worker was faster."""
    user = session.get_one(User, user_id, with_for_update={"key_share": True})
    unsaid = _unsaid(session, user_id, due, zone, at)
    if not unsaid:
        return 0
    letter = _letter(session, user, [ending for ending, _ in unsaid], zone, language, at)
    message = outbox.write(session, user, letter, Cause("ends", PAGE), at)
    for ending, days in unsaid:
        session.add(
            Announcement(
                user_id=user.id,
                kind=ending.kind,
                ref_id=ending.ref_id,
                ends_at=ending.ends_at,
                days=days,
                announced_at=at,
                message_id=message.id,
            )
        )
    record(session, SYSTEM, "ends.announce", ("user", user.id), at, ends=len(unsaid))
    session.flush()
    return 1


def _letter(
    session: Session,
    user: User,
    said: Sequence[Ending],
    zone: ZoneInfo,
    language: str,
    at: datetime,
) -> Letter:
    sender = sender_of(session, at)
    today = at.astimezone(zone).date()

    def lines(kind: AnnouncementKind) -> list[dict[str, object]]:
        return [
            {
                "name": one.name,
                "holder": one.holder,
                "day": last_day(one.ends_at, zone),
                "left": (last_day(one.ends_at, zone) - today).days,
            }
            for one in said
            if one.kind is kind
        ]

    values = {
        "access": lines(AnnouncementKind.ACCESS),
        "projects": lines(AnnouncementKind.PROJECT),
        "reviews": lines(AnnouncementKind.REVIEW),
        "address": sender.portal + PAGE,
    }
    return compose("ends", spoken(user.language, language), sender, values)
