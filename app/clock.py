"""The only wall clock. Doors read it once a request; everything inside takes `at`."""

import threading
from datetime import UTC, datetime


class Clock:
    """A clock that never runs backwards within this process.

    Time is part of the policy: a clock set back would re-open what had ended.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._floor = datetime.min.replace(tzinfo=UTC)

    def now(self) -> datetime:
        """The present instant, aware, in UTC, never earlier than one given out before."""
        with self._lock:
            self._floor = max(self._floor, datetime.now(UTC))
            return self._floor

    def raise_floor(self, instant: datetime) -> None:
        """Never again answer with less than `instant` (the worker's last heartbeat)."""
        with self._lock:
            self._floor = max(self._floor, instant)


_clock = Clock()
now = _clock.now
raise_floor = _clock.raise_floor
