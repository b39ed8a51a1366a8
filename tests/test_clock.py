"""The clock: aware, in UTC, and never backwards."""

from datetime import UTC, timedelta
from itertools import pairwise

from app.clock import Clock


def test_now_is_aware_and_in_utc() -> None:
    assert Clock().now().tzinfo is UTC


def test_now_never_runs_backwards() -> None:
    clock = Clock()
    given = [clock.now() for _ in range(1000)]
    assert all(earlier <= later for earlier, later in pairwise(given))


def test_a_raised_floor_holds_against_a_clock_that_was_set_back() -> None:
    clock = Clock()
    heartbeat = clock.now() + timedelta(days=1)
    clock.raise_floor(heartbeat)
    assert clock.now() == heartbeat


def test_a_lower_floor_changes_nothing() -> None:
    clock = Clock()
    before = clock.now()
    clock.raise_floor(before - timedelta(days=1))
    assert clock.now() >= before


def test_a_floor_is_the_clocks_own() -> None:
    raised, other = Clock(), Clock()
    heartbeat = other.now() + timedelta(days=1)
    raised.raise_floor(heartbeat)
    assert other.now() < heartbeat
