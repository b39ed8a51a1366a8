"""How an import takes cards in: a few at a time, compared one after the other, written together.

Each card meets the contacts as the card before it left them; so a file comes out the same
however it is cut.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.cards.card import ContactKind, Draft
from app.cards.read import Record
from app.models import Contact, Directory
from app.models.kinds import Outcome
from app.queries import suppressions as suppressions_of
from app.queries.suppressions import Stop
from app.services import bases, contact_rows, suppressions
from app.services.contact_rows import STOPPED, Change, Fresh, Writing, compared
from app.services.contact_values import (
    NAMES,
    State,
    Value,
    clean,
    column_values,
    differences,
    filled,
    overlaid,
    state_of,
)
from app.services.matching import NO_MARKS, Index, Known, Marks, Match, marks_of
from app.services.stop_bases import OF_OUR_OWN_ACCORD

GONE = "Somebody with this e-mail or phone was erased here; an import does not bring him back."

REPORTED = tuple(outcome for outcome in Outcome if outcome is not Outcome.KEPT)
"""What can become of a card that is taken in."""


@dataclass(slots=True)
class Row:
    """The result of one card: where it began, which contact it is, what became of it and why.

    A reason is a line of `reason`. `before` holds UID and fingerprint of the contact as they were
    and as the card set them, `changed` names the fields that the card changes.
    """

    line: int
    uid: str | None
    outcome: Outcome
    reason: str = ""
    entry: Known | None = field(default=None, repr=False)
    before: dict[str, list[str]] | None = None
    name: str = field(default="", repr=False)
    changed: tuple[str, ...] = ()

    def say(self, *reasons: str) -> None:
        """Add to the reason."""
        self.reason = "\n".join(filter(None, (self.reason, *reasons)))

    def as_data(self) -> dict[str, Any]:
        """The row as a script reads it."""
        said = {"outcome": self.outcome.value, "reason": self.reason.replace("\n", " ")}
        return {"line": self.line, "uid": self.uid, **said}


@dataclass(frozen=True, slots=True)
class Report:
    """The results in the order of the file."""

    rows: Sequence[Row]

    def counts(self) -> dict[str, int]:
        """How often each outcome came out, none left away."""
        found = Counter(row.outcome for row in self.rows)
        return {outcome.value: found[outcome] for outcome in REPORTED}


@dataclass(frozen=True, slots=True)
class Ready:
    """A card made ready for the comparison, so that no transaction waits for it."""

    row: Row
    draft: Draft | None = None
    state: dict[str, Value] = field(default_factory=dict)
    marks: Marks = NO_MARKS
    columns: dict[str, Any] = field(default_factory=dict)


def ready(records: Iterable[Record], country: str) -> Iterator[Ready]:
    """The cards of a file, one by one; what a card repeats of an earlier one is said in its row.

    Some programs give many cards the same UID: it names the first of them only.
    """
    lines: dict[str, int] = {}
    doubles = Doubles()
    for item in records:
        row = Row(item.line, None, Outcome.INVALID)
        row.say(item.problem, *item.notes)
        if item.draft is None:
            yield Ready(row)
            continue
        draft = clean(item.draft)
        row.name = draft.shown_name()
        first = lines.setdefault(draft.source_uid, item.line) if draft.source_uid else item.line
        if first != item.line:
            row.say(f"The card at line {first} has the same UID.")
            draft = replace(draft, source_uid="")
        state = state_of(draft)
        marks = marks_of(draft.source_uid, draft.fingerprint(), state, country)
        row.say(_nameless(draft), doubles.of(marks, item.line))
        yield Ready(row, draft, state, marks, column_values(state, country))


def _real(cards: Iterable[Ready]) -> list[Ready]:
    return [card for card in cards if card.draft is not None]


class Doubles:
    """What the cards of one file have in common, whatever is known of them already."""

    def __init__(self) -> None:
        self._contents: dict[str, int] = {}
        self._named: dict[tuple[str, str], int] = {}

    def of(self, marks: Marks, line: int) -> str:
        """Which card before this one, at `line`, is the same, and in what; "" where none is."""
        same = self._contents.setdefault(marks.fingerprint, line)
        near = min([self._named.setdefault(key, line) for key in marks.named], default=line)
        if same != line:
            return f"The card at line {same} says the same."
        if near != line:
            return f"The card at line {near} has the same name and the same phone or e-mail."
        return ""


def _nameless(draft: Draft) -> str:
    if any(getattr(draft, name) for name in (*NAMES, "organisation")):
        return ""
    return "It has no name and no firm: its phone or e-mail stands for it."


class Intake:
    """One import into one directory; without `writing` a rehearsal, which only reads."""

    def __init__(
        self, session: Session, home: Directory, at: datetime, writing: Writing | None = None
    ) -> None:
        self._session = session
        self._home = home
        self._writing = writing
        self._index = Index(session, home, at, locks=writing is not None)
        self._fresh: list[tuple[Known, Fresh]] = []
        self._changed: list[tuple[Known, State, State, Draft]] = []
        self._adopted: list[Known] = []
        self._at = at
        self._stops: Mapping[int, Sequence[Stop]] = {}
        self._unlawful: Collection[int] = ()

    def take(self, cards: Sequence[Ready]) -> list[Row]:
        """Take these cards; one that is no card costs the others nothing."""
        self._index.learn([card.marks for card in cards])
        points = {id(card): compared(card.state, self._home.country) for card in _real(cards)}
        self._stops = suppressions_of.known_by(self._session, points, self._at)
        self._unlawful = suppressions.forbidden(self._session, self._home, points, self._at)
        for card in cards:
            if card.draft is not None:
                self._take(card, card.draft)
        if self._writing is not None:
            self._write(self._writing)
        self._fresh, self._changed, self._adopted = [], [], []
        return [card.row for card in cards]

    def _take(self, card: Ready, draft: Draft) -> None:
        hit = self._index.find(card.marks)
        if hit is None:
            self._welcome(card, draft)
            return
        entry, match = hit
        card.row.entry, card.row.uid = entry, self._uid(entry)
        if entry.is_erased:
            card.row.outcome = Outcome.SUPPRESSED
            card.row.say("This contact was erased here; an import does not bring it back.")
        else:
            card.row.outcome = Outcome.UNCHANGED
            self._meet(entry, match, card, draft)

    def _welcome(self, card: Ready, draft: Draft) -> None:
        """A card that is no contact yet becomes one, unless it is of somebody who was erased."""
        is_person = draft.kind is not ContactKind.ORGANISATION
        if is_person and suppressions.brings_nobody_back(self._stops.get(id(card), ())):
            card.row.outcome = Outcome.SUPPRESSED
            card.row.say(GONE)
        else:
            self._create(card, draft)

    def _create(self, card: Ready, draft: Draft) -> None:
        ground = bases.ground(self._home, draft.kind, draft.organisation, is_sole_trader=False)
        if ground.kind in OF_OUR_OWN_ACCORD and id(card) in self._unlawful:
            ground = replace(ground, kind=None, note=STOPPED)
        public_id = contact_rows.new_public_id()
        marks = card.marks
        entry = Known(public_id, None, marks.source_uid, marks.fingerprint, state=card.state)
        self._index.add(entry, marks)
        fresh = Fresh(public_id, draft, card.state, ground, marks.fingerprint, columns=card.columns)
        self._fresh.append((entry, fresh))
        card.row.outcome, card.row.entry, card.row.uid = Outcome.CREATED, entry, self._uid(entry)
        card.row.say(ground.note)

    def _meet(self, entry: Known, match: Match, card: Ready, draft: Draft) -> None:
        """Compare a card with the contact that it is, as the cards before left it.

        A card that is as it was when it came last says nothing new: what was corrected here
        since stays. A contact without a UID of its own takes that of the card.
        """
        marks = card.marks
        is_free = bool(marks.source_uid) and not self._index.knows_uid(marks.source_uid)
        becomes_source = is_free and not entry.source_uid
        is_news = match is not Match.CONTENT and marks.fingerprint != entry.fingerprint
        if is_news:
            old, new = entry.state, self._compared(entry.state, match, draft)
            card.row.changed = tuple(differences(old, new))
            if card.row.changed:
                card.row.outcome = Outcome.UPDATED
                self._changed.append((entry, old, new, draft))
                self._index.changed(entry, new)
        if becomes_source or (is_news and match is Match.UID):
            card.row.before = {
                "source_uid": [entry.source_uid, marks.source_uid],
                "fingerprint": [entry.fingerprint, marks.fingerprint],
            }
            self._index.adopt(entry, marks.source_uid, marks.fingerprint)
            self._adopted.append(entry)

    def _compared(self, old: State, match: Match, draft: Draft) -> dict[str, Value]:
        """What the contact says with this card."""
        if match is Match.UID:
            return overlaid(old, draft)
        return filled(old, draft, self._home.country)

    def _uid(self, entry: Known) -> str | None:
        """The public id, where there is or will be such a contact."""
        return entry.public_id if entry.id is not None or self._writing else None

    def _write(self, writing: Writing) -> None:
        fresh = [item for _, item in self._fresh]
        ids = contact_rows.insert_contacts(self._session, writing, fresh)
        for entry, item in self._fresh:
            entry.id = ids[item.public_id]
        for changes in _in_turn(self._changed):
            contact_rows.apply_changes(self._session, writing, changes)
        rows = [
            {"id": entry.id, "source_uid": entry.source_uid, "fingerprint": entry.fingerprint}
            for entry in self._adopted
        ]
        if rows:
            self._session.execute(update(Contact), rows)


def _in_turn(changed: Iterable[tuple[Known, State, State, Draft]]) -> list[list[Change]]:
    """The changes in rounds: a contact that several cards changed has one in each."""
    rounds: list[list[Change]] = []
    seen: Counter[int] = Counter()
    for entry, old, new, draft in changed:
        photo = draft.photo if old["photo_sha256"] != new["photo_sha256"] else None
        if seen[id(entry)] == len(rounds):
            rounds.append([])
        rounds[seen[id(entry)]].append(Change(entry.id or 0, old, new, photo))
        seen[id(entry)] += 1
    return rounds
