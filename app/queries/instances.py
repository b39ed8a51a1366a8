"""The instance itself: its heartbeat, what phones are told about it, whether anybody is there."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.errors import Refused
from app.models import AuditEvent, Device, Heartbeat, Organisation, User

WORKER = "worker"
"""The heartbeat that is the floor of the clock."""

BACKUP = "backup"
"""The row that says when the last backup was made."""


RESTORED, RESTORED_TO, LOOKED = "restored", "restored-to", "restore-looked"
"""Rows that say when the instance was restored, the day of the backup, when somebody looked."""


@dataclass(frozen=True, slots=True)
class Restored:
    """The instance was restored `at`, as it was when the backup was made."""

    at: datetime
    made_at: datetime


def heartbeat(session: Session) -> datetime | None:
    """When the worker was last alive; None where it never was.

    Raises Refused where there are no tables yet.
    """
    try:
        return session.scalar(select(Heartbeat.at).where(Heartbeat.name == WORKER))
    except DBAPIError as error:
        raise Refused("the database is not ready: run `kustod init` first") from error


def backed_up_at(session: Session) -> datetime | None:
    """When the last backup was made and read back; None where none ever was."""
    return session.scalar(select(Heartbeat.at).where(Heartbeat.name == BACKUP))


def begun_at(session: Session) -> datetime | None:
    """When the first thing was done here; None where nothing was."""
    return session.scalar(select(AuditEvent.at).order_by(AuditEvent.id).limit(1))


def restored(session: Session) -> Restored | None:
    """The restore after which nobody has looked yet at what stands open again; None for none."""
    names = (RESTORED, RESTORED_TO, LOOKED)
    query = select(Heartbeat.name, Heartbeat.at).where(Heartbeat.name.in_(names))
    found: dict[str, datetime] = {row.name: row.at for row in session.execute(query)}
    if RESTORED not in found or found.get(LOOKED, found[RESTORED]) > found[RESTORED]:
        return None
    return Restored(found[RESTORED], found[RESTORED_TO])


def portal_url(session: Session) -> str | None:
    """The address that cards and phones are told; None before the first `kustod init`."""
    return session.scalar(select(Organisation.portal_url))


def has_users(session: Session) -> bool:
    """Whether anybody is there at all."""
    return session.scalar(select(User.id).limit(1)) is not None


def has_devices(session: Session) -> bool:
    """Whether there is a phone that lost keys would strand."""
    return session.scalar(select(Device.id).limit(1)) is not None


@dataclass(frozen=True, slots=True)
class Place:
    """What the organisation says of itself, and how many phones carry it on their help card."""

    name: str
    help_email: str
    help_phone: str
    portal_url: str
    phone_policy: str
    rights_email: str
    rights_phone: str
    authority: str
    tells_unknown: bool
    phones: int


def place(session: Session, at: datetime) -> Place:
    """The organisation as its page shows it. Raises Refused before the first `kustod init`."""
    row = session.scalar(select(Organisation))
    if row is None:
        raise Refused("there is no organisation: run `kustod init` first")
    alive = (Device.emptied_at > at, Device.given_up_at > at)
    phones = session.scalar(select(func.count()).select_from(Device).where(*alive)) or 0
    said = (row.name, row.help_email, row.help_phone, row.portal_url, row.phone_policy)
    rights = (row.rights_email, row.rights_phone, row.authority, row.tells_unknown)
    return Place(*said, *rights, phones)


@dataclass(frozen=True, slots=True)
class RightsDesk:
    """Who answers for the data, as pages for people without an account say it.

    `authority` is where one may complain, name and address, in lines.
    """

    name: str = ""
    email: str = ""
    phone: str = ""
    authority: str = ""


def rights_desk(session: Session) -> RightsDesk:
    """Whom the people in the cards write to; empty words before the first `kustod init`."""
    row = session.scalar(select(Organisation).order_by(Organisation.id).limit(1))
    if row is None:
        return RightsDesk()
    email, phone = row.rights_email or row.help_email, row.rights_phone or row.help_phone
    return RightsDesk(row.name, email, phone, row.authority)
