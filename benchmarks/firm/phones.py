"""A phone for everybody, and the books of what they hold, all settled."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app import clock
from app.db import FOREVER
from app.models import (
    Book,
    Device,
    Holding,
    Reader,
    Receipt,
)
from app.models.kinds import HoldingKind
from app.services import journal
from firm.plan import (
    CARDS,
    FULL,
    KEPT,
    OPEN,
    OVER,
    PHONES,
    SECOND,
    SHARED,
    Plan,
    Size,
    many,
    taking_part,
    workers,
)


def phones(session: Session, size: Size, plan: Plan) -> None:
    """A phone for everybody, more for some, and the books of what they hold, all settled."""
    owners = [*range(1, size.people + 1), *([CARDS] * (PHONES - 1)), *list(workers(size))[:SECOND]]
    at, now, mark = plan.at, clock.now(), journal.position(session)
    numbers = dict(enumerate(owners, start=1))
    many(
        session,
        Device,
        (
            {
                "id": n,
                "public_id": f"{n:032x}",
                "user_id": owner,
                "name": f"Telefon {n}",
                "password_mac": f"mac{n}",
                "key_id": "k",
                "enrolled_at": at,
                "seen_at": now,
            }
            for n, owner in numbers.items()
        ),
    )
    if session.get_bind().dialect.name == "sqlite":
        mark = journal.position(session)
    else:
        # What this very transaction writes counts as touched until it is over.
        mark = int(session.scalar(text("SELECT pg_current_xact_id()::text::bigint")) or 0) + 1
    book = {"key": "all", "epoch": "e", "tag": "t", "mark": mark, "seq": 2, "checked_at": now}
    many(
        session,
        Book,
        (book | {"id": n, "device_id": n, "next_at": FOREVER} for n in numbers),
    )
    many(
        session,
        Reader,
        (
            {
                "id": n,
                "book_id": n,
                "family": "iOS",
                "start_seq": 0,
                "told_seq": 2,
                "acked_seq": 2 if n % 4 else 1,
                "has_fetched": True,
                "started_at": at,
                "seen_at": now,
            }
            for n in numbers
        ),
    )
    many(
        session,
        Receipt,
        (
            {"reader_id": n, "seq": seq, "told_at": now, "acked_at": now if n % 4 else None}
            for n in numbers
            for seq in (1, 2)
        ),
    )
    many(session, Holding, holdings(size, plan, numbers, now))


def holdings(
    size: Size, plan: Plan, numbers: dict[int, int], now: datetime
) -> Iterator[dict[str, Any]]:
    """What each phone holds, and what the end of the big project took from it."""
    shared = plan.contacts[plan.homes[SHARED]][:KEPT]
    inside = set(workers(size))
    for number, owner in numbers.items():
        held = plan.contacts[plan.homes[FULL]] if owner == CARDS else shared
        open_ = taking_part(plan, OPEN) if owner in inside else []
        for contact in dict.fromkeys([*held, *open_]):
            yield holding(number, contact, plan.at, None, None)
        for contact in taking_part(plan, OVER) if owner in inside else []:
            yield holding(number, contact, plan.at, 2, now)


def holding(
    book: int, contact: int, at: datetime, closed: int | None, ended: datetime | None
) -> dict[str, Any]:
    """One value that the phone fetched."""
    return {
        "book_id": book,
        "contact_id": contact,
        "kind": HoldingKind.CARD,
        "href": f"{contact}.vcf",
        "etag": "x",
        "version": contact,
        "profile": 1,
        "opened_seq": 1,
        "offered_at": at,
        "fetched_at": at,
        "closed_seq": closed,
        "ended_at": ended,
        "is_gone": closed is not None,
    }
