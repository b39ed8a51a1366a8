"""The programs behind one device's password, as their requests tell them apart."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Book
from app.queries import proofs
from app.queries.proofs import Program, Proof


class Way(StrEnum):
    """How a program syncs: one that only lists can never confirm a removal."""

    TOKEN = "token"  # noqa: S105 - a sync token
    LISTING = "listing"


@dataclass(frozen=True, slots=True)
class ProgramView:
    """One program: what it calls itself, since when, and whether it is as far as its book.

    `set_ups` counts how often it began anew; `came_back_at` is when it came as an older state of
    a phone. `may_be_past`: silent since another of its kind began, so that its owner may say that
    both are one, set up again. `said_at` is when he did; `heard_again_at` when the older one was
    heard from after that, which undid his word.
    """

    book: str
    program: str
    way: Way
    set_ups: int
    began_at: datetime
    heard_at: datetime
    is_up_to_date: bool
    came_back_at: datetime | None
    may_be_past: bool
    said_at: datetime | None
    heard_again_at: datetime | None


def of_device(session: Session, device_id: int, at: datetime) -> list[ProgramView]:
    """Every program that was ever given cards of this device, the oldest first."""
    books = session.scalars(select(Book).where(Book.device_id == device_id).order_by(Book.id))
    return [
        _view(book, program, silent)
        for book in books.all()
        for silent in [{one.id for one in proofs.silent(proofs.readers_of(session, book.id))}]
        for program in proofs.programs(session, book.id, at)
        if program.has_read
    ]


def _view(book: Book, program: Program, silent: set[int]) -> ProgramView:
    last = program.readers[-1]
    shows_tokens = any(max(one.told_seq, one.acked_seq) >= 0 for one in program.readers)
    way = Way.TOKEN if shows_tokens else Way.LISTING
    proved = program.proof(book.seq)
    said = [one.replaced_at for one in program.readers if one.replaced_at is not None]
    is_undone = last.replaced_at is not None and last.replaced_at < last.seen_at
    return ProgramView(
        book=book.key,
        program=last.family,
        way=way,
        set_ups=len(program.readers),
        began_at=program.readers[0].started_at,
        heard_at=max(one.seen_at for one in program.readers),
        is_up_to_date=proved is (Proof.CONFIRMED if way is Way.TOKEN else Proof.LISTED),
        came_back_at=program.came_back_at,
        may_be_past=last.id in silent,
        said_at=max(said, default=None),
        heard_again_at=last.seen_at if is_undone else None,
    )
