"""How an import takes cards in: matched by an index, written in batches, one row for each."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.cards.card import Draft
from app.cards.read import Record
from app.models import Contact, Directory
from app.services import bases, contact_rows
from app.services.contact_rows import Change, Fresh, Writing
from app.services.contact_values import Value, clean, differences, filled, overlaid, state_of
from app.services.matching import Index, Known, Match

_BATCH = 500


class Outcome(StrEnum):
    """What became of a card."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SUPPRESSED = "suppressed"
    INVALID = "invalid"


@dataclass(slots=True)
class Row:
    """The result of one card: where it began, which contact it is, what became of it and why."""

    line: int
    uid: str | None
    outcome: Outcome
    reason: str = ""

    def say(self, *reasons: str) -> None:
        """Add to the reason."""
        self.reason = " ".join(filter(None, (self.reason, *reasons)))


@dataclass(frozen=True, slots=True)
class Report:
    """The results in the order of the file."""

    rows: Sequence[Row]

    def counts(self) -> dict[str, int]:
        """How often each outcome came out, none left away."""
        found = Counter(row.outcome for row in self.rows)
        return {outcome.value: found[outcome] for outcome in Outcome}


@dataclass(frozen=True, slots=True)
class Found:
    """A card of a contact that we know, waiting to be compared with it."""

    entry: Known
    match: Match
    draft: Draft
    fingerprint: str
    row: Row
    uid_is_free: bool

    @property
    def says_nothing_new(self) -> bool:
        """Whether the card is as it was when it came last; what was corrected here since stays."""
        return self.match is Match.CONTENT or self.fingerprint == self.entry.fingerprint

    @property
    def becomes_source(self) -> bool:
        """Whether the contact takes this card's UID, having none of its own."""
        return bool(self.draft.source_uid) and not self.entry.source_uid and self.uid_is_free


class Intake:
    """One import into one directory; without `writing` a rehearsal, which only reads."""

    def __init__(
        self, session: Session, home: Directory, at: datetime, writing: Writing | None = None
    ) -> None:
        self._session = session
        self._home = home
        self._writing = writing
        self._index = Index.of(session, home, at)
        self._lines: dict[str, int] = {}
        self._fresh: list[tuple[Known, Fresh]] = []
        self._found: list[Found] = []
        self._waiting: set[int] = set()

    def take(self, records: Iterable[Record]) -> Report:
        """Take every card; one that is no card costs the others nothing."""
        rows = []
        for item in records:
            rows.append(self._row(item))
            if len(self._waiting) >= _BATCH:
                self._flush()
        self._flush()
        return Report(rows)

    def _row(self, item: Record) -> Row:
        row = Row(item.line, None, Outcome.INVALID)
        row.say(item.problem, *item.notes)
        if item.draft is None:
            return row
        draft = self._with_own_uid(clean(item.draft), row)
        fingerprint, state = draft.fingerprint(), state_of(draft)
        hit = self._index.find(draft.source_uid, fingerprint, state)
        if hit is None:
            self._create(draft, fingerprint, state, row)
        else:
            is_free = not self._index.knows_uid(draft.source_uid)
            self._meet(Found(*hit, draft, fingerprint, row, uid_is_free=is_free))
        return row

    def _with_own_uid(self, draft: Draft, row: Row) -> Draft:
        """Some programs give many cards the same UID: it names the first of them only."""
        if not draft.source_uid:
            return draft
        first = self._lines.setdefault(draft.source_uid, row.line)
        if first == row.line:
            return draft
        row.say(f"The card at line {first} has the same UID.")
        return replace(draft, source_uid="")

    def _create(self, draft: Draft, fingerprint: str, state: dict[str, Value], row: Row) -> None:
        ground = bases.ground(self._home, draft.kind, draft.organisation, is_sole_trader=False)
        public_id = contact_rows.new_public_id()
        entry = Known(public_id, None, draft.source_uid, fingerprint, state=state)
        self._index.add(entry, state)
        self._fresh.append((entry, Fresh(public_id, draft, state, ground, fingerprint)))
        self._waiting.add(id(entry))
        row.outcome, row.uid = Outcome.CREATED, self._uid(entry)
        row.say(ground.note)

    def _meet(self, found: Found) -> None:
        entry, row = found.entry, found.row
        row.uid = self._uid(entry)
        if entry.is_erased:
            row.outcome = Outcome.SUPPRESSED
            row.say("This contact was erased here; an import does not bring it back.")
            return
        row.outcome = Outcome.UNCHANGED
        if found.says_nothing_new and not found.becomes_source:
            return
        if id(entry) in self._waiting:
            self._flush()
        self._found.append(found)
        self._waiting.add(id(entry))

    def _uid(self, entry: Known) -> str | None:
        """The public id, where there is or will be such a contact."""
        return entry.public_id if entry.id is not None or self._writing else None

    def _flush(self) -> None:
        self._insert()
        unknown = [f.entry.id for f in self._found if f.entry.state is None and f.entry.id]
        loaded = contact_rows.states(self._session, unknown)
        changes = []
        for found in self._found:
            old = found.entry.state or loaded[found.entry.id or 0]
            new = self._compared(found, old)
            if differences(old, new):
                found.row.outcome = Outcome.UPDATED
                changes.append(Change(found.entry.id or 0, old, new, found.draft.photo))
                self._index.changed(found.entry, new)
            found.entry.state = None if self._writing else new
        self._write(changes)
        self._fresh, self._found, self._waiting = [], [], set()

    def _insert(self) -> None:
        if self._writing is None:
            return
        fresh = [item for _, item in self._fresh]
        ids = contact_rows.insert_contacts(self._session, self._writing, fresh)
        for entry, item in self._fresh:
            # From here on the database knows better, and ten thousand states weigh something.
            entry.id, entry.state = ids[item.public_id], None

    def _compared(self, found: Found, old: dict[str, Value]) -> dict[str, Value]:
        """What the contact says with this card."""
        if found.says_nothing_new:
            return old
        if found.match is Match.UID:
            return overlaid(old, found.draft)
        return filled(old, found.draft, self._home.country)

    def _write(self, changes: list[Change]) -> None:
        sources = [f for f in self._found if f.match is Match.UID or f.becomes_source]
        for found in sources:
            self._index.adopt(found.entry, found.draft.source_uid, found.fingerprint)
        if self._writing is None:
            return
        contact_rows.apply_changes(self._session, self._writing, changes)
        rows = [
            {
                "id": found.entry.id,
                "source_uid": found.entry.source_uid,
                "fingerprint": found.entry.fingerprint,
            }
            for found in sources
        ]
        if rows:
            self._session.execute(update(Contact), rows)
