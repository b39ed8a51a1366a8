"""Half-open spans of time and what held in them: met, cut, joined. Pure."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Generic, NamedTuple, TypeVar

from app.db import FOREVER

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

Span = tuple[datetime, datetime]
"""[since, until)."""

Value = TypeVar("Value")
Other = TypeVar("Other")


class Timed(NamedTuple, Generic[Value]):
    """What held in [since, until)."""

    value: Value
    since: datetime
    until: datetime


def overlaps(
    ones: Iterable[Timed[Value]], others: Iterable[Timed[Other]]
) -> Iterator[Timed[tuple[Value, Other]]]:
    """What held together, and when; in the order of `ones`."""
    others = list(others)
    for one in ones:
        for other in others:
            since, until = max(one.since, other.since), min(one.until, other.until)
            if since < until:
                yield Timed((one.value, other.value), since, until)


def cut(timed: Timed[Value], spans: Iterable[Span]) -> Iterator[Timed[Value]]:
    """The parts of it that lie within these spans."""
    for since, until in spans:
        start, end = max(timed.since, since), min(timed.until, until)
        if start < end:
            yield Timed(timed.value, start, end)


def union(spans: Iterable[Span]) -> list[Span]:
    """The same instants in spans that neither meet nor overlap, in order."""
    found: list[Span] = []
    for since, until in sorted(span for span in spans if span[0] < span[1]):
        if found and since <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], until))
        else:
            found.append((since, until))
    return found


def gaps(spans: Iterable[Span]) -> list[Span]:
    """Every instant outside of these spans."""
    inner = union(spans)
    turns = [BEGINNING, *(at for span in inner for at in span), FOREVER]
    return [(since, until) for since, until in zip(turns[::2], turns[1::2], strict=True)]
