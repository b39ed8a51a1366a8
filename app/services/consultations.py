"""What reading leaves behind: which contacts were shown to whom, and when a session was used.

Gathered in the process and written in batches after the answer, at most a second later; lost
at a kill. This is the one exception to "a GET changes nothing", and never on a public page.
"""

import atexit
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app import logs
from app.db import Sessions
from app.errors import Busy
from app.models import Consultation, Contact, WebSession

DELAY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Shown:
    """Contacts that one request showed to a user."""

    user_id: int
    page: str
    public_ids: tuple[str, ...]
    at: datetime


class Gatherer:
    """Collects what was shown and writes it in the background; safe from any thread.

    While the database takes nothing, the newest `kept` are held for it.
    """

    def __init__(self, sessions: Sessions, kept: int = 10_000) -> None:
        self._sessions = sessions
        self._kept = kept
        self._waiting = threading.Condition()
        self._writing = threading.Lock()
        self._thread: threading.Thread | None = None
        self._shown: list[Shown] = []
        self._seen: dict[int, datetime] = {}
        self._is_closed = False

    def shown(self, user_id: int, page: str, public_ids: Sequence[str], at: datetime) -> None:
        """Remember that these contacts were shown; nothing where there are none."""
        if not public_ids:
            return
        with self._waiting:
            self._shown.append(Shown(user_id, page, tuple(public_ids), at))
            if len(self._shown) > self._kept:
                logs.logger().error("consultations lost, the database takes none", rows=1)
                del self._shown[: -self._kept]
            self._start()

    def seen(self, session_id: int, at: datetime) -> None:
        """Remember that a session was used."""
        with self._waiting:
            self._seen[session_id] = at
            self._start()

    def flush(self) -> None:
        """Write what has been gathered; what cannot be written is kept for the next time."""
        with self._writing:
            with self._waiting:
                shown, self._shown = self._shown, []
                seen, self._seen = self._seen, {}
            if not (shown or seen):
                return
            try:
                with self._sessions.write() as session:
                    _write(session, shown, seen)
            except (Busy, SQLAlchemyError) as error:
                logs.logger().warning("consultations wait", **logs.failure(error))
                with self._waiting:
                    self._shown = shown + self._shown
                    self._seen = seen | self._seen

    def close(self) -> None:
        """Write the rest and stop."""
        with self._waiting:
            self._is_closed = True
            self._waiting.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join()
        atexit.unregister(self.close)
        self.flush()

    def _start(self) -> None:
        if self._thread is None and not self._is_closed:
            self._thread = threading.Thread(target=self._run, name="consultations", daemon=True)
            self._thread.start()
            atexit.register(self.close)
        self._waiting.notify_all()

    def _run(self) -> None:
        while True:
            with self._waiting:
                self._waiting.wait_for(lambda: self._shown or self._seen or self._is_closed)
                # Gather for a moment, so that a busy second is one transaction.
                self._waiting.wait_for(lambda: self._is_closed, timeout=DELAY_SECONDS)
                if self._is_closed:
                    return
            self.flush()


def _write(session: Session, shown: list[Shown], seen: dict[int, datetime]) -> None:
    wanted = sorted({public_id for one in shown for public_id in one.public_ids})
    rows = session.execute(
        select(Contact.public_id, Contact.id).where(Contact.public_id.in_(wanted))
    )
    ids = {row.public_id: row.id for row in rows}
    session.add_all(
        Consultation(
            at=one.at,
            user_id=one.user_id,
            page=one.page,
            contact_ids=[ids[public_id] for public_id in one.public_ids if public_id in ids],
        )
        for one in shown
    )
    for session_id, at in seen.items():
        session.execute(
            update(WebSession)
            .where(WebSession.id == session_id, WebSession.seen_at < at)
            .values(seen_at=at)
        )
