"""Which contact of a directory an imported card is: by UID, by content, by name and a point.

One preloaded index answers for ten thousand cards; contacts made or changed by the same import
are in it as well.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cards.text import folded
from app.models import Contact, ContactPoint, Directory
from app.services.contact_values import State, Value, point_norm, points_of

_COMPARED = ("phones", "emails")


class Match(StrEnum):
    """What a card and a contact have in common, the surest first."""

    UID = "uid"
    CONTENT = "content"
    NAME = "name"


@dataclass(slots=True, eq=False)
class Known:
    """A contact that an import may meet; `id` is None until it is written."""

    public_id: str
    id: int | None = None
    source_uid: str = ""
    fingerprint: str = ""
    is_erased: bool = False
    state: dict[str, Value] | None = None


class Index:
    """Every contact of one directory, found by what a card says."""

    def __init__(self, country: str) -> None:
        self._country = country
        self._by_uid: dict[str, Known] = {}
        self._by_content: dict[str, Known] = {}
        self._by_point: dict[tuple[str, str], list[Known]] = defaultdict(list)

    @classmethod
    def of(cls, session: Session, home: Directory, at: datetime) -> "Index":
        """The index of a directory.

        What is merged away is known by its UID and content as the contact it became part of;
        what is erased is known by them too, so that an import never brings it back.
        """
        index = cls(home.country)
        query = select(
            *(Contact.id, Contact.public_id, Contact.source_uid, Contact.fingerprint),
            *(Contact.full_name, Contact.organisation),
            *(Contact.erased_at, Contact.merged_at, Contact.merged_into_id),
        ).where(Contact.directory_id == home.id)
        rows = session.execute(query.order_by(Contact.id)).all()
        known = {
            row.id: Known(row.public_id, row.id, row.source_uid, row.fingerprint) for row in rows
        }
        became = {r.id: r.merged_into_id for r in rows if r.merged_at <= at and r.merged_into_id}
        norms = _norms(session, home)
        for row in rows:
            entry = known[_survivor(row.id, became, known)]
            index._remember(entry, row.source_uid, row.fingerprint)
            if row.erased_at <= at:
                entry.is_erased = True
            elif row.id not in became:
                index._name(entry, row.full_name or row.organisation, norms[row.id])
        return index

    def add(self, entry: Known, state: State) -> None:
        """Know a contact that this import makes."""
        self._remember(entry, entry.source_uid, entry.fingerprint)
        self._name(entry, _name_of(state), self._norms_of(state))

    def changed(self, entry: Known, state: State) -> None:
        """Know a contact by what it says since this import changed it, and by what it said."""
        self._name(entry, _name_of(state), self._norms_of(state))

    def adopt(self, entry: Known, source_uid: str, fingerprint: str) -> None:
        """Let a contact be the one that this card is from now on."""
        entry.source_uid, entry.fingerprint = source_uid, fingerprint
        self._remember(entry, source_uid, fingerprint)

    def knows_uid(self, source_uid: str) -> bool:
        """Whether a contact of the directory has this UID, or had it before it was merged."""
        return source_uid in self._by_uid

    def find(self, source_uid: str, fingerprint: str, state: State) -> tuple[Known, Match] | None:
        """The contact that a card is, and by what it was found; None for a new one."""
        if source_uid in self._by_uid:
            entry = self._by_uid[source_uid]
            # A card merged away is another card of the contact that it became part of.
            return entry, Match.UID if entry.source_uid == source_uid else Match.NAME
        if fingerprint in self._by_content:
            return self._by_content[fingerprint], Match.CONTENT
        name = _key(_name_of(state))
        found = {
            id(entry): entry
            for norm in self._norms_of(state)
            for entry in self._by_point.get((name, norm), ())
        }
        # Two that fit equally well are nobody's to choose between.
        return (next(iter(found.values())), Match.NAME) if name and len(found) == 1 else None

    def _remember(self, entry: Known, source_uid: str, fingerprint: str) -> None:
        if source_uid:
            self._by_uid[source_uid] = entry
        if fingerprint:
            self._by_content.setdefault(fingerprint, entry)

    def _name(self, entry: Known, name: str, norms: Iterable[str]) -> None:
        for norm in norms:
            entries = self._by_point[_key(name), norm]
            if entry not in entries:
                entries.append(entry)

    def _norms_of(self, state: State) -> set[str]:
        return {
            norm
            for name in _COMPARED
            for point in points_of(state, name)
            if (norm := point_norm(name, point.value, self._country))
        }


def _norms(session: Session, home: Directory) -> dict[int, set[str]]:
    """The comparable phones and e-mails of every contact of a directory."""
    query = (
        select(ContactPoint.contact_id, ContactPoint.norm)
        .join(Contact, Contact.id == ContactPoint.contact_id)
        .where(Contact.directory_id == home.id, ContactPoint.norm != "")
    )
    found: dict[int, set[str]] = defaultdict(set)
    for contact_id, norm in session.execute(query):
        found[contact_id].add(norm)
    return found


def _survivor(contact_id: int, became: Mapping[int, int], known: Mapping[int, Known]) -> int:
    """What a contact has become by merging; itself where that lies in another directory."""
    seen = set()
    last = contact_id
    while last in became and last not in seen and became[last] in known:
        seen.add(last)
        last = became[last]
    return last


def _name_of(state: State) -> str:
    return str(state["full_name"] or state["organisation"])


@lru_cache(maxsize=64)
def _key(name: str) -> str:
    """Programs disagree whether the surname comes first."""
    return " ".join(sorted(folded(name).split()))
