"""Which contact of a directory an imported card is: by UID, by content, by name and a point.

The index is loaded for a few cards at a time, in the transaction that writes them: it is small
and never out of date. Contacts made or changed by these cards are in it as they are now, so
that it makes no difference how many cards are taken at once.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.cards.text import folded
from app.models import Contact, ContactPoint, Directory
from app.services import contact_rows
from app.services.contact_values import State, Value, point_norm, points_of

_COMPARED = ("phones", "emails")
_UNWRITTEN = 10**15
"""The place of a contact without an id, behind all that have one."""


class Match(StrEnum):
    """What a card and a contact have in common, the surest first."""

    UID = "uid"
    CONTENT = "content"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Marks:
    """That by which a card can be found: UID, content, and its name with each phone or e-mail."""

    source_uid: str
    fingerprint: str
    name: str
    norms: frozenset[str]

    @property
    def named(self) -> set[tuple[str, str]]:
        """The name with each point; none where there is no name."""
        return {(self.name, norm) for norm in self.norms} if self.name else set()


NO_MARKS = Marks("", "", "", frozenset())


@dataclass(slots=True, eq=False)
class Known:
    """A contact that an import may meet; `id` is None until it is written."""

    public_id: str
    id: int | None = None
    source_uid: str = ""
    fingerprint: str = ""
    is_erased: bool = False
    place: int = _UNWRITTEN
    state: dict[str, Value] = field(default_factory=dict)
    named: frozenset[tuple[str, str]] = frozenset()


def marks_of(source_uid: str, fingerprint: str, state: State, country: str) -> Marks:
    """The marks of a card or a contact that says this."""
    norms = {
        norm
        for name in _COMPARED
        for point in points_of(state, name)
        if (norm := point_norm(name, point.value, country))
    }
    name = _key(str(state["full_name"] or state["organisation"]))
    return Marks(source_uid, fingerprint, name, frozenset(norms))


class Index:
    """The contacts of one directory that some cards may be; `locks` where they will be written."""

    def __init__(self, session: Session, home: Directory, at: datetime, *, locks: bool) -> None:
        self._session = session
        self._home = home
        self._at = at
        self._locks = locks
        self._known: dict[int, Known] = {}
        self._rows: dict[int, Row[Any]] = {}
        self._learned: set[int] = set()
        self._fresh = 0
        self._by_uid: dict[str, Known] = {}
        self._by_content: dict[str, dict[int, Known]] = defaultdict(dict)
        self._by_point: dict[tuple[str, str], list[Known]] = defaultdict(list)

    def learn(self, cards: Collection[Marks]) -> None:
        """Know every contact that one of these cards may be.

        What is merged away is known by its UID and content as the contact it became part of;
        what is erased is known by them too, so that an import never brings it back.
        """
        found = self._candidates(cards) - self._learned
        self._learned |= found
        self._load(found - self._rows.keys())
        fresh = {self._survivor(row_id) for row_id in found} - self._known.keys()
        for row_id in fresh:
            row = self._rows[row_id]
            self._known[row_id] = Known(
                row.public_id, row.id, row.source_uid, row.fingerprint, place=row.id
            )
            self._known[row_id].is_erased = row.erased_at <= self._at
        for row_id in sorted(found):
            row, entry = self._rows[row_id], self._known[self._survivor(row_id)]
            entry.is_erased = entry.is_erased or row.erased_at <= self._at
            self._remember(entry, row.id, row.source_uid, row.fingerprint)
        self._describe(sorted(fresh))

    def add(self, entry: Known, marks: Marks) -> None:
        """Know a contact that this import makes."""
        self._fresh += 1
        entry.place = _UNWRITTEN + self._fresh
        self._remember(entry, entry.place, entry.source_uid, entry.fingerprint)
        self._name(entry, marks.named)

    def changed(self, entry: Known, state: dict[str, Value]) -> None:
        """Know a contact by what it says now, and no longer by what it said."""
        entry.state = state
        self._name(entry, marks_of("", "", state, self._home.country).named)

    def adopt(self, entry: Known, source_uid: str, fingerprint: str) -> None:
        """Let a contact be the one that this card is from now on."""
        self._by_content[entry.fingerprint].pop(entry.place, None)
        entry.source_uid, entry.fingerprint = source_uid, fingerprint
        self._remember(entry, entry.place, source_uid, fingerprint)

    def knows_uid(self, source_uid: str) -> bool:
        """Whether a contact of the directory has this UID, or had it before it was merged."""
        return source_uid in self._by_uid

    def find(self, card: Marks) -> tuple[Known, Match] | None:
        """The contact that a card is, and by what it was found; None for a new one."""
        if card.source_uid in self._by_uid:
            entry = self._by_uid[card.source_uid]
            # A card merged away is another card of the contact that it became part of.
            return entry, Match.UID if entry.source_uid == card.source_uid else Match.NAME
        same = self._by_content.get(card.fingerprint)
        if same:
            return same[min(same)], Match.CONTENT
        found = {id(entry): entry for key in card.named for entry in self._by_point.get(key, ())}
        # Two that fit equally well are nobody's to choose between.
        return (next(iter(found.values())), Match.NAME) if len(found) == 1 else None

    def _candidates(self, cards: Collection[Marks]) -> set[int]:
        """The ids of what may be meant, found by indexes."""
        uids = _any(Contact.source_uid, {card.source_uid for card in cards})
        prints = _any(Contact.fingerprint, {card.fingerprint for card in cards})
        found: set[int] = set()
        for condition in (*uids, *prints):
            query = select(Contact.id).where(Contact.directory_id == self._home.id, *condition)
            found.update(self._session.scalars(query))
        named = {key for card in cards for key in card.named}
        for condition in _any(ContactPoint.norm, {norm for _, norm in named}):
            points = (
                select(Contact.id, Contact.full_name, Contact.organisation, ContactPoint.norm)
                .join(ContactPoint, ContactPoint.contact_id == Contact.id)
                .where(Contact.directory_id == self._home.id, *condition)
            )
            for row_id, name, firm, norm in self._session.execute(points):
                if (_key(name or firm), norm) in named:
                    found.add(row_id)
        return found

    def _load(self, ids: Iterable[int]) -> None:
        """Read these contacts and, as far as they are merged, what they became."""
        missing = set(ids)
        while missing:
            for part in contact_rows.chunks(sorted(missing)):
                if self._locks:
                    contact_rows.lock(self._session, part)
                query = select(
                    *(Contact.id, Contact.public_id, Contact.source_uid, Contact.fingerprint),
                    *(Contact.erased_at, Contact.merged_at, Contact.merged_into_id),
                ).where(Contact.id.in_(part), Contact.directory_id == self._home.id)
                self._rows.update({row.id: row for row in self._session.execute(query)})
            targets = {self._became(row_id) for row_id in missing & self._rows.keys()}
            missing = {target for target in targets - missing if target is not None}
            missing -= self._rows.keys()

    def _became(self, row_id: int) -> int | None:
        row = self._rows[row_id]
        return row.merged_into_id if row.merged_at <= self._at else None

    def _survivor(self, row_id: int) -> int:
        """What a contact has become by merging; itself where that lies in another directory."""
        seen = set()
        last = row_id
        while (target := self._became(last)) in self._rows and last not in seen:
            seen.add(last)
            last = target or last
        return last

    def _describe(self, ids: Sequence[int]) -> None:
        """What these contacts say, and by which names and points they are found."""
        for row_id, state in contact_rows.states(self._session, ids).items():
            self._known[row_id].state = state
        named: dict[int, set[tuple[str, str]]] = defaultdict(set)
        for part in contact_rows.chunks(ids):
            query = select(ContactPoint.contact_id, ContactPoint.norm).where(
                ContactPoint.contact_id.in_(part), ContactPoint.norm != ""
            )
            for row_id, norm in self._session.execute(query):
                state = self._known[row_id].state
                named[row_id].add((_key(str(state["full_name"] or state["organisation"])), norm))
        for row_id, keys in named.items():
            if not self._known[row_id].is_erased and self._became(row_id) is None:
                self._name(self._known[row_id], keys)

    def _remember(self, entry: Known, place: int, source_uid: str, fingerprint: str) -> None:
        if source_uid:
            self._by_uid[source_uid] = entry
        if fingerprint:
            self._by_content[fingerprint][place] = entry

    def _name(self, entry: Known, keys: Iterable[tuple[str, str]]) -> None:
        for key in entry.named:
            self._by_point[key].remove(entry)
        entry.named = frozenset(keys)
        for key in entry.named:
            self._by_point[key].append(entry)


def _any(
    column: InstrumentedAttribute[str], texts: set[str]
) -> Iterable[tuple[ColumnElement[bool], ...]]:
    """Conditions which together say that a column has one of these texts, the empty one left out.

    That it is not empty is said apart: SQLite uses a partial index only where its WHERE stands.
    """
    for part in contact_rows.chunks(sorted(texts - {""})):
        yield column != "", column.in_(part)


@lru_cache(maxsize=4096)
def _key(name: str) -> str:
    """Programs disagree whether the surname comes first."""
    return " ".join(sorted(folded(name).split()))
