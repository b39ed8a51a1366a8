"""One request of one device: what all parts of the door need to know of it."""

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from app.db import Sessions
from app.keys import KeyRing
from app.services.books import Handle


@dataclass(frozen=True)
class Visit:
    """A recognised device, its books, the instant of the request and the client's family."""

    sessions: Sessions
    ring: KeyRing
    device: str
    device_name: str
    device_id: int
    user_agent: str
    family: str
    at: datetime
    books: tuple[Handle, ...]

    def book(self, key: str) -> Handle | None:
        """The book under this key, or None."""
        return next((book for book in self.books if book.key == key), None)


current: ContextVar[Visit] = ContextVar("visit")
"""Radicale tells its storage neither the request nor who asks; set around each call of it."""
