"""How many cards each of many devices holds and gives back, counted in the database.

The same readings as `ledger` makes card by card, in a constant number of statements: rows that
were opened and closed in the same revisions are read as one.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate

from sqlalchemy import (
    ColumnElement,
    exists,
    func,
    not_,
    select,
    true,
)
from sqlalchemy.orm import Session, aliased

from app.models import Book, Contact, Holding, Reader, Receipt
from app.models.kinds import HoldingKind
from app.queries import proofs, unsettled
from app.queries.proofs import Program, Proof


@dataclass
class Tally:
    """The cards of one device, and the programs behind its password.

    `held` are on it, `due` must go and nobody has told it yet, `gone` were taken back, by the
    weakest proof of it. `readers_confirmed` of the programs have confirmed all that each of them
    has to. The instants are the last ones; `came_back_at` is when an older state of the device
    came back that has not confirmed what is gone.
    """

    held: int = 0
    due: int = 0
    gone: Counter[Proof] = field(default_factory=Counter)
    readers: int = 0
    readers_confirmed: int = 0
    fetched_at: datetime | None = None
    confirmed_at: datetime | None = None
    came_back_at: datetime | None = None


@dataclass(frozen=True)
class _Acks:
    """When a program first acknowledged a revision or a later one, for every revision."""

    seqs: list[int]
    firsts: list[datetime]

    def first(self, seq: int) -> datetime | None:
        place = bisect_left(self.seqs, seq)
        return self.firsts[place] if place < len(self.firsts) else None


def of_devices(
    session: Session, device_ids: list[int], at: datetime, directory_id: int | None = None
) -> dict[int, Tally]:
    """The tallies of these devices by their ids, of all their cards or of one directory's alone.

    What programs read and when they last fetched is the device's, whichever cards are counted.
    """
    found = {device_id: Tally() for device_id in device_ids}
    query = select(Book.id, Book.device_id).where(Book.device_id.in_(device_ids))
    tallies = {book_id: found[device_id] for book_id, device_id in session.execute(query)}
    chains = _programs(session, list(tallies), at)
    for book_id, programs in chains.items():
        tallies[book_id].readers += sum(program.has_read for program in programs)
    asked_for = _lies_in(directory_id)
    _count_open(session, tallies, chains, asked_for, at)
    _count_gone(session, tallies, chains, asked_for)
    _last_told(session, tallies, chains)
    return found


def was_followed() -> ColumnElement[bool]:
    """Whether a later value of the same card came after this Holding in its book."""
    later = aliased(Holding)
    followed = exists().where(
        later.book_id == Holding.book_id,
        later.contact_id == Holding.contact_id,
        later.kind == HoldingKind.CARD,
        later.id > Holding.id,
    )
    return followed.correlate(Holding)


def _lies_in(directory_id: int | None) -> ColumnElement[bool]:
    """Whether a Holding is of a contact of this directory; of any where none is named."""
    if directory_id is None:
        return true()
    home = aliased(Contact)
    return Holding.contact_id.in_(select(home.id).where(home.directory_id == directory_id))


def _programs(session: Session, book_ids: list[int], at: datetime) -> dict[int, list[Program]]:
    """Every program of these books, without its receipts."""
    readers: dict[int, list[Reader]] = defaultdict(list)
    query = select(Reader).where(Reader.book_id.in_(book_ids))
    for reader in session.scalars(query.order_by(Reader.started_at, Reader.turn, Reader.id)):
        readers[reader.book_id].append(reader)
    return {
        book_id: [Program(tuple(chain)) for chain in proofs.chains(rows, at)]
        for book_id, rows in readers.items()
    }


def _count_open(
    session: Session,
    tallies: dict[int, Tally],
    chains: dict[int, list[Program]],
    asked_for: ColumnElement[bool],
    at: datetime,
) -> None:
    """Count the cards on the devices, and those of them that may not be there any more."""
    for book_id, count in _there(session, list(tallies), chains, asked_for):
        tallies[book_id].held += count
    for book_id, count in unsettled.hidden(session, list(tallies), asked_for, at):
        tallies[book_id].held -= count
        tallies[book_id].due += count


def _there(
    session: Session,
    book_ids: list[int],
    chains: dict[int, list[Program]],
    asked_for: ColumnElement[bool],
) -> list[tuple[int, int]]:
    """Book and number, once or more, of the cards that devices have: `unsettled.is_there`.

    Where a program that reads was offered a revision, none of its cards is looked at by itself.
    """
    shape = (Holding.book_id, Holding.opened_seq)
    query = (
        select(*shape, func.count())
        .where(Holding.book_id.in_(book_ids), unsettled.is_open_card(), asked_for)
        .group_by(*shape)
    )
    groups = session.execute(query).all()
    offered = {
        (book_id, opened)
        for book_id, opened, _ in groups
        if proofs.offered_to(chains.get(book_id, ()), opened, None)
    }
    if len(offered) < len(groups):
        fetched = session.execute(query.where(Holding.fetched_at.is_not(None))).all()
        groups = [g for g in groups if g[:2] in offered] + [
            g for g in fetched if g[:2] not in offered
        ]
    return [(book_id, count) for book_id, _, count in groups]


def _count_gone(
    session: Session,
    tallies: dict[int, Tally],
    chains: dict[int, list[Program]],
    asked_for: ColumnElement[bool],
) -> None:
    """Count the cards that were taken back by what is proved of it, and when it last was."""
    fetched = Holding.fetched_at.is_not(None)
    closing = func.coalesce(Holding.closed_seq, 0)
    shape = (Holding.book_id, Holding.opened_seq, closing, fetched)
    query = (
        select(*shape, func.count())
        .where(
            Holding.book_id.in_(tallies),
            Holding.kind == HoldingKind.CARD,
            Holding.closed_seq.is_not(None),
            not_(was_followed()),
            asked_for,
        )
        .group_by(*shape)
    )
    groups = session.execute(query).all()
    acks = _acks(session, chains, {group[0] for group in groups})
    owing: dict[int, set[int]] = defaultdict(set)
    for book_id, opened, closed, was_fetched, count in groups:
        offered = proofs.offered_to(chains.get(book_id, ()), opened, closed)
        if not (offered or was_fetched):
            continue
        weakest = min((program.proof(closed) for program in offered), default=Proof.NONE)
        tally = tallies[book_id]
        tally.gone[weakest] += count
        behind = proofs.unconfirmed(offered, closed)
        owing[book_id] |= {program.readers[0].id for program in behind}
        restored = [program.came_back_at for program in behind]
        tally.came_back_at = _latest([tally.came_back_at, *restored])
        if weakest is Proof.CONFIRMED:
            firsts = [acks[program.readers[0].id].first(closed) for program in offered]
            tally.confirmed_at = _latest([tally.confirmed_at, *firsts])
    for book_id, programs in chains.items():
        reading = {program.readers[0].id for program in programs if program.has_read}
        # Of what is due nobody has confirmed anything.
        done = set[int]() if tallies[book_id].due else reading - owing[book_id]
        tallies[book_id].readers_confirmed += len(done)


def _acks(
    session: Session, chains: dict[int, list[Program]], book_ids: set[int]
) -> dict[int, _Acks]:
    """What each program of these books acknowledged, by the id of its first reader."""
    programs = {
        reader.id: program.readers[0].id
        for book_id in book_ids
        for program in chains.get(book_id, ())
        for reader in program.standing
    }
    found: dict[int, list[tuple[int, datetime]]] = {first: [] for first in programs.values()}
    query = select(Receipt.reader_id, Receipt.seq, Receipt.acked_at).where(
        Receipt.reader_id.in_(programs), Receipt.acked_at.is_not(None)
    )
    acked = ((by, seq, at) for by, seq, at in session.execute(query) if at is not None)
    for reader_id, seq, acked_at in acked:
        found[programs[reader_id]].append((seq, acked_at))
    return {first: _first_acks(pairs) for first, pairs in found.items()}


def _first_acks(pairs: list[tuple[int, datetime]]) -> _Acks:
    pairs.sort()
    firsts = list(accumulate((at for _, at in reversed(pairs)), min))
    return _Acks([seq for seq, _ in pairs], firsts[::-1])


def _last_told(
    session: Session, tallies: dict[int, Tally], chains: dict[int, list[Program]]
) -> None:
    """Note when a revision was last answered to a program that reads."""
    owners = {
        reader.id: tallies[book_id]
        for book_id, programs in chains.items()
        for program in programs
        if program.has_read
        for reader in program.readers
    }
    query = select(Receipt.reader_id, func.max(Receipt.told_at)).where(
        Receipt.reader_id.in_(owners)
    )
    for reader_id, told_at in session.execute(query.group_by(Receipt.reader_id)):
        owners[reader_id].fetched_at = _latest([owners[reader_id].fetched_at, told_at])


def _latest(instants: Iterable[datetime | None]) -> datetime | None:
    return max((at for at in instants if at is not None), default=None)
