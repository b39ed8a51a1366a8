"""Failed tries, counted in the database, so that all processes and nodes see the same number.

Counted per door, address and login together: whoever fails elsewhere in somebody's name stops
nobody but himself. Nothing here sleeps, and no address and no login is stored.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy import case, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.keys import Key
from app.models import Throttle

LIMIT = 10
WINDOW = timedelta(minutes=15)
_NETWORK = 64


class Door(StrEnum):
    """Where somebody knocks."""

    PORTAL = "portal"
    CARDDAV = "carddav"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Tally:
    """How often somebody failed within the window that began at `since_at`."""

    failures: int
    since_at: datetime

    @property
    def blocked_until(self) -> datetime | None:
        """When he may try again, or None while he may try now."""
        return self.since_at + WINDOW if self.failures > LIMIT else None


def subject(key: Key, door: Door, address: str, login: str) -> str:
    """The keyed digest under which tries are counted.

    An IPv6 address counts with its network of 64 bits, for one household has all of it.
    """
    message = "\0".join(("throttle", door, _network(address), login))
    return key.mac(message.encode("utf-8", "surrogatepass")).hex()


def count(session: Session, who: str, at: datetime) -> Tally:
    """Count one try and say how many there are now.

    A door that counts before it looks at the password lets no more than the limit through,
    however many tries come at once; it forgets them when the password was right.
    """
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    over = Throttle.since_at <= at - WINDOW
    query = (
        insert(Throttle)
        .values(subject=who, failures=1, since_at=at)
        .on_conflict_do_update(
            index_elements=[Throttle.subject],
            set_={
                "failures": case((over, 1), else_=Throttle.failures + 1),
                "since_at": case((over, at), else_=Throttle.since_at),
            },
        )
        .returning(Throttle.failures, Throttle.since_at)
    )
    return Tally(*session.execute(query).one())


def somewhere(key: Key, door: Door, login: str) -> str:
    """The digest under which tries with one login are counted wherever they come from.

    It keeps nobody out; it is for the owner, who waits for his phone.
    """
    return subject(key, door, "", login.strip().casefold())


def failures(session: Session, who: str, at: datetime) -> int:
    """How often somebody failed within the window that is still open."""
    query = select(Throttle.failures).where(
        Throttle.subject == who, Throttle.since_at > at - WINDOW
    )
    return session.scalar(query) or 0


def forget(session: Session, who: str) -> None:
    """Forget the tries of somebody whose password was right."""
    session.execute(delete(Throttle).where(Throttle.subject == who))


def sweep(session: Session, at: datetime) -> int:
    """Delete the rows whose window is over; how many."""
    old = delete(Throttle).where(Throttle.since_at <= at - WINDOW)
    return len(session.scalars(old.returning(Throttle.id)).all())


def _network(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ip_network((int(parsed), _NETWORK), strict=False))
