"""Who asks, through which door, to do what: frozen values without any row behind them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, literal_column


class Channel(StrEnum):
    """How a contact leaves us."""

    PORTAL = "portal"
    CARDDAV = "carddav"
    EXPORT = "export"
    TRANSFER = "transfer"


class Action(StrEnum):
    """What somebody may do with a directory beyond seeing it."""

    EDIT = "edit"
    SYNC = "sync"
    EXPORT = "export"
    MANAGE = "manage"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks: a user, on one of his devices where a phone asks. Teams are facts, not here."""

    user_id: int
    device_id: int | None = None


def each(user: str, device: str | None = None) -> Viewer:
    """Everybody at once, for one statement: ids are columns of the statement that asks.

    `user` and `device` are written as in SQL, "asker.id". They are bare text on purpose:
    whatever tables a clause correlates, they name the row outside of it.
    """
    ids: Any = [literal_column(name, BigInteger) for name in (user, device) if name]
    return Viewer(*ids)
