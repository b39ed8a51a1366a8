"""Whether a consent holds: a reading of what happened to it, and of the clock. Pure.

What opens covers the pairs of purpose and medium that were displayed by name, and needs proof.
What closes covers its purpose and everything below it, now and later; no import opens that. Of
one second, and of one day where nothing finer is known, the one that closes wins. Anything
unknown means no.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from app.db import FOREVER
from app.models.consent_kinds import ConsentType, Medium, Precision

Tree = Mapping[int, int | None]
"""Purpose id -> the id of the purpose above it, or None."""

OPENING = frozenset(
    {ConsentType.GIVEN, ConsentType.CONFIRMED, ConsentType.RENEWED, ConsentType.IMPORTED}
)
CLOSING = frozenset(
    {
        ConsentType.REFUSED,
        ConsentType.WITHDRAWN,
        ConsentType.TERMINATED,
        ConsentType.INVALIDATED,
        ConsentType.OBJECTED,
    }
)
_LENGTHS = {
    Precision.INSTANT: timedelta(),
    Precision.DAY: timedelta(days=1),
    Precision.MONTH: timedelta(days=31),
}


class ConsentState(StrEnum):
    """What a consent is at an instant; only GIVEN authorises anything."""

    UNKNOWN = "unknown"
    REQUESTED = "requested"
    GIVEN = "given"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    OBJECTED = "objected"
    TERMINATED = "terminated"
    INVALIDATED = "invalidated"
    EXPIRED = "expired"
    RENEWAL_NEEDED = "renewal-needed"
    IMPORTED = "imported-unproven"


REASONS = {
    ConsentState.UNKNOWN: "Nothing is recorded.",
    ConsentState.REQUESTED: "It was asked for, and is not confirmed or not proved.",
    ConsentState.GIVEN: "It was given, with what was told then and with proof.",
    ConsentState.REFUSED: "It was refused.",
    ConsentState.WITHDRAWN: "It was withdrawn.",
    ConsentState.OBJECTED: "The person objected.",
    ConsentState.TERMINATED: "We ended it.",
    ConsentState.INVALIDATED: "An authority declared it invalid.",
    ConsentState.EXPIRED: "It was given, and its time is over.",
    ConsentState.RENEWAL_NEEDED: "It was given for another processing than the one of today.",
    ConsentState.IMPORTED: "It was taken over from elsewhere, without what was told or proof.",
}


@dataclass(frozen=True, slots=True)
class Event:
    """What the reading knows of one consent event.

    `covers` is what an opening act displayed by name; `media` what a closing one closes, empty
    for every medium. `since_at` is when the will was formed, where that was before it arrived:
    the form was opened then, the confirmed request made. `renew_at` says per purpose from when
    on a change of the processing asks anew.
    """

    id: int
    type: ConsentType
    purpose_id: int
    occurred_at: datetime
    recorded_at: datetime
    precision: Precision = Precision.INSTANT
    covers: frozenset[tuple[int, Medium]] = frozenset()
    media: frozenset[Medium] = frozenset()
    since_at: datetime | None = None
    valid_until: datetime = FOREVER
    is_proven: bool = False
    renew_at: Mapping[int, datetime] = field(default_factory=dict)
    public_id: str = ""

    @property
    def moment(self) -> datetime:
        """When it counts from, to the second: as late as can be for what closes."""
        when = self.occurred_at
        if self.type in CLOSING:
            when = min(when + _LENGTHS[self.precision], max(when, self.recorded_at))
        return when.replace(microsecond=0)

    @property
    def since(self) -> datetime:
        """What closed at this second or later is stronger than it."""
        return (self.since_at or self.occurred_at).replace(microsecond=0)

    @property
    def is_opening(self) -> bool:
        """Whether it lets something happen."""
        return self.type in OPENING and self.is_proven

    def ends_at(self, purpose_id: int) -> datetime:
        """Until when it holds for a purpose, unless something closes it."""
        return min(self.valid_until, self.renew_at.get(purpose_id, FOREVER))

    def state(self, purpose_id: int, at: datetime) -> ConsentState:
        """What it makes of a purpose that it covers and nothing closed."""
        if not self.is_opening:
            is_imported = self.type is ConsentType.IMPORTED
            return ConsentState.IMPORTED if is_imported else ConsentState.REQUESTED
        if self.valid_until <= at:
            return ConsentState.EXPIRED
        return ConsentState.GIVEN if at < self.ends_at(purpose_id) else ConsentState.RENEWAL_NEEDED


@dataclass(frozen=True, slots=True)
class Reading:
    """The state of one purpose over one medium, and the event that decides."""

    state: ConsentState
    event: Event | None = None

    @property
    def holds(self) -> bool:
        """Whether it authorises anything."""
        return self.state is ConsentState.GIVEN

    @property
    def reason(self) -> str:
        """Why, in a sentence."""
        return REASONS[self.state]


def is_below(tree: Tree, purpose_id: int, root_id: int) -> bool:
    """Whether a purpose is that root or stands anywhere below it."""
    found: int | None = purpose_id
    while found is not None and found != root_id:
        found = tree.get(found)
    return found is not None


def closes(event: Event, tree: Tree, pair: tuple[int, Medium]) -> bool:
    """Whether a closing event is about this purpose and medium."""
    purpose_id, medium = pair
    return is_below(tree, purpose_id, event.purpose_id) and (
        not event.media or medium in event.media
    )


def read(
    events: Iterable[Event], tree: Tree, purpose_id: int, medium: Medium, at: datetime
) -> Reading:
    """The state of a purpose over a medium at an instant."""
    pair = (purpose_id, medium)
    known = [event for event in events if event.moment <= at]
    closing = [e for e in known if e.type in CLOSING and closes(e, tree, pair)]
    closed = max((e.moment for e in closing), default=None)
    rest = [
        e
        for e in known
        if e.type not in CLOSING and pair in e.covers and (closed is None or _is_after(e, closed))
    ]
    opening = [e for e in rest if e.is_opening]
    # A request changes nothing while something holds or held, and lapses.
    decisive = opening or [e for e in rest if at < e.valid_until]
    if decisive:
        newest = max(decisive, key=_order)
        return Reading(newest.state(purpose_id, at), newest)
    if closing:
        newest = max(closing, key=_order)
        return Reading(ConsentState(newest.type.value), newest)
    return Reading(ConsentState.UNKNOWN)


def _is_after(event: Event, closed: datetime) -> bool:
    """Whether an act is stronger than what closed before it; a file that was taken over never is.

    Its dates are somebody's word, and what was closed here may be open in an older file.
    """
    return event.type is not ConsentType.IMPORTED and closed < event.since


def holds_until(
    events: Sequence[Event], tree: Tree, purpose_id: int, at: datetime
) -> datetime | None:
    """Until when a consent holds for a purpose over at least one medium; None if it does not.

    Without a further event it holds without a break until then: nothing re-opens by itself.
    """
    media = {
        medium for event in events for purpose, medium in event.covers if purpose == purpose_id
    }
    readings = [read(events, tree, purpose_id, medium, at) for medium in media]
    ends = [r.event.ends_at(purpose_id) for r in readings if r.holds and r.event is not None]
    return max(ends, default=None)


def _order(event: Event) -> tuple[datetime, int]:
    return event.moment, event.id
