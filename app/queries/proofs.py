"""What each program that reads a book has proved of a removal, from its readers' receipts.

A reader is what a chain of tokens, or of listings, tells apart; a program is a reader with all
that it was before it was set up again. Which readers are one program is a heuristic, asked
anew each time: a reader that is heard from again counts for itself again.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.models import Reader, Receipt

SET_UP_AGAIN_AFTER = timedelta(days=30)
"""A reader silent since another of its family began is taken for that one's past after this."""


_CHUNK = 500


class Proof(IntEnum):
    """What one program has proved of one removal, from nothing to everything."""

    NONE = 0
    TOLD = 1
    LISTED = 2
    CONFIRMED = 3


@dataclass(frozen=True)
class Program:
    """Readers that are one program, the first of them first, and the receipts that count."""

    readers: tuple[Reader, ...]
    receipts: tuple[Receipt, ...] = ()

    @property
    def standing(self) -> tuple[Reader, ...]:
        """The readers whose proofs count: since an older state of the phone last came back."""
        return _standing(self.readers)

    @property
    def came_back_at(self) -> datetime | None:
        """When it came as an older state of a phone that had been further; None for others."""
        first = self.standing[0]
        return first.started_at if first.parent_id is not None else None

    @property
    def has_read(self) -> bool:
        """Whether it was given cards; who only looked at a listing knows no contact."""
        return any(has_read(reader) for reader in self.readers)

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
        return max(_proof(reader, closed_seq) for reader in self.standing)

    def first(self, closed_seq: int, column: str) -> datetime | None:
        """When a receipt for that revision or a later one first shows this instant."""
        found = (getattr(r, column) for r in self.receipts if r.seq >= closed_seq)
        return min((at for at in found if at is not None), default=None)


def _standing(readers: Sequence[Reader]) -> tuple[Reader, ...]:
    """What was proved before an older state came back was undone by it."""
    places = [place for place, reader in enumerate(readers) if reader.parent_id is not None]
    return tuple(readers[max(places, default=0) :])


def has_read(reader: Reader) -> bool:
    """Whether it was given cards, as far as this database knows."""
    return reader.has_fetched or max(reader.told_seq, reader.acked_seq) >= 0


def _was_offered(reader: Reader, opened_seq: int, closed_seq: int | None) -> bool:
    began_in_time = closed_seq is None or reader.start_seq < closed_seq
    seen = max(reader.told_seq, reader.listed_seq, reader.supposed_seq)
    return has_read(reader) and began_in_time and seen >= opened_seq


def _proof(reader: Reader, closed_seq: int) -> Proof:
    if reader.acked_seq >= closed_seq:
        return Proof.CONFIRMED
    if reader.listed_seq >= closed_seq:
        return Proof.LISTED
    return Proof.TOLD if reader.told_seq >= closed_seq else Proof.NONE


def programs(session: Session, book_id: int, at: datetime) -> list[Program]:
    """Every program of a book as far as its readers tell, the oldest first."""
    return of_books(session, {book_id}, at)[book_id]


def of_books(session: Session, book_ids: Collection[int], at: datetime) -> dict[int, list[Program]]:
    """The programs of each of these books, in two statements for every five hundred of them."""
    found: dict[int, list[Program]] = {book_id: [] for book_id in book_ids}
    ordered = sorted(book_ids)
    for start in range(0, len(ordered), _CHUNK):
        wanted = Reader.book_id.in_(ordered[start : start + _CHUNK])
        readers, receipts = _readers(session, wanted), _receipts(session, wanted)
        for book_id, chain in ((b, c) for b in readers for c in chains(readers[b], at)):
            brought = tuple(one for reader in _standing(chain) for one in receipts[reader.id])
            found[book_id].append(Program(tuple(chain), brought))
    return found


def _receipts(session: Session, wanted: ColumnElement[bool]) -> dict[int, list[Receipt]]:
    query = select(Receipt).join(Reader, Reader.id == Receipt.reader_id).where(wanted)
    found: dict[int, list[Receipt]] = defaultdict(list)
    for receipt in session.scalars(query.order_by(Receipt.seq)):
        found[receipt.reader_id].append(receipt)
    return found


def _readers(session: Session, wanted: ColumnElement[bool]) -> dict[int, list[Reader]]:
    query = select(Reader).where(wanted).order_by(Reader.started_at, Reader.turn, Reader.id)
    found: dict[int, list[Reader]] = defaultdict(list)
    for reader in session.scalars(query):
        found[reader.book_id].append(reader)
    return found


def readers_of(session: Session, book_id: int) -> list[Reader]:
    """The readers of a book in the order in which they began."""
    return _readers(session, Reader.book_id == book_id)[book_id]


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


def silent(readers: Sequence[Reader]) -> list[Reader]:
    """The readers of which nothing was heard since another of their family began.

    Their owner may say that these are one, set up again; of whom that stands it is not asked.
    """
    return [
        reader
        for place, reader in enumerate(readers)
        if any(follows(reader, other) for other in readers[place + 1 :])
        and (reader.replaced_at is None or reader.replaced_at < reader.seen_at)
    ]


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


def unconfirmed(offered: Iterable[Program], closed: int | None) -> list[Program]:
    """Those of the programs that have not confirmed a removal made in this revision."""
    if closed is None:
        return []
    return [program for program in offered if program.proof(closed) is not Proof.CONFIRMED]
