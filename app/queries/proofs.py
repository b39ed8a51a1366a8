"""What each program that reads a book has proved of a removal, from its readers' receipts.

A reader is what a chain of tokens, or of listings, tells apart; a program is a reader with all
that it was before it was set up again. Which readers are one program is a heuristic, asked
anew each time: a reader that is heard from again counts for itself again.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Reader, Receipt

SET_UP_AGAIN_AFTER = timedelta(days=30)
"""A reader silent since another of its family began is taken for that one's past after this."""


class Proof(IntEnum):
    """What one program has proved of one removal, from nothing to everything."""

    NONE = 0
    TOLD = 1
    LISTED = 2
    CONFIRMED = 3


@dataclass(frozen=True)
class Program:
    """Readers that are one program, the first of them first, and all their receipts."""

    readers: tuple[Reader, ...]
    receipts: tuple[Receipt, ...] = ()

    @property
    def has_read(self) -> bool:
        """Whether it was given cards; who only looked at a listing knows no contact."""
        return any(_has_read(reader) for reader in self.readers)

    @property
    def last_told_at(self) -> datetime | None:
        """When a revision was last answered to it."""
        found = (receipt.told_at for receipt in self.receipts)
        return max((at for at in found if at is not None), default=None)

    def was_offered(self, opened_seq: int, closed_seq: int | None) -> bool:
        """Whether it was shown, while it stood, the value opened and closed in these revisions."""
        return any(_was_offered(reader, opened_seq, closed_seq) for reader in self.readers)

    def proof(self, closed_seq: int) -> Proof:
        """What it has proved of a removal made in that revision."""
        return max(_proof(reader, closed_seq) for reader in self.readers)

    def first(self, closed_seq: int, column: str) -> datetime | None:
        """When a receipt for that revision or a later one first shows this instant."""
        found = (getattr(r, column) for r in self.receipts if r.seq >= closed_seq)
        return min((at for at in found if at is not None), default=None)


def _has_read(reader: Reader) -> bool:
    return reader.has_fetched or max(reader.told_seq, reader.acked_seq) >= 0


def _was_offered(reader: Reader, opened_seq: int, closed_seq: int | None) -> bool:
    began_in_time = closed_seq is None or reader.start_seq < closed_seq
    seen = max(reader.told_seq, reader.listed_seq)
    return _has_read(reader) and began_in_time and seen >= opened_seq


def _proof(reader: Reader, closed_seq: int) -> Proof:
    if reader.acked_seq >= closed_seq:
        return Proof.CONFIRMED
    if reader.listed_seq >= closed_seq:
        return Proof.LISTED
    return Proof.TOLD if reader.told_seq >= closed_seq else Proof.NONE


def programs(session: Session, book_id: int, at: datetime) -> list[Program]:
    """Every program of a book as far as its readers tell, the oldest first."""
    readers = readers_of(session, book_id)
    receipts: dict[int, list[Receipt]] = defaultdict(list)
    query = select(Receipt).where(Receipt.reader_id.in_([reader.id for reader in readers]))
    for receipt in session.scalars(query.order_by(Receipt.seq)):
        receipts[receipt.reader_id].append(receipt)
    return [
        Program(tuple(chain), tuple(found for one in chain for found in receipts[one.id]))
        for chain in chains(readers, at)
    ]


def readers_of(session: Session, book_id: int) -> list[Reader]:
    """The readers of a book in the order in which they began."""
    query = select(Reader).where(Reader.book_id == book_id)
    return list(session.scalars(query.order_by(Reader.started_at, Reader.turn, Reader.id)))


def chains(readers: Iterable[Reader], at: datetime) -> list[list[Reader]]:
    """The readers, given as they began, gathered into what was one program `at`."""
    rest = list(readers)
    found: list[list[Reader]] = []
    before: dict[int, list[Reader]] = {}
    for place, reader in enumerate(rest):
        chain = [*before.pop(reader.id, []), reader]
        later = (other for other in rest[place + 1 :] if follows(reader, other))
        heir = next((other for other in later if _is_heir(reader, other, at)), None)
        if heir is None:
            found.append(chain)
        else:
            before[heir.id] = [*before.get(heir.id, []), *chain]
    return found


def follows(reader: Reader, other: Reader) -> bool:
    """Whether the other began when this one had been heard from for the last time."""
    return reader.family == other.family and reader.seen_at <= other.started_at


def _is_heir(reader: Reader, other: Reader, at: datetime) -> bool:
    """Whether a reader that followed is the same program.

    It is by its owner's word, or after thirty days of silence, or where the first answer to it
    was lost: a first read that fetched no card, asked again by one that did.
    """
    is_said = reader.replaced_at is not None and reader.seen_at <= reader.replaced_at <= at
    was_lost = reader.acked_seq < 0 <= reader.told_seq and not reader.has_fetched
    is_silent = other.started_at + SET_UP_AGAIN_AFTER <= at
    return is_said or is_silent or (was_lost and other.has_fetched)


def offered_to(found: Iterable[Program], opened: int, closed: int | None) -> list[Program]:
    """The programs that were shown, while it stood, the value of these revisions."""
    return [program for program in found if program.was_offered(opened, closed)]
