"""The take-back board: what was given and has to come back, as sentence, picture and table."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.queries.backs import Back, DeviceBack, TakeBack
from app.web import pictures
from app.web.pictures import Curve, Figure, Segment

_SECONDS = (
    (timedelta(minutes=5), 5),
    (timedelta(hours=1), 15),
    (timedelta(days=1), 30),
)
"""How often to ask again, by the time since the end."""

_SLOWEST = 60


@dataclass(frozen=True, slots=True)
class Board:
    """Everything that the page draws; `every` is 0 where nothing more can come.

    `mark` changes when the numbers do: only then is the sentence read aloud again.
    """

    back: TakeBack
    counts: dict[Back, int]
    devices: int
    confirmed: int
    every: int
    mark: str
    figure: Figure[DeviceBack]
    bar: tuple[Segment[Back], ...]
    curve: Curve

    @property
    def confirmed_at(self) -> datetime | None:
        """When the last one confirmed, where all have."""
        is_whole = self.devices > 0 and self.confirmed == self.devices
        return self.back.confirmed[-1] if is_whole else None


def board(back: TakeBack, at: datetime) -> Board:
    """The board as it stands now."""
    counts = {state: back.counts[state] for state in reversed(Back) if state in back.counts}
    people = [(person.name, person.devices, person.is_done) for person in back.people]
    return Board(
        back=back,
        counts=counts,
        devices=len(back.devices),
        confirmed=counts.get(Back.CONFIRMED, 0),
        every=0 if back.is_settled else _every(at - back.ended_at),
        mark="-".join(f"{state.value}{count}" for state, count in counts.items()),
        figure=pictures.figure(people),
        bar=pictures.bar(counts),
        curve=pictures.curve(back.ended_at, back.confirmed, len(back.devices), at),
    )


def _every(since: timedelta) -> int:
    return next((seconds for until, seconds in _SECONDS if since < until), _SLOWEST)
