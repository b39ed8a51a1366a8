"""What phones did, gathered in the process and written in batches after the answer.

A poll that changes nothing must write nothing: when a device and a reader were last heard from
and when a card's body was first fetched are written at most once a second, and lost at a kill.
"""

import threading
from datetime import datetime

from app.db import Sessions
from app.errors import Busy
from app.services import devices

_INTERVAL_SECONDS = 1.0


class Sightings:
    """Gathers sightings of devices and fetched values; `flush` writes them.

    `start` runs a daemon thread that flushes within a second of the first sighting.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._lock = threading.Lock()
        self._devices: dict[int, tuple[str, datetime]] = {}
        self._readers: dict[int, datetime] = {}
        self._fetched: dict[int, datetime] = {}
        self._waiting = threading.Event()
        self._stopped = threading.Event()

    def seen(self, device_id: int, user_agent: str, at: datetime) -> None:
        """Gather that a device was heard from."""
        with self._lock:
            self._devices[device_id] = (user_agent, at)
        self._waiting.set()

    def heard_from(self, reader_id: int, at: datetime) -> None:
        """Gather that a reader showed a token."""
        with self._lock:
            self._readers[reader_id] = at
        self._waiting.set()

    def fetched(self, holding_ids: list[int], at: datetime) -> None:
        """Gather that the bodies of these values were served."""
        if not holding_ids:
            return
        with self._lock:
            for holding_id in holding_ids:
                self._fetched.setdefault(holding_id, at)
        self._waiting.set()

    def flush(self) -> None:
        """Write what was gathered. Raises Busy, keeping all of it, when the database is."""
        with self._lock:
            self._waiting.clear()
            seen, self._devices = self._devices, {}
            readers, self._readers = self._readers, {}
            fetched, self._fetched = self._fetched, {}
        try:
            self._write(seen, readers, fetched)
        except Busy:
            with self._lock:
                self._devices = {**seen, **self._devices}
                self._readers = {**readers, **self._readers}
                self._fetched = {**self._fetched, **fetched}
            raise

    def _write(
        self,
        seen: dict[int, tuple[str, datetime]],
        readers: dict[int, datetime],
        fetched: dict[int, datetime],
    ) -> None:
        if not (seen or readers or fetched):
            return
        by_instant: dict[datetime, list[int]] = {}
        for holding_id, at in fetched.items():
            by_instant.setdefault(at, []).append(holding_id)
        with self._sessions.write() as session:
            # In one order in every process: two that cross lock each other out.
            for device_id, (user_agent, at) in sorted(seen.items()):
                devices.seen(session, device_id, user_agent, at)
            for reader_id, at in sorted(readers.items()):
                devices.heard_from(session, reader_id, at)
            for at, holding_ids in by_instant.items():
                for start in range(0, len(holding_ids), 500):
                    devices.fetched(session, holding_ids[start : start + 500], at)

    def start(self) -> threading.Thread:
        """Flush in the background from now on."""
        thread = threading.Thread(target=self._run, name="sightings", daemon=True)
        thread.start()
        return thread

    def stop(self) -> None:
        """End the background thread after a last flush."""
        self._stopped.set()
        self._waiting.set()

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._waiting.wait()
            self._stopped.wait(_INTERVAL_SECONDS)
            try:
                self.flush()
            except Busy:
                self._waiting.set()
