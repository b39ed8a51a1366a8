"""What each reader of a book has proved of a removal, read from its receipts."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Holding, Reader, Receipt


class Proof(IntEnum):
    """What one reader has proved of one removal, from nothing to everything."""

    NONE = 0
    TOLD = 1
    LISTED = 2
    CONFIRMED = 3


@dataclass(frozen=True)
class Trail:
    """One reader with the instants of its receipts."""

    reader: Reader
    receipts: list[Receipt]

    def was_offered(self, holding: Holding) -> bool:
        """Whether this reader was shown the value while it stood."""
        reader = self.reader
        seen = max(reader.told_seq, reader.listed_seq)
        began_in_time = holding.closed_seq is None or reader.start_seq < holding.closed_seq
        has_read = reader.has_fetched or max(reader.told_seq, reader.acked_seq) >= 0
        return has_read and began_in_time and seen >= holding.opened_seq

    def proof(self, closed_seq: int) -> Proof:
        """What it has proved of a removal made in that revision."""
        if self.reader.acked_seq >= closed_seq:
            return Proof.CONFIRMED
        if self.reader.listed_seq >= closed_seq:
            return Proof.LISTED
        return Proof.TOLD if self.reader.told_seq >= closed_seq else Proof.NONE

    def first(self, closed_seq: int, column: str) -> datetime | None:
        """When a receipt for that revision or a later one first shows this instant."""
        found = (getattr(r, column) for r in self.receipts if r.seq >= closed_seq)
        return min((at for at in found if at is not None), default=None)


def trails(session: Session, book_id: int) -> list[Trail]:
    """Every reader of a book with its receipts, the oldest first."""
    readers = session.scalars(select(Reader).where(Reader.book_id == book_id)).all()
    receipts: dict[int, list[Receipt]] = defaultdict(list)
    query = select(Receipt).where(Receipt.reader_id.in_([reader.id for reader in readers]))
    for receipt in session.scalars(query.order_by(Receipt.seq)):
        receipts[receipt.reader_id].append(receipt)
    return [Trail(reader, receipts[reader.id]) for reader in readers]
